//! Whatever comes in, a record keeps to its definition: shape, bound and presence of every field.

#![cfg(feature = "recorder")]
#![cfg_attr(
    feature = "recorder",
    expect(clippy::unwrap_used, reason = "a test fails by panicking")
)]

use std::time::Duration;

use serde_json::{Map, Value, json};
use tasktrail::schema::{Object, Presence, Record, Shape, Timestamp};
use tasktrail::trail::Trail;
use tasktrail::{Call, Query};

const LONG: Duration = Duration::from_secs(20);

fn conforms(object: &Object, value: &Value, at: &str) {
    let fields = value.as_object().unwrap();
    assert_eq!(fields.len(), object.fields.len(), "{at}: {:?}", fields.keys());
    for field in object.fields {
        let value = &fields[field.name];
        let path = format!("{at}{}", field.name);
        if value.is_null() {
            assert_ne!(field.presence, Presence::Always, "{path}");
            continue;
        }
        let text = || value.as_str().unwrap_or_else(|| panic!("{path}: {value}"));
        let fits = match field.shape {
            Shape::Uuid => uuid::Uuid::try_parse(text()).is_ok(),
            Shape::Time => Timestamp::parse(text()).unwrap().to_string() == text(),
            Shape::Text(bytes) => text().len() <= bytes,
            Shape::Hex(digits) => {
                text().len() == digits && text().bytes().all(|byte| b"0123456789abcdef".contains(&byte))
            }
            Shape::Whole(least, most) => (least..=most).contains(&value.as_u64().unwrap()),
            Shape::Number => value.as_f64().unwrap() >= 0.0,
            Shape::Truth => value.is_boolean(),
            Shape::OneOf(choice) => choice.texts.iter().any(|(known, _)| *known == text()),
            Shape::Json(bytes) => value.to_string().len() <= bytes,
            Shape::JsonObject(bytes) => value.is_object() && value.to_string().len() <= bytes,
            Shape::Object(part) => {
                conforms(part, value, &format!("{path}."));
                true
            }
            Shape::Objects(most, part) => {
                let items = value.as_array().unwrap();
                items
                    .iter()
                    .for_each(|item| conforms(part, item, &format!("{path}[].")));
                items.len() <= most
            }
            shape => panic!("{path}: {shape:?} is not tested"),
        };
        assert!(fits, "{path}: {:.200}", value.to_string());
    }
}

/// A call whose every text is `text` and whose every number is out of bounds.
fn excessive(text: &str) -> Call {
    let fields = json!({
        "method": text, "path": format!("/{text}?{text}={text}"), "route": format!("/{text}/:id"), "status": 65_535,
        "durationMs": 1e308, "timestamp": i64::MAX, "workspaceId": text, "worktreePath": text, "originWorkspaceId": text,
        "runId": text, "sessionId": text, "agentId": text, "requestId": text, "traceparent": text, "projectNumber": u64::MAX,
        "taskId": text, "phaseNumber": u64::MAX, "workItemId": text, "operation": text, "actor": text, "apiKey": text,
        "clientIp": text, "userAgent": text, "error": { "code": text, "message": text }, "contentType": text,
        "metadata": { text: [text, { text: { "password": text } }], "note": text },
    });
    Call::from_json(&fields.to_string()).unwrap()
}

#[test]
fn a_record_keeps_to_its_definition_whatever_comes_in() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    let mut taken = 1;
    for text in ["x", "é😀\u{202e}\0\u{1b}", "a/b?c=d&e%20%ff", "{\"$where\":1}"] {
        for times in [1, 100, 5_000] {
            let text = text.repeat(times);
            let mut body = Map::new();
            for number in 0..100 {
                body.insert(
                    format!("secret_{number}_password"),
                    json!(text.get(..200).unwrap_or(&text)),
                );
            }
            let body = Value::Object(body).to_string();
            trail.record(excessive(&text), Some(body.as_bytes()));
            let id: String = text
                .chars()
                .filter(|character| !character.is_control())
                .take(40)
                .collect();
            let long: String = text.chars().take(4_000).collect();
            let event = json!({ "type": "task.failed", "data": {
                "projectNumber": 9_007_199_254_740_991_u64, "phaseNumber": 9_007_199_254_740_991_u64, "workItemId": id,
                "workItemTitle": long, "error": { "code": long, "message": long }, "runId": id, "worktreePath": &long.get(..1_025),
                "more": { long.chars().take(60).collect::<String>(): long },
            } });
            trail.emit_blocking(&event.to_string(), excessive(&text)).unwrap();
            taken += 2;
        }
    }
    trail.flush_blocking(LONG).unwrap();
    let page = trail.query_blocking(&Query::default().limit(200)).unwrap();
    assert_eq!(page.items.len(), taken);
    for item in &page.items {
        conforms(&Record::OBJECT, &serde_json::from_str(&item.json).unwrap(), "");
        assert!(item.json.len() <= 64 * 1_024, "{} bytes", item.json.len());
    }
    trail.close_blocking(LONG).unwrap();
}
