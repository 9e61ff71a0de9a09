//! The queue between hosts and the writer: bounded by count and bytes, and it wakes the writer only when that helps.

use crate::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use crate::sync::{ArrayQueue, Notify, timeout};

/// The writer sleeps until something comes.
const SLEEPING: u8 = 0;
/// The writer gathers a batch; only a full batch or something urgent wakes it.
const LINGERING: u8 = 1;
/// The writer looks at the queue again before it rests.
const BUSY: u8 = 2;

/// Items of a batch whose bytes are given back at once.
const COUNTED_TOGETHER: usize = 16;

/// Part of the bound that is never taken by what is held elsewhere.
const LEAST_SHARE: usize = 16;

/// Something with a size.
pub(crate) trait Sized {
    /// Memory that it holds, in bytes.
    fn size(&self) -> usize;
}

#[derive(Debug)]
pub(crate) struct Queue<T> {
    items: ArrayQueue<T>,
    bytes: AtomicUsize,
    /// Bytes that may be held here and elsewhere.
    max_bytes: usize,
    /// Bytes that may be held here.
    room: AtomicUsize,
    batch: usize,
    writer: AtomicU8,
    /// Something urgent has come that the writer may not have seen.
    is_urgent: AtomicBool,
    wake: Notify,
}

impl<T: Sized> Queue<T> {
    pub(crate) fn new(capacity: usize, max_bytes: usize, batch: usize) -> Self {
        Queue {
            items: ArrayQueue::new(capacity.max(1)),
            bytes: AtomicUsize::new(0),
            max_bytes,
            room: AtomicUsize::new(max_bytes),
            batch: batch.clamp(1, capacity.max(1)),
            writer: AtomicU8::new(BUSY),
            is_urgent: AtomicBool::new(false),
            wake: Notify::new(),
        }
    }

    /// Puts an item in; never waits. What must go to make room, oldest first, is handed to `dropped`.
    pub(crate) fn push(&self, item: T, urgent: bool, mut dropped: impl FnMut(T)) {
        self.bytes.fetch_add(item.size(), SeqCst);
        if let Some(oldest) = self.items.force_push(item) {
            self.forget(&oldest);
            dropped(oldest);
        }
        // Read only now: of several producers, who comes in last sees what all of them brought.
        let mut bytes = self.bytes.load(SeqCst);
        // One item larger than the whole bound still gets through alone.
        let room = self.room.load(Relaxed);
        while bytes > room && self.items.len() > 1 {
            match self.items.pop() {
                Some(oldest) => {
                    bytes = self.forget(&oldest);
                    dropped(oldest);
                }
                None => break,
            }
        }
        if urgent {
            self.is_urgent.store(true, SeqCst);
        }
        match self.writer.load(SeqCst) {
            SLEEPING => self.wake_from(SLEEPING),
            LINGERING if urgent || self.items.len() >= self.batch => self.wake_from(LINGERING),
            _ => {}
        }
    }

    /// So many bytes of the bound are held elsewhere now. Some room is left all the same, so that what comes has time to be taken.
    pub(crate) fn share(&self, elsewhere: usize) {
        let room = self.max_bytes.saturating_sub(elsewhere);
        self.room.store(room.max(self.max_bytes / LEAST_SHARE), Relaxed);
    }

    fn wake_from(&self, state: u8) {
        // One of many producers wins, so the writer is woken once.
        if self.writer.compare_exchange(state, BUSY, SeqCst, SeqCst).is_ok() {
            self.wake.notify_one();
        }
    }

    /// Wakes the writer whatever it does.
    pub(crate) fn nudge(&self) {
        self.writer.store(BUSY, SeqCst);
        self.wake.notify_one();
    }

    fn forget(&self, item: &T) -> usize {
        self.bytes.fetch_sub(item.size(), SeqCst).saturating_sub(item.size())
    }

    /// Takes what there is, up to `most` items.
    pub(crate) fn take(&self, most: usize) -> Vec<T> {
        // Before anything is taken: what comes later sets it again.
        self.is_urgent.store(false, SeqCst);
        let mut items = Vec::with_capacity(self.items.len().min(most));
        let mut bytes = 0;
        while items.len() < most
            && let Some(item) = self.items.pop()
        {
            bytes += item.size();
            items.push(item);
            // Producers count on the same line of the cache.
            if items.len().is_multiple_of(COUNTED_TOGETHER) {
                self.bytes.fetch_sub(std::mem::take(&mut bytes), SeqCst);
            }
        }
        self.bytes.fetch_sub(bytes, SeqCst);
        items
    }

    /// Items that wait.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Bytes that they hold.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(SeqCst)
    }

    /// Waits until there is something, or for a nudge; now and then it comes back for nothing.
    pub(crate) async fn wait(&self) {
        self.writer.store(SLEEPING, SeqCst);
        // Looked at after the state was set: whoever pushed before that is seen here, whoever pushes later wakes.
        if self.items.is_empty() {
            // A nudge that came before is kept, so the state does not say whether there was one.
            self.wake.notified().await;
        }
        self.writer.store(BUSY, SeqCst);
    }

    /// Waits for a full batch, something urgent, or the end of `delay`.
    pub(crate) async fn linger(&self, delay: std::time::Duration) {
        self.writer.store(LINGERING, SeqCst);
        if self.items.len() < self.batch && !self.is_urgent.load(SeqCst) {
            // Running into the delay is the usual way out.
            let _ = timeout(delay, self.wake.notified()).await;
        }
        self.writer.store(BUSY, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::time::Duration;

    impl Sized for usize {
        fn size(&self) -> usize {
            *self
        }
    }

    #[test]
    fn the_oldest_goes_first_by_count_and_by_bytes() {
        let queue = Queue::new(2, 1_000, 10);
        let mut lost = Vec::new();
        for item in [1, 2, 3] {
            queue.push(item, false, |old| lost.push(old));
        }
        assert_eq!(lost, [1]);
        queue.push(999, false, |old| lost.push(old));
        assert_eq!(lost, [1, 2, 3]);
        assert_eq!(queue.take(10), [999]);
        queue.push(5_000, false, |old| lost.push(old));
        assert_eq!(queue.take(10), [5_000]);
        assert_eq!(queue.bytes.load(SeqCst), 0);
    }

    #[test]
    fn what_is_held_elsewhere_leaves_less_room() {
        let queue = Queue::new(100, 160, 10);
        let mut lost = Vec::new();
        let mut push = |item| queue.push(item, false, |old| lost.push(old));
        queue.share(100);
        [20, 30, 25].into_iter().for_each(&mut push);
        // Never none at all.
        queue.share(1_000);
        [4, 5].into_iter().for_each(&mut push);
        queue.share(0);
        push(100);
        assert_eq!(lost, [20, 30, 25]);
        assert_eq!(queue.take(10), [4, 5, 100]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_push_is_slept_through() {
        let queue = Arc::new(Queue::new(100_000, usize::MAX, 10));
        let producer = {
            let queue = Arc::clone(&queue);
            std::thread::spawn(move || (0..50_000).for_each(|_| queue.push(1, false, |_| panic!("full"))))
        };
        let mut got = 0;
        while got < 50_000 {
            tokio::time::timeout(Duration::from_secs(10), queue.wait())
                .await
                .expect("slept through a push");
            got += queue.take(10).len();
        }
        producer.join().unwrap();
    }
}
