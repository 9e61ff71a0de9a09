//! Time and randomness, replaceable by tests.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::schema::Timestamp;

/// Where a trail gets the time from.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
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
