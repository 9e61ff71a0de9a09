//! The outbox: encoded records that wait for the store, the oldest first.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::{Notify, oneshot};

use crate::error::Result;
use crate::schema::Timestamp;
use crate::store::EncodedRecord;

/// Where a record is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// On disk, in the spool.
    Spool,
    /// In the store.
    Store,
    /// Nowhere: its route's level is `none`.
    Skipped,
}

/// Told where a record is safe, or why it is not.
pub(crate) type Waiter = oneshot::Sender<Result<Place>>;

/// A record on its way, with what the recorder knows of it.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) record: EncodedRecord,
    /// Memory that it holds, about.
    pub(crate) size: usize,
    pub(crate) turn: u64,
    /// Its number, when it is this trail's own record.
    pub(crate) seq: Option<u64>,
    pub(crate) taken_at: Timestamp,
    /// Where it is in the spool.
    pub(crate) row: Option<u64>,
    pub(crate) waiter: Option<Waiter>,
    /// Not published yet: an event is heard of when it is safe.
    pub(crate) is_unheard: bool,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
}

impl State {
    fn pop(&mut self) -> Option<Item> {
        let item = self.items.pop_front()?;
        self.bytes = self.bytes.saturating_sub(item.size);
        Some(item)
    }
}

/// Bounded by its owner, through [`Outbox::shed`].
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    news: Notify,
}

impl Outbox {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under the lock can leave the state half-changed by a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, items: impl IntoIterator<Item = Item>) {
        let mut state = self.state();
        for item in items {
            state.bytes += item.size;
            state.items.push_back(item);
        }
        drop(state);
        self.news.notify_one();
    }

    /// Takes the oldest, at most so many, and no more than so many bytes unless the first alone has more.
    pub(crate) fn take(&self, most: usize, most_bytes: usize) -> Vec<Item> {
        let mut state = self.state();
        let mut taken = Vec::with_capacity(most.min(state.items.len()));
        let mut bytes = 0;
        while taken.len() < most
            && let Some(next) = state.items.front()
            && (taken.is_empty() || bytes + next.size <= most_bytes)
            && let Some(item) = state.pop()
        {
            bytes += item.size;
            taken.push(item);
        }
        taken
    }

    /// Takes the oldest out until what is left is within both bounds.
    pub(crate) fn shed(&self, most: usize, most_bytes: usize) -> Vec<Item> {
        let mut state = self.state();
        let mut shed = Vec::new();
        while (state.items.len() > most || state.bytes > most_bytes)
            && let Some(item) = state.pop()
        {
            shed.push(item);
        }
        shed
    }

    /// The record at a place, the oldest being at 0; it stays.
    pub(crate) fn get(&self, at: usize) -> Option<EncodedRecord> {
        self.state().items.get(at).map(|item| item.record.clone())
    }

    pub(crate) fn len(&self) -> usize {
        self.state().items.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.state().bytes
    }

    /// Waits until there is something; one task at a time may.
    pub(crate) async fn wait(&self) {
        // A notification that nobody waited for is kept, so none is slept through.
        self.fill(1).await;
    }

    /// Waits until there are so many; as [`Self::wait`].
    pub(crate) async fn fill(&self, items: usize) {
        while self.len() < items {
            self.news.notified().await;
        }
    }

    /// Wakes who waits, to look around.
    pub(crate) fn nudge(&self) {
        self.news.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample;
    use uuid::Uuid;

    fn item(seq: u64, size: usize) -> Item {
        Item {
            record: EncodedRecord::new(sample(Uuid::from_u128(seq.into()), 1)),
            size,
            turn: seq,
            seq: Some(seq),
            taken_at: Timestamp::default(),
            row: None,
            waiter: None,
            is_unheard: false,
        }
    }

    fn seqs(items: &[Item]) -> Vec<u64> {
        items.iter().map(|item| item.turn).collect()
    }

    #[test]
    fn the_oldest_leave_first_within_count_and_bytes() {
        let outbox = Outbox::default();
        outbox.push((1..=6).map(|seq| item(seq, 10)));
        assert_eq!(seqs(&outbox.take(2, 1_000)), [1, 2]);
        assert_eq!(seqs(&outbox.take(9, 25)), [3, 4]);
        assert_eq!(seqs(&outbox.take(9, 1)), [5]);
        outbox.push((7..=9).map(|seq| item(seq, 10)));
        assert_eq!(seqs(&outbox.shed(3, 1_000)), [6]);
        assert_eq!(seqs(&outbox.shed(9, 15)), [7, 8]);
        assert_eq!((outbox.len(), outbox.bytes()), (1, 10));
    }
}
