//! What records take in memory and on disk: `cargo xtask bench recorder` reads the rows that this prints.
//!
//! A program of its own, since its allocator counts, which costs time that no other figure should bear.

#![expect(clippy::unwrap_used, reason = "a measurement stops at the first fault")]

mod counting;
mod on_disk;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::Value;
use tasktrail::query::{Page, Query, StoredRecord};
use tasktrail::schema::Timestamp;
use tasktrail::store::{EncodedRecord, Inserted, Store};
use tasktrail::trail::Options;
use tasktrail::{Call, Error, Result, Trail};
use tasktrail_bench::{Goal, Row, body, call};
use uuid::Uuid;

use counting::{Counting, allocated, peak, reset_peak};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The bound of an outage's memory.
const BOUND: usize = 16 << 20;
const MEBI: f64 = (1 << 20) as f64;
const DRAINED: Duration = Duration::from_secs(120);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let folder = std::env::var_os("TASKTRAIL_BENCH_FOLDER").map_or_else(std::env::temp_dir, Into::into);
    let scratch = tempfile::tempdir_in(folder).unwrap();
    let mut rows = vec![waiting(), bounded()];
    rows.extend(passing(if quick { 100_000 } else { 1_000_000 }));
    rows.push(outage(scratch.path(), Duration::from_secs(if quick { 10 } else { 60 })));
    rows.extend(on_disk::rows(scratch.path(), if quick { 20_000 } else { 100_000 }));
    let printed: Vec<Value> = rows.iter().inspect(|row| row.say()).map(Row::json).collect();
    println!("{}", Value::Array(printed));
}

/// A store that takes everything, or is away.
#[derive(Debug, Default)]
struct Switched {
    away: AtomicBool,
}

impl Store for Switched {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        let outcome = if self.away.load(Relaxed) {
            Err(Error::store_unavailable("switched off"))
        } else {
            Ok(Inserted {
                stored: batch.len(),
                ..Inserted::default()
            })
        };
        std::future::ready(outcome).boxed()
    }

    fn query<'a>(&'a self, _: &'a Query, _: Timestamp) -> BoxFuture<'a, Result<Page>> {
        std::future::ready(Err(Error::store_failed("this store only takes"))).boxed()
    }

    fn get(&self, _: Uuid, _: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        std::future::ready(Ok(None)).boxed()
    }

    fn sweep(&self, _: Timestamp) -> BoxFuture<'_, Result<u64>> {
        std::future::ready(Ok(0)).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }
}

fn record(trail: &Trail, at: usize) {
    trail.record(call(at), Some(body(at).as_bytes()));
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + DRAINED;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the trail does nothing any more: its allocations stay as they are.
fn settle() {
    let mut before = usize::MAX;
    until("the trail to rest", || {
        std::thread::sleep(Duration::from_millis(200));
        let now = allocated();
        std::mem::replace(&mut before, now) == now
    });
}

/// What a record takes that waits for a store that is away, by what the bound counts for it.
fn waiting() -> Row {
    const WAITING: usize = 5_000;
    let store = Arc::new(Switched::default());
    let trail = Trail::builder_with_store(Arc::clone(&store) as _)
        .open_blocking()
        .unwrap();
    trail.flush_blocking(DRAINED).unwrap();
    store.away.store(true, Relaxed);
    settle();
    let base = allocated();
    (0..WAITING).for_each(|at| record(&trail, at));
    until("the desk", || trail.stats().ledger.pending() >= WAITING as u64);
    settle();
    let held = (allocated() - base) as f64 / WAITING as f64;
    let counted = trail.stats().metrics.queued_bytes as f64 / (trail.stats().ledger.queued.max(1)) as f64;
    store.away.store(false, Relaxed);
    trail.close_blocking(DRAINED).unwrap();
    Row::of(
        "memory of a waiting record of 1 KB",
        held,
        "what the bound counts for it",
        counted,
        "B",
    )
    .goal(Goal::AtMost(1.1))
    .note("allocated, by a counting allocator; made and waiting for the store")
}

/// What a trail holds at most that is given more than its bound.
fn bounded() -> Row {
    let store = Arc::new(Switched::default());
    let options = Options {
        queue_max_bytes: BOUND as u64,
        fallback_capacity: 100_000,
        ..Options::default()
    };
    let trail = Trail::builder_with_store(Arc::clone(&store) as _)
        .options(options)
        .open_blocking()
        .unwrap();
    trail.flush_blocking(DRAINED).unwrap();
    store.away.store(true, Relaxed);
    settle();
    let base = allocated();
    reset_peak();
    for at in 0..60_000 {
        // Of one workspace: what the rings of rooms hold has a bound of its own.
        let (workspace_id, project_number) = (Some("ws_one".to_owned()), None);
        let call = Call {
            workspace_id,
            project_number,
            ..call(at)
        };
        trail.record(call, Some(body(at).as_bytes()));
    }
    settle();
    let held = peak() - base;
    let dropped = trail.stats().ledger.dropped.queue_full;
    assert!(dropped > 0, "the bound was not reached");
    store.away.store(false, Relaxed);
    trail.close_blocking(DRAINED).unwrap();
    Row::of(
        "most memory held for records, store away",
        held as f64 / MEBI,
        "the configured bound",
        BOUND as f64 / MEBI,
        "MiB",
    )
    .goal(Goal::AtMost(1.25))
    .note(format!(
        "60,000 records of 1 KB of one workspace without a pause, {dropped} dropped; batches on their way and its ring come on top of the bound"
    ))
}

/// What the process holds when so many records have gone through: no more with each, and less than the bound in all.
fn passing(records: usize) -> [Row; 2] {
    settle();
    let at_first = resident();
    let options = Options {
        queue_max_bytes: BOUND as u64,
        ..Options::default()
    };
    let trail = Trail::builder_with_store(Arc::new(Switched::default()))
        .options(options)
        .open_blocking()
        .unwrap();
    for at in 0..records / 10 {
        record_slowly(&trail, at);
    }
    trail.flush_blocking(DRAINED).unwrap();
    settle();
    let (before, base) = (resident(), allocated());
    for at in 0..records {
        record_slowly(&trail, at);
    }
    trail.flush_blocking(DRAINED).unwrap();
    settle();
    let (after, left) = (resident(), allocated());
    trail.close_blocking(DRAINED).unwrap();
    let in_all = Row::of(
        &format!("resident more after {records} records than before the trail was opened"),
        (after - at_first).max(0.0) / MEBI,
        "the configured bound",
        BOUND as f64 / MEBI,
        "MiB",
    )
    .goal(Goal::AtMost(1.0));
    let growth = Row::of(
        &format!("resident after {records} records"),
        after / MEBI,
        "after a tenth of them",
        before / MEBI,
        "MiB",
    )
    .goal(Goal::AtMost(1.25))
    .note(format!(
        "{} bytes more allocated than before",
        left as i64 - base as i64
    ));
    [growth, in_all]
}

fn record_slowly(trail: &Trail, at: usize) {
    if at.is_multiple_of(256) {
        while trail.stats().ledger.queued > 5_000 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    record(trail, at);
}

/// What the process holds more after an outage at 1,000 records a second, which the spool takes.
fn outage(folder: &std::path::Path, length: Duration) -> Row {
    let store = Arc::new(Switched::default());
    let options = Options {
        queue_max_bytes: BOUND as u64,
        ..Options::default()
    };
    let trail = Trail::builder_with_store(Arc::clone(&store) as _)
        .options(options)
        .spool(folder.join("spool"))
        .open_blocking()
        .unwrap();
    (0..2_000).for_each(|at| record_slowly(&trail, at));
    trail.flush_blocking(DRAINED).unwrap();
    settle();
    let (before, base) = (resident(), allocated());
    reset_peak();
    store.away.store(true, Relaxed);
    let began = Instant::now();
    let mut at = 0;
    while began.elapsed() < length {
        while at < began.elapsed().as_millis() as usize {
            record(&trail, at);
            at += 1;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let spooled = trail.stats().ledger.spooled;
    let (held, resident_then) = (peak().saturating_sub(base), resident());
    store.away.store(false, Relaxed);
    until("the spool to drain", || trail.stats().ledger.pending() == 0);
    settle();
    let ledger = trail.close_blocking(DRAINED).unwrap().ledger;
    assert!(ledger.is_balanced() && ledger.dropped.total() == 0, "{ledger:?}");
    Row::of(
        &format!("resident more in an outage of {} s at 1,000/s", length.as_secs()),
        (resident_then - before).max(0.0) / MEBI,
        "the configured bound",
        BOUND as f64 / MEBI,
        "MiB",
    )
    .goal(Goal::AtMost(1.0))
    .note(format!(
        "{spooled} on disk at its end; allocated at most {:.1} MiB more; afterwards resident {:.1} MiB more",
        held as f64 / MEBI,
        (resident() - before) / MEBI
    ))
}

/// Memory of this process that is in RAM, in bytes.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1_024.0
}
