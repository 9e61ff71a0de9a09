//! Tasktrail for Node: the native addon behind `@tasktrail/node`.
//!
//! It converts, forwards and frees; every rule lives in the core. Texts are JSON both ways, because one string is the cheapest
//! thing to hand over. An error is the core's own as JSON in the message; the TypeScript layer makes a `TasktrailError` of it.
//! No panic leaves it: each export is guarded and each future is polled behind a guard.

pub mod log;

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt as _;
use napi::bindgen_prelude::*;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use tasktrail::facade::{host, pure, trail};

/// Batches that may wait for the JavaScript thread; one more is dropped and counted.
const CALLBACK_QUEUE: usize = 1_024;

/// A callback that neither keeps the process alive nor queues without bound.
type BatchCallback = ThreadsafeFunction<String, (), String, Status, false, true, CALLBACK_QUEUE>;

fn thrown(error: tasktrail::Error) -> Error {
    Error::from_reason(error.to_json())
}

/// Awaits a future of the core; a panic in it becomes `TT_PANIC` instead of the end of the host.
async fn guarded<T>(what: &str, future: impl Future<Output = tasktrail::Result<T>>) -> Result<T> {
    match AssertUnwindSafe(future).catch_unwind().await {
        Ok(result) => result.map_err(thrown),
        Err(_) => Err(thrown(tasktrail::Error::panicked(what))),
    }
}

/// The version of the package that this addon belongs to.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// An open trail.
#[napi]
#[derive(Debug)]
pub struct NativeTrail {
    trail: tasktrail::Trail,
}

#[napi]
impl NativeTrail {
    /// Opens a trail on the store that the URL names.
    #[napi]
    pub async fn open(url: String, options_json: String) -> Result<NativeTrail> {
        let trail = guarded("open", trail::open_json(&url, &options_json)).await?;
        Ok(NativeTrail { trail })
    }

    /// Queues one call; returns its audit id.
    #[napi(catch_unwind)]
    pub fn record(
        &self,
        call_json: String,
        #[napi(ts_arg_type = "Uint8Array | undefined | null")] body: Option<BufferSlice<'_>>,
    ) -> Result<String> {
        trail::record_json(&self.trail, &call_json, body.as_deref()).map_err(thrown)
    }

    /// Takes calls as lines of JSON, and their bodies, to be read and queued on a thread of the trail.
    #[napi(catch_unwind)]
    pub fn record_bundle(
        &self,
        calls: String,
        #[napi(ts_arg_type = "Array<Uint8Array | undefined>")] bodies: Vec<Option<BufferSlice<'_>>>,
    ) -> Result<()> {
        let bodies = bodies.iter().map(Option::as_deref);
        trail::record_bundle_json(&self.trail, calls, bodies).map_err(thrown)
    }

    /// Queues one call; resolves with where its record is safe.
    #[napi(catch_unwind)]
    pub fn record_durable<'env>(
        &self,
        env: &'env Env,
        call_json: String,
        #[napi(ts_arg_type = "Uint8Array | undefined | null")] body: Option<BufferSlice<'_>>,
    ) -> Result<PromiseRaw<'env, String>> {
        let settled = trail::record_durable_json(&self.trail, &call_json, body.as_deref()).map_err(thrown)?;
        env.spawn_future(guarded("recordDurable", settled))
    }

    /// Throws unless a record that is taken now can be made safe.
    #[napi(catch_unwind)]
    pub fn assert_ready(&self) -> Result<()> {
        self.trail.is_ready().map_err(thrown)
    }

    /// Validates and records one event; returns the answer for its sender.
    #[napi]
    pub async fn emit(&self, event_json: String, context_json: String) -> Result<String> {
        guarded("emit", trail::emit_json(&self.trail, &event_json, &context_json)).await
    }

    /// Takes records that another trail has made; returns the answer for their sender.
    #[napi]
    pub async fn ingest(&self, records_json: String) -> Result<String> {
        guarded("ingest", trail::ingest_json(&self.trail, &records_json)).await
    }

    /// One page of records.
    #[napi]
    pub async fn query(&self, query_json: String) -> Result<String> {
        guarded("query", trail::query_json(&self.trail, &query_json)).await
    }

    /// One record, or null.
    #[napi]
    pub async fn get(&self, id: String) -> Result<Option<String>> {
        guarded("get", trail::get_json(&self.trail, &id)).await
    }

    /// Begins an export as text.
    #[napi(catch_unwind)]
    pub fn export(&self, query_json: String, format: String) -> Result<NativeExport> {
        let export = trail::export_json(&self.trail, &query_json, &format).map_err(thrown)?;
        Ok(NativeExport {
            export: futures::lock::Mutex::new(export),
            reached: Mutex::default(),
        })
    }

    /// Calls back with each batch of the scope's records.
    #[napi(catch_unwind)]
    pub fn subscribe(
        &self,
        scope_json: String,
        after_json: String,
        callback: Function<String, ()>,
    ) -> Result<NativeSubscription> {
        let callback: BatchCallback = callback
            .build_threadsafe_function()
            .weak::<true>()
            .max_queue_size::<CALLBACK_QUEUE>()
            .build()?;
        let dropped = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&dropped);
        let deliver = move |batch: String| {
            if callback.call(batch, ThreadsafeFunctionCallMode::NonBlocking) == Status::QueueFull {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        };
        let subscription =
            trail::subscribe_json(&self.trail, &scope_json, &after_json, Box::new(deliver)).map_err(thrown)?;
        Ok(NativeSubscription {
            subscription: Mutex::new(Some(subscription)),
            dropped,
        })
    }

    /// What the replay ring holds of a scope.
    #[napi(catch_unwind)]
    pub fn replay(&self, scope_json: String, after_json: String) -> Result<String> {
        trail::replay_json(&self.trail, &scope_json, &after_json).map_err(thrown)
    }

    /// The ledger and the state of the store.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> String {
        trail::stats_json(&self.trail)
    }

    /// Waits until what is queued is stored, at most `ms`.
    #[napi]
    pub async fn flush(&self, ms: u32) -> Result<String> {
        guarded("flush", trail::flush_json(&self.trail, u64::from(ms))).await
    }

    /// Flushes within `ms` and closes.
    #[napi]
    pub async fn close(&self, ms: u32) -> Result<String> {
        guarded("close", trail::close_json(&self.trail, u64::from(ms))).await
    }

    /// [`NativeTrail::close`] for the end of the process, where nothing can be awaited any more.
    #[napi(catch_unwind)]
    pub fn close_blocking(&self, ms: u32) -> Result<String> {
        trail::close_json_blocking(&self.trail, u64::from(ms)).map_err(thrown)
    }
}

/// A running subscription; it ends when told to, or when JavaScript lets go of it.
#[napi]
#[derive(Debug)]
pub struct NativeSubscription {
    subscription: Mutex<Option<tasktrail::trail::Subscription>>,
    dropped: Arc<AtomicU32>,
}

#[napi]
impl NativeSubscription {
    /// Ends it; again is harmless.
    #[napi(catch_unwind)]
    pub fn unsubscribe(&self) {
        // Dropped outside the lock: the end of a subscription may wait for a delivery that is under way.
        let ended = self.subscription.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(ended);
    }

    /// Batches that found the callback's queue full.
    #[napi(getter, catch_unwind)]
    pub fn dropped(&self) -> u32 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// An export that is under way.
#[napi]
#[derive(Debug)]
pub struct NativeExport {
    export: futures::lock::Mutex<tasktrail::trail::ExportText>,
    reached: Mutex<Reached>,
}

/// How far an export has come.
#[derive(Debug, Default)]
struct Reached {
    records: f64,
    cursor: Option<String>,
}

#[napi]
impl NativeExport {
    /// The next piece; null at the end.
    #[napi]
    pub async fn next(&self) -> Result<Option<String>> {
        guarded("export", async {
            let mut export = self.export.lock().await;
            let text = export.next().await?;
            *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = Reached {
                // Far fewer than 2^53.
                records: export.records() as f64,
                cursor: export.cursor().map(|cursor| cursor.to_string()),
            };
            Ok(text)
        })
        .await
    }

    /// Records that were given out so far.
    #[napi(getter, catch_unwind)]
    pub fn records(&self) -> f64 {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner).records
    }

    /// Where another export goes on.
    #[napi(getter, catch_unwind)]
    pub fn cursor(&self) -> Option<String> {
        let reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.cursor.clone()
    }
}

/// Checks an event: `{"accepted":true,"event"}` or `{"accepted":false,"error","code","details"}`.
#[napi(catch_unwind)]
pub fn validate_event(json: String, now_ms: f64) -> String {
    // A cast saturates; no real clock is near the ends.
    pure::validate_event_json(&json, now_ms as i64)
}

/// The workspace id of a folder.
#[napi(catch_unwind)]
pub fn derive_workspace_id(path: String, salt: String) -> Result<String> {
    pure::derive_workspace_id(&path, &salt).map_err(thrown)
}

/// The workspace that a folder is in, as JSON; without a salt, with the user's own.
#[napi]
pub async fn discover_workspace(path: String, salt: Option<String>) -> Result<String> {
    const WHAT: &str = "discoverWorkspace";
    // Files are read elsewhere than on the threads that serve the trails.
    let reading = spawn_blocking(move || host::discover_workspace_json(&path, salt.as_deref()));
    guarded(WHAT, async {
        reading.await.unwrap_or_else(|_| Err(tasktrail::Error::panicked(WHAT)))
    })
    .await
}

/// The folder of a store's spool when nobody names one; null for a store in memory.
#[napi(catch_unwind)]
pub fn default_spool(url: String) -> Result<Option<String>> {
    host::default_spool(&url).map_err(thrown)
}

/// Every parameter of a history query.
#[napi(catch_unwind)]
pub fn query_parameters() -> String {
    pure::query_parameters_json()
}

/// The operation type of a call.
#[napi(catch_unwind)]
pub fn operation_type(method: String, path: String) -> String {
    pure::operation_type(&method, &path)
}

/// What the sanitizer leaves of a JSON value.
#[napi(catch_unwind)]
pub fn sanitize(json: String) -> String {
    pure::sanitize_json(&json)
}

/// What the sanitizer leaves of a JSON value by a policy of the host's, and the receipt.
#[napi(catch_unwind)]
pub fn sanitize_with(json: String, policy: String) -> Result<String> {
    pure::sanitize_with_json(&json, &policy).map_err(thrown)
}

/// What a call did, to what and whose.
#[napi(catch_unwind)]
pub fn describe_operation(request: String) -> Result<String> {
    pure::operation_json(&request).map_err(thrown)
}

/// A stored record as this version reads it.
#[napi(catch_unwind)]
pub fn parse_record(text: String) -> Result<String> {
    pure::parse_record_json(&text).map_err(thrown)
}

/// The workspace of a folder among files that are given with the question.
#[napi(catch_unwind)]
pub fn discover_workspace_in(request: String) -> Result<String> {
    pure::discover_workspace_in_json(&request).map_err(thrown)
}
