//! The times that the recorder goes by.

use std::time::Duration;

/// Times of the recorder. Hosts leave them as they are; tests shorten them.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// A store that has not answered by then is taken for away, and the batch goes to the spool.
    pub patience: Duration,
    /// Without a spool: a store that has not answered by then is tried again with the same ids.
    pub insert_deadline: Duration,
    /// Bound of the first pause between tries.
    pub first_retry: Duration,
    /// Bound of every later pause.
    pub last_retry: Duration,
    /// A disk that has not answered by then is taken for one that refuses.
    pub disk_deadline: Duration,
    /// In durable mode, how long records are gathered before they are committed to the spool.
    pub durable_linger: Duration,
    /// How often the spool's folder is searched for files of dead owners.
    pub adopt_every: Duration,
    /// How often expired records are deleted.
    pub sweep_every: Duration,
    /// How long an event waits to be safe before it is answered as not durable.
    pub emit_deadline: Duration,
    /// How long a durable record waits to be safe before it is answered as unrecorded.
    pub durable_deadline: Duration,
    /// How often the store is asked for what other processes wrote, while somebody listens.
    pub feed_every: Duration,
    /// How often the store is asked how much it holds.
    pub size_every: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            patience: Duration::from_secs(1),
            insert_deadline: Duration::from_secs(10),
            first_retry: Duration::from_millis(100),
            last_retry: Duration::from_secs(10),
            disk_deadline: Duration::from_secs(3),
            durable_linger: Duration::from_millis(5),
            adopt_every: Duration::from_secs(60),
            sweep_every: Duration::from_secs(600),
            emit_deadline: Duration::from_secs(1),
            durable_deadline: Duration::from_secs(5),
            feed_every: Duration::from_millis(250),
            size_every: Duration::from_secs(60),
        }
    }
}
