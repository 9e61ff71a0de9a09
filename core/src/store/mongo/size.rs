//! How much the collection holds, as the server keeps count of it.

use futures::TryStreamExt as _;
use mongodb::Collection;
use mongodb::bson::{Document, RawDocumentBuf, doc};
use mongodb::error::Result;

use super::{PAGE_DEADLINE, fault};
use crate::store::Size;

/// Asks for the collection's statistics; who may only read learns the number of records.
pub(super) async fn of(collection: &Collection<RawDocumentBuf>) -> Result<Size> {
    match statistics(collection).await {
        Err(error) if fault::is_unauthorized(&error) => {
            let records = collection.estimated_document_count().max_time(PAGE_DEADLINE).await?;
            Ok(Size {
                records: Some(records),
                records_is_estimate: true,
                ..Size::default()
            })
        }
        outcome => outcome,
    }
}

async fn statistics(collection: &Collection<RawDocumentBuf>) -> Result<Size> {
    let stages = [doc! { "$collStats": { "storageStats": {} } }];
    let parts = collection.aggregate(stages).max_time(PAGE_DEADLINE).await?;
    // One of each shard.
    let parts: Vec<Document> = parts.try_collect().await?;
    let sum = |name: &str| {
        let told = parts
            .iter()
            .filter_map(|part| number(part.get_document("storageStats").ok()?, name));
        // A server that leaves it out knows no more than we do.
        told.reduce(u64::saturating_add)
    };
    let index_bytes = sum("totalIndexSize");
    Ok(Size {
        records: sum("count"),
        // Wrong after a crash until the next validation, and while shards are balanced.
        records_is_estimate: true,
        bytes: sum("storageSize").map(|data| data.saturating_add(index_bytes.unwrap_or(0))),
        index_bytes,
    })
}

/// A number of either width; doubles come from old servers and large collections.
fn number(document: &Document, name: &str) -> Option<u64> {
    let value = document.get(name)?;
    let whole = value.as_i64().or_else(|| value.as_i32().map(i64::from));
    whole
        .or_else(|| value.as_f64().map(|double| double as i64))
        .and_then(|number| u64::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_have_any_width() {
        let document = doc! { "a": 7_i32, "b": 1_i64 << 40, "c": 2.5e10, "d": -1, "e": "7" };
        let read = |name| number(&document, name);
        assert_eq!(
            ["a", "b", "c"].map(read),
            [Some(7), Some(1 << 40), Some(25_000_000_000)]
        );
        assert_eq!(["d", "e", "f"].map(read), [None; 3]);
    }
}
