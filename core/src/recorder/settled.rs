//! Which of the trail's numbers have found their place: what a process that is killed cannot take with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

#[derive(Debug, Default)]
struct State {
    /// All from 1 to this one.
    through: u64,
    /// First and last of each run beyond.
    ahead: BTreeMap<u64, u64>,
}

/// Numbers whose records are stored, on disk, or lost and told. Records settle nearly in their order, so that the runs are few.
#[derive(Debug, Default)]
pub(crate) struct Settled(Mutex<State>);

impl Settled {
    /// These have found their place; more than once does no harm.
    pub(crate) fn add(&self, seqs: impl IntoIterator<Item = u64>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for seq in seqs {
            state.add(seq);
        }
    }

    /// The last number that has, with all before it.
    #[cfg(any(feature = "sqlite", test))]
    pub(crate) fn through(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).through
    }
}

impl State {
    fn add(&mut self, seq: u64) {
        if seq <= self.through {
            return;
        }
        let end = match self.ahead.remove(&(seq + 1)) {
            Some(end) => end,
            None => seq,
        };
        if seq == self.through + 1 {
            self.through = end;
            return;
        }
        match self.ahead.range_mut(..=seq).next_back() {
            Some((_, last)) if seq <= *last => {}
            Some((_, last)) if *last + 1 == seq => *last = end,
            _ => {
                self.ahead.insert(seq, end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_once_all_before_them_do() {
        let settled = Settled::default();
        let through = |seqs: &[u64]| {
            settled.add(seqs.iter().copied());
            settled.through()
        };
        assert_eq!(through(&[2, 3, 0]), 0);
        assert_eq!(through(&[1]), 3);
        assert_eq!(through(&[7, 9, 8, 6, 8, 3]), 3);
        assert_eq!(through(&[5, 4]), 9);
        assert_eq!(through(&(10..=1_000).rev().collect::<Vec<_>>()), 1_000);
        assert!(settled.0.lock().unwrap().ahead.is_empty());
    }
}
