//! How many records a second are acknowledged from disk, beside a program that does nothing but write as many bytes and sync them.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{fdatasync, statfs};
use tasktrail::Trail;
use tasktrail::trail::Mode;
use tasktrail_bench::{BODY, BareStore, Goal, Row, calls, median};

use crate::{Settings, in_turns};

/// Who waits for an answer at the same time.
const WAITERS: [usize; 3] = [1, 16, 64];
const ROUNDS: usize = 9;
/// What one side of a round takes.
const SLICE: Duration = Duration::from_millis(1_500);
/// A sync that takes less is no disk's; what the trail does beside it is then what is measured.
const REAL_SYNC: Duration = Duration::from_micros(500);
/// What the bare program writes over, again and again, so that a sync need not bring a new length to disk.
const FILE_BYTES: usize = 16 << 20;
/// The memory that a `tmpfs` is (linux/magic.h).
const TMPFS: i64 = 0x0102_1994;

pub(crate) fn rows(settings: &Settings) -> Vec<Row> {
    assert_ne!(
        statfs(&settings.folder).unwrap().f_type as i64,
        TMPFS,
        "{} is no disk; name a folder on one in TASKTRAIL_BENCH_FOLDER",
        settings.folder.display()
    );
    let folder = settings.scratch();
    let record = record_bytes();
    WAITERS
        .map(|waiters| row(settings, folder.path(), waiters, record))
        .into()
}

fn row(settings: &Settings, folder: &Path, waiters: usize, record: usize) -> Row {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let trail = Trail::builder_with_store(Arc::new(BareStore::forgetful()))
        .spool(folder.join(format!("spool-{waiters}")))
        .mode(Mode::Strict)
        .open_blocking()
        .unwrap();
    let mut bare = Bare::new(&folder.join("bare"), vec![b'x'; waiters * record]);
    let mut commits = 0;
    let rounds = in_turns(
        settings.rounds(ROUNDS),
        |_| {
            let before = trail.stats().metrics.spool_commits;
            let acknowledged = acknowledged(&runtime, &trail, waiters);
            commits += trail.stats().metrics.spool_commits - before;
            acknowledged
        },
        |_| bare.rate(waiters),
    );
    let sync = median(bare.syncs.iter().copied());
    trail.flush_blocking(Duration::from_secs(30)).unwrap();
    let ledger = trail.close_blocking(Duration::from_secs(30)).unwrap().ledger;
    assert_eq!(ledger.dropped.total() + ledger.pending(), 0, "{ledger:?}");
    let note = format!(
        "{record} bytes each; a bare sync takes {:.0} us (median), {:.1} records to a commit of the spool",
        sync * 1e6,
        ledger.seen as f64 / commits as f64
    );
    let row = Row::of_rounds(
        &format!("acknowledged from disk, {waiters} waiting"),
        "write and fdatasync of as many bytes",
        "/s",
        &rounds,
    );
    let row = if sync >= REAL_SYNC.as_secs_f64() {
        row.goal(Goal::AtLeast(0.7)).note(note)
    } else {
        row.note(format!("{note}; no goal, since a sync takes under {REAL_SYNC:?} here"))
    };
    row.say();
    row
}

/// What a record takes as the text that the spool keeps.
fn record_bytes() -> usize {
    let kept = Arc::new(BareStore::keeping());
    let trail = Trail::builder_with_store(Arc::clone(&kept) as _)
        .open_blocking()
        .unwrap();
    trail
        .record_durable_blocking(tasktrail_bench::call(0), Some(BODY.as_bytes()))
        .unwrap();
    trail.close_blocking(Duration::from_secs(5)).unwrap();
    let records = kept.take();
    let of_call = records.iter().find(|encoded| encoded.record().http_method.is_some());
    of_call.unwrap().json().len()
}

/// Each waiter records, waits for the answer, and records again.
fn acknowledged(runtime: &tokio::runtime::Runtime, trail: &Trail, waiters: usize) -> f64 {
    let began = Instant::now();
    let end = began + SLICE;
    let counts = runtime.block_on(async {
        let tasks: Vec<_> = (0..waiters)
            .map(|waiter| {
                let trail = trail.clone();
                let calls = calls(20 * (waiter + 1)).split_off(20 * waiter);
                tokio::spawn(async move {
                    let mut count = 0u64;
                    for call in calls.iter().cycle() {
                        if Instant::now() >= end {
                            break;
                        }
                        trail.record_durable(call.clone(), Some(BODY.as_bytes())).await.unwrap();
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        let mut counts = 0;
        for task in tasks {
            counts += task.await.unwrap();
        }
        counts
    });
    counts as f64 / began.elapsed().as_secs_f64()
}

/// A file, and what goes into it with each sync.
struct Bare {
    file: File,
    group: Vec<u8>,
    at: usize,
    /// What each sync took, in seconds.
    syncs: Vec<f64>,
}

impl Bare {
    fn new(path: &Path, group: Vec<u8>) -> Self {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .open(path)
            .unwrap();
        file.write_all(&vec![0; FILE_BYTES]).unwrap();
        file.sync_all().unwrap();
        file.rewind().unwrap();
        Bare {
            file,
            group,
            at: 0,
            syncs: Vec::new(),
        }
    }

    fn rate(&mut self, records: usize) -> f64 {
        let began = Instant::now();
        let mut groups = 0;
        while began.elapsed() < SLICE {
            if self.at + self.group.len() > FILE_BYTES {
                self.file.rewind().unwrap();
                self.at = 0;
            }
            self.file.write_all(&self.group).unwrap();
            self.at += self.group.len();
            let syncing = Instant::now();
            fdatasync(&self.file).unwrap();
            self.syncs.push(syncing.elapsed().as_secs_f64());
            groups += 1;
        }
        (groups * records) as f64 / began.elapsed().as_secs_f64()
    }
}
