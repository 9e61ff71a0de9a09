//! How many records match a query.

use std::time::{Duration, Instant};

use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::{Error, Result};
use mongodb::{Collection, action::RunCommand};

use super::filter;
use crate::query::{Query, TOTAL_CAP};
use crate::schema::Timestamp;

/// What the counts of a total may take in all; one that takes longer is answered as a lower bound.
const DEADLINE: Duration = Duration::from_secs(2);

/// Counts the records of a query's filters, one more than the cap at most.
///
/// No index can say which of its records are expired, so that each would be fetched for its date. But those that the server has not deleted
/// yet are few, and their own index finds them: all that match, counted from an index alone, less those.
///
/// # Errors
/// The server's, `MaxTimeMSExpired` among them.
pub(super) async fn matching(collection: &Collection<RawDocumentBuf>, query: &Query, now: Timestamp) -> Result<u64> {
    let began = Instant::now();
    let count = |filter, limit| {
        // No time at all would be no limit at all.
        let left = DEADLINE.saturating_sub(began.elapsed()).max(Duration::from_millis(1));
        count(collection, filter, limit, left)
    };
    let expired = count(filter::expired(query, now), None).await?;
    let all = count(filter::regardless_of_expiry(query), Some(TOTAL_CAP + 1 + expired)).await?;
    if count(filter::expired(query, now), None).await? == expired {
        return Ok(all.saturating_sub(expired));
    }
    // The server has deleted some meanwhile, before or after they were counted.
    count(filter::matching(query, now), Some(TOTAL_CAP + 1)).await
}

/// The command of that name: unlike the aggregation that stands in for it, it is answered from an index of many keys to a document.
pub(super) fn command(name: &str, filter: Document, limit: Option<u64>, time: Duration) -> Document {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let mut command = doc! { "count": name, "query": filter, "maxTimeMS": millis };
    if let Some(limit) = limit.and_then(|limit| i64::try_from(limit).ok()) {
        command.insert("limit", limit);
    }
    command
}

async fn count(
    collection: &Collection<RawDocumentBuf>,
    filter: Document,
    limit: Option<u64>,
    time: Duration,
) -> Result<u64> {
    let database = collection.client().database(&collection.namespace().db);
    let mut asked: RunCommand<'_> = database.run_command(command(collection.name(), filter, limit, time));
    if let Some(criteria) = collection.selection_criteria() {
        asked = asked.selection_criteria(criteria.clone());
    }
    let answer = asked.await?;
    let counted = match answer.get("n") {
        Some(Bson::Int32(n)) => u64::try_from(*n).ok(),
        Some(Bson::Int64(n)) => u64::try_from(*n).ok(),
        _ => None,
    };
    counted.ok_or_else(|| Error::custom("the server's count is no number"))
}
