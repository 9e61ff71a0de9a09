//! JSON Schema (draft 2020-12) of what is stored and of what comes in, from their definitions.

use serde_json::{Map, Value, json};

use super::choice::Choice;
use super::event::{self, COMMON, EVENT_TYPES, EventField, EventType, MAX_ARRAY, MAX_KEY, MAX_KEYS, MAX_PATH};
use super::field::{Field, Object, Presence, Shape};
use super::record::Record;
use super::{MAX_SAFE_INTEGER, limit};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a stored record, as REST, sockets and bindings serve it.
///
/// It says what a reader may rely on: fields and texts that it does not list come from a newer version and are to be kept. Bounds are
/// what writers keep to; `maxLength` counts characters where the trail counts bytes, so it never refuses what the trail wrote.
pub fn record_json_schema() -> Value {
    let mut schema = object(&Record::OBJECT);
    if let Some(map) = schema.as_object_mut() {
        map.insert("$schema".into(), DIALECT.into());
        map.insert("title".into(), Record::OBJECT.name.into());
    }
    schema
}

fn object(object: &Object) -> Value {
    let properties: Map<String, Value> = object
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), property(field)))
        .collect();
    let required: Vec<&str> = object
        .fields
        .iter()
        .filter(|field| field.presence == Presence::Always)
        .map(|field| field.name)
        .collect();
    json!({
        "description": prose(object.doc),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": true,
    })
}

fn property(field: &Field) -> Value {
    match (field.presence, field.shape) {
        // Null is JSON too.
        (Presence::Always, _) | (_, Shape::Json(_)) => described(shape(field.shape), field.doc),
        _ => or_null(shape(field.shape), field.doc),
    }
}

fn shape(shape: Shape) -> Value {
    match shape {
        Shape::Uuid => json!({ "type": "string", "format": "uuid" }),
        Shape::Time => {
            json!({ "type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$" })
        }
        Shape::Text(bytes) => json!({ "type": "string", "maxLength": bytes }),
        Shape::Hex(digits) => json!({ "type": "string", "pattern": format!("^[0-9a-f]{{{digits}}}$") }),
        Shape::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Number => json!({ "type": "number", "minimum": 0 }),
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::OneOf(choice) => one_of(choice),
        Shape::Json(_) => json!({}),
        Shape::JsonObject(_) => json!({ "type": "object" }),
        Shape::Object(inner) => object(inner),
        Shape::Objects(most, inner) => json!({ "type": "array", "maxItems": most, "items": object(inner) }),
    }
}

/// The texts that this version knows, each with its meaning, and any other: a newer version's.
fn one_of(choice: &Choice) -> Value {
    let mut texts: Vec<Value> = choice
        .texts
        .iter()
        .map(|(text, doc)| json!({ "const": text, "description": prose(doc) }))
        .collect();
    texts.push(json!({ "type": "string", "description": "Of a newer version." }));
    json!({ "anyOf": texts })
}

/// The schema of a progress event as it comes in. What it cannot say (bounds inside fields that no type knows, an event's size, how far
/// its time may lie ahead) [`super::validate_event`] checks all the same.
pub fn event_json_schema() -> Value {
    let names: Vec<&str> = EVENT_TYPES.iter().map(|known| known.name).collect();
    let types: Vec<Value> = EVENT_TYPES.iter().map(event_type).collect();
    // Each field once, by name: it means and holds the same in every type.
    let fields: Map<String, Value> = EVENT_TYPES
        .iter()
        .flat_map(EventType::fields)
        .map(|(field, _)| (field.name.to_owned(), described(event_shape(field.shape), field.doc)))
        .collect();
    let common: Map<String, Value> = COMMON.iter().map(|field| reference(field, false)).collect();
    let time = json!({
        "anyOf": [{ "type": "string", "format": "date-time" }, { "type": "integer" }, { "type": "null" }],
        "description": "When it happened: RFC 3339, or milliseconds since 1970; now when absent. At most 24 hours ahead.",
    });
    json!({
        "$schema": DIALECT,
        "title": "ProjectEvent",
        "description": "A progress event, at most 1 MB.",
        "type": "object",
        "properties": {
            "type": { "enum": names, "description": "What happened." },
            "data": {
                "type": "object",
                "properties": common,
                "maxProperties": MAX_KEYS,
                "propertyNames": { "maxLength": MAX_KEY },
                "description": "To what it happened; fields that its type does not know are kept.",
            },
            "timestamp": time,
            "eventId": or_null(event_shape(event::Shape::Id), "The client's own name for it, which makes sending it again harmless."),
        },
        "required": ["type", "data"],
        "additionalProperties": false,
        "oneOf": types,
        "$defs": fields,
    })
}

fn event_type(known: &EventType) -> Value {
    let required = known.required.iter().map(|field| reference(field, true));
    let properties: Map<String, Value> = required
        .chain(known.optional.iter().map(|field| reference(field, false)))
        .collect();
    json!({
        "description": prose(known.doc),
        "properties": {
            "type": { "const": known.name },
            "data": { "properties": properties, "required": known.required().collect::<Vec<_>>() },
        },
    })
}

fn reference(field: &EventField, required: bool) -> (String, Value) {
    let mut schema = json!({ "$ref": format!("#/$defs/{}", field.name) });
    if !required {
        schema = json!({ "anyOf": [schema, { "type": "null" }] });
    }
    (field.name.to_owned(), schema)
}

fn event_shape(shape: event::Shape) -> Value {
    match shape {
        event::Shape::Whole => json!({ "type": "integer", "minimum": 0, "maximum": MAX_SAFE_INTEGER }),
        event::Shape::Percent => json!({ "type": "number", "minimum": 0, "maximum": 100 }),
        event::Shape::Text(bytes) => json!({ "type": "string", "pattern": r"\S", "maxLength": bytes }),
        event::Shape::Id => json!({ "anyOf": [
            { "type": "string", "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$", "minLength": 1, "maxLength": limit::ID },
            { "type": "integer", "minimum": 0 },
        ] }),
        event::Shape::Any => json!({ "not": { "type": "null" } }),
        event::Shape::Paths => {
            json!({ "type": "array", "maxItems": MAX_ARRAY, "items": { "type": "string", "maxLength": MAX_PATH } })
        }
    }
}

fn described(mut schema: Value, doc: &str) -> Value {
    if let Some(map) = schema.as_object_mut() {
        map.insert("description".into(), prose(doc).into());
    }
    schema
}

fn or_null(schema: Value, doc: &str) -> Value {
    described(json!({ "anyOf": [schema, { "type": "null" }] }), doc)
}

/// A doc comment as running text.
fn prose(doc: &str) -> String {
    let lines: Vec<&str> = doc.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every schema inside one, itself included.
    fn parts<'a>(schema: &'a Value, found: &mut Vec<&'a Value>) {
        found.push(schema);
        match schema {
            Value::Object(map) => map.values().for_each(|part| parts(part, found)),
            Value::Array(items) => items.iter().for_each(|part| parts(part, found)),
            _ => {}
        }
    }

    #[test]
    fn the_records_schema_has_each_field_with_its_bound_and_meaning() {
        let schema = record_json_schema();
        assert_eq!(schema["$schema"], DIALECT);
        for field in Record::SCHEMA {
            let property = &schema["properties"][field.name];
            assert!(property["description"].as_str().unwrap().ends_with('.'), "{property}");
            let mut found = Vec::new();
            parts(property, &mut found);
            let has = |name: &str, value: Value| found.iter().any(|part| part.get(name) == Some(&value));
            match field.shape {
                Shape::Text(bytes) => assert!(has("maxLength", json!(bytes)), "{property}"),
                Shape::Whole(_, most) => assert!(has("maximum", json!(most)), "{property}"),
                Shape::OneOf(choice) => {
                    assert!(
                        choice.texts.iter().all(|(text, _)| has("const", json!(text))),
                        "{property}"
                    );
                }
                _ => {}
            }
            let required = schema["required"].as_array().unwrap().contains(&json!(field.name));
            assert_eq!(required, field.presence == Presence::Always, "{}", field.name);
        }
    }

    #[test]
    fn the_events_schema_has_each_type_with_its_fields() {
        let schema = event_json_schema();
        let types = schema["oneOf"].as_array().unwrap();
        assert_eq!(types.len(), EVENT_TYPES.len());
        for (part, known) in types.iter().zip(EVENT_TYPES) {
            assert_eq!(part["properties"]["type"]["const"], known.name);
            let data = &part["properties"]["data"];
            let common = schema["properties"]["data"]["properties"].as_object().unwrap();
            let names = data["properties"].as_object().unwrap().keys().chain(common.keys());
            assert!(
                names
                    .clone()
                    .all(|name| schema["$defs"][name]["description"].is_string())
            );
            assert_eq!(names.count(), known.fields().count());
            assert_eq!(data["required"], json!(known.required().collect::<Vec<_>>()));
        }
    }
}
