//! A subscription: a callback that hears of a trail's records.

use std::ffi::{c_char, c_void};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use tasktrail::facade::trail;
use tasktrail::trail::Subscription;

use crate::boundary::{Fault, Out, call, contain, give, lend, take, text_or};
use crate::status::tt_status;
use crate::trail::tt_trail;

/// Hears of records: `batch` is `batch_len` bytes of JSON with a NUL byte behind them,
/// `{"room","epoch","seq","missed","lagged"?,"entries":[record...]}`, borrowed until the callback returns.
///
/// Called on a thread of the trail's own, one batch at a time and in order for each subscription. It may call every function of this
/// header, also `tt_subscription_free` on its own subscription and `tt_trail_close`. It must not throw or `longjmp` out of itself.
// Nullable, so that NULL from C is a value that can be refused.
pub type tt_batch_callback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, batch: *const c_char, batch_len: usize)>;

/// A subscription. Opaque; from `tt_subscribe`, ended by `tt_subscription_free`.
pub struct tt_subscription {
    listening: Subscription,
    gate: Arc<Gate>,
}

impl fmt::Debug for tt_subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("tt_subscription").finish_non_exhaustive()
    }
}

/// Calls `callback` with the records of a scope, as they are taken in, until the subscription is freed or the trail is closed.
///
/// `scope` is JSON, `{"workspaceId":"..."}` or `{"projectNumber":42}`, or NULL for everything. `after` is JSON: `null` for what is yet to come
/// (as is NULL), `"ring"` for all that memory still holds first, or `{"epoch":"...","seq":12}` to go on behind the last entry seen.
/// A batch whose `missed` is true begins after a gap: the rest is in the store (`tt_trail_query`).
///
/// `userdata` is handed to the callback as it is, on another thread; it must last until `tt_subscription_free` has returned.
/// The caller owns `*out_subscription` and ends it with `tt_subscription_free`. A callback may come before this function has returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_subscribe(
    trail: *const tt_trail,
    scope: *const c_char,
    scope_len: usize,
    after: *const c_char,
    after_len: usize,
    callback: tt_batch_callback,
    userdata: *mut c_void,
    out_subscription: *mut *mut tt_subscription,
) -> tt_status {
    call("tt_subscribe", || {
        let out = Out::required(out_subscription, "out_subscription")?;
        let callback = callback.ok_or_else(|| Fault::null("callback"))?;
        // SAFETY: by contract.
        let (handle, scope, after) = unsafe {
            (
                lend(trail)?,
                text_or(scope, scope_len, "scope", "{}")?,
                text_or(after, after_len, "after", "null")?,
            )
        };
        let gate = Arc::new(Gate::default());
        let guarded = {
            let (gate, userdata) = (Arc::clone(&gate), Userdata(userdata));
            move |mut batch: String| {
                let len = batch.len();
                batch.push('\0');
                // SAFETY: by contract the callback takes this userdata, which lasts until the gate has ended; the text lasts
                // until the callback returns.
                gate.pass(|| unsafe { callback(userdata.pointer(), batch.as_ptr().cast(), len) });
            }
        };
        let listening = trail::subscribe_json(&handle.trail, scope, after, Box::new(guarded))?;
        // SAFETY: by contract.
        unsafe { out.write(|| give(tt_subscription { listening, gate })) };
        Ok(())
    })
}

/// Ends a subscription. When it returns, its callback is not running and never will again, so `userdata` may be freed; from
/// inside that callback it returns at once, and holds from the callback's return on. NULL is allowed.
///
/// It waits for a callback that is running: do not hold a lock here that the callback takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_subscription_free(subscription: *mut tt_subscription) {
    contain("tt_subscription_free", || {
        // SAFETY: by contract.
        if let Some(subscription) = unsafe { take(subscription) } {
            let tt_subscription { listening, gate } = *subscription;
            drop(listening);
            gate.end();
        }
    });
}

/// A host's pointer, which it has promised may be used from another thread.
struct Userdata(*mut c_void);

impl Userdata {
    // A method, so that a closure captures the wrapper and not the bare pointer inside.
    fn pointer(&self) -> *mut c_void {
        self.0
    }
}

// SAFETY: only handed back to the host, which by contract lets it be used on the trail's threads.
unsafe impl Send for Userdata {}
// SAFETY: as above; one callback of a subscription runs at a time.
unsafe impl Sync for Userdata {}

/// Lets callbacks through one at a time until it is ended, and then none, so that a host knows when its userdata is its own again.
#[derive(Default)]
struct Gate {
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Default)]
struct State {
    ended: bool,
    inside: Option<ThreadId>,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code of a host's runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self, callback: impl FnOnce()) {
        let mut state = self.state();
        if state.ended {
            return;
        }
        state.inside = Some(thread::current().id());
        drop(state);
        callback();
        self.state().inside = None;
        self.left.notify_all();
    }

    fn end(&self) {
        let mut state = self.state();
        state.ended = true;
        let own = thread::current().id();
        while state.inside.is_some_and(|inside| inside != own) {
            state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn ending_waits_for_the_callback_that_is_inside() {
        let gate = Arc::new(Gate::default());
        let done = Arc::new(AtomicBool::new(false));
        let (entered, inside) = mpsc::channel();
        let callback = thread::spawn({
            let (gate, done) = (Arc::clone(&gate), Arc::clone(&done));
            move || {
                gate.pass(|| {
                    entered.send(()).unwrap();
                    thread::sleep(Duration::from_millis(50));
                    done.store(true, SeqCst);
                });
            }
        });
        inside.recv().unwrap();
        gate.end();
        assert!(done.load(SeqCst));
        callback.join().unwrap();
        gate.pass(|| panic!("passed an ended gate"));
    }

    #[test]
    fn a_callback_may_end_its_own_gate() {
        let gate = Gate::default();
        gate.pass(|| gate.end());
        gate.pass(|| panic!("passed an ended gate"));
    }
}
