//! The ledger: every record by what became of it.

use std::ops::{Deref, DerefMut};

use serde::Serialize;

use crate::sync::atomic::{AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// Counts of one open trail:
/// `seen + adopted = stored + queued + inFlight + spooled + deadLettered + dropped + skipped`, each counted on its own, at any instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Ledger {
    /// Records that hosts handed over, and those of the trail about itself.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seen: u64,
    /// Records that a dead process had left in the spool and this trail took over.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub adopted: u64,
    /// Records that the store holds, repeats of what it held already included.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub stored: u64,
    /// Records that wait in memory.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub queued: u64,
    /// Records of batches on their way to the store, retries included, that are on no disk.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub in_flight: u64,
    /// Records on disk which the store has not acknowledged.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub spooled: u64,
    /// Records that the store refuses for good.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub dead_lettered: u64,
    /// Records lost, by reason.
    pub dropped: Dropped,
    /// Records left out on purpose, by reason.
    pub skipped: Skipped,
    /// Of those stored, repeats that the store held already.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub duplicates: u64,
    /// Of those seen, records for which nobody said a workspace.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub unknown_workspace: u64,
}

/// Records lost, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Dropped {
    /// Memory was full; the oldest went.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub queue_full: u64,
    /// The spool was full and the oldest on disk had to go (`spoolWhenFull: "dropOldest"`).
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub spool_full: u64,
    /// A file of the spool was damaged.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub spool_damaged: u64,
    /// The trail was closed already, or its deadline for closing passed.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub closed: u64,
    /// The writer had failed.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub poisoned: u64,
}

impl Dropped {
    /// All of them, whatever the reason.
    pub fn total(&self) -> u64 {
        [
            self.queue_full,
            self.spool_full,
            self.spool_damaged,
            self.closed,
            self.poisoned,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }
}

/// Records left out on purpose, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Skipped {
    /// The route's level is `none`.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub level: u64,
    /// What the recorder itself said or did: it never records itself.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub own: u64,
    /// Progress that newer progress of the same task has overtaken before it was recorded.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub coalesced: u64,
}

impl Skipped {
    /// All of them, whatever the reason.
    pub fn total(&self) -> u64 {
        [self.level, self.own, self.coalesced]
            .into_iter()
            .fold(0, u64::saturating_add)
    }
}

impl Ledger {
    /// Whether the parts add up to what came.
    pub fn is_balanced(&self) -> bool {
        let parts = [
            self.stored,
            self.queued,
            self.in_flight,
            self.spooled,
            self.dead_lettered,
            self.dropped.queue_full,
            self.dropped.spool_full,
            self.dropped.spool_damaged,
            self.dropped.closed,
            self.dropped.poisoned,
            self.skipped.level,
            self.skipped.own,
            self.skipped.coalesced,
        ];
        parts.into_iter().try_fold(0u64, u64::checked_add) == self.seen.checked_add(self.adopted)
    }

    /// Records whose fate is open: in memory, on their way, or on disk.
    pub fn pending(&self) -> u64 {
        self.queued.saturating_add(self.in_flight).saturating_add(self.spooled)
    }
}

/// One more in the field of records that wait.
const QUEUED: u64 = 1;
/// One more in the field of records that were pushed out of the full queue.
const OVERRUN: u64 = 1 << 22;
/// One more in the field of records that came.
const SEEN: u64 = 1 << 42;
const QUEUED_MASK: u64 = OVERRUN - 1;
const OVERRUN_MASK: u64 = SEEN / OVERRUN - 1;
/// A field that is as full as this is emptied into the wide counters. What is left of it is more than there can be threads in between.
/// Models, which take few steps, see it happen as well.
const HALF_SEEN: u64 = if cfg!(all(test, tasktrail_shuttle)) { 2 } else { 1 << 21 };
const HALF_OVERRUN: u64 = if cfg!(all(test, tasktrail_shuttle)) { 2 } else { 1 << 19 };

/// The counters behind a [`Ledger`].
///
/// A host's thread makes one atomic step for a record that enters, and one for a record that it pushes out: each changes two parts of
/// the ledger, so both parts are fields of one word. All other steps are made by the trail's own tasks, a batch at a time, under a
/// lock that a reader takes as well. So whoever reads finds the parts balanced, whatever is going on.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Records that wait: 22 bits; pushed out of the queue: 20 bits; seen: 22 bits.
    hot: AtomicU64,
    rest: Mutex<Ledger>,
}

impl Books {
    /// A record enters the queue. Called before it is pushed, so that it is never counted out before it was counted in.
    pub(crate) fn enter(&self) {
        // In one order with the doors of the recorder, for all who look.
        let before = self.hot.fetch_add(SEEN + QUEUED, SeqCst);
        if before / SEEN >= HALF_SEEN {
            drop(self.open());
        }
    }

    /// A full queue has pushed out its oldest record.
    pub(crate) fn overrun(&self) {
        let before = self.hot.fetch_add(OVERRUN - QUEUED, Relaxed);
        if (before / OVERRUN) & OVERRUN_MASK >= HALF_OVERRUN {
            drop(self.open());
        }
    }

    /// Opens the books for one step.
    pub(crate) fn open(&self) -> OpenBooks<'_> {
        // Nothing that runs under the lock can leave a step half-made by a panic: steps are additions.
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        let hot = self.hot.load(Relaxed);
        let (seen, overrun) = (hot / SEEN, (hot / OVERRUN) & OVERRUN_MASK);
        if seen >= HALF_SEEN || overrun >= HALF_OVERRUN {
            self.hot.fetch_sub(seen * SEEN + overrun * OVERRUN, Relaxed);
            rest.seen += seen;
            rest.dropped.queue_full += overrun;
        }
        OpenBooks { hot: &self.hot, rest }
    }

    /// The ledger, now.
    pub(crate) fn read(&self) -> Ledger {
        let books = self.open();
        let hot = self.hot.load(SeqCst);
        let mut ledger = *books;
        ledger.seen += hot / SEEN;
        ledger.dropped.queue_full += (hot / OVERRUN) & OVERRUN_MASK;
        ledger.queued = hot & QUEUED_MASK;
        ledger
    }
}

/// The books while a step is made; what is on them is the ledger without what waits and what just came.
#[derive(Debug)]
pub(crate) struct OpenBooks<'a> {
    hot: &'a AtomicU64,
    rest: MutexGuard<'a, Ledger>,
}

impl OpenBooks<'_> {
    /// So many records wait no longer; the caller says in the same step what became of them.
    pub(crate) fn leave_queue(&mut self, count: usize) {
        self.hot.fetch_sub(count as u64 * QUEUED, Relaxed);
    }
}

impl Deref for OpenBooks<'_> {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        &self.rest
    }
}

impl DerefMut for OpenBooks<'_> {
    fn deref_mut(&mut self) -> &mut Ledger {
        &mut self.rest
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn fields_spill_into_the_wide_counters_in_time() {
        let books = Books::default();
        let many = HALF_SEEN * 3;
        for _ in 0..many {
            books.enter();
            books.overrun();
        }
        books.enter();
        let ledger = books.read();
        assert_eq!(
            (ledger.seen, ledger.dropped.queue_full, ledger.queued),
            (many + 1, many, 1)
        );
        assert!(ledger.is_balanced());
    }

    #[test]
    fn a_reader_finds_the_parts_balanced_whatever_goes_on() {
        let books = Books::default();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let producers: Vec<_> = (0..3)
                .map(|number| {
                    let books = &books;
                    scope.spawn(move || {
                        for step in 0..200_000 {
                            books.enter();
                            if (step + number) % 3 == 0 {
                                books.overrun();
                            } else {
                                let mut open = books.open();
                                open.leave_queue(1);
                                open.in_flight += 1;
                                drop(open);
                                let mut open = books.open();
                                open.in_flight -= 1;
                                open.stored += 1;
                            }
                        }
                    })
                })
                .collect();
            let reader = scope.spawn(|| {
                let mut looks = 0_u64;
                while !done.load(Relaxed) {
                    let ledger = books.read();
                    assert!(ledger.is_balanced(), "{ledger:?}");
                    looks += 1;
                }
                looks
            });
            for producer in producers {
                producer.join().unwrap();
            }
            done.store(true, Relaxed);
            assert!(reader.join().unwrap() > 0);
        });
        assert_eq!(books.read().seen, 600_000);
    }
}
