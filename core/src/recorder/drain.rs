//! The drain: from the spool to the store, oldest first, beside what is new. First the trail's own file, then those of dead owners.

#[cfg(not(feature = "sqlite"))]
pub(super) async fn run(_recorder: std::sync::Arc<super::Recorder>) {}

#[cfg(feature = "sqlite")]
pub(super) use with_spool::run;

#[cfg(feature = "sqlite")]
mod with_spool {
    use std::collections::HashMap;
    use std::ops::RangeInclusive;
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::time::Instant;

    use crate::error::{Code, Error, Result};
    use crate::recorder::spool::{self, Adopted, DamagedRow, Read, Spool};
    use crate::recorder::{BATCH_BYTES, Gap, Reason, Recorder, StoreState};
    use crate::store::EncodedRecord;

    /// A store that takes no batch of the drain waits at least so long for the next.
    const LEAST_PAUSE: Duration = Duration::from_millis(1);

    pub(in crate::recorder) async fn run(recorder: Arc<Recorder>) {
        let Some(spool) = recorder.spool().cloned() else { return };
        let mut drain = Drain {
            recorder: Arc::clone(&recorder),
            spool,
            inherited: None,
            given_back: HashMap::new(),
            look_again: Instant::now(),
            is_unreadable: false,
        };
        let mut backoff = recorder.backoff();
        let mut store = recorder.store.subscribe();
        loop {
            // Until the store was reached nothing can be drained; the sender lives as long as the recorder.
            let _ = store.wait_for(|state| matches!(state, StoreState::Open(_))).await;
            if recorder.is_ending() {
                return;
            }
            match drain.step().await {
                Ok(true) => backoff.reset(),
                Ok(false) => {
                    let rest = tokio::time::sleep_until(drain.look_again);
                    tokio::select! {
                        () = rest => {}
                        () = recorder.to_drain.notified() => {}
                    }
                }
                Err(error) => {
                    recorder.went_away(&error);
                    let mut down = recorder.down.subscribe();
                    let pause = backoff.pause().max(LEAST_PAUSE);
                    // A late answer to an earlier try says that the store is back.
                    let _ = tokio::time::timeout(pause, down.wait_for(|down| !down)).await;
                }
            }
        }
    }

    /// The file of a dead owner.
    struct Inherited {
        file: Adopted,
        /// Rows of it that the books count as spooled.
        on_books: u64,
        /// Rows of it that the books count as lost.
        lost: u64,
        /// What its owner's end has cost, to be told before the file goes.
        untold: Vec<Gap>,
    }

    struct Drain {
        recorder: Arc<Recorder>,
        spool: Spool,
        inherited: Option<Inherited>,
        /// Losses that are on the books already, by the writer of a file that could not be emptied at once and is taken over again.
        given_back: HashMap<String, u64>,
        /// When the folder is searched for dead owners' files again.
        look_again: Instant,
        /// Whether it was said that the trail's own file cannot be read.
        is_unreadable: bool,
    }

    impl Drain {
        /// Moves one batch. False when there is nothing to move.
        ///
        /// # Errors
        /// The store takes nothing now.
        async fn step(&mut self) -> Result<bool> {
            if let Some(rows) = self.recorder.rows.take(self.recorder.settings.batch_size as u64) {
                self.own(rows).await?;
                return Ok(true);
            }
            // Who is about to end takes over nothing more.
            if self.inherited.is_none() && Instant::now() >= self.look_again && !self.recorder.is_closed() {
                self.adopt().await;
            }
            match self.inherited.take() {
                Some(inherited) => self.hand_on(inherited).await.map(|()| true),
                None => Ok(false),
            }
        }

        /// Rows of the trail's own file.
        async fn own(&mut self, rows: RangeInclusive<u64>) -> Result<()> {
            let recorder = &self.recorder;
            let (first, last) = rows.into_inner();
            let most = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
            let read = match self.spool.read(first.saturating_sub(1), most, BATCH_BYTES).await {
                Ok(read) => {
                    self.is_unreadable = false;
                    read
                }
                Err(error) => {
                    // The file was replaced, or the disk does not answer: the rows are looked for again later.
                    recorder.back_to_disk(first..=last);
                    if !std::mem::replace(&mut self.is_unreadable, true) {
                        tracing::warn!(target: "tasktrail", code = error.code().as_str(), "the audit spool cannot be read now: {error}");
                    }
                    tokio::time::sleep(recorder.timing.first_retry).await;
                    return Ok(());
                }
            };
            let Read { mut rows, damaged, .. } = read;
            rows.retain(|(row, _)| *row <= last);
            let reached = if rows.len() + damaged.len() >= most {
                last
            } else {
                let read = rows
                    .iter()
                    .map(|(row, _)| *row)
                    .chain(damaged.iter().map(|row| row.row));
                read.max().unwrap_or(last)
            };
            // What lies behind did not fit into this batch.
            recorder.back_to_disk(reached + 1..=last);
            let records: Arc<[EncodedRecord]> = rows.iter().map(|(_, record)| record.clone()).collect();
            let is_here = |row: &u64| rows.binary_search_by_key(row, |(row, _)| *row).is_ok();
            let missing: Vec<u64> = (first..=reached).filter(|row| !is_here(row)).collect();
            recorder.lose_damaged(&missing, &damaged);
            if records.is_empty() {
                return Ok(());
            }
            match recorder.send(&records, recorder.timing.insert_deadline).await {
                Ok(sent) => {
                    if !recorder.tell_gaps(&rows, &sent).await {
                        recorder.back_to_disk(rows.iter().map(|(row, _)| *row));
                        tokio::time::sleep(recorder.timing.first_retry).await;
                        return Ok(());
                    }
                    recorder.drained_rows(&rows, &sent.inserted, true);
                    let rows: Vec<u64> = rows.iter().map(|(row, _)| *row).collect();
                    self.spool.remove(&rows);
                    Ok(())
                }
                Err(error) => {
                    recorder.back_to_disk(rows.iter().map(|(row, _)| *row));
                    Err(error)
                }
            }
        }

        /// Looks for the file of a dead owner.
        async fn adopt(&mut self) {
            let recorder = &self.recorder;
            match spool::adopt_next(self.spool.folder(), &recorder.encoder.writer_id).await {
                Ok(Some(file)) => {
                    let counted = self.given_back.remove(file.writer_id()).unwrap_or(0);
                    self.inherited = Some(recorder.inherit(file, counted));
                }
                Ok(None) => self.look_again = Instant::now() + recorder.timing.adopt_every,
                Err(error) => {
                    self.look_again = Instant::now() + recorder.timing.adopt_every;
                    tracing::warn!(target: "tasktrail", code = error.code().as_str(), "files of ended processes in the audit spool cannot be taken over now: {error}");
                }
            }
        }

        /// Brings rows of a dead owner's file to the store, and ends the file when there are none.
        async fn hand_on(&mut self, mut inherited: Inherited) -> Result<()> {
            let recorder = &self.recorder;
            let most = recorder.settings.batch_size;
            let read = match inherited.file.read(0, most, BATCH_BYTES).await {
                Ok(read) => read,
                Err(error) => return self.give_back(inherited, &error),
            };
            let Read { rows, damaged, .. } = read;
            recorder.lose_inherited(inherited.file.writer_id(), &damaged);
            inherited.on_books = inherited.on_books.saturating_sub(damaged.len() as u64);
            recorder.recount(&mut inherited);
            let records: Arc<[EncodedRecord]> = rows.iter().map(|(_, record)| record.clone()).collect();
            if records.is_empty() {
                if !damaged.is_empty() {
                    self.inherited = Some(inherited);
                    return Ok(());
                }
                for gap in &inherited.untold {
                    if !recorder.report_once(gap).await {
                        return self.give_back(inherited, &untold());
                    }
                }
                if let Err(error) = inherited.file.finish().await {
                    tracing::warn!(target: "tasktrail", code = error.code().as_str(), "an emptied file of the audit spool cannot be deleted: {error}");
                }
                return Ok(());
            }
            match recorder.send(&records, recorder.timing.insert_deadline).await {
                Ok(sent) => {
                    if !recorder.tell_gaps(&rows, &sent).await {
                        return self.give_back(inherited, &untold());
                    }
                    recorder.drained_rows(&rows, &sent.inserted, false);
                    inherited.on_books -= rows.len() as u64;
                    recorder.hub.adopted(&records);
                    let rows: Vec<u64> = rows.iter().map(|(row, _)| *row).collect();
                    if let Err(error) = inherited.file.remove(&rows).await {
                        return self.give_back(inherited, &error);
                    }
                    self.inherited = Some(inherited);
                    Ok(())
                }
                Err(error) => {
                    self.inherited = Some(inherited);
                    Err(error)
                }
            }
        }

        /// A file that cannot be read or written now is left for a later look; what it still holds leaves the books.
        fn give_back(&mut self, inherited: Inherited, error: &Error) -> Result<()> {
            tracing::warn!(target: "tasktrail", code = error.code().as_str(), "a file of the audit spool cannot be emptied now: {error}");
            self.recorder.disown(inherited.on_books);
            self.given_back
                .insert(inherited.file.writer_id().to_owned(), inherited.lost);
            self.look_again = Instant::now() + self.recorder.timing.adopt_every;
            Ok(())
        }
    }

    fn untold() -> Error {
        Error::new(
            Code::AuditUnrecorded,
            "what is missing of it could not be put on record",
        )
    }

    impl Recorder {
        /// A dead owner's file was taken over, for the first time or again; then some of what was lost is counted.
        fn inherit(&self, adopted: Adopted, counted: u64) -> Inherited {
            let lost = adopted.lost().unwrap_or(0).saturating_sub(counted);
            let on_books = adopted.rows();
            let mut books = self.books.open();
            books.adopted += on_books + lost;
            books.spooled += on_books;
            books.dropped.spool_damaged += lost;
            drop(books);
            let untold = adopted.untold();
            tracing::info!(target: "tasktrail", writer_id = adopted.writer_id(), rows = on_books, "took over what an ended process had left in the audit spool");
            Inherited {
                file: adopted,
                on_books,
                lost: counted + lost,
                untold,
            }
        }

        /// A file that is found damaged while it is emptied is replaced by what can be read of it, which may be less than was counted, or
        /// rows that had been removed already and are back.
        fn recount(&self, inherited: &mut Inherited) {
            let here = inherited.file.rows();
            let (missing, back) = (
                inherited.on_books.saturating_sub(here),
                here.saturating_sub(inherited.on_books),
            );
            if missing == 0 && back == 0 {
                return;
            }
            inherited.on_books = here;
            inherited.lost += missing;
            let mut books = self.books.open();
            books.adopted += back;
            books.spooled += back;
            books.spooled -= missing;
            books.dropped.spool_damaged += missing;
            drop(books);
            self.gaps
                .note_unnumbered(inherited.file.writer_id(), missing, Reason::SpoolDamaged);
            self.chores.notify_one();
        }

        /// Rows of the trail's own file that cannot be read any more.
        fn lose_damaged(&self, missing: &[u64], damaged: &[DamagedRow]) {
            let given_up: Vec<u64> = missing.iter().filter_map(|row| self.rows.forget(*row)).collect();
            let lost = (missing.len() - given_up.len()) as u64;
            self.lose_given_up(&given_up);
            if lost == 0 {
                return;
            }
            let mut books = self.books.open();
            books.spooled -= lost;
            books.dropped.spool_damaged += lost;
            drop(books);
            self.gaps.note_damaged(&self.encoder.writer_id, damaged, lost);
            self.chores.notify_one();
        }

        /// Rows of a dead owner's file that cannot be read.
        fn lose_inherited(&self, writer_id: &str, damaged: &[DamagedRow]) {
            if damaged.is_empty() {
                return;
            }
            let mut books = self.books.open();
            books.spooled -= damaged.len() as u64;
            books.dropped.spool_damaged += damaged.len() as u64;
            drop(books);
            self.gaps.note_damaged(writer_id, damaged, damaged.len() as u64);
            self.chores.notify_one();
        }

        /// Rows that were adopted and not stored go back to whoever adopts them next.
        fn disown(&self, rows: u64) {
            let mut books = self.books.open();
            books.spooled -= rows;
            books.adopted -= rows;
        }

        /// Rows that were not sent are left to a later try.
        fn back_to_disk(&self, rows: impl Iterator<Item = u64>) {
            let given_up: Vec<u64> = rows.filter_map(|row| self.rows.free(row)).collect();
            self.lose_given_up(&given_up);
        }

        /// Records that the spool gave up while they were in memory, and that nobody has any more.
        fn lose_given_up(&self, seqs: &[u64]) {
            if seqs.is_empty() {
                return;
            }
            let mut books = self.books.open();
            books.in_flight -= seqs.len() as u64;
            books.dropped.spool_full += seqs.len() as u64;
            drop(books);
            self.note_gaps(seqs.iter().copied(), Reason::SpoolFull);
        }
    }
}
