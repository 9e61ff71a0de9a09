//! How does it get there? Queue, desk, outbox, store, and the spool where the store cannot.
//!
//! ```text
//! record ─▶ queue ─▶ desk: sanitize, encode, publish ─▶ outbox ─▶ courier ─▶ store
//!                      └─▶ spool (what must be on disk first) ─┘     │ fails, or takes over 1 s
//!                                                                  spool ─▶ drain ─▶ store
//! ```
//!
//! A host's thread only stamps a record and puts it into a bounded queue. The desk empties the queue at once, whatever the store does, so
//! live views never wait for it. What waits for the store waits in the outbox, which is bounded together with the queue. Up to two
//! batches are on their way at once; what the store does not take in time goes to the spool, and from there to the store when it can,
//! beside what is new and never before it.

mod backoff;
mod body;
mod courier;
mod desk;
mod drain;
mod encode;
mod entropy;
mod fates;
mod fields;
mod gaps;
mod ledger;
mod metrics;
#[cfg(all(test, tasktrail_shuttle))]
mod models;
mod outbox;
mod progress;
mod queue;
mod quiet;
mod reach;
mod received;
#[cfg_attr(
    not(any(feature = "sqlite", test)),
    expect(dead_code, reason = "only a spool has rows")
)]
mod rows;
mod settled;
mod size;
#[cfg(feature = "sqlite")]
pub(crate) mod spool;
mod thinning;
mod timing;

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{Notify, oneshot, watch};
use uuid::Uuid;

use crate::clock::{Clock, ExpiryClock};
use crate::error::{Code, Error, Result};
use crate::live::Hub;
use crate::schema::{Call, Event, IdGenerator, Level, Outcome, Timestamp, event_id};
use crate::store::EncodedRecord;
use crate::trail::Mode;

pub(crate) use backoff::Backoff;
use desk::Commits;
pub(crate) use encode::{Encoder, Stamp, new_writer_id};
pub use fates::DeadLetter;
#[cfg(feature = "sqlite")]
pub(crate) use gaps::Gap;
use gaps::Gaps;
pub(crate) use gaps::Reason;
pub(crate) use ledger::Books;
pub use ledger::{Dropped, Ledger, Skipped};
use metrics::Meters;
pub use metrics::{Histogram, Metrics};
pub use outbox::Place;
use outbox::{Item, Outbox, Waiter};
use progress::Progress;
use queue::Queue;
pub(crate) use quiet::{Quiet, quietly};
pub(crate) use reach::{StoreState, answer_within, within};
use rows::Rows;
use settled::Settled;
pub(crate) use size::Sizes;
pub use size::StoreSize;
#[cfg(feature = "sqlite")]
use spool::Spool;
pub(crate) use thinning::Emitted;
use thinning::Thinning;
pub use timing::Timing;

/// Batches on their way to the store at once; more gains nothing (MongoDB, measured).
const IN_FLIGHT: usize = 2;
/// Bytes of one batch; a server takes larger messages, but not much faster.
const BATCH_BYTES: usize = 8 << 20;

/// How often a trail that is closed says what is missing.
const MOST_REPORTS: u32 = 4;

/// A build without SQLite has no spool.
#[cfg(not(feature = "sqlite"))]
pub(crate) type Spool = std::convert::Infallible;

/// What waits in the queue.
#[derive(Debug)]
struct Intake {
    /// Its place among all that came, by which a flush knows what came before it.
    turn: u64,
    stamp: Stamp,
    kind: Kind,
    size: usize,
    /// Told where the record is safe.
    waiter: Option<Waiter>,
}

impl queue::Sized for Intake {
    fn size(&self) -> usize {
        self.size
    }
}

#[derive(Debug)]
enum Kind {
    Call(Box<Call>, Option<Bytes>),
    Event(Box<Event>, Box<Call>),
    /// A record that another process's trail has made and this one has checked.
    Foreign(EncodedRecord),
    Own(&'static str, Value),
}

/// What a trail's options say to the recorder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// Records that wait in memory at most, and their bytes.
    pub(crate) capacity: usize,
    pub(crate) max_bytes: usize,
    pub(crate) batch_size: usize,
    pub(crate) batch_delay: Duration,
    pub(crate) mode: Mode,
    /// How often a task's progress becomes a record; zero for always.
    pub(crate) progress_interval: Duration,
}

/// A taken record: its id, its number, and, where it was asked for, where it is safe.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) audit_id: Uuid,
    pub(crate) seq: u64,
    pub(crate) safe: oneshot::Receiver<Result<Place>>,
}

/// Turn, number and row of a record that is in hand.
type Ticket = (u64, Option<u64>, Option<u64>);

/// A batch that a task has in its hands, so that it can be saved should the task fail.
#[derive(Debug)]
struct InHand {
    /// Whether its task has failed.
    is_orphaned: bool,
    records: Arc<[EncodedRecord]>,
    rows: Box<[Ticket]>,
}

/// What hosts and the recorder's tasks share.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) encoder: Encoder,
    pub(crate) clock: Arc<dyn Clock>,
    expiry: ExpiryClock,
    pub(crate) hub: Arc<Hub>,
    pub(crate) books: Books,
    pub(crate) meters: Meters,
    pub(crate) sizes: Sizes,
    pub(crate) store: watch::Sender<StoreState>,
    pub(crate) timing: Timing,
    settings: Settings,
    queue: Queue<Intake>,
    outbox: Outbox,
    commits: Commits,
    spool: OnceLock<Spool>,
    /// Which rows of the spool are in memory as well; the drain leaves those alone.
    rows: Rows,
    ids: IdGenerator,
    entropy: entropy::Entropy,
    /// Turns that were given.
    turns: AtomicU64,
    /// Numbers that were given: to the trail's own records, not to those of others.
    seq: AtomicU64,
    closed: AtomicBool,
    /// The trail has said its last as well.
    sealed: AtomicBool,
    poisoned: AtomicBool,
    /// True once the deadline for closing has come: what is in memory goes to disk now.
    ending: watch::Sender<bool>,
    /// Whether the store takes writes.
    down: watch::Sender<bool>,
    outage: Mutex<fates::Outage>,
    /// Single records that the store as a whole refused, one behind the other.
    refusals: AtomicU32,
    tries: Mutex<courier::Tries>,
    in_hand: Mutex<HashMap<u64, InHand>>,
    next_hand: AtomicU64,
    dead: Mutex<VecDeque<DeadLetter>>,
    gaps: Gaps,
    settled: Settled,
    /// Whether it was said that the spool refuses.
    #[cfg(feature = "sqlite")]
    spool_refuses: AtomicBool,
    progress: Progress,
    thinning: Thinning,
    /// Something is there to say or to report.
    chores: Notify,
    /// Something is on disk that nobody has in memory.
    to_drain: Notify,
    /// The workspace warning was said.
    said_unknown: Mutex<HashSet<u64>>,
}

/// Copies of a body what the sanitizer looks at; one byte more shows it that there was more.
pub(crate) fn kept_body(body: &[u8]) -> Bytes {
    body::keep(body.get(..crate::sanitize::READ_LIMIT + 1).unwrap_or(body))
}

impl Recorder {
    pub(crate) fn new(
        encoder: Encoder,
        clock: Arc<dyn Clock>,
        hub: Arc<Hub>,
        settings: Settings,
        timing: Timing,
    ) -> Self {
        let gaps = Gaps::new(&encoder.writer_id);
        Recorder {
            encoder,
            expiry: ExpiryClock::new(Arc::clone(&clock)),
            clock,
            hub,
            books: Books::default(),
            meters: Meters::default(),
            sizes: Sizes::new(timing.size_every),
            store: watch::Sender::new(StoreState::Connecting(None)),
            timing,
            settings,
            queue: Queue::new(settings.capacity, settings.max_bytes, settings.batch_size),
            outbox: Outbox::default(),
            commits: Commits::new(settings.max_bytes),
            spool: OnceLock::new(),
            rows: Rows::default(),
            ids: IdGenerator::default(),
            entropy: entropy::Entropy::default(),
            turns: AtomicU64::new(0),
            seq: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            sealed: AtomicBool::new(false),
            poisoned: AtomicBool::new(false),
            ending: watch::Sender::new(false),
            down: watch::Sender::new(false),
            outage: Mutex::default(),
            refusals: AtomicU32::new(0),
            tries: Mutex::default(),
            in_hand: Mutex::default(),
            next_hand: AtomicU64::new(0),
            dead: Mutex::default(),
            gaps,
            settled: Settled::default(),
            #[cfg(feature = "sqlite")]
            spool_refuses: AtomicBool::new(false),
            progress: Progress::default(),
            thinning: Thinning::new(settings.progress_interval, settings.max_bytes),
            chores: Notify::new(),
            to_drain: Notify::new(),
            said_unknown: Mutex::default(),
        }
    }

    /// Gives the recorder its spool, before its tasks begin.
    #[cfg(feature = "sqlite")]
    pub(crate) fn use_spool(&self, spool: Spool) {
        // Set once, by the one who opens the trail.
        let _ = self.spool.set(spool);
    }

    pub(crate) fn spool(&self) -> Option<&Spool> {
        self.spool.get()
    }

    /// The recorder's tasks, each of which ends with the runtime. One that fails poisons the trail.
    pub(crate) fn start(self: &Arc<Self>) {
        self.guard("the desk", desk::run(Arc::clone(self)));
        self.guard("the courier", courier::run(Arc::clone(self)));
        self.guard("the drain", drain::run(Arc::clone(self)));
        self.guard("the chores", fates::do_chores(Arc::clone(self)));
        self.guard("the thinning", thinning::run(Arc::clone(self)));
    }

    fn guard(self: &Arc<Self>, what: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        use futures::FutureExt as _;
        let recorder = Arc::clone(self);
        tokio::spawn(async move {
            let task = Quiet::new(std::panic::AssertUnwindSafe(task));
            if task.catch_unwind().await.is_err() {
                recorder.poison(what).await;
            }
        });
    }

    /// Takes a call; answers its id. Never waits.
    pub(crate) fn record(&self, call: Call, body: Option<&[u8]>) -> Uuid {
        self.record_kept(call, body.map(kept_body))
    }

    /// As [`Self::record`], with a body that was kept before.
    pub(crate) fn record_kept(&self, call: Call, body: Option<Bytes>) -> Uuid {
        self.take(call, body, None).0
    }

    /// Takes a call, and tells where it is safe.
    pub(crate) fn record_durable(&self, call: Call, body: Option<&[u8]>) -> Taken {
        let (waiter, safe) = oneshot::channel();
        let (audit_id, seq) = self.take(call, body.map(kept_body), Some(waiter));
        Taken { audit_id, seq, safe }
    }

    fn take(&self, call: Call, body: Option<Bytes>, waiter: Option<Waiter>) -> (Uuid, u64) {
        let stamp = self.stamp(None);
        if quiet::is_own() {
            self.skip(|skipped| &mut skipped.own, waiter);
            return (stamp.audit_id, 0);
        }
        let is_unwanted = match call.level {
            Some(level) => level == Level::None,
            None => self
                .encoder
                .operations
                .skips(&call.method, &call.path, call.route.as_deref()),
        };
        if is_unwanted && Outcome::of(call.status, call.aborted) != Outcome::Denied {
            self.skip(|skipped| &mut skipped.level, waiter);
            return (stamp.audit_id, 0);
        }
        let size = call.size() + body.as_ref().map_or(0, Bytes::len);
        let seq = self.push(stamp, Kind::Call(Box::new(call), body), size, waiter);
        (stamp.audit_id, seq)
    }

    fn skip(&self, reason: impl FnOnce(&mut Skipped) -> &mut u64, waiter: Option<Waiter>) {
        let mut books = self.books.open();
        books.seen += 1;
        *reason(&mut books.skipped) += 1;
        drop(books);
        if let Some(waiter) = waiter {
            // Whoever stopped waiting has no use for it.
            let _ = waiter.send(Ok(Place::Skipped));
        }
    }

    /// Takes an event, and tells where it is safe; or, of much progress, keeps it back.
    pub(crate) fn event(&self, event: Event, context: Call) -> Emitted {
        let named = event
            .event_id
            .as_ref()
            .map(|id| event_id(&self.encoder.actor(&context).0, Some(event.project_number), id));
        self.thin(self.stamp(named).audit_id, event, context)
    }

    fn take_event(&self, audit_id: Uuid, event: Event, context: Call) -> Taken {
        let stamp = self.stamp(Some(audit_id));
        let (waiter, safe) = oneshot::channel();
        let size = context.size() + event.size();
        let kind = Kind::Event(Box::new(event), Box::new(context));
        let seq = self.push(stamp, kind, size, Some(waiter));
        Taken {
            audit_id: stamp.audit_id,
            seq,
            safe,
        }
    }

    /// Takes a record that another trail has made, and tells where it is safe.
    pub(crate) fn foreign(&self, record: EncodedRecord) -> Taken {
        let stamp = self.stamp(Some(record.record().audit_id));
        let (waiter, safe) = oneshot::channel();
        let size = record.weight();
        let seq = self.push(stamp, Kind::Foreign(record), size, Some(waiter));
        Taken {
            audit_id: stamp.audit_id,
            seq,
            safe,
        }
    }

    /// Records something about the trail itself; answers its number.
    pub(crate) fn own(&self, operation_type: &'static str, metadata: Value) -> u64 {
        let stamp = self.stamp(None);
        self.push(stamp, Kind::Own(operation_type, metadata), 256, None)
    }

    /// As [`Self::own`], under an id that makes a repeat harmless; tells where the record is safe.
    #[cfg(feature = "sqlite")]
    pub(crate) fn own_as(
        &self,
        audit_id: Uuid,
        operation_type: &'static str,
        metadata: Value,
    ) -> oneshot::Receiver<Result<Place>> {
        let (waiter, safe) = oneshot::channel();
        let stamp = self.stamp(Some(audit_id));
        self.push(stamp, Kind::Own(operation_type, metadata), 256, Some(waiter));
        safe
    }

    /// What a record gets before it has its number.
    fn stamp(&self, audit_id: Option<Uuid>) -> Stamp {
        let taken_at = self.clock.now();
        Stamp {
            audit_id: audit_id.unwrap_or_else(|| self.ids.next(taken_at.millis(), self.entropy.ten())),
            seq: 0,
            taken_at,
        }
    }

    fn push(&self, stamp: Stamp, kind: Kind, size: usize, waiter: Option<Waiter>) -> u64 {
        let is_own = matches!(kind, Kind::Own(..));
        if is_own && self.sealed.load(SeqCst) {
            // Nobody handed it over, and the trail has nothing more to say.
            if let Some(waiter) = waiter {
                let _ = waiter.send(Err(Error::closed()));
            }
            return 0;
        }
        // Counted in before the doors are looked at: whoever closes them waits for what was counted in.
        self.books.enter();
        if let Err(error) = self.takes_more(is_own) {
            let mut books = self.books.open();
            books.leave_queue(1);
            match error.code() {
                Code::Poisoned => books.dropped.poisoned += 1,
                _ => books.dropped.closed += 1,
            }
            drop(books);
            if let Some(waiter) = waiter {
                let _ = waiter.send(Err(error));
            }
            return 0;
        }
        self.enqueue(stamp, kind, size, waiter)
    }

    /// Puts into the queue what was counted in; answers its number.
    fn enqueue(&self, mut stamp: Stamp, kind: Kind, size: usize, waiter: Option<Waiter>) -> u64 {
        let urgent = waiter.is_some() || !matches!(kind, Kind::Call(..));
        if !matches!(kind, Kind::Foreign(_)) {
            stamp.seq = self.seq.fetch_add(1, Relaxed) + 1;
        }
        let intake = Intake {
            turn: self.turns.fetch_add(1, SeqCst) + 1,
            stamp,
            kind,
            size: size + size_of::<Intake>(),
            waiter,
        };
        self.queue.push(intake, urgent, |lost| self.overrun(lost));
        stamp.seq
    }

    fn takes_more(&self, is_own: bool) -> Result<()> {
        if self.poisoned.load(SeqCst) {
            return Err(poisoned());
        }
        // What the trail says at its end comes after the doors were closed.
        if self.closed.load(SeqCst) && (!is_own || self.sealed.load(SeqCst)) {
            return Err(Error::closed());
        }
        Ok(())
    }

    /// Whether a record that is taken now can be made safe.
    ///
    /// # Errors
    /// [`Code::AuditUnavailable`] when neither spool nor store takes writes, [`Code::Closed`], [`Code::Poisoned`].
    pub(crate) fn is_ready(&self) -> Result<()> {
        self.takes_more(false)?;
        if !self.is_down() || self.spool_takes_writes() {
            return Ok(());
        }
        Err(Error::new(
            Code::AuditUnavailable,
            "neither the audit store nor the spool takes records now; try again later",
        ))
    }

    /// The time by which records expire.
    pub(crate) fn expiry_time(&self) -> Timestamp {
        self.expiry.now()
    }

    pub(crate) fn is_down(&self) -> bool {
        *self.down.borrow()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(SeqCst)
    }

    /// # Errors
    /// [`Code::Poisoned`].
    pub(crate) fn is_sound(&self) -> Result<()> {
        if self.poisoned.load(Relaxed) {
            Err(poisoned())
        } else {
            Ok(())
        }
    }

    /// Takes nothing more; what is queued still goes out. Answers whether it was open.
    pub(crate) fn stop_intake(&self) -> bool {
        let was_open = !self.closed.swap(true, SeqCst);
        self.send_all_kept();
        was_open
    }

    /// Waits until what was taken so far is stored, or, while the store is away, on disk.
    pub(crate) async fn drained(&self) {
        self.send_all_kept();
        let reached = self.progress.reach(&self.turns);
        self.queue.nudge();
        self.outbox.nudge();
        // The sender ends only with the recorder.
        let _ = reached.await;
        let mut down = self.down.subscribe();
        while !*down.borrow_and_update() && self.books.read().spooled > 0 {
            self.to_drain.notify_one();
            let look_again = Duration::from_millis(20);
            // What the drain has done is on the books; the store's going away ends the wait.
            let _ = tokio::time::timeout(look_again, down.changed()).await;
        }
    }

    /// Waits until nothing is in memory any more, once the doors are closed; what was lost by then is on the trail as well.
    pub(crate) async fn emptied(&self) {
        let mut reports = 0;
        loop {
            self.drained().await;
            // A record that says what is missing can be refused as well, and then a record that says so.
            reports += 1;
            if reports <= MOST_REPORTS && self.report_gaps() {
                continue;
            }
            let ledger = self.books.read();
            if ledger.queued + ledger.in_flight == 0 {
                return;
            }
            // Somebody was counted in and has not handed over yet.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The trail has said its last.
    pub(crate) fn seal(&self) {
        self.sealed.store(true, SeqCst);
    }

    /// From now on what is in memory goes to disk, and nobody waits for the store any more.
    pub(crate) fn end(&self) {
        self.ending.send_replace(true);
        self.queue.nudge();
        self.outbox.nudge();
    }

    /// Waits until nothing waits in memory for what can still be done.
    pub(crate) async fn reached_disk(&self) {
        loop {
            // The sender ends only with the recorder.
            let _ = self.progress.reach(&self.turns).await;
            let ledger = self.books.read();
            if ledger.queued + ledger.in_flight == 0 {
                return;
            }
            self.queue.nudge();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The number up to which a kill could take none of the trail's records away, nor the word of one that is lost.
    #[cfg(feature = "sqlite")]
    pub(super) fn safe_through(&self) -> u64 {
        let settled = self.settled.through();
        let untold = self.gaps.first_untold();
        untold.map_or(settled, |untold| settled.min(untold.saturating_sub(1)))
    }

    /// Leaves the spool to whoever opens it next; a file that is empty goes. A disk that does not answer is left alone.
    pub(crate) async fn close_spool(&self) {
        #[cfg(feature = "sqlite")]
        if let Some(spool) = self.spool() {
            let safe = self.safe_through();
            let is_clean =
                self.is_sound().is_ok() && self.books.read().in_flight == 0 && safe == self.seq.load(Relaxed);
            let closing = spool.clone().close((!is_clean).then_some(safe));
            let closing = tokio::time::timeout(self.timing.disk_deadline, closing);
            let closed = closing.await.unwrap_or_else(|_| Err(spool::hangs()));
            if let Err(error) = closed {
                tracing::warn!(target: "tasktrail", code = error.code().as_str(), "the audit spool could not be closed: {error}");
            }
        }
    }

    pub(crate) fn metrics(&self) -> Metrics {
        #[cfg(feature = "sqlite")]
        let on_disk = self.spool().map_or(0, |spool| spool.usage().bytes);
        #[cfg(not(feature = "sqlite"))]
        let on_disk = 0;
        let in_memory = self.queue.bytes() + self.held_beside_queue();
        self.meters.read(in_memory, on_disk)
    }

    fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        let dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        dead.iter().cloned().collect()
    }
}

fn poisoned() -> Error {
    Error::new(
        Code::Poisoned,
        "the audit trail's writer has failed and takes nothing more; what it held was saved where there is a spool; open another trail, and report the log",
    )
}
