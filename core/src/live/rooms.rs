//! The rooms of a hub, as they are under its lock.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Poll, Waker};

use super::lru::Lru;
use super::recent::Recent;
use super::{After, Bounds, Scope};
use crate::store::EncodedRecord;

/// The slot of [`Scope::All`], which is there for as long as the hub.
const ALL: usize = 0;

/// All rooms, and who listens to them.
#[derive(Debug)]
pub(super) struct Rooms {
    bounds: Bounds,
    slots: Vec<Option<Room>>,
    free: Vec<usize>,
    workspaces: HashMap<Box<str>, usize>,
    projects: HashMap<u64, usize>,
    /// Rooms with a ring to which nobody listens. They go first.
    quiet: Lru,
    /// Rooms with a ring to which somebody listens.
    heard: Lru,
    /// What all rings hold; a record counts in each of its rooms.
    bytes: usize,
    /// How often a room lost its past. A room that opens takes it as its epoch, so that a room which went and came again has another one.
    losses: u64,
    listeners: usize,
    seats: u64,
    /// Whether anybody has been told a place in a room.
    pub(super) is_asked: bool,
    pub(super) recent: Recent,
    pub(super) is_closed: bool,
    /// Waits for the first listener.
    pub(super) feed: Option<Waker>,
}

#[derive(Debug)]
struct Room {
    scope: Scope,
    epoch: u64,
    /// Number that the next entry gets.
    next: u64,
    ring: VecDeque<Entry>,
    bytes: usize,
    /// A room without a ring is there only for those who listen to it; it does not count among those that are held.
    is_held: bool,
    listeners: usize,
    /// Listeners that have seen everything, by their seat.
    waiting: BTreeMap<u64, Waker>,
}

#[derive(Debug)]
struct Entry {
    record: EncodedRecord,
    size: usize,
}

/// What is done once the lock is free: freeing takes its time, and wakers are foreign code.
#[derive(Debug, Default)]
pub(super) struct Aside {
    wakers: Vec<Waker>,
    pub(super) stale: Vec<Waker>,
    entries: Vec<Entry>,
    rooms: Vec<Room>,
    rings: Vec<VecDeque<Entry>>,
}

impl Aside {
    pub(super) fn finish(self) {
        for waker in self.wakers {
            // A host's own code: should it panic, that is not the recorder's trouble.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
    }
}

/// A listener's place.
#[derive(Debug)]
pub(super) struct Seat {
    slot: usize,
    number: u64,
    epoch: u64,
    /// Number of the first entry that it has not seen.
    next: u64,
}

/// Consecutive entries of a room, before anybody has asked for their text.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) epoch: u64,
    pub(super) seq: u64,
    pub(super) entries: Vec<EncodedRecord>,
    pub(super) missed: Option<u64>,
}

impl Room {
    fn new(scope: Scope, epoch: u64) -> Self {
        Room {
            scope,
            epoch,
            next: 1,
            ring: VecDeque::new(),
            bytes: 0,
            is_held: false,
            listeners: 0,
            waiting: BTreeMap::new(),
        }
    }

    fn first(&self) -> u64 {
        self.next - self.ring.len() as u64
    }

    fn found(&self, from: u64, missed: Option<u64>) -> Found {
        let skip = usize::try_from(from.saturating_sub(self.first())).unwrap_or(usize::MAX);
        Found {
            epoch: self.epoch,
            seq: from.clamp(self.first(), self.next),
            entries: self.ring.iter().skip(skip).map(|entry| entry.record.clone()).collect(),
            missed,
        }
    }

    fn behind(&self, place: &Place) -> Found {
        match *place {
            Place::End => self.found(self.next, Some(0)),
            // Complete only if no room has ever lost anything, of which this one may have been the first.
            Place::Ring => self.found(self.first(), (self.epoch == 0 && self.first() == 1).then_some(0)),
            Place::Seen { epoch, seq } if epoch == self.epoch && seq < self.next => {
                let wanted = seq + 1;
                self.found(wanted, Some(self.first().saturating_sub(wanted)))
            }
            // Another epoch: nobody can say what came between.
            Place::Seen { .. } | Place::Elsewhere => self.found(self.first(), None),
        }
    }

    fn wake(&mut self, aside: &mut Aside) {
        if !self.waiting.is_empty() {
            aside.wakers.extend(std::mem::take(&mut self.waiting).into_values());
        }
    }
}

/// An [`After`] whose epoch has been read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    End,
    Ring,
    Seen { epoch: u64, seq: u64 },
    Elsewhere,
}

impl Place {
    /// `number` reads an epoch of this hub.
    pub(super) fn of(after: &After, number: impl FnOnce(&str) -> Option<u64>) -> Self {
        match after {
            After::Now => Place::End,
            After::Ring => Place::Ring,
            After::Seen { epoch, seq } => {
                number(epoch).map_or(Place::Elsewhere, |epoch| Place::Seen { epoch, seq: *seq })
            }
        }
    }
}

impl Rooms {
    pub(super) fn new(bounds: Bounds) -> Self {
        Rooms {
            bounds,
            slots: vec![Some(Room::new(Scope::All, 0))],
            free: Vec::new(),
            workspaces: HashMap::new(),
            projects: HashMap::new(),
            quiet: Lru::default(),
            heard: Lru::default(),
            bytes: 0,
            losses: 0,
            listeners: 0,
            seats: 0,
            is_asked: false,
            recent: Recent::default(),
            is_closed: false,
            feed: None,
        }
    }

    pub(super) fn listeners(&self) -> usize {
        self.listeners
    }

    fn room(&mut self, slot: usize) -> Option<&mut Room> {
        self.slots.get_mut(slot)?.as_mut()
    }

    fn find(&self, scope: &Scope) -> Option<usize> {
        match scope {
            Scope::Workspace(id) => self.workspaces.get(id.as_str()).copied(),
            Scope::Project(number) => self.projects.get(number).copied(),
            Scope::All => Some(ALL),
        }
    }

    fn open(&mut self, scope: Scope) -> usize {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        match &scope {
            Scope::Workspace(id) => drop(self.workspaces.insert(id.as_str().into(), slot)),
            Scope::Project(number) => drop(self.projects.insert(*number, slot)),
            Scope::All => {}
        }
        let room = Room::new(scope, self.losses);
        if let Some(place) = self.slots.get_mut(slot) {
            *place = Some(room);
        }
        slot
    }

    /// Puts a record into the ring of each of its rooms.
    pub(super) fn push(&mut self, encoded: &EncodedRecord, aside: &mut Aside) {
        let record = encoded.record();
        let size = encoded.weight();
        for id in record.scopes() {
            let slot = match self.workspaces.get(id) {
                Some(slot) => *slot,
                None => self.open(Scope::workspace(id)),
            };
            self.push_into(slot, encoded, size, aside);
        }
        if let Some(number) = record.project_number {
            let slot = match self.projects.get(&number) {
                Some(slot) => *slot,
                None => self.open(Scope::Project(number)),
            };
            self.push_into(slot, encoded, size, aside);
        }
        self.push_into(ALL, encoded, size, aside);
        while self.bytes > self.bounds.bytes {
            if !self.evict_one(aside) && !self.shorten_all(aside) {
                break;
            }
        }
    }

    fn push_into(&mut self, slot: usize, encoded: &EncodedRecord, size: usize, aside: &mut Aside) {
        self.hold(slot, aside);
        let most = self.bounds.ring.max(1);
        let Some(room) = self.slots.get_mut(slot).and_then(Option::as_mut) else {
            return;
        };
        if room.ring.len() >= most
            && let Some(oldest) = room.ring.pop_front()
        {
            room.bytes -= oldest.size;
            self.bytes -= oldest.size;
            aside.entries.push(oldest);
        }
        room.ring.push_back(Entry {
            record: encoded.clone(),
            size,
        });
        room.next += 1;
        room.bytes += size;
        self.bytes += size;
        // Woken only once the lock is free: then the whole batch is there.
        room.wake(aside);
    }

    /// Makes a room the one that was used last, and gives it a place for a ring where it has none.
    fn hold(&mut self, slot: usize, aside: &mut Aside) {
        if slot == ALL {
            return;
        }
        let Some(room) = self.room(slot) else { return };
        let (was_held, is_heard) = (std::mem::replace(&mut room.is_held, true), room.listeners > 0);
        if !was_held && self.held() >= self.bounds.rooms.max(1) {
            self.evict_one(aside);
        }
        if is_heard {
            self.heard.touch(slot);
        } else {
            self.quiet.touch(slot);
        }
    }

    /// Rooms with a ring, the one of everything aside.
    pub(super) fn held(&self) -> usize {
        self.quiet.len() + self.heard.len()
    }

    /// Takes the ring from the room that was used longest ago, from one that nobody listens to if there is one.
    fn evict_one(&mut self, aside: &mut Aside) -> bool {
        let Some(slot) = self.quiet.oldest().or_else(|| self.heard.oldest()) else {
            return false;
        };
        self.losses += 1;
        self.forget(slot, aside);
        true
    }

    fn shorten_all(&mut self, aside: &mut Aside) -> bool {
        let Some(oldest) = self.room(ALL).and_then(|all| {
            let oldest = all.ring.pop_front()?;
            all.bytes -= oldest.size;
            Some(oldest)
        }) else {
            return false;
        };
        self.bytes -= oldest.size;
        aside.entries.push(oldest);
        true
    }

    /// Gives every room a new epoch and an empty ring: what follows does not join what was before.
    pub(super) fn forget_all(&mut self, aside: &mut Aside) {
        self.losses += 1;
        for slot in 0..self.slots.len() {
            self.forget(slot, aside);
        }
    }

    /// The past of a room goes; the room itself only if nobody listens to it. Who does is told.
    fn forget(&mut self, slot: usize, aside: &mut Aside) {
        let epoch = self.losses;
        let Some(place) = self.slots.get_mut(slot) else { return };
        let Some(room) = place else { return };
        self.bytes -= std::mem::take(&mut room.bytes);
        room.is_held = false;
        if room.listeners > 0 || slot == ALL {
            (room.epoch, room.next) = (epoch, 1);
            aside.rings.push(std::mem::take(&mut room.ring));
            room.wake(aside);
        } else if let Some(room) = place.take() {
            self.free.push(slot);
            match &room.scope {
                Scope::Workspace(id) => drop(self.workspaces.remove(id.as_str())),
                Scope::Project(number) => drop(self.projects.remove(number)),
                Scope::All => {}
            }
            aside.rooms.push(room);
        }
        self.quiet.remove(slot);
        self.heard.remove(slot);
    }

    /// What the ring of a scope's room holds behind a place.
    pub(super) fn behind(&mut self, scope: &Scope, place: &Place) -> Found {
        let losses = self.losses;
        self.is_asked = true;
        let slot = self.find(scope);
        // Somebody is interested, so it is kept longer.
        for lru in [&mut self.quiet, &mut self.heard] {
            if let Some(slot) = slot.filter(|slot| lru.contains(*slot)) {
                lru.touch(slot);
            }
        }
        match slot.and_then(|slot| self.room(slot)) {
            Some(room) => room.behind(place),
            // As a room answers that opens now.
            None => Room::new(Scope::All, losses).behind(place),
        }
    }

    /// Seats a listener behind what [`Rooms::behind`] answers now.
    pub(super) fn sit(&mut self, scope: &Scope, aside: &mut Aside) -> Seat {
        let slot = self.find(scope).unwrap_or_else(|| self.open(scope.clone()));
        self.listeners += 1;
        self.seats += 1;
        aside.wakers.extend(self.feed.take());
        let mut seat = Seat {
            slot,
            number: self.seats,
            epoch: self.losses,
            next: 1,
        };
        if let Some(room) = self.room(slot) {
            room.listeners += 1;
            (seat.epoch, seat.next) = (room.epoch, room.next);
        }
        if self.quiet.contains(slot) {
            self.quiet.remove(slot);
            self.heard.touch(slot);
        }
        seat
    }

    /// A listener leaves.
    pub(super) fn leave(&mut self, seat: &Seat, aside: &mut Aside) {
        self.listeners -= 1;
        let slot = seat.slot;
        let Some(room) = self.room(slot) else { return };
        room.listeners -= 1;
        aside.stale.extend(room.waiting.remove(&seat.number));
        if room.listeners > 0 || slot == ALL {
            return;
        }
        if room.is_held {
            self.heard.remove(slot);
            self.quiet.touch(slot);
        } else {
            // It has no entries, so it has no past to lose: should it open again, even the same epoch is right.
            self.forget(slot, aside);
        }
    }

    /// What a listener has not seen yet; `None` once the hub is closed. While there is nothing, the waker is kept.
    pub(super) fn take(&mut self, seat: &mut Seat, waker: &Waker, aside: &mut Aside) -> Poll<Option<Found>> {
        let Some(room) = self.slots.get_mut(seat.slot).and_then(Option::as_mut) else {
            return Poll::Ready(None);
        };
        if room.epoch != seat.epoch {
            (seat.epoch, seat.next) = (room.epoch, room.next);
            return Poll::Ready(Some(room.found(room.first(), None)));
        }
        if room.next != seat.next {
            let found = room.found(seat.next, Some(room.first().saturating_sub(seat.next)));
            seat.next = room.next;
            return Poll::Ready(Some(found));
        }
        if self.is_closed {
            return Poll::Ready(None);
        }
        if !room
            .waiting
            .get(&seat.number)
            .is_some_and(|known| known.will_wake(waker))
        {
            aside.stale.extend(room.waiting.insert(seat.number, waker.clone()));
        }
        Poll::Pending
    }

    /// Wakes everybody, so that they see that the hub is closed.
    pub(super) fn close(&mut self, aside: &mut Aside) {
        self.is_closed = true;
        aside.wakers.extend(self.feed.take());
        for room in self.slots.iter_mut().flatten() {
            room.wake(aside);
        }
    }

    #[cfg(test)]
    pub(super) fn open_rooms(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
