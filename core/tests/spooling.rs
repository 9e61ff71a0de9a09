//! A trail with a spool: what is acknowledged survives outages, hangs, panics and the end of the process.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use serde_json::Value;
use tasktrail::clock::{Clock, SystemClock};
use tasktrail::live::{After, Scope};
use tasktrail::recorder::{Ledger, Place, Timing};
use tasktrail::retention::Retention;
use tasktrail::schema::{Record, Timestamp};
use tasktrail::spool::{self, SpoolState};
use tasktrail::store::{EncodedRecord, Inserted, MemoryStore, Store};
use tasktrail::trail::{Builder, Mode, Options, Trail, WhenFull};
use tasktrail::{Call, Code, Error, Page, Query, Result, StoredRecord};
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(30);
const EVENT: &str = r#"{"type":"issue.created","data":{"projectNumber":7}}"#;

const OPEN: u8 = 0;
const AWAY: u8 = 1;
const HANGS: u8 = 2;
const REFUSES_ALL: u8 = 3;
const REFUSES_ODD: u8 = 4;
/// Answers later than anybody waits who has the records in memory.
const SLOW: u8 = 5;
/// Takes no batch that has a certain kind of record in it.
const REFUSES_POISONED: u8 = 6;

/// A memory store that a test breaks and mends.
#[derive(Debug)]
struct Switch {
    inner: MemoryStore,
    mode: AtomicU8,
    tries: AtomicU64,
    /// Questions for single records that fail before one is answered.
    unanswered: AtomicU64,
}

impl Switch {
    fn new(mode: u8) -> Arc<Self> {
        Arc::new(Switch {
            inner: MemoryStore::new(1_000_000),
            mode: AtomicU8::new(mode),
            tries: AtomicU64::new(0),
            unanswered: AtomicU64::new(0),
        })
    }

    fn set(&self, mode: u8) {
        self.mode.store(mode, SeqCst);
    }
}

impl Store for Switch {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        Box::pin(async move {
            self.tries.fetch_add(1, SeqCst);
            while self.mode.load(SeqCst) == HANGS {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            match self.mode.load(SeqCst) {
                AWAY => Err(Error::store_unavailable("the test's store is away")),
                SLOW => {
                    tokio::time::sleep(quick().patience * 3).await;
                    self.inner.insert(batch).await
                }
                REFUSES_POISONED
                    if batch
                        .iter()
                        .any(|one| one.record().api_endpoint.as_deref() == Some("/poison")) =>
                {
                    Err(Error::store_failed("there is poison in it"))
                }
                REFUSES_ALL => Err(Error::store_failed("the test's store locks this user out")),
                REFUSES_ODD => {
                    let (odd, even): (Vec<_>, Vec<_>) = batch
                        .iter()
                        .cloned()
                        .enumerate()
                        .partition(|(_, one)| one.record().seq % 2 == 1);
                    let even: Vec<_> = even.into_iter().map(|(_, one)| one).collect();
                    let mut inserted = self.inner.insert(&even).await?;
                    let refused = odd.into_iter().map(|(at, _)| (at, Error::store_failed("odd")));
                    inserted.refused = refused.collect();
                    Ok(inserted)
                }
                _ => self.inner.insert(batch).await,
            }
        })
    }

    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, Result<Page>> {
        self.inner.query(query, now)
    }

    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        let fails = self.unanswered.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        if fails.is_ok() {
            return Box::pin(async { Err(Error::store_unavailable("the test's store does not answer")) });
        }
        self.inner.get(audit_id, now)
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        self.inner.sweep(now)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        // The test's store outlives its trails.
        Box::pin(std::future::ready(()))
    }
}

fn quick() -> Timing {
    Timing {
        patience: Duration::from_millis(100),
        first_retry: Duration::from_millis(5),
        last_retry: Duration::from_millis(50),
        adopt_every: Duration::from_millis(50),
        ..Timing::default()
    }
}

fn builder(store: &Arc<Switch>, folder: &Path) -> Builder {
    Trail::builder_with_store(Arc::clone(store) as Arc<dyn Store>)
        .spool(folder)
        .timing(quick())
}

fn open_with(store: &Arc<Switch>, options: Options) -> Trail {
    Trail::builder_with_store(Arc::clone(store) as Arc<dyn Store>)
        .options(options)
        .timing(quick())
        .open_blocking()
        .unwrap()
}

fn call(path: &str) -> Call {
    Call {
        method: "POST".into(),
        path: path.into(),
        status: Some(201),
        workspace_id: Some("ws".into()),
        ..Call::default()
    }
}

/// How many records of a path the store has.
fn of_path(store: &Switch, path: &str) -> usize {
    let stored = all(store);
    let found = stored
        .iter()
        .filter(|record| record.api_endpoint.as_deref() == Some(path));
    found.count()
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < end, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn ledger(trail: &Trail) -> Ledger {
    let ledger = trail.stats().ledger;
    assert!(ledger.is_balanced(), "{ledger:?}");
    ledger
}

fn all(store: &Switch) -> Vec<Record> {
    let query = Query {
        limit: 100_000,
        ..Query::default()
    };
    let page = futures::executor::block_on(store.inner.query(&query, Timestamp::from_millis(0))).unwrap();
    page.items
        .iter()
        .map(|item| Record::from_json(&item.json).unwrap())
        .collect()
}

fn of_type(store: &Switch, operation_type: &str) -> Vec<Record> {
    all(store)
        .into_iter()
        .filter(|record| record.operation_type == operation_type)
        .collect()
}

fn metadata(record: &Record) -> Value {
    serde_json::from_str(record.metadata.as_ref().unwrap().as_str()).unwrap()
}

fn files(folder: &Path) -> Vec<spool::SpoolFile> {
    futures::executor::block_on(spool::list(folder)).unwrap()
}

#[test]
fn a_durable_record_is_on_disk_before_the_answer_and_leaves_it_when_it_is_stored() {
    let (store, folder) = (Switch::new(AWAY), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path()).open_blocking().unwrap();
    let receipt = trail.record_durable_blocking(call("/widgets"), None).unwrap();
    assert_eq!(receipt.place, Place::Spool);
    let accepted = trail.emit_blocking(EVENT, Call::default()).unwrap();
    assert!(accepted.durable);
    wait_for("all is on disk", || ledger(&trail).spooled == 3);
    assert_eq!(files(folder.path())[0].records, Some(3));
    store.set(OPEN);
    wait_for("the drain", || ledger(&trail).stored == 3);
    wait_for("the removal", || files(folder.path())[0].records == Some(0));
    let closed = trail.close_blocking(LONG).unwrap().ledger;
    assert_eq!((closed.stored, closed.pending()), (4, 0));
    assert!(files(folder.path()).is_empty(), "an empty file goes");
    let mut seqs: Vec<u64> = all(&store).iter().map(|record| record.seq).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, [1, 2, 3, 4]);
}

#[test]
fn an_outage_moves_everything_to_disk_and_back() {
    let (store, folder) = (Switch::new(OPEN), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path()).open_blocking().unwrap();
    trail.flush_blocking(LONG).unwrap();
    store.set(AWAY);
    for round in 0..10 {
        for number in 0..300 {
            trail.record(call(&format!("/widgets/{round}/{number}")), Some(b"{\"a\":1}"));
        }
        let flushed = trail.flush_blocking(LONG).unwrap().ledger;
        assert!(flushed.is_balanced());
        assert_eq!((flushed.queued, flushed.in_flight), (0, 0), "{flushed:?}");
    }
    assert_eq!(ledger(&trail).spooled, 3_000);
    store.set(OPEN);
    let flushed = loop {
        let flushed = trail.flush_blocking(LONG).unwrap().ledger;
        if flushed.pending() == 0 {
            break flushed;
        }
    };
    assert_eq!((flushed.stored, flushed.dropped.total()), (3_001, 0));
    assert_eq!(all(&store).len(), 3_001);
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn a_store_that_hangs_stalls_nobody() {
    let (store, folder) = (Switch::new(OPEN), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path()).open_blocking().unwrap();
    trail.flush_blocking(LONG).unwrap();
    store.set(HANGS);
    for number in 0..2_000 {
        trail.record(call(&format!("/widgets/{number}")), None);
        if number % 500 == 0 {
            let receipt = trail.record_durable_blocking(call("/widgets"), None).unwrap();
            assert_eq!(receipt.place, Place::Spool);
        }
    }
    wait_for("all is on disk", || {
        let now = ledger(&trail);
        now.spooled == 2_004 && now.queued + now.in_flight == 0
    });
    assert!(store.tries.load(SeqCst) <= 12, "a store that hangs gets few tries");
    store.set(OPEN);
    wait_for("the drain", || ledger(&trail).stored == 2_005);
    assert_eq!(all(&store).len(), 2_005);
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn live_views_do_not_wait_for_a_store_that_hangs() {
    let store = Switch::new(HANGS);
    let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
        .timing(quick())
        .open_blocking()
        .unwrap();
    let heard = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&heard);
    let scope = Scope::workspace("ws");
    let _subscription = trail
        .subscribe_with(&scope, &After::Now, move |batch| {
            counter.fetch_add(batch.entries.len() as u64, SeqCst);
        })
        .unwrap();
    for round in 1..=20 {
        for _ in 0..100 {
            trail.record(call("/widgets"), None);
        }
        wait_for("they are heard", || heard.load(SeqCst) >= round * 100);
    }
    store.set(OPEN);
    assert_eq!(trail.flush_blocking(LONG).unwrap().ledger.stored, 2_001);
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn progress_that_was_kept_back_is_on_disk_and_heard_while_the_store_hangs() {
    let (store, folder) = (Switch::new(HANGS), tempfile::tempdir().unwrap());
    // Nothing goes to disk because the store is slow.
    let patient = Timing {
        patience: LONG * 2,
        ..quick()
    };
    let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
        .spool(folder.path())
        .timing(patient)
        .progress_interval(Duration::from_millis(300))
        .open_blocking()
        .unwrap();
    let mut listener = trail.subscribe(&Scope::workspace("ws"), &After::Now);
    let progress =
        r#"{"type":"task.progress","data":{"projectNumber":7,"phaseNumber":1,"workItemId":"1.1","workspaceId":"ws"}}"#;
    let [first, kept] = [(); 2].map(|()| trail.emit_blocking(progress, Call::default()).unwrap());
    assert!(first.durable && kept.is_coalesced());
    for expected in [first, kept] {
        let batch = futures::executor::block_on(listener.recv()).unwrap();
        let heard: Vec<Record> = batch
            .entries
            .iter()
            .map(|json| Record::from_json(json).unwrap())
            .collect();
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].audit_id, expected.audit_id);
    }
    assert_eq!(ledger(&trail).spooled, 2);
    store.set(OPEN);
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn durable_mode_spools_everything_first() {
    let (store, folder) = (Switch::new(HANGS), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path())
        .mode(Mode::Durable)
        .open_blocking()
        .unwrap();
    for _ in 0..1_000 {
        trail.record(call("/widgets"), None);
    }
    wait_for("all is on disk", || ledger(&trail).spooled == 1_001);
    store.set(OPEN);
    wait_for("all is stored", || ledger(&trail).stored == 1_001);
    let closed = trail.close_blocking(LONG).unwrap().ledger;
    assert_eq!((closed.stored, closed.duplicates), (1_002, closed.duplicates));
    assert_eq!(all(&store).len(), 1_002);
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_close_at_its_deadline_leaves_the_rest_on_disk_for_the_next() {
    let (store, folder) = (Switch::new(HANGS), tempfile::tempdir().unwrap());
    let timing = Timing {
        patience: LONG,
        ..quick()
    };
    let trail = builder(&store, folder.path()).timing(timing).open_blocking().unwrap();
    let writer = trail.stats().writer_id;
    for _ in 0..1_500 {
        trail.record(call("/widgets"), None);
    }
    let closed = trail.close_blocking(Duration::from_secs(4)).unwrap().ledger;
    assert!(closed.is_balanced());
    assert_eq!(
        (closed.spooled, closed.queued + closed.in_flight),
        (1_502, 0),
        "{closed:?}"
    );
    let left = files(folder.path());
    assert_eq!(
        (left.len(), left[0].state, left[0].records),
        (1, SpoolState::Orphaned, Some(1_502))
    );

    store.set(OPEN);
    let next = builder(&store, folder.path()).open_blocking().unwrap();
    wait_for("the adoption", || ledger(&next).adopted == 1_502);
    wait_for("the drain", || ledger(&next).stored == 1_503);
    wait_for("the file is gone", || files(folder.path()).len() == 1);
    next.close_blocking(LONG).unwrap();
    let stored = all(&store);
    assert_eq!(stored.iter().filter(|record| record.writer_id == writer).count(), 1_502);
    assert!(of_type(&store, "audit.gap").is_empty(), "it was a clean end");
}

#[test]
fn what_one_refuses_is_a_dead_letter_and_a_gap() {
    let (store, folder) = (Switch::new(OPEN), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path()).open_blocking().unwrap();
    trail.flush_blocking(LONG).unwrap();
    store.set(REFUSES_ODD);
    for _ in 0..10 {
        trail.record(call("/widgets"), None);
    }
    wait_for("they are refused", || ledger(&trail).dead_lettered >= 5);
    store.set(OPEN);
    let flushed = trail.flush_blocking(LONG).unwrap().ledger;
    assert_eq!(flushed.pending(), 0);
    let gaps = of_type(&store, "audit.gap");
    let counted: u64 = gaps.iter().map(|gap| metadata(gap)["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, flushed.dead_lettered);
    assert!(gaps.iter().all(|gap| metadata(gap)["reason"] == "refused"));
    let letters = trail.dead_letters();
    assert_eq!(
        (letters.len() as u64, letters[0].reason.as_str()),
        (flushed.dead_lettered, "odd")
    );
    trail.close_blocking(LONG).unwrap();
    let left = files(folder.path());
    assert_eq!(
        left[0].dead_letters,
        Some(flushed.dead_lettered),
        "they are kept for people to read"
    );
}

#[test]
fn a_store_that_locks_the_user_out_costs_no_records() {
    let (store, folder) = (Switch::new(OPEN), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path()).open_blocking().unwrap();
    trail.flush_blocking(LONG).unwrap();
    store.set(REFUSES_ALL);
    for _ in 0..200 {
        trail.record(call("/widgets"), None);
    }
    wait_for("all is on disk", || ledger(&trail).spooled >= 197);
    store.set(OPEN);
    wait_for("the drain", || ledger(&trail).pending() == 0);
    assert!(ledger(&trail).dead_lettered <= 3, "{:?}", ledger(&trail));
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn a_full_spool_keeps_what_it_acknowledged_or_gives_up_its_oldest() {
    for when_full in [WhenFull::Keep, WhenFull::DropOldest] {
        let (store, folder) = (Switch::new(AWAY), tempfile::tempdir().unwrap());
        let options = Options {
            spool: Some(folder.path().to_owned()),
            spool_max_bytes: 1 << 20,
            spool_when_full: when_full,
            ..Options::default()
        };
        let trail = open_with(&store, options);
        let body = format!("{{\"note\":\"{}\"}}", "x".repeat(2_000));
        let mut acknowledged = Vec::new();
        let mut refusal = None;
        for _ in 0..600 {
            match trail.record_durable_blocking(call("/widgets"), Some(body.as_bytes())) {
                Ok(receipt) => acknowledged.push(receipt.audit_id),
                Err(error) => {
                    refusal = Some(error);
                    break;
                }
            }
        }
        match when_full {
            WhenFull::Keep => {
                assert_eq!(refusal.unwrap().code(), Code::AuditUnrecorded);
                assert_eq!(trail.is_ready().unwrap_err().code(), Code::AuditUnavailable);
            }
            WhenFull::DropOldest => {
                assert!(refusal.is_none());
                let now = ledger(&trail);
                assert!(now.dropped.spool_full > 100, "{now:?}");
            }
        }
        store.set(OPEN);
        wait_for("the drain", || ledger(&trail).pending() == 0);
        trail.flush_blocking(LONG).unwrap();
        let closed = trail.close_blocking(LONG).unwrap().ledger;
        let stored: Vec<Uuid> = all(&store).iter().map(|record| record.audit_id).collect();
        let started = u64::from(of_type(&store, "audit.started").is_empty());
        let missing = started + acknowledged.iter().filter(|id| !stored.contains(id)).count() as u64;
        assert_eq!(missing, closed.dropped.spool_full);
        let gaps = of_type(&store, "audit.gap");
        let counted: u64 = gaps.iter().map(|gap| metadata(gap)["count"].as_u64().unwrap()).sum();
        assert_eq!(counted, missing);
    }
}

#[test]
fn a_record_that_is_damaged_with_its_number_is_told_of_by_a_gap_without_one() {
    let (store, folder) = (Switch::new(AWAY), tempfile::tempdir().unwrap());
    let first = builder(&store, folder.path()).open_blocking().unwrap();
    for number in 0..5 {
        first
            .record_durable_blocking(call(&format!("/{number}")), None)
            .unwrap();
    }
    first.close_blocking(LONG).unwrap();
    let file = rusqlite::Connection::open(&files(folder.path())[0].path).unwrap();
    let broken = file
        .execute("UPDATE spool SET seq = 1099511627776 WHERE row = 3", [])
        .unwrap();
    assert_eq!(broken, 1);
    drop(file);
    store.set(OPEN);
    let second = builder(&store, folder.path()).open_blocking().unwrap();
    wait_for("the gap is stored", || !of_type(&store, "audit.gap").is_empty());
    let gap = metadata(&of_type(&store, "audit.gap")[0]);
    assert_eq!(gap["reason"], "spool_damaged");
    assert_eq!(
        (gap["from_seq"].as_u64(), gap["to_seq"].as_u64(), gap["count"].as_u64()),
        (Some(1), None, Some(1)),
        "{gap}"
    );
    assert_eq!(second.close_blocking(LONG).unwrap().ledger.dropped.spool_damaged, 1);
}

#[test]
fn a_repeated_event_leaves_a_gap_for_the_number_that_it_got() {
    let (store, folder) = (Switch::new(OPEN), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path()).open_blocking().unwrap();
    let event = r#"{"type":"issue.created","eventId":"e1","data":{"projectNumber":7}}"#;
    let first = trail.emit_blocking(event, Call::default()).unwrap();
    trail.flush_blocking(LONG).unwrap();
    let second = trail.emit_blocking(event, Call::default()).unwrap();
    assert!(first.durable && second.durable && first.audit_id == second.audit_id);
    trail.flush_blocking(LONG).unwrap();
    let closed = trail.close_blocking(LONG).unwrap().ledger;
    let gaps = of_type(&store, "audit.gap");
    assert_eq!(gaps.len(), 1);
    assert_eq!(
        (
            metadata(&gaps[0])["reason"].as_str(),
            metadata(&gaps[0])["from_seq"].as_u64()
        ),
        (Some("duplicate"), second.seq)
    );
    // Every number ends as a record or inside a gap.
    let mut seqs: Vec<u64> = all(&store).iter().map(|record| record.seq).chain(second.seq).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=closed.seen).collect::<Vec<_>>());
}

#[test]
fn a_repeat_is_told_of_also_when_its_trail_is_gone_and_the_store_does_not_answer_at_once() {
    let (store, folder) = (Switch::new(OPEN), tempfile::tempdir().unwrap());
    let event = r#"{"type":"issue.created","eventId":"e1","data":{"projectNumber":7}}"#;
    let send = || {
        let trail = builder(&store, folder.path()).open_blocking().unwrap();
        let taken = trail.emit_blocking(event, Call::default()).unwrap();
        trail.close_blocking(LONG).unwrap();
        (trail.stats().writer_id, taken.seq.unwrap())
    };
    let first = send();
    store.set(AWAY);
    let second = send();
    assert_ne!(first, second);
    store.unanswered.store(3, SeqCst);
    store.set(OPEN);
    let last = builder(&store, folder.path()).open_blocking().unwrap();
    wait_for("the repeat is told of", || !of_type(&store, "audit.gap").is_empty());
    assert_eq!(store.unanswered.load(SeqCst), 0);
    wait_for("only its own file is left", || files(folder.path()).len() == 1);
    last.close_blocking(LONG).unwrap();
    let gap = metadata(&of_type(&store, "audit.gap")[0]);
    assert_eq!(
        (
            gap["reason"].as_str(),
            gap["writer_id"].as_str(),
            gap["from_seq"].as_u64()
        ),
        (Some("duplicate"), Some(second.0.as_str()), Some(second.1))
    );
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_store_that_is_always_slow_is_still_given_everything_once() {
    for mode in [Mode::Relaxed, Mode::Durable] {
        let (store, folder) = (Switch::new(SLOW), tempfile::tempdir().unwrap());
        let trail = builder(&store, folder.path()).mode(mode).open_blocking().unwrap();
        (0..300).for_each(|number| {
            trail.record(call(&format!("/{number}")), None);
        });
        wait_for("all is stored", || ledger(&trail).pending() == 0);
        assert_eq!(ledger(&trail).dropped.total(), 0);
        trail.close_blocking(LONG).unwrap();
        let stored = all(&store).iter().filter(|record| record.http_method.is_some()).count();
        assert_eq!(stored, 300);
    }
}

#[test]
fn many_that_a_store_refuses_keep_out_nobody_else() {
    for with_spool in [true, false] {
        let (store, folder) = (Switch::new(REFUSES_POISONED), tempfile::tempdir().unwrap());
        let mut builder = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>).timing(quick());
        if with_spool {
            builder = builder.spool(folder.path()).mode(Mode::Durable);
        }
        let trail = builder.open_blocking().unwrap();
        for number in 0..60 {
            let path = if number % 3 == 2 {
                format!("/{number}")
            } else {
                "/poison".to_owned()
            };
            trail.record(call(&path), None);
        }
        // A store that takes nothing at all is taken for one that is away: others must come that it takes.
        let mut others = 0;
        wait_for("all that is poison is a dead letter", || {
            trail.record(call("/other"), None);
            others += 1;
            ledger(&trail).dead_lettered >= 40
        });
        let closed = trail.close_blocking(LONG).unwrap().ledger;
        assert_eq!((closed.dead_lettered, closed.dropped.total()), (40, 0), "{closed:?}");
        let stored = all(&store).iter().filter(|record| record.http_method.is_some()).count();
        assert_eq!(stored, 20 + others);
    }
}

#[test]
fn batches_of_nothing_but_refused_records_keep_out_nobody() {
    let store = Switch::new(REFUSES_POISONED);
    let options = Options {
        batch_size: 1,
        ..Options::default()
    };
    let trail = open_with(&store, options);
    for path in ["/poison"; 8].into_iter().chain(["/other"; 8]) {
        trail.record(call(path), None);
    }
    wait_for("what is poison is a dead letter, and the others are stored", || {
        let now = ledger(&trail);
        now.dead_lettered == 8 && now.pending() == 0
    });
    trail.close_blocking(LONG).unwrap();
    assert_eq!(of_path(&store, "/other"), 8);
}

#[test]
fn a_hold_comes_for_what_is_still_on_its_way() {
    let (store, folder) = (Switch::new(AWAY), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path()).open_blocking().unwrap();
    (0..20).for_each(|_| {
        trail.record(call("/before"), None);
    });
    // The store is away; the records that come are held all the same.
    let _ = trail.set_retention_blocking(Some("ws"), Retention::Forever);
    trail.flush_blocking(LONG).unwrap();
    store.set(OPEN);
    wait_for("all is stored", || ledger(&trail).pending() == 0);
    trail.close_blocking(LONG).unwrap();
    let records = all(&store);
    let held = records
        .iter()
        .filter(|record| record.workspace_id == "ws" && record.expires_at.is_none());
    assert_eq!(held.count(), 20);
    assert!(
        records
            .iter()
            .filter(|record| record.workspace_id != "ws")
            .all(|record| record.expires_at.is_some())
    );
}

#[test]
fn a_trail_that_cannot_be_opened_leaves_nothing_in_the_spool() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Trail::builder("sqlite:/dev/null/there/is/no/such.db")
        .spool(folder.path())
        .open_blocking();
    assert_eq!(opened.unwrap_err().code(), Code::StorePath);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn who_is_overtaken_by_a_close_is_told_so() {
    for _ in 0..20 {
        let (store, folder) = (Switch::new(OPEN), tempfile::tempdir().unwrap());
        let trail = builder(&store, folder.path()).open_blocking().unwrap();
        std::thread::scope(|scope| {
            let record = scope.spawn(|| {
                (0..)
                    .find_map(|_| trail.record_durable_blocking(call("/x"), None).err())
                    .unwrap()
            });
            let flush = scope.spawn(|| (0..).find_map(|_| trail.flush_blocking(LONG).err()).unwrap());
            let query = scope.spawn(|| {
                (0..)
                    .find_map(|_| trail.query_blocking(&Query::default()).err())
                    .unwrap()
            });
            let closers: Vec<_> = (0..2).map(|_| scope.spawn(|| trail.close_blocking(LONG))).collect();
            for closer in closers {
                closer.join().unwrap().unwrap();
            }
            for error in [record.join().unwrap(), flush.join().unwrap(), query.join().unwrap()] {
                assert_eq!(error.code(), Code::Closed, "{error}");
            }
        });
    }
}

#[test]
fn what_a_kill_took_from_memory_lies_inside_a_gap_whoever_empties_the_spool() {
    let (store, folder) = (Switch::new(HANGS), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path())
        .timing(Timing {
            patience: LONG,
            ..quick()
        })
        .open_blocking()
        .unwrap();
    // In memory, and behind them one on disk.
    (0..100).for_each(|_| {
        trail.record(call("/x"), None);
    });
    let event = trail.emit_blocking(EVENT, Call::default()).unwrap();
    assert!(event.durable);
    let killed = [(); 2].map(|()| {
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
        copy
    });
    let (by_trail, by_hand) = (Switch::new(OPEN), Switch::new(OPEN));
    let next = builder(&by_trail, killed[0].path()).open_blocking().unwrap();
    wait_for("the file is taken over", || files(killed[0].path()).len() == 1);
    next.close_blocking(LONG).unwrap();
    let drained = futures::executor::block_on(spool::drain(killed[1].path(), &by_hand.inner)).unwrap();
    assert_eq!((drained.files, drained.damaged, drained.refused), (1, 0, 0));
    for store in [&by_trail, &by_hand] {
        let gaps = of_type(store, "audit.gap");
        assert_eq!(gaps.len(), 1);
        let gap = metadata(&gaps[0]);
        assert_eq!(
            (
                gap["reason"].as_str(),
                gap["writer_id"].as_str(),
                gap["to_seq"].as_u64()
            ),
            (Some("unclean_stop"), Some(trail.stats().writer_id.as_str()), None)
        );
        assert!(gap["from_seq"].as_u64().unwrap() <= 2, "{gap}");
    }
    store.set(OPEN);
    trail.close_blocking(LONG).unwrap();
}

/// A clock that panics on the recorder's threads when it is told to.
#[derive(Debug, Default)]
struct Broken(AtomicBool);

impl Clock for Broken {
    fn now(&self) -> Timestamp {
        let is_recorders = std::thread::current()
            .name()
            .is_some_and(|name| name.starts_with("tasktrail"));
        assert!(!(self.0.load(SeqCst) && is_recorders), "the test's clock is broken");
        SystemClock.now()
    }

    fn elapsed(&self) -> Duration {
        self.now();
        SystemClock.elapsed()
    }
}

#[test]
fn a_panic_of_the_writer_poisons_the_trail_and_saves_what_it_held() {
    let (store, folder, clock) = (
        Switch::new(OPEN),
        tempfile::tempdir().unwrap(),
        Arc::new(Broken::default()),
    );
    let trail = builder(&store, folder.path())
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .open_blocking()
        .unwrap();
    trail.flush_blocking(LONG).unwrap();
    store.set(HANGS);
    for _ in 0..100 {
        trail.record(call("/widgets"), None);
    }
    clock.0.store(true, SeqCst);
    store.set(AWAY);
    wait_for("it is poisoned", || {
        trail.is_ready().is_err_and(|error| error.code() == Code::Poisoned)
    });
    let refused = trail.record_durable_blocking(call("/widgets"), None).unwrap_err();
    assert_eq!(refused.code(), Code::Poisoned);
    assert_eq!(
        trail.emit_blocking(EVENT, Call::default()).unwrap_err().code(),
        Code::Poisoned
    );
    trail.record(call("/widgets"), None);
    assert!(ledger(&trail).dropped.poisoned >= 2);
    clock.0.store(false, SeqCst);
    store.set(OPEN);
    wait_for("what it held is safe", || {
        let now = ledger(&trail);
        now.queued + now.in_flight == 0
    });
    trail.close_blocking(LONG).unwrap();

    let next = builder(&store, folder.path()).open_blocking().unwrap();
    wait_for("what it left is taken over", || files(folder.path()).len() == 1);
    next.close_blocking(LONG).unwrap();
    assert_eq!(of_path(&store, "/widgets"), 100);
    assert!(
        of_type(&store, "audit.gap")
            .iter()
            .any(|gap| metadata(gap)["reason"] == "unclean_stop")
    );
}

#[test]
fn a_listener_that_cannot_be_woken_is_its_own_trouble() {
    /// A host's own executor, broken.
    struct Unwakable;
    impl std::task::Wake for Unwakable {
        fn wake(self: Arc<Self>) {
            panic!("the test's executor is broken");
        }
    }
    let (store, folder) = (Switch::new(OPEN), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path()).open_blocking().unwrap();
    trail.flush_blocking(LONG).unwrap();
    let mut listener = trail.subscribe(&Scope::All, &After::Now);
    let waker = std::task::Waker::from(Arc::new(Unwakable));
    let mut waiting = Box::pin(listener.recv());
    assert!(
        waiting
            .as_mut()
            .poll(&mut std::task::Context::from_waker(&waker))
            .is_pending()
    );
    for _ in 0..10 {
        trail.record_durable_blocking(call("/widgets"), None).unwrap();
    }
    trail.is_ready().unwrap();
    drop(waiting);
    drop(listener);
    let ledger = trail.close_blocking(LONG).unwrap().ledger;
    assert_eq!((ledger.dropped.total(), ledger.pending()), (0, 0));
}

#[test]
fn the_recorder_never_records_itself() {
    /// A host's subscriber that makes a record of everything that is logged.
    struct Echo(Mutex<Option<Trail>>, AtomicU64);
    impl tracing::Subscriber for Echo {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, _: &tracing::Event<'_>) {
            self.1.fetch_add(1, SeqCst);
            let trail = self.0.lock().unwrap().clone();
            if let Some(trail) = trail {
                trail.record(call("/echo"), None);
            }
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }
    let (store, folder) = (Switch::new(OPEN), tempfile::tempdir().unwrap());
    let trail = builder(&store, folder.path()).open_blocking().unwrap();
    let echo: &'static Echo = Box::leak(Box::new(Echo(Mutex::new(Some(trail.clone())), AtomicU64::new(0))));
    struct Shared(&'static Echo);
    impl tracing::Subscriber for Shared {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            self.0.enabled(metadata)
        }
        fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            self.0.new_span(span)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            self.0.event(event);
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }
    tracing::subscriber::set_global_default(Shared(echo)).unwrap();
    store.set(AWAY);
    trail.record(call("/widgets"), None);
    wait_for("the outage is said", || echo.1.load(SeqCst) > 0);
    store.set(OPEN);
    wait_for("the drain", || ledger(&trail).pending() == 0);
    let own = ledger(&trail).skipped.own;
    assert!(own > 0, "what the recorder said is left out");
    echo.0.lock().unwrap().take();
    trail.close_blocking(LONG).unwrap();
    assert!(
        all(&store)
            .iter()
            .all(|record| record.api_endpoint.as_deref() != Some("/echo"))
    );
}

#[test]
fn a_flush_waits_for_what_came_before_it_and_not_for_what_goes_on() {
    let store = Switch::new(OPEN);
    let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
        .open_blocking()
        .unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let producer = {
        let (trail, done) = (trail.clone(), Arc::clone(&done));
        std::thread::spawn(move || {
            while !done.load(SeqCst) {
                trail.record(call("/noise"), None);
                std::thread::sleep(Duration::from_micros(50));
            }
        })
    };
    for _ in 0..20 {
        let id = trail.record(call("/widgets"), None);
        let since = Instant::now();
        trail.flush_blocking(LONG).unwrap();
        assert!(since.elapsed() < LONG / 2);
        let found = futures::executor::block_on(store.inner.get(id, Timestamp::from_millis(0))).unwrap();
        assert!(found.is_some());
    }
    done.store(true, SeqCst);
    producer.join().unwrap();
    trail.close_blocking(LONG).unwrap();
}
