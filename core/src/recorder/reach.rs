//! The store as the recorder finds it, and calls to it that have a deadline.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::Quiet;
use crate::error::{Code, Error, Result};
use crate::store::Store;

/// The store as the writer finds it.
#[derive(Debug, Clone)]
pub(crate) enum StoreState {
    /// Not reached yet, with what the last try said.
    Connecting(Option<Error>),
    /// Reached.
    Open(Arc<dyn Store>),
}

impl StoreState {
    /// The store.
    ///
    /// # Errors
    /// [`Code::StoreUnavailable`] while it has not been reached, with the reason where one is known.
    pub(crate) fn store(self) -> Result<Arc<dyn Store>> {
        match self {
            StoreState::Open(store) => Ok(store),
            StoreState::Connecting(why) => {
                let why = why.map(|error| format!(": {error}")).unwrap_or_default();
                Err(Error::new(
                    Code::StoreUnavailable,
                    format!("the audit store has not been reached yet{why}"),
                ))
            }
        }
    }
}

/// Waits for `work` until the deadline, then answers what `late` says. The work is a task of its own that outlives the wait: a
/// driver's future is never cancelled midway.
pub(crate) async fn within<T: Send + 'static>(
    deadline: Duration,
    what: &str,
    work: impl Future<Output = Result<T>> + Send + 'static,
    late: impl FnOnce() -> Error + Send,
) -> Result<T> {
    match tokio::time::timeout(deadline, tokio::spawn(Quiet::new(work))).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(fault)) if fault.is_panic() => Err(Error::panicked(what)),
        // The trail was closed meanwhile, and its tasks with it.
        Ok(Err(_)) => Err(Error::closed()),
        Err(_) => Err(late()),
    }
}

/// As [`within`], for a store that was reached.
pub(crate) async fn answer_within<T: Send + 'static>(
    deadline: Duration,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    within(deadline, "a store", work, || {
        Error::new(
            Code::StoreTimeout,
            format!("the audit store did not answer within {deadline:?}"),
        )
    })
    .await
}
