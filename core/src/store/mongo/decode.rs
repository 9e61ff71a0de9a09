//! A document as a record's JSON.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mongodb::bson::RawDocument;
use mongodb::bson::raw::RawBsonRef;
use mongodb::bson::spec::BinarySubtype;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::encode::ADDED;
use super::feed;
use crate::query::StoredRecord;
use crate::schema::{Field, MAX_SAFE_INTEGER, Record, Shape, Timestamp};

/// Reads a document; `None` (and a warning) for one that has no id or time and so is none of ours.
pub(super) fn stored(document: &RawDocument) -> Option<StoredRecord> {
    let read = read(document);
    if read.is_none() {
        tracing::warn!("a document of the collection is not an audit record; it was left out");
    }
    read
}

fn read(document: &RawDocument) -> Option<StoredRecord> {
    let mut fields: Vec<(&str, RawBsonRef<'_>)> = Vec::with_capacity(Record::FIELDS.len() + ADDED.len());
    for element in document {
        let (name, value) = element.ok()?;
        fields.push((name.as_str(), value));
    }
    let find = |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let audit_id = find("_id").and_then(as_uuid)?;
    let timestamp = Timestamp::from_millis(find("timestamp")?.as_datetime()?.timestamp_millis());
    let arrival = feed::arrival(document);

    let mut json = String::with_capacity(document.as_bytes().len() + 512);
    for Field { name, shape, .. } in Record::SCHEMA {
        json.push(if json.is_empty() { '{' } else { ',' });
        put_text(&mut json, name);
        json.push(':');
        match (shape, find(name)) {
            // The id itself, however `audit_id` was changed by hand.
            (Shape::Uuid, _) => put_text(&mut json, &audit_id.to_string()),
            (Shape::Json(_) | Shape::JsonObject(_), Some(RawBsonRef::String(text))) => put_json_text(&mut json, text),
            (_, Some(value)) => put_value(&mut json, value)?,
            (_, None) => json.push_str("null"),
        }
    }
    for (name, value) in &fields {
        if !Record::FIELDS.contains(name) && !ADDED.contains(name) {
            json.push(',');
            put_text(&mut json, name);
            json.push(':');
            put_value(&mut json, *value)?;
        }
    }
    json.push('}');
    Some(StoredRecord {
        json,
        timestamp,
        audit_id,
        arrival,
    })
}

fn as_uuid(value: RawBsonRef<'_>) -> Option<Uuid> {
    let binary = value.as_binary()?;
    (binary.subtype == BinarySubtype::Uuid)
        .then(|| Uuid::from_slice(binary.bytes).ok())
        .flatten()
}

fn put_text(json: &mut String, text: &str) {
    // Serializing a text cannot fail.
    json.push_str(&serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned()));
}

/// JSON text is spliced in as it is; text that somebody made invalid is shown as a text.
fn put_json_text(json: &mut String, text: &str) {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(value) => json.push_str(value.get()),
        Err(_) => put_text(json, text),
    }
}

/// Any BSON value as JSON. `None` only for a document that is damaged.
fn put_value(json: &mut String, value: RawBsonRef<'_>) -> Option<()> {
    match value {
        RawBsonRef::String(text) | RawBsonRef::Symbol(text) | RawBsonRef::JavaScriptCode(text) => put_text(json, text),
        RawBsonRef::Boolean(truth) => json.push_str(if truth { "true" } else { "false" }),
        RawBsonRef::Int32(number) => put_integer(json, i64::from(number)),
        RawBsonRef::Int64(number) => put_integer(json, number),
        RawBsonRef::Double(number) => match serde_json::Number::from_f64(number) {
            Some(number) => json.push_str(&number.to_string()),
            None => json.push_str("null"),
        },
        RawBsonRef::DateTime(date) => put_text(json, &Timestamp::from_millis(date.timestamp_millis()).to_string()),
        RawBsonRef::Array(array) => {
            json.push('[');
            for (position, item) in array.into_iter().enumerate() {
                if position > 0 {
                    json.push(',');
                }
                put_value(json, item.ok()?)?;
            }
            json.push(']');
        }
        RawBsonRef::Document(document) => {
            json.push('{');
            for (position, element) in document.into_iter().enumerate() {
                let (name, value) = element.ok()?;
                if position > 0 {
                    json.push(',');
                }
                put_text(json, name.as_str());
                json.push(':');
                put_value(json, value)?;
            }
            json.push('}');
        }
        RawBsonRef::Binary(binary) => match as_uuid(value) {
            Some(id) => put_text(json, &id.to_string()),
            None => put_text(json, &STANDARD.encode(binary.bytes)),
        },
        RawBsonRef::ObjectId(id) => put_text(json, &id.to_hex()),
        RawBsonRef::Decimal128(number) => put_text(json, &number.to_string()),
        RawBsonRef::RegularExpression(regex) => {
            put_text(json, &format!("/{}/{}", regex.pattern.as_str(), regex.options.as_str()));
        }
        RawBsonRef::Timestamp(time) => put_text(json, &format!("{}:{}", time.time, time.increment)),
        // What no record of ours holds and JSON has no word for.
        RawBsonRef::Null
        | RawBsonRef::Undefined
        | RawBsonRef::MinKey
        | RawBsonRef::MaxKey
        | RawBsonRef::JavaScriptCodeWithScope(_)
        | RawBsonRef::DbPointer(_) => json.push_str("null"),
    }
    Some(())
}

fn put_integer(json: &mut String, number: i64) {
    // Writing to a String cannot fail.
    let _ = if number.unsigned_abs() <= MAX_SAFE_INTEGER {
        write!(json, "{number}")
    } else {
        write!(json, "\"{number}\"")
    };
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Binary, Bson, DateTime, RawDocumentBuf, Regex, doc, oid::ObjectId};
    use serde_json::{Value, json};

    use super::*;
    use crate::schema::sample;

    #[test]
    fn every_type_that_somebody_may_have_put_in_reads_as_json() {
        let id = Uuid::from_u128(9);
        let document = doc! {
            "_id": Binary { subtype: BinarySubtype::Uuid, bytes: id.as_bytes().to_vec() },
            "timestamp": DateTime::from_millis(-1),
            "metadata": "{not json",
            "request_summary": " {\"a\": 1} ",
            "odd": [1_i32, 9_007_199_254_740_991_i64, 9_007_199_254_740_993_i64, f64::NAN, 0.5, Bson::Null, true],
            "more": {
                "oid": ObjectId::from_bytes([1; 12]),
                "bytes": Binary { subtype: BinarySubtype::Generic, bytes: vec![1, 2] },
                "regex": Regex { pattern: "a".try_into().unwrap(), options: "i".try_into().unwrap() },
                "min": Bson::MinKey,
                "quo\"te\n": "ü",
            },
        };
        let stored = stored(&RawDocumentBuf::try_from(&document).unwrap()).unwrap();
        assert_eq!(
            (stored.audit_id, stored.timestamp.millis(), stored.arrival),
            (id, -1, 0)
        );
        let read: Value = serde_json::from_str(&stored.json).unwrap();
        assert_eq!(read["audit_id"], json!(id.to_string()));
        assert_eq!(read["metadata"], json!("{not json"));
        assert_eq!(read["request_summary"], json!({"a": 1}));
        assert_eq!(
            read["odd"],
            json!([1, 9_007_199_254_740_991_i64, "9007199254740993", null, 0.5, null, true])
        );
        assert_eq!(
            read["more"],
            json!({"oid": "010101010101010101010101", "bytes": "AQI=", "regex": "/a/i", "min": null, "quo\"te\n": "ü"})
        );
        assert_eq!(read["task_id"], Value::Null);
        assert_eq!(read.get("_id"), None);
    }

    #[test]
    fn a_document_of_somebody_else_is_left_out() {
        assert_eq!(stored(&RawDocumentBuf::try_from(&doc! { "_id": 1 }).unwrap()), None);
    }

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let mut record = sample(Uuid::from_u128(3), 77);
        record.extra.insert(
            "later".into(),
            crate::schema::Json::parse(r#"{"$set":{"a.b":[1,2.5,null]}}"#.into()).unwrap(),
        );
        let document = super::super::encode::document(&record).unwrap();
        let stored = stored(&document).unwrap();
        assert_eq!(Record::from_json(&stored.json).unwrap(), record);
    }
}
