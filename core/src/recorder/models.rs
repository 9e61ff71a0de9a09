//! Models of the queue and of the ledger, which a checker takes through thousands of the orders in which their threads can meet.

#![expect(clippy::unwrap_used, reason = "a model may panic")]

use std::sync::Arc;
use std::time::Duration;

use shuttle::future::block_on;
use shuttle::thread;

use super::ledger::Books;
use super::queue::{Queue, Sized};
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use crate::sync::{Condvar, Mutex, check};

#[derive(Debug)]
struct Job {
    number: usize,
    bytes: usize,
}

impl Sized for Job {
    fn size(&self) -> usize {
        self.bytes
    }
}

/// What became of each job; every job has one fate.
#[derive(Debug, Default)]
struct Fates {
    known: Mutex<Vec<usize>>,
    news: Condvar,
}

impl Fates {
    fn add(&self, number: usize) {
        self.known.lock().unwrap().push(number);
        self.news.notify_all();
    }

    /// Waits until so many are known.
    fn wait(&self, count: usize) -> Vec<usize> {
        let mut known = self.known.lock().unwrap();
        while known.len() < count {
            known = self.news.wait(known).unwrap();
        }
        let mut known = known.clone();
        known.sort_unstable();
        known
    }
}

const PRODUCERS: usize = 2;
const EACH: usize = 3;
const JOBS: usize = PRODUCERS * EACH;

fn produce(queue: &Arc<Queue<Job>>, fates: &Arc<Fates>) -> Vec<thread::JoinHandle<()>> {
    (0..PRODUCERS)
        .map(|producer| {
            let (queue, fates) = (Arc::clone(queue), Arc::clone(fates));
            thread::spawn(move || {
                for step in 0..EACH {
                    let number = producer * EACH + step;
                    let job = Job { number, bytes: 10 };
                    queue.push(job, step == 1, |lost| fates.add(lost.number));
                }
            })
        })
        .collect()
}

/// Producers fill the queue while the desk waits, takes and lingers as the recorder's does, and somebody looks at the bytes.
fn queue(capacity: usize, max_bytes: usize) {
    let (queue, fates) = (
        Arc::new(Queue::<Job>::new(capacity, max_bytes, 2)),
        Arc::new(Fates::default()),
    );
    let is_over = Arc::new(AtomicBool::new(false));
    let desk = {
        let (queue, fates, is_over) = (Arc::clone(&queue), Arc::clone(&fates), Arc::clone(&is_over));
        thread::spawn(move || {
            block_on(async {
                while !is_over.load(SeqCst) {
                    queue.wait().await;
                    loop {
                        let taken = queue.take(2);
                        if taken.is_empty() {
                            break;
                        }
                        for job in taken {
                            fates.add(job.number);
                        }
                        queue.linger(Duration::from_millis(50)).await;
                    }
                }
            });
        })
    };
    let producers = produce(&queue, &fates);
    for _ in 0..3 {
        assert!(queue.bytes() <= JOBS * 10, "{}", queue.bytes());
        thread::yield_now();
    }
    // Were a push slept through, this would wait for ever.
    assert_eq!(fates.wait(JOBS), (0..JOBS).collect::<Vec<_>>());
    for producer in producers {
        producer.join().unwrap();
    }
    is_over.store(true, SeqCst);
    queue.nudge();
    desk.join().unwrap();
    assert_eq!(fates.wait(JOBS).len(), JOBS);
    assert_eq!((queue.len(), queue.bytes()), (0, 0));
}

#[test]
fn no_push_is_slept_through_and_every_item_is_taken_once() {
    check(|| queue(100, usize::MAX));
}

#[test]
fn what_is_not_taken_is_reported_dropped_once() {
    check(|| queue(2, usize::MAX));
    check(|| queue(100, 25));
}

#[test]
fn the_bounds_hold_after_the_last_push() {
    check(|| {
        let (queue, fates) = (Arc::new(Queue::<Job>::new(4, 15, 2)), Arc::new(Fates::default()));
        for producer in produce(&queue, &fates) {
            producer.join().unwrap();
        }
        assert_eq!(queue.bytes(), queue.len() * 10);
        assert!(queue.bytes() <= 15, "{} bytes", queue.bytes());
        let left = queue.take(JOBS);
        for job in &left {
            fates.add(job.number);
        }
        assert_eq!(fates.wait(JOBS), (0..JOBS).collect::<Vec<_>>());
    });
}

/// Producers enter and overrun while the trail's tasks book what becomes of the records.
#[test]
fn a_reader_of_the_ledger_always_finds_it_balanced() {
    check(|| {
        let (books, entered) = (Arc::new(Books::default()), Arc::new(AtomicUsize::new(0)));
        let producers: Vec<_> = (0..2)
            .map(|_| {
                let (books, entered) = (Arc::clone(&books), Arc::clone(&entered));
                thread::spawn(move || {
                    for _ in 0..3 {
                        books.enter();
                        entered.fetch_add(1, SeqCst);
                    }
                    // It pushed out the oldest.
                    if entered.fetch_sub(1, SeqCst) > 0 {
                        books.overrun();
                    }
                })
            })
            .collect();
        let writer = {
            let (books, entered) = (Arc::clone(&books), Arc::clone(&entered));
            thread::spawn(move || {
                for _ in 0..2 {
                    // Only what has entered, and nobody else has taken, can leave.
                    let taken = entered.fetch_update(SeqCst, SeqCst, |waiting| waiting.checked_sub(1));
                    if taken.is_err() {
                        thread::yield_now();
                        continue;
                    }
                    let mut open = books.open();
                    open.leave_queue(1);
                    open.in_flight += 1;
                    drop(open);
                    let mut open = books.open();
                    open.in_flight -= 1;
                    open.stored += 1;
                }
            })
        };
        let (mut seen, mut dropped) = (0, 0);
        for _ in 0..4 {
            let ledger = books.read();
            assert!(ledger.is_balanced(), "{ledger:?}");
            // What is counted stays counted.
            assert!(
                ledger.seen >= seen && ledger.dropped.queue_full >= dropped,
                "{ledger:?}"
            );
            (seen, dropped) = (ledger.seen, ledger.dropped.queue_full);
        }
        for thread in producers.into_iter().chain([writer]) {
            thread.join().unwrap();
        }
        let ledger = books.read();
        assert!(ledger.is_balanced(), "{ledger:?}");
        assert_eq!((ledger.seen, ledger.dropped.queue_full), (6, 2));
        assert_eq!(ledger.stored + ledger.queued, 4);
    });
}
