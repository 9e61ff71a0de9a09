//! The hub.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::recent::Recent;
use super::rooms::{Aside, Found, Place, Rooms};
use super::{After, Batch, Listener, Scope, Subscription};
use crate::store::EncodedRecord;
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// Callbacks of subscribers that run at one time. The rest of the threads that may block is for the stores.
pub(super) const CALLBACKS: usize = 256;
/// Version of the ids that events have which their clients named.
const NAMED: usize = 8;

/// Bounds of a hub's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Entries that a room's ring holds. Default 256.
    pub ring: usize,
    /// Rooms that hold a ring, the one of everything aside. Past it the one that was used longest ago loses its ring, those to which
    /// nobody listens first. Default 1,000.
    pub rooms: usize,
    /// Bytes of all rings, about; a record counts in each of its rooms. Past it rings go as above. Default 64 MiB.
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            ring: 256,
            rooms: 1_000,
            bytes: 64 << 20,
        }
    }
}

/// The hub. Cheap to share; one per trail.
#[derive(Debug)]
pub struct Hub {
    rooms: Mutex<Rooms>,
    /// The trail's writer; epochs begin with it, so that they differ from those of other processes and of earlier ones.
    writer_id: String,
    bounds: Bounds,
    callbacks: Arc<Semaphore>,
}

impl Hub {
    /// The hub of the trail that writes under `writer_id`.
    pub(crate) fn new(writer_id: impl Into<String>, bounds: Bounds) -> Self {
        Hub {
            rooms: Mutex::new(Rooms::new(bounds)),
            writer_id: writer_id.into(),
            bounds,
            callbacks: Arc::new(Semaphore::new(CALLBACKS)),
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        // Nothing that runs under the lock can leave a room half-changed by a panic.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does one step under the lock, and afterwards what is better done without it.
    pub(super) fn step<T>(&self, step: impl FnOnce(&mut Rooms, &mut Aside) -> T) -> T {
        let mut aside = Aside::default();
        let answer = step(&mut self.rooms(), &mut aside);
        aside.finish();
        answer
    }

    pub(super) fn writer_id(&self) -> &str {
        &self.writer_id
    }

    pub(super) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Hands the records of this trail to everybody who listens, in their order.
    pub(crate) fn publish(&self, records: &[EncodedRecord]) {
        self.hand_out(records, |recent, encoded| {
            // The feed skips what this trail wrote. What was written elsewhere and comes from there again, and what another
            // process may write under the same id, is remembered.
            let record = encoded.record();
            let comes_once = record.writer_id == self.writer_id && record.audit_id.get_version_num() != NAMED;
            comes_once || recent.insert(record.audit_id)
        });
    }

    /// Hands out what others wrote, such as what an ended process had left in the spool, each record once.
    pub(crate) fn adopted(&self, records: &[EncodedRecord]) {
        self.hand_out(records, |recent, encoded| recent.insert(encoded.record().audit_id));
    }

    fn hand_out(&self, records: &[EncodedRecord], is_new: impl Fn(&mut Recent, &EncodedRecord) -> bool) {
        if records.is_empty() {
            return;
        }
        self.step(|rooms, aside| {
            for encoded in records {
                if is_new(&mut rooms.recent, encoded) {
                    rooms.push(encoded, aside);
                }
            }
        });
    }

    /// Remembers ids as published.
    pub(super) fn remember(&self, ids: impl IntoIterator<Item = Uuid>) {
        self.step(|rooms, _| {
            for id in ids {
                rooms.recent.insert(id);
            }
        });
    }

    /// Of `ids`, those that are not known as published.
    pub(super) fn unheard(&self, ids: impl IntoIterator<Item = Uuid>) -> Vec<Uuid> {
        let rooms = self.rooms();
        ids.into_iter().filter(|id| !rooms.recent.contains(*id)).collect()
    }

    /// Continuity is broken: every room begins a new epoch with an empty ring, and whoever listens is told.
    pub(super) fn renew(&self) {
        self.step(Rooms::forget_all);
    }

    /// Whether somebody listens to a room.
    pub(super) fn is_heard(&self) -> bool {
        self.rooms().listeners() > 0
    }

    /// Whether anybody has listened to a room or read from one.
    pub(super) fn is_asked(&self) -> bool {
        self.rooms().is_asked
    }

    pub(super) fn is_closed(&self) -> bool {
        self.rooms().is_closed
    }

    /// Waits until somebody listens; false once the hub is closed. One task at a time waits here.
    pub(super) async fn heard(&self) -> bool {
        poll_fn(|context| {
            self.step(|rooms, aside| {
                if rooms.is_closed {
                    return Poll::Ready(false);
                }
                if rooms.listeners() > 0 {
                    return Poll::Ready(true);
                }
                aside.stale.extend(rooms.feed.replace(context.waker().clone()));
                Poll::Pending
            })
        })
        .await
    }

    /// Nothing more will be published: listeners are given what there is, and then end.
    pub(crate) fn close(&self) {
        self.step(Rooms::close);
    }

    /// What a room's ring holds behind `after`.
    pub fn replay(&self, scope: &Scope, after: &After) -> Batch {
        let place = self.place(after);
        let found = self.rooms().behind(scope, &place);
        self.batch(scope, found)
    }

    /// Listens to a room.
    pub fn subscribe(self: &Arc<Self>, scope: &Scope, after: &After) -> Listener {
        let place = self.place(after);
        let (backlog, seat) = self.step(|rooms, aside| (rooms.behind(scope, &place), rooms.sit(scope, aside)));
        let backlog = (!backlog.entries.is_empty() || backlog.missed != Some(0)).then_some(backlog);
        Listener::new(Arc::clone(self), scope.clone(), seat, backlog)
    }

    /// Calls `callback` with each batch of a room, on threads of `runtime` that may block.
    pub(crate) fn call_back(
        self: &Arc<Self>,
        runtime: &Handle,
        scope: &Scope,
        after: &After,
        callback: impl Fn(Batch) + Send + Sync + 'static,
    ) -> Subscription {
        Subscription::new(
            runtime,
            self.subscribe(scope, after),
            Arc::clone(&self.callbacks),
            callback,
        )
    }

    fn place(&self, after: &After) -> Place {
        Place::of(after, |epoch| {
            epoch
                .strip_prefix(self.writer_id.as_str())?
                .strip_prefix('-')?
                .parse()
                .ok()
        })
    }

    /// The texts are made here, outside of the lock.
    pub(super) fn batch(&self, scope: &Scope, found: Found) -> Batch {
        Batch {
            room: scope.room(),
            epoch: format!("{}-{}", self.writer_id, found.epoch),
            seq: found.seq,
            entries: found.entries.iter().map(EncodedRecord::shared_json).collect(),
            missed: found.missed,
        }
    }
}
