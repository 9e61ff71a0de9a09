//! What the history reads of a record.
//!
//! It reads leniently: a field of an unexpected type counts as absent, unknown fields are ignored, and only a record without an
//! id or a time is refused. A view must go on showing the rest when one writer is newer, older or wrong.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess};
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fault {
    /// Stable code, where the source has one.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// For people.
    #[serde(default, deserialize_with = "text_or_empty")]
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

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Fields {
    #[serde(deserialize_with = "text_or_empty")]
    audit_id: String,
    #[serde(deserialize_with = "time")]
    timestamp: Option<i64>,
    #[serde(deserialize_with = "text_or_empty")]
    pub(crate) operation_type: String,
    #[serde(deserialize_with = "text")]
    pub(crate) outcome: Option<String>,
    #[serde(deserialize_with = "object")]
    pub(crate) error: Option<Fault>,
    #[serde(deserialize_with = "text")]
    pub(crate) api_endpoint: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) http_method: Option<String>,
    #[serde(deserialize_with = "whole")]
    pub(crate) response_status: Option<u64>,
    #[serde(deserialize_with = "number")]
    pub(crate) duration_ms: Option<f64>,
    #[serde(deserialize_with = "text")]
    pub(crate) workspace_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) origin_workspace_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) worktree_path: Option<String>,
    #[serde(deserialize_with = "whole")]
    pub(crate) project_number: Option<u64>,
    #[serde(deserialize_with = "whole")]
    pub(crate) phase_number: Option<u64>,
    #[serde(deserialize_with = "text")]
    pub(crate) work_item_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) task_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) session_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) run_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) agent_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) actor: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) channel: Option<String>,
    #[serde(deserialize_with = "object")]
    pub(crate) metadata: Option<Box<Metadata>>,
}

/// The free part of an event's record.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Metadata {
    #[serde(deserialize_with = "text")]
    pub(crate) work_item_title: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) phase_name: Option<String>,
    #[serde(deserialize_with = "whole")]
    pub(crate) total_items: Option<u64>,
    #[serde(deserialize_with = "whole")]
    pub(crate) completed_items: Option<u64>,
    #[serde(deserialize_with = "whole")]
    pub(crate) total_phases: Option<u64>,
    #[serde(deserialize_with = "whole")]
    pub(crate) completed_phases: Option<u64>,
    #[serde(deserialize_with = "texts")]
    pub(crate) files_changed: Vec<String>,
    #[serde(deserialize_with = "any_as_text")]
    pub(crate) result: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) message: Option<String>,
    #[serde(deserialize_with = "number")]
    pub(crate) percent: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub(crate) duration_ms: Option<f64>,
}

impl Entry {
    /// Reads one record of the wire; `None` when it is no record: not an object, or without an id or a time.
    pub fn from_json(record: &str) -> Option<Self> {
        Self::new(serde_json::from_str(record).ok()?)
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

/// Any JSON value, as far as a lenient field needs it.
enum Scalar {
    Text(String),
    Whole(u64),
    Number(f64),
    Other,
}

struct ScalarVisitor;

impl<'de> de::Visitor<'de> for ScalarVisitor {
    type Value = Scalar;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Scalar, E> {
        Ok(Scalar::Text(text))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(number))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number as f64))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }
    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Text(text) if !text.is_empty() => Some(text),
        Scalar::Whole(number) => Some(number.to_string()),
        _ => None,
    })
}

fn text_or_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(text(deserializer)?.unwrap_or_default())
}

fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Whole(number) => Some(number).filter(|number| *number <= MAX_SAFE_INTEGER),
        // JavaScript has one kind of number, so 3.0 is a whole one.
        Scalar::Number(number) if number >= 0.0 && number.fract() == 0.0 && number <= MAX_SAFE_INTEGER as f64 => {
            Some(number as u64)
        }
        _ => None,
    })
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Whole(number) => Some(number as f64),
        Scalar::Number(number) if number.is_finite() => Some(number),
        _ => None,
    })
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Scalar::deserialize(deserializer)? {
        Scalar::Text(text) => Timestamp::parse(&text).map(Timestamp::millis),
        Scalar::Whole(millis) => Some(Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX)).millis()),
        _ => None,
    })
}

/// An array's texts, other elements left out.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Visitor;
    impl<'de> de::Visitor<'de> for Visitor {
        type Value = Vec<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
            let mut texts = Vec::new();
            while let Some(element) = seq.next_element::<Scalar>()? {
                if let Scalar::Text(text) = element {
                    texts.push(text);
                }
            }
            Ok(texts)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<String>, A::Error> {
            ScalarVisitor.visit_map(map).map(|_| Vec::new())
        }
        fn visit_str<E>(self, _: &str) -> Result<Vec<String>, E> {
            Ok(Vec::new())
        }
        fn visit_u64<E>(self, _: u64) -> Result<Vec<String>, E> {
            Ok(Vec::new())
        }
        fn visit_i64<E>(self, _: i64) -> Result<Vec<String>, E> {
            Ok(Vec::new())
        }
        fn visit_f64<E>(self, _: f64) -> Result<Vec<String>, E> {
            Ok(Vec::new())
        }
        fn visit_bool<E>(self, _: bool) -> Result<Vec<String>, E> {
            Ok(Vec::new())
        }
        fn visit_unit<E>(self) -> Result<Vec<String>, E> {
            Ok(Vec::new())
        }
    }
    deserializer.deserialize_any(Visitor)
}

/// A text as it is, null as nothing, everything else as its JSON.
fn any_as_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(match raw.get() {
        "null" => None,
        json => Some(serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())),
    })
}

/// An object of type `T`; anything else as nothing.
fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    struct Visitor<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Visitor<T> {
        type Value = Option<T>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
            T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Some)
        }
        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<T>, A::Error> {
            ScalarVisitor.visit_seq(seq).map(|_| None)
        }
        fn visit_str<E>(self, _: &str) -> Result<Option<T>, E> {
            Ok(None)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Option<T>, E> {
            Ok(None)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Option<T>, E> {
            Ok(None)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Option<T>, E> {
            Ok(None)
        }
        fn visit_bool<E>(self, _: bool) -> Result<Option<T>, E> {
            Ok(None)
        }
        fn visit_unit<E>(self) -> Result<Option<T>, E> {
            Ok(None)
        }
    }
    deserializer.deserialize_any(Visitor(PhantomData))
}

/// One element of a batch: a record, or nothing where it is none.
pub(crate) struct Element(pub(crate) Option<Entry>);

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Element(object::<D, Fields>(deserializer)?.and_then(Entry::new)))
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
