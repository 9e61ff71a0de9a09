//! Where is it kept? The [`Store`] trait and the stores that ship: memory, SQLite, MongoDB.

mod memory;
#[cfg(feature = "mongodb")]
mod mongo;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use uuid::Uuid;

use crate::error::{Code, Error, Result};
use crate::query::{Cursor, Page, Query, StoredRecord, TOTAL_CAP};
use crate::schema::{Record, Timestamp};

pub use memory::MemoryStore;
#[cfg(feature = "mongodb")]
pub use mongo::MongoStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use url::StoreUrl;

/// A record on its way to a store: typed, and encoded once as JSON for whoever needs text. Clones share both.
#[derive(Debug, Clone)]
pub struct EncodedRecord {
    /// The record.
    pub record: Arc<Record>,
    /// [`Record::to_json`] of it.
    pub json: Arc<str>,
}

impl EncodedRecord {
    /// Encodes a record.
    pub fn new(record: Record) -> Self {
        let json = record.to_json().into();
        EncodedRecord {
            record: Arc::new(record),
            json,
        }
    }
}

/// What became of a batch. `stored + duplicates + refused.len()` is the batch's length.
#[derive(Debug, Default)]
pub struct Inserted {
    /// Records that the store took now.
    pub stored: usize,
    /// Records whose id it held already: an earlier try had reached it.
    pub duplicates: usize,
    /// Records that it will never take, by position in the batch, each with the reason.
    pub refused: Vec<(usize, Error)>,
}

/// A place that keeps records. Implementations are shared between threads and never block the thread that polls them.
///
/// Inserting is idempotent by `audit_id`: the same batch may come again after a failure whose effect is unknown.
pub trait Store: Send + Sync + fmt::Debug + 'static {
    /// Keeps a batch. One bad record does not keep the others out ([`Inserted::refused`]).
    ///
    /// # Errors
    /// The batch as a whole failed or its fate is unknown; send it again if [`Error::is_retryable`].
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>>;

    /// One page. `now` hides records that have expired and are not swept yet.
    ///
    /// # Errors
    /// The store is away or answered with an error.
    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, Result<Page>>;

    /// One record by its id, unless it has expired.
    ///
    /// # Errors
    /// The store is away or answered with an error.
    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>>;

    /// Deletes what has expired; a store that does so by itself answers 0.
    ///
    /// # Errors
    /// The store is away or answered with an error.
    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64>>;

    /// Lets go of connections and files. Later calls fail with [`crate::Code::Closed`].
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The page that a store found. `more` says whether something follows behind `items`; `total` is what it counted, at most a little
/// past [`TOTAL_CAP`], or `None` when counting took too long.
fn page(query: &Query, items: Vec<StoredRecord>, more: bool, total: Option<u64>) -> Page {
    let next_cursor = match (query.cursor, items.last()) {
        // A follower keeps its place when nothing new has come.
        (Some(Cursor::Arrival { arrival }), last) => Some(Cursor::Arrival {
            arrival: last.map_or(arrival, |item| item.arrival),
        }),
        (_, Some(last)) if more => Some(Cursor::Keyset {
            timestamp: last.timestamp,
            audit_id: last.audit_id,
        }),
        _ => None,
    };
    Page {
        next_cursor,
        total: total.unwrap_or(items.len() as u64).min(TOTAL_CAP),
        total_is_lower_bound: total.is_none_or(|total| total > TOTAL_CAP),
        items,
        limit: query.limit,
        offset: query.offset,
    }
}

/// The document that the MongoDB store writes for a record, as BSON: for measuring its encoder.
///
/// # Errors
/// [`Code::StoreFailed`] naming the field that MongoDB cannot hold.
#[cfg(feature = "mongodb")]
#[doc(hidden)]
pub fn bson_of(record: &Record) -> Result<Vec<u8>> {
    Ok(mongo::document(record)?.into_bytes())
}

/// What every call on a closed store answers.
fn closed() -> Error {
    Error::new(Code::Closed, "the store is closed")
}

/// The first text behind all that begin with `prefix`, in byte order; `None` when there is none.
#[cfg(any(feature = "sqlite", feature = "mongodb"))]
fn prefix_end(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // The step after U+D7FF is over the surrogates, which are no characters.
        let next = if last == '\u{D7FF}' {
            Some('\u{E000}')
        } else {
            char::from_u32(u32::from(last) + 1)
        };
        if let Some(next) = next {
            end.push(next);
            return Some(end);
        }
    }
    None
}

/// Opens the store that a URL names, creating file, collection and indexes where they lack.
///
/// # Errors
/// [`crate::Code::StorePath`] or [`crate::Code::StoreUnavailable`], with the path or host at fault.
pub async fn open(url: &StoreUrl) -> Result<Arc<dyn Store>> {
    match url {
        StoreUrl::Memory { capacity } => Ok(Arc::new(MemoryStore::new(*capacity))),
        #[cfg(feature = "sqlite")]
        StoreUrl::Sqlite { path } => Ok(Arc::new(SqliteStore::open(path).await?)),
        #[cfg(feature = "mongodb")]
        StoreUrl::Mongodb { url } => Ok(Arc::new(MongoStore::open(url).await?)),
    }
}
