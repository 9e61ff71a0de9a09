//! The exemplar (`tests/vectors/exemplar.json`): records that hold every edge of every field, one a line, each as this library writes it.
//! Here it is held to the schema and to JSON; `store_conformance` puts it through every store, and the bindings read it from one.

#![cfg(feature = "recorder")]
#![cfg_attr(
    feature = "recorder",
    expect(clippy::unwrap_used, reason = "a test fails by panicking")
)]

use std::collections::HashSet;

use serde_json::{Value, json};
use tasktrail::facade::pure::parse_record_json;
use tasktrail::schema::{Field, Json, Object, Presence, Record, Shape};

const EXEMPLAR: &str = include_str!("../../tests/vectors/exemplar.json");

fn texts() -> Vec<Json> {
    serde_json::from_str(EXEMPLAR).unwrap()
}

#[test]
fn what_is_read_is_written_byte_for_byte() {
    let texts = texts();
    for text in &texts {
        assert_eq!(parse_record_json(text.as_str()).unwrap(), text.as_str());
    }
    let lines: Vec<&str> = texts.iter().map(Json::as_str).collect();
    assert_eq!(format!("[\n{}\n]\n", lines.join(",\n")), EXEMPLAR);
    let ids: HashSet<_> = texts
        .iter()
        .map(|text| Record::from_json(text.as_str()).unwrap().audit_id)
        .collect();
    assert_eq!(ids.len(), texts.len());
}

/// What a field must be seen to hold somewhere: its least, its most, each text of a set and one more, null.
fn edges(shape: Shape) -> Vec<Value> {
    match shape {
        Shape::Uuid => vec![json!(uuid::Uuid::nil()), json!(uuid::Uuid::max())],
        Shape::Time => vec![json!("0000-01-01T00:00:00.000Z"), json!("9999-12-31T23:59:59.999Z")],
        Shape::Text(_) => vec![json!("")],
        Shape::Hex(digits) => vec![json!("0".repeat(digits)), json!("f".repeat(digits))],
        Shape::Whole(least, most) => vec![json!(least), json!(most)],
        Shape::Number => vec![json!(0.0), json!(f64::MAX), json!(5e-324), json!(0.1)],
        Shape::Truth => vec![json!(false), json!(true)],
        Shape::OneOf(choice) => choice.texts.iter().map(|(text, _)| json!(text)).collect(),
        Shape::Json(_) => vec![json!(0), json!(false)],
        Shape::JsonObject(_) => vec![json!({})],
        Shape::Objects(..) => vec![json!([])],
        _ => Vec::new(),
    }
}

/// Whether a value is as long as the field's bound.
fn is_full(shape: Shape, value: &Value) -> bool {
    match shape {
        Shape::Text(bytes) => value.as_str().is_some_and(|text| text.len() == bytes),
        Shape::Json(bytes) | Shape::JsonObject(bytes) => value.to_string().len() == bytes,
        Shape::Objects(most, _) => value.as_array().is_some_and(|items| items.len() == most),
        _ => true,
    }
}

fn covers(object: &Object, examples: &[Value], at: &str) {
    for Field {
        name, shape, presence, ..
    } in object.fields
    {
        let path = format!("{at}{name}");
        let values: Vec<Value> = examples.iter().map(|example| example[name].clone()).collect();
        let null = values.iter().any(Value::is_null);
        assert_eq!(null, *presence != Presence::Always, "{path}: null");
        for edge in edges(*shape) {
            // What had expired could not be read back from any store.
            if path != "expires_at" || edge != "0000-01-01T00:00:00.000Z" {
                assert!(values.contains(&edge), "{path}: no {edge}");
            }
        }
        assert!(
            values.iter().any(|value| is_full(*shape, value)),
            "{path}: none at its bound"
        );
        if let Shape::OneOf(choice) = shape {
            let newer = |value: &Value| choice.texts.iter().all(|(text, _)| value != text);
            assert!(values.iter().any(newer), "{path}: no text of a newer version");
        }
        let inner: Vec<Value> = values.into_iter().filter(|value| !value.is_null()).collect();
        match shape {
            Shape::Object(part) => covers(part, &inner, &format!("{path}.")),
            Shape::Objects(_, part) => {
                let items: Vec<Value> = inner.iter().filter_map(Value::as_array).flatten().cloned().collect();
                covers(part, &items, &format!("{path}[]."));
            }
            _ => {}
        }
    }
    let unknown = |example: &Value| {
        let known = |name: &String| object.fields.iter().any(|field| field.name == name);
        example.as_object().unwrap().keys().any(|name| !known(name))
    };
    assert!(examples.iter().any(unknown), "{at}: no field of a newer version");
}

#[test]
fn every_edge_of_every_field_is_in_it() {
    let records: Vec<Value> = serde_json::from_str(EXEMPLAR).unwrap();
    covers(&Record::OBJECT, &records, "");
    let texts: Vec<&str> = records.iter().filter_map(|record| record["actor"].as_str()).collect();
    for odd in [
        "\u{200d}👦",
        "e\u{301}",
        "\u{1}",
        "\u{2028}",
        "\u{10ffff}",
        "\u{feff}",
        "__proto__",
        "$where",
        "a.b.c",
    ] {
        assert!(texts.iter().any(|text| text.contains(odd)), "{odd:?}");
    }
    assert!(records.iter().any(|record| {
        record["text_of_64_kib"]
            .as_str()
            .is_some_and(|text| text.len() == 65_536)
    }));
    assert!(
        records
            .iter()
            .any(|record| record["timestamp"] == "1969-12-31T23:59:59.999Z")
    );
}
