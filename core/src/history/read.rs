//! Reads records, options and filters from their JSON.
//!
//! Records are read leniently: a field of an unexpected type counts as absent, unknown fields are ignored, and only a record without
//! an id or a time, or with a repeated field, is refused. A view must go on showing the rest when one writer is newer, older or wrong.
//! Options and filters are a caller's own and read strictly.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess};

use super::entry::{Entry, Fault, Fields, Metadata};
use super::row::Status;
use super::{Filter, Options};
use crate::json::{Json, ToJson};
use crate::schema::{MAX_SAFE_INTEGER, Timestamp};

/// Reads one record; `None` when it is none.
pub(super) fn record(text: &str) -> Option<Entry> {
    let mut entry = None;
    Place::Record(&mut entry)
        .deserialize(&mut serde_json::Deserializer::from_str(text))
        .ok()?;
    entry
}

/// The records of an array, each parsed by itself, so that one that is broken does no harm to the rest; `None` when it is no array.
pub(super) fn apart(text: &str) -> Option<Vec<Option<Entry>>> {
    let trim = |text| str::trim_start_matches(text, [' ', '\n', '\r', '\t']);
    let end = |rest| trim(rest).is_empty();
    let mut records = Vec::new();
    let mut rest = trim(trim(text).strip_prefix('[')?);
    if let Some(rest) = rest.strip_prefix(']') {
        return end(rest).then_some(records);
    }
    loop {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let (value, tail) = rest.split_at_checked(values.byte_offset())?;
        records.push(record(value));
        match trim(tail).split_at_checked(1)? {
            (",", more) => rest = more,
            ("]", tail) => return end(tail).then_some(records),
            _ => return None,
        }
    }
}

/// An array of records, each `None` where it is none.
pub(super) struct Batch(pub(super) Vec<Option<Entry>>);

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut records = Vec::new();
        Place::Batch(&mut records).deserialize(deserializer)?;
        Ok(Batch(records))
    }
}

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut options = Options::default();
        Place::Options(&mut options).deserialize(deserializer)?;
        Ok(options)
    }
}

impl<'de> Deserialize<'de> for Saved {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut saved = Saved::default();
        Place::Saved(&mut saved).deserialize(deserializer)?;
        Ok(saved)
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut filter = Filter::default();
        Place::Filter(&mut filter).deserialize(deserializer)?;
        Ok(filter)
    }
}

/// A saved history; without a version it is none.
#[derive(Default)]
pub(super) struct Saved {
    pub(super) version: Option<u64>,
    pub(super) filter: Filter,
    /// Whether older records than the newest are among these.
    pub(super) older: bool,
    pub(super) records: Vec<Option<Entry>>,
}

/// Where the value that is read next goes. One type, so that there is one reader for all and not one for each, which would be a good
/// part of the WebAssembly module.
enum Place<'a> {
    Batch(&'a mut Vec<Option<Entry>>),
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
    TextsElement(&'a mut Vec<String>),
    /// A text as it is, null as nothing, everything else as its JSON.
    Any(&'a mut Option<String>),
    /// A value of any kind as its JSON, at so many levels down.
    Json(&'a mut Json, u8),
    Saved(&'a mut Saved),
    Nowhere,
    // From here on, what does not fit is refused.
    Options(&'a mut Options),
    /// One text or an array of them; null is none.
    Names(&'a mut Vec<String>),
    NamesElement(&'a mut Vec<String>),
    Choice(&'a mut bool),
    Filter(&'a mut Filter),
    Capacity(&'a mut usize),
    Millis(&'a mut i64),
    OptionalMillis(&'a mut Option<i64>),
    OptionalWhole(&'a mut Option<u64>),
    OptionalText(&'a mut Option<String>),
    Statuses(&'a mut Vec<Status>),
    StatusesElement(&'a mut Vec<Status>),
    /// A field that there is not, with those that there are.
    Unknown(&'static str),
}

impl Place<'_> {
    /// What becomes of a value that does not fit: nothing in a record, an error in an option.
    fn misfit<E: de::Error>(&self) -> Result<(), E> {
        Err(E::custom(match self {
            Place::Batch(_) => "expected an array",
            Place::Options(_) | Place::Filter(_) | Place::Saved(_) => "expected an object",
            Place::Capacity(_) | Place::OptionalWhole(_) => "expected a whole number",
            Place::Millis(_) | Place::OptionalMillis(_) => "expected a whole number of milliseconds",
            Place::OptionalText(_) | Place::NamesElement(_) => "expected a text",
            Place::Names(_) => "expected a text or an array of texts",
            Place::Choice(_) => "expected true or false",
            Place::Statuses(_) => "expected an array of states",
            Place::StatusesElement(_) => "expected one of started, progress, failed, completed, stalled",
            _ => return Ok(()),
        }))
    }
}

/// Fills a place. One that is filled already makes the record unreadable: nobody can say which of the two is meant.
fn fill<T, E: de::Error>(place: &mut Option<T>, value: T) -> Result<&mut T, E> {
    if place.is_some() {
        return Err(E::custom(REPEATED));
    }
    Ok(place.insert(value))
}

fn fill_name<E: de::Error>(place: &mut String, name: String) -> Result<(), E> {
    if !place.is_empty() {
        return Err(E::custom(REPEATED));
    }
    *place = name;
    Ok(())
}

const REPEATED: &str = "a repeated field";

/// Levels of a result that are shown.
const MAX_DEPTH: u8 = 32;

/// A value of any kind, in a place where a text is expected.
fn fill_json<E: de::Error>(place: &mut Option<String>, value: &(impl ToJson + ?Sized)) -> Result<(), E> {
    fill(place, value.to_json_text()).map(drop)
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Place::Nowhere => deserializer.deserialize_ignored_any(IgnoredAny).map(drop),
            // The parser refuses what is too deep for its stack, and with it the record.
            Place::Json(json, MAX_DEPTH) => {
                "…".write(json);
                deserializer.deserialize_ignored_any(IgnoredAny).map(drop)
            }
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
            Place::OptionalText(place) | Place::Any(place) => fill(place, text.to_owned()).map(drop),
            Place::Json(json, _) => {
                text.write(json);
                Ok(())
            }
            Place::Name(place) => fill_name(place, text.to_owned()),
            Place::Time(place) => match Timestamp::parse(text) {
                Some(time) => fill(place, time.millis()).map(drop),
                None => Ok(()),
            },
            Place::TextsElement(texts) | Place::Names(texts) | Place::NamesElement(texts) => {
                texts.push(text.to_owned());
                Ok(())
            }
            Place::StatusesElement(statuses) => match Status::parse(text) {
                Some(status) => {
                    statuses.push(status);
                    Ok(())
                }
                None => Place::StatusesElement(statuses).misfit(),
            },
            other => other.misfit(),
        }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        match self {
            Place::Text(place) => fill(place, number.to_string()).map(drop),
            Place::Name(place) => fill_name(place, number.to_string()),
            Place::Whole(place) if number <= MAX_SAFE_INTEGER => fill(place, number).map(drop),
            Place::OptionalWhole(place) => fill(place, number).map(drop),
            Place::Number(place) => fill(place, number as f64).map(drop),
            Place::Any(place) => fill_json(place, &number),
            Place::Json(json, _) => {
                number.write(json);
                Ok(())
            }
            Place::Capacity(place) => {
                // More than the memory can hold is as good as no bound.
                *place = usize::try_from(number).unwrap_or(usize::MAX);
                Ok(())
            }
            Place::Time(_) | Place::Millis(_) | Place::OptionalMillis(_) => {
                self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
            }
            other => other.misfit(),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        match self {
            Place::Millis(place) => {
                *place = number;
                Ok(())
            }
            Place::OptionalMillis(place) => fill(place, number).map(drop),
            Place::Time(place) => fill(place, Timestamp::from_millis(number).millis()).map(drop),
            Place::Any(place) => fill_json(place, &number),
            Place::Json(json, _) => {
                number.write(json);
                Ok(())
            }
            other => other.visit_f64(number as f64),
        }
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        match self {
            // JavaScript has one kind of number, so 3.0 is a whole one.
            Place::Whole(place) if number >= 0.0 && number.fract() == 0.0 && number <= MAX_SAFE_INTEGER as f64 => {
                fill(place, number as u64).map(drop)
            }
            Place::Number(place) if number.is_finite() => fill(place, number).map(drop),
            Place::Any(place) => fill_json(place, &number),
            Place::Json(json, _) => {
                number.write(json);
                Ok(())
            }
            other => other.misfit(),
        }
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<(), E> {
        match self {
            Place::Any(place) => fill_json(place, &truth),
            Place::Choice(place) => {
                *place = truth;
                Ok(())
            }
            Place::Json(json, _) => {
                truth.write(json);
                Ok(())
            }
            other => other.misfit(),
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        match self {
            Place::OptionalMillis(_) | Place::OptionalWhole(_) | Place::OptionalText(_) | Place::Names(_) => Ok(()),
            Place::Json(json, _) => {
                None::<bool>.write(json);
                Ok(())
            }
            other => other.misfit(),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        match &mut self {
            Place::Batch(records) => loop {
                let mut entry = None;
                if seq.next_element_seed(Place::Record(&mut entry))?.is_none() {
                    return Ok(());
                }
                records.push(entry);
            },
            Place::Any(place) => {
                let mut json = Json::default();
                Place::Json(&mut json, 0).visit_seq(seq)?;
                return fill(place, json.into_text()).map(drop);
            }
            Place::Json(json, depth) => {
                json.open('[');
                while seq.next_element_seed(Place::Json(json, *depth + 1))?.is_some() {}
                json.close(']');
                return Ok(());
            }
            Place::Texts(texts) if !texts.is_empty() => return Err(de::Error::custom(REPEATED)),
            Place::Texts(_) | Place::Statuses(_) | Place::Names(_) => {}
            other => other.misfit()?,
        }
        loop {
            let place = match &mut self {
                Place::Texts(texts) => Place::TextsElement(texts),
                Place::Names(names) => Place::NamesElement(names),
                Place::Statuses(statuses) => Place::StatusesElement(statuses),
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
            Place::Any(place) => {
                let mut json = Json::default();
                Place::Json(&mut json, 0).visit_map(map)?;
                fill(place, json.into_text()).map(drop)
            }
            Place::Json(json, depth) => {
                json.open('{');
                Object::Json(json, depth).read(&mut map)?;
                json.close('}');
                Ok(())
            }
            Place::Options(options) => Object::Options(options).read(&mut map),
            Place::Saved(saved) => Object::Saved(saved).read(&mut map),
            Place::Filter(filter) => Object::Filter(filter).read(&mut map),
            other => {
                other.misfit()?;
                Object::Other.read(&mut map)
            }
        }
    }
}

/// An object whose fields are places.
enum Object<'a> {
    Record(&'a mut Fields),
    Metadata(&'a mut Metadata),
    Fault(&'a mut Fault),
    Options(&'a mut Options),
    Filter(&'a mut Filter),
    Saved(&'a mut Saved),
    Json(&'a mut Json, u8),
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
                "parentAgentId" => Place::Text(&mut said.parent_agent_id),
                "writer_id" => Place::Text(&mut said.writer_id),
                "from_seq" => Place::Whole(&mut said.from_seq),
                "to_seq" => Place::Whole(&mut said.to_seq),
                "count" => Place::Whole(&mut said.count),
                "reason" => Place::Text(&mut said.reason),
                _ => Place::Nowhere,
            },
            Object::Fault(fault) => match name {
                "code" => Place::Text(&mut fault.code),
                "message" => Place::Name(&mut fault.message),
                _ => Place::Nowhere,
            },
            Object::Options(options) => match name {
                "workspaceId" => Place::Names(&mut options.workspaces),
                "byWorkspace" => Place::Choice(&mut options.by_workspace),
                "capacity" => Place::Capacity(&mut options.capacity),
                "olderCapacity" => Place::Capacity(&mut options.older_capacity),
                "stalledAfterMs" => Place::Millis(&mut options.stalled_after_ms),
                _ => Place::Unknown(
                    "unknown; there are workspaceId, byWorkspace, capacity, olderCapacity, stalledAfterMs",
                ),
            },
            Object::Saved(saved) => match name {
                "version" => Place::Whole(&mut saved.version),
                "filter" => Place::Filter(&mut saved.filter),
                "older" => Place::Choice(&mut saved.older),
                "records" => Place::Batch(&mut saved.records),
                _ => Place::Nowhere,
            },
            Object::Filter(filter) => match name {
                "workspace" => Place::OptionalText(&mut filter.workspace),
                "project" => Place::OptionalWhole(&mut filter.project),
                "phase" => Place::OptionalWhole(&mut filter.phase),
                "status" => Place::Statuses(&mut filter.status),
                "since" => Place::OptionalMillis(&mut filter.since),
                "until" => Place::OptionalMillis(&mut filter.until),
                "withinMs" => Place::OptionalMillis(&mut filter.within_ms),
                "agent" => Place::OptionalText(&mut filter.agent),
                "text" => Place::OptionalText(&mut filter.text),
                _ => Place::Unknown(
                    "unknown; there are workspace, project, phase, status, since, until, withinMs, agent, text",
                ),
            },
            Object::Json(json, depth) => Place::Json(json.key(name), *depth + 1),
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
        deserializer.deserialize_any(self)
    }
}

impl<'o> de::Visitor<'_> for Field<'o, '_> {
    type Value = Place<'o>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Place<'o>, E> {
        match self.0.place(name) {
            Place::Unknown(known) => Err(E::custom(known)),
            place => Ok(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, from_json};

    #[test]
    fn a_wrong_option_is_named_with_what_is_expected() {
        for (text, field, expected) in [
            (r#"{"capacity":"many"}"#, Some("capacity"), "a whole number"),
            (r#"{"capacity":-1}"#, Some("capacity"), "a whole number"),
            (r#"{"capacity":null}"#, Some("capacity"), "a whole number"),
            (r#"{"stalledAfterMs":1.5}"#, Some("stalledAfterMs"), "milliseconds"),
            (r#"{"workspaceId":7}"#, Some("workspaceId"), "a text"),
            (r#"{"workspaceId":["a",7]}"#, Some("workspaceId[1]"), "a text"),
            (r#"{"byWorkspace":1}"#, Some("byWorkspace"), "true or false"),
            (
                r#"{"workspaceid":"a"}"#,
                Some("workspaceid"),
                "workspaceId, byWorkspace",
            ),
            ("[]", None, "an object"),
            ("null", None, "an object"),
        ] {
            let error = from_json::<Options>(text, Code::OptionsInvalid, "not options").unwrap_err();
            assert_eq!(error.field(), field, "{text}: {error}");
            assert!(error.to_string().contains(expected), "{error}");
        }
        for (text, field, expected) in [
            (
                r#"{"status":["started","done"]}"#,
                Some("status[1]"),
                "one of started, progress",
            ),
            (r#"{"status":"started"}"#, Some("status"), "an array of states"),
            (r#"{"project":"42"}"#, Some("project"), "a whole number"),
            (r#"{"since":{}}"#, Some("since"), "milliseconds"),
            (r#"{"text":true}"#, Some("text"), "a text"),
        ] {
            let error = from_json::<Filter>(text, Code::QueryInvalid, "not a filter").unwrap_err();
            assert_eq!(error.field(), field, "{text}: {error}");
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn what_is_null_or_absent_is_not_set() {
        let filter: Filter = serde_json::from_str(
            r#"{"project":7,"phase":null,"since":-5,"until":null,"withinMs":1,"agent":null,"text":"a","status":["stalled"]}"#,
        )
        .unwrap();
        let expected = Filter {
            project: Some(7),
            since: Some(-5),
            within_ms: Some(1),
            text: Some("a".into()),
            status: vec![Status::Stalled],
            ..Filter::default()
        };
        assert_eq!(filter, expected);
        let options: Options = serde_json::from_str(r#"{"workspaceId":"ws_a","capacity":3}"#).unwrap();
        assert_eq!(
            options,
            Options {
                capacity: 3,
                ..Options::workspace("ws_a")
            }
        );
    }

    #[test]
    fn every_status_is_read_as_it_is_written() {
        for status in [
            Status::Started,
            Status::Progress,
            Status::Failed,
            Status::Completed,
            Status::Stalled,
        ] {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
    }
}
