//! The desk: takes records out of the queue, makes them what is stored, and lets them be heard.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[cfg(feature = "sqlite")]
use super::Place;
use super::courier::refuse_waiters;
use super::{Intake, Item, Kind, Reason, Recorder};
use crate::error::{Code, Error};
use crate::schema::{Record, UNKNOWN_WORKSPACE};
use crate::store::EncodedRecord;
use crate::trail::Mode;

/// Records that are made between two looks at the clock of the runtime: about a millisecond of work.
const CHUNK: usize = 128;
/// Clients that are remembered because they were warned of.
const CLIENTS: usize = 1_000;
/// Part of the bound of bytes that may be on its way to disk. Commits that wait for one another are made as one.
const COMMITS: usize = 4;
/// What the permits for that count.
const PERMIT: usize = 1_024;

/// Bytes that are on their way to disk, within a part of the bound.
#[derive(Debug)]
pub(super) struct Commits {
    permits: Arc<Semaphore>,
    all: u32,
}

impl Commits {
    pub(super) fn new(max_bytes: usize) -> Self {
        let all = u32::try_from(max_bytes / COMMITS / PERMIT)
            .unwrap_or(u32::MAX >> 3)
            .max(1);
        Commits {
            permits: Arc::new(Semaphore::new(all as usize)),
            all,
        }
    }

    /// Bytes that are on their way.
    pub(super) fn bytes(&self) -> usize {
        (self.all as usize).saturating_sub(self.permits.available_permits()) * PERMIT
    }

    /// Waits for room.
    async fn begin(&self, items: &[Item]) -> Option<OwnedSemaphorePermit> {
        let bytes: usize = items.iter().map(|item| item.size).sum();
        let need = u32::try_from(bytes / PERMIT + 1).unwrap_or(self.all).min(self.all);
        Arc::clone(&self.permits).acquire_many_owned(need).await.ok()
    }
}

pub(super) async fn run(recorder: Arc<Recorder>) {
    let linger = match recorder.settings.mode {
        Mode::Relaxed => recorder.settings.batch_delay,
        Mode::Durable => recorder.settings.batch_delay.min(recorder.timing.durable_linger),
        Mode::Strict => Duration::ZERO,
    };
    loop {
        recorder.queue.wait().await;
        loop {
            let mut was_idle = true;
            loop {
                let taken = recorder.queue.take(CHUNK);
                if taken.is_empty() {
                    break;
                }
                was_idle = false;
                serve(&recorder, taken).await;
                tokio::task::yield_now().await;
            }
            if was_idle {
                break;
            }
            // The first record after a rest has gone out at once; what follows on its heels is gathered.
            recorder.queue.linger(linger).await;
        }
    }
}

async fn serve(recorder: &Arc<Recorder>, taken: Vec<Intake>) {
    let has_spool = recorder.spool().is_some();
    // What is heard only once it is safe goes to disk first, whether or not somebody waits for that.
    let needs_disk = |item: &Item| item.waiter.is_some() || item.is_unheard || recorder.settings.mode != Mode::Relaxed;
    let (mut to_disk, mut to_outbox) = (Vec::new(), Vec::with_capacity(taken.len()));
    let mut heard = Vec::with_capacity(taken.len());
    for intake in taken {
        let Some(item) = make(recorder, intake) else { continue };
        if !item.is_unheard {
            heard.push(item.record.clone());
        }
        if has_spool && needs_disk(&item) {
            to_disk.push(item);
        } else {
            to_outbox.push(item);
        }
    }
    recorder.send_out(to_outbox);
    recorder.hub.publish(&heard);
    if recorder.gaps.is_any() {
        // A producer that pushed something out says nothing itself: it is not its business to wait for a log.
        recorder.chores.notify_one();
    }
    if !to_disk.is_empty() {
        // Past so many the disk is what all wait for, and the queue is where the bound is; unless it does not answer at all.
        let begun = recorder.commits.begin(&to_disk);
        let Ok(Some(slot)) = tokio::time::timeout(recorder.timing.disk_deadline, begun).await else {
            recorder.send_out(to_disk);
            return;
        };
        let task = Arc::clone(recorder);
        recorder.guard("a commit", async move {
            commit(&task, to_disk).await;
            drop(slot);
        });
    }
}

/// Makes a record of what came. One that cannot be made is a dead letter and hurts nobody else.
pub(super) fn make(recorder: &Recorder, intake: Intake) -> Option<Item> {
    let Intake {
        turn,
        stamp,
        kind,
        waiter,
        ..
    } = intake;
    let is_event = matches!(kind, Kind::Event(..));
    let is_foreign = matches!(kind, Kind::Foreign(_));
    let is_own = matches!(kind, Kind::Own(..));
    let made = catch_unwind(AssertUnwindSafe(|| match kind {
        Kind::Call(call, body) => EncodedRecord::new(recorder.encoder.call(stamp, &call, body.as_deref())),
        Kind::Event(event, context) => EncodedRecord::new(recorder.encoder.event(stamp, &event, &context)),
        Kind::Own(operation_type, metadata) => {
            EncodedRecord::new(recorder.encoder.own(stamp, operation_type, &metadata))
        }
        Kind::Foreign(record) => record,
    }));
    let Ok(record) = made else {
        let error = Error::panicked("making a record");
        recorder.never_made(turn, stamp, &error);
        if let Some(waiter) = waiter {
            let _ = waiter.send(Err(error));
        }
        return None;
    };
    if !is_own && !is_foreign && record.record().workspace_id == UNKNOWN_WORKSPACE {
        recorder.books.open().unknown_workspace += 1;
        recorder.say_unknown(record.record());
    }
    Some(Item {
        size: record.weight(),
        record,
        turn,
        seq: (!is_foreign).then_some(stamp.seq),
        taken_at: stamp.taken_at,
        row: None,
        waiter,
        // Durable first, then heard.
        is_unheard: is_event || is_foreign,
    })
}

/// Brings items to disk, answers who waits for that, and sends them on.
async fn commit(recorder: &Arc<Recorder>, items: Vec<Item>) {
    match recorder.to_disk(items, Ledger::Queued, None).await {
        Ok(items) => {
            if recorder.is_down() || recorder.is_crowded() || recorder.is_ending() {
                recorder.let_go(items);
            } else {
                recorder.send_out(items);
            }
        }
        // Memory and the store are what is left to them.
        Err(items) => recorder.send_out(items),
    }
}

/// Where items are on the books before they are on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ledger {
    Queued,
    InFlight,
}

impl Recorder {
    /// Warns of a client that does not say its workspace, once.
    fn say_unknown(&self, record: &Record) {
        let (actor, user_agent) = (record.actor.as_str(), record.user_agent.as_deref().unwrap_or_default());
        let mut client = DefaultHasher::new();
        (actor, user_agent).hash(&mut client);
        let mut said = self.said_unknown.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < CLIENTS && said.insert(client.finish()) {
            drop(said);
            tracing::warn!(
                target: "tasktrail",
                actor,
                user_agent,
                "a client does not say its workspace; it is named in the X-Workspace-Id header (said once for each client, counted in stats)"
            );
        }
    }

    /// Puts items into the outbox; what does not fit any more goes, the oldest first.
    pub(super) fn send_out(&self, items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        self.outbox.push(items);
        let settings = &self.settings;
        let room = settings.capacity.saturating_sub(self.queue.len());
        let elsewhere = self.queue.bytes() + self.commits.bytes() + self.thinning.bytes();
        let room_bytes = settings.max_bytes.saturating_sub(elsewhere);
        let shed = self.outbox.shed(room.max(1), room_bytes);
        if !shed.is_empty() {
            let (on_disk, lost): (Vec<Item>, Vec<Item>) = shed.into_iter().partition(|item| self.is_on_disk(item));
            self.let_go(on_disk);
            self.lose(lost);
        }
        self.share_bound();
    }

    /// Leaves to the queue what the rest of the recorder does not hold.
    pub(super) fn share_bound(&self) {
        self.queue.share(self.held_beside_queue());
    }

    /// Bytes that are held in memory beside those in the queue.
    pub(super) fn held_beside_queue(&self) -> usize {
        self.outbox.bytes() + self.commits.bytes() + self.thinning.bytes()
    }

    /// Whether so much waits for the store that it would rather be on disk.
    pub(super) fn is_crowded(&self) -> bool {
        self.outbox.len() > self.settings.capacity / 2 || self.outbox.bytes() > self.settings.max_bytes / 2
    }

    fn lose(&self, lost: Vec<Item>) {
        let mut books = self.books.open();
        for item in &lost {
            // Once on disk, and dropped from there: then it was on no disk any more and on its way.
            if item.row.is_some() {
                books.in_flight -= 1;
            } else {
                books.leave_queue(1);
            }
            books.dropped.queue_full += 1;
        }
        drop(books);
        self.note_gaps(lost.iter().filter_map(|item| item.seq), Reason::QueueFull);
        self.progress.done(lost.iter().map(|item| item.turn));
        let message = "the record was dropped: the audit queue is full and neither store nor spool takes more";
        refuse_waiters(lost, &Error::new(Code::AuditUnrecorded, message));
    }

    /// A producer has pushed out the queue's oldest.
    pub(super) fn overrun(&self, lost: Intake) {
        self.books.overrun();
        self.note_gap(lost.stamp.seq, Reason::QueueFull);
        self.progress.done([lost.turn]);
        if let Some(waiter) = lost.waiter {
            let error = Error::new(Code::AuditUnrecorded, "the record was dropped: the audit queue is full");
            let _ = waiter.send(Err(error));
        }
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn answer(items: &mut [Item], place: Place) {
        for waiter in items.iter_mut().filter_map(|item| item.waiter.take()) {
            // Whoever stopped waiting has been answered already.
            let _ = waiter.send(Ok(place));
        }
    }

    /// Lets what was held back be heard.
    pub(super) fn let_be_heard(&self, items: &mut [Item]) {
        let heard: Vec<EncodedRecord> = items
            .iter_mut()
            .filter_map(|item| std::mem::take(&mut item.is_unheard).then(|| item.record.clone()))
            .collect();
        if !heard.is_empty() {
            self.hub.publish(&heard);
        }
    }
}
