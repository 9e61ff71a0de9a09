//! How is it doing? Counters, gauges and histograms of a trail, as a scraper reads them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;

/// Upper bounds of a histogram of times, in milliseconds.
const MILLIS: [f64; 14] = [
    0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 10_000.0, 60_000.0,
];
/// Upper bounds of a histogram of batch sizes, in records.
const SIZES: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1_000.0];

/// Values by size, in the form of a Prometheus histogram.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Histogram {
    /// Upper bounds, inclusive; a last one, without bound, is understood.
    pub bounds: Vec<f64>,
    /// Values at or under each bound and over the one before it, and last those over all of them.
    #[cfg_attr(feature = "typescript", ts(type = "Array<number>"))]
    pub counts: Vec<u64>,
    /// Sum of the values.
    pub sum: f64,
}

impl Histogram {
    /// How many values there were.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// What a trail measures of itself; beside the [`super::Ledger`], which counts records.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// Bytes of records that wait in memory, now.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub queued_bytes: u64,
    /// Bytes of records on disk, now.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub spooled_bytes: u64,
    /// Tries to bring a batch to the store that failed or took too long.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub failed_inserts: u64,
    /// Times that the store went away.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub outages: u64,
    /// Commits to the spool.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub spool_commits: u64,
    /// Records of a batch for the store.
    pub batch_size: Histogram,
    /// Time that the store took for a batch, in milliseconds.
    pub insert_ms: Histogram,
    /// Time from a record's arrival until it was stored, in milliseconds.
    pub lag_ms: Histogram,
}

#[derive(Debug)]
pub(crate) struct Meter<const N: usize> {
    bounds: [f64; N],
    counts: [AtomicU64; N],
    over: AtomicU64,
    /// In thousandths, so that it can be added to atomically.
    sum: AtomicU64,
}

impl<const N: usize> Meter<N> {
    fn new(bounds: [f64; N]) -> Self {
        Meter {
            bounds,
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            over: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }

    pub(crate) fn count(&self, value: f64, times: u64) {
        let bucket = self.bounds.iter().position(|bound| value <= *bound);
        let counter = bucket.and_then(|at| self.counts.get(at)).unwrap_or(&self.over);
        counter.fetch_add(times, Relaxed);
        self.sum.fetch_add((value * 1_000.0) as u64 * times, Relaxed);
    }

    fn read(&self) -> Histogram {
        let counts = self.counts.iter().chain([&self.over]);
        Histogram {
            bounds: self.bounds.to_vec(),
            counts: counts.map(|count| count.load(Relaxed)).collect(),
            sum: self.sum.load(Relaxed) as f64 / 1_000.0,
        }
    }
}

/// The meters behind [`Metrics`].
#[derive(Debug)]
pub(crate) struct Meters {
    pub(crate) failed_inserts: AtomicU64,
    pub(crate) outages: AtomicU64,
    pub(crate) spool_commits: AtomicU64,
    pub(crate) batch_size: Meter<{ SIZES.len() }>,
    pub(crate) insert_ms: Meter<{ MILLIS.len() }>,
    pub(crate) lag_ms: Meter<{ MILLIS.len() }>,
}

impl Default for Meters {
    fn default() -> Self {
        Meters {
            failed_inserts: AtomicU64::new(0),
            outages: AtomicU64::new(0),
            spool_commits: AtomicU64::new(0),
            batch_size: Meter::new(SIZES),
            insert_ms: Meter::new(MILLIS),
            lag_ms: Meter::new(MILLIS),
        }
    }
}

impl Meters {
    pub(crate) fn inserted(&self, records: usize, took: Duration) {
        self.batch_size.count(records as f64, 1);
        self.insert_ms.count(took.as_secs_f64() * 1_000.0, 1);
    }

    pub(crate) fn read(&self, queued_bytes: usize, spooled_bytes: u64) -> Metrics {
        Metrics {
            queued_bytes: queued_bytes as u64,
            spooled_bytes,
            failed_inserts: self.failed_inserts.load(Relaxed),
            outages: self.outages.load(Relaxed),
            spool_commits: self.spool_commits.load(Relaxed),
            batch_size: self.batch_size.read(),
            insert_ms: self.insert_ms.read(),
            lag_ms: self.lag_ms.read(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_under_the_first_bound_that_holds_them() {
        let meter = Meter::new([1.0, 10.0]);
        for value in [0.0, 1.0, 1.5, 10.0, 11.0] {
            meter.count(value, 1);
        }
        meter.count(2.0, 3);
        let read = meter.read();
        assert_eq!((read.counts.as_slice(), read.count()), ([2, 5, 1].as_slice(), 8));
        assert!((read.sum - 29.5).abs() < 1e-9);
    }
}
