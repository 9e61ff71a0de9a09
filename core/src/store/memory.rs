//! The memory store: the newest records, bounded, gone with the process.

use std::cmp::Ordering;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use uuid::Uuid;

use super::{Arrived, EncodedRecord, Inserted, Size, Store, closed, page};
use crate::error::Result;
use crate::query::{Cursor, OperationFilter, Order, Page, Query, StoredRecord};
use crate::retention::RetentionPolicy;
use crate::schema::{Record, Timestamp};

/// Bytes that a memory store holds when nobody says.
pub const MEMORY_BYTES: usize = 64 << 20;

/// Keeps the newest records in memory, bounded by their number and their bytes. For tests, demos and hosts that only want the live view.
#[derive(Debug)]
pub struct MemoryStore {
    capacity: usize,
    max_bytes: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct Kept {
    arrival: u64,
    bytes: usize,
    record: EncodedRecord,
}

#[derive(Debug, Default)]
struct State {
    /// In the order of their arrival.
    records: VecDeque<Kept>,
    arrivals_by_id: HashMap<Uuid, u64>,
    bytes: usize,
    arrivals: u64,
    closed: bool,
}

impl State {
    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.records.pop_front() {
            self.bytes = self.bytes.saturating_sub(oldest.bytes);
            self.arrivals_by_id.remove(&oldest.record.record().audit_id);
        }
    }

    fn find(&self, audit_id: Uuid) -> Option<&Kept> {
        let arrival = self.arrivals_by_id.get(&audit_id)?;
        let at = self.records.binary_search_by_key(arrival, |kept| kept.arrival).ok()?;
        self.records.get(at)
    }

    /// The records behind an arrival.
    fn behind(&self, arrival: u64) -> impl Iterator<Item = &Kept> {
        let at = self.records.partition_point(|kept| kept.arrival <= arrival);
        self.records.range(at..)
    }
}

impl MemoryStore {
    /// A store for at most `capacity` records, and [`MEMORY_BYTES`] of memory; past either the first to arrive is the first to go.
    pub fn new(capacity: usize) -> Self {
        Self::bounded(capacity, MEMORY_BYTES)
    }

    /// A store for at most `capacity` records that hold about `max_bytes` of memory.
    pub fn bounded(capacity: usize, max_bytes: usize) -> Self {
        MemoryStore {
            capacity: capacity.max(1),
            max_bytes,
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
        for record in batch {
            let audit_id = record.record().audit_id;
            let arrival = state.arrivals + 1;
            match state.arrivals_by_id.entry(audit_id) {
                Entry::Occupied(_) => {
                    inserted.duplicates += 1;
                    continue;
                }
                Entry::Vacant(vacant) => vacant.insert(arrival),
            };
            let bytes = record.weight();
            state.arrivals = arrival;
            state.bytes += bytes;
            state.records.push_back(Kept {
                arrival,
                bytes,
                record: record.clone(),
            });
            inserted.stored += 1;
            // One record larger than the whole bound is kept alone.
            while state.records.len() > self.capacity || state.bytes > self.max_bytes && state.records.len() > 1 {
                state.drop_oldest();
            }
        }
        Ok(inserted)
    }

    fn query_now(&self, query: &Query, now: Timestamp) -> Result<Page> {
        let state = self.state()?;
        let (skip, limit) = (
            usize::try_from(query.offset).unwrap_or(usize::MAX),
            query.limit as usize,
        );
        let matching = || {
            state
                .records
                .iter()
                .filter(|kept| matches(query, kept.record.record(), now))
        };
        let total = query.counted.then(|| matching().count() as u64);
        if let Some(Cursor::Arrival { arrival, .. }) = query.cursor {
            let mut behind = state
                .behind(arrival)
                .filter(|kept| matches(query, kept.record.record(), now));
            let items: Vec<StoredRecord> = behind.by_ref().skip(skip).take(limit).map(stored).collect();
            let more = behind.next().is_some();
            return Ok(page(query, items, more, total));
        }
        let key = |kept: &&Kept| (kept.record.record().timestamp, kept.record.record().audit_id);
        let compare = |a: &&Kept, b: &&Kept| match query.order {
            Order::Ascending => key(a).cmp(&key(b)),
            Order::Descending => key(b).cmp(&key(a)),
        };
        let mut behind: Vec<&Kept> = matching()
            .filter(|kept| is_behind_cursor(query, kept.record.record()))
            .collect();
        let more = behind.len() > skip.saturating_add(limit);
        // Only what the page needs is put in order.
        let needed = skip.saturating_add(limit);
        if needed < behind.len() {
            behind.select_nth_unstable_by(needed, compare);
            behind.truncate(needed);
        }
        behind.sort_unstable_by(compare);
        let items = behind.into_iter().skip(skip).map(stored).collect();
        Ok(page(query, items, more, total))
    }

    fn arrived_now(&self, after: Option<u64>, not_from: &str, limit: u32) -> Result<Arrived> {
        let state = self.state()?;
        let newest = state.arrivals;
        let Some(after) = after else {
            return Ok(Arrived {
                newest,
                ..Arrived::default()
            });
        };
        let mut foreign = state
            .behind(after)
            .filter(|kept| kept.record.record().writer_id != not_from);
        let records: Vec<StoredRecord> = foreign.by_ref().take(limit as usize).map(stored).collect();
        let more = foreign.next().is_some();
        let reached = records
            .last()
            .filter(|_| more)
            .map_or(newest.max(after), |last| last.arrival);
        Ok(Arrived {
            records,
            newest: reached,
            more,
        })
    }

    fn reapply_now(&self, retention: &RetentionPolicy) -> Result<u64> {
        let mut state = self.state()?;
        let mut changed = 0;
        for kept in &mut state.records {
            let record = kept.record.record();
            let expires_at = retention.expires_at(record);
            if record.expires_at != expires_at {
                let mut record = record.clone();
                record.expires_at = expires_at;
                kept.record = EncodedRecord::new(record);
                changed += 1;
            }
        }
        Ok(changed)
    }
}

fn stored(kept: &Kept) -> StoredRecord {
    let record = kept.record.record();
    StoredRecord {
        json: kept.record.json().to_owned(),
        timestamp: record.timestamp,
        audit_id: record.audit_id,
        arrival: kept.arrival,
    }
}

fn is_behind_cursor(query: &Query, record: &Record) -> bool {
    match query.cursor {
        Some(Cursor::Keyset { timestamp, audit_id }) => {
            let order = (record.timestamp, record.audit_id).cmp(&(timestamp, audit_id));
            order
                == if query.order == Order::Ascending {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
        }
        _ => true,
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
            let is_live = |kept: &&Kept| kept.record.record().expires_at.is_none_or(|expiry| expiry > now);
            state.find(audit_id).filter(is_live).map(stored)
        });
        ready(found).boxed()
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        let swept = self.state().map(|mut state| {
            let State {
                records,
                arrivals_by_id,
                bytes,
                ..
            } = &mut *state;
            let before = records.len();
            records.retain(|kept| {
                let record = kept.record.record();
                let is_live = record.expires_at.is_none_or(|expiry| expiry > now);
                if !is_live {
                    arrivals_by_id.remove(&record.audit_id);
                    *bytes = bytes.saturating_sub(kept.bytes);
                }
                is_live
            });
            (before - records.len()) as u64
        });
        ready(swept).boxed()
    }

    fn arrived<'a>(&'a self, after: Option<u64>, not_from: &'a str, limit: u32) -> BoxFuture<'a, Result<Arrived>> {
        ready(self.arrived_now(after, not_from, limit)).boxed()
    }

    fn reapply_retention<'a>(&'a self, retention: &'a RetentionPolicy) -> BoxFuture<'a, Result<u64>> {
        ready(self.reapply_now(retention)).boxed()
    }

    fn size(&self) -> BoxFuture<'_, Result<Size>> {
        let size = self.state().map(|state| Size {
            records: Some(state.records.len() as u64),
            bytes: Some(state.bytes as u64),
            ..Size::default()
        });
        ready(size).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        if let Ok(mut state) = self.state() {
            state.closed = true;
        }
        ready(()).boxed()
    }
}
