//! What the history knows of a record.

use std::sync::Arc;

use super::read;
use crate::schema::Record;

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
    /// An event that the API refused for what is in it.
    Quarantined,
    /// Records of the trail that are lost.
    Gap,
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
            Kind::Call | Kind::Quarantined | Kind::Gap => 5,
        }
    }
}

/// Why a call or an item failed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fault {
    /// Stable code, where the source has one.
    pub code: Option<String>,
    /// For people.
    pub message: String,
}

/// One record as the history sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Id of the record; what duplicates are known by.
    pub audit_id: Arc<str>,
    /// When it happened, milliseconds since 1970.
    pub timestamp: i64,
    pub(crate) kind: Kind,
    pub(crate) fields: Fields,
    /// Whose history it is shown in; the history that takes it in says.
    pub(super) home: Home,
}

/// Which of its workspaces a record is shown under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    Origin,
    Own,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Fields {
    pub(super) audit_id: String,
    pub(super) timestamp: Option<i64>,
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
    pub(crate) parent_agent_id: Option<String>,
    // What a gap says of itself.
    pub(crate) writer_id: Option<String>,
    pub(crate) from_seq: Option<u64>,
    pub(crate) to_seq: Option<u64>,
    pub(crate) count: Option<u64>,
    pub(crate) reason: Option<String>,
}

impl Entry {
    /// Reads one record of the wire; `None` when it is no record: not an object, or without an id or a time.
    pub fn from_json(record: &str) -> Option<Self> {
        read::record(record)
    }

    /// From a record of this crate.
    pub fn from_record(record: &Record) -> Option<Self> {
        Self::from_json(&record.to_json())
    }

    pub(super) fn new(mut fields: Fields) -> Option<Self> {
        let audit_id = std::mem::take(&mut fields.audit_id);
        let timestamp = fields.timestamp?;
        (!audit_id.is_empty()).then(|| Entry {
            audit_id: audit_id.into(),
            timestamp,
            kind: fields.kind(),
            fields,
            home: Home::Unknown,
        })
    }

    /// Its place among all.
    pub(super) fn key(&self) -> (i64, &str) {
        (self.timestamp, &self.audit_id)
    }

    /// Whether the record belongs to this workspace: made in it, or by a run that was launched from it.
    pub fn is_of(&self, workspace: &str) -> bool {
        [&self.fields.workspace_id, &self.fields.origin_workspace_id]
            .into_iter()
            .flatten()
            .any(|id| id == workspace)
    }

    /// Whether it tells of losses, which may be anybody's.
    pub fn is_gap(&self) -> bool {
        self.kind == Kind::Gap
    }

    /// The workspace that it is shown under: of those that are shown, the one that launched the run goes before the one it works in.
    pub(super) fn home_among(&self, shown: &[String]) -> Home {
        let is_shown = |id: &Option<String>| id.as_ref().is_some_and(|id| shown.is_empty() || shown.contains(id));
        if is_shown(&self.fields.origin_workspace_id) {
            Home::Origin
        } else if is_shown(&self.fields.workspace_id) {
            Home::Own
        } else {
            Home::Unknown
        }
    }

    /// Whose history it is shown in.
    pub(super) fn home(&self) -> &str {
        let id = match self.home {
            Home::Origin => &self.fields.origin_workspace_id,
            Home::Own => &self.fields.workspace_id,
            Home::Unknown => &None,
        };
        id.as_deref().unwrap_or("unknown")
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
            parent_agent_id: None,
            writer_id: None,
            from_seq: None,
            to_seq: None,
            count: None,
            reason: None,
        };
        self.fields.metadata.as_deref().unwrap_or(&NONE)
    }
}

impl Fields {
    fn kind(&self) -> Kind {
        match self.operation_type.as_str() {
            // An event that is taken has a type of its own. One that came at a bad time is sent again, and is not to blame.
            "event.posted" if matches!(self.response_status, Some(400 | 413)) => return Kind::Quarantined,
            "audit.gap" => return Kind::Gap,
            _ => {}
        }
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
            ("\"\"", Some("")),
            ("{\"ok\": 1}", Some("{\"ok\":1}")),
            (
                "[ -1, 2.50, {\"a\\n\": [null, \"b\"], \"c\": {}}, [] ]",
                Some("[-1,2.5,{\"a\\n\":[null,\"b\"],\"c\":{}},[]]"),
            ),
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
