//! What `record` costs the caller.
//!
//! In the timed part both sides clone the call, or both are given what they hand over ready-made; the body is copied, as the trail copies
//! it. Bursts stay under half the queue and drain in between, so nothing is dropped and nothing waits for a place.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crossbeam_queue::ArrayQueue;
use tasktrail::{Call, Trail};
use tasktrail_bench::{BODY, BareStore, Goal, Row, calls, median, quantile};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};

use crate::Settings;
use crate::burst::{Side, Threads, Took};

/// Records that wait at most, on every side: the trail's own default.
const CAPACITY: usize = 10_000;
/// Records of a burst.
const BURST: usize = 4_000;
const ROUNDS: usize = 100;
const DRAINED: Duration = Duration::from_secs(30);

pub(crate) fn rows(settings: &Settings) -> Vec<Row> {
    let folder = settings.scratch();
    let trail = Trail::builder_with_store(Arc::new(BareStore::forgetful()))
        .open_blocking()
        .unwrap();
    let cloned: Arc<dyn Side> = Arc::new(Ours {
        trail: trail.clone(),
        clones: true,
    });
    let moved: Arc<dyn Side> = Arc::new(Ours {
        trail: trail.clone(),
        clones: false,
    });
    let queue: Arc<dyn Side> = Arc::new(Queue(ArrayQueue::new(CAPACITY)));
    let channel: Arc<dyn Side> = Arc::new(Channel::new());
    let appender: Arc<dyn Side> = Arc::new(Appender::new(&folder.path().join("lines.log")));

    let mut rows = Vec::new();
    for threads in [1, 8] {
        let pool = Threads::new(threads);
        let share: Arc<[Call]> = calls(BURST / threads).into();
        let from = if threads == 1 {
            "1 thread: its own work"
        } else {
            "8 threads: time that passes"
        };
        let compare = |ours: &Arc<dyn Side>, peer: &Arc<dyn Side>, name: &str, peer_name: &str| {
            let took = crate::in_turns(
                settings.rounds(ROUNDS),
                |_| pool.burst(ours, &share),
                |_| pool.burst(peer, &share),
            );
            let nanos = |of: fn(&Took) -> Duration| -> Vec<(f64, f64)> {
                let a_record = |took| of(took).as_nanos() as f64 / BURST as f64;
                took.iter()
                    .map(|(ours, peer)| (a_record(ours), a_record(peer)))
                    .collect()
            };
            // One caller's own work is what a record costs it. Many callers also wait for one another, which only the time that passes shows.
            let (figures, others, other) = if threads == 1 {
                (nanos(|took| took.worked), nanos(|took| took.wall), "time that passes")
            } else {
                (
                    nanos(|took| took.wall),
                    nanos(|took| took.worked),
                    "the callers' own work",
                )
            };
            let other = format!(
                "{other} {:.0} against {:.0} ns",
                median(others.iter().map(|(ours, _)| *ours)),
                median(others.iter().map(|(_, peer)| *peer))
            );
            let row = Row::of_rounds(&format!("{name}, {from}"), peer_name, "ns", &figures)
                .note(format!("bursts of {BURST} records; {other}"));
            row.say();
            row
        };
        rows.push(
            compare(
                &cloned,
                &channel,
                "clone a call of 1 KB and record it",
                "clone it and try_send it on a bounded channel that is received from",
            )
            .goal(Goal::AtMost(1.5)),
        );
        // Nobody frees anything meanwhile, so that the allocator's locks are the caller's alone.
        rows.push(compare(
            &cloned,
            &queue,
            "clone a call of 1 KB and record it",
            "clone it and push it on the bare queue, emptied afterwards",
        ));
        rows.push(
            compare(
                &moved,
                &appender,
                "record a ready call of 1 KB",
                "tracing-appender, a ready line of 1 KB",
            )
            .goal(Goal::AtMost(1.0)),
        );
    }
    rows.push(single_calls(settings, &trail, &appender));
    let ledger = trail.close_blocking(DRAINED).unwrap().ledger;
    assert_eq!(ledger.dropped.total(), 0, "a burst did not fit: {ledger:?}");
    rows
}

/// How long the slowest calls take.
fn single_calls(settings: &Settings, trail: &Trail, appender: &Arc<dyn Side>) -> Row {
    let share = calls(BURST);
    let mut ours = Vec::new();
    let mut peer = Vec::new();
    let line = calls(1);
    for _ in 0..settings.rounds(20) {
        for call in share.clone() {
            let began = Instant::now();
            trail.record(call, Some(BODY.as_bytes()));
            ours.push(began.elapsed().as_nanos() as f64);
        }
        trail.flush_blocking(DRAINED).unwrap();
        for _ in 0..BURST {
            let began = Instant::now();
            appender.hand_over(&line, Vec::new());
            peer.push(began.elapsed().as_nanos() as f64);
        }
        appender.drain();
    }
    ours.sort_by(f64::total_cmp);
    peer.sort_by(f64::total_cmp);
    let at = |sorted: &[f64], share| quantile(sorted, share).round();
    let note = format!(
        "not medians, and with the clock's own time; p50 {} and {} ns, p99.9 {} and {} ns",
        at(&ours, 0.5),
        at(&peer, 0.5),
        at(&ours, 0.999),
        at(&peer, 0.999)
    );
    let name = "record a ready call of 1 KB: p99 of single calls";
    let row = Row::of(name, at(&ours, 0.99), "tracing-appender: p99", at(&peer, 0.99), "ns").note(note);
    row.say();
    row
}

/// The trail, on a store that costs nothing.
struct Ours {
    trail: Trail,
    /// Whether a call is cloned in the timed part, or before it.
    clones: bool,
}

impl Side for Ours {
    fn ready(&self, calls: &[Call]) -> Vec<Call> {
        if self.clones { Vec::new() } else { calls.to_vec() }
    }

    fn hand_over(&self, calls: &[Call], ready: Vec<Call>) {
        if self.clones {
            for call in calls {
                self.trail.record(call.clone(), Some(BODY.as_bytes()));
            }
        } else {
            for call in ready {
                self.trail.record(call, Some(BODY.as_bytes()));
            }
        }
    }

    fn drain(&self) {
        self.trail.flush_blocking(DRAINED).unwrap();
    }
}

/// A call and its body, as they would wait in any channel.
type Message = (Box<Call>, Box<[u8]>);

fn message(call: &Call) -> Message {
    (Box::new(call.clone()), BODY.as_bytes().into())
}

/// The queue that the recorder is built on, of the same capacity, which is emptied when the burst is over.
struct Queue(ArrayQueue<Message>);

impl Side for Queue {
    fn hand_over(&self, calls: &[Call], _: Vec<Call>) {
        for call in calls {
            assert!(self.0.push(message(call)).is_ok(), "the queue is full");
        }
    }

    fn drain(&self) {
        while self.0.pop().is_some() {}
    }
}

/// A bounded channel with a task at its other end that takes what comes and lets it go.
struct Channel {
    sender: tokio::sync::mpsc::Sender<Message>,
    _runtime: tokio::runtime::Runtime,
}

impl Channel {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap();
        let (sender, mut receiver) = tokio::sync::mpsc::channel::<Message>(CAPACITY);
        runtime.spawn(async move {
            let mut taken = Vec::new();
            while receiver.recv_many(&mut taken, 128).await > 0 {
                taken.clear();
            }
        });
        Channel {
            sender,
            _runtime: runtime,
        }
    }
}

impl Side for Channel {
    fn hand_over(&self, calls: &[Call], _: Vec<Call>) {
        for call in calls {
            assert!(self.sender.try_send(message(call)).is_ok(), "the channel is full");
        }
    }

    fn drain(&self) {
        while self.sender.capacity() < CAPACITY {
            std::thread::yield_now();
        }
    }
}

/// The writer of a log that does not block, into a file.
struct Appender {
    writer: NonBlocking,
    line: Vec<u8>,
    sent: AtomicUsize,
    written: Arc<AtomicUsize>,
    _guard: WorkerGuard,
}

/// A file that counts its lines.
struct Lines {
    file: File,
    written: Arc<AtomicUsize>,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_all(bytes)?;
        self.written.fetch_add(1, Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Appender {
    fn new(path: &std::path::Path) -> Self {
        let written = Arc::new(AtomicUsize::new(0));
        let lines = Lines {
            file: File::create(path).unwrap(),
            written: Arc::clone(&written),
        };
        let (writer, guard) = NonBlockingBuilder::default()
            .buffered_lines_limit(CAPACITY)
            .finish(lines);
        let mut line = BODY.as_bytes().to_vec();
        line.resize(1_023, b' ');
        line.push(b'\n');
        Appender {
            writer,
            line,
            sent: AtomicUsize::new(0),
            written,
            _guard: guard,
        }
    }
}

impl Side for Appender {
    fn hand_over(&self, calls: &[Call], _: Vec<Call>) {
        let mut writer = self.writer.clone();
        for _ in calls {
            writer.write_all(&self.line).unwrap();
        }
        self.sent.fetch_add(calls.len(), Relaxed);
    }

    fn drain(&self) {
        while self.written.load(Relaxed) < self.sent.load(Relaxed) {
            std::thread::sleep(Duration::from_micros(50));
        }
        assert_eq!(self.writer.error_counter().dropped_lines(), 0, "lines were dropped");
    }
}
