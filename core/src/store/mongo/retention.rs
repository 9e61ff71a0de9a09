//! A policy of retention, applied to what is held already.

use std::collections::BTreeMap;

use mongodb::Collection;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Document, RawBsonRef, RawDocumentBuf, doc};
use mongodb::error::Result;

use super::encode::date;
use crate::retention::RetentionPolicy;
use crate::schema::Timestamp;

/// Documents that one command looks at, so that none holds the server for long.
const CHUNK: u64 = 5_000;

/// The ids from one (exclusive) to another (inclusive); without an end, all that follow.
#[derive(Debug)]
pub(super) struct Chunk {
    after: Option<Binary>,
    pub(super) last: Option<Binary>,
}

/// The chunk behind an id, found in the index of ids alone.
pub(super) async fn chunk(collection: &Collection<RawDocumentBuf>, after: Option<Binary>) -> Result<Chunk> {
    let last = collection
        .find_one(doc! { "_id": range(after.as_ref(), None) })
        .sort(doc! { "_id": 1 })
        .skip(CHUNK - 1)
        .projection(doc! { "_id": 1 })
        .await?;
    let last = last.and_then(|document| match document.get("_id") {
        Ok(Some(RawBsonRef::Binary(id))) => Some(Binary {
            subtype: id.subtype,
            bytes: id.bytes.to_vec(),
        }),
        _ => None,
    });
    Ok(Chunk { after, last })
}

/// Gives a chunk's records the expiry that the policy says; those that have it already are not written. Answers how many were.
pub(super) async fn apply(
    collection: &Collection<RawDocumentBuf>,
    chunk: &Chunk,
    policy: &RetentionPolicy,
) -> Result<u64> {
    let expiry = expiry(policy);
    let differs = doc! { "$ne": [{ "$ifNull": ["$expires_at", null] }, expiry.clone()] };
    let filter = doc! {
        "_id": range(chunk.after.as_ref(), chunk.last.as_ref()),
        "recorded_at": { "$type": "date" },
        "$expr": differs,
    };
    // A record that is kept for ever has no such field.
    let change = doc! { "$set": { "expires_at": { "$ifNull": [expiry, "$$REMOVE"] } } };
    let outcome = collection.update_many(filter, vec![change]).await?;
    Ok(outcome.modified_count)
}

/// Only ids of ours: a comparison takes values of its own type.
fn range(after: Option<&Binary>, last: Option<&Binary>) -> Document {
    let least = Binary {
        subtype: BinarySubtype::Generic,
        bytes: Vec::new(),
    };
    let mut range = doc! { "$gt": after.cloned().unwrap_or(least) };
    if let Some(last) = last {
        range.insert("$lte", last.clone());
    }
    range
}

/// [`RetentionPolicy::expires_at`] as an expression of the server's. Every text is a literal, so that none is read as a field's path.
fn expiry(policy: &RetentionPolicy) -> Bson {
    let mut by_days: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    let mut held = Vec::new();
    for (workspace, retention) in &policy.workspaces {
        match retention.millis() {
            Some(millis) => by_days.entry(millis).or_default().push(workspace),
            None => held.push(workspace.as_str()),
        }
    }
    let mut branches = Vec::new();
    if !held.is_empty() {
        let launched_by = doc! { "$cond": [{ "$isArray": "$scopes" }, "$scopes", []] };
        let scopes = doc! { "$setUnion": [launched_by, ["$workspace_id"]] };
        let holding = doc! { "$setIntersection": [scopes, { "$literal": held }] };
        let is_held = doc! { "$gt": [{ "$size": holding }, 0] };
        branches.push(doc! { "case": is_held, "then": null });
    }
    for (millis, workspaces) in by_days {
        let is_one = doc! { "$in": ["$workspace_id", { "$literal": workspaces }] };
        branches.push(doc! { "case": is_one, "then": kept(Some(millis)) });
    }
    let default = kept(policy.default.millis());
    if branches.is_empty() {
        return default;
    }
    doc! { "$switch": { "branches": branches, "default": default } }.into()
}

fn kept(millis: Option<i64>) -> Bson {
    let Some(millis) = millis else { return Bson::Null };
    // As far as a record's time can go.
    let latest: DateTime = date(Timestamp::from_millis(i64::MAX));
    doc! { "$min": [{ "$add": ["$recorded_at", millis] }, latest] }.into()
}
