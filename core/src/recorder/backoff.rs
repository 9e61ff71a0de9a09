//! Pauses between tries.

use std::time::Duration;

use crate::clock::random;

/// Exponential backoff with full jitter: many writers that lost one store do not come back at the same time.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    last: Duration,
    next: Duration,
}

impl Backoff {
    pub(crate) fn new(first: Duration, last: Duration) -> Self {
        Backoff {
            first,
            last,
            next: first,
        }
    }

    /// The pause before the next try: anywhere between a tenth of the bound and all of it. The bound doubles up to the last.
    pub(crate) fn pause(&mut self) -> Duration {
        let bound = self.next;
        self.next = (bound * 2).min(self.last);
        let share = f64::from(u32::from_le_bytes(random())) / f64::from(u32::MAX);
        // Never nothing: a store that answers with an error at once must not be asked without end.
        bound.mul_f64(share).max(bound / 10)
    }

    /// After a success the next failure begins anew.
    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_last_and_begin_anew_after_a_success() {
        let (first, last) = (Duration::from_millis(100), Duration::from_secs(10));
        let mut backoff = Backoff::new(first, last);
        for exponent in 0..12 {
            let bound = (first * 2_u32.pow(exponent.min(10))).min(last);
            let pause = backoff.pause();
            assert!(pause <= bound && pause >= bound / 10, "{pause:?} of {bound:?}");
        }
        backoff.reset();
        assert!(backoff.pause() <= first);
    }
}
