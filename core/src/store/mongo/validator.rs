//! What the server is told about documents, so that it refuses those that are no audit records.

use futures::TryStreamExt as _;
use mongodb::Collection;
use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::{ErrorKind, Result};

use crate::schema::{Field, Presence, Record, Shape};

const NAMESPACE_EXISTS: i32 = 48;
/// Tells a validator of ours from a host's.
const TITLE: &str = "Tasktrail audit record";

/// The types of the fields, from the record's own definition. Texts that a newer release adds to a choice, and fields that it adds, pass.
fn wanted() -> Document {
    let mut required = vec!["_id", "scopes", "arrival"];
    let mut properties = doc! {
        "_id": { "bsonType": "binData" },
        "scopes": { "bsonType": "array", "items": { "bsonType": "string" } },
        "arrival": { "bsonType": "timestamp" },
    };
    for Field {
        name, shape, presence, ..
    } in Record::SCHEMA
    {
        let types: &[&str] = match shape {
            Shape::Uuid | Shape::Text(_) | Shape::Hex(_) | Shape::OneOf(_) | Shape::Json(_) | Shape::JsonObject(_) => {
                &["string"]
            }
            Shape::Time => &["date"],
            Shape::Whole(..) => &["long", "int"],
            Shape::Number => &["double", "long", "int"],
            Shape::Truth => &["bool"],
            Shape::Object(_) => &["object"],
            Shape::Objects(..) => &["array"],
        };
        let mut types: Vec<&str> = types.to_vec();
        if *presence != Presence::Always {
            types.push("null");
        }
        if *presence != Presence::Known {
            required.push(name);
        }
        properties.insert(*name, doc! { "bsonType": types });
    }
    doc! { "$jsonSchema": { "title": TITLE, "bsonType": "object", "required": required, "properties": properties } }
}

/// Sees to the collection and its validator. One that a host has made stays, and is reported.
pub(super) async fn reconcile(collection: &Collection<RawDocumentBuf>) -> Result<()> {
    let database = collection.client().database(&collection.namespace().db);
    let wanted = wanted();
    let of_this_name = doc! { "name": collection.name() };
    let mut found: Vec<_> = database
        .list_collections()
        .filter(of_this_name)
        .await?
        .try_collect()
        .await?;
    let Some(specification) = found.pop() else {
        let created = database
            .create_collection(collection.name())
            .validator(wanted.clone())
            .await;
        return match created {
            // Somebody was quicker.
            Err(error) if matches!(&*error.kind, ErrorKind::Command(command) if command.code == NAMESPACE_EXISTS) => {
                set(collection, wanted).await
            }
            outcome => outcome,
        };
    };
    match specification.options.validator {
        Some(there) if there == wanted => Ok(()),
        Some(there) if !there.is_empty() && !is_ours(&there) => {
            tracing::warn!(
                collection = collection.name(),
                "the collection has a validator of the host's, which is left as it is"
            );
            Ok(())
        }
        _ => set(collection, wanted).await,
    }
}

fn is_ours(validator: &Document) -> bool {
    let schema = validator.get_document("$jsonSchema");
    schema.is_ok_and(|schema| schema.get("title") == Some(&Bson::from(TITLE)))
}

async fn set(collection: &Collection<RawDocumentBuf>, validator: Document) -> Result<()> {
    let database = collection.client().database(&collection.namespace().db);
    let command = doc! { "collMod": collection.name(), "validator": validator };
    database.run_command(command).await.map(drop)
}
