//! Where is it kept? The [`Store`] trait and the stores that ship: memory, SQLite, MongoDB, another Tasktrail's API.

#[cfg(feature = "conformance")]
pub mod conformance;
mod examine;
mod follower;
#[cfg(feature = "http")]
mod http;
mod memory;
#[cfg(feature = "mongodb")]
mod mongo;
#[cfg(feature = "sqlite")]
mod sqlite;
mod url;

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::future::BoxFuture;
use uuid::Uuid;

use crate::error::{Code, Error, Result};
use crate::query::{Cursor, Page, Query, StoredRecord, TOTAL_CAP};
use crate::retention::RetentionPolicy;
use crate::schema::{Record, Timestamp};

pub use examine::{Finding, Verdict, examine};
pub use follower::Follower;
#[cfg(feature = "http")]
pub use http::HttpStore;
pub use memory::{MEMORY_BYTES, MemoryStore};
#[cfg(feature = "mongodb")]
pub use mongo::{MongoOptions, MongoStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{Integrity, SqliteStore};
pub use url::StoreUrl;

/// A record on its way to a store: typed, and encoded as JSON once, when somebody first asks for the text. Clones share both.
#[derive(Debug, Clone)]
pub struct EncodedRecord(Arc<Encoded>);

#[derive(Debug)]
struct Encoded {
    record: Record,
    json: OnceLock<Arc<str>>,
}

impl EncodedRecord {
    /// Wraps a record.
    pub fn new(record: Record) -> Self {
        EncodedRecord(Arc::new(Encoded {
            record,
            json: OnceLock::new(),
        }))
    }

    /// Reads a record from its JSON, which stays as it is.
    ///
    /// # Errors
    /// As [`Record::from_json`].
    pub fn from_json(json: impl Into<Arc<str>>) -> Result<Self> {
        let json = json.into();
        let record = Record::from_json(&json)?;
        Ok(EncodedRecord(Arc::new(Encoded {
            record,
            json: OnceLock::from(json),
        })))
    }

    /// The record.
    pub fn record(&self) -> &Record {
        &self.0.record
    }

    /// Memory that it holds, about: the record itself, and the texts that can be long.
    pub(crate) fn weight(&self) -> usize {
        let record = self.record();
        let texts = [
            record.request_summary.as_ref().map_or(0, |json| json.as_str().len()),
            record.metadata.as_ref().map_or(0, |json| json.as_str().len()),
            record.api_endpoint.as_ref().map_or(0, String::len),
            record.error.as_ref().map_or(0, |error| error.message.len()),
            record.worktree_path.as_ref().map_or(0, String::len),
        ];
        // Ids and names are short, and there are about a dozen of them.
        size_of::<Record>() + 512 + texts.iter().sum::<usize>()
    }

    /// [`Record::to_json`] of it.
    pub fn json(&self) -> &str {
        self.text()
    }

    /// [`EncodedRecord::json`], to keep.
    pub fn shared_json(&self) -> Arc<str> {
        Arc::clone(self.text())
    }

    fn text(&self) -> &Arc<str> {
        self.0.json.get_or_init(|| self.0.record.to_json().into())
    }
}

/// What became of a batch. `stored + duplicates + refused.len()` is the batch's length.
#[derive(Debug, Default)]
pub struct Inserted {
    /// Records that the store took now.
    pub stored: usize,
    /// Records whose id it held already: an earlier try had reached it.
    pub duplicates: usize,
    /// Records that it will never take, by position in the batch, each with the reason. The others of the batch are stored.
    pub refused: Vec<(usize, Error)>,
}

/// Records that other writers have brought to a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrived {
    /// The records, in the order of their arrival.
    pub records: Vec<StoredRecord>,
    /// The newest arrival that was looked at, whoever brought it: where to go on.
    pub newest: u64,
    /// Whether more is there behind `newest`.
    pub more: bool,
}

/// How much a store holds, as far as it can tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Records, those included that have expired and are not deleted yet.
    pub records: Option<u64>,
    /// Whether `records` is an estimate.
    pub records_is_estimate: bool,
    /// Bytes that they take on disk (in memory, where there is no disk), indexes included.
    pub bytes: Option<u64>,
    /// Of `bytes`, those of indexes.
    pub index_bytes: Option<u64>,
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

    /// The arrival feed: records that arrived behind `after` and were written by others than `not_from` ([`Record::writer_id`]), oldest
    /// first, at most `limit`. Without `after` it answers no record and the newest arrival.
    ///
    /// A store that only one process can reach has nothing to answer, which is the default.
    ///
    /// # Errors
    /// The store is away or answered with an error.
    fn arrived<'a>(&'a self, after: Option<u64>, not_from: &'a str, limit: u32) -> BoxFuture<'a, Result<Arrived>> {
        let _ = (not_from, limit);
        let nothing = Arrived {
            newest: after.unwrap_or(0),
            ..Arrived::default()
        };
        Box::pin(futures::future::ready(Ok(nothing)))
    }

    /// The place behind all that has arrived: where a follower begins who wants only what comes. What a page at [`Cursor::NOW`] answers.
    ///
    /// # Errors
    /// The store is away or answered with an error.
    fn newest(&self) -> BoxFuture<'_, Result<Cursor>> {
        Box::pin(async {
            let Arrived { newest, .. } = self.arrived(None, "", 1).await?;
            Ok(Cursor::Arrival {
                arrival: newest,
                caught_up: true,
            })
        })
    }

    /// For how long a record may become visible behind records that arrived after it; followers read that much again.
    /// Zero where arrivals become visible in their order, which is the default.
    fn late_arrivals(&self) -> Duration {
        Duration::ZERO
    }

    /// An arrival that was given out `by` before `arrival`, or earlier. Stores with late arrivals override it.
    fn rewound(&self, arrival: u64, by: Duration) -> u64 {
        let _ = by;
        arrival
    }

    /// Gives every record the expiry that `retention` says, counted from its `recorded_at`; answers how many it changed.
    ///
    /// # Errors
    /// The store is away, does not allow it to this user, or (the default) has no way to do so.
    fn reapply_retention<'a>(&'a self, retention: &'a RetentionPolicy) -> BoxFuture<'a, Result<u64>> {
        let _ = retention;
        let refusal = Error::new(
            Code::StoreFailed,
            "this store cannot change the retention of what it holds",
        );
        Box::pin(futures::future::ready(Err(refusal)))
    }

    /// How much it holds. It is asked about once a minute, so it is found in little time however much that is: by an estimate, if need be.
    ///
    /// A store that cannot tell leaves out what it does not know: all of it, by default.
    ///
    /// # Errors
    /// The store is away or answered with an error.
    fn size(&self) -> BoxFuture<'_, Result<Size>> {
        Box::pin(futures::future::ready(Ok(Size::default())))
    }

    /// Lets go of connections and files. Later calls fail with [`crate::Code::Closed`].
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The page that a store found. `more` says whether something follows behind `items`; `total` is what it counted, at most a little
/// past [`TOTAL_CAP`], or `None` when counting took too long or was not asked for.
fn page(query: &Query, items: Vec<StoredRecord>, more: bool, total: Option<u64>) -> Page {
    let next_cursor = match (query.cursor, items.last()) {
        // A follower keeps its place when nothing new has come, and when it has read again what it had seen.
        (Some(Cursor::Arrival { arrival, .. }), last) => {
            let last = last.map_or(arrival, |item| item.arrival);
            Some(Cursor::Arrival {
                arrival: if more { last } else { last.max(arrival) },
                caught_up: !more,
            })
        }
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

/// One page, or at [`Cursor::NOW`] none and the place to go on from.
pub(crate) async fn answer(store: &dyn Store, query: &Query, now: Timestamp) -> Result<Page> {
    if query.cursor != Some(Cursor::NOW) {
        return store.query(query, now).await;
    }
    let mut page = page(query, Vec::new(), false, Some(0));
    page.next_cursor = Some(store.newest().await?);
    Ok(page)
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
/// [`crate::Code::StorePath`], [`crate::Code::StoreUnavailable`] or [`crate::Code::StoreFailed`], with the path or host at fault.
pub async fn open(url: &StoreUrl) -> Result<Arc<dyn Store>> {
    match url {
        StoreUrl::Memory { capacity, max_bytes } => Ok(Arc::new(MemoryStore::bounded(*capacity, *max_bytes))),
        #[cfg(feature = "sqlite")]
        StoreUrl::Sqlite { path } => Ok(Arc::new(SqliteStore::open(path).await?)),
        #[cfg(feature = "mongodb")]
        StoreUrl::Mongodb { url } => Ok(Arc::new(MongoStore::open(url).await?)),
        #[cfg(feature = "http")]
        StoreUrl::Http { base, api_key } => Ok(Arc::new(HttpStore::open(base, api_key.as_ref()).await?)),
    }
}

/// As [`open`], for who brings a record at once: that itself asks an API whether it is taken.
pub(crate) async fn open_to_send(url: &StoreUrl) -> Result<Arc<dyn Store>> {
    match url {
        #[cfg(feature = "http")]
        StoreUrl::Http { .. } => open_to_read(url).await,
        url => open(url).await,
    }
}

/// As [`open`], for who only reads: it asks an API for nothing yet, and makes no index in a MongoDB.
///
/// # Errors
/// As [`open`].
pub async fn open_to_read(url: &StoreUrl) -> Result<Arc<dyn Store>> {
    match url {
        #[cfg(feature = "http")]
        StoreUrl::Http { base, api_key } => Ok(Arc::new(HttpStore::to_read(base, api_key.as_ref())?)),
        #[cfg(feature = "mongodb")]
        StoreUrl::Mongodb { url } => Ok(Arc::new(MongoStore::to_read(url).await?)),
        url => open(url).await,
    }
}
