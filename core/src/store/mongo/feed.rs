//! The arrival feed: what other writers have brought.

use std::time::Duration;

use mongodb::Collection;
use mongodb::bson::{Document, RawDocument, RawDocumentBuf, Timestamp as BsonTimestamp, doc};
use mongodb::error::Result;

use super::{PAGE_DEADLINE, read_page};
use crate::store::Arrived;

/// How many seconds of arrivals one look goes through, so that it ends in time also for a follower who was away for days.
const WINDOW: u32 = 60;

/// An arrival as the server keeps it: seconds since 1970, and a counter within the second.
pub(super) fn timestamp(arrival: u64) -> BsonTimestamp {
    BsonTimestamp {
        time: (arrival >> 32) as u32,
        increment: arrival as u32,
    }
}

/// A document's arrival as a number; 0 for one without.
pub(super) fn arrival(document: &RawDocument) -> u64 {
    document
        .get_timestamp("arrival")
        .map_or(0, |found| (u64::from(found.time) << 32) | u64::from(found.increment))
}

/// An arrival that was given out so long before, or earlier.
pub(super) fn rewound(arrival: u64, by: Duration) -> u64 {
    let whole = by.as_secs() + u64::from(by.subsec_nanos() > 0);
    seconds(arrival).saturating_sub(whole) << 32
}

/// Looks behind `after`, in the index `arrival, writer_id` alone as long as nobody else has written.
pub(super) async fn read(
    collection: &Collection<RawDocumentBuf>,
    after: Option<u64>,
    not_from: &str,
    limit: u32,
) -> Result<Arrived> {
    let from = after.unwrap_or(0);
    let nothing = Arrived {
        newest: from,
        ..Arrived::default()
    };
    let Some(newest) = end(collection, from, -1).await? else {
        return Ok(nothing);
    };
    if after.is_none() {
        return Ok(Arrived { newest, ..nothing });
    }
    let mut last = newest;
    if seconds(newest) - seconds(from) > u64::from(WINDOW) {
        let Some(first) = end(collection, from, 1).await? else {
            return Ok(nothing);
        };
        last = newest.min(((seconds(first) + u64::from(WINDOW)) << 32) | u64::from(u32::MAX));
    }
    let filter = doc! {
        "arrival": { "$gt": timestamp(from), "$lte": timestamp(last) },
        "writer_id": { "$ne": not_from },
    };
    let found = collection.find(filter).sort(doc! { "arrival": 1 });
    let page = read_page(found, limit).await?;
    // A page that is full ends before the window does.
    let looked_at = if page.more { page.last_arrival } else { last };
    Ok(Arrived {
        records: page.items,
        newest: looked_at,
        more: looked_at < newest,
    })
}

fn seconds(arrival: u64) -> u64 {
    arrival >> 32
}

/// The newest (-1) or oldest (1) arrival behind `after`, read from the index alone.
async fn end(collection: &Collection<RawDocumentBuf>, after: u64, direction: i32) -> Result<Option<u64>> {
    let found = collection
        .find_one(behind(after))
        .sort(doc! { "arrival": direction })
        .projection(doc! { "_id": 0, "arrival": 1 })
        .max_time(PAGE_DEADLINE)
        .await?;
    Ok(found.map(|document| arrival(&document)))
}

fn behind(after: u64) -> Document {
    doc! { "arrival": { "$gt": timestamp(after) } }
}
