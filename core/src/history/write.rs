//! The rows and patches as JSON.

use super::entry::{Entry, Fault, Metadata};
use super::row::{
    AgentSpell, CallRow, Changes, Choices, Content, Counts, Failure, Gap, ItemRow, Nature, OtherRow, Patch, PhaseFacet,
    PhaseRow, ProjectRow, Row, RunRow, Status, Summary, View, WorkspaceRow,
};
use super::{Filter, HistoryCursor, Mark};
use crate::json::{Json, ToJson};

impl Counts {
    fn write_fields(&self, was: &Self, json: &mut Json) {
        json.change("total", &self.total, &was.total);
        json.change("completed", &self.completed, &was.completed);
        json.change("failed", &self.failed, &was.failed);
        json.change("inProgress", &self.in_progress, &was.in_progress);
        json.change("stalled", &self.stalled, &was.stalled);
        json.change("percent", &self.percent(), &was.percent());
    }
}

impl ToJson for AgentSpell {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("agentId", &self.agent_id);
        json.field("parentAgentId", &self.parent_agent_id);
        json.field("attempt", &u64::from(self.attempt));
        json.field("firstAt", &self.first_at);
        json.field("lastAt", &self.last_at);
        json.close('}');
    }
}

impl ToJson for Gap {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("writerId", &self.writer_id);
        json.field("fromSeq", &self.from_seq);
        json.field("toSeq", &self.to_seq);
        json.field("count", &self.count);
        json.field("reason", &self.reason);
        json.close('}');
    }
}

impl WorkspaceRow {
    fn write_fields(&self, was: &Self, json: &mut Json) {
        json.change("workspaceId", &self.workspace_id, &was.workspace_id);
        json.change("status", &self.status, &was.status);
        self.counts.write_fields(&was.counts, json);
        json.change("lastActivityAt", &self.last_activity_at, &was.last_activity_at);
    }
}

impl ToJson for Failure {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("attempt", &u64::from(self.attempt));
        json.field("at", &self.at);
        json.field("agentId", &self.agent_id);
        json.field("error", &self.error);
        json.close('}');
    }
}

impl RunRow {
    fn write_fields(&self, was: &Self, json: &mut Json) {
        json.change("runId", &self.run_id, &was.run_id);
        json.change("status", &self.status, &was.status);
        self.counts.write_fields(&was.counts, json);
        json.change("startedAt", &self.started_at, &was.started_at);
        json.change("endedAt", &self.ended_at, &was.ended_at);
        json.change("lastActivityAt", &self.last_activity_at, &was.last_activity_at);
        json.change("agents", &*self.agents, &*was.agents);
    }
}

impl ProjectRow {
    fn write_fields(&self, was: &Self, json: &mut Json) {
        json.change("runId", &self.run_id, &was.run_id);
        json.change("project", &self.project, &was.project);
        json.change("status", &self.status, &was.status);
        self.counts.write_fields(&was.counts, json);
        json.change("totalPhases", &self.total_phases, &was.total_phases);
        json.change("completedPhases", &self.completed_phases, &was.completed_phases);
        json.change("startedAt", &self.started_at, &was.started_at);
        json.change("endedAt", &self.ended_at, &was.ended_at);
        json.change("lastActivityAt", &self.last_activity_at, &was.last_activity_at);
    }
}

impl PhaseRow {
    fn write_fields(&self, was: &Self, json: &mut Json) {
        json.change("runId", &self.run_id, &was.run_id);
        json.change("project", &self.project, &was.project);
        json.change("phase", &self.phase, &was.phase);
        json.change("name", &self.name, &was.name);
        json.change("status", &self.status, &was.status);
        self.counts.write_fields(&was.counts, json);
        json.change("startedAt", &self.started_at, &was.started_at);
        json.change("endedAt", &self.ended_at, &was.ended_at);
        json.change("lastActivityAt", &self.last_activity_at, &was.last_activity_at);
    }
}

impl ItemRow {
    fn write_fields(&self, was: &Self, json: &mut Json) {
        json.change("workspaceId", &self.workspace_id, &was.workspace_id);
        json.change("runId", &self.run_id, &was.run_id);
        json.change("project", &self.project, &was.project);
        json.change("phase", &self.phase, &was.phase);
        json.change("itemId", &self.item_id, &was.item_id);
        json.change("title", &self.title, &was.title);
        json.change("status", &self.status, &was.status);
        json.change("attempts", &u64::from(self.attempts), &u64::from(was.attempts));
        json.change("agentId", &self.agent_id, &was.agent_id);
        json.change("agents", self.agents.as_slice(), was.agents.as_slice());
        json.change("lineage", self.lineage.as_slice(), was.lineage.as_slice());
        json.change("startedAt", &self.started_at, &was.started_at);
        json.change("endedAt", &self.ended_at, &was.ended_at);
        json.change("durationMs", &self.duration_ms, &was.duration_ms);
        json.change("lastActivityAt", &self.last_activity_at, &was.last_activity_at);
        json.change("message", &self.message, &was.message);
        json.change("percent", &self.percent, &was.percent);
        json.change("error", &self.error, &was.error);
        json.change("failures", self.failures.as_slice(), was.failures.as_slice());
        json.change("result", &self.result, &was.result);
        json.change(
            "filesChanged",
            self.files_changed.as_slice(),
            was.files_changed.as_slice(),
        );
        json.change("worktreePath", &self.worktree_path, &was.worktree_path);
        json.change("taskId", &self.task_id, &was.task_id);
        json.change("sessionId", &self.session_id, &was.session_id);
        json.change("auditId", &*self.audit_id, &*was.audit_id);
    }
}

impl OtherRow {
    fn write_fields(&self, was: &Self, json: &mut Json) {
        json.change("runId", &self.run_id, &was.run_id);
        json.change("count", &self.count, &was.count);
        json.change("failed", &self.failed, &was.failed);
        json.change("quarantined", &self.quarantined, &was.quarantined);
        json.change("gaps", &self.gaps, &was.gaps);
        json.change("lastActivityAt", &self.last_activity_at, &was.last_activity_at);
    }
}

impl CallRow {
    fn write_fields(&self, json: &mut Json) {
        let nature = match &self.nature {
            Nature::Call => "call",
            Nature::Quarantined => "quarantined",
            Nature::Gap(_) => "gap",
        };
        json.field("auditId", &*self.audit_id);
        json.field("nature", nature);
        match &self.nature {
            Nature::Gap(gap) => json.field("gap", gap),
            _ => json.field("gap", &None::<u64>),
        }
        json.field("workspaceId", &self.workspace_id);
        json.field("runId", &self.run_id);
        json.field("project", &self.project);
        json.field("operation", &self.operation);
        json.field("method", &self.method);
        json.field("endpoint", &self.endpoint);
        json.field("responseStatus", &self.response_status);
        json.field("outcome", &self.outcome);
        json.field("at", &self.at);
        json.field("durationMs", &self.duration_ms);
        json.field("agentId", &self.agent_id);
        json.field("actor", &self.actor);
        json.field("error", &self.error);
    }
}

impl ToJson for PhaseFacet {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("project", &self.project);
        json.field("phase", &self.phase);
        json.field("name", &self.name);
        json.close('}');
    }
}

impl Summary {
    fn write_fields(&self, was: &Self, json: &mut Json) {
        json.change("records", &(self.records as u64), &(was.records as u64));
        json.change("capacity", &(self.capacity as u64), &(was.capacity as u64));
        json.change("older", &(self.older as u64), &(was.older as u64));
        json.change("quarantined", &(self.quarantined as u64), &(was.quarantined as u64));
        json.change("gaps", &(self.gaps as u64), &(was.gaps as u64));
        self.counts.write_fields(&was.counts, json);
        json.change("rows", &(self.rows as u64), &(was.rows as u64));
        json.change("shown", &(self.shown as u64), &(was.shown as u64));
        json.change("filtered", &self.filtered, &was.filtered);
        json.change("newestAt", &self.newest_at, &was.newest_at);
    }
}

impl Choices {
    fn write_fields(&self, json: &mut Json) {
        json.field("workspaces", self.workspaces.as_slice());
        json.field("projects", self.projects.as_slice());
        json.field("phases", self.phases.as_slice());
        json.field("agents", self.agents.as_slice());
    }
}

impl ToJson for Changes {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("patches", self.patches.as_slice());
        json.key("summary");
        if self.summary.is_none() && self.choices.is_none() {
            None::<bool>.write(json);
        } else {
            json.open('{');
            match (&self.summary, &self.was) {
                (Some(summary), Some(was)) => json.changes_only(|json| summary.write_fields(was, json)),
                (Some(summary), None) => summary.write_fields(summary, json),
                (None, _) => {}
            }
            if let Some(choices) = &self.choices {
                choices.write_fields(json);
            }
            json.close('}');
        }
        json.field("accepted", &(self.accepted as u64));
        json.field("rejected", &(self.rejected as u64));
        json.field("outOfScope", &(self.out_of_scope as u64));
        json.close('}');
    }
}

impl ToJson for View {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("rows", self.rows.as_slice());
        json.key("summary").open('{');
        self.summary.write_fields(&self.summary, json);
        self.choices.write_fields(json);
        json.close('}');
        json.close('}');
    }
}

impl ToJson for Status {
    fn write(&self, json: &mut Json) {
        self.as_str().write(json);
    }
}

impl ToJson for Row {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("key", &*self.key);
        json.field("parent", &*self.parent);
        let kind = match self.content.as_ref() {
            Content::Workspace(_) => "workspace",
            Content::Run(_) => "run",
            Content::Project(_) => "project",
            Content::Phase(_) => "phase",
            Content::Item(_) => "item",
            Content::Other(_) => "other",
            Content::Call(_) => "call",
        };
        json.field("kind", kind);
        self.content.write_fields(&self.content, json);
        json.close('}');
    }
}

impl Content {
    fn write_fields(&self, was: &Self, json: &mut Json) {
        match (self, was) {
            (Content::Workspace(row), Content::Workspace(was)) => row.write_fields(was, json),
            (Content::Run(row), Content::Run(was)) => row.write_fields(was, json),
            (Content::Project(row), Content::Project(was)) => row.write_fields(was, json),
            (Content::Phase(row), Content::Phase(was)) => row.write_fields(was, json),
            (Content::Item(row), Content::Item(was)) => row.write_fields(was, json),
            (Content::Other(row), Content::Other(was)) => row.write_fields(was, json),
            (Content::Call(row), _) => row.write_fields(json),
            // A row is of one kind for as long as it is shown.
            _ => {}
        }
    }
}

impl ToJson for Patch {
    fn write(&self, json: &mut Json) {
        let (op, key) = match self {
            Patch::Remove { key } => ("remove", Some(key)),
            Patch::Insert { .. } => ("insert", None),
            Patch::Move { key, .. } => ("move", Some(key)),
            Patch::Update { row, .. } => ("update", Some(&row.key)),
        };
        json.open('{');
        json.field("op", op);
        if let Some(key) = key {
            json.field("key", key);
        }
        if let Patch::Insert { before, .. } | Patch::Move { before, .. } = self {
            json.field("before", before);
        }
        match self {
            Patch::Insert { row, .. } => json.field("row", row),
            Patch::Update { row, was } => {
                json.key("row").open('{');
                json.changes_only(|json| row.content.write_fields(was, json));
                json.close('}');
            }
            Patch::Remove { .. } | Patch::Move { .. } => {}
        }
        json.close('}');
    }
}

impl ToJson for Fault {
    fn write(&self, json: &mut Json) {
        json.open('{');
        if let Some(code) = &self.code {
            json.field("code", code);
        }
        json.field("message", &self.message);
        json.close('}');
    }
}

impl ToJson for Mark {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("timestamp", &self.timestamp);
        json.field("auditId", &*self.audit_id);
        json.close('}');
    }
}

impl ToJson for HistoryCursor {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("newest", &self.newest);
        json.field("oldest", &self.oldest);
        json.field("records", &(self.records as u64));
        json.field("full", &self.full);
        json.close('}');
    }
}

impl ToJson for Filter {
    fn write(&self, json: &mut Json) {
        json.open('{');
        some(json, "workspace", &self.workspace);
        some(json, "project", &self.project);
        some(json, "phase", &self.phase);
        json.field("status", self.status.as_slice());
        some(json, "since", &self.since);
        some(json, "until", &self.until);
        some(json, "withinMs", &self.within_ms);
        some(json, "agent", &self.agent);
        some(json, "text", &self.text);
        json.close('}');
    }
}

/// What a history reads of a record, as the wire has it.
impl ToJson for Entry {
    fn write(&self, json: &mut Json) {
        let fields = &self.fields;
        json.open('{');
        json.field("audit_id", &*self.audit_id);
        json.field("timestamp", &self.timestamp);
        json.field("operation_type", &fields.operation_type);
        some(json, "outcome", &fields.outcome);
        some(json, "error", &fields.error);
        some(json, "api_endpoint", &fields.api_endpoint);
        some(json, "http_method", &fields.http_method);
        some(json, "response_status", &fields.response_status);
        some(json, "duration_ms", &fields.duration_ms);
        some(json, "workspace_id", &fields.workspace_id);
        some(json, "origin_workspace_id", &fields.origin_workspace_id);
        some(json, "worktree_path", &fields.worktree_path);
        some(json, "project_number", &fields.project_number);
        some(json, "phase_number", &fields.phase_number);
        some(json, "work_item_id", &fields.work_item_id);
        some(json, "task_id", &fields.task_id);
        some(json, "session_id", &fields.session_id);
        some(json, "run_id", &fields.run_id);
        some(json, "agent_id", &fields.agent_id);
        some(json, "actor", &fields.actor);
        some(json, "channel", &fields.channel);
        if let Some(said) = &fields.metadata {
            json.field("metadata", said.as_ref());
        }
        json.close('}');
    }
}

impl ToJson for Metadata {
    fn write(&self, json: &mut Json) {
        json.open('{');
        some(json, "workItemTitle", &self.work_item_title);
        some(json, "phaseName", &self.phase_name);
        some(json, "totalItems", &self.total_items);
        some(json, "completedItems", &self.completed_items);
        some(json, "totalPhases", &self.total_phases);
        some(json, "completedPhases", &self.completed_phases);
        json.field("filesChanged", self.files_changed.as_slice());
        some(json, "result", &self.result);
        some(json, "message", &self.message);
        some(json, "percent", &self.percent);
        some(json, "durationMs", &self.duration_ms);
        some(json, "parentAgentId", &self.parent_agent_id);
        some(json, "writer_id", &self.writer_id);
        some(json, "from_seq", &self.from_seq);
        some(json, "to_seq", &self.to_seq);
        some(json, "count", &self.count);
        some(json, "reason", &self.reason);
        json.close('}');
    }
}

/// A field that is left out where there is nothing to say: a saved history is small.
fn some<T: ToJson>(json: &mut Json, key: &'static str, value: &Option<T>) {
    if let Some(value) = value {
        json.field(key, value);
    }
}
