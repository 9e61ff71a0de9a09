//! What threads share: locks, counters, queues and wake-ups.
//!
//! They are those of the standard library, tokio and crossbeam. `cargo xtask test models` sets `--cfg tasktrail_shuttle`; then the model
//! checker's stand in for them, which tries the orders in which threads can meet.

#[cfg(not(all(test, tasktrail_shuttle)))]
mod real {
    pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, atomic};
    pub(crate) use std::thread;

    pub(crate) use crossbeam_queue::ArrayQueue;
    pub(crate) use tokio::sync::Notify;
    pub(crate) use tokio::time::timeout;
}

#[cfg(all(test, tasktrail_shuttle))]
mod stand_in;

#[cfg(not(all(test, tasktrail_shuttle)))]
pub(crate) use real::*;
#[cfg(all(test, tasktrail_shuttle))]
pub(crate) use stand_in::*;
