//! What becomes of records, and what is said about it. Every step on the books is made here or at the desk.

use std::collections::HashSet;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::courier::{Sent, refuse_waiters};
use super::desk::{self, Ledger};
#[cfg(feature = "sqlite")]
use super::gaps::Gaps;
#[cfg(feature = "sqlite")]
use super::rows::GivenUp;
use super::{InHand, Item, Place, Reason, Recorder, Stamp, poisoned, quietly};
use crate::error::{Code, Error};
use crate::schema::{Record, Timestamp};
use crate::store::{EncodedRecord, Inserted};

/// Dead letters that are kept in memory.
const DEAD_LETTERS: usize = 100;
/// The losses of an overload are told together once there were none for so long.
const QUIET: Duration = Duration::from_secs(10);
/// How often a poisoned trail looks for what slow producers had still to hand over, a millisecond apart.
const SLOW_PRODUCERS: u32 = 1_000;
/// How long losses are gathered into one gap.
const GATHER: Duration = Duration::from_millis(200);

/// A record that the store refuses for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Its id.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub audit_id: Uuid,
    /// When it was refused.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub at: Timestamp,
    /// Code of the refusal.
    pub code: String,
    /// The store's reason.
    pub reason: String,
}

impl DeadLetter {
    pub(super) fn new(record: &EncodedRecord, at: Timestamp, error: &Error) -> Self {
        DeadLetter {
            audit_id: record.record().audit_id,
            at,
            code: error.code().as_str().to_owned(),
            reason: error.to_string(),
        }
    }
}

/// A time in which the store takes no writes.
#[derive(Debug, Default)]
pub(super) struct Outage {
    since: Option<Duration>,
    /// When losses were last seen, and how many there had been before the first that was said.
    losses: Option<(Duration, u64)>,
    /// All losses that were said.
    said: u64,
}

impl Recorder {
    /// Whether an item is on disk now.
    pub(super) fn is_on_disk(&self, item: &Item) -> bool {
        item.row.is_some_and(|row| self.rows.is_on_disk(row))
    }

    /// Commits to the spool what of the items is not on disk, answers who waits, and lets it be heard.
    ///
    /// # Errors
    /// Gives the items back when there is no spool, or it does not take them now.
    pub(super) async fn to_disk(
        &self,
        items: Vec<Item>,
        from: Ledger,
        hand: Option<u64>,
    ) -> Result<Vec<Item>, Vec<Item>> {
        #[cfg(not(feature = "sqlite"))]
        {
            let _ = (from, hand);
            Err(items)
        }
        #[cfg(feature = "sqlite")]
        {
            let Some(spool) = self.spool() else {
                return Err(items);
            };
            let mut items = items;
            let mut new: Vec<&mut Item> = items.iter_mut().filter(|item| !self.is_on_disk(item)).collect();
            let records: Arc<[EncodedRecord]> = new.iter().map(|item| item.record.clone()).collect();
            if !records.is_empty() {
                let appending = spool.append(records, self.safe_through());
                let appending = tokio::time::timeout(self.timing.disk_deadline, appending);
                let appended = appending.await.unwrap_or_else(|_| {
                    // It may still be written: then the next owner finds it, and the store has it already.
                    spool.hangs();
                    Err(super::spool::hangs())
                });
                match appended {
                    Ok(appended) => {
                        self.spool_accepted();
                        self.settled.add(new.iter().filter_map(|item| item.seq));
                        let mut books = self.books.open();
                        let mut gone = HashSet::new();
                        for (row, item) in (appended.first_row..).zip(new.iter_mut()) {
                            // What the spool had given up was counted as on its way.
                            let was_given_up = item.row.take().is_some_and(|old| self.rows.forget(old).is_some());
                            if was_given_up || from == Ledger::InFlight {
                                books.in_flight -= 1;
                            } else {
                                books.leave_queue(1);
                            }
                            if self.rows.hold(row) {
                                books.spooled += 1;
                                item.row = Some(row);
                            } else {
                                // It had to make room as soon as it was there.
                                books.dropped.spool_full += 1;
                                gone.insert(item.turn);
                            }
                        }
                        drop(books);
                        self.put_down(hand);
                        if !gone.is_empty() {
                            self.make_room(&mut items, &gone);
                        }
                        self.meters.spool_commits.fetch_add(1, Relaxed);
                        self.gave_up(&appended.dropped);
                    }
                    Err(error) => {
                        self.spool_refused(&error);
                        return Err(items);
                    }
                }
            }
            Self::answer(&mut items, Place::Spool);
            self.let_be_heard(&mut items);
            Ok(items)
        }
    }

    /// Items that the spool took and gave up at once are lost.
    #[cfg(feature = "sqlite")]
    fn make_room(&self, items: &mut Vec<Item>, gone: &HashSet<u64>) {
        let lost: Vec<Item> = items.extract_if(.., |item| gone.contains(&item.turn)).collect();
        self.note_gaps(lost.iter().filter_map(|item| item.seq), Reason::SpoolFull);
        self.progress.done(lost.iter().map(|item| item.turn));
        let message = "the record was dropped: the spool is full, and gives up its oldest as fast as records come";
        refuse_waiters(lost, &Error::new(Code::AuditUnrecorded, message));
    }

    /// What is on disk leaves memory; the drain sees to it.
    pub(super) fn let_go(&self, items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        let gone: Vec<&Item> = items
            .iter()
            .filter(|item| item.row.is_none_or(|row| self.rows.free(row).is_some()))
            .collect();
        if !gone.is_empty() {
            let mut books = self.books.open();
            books.in_flight -= gone.len() as u64;
            books.dropped.spool_full += gone.len() as u64;
            drop(books);
            self.note_gaps(gone.iter().filter_map(|item| item.seq), Reason::SpoolFull);
        }
        self.progress.done(items.iter().map(|item| item.turn));
        self.to_drain.notify_one();
    }

    /// Rows that the spool gave up to make room, with the numbers of their records.
    #[cfg(feature = "sqlite")]
    fn gave_up(&self, dropped: &[super::spool::DroppedRow]) {
        if dropped.is_empty() {
            return;
        }
        let mut books = self.books.open();
        let mut lost = Vec::new();
        for dropped in dropped {
            match self.rows.give_up(dropped.row, dropped.seq) {
                GivenUp::Lost => {
                    books.spooled -= 1;
                    books.dropped.spool_full += 1;
                    lost.push(dropped.seq);
                }
                GivenUp::InMemory => {
                    books.spooled -= 1;
                    books.in_flight += 1;
                }
                GivenUp::Unheard => {}
            }
        }
        drop(books);
        self.note_gaps(lost, Reason::SpoolFull);
    }

    /// Notes which of this trail's numbers no record will have; 0 is the number of a record that is another's.
    pub(super) fn note_gaps(&self, seqs: impl IntoIterator<Item = u64>, reason: Reason) {
        for seq in seqs {
            self.note_gap(seq, reason);
        }
        self.chores.notify_one();
    }

    /// As [`Self::note_gaps`], and leaves it to others to see to it.
    pub(super) fn note_gap(&self, seq: u64, reason: Reason) {
        if seq > 0 {
            // First that it is to be told, then that it is lost: in between nobody may take it for safe.
            self.gaps.note(&self.encoder.writer_id, seq, reason);
            self.settled.add([seq]);
        }
    }

    /// Items take off for the store: what is on no disk is on its way now.
    pub(super) fn take_off(&self, items: &[Item]) {
        let in_memory = items.iter().filter(|item| item.row.is_none()).count();
        let mut books = self.books.open();
        books.leave_queue(in_memory);
        books.in_flight += in_memory as u64;
    }

    /// The store has answered for these items.
    pub(super) fn stored(&self, mut items: Vec<Item>, sent: Sent, hand: u64) {
        let Sent { mut inserted, repeats } = sent;
        // One that is on disk stays there until the drain has put on record that its number is nobody's.
        let is_on_disk = |at: &usize| {
            let item = items.get(*at);
            item.is_some_and(|item| item.row.is_some() && self.is_on_disk(item))
        };
        let (mut left, repeats): (HashSet<usize>, HashSet<usize>) = repeats.into_iter().partition(is_on_disk);
        inserted.duplicates = inserted.duplicates.saturating_sub(left.len());
        let refused = inserted.refused.iter().map(|(at, _)| *at);
        left.extend(refused.filter(|at| is_on_disk(at)));
        inserted.refused.retain(|(at, _)| !left.contains(at));
        for record in repeats
            .iter()
            .filter_map(|at| items.get(*at))
            .map(|item| item.record.record())
        {
            self.gaps.note(&record.writer_id, record.seq, Reason::Duplicate);
            self.chores.notify_one();
        }
        let rows: Vec<u64> = {
            let mut books = self.books.open();
            let leaving = items.iter_mut().enumerate().filter(|(at, _)| !left.contains(at));
            let rows = leaving.filter_map(|(_, item)| item.row.take());
            let rows: Vec<u64> = rows.filter(|row| self.rows.forget(*row).is_none()).collect();
            let leaving = items.len() - left.len();
            books.spooled -= rows.len() as u64;
            books.in_flight -= (leaving - rows.len()) as u64;
            count_stored(&mut books, leaving, &inserted);
            rows
        };
        self.put_down(Some(hand));
        self.gaps.stored(items.iter().filter_map(|item| item.seq));
        self.leave_disk(&rows);
        self.count_lag(items.iter().map(|item| item.taken_at));
        let mut refused = inserted.refused.into_iter().peekable();
        for (position, item) in items.iter_mut().enumerate() {
            let refusal = refused.next_if(|(at, _)| *at == position).map(|(_, error)| error);
            let waiter = item.waiter.take();
            if let Some(error) = &refusal {
                // What another trail sent is its own to report: it is told.
                self.dead_letter(&item.record, error, item.seq.is_some());
            }
            if let Some(waiter) = waiter {
                let _ = waiter.send(refusal.map_or(Ok(Place::Store), Err));
            }
        }
        self.settled.add(items.iter().filter_map(|item| item.seq));
        // Durable first, then heard.
        self.let_be_heard(&mut items);
        // Those that are left still have their row.
        self.let_go(items.extract_if(.., |item| item.row.is_some()).collect());
        self.progress.done(items.iter().map(|item| item.turn));
    }

    /// Puts on record which numbers of these rows no record will have. Answers whether that is safe, so that the rows may go: told later, it
    /// would be lost with the process.
    #[cfg(feature = "sqlite")]
    pub(super) async fn tell_gaps(&self, rows: &[(u64, EncodedRecord)], sent: &Sent) -> bool {
        let refused = sent.inserted.refused.iter().map(|(at, _)| (*at, Reason::Refused));
        let repeats = sent.repeats.iter().map(|at| (*at, Reason::Duplicate));
        let gaps = Gaps::default();
        for (at, reason) in refused.chain(repeats) {
            if let Some((_, record)) = rows.get(at) {
                gaps.note(&record.record().writer_id, record.record().seq, reason);
            }
        }
        for gap in gaps.take() {
            if !self.report_once(&gap).await {
                return false;
            }
        }
        true
    }

    /// The store has answered for records that only the disk had.
    #[cfg(feature = "sqlite")]
    pub(super) fn drained_rows(&self, rows: &[(u64, EncodedRecord)], inserted: &Inserted, is_own: bool) {
        let mut books = self.books.open();
        for (row, _) in rows {
            if !is_own || self.rows.forget(*row).is_none() {
                books.spooled -= 1;
            } else {
                books.in_flight -= 1;
            }
        }
        count_stored(&mut books, rows.len(), inserted);
        drop(books);
        self.count_lag(rows.iter().map(|(_, record)| record.record().recorded_at));
        let own = rows.iter().map(|(_, record)| record.record());
        let own = own.filter(|record| record.writer_id == self.encoder.writer_id);
        self.gaps.stored(own.map(|record| record.seq));
        for (position, error) in &inserted.refused {
            if let Some((_, record)) = rows.get(*position) {
                self.dead_letter(record, error, false);
            }
        }
    }

    /// Records that were taken at these times are stored now.
    fn count_lag(&self, taken_at: impl Iterator<Item = Timestamp>) {
        let now = self.clock.now().millis();
        for taken_at in taken_at {
            let lag = now.saturating_sub(taken_at.millis()).max(0);
            self.meters.lag_ms.count(lag as f64, 1);
        }
    }

    fn leave_disk(&self, rows: &[u64]) {
        #[cfg(feature = "sqlite")]
        if let (Some(spool), false) = (self.spool(), rows.is_empty()) {
            spool.remove(rows);
        }
        #[cfg(not(feature = "sqlite"))]
        let _ = rows;
    }

    fn dead_letter(&self, record: &EncodedRecord, error: &Error, leaves_gap: bool) {
        let Record {
            audit_id,
            writer_id,
            seq,
            ..
        } = record.record();
        tracing::error!(target: "tasktrail", %audit_id, code = error.code().as_str(), "the store refused a record: {error}");
        if leaves_gap {
            self.gaps.note(writer_id, *seq, Reason::Refused);
            self.chores.notify_one();
        }
        let letter = DeadLetter::new(record, self.clock.now(), error);
        #[cfg(feature = "sqlite")]
        if let Some(spool) = self.spool() {
            spool.dead_letter(record.clone(), &letter);
        }
        self.keep_letter(letter);
    }

    fn keep_letter(&self, letter: DeadLetter) {
        let mut dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        if dead.len() >= DEAD_LETTERS {
            dead.pop_front();
        }
        dead.push_back(letter);
    }

    /// A record could not even be made.
    pub(super) fn never_made(&self, turn: u64, stamp: Stamp, error: &Error) {
        let Stamp {
            audit_id,
            seq,
            taken_at,
        } = stamp;
        tracing::error!(target: "tasktrail", %audit_id, code = error.code().as_str(), "a record could not be made: {error}");
        let mut books = self.books.open();
        books.leave_queue(1);
        books.dead_lettered += 1;
        drop(books);
        self.note_gaps([seq], Reason::Refused);
        self.progress.done([turn]);
        self.keep_letter(DeadLetter {
            audit_id,
            at: taken_at,
            code: error.code().as_str().to_owned(),
            reason: error.to_string(),
        });
    }

    /// Items whose batch failed and that are on no disk: nobody waits any longer for what may take long, and live views need not wait
    /// for an outage to end.
    pub(super) fn stay_in_memory(&self, items: &mut [Item], error: &Error) {
        for waiter in items.iter_mut().filter_map(|item| item.waiter.take()) {
            let message =
                format!("the record is kept in memory only, since the audit store does not take it now: {error}");
            let _ = waiter.send(Err(Error::new(Code::AuditUnrecorded, message)));
        }
        self.let_be_heard(items);
    }

    /// The store did not take a batch. Said once an outage.
    pub(super) fn went_away(&self, error: &Error) {
        self.meters.failed_inserts.fetch_add(1, Relaxed);
        if self.down.send_replace(true) {
            return;
        }
        self.meters.outages.fetch_add(1, Relaxed);
        self.outage.lock().unwrap_or_else(PoisonError::into_inner).since = Some(self.clock.elapsed());
        let kept = if self.spool().is_some() { "on disk" } else { "in memory" };
        tracing::warn!(
            target: "tasktrail",
            code = error.code().as_str(),
            "the audit store is away; records are kept {kept} and sent later: {error}"
        );
    }

    /// The store has answered.
    pub(super) fn answered(&self) {
        self.refusals.store(0, Relaxed);
        // Looked at first: every batch comes by here.
        if !self.is_down() || !self.down.send_replace(false) {
            return;
        }
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        let lasted = outage
            .since
            .take()
            .map(|since| self.clock.elapsed().saturating_sub(since));
        drop(outage);
        let kept = self.books.read().pending();
        tracing::info!(target: "tasktrail", kept, ?lasted, "the audit store is back; what was kept is being stored");
        self.chores.notify_one();
        self.to_drain.notify_one();
    }

    #[cfg(feature = "sqlite")]
    fn spool_accepted(&self) {
        if self.spool_refuses.swap(false, Relaxed) {
            tracing::info!(target: "tasktrail", "the audit spool takes records again");
        }
    }

    #[cfg(feature = "sqlite")]
    fn spool_refused(&self, error: &Error) {
        if self.spool_refuses.swap(true, Relaxed) {
            return;
        }
        tracing::warn!(target: "tasktrail", code = error.code().as_str(), "the audit spool does not take records now; they are kept in memory: {error}");
    }

    pub(super) fn spool_takes_writes(&self) -> bool {
        #[cfg(feature = "sqlite")]
        return self.spool().is_some_and(super::spool::Spool::takes_writes);
        #[cfg(not(feature = "sqlite"))]
        false
    }

    /// Tells what was lost, and reports gaps, once that can be kept.
    fn report(&self) {
        let dropped = self.books.read().dropped.total();
        let now = self.clock.elapsed();
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        match outage.losses {
            None if dropped > outage.said => {
                outage.losses = Some((now, outage.said));
                outage.said = dropped;
                tracing::warn!(
                    target: "tasktrail",
                    "audit records are being dropped, the oldest first; each is counted, and an audit.gap record will say which"
                );
            }
            Some((_, before)) if dropped > outage.said => {
                outage.losses = Some((now, before));
                outage.said = dropped;
            }
            Some((last, before)) if outage.since.is_none() && now.saturating_sub(last) >= QUIET => {
                outage.losses = None;
                say_total(dropped - before);
            }
            _ => {}
        }
        drop(outage);
        self.report_gaps();
    }

    /// At the end of the trail: what was lost since it was last said.
    pub(crate) fn say_last_losses(&self) {
        let dropped = self.books.read().dropped.total();
        let mut outage = self.outage.lock().unwrap_or_else(PoisonError::into_inner);
        let said = outage.losses.take().map_or(outage.said, |(_, before)| before);
        outage.said = dropped;
        if dropped > said {
            say_total(dropped - said);
        }
    }

    /// Turns losses into records, unless there is no room for them yet.
    /// Answers whether there were any.
    pub(crate) fn report_gaps(&self) -> bool {
        if self.is_down() && !self.spool_takes_writes() || self.sealed.load(SeqCst) {
            return false;
        }
        let gaps = self.gaps.begin_to_tell();
        let is_any = !gaps.is_empty();
        for gap in gaps {
            let seq = self.own("audit.gap", gap.metadata());
            self.gaps.told(seq, gap);
        }
        is_any
    }

    /// Reports a gap whose writer is gone, under an id that makes a second report of it harmless. Answers whether the report is safe.
    #[cfg(feature = "sqlite")]
    pub(super) async fn report_once(&self, gap: &super::Gap) -> bool {
        let safe = self.own_as(gap.id(), "audit.gap", gap.metadata());
        match safe.await {
            Ok(Ok(_)) => true,
            // A store that refuses the report would refuse it again; it is a dead letter, and was counted.
            Ok(Err(error)) => error.code() == Code::StoreFailed,
            Err(_) => false,
        }
    }

    /// Registers what a task has in its hands, until [`Self::put_down`] of the answer.
    pub(super) fn take_in_hand(&self, records: &Arc<[EncodedRecord]>, items: &[Item]) -> u64 {
        let hand = self.next_hand.fetch_add(1, Relaxed);
        let in_hand = InHand {
            records: Arc::clone(records),
            rows: items.iter().map(|item| (item.turn, item.seq, item.row)).collect(),
            is_orphaned: false,
        };
        self.in_hand
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(hand, in_hand);
        hand
    }

    /// The task that had it unwinds.
    pub(super) fn orphan(&self, hand: u64) {
        let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hand) = in_hand.get_mut(&hand) {
            hand.is_orphaned = true;
        }
    }

    /// What a task had in its hands is on the books elsewhere now.
    pub(super) fn put_down(&self, hand: Option<u64>) {
        if let Some(hand) = hand {
            self.in_hand
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&hand);
        }
    }

    /// A task of the recorder has failed: nothing more is taken, and what is in memory goes to disk.
    pub(super) async fn poison(&self, what: &str) {
        let is_first = !self.poisoned.swap(true, SeqCst);
        let error = poisoned();
        quietly(|| {
            tracing::error!(target: "tasktrail", code = error.code().as_str(), "a fault in {what}: {error}");
        });
        self.down.send_replace(true);
        if is_first {
            self.send_all_kept();
            // Once more for those who had come in before the doors were closed, and were slow to hand over.
            for _ in 0..SLOW_PRODUCERS {
                self.save_what_waits(&error).await;
                if self.books.read().queued == 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        // Whoever waited for these was answered when the task that had them unwound.
        let orphans: Vec<InHand> = {
            let mut in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
            in_hand
                .extract_if(|_, hand| hand.is_orphaned)
                .map(|(_, hand)| hand)
                .collect()
        };
        for InHand { records, rows, .. } in orphans {
            let items = records.iter().zip(rows).map(|(record, (turn, seq, row))| Item {
                record: record.clone(),
                size: 0,
                turn,
                seq,
                taken_at: record.record().recorded_at,
                row,
                waiter: None,
                is_unheard: false,
            });
            let items = items.collect();
            match self.to_disk(items, Ledger::InFlight, None).await {
                Ok(saved) => self.let_go(saved),
                Err(lost) => {
                    let mut books = self.books.open();
                    books.in_flight -= lost.len() as u64;
                    books.dropped.poisoned += lost.len() as u64;
                }
            }
        }
    }

    async fn save_what_waits(&self, error: &Error) {
        let mut items: Vec<Item> = self
            .queue
            .take(usize::MAX)
            .into_iter()
            .filter_map(|intake| desk::make(self, intake))
            .collect();
        items.splice(0..0, self.outbox.shed(0, 0));
        let (on_disk, in_memory): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| self.is_on_disk(item));
        self.let_go(on_disk);
        if !in_memory.is_empty() {
            match self.to_disk(in_memory, Ledger::Queued, None).await {
                Ok(saved) => self.let_go(saved),
                Err(lost) => self.lose_poisoned(lost, error),
            }
        }
    }

    fn lose_poisoned(&self, lost: Vec<Item>, error: &Error) {
        let mut books = self.books.open();
        books.leave_queue(lost.len());
        books.dropped.poisoned += lost.len() as u64;
        drop(books);
        self.progress.done(lost.iter().map(|item| item.turn));
        refuse_waiters(lost, error);
    }

    /// At the end of a trail: items that were on their way, of which no try is out, and that no disk takes.
    pub(super) fn lose_at_the_end(&self, items: Vec<Item>) {
        let (on_disk, lost): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| self.is_on_disk(item));
        self.let_go(on_disk);
        let mut books = self.books.open();
        books.in_flight -= lost.len() as u64;
        books.dropped.closed += lost.len() as u64;
        drop(books);
        self.progress.done(lost.iter().map(|item| item.turn));
        refuse_waiters(lost, &Error::closed());
    }

    /// At the end of a trail without a usable spool: what still waits is lost.
    pub(crate) fn lose_the_rest(&self) {
        let rest = self.outbox.shed(0, 0).into_iter();
        let (on_disk, lost): (Vec<Item>, Vec<Item>) = rest.partition(|item| self.is_on_disk(item));
        self.let_go(on_disk);
        let raw = self.queue.take(usize::MAX);
        let mut books = self.books.open();
        let on_its_way = lost.iter().filter(|item| item.row.is_some()).count();
        books.in_flight -= on_its_way as u64;
        books.leave_queue(lost.len() - on_its_way + raw.len());
        books.dropped.closed += (lost.len() + raw.len()) as u64;
        drop(books);
        let turns = lost.iter().map(|item| item.turn);
        self.progress.done(turns.chain(raw.iter().map(|intake| intake.turn)));
        let waiters = raw.into_iter().filter_map(|intake| intake.waiter);
        for waiter in waiters.chain(lost.into_iter().filter_map(|item| item.waiter)) {
            let _ = waiter.send(Err(Error::closed()));
        }
    }
}

fn count_stored(books: &mut super::ledger::OpenBooks<'_>, records: usize, inserted: &Inserted) {
    let refused = inserted.refused.len();
    books.stored += (records - refused) as u64;
    books.dead_lettered += refused as u64;
    books.duplicates += inserted.duplicates as u64;
}

fn say_total(lost: u64) {
    tracing::warn!(target: "tasktrail", lost, "audit records were dropped; none is any more");
}

/// Reports what was lost, a little after it was, so that one report says it all.
pub(super) async fn do_chores(recorder: Arc<Recorder>) {
    loop {
        let has_losses = {
            let outage = recorder.outage.lock().unwrap_or_else(PoisonError::into_inner);
            outage.losses.is_some()
        };
        if has_losses {
            // The end of an overload is told too, although nothing happens then.
            let _ = tokio::time::timeout(QUIET, recorder.chores.notified()).await;
        } else {
            recorder.chores.notified().await;
        }
        tokio::time::sleep(GATHER).await;
        recorder.report();
    }
}
