//! What the history reads of a record.
//!
//! It reads leniently: a field of an unexpected type counts as absent, unknown fields are ignored, and only a record without an
//! id or a time is refused. A view must go on showing the rest when one writer is newer, older or wrong.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::schema::{MAX_SAFE_INTEGER, Record, Timestamp};

/// What an entry says about the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    ItemStarted,
    ItemProgress,
    ItemFailed,
    ItemCompleted,
    /// A call made for an item: a sign of life, but no news of its state.
    ItemActivity,
    PhaseStarted,
    PhaseCompleted,
    RunProgress,
    ProjectCompleted,
    /// Everything that belongs to no item, phase or project of a run.
    Call,
}

impl Kind {
    /// Order of what carries the same time: whatever ends an item wins.
    pub(crate) const fn rank(self) -> u8 {
        match self {
            Kind::ItemStarted | Kind::PhaseStarted => 0,
            Kind::ItemActivity => 1,
            Kind::ItemProgress | Kind::RunProgress => 2,
            Kind::ItemFailed => 3,
            Kind::ItemCompleted | Kind::PhaseCompleted | Kind::ProjectCompleted => 4,
            Kind::Call => 5,
        }
    }
}

/// Why a call or an item failed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Fault {
    /// Stable code, where the source has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// For people.
    pub message: String,
}

/// One record as the history sees it. Deserialises from the wire's record.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Id of the record; what duplicates are known by.
    pub audit_id: Arc<str>,
    /// When it happened, milliseconds since 1970.
    pub timestamp: i64,
    pub(crate) kind: Kind,
    pub(crate) fields: Fields,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Fields {
    audit_id: String,
    timestamp: Option<i64>,
    pub(crate) operation_type: String,
    pub(crate) outcome: Option<String>,
    pub(crate) error: Option<Fault>,
    pub(crate) api_endpoint: Option<String>,
    pub(crate) http_method: Option<String>,
    pub(crate) response_status: Option<u64>,
    pub(crate) duration_ms: Option<f64>,
    pub(crate) workspace_id: Option<String>,
    pub(crate) origin_workspace_id: Option<String>,
    pub(crate) worktree_path: Option<String>,
    pub(crate) project_number: Option<u64>,
    pub(crate) phase_number: Option<u64>,
    pub(crate) work_item_id: Option<String>,
    pub(crate) task_id: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) run_id: Option<String>,
    pub(crate) agent_id: Option<String>,
    pub(crate) actor: Option<String>,
    pub(crate) channel: Option<String>,
    pub(crate) metadata: Option<Box<Metadata>>,
}

/// The free part of an event's record.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Metadata {
    pub(crate) work_item_title: Option<String>,
    pub(crate) phase_name: Option<String>,
    pub(crate) total_items: Option<u64>,
    pub(crate) completed_items: Option<u64>,
    pub(crate) total_phases: Option<u64>,
    pub(crate) completed_phases: Option<u64>,
    pub(crate) files_changed: Vec<String>,
    pub(crate) result: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) percent: Option<f64>,
    pub(crate) duration_ms: Option<f64>,
}

impl Entry {
    /// Reads one record of the wire; `None` when it is no record: not an object, or without an id or a time.
    pub fn from_json(record: &str) -> Option<Self> {
        serde_json::from_str::<Element>(record).ok()?.0
    }

    /// From a record of this crate.
    pub fn from_record(record: &Record) -> Option<Self> {
        Self::from_json(&record.to_json())
    }

    fn new(mut fields: Fields) -> Option<Self> {
        let audit_id = std::mem::take(&mut fields.audit_id);
        let timestamp = fields.timestamp?;
        (!audit_id.is_empty()).then(|| Entry {
            audit_id: audit_id.into(),
            timestamp,
            kind: fields.kind(),
            fields,
        })
    }

    /// Whether the record belongs to this workspace: made in it, or by a run that was launched from it.
    pub fn is_of(&self, workspace: &str) -> bool {
        [&self.fields.workspace_id, &self.fields.origin_workspace_id]
            .into_iter()
            .flatten()
            .any(|id| id == workspace)
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        static NONE: Metadata = Metadata {
            work_item_title: None,
            phase_name: None,
            total_items: None,
            completed_items: None,
            total_phases: None,
            completed_phases: None,
            files_changed: Vec::new(),
            result: None,
            message: None,
            percent: None,
            duration_ms: None,
        };
        self.fields.metadata.as_deref().unwrap_or(&NONE)
    }
}

impl Fields {
    fn kind(&self) -> Kind {
        let item = self.project_number.is_some() && self.phase_number.is_some() && self.work_item_id.is_some();
        // `POST /api/tasks/:id/start` has the operation type `task.started` too; only the orchestrator's own word moves an item.
        if self.channel.as_deref().is_none_or(|channel| channel == "agent") {
            let phase = self.project_number.is_some() && self.phase_number.is_some();
            match self.operation_type.as_str() {
                "task.started" if item => return Kind::ItemStarted,
                "task.progress" if item => return Kind::ItemProgress,
                "task.failed" if item => return Kind::ItemFailed,
                "task.completed" if item => return Kind::ItemCompleted,
                "phase.started" if phase => return Kind::PhaseStarted,
                "phase.completed" if phase => return Kind::PhaseCompleted,
                "orchestration.progress" if self.project_number.is_some() => return Kind::RunProgress,
                "project.completed" if self.project_number.is_some() => return Kind::ProjectCompleted,
                _ => {}
            }
        }
        if item { Kind::ItemActivity } else { Kind::Call }
    }
}

/// Where the value that is read next goes. One type, so that there is one reader for all fields and not one for each, which would be a
/// good part of the WebAssembly module. What does not fit a place leaves it as it is.
enum Place<'a> {
    Record(&'a mut Option<Entry>),
    Fault(&'a mut Option<Fault>),
    Metadata(&'a mut Option<Box<Metadata>>),
    /// Not empty; a whole number becomes text.
    Text(&'a mut Option<String>),
    /// The same; empty where there is none.
    Name(&'a mut String),
    Whole(&'a mut Option<u64>),
    Number(&'a mut Option<f64>),
    Time(&'a mut Option<i64>),
    /// An array's texts, other elements left out.
    Texts(&'a mut Vec<String>),
    /// One element of them.
    Element(&'a mut Vec<String>),
    /// A text as it is, null as nothing, everything else as its JSON.
    Any(&'a mut Option<String>),
    Nowhere,
}

/// An object whose fields are places.
enum Object<'a> {
    Record(&'a mut Fields),
    Metadata(&'a mut Metadata),
    Fault(&'a mut Fault),
    /// One that nobody asked for.
    Other,
}

impl Object<'_> {
    /// Where the value of a field goes.
    fn place(&mut self, name: &str) -> Place<'_> {
        match self {
            Object::Record(fields) => match name {
                "audit_id" => Place::Name(&mut fields.audit_id),
                "timestamp" => Place::Time(&mut fields.timestamp),
                "operation_type" => Place::Name(&mut fields.operation_type),
                "outcome" => Place::Text(&mut fields.outcome),
                "error" => Place::Fault(&mut fields.error),
                "api_endpoint" => Place::Text(&mut fields.api_endpoint),
                "http_method" => Place::Text(&mut fields.http_method),
                "response_status" => Place::Whole(&mut fields.response_status),
                "duration_ms" => Place::Number(&mut fields.duration_ms),
                "workspace_id" => Place::Text(&mut fields.workspace_id),
                "origin_workspace_id" => Place::Text(&mut fields.origin_workspace_id),
                "worktree_path" => Place::Text(&mut fields.worktree_path),
                "project_number" => Place::Whole(&mut fields.project_number),
                "phase_number" => Place::Whole(&mut fields.phase_number),
                "work_item_id" => Place::Text(&mut fields.work_item_id),
                "task_id" => Place::Text(&mut fields.task_id),
                "session_id" => Place::Text(&mut fields.session_id),
                "run_id" => Place::Text(&mut fields.run_id),
                "agent_id" => Place::Text(&mut fields.agent_id),
                "actor" => Place::Text(&mut fields.actor),
                "channel" => Place::Text(&mut fields.channel),
                "metadata" => Place::Metadata(&mut fields.metadata),
                _ => Place::Nowhere,
            },
            Object::Metadata(said) => match name {
                "workItemTitle" => Place::Text(&mut said.work_item_title),
                "phaseName" => Place::Text(&mut said.phase_name),
                "totalItems" => Place::Whole(&mut said.total_items),
                "completedItems" => Place::Whole(&mut said.completed_items),
                "totalPhases" => Place::Whole(&mut said.total_phases),
                "completedPhases" => Place::Whole(&mut said.completed_phases),
                "filesChanged" => Place::Texts(&mut said.files_changed),
                "result" => Place::Any(&mut said.result),
                "message" => Place::Text(&mut said.message),
                "percent" => Place::Number(&mut said.percent),
                "durationMs" => Place::Number(&mut said.duration_ms),
                _ => Place::Nowhere,
            },
            Object::Fault(fault) => match name {
                "code" => Place::Text(&mut fault.code),
                "message" => Place::Name(&mut fault.message),
                _ => Place::Nowhere,
            },
            Object::Other => Place::Nowhere,
        }
    }

    fn read<'de, A: MapAccess<'de>>(mut self, map: &mut A) -> Result<(), A::Error> {
        while let Some(place) = map.next_key_seed(Field(&mut self))? {
            map.next_value_seed(place)?;
        }
        Ok(())
    }
}

/// A key of an object, read as the place of its value.
struct Field<'o, 'a>(&'o mut Object<'a>);

impl<'de, 'o> DeserializeSeed<'de> for Field<'o, '_> {
    type Value = Place<'o>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Place<'o>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'o> de::Visitor<'_> for Field<'o, '_> {
    type Value = Place<'o>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Place<'o>, E> {
        Ok(self.0.place(name))
    }
}

/// Fills a place. One that is filled already makes the record unreadable: nobody can say which of the two is meant.
fn fill<T, E: de::Error>(place: &mut Option<T>, value: T) -> Result<&mut T, E> {
    if place.is_some() {
        return Err(E::custom("a repeated field"));
    }
    Ok(place.insert(value))
}

fn fill_name<E: de::Error>(place: &mut String, name: String) -> Result<(), E> {
    if !place.is_empty() {
        return Err(E::custom("a repeated field"));
    }
    *place = name;
    Ok(())
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Place::Any(place) => match <&RawValue>::deserialize(deserializer)?.get() {
                "null" => Ok(()),
                json => fill(place, serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())).map(drop),
            },
            Place::Nowhere => deserializer.deserialize_ignored_any(IgnoredAny).map(drop),
            place => deserializer.deserialize_any(place),
        }
    }
}

impl<'de> de::Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        match self {
            Place::Text(place) if !text.is_empty() => fill(place, text.to_owned()).map(drop),
            Place::Name(place) => fill_name(place, text.to_owned()),
            Place::Time(place) => match Timestamp::parse(text) {
                Some(time) => fill(place, time.millis()).map(drop),
                None => Ok(()),
            },
            Place::Element(texts) => {
                texts.push(text.to_owned());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        match self {
            Place::Text(place) => fill(place, number.to_string()).map(drop),
            Place::Name(place) => fill_name(place, number.to_string()),
            Place::Whole(place) if number <= MAX_SAFE_INTEGER => fill(place, number).map(drop),
            Place::Number(place) => fill(place, number as f64).map(drop),
            Place::Time(place) => {
                let time = Timestamp::from_millis(i64::try_from(number).unwrap_or(i64::MAX));
                fill(place, time.millis()).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        self.visit_f64(number as f64)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        match self {
            // JavaScript has one kind of number, so 3.0 is a whole one.
            Place::Whole(place) if number >= 0.0 && number.fract() == 0.0 && number <= MAX_SAFE_INTEGER as f64 => {
                fill(place, number as u64).map(drop)
            }
            Place::Number(place) if number.is_finite() => fill(place, number).map(drop),
            _ => Ok(()),
        }
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        if matches!(&self, Place::Texts(texts) if !texts.is_empty()) {
            return Err(de::Error::custom("a repeated field"));
        }
        loop {
            let place = match &mut self {
                Place::Texts(texts) => Place::Element(texts),
                _ => Place::Nowhere,
            };
            if seq.next_element_seed(place)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self {
            Place::Record(place) => {
                let mut fields = Fields::default();
                Object::Record(&mut fields).read(&mut map)?;
                *place = Entry::new(fields);
                Ok(())
            }
            Place::Metadata(place) => Object::Metadata(fill(place, Box::default())?).read(&mut map),
            Place::Fault(place) => Object::Fault(fill(place, Fault::default())?).read(&mut map),
            _ => Object::Other.read(&mut map),
        }
    }
}

/// One element of a batch: a record, or nothing where it is none.
pub(crate) struct Element(pub(crate) Option<Entry>);

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut entry = None;
        Place::Record(&mut entry).deserialize(deserializer)?;
        Ok(Element(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_types_count_as_absent() {
        let entry = Entry::from_json(
            r#"{"audit_id":"a","timestamp":"2026-01-02T03:04:05.006Z","operation_type":7,"project_number":"x","phase_number":2.0,
                "work_item_id":[1,{"a":2}],"error":"boom","metadata":[1],"unknown":{"deep":[1,2]},"duration_ms":null,"run_id":5}"#,
        )
        .unwrap();
        assert_eq!(entry.timestamp, 1_767_323_045_006);
        assert_eq!(entry.fields.operation_type, "7");
        assert_eq!(
            (entry.fields.project_number, entry.fields.phase_number),
            (None, Some(2))
        );
        assert_eq!((&entry.fields.work_item_id, &entry.fields.error), (&None, &None));
        assert_eq!(entry.fields.run_id.as_deref(), Some("5"));
        assert_eq!(entry.kind, Kind::Call);
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for text in [
            "",
            "1",
            "[]",
            "{}",
            r#"{"audit_id":"a"}"#,
            r#"{"timestamp":5}"#,
            r#"{"audit_id":"","timestamp":5}"#,
            r#"{"audit_id":"a","timestamp":"soon"}"#,
        ] {
            assert_eq!(Entry::from_json(text), None, "{text}");
        }
    }

    #[test]
    fn a_result_of_any_shape_is_kept_as_text() {
        for (json, text) in [
            ("\"done\"", Some("done")),
            ("{\"ok\": 1}", Some("{\"ok\": 1}")),
            ("null", None),
            ("true", Some("true")),
        ] {
            let entry = Entry::from_json(&format!(
                r#"{{"audit_id":"a","timestamp":1,"metadata":{{"result":{json},"filesChanged":["a",1,"b"]}}}}"#
            ))
            .unwrap();
            assert_eq!(entry.metadata().result.as_deref(), text);
            assert_eq!(entry.metadata().files_changed, ["a", "b"]);
        }
    }

    #[test]
    fn only_the_orchestrators_word_moves_an_item() {
        let kind = |channel: &str, item: &str| {
            Entry::from_json(&format!(
                r#"{{"audit_id":"a","timestamp":1,"operation_type":"task.started","channel":{channel},"project_number":1,"phase_number":1,"work_item_id":{item}}}"#
            ))
            .unwrap()
            .kind
        };
        assert_eq!(kind("\"agent\"", "\"1.1\""), Kind::ItemStarted);
        assert_eq!(kind("null", "\"1.1\""), Kind::ItemStarted);
        assert_eq!(kind("\"http\"", "\"1.1\""), Kind::ItemActivity);
        assert_eq!(kind("\"http\"", "null"), Kind::Call);
    }

    #[test]
    fn a_record_of_this_crate_is_readable() {
        let record = crate::schema::sample(uuid::Uuid::from_u128(9), 77);
        let entry = Entry::from_record(&record).unwrap();
        assert_eq!(
            (&*entry.audit_id, entry.timestamp),
            (record.audit_id.to_string().as_str(), 77)
        );
        assert!(entry.is_of("ws_a") && !entry.is_of("ws_b"));
    }
}
