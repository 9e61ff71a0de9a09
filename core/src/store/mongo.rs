//! The MongoDB store: one collection, `audit_history`.

mod count;
mod decode;
mod encode;
mod examine;
mod fault;
mod feed;
mod filter;
mod index;
mod options;
mod retention;
mod size;
mod validator;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use mongodb::action::Find;
use mongodb::bson::{RawDocumentBuf, doc};
use mongodb::error::ErrorKind;
use mongodb::options::{CollectionOptions, WriteConcern};
use mongodb::{Client, Collection};
use tokio::runtime::Handle;
use uuid::Uuid;

pub(super) use encode::document;
pub(super) use examine::examine;
use fault::{Action, Place};
use options::FromUrl;
pub use options::MongoOptions;

use super::{Arrived, EncodedRecord, Inserted, Size, Store, closed, page};
use crate::error::{Code, Error, Result};
use crate::query::{Page, Query, StoredRecord};
use crate::retention::RetentionPolicy;
use crate::schema::{Record, Timestamp};

/// A page that takes longer is given up, so that a filter without an index cannot hold the server for ever.
const PAGE_DEADLINE: Duration = Duration::from_secs(10);
/// Opening goes on without indexes that take longer; the server finishes them.
const INDEX_PATIENCE: Duration = Duration::from_secs(2);
/// A larger document is never accepted by a server.
const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;
/// The server gives a document its arrival before others can see it, and batches do not become visible in their order.
const LATE_ARRIVALS: Duration = Duration::from_secs(10);

/// Keeps records in one collection of a MongoDB database, `audit_history` by default.
///
/// The driver's futures are never dropped midway: each call runs as a task of the runtime that opened the store,
/// so a caller that gives up waiting harms no connection.
#[derive(Debug)]
pub struct MongoStore {
    client: Client,
    /// Whether the client is the host's, and outlives the store.
    is_shared: bool,
    collection: Collection<RawDocumentBuf>,
    place: Place,
    runtime: Handle,
    closed: AtomicBool,
}

impl MongoStore {
    /// Connects, asks the server for a sign of life, and sees to the indexes.
    ///
    /// The database is the URL's path, or `tasktrail`. Beside the driver's options the URL takes `tasktrail.collection` and
    /// `tasktrail.validator` ([`MongoOptions`]). What it leaves open: servers are looked for and connected to for 3 s, and writes are
    /// acknowledged by a majority within 10 s.
    ///
    /// # Errors
    /// [`Code::UrlInvalid`] for a malformed URL, [`Code::StoreUnavailable`] with the hosts when none of them answers,
    /// [`Code::StoreFailed`] when the server refuses user or password. No message repeats a password.
    pub async fn open(url: &str) -> Result<Self> {
        let (store, database, options, is_anonymous) = Self::connect(url).await?;
        let checked = store.start(&database, options).await;
        let refusal = match checked {
            Ok(Some(index::Checked::NotAllowed)) if is_anonymous => {
                let server = &store.place.server;
                let hint = "asks for a user; name one in the URL, mongodb://user:password@host/database";
                Error::new(Code::StoreFailed, format!("{server} {hint}"))
            }
            Ok(_) => return Ok(store),
            Err(error) => error,
        };
        store.close().await;
        Err(refusal)
    }

    /// As [`Self::open`], for who only reads: it makes neither collection nor index.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn to_read(url: &str) -> Result<Self> {
        let (store, database, ..) = Self::connect(url).await?;
        match store.ping(&database).await {
            Ok(()) => Ok(store),
            Err(error) => {
                store.close().await;
                Err(error)
            }
        }
    }

    /// The store, its database, its options, and whether the URL names no user.
    async fn connect(url: &str) -> Result<(Self, String, MongoOptions, bool)> {
        let runtime = runtime()?;
        let FromUrl {
            client: settings,
            database,
            options,
        } = FromUrl::read(url).await?;
        let hosts: Vec<_> = settings.hosts.iter().map(ToString::to_string).collect();
        let place = Place {
            server: format!("MongoDB at {}", hosts.join(",")),
            collection: options.collection.clone(),
        };
        let is_anonymous = settings.credential.is_none();
        let concern = settings.write_concern.clone().unwrap_or_default();
        let client = Client::with_options(settings).map_err(|error| fault::of(&error, Action::Find, &place))?;
        let store = Self::new(client, &database, concern, place, runtime, false);
        Ok((store, database, options, is_anonymous))
    }

    /// Uses a host's client, on the runtime that this is called on: one pool of connections, and the client's own time-outs, read
    /// preference and login. Closing the store leaves the client open.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`] naming the option; otherwise as [`Self::open`].
    pub async fn with_client(client: Client, database: &str, options: MongoOptions) -> Result<Self> {
        let runtime = runtime()?;
        let concern = options.checked(client.write_concern())?;
        let place = Place {
            server: format!("MongoDB (database {database})"),
            collection: options.collection.clone(),
        };
        let store = Self::new(client, database, concern, place, runtime, true);
        store.start(database, options).await?;
        Ok(store)
    }

    fn new(
        client: Client,
        database: &str,
        write_concern: WriteConcern,
        place: Place,
        runtime: Handle,
        is_shared: bool,
    ) -> Self {
        let options = CollectionOptions::builder().write_concern(write_concern).build();
        let collection = client
            .database(database)
            .collection_with_options(&place.collection, options);
        MongoStore {
            client,
            is_shared,
            collection,
            place,
            runtime,
            closed: AtomicBool::new(false),
        }
    }

    async fn ping(&self, database: &str) -> Result<()> {
        let database = self.client.database(database);
        let ping = async move { database.run_command(doc! { "ping": 1 }).await.map(drop) };
        self.spawn(Action::Find, ping).await
    }

    /// Asks for a sign of life and sees to the indexes; `None` while they are still being made.
    async fn start(&self, database: &str, options: MongoOptions) -> Result<Option<index::Checked>> {
        self.ping(database).await?;
        let indexes = self.runtime.spawn(index::reconcile(self.collection.clone(), options));
        // Dropping the handle leaves the task running.
        let checked = tokio::time::timeout(INDEX_PATIENCE, indexes).await;
        Ok(checked.ok().and_then(std::result::Result::ok))
    }

    /// Runs a driver call as a task of its own and waits for it.
    async fn spawn<T: Send + 'static>(
        &self,
        action: Action,
        work: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
    ) -> Result<T> {
        let outcome = self.attempt(work).await?;
        outcome.map_err(|error| fault::of(&error, action, &self.place))
    }

    async fn attempt<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T> {
        if self.closed.load(Ordering::Acquire) {
            return Err(closed());
        }
        self.runtime.spawn(work).await.map_err(|error| {
            if error.is_panic() {
                Error::panicked("the MongoDB store")
            } else {
                closed()
            }
        })
    }

    async fn insert_batch(&self, batch: &[EncodedRecord]) -> Result<Inserted> {
        let (collection, batch) = (self.collection.clone(), batch.to_vec());
        let work = async move {
            let mut refused = Vec::new();
            let mut positions = Vec::with_capacity(batch.len());
            // The driver copies each document as it comes, so that only one of them is in memory twice.
            let documents = batch.iter().enumerate().filter_map(|(position, encoded)| {
                let document = fitting(encoded.record()).map_err(|error| refused.push((position, error)));
                positions.extend(document.is_ok().then_some(position));
                document.ok()
            });
            let insertion = collection.insert_many(documents).ordered(false);
            let outcome = if positions.is_empty() {
                None
            } else {
                Some(insertion.await.map(drop))
            };
            (outcome, positions, refused)
        };
        let (outcome, positions, refused) = self.attempt(work).await?;
        let mut inserted = Inserted {
            refused,
            ..Inserted::default()
        };
        let Some(outcome) = outcome else {
            return Ok(inserted);
        };
        let sent = positions.len();
        let Err(error) = outcome else {
            inserted.stored = sent;
            return Ok(inserted);
        };
        let ErrorKind::InsertMany(failure) = &*error.kind else {
            return Err(fault::of(&error, Action::Insert, &self.place));
        };
        if failure.write_concern_error.is_some() {
            // Some of it may be undone by a failover: the whole batch comes again, with the same ids.
            return Err(fault::of(&error, Action::Insert, &self.place));
        }
        let write_errors = failure.write_errors.as_deref().unwrap_or_default();
        for write_error in write_errors {
            if fault::is_duplicate(write_error) {
                inserted.duplicates += 1;
            } else if fault::is_passing(write_error.code) {
                return Err(fault::passing(&write_error.message, &self.place));
            } else {
                let position = positions.get(write_error.index).copied().unwrap_or(write_error.index);
                let message = format!("MongoDB refused the record: {}", write_error.message);
                inserted
                    .refused
                    .push((position, Error::new(Code::StoreFailed, message)));
            }
        }
        inserted.stored = sent.saturating_sub(write_errors.len());
        inserted.refused.sort_by_key(|(position, _)| *position);
        Ok(inserted)
    }

    async fn query_page(&self, query: &Query, now: Timestamp) -> Result<Page> {
        let collection = self.collection.clone();
        let selection = filter::page(query, now);
        let counted = query.counted.then(|| query.clone());
        let (offset, limit) = (query.offset, query.limit);
        let found = async move {
            let find = collection.find(selection.filter).sort(selection.sort).skip(offset);
            let count = async { Some(count::matching(&collection, &counted?, now).await) };
            let (page, count) = tokio::join!(read_page(find, limit), count);
            page.map(|page| (page, count))
        };
        let (found, count) = self.spawn(Action::Find, found).await?;
        let total = match count {
            None => None,
            Some(Ok(total)) => Some(total),
            Some(Err(error)) if fault::is_out_of_time(&error) => None,
            Some(Err(error)) => return Err(fault::of(&error, Action::Find, &self.place)),
        };
        Ok(page(query, found.items, found.more, total))
    }

    async fn arrived_page(&self, after: Option<u64>, not_from: &str, limit: u32) -> Result<Arrived> {
        let (collection, not_from) = (self.collection.clone(), not_from.to_owned());
        self.spawn(Action::Find, async move {
            feed::read(&collection, after, &not_from, limit).await
        })
        .await
    }

    async fn rewrite_expiry(&self, policy: &RetentionPolicy) -> Result<u64> {
        let (mut changed, mut after) = (0, None);
        loop {
            let (collection, policy) = (self.collection.clone(), policy.clone());
            let chunk = self
                .spawn(Action::Find, async move { retention::chunk(&collection, after).await })
                .await?;
            let last = chunk.last.clone();
            let collection = self.collection.clone();
            changed += self
                .spawn(Action::Update, async move {
                    retention::apply(&collection, &chunk, &policy).await
                })
                .await?;
            if last.is_none() {
                return Ok(changed);
            }
            after = last;
        }
    }
}

fn runtime() -> Result<Handle> {
    Handle::try_current().map_err(|_| Error::new(Code::StoreFailed, "a MongoDB store is opened inside a tokio runtime"))
}

/// The document of a record, if a server can hold it.
fn fitting(record: &Record) -> Result<RawDocumentBuf> {
    let document = document(record)?;
    if document.as_bytes().len() > MAX_DOCUMENT_BYTES {
        let message = "the record is larger than a MongoDB document may be (16 MiB)";
        return Err(Error::new(Code::StoreFailed, message));
    }
    Ok(document)
}

/// What a read found.
struct Found {
    items: Vec<StoredRecord>,
    /// Whether something follows behind the items.
    more: bool,
    /// Of the last document, whether it is a record or not.
    last_arrival: u64,
}

/// Reads at most `limit` documents and whether there are more, in one reply of the server's.
async fn read_page(find: Find<'_, RawDocumentBuf>, limit: u32) -> mongodb::error::Result<Found> {
    let fetch = limit.saturating_add(1);
    let mut cursor = find
        .limit(i64::from(fetch))
        // More than the limit, so that the server answers in one reply and keeps no cursor.
        .batch_size(fetch.saturating_add(1))
        .max_time(PAGE_DEADLINE)
        .await?;
    let mut found = Found {
        items: Vec::new(),
        more: false,
        last_arrival: 0,
    };
    let mut seen = 0;
    while cursor.advance().await? {
        seen += 1;
        if seen == fetch {
            found.more = true;
            break;
        }
        let document = cursor.current();
        found.last_arrival = feed::arrival(document);
        found.items.extend(decode::stored(document));
    }
    Ok(found)
}

impl Store for MongoStore {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        self.insert_batch(batch).boxed()
    }

    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, Result<Page>> {
        self.query_page(query, now).boxed()
    }

    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        let collection = self.collection.clone();
        self.spawn(Action::Find, async move {
            let found = collection
                .find_one(filter::id(audit_id, now))
                .max_time(PAGE_DEADLINE)
                .await?;
            Ok(found.and_then(|document| decode::stored(&document)))
        })
        .boxed()
    }

    /// The server deletes by its TTL index.
    fn sweep(&self, _now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        let open = if self.closed.load(Ordering::Acquire) {
            Err(closed())
        } else {
            Ok(0)
        };
        futures::future::ready(open).boxed()
    }

    fn arrived<'a>(&'a self, after: Option<u64>, not_from: &'a str, limit: u32) -> BoxFuture<'a, Result<Arrived>> {
        self.arrived_page(after, not_from, limit).boxed()
    }

    fn late_arrivals(&self) -> Duration {
        LATE_ARRIVALS
    }

    fn rewound(&self, arrival: u64, by: Duration) -> u64 {
        feed::rewound(arrival, by)
    }

    fn reapply_retention<'a>(&'a self, retention: &'a RetentionPolicy) -> BoxFuture<'a, Result<u64>> {
        self.rewrite_expiry(retention).boxed()
    }

    fn size(&self) -> BoxFuture<'_, Result<Size>> {
        let collection = self.collection.clone();
        self.spawn(Action::Find, async move { size::of(&collection).await })
            .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            if !self.closed.swap(true, Ordering::AcqRel) && !self.is_shared {
                let client = self.client.clone();
                let shutdown = self
                    .runtime
                    .spawn(async move { client.shutdown().immediate(true).await });
                // A runtime that is going down takes the connections with it.
                let _ = shutdown.await;
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
