//! What an event may hold, and the faults of one that holds something else.

use serde_json::{Map, Value, json};

use super::types::{EVENT_TYPES, EventField, EventType, Shape};
use crate::error::{Code, Detail, Error};
use crate::schema::{MAX_SAFE_INTEGER, Timestamp, limit};

/// Longest text in an event, in bytes, unless its field says otherwise.
pub(super) const MAX_TEXT: usize = 16 * 1_024;
/// Longest path of a file, in bytes.
pub(crate) const MAX_PATH: usize = 4_096;
/// Most entries of an array.
pub(crate) const MAX_ARRAY: usize = 1_000;
/// Most fields of an object.
pub(crate) const MAX_KEYS: usize = 1_000;
/// Longest name of a field, in bytes.
pub(crate) const MAX_KEY: usize = 256;
/// Levels of objects and arrays, the event itself and its data included.
pub(super) const MAX_DEPTH: usize = 32;
/// How far the time of an event, or of a record that another trail wrote, may lie ahead of this process's clock.
pub(in crate::schema) const MAX_AHEAD_MS: i64 = 24 * 3_600 * 1_000;
/// Faults that are listed; past them they are only counted.
const MAX_FAULTS: usize = 100;
/// Longest path in a fault, in bytes.
const MAX_FAULT_PATH: usize = 512;

/// The faults of one event.
#[derive(Default)]
pub(super) struct Faults {
    listed: Vec<Detail>,
    /// How many more there are.
    more: usize,
}

impl Faults {
    /// Notes a fault. The first one at a place says enough of it.
    pub(super) fn add(&mut self, path: &str, message: String) {
        let path = shown(path);
        if self.listed.iter().any(|known| known.path == path) {
            return;
        }
        if self.listed.len() < MAX_FAULTS {
            self.listed.push(Detail { path, message });
        } else {
            self.more += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.listed.iter().any(|fault| fault.path == path)
    }

    pub(super) fn into_error(self) -> Error {
        let first = self.listed.first().map(|fault| match fault.path.as_str() {
            "" => format!("the event {}", fault.message),
            path => format!("`{path}` {}", fault.message),
        });
        let more = match self.listed.len() + self.more {
            0 | 1 => String::new(),
            faults => format!(" (and {} more)", faults - 1),
        };
        let field = self.listed.first().map(|fault| fault.path.clone()).unwrap_or_default();
        let message = format!("event refused: {}{more}", first.unwrap_or_default());
        let error = Error::new(Code::EventInvalid, message).with_details(self.listed);
        if field.is_empty() {
            error
        } else {
            error.with_field(field)
        }
    }
}

/// A path as an answer and a log may show it: bounded, control characters escaped.
fn shown(path: &str) -> String {
    let mut shown = String::with_capacity(path.len().min(MAX_FAULT_PATH));
    for character in path.chars() {
        if shown.len() > MAX_FAULT_PATH {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

pub(super) fn check_type(value: Option<&Value>, faults: &mut Faults) -> Option<&'static EventType> {
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

pub(super) fn check_timestamp(value: Option<&Value>, now: Timestamp, faults: &mut Faults) -> Timestamp {
    let parsed = match value {
        None | Some(Value::Null) => Some(now),
        Some(Value::String(text)) => Timestamp::parse(text),
        Some(Value::Number(number)) => whole(number).and_then(Timestamp::in_range),
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

pub(super) fn check_event_id(value: Option<&Value>, faults: &mut Faults) -> Option<String> {
    let problem = match value {
        None | Some(Value::Null) => return None,
        Some(Value::String(id)) => match id_problem(id) {
            None => return Some(id.clone()),
            Some(problem) => problem,
        },
        Some(other) => format!("is a text of 1 to {} bytes, not {}", limit::ID, kind(other)),
    };
    faults.add("eventId", problem);
    None
}

/// What is wrong with an id. It is not trimmed: it is its client's, who compares it byte by byte.
fn id_problem(id: &str) -> Option<String> {
    if id.trim().is_empty() {
        Some("must not be empty".into())
    } else if id.len() > limit::ID {
        Some(too_long(id, limit::ID))
    } else {
        let control = id.chars().find(|character| character.is_control());
        control.map(|control| {
            format!(
                "must not contain control characters; this one has U+{:04X}",
                u32::from(control)
            )
        })
    }
}

fn too_long(text: &str, most: usize) -> String {
    format!("is at most {most} bytes long; this one has {}", text.len())
}

/// The whole number that a JSON number is; 3.0 is how some clients write 3.
fn whole(number: &serde_json::Number) -> Option<i64> {
    let exact = |float: f64| float.fract() == 0.0 && float.abs() <= MAX_SAFE_INTEGER as f64;
    number
        .as_i64()
        .or_else(|| number.as_f64().filter(|float| exact(*float)).map(|float| float as i64))
}

/// Checks a field and brings it into the form in which it is kept.
pub(super) fn check_field(data: &mut Map<String, Value>, field: &EventField, required: bool, faults: &mut Faults) {
    let fault = |faults: &mut Faults, problem| faults.add(&format!("data.{}", field.name), problem);
    let Some(value) = data.get_mut(field.name).filter(|value| !value.is_null()) else {
        if required {
            fault(faults, "is missing".into());
        }
        return;
    };
    let problem = match (field.shape, &*value) {
        (Shape::Whole, Value::Number(number)) => {
            match whole(number)
                .and_then(|number| u64::try_from(number).ok())
                .filter(|number| *number <= MAX_SAFE_INTEGER)
            {
                Some(whole) => {
                    *value = json!(whole);
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
        (Shape::Text(_), Value::String(text)) if text.trim().is_empty() => "must not be empty".into(),
        (Shape::Text(most), Value::String(text)) if text.len() <= most => return,
        (Shape::Text(most), Value::String(text)) => too_long(text, most),
        (Shape::Text(_), other) => format!("is a text, not {}", kind(other)),
        (Shape::Id, Value::String(text)) => match id_problem(text) {
            Some(problem) => problem,
            None => return,
        },
        (Shape::Id, Value::Number(number)) if number.is_u64() => {
            *value = Value::String(number.to_string());
            return;
        }
        (Shape::Id, other) => format!("is a text or a whole number, not {}", brief(other)),
        (Shape::Any, Value::String(text)) if text.trim().is_empty() && required => "must not be empty".into(),
        (Shape::Any, _) => return,
        (Shape::Paths, Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                let problem = match item {
                    Value::String(path) if path.len() <= MAX_PATH => continue,
                    Value::String(path) => too_long(path, MAX_PATH),
                    other => format!("is a text, not {}", kind(other)),
                };
                faults.add(&format!("data.{}[{at}]", field.name), problem);
            }
            return;
        }
        (Shape::Paths, other) => format!("is an array of texts, not {}", kind(other)),
    };
    fault(faults, problem);
}

pub(super) fn kind(value: &Value) -> &'static str {
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
