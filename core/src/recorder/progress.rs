//! Who waits until what was recorded so far has found its place.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

#[derive(Debug, Default)]
struct State {
    /// Numbers whose records have found their place.
    done: u64,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    /// Numbers up to this one count.
    through: u64,
    left: u64,
    reached: oneshot::Sender<()>,
}

/// Counts the numbers that are done. Every number that was given is done exactly once, in any order.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<State>);

impl Progress {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under the lock can leave the state half-changed by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records of these numbers wait no longer in memory.
    pub(crate) fn done(&self, seqs: impl IntoIterator<Item = u64>) {
        let mut state = self.state();
        let State { done, waiting } = &mut *state;
        for seq in seqs {
            *done += 1;
            for one in waiting.iter_mut().filter(|one| seq <= one.through) {
                one.left = one.left.saturating_sub(1);
            }
        }
        for one in waiting.extract_if(.., |one| one.left == 0) {
            // Whoever stopped waiting has no use for it.
            let _ = one.reached.send(());
        }
    }

    /// Resolves when all numbers that `given` has counted so far are done.
    pub(crate) fn reach(&self, given: &AtomicU64) -> oneshot::Receiver<()> {
        let (reached, wait) = oneshot::channel();
        let mut state = self.state();
        // Looked at under the lock: all that is done was given before.
        let through = given.load(SeqCst);
        let left = through.saturating_sub(state.done);
        if left == 0 {
            let _ = reached.send(());
        } else {
            state.waiting.retain(|one| !one.reached.is_closed());
            state.waiting.push(Waiting { through, left, reached });
        }
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_before_is_waited_for() {
        let (progress, given) = (Progress::default(), AtomicU64::new(0));
        assert!(progress.reach(&given).try_recv().is_ok());
        given.store(3, SeqCst);
        progress.done([2]);
        let mut first = progress.reach(&given);
        given.store(5, SeqCst);
        let mut second = progress.reach(&given);
        progress.done([5, 4]);
        assert!(first.try_recv().is_err());
        progress.done([1]);
        assert!(first.try_recv().is_err());
        progress.done([3]);
        assert!(first.try_recv().is_ok() && second.try_recv().is_ok());
    }
}
