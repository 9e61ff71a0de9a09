//! Progress events: `{ type, data, timestamp?, eventId? }`, checked before anything is stored or broadcast.

use serde_json::{Map, Value, json};

use super::{MAX_SAFE_INTEGER, Timestamp};
use crate::error::{Code, Detail, Error, Result};

/// Largest event on the wire, in bytes.
pub const MAX_EVENT_BYTES: usize = 1_000_000;
/// Longest text in an event, in bytes, unless its field says otherwise.
const MAX_TEXT: usize = 16 * 1_024;
const MAX_ID: usize = 256;
const MAX_PATH: usize = 4_096;
const MAX_ARRAY: usize = 1_000;
/// How far an event's time may lie ahead of this process's clock.
const MAX_AHEAD_MS: i64 = 24 * 3_600 * 1_000;

/// What a known field of an event's data may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Whole number, 0 to 2^53-1.
    Whole,
    /// Number from 0 to 100.
    Percent,
    /// Text, not empty, at most so many bytes.
    Text(usize),
    /// Text as above, or a whole number, which becomes text.
    Id,
    /// Any text; also an object or array, which a summary of results often is.
    Any,
    /// Array of texts.
    Texts,
}

impl Shape {
    const fn typescript(self) -> &'static str {
        match self {
            Shape::Whole | Shape::Percent => "number",
            Shape::Text(_) => "string",
            Shape::Id => "string | number",
            Shape::Any => "unknown",
            Shape::Texts => "string[]",
        }
    }
}

const PROJECT: (&str, Shape) = ("projectNumber", Shape::Whole);
const PHASE: (&str, Shape) = ("phaseNumber", Shape::Whole);
const ITEM: (&str, Shape) = ("workItemId", Shape::Id);
const TITLE: (&str, Shape) = ("workItemTitle", Shape::Text(MAX_TEXT));
const PHASE_NAME: (&str, Shape) = ("phaseName", Shape::Text(MAX_TEXT));
const TOTAL_ITEMS: (&str, Shape) = ("totalItems", Shape::Whole);
const COMPLETED_ITEMS: (&str, Shape) = ("completedItems", Shape::Whole);

type Fields = &'static [(&'static str, Shape)];

/// One event type with its required and optional fields.
#[derive(Debug)]
pub struct EventType {
    /// `task.started`.
    pub name: &'static str,
    required: Fields,
    optional: Fields,
}

impl EventType {
    /// Names of the fields that must be there.
    pub fn required(&self) -> impl Iterator<Item = &'static str> {
        self.required.iter().map(|(name, _)| *name)
    }

    /// All fields that are checked, those common to all types included: name, TypeScript type, whether it must be there.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let required = self
            .required
            .iter()
            .map(|(name, shape)| (*name, shape.typescript(), true));
        required.chain(
            self.optional
                .iter()
                .chain(COMMON)
                .map(|(name, shape)| (*name, shape.typescript(), false)),
        )
    }
}

const fn event(name: &'static str, required: Fields, optional: Fields) -> EventType {
    EventType {
        name,
        required,
        optional,
    }
}

/// Every event type that is accepted.
pub const EVENT_TYPES: &[EventType] = &[
    event("issue.created", &[PROJECT], &[]),
    event("issue.updated", &[PROJECT], &[]),
    event("issue.closed", &[PROJECT], &[]),
    event("issue.deleted", &[PROJECT], &[]),
    event("project.created", &[PROJECT], &[]),
    event("project.updated", &[PROJECT], &[]),
    event("worktree.updated", &[PROJECT], &[]),
    event("task.started", &[PROJECT, PHASE, ITEM, TITLE], &[]),
    event(
        "task.completed",
        &[PROJECT, PHASE, ITEM, TITLE],
        &[("result", Shape::Any), ("filesChanged", Shape::Texts)],
    ),
    event(
        "task.failed",
        &[PROJECT, PHASE, ITEM, TITLE, ("error", Shape::Any)],
        &[],
    ),
    event(
        "task.progress",
        &[PROJECT, PHASE, ITEM],
        &[("message", Shape::Text(MAX_TEXT)), ("percent", Shape::Percent), TITLE],
    ),
    event("phase.started", &[PROJECT, PHASE, PHASE_NAME, TOTAL_ITEMS], &[]),
    event(
        "phase.completed",
        &[PROJECT, PHASE, PHASE_NAME, COMPLETED_ITEMS, TOTAL_ITEMS],
        &[],
    ),
    event(
        "orchestration.progress",
        &[
            PROJECT,
            ("totalPhases", Shape::Whole),
            ("completedPhases", Shape::Whole),
            TOTAL_ITEMS,
            COMPLETED_ITEMS,
            ("inProgressItems", Shape::Whole),
            ("failedItems", Shape::Whole),
        ],
        &[],
    ),
    event(
        "project.completed",
        &[PROJECT],
        &[COMPLETED_ITEMS, TOTAL_ITEMS, ("durationMs", Shape::Whole)],
    ),
];

/// Fields that every type may carry.
const COMMON: Fields = &[
    ("agentId", Shape::Id),
    ("workspaceId", Shape::Id),
    ("worktreePath", Shape::Text(MAX_PATH)),
    ("originWorkspaceId", Shape::Id),
    ("runId", Shape::Id),
    ("sessionId", Shape::Id),
    ("taskId", Shape::Id),
];

/// An accepted event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// One of [`EVENT_TYPES`].
    pub event_type: &'static str,
    /// `data.projectNumber`.
    pub project_number: u64,
    /// All of the event's data, checked; ids are text. Unknown fields are kept.
    pub data: Map<String, Value>,
    /// When it happened; the time of acceptance when the client did not say.
    pub timestamp: Timestamp,
    /// The client's own name for this event, which makes sending it again harmless.
    pub event_id: Option<String>,
}

impl Event {
    /// A text of the data, where there is one.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field).and_then(Value::as_str)
    }

    /// A whole number of the data, where there is one.
    pub fn whole(&self, field: &str) -> Option<u64> {
        self.data.get(field).and_then(Value::as_u64)
    }

    /// Roughly the memory that it holds, in bytes.
    #[cfg(feature = "recorder")]
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + super::call::map_size(&self.data)
    }

    /// The event as the wire has it, normalised.
    pub fn to_json(&self) -> Value {
        let mut event = json!({ "type": self.event_type, "data": self.data, "timestamp": self.timestamp });
        if let (Some(id), Some(map)) = (&self.event_id, event.as_object_mut()) {
            map.insert("eventId".into(), json!(id));
        }
        event
    }
}

/// Checks an event. Every fault is reported, each with its path.
///
/// # Errors
/// [`Code::EventTooLarge`] over [`MAX_EVENT_BYTES`]; [`Code::EventInvalid`] with [`Error::details`] otherwise.
pub fn validate_event(text: &str, now: Timestamp) -> Result<Event> {
    if text.len() > MAX_EVENT_BYTES {
        let message = format!(
            "an event is at most {MAX_EVENT_BYTES} bytes; this one has {}",
            text.len()
        );
        return Err(Error::new(Code::EventTooLarge, message));
    }
    let mut faults = Faults::default();
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            faults.add("", format!("is not valid JSON: {error}"));
            return Err(faults.into_error());
        }
    };
    let Value::Object(mut object) = value else {
        faults.add(
            "",
            format!(
                "is an object {{ type, data, timestamp?, eventId? }}, not {}",
                kind(&value)
            ),
        );
        return Err(faults.into_error());
    };
    let event_type = check_type(object.get("type"), &mut faults);
    let timestamp = check_timestamp(object.get("timestamp"), now, &mut faults);
    let event_id = check_event_id(object.get("eventId"), &mut faults);
    for name in object
        .keys()
        .filter(|name| !["type", "data", "timestamp", "eventId"].contains(&name.as_str()))
    {
        faults.add(name, "is not a field of an event; put it into `data`".into());
    }
    let mut data = match object.remove("data") {
        Some(Value::Object(data)) => data,
        Some(other) => {
            faults.add("data", format!("is an object, not {}", kind(&other)));
            Map::new()
        }
        None => {
            faults.add("data", "is missing".into());
            Map::new()
        }
    };
    if faults.0.iter().all(|fault| fault.path != "data") {
        // An unknown type still needs its project; saying so at once saves the client a round.
        let (required, optional) =
            event_type.map_or((&[PROJECT][..], &[][..]), |known| (known.required, known.optional));
        for (name, shape) in required {
            check_field(&mut data, name, *shape, true, &mut faults);
        }
        for (name, shape) in optional.iter().chain(COMMON) {
            check_field(&mut data, name, *shape, false, &mut faults);
        }
    }
    let project_number = data.get("projectNumber").and_then(Value::as_u64);
    match (event_type, project_number) {
        (Some(known), Some(project_number)) if faults.0.is_empty() => Ok(Event {
            event_type: known.name,
            project_number,
            data,
            timestamp,
            event_id,
        }),
        _ => Err(faults.into_error()),
    }
}

#[derive(Default)]
struct Faults(Vec<Detail>);

impl Faults {
    fn add(&mut self, path: &str, message: String) {
        self.0.push(Detail {
            path: path.to_owned(),
            message,
        });
    }

    fn into_error(self) -> Error {
        let first = self.0.first().map(|fault| match fault.path.as_str() {
            "" => format!("the event {}", fault.message),
            path => format!("`{path}` {}", fault.message),
        });
        let more = match self.0.len() {
            0 | 1 => String::new(),
            faults => format!(" (and {} more)", faults - 1),
        };
        let field = self.0.first().map(|fault| fault.path.clone()).unwrap_or_default();
        let message = format!("event refused: {}{more}", first.unwrap_or_default());
        let error = Error::new(Code::EventInvalid, message).with_details(self.0);
        if field.is_empty() {
            error
        } else {
            error.with_field(field)
        }
    }
}

fn check_type(value: Option<&Value>, faults: &mut Faults) -> Option<&'static EventType> {
    let problem = match value {
        None | Some(Value::Null) => "is missing".to_owned(),
        Some(Value::String(name)) => match EVENT_TYPES.iter().find(|known| known.name == name) {
            Some(known) => return Some(known),
            None => {
                let known: Vec<&str> = EVENT_TYPES.iter().map(|known| known.name).collect();
                format!("{} is not an event type; known are {}", quoted(name), known.join(", "))
            }
        },
        Some(other) => format!("is a text, not {}", kind(other)),
    };
    faults.add("type", problem);
    None
}

fn check_timestamp(value: Option<&Value>, now: Timestamp, faults: &mut Faults) -> Timestamp {
    let parsed = match value {
        None | Some(Value::Null) => Some(now),
        Some(Value::String(text)) => Timestamp::parse(text),
        Some(Value::Number(number)) => number.as_i64().map(Timestamp::from_millis),
        Some(_) => None,
    };
    match parsed {
        Some(time) if time.millis() > now.millis().saturating_add(MAX_AHEAD_MS) => {
            faults.add(
                "timestamp",
                format!("lies more than 24 hours ahead of the server's clock ({now})"),
            );
            now
        }
        Some(time) => time,
        None => {
            faults.add(
                "timestamp",
                "is an RFC 3339 time such as 2026-11-22T22:00:00.000Z, or milliseconds since 1970".into(),
            );
            now
        }
    }
}

fn check_event_id(value: Option<&Value>, faults: &mut Faults) -> Option<String> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) if !id.is_empty() && id.len() <= MAX_ID => Some(id.clone()),
        Some(_) => {
            faults.add("eventId", format!("is a text of 1 to {MAX_ID} bytes"));
            None
        }
    }
}

fn check_field(data: &mut Map<String, Value>, name: &str, shape: Shape, required: bool, faults: &mut Faults) {
    let path = format!("data.{name}");
    let Some(value) = data.get_mut(name).filter(|value| !value.is_null()) else {
        if required {
            faults.add(&path, "is missing".into());
        }
        return;
    };
    let problem = match (shape, &*value) {
        (Shape::Whole, Value::Number(number)) if number.as_u64().is_some_and(|n| n <= MAX_SAFE_INTEGER) => return,
        (Shape::Whole, Value::Number(number)) => {
            // 3.0 is how some clients write 3.
            match number
                .as_f64()
                .filter(|n| n.fract() == 0.0 && *n >= 0.0 && *n <= MAX_SAFE_INTEGER as f64)
            {
                Some(whole) => {
                    *value = json!(whole as u64);
                    return;
                }
                None => format!("is a whole number from 0 to {MAX_SAFE_INTEGER}, not {number}"),
            }
        }
        (Shape::Whole, other) => format!("is a whole number, not {}", kind(other)),
        (Shape::Percent, Value::Number(number)) if number.as_f64().is_some_and(|n| (0.0..=100.0).contains(&n)) => {
            return;
        }
        (Shape::Percent, other) => format!("is a number from 0 to 100, not {}", brief(other)),
        (Shape::Text(_) | Shape::Id, Value::String(text)) if text.trim().is_empty() => "must not be empty".into(),
        (Shape::Text(most), Value::String(text)) if text.len() <= most => return,
        (Shape::Text(most), Value::String(text)) => {
            format!("is at most {most} bytes long; this one has {}", text.len())
        }
        (Shape::Text(_), other) => format!("is a text, not {}", kind(other)),
        (Shape::Id, Value::String(text)) if text.len() <= MAX_ID => return,
        (Shape::Id, Value::String(text)) => format!("is at most {MAX_ID} bytes long; this one has {}", text.len()),
        (Shape::Id, Value::Number(number)) if number.is_u64() => {
            *value = Value::String(number.to_string());
            return;
        }
        (Shape::Id, other) => format!("is a text, not {}", kind(other)),
        (Shape::Any, Value::String(text)) if text.trim().is_empty() && required => "must not be empty".into(),
        (Shape::Any, _) => return,
        (Shape::Texts, Value::Array(items)) if items.len() > MAX_ARRAY => {
            format!("has at most {MAX_ARRAY} entries; this one has {}", items.len())
        }
        (Shape::Texts, Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                match item {
                    Value::String(text) if text.len() <= MAX_PATH => {}
                    Value::String(_) => {
                        faults.add(&format!("{path}[{at}]"), format!("is at most {MAX_PATH} bytes long"))
                    }
                    other => faults.add(&format!("{path}[{at}]"), format!("is a text, not {}", kind(other))),
                }
            }
            return;
        }
        (Shape::Texts, other) => format!("is an array of texts, not {}", kind(other)),
    };
    faults.add(&path, problem);
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn brief(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        other => kind(other).to_owned(),
    }
}

/// A client's text in a message: bounded, control characters escaped.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    format!("{short:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn faults(text: &str) -> Vec<(String, String)> {
        let error = validate_event(text, NOW).expect_err(text);
        assert_eq!(error.code(), Code::EventInvalid);
        error
            .details()
            .iter()
            .map(|fault| (fault.path.clone(), fault.message.clone()))
            .collect()
    }

    #[test]
    fn every_type_is_accepted_with_its_required_fields_and_refused_without_each() {
        for known in EVENT_TYPES {
            let mut data = Map::new();
            for (name, shape) in known.required {
                let value = match shape {
                    Shape::Whole | Shape::Percent => json!(3),
                    Shape::Texts => json!(["a"]),
                    _ => json!("x"),
                };
                data.insert((*name).to_owned(), value);
            }
            let event = |data: &Map<String, Value>| json!({ "type": known.name, "data": data }).to_string();
            let accepted = validate_event(&event(&data), NOW).unwrap();
            assert_eq!((accepted.event_type, accepted.project_number), (known.name, 3));
            for name in known.required() {
                let mut without = data.clone();
                without.remove(name);
                assert_eq!(
                    faults(&event(&without)),
                    [(format!("data.{name}"), "is missing".to_owned())]
                );
            }
        }
    }

    #[cfg(feature = "recorder")]
    #[test]
    fn size_follows_what_is_held() {
        let long = "x".repeat(500_000);
        let text = json!({ "type": "issue.created", "data": { "projectNumber": 1, "notes": [long] } }).to_string();
        assert!(validate_event(&text, NOW).unwrap().size() > long.len());
    }

    #[test]
    fn all_faults_come_in_one_answer() {
        let found = faults(
            r#"{"type":"task.completed","extra":1,"timestamp":"soon","eventId":"",
                "data":{"projectNumber":-1,"phaseNumber":"one","workItemId":{},"workItemTitle":" ","filesChanged":["a",5]}}"#,
        );
        let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "timestamp",
                "eventId",
                "extra",
                "data.projectNumber",
                "data.phaseNumber",
                "data.workItemId",
                "data.workItemTitle",
                "data.filesChanged[1]"
            ]
        );
    }

    #[test]
    fn what_is_no_event_is_refused() {
        assert!(faults("{").first().unwrap().1.contains("not valid JSON"));
        assert!(faults("[]").first().unwrap().1.contains("not an array"));
        assert!(
            faults(r#"{"type":"task.exploded","data":{"projectNumber":1}}"#)
                .first()
                .unwrap()
                .1
                .contains("task.started")
        );
        assert_eq!(
            faults("{}").iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
            ["type", "data"]
        );
        let far = format!(
            r#"{{"type":"issue.created","timestamp":{},"data":{{"projectNumber":1}}}}"#,
            NOW.millis() + MAX_AHEAD_MS + 1
        );
        assert!(faults(&far).first().unwrap().1.contains("24 hours"));
        let large = format!(r#"{{"type":"{}"}}"#, "x".repeat(MAX_EVENT_BYTES));
        assert_eq!(validate_event(&large, NOW).unwrap_err().code(), Code::EventTooLarge);
    }

    #[test]
    fn ids_become_text_and_unknown_data_is_kept() {
        let event = validate_event(
            r#"{"type":"task.progress","data":{"projectNumber":42.0,"phaseNumber":1,"workItemId":7,"colour":"blue"}}"#,
            NOW,
        )
        .unwrap();
        assert_eq!(event.text("workItemId"), Some("7"));
        assert_eq!(event.project_number, 42);
        assert_eq!(event.text("colour"), Some("blue"));
        assert_eq!(validate_event(&event.to_json().to_string(), NOW).unwrap(), event);
    }
}
