//! How does it get there? Queue, writer, retry and ledger.
//!
//! A host's thread only stamps a record and puts it into a bounded queue. One writer task takes batches from it, sanitizes and encodes them,
//! hands them to the hub and to the store, and goes on trying while the store is away; up to two batches are in flight at once.

mod encode;
mod fields;
mod ledger;
mod queue;
mod reach;
mod writer;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot, watch};
use uuid::Uuid;

use crate::clock::{Clock, random};
use crate::live::Hub;
use crate::schema::{Call, Event, IdGenerator, Level, Outcome, event_id};

pub(crate) use encode::{Encoder, Stamp};
pub(crate) use ledger::Counters;
pub use ledger::{Dropped, Ledger, Skipped};
use queue::Queue;
pub(crate) use reach::{StoreState, answer_within, within};

/// Bytes that the queue holds at most.
const QUEUE_BYTES: usize = 64 * 1_024 * 1_024;

/// What waits in the queue.
#[derive(Debug)]
pub(crate) struct Intake {
    stamp: Stamp,
    kind: Kind,
    size: usize,
    /// Told once the record's fate is known: whether the store has it.
    ack: Option<oneshot::Sender<bool>>,
}

impl queue::Sized for Intake {
    fn size(&self) -> usize {
        self.size
    }
}

#[derive(Debug)]
enum Kind {
    Call(Box<Call>, Option<Box<[u8]>>),
    Event(Box<Event>, Box<Call>),
    Own(&'static str, Value),
}

/// Consecutive records that were lost, for the gap record that will say so.
#[derive(Debug)]
struct Gap {
    from_seq: u64,
    to_seq: u64,
    count: u64,
}

/// What hosts and writer share.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) encoder: Encoder,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) counters: Counters,
    pub(crate) store: watch::Sender<StoreState>,
    queue: Queue<Intake>,
    ids: IdGenerator,
    seq: AtomicU64,
    closed: AtomicBool,
    /// Set while the store does not take writes, so that nobody waits for it in vain.
    store_is_down: AtomicBool,
    gaps: Mutex<VecDeque<Gap>>,
    progress: Notify,
    batch_delay: Duration,
}

/// Gap records that wait; further losses widen the last one.
const MAX_GAPS: usize = 64;

impl Recorder {
    pub(crate) fn new(
        encoder: Encoder,
        clock: Arc<dyn Clock>,
        hub: Arc<Hub>,
        capacity: usize,
        batch_size: usize,
        batch_delay: Duration,
    ) -> Self {
        Recorder {
            encoder,
            clock,
            hub,
            counters: Counters::default(),
            store: watch::Sender::new(StoreState::Connecting(None)),
            queue: Queue::new(capacity, QUEUE_BYTES, batch_size),
            ids: IdGenerator::default(),
            seq: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            store_is_down: AtomicBool::new(false),
            gaps: Mutex::default(),
            progress: Notify::new(),
            batch_delay,
        }
    }

    /// Takes a call; answers its id. Never waits.
    pub(crate) fn record(&self, call: Call, body: Option<&[u8]>) -> Uuid {
        let audit_id = self.new_id();
        let is_unwanted = match call.level {
            Some(level) => level == Level::None,
            None => self
                .encoder
                .operations
                .skips(&call.method, &call.path, call.route.as_deref()),
        };
        if is_unwanted && Outcome::of(call.status, call.aborted) != Outcome::Denied {
            self.counters.seen.fetch_add(1, Relaxed);
            self.counters.skipped_level.fetch_add(1, Relaxed);
            return audit_id;
        }
        self.count_workspace(call.workspace_id.as_deref());
        let body: Option<Box<[u8]>> = body.map(|body| {
            // More than the sanitizer reads need not be kept; one byte more shows it that there was more.
            body.get(..crate::sanitize::READ_LIMIT + 1).unwrap_or(body).into()
        });
        let size = call.size() + body.as_ref().map_or(0, |body| body.len());
        self.push(audit_id, Kind::Call(Box::new(call), body), size, None);
        audit_id
    }

    /// Takes an event. The receiver is told whether the store has it; it is dropped when that will not be known soon.
    pub(crate) fn event(&self, event: Event, context: Call) -> (Uuid, u64, oneshot::Receiver<bool>) {
        let audit_id = match &event.event_id {
            Some(id) => event_id(&self.encoder.actor(&context).0, Some(event.project_number), id),
            None => self.new_id(),
        };
        self.count_workspace(event.text("workspaceId").or(context.workspace_id.as_deref()));
        let (ack, acked) = oneshot::channel();
        let size = context.size() + event.size();
        let seq = self.push(
            audit_id,
            Kind::Event(Box::new(event), Box::new(context)),
            size,
            Some(ack),
        );
        (audit_id, seq, acked)
    }

    /// Records something about the trail itself.
    pub(crate) fn own(&self, operation_type: &'static str, metadata: Value) {
        let audit_id = self.new_id();
        self.push(audit_id, Kind::Own(operation_type, metadata), 256, None);
    }

    fn push(&self, audit_id: Uuid, kind: Kind, size: usize, ack: Option<oneshot::Sender<bool>>) -> u64 {
        self.counters.seen.fetch_add(1, Relaxed);
        let is_own = matches!(kind, Kind::Own(..));
        if self.closed.load(SeqCst) && !is_own {
            self.counters.dropped_closed.fetch_add(1, Relaxed);
            return 0;
        }
        let seq = self.seq.fetch_add(1, Relaxed) + 1;
        let urgent = ack.is_some() || is_own;
        self.counters.queued.fetch_add(1, Relaxed);
        let stamp = Stamp {
            audit_id,
            seq,
            taken_at: self.clock.now(),
        };
        self.queue
            .push(Intake { stamp, kind, size, ack }, urgent, |lost| self.lose(&lost));
        seq
    }

    fn lose(&self, lost: &Intake) {
        self.counters.queued.fetch_sub(1, Relaxed);
        let before = self.counters.dropped_queue_full.fetch_add(1, Relaxed);
        if before == 0 || !self.store_is_down.load(Relaxed) && before.is_multiple_of(10_000) {
            tracing::warn!(
                target: "tasktrail",
                "the audit queue is full: the oldest records are being dropped; each loss is counted and leaves an audit.gap record"
            );
        }
        let seq = lost.stamp.seq;
        let mut gaps = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        let full = gaps.len() >= MAX_GAPS;
        match gaps.back_mut() {
            Some(gap) if full || gap.to_seq + 1 == seq => {
                gap.from_seq = gap.from_seq.min(seq);
                gap.to_seq = gap.to_seq.max(seq);
                gap.count += 1;
            }
            _ => gaps.push_back(Gap {
                from_seq: seq,
                to_seq: seq,
                count: 1,
            }),
        }
    }

    /// Turns losses into records, once there is room for them.
    fn report_gaps(&self) {
        let gaps = std::mem::take(&mut *self.gaps.lock().unwrap_or_else(PoisonError::into_inner));
        for gap in gaps {
            let metadata = json!({
                "writer_id": self.encoder.writer_id,
                "from_seq": gap.from_seq,
                "to_seq": gap.to_seq,
                "count": gap.count,
                "reason": "queue_full",
            });
            self.own("audit.gap", metadata);
        }
    }

    fn count_workspace(&self, workspace: Option<&str>) {
        if workspace.is_none_or(str::is_empty) && self.counters.unknown_workspace.fetch_add(1, Relaxed) == 0 {
            tracing::warn!(
                target: "tasktrail",
                "a call came without a workspace; clients say theirs in the X-Workspace-Id header (said once, counted in stats)"
            );
        }
    }

    fn new_id(&self) -> Uuid {
        self.ids.next(self.clock.now().millis(), random())
    }

    pub(crate) fn store_is_down(&self) -> bool {
        self.store_is_down.load(Relaxed)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(SeqCst)
    }

    /// Takes nothing more; what is queued still goes out. Answers whether it was open.
    pub(crate) fn stop_intake(&self) -> bool {
        !self.closed.swap(true, SeqCst)
    }

    /// Waits until nothing is on its way.
    pub(crate) async fn drained(&self) {
        loop {
            let news = self.progress.notified();
            tokio::pin!(news);
            // Registered before looking, so that the last step between the two is not missed.
            news.as_mut().enable();
            if self.counters.read().pending() == 0 {
                return;
            }
            self.queue.nudge();
            news.await;
        }
    }

    pub(crate) async fn run(self: Arc<Self>) {
        writer::run(self).await;
    }
}
