//! A subscription that calls back.

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;

use super::{Batch, Listener};
use crate::sync::thread::{self, ThreadId};
use crate::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Calls back with each batch of a room until it ends: by [`Subscription::unsubscribe`], by being dropped, when the callback panics, or
/// with the trail.
pub struct Subscription {
    task: AbortHandle,
    gate: Arc<Gate>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

impl Subscription {
    pub(super) fn new(
        runtime: &Handle,
        mut listener: Listener,
        permits: Arc<Semaphore>,
        callback: impl Fn(Batch) + Send + Sync + 'static,
    ) -> Self {
        let gate = Arc::new(Gate::default());
        let callback = Arc::new(callback);
        let passing = Arc::clone(&gate);
        let task = runtime.spawn(async move {
            while let Some(batch) = listener.recv().await {
                // Never closed.
                let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
                    return;
                };
                let (callback, gate) = (Arc::clone(&callback), Arc::clone(&passing));
                let call = move || {
                    let _permit = permit;
                    gate.pass(|| callback(batch));
                };
                // A host's callback may take its time: not on the threads that write.
                if let Err(fault) = tokio::task::spawn_blocking(call).await {
                    // Cancelled means that the trail is ending.
                    if fault.is_panic() {
                        tracing::error!(target: "tasktrail", "a subscriber's callback panicked; its subscription has ended");
                    }
                    return;
                }
            }
        });
        Subscription {
            task: task.abort_handle(),
            gate,
        }
    }

    /// Ends it. When this returns, the callback is not running and never will again, so what it uses may go. Called from inside
    /// that callback it returns at once, and that call is the last one.
    ///
    /// It waits for a call that is running on another thread: hold no lock here that the callback takes, and do not call it on a thread that
    /// must not block; dropping the subscription does not wait.
    pub fn unsubscribe(self) {
        let gate = Arc::clone(&self.gate);
        drop(self);
        gate.wait_until_empty();
    }
}

/// Ends it without waiting: a call that has begun goes on to its end, and no other begins.
impl Drop for Subscription {
    fn drop(&mut self) {
        self.gate.shut();
        self.task.abort();
    }
}

/// Lets calls through, one at a time, until it is shut.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_shut: bool,
    inside: Option<ThreadId>,
}

/// Says that a call has left, also when it panics.
struct Inside<'a>(&'a Gate);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.state().inside = None;
        self.0.left.notify_all();
    }
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code of a host's runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn pass(&self, call: impl FnOnce()) {
        let mut state = self.state();
        if state.is_shut {
            return;
        }
        state.inside = Some(thread::current().id());
        drop(state);
        let _inside = Inside(self);
        call();
    }

    pub(super) fn shut(&self) {
        self.state().is_shut = true;
    }

    pub(super) fn wait_until_empty(&self) {
        let own = thread::current().id();
        let mut state = self.state();
        while state.inside.is_some_and(|inside| inside != own) {
            state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};
    use uuid::Uuid;

    use super::super::{After, Bounds, Hub, Scope};
    use super::*;
    use crate::schema::sample;
    use crate::store::EncodedRecord;

    /// Far more than anything here takes.
    const PATIENCE: Duration = Duration::from_secs(30);

    struct Stage {
        runtime: Runtime,
        hub: Arc<Hub>,
        published: AtomicUsize,
    }

    fn stage() -> Stage {
        Stage {
            runtime: Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap(),
            hub: Arc::new(Hub::new("h", Bounds::default())),
            published: AtomicUsize::new(0),
        }
    }

    impl Stage {
        fn call(&self, callback: impl Fn(Batch) + Send + Sync + 'static) -> Subscription {
            self.hub
                .call_back(self.runtime.handle(), &Scope::All, &After::Now, callback)
        }

        fn publish(&self) {
            let number = self.published.fetch_add(1, SeqCst) as u128;
            self.hub
                .publish(&[EncodedRecord::new(sample(Uuid::from_u128(number), 1))]);
        }

        /// Another subscriber hears a record that is published now.
        fn is_alive(&self) {
            let (heard, hears) = channel();
            let subscription = self.call(move |_| {
                // More may come than is waited for.
                let _ = heard.send(());
            });
            self.publish();
            hears.recv_timeout(PATIENCE).unwrap();
            subscription.unsubscribe();
        }
    }

    /// A callback that says when it has begun, and ends when it may.
    fn held() -> (Receiver<()>, Sender<()>, impl Fn(Batch) + Send + Sync + 'static) {
        let ((begun, begins), (may_end, ending)) = (channel(), channel());
        let ending = Mutex::new(ending);
        let callback = move |_| {
            begun.send(()).unwrap();
            let _ = ending.lock().unwrap().recv_timeout(PATIENCE);
        };
        (begins, may_end, callback)
    }

    #[test]
    fn a_callback_may_end_its_own_subscription() {
        for waits in [true, false] {
            let stage = stage();
            let own: Arc<OnceLock<Mutex<Option<Subscription>>>> = Arc::default();
            let (called, calls) = channel();
            let subscription = {
                let own = Arc::clone(&own);
                stage.call(move |_| {
                    // Not set yet when the first record comes early.
                    let ending = own.wait().lock().unwrap().take();
                    match ending {
                        Some(ending) if waits => ending.unsubscribe(),
                        ending => drop(ending),
                    }
                    called.send(()).unwrap();
                })
            };
            stage.publish();
            own.set(Mutex::new(Some(subscription))).unwrap();
            calls.recv_timeout(PATIENCE).unwrap();
            for _ in 0..20 {
                stage.is_alive();
            }
            // The callback has gone, and its end of the channel with it.
            assert!(calls.recv_timeout(PATIENCE).is_err());
        }
    }

    #[test]
    fn after_the_end_from_another_thread_no_call_is_running_or_begins() {
        let stage = stage();
        for _ in 0..200 {
            let (running, calls) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let subscription = {
                let (running, calls) = (Arc::clone(&running), Arc::clone(&calls));
                stage.call(move |_| {
                    calls.fetch_add(1, SeqCst);
                    running.fetch_add(1, SeqCst);
                    thread::yield_now();
                    running.fetch_sub(1, SeqCst);
                })
            };
            stage.publish();
            stage.publish();
            subscription.unsubscribe();
            assert_eq!(running.load(SeqCst), 0);
            let before = calls.load(SeqCst);
            stage.publish();
            stage.is_alive();
            assert_eq!(calls.load(SeqCst), before);
        }
    }

    #[test]
    fn ending_waits_for_a_call_and_dropping_does_not() {
        let stage = stage();
        let (begins, may_end, callback) = held();
        let subscription = stage.call(callback);
        stage.publish();
        begins.recv_timeout(PATIENCE).unwrap();
        stage.publish();
        drop(subscription);
        // The call is still running, and others are heard meanwhile.
        stage.is_alive();
        may_end.send(()).unwrap();
        assert!(begins.recv_timeout(PATIENCE).is_err(), "a call began after the end");

        let (begins, may_end, callback) = held();
        let subscription = stage.call(callback);
        stage.publish();
        begins.recv_timeout(PATIENCE).unwrap();
        let (ended, ends) = channel();
        let gate = Arc::clone(&subscription.gate);
        let ending = thread::spawn(move || {
            subscription.unsubscribe();
            ended.send(()).unwrap();
        });
        // Or what is published now would be one more call.
        while !gate.state().is_shut {
            thread::yield_now();
        }
        stage.is_alive();
        assert!(ends.try_recv().is_err(), "it did not wait");
        may_end.send(()).unwrap();
        ends.recv_timeout(PATIENCE).unwrap();
        ending.join().unwrap();
    }

    #[test]
    fn a_callback_that_panics_ends_its_own_subscription_and_nothing_else() {
        let stage = stage();
        let (called, calls) = channel();
        let faulty = stage.call(move |_| {
            called.send(()).unwrap();
            panic!("a subscriber's own fault");
        });
        stage.publish();
        calls.recv_timeout(PATIENCE).unwrap();
        stage.is_alive();
        assert!(calls.recv_timeout(PATIENCE).is_err());
        faulty.unsubscribe();
        stage.is_alive();
    }

    #[test]
    fn callbacks_that_hang_leave_threads_for_the_store() {
        let stage = stage();
        let (begun, begins) = channel();
        let gate = Arc::new(Mutex::new(()));
        let closed = gate.lock().unwrap();
        let hanging: Vec<Subscription> = (0..super::super::hub::CALLBACKS + 10)
            .map(|_| {
                let (begun, gate) = (begun.clone(), Arc::clone(&gate));
                stage.call(move |_| {
                    begun.send(()).unwrap();
                    drop(gate.lock());
                })
            })
            .collect();
        stage.publish();
        for _ in 0..super::super::hub::CALLBACKS {
            begins.recv_timeout(PATIENCE).unwrap();
        }
        let (done, ends) = channel();
        stage.runtime.spawn_blocking(move || done.send(()));
        ends.recv_timeout(PATIENCE).unwrap();
        assert!(begins.try_recv().is_err());
        drop(closed);
        for _ in 0..10 {
            begins.recv_timeout(PATIENCE).unwrap();
        }
        for subscription in hanging {
            subscription.unsubscribe();
        }
    }
}
