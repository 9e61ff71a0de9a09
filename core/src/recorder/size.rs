//! How much the store holds, and how fast it grows.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::schema::Timestamp;
use crate::store::Size;

/// Looks over which growth is measured: a day of them, at one a minute.
const LONGEST: u32 = 24 * 60;
/// Growth is not told before so many: a store's log, which is bounded, fills first, and would look like gigabytes a day.
const SHORTEST: u32 = 60;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How much the store holds, as it was found when it was last looked at; null for what the store cannot tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StoreSize {
    /// Records, those included that have expired and are not deleted yet.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub records: Option<u64>,
    /// Whether their number is an estimate.
    pub records_is_estimate: bool,
    /// Bytes on disk, indexes included; of memory, for a store in memory.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub bytes: Option<u64>,
    /// Of these, bytes of indexes.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub index_bytes: Option<u64>,
    /// When that was: RFC 3339.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub at: Timestamp,
    /// Bytes a day by which it grew, over the last day or what is known of it; null in the first hour. Negative when it shrinks.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub bytes_per_day: Option<i64>,
}

#[derive(Debug, Default)]
struct State {
    last: Option<(Size, Timestamp)>,
    /// Bytes, by the time that had passed when they were found.
    known: VecDeque<(Duration, u64)>,
}

/// What was found when the store was looked at, every so often.
#[derive(Debug)]
pub(crate) struct Sizes {
    every: Duration,
    state: Mutex<State>,
}

impl Sizes {
    pub(crate) fn new(every: Duration) -> Self {
        Sizes {
            every,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under the lock can leave the state half-changed by a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what was found at a time of day, and when so much time had passed.
    pub(crate) fn add(&self, size: Size, at: Timestamp, passed: Duration) {
        let mut state = self.state();
        state.last = Some((size, at));
        let Some(bytes) = size.bytes else { return };
        let oldest = passed.saturating_sub(self.every * LONGEST);
        while state.known.len() > LONGEST as usize || state.known.front().is_some_and(|(then, _)| *then < oldest) {
            state.known.pop_front();
        }
        state.known.push_back((passed, bytes));
    }

    /// What is known; `None` before the store was looked at, and of one that tells nothing.
    pub(crate) fn read(&self) -> Option<StoreSize> {
        let state = self.state();
        let (size, at) = state.last.filter(|(size, _)| *size != Size::default())?;
        Some(StoreSize {
            records: size.records,
            records_is_estimate: size.records_is_estimate,
            bytes: size.bytes,
            index_bytes: size.index_bytes,
            at,
            bytes_per_day: state.bytes_per_day(self.every * SHORTEST),
        })
    }
}

impl State {
    fn bytes_per_day(&self, shortest: Duration) -> Option<i64> {
        let ((began, first), (ended, last)) = self.known.front().zip(self.known.back())?;
        let passed = ended.saturating_sub(*began);
        if passed.is_zero() || passed < shortest {
            return None;
        }
        let grown = *last as f64 - *first as f64;
        Some((grown * DAY.div_duration_f64(passed)).round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn size(bytes: u64) -> Size {
        Size {
            records: Some(bytes / 100),
            bytes: Some(bytes),
            ..Size::default()
        }
    }

    fn at(minute: u32) -> Timestamp {
        Timestamp::from_millis(i64::from(minute) * 60_000)
    }

    #[test]
    fn growth_is_of_the_last_day_and_not_told_in_the_first_hour() {
        let sizes = Sizes::new(MINUTE);
        assert_eq!(sizes.read(), None);
        let per_day = |minute: u32, bytes: u64| {
            sizes.add(size(bytes), at(minute), MINUTE * minute);
            let read = sizes.read().unwrap();
            assert_eq!((read.bytes, read.at), (Some(bytes), at(minute)));
            read.bytes_per_day
        };
        assert_eq!(per_day(0, 1_000), None);
        assert_eq!(per_day(59, 2_000), None);
        assert_eq!(per_day(60, 2_000), Some(24_000));
        // Half an hour in which the store was away.
        assert_eq!(per_day(90, 1_000), Some(0));
        for minute in 91..=3_000 {
            per_day(minute, u64::from(minute) * 7);
        }
        assert_eq!(per_day(3_001, 3_001 * 7), Some(1_440 * 7));
        assert!(sizes.state().known.len() <= 1_441);
        assert!(per_day(3_002, 0).unwrap() < 0, "it was swept");
        // Nobody looked for long: what was before says nothing of the last day.
        assert_eq!(per_day(9_000, 1), None);
    }

    #[test]
    fn looks_without_pause_are_bounded_too() {
        let sizes = Sizes::new(Duration::ZERO);
        for look in 0..5_000 {
            sizes.add(size(look), at(0), Duration::ZERO);
        }
        assert!(sizes.state().known.len() <= 1_441);
        assert_eq!(sizes.read().unwrap().bytes_per_day, None);
    }

    #[test]
    fn a_store_that_tells_nothing_has_no_size() {
        let sizes = Sizes::new(MINUTE);
        sizes.add(Size::default(), at(1), MINUTE);
        assert_eq!(sizes.read(), None);
        let only_records = Size {
            records: Some(0),
            ..Size::default()
        };
        sizes.add(only_records, at(2), MINUTE * 2);
        let read = sizes.read().unwrap();
        assert_eq!((read.records, read.bytes, read.bytes_per_day), (Some(0), None, None));
    }
}
