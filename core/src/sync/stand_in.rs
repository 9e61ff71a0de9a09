//! The model checker's side: the same names and promises, and a point at every step where another thread may go first.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Poll, Waker};
use std::time::Duration;

use shuttle::rand::Rng as _;
use shuttle::scheduler::{PctScheduler, RandomScheduler};
pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, PoisonError, atomic};
pub(crate) use shuttle::thread;

/// crossbeam's queue as it promises to be: each operation takes effect at one instant.
#[derive(Debug)]
pub(crate) struct ArrayQueue<T> {
    capacity: usize,
    items: Mutex<VecDeque<T>>,
}

impl<T> ArrayQueue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        ArrayQueue {
            capacity,
            items: Mutex::new(VecDeque::new()),
        }
    }

    fn items(&self) -> MutexGuard<'_, VecDeque<T>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn force_push(&self, item: T) -> Option<T> {
        let mut items = self.items();
        let oldest = if items.len() == self.capacity {
            items.pop_front()
        } else {
            None
        };
        items.push_back(item);
        oldest
    }

    pub(crate) fn pop(&self) -> Option<T> {
        self.items().pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.items().len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items().is_empty()
    }
}

/// tokio's, for one task that waits: a notification that finds nobody waiting is kept, and one is kept at most.
#[derive(Debug, Default)]
pub(crate) struct Notify(Mutex<(bool, Option<Waker>)>);

impl Notify {
    pub(crate) fn new() -> Self {
        Notify::default()
    }

    pub(crate) fn notify_one(&self) {
        let waker = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.0 = true;
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(crate) async fn notified(&self) {
        poll_fn(|context| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if std::mem::take(&mut state.0) {
                return Poll::Ready(());
            }
            state.1 = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Time may pass at every step, and passes in the end.
pub(crate) async fn timeout<T>(_: Duration, work: impl Future<Output = T>) -> Result<T, ()> {
    let mut work = pin!(work);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Ok(done)),
        Poll::Pending if shuttle::rand::thread_rng().gen_bool(0.3) => Poll::Ready(Err(())),
        Poll::Pending => {
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await
}

/// Takes a model through orders at random, and through orders with few changes between threads, which find other faults. A wait without
/// end is reported as a deadlock; the order that a failure was found in is printed, for `shuttle::replay`.
pub(crate) fn check(model: impl Fn() + Send + Sync + Clone + 'static) {
    const ORDERS: usize = 1_500;
    let mut config = shuttle::Config::new();
    // A record in the making does not fit into what threads of a model have otherwise.
    config.stack_size = 512 << 10;
    shuttle::Runner::new(RandomScheduler::new(ORDERS), config.clone()).run(model.clone());
    shuttle::Runner::new(PctScheduler::new(3, ORDERS), config).run(model);
}
