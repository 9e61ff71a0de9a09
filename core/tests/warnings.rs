//! What is said of losses: once when they begin, and how many there were when they are over.
#![cfg(feature = "recorder")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use tasktrail::schema::Timestamp;
use tasktrail::store::{EncodedRecord, Inserted, MemoryStore, Store};
use tasktrail::trail::{Options, Trail};
use tasktrail::{Call, Error, Page, Query, Result, StoredRecord};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(30);

/// Keeps what the trail warns of.
#[derive(Debug, Clone, Default)]
struct Heard(Arc<Mutex<Vec<Fields>>>);

/// The text of a warning, and the number that is lost.
#[derive(Debug, Default)]
struct Fields {
    message: String,
    lost: Option<u64>,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "lost" {
            self.lost = Some(value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }
}

impl Subscriber for Heard {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "tasktrail" && *metadata.level() == Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Debug)]
struct Away {
    inner: MemoryStore,
    is_away: AtomicBool,
}

impl Store for Away {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        if self.is_away.load(SeqCst) {
            let error = Error::store_unavailable("the test's store is away");
            return Box::pin(std::future::ready(Err(error)));
        }
        self.inner.insert(batch)
    }

    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, Result<Page>> {
        self.inner.query(query, now)
    }

    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        self.inner.get(audit_id, now)
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        self.inner.sweep(now)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}

/// One subscriber hears all tests of this process.
fn heard() -> Heard {
    static HEARD: OnceLock<Heard> = OnceLock::new();
    let heard = HEARD.get_or_init(|| {
        let heard = Heard::default();
        tracing::subscriber::set_global_default(heard.clone()).unwrap();
        heard
    });
    heard.clone()
}

#[test]
fn each_client_without_a_workspace_is_named_once() {
    let heard = heard();
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    for _ in 0..3 {
        for (agent, workspace_id) in [("old/1", None), ("older/1", None), ("new/1", Some("ws".to_owned()))] {
            let call = Call {
                method: "POST".into(),
                path: "/x".into(),
                user_agent: Some(agent.into()),
                workspace_id,
                ..Call::default()
            };
            trail.record(call, None);
        }
    }
    let stats = trail.close_blocking(LONG).unwrap();
    let warnings = heard.0.lock().unwrap();
    let named = warnings
        .iter()
        .filter(|fields| fields.message.contains("does not say its workspace"));
    assert_eq!(named.count(), 2);
    assert_eq!(stats.ledger.unknown_workspace, 6);
    // Nine calls, and what the trail says of itself.
    let known = (stats.ledger.seen - 6) as f64 / stats.ledger.seen as f64;
    assert_eq!(stats.workspace_coverage, Some(known));
}

#[test]
fn losses_are_said_once_when_they_begin_and_counted_at_their_end() {
    let heard = heard();
    let said = |text: &str| -> Vec<Option<u64>> {
        let heard = heard.0.lock().unwrap();
        let found = heard.iter().filter(|fields| fields.message.contains(text));
        found.map(|fields| fields.lost).collect()
    };
    let store = Arc::new(Away {
        inner: MemoryStore::new(100_000),
        is_away: AtomicBool::new(true),
    });
    let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
        .options(Options {
            fallback_capacity: 100,
            ..Options::default()
        })
        .open_blocking()
        .unwrap();
    let end = Instant::now() + LONG;
    // Losses go on for a while.
    while said("are being dropped").is_empty() || trail.stats().ledger.dropped.total() < 5_000 {
        assert!(Instant::now() < end, "nothing was said: {heard:?}");
        (0..200).for_each(|_| {
            let call = Call {
                method: "POST".into(),
                path: "/x".into(),
                workspace_id: Some("ws".into()),
                ..Call::default()
            };
            trail.record(call, None);
        });
        std::thread::sleep(Duration::from_millis(5));
    }
    store.is_away.store(false, SeqCst);
    let dropped = trail.close_blocking(LONG).unwrap().ledger.dropped.total();
    assert_eq!(said("are being dropped"), [None]);
    assert_eq!(said("were dropped; none is any more"), [Some(dropped)]);
}
