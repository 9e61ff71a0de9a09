//! What the core says, for the host's own log.

use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, Once, PoisonError};

use napi::Status;
use napi::bindgen_prelude::*;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Lines that may wait for one JavaScript thread; one more is dropped.
const LINE_QUEUE: usize = 256;

/// A callback that neither keeps the process alive nor queues without bound.
struct LineCallback(ThreadsafeFunction<String, (), String, Status, false, true, LINE_QUEUE>);

impl fmt::Debug for LineCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LineCallback")
    }
}

static LISTENERS: Mutex<Vec<Arc<LineCallback>>> = Mutex::new(Vec::new());
static HEARD: Once = Once::new();

fn listeners() -> std::sync::MutexGuard<'static, Vec<Arc<LineCallback>>> {
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands each line to every listener of the process.
#[derive(Debug)]
struct Lines;

/// A line's text and its other fields.
#[derive(Debug, Default)]
struct Line {
    message: String,
    fields: Map<String, Value>,
}

impl Line {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.fields.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.add(field, text);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        (target == "tasktrail" || target.starts_with("tasktrail::")) && *metadata.level() <= Level::INFO
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            _ => "info",
        };
        let text = json!({ "level": level, "message": line.message, "fields": line.fields }).to_string();
        let listening: Vec<_> = listeners().clone();
        for listener in listening {
            // A queue that is full loses the line: a flood of them says nothing that the first did not.
            let _ = listener.0.call(text.clone(), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Who listens to the log; it ends when told to.
#[napi]
#[derive(Debug)]
pub struct NativeLogListener {
    callback: Arc<LineCallback>,
}

#[napi]
impl NativeLogListener {
    /// Ends it; again is harmless.
    #[napi(catch_unwind)]
    pub fn stop(&self) {
        listeners().retain(|listener| !Arc::ptr_eq(listener, &self.callback));
    }
}

impl Drop for NativeLogListener {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Calls back with each line that the library logs, `{"level","message","fields"}`, of all trails of the process.
#[napi(catch_unwind)]
pub fn on_log(callback: Function<String, ()>) -> Result<NativeLogListener> {
    let callback = callback
        .build_threadsafe_function()
        .weak::<true>()
        .max_queue_size::<LINE_QUEUE>()
        .build()?;
    HEARD.call_once(|| {
        // It is this library's own: nobody else has set one.
        let _ = tracing::subscriber::set_global_default(Lines);
    });
    let callback = Arc::new(LineCallback(callback));
    listeners().push(Arc::clone(&callback));
    Ok(NativeLogListener { callback })
}
