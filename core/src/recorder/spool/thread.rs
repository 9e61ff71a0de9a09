//! The thread of one file: takes what waits, commits it together, answers.

use std::collections::HashSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError, mpsc};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::oneshot;

use super::file::{File, Step, Trouble};
use super::folder::Lock;
use super::{Appended, DamagedRow, Read, Shared, SpoolSettings, failed, gone};
use crate::error::{Code, Error, Result};
use crate::recorder::fates::DeadLetter;
use crate::recorder::quiet::quietly;
use crate::store::EncodedRecord;
use crate::trail::WhenFull;

/// How long rows that may go wait for another commit to go with.
const TIDY_AFTER: Duration = Duration::from_millis(100);
/// A disk that refused is asked again after so long.
const REOPEN_AFTER: Duration = Duration::from_millis(500);
/// Jobs that are committed together at most.
const GROUP: usize = 256;

type Reply<T> = oneshot::Sender<Result<T>>;

pub(super) enum Job {
    Append {
        records: Arc<[EncodedRecord]>,
        safe_through: u64,
        reply: Reply<Appended>,
    },
    Read {
        after: u64,
        limit: usize,
        max_bytes: usize,
        reply: Reply<Read>,
    },
    DeadLetter(EncodedRecord, DeadLetter),
    /// There are rows to remove.
    Tidy,
    RemoveNow(Reply<()>),
    Close {
        lost_after: Option<u64>,
        reply: Reply<()>,
    },
}

pub(super) struct Worker {
    settings: SpoolSettings,
    lock: Lock,
    /// Gone while the disk refuses to have it replaced.
    file: Option<File>,
    shared: Arc<Shared>,
    tidy_at: Option<Instant>,
    /// The disk has refused; until then it is not asked again.
    rests_until: Option<Instant>,
}

impl Worker {
    pub(super) fn new(settings: SpoolSettings, lock: Lock, file: File, shared: Arc<Shared>) -> Result<Self> {
        let worker = Worker {
            settings,
            lock,
            file: Some(file),
            shared,
            tidy_at: None,
            rests_until: None,
        };
        worker.tell();
        Ok(worker)
    }

    pub(super) fn run(mut self, waiting: &mpsc::Receiver<Job>) {
        quietly(|| {
            loop {
                let first = match self.tidy_at {
                    None => waiting.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
                    Some(at) => waiting.recv_timeout(at.saturating_duration_since(Instant::now())),
                };
                match first {
                    Ok(first) => {
                        // What waits now shares one sync.
                        let jobs: Vec<Job> = std::iter::once(first).chain(waiting.try_iter().take(GROUP)).collect();
                        if let Some((lost_after, reply)) = self.serve(jobs) {
                            // Nobody waits any more when the caller was dropped.
                            let _ = reply.send(self.close(lost_after));
                            return;
                        }
                    }
                    Err(mpsc::RecvTimeoutError::Timeout) => self.tidy(),
                    // The owner is gone without a word: its rows stay for the next.
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                }
            }
        });
    }

    /// Does what is asked; answers who wants it closed.
    fn serve(&mut self, jobs: Vec<Job>) -> Option<(Option<u64>, Reply<()>)> {
        let (mut appends, mut letters, mut others) = (Vec::new(), Vec::new(), Vec::new());
        let mut safe_through = 0;
        for job in jobs {
            match job {
                Job::Append {
                    records,
                    safe_through: through,
                    reply,
                } => {
                    safe_through = safe_through.max(through);
                    appends.push((records, reply));
                }
                Job::DeadLetter(record, letter) => letters.push((record, letter)),
                other => others.push(other),
            }
        }
        if !appends.is_empty() || !letters.is_empty() {
            self.append(appends, safe_through, &letters);
        }
        let mut closing = None;
        for job in others {
            match job {
                Job::Read {
                    after,
                    limit,
                    max_bytes,
                    reply,
                } => {
                    let _ = reply.send(self.read(after, limit, max_bytes));
                }
                Job::Tidy => self.tidy_at = Some(Instant::now() + TIDY_AFTER),
                Job::RemoveNow(reply) => {
                    let _ = reply.send(self.remove());
                }
                Job::Close { lost_after, reply } => closing = Some((lost_after, reply)),
                Job::Append { .. } | Job::DeadLetter(..) => {}
            }
        }
        closing
    }

    fn take_removals(&mut self) -> Vec<u64> {
        self.tidy_at = None;
        let rows = std::mem::take(&mut *self.shared.removals.lock().unwrap_or_else(PoisonError::into_inner));
        // From here on who removes asks for the next commit.
        self.shared.is_tidying.store(false, Relaxed);
        rows
    }

    fn put_removals_back(&self, rows: Vec<u64>) {
        self.shared
            .removals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(rows);
    }

    /// Makes a step of changes; a file that is found damaged is replaced, and the step made again.
    fn write<T>(&mut self, is_synced: bool, mut work: impl FnMut(&mut Step<'_>) -> rusqlite::Result<T>) -> Result<T> {
        if self.rests_until.is_some_and(|until| Instant::now() < until) {
            return Err(failed(
                "the disk of the spool refused a moment ago; it is tried again soon",
            ));
        }
        for _ in 0..2 {
            let file = self.file()?;
            match file.write(is_synced, &mut work) {
                Ok(done) => {
                    self.rests_until = None;
                    self.tell();
                    return Ok(done);
                }
                Err(Trouble::Damaged(reason)) => self.replace(&reason)?,
                Err(Trouble::Other(error)) => {
                    // After an error of the disk the connection may not know what was written: a new one looks.
                    self.rests_until = Some(Instant::now() + REOPEN_AFTER);
                    if let Some(file) = &mut self.file
                        && error.code() == Code::SpoolFailed
                    {
                        file.reopen()?;
                    }
                    return Err(error);
                }
            }
        }
        Err(failed("the spool's file was damaged again as soon as it was replaced"))
    }

    fn file(&mut self) -> Result<&mut File> {
        if self.file.is_none() {
            let path = super::folder::file_of(&self.settings.folder, &self.settings.writer_id);
            self.file = Some(match path.exists() {
                true => File::adopt(&path, &self.settings.writer_id, true)?.0,
                false => File::create(&path, &self.settings.writer_id)?,
            });
        }
        self.file.as_mut().ok_or_else(gone)
    }

    fn replace(&mut self, reason: &str) -> Result<()> {
        if let Some(file) = self.file.take() {
            self.file = Some(file.replace(reason)?);
            self.tell();
        }
        Ok(())
    }

    /// Says what the file holds.
    fn tell(&self) {
        if let Some(file) = &self.file {
            let usage = file.usage();
            self.shared.rows.store(usage.rows, Relaxed);
            self.shared.bytes.store(usage.bytes, Relaxed);
        }
    }

    fn append(
        &mut self,
        appends: Vec<(Arc<[EncodedRecord]>, Reply<Appended>)>,
        safe_through: u64,
        letters: &[(EncodedRecord, DeadLetter)],
    ) {
        let removals = self.take_removals();
        let (max_bytes, when_full) = (self.settings.max_bytes, self.settings.when_full);
        let outcome = self.write(!appends.is_empty(), |step| {
            step.remove(&removals)?;
            step.note_safe(safe_through);
            for (record, letter) in letters {
                step.dead_letter(record, letter)?;
            }
            if !letters.is_empty() {
                step.prune_dead_letters()?;
            }
            let mut done = Vec::with_capacity(appends.len());
            for (records, _) in &appends {
                let bytes: u64 = records.iter().map(|record| record.json().len() as u64).sum();
                let over = (step.usage().bytes + bytes).saturating_sub(max_bytes);
                let dropped = match when_full {
                    WhenFull::DropOldest if over > 0 && bytes <= max_bytes => step.make_room(over)?,
                    _ if over > 0 => {
                        done.push(Err(full(max_bytes)));
                        continue;
                    }
                    _ => Vec::new(),
                };
                let first_row = step.append(records)?;
                done.push(Ok(Appended { first_row, dropped }));
            }
            Ok(done)
        });
        let refuses = match &outcome {
            Ok(done) => done.iter().any(Result::is_err),
            Err(_) => true,
        };
        if refuses || !appends.is_empty() {
            self.shared.refuses.store(refuses, Relaxed);
        }
        match outcome {
            Ok(done) => {
                for ((_, reply), appended) in appends.into_iter().zip(done) {
                    let _ = reply.send(appended);
                }
            }
            Err(error) => {
                self.put_removals_back(removals);
                for (_, reply) in appends {
                    let _ = reply.send(Err(error.clone()));
                }
            }
        }
    }

    fn remove(&mut self) -> Result<()> {
        let rows = self.take_removals();
        if rows.is_empty() {
            return Ok(());
        }
        let outcome = self.write(false, |step| step.remove(&rows));
        if outcome.is_err() {
            self.put_removals_back(rows);
        }
        outcome
    }

    fn tidy(&mut self) {
        if let Err(error) = self.remove() {
            // The store has these rows: kept for too long they are sent again, which does no harm.
            tracing::debug!(target: "tasktrail", code = error.code().as_str(), "rows of the audit spool wait to be removed: {error}");
            self.tidy_at = Some(Instant::now() + REOPEN_AFTER);
        }
    }

    fn read(&mut self, after: u64, limit: usize, max_bytes: usize) -> Result<Read> {
        let going: HashSet<u64> = {
            let removals = self.shared.removals.lock().unwrap_or_else(PoisonError::into_inner);
            removals.iter().copied().collect()
        };
        let mut read = match self.file()?.read(after, limit, max_bytes) {
            Ok(read) => read,
            Err(Trouble::Damaged(reason)) => {
                self.replace(&reason)?;
                self.file()?
                    .read(after, limit, max_bytes)
                    .map_err(Trouble::into_error)?
            }
            Err(Trouble::Other(error)) => return Err(error),
        };
        read.rows.retain(|(row, _)| !going.contains(row));
        read.damaged.retain(|damaged| !going.contains(&damaged.row));
        if !read.damaged.is_empty() {
            self.bury(&read.damaged)?;
        }
        Ok(read)
    }

    fn bury(&mut self, damaged: &[DamagedRow]) -> Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        tracing::error!(target: "tasktrail", rows = damaged.len(), "rows of the audit spool are damaged; they are kept as dead letters");
        self.write(true, |step| {
            damaged.iter().try_for_each(|damaged| step.bury(damaged.row, now))?;
            step.prune_dead_letters()
        })
    }

    fn close(mut self, lost_after: Option<u64>) -> Result<()> {
        self.remove()?;
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        let is_empty = file.usage().rows == 0 && file.dead_letters() == 0;
        if is_empty && lost_after.is_none() {
            let folder = self.settings.folder.clone();
            file.delete()
                .map_err(|error| super::folder::unusable(&folder, &error))?;
            self.lock.delete();
            return Ok(());
        }
        match lost_after {
            None => file.mark_clean(),
            Some(safe) => file.write(true, |step| {
                step.note_safe(safe);
                Ok(())
            }),
        }
        .map_err(Trouble::into_error)
    }
}

fn full(max_bytes: u64) -> Error {
    Error::new(
        Code::SpoolFull,
        format!(
            "the spool holds as many bytes as it may ({max_bytes}); raise `spoolMaxBytes`, or see why the store does not take records"
        ),
    )
}
