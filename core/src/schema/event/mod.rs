//! Progress events: `{ type, data, timestamp?, eventId? }`, checked before anything is stored or broadcast.

mod check;
mod read;
mod types;

use serde_json::{Map, Value, json};

use self::check::{Faults, check_event_id, check_field, check_timestamp, check_type, kind};
use self::read::{Reading, read, spell_large_integers};
use self::types::UNKNOWN;
use super::Timestamp;
use crate::error::{Code, Error, Result};

#[cfg(feature = "recorder")]
pub(super) use self::check::MAX_AHEAD_MS;
pub(super) use self::check::{MAX_ARRAY, MAX_KEY, MAX_KEYS, MAX_PATH};
pub(super) use self::types::{COMMON, Shape};
pub use self::types::{
    EVENT_TYPES, EventContext, EventData, EventField, EventType, IssueClosed, IssueCreated, IssueDeleted, IssueUpdated,
    OrchestrationProgress, PhaseCompleted, PhaseStarted, ProjectCompleted, ProjectCreated, ProjectUpdated,
    TaskCompleted, TaskFailed, TaskProgress, TaskStarted, WorktreeUpdated,
};

/// Largest event on the wire, in bytes.
pub const MAX_EVENT_BYTES: usize = 1_000_000;

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

/// Checks an event. Every fault is reported, each with its path; past 100 they are counted.
///
/// Beside what its type asks for, every text is at most 16 KiB, every array at most 1,000 entries, every object at most 1,000 fields
/// with names of at most 256 bytes, each there once, and nothing is nested deeper than 32 levels. Integers beyond 2^53-1 in fields that
/// are not known become texts, because JavaScript would round them. A time before 1970 or out of order is accepted.
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
    let Some(Reading { value, large_integers }) = read(text, &mut faults) else {
        return Err(faults.into_error());
    };
    let Value::Object(mut object) = value else {
        let message = format!(
            "is an object {{ type, data, timestamp?, eventId? }}, not {}",
            kind(&value)
        );
        faults.add("", message);
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
    if !faults.has("data") {
        // An unknown type still needs its project; saying so at once saves the client a round.
        let (required, optional) = event_type.map_or((UNKNOWN, &[][..]), |known| (known.required, known.optional));
        for field in required {
            check_field(&mut data, field, true, &mut faults);
        }
        for field in optional.iter().chain(COMMON) {
            check_field(&mut data, field, false, &mut faults);
        }
    }
    if large_integers {
        data.values_mut().for_each(spell_large_integers);
    }
    let project_number = data.get("projectNumber").and_then(Value::as_u64);
    match (event_type, project_number) {
        (Some(known), Some(project_number)) if faults.is_empty() => Ok(Event {
            event_type: known.name,
            project_number,
            data,
            timestamp,
            event_id,
        }),
        _ => Err(faults.into_error()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::check::MAX_AHEAD_MS;
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
            for EventField { name, shape, .. } in known.required {
                let value = match shape {
                    Shape::Whole | Shape::Percent => json!(3),
                    Shape::Paths => json!(["a"]),
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
        let notes = vec!["x".repeat(16_000); 50];
        let text = json!({ "type": "issue.created", "data": { "projectNumber": 1, "notes": notes } }).to_string();
        assert!(validate_event(&text, NOW).unwrap().size() > 50 * 16_000);
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

    fn paths(text: &str) -> Vec<String> {
        faults(text).into_iter().map(|(path, _)| path).collect()
    }

    fn with_data(data: &str) -> String {
        format!(
            r#"{{"type":"task.completed","data":{{"projectNumber":1,"phaseNumber":1,"workItemId":"w","workItemTitle":"t"{data}}}}}"#
        )
    }

    #[test]
    fn every_part_of_any_shape_is_bounded_at_its_path() {
        let long = "x".repeat(16 * 1_024 + 1);
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let many = |count: usize| format!("[{}]", vec!["0"; count].join(","));
        let fields = |count: usize| {
            let fields: Vec<String> = (0..count).map(|number| format!(r#""k{number}":0"#)).collect();
            format!("{{{}}}", fields.join(","))
        };
        let name = "n".repeat(257);
        for (data, path) in [
            (format!(r#","a":{{"b":[0,"{long}"]}}"#), "data.a.b[1]".to_owned()),
            (
                format!(r#","workItemTitle2":"{long}""#),
                "data.workItemTitle2".to_owned(),
            ),
            (
                format!(r#","result":{}"#, nested(31)),
                format!("data.result{}", "[0]".repeat(30)),
            ),
            (
                format!(r#","result":{{"list":{}}}"#, many(1_001)),
                "data.result.list".to_owned(),
            ),
            (format!(r#","result":{}"#, fields(1_001)), "data.result".to_owned()),
            (format!(r#","result":{{"{name}":1}}"#), format!("data.result.{name}")),
            (r#","result":{"a":1,"a":2}"#.to_owned(), "data.result.a".to_owned()),
            (r#","projectNumber":2"#.to_owned(), "data.projectNumber".to_owned()),
            (
                format!(r#","filesChanged":["{}"]"#, "p".repeat(4_097)),
                "data.filesChanged[0]".to_owned(),
            ),
            (
                format!(r#","filesChanged":{}"#, many(1_001)),
                "data.filesChanged".to_owned(),
            ),
        ] {
            assert_eq!(
                paths(&with_data(&data)).first(),
                Some(&path),
                "{}",
                data.get(..60).unwrap_or(&data)
            );
        }
        for data in [
            format!(r#","a":{{"b":[0,"{}"]}}"#, "x".repeat(16 * 1_024)),
            format!(r#","result":{}"#, nested(30)),
            format!(r#","result":{{"list":{}}}"#, many(1_000)),
            format!(r#","result":{}"#, fields(1_000)),
            format!(r#","result":{{"{}":1}}"#, "n".repeat(256)),
            r#","__proto__":{"constructor":{"prototype":1}},"$where":"1","a.b":[],"":"""#.to_owned(),
        ] {
            let event = validate_event(&with_data(&data), NOW).unwrap();
            assert_eq!(validate_event(&event.to_json().to_string(), NOW).unwrap(), event);
        }
    }

    #[test]
    fn nesting_without_end_costs_no_stack() {
        let text = format!(
            r#"{{"type":"issue.created","data":{{"projectNumber":1,"deep":{}"#,
            "[".repeat(900_000)
        );
        assert!(
            paths(&text).contains(&String::new()),
            "not valid JSON is among the faults"
        );
        let text = with_data(&format!(r#","deep":{}{}"#, "[".repeat(400_000), "]".repeat(400_000)));
        assert_eq!(paths(&text), [format!("data.deep{}", "[0]".repeat(30))]);
    }

    #[test]
    fn past_a_hundred_faults_are_counted() {
        let fields: Vec<String> = (0..150)
            .map(|number| format!(r#","k{number}":1,"k{number}":2"#))
            .collect();
        let error = validate_event(&with_data(&fields.concat()), NOW).unwrap_err();
        assert_eq!(error.details().len(), 100);
        assert!(error.to_string().contains("and 149 more"), "{error}");
    }

    #[test]
    fn an_ids_control_characters_are_refused_and_its_blanks_kept() {
        for id in [r"a\u0000b", r"\u001b[31m", r"\u0085", r"a\nb"] {
            let text = with_data(&format!(r#","runId":"{id}""#));
            assert_eq!(paths(&text), ["data.runId"], "{id}");
            let text = format!(r#"{{"type":"issue.created","eventId":"{id}","data":{{"projectNumber":1}}}}"#);
            assert_eq!(paths(&text), ["eventId"], "{id}");
        }
        let event = validate_event(&with_data(r#","runId":" r 1 ","taskId":18446744073709551615"#), NOW).unwrap();
        assert_eq!(
            (event.text("runId"), event.text("taskId")),
            (Some(" r 1 "), Some("18446744073709551615"))
        );
        let long = format!(
            r#"{{"type":"issue.created","eventId":"{}","data":{{"projectNumber":1}}}}"#,
            "e".repeat(257)
        );
        assert_eq!(paths(&long), ["eventId"]);
        assert_eq!(
            paths(&with_data(r#","runId":-1,"agentId":" "#.to_owned().as_str())).first(),
            Some(&String::new())
        );
    }

    #[test]
    fn a_path_in_an_answer_is_bounded_and_shows_no_control_characters() {
        let name = format!("\\u001b{}", "é".repeat(120));
        let inner = format!(r#"{{"{name}":{{"{name}":{{"{name}":{{"a":1,"a":2}}}}}}}}"#);
        let path = &paths(&with_data(&format!(r#","x":{inner}"#)))[0];
        assert!(
            path.starts_with(r"data.x.\u{1b}é") && path.ends_with('…') && path.len() < 600,
            "{path}"
        );
    }

    #[test]
    fn times_may_be_old_or_out_of_order_but_not_far_ahead_or_out_of_range() {
        let at = |time: &str| {
            validate_event(
                &format!(r#"{{"type":"issue.created","timestamp":{time},"data":{{"projectNumber":1}}}}"#),
                NOW,
            )
        };
        for (time, millis) in [
            ("-1", -1),
            ("-62167219200000", -62_167_219_200_000),
            (r#""0000-01-01T00:00:00Z""#, -62_167_219_200_000),
            ("1.7e12", 1_700_000_000_000),
            (r#""1969-12-31T23:59:59.9999Z""#, -1),
            ("null", NOW.millis()),
            ("1700086400000", NOW.millis() + MAX_AHEAD_MS),
        ] {
            assert_eq!(at(time).unwrap().timestamp.millis(), millis, "{time}");
        }
        for time in [
            "1700086400001",
            "-62167219200001",
            "9223372036854775807",
            "1e300",
            "0.5",
            r#""9999-12-31T23:59:59Z""#,
            "true",
            "[]",
            r#""""#,
        ] {
            assert_eq!(at(time).unwrap_err().field(), Some("timestamp"), "{time}");
        }
    }

    #[test]
    fn integers_that_javascript_would_round_become_texts_unless_a_field_knows_better() {
        let text = with_data(
            r#","result":{"n":[9007199254740991,9007199254740992,-9007199254740993,18446744073709551615,1.5]}"#,
        );
        let event = validate_event(&text, NOW).unwrap();
        assert_eq!(
            event.data["result"],
            json!({ "n": [9_007_199_254_740_991_u64, "9007199254740992", "-9007199254740993", "18446744073709551615", 1.5] })
        );
        assert_eq!(validate_event(&event.to_json().to_string(), NOW).unwrap(), event);
        let text = with_data("").replace(r#""phaseNumber":1"#, r#""phaseNumber":9007199254740992"#);
        assert_eq!(paths(&text), ["data.phaseNumber"]);
    }

    #[test]
    fn half_a_surrogate_pair_is_no_text() {
        assert_eq!(paths(&with_data(r#","result":"\ud800""#)), [""]);
        let whole = validate_event(&with_data(r#","result":"\ud83d\ude00""#), NOW).unwrap();
        assert_eq!(whole.text("result"), Some("😀"));
    }

    #[test]
    fn data_is_typed_by_its_events_type() {
        let event = validate_event(
            &with_data(r#","filesChanged":["a","b"],"runId":7,"agentId":null,"more":1"#),
            NOW,
        )
        .unwrap();
        let expected = TaskCompleted {
            project_number: 1,
            phase_number: 1,
            work_item_id: "w".into(),
            work_item_title: "t".into(),
            result: None,
            files_changed: Some(vec!["a".into(), "b".into()]),
        };
        assert_eq!(event.typed(), Some(EventData::TaskCompleted(expected)));
        let context = EventContext {
            run_id: Some("7".into()),
            ..EventContext::default()
        };
        assert_eq!(event.context(), context);
    }

    /// JSON that is near to an event: known names and types among any others.
    fn near_events() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(|number| if cfg!(feature = "exact-doubles") {
                json!(number)
            } else {
                json!(0.5)
            }),
            (0u64..200).prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
            Just(Value::from("2026-11-22T22:00:00Z")),
        ];
        let name = prop_oneof![
            ".{0,8}",
            proptest::sample::select(
                EVENT_TYPES
                    .iter()
                    .flat_map(|known| known.fields())
                    .map(|(field, _)| field.name.to_owned())
                    .collect::<Vec<_>>()
            ),
        ];
        let value = leaf.prop_recursive(3, 16, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((name.clone(), inner), 0..4)
                    .prop_map(|entries| entries.into_iter().collect()),
            ]
        });
        let types = proptest::sample::select(EVENT_TYPES.iter().collect::<Vec<_>>());
        (types, proptest::collection::vec(value, 12), any::<bool>()).prop_map(|(known, values, complete)| {
            let mut values = values.into_iter();
            let mut data = Map::new();
            for (field, required) in known.fields() {
                let value = values.next().unwrap_or_default();
                let good = match field.shape {
                    Shape::Whole | Shape::Percent => json!(3.0),
                    Shape::Paths => json!(["a"]),
                    _ => json!("x"),
                };
                data.insert(
                    field.name.into(),
                    if complete && (required || field.shape != Shape::Any) {
                        good
                    } else {
                        value
                    },
                );
            }
            data.extend(values.map(|value| (value.to_string().chars().take(9).collect(), value)));
            json!({ "type": known.name, "data": data }).to_string()
        })
    }

    proptest! {
        #[test]
        fn any_text_gets_a_verdict(text in ".{0,200}") {
            let _ = validate_event(&text, NOW);
        }

        #[test]
        fn what_was_accepted_is_accepted_again_as_the_same(text in near_events(), now in any::<i64>()) {
            let now = Timestamp::from_millis(now);
            match validate_event(&text, now) {
                Ok(event) => {
                    prop_assert!(event.typed().is_some());
                    prop_assert_eq!(validate_event(&event.to_json().to_string(), now).unwrap(), event);
                }
                Err(error) => prop_assert!(!error.details().is_empty(), "{}", error),
            }
        }
    }
}
