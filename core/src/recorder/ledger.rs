//! The ledger: every record by what became of it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

/// Counts of one open trail. `seen = stored + queued + inFlight + deadLettered + dropped + skipped`, each counted on its own;
/// exact whenever the trail is at rest, and after [`crate::Trail::flush`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Ledger {
    /// Records that hosts handed over.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seen: u64,
    /// Records that the store holds, repeats of what it held already included.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub stored: u64,
    /// Records that wait in memory.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub queued: u64,
    /// Records of batches on their way to the store, retries included.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub in_flight: u64,
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
    /// The queue was full; the oldest went.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub queue_full: u64,
    /// The trail was closed already.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub closed: u64,
}

/// Records left out on purpose, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Skipped {
    /// The route's level is `none`.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub level: u64,
}

impl Ledger {
    /// Whether the parts add up to what was seen.
    pub fn is_balanced(&self) -> bool {
        let parts = [
            self.stored,
            self.queued,
            self.in_flight,
            self.dead_lettered,
            self.dropped.queue_full,
            self.dropped.closed,
            self.skipped.level,
        ];
        parts.into_iter().try_fold(0u64, u64::checked_add) == Some(self.seen)
    }

    /// Records whose fate is open.
    pub fn pending(&self) -> u64 {
        self.queued.saturating_add(self.in_flight)
    }
}

/// The counters behind a [`Ledger`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) seen: AtomicU64,
    pub(crate) stored: AtomicU64,
    pub(crate) queued: AtomicU64,
    pub(crate) in_flight: AtomicU64,
    pub(crate) dead_lettered: AtomicU64,
    pub(crate) dropped_queue_full: AtomicU64,
    pub(crate) dropped_closed: AtomicU64,
    pub(crate) skipped_level: AtomicU64,
    pub(crate) duplicates: AtomicU64,
    pub(crate) unknown_workspace: AtomicU64,
}

impl Counters {
    pub(crate) fn read(&self) -> Ledger {
        Ledger {
            seen: self.seen.load(Relaxed),
            stored: self.stored.load(Relaxed),
            queued: self.queued.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
            dead_lettered: self.dead_lettered.load(Relaxed),
            dropped: Dropped {
                queue_full: self.dropped_queue_full.load(Relaxed),
                closed: self.dropped_closed.load(Relaxed),
            },
            skipped: Skipped {
                level: self.skipped_level.load(Relaxed),
            },
            duplicates: self.duplicates.load(Relaxed),
            unknown_workspace: self.unknown_workspace.load(Relaxed),
        }
    }
}
