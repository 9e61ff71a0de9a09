//! Calls as text that are read on the trail's own threads: for hosts whose thread is dear.

use std::collections::VecDeque;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::Trail;
use crate::error::Error;
use crate::recorder::{Recorder, kept_body};
use crate::schema::Call;

/// Bytes that may wait to be read; behind them whoever brings more reads it all.
const MOST_BYTES: usize = 4 << 20;

/// Several calls and their bodies, to be recorded in this order.
#[derive(Debug, Default)]
pub struct Bundle {
    calls: String,
    bodies: Vec<Option<Bytes>>,
    body_bytes: usize,
}

impl Bundle {
    /// Of calls as lines of JSON, a [`Call`] each; bodies are added in the same order.
    pub fn new(calls: String) -> Self {
        Bundle {
            calls,
            bodies: Vec::new(),
            body_bytes: 0,
        }
    }

    /// Adds the body of the next call, or says that it has none. It is copied as far as it is looked at.
    pub fn add_body(&mut self, body: Option<&[u8]>) {
        let body = body.map(kept_body);
        self.body_bytes += body.as_ref().map_or(0, Bytes::len);
        self.bodies.push(body);
    }

    fn size(&self) -> usize {
        self.calls.len() + self.body_bytes
    }
}

/// What was handed over and is not read yet.
#[derive(Debug, Default)]
pub(super) struct Bundles {
    waiting: Mutex<Waiting>,
    /// Held while a bundle is read, so that the order is that of their coming.
    reading: Mutex<()>,
    /// Somebody will look at what waits.
    is_seen_to: AtomicBool,
    fault: Mutex<Option<Error>>,
}

#[derive(Debug, Default)]
struct Waiting {
    bundles: VecDeque<Bundle>,
    bytes: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bundles {
    /// Whether what waits now is more than may.
    fn add(&self, bundle: Bundle) -> bool {
        let mut waiting = lock(&self.waiting);
        waiting.bytes += bundle.size();
        waiting.bundles.push_back(bundle);
        waiting.bytes > MOST_BYTES
    }

    fn next(&self) -> Option<Bundle> {
        let mut waiting = lock(&self.waiting);
        let bundle = waiting.bundles.pop_front()?;
        waiting.bytes -= bundle.size();
        Some(bundle)
    }

    /// Records all that waits.
    pub(super) fn read(&self, recorder: &Recorder) {
        self.is_seen_to.store(false, SeqCst);
        loop {
            let _reading = lock(&self.reading);
            let Some(Bundle { calls, bodies, .. }) = self.next() else {
                return;
            };
            let mut bodies = bodies.into_iter();
            for line in calls.lines().filter(|line| !line.is_empty()) {
                let body = bodies.next().flatten();
                match Call::from_json(line) {
                    Ok(call) => drop(recorder.record_kept(call, body)),
                    Err(error) => drop(lock(&self.fault).get_or_insert(error)),
                }
            }
        }
    }
}

impl Trail {
    /// As [`Trail::record`] for each call of a bundle, soon, on the trail's threads: the host's thread pays for a copy alone. What is
    /// waited for with [`Trail::flush`] or [`Trail::close`], and what [`Trail::stats`] counts, includes what was handed over before.
    ///
    /// At most 4 MiB wait to be read; whoever brings more reads what waits.
    ///
    /// # Errors
    /// [`crate::Code::CallInvalid`] for a call of this or an earlier bundle that was none, and is not recorded; this bundle was taken all
    /// the same.
    pub fn record_bundle(&self, bundle: Bundle) -> crate::Result<()> {
        let bundles = &self.inner.bundles;
        let is_full = bundles.add(bundle);
        if is_full || !self.sees_to_bundles() {
            bundles.read(&self.inner.recorder);
        }
        lock(&bundles.fault).take().map_or(Ok(()), Err)
    }

    /// Has a task of the trail read what waits; answers whether one will.
    fn sees_to_bundles(&self) -> bool {
        if self.inner.bundles.is_seen_to.swap(true, SeqCst) {
            return true;
        }
        let (bundles, recorder) = (Arc::clone(&self.inner.bundles), Arc::clone(&self.inner.recorder));
        self.inner.spawn(async move { bundles.read(&recorder) }).is_ok()
    }

    /// Records what was handed over and not read yet.
    pub(super) fn read_bundles(&self) {
        self.inner.bundles.read(&self.inner.recorder);
    }
}
