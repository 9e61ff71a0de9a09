//! Who hears of it? The hub: live fan-out to rooms, each with a replay ring.
//!
//! A room is a workspace, a project, or everything. Its entries are numbered from 1 within an epoch; a subscriber reads from the ring at its
//! own pace, so a slow one misses entries (and is told how many) but never holds up the writer or anybody else.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::error::{Code, Error, Result};
use crate::schema::Record;
use crate::store::EncodedRecord;

/// Entries that a room's ring holds.
pub const RING: usize = 256;
/// Rooms that are held; past it the room that was quiet longest and has no subscriber goes.
pub const MAX_ROOMS: usize = 1_000;

/// What a subscriber wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One workspace: its own records and those of runs that it launched.
    Workspace(String),
    /// One project.
    Project(u64),
    /// Everything.
    All,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScopeJson {
    workspace_id: Option<String>,
    project_number: Option<u64>,
}

impl Scope {
    /// One workspace.
    pub fn workspace(id: impl Into<String>) -> Self {
        Scope::Workspace(id.into())
    }

    /// Name of the scope's room: `workspace:ws_…`, `project:42`, `all`.
    pub fn room(&self) -> String {
        match self {
            Scope::Workspace(id) => format!("workspace:{id}"),
            Scope::Project(number) => format!("project:{number}"),
            Scope::All => "all".to_owned(),
        }
    }

    /// Reads `{"workspaceId": "…"}`, `{"projectNumber": 42}` or `{}`.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`] naming the field.
    pub fn from_json(text: &str) -> Result<Self> {
        let scope: ScopeJson = crate::error::from_json(text, Code::OptionsInvalid, "not a scope")?;
        match (scope.workspace_id, scope.project_number) {
            (Some(id), None) if !id.is_empty() => Ok(Scope::Workspace(id)),
            (None, Some(number)) => Ok(Scope::Project(number)),
            (None, None) => Ok(Scope::All),
            (Some(_), None) => {
                Err(Error::new(Code::OptionsInvalid, "`workspaceId` must not be empty").with_field("workspaceId"))
            }
            (Some(_), Some(_)) => Err(Error::new(
                Code::OptionsInvalid,
                "a scope has either `workspaceId` or `projectNumber`; subscribe twice for both",
            )
            .with_field("projectNumber")),
        }
    }
}

/// From where a subscriber wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// Only what is yet to come.
    Now,
    /// All that the room's ring still holds.
    Ring,
    /// Behind the last entry seen.
    Seen {
        /// Epoch of that entry.
        epoch: String,
        /// Its number.
        seq: u64,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AfterJson {
    Seen { epoch: String, seq: u64 },
    Word(String),
}

impl After {
    /// Reads `null` (now), `"ring"` or `{"epoch": "…", "seq": 12}`, the number of the last entry seen.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`].
    pub fn from_json(text: &str) -> Result<Self> {
        match serde_json::from_str::<Option<AfterJson>>(text) {
            Ok(None) => Ok(After::Now),
            Ok(Some(AfterJson::Seen { epoch, seq })) => Ok(After::Seen { epoch, seq }),
            Ok(Some(AfterJson::Word(word))) if word == "ring" => Ok(After::Ring),
            _ => Err(Error::new(
                Code::OptionsInvalid,
                "`after` is null, \"ring\" or { epoch, seq } with the number of the last entry seen",
            )
            .with_field("after")),
        }
    }
}

/// Consecutive entries of one room.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The room.
    pub room: String,
    /// Numbers are comparable only within one epoch.
    pub epoch: String,
    /// Number of the first entry, or of the next one to come when there are none.
    pub seq: u64,
    /// The records, as JSON.
    pub entries: Vec<Arc<str>>,
    /// Entries before these that the subscriber asked for and the ring no longer holds; `None` when it is not known how many.
    pub missed: Option<u64>,
}

#[derive(Serialize)]
struct BatchJson<'a> {
    room: &'a str,
    epoch: &'a str,
    seq: u64,
    missed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    lagged: Option<u64>,
}

impl Batch {
    /// Whether something that was asked for is gone from the ring and must come from the store.
    pub fn is_gapless(&self) -> bool {
        self.missed == Some(0)
    }

    /// `{"room","epoch","seq","missed","lagged"?,"entries":[…]}`.
    pub fn to_json(&self) -> String {
        let head = BatchJson {
            room: &self.room,
            epoch: &self.epoch,
            seq: self.seq,
            missed: !self.is_gapless(),
            lagged: self.missed.filter(|missed| *missed > 0),
        };
        // Plain data with text keys: serde_json has no way to fail on it.
        let mut text = serde_json::to_string(&head).unwrap_or_default();
        if text.pop().is_some() {
            text.push_str(",\"entries\":[");
            text.push_str(&self.entries.join(","));
            text.push_str("]}");
        }
        text
    }
}

/// The hub. Cheap to share; one per trail.
#[derive(Debug)]
pub struct Hub {
    rooms: Mutex<Rooms>,
}

#[derive(Debug)]
struct Rooms {
    by_name: HashMap<String, Room>,
    /// Tells this process's epochs from those of others and of earlier ones.
    origin: String,
    epochs: u64,
    uses: u64,
}

#[derive(Debug)]
struct Room {
    epoch: String,
    /// Number that the next entry gets.
    next: u64,
    ring: VecDeque<Arc<str>>,
    news: watch::Sender<u64>,
    last_use: u64,
}

impl Room {
    fn first(&self) -> u64 {
        self.next - self.ring.len() as u64
    }

    fn batch(&self, name: &str, from: u64, missed: Option<u64>) -> Batch {
        let skip = usize::try_from(from.saturating_sub(self.first())).unwrap_or(usize::MAX);
        Batch {
            room: name.to_owned(),
            epoch: self.epoch.clone(),
            seq: from.clamp(self.first(), self.next),
            entries: self.ring.iter().skip(skip).cloned().collect(),
            missed,
        }
    }

    fn replay(&self, name: &str, after: &After) -> Batch {
        match after {
            After::Now => self.batch(name, self.next, Some(0)),
            After::Ring => self.batch(name, self.first(), if self.first() == 1 { Some(0) } else { None }),
            After::Seen { epoch, seq } if *epoch == self.epoch && *seq < self.next => {
                let wanted = seq + 1;
                self.batch(name, wanted, Some(self.first().saturating_sub(wanted)))
            }
            // Another epoch: nobody can say what came between.
            After::Seen { .. } => self.batch(name, self.first(), None),
        }
    }
}

impl Hub {
    /// A hub whose epochs begin with `origin`, a text that no other process has.
    pub(crate) fn new(origin: String) -> Self {
        Hub {
            rooms: Mutex::new(Rooms {
                by_name: HashMap::new(),
                origin,
                epochs: 0,
                uses: 0,
            }),
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        // Nothing that runs under the lock can leave a room half-changed by a panic.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands records to everybody who listens.
    pub(crate) fn publish(&self, records: &[EncodedRecord]) {
        let addressed: Vec<(&EncodedRecord, Vec<String>)> = records
            .iter()
            .map(|encoded| (encoded, rooms_of(&encoded.record)))
            .collect();
        let mut rooms = self.rooms();
        for (encoded, names) in &addressed {
            for name in names {
                rooms.get_or_open(name).push(Arc::clone(&encoded.json));
            }
        }
        // Told only now, so that a subscriber finds the whole batch at once; a room of many records is told once.
        for name in addressed.iter().flat_map(|(_, names)| names) {
            if let Some(room) = rooms.by_name.get(name) {
                room.news
                    .send_if_modified(|next| std::mem::replace(next, room.next) != room.next);
            }
        }
    }

    /// What a room's ring holds behind `after`.
    pub fn replay(&self, scope: &Scope, after: &After) -> Batch {
        let name = scope.room();
        let mut rooms = self.rooms();
        rooms.get_or_open(&name).replay(&name, after)
    }

    /// Listens to a room.
    pub fn subscribe(self: &Arc<Self>, scope: &Scope, after: &After) -> Listener {
        let name = scope.room();
        let mut rooms = self.rooms();
        let room = rooms.get_or_open(&name);
        let backlog = room.replay(&name, after);
        Listener {
            hub: Arc::clone(self),
            news: room.news.subscribe(),
            epoch: room.epoch.clone(),
            next: room.next,
            backlog: (!backlog.entries.is_empty() || !backlog.is_gapless()).then_some(backlog),
            room: name,
        }
    }
}

impl Rooms {
    fn get_or_open(&mut self, name: &str) -> &mut Room {
        self.uses += 1;
        let uses = self.uses;
        if !self.by_name.contains_key(name) {
            if self.by_name.len() >= MAX_ROOMS {
                let quiet = self.by_name.iter().filter(|(_, room)| room.news.receiver_count() == 0);
                if let Some(name) = quiet
                    .min_by_key(|(_, room)| room.last_use)
                    .map(|(name, _)| name.clone())
                {
                    self.by_name.remove(&name);
                }
            }
            self.epochs += 1;
        }
        let epoch = || format!("{}-{}", self.origin, self.epochs);
        let room = self.by_name.entry(name.to_owned()).or_insert_with(|| Room {
            epoch: epoch(),
            next: 1,
            ring: VecDeque::new(),
            news: watch::Sender::new(1),
            last_use: uses,
        });
        room.last_use = uses;
        room
    }
}

impl Room {
    fn push(&mut self, json: Arc<str>) {
        if self.ring.len() == RING {
            self.ring.pop_front();
        }
        self.ring.push_back(json);
        self.next += 1;
    }
}

fn rooms_of(record: &Record) -> Vec<String> {
    let mut rooms: Vec<String> = record.scopes().map(|id| Scope::workspace(id).room()).collect();
    rooms.extend(record.project_number.map(|number| Scope::Project(number).room()));
    rooms.push(Scope::All.room());
    rooms
}

/// One subscriber's place in a room.
#[derive(Debug)]
pub struct Listener {
    hub: Arc<Hub>,
    room: String,
    epoch: String,
    next: u64,
    news: watch::Receiver<u64>,
    backlog: Option<Batch>,
}

impl Listener {
    /// The next entries, as many as there are. [`Batch::missed`] says how many were lost because this listener was slow.
    /// `None` once the trail is gone.
    pub async fn recv(&mut self) -> Option<Batch> {
        if let Some(backlog) = self.backlog.take() {
            return Some(backlog);
        }
        loop {
            // Seen before looking, so that news between looking and waiting is not missed.
            self.news.mark_unchanged();
            if let Some(batch) = self.take() {
                return Some(batch);
            }
            self.news.changed().await.ok()?;
        }
    }

    fn take(&mut self) -> Option<Batch> {
        let mut rooms = self.hub.rooms();
        let room = rooms
            .by_name
            .get_mut(&self.room)
            .filter(|room| room.epoch == self.epoch)?;
        if room.next == self.next {
            return None;
        }
        let missed = room.first().saturating_sub(self.next);
        let batch = room.batch(&self.room, self.next, Some(missed));
        self.next = room.next;
        Some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample;
    use uuid::Uuid;

    fn record(number: u128, workspace: &str) -> EncodedRecord {
        let mut record = sample(Uuid::from_u128(number), 1);
        record.workspace_id = workspace.to_owned();
        EncodedRecord::new(record)
    }

    fn hub() -> Arc<Hub> {
        Arc::new(Hub::new("h".into()))
    }

    #[tokio::test]
    async fn a_room_hears_its_own_records_in_order() {
        let hub = hub();
        let mut a = hub.subscribe(&Scope::workspace("a"), &After::Now);
        hub.publish(&[record(1, "a"), record(2, "b"), record(3, "a")]);
        let first = a.recv().await.unwrap();
        assert_eq!((first.seq, first.entries.len(), first.missed), (1, 2, Some(0)));
        hub.publish(&[record(4, "a")]);
        let second = a.recv().await.unwrap();
        assert_eq!((second.seq, second.entries.len()), (3, 1));
        assert_eq!(second.epoch, first.epoch);
    }

    #[tokio::test]
    async fn a_run_is_heard_where_it_was_launched() {
        let hub = hub();
        let mut origin = hub.subscribe(&Scope::workspace("origin"), &After::Now);
        let mut encoded = record(1, "elsewhere");
        Arc::make_mut(&mut encoded.record).origin_workspace_id = Some("origin".into());
        hub.publish(&[encoded]);
        assert_eq!(origin.recv().await.unwrap().entries.len(), 1);
    }

    #[tokio::test]
    async fn a_slow_listener_is_told_what_it_missed_and_holds_nobody_up() {
        let hub = hub();
        let mut slow = hub.subscribe(&Scope::All, &After::Now);
        for number in 0..RING as u128 + 10 {
            hub.publish(&[record(number, "a")]);
        }
        let batch = slow.recv().await.unwrap();
        assert_eq!((batch.missed, batch.entries.len(), batch.seq), (Some(10), RING, 11));
    }

    #[test]
    fn replay_goes_on_where_a_client_was() {
        let hub = hub();
        let scope = Scope::workspace("a");
        hub.publish(&[record(1, "a"), record(2, "a"), record(3, "a")]);
        let all = hub.replay(&scope, &After::Ring);
        assert_eq!((all.seq, all.entries.len(), all.is_gapless()), (1, 3, true));
        let rest = hub.replay(
            &scope,
            &After::Seen {
                epoch: all.epoch.clone(),
                seq: 2,
            },
        );
        assert_eq!((rest.seq, rest.entries.len(), rest.is_gapless()), (3, 1, true));
        let other = hub.replay(
            &scope,
            &After::Seen {
                epoch: "gone".into(),
                seq: 2,
            },
        );
        assert_eq!((other.entries.len(), other.is_gapless()), (3, false));
        let none = hub.replay(&scope, &After::Now);
        assert_eq!((none.seq, none.entries.len()), (4, 0));
    }

    #[test]
    fn rooms_are_bounded_and_a_new_one_has_a_new_epoch() {
        let hub = hub();
        let before = hub.replay(&Scope::workspace("w0"), &After::Ring).epoch;
        for number in 0..MAX_ROOMS + 5 {
            hub.publish(&[record(number as u128, &format!("w{}", number + 1))]);
        }
        assert!(hub.rooms().by_name.len() <= MAX_ROOMS);
        assert_ne!(hub.replay(&Scope::workspace("w0"), &After::Ring).epoch, before);
    }

    #[test]
    fn scopes_and_places_are_read_from_json() {
        assert_eq!(
            Scope::from_json(r#"{"workspaceId":"w"}"#).unwrap(),
            Scope::workspace("w")
        );
        assert_eq!(Scope::from_json("{}").unwrap(), Scope::All);
        assert_eq!(
            Scope::from_json(r#"{"projectNumber":1,"workspaceId":"w"}"#)
                .unwrap_err()
                .field(),
            Some("projectNumber")
        );
        assert_eq!(After::from_json("null").unwrap(), After::Now);
        assert_eq!(
            After::from_json(r#"{"epoch":"e","seq":3}"#).unwrap(),
            After::Seen {
                epoch: "e".into(),
                seq: 3
            }
        );
        assert!(After::from_json("5").is_err());
    }
}
