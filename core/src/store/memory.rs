//! The memory store: the newest records, bounded, gone with the process.

use std::cmp::Ordering;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use uuid::Uuid;

use super::{EncodedRecord, Inserted, Store, closed, page};
use crate::error::Result;
use crate::query::{Cursor, OperationFilter, Order, Page, Query, StoredRecord};
use crate::schema::{Record, Timestamp};

/// Keeps the newest records in memory. For tests, demos and hosts that only want the live view.
#[derive(Debug)]
pub struct MemoryStore {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    records: VecDeque<(u64, EncodedRecord)>,
    ids: HashSet<Uuid>,
    arrivals: u64,
    closed: bool,
}

impl MemoryStore {
    /// A store for at most `capacity` records; past it the first to arrive is the first to go.
    pub fn new(capacity: usize) -> Self {
        MemoryStore {
            capacity: capacity.max(1),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> Result<MutexGuard<'_, State>> {
        // No code that runs under the lock can leave the state half-changed by a panic.
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed { Err(closed()) } else { Ok(state) }
    }

    fn insert_now(&self, batch: &[EncodedRecord]) -> Result<Inserted> {
        let mut state = self.state()?;
        let mut inserted = Inserted::default();
        for encoded in batch {
            if !state.ids.insert(encoded.record.audit_id) {
                inserted.duplicates += 1;
                continue;
            }
            state.arrivals += 1;
            let arrival = state.arrivals;
            state.records.push_back((arrival, encoded.clone()));
            inserted.stored += 1;
            if state.records.len() > self.capacity
                && let Some((_, oldest)) = state.records.pop_front()
            {
                state.ids.remove(&oldest.record.audit_id);
            }
        }
        Ok(inserted)
    }

    fn query_now(&self, query: &Query, now: Timestamp) -> Result<Page> {
        let state = self.state()?;
        let mut matching: Vec<&(u64, EncodedRecord)> = state
            .records
            .iter()
            .filter(|(_, encoded)| matches(query, &encoded.record, now))
            .collect();
        let total = matching.len() as u64;
        let by_arrival = matches!(query.cursor, Some(Cursor::Arrival { .. }));
        matching.retain(|(arrival, encoded)| is_behind_cursor(query, *arrival, &encoded.record));
        if !by_arrival {
            let key = |entry: &(u64, EncodedRecord)| (entry.1.record.timestamp, entry.1.record.audit_id);
            matching.sort_by(|a, b| match query.order {
                Order::Ascending => key(a).cmp(&key(b)),
                Order::Descending => key(b).cmp(&key(a)),
            });
        }
        let skip = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = query.limit as usize;
        let items: Vec<StoredRecord> = matching
            .iter()
            .skip(skip)
            .take(limit)
            .map(|(arrival, e)| stored(*arrival, e))
            .collect();
        let more = matching.len() > skip.saturating_add(limit);
        Ok(page(query, items, more, Some(total)))
    }
}

fn stored(arrival: u64, encoded: &EncodedRecord) -> StoredRecord {
    StoredRecord {
        json: encoded.json.to_string(),
        timestamp: encoded.record.timestamp,
        audit_id: encoded.record.audit_id,
        arrival,
    }
}

fn is_behind_cursor(query: &Query, arrival: u64, record: &Record) -> bool {
    match query.cursor {
        None => true,
        Some(Cursor::Arrival { arrival: seen }) => arrival > seen,
        Some(Cursor::Keyset { timestamp, audit_id }) => {
            let order = (record.timestamp, record.audit_id).cmp(&(timestamp, audit_id));
            order
                == if query.order == Order::Ascending {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
        }
    }
}

fn matches(query: &Query, record: &Record, now: Timestamp) -> bool {
    let same = |wanted: &Option<String>, value: &Option<String>| wanted.is_none() || wanted == value;
    record.expires_at.is_none_or(|expiry| expiry > now)
        && query
            .workspace_id
            .as_ref()
            .is_none_or(|wanted| record.scopes().any(|scope| scope == wanted))
        && query
            .project_number
            .is_none_or(|wanted| record.project_number == Some(wanted))
        && (query.operation_types.is_empty()
            || query.operation_types.iter().any(|filter| match filter {
                OperationFilter::Exact(exact) => record.operation_type == *exact,
                OperationFilter::Prefix(prefix) => record.operation_type.starts_with(prefix.as_str()),
            }))
        && same(&query.task_id, &record.task_id)
        && same(&query.session_id, &record.session_id)
        && same(&query.run_id, &record.run_id)
        && query.actor.as_ref().is_none_or(|wanted| record.actor == *wanted)
        && query.outcome.is_none_or(|wanted| record.outcome == wanted)
        && query.start_time.is_none_or(|start| record.timestamp >= start)
        && query.end_time.is_none_or(|end| record.timestamp < end)
}

impl Store for MemoryStore {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        ready(self.insert_now(batch)).boxed()
    }

    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, Result<Page>> {
        ready(self.query_now(query, now)).boxed()
    }

    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        let found = self.state().map(|state| {
            let live =
                |record: &Record| record.audit_id == audit_id && record.expires_at.is_none_or(|expiry| expiry > now);
            state
                .records
                .iter()
                .find(|(_, e)| live(&e.record))
                .map(|(arrival, e)| stored(*arrival, e))
        });
        ready(found).boxed()
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        let swept = self.state().map(|mut state| {
            let before = state.records.len();
            state
                .records
                .retain(|(_, encoded)| encoded.record.expires_at.is_none_or(|expiry| expiry > now));
            state.ids = state
                .records
                .iter()
                .map(|(_, encoded)| encoded.record.audit_id)
                .collect();
            (before - state.records.len()) as u64
        });
        ready(swept).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        if let Ok(mut state) = self.state() {
            state.closed = true;
        }
        ready(()).boxed()
    }
}
