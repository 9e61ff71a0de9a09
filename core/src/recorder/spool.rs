//! The spool: the outbox on disk that takes records while the store cannot, and those that must be on disk first.
//!
//! A folder; each open trail owns one SQLite file in it, `<writer>.spool`, for as long as it holds the lock on `<writer>.lock`. A file whose
//! lock can be had belongs to nobody any more, and whoever finds it empties it into the store. All SQL of a file runs on one thread:
//! what waits there at the same time is committed together, with one sync for all.

mod file;
mod folder;
mod inspect;
mod left;
mod log;
mod place;
mod row;
mod salvage;
#[cfg(test)]
mod tests;
mod thread;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use tokio::sync::oneshot;

use super::fates::DeadLetter;
use super::gaps::{Gap, Reason};
use crate::error::{Code, Error, Result};
use crate::store::EncodedRecord;
use crate::trail::WhenFull;

use folder::Lock;
pub(crate) use inspect::drain_for;
pub use inspect::{Drained, SpoolCheck, SpoolFile, SpoolState, check, drain, list};
pub(crate) use left::{leave, note_nothing, something_waits};
pub use place::default_folder;
use thread::{Job, Worker};

/// Jobs that wait for the thread; there are never as many tasks that could ask for more.
const JOBS: usize = 1_024;

/// Files that hold nothing but dead letters; the oldest of more are deleted.
const DEAD_FILES: usize = 16;

/// What a spool is told when it is opened.
#[derive(Debug, Clone)]
pub(crate) struct SpoolSettings {
    /// Where the files are; created where it lacks.
    pub(crate) folder: PathBuf,
    /// Whose file.
    pub(crate) writer_id: String,
    /// Bytes of records that the file may hold.
    pub(crate) max_bytes: u64,
    /// What gives way then.
    pub(crate) when_full: WhenFull,
}

/// What became of a batch that was appended.
#[derive(Debug)]
pub(crate) struct Appended {
    /// Row of the first record; the others follow without a gap.
    pub(crate) first_row: u64,
    /// Rows that had to go to make room.
    pub(crate) dropped: Vec<DroppedRow>,
}

/// A row that had to go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DroppedRow {
    pub(crate) row: u64,
    /// Number of its record.
    pub(crate) seq: u64,
}

/// A row whose record cannot be read any more; it is kept as a dead letter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DamagedRow {
    pub(crate) row: u64,
    /// Number of its record, where that can be read.
    pub(crate) seq: Option<u64>,
}

/// Rows in their order.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) rows: Vec<(u64, EncodedRecord)>,
    pub(crate) damaged: Vec<DamagedRow>,
}

/// What the file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) rows: u64,
    /// Bytes of the records' texts.
    pub(crate) bytes: u64,
}

/// What handle and thread share.
#[derive(Debug, Default)]
struct Shared {
    rows: AtomicU64,
    bytes: AtomicU64,
    refuses: AtomicBool,
    /// Rows that the store has, to be removed with the next commit.
    removals: Mutex<Vec<u64>>,
    is_tidying: AtomicBool,
}

/// One file of the spool. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Spool {
    folder: Arc<Path>,
    jobs: mpsc::SyncSender<Job>,
    shared: Arc<Shared>,
}

impl Spool {
    /// Makes and owns a file in the folder.
    ///
    /// # Errors
    /// [`Code::SpoolPath`] naming the folder that cannot be created or written, [`Code::SpoolFailed`].
    pub(crate) async fn open(settings: SpoolSettings) -> Result<Self> {
        on_a_thread("opening the spool", move || {
            let lock = Lock::make(&settings.folder, &settings.writer_id)?;
            let path = folder::file_of(&settings.folder, &settings.writer_id);
            let file = file::File::create(&path, &settings.writer_id)?;
            lock.note_made()
                .map_err(|error| folder::unusable(&settings.folder, &error))?;
            Self::start(settings, lock, file)
        })
        .await
    }

    fn start(settings: SpoolSettings, lock: Lock, file: file::File) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let (jobs, waiting) = mpsc::sync_channel(JOBS);
        let folder: Arc<Path> = settings.folder.as_path().into();
        let worker = Worker::new(settings, lock, file, Arc::clone(&shared))?;
        std::thread::Builder::new()
            .name("tasktrail-spool".into())
            .spawn(move || worker.run(&waiting))
            .map_err(|error| failed(format!("the spool cannot start a thread: {error}")))?;
        Ok(Spool { folder, jobs, shared })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Appends a batch. `safe_through` is the number of its owner up to which all have found their place elsewhere. Resolves once it is on disk; all that waits for the disk at the same time shares one sync.
    ///
    /// # Errors
    /// [`Code::SpoolFull`] when it does not fit (all of it or nothing), [`Code::SpoolFailed`] when the disk refuses.
    pub(crate) fn append(
        &self,
        records: Arc<[EncodedRecord]>,
        safe_through: u64,
    ) -> impl Future<Output = Result<Appended>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Append {
            records,
            safe_through,
            reply,
        };
        answered(self.jobs.try_send(job), answer)
    }

    /// The disk does not answer: until it has, it takes no writes.
    pub(crate) fn hangs(&self) {
        self.shared.refuses.store(true, Relaxed);
    }

    /// The store has these rows: they go with the next commit, or within a moment. Never waits.
    pub(crate) fn remove(&self, rows: &[u64]) {
        self.removals().extend_from_slice(rows);
        if !self.shared.is_tidying.swap(true, Relaxed) && self.jobs.try_send(Job::Tidy).is_err() {
            // The thread is busy or gone; the rows wait for the next commit or the next owner.
            self.shared.is_tidying.store(false, Relaxed);
        }
    }

    fn removals(&self) -> std::sync::MutexGuard<'_, Vec<u64>> {
        self.shared.removals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows behind `after`, oldest first: at most `limit`, and no more than `max_bytes` unless the first alone has more.
    ///
    /// # Errors
    /// [`Code::SpoolFailed`].
    pub(crate) async fn read(&self, after: u64, limit: usize, max_bytes: usize) -> Result<Read> {
        self.ask(|reply| Job::Read {
            after,
            limit,
            max_bytes,
            reply,
        })
        .await
    }

    /// Keeps a record that the store refuses, with the reason. Never waits.
    pub(crate) fn dead_letter(&self, record: EncodedRecord, letter: &DeadLetter) {
        // What is lost here is the text of the record; the refusal was logged and counted.
        let _ = self.jobs.try_send(Job::DeadLetter(record, letter.clone()));
    }

    /// What the file holds.
    pub(crate) fn usage(&self) -> Usage {
        Usage {
            rows: self.shared.rows.load(Relaxed),
            bytes: self.shared.bytes.load(Relaxed),
        }
    }

    /// Whether the last append went well.
    pub(crate) fn takes_writes(&self) -> bool {
        !self.shared.refuses.load(Relaxed)
    }

    /// Lets go of the file: it is deleted when it holds nothing, and left to whoever opens the folder next otherwise. `lost_after` is the
    /// number behind which its owner has lost some; none says that it lost nothing.
    ///
    /// # Errors
    /// [`Code::SpoolFailed`].
    pub(crate) async fn close(self, lost_after: Option<u64>) -> Result<()> {
        self.ask(|reply| Job::Close { lost_after, reply }).await
    }

    fn ask<T: Send + 'static, J: FnOnce(oneshot::Sender<Result<T>>) -> Job>(
        &self,
        job: J,
    ) -> impl Future<Output = Result<T>> + Send + use<T, J> {
        let (reply, answer) = oneshot::channel();
        answered(self.jobs.try_send(job(reply)), answer)
    }
}

async fn answered<T>(sent: Result<(), mpsc::TrySendError<Job>>, answer: oneshot::Receiver<Result<T>>) -> Result<T> {
    match sent {
        Ok(()) => answer.await.map_err(|_| gone())?,
        Err(mpsc::TrySendError::Full(_)) => Err(failed("the spool is too busy; try again")),
        Err(mpsc::TrySendError::Disconnected(_)) => Err(gone()),
    }
}

/// A file whose owner is gone.
#[derive(Debug)]
pub(crate) struct Adopted {
    spool: Spool,
    found: file::Found,
}

impl Adopted {
    /// Whose it was.
    pub(crate) fn writer_id(&self) -> &str {
        &self.found.writer_id
    }

    /// Rows that it holds.
    pub(crate) fn rows(&self) -> u64 {
        self.spool.usage().rows
    }

    /// Rows that were damaged beyond reading; `None` when nobody knows how many.
    pub(crate) fn lost(&self) -> Option<u64> {
        self.found.lost
    }

    /// What is to be told of its owner's end.
    pub(crate) fn untold(&self) -> Vec<Gap> {
        let gap = |from_seq, count, reason| Gap {
            writer_id: self.writer_id().to_owned(),
            from_seq,
            to_seq: None,
            count,
            reason,
        };
        // Some of all that were ever on this disk.
        let lost = (self.found.lost != Some(0)).then(|| gap(1, self.found.lost, Reason::SpoolDamaged));
        let unclean = (!self.found.is_clean).then(|| gap(self.found.safe_seq + 1, None, Reason::UncleanStop));
        lost.into_iter().chain(unclean).collect()
    }

    /// As [`Spool::read`].
    pub(crate) async fn read(&self, after: u64, limit: usize, max_bytes: usize) -> Result<Read> {
        self.spool.read(after, limit, max_bytes).await
    }

    /// Removes rows that the store has.
    pub(crate) async fn remove(&self, rows: &[u64]) -> Result<()> {
        self.spool.remove(rows);
        self.spool.ask(Job::RemoveNow).await
    }

    /// As [`Spool::dead_letter`].
    fn dead_letter(&self, record: EncodedRecord, letter: &DeadLetter) {
        self.spool.dead_letter(record, letter);
    }

    /// Deletes the emptied file. One with dead letters is kept for people to read.
    pub(crate) async fn finish(self) -> Result<()> {
        self.spool.close(None).await
    }
}

/// Takes over the file of a dead owner, if there is one.
///
/// # Errors
/// [`Code::SpoolPath`] when the folder cannot be read. A single file that cannot be opened is passed over, and said.
pub(crate) async fn adopt_next(folder: &Path, own_writer_id: &str) -> Result<Option<Adopted>> {
    let (folder, own) = (folder.to_owned(), own_writer_id.to_owned());
    on_a_thread("adopting a file of the spool", move || {
        let mut letters_only = Vec::new();
        for writer_id in folder::writers(&folder)? {
            if writer_id == own {
                continue;
            }
            let path = folder::file_of(&folder, &writer_id);
            // One file that cannot be had does not keep the others from being emptied.
            let left_alone = |error: &Error| {
                tracing::warn!(target: "tasktrail", writer_id, code = error.code().as_str(), "a file of the audit spool was left alone: {error}");
            };
            let lock = match Lock::take_over(&folder, &writer_id) {
                Ok(Some(lock)) => lock,
                Ok(None) => continue,
                Err(error) => {
                    left_alone(&error);
                    continue;
                }
            };
            match file::File::adopt(&path, &writer_id, lock.was_made()) {
                // All that is left to it are dead letters, for people to read.
                Ok((file, found)) if file.usage().rows == 0 && found.is_clean && file.dead_letters() > 0 => {
                    let written = path.metadata().and_then(|metadata| metadata.modified()).ok();
                    letters_only.push((written, file, lock));
                }
                Ok((file, found)) => {
                    let settings = SpoolSettings {
                        folder: folder.clone(),
                        writer_id,
                        max_bytes: u64::MAX,
                        when_full: WhenFull::Keep,
                    };
                    let spool = Spool::start(settings, lock, file)?;
                    return Ok(Some(Adopted { spool, found }));
                }
                Err(error) => left_alone(&error),
            }
        }
        letters_only.sort_by_key(|(written, ..)| std::cmp::Reverse(*written));
        for (_, file, lock) in letters_only.into_iter().skip(DEAD_FILES) {
            file.delete().map_err(|error| folder::unusable(&folder, &error))?;
            lock.delete();
        }
        Ok(None)
    })
    .await
}

/// Runs something that blocks, on a thread that is there for nothing else; any executor may wait for it.
fn on_a_thread<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> impl Future<Output = Result<T>> + Send {
    let (reply, answer) = oneshot::channel();
    let started = std::thread::Builder::new()
        .name("tasktrail-spool-io".into())
        .spawn(move || {
            // Nobody waits any more when the caller was dropped.
            let _ = reply.send(super::quietly(work));
        });
    async move {
        started.map_err(|error| failed(format!("{what} needs a thread: {error}")))?;
        answer.await.map_err(|_| Error::panicked(what))?
    }
}

fn failed(message: impl Into<String>) -> Error {
    Error::new(Code::SpoolFailed, message)
}

/// The answer for a disk that gives none.
pub(crate) fn hangs() -> Error {
    failed("the disk of the spool does not answer")
}

fn gone() -> Error {
    failed("the spool is closed")
}
