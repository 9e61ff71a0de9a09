//! The indexes: what the queries need, no more, since each one costs every insert.
//!
//! | index | serves |
//! | --- | --- |
//! | `scopes, timestamp, _id` | a workspace's page; one multikey index for its own records and those of the runs that it launched |
//! | `scopes, arrival` | catching up on a workspace |
//! | `timestamp, _id` | pages without a filter, by time, or with filters that have no index |
//! | `arrival` | the feed of what other processes wrote |
//! | `project_number`, `run_id`, `task_id`, `session_id`, each with `timestamp, _id` | their pages; partial, so a record without the field does not pay |
//! | `expires_at` | deletion by the server |
//!
//! `_id` answers reads by id, and keeps a record that is sent twice from being stored twice.

use std::time::Duration;

use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::{ErrorKind, Result};
use mongodb::options::IndexOptions;
use mongodb::{Collection, IndexModel};

use super::fault;

const NAMESPACE_NOT_FOUND: i32 = 26;
/// Same keys under another name or with other options, and the reverse.
const CONFLICTS: [i32; 2] = [85, 86];
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
        plain("tasktrail_arrival", doc! { "arrival": 1 }),
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
pub(super) enum Checked {
    Done,
    /// The user may not look; the store works all the same, queries may be slow.
    NotAllowed,
}

/// Creates what lacks and repairs what differs. What it cannot do it says once, as a warning.
pub(super) async fn reconcile(collection: Collection<RawDocumentBuf>) -> Checked {
    let Err(error) = try_reconcile(&collection).await else {
        return Checked::Done;
    };
    if fault::is_unauthorized(&error) {
        tracing::warn!(
            "this user may not check the indexes of audit_history; have a user who may (`createIndex`, `listIndexes`, `collMod`) open it once"
        );
        return Checked::NotAllowed;
    }
    let reason = fault::text(&error);
    tracing::warn!(%reason, "the indexes of audit_history could not be checked; queries may be slow");
    Checked::Done
}

async fn try_reconcile(collection: &Collection<RawDocumentBuf>) -> Result<()> {
    let existing = existing(collection).await?;
    let mut missing = Vec::new();
    for index in wanted() {
        let namesake = existing.iter().find(|other| name(other) == name(&index));
        match namesake {
            Some(found) if is_same(found, &index) => {}
            // A name of ours with other keys: an earlier release's. Deletion first, the name can be taken only once.
            Some(found) if found.keys != index.keys || name(&index) != EXPIRY => {
                collection.drop_index(name(&index)).await?;
                missing.push(index);
            }
            Some(_) => repair_expiry(collection).await?,
            None => missing.push(index),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    // One command for all; a conflict of one fails it before it does anything, and then each has its own.
    match collection.create_indexes(missing.clone()).await {
        Err(error) if is_conflict(&error) => {}
        outcome => return outcome.map(drop),
    }
    for index in missing {
        match collection.create_index(index.clone()).await {
            // Same keys, another name: if it is the one that deletes, it must delete in time; any other serves as it is.
            Err(error) if is_conflict(&error) && name(&index) == EXPIRY => repair_expiry(collection).await?,
            Err(error) if is_conflict(&error) => {
                tracing::info!(
                    index = name(&index),
                    reason = fault::text(&error),
                    "an index of the host's has the same keys and is used instead"
                );
            }
            outcome => drop(outcome?),
        }
    }
    Ok(())
}

async fn existing(collection: &Collection<RawDocumentBuf>) -> Result<Vec<IndexModel>> {
    match collection.list_indexes().await {
        Ok(cursor) => cursor.try_collect().await,
        Err(error) if code(&error) == Some(NAMESPACE_NOT_FOUND) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// `create_index` cannot change when an index deletes; `collMod` can, and without rebuilding it.
async fn repair_expiry(collection: &Collection<RawDocumentBuf>) -> Result<()> {
    let database = collection.client().database(&collection.namespace().db);
    let index = doc! { "keyPattern": { "expires_at": 1 }, "expireAfterSeconds": 0 };
    database
        .run_command(doc! { "collMod": collection.name(), "index": index })
        .await
        .map(drop)
}

fn name(index: &IndexModel) -> &str {
    index
        .options
        .as_ref()
        .and_then(|options| options.name.as_deref())
        .unwrap_or_default()
}

fn is_same(found: &IndexModel, wanted: &IndexModel) -> bool {
    let expiry = |index: &IndexModel| index.options.as_ref().and_then(|options| options.expire_after);
    let partial = |index: &IndexModel| {
        index
            .options
            .as_ref()
            .and_then(|options| options.partial_filter_expression.clone())
    };
    found.keys == wanted.keys && expiry(found) == expiry(wanted) && partial(found) == partial(wanted)
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
