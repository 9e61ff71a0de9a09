//! The trail: recorder, store and hub behind one handle, opened from one URL.

mod bundles;
mod export;
mod export_text;
mod ingest;
mod keeping;
mod once;
mod options;

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::clock::{Clock, SystemClock};
use crate::error::{Code, Error, Result};
use crate::live::{After, Batch, Bounds, Feed, FeedTiming, Hub, Listener, Scope};
use crate::query::{Page, Query, StoredRecord};
use crate::recorder::{
    DeadLetter, Emitted, Encoder, Ledger, Metrics, Place, Quiet, Recorder, Settings, StoreSize, StoreState, Taken,
    Timing, answer_within, new_writer_id, within,
};
use crate::sanitize::{Policy, Sanitizer};
use crate::schema::{Call, Event, OperationTable, Timestamp, validate_event};
use crate::store::{self, Store, StoreUrl};
use bundles::Bundles;

pub use crate::live::Subscription;
pub use crate::retention::{Retention, RetentionPolicy};
pub use crate::schema::{Ingested, Refused};
pub use bundles::Bundle;
pub use export::Export;
pub use export_text::{ExportFormat, ExportText};
pub use once::EmittedOnce;
pub use options::{Mode, Options, WhenFull};

/// How much of a close's time is kept for the disk at most, and how long the store may take to let go.
const LAST_COMMIT: Duration = Duration::from_secs(1);
/// How long a dropped handle goes on sending.
const DROP_DEADLINE: Duration = Duration::from_secs(2);
/// How long a blocking close waits at least, and at most, for the trail's threads, which a subscriber's callback may hold up.
const JOIN_LEAST: Duration = Duration::from_secs(1);
const JOIN_MOST: Duration = Duration::from_secs(60);
const READ_DEADLINE: Duration = Duration::from_secs(10);
const RECONNECT_FIRST: Duration = Duration::from_millis(250);
/// The first sweep at the latest, after opening.
const FIRST_SWEEP: Duration = Duration::from_secs(30);
const RECONNECT_LAST: Duration = Duration::from_secs(5);

/// Where a trail's store comes from.
#[derive(Debug, Clone)]
enum Source {
    Url(StoreUrl),
    Given(Arc<dyn Store>),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Url(url) => url.fmt(f),
            Source::Given(_) => f.write_str("custom:"),
        }
    }
}

/// Opens a trail; see [`Trail::builder`].
#[derive(Debug)]
#[must_use = "call `open`"]
pub struct Builder {
    source: Result<Source>,
    options: Options,
    clock: Arc<dyn Clock>,
    timing: Timing,
}

impl Builder {
    /// Takes all settings at once.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// How long records are kept. Default 90 days.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.options.retention_days = match retention {
            Retention::Days(days) => Some(days),
            Retention::Forever => None,
        };
        self
    }

    /// What an accident can cost. Default [`Mode::Relaxed`].
    pub fn mode(mut self, mode: Mode) -> Self {
        self.options.mode = mode;
        self
    }

    /// Folder of the spool. Default none.
    pub fn spool(mut self, folder: impl Into<std::path::PathBuf>) -> Self {
        self.options.spool = Some(folder.into());
        self
    }

    /// Opens even while the store is away. Default false.
    pub fn degraded_start(mut self, degraded: bool) -> Self {
        self.options.degraded_start = degraded;
        self
    }

    /// How often the progress of one task becomes a record; zero for always. Default a second.
    pub fn progress_interval(mut self, interval: Duration) -> Self {
        // Rounded up: less than a millisecond is not none.
        let millis = interval.as_nanos().div_ceil(1_000_000);
        self.options.progress_interval_ms = u32::try_from(millis).unwrap_or(u32::MAX);
        self
    }

    /// Rules of the sanitizer that go before those that ship, and bounds of what it keeps.
    pub fn sanitizer(mut self, policy: Policy) -> Self {
        self.options.sanitizer = policy;
        self
    }

    /// Another clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Other times than those that hosts get, for tests.
    #[doc(hidden)]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Opens the trail. The future may be awaited on any runtime, or none.
    ///
    /// # Errors
    /// [`Code::UrlInvalid`], [`Code::OptionsInvalid`], [`Code::PolicyInvalid`]; and unless the start may be degraded, [`Code::StorePath`],
    /// [`Code::StoreUnavailable`] or [`Code::StoreTimeout`] within `openTimeoutMs`.
    pub async fn open(self) -> Result<Trail> {
        let (trail, connecting) = self.assemble()?;
        let ready = trail.inner.spawn(connecting)?.await?;
        if ready.is_err() {
            // Nothing was recorded, so there is nothing for `drop` to send.
            trail.inner.end_runtime();
        }
        ready.map(|()| trail)
    }

    /// As [`Builder::open`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Builder::open`].
    pub fn open_blocking(self) -> Result<Trail> {
        let (trail, connecting) = self.assemble()?;
        let ready = trail.inner.block(connecting)?;
        if ready.is_err() {
            // As in `open`.
            trail.inner.join_runtime(JOIN_LEAST);
        }
        ready.map(|()| trail)
    }

    /// The trail, and what reaches its store.
    fn assemble(self) -> Result<(Trail, impl Future<Output = Result<()>> + Send + use<>)> {
        let source = self.source?;
        self.options.check()?;
        let source = match source {
            Source::Url(url) => Source::Url(url.with_api_key(self.options.api_key.clone())),
            given => given,
        };
        let sanitizer = Sanitizer::new(&self.options.sanitizer, self.options.hash_key.as_deref())?;
        let operations = Arc::new(OperationTable::new(&self.options.operations)?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("tasktrail")
            .enable_all()
            .build()
            .map_err(|error| {
                Error::new(
                    Code::StoreFailed,
                    format!("the trail's threads cannot be started: {error}"),
                )
            })?;
        let writer_id = new_writer_id();
        let encoder = Encoder {
            writer_id: writer_id.clone(),
            service: self.options.service.clone(),
            instance_id: self.options.instance_id.clone(),
            retention: Arc::new(RwLock::new(self.options.retention())),
            hash_key: self.options.hash_key.clone(),
            sanitizer: Arc::new(sanitizer),
            operations,
        };
        let settings = Settings {
            capacity: self.options.fallback_capacity as usize,
            max_bytes: usize::try_from(self.options.queue_max_bytes).unwrap_or(usize::MAX),
            batch_size: self.options.batch_size as usize,
            batch_delay: Duration::from_millis(u64::from(self.options.batch_delay_ms)),
            mode: self.options.mode,
            progress_interval: Duration::from_millis(u64::from(self.options.progress_interval_ms)),
        };
        let hub = Arc::new(Hub::new(writer_id, Bounds::default()));
        let recorder = Arc::new(Recorder::new(encoder, self.clock, hub, settings, self.timing));
        let connecting = connect_first(Arc::clone(&recorder), source.clone(), self.options);
        let inner = Inner {
            bundles: Arc::default(),
            recorder,
            source,
            runtime: Mutex::new(Some(runtime)),
        };
        Ok((Trail { inner: Arc::new(inner) }, connecting))
    }
}

/// Reaches the store for the first time, within the deadline, or leaves a task behind that goes on trying.
async fn connect_first(recorder: Arc<Recorder>, source: Source, options: Options) -> Result<()> {
    let deadline = Duration::from_millis(u64::from(options.open_timeout_ms));
    let started = json!({
        "store": source.to_string(),
        "retentionDays": options.retention_days,
        "retentionByWorkspace": options.retention_by_workspace,
        "mode": options.mode,
        "spool": options.spool.is_some(),
        "version": env!("CARGO_PKG_VERSION"),
    });
    open_spool(&recorder, &options).await?;
    recorder.start();
    if options.degraded_start {
        recorder.own("audit.started", started);
        tokio::spawn(reconnect(recorder, source, deadline));
        return Ok(());
    }
    match open_within(&source, deadline).await {
        Ok(store) => {
            recorder.own("audit.started", started);
            opened(&recorder, store).await;
            Ok(())
        }
        Err(error) => {
            // Nothing is in it, and nothing would ever come for it.
            recorder.close_spool().await;
            Err(error)
        }
    }
}

#[cfg(feature = "sqlite")]
async fn open_spool(recorder: &Recorder, options: &Options) -> Result<()> {
    use crate::recorder::spool::{Spool, SpoolSettings};
    let Some(folder) = &options.spool else { return Ok(()) };
    let settings = SpoolSettings {
        folder: folder.clone(),
        writer_id: recorder.encoder.writer_id.clone(),
        max_bytes: options.spool_max_bytes,
        when_full: options.spool_when_full,
    };
    recorder.use_spool(Spool::open(settings).await?);
    Ok(())
}

#[cfg(not(feature = "sqlite"))]
async fn open_spool(_recorder: &Recorder, options: &Options) -> Result<()> {
    match &options.spool {
        None => Ok(()),
        Some(_) => Err(Error::new(
            Code::OptionsInvalid,
            "this build of Tasktrail leaves out the spool (the Cargo feature `sqlite`)",
        )
        .with_field("spool")),
    }
}

async fn open_within(source: &Source, deadline: Duration) -> Result<Arc<dyn Store>> {
    let url = match source {
        Source::Url(url) => url,
        Source::Given(store) => return Ok(Arc::clone(store)),
    };
    let opening = {
        let url = url.clone();
        async move { store::open(&url).await }
    };
    within(deadline, "opening a store", opening, || {
        let message = format!(
            "the store {url} could not be reached within {deadline:?}; is it running, and is the address right?"
        );
        Error::new(Code::StoreTimeout, message).with_field("url")
    })
    .await
}

async fn reconnect(recorder: Arc<Recorder>, source: Source, deadline: Duration) {
    let mut pause = RECONNECT_FIRST;
    let mut said = false;
    loop {
        match open_within(&source, deadline).await {
            Ok(store) => {
                if said {
                    tracing::info!(target: "tasktrail", store = %source, "the audit store was reached; what was kept is being stored");
                }
                return opened(&recorder, store).await;
            }
            Err(error) => {
                if !std::mem::replace(&mut said, true) {
                    tracing::warn!(
                        target: "tasktrail",
                        code = error.code().as_str(),
                        "the audit store cannot be reached; records are kept in memory and sent once it is: {error}"
                    );
                }
                recorder.store.send_replace(StoreState::Connecting(Some(error)));
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RECONNECT_LAST);
    }
}

async fn opened(recorder: &Arc<Recorder>, store: Arc<dyn Store>) {
    recorder.store.send_replace(StoreState::Open(Arc::clone(&store)));
    let recorder = Arc::clone(recorder);
    let sweep_every = recorder.timing.sweep_every;
    let feed = FeedTiming {
        every: recorder.timing.feed_every,
        ..FeedTiming::default()
    };
    // Before the host hears that the trail is open, so that whoever listens from then on is told all that others bring.
    let feed = Feed::new(Arc::clone(&recorder.hub), feed)
        .begin(Arc::clone(&store))
        .await;
    // All of these end with the trail's runtime.
    tokio::spawn(Quiet::new(feed.run()));
    tokio::spawn(Quiet::new(measure(Arc::clone(&recorder), Arc::clone(&store))));
    tokio::spawn(async move {
        // Soon for the first time: some hosts do not live for long.
        tokio::time::sleep(sweep_every.min(FIRST_SWEEP)).await;
        loop {
            if let Err(error) = store.sweep(recorder.expiry_time()).await {
                tracing::warn!(target: "tasktrail", code = error.code().as_str(), "expired records could not be deleted: {error}");
            }
            tokio::time::sleep(sweep_every).await;
        }
    });
}

/// Looks every so often how much the store holds. While it does not answer, what was found before stays, with its time.
async fn measure(recorder: Arc<Recorder>, store: Arc<dyn Store>) {
    loop {
        let store = Arc::clone(&store);
        match answer_within(READ_DEADLINE, async move { store.size().await }).await {
            Ok(size) => recorder.sizes.add(size, recorder.clock.now(), recorder.clock.elapsed()),
            // An outage is said elsewhere; a user who may not ask would be told so each minute.
            Err(error) => {
                tracing::debug!(target: "tasktrail", code = error.code().as_str(), "the size of the audit store is not known now: {error}");
            }
        }
        tokio::time::sleep(recorder.timing.size_every).await;
    }
}

/// The answer to an accepted event.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// The event, normalised.
    pub event: Event,
    /// Id of its record.
    pub audit_id: Uuid,
    /// Its number among this trail's records; `None` while it is kept back ([`Accepted::is_coalesced`]).
    pub seq: Option<u64>,
    /// Whether it is on disk or in the store. Otherwise it is kept in memory: a client that must not lose it keeps its copy and sends it again.
    pub durable: bool,
}

/// The answer to a durable record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Id of the record.
    pub audit_id: Uuid,
    /// Its number among this trail's records; 0 when it was skipped.
    pub seq: u64,
    /// Where it is safe.
    pub place: Place,
}

impl Receipt {
    /// `{"auditId","seq","place"}`, the place being `spool`, `store` or `skipped`.
    pub fn to_json(&self) -> String {
        json!({ "auditId": self.audit_id, "seq": self.seq, "place": self.place }).to_string()
    }
}

impl Accepted {
    /// Whether it is progress that is kept back for a moment: it becomes a record, unless the same task reports newer progress before
    /// that. There is no need to send it again.
    pub fn is_coalesced(&self) -> bool {
        self.seq.is_none()
    }

    /// `{"accepted":true,"type","projectNumber","timestamp","auditId","seq","durable"}`; with `"coalesced":true` where that is so.
    pub fn to_json(&self) -> String {
        let mut answer = json!({
            "accepted": true,
            "type": self.event.event_type,
            "projectNumber": self.event.project_number,
            "timestamp": self.event.timestamp,
            "auditId": self.audit_id,
            "seq": self.seq,
            "durable": self.durable,
        });
        if let (true, Some(answer)) = (self.is_coalesced(), answer.as_object_mut()) {
            answer.insert("coalesced".into(), true.into());
        }
        answer.to_string()
    }
}

/// A trail's handle. Clones share one trail; it runs on two threads of its own, so every method may be called from any
/// runtime or thread, and none but those named `…_blocking` waits for the store.
///
/// ```
/// # use tasktrail::{Call, Query, Trail};
/// # use std::time::Duration;
/// # fn main() -> tasktrail::Result<()> {
/// let trail = Trail::builder("memory:").open_blocking()?;
/// let mut call = Call::default();
/// (call.method, call.path, call.status) = ("POST".into(), "/tasks/7/start".into(), Some(201));
/// trail.record(call, Some(br#"{"note":"go","password":"x"}"#));
/// trail.flush_blocking(Duration::from_secs(5))?;
/// let page = trail.query_blocking(&Query::default())?;
/// assert!(page.items[0].json.contains("task.started"));
/// # trail.close_blocking(Duration::from_secs(5)).map(drop)
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Trail {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    recorder: Arc<Recorder>,
    bundles: Arc<Bundles>,
    source: Source,
    /// Gone once the trail is closed.
    runtime: Mutex<Option<Runtime>>,
}

impl Inner {
    /// Runs something on the trail's own threads; the answer may be awaited anywhere.
    fn spawn<T: Send + 'static, W: Future<Output = T> + Send + 'static>(
        &self,
        work: W,
    ) -> Result<impl Future<Output = Result<T>> + Send + use<T, W>> {
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        let task = runtime.as_ref().ok_or_else(Error::closed)?.spawn(work);
        Ok(async move {
            task.await.map_err(|error| {
                if error.is_panic() {
                    Error::panicked("a trail's task")
                } else {
                    Error::closed()
                }
            })
        })
    }

    /// Runs something on the trail's own threads and waits for it.
    fn block<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T> {
        let (answer, answered) = std::sync::mpsc::sync_channel(1);
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.as_ref().ok_or_else(Error::closed)?.spawn(async move {
            // Nobody waits only if the caller's thread is gone.
            let _ = answer.send(work.await);
        });
        drop(runtime);
        answered.recv().map_err(|_| {
            let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
            // Somebody else has closed the trail meanwhile, and its tasks with it.
            if runtime.is_none() {
                Error::closed()
            } else {
                Error::panicked("a trail's task")
            }
        })
    }

    fn end_runtime(&self) {
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            // Waiting for threads here could stall a host's own; what was asked to be stored has been by now.
            runtime.shutdown_background();
        }
    }

    /// As `end_runtime`, and waits until the threads are gone, so that a host may unload the library or end its process cleanly.
    fn join_runtime(&self, deadline: Duration) {
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            // On a runtime's thread, such as that of a subscriber's callback, it could be waiting for itself.
            if tokio::runtime::Handle::try_current().is_ok() {
                runtime.shutdown_background();
            } else {
                runtime.shutdown_timeout(deadline.clamp(JOIN_LEAST, JOIN_MOST));
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(runtime) = runtime else { return };
        self.bundles.read(&self.recorder);
        let recorder = Arc::clone(&self.recorder);
        // A handle that was dropped without `close` still gets a moment to send what it holds, on a thread of its own: dropping never blocks.
        let drain = move || {
            runtime.block_on(async {
                finish(recorder, DROP_DEADLINE).await;
            });
            runtime.shutdown_background();
        };
        // Without a thread to spare the records are lost with the runtime, as at a kill.
        let _ = std::thread::Builder::new().name("tasktrail-drop".into()).spawn(drain);
    }
}

/// Takes nothing more, sends what is queued until the deadline, brings the rest to disk, and lets go of spool and store.
async fn finish(recorder: Arc<Recorder>, deadline: Duration) {
    let was_open = recorder.stop_intake();
    let mut has_said = !was_open;
    let say_last = || {
        let ledger = recorder.books.read();
        let counts = json!({ "stored": ledger.stored, "spooled": ledger.spooled, "dropped": ledger.dropped.total() });
        recorder.own("audit.stopped", counts);
    };
    // A part of the time is left for the disk, should the store not answer.
    let for_the_disk = (deadline / 4).min(LAST_COMMIT);
    let mut is_drained = recorder.is_sound().is_err()
        || tokio::time::timeout(deadline.saturating_sub(for_the_disk), async {
            recorder.emptied().await;
            if !std::mem::replace(&mut has_said, true) {
                say_last();
                recorder.seal();
                recorder.emptied().await;
            }
        })
        .await
        .is_ok();
    if !has_said {
        say_last();
    }
    recorder.seal();
    recorder.end();
    if !is_drained && recorder.spool().is_some() {
        is_drained = tokio::time::timeout(for_the_disk, recorder.reached_disk())
            .await
            .is_ok();
    }
    if !is_drained {
        recorder.lose_the_rest();
        let ledger = recorder.books.read();
        let (lost, unknown) = (ledger.dropped.closed, ledger.in_flight);
        tracing::warn!(target: "tasktrail", lost, unknown, "the trail was closed at its deadline with records that neither store nor spool took");
    }
    recorder.say_last_losses();
    // Nothing more is published. Who listens is given what there is, and then the end.
    recorder.hub.close();
    recorder.close_spool().await;
    let store = recorder.store.borrow().clone();
    if let StoreState::Open(store) = store {
        // A store that hangs must not hold up the host's end.
        let closing = answer_within(LAST_COMMIT, async move {
            store.close().await;
            Ok(())
        });
        if let Err(error) = closing.await {
            tracing::warn!(target: "tasktrail", code = error.code().as_str(), "the audit store was left without its answer to the close: {error}");
        }
    }
}

impl Trail {
    /// Begins to open a trail on a store: `memory:`, `sqlite:path/to/audit.db`, `mongodb://host/database`, or another Tasktrail's API,
    /// `http://localhost:8167`.
    pub fn builder(url: impl AsRef<str>) -> Builder {
        let source = StoreUrl::parse(url.as_ref()).map(Source::Url);
        Builder {
            source,
            options: Options::default(),
            clock: Arc::new(SystemClock),
            timing: Timing::default(),
        }
    }

    /// Begins to open a trail on a store of the host's own.
    pub fn builder_with_store(store: Arc<dyn Store>) -> Builder {
        Builder {
            source: Ok(Source::Given(store)),
            options: Options::default(),
            clock: Arc::new(SystemClock),
            timing: Timing::default(),
        }
    }

    /// Takes a call and answers the id of its record. Never waits and never fails: what goes wrong later is counted ([`Trail::stats`]).
    ///
    /// `body` are the raw bytes of the request's body or the beginning of them ([`Call::body_bytes`] tells the whole size).
    pub fn record(&self, call: Call, body: Option<&[u8]>) -> Uuid {
        self.inner.recorder.record(call, body)
    }

    /// Takes a call at once, whether or not the answer is waited for; answers once its record is on disk or in the store.
    ///
    /// # Errors
    /// [`Code::AuditUnrecorded`] when it could not be made safe within 5 s: it may still be stored later. [`Code::Closed`],
    /// [`Code::Poisoned`].
    pub fn record_durable(
        &self,
        call: Call,
        body: Option<&[u8]>,
    ) -> impl Future<Output = Result<Receipt>> + Send + use<> {
        let taken = self.inner.recorder.record_durable(call, body);
        let settled = self.inner.spawn(self.settling(taken));
        async move { settled?.await? }
    }

    /// As [`Trail::record_durable`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Trail::record_durable`].
    pub fn record_durable_blocking(&self, call: Call, body: Option<&[u8]>) -> Result<Receipt> {
        let taken = self.inner.recorder.record_durable(call, body);
        self.inner.block(self.settling(taken))?
    }

    fn settling(&self, taken: Taken) -> impl Future<Output = Result<Receipt>> + Send + use<> {
        let recorder = Arc::clone(&self.inner.recorder);
        async move {
            let deadline = recorder.timing.durable_deadline;
            let place = match tokio::time::timeout(deadline, taken.safe).await {
                Ok(Ok(place)) => place?,
                // The task that had it is gone.
                Ok(Err(_)) if recorder.is_closed() => return Err(Error::closed()),
                Ok(Err(_)) => return Err(Error::panicked("the recorder")),
                Err(_) => {
                    let message = format!("the record could not be made safe within {deadline:?}; it is still tried");
                    return Err(Error::new(Code::AuditUnrecorded, message));
                }
            };
            Ok(Receipt {
                audit_id: taken.audit_id,
                seq: taken.seq,
                place,
            })
        }
    }

    /// Whether a record that is taken now can be made safe: for hosts that would rather refuse a call than not record it.
    ///
    /// # Errors
    /// [`Code::AuditUnavailable`] when neither spool nor store takes writes, [`Code::Closed`], [`Code::Poisoned`].
    pub fn is_ready(&self) -> Result<()> {
        self.inner.recorder.is_ready()
    }

    /// The newest records that the store refused for good, with its reasons; at most 100 of this trail. All of them, with their text,
    /// are kept in the spool where there is one.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.inner.recorder.dead_letters()
    }

    /// Checks and takes a progress event. `context` is the call that brought it; its method and path may be empty.
    ///
    /// Of `task.progress` that comes within a second of the last that was recorded of the same task (`progressIntervalMs`) only the
    /// newest becomes a record, at the end of that second or before the task's next other event; the answer to such progress says so
    /// ([`Accepted::is_coalesced`]).
    ///
    /// # Errors
    /// [`Code::EventInvalid`] with every fault in [`Error::details`], [`Code::EventTooLarge`], [`Code::Closed`].
    pub async fn emit(&self, event_json: &str, context: Call) -> Result<Accepted> {
        let answer = self.emitting(event_json, context)?;
        self.inner.spawn(answer)?.await
    }

    /// As [`Trail::emit`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Trail::emit`].
    pub fn emit_blocking(&self, event_json: &str, context: Call) -> Result<Accepted> {
        let answer = self.emitting(event_json, context)?;
        self.inner.block(answer)
    }

    fn emitting(&self, event_json: &str, context: Call) -> Result<impl Future<Output = Accepted> + Send + use<>> {
        let recorder = Arc::clone(&self.inner.recorder);
        recorder.is_sound()?;
        if recorder.is_closed() {
            return Err(Error::closed());
        }
        let event = validate_event(event_json, recorder.clock.now())?;
        let emitted = recorder.event(event.clone(), context);
        Ok(async move {
            let Taken { audit_id, seq, safe } = match emitted {
                Emitted::Taken(taken) => taken,
                Emitted::KeptBack(audit_id) => {
                    return Accepted {
                        event,
                        audit_id,
                        seq: None,
                        durable: false,
                    };
                }
            };
            // While the store is known to be away, and there is no disk, there is nothing to wait for.
            let can_be_safe = recorder.spool().is_some() || !recorder.is_down();
            let answer = async { matches!(safe.await, Ok(Ok(_))) };
            let durable = can_be_safe
                && tokio::time::timeout(recorder.timing.emit_deadline, answer)
                    .await
                    .unwrap_or(false);
            Accepted {
                event,
                audit_id,
                seq: Some(seq),
                durable,
            }
        })
    }

    /// One page of the history.
    ///
    /// # Errors
    /// [`Code::StoreUnavailable`], [`Code::StoreTimeout`], [`Code::StoreFailed`], [`Code::Closed`].
    pub async fn query(&self, query: &Query) -> Result<Page> {
        let asking = self.asking(query.clone());
        self.inner.spawn(asking)?.await?
    }

    /// As [`Trail::query`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Trail::query`].
    pub fn query_blocking(&self, query: &Query) -> Result<Page> {
        self.inner.block(self.asking(query.clone()))?
    }

    fn asking(&self, query: Query) -> impl Future<Output = Result<Page>> + Send + use<> {
        let recorder = Arc::clone(&self.inner.recorder);
        reading(recorder, move |store, now| async move {
            store::answer(&*store, &query, now).await
        })
    }

    /// One record; `None` when there is none with this id.
    ///
    /// # Errors
    /// As [`Trail::query`].
    pub async fn get(&self, audit_id: Uuid) -> Result<Option<StoredRecord>> {
        let getting = self.getting(audit_id);
        self.inner.spawn(getting)?.await?
    }

    /// As [`Trail::get`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Trail::query`].
    pub fn get_blocking(&self, audit_id: Uuid) -> Result<Option<StoredRecord>> {
        self.inner.block(self.getting(audit_id))?
    }

    fn getting(&self, audit_id: Uuid) -> impl Future<Output = Result<Option<StoredRecord>>> + Send + use<> {
        let recorder = Arc::clone(&self.inner.recorder);
        reading(
            recorder,
            move |store, now| async move { store.get(audit_id, now).await },
        )
    }

    /// Listens to a scope.
    pub fn subscribe(&self, scope: &Scope, after: &After) -> Listener {
        self.inner.recorder.hub.subscribe(scope, after)
    }

    /// Calls `callback` with each batch of a scope, one at a time, on a thread of the trail's own, until the subscription ends.
    ///
    /// # Errors
    /// [`Code::Closed`].
    pub fn subscribe_with(
        &self,
        scope: &Scope,
        after: &After,
        callback: impl Fn(Batch) + Send + Sync + 'static,
    ) -> Result<Subscription> {
        let runtime = self.inner.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        let runtime = runtime.as_ref().ok_or_else(Error::closed)?;
        let hub = &self.inner.recorder.hub;
        Ok(hub.call_back(runtime.handle(), scope, after, callback))
    }

    /// What a room's replay ring holds behind `after`.
    pub fn replay(&self, scope: &Scope, after: &After) -> Batch {
        self.inner.recorder.hub.replay(scope, after)
    }

    /// The ledger, now.
    pub fn stats(&self) -> Stats {
        self.read_bundles();
        let store = match &*self.inner.recorder.store.borrow() {
            StoreState::Open(_) if self.inner.recorder.is_down() => StoreHealth::Away,
            StoreState::Open(_) => StoreHealth::Open,
            StoreState::Connecting(_) => StoreHealth::Connecting,
        };
        let ledger = self.inner.recorder.books.read();
        // Of what was left out nobody has looked whose it is.
        let looked_at = ledger.seen.saturating_sub(ledger.skipped.total());
        let known = looked_at.saturating_sub(ledger.unknown_workspace) as f64;
        Stats {
            ledger,
            workspace_coverage: (looked_at > 0).then(|| known / looked_at as f64),
            metrics: self.inner.recorder.metrics(),
            writer_id: self.inner.recorder.encoder.writer_id.clone(),
            store_url: self.inner.source.to_string(),
            store,
            size: self.inner.recorder.sizes.read(),
        }
    }

    /// The fingerprint under which an API key appears as `actor`.
    pub fn fingerprint(&self, api_key: &str) -> String {
        self.inner.recorder.encoder.fingerprint(api_key)
    }

    /// Waits until all that was recorded so far is stored, or the deadline; the ledger says which. While the store is away, what is on
    /// disk is not waited for.
    ///
    /// # Errors
    /// [`Code::Closed`], [`Code::Poisoned`].
    pub async fn flush(&self, deadline: Duration) -> Result<Stats> {
        self.inner.recorder.is_sound()?;
        self.inner.spawn(self.draining(deadline))?.await?;
        Ok(self.stats())
    }

    /// As [`Trail::flush`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Trail::flush`].
    pub fn flush_blocking(&self, deadline: Duration) -> Result<Stats> {
        self.inner.recorder.is_sound()?;
        self.inner.block(self.draining(deadline))?;
        Ok(self.stats())
    }

    fn draining(&self, deadline: Duration) -> impl Future<Output = ()> + Send + use<> {
        self.read_bundles();
        let recorder = Arc::clone(&self.inner.recorder);
        async move {
            let all = async {
                recorder.drained().await;
                // What was lost so far is on the trail as well.
                if recorder.report_gaps() {
                    recorder.drained().await;
                }
            };
            // The ledger tells whether the deadline cut it short.
            let _ = tokio::time::timeout(deadline, all).await;
        }
    }

    /// Takes nothing more, sends what is queued until the deadline, brings what is left to disk where there is a spool, and lets go of
    /// store and threads. Closing again is harmless.
    ///
    /// # Errors
    /// None today; the type leaves room.
    pub async fn close(&self, deadline: Duration) -> Result<Stats> {
        if let Ok(closing) = self.inner.spawn(self.closing(deadline)) {
            match closing.await {
                // Another has closed it first.
                Err(error) if error.code() != Code::Closed => return Err(error),
                _ => {}
            }
        }
        self.inner.end_runtime();
        Ok(self.stats())
    }

    /// As [`Trail::close`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Trail::close`].
    pub fn close_blocking(&self, deadline: Duration) -> Result<Stats> {
        match self.inner.block(self.closing(deadline)) {
            Err(error) if error.code() != Code::Closed => return Err(error),
            _ => {}
        }
        self.inner.join_runtime(deadline);
        Ok(self.stats())
    }

    fn closing(&self, deadline: Duration) -> impl Future<Output = ()> + Send + use<> {
        self.read_bundles();
        finish(Arc::clone(&self.inner.recorder), deadline)
    }
}

/// Asks the store something, within a deadline.
async fn reading<T, F, A>(recorder: Arc<Recorder>, ask: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce(Arc<dyn Store>, Timestamp) -> A + Send,
    A: Future<Output = Result<T>> + Send + 'static,
{
    let state = recorder.store.borrow().clone();
    answer_within(READ_DEADLINE, ask(state.store()?, recorder.expiry_time())).await
}

/// How the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum StoreHealth {
    /// It takes writes.
    Open,
    /// It was reached before and does not take writes now.
    Away,
    /// It was not reached yet.
    Connecting,
}

/// The ledger and what it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Every record by what became of it.
    #[serde(flatten)]
    pub ledger: Ledger,
    /// What the trail measures of itself.
    pub metrics: Metrics,
    /// This open trail.
    pub writer_id: String,
    /// The store, without credentials.
    pub store_url: String,
    /// How it is.
    pub store: StoreHealth,
    /// Share of the records seen and not left out whose workspace is known, 0 to 1; null before the first.
    pub workspace_coverage: Option<f64>,
    /// How much the store holds, looked at once a minute; null before the first look, and for a store that cannot tell (another
    /// Tasktrail's API).
    pub size: Option<StoreSize>,
}
