//! Following a store from outside of any trail.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use uuid::Uuid;

use super::Store;
use crate::error::Result;
use crate::query::{Cursor, Query, StoredRecord};
use crate::schema::Timestamp;

/// Ids that are remembered, of what may be read again: what arrives within the longest overlap, on a busy trail.
const REMEMBERED: usize = 50_000;

/// What arrives in a store, in the order of its arrival and each record once, for who asks again and again: the command line, a program
/// beside the host. It reads and leaves no trace. Within the host, [`crate::Trail::subscribe`] hears of a record at once.
#[derive(Debug)]
#[must_use = "ask for what is new"]
pub struct Follower {
    store: Arc<dyn Store>,
    query: Query,
    seen: HashSet<Uuid>,
    order: VecDeque<Uuid>,
    is_behind: bool,
}

impl Follower {
    /// Follows what matches, from `place` on; the query's own cursor, offset and order do not count.
    pub fn new(store: Arc<dyn Store>, query: Query, place: Cursor) -> Self {
        let query = Query {
            cursor: Some(place),
            offset: 0,
            counted: false,
            ..query
        };
        Follower {
            store,
            query,
            seen: HashSet::new(),
            order: VecDeque::new(),
            is_behind: true,
        }
    }

    /// Follows what comes from now on.
    ///
    /// # Errors
    /// The store is away or answered with an error.
    pub async fn from_now(store: Arc<dyn Store>, query: Query, now: Timestamp) -> Result<Self> {
        let place = store.newest().await?;
        let mut follower = Self::new(store, query, place);
        // A store with late arrivals gives the last of what was there once more.
        while follower.is_behind {
            drop(follower.next(now).await?);
        }
        Ok(follower)
    }

    /// One page of what is new; empty when there is nothing now.
    ///
    /// # Errors
    /// The store is away or answered with an error; asked again, it goes on where it was.
    pub async fn next(&mut self, now: Timestamp) -> Result<Vec<StoredRecord>> {
        let page = self.store.query(&self.query, now).await?;
        self.is_behind = matches!(page.next_cursor, Some(Cursor::Arrival { caught_up: false, .. }));
        if page.next_cursor.is_some() {
            self.query.cursor = page.next_cursor;
        }
        let mut new = page.items;
        new.retain(|record| self.is_new(record.audit_id));
        Ok(new)
    }

    /// Leaves out a record that was seen otherwise.
    pub fn has_seen(&mut self, audit_id: Uuid) {
        self.is_new(audit_id);
    }

    /// Whether more is there already.
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// Where another follower can go on; it may be given some of the last records again.
    pub fn place(&self) -> Option<Cursor> {
        self.query.cursor
    }

    fn is_new(&mut self, audit_id: Uuid) -> bool {
        let is_new = self.seen.insert(audit_id);
        if is_new {
            self.order.push_back(audit_id);
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.seen.remove(&oldest);
            }
        }
        is_new
    }
}
