//! Which rows of the trail's own file in the spool belong to whom.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
struct State {
    /// First row and last row of each run of rows that nobody has in memory.
    free: BTreeMap<u64, u64>,
    /// Rows whose records somebody has in memory.
    held: HashSet<u64>,
    /// Rows that the spool gave up before the one who had them committed heard of it.
    early: HashSet<u64>,
    /// Rows that the spool gave up while somebody had their records in memory, with the records' numbers.
    orphans: HashMap<u64, u64>,
}

/// What it means that the spool gave up a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GivenUp {
    /// Nobody has its record any more.
    Lost,
    /// Somebody has its record in memory.
    InMemory,
    /// Who committed it has not heard of that yet, and will hear of both.
    Unheard,
}

/// A row is *held* from its commit on, by the one who has its record in memory, and *free* once that one lets it go; the drain takes only
/// free rows. So no record is on its way twice at the same time, and each is counted once.
#[derive(Debug, Default)]
pub(super) struct Rows(Mutex<State>);

impl Rows {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under the lock can leave the state half-changed by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A row was committed, and is held from now on. False when the spool has given it up already.
    pub(super) fn hold(&self, row: u64) -> bool {
        let mut state = self.state();
        !state.early.remove(&row) && state.held.insert(row)
    }

    /// Lets a row go. Answers the number of its record when the spool has given it up meanwhile.
    pub(super) fn free(&self, row: u64) -> Option<u64> {
        let mut state = self.state();
        state.held.remove(&row);
        if let Some(seq) = state.orphans.remove(&row) {
            return Some(seq);
        }
        let end = match state.free.remove(&(row + 1)) {
            Some(end) => end,
            None => row,
        };
        let before = state.free.range_mut(..row).next_back();
        match before {
            Some((_, last)) if *last + 1 == row => *last = end,
            _ => {
                state.free.insert(row, end);
            }
        }
        None
    }

    /// Takes the first run of free rows, at most so many; they are held from now on.
    pub(super) fn take(&self, most: u64) -> Option<RangeInclusive<u64>> {
        let mut state = self.state();
        let (first, last) = state.free.pop_first()?;
        let end = last.min(first.saturating_add(most.max(1) - 1));
        if end < last {
            state.free.insert(end + 1, last);
        }
        state.held.extend(first..=end);
        Some(first..=end)
    }

    /// Whether a held row is still on disk.
    pub(super) fn is_on_disk(&self, row: u64) -> bool {
        !self.state().orphans.contains_key(&row)
    }

    /// The holder has no more use for the row. Answers the number of its record when the spool had given it up.
    pub(super) fn forget(&self, row: u64) -> Option<u64> {
        let mut state = self.state();
        state.held.remove(&row);
        state.orphans.remove(&row)
    }

    /// The spool has given up a row.
    pub(super) fn give_up(&self, row: u64, seq: u64) -> GivenUp {
        let mut state = self.state();
        let run = state
            .free
            .range(..=row)
            .next_back()
            .map(|(first, last)| (*first, *last));
        match run {
            Some((first, last)) if row <= last => {
                state.free.remove(&first);
                if first < row {
                    state.free.insert(first, row - 1);
                }
                if row < last {
                    state.free.insert(row + 1, last);
                }
                GivenUp::Lost
            }
            _ if state.held.contains(&row) => {
                state.orphans.insert(row, seq);
                GivenUp::InMemory
            }
            _ => {
                state.early.insert(row);
                GivenUp::Unheard
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_rows_join_to_runs_and_leave_from_the_first() {
        let rows = Rows::default();
        for row in [5, 3, 4, 9, 10, 1] {
            assert_eq!(rows.free(row), None);
        }
        assert_eq!(rows.take(10), Some(1..=1));
        assert_eq!(rows.take(2), Some(3..=4));
        assert_eq!(rows.take(10), Some(5..=5));
        assert_eq!(rows.take(10), Some(9..=10));
        assert_eq!(rows.take(10), None);
    }

    #[test]
    fn a_row_that_was_given_up_is_lost_only_when_nobody_holds_it() {
        let rows = Rows::default();
        (1..=5).for_each(|row| assert_eq!(rows.free(row), None));
        assert_eq!(rows.give_up(3, 13), GivenUp::Lost);
        assert!(rows.hold(7) && rows.hold(8));
        assert_eq!(rows.give_up(7, 17), GivenUp::InMemory);
        assert_eq!(rows.give_up(9, 19), GivenUp::Unheard);
        assert!(!rows.hold(9), "it went as soon as it came");
        assert!(!rows.is_on_disk(7) && rows.is_on_disk(8));
        assert_eq!(rows.free(7), Some(17), "it cannot be left to the drain");
        assert!(rows.forget(8).is_none() && rows.is_on_disk(7));
        assert_eq!(rows.take(9), Some(1..=2));
        assert_eq!(rows.take(9), Some(4..=5));
    }
}
