//! How much the store holds, as a trail tells it: looked at by the trail itself, and never in anybody's way.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use serde_json::Value;
use tasktrail::facade::trail as facade;
use tasktrail::recorder::{StoreSize, Timing};
use tasktrail::schema::Timestamp;
use tasktrail::store::{EncodedRecord, Inserted, MemoryStore, Size, Store};
use tasktrail::trail::Trail;
use tasktrail::{Call, Error, Page, Query, Result, StoredRecord};
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(30);

fn often() -> Timing {
    Timing {
        size_every: Duration::from_millis(10),
        ..Timing::default()
    }
}

fn wait_for<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + LONG;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < end, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn size_of(trail: &Trail, records: u64) -> StoreSize {
    wait_for("so many records", || {
        trail.stats().size.filter(|size| size.records == Some(records))
    })
}

#[test]
fn it_is_found_soon_after_opening_and_follows_what_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("audit.db").display());
    for url in ["memory:", sqlite.as_str()] {
        let trail = Trail::builder(url).timing(often()).open_blocking().unwrap();
        // The trail says itself that it was opened.
        let before = size_of(&trail, 1);
        for _ in 0..500 {
            trail.record(Call::default(), Some(br#"{"note":"some text"}"#));
        }
        trail.flush_blocking(LONG).unwrap();
        let after = size_of(&trail, 501);
        assert!(
            after.bytes > before.bytes && after.at >= before.at,
            "{before:?} {after:?}"
        );
        assert!(!after.records_is_estimate);
        let grown = wait_for("growth is told", || {
            trail.stats().size.and_then(|size| size.bytes_per_day)
        });
        assert!(grown >= 0, "{grown}");
        let told: Value = serde_json::from_str(&facade::stats_json(&trail)).unwrap();
        let mut names: Vec<_> = told["size"].as_object().unwrap().keys().cloned().collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "at",
                "bytes",
                "bytesPerDay",
                "indexBytes",
                "records",
                "recordsIsEstimate"
            ]
        );
        trail.close_blocking(LONG).unwrap();
        assert_eq!(
            trail.stats().size.map(|size| size.records),
            Some(Some(501)),
            "what was known stays"
        );
    }
}

/// A store whose answers about its size a test decides on.
#[derive(Debug)]
struct Asked {
    inner: MemoryStore,
    answer: Mutex<Result<Size>>,
    hangs: AtomicBool,
    panics: AtomicBool,
    asked: AtomicU64,
}

impl Store for Asked {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
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

    fn size(&self) -> BoxFuture<'_, Result<Size>> {
        Box::pin(async move {
            let thread = std::thread::current();
            assert_eq!(thread.name(), Some("tasktrail"), "on one of the trail's own threads");
            self.asked.fetch_add(1, SeqCst);
            assert!(!self.panics.load(SeqCst), "the test's store fails");
            if self.hangs.load(SeqCst) {
                std::future::pending::<()>().await;
            }
            self.answer.lock().unwrap().clone()
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}

fn asked(answer: Result<Size>) -> (Arc<Asked>, Trail) {
    let store = Arc::new(Asked {
        inner: MemoryStore::new(1_000),
        answer: Mutex::new(answer),
        hangs: AtomicBool::new(false),
        panics: AtomicBool::new(false),
        asked: AtomicU64::new(0),
    });
    let builder = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>);
    let trail = builder.timing(often()).open_blocking().unwrap();
    (store, trail)
}

#[test]
fn a_store_that_does_not_answer_leaves_what_was_known_and_is_in_nobodys_way() {
    let known = Size {
        records: Some(7),
        records_is_estimate: true,
        ..Size::default()
    };
    let (store, trail) = asked(Err(Error::store_unavailable("the test's store is away")));
    let asked_again = || {
        let before = store.asked.load(SeqCst);
        wait_for("it is asked again", || {
            (store.asked.load(SeqCst) > before + 1).then_some(())
        });
    };
    asked_again();
    assert_eq!(trail.stats().size, None);
    *store.answer.lock().unwrap() = Ok(known);
    let found = size_of(&trail, 7);
    assert!(found.records_is_estimate && found.bytes.is_none() && found.bytes_per_day.is_none());
    *store.answer.lock().unwrap() = Err(Error::store_failed("the test's store does not tell"));
    asked_again();
    let kept = trail.stats().size.unwrap();
    store.panics.store(true, SeqCst);
    asked_again();
    store.panics.store(false, SeqCst);
    store.hangs.store(true, SeqCst);
    let before = store.asked.load(SeqCst);
    wait_for("it hangs", || (store.asked.load(SeqCst) > before).then_some(()));
    assert_eq!(trail.stats().size, Some(kept));
    trail.record(Call::default(), None);
    let closed = trail.close_blocking(LONG).unwrap();
    assert_eq!(
        (closed.ledger.pending(), closed.metrics.outages),
        (0, 0),
        "it is no outage"
    );
}

#[test]
fn a_store_that_cannot_tell_has_none() {
    let (store, trail) = asked(Ok(Size::default()));
    wait_for("it is asked", || (store.asked.load(SeqCst) > 1).then_some(()));
    assert_eq!(trail.stats().size, None);
    assert!(facade::stats_json(&trail).ends_with(r#""size":null}"#));
}
