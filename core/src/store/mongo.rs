//! The MongoDB store: one collection, `audit_history`.

mod decode;
mod encode;
mod fault;
mod filter;
mod index;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use mongodb::bson::{RawDocumentBuf, doc};
use mongodb::error::ErrorKind;
use mongodb::options::{Acknowledgment, ClientOptions};
use mongodb::{Client, Collection};
use tokio::runtime::Handle;
use uuid::Uuid;

pub(super) use encode::document;

use super::{EncodedRecord, Inserted, Store, StoreUrl, closed, page};
use crate::error::{Code, Error, Result};
use crate::query::{Page, Query, StoredRecord, TOTAL_CAP};
use crate::schema::Timestamp;

/// Database when the URL names none.
const DEFAULT_DATABASE: &str = "tasktrail";
const COLLECTION: &str = "audit_history";
/// How long to look for a server, and to wait for a connection, when the URL does not say.
const REACH_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a majority may take to acknowledge a batch when the URL does not say; the batch can be sent again.
const ACKNOWLEDGE_TIMEOUT: Duration = Duration::from_secs(10);
/// A page that takes longer is given up, so that a filter without an index cannot hold the server for ever.
const PAGE_DEADLINE: Duration = Duration::from_secs(10);
/// A total that takes longer is answered as a lower bound.
const COUNT_DEADLINE: Duration = Duration::from_secs(2);
/// Opening goes on without indexes that take longer; the server finishes them.
const INDEX_PATIENCE: Duration = Duration::from_secs(2);
/// A larger document is never accepted by a server.
const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

/// Keeps records in the collection `audit_history` of a MongoDB database.
///
/// The driver's futures are never dropped midway: each call runs as a task of the runtime that opened the store,
/// so a caller that gives up waiting harms no connection.
#[derive(Debug)]
pub struct MongoStore {
    client: Client,
    collection: Collection<RawDocumentBuf>,
    hosts: String,
    runtime: Handle,
    closed: AtomicBool,
}

impl MongoStore {
    /// Connects, asks the server for a sign of life, and sees to the indexes.
    ///
    /// The database is the URL's path, or `tasktrail`. What the URL leaves open: servers are looked for and connected to
    /// for 3 s, and writes are acknowledged by a majority within 10 s.
    ///
    /// # Errors
    /// [`Code::UrlInvalid`] for a malformed URL, [`Code::StoreUnavailable`] with the hosts when none of them answers,
    /// [`Code::StoreFailed`] when the server refuses user or password. No message repeats a password.
    pub async fn open(url: &str) -> Result<Self> {
        let runtime = Handle::try_current()
            .map_err(|_| Error::new(Code::StoreFailed, "a MongoDB store is opened inside a tokio runtime"))?;
        let options = parse(url).await?;
        let hosts = options
            .hosts
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(",");
        let name = options
            .default_database
            .clone()
            .unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
        let anonymous = options.credential.is_none();
        let client = Client::with_options(options).map_err(|error| fault::of(&error, &hosts))?;
        let database = client.database(&name);
        let collection = database.collection(COLLECTION);
        let store = MongoStore {
            client,
            collection,
            hosts,
            runtime,
            closed: AtomicBool::new(false),
        };

        let ping = store
            .spawn(async move { database.run_command(doc! { "ping": 1 }).await })
            .await;
        if let Err(error) = ping {
            store.close().await;
            return Err(error);
        }
        let indexes = store.runtime.spawn(index::reconcile(store.collection.clone()));
        // Dropping the handle leaves the task running.
        let checked = tokio::time::timeout(INDEX_PATIENCE, indexes).await;
        if anonymous && let Ok(Ok(index::Checked::NotAllowed)) = checked {
            let message = format!(
                "MongoDB at {} asks for a user; name one in the URL, mongodb://user:password@host/database",
                store.hosts
            );
            store.close().await;
            return Err(Error::new(Code::StoreFailed, message));
        }
        Ok(store)
    }

    /// Runs a driver call as a task of its own and waits for it.
    async fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
    ) -> Result<T> {
        match self.attempt(work).await? {
            Ok(value) => Ok(value),
            Err(error) => Err(fault::of(&error, &self.hosts)),
        }
    }

    async fn attempt<T: Send + 'static>(
        &self,
        work: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
    ) -> Result<mongodb::error::Result<T>> {
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
        let mut inserted = Inserted::default();
        let mut documents = Vec::with_capacity(batch.len());
        let mut positions = Vec::with_capacity(batch.len());
        for (position, encoded) in batch.iter().enumerate() {
            match document(&encoded.record) {
                Ok(document) if document.as_bytes().len() <= MAX_DOCUMENT_BYTES => {
                    documents.push(document);
                    positions.push(position);
                }
                Ok(_) => {
                    let error = Error::new(
                        Code::StoreFailed,
                        "the record is larger than a MongoDB document may be (16 MiB)",
                    );
                    inserted.refused.push((position, error));
                }
                Err(error) => inserted.refused.push((position, error)),
            }
        }
        if documents.is_empty() {
            return Ok(inserted);
        }
        let sent = documents.len();
        let collection = self.collection.clone();
        let outcome = self
            .attempt(async move { collection.insert_many(documents).ordered(false).await })
            .await?;
        let Err(error) = outcome else {
            inserted.stored = sent;
            return Ok(inserted);
        };
        let ErrorKind::InsertMany(failure) = &*error.kind else {
            return Err(fault::of(&error, &self.hosts));
        };
        if failure.write_concern_error.is_some() {
            // Some of it may be undone by a failover: the whole batch comes again, with the same ids.
            return Err(fault::of(&error, &self.hosts));
        }
        let write_errors = failure.write_errors.as_deref().unwrap_or_default();
        for write_error in write_errors {
            if fault::is_duplicate(write_error) {
                inserted.duplicates += 1;
            } else if fault::is_passing(write_error.code) {
                return Err(fault::passing(&write_error.message, &self.hosts));
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
        let (selection, count) = (filter::page(query, now), filter::matching(query, now));
        let fetch = i64::from(query.limit) + 1;
        let offset = query.offset;
        let found = async move {
            let page = async {
                let mut cursor = collection
                    .find(selection.filter)
                    .sort(selection.sort)
                    .skip(offset)
                    .limit(fetch)
                    // More than the limit, so that the server answers in one reply and keeps no cursor.
                    .batch_size(u32::try_from(fetch).unwrap_or(u32::MAX).saturating_add(1))
                    .max_time(PAGE_DEADLINE)
                    .await?;
                let mut items = Vec::new();
                let mut seen = 0;
                while cursor.advance().await? {
                    seen += 1;
                    if seen < fetch {
                        items.extend(decode::stored(cursor.current()));
                    }
                }
                Ok((items, seen == fetch))
            };
            let count = collection
                .count_documents(count)
                .limit(TOTAL_CAP + 1)
                .max_time(COUNT_DEADLINE);
            let (page, count) = tokio::join!(page, count.into_future());
            page.map(|page| (page, count))
        };
        let ((items, more), count) = self.spawn(found).await?;
        let total = match count {
            Ok(total) => Some(total),
            Err(error) if fault::is_out_of_time(&error) => None,
            Err(error) => return Err(fault::of(&error, &self.hosts)),
        };
        Ok(page(query, items, more, total))
    }
}

async fn parse(url: &str) -> Result<ClientOptions> {
    let mut options = match ClientOptions::parse(url).await {
        Ok(options) => options,
        Err(error) => return Err(invalid_url(url, &error).await),
    };
    options.server_selection_timeout.get_or_insert(REACH_TIMEOUT);
    options.connect_timeout.get_or_insert(REACH_TIMEOUT);
    options.app_name.get_or_insert_with(|| "tasktrail".to_owned());
    let concern = options.write_concern.get_or_insert_default();
    concern.w.get_or_insert(Acknowledgment::Majority);
    concern.w_timeout.get_or_insert(ACKNOWLEDGE_TIMEOUT);
    Ok(options)
}

/// Explains a URL that the driver does not take, from a copy without user and password, so that neither can be repeated.
async fn invalid_url(url: &str, error: &mongodb::error::Error) -> Error {
    let (scheme, rest) = url.split_once("://").unwrap_or(("mongodb", url));
    // An unescaped `/`, `?` or `@` in the password moves every other boundary; the last `@` is behind it in any case.
    let bare = rest.rsplit_once('@').map_or(rest, |(_, behind)| behind);
    if let ErrorKind::DnsResolve { .. } = &*error.kind {
        let host = StoreUrl::Mongodb {
            url: format!("{scheme}://{bare}"),
        };
        return Error::new(
            Code::StoreUnavailable,
            format!("the servers of {host} cannot be looked up in DNS"),
        );
    }
    let reason = match ClientOptions::parse(format!("{scheme}://{bare}")).await {
        Err(error) => fault::text(&error),
        Ok(_) => "user name and password must be percent-encoded (/ ? @ : % and the like)".to_owned(),
    };
    Error::new(Code::UrlInvalid, format!("the MongoDB URL is not valid: {reason}")).with_field("url")
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
        self.spawn(async move {
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

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            if !self.closed.swap(true, Ordering::AcqRel) {
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
