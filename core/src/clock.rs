//! Time and randomness, replaceable by tests.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::schema::Timestamp;

/// Where a trail gets the time from.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Time that has passed since some fixed moment, which no one who sets the clock can change.
    fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The time by which records expire: the clock's, but never ahead of the time when the trail was opened and what has passed since. So a
/// clock that is set forward hides and deletes nothing early, and one that is set back does no harm either.
#[derive(Debug, Clone)]
pub(crate) struct ExpiryClock {
    clock: Arc<dyn Clock>,
    opened_at: Timestamp,
    elapsed_then: Duration,
}

impl ExpiryClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        ExpiryClock {
            opened_at: clock.now(),
            elapsed_then: clock.elapsed(),
            clock,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let passed = self.clock.elapsed().saturating_sub(self.elapsed_then);
        let passed = i64::try_from(passed.as_millis()).unwrap_or(i64::MAX);
        self.clock.now().min(self.opened_at.plus_millis(passed))
    }
}

/// Fresh random bytes. Should the system have none, time stands in: ids must differ, they need not be secret.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        let nanos = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos()
            .to_le_bytes();
        for (to, from) in bytes.iter_mut().zip(nanos.iter().cycle()) {
            *to = *from;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Wall time in milliseconds, and time that has passed.
    #[derive(Debug)]
    struct Set(Mutex<(i64, u64)>);

    impl Clock for Set {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.lock().unwrap().0)
        }

        fn elapsed(&self) -> Duration {
            Duration::from_millis(self.0.lock().unwrap().1)
        }
    }

    #[test]
    fn nothing_expires_because_a_clock_was_set() {
        let clock = Arc::new(Set(Mutex::new((1_000_000, 50))));
        let expiry = ExpiryClock::new(Arc::clone(&clock) as Arc<dyn Clock>);
        for (wall, passed, expected) in [
            (1_000_000, 50, 1_000_000),
            (1_000_700, 750, 1_000_700),
            // Forward a day, and on from there.
            (87_400_800, 850, 1_000_800),
            (87_401_000, 1_050, 1_001_000),
            // Back an hour.
            (-2_600_000, 1_150, -2_600_000),
            (1_002_000, 2_050, 1_002_000),
        ] {
            *clock.0.lock().unwrap() = (wall, passed);
            assert_eq!(expiry.now().millis(), expected);
        }
    }
}
