//! The SQLite store: one file, one thread that writes, others that read beside it (WAL).

mod examine;
mod file;
mod integrity;
mod search;
mod size;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use rusqlite::{Connection, ErrorCode, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use super::{Arrived, EncodedRecord, Inserted, Size, Store, closed};
use crate::error::{Code, Error, Result};
use crate::query::{Page, Query, StoredRecord};
use crate::retention::RetentionPolicy;
use crate::schema::{Record, Timestamp};

/// Threads that answer queries. Two, so that one slow question does not hold up the next.
const READERS: usize = 2;
/// Jobs that wait for a thread; past it callers wait in turn.
const WAITING_JOBS: usize = 64;
/// Records that one step of a sweep deletes, or of a change of retention looks at; inserts take their turn between steps.
const STEP: i64 = 500;

pub(super) use examine::examine;
pub use integrity::Integrity;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Keeps records in one SQLite file. Another process may read it at the same time.
///
/// All SQL runs on threads of the store's own, so polling never blocks and any executor will do.
pub struct SqliteStore {
    path: Arc<Path>,
    lanes: Mutex<Option<Lanes>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    check: integrity::Check,
    /// Fails to change once the last thread has let go of its connection.
    ended: watch::Receiver<()>,
}

#[derive(Clone)]
struct Lanes {
    writer: mpsc::Sender<Job>,
    readers: mpsc::Sender<Job>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the file, creating it (mode 0600) and its folder where they lack, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Code::StorePath`] that names the path when it cannot be created, written or is something else than a trail;
    /// [`Code::StoreTimeout`] when another process holds it locked.
    pub async fn open(path: &Path) -> Result<Self> {
        let path: Arc<Path> = path.into();
        // A host that changes its working directory later must not move the store.
        let absolute = std::path::absolute(&path).unwrap_or_else(|_| PathBuf::from(&*path));
        let was_left_open = integrity::was_left_open(&absolute);
        let (alive, ended) = watch::channel(());
        let alive = Arc::new(alive);
        let mut threads = Vec::with_capacity(READERS + 1);

        let (writer, jobs) = mpsc::channel(WAITING_JOBS);
        let (named, file) = (Arc::clone(&path), absolute.clone());
        threads.push(
            start_thread("tasktrail-writer", jobs, &alive, move || {
                file::open_for_writing(&named, &file)
            })
            .await?,
        );

        let (readers, jobs) = mpsc::channel(WAITING_JOBS);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..READERS {
            let (named, file) = (Arc::clone(&path), absolute.clone());
            let open = move || file::open_for_reading(&named, &file);
            threads.push(start_thread("tasktrail-reader", Arc::clone(&jobs), &alive, open).await?);
        }
        let lanes = Mutex::new(Some(Lanes { writer, readers }));
        let check = if was_left_open {
            integrity::Check::begin(&path, &absolute)
        } else {
            integrity::Check::none()
        };
        Ok(SqliteStore {
            path,
            lanes,
            threads: Mutex::new(threads),
            check,
            ended,
        })
    }

    /// Whether the file is sound. It is read through when it is opened as a crash has left it; damage is logged as well.
    pub fn integrity(&self) -> Integrity {
        self.check.state()
    }

    /// Runs `work` on a thread of the lane and waits for its answer.
    async fn run<T: Send + 'static>(
        &self,
        lane: impl FnOnce(Lanes) -> mpsc::Sender<Job>,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sender = lane(lanes.ok_or_else(closed)?);
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Nobody waits any more when the caller was dropped; the work is done all the same.
            let _ = reply.send(work(connection));
        });
        sender.send(job).await.map_err(|_| closed())?;
        answer.await.map_err(|_| Error::panicked("the SQLite store"))?
    }
}

/// Where a thread takes its jobs from: a channel of its own, or one that it shares.
trait Jobs: Send + 'static {
    fn next(&mut self) -> Option<Job>;
}

impl Jobs for mpsc::Receiver<Job> {
    fn next(&mut self) -> Option<Job> {
        self.blocking_recv()
    }
}

impl Jobs for Arc<Mutex<mpsc::Receiver<Job>>> {
    fn next(&mut self) -> Option<Job> {
        // The thread that holds the lock is the next to get a job; it works with the lock released.
        self.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
    }
}

async fn start_thread(
    name: &str,
    mut jobs: impl Jobs,
    alive: &Arc<watch::Sender<()>>,
    open: impl FnOnce() -> Result<Connection> + Send + 'static,
) -> Result<JoinHandle<()>> {
    let (ready, opened) = oneshot::channel();
    let alive = Arc::clone(alive);
    let body = move || {
        // Dropped last, when the connection is closed.
        let _alive = alive;
        let mut connection = match open() {
            Ok(connection) => connection,
            Err(error) => {
                let _ = ready.send(Err(error));
                return;
            }
        };
        let _ = ready.send(Ok(()));
        while let Some(job) = jobs.next() {
            // A transaction that was open rolls back while it unwinds; the caller learns of it by its dropped reply.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut connection)));
        }
    };
    let thread = std::thread::Builder::new()
        .name(name.into())
        .spawn(body)
        .map_err(|error| {
            Error::new(
                Code::StoreUnavailable,
                format!("the SQLite store cannot start a thread: {error}"),
            )
        })?;
    opened
        .await
        .map_err(|_| Error::panicked("opening the SQLite store"))??;
    Ok(thread)
}

// The conflict target is named, so that only a known id is passed over and any other constraint is an error.
const INSERT: &str = "INSERT INTO audit_history (audit_id, timestamp, workspace_id, origin_workspace_id, project_number, \
     task_id, session_id, run_id, operation_type, actor, outcome, expires_at, writer_id, doc) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (audit_id) DO NOTHING";

fn insert(connection: &mut Connection, path: &Path, batch: &[EncodedRecord]) -> Result<Inserted> {
    let failed = |error| file::failed(path, &error);
    let mut inserted = Inserted::default();
    // Immediate: the write lock is waited for here, not in the middle of the batch.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    {
        let mut statement = transaction.prepare_cached(INSERT).map_err(failed)?;
        for (position, encoded) in batch.iter().enumerate() {
            let record = encoded.record();
            let Ok(project_number) = record.project_number.map(i64::try_from).transpose() else {
                let error = Error::new(Code::StoreFailed, "`project_number` is larger than the store can keep");
                inserted.refused.push((position, error.with_field("project_number")));
                continue;
            };
            let outcome = statement.execute(params![
                record.audit_id.as_bytes(),
                record.timestamp.millis(),
                record.workspace_id,
                // Only where it differs, so that a workspace's two index ranges never hold the same record.
                record.scopes().nth(1),
                project_number,
                record.task_id,
                record.session_id,
                record.run_id,
                record.operation_type,
                record.actor,
                record.outcome.as_str(),
                record.expires_at.map(Timestamp::millis),
                record.writer_id,
                encoded.json(),
            ]);
            match outcome {
                Ok(0) => inserted.duplicates += 1,
                Ok(_) => inserted.stored += 1,
                // These undo their own statement only; the rest of the batch goes on.
                Err(error) if is_the_rows_fault(&error) => inserted.refused.push((position, failed(error))),
                Err(error) => return Err(failed(error)),
            }
        }
    }
    transaction.commit().map_err(failed)?;
    Ok(inserted)
}

fn is_the_rows_fault(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::ConstraintViolation
                | ErrorCode::TooBig
                | ErrorCode::TypeMismatch
                | ErrorCode::ParameterOutOfRange
        )
    )
}

fn sweep_step(connection: &mut Connection, path: &Path, now: Timestamp) -> Result<u64> {
    let failed = |error| file::failed(path, &error);
    let swept = connection
        .prepare_cached(
            "DELETE FROM audit_history WHERE arrival IN \
             (SELECT arrival FROM audit_history WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
        )
        .and_then(|mut statement| statement.execute(params![now.millis(), STEP]))
        .map_err(failed)?;
    if swept > 0 {
        // Gives the freed pages back to the file system a little at a time.
        let mut vacuum = connection
            .prepare_cached("PRAGMA incremental_vacuum(1000)")
            .map_err(failed)?;
        let mut rows = vacuum.query([]).map_err(failed)?;
        while rows.next().map_err(failed)?.is_some() {}
    }
    Ok(swept as u64)
}

/// Gives some records behind an arrival the expiry that the policy says; answers how far it came and how many it changed, or `None`
/// at the end. The expiry is in the record's text as well.
fn reapply_step(
    connection: &mut Connection,
    path: &Path,
    retention: &RetentionPolicy,
    after: i64,
) -> Result<Option<(i64, u64)>> {
    let failed = |error| file::failed(path, &error);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let rows: Vec<(i64, String)> = transaction
        .prepare_cached("SELECT arrival, doc FROM audit_history WHERE arrival > ?1 ORDER BY arrival LIMIT ?2")
        .and_then(|mut select| {
            let rows = select.query_map([after, STEP], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
        .map_err(failed)?;
    let Some((reached, _)) = rows.last() else {
        return Ok(None);
    };
    let (reached, mut changed) = (*reached, 0);
    {
        let mut update = transaction
            .prepare_cached("UPDATE audit_history SET expires_at = ?2, doc = ?3 WHERE arrival = ?1")
            .map_err(failed)?;
        for (arrival, doc) in rows {
            // What cannot be read keeps the expiry that it has.
            let Ok(mut record) = Record::from_json(&doc) else {
                continue;
            };
            let expires_at = retention.expires_at(&record);
            if record.expires_at != expires_at {
                record.expires_at = expires_at;
                update
                    .execute(params![arrival, expires_at.map(Timestamp::millis), record.to_json()])
                    .map_err(failed)?;
                changed += 1;
            }
        }
    }
    transaction.commit().map_err(failed)?;
    Ok(Some((reached, changed)))
}

impl Store for SqliteStore {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        async move {
            // Clones share the records; whoever asked may be gone before the thread is done with them.
            let batch = batch.to_vec();
            for encoded in &batch {
                // Written out here, beside the batch before, rather than on the one thread that all inserts wait for.
                encoded.json();
            }
            let path = Arc::clone(&self.path);
            self.run(
                |lanes| lanes.writer,
                move |connection| insert(connection, &path, &batch),
            )
            .await
        }
        .boxed()
    }

    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, Result<Page>> {
        async move {
            let (path, query) = (Arc::clone(&self.path), query.clone());
            self.run(
                |lanes| lanes.readers,
                move |connection| search::page(connection, &path, &query, now),
            )
            .await
        }
        .boxed()
    }

    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        async move {
            let path = Arc::clone(&self.path);
            self.run(
                |lanes| lanes.readers,
                move |connection| search::one(connection, &path, audit_id, now),
            )
            .await
        }
        .boxed()
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        async move {
            let mut total = 0;
            loop {
                let path = Arc::clone(&self.path);
                let step = self
                    .run(
                        |lanes| lanes.writer,
                        move |connection| sweep_step(connection, &path, now),
                    )
                    .await?;
                total += step;
                if step < STEP.unsigned_abs() {
                    return Ok(total);
                }
            }
        }
        .boxed()
    }

    fn arrived<'a>(&'a self, after: Option<u64>, not_from: &'a str, limit: u32) -> BoxFuture<'a, Result<Arrived>> {
        async move {
            let (path, not_from) = (Arc::clone(&self.path), not_from.to_owned());
            self.run(
                |lanes| lanes.readers,
                move |connection| search::arrived(connection, &path, after, &not_from, limit),
            )
            .await
        }
        .boxed()
    }

    fn reapply_retention<'a>(&'a self, retention: &'a RetentionPolicy) -> BoxFuture<'a, Result<u64>> {
        async move {
            let (mut after, mut changed) = (0, 0);
            loop {
                let (path, retention) = (Arc::clone(&self.path), retention.clone());
                let step = self
                    .run(
                        |lanes| lanes.writer,
                        move |connection| reapply_step(connection, &path, &retention, after),
                    )
                    .await?;
                match step {
                    Some((reached, step)) => (after, changed) = (reached, changed + step),
                    None => return Ok(changed),
                }
            }
        }
        .boxed()
    }

    fn size(&self) -> BoxFuture<'_, Result<Size>> {
        async move {
            let path = Arc::clone(&self.path);
            self.run(|lanes| lanes.readers, move |connection| size::of(connection, &path))
                .await
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            // Without senders the threads finish what is queued and end.
            self.lanes.lock().unwrap_or_else(PoisonError::into_inner).take();
            self.check.end();
            let mut ended = self.ended.clone();
            while ended.changed().await.is_ok() {}
            let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
            for thread in threads {
                // Past its last statement already: there is nothing to wait for.
                let _ = thread.join();
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        // No runtime: the store must work under any executor.
        futures::executor::block_on(future)
    }

    fn batch(range: std::ops::Range<u128>) -> Vec<EncodedRecord> {
        range
            .map(|number| EncodedRecord::new(sample(Uuid::from_u128(number), number as i64)))
            .collect()
    }

    #[test]
    fn one_refused_row_does_not_keep_the_others_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        block_on(async {
            let store = SqliteStore::open(&path).await.unwrap();
            let rule = "CREATE TRIGGER no_bad BEFORE INSERT ON audit_history WHEN NEW.actor = 'bad' \
                        BEGIN SELECT RAISE(ABORT, 'not this one'); END";
            Connection::open(&path).unwrap().execute_batch(rule).unwrap();
            let mut records = batch(1..6);
            let mut bad = sample(Uuid::from_u128(100), 1);
            bad.actor = "bad".into();
            records.insert(2, EncodedRecord::new(bad));
            let mut huge = sample(Uuid::from_u128(101), 1);
            huge.project_number = Some(u64::MAX);
            records.push(EncodedRecord::new(huge));
            let inserted = store.insert(&records).await.unwrap();
            assert_eq!((inserted.stored, inserted.duplicates), (5, 0));
            let refused: Vec<_> = inserted.refused.iter().map(|(position, _)| *position).collect();
            assert_eq!(refused, [2, 6]);
            assert!(
                inserted.refused[0].1.to_string().contains("not this one"),
                "{}",
                inserted.refused[0].1
            );
            assert_eq!(
                store
                    .query(&Query::default(), Timestamp::default())
                    .await
                    .unwrap()
                    .total,
                5
            );
            store.close().await;
        });
    }

    #[test]
    fn a_lock_held_by_another_process_ends_as_a_timeout_that_can_be_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        block_on(async {
            let store = SqliteStore::open(&path).await.unwrap();
            let other = Connection::open(&path).unwrap();
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            let error = store.insert(&batch(1..2)).await.unwrap_err();
            assert_eq!(
                (error.code(), error.is_retryable()),
                (Code::StoreTimeout, true),
                "{error}"
            );
            // Readers do not wait for the writer.
            assert_eq!(
                store
                    .query(&Query::default(), Timestamp::default())
                    .await
                    .unwrap()
                    .total,
                0
            );
            other.execute_batch("COMMIT").unwrap();
            assert_eq!(store.insert(&batch(1..2)).await.unwrap().stored, 1);
        });
    }

    #[test]
    fn a_full_disk_can_be_tried_again_and_keeps_nothing_of_the_batch() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        block_on(async {
            let store = SqliteStore::open(&path).await.unwrap();
            let limit = |pages: u32| {
                store.run(
                    |lanes| lanes.writer,
                    move |connection| {
                        connection.pragma_update(None, "max_page_count", pages).unwrap();
                        Ok(())
                    },
                )
            };
            limit(40).await.unwrap();
            let error = store.insert(&batch(0..2_000)).await.unwrap_err();
            assert_eq!(
                (error.code(), error.is_retryable()),
                (Code::StoreUnavailable, true),
                "{error}"
            );
            assert_eq!(
                store
                    .query(&Query::default(), Timestamp::default())
                    .await
                    .unwrap()
                    .total,
                0
            );
            limit(1_000_000).await.unwrap();
            assert_eq!(store.insert(&batch(0..2_000)).await.unwrap().stored, 2_000);
        });
    }

    #[test]
    fn a_panic_in_a_job_is_contained() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        block_on(async {
            let store = SqliteStore::open(&path).await.unwrap();
            let error = store
                .run(|lanes| lanes.writer, |_| -> Result<()> { panic!("boom") })
                .await
                .unwrap_err();
            assert_eq!(error.code(), Code::Panic);
            assert_eq!(store.insert(&batch(1..3)).await.unwrap().stored, 2);
        });
    }

    #[test]
    fn close_ends_the_threads_and_drop_alone_does_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        block_on(async {
            let store = SqliteStore::open(&path).await.unwrap();
            store.insert(&batch(1..3)).await.unwrap();
            tokio::join!(store.close(), store.close());
            assert_eq!(store.insert(&batch(1..3)).await.unwrap_err().code(), Code::Closed);
            // The last connection folds the log into the file and removes it.
            assert!(!folder.path().join("audit.db-wal").exists());

            let store = SqliteStore::open(&path).await.unwrap();
            let mut ended = store.ended.clone();
            drop(store);
            while ended.changed().await.is_ok() {}
        });
    }
}
