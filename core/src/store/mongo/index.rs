//! The indexes: what the queries need, no more, since each one costs every insert.
//!
//! | index | serves |
//! | --- | --- |
//! | `scopes, timestamp, _id` | a workspace's page; one multikey index for its own records and those of the runs that it launched |
//! | `scopes, arrival` | catching up on a workspace |
//! | `timestamp, _id` | pages without a filter, by time, or with filters that have no index |
//! | `arrival, writer_id` | the feed of what other processes wrote, which passes over one's own records in the index |
//! | `project_number`, `run_id`, `task_id`, `session_id`, each with `timestamp, _id` | their pages; partial, so a record without the field does not pay |
//! | `expires_at` | deletion by the server |
//!
//! `_id` answers reads by id, and keeps a record that is sent twice from being stored twice.
//!
//! An index is known by its keys and options, whatever its name. What differs gets its successor first and goes then, so that no query is
//! ever without.

use std::time::Duration;

use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::{ErrorKind, Result};
use mongodb::options::IndexOptions;
use mongodb::{Collection, IndexModel};

use super::{MongoOptions, fault, validator};

const NAMESPACE_NOT_FOUND: i32 = 26;
/// Same keys under another name or with other options, and the reverse.
const CONFLICTS: [i32; 2] = [85, 86];
const ID: &str = "_id_";
const EXPIRY: &str = "tasktrail_expiry";

fn wanted() -> Vec<IndexModel> {
    let plain = |name: &str, keys: Document| index(name, keys, None);
    let partial = |name: &str, field: &str, least: Bson| {
        let mut keys = doc! { field: 1 };
        keys.extend(newest_first());
        index(name, keys, Some(doc! { field: { "$gte": least } }))
    };
    let mut workspace = doc! { "scopes": 1 };
    workspace.extend(newest_first());
    let mut expiry = plain(EXPIRY, doc! { "expires_at": 1 });
    if let Some(options) = &mut expiry.options {
        options.expire_after = Some(Duration::ZERO);
    }
    vec![
        plain("tasktrail_workspace", workspace),
        plain("tasktrail_workspace_arrival", doc! { "scopes": 1, "arrival": 1 }),
        plain("tasktrail_time", newest_first()),
        plain("tasktrail_arrival", doc! { "arrival": 1, "writer_id": 1 }),
        // A lower bound rather than `$exists`: a null does not enter, and an equality is known to lie inside.
        partial("tasktrail_project", "project_number", Bson::Int32(0)),
        partial("tasktrail_run", "run_id", Bson::String(String::new())),
        partial("tasktrail_task", "task_id", Bson::String(String::new())),
        partial("tasktrail_session", "session_id", Bson::String(String::new())),
        expiry,
    ]
}

fn newest_first() -> Document {
    doc! { "timestamp": -1, "_id": -1 }
}

fn index(name: &str, keys: Document, partial: Option<Document>) -> IndexModel {
    let options = IndexOptions::builder()
        .name(name.to_owned())
        .partial_filter_expression(partial)
        .build();
    IndexModel::builder().keys(keys).options(options).build()
}

/// What became of the indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    Done,
    /// The user may not look; the store works all the same, queries may be slow.
    NotAllowed,
}

/// Creates what lacks and repairs what differs. What it cannot do it says once, as a warning.
pub(super) async fn reconcile(collection: Collection<RawDocumentBuf>, options: MongoOptions) -> Checked {
    let name = collection.name();
    if options.validator
        && let Err(error) = validator::reconcile(&collection).await
    {
        let reason = if fault::is_unauthorized(&error) {
            "this user's role lacks `listCollections`, `createCollection` or `collMod`".to_owned()
        } else {
            fault::text(&error)
        };
        tracing::warn!(collection = name, %reason, "the collection's validator could not be set");
    }
    let Err(error) = try_reconcile(&collection).await else {
        return Checked::Done;
    };
    if fault::is_unauthorized(&error) {
        tracing::warn!(
            collection = name,
            "this user may not see to the indexes; have one open the store once whose role has `listIndexes`, `createIndex`, `dropIndex` and `collMod`"
        );
        return Checked::NotAllowed;
    }
    let reason = fault::text(&error);
    tracing::warn!(collection = name, %reason, "the indexes could not be checked; queries may be slow");
    Checked::Done
}

async fn try_reconcile(collection: &Collection<RawDocumentBuf>) -> Result<()> {
    let wanted = wanted();
    let existing = existing(collection).await?;
    report(collection.name(), &existing, &wanted);
    let mut missing = Vec::new();
    let mut wrong_expiry = None;
    for index in &wanted {
        match existing.iter().find(|found| has_same_keys(found, index)) {
            Some(found) if name_of(index) == EXPIRY && found_expiry(found) != Some(Duration::ZERO) => {
                wrong_expiry = Some(name_of(found));
            }
            Some(_) => {}
            None => missing.push(free_name(index, &existing)),
        }
    }
    // What most roles allow comes first.
    create(collection, missing).await?;
    if let Some(name) = wrong_expiry {
        repair_expiry(collection, name).await?;
    }
    for left in &existing {
        let is_ours = wanted.iter().any(|index| is_named_after(left, index));
        if is_ours && !wanted.iter().any(|index| has_same_keys(left, index)) {
            tracing::info!(
                collection = collection.name(),
                index = name_of(left),
                "an index that was replaced is dropped"
            );
            collection.drop_index(name_of(left)).await?;
        }
    }
    Ok(())
}

async fn create(collection: &Collection<RawDocumentBuf>, missing: Vec<IndexModel>) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    // One command for all: the server reads the collection once, and writes go on meanwhile. A conflict of one fails it before it does
    // anything, and then each has its own.
    match collection.create_indexes(missing.clone()).await {
        Err(error) if is_conflict(&error) => {}
        outcome => return outcome.map(drop),
    }
    for index in missing {
        match collection.create_index(index.clone()).await {
            Err(error) if is_conflict(&error) => {
                let reason = fault::text(&error);
                tracing::warn!(
                    collection = collection.name(),
                    index = name_of(&index),
                    reason,
                    "an index is in conflict with one of the host's and was not made; its queries may be slow"
                );
            }
            outcome => drop(outcome?),
        }
    }
    Ok(())
}

/// What others have put on the collection stays, and is said: each index costs every insert, and one that deletes does so by its own rule.
fn report(collection: &str, existing: &[IndexModel], wanted: &[IndexModel]) {
    let foreign = existing.iter().filter(|found| {
        name_of(found) != ID
            && !wanted
                .iter()
                .any(|index| is_named_after(found, index) || has_same_keys(found, index))
    });
    let (deleting, others): (Vec<_>, Vec<_>) = foreign.partition(|found| found_expiry(found).is_some());
    let names = |indexes: &[&IndexModel]| {
        indexes
            .iter()
            .map(|index| name_of(index))
            .collect::<Vec<_>>()
            .join(", ")
    };
    if !others.is_empty() {
        tracing::info!(
            collection,
            indexes = names(&others),
            "the collection has indexes that no query of Tasktrail's needs; they are left as they are"
        );
    }
    if !deleting.is_empty() {
        tracing::warn!(
            collection,
            indexes = names(&deleting),
            "the collection has indexes of the host's that delete records whatever their retention; they are left as they are"
        );
    }
}

async fn existing(collection: &Collection<RawDocumentBuf>) -> Result<Vec<IndexModel>> {
    match collection.list_indexes().await {
        Ok(cursor) => cursor.try_collect().await,
        Err(error) if code(&error) == Some(NAMESPACE_NOT_FOUND) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The names of those that lack, or that delete at another time than they should.
pub(super) async fn missing(collection: &Collection<RawDocumentBuf>) -> Result<Vec<String>> {
    let existing = existing(collection).await?;
    let lacks = |index: &&IndexModel| {
        let found = existing.iter().find(|found| has_same_keys(found, index));
        found.is_none_or(|found| name_of(index) == EXPIRY && found_expiry(found) != Some(Duration::ZERO))
    };
    let names = wanted()
        .iter()
        .filter(lacks)
        .map(|index| name_of(index).to_owned())
        .collect();
    Ok(names)
}

/// `create_index` cannot change when an index deletes; `collMod` can, and without rebuilding it.
async fn repair_expiry(collection: &Collection<RawDocumentBuf>, name: &str) -> Result<()> {
    let database = collection.client().database(&collection.namespace().db);
    let index = doc! { "name": name, "expireAfterSeconds": 0 };
    database
        .run_command(doc! { "collMod": collection.name(), "index": index })
        .await
        .map(drop)
}

fn name_of(index: &IndexModel) -> &str {
    index
        .options
        .as_ref()
        .and_then(|options| options.name.as_deref())
        .unwrap_or_default()
}

fn found_expiry(index: &IndexModel) -> Option<Duration> {
    index.options.as_ref().and_then(|options| options.expire_after)
}

/// Whether the one has the other's name, or that with a number behind it.
fn is_named_after(found: &IndexModel, wanted: &IndexModel) -> bool {
    name_of(found).strip_prefix(name_of(wanted)).is_some_and(|rest| {
        let number = rest.strip_prefix('_');
        rest.is_empty() || number.is_some_and(|number| number.parse::<u32>().is_ok())
    })
}

/// The index under a name that is not taken: one with its own and other keys goes only when this one is there.
fn free_name(index: &IndexModel, existing: &[IndexModel]) -> IndexModel {
    let is_taken = |name: &str| existing.iter().any(|found| name_of(found) == name);
    let mut renamed = index.clone();
    let mut number = 2;
    while let Some(options) = &mut renamed.options
        && options.name.as_deref().is_some_and(is_taken)
    {
        options.name = Some(format!("{}_{number}", name_of(index)));
        number += 1;
    }
    renamed
}

/// Whether an index answers what the wanted one does: the same keys over the same documents.
fn has_same_keys(found: &IndexModel, wanted: &IndexModel) -> bool {
    let partial = |index: &IndexModel| {
        index
            .options
            .as_ref()
            .and_then(|options| options.partial_filter_expression.clone())
    };
    let is_plain = found.options.as_ref().is_none_or(|options| {
        options.sparse != Some(true) && options.hidden != Some(true) && options.collation.is_none()
    });
    let keys = |index: &IndexModel| -> Vec<(String, Option<f64>)> {
        let direction = |value: &Bson| match value {
            Bson::Int32(number) => Some(f64::from(*number)),
            Bson::Int64(number) => Some(*number as f64),
            Bson::Double(number) => Some(*number),
            _ => None,
        };
        index
            .keys
            .iter()
            .map(|(name, value)| (name.clone(), direction(value)))
            .collect()
    };
    is_plain && keys(found) == keys(wanted) && partial(found) == partial(wanted)
}

fn is_conflict(error: &mongodb::error::Error) -> bool {
    code(error).is_some_and(|code| CONFLICTS.contains(&code))
}

fn code(error: &mongodb::error::Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(command) => Some(command.code),
        _ => None,
    }
}
