//! The recorder never records itself.
//!
//! A host may turn what the library logs, or what a database driver logs inside of it, into calls of `record`. Each of those would be
//! logged again when it is stored, without end. So whatever runs on behalf of the recorder is marked on its thread while it runs, and
//! a record that comes from a marked thread is left out and counted.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

thread_local! {
    static IS_OWN: Cell<bool> = const { Cell::new(false) };
}

/// Whether the recorder itself is at work on this thread.
pub(crate) fn is_own() -> bool {
    // A thread that is ending has no marks any more.
    IS_OWN.try_with(Cell::get).unwrap_or(false)
}

/// Marks the thread while it lives.
struct Mark(bool);

impl Mark {
    fn set() -> Self {
        Mark(IS_OWN.try_with(|own| own.replace(true)).unwrap_or(true))
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        let _ = IS_OWN.try_with(|own| own.set(self.0));
    }
}

/// Runs something on the recorder's behalf.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let _mark = Mark::set();
    work()
}

/// A future that runs on the recorder's behalf.
pub(crate) struct Quiet<F>(Pin<Box<F>>);

impl<F: Future> Quiet<F> {
    pub(crate) fn new(work: F) -> Self {
        Quiet(Box::pin(work))
    }
}

impl<F: Future> Future for Quiet<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        quietly(|| self.0.as_mut().poll(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_nest_and_end() {
        assert!(!is_own());
        quietly(|| {
            quietly(|| assert!(is_own()));
            assert!(is_own());
        });
        assert!(!is_own());
        let waited = futures::executor::block_on(Quiet::new(async { is_own() }));
        assert!(waited && !is_own());
    }
}
