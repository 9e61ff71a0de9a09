//! The rows and patches as JSON.

use super::entry::{Entry, Fault, Metadata};
use super::row::{
    AgentSpell, CallRow, Changes, Content, Counts, Failure, Gap, ItemRow, Nature, OtherRow, Patch, PhaseFacet,
    PhaseRow, ProjectRow, Row, RunRow, Status, Summary, View, WorkspaceRow,
};
use super::{Filter, HistoryCursor, Mark};
use crate::json::{Json, ToJson};

impl Counts {
    fn write_fields(&self, json: &mut Json) {
        json.field("total", &self.total);
        json.field("completed", &self.completed);
        json.field("failed", &self.failed);
        json.field("inProgress", &self.in_progress);
        json.field("stalled", &self.stalled);
        json.field("percent", &self.percent());
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
    fn write_fields(&self, json: &mut Json) {
        json.field("workspaceId", &self.workspace_id);
        json.field("status", &self.status);
        self.counts.write_fields(json);
        json.field("lastActivityAt", &self.last_activity_at);
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
    fn write_fields(&self, json: &mut Json) {
        json.field("runId", &self.run_id);
        json.field("status", &self.status);
        self.counts.write_fields(json);
        json.field("startedAt", &self.started_at);
        json.field("endedAt", &self.ended_at);
        json.field("lastActivityAt", &self.last_activity_at);
        json.field("agents", self.agents.as_slice());
    }
}

impl ProjectRow {
    fn write_fields(&self, json: &mut Json) {
        json.field("runId", &self.run_id);
        json.field("project", &self.project);
        json.field("status", &self.status);
        self.counts.write_fields(json);
        json.field("totalPhases", &self.total_phases);
        json.field("completedPhases", &self.completed_phases);
        json.field("startedAt", &self.started_at);
        json.field("endedAt", &self.ended_at);
        json.field("lastActivityAt", &self.last_activity_at);
    }
}

impl PhaseRow {
    fn write_fields(&self, json: &mut Json) {
        json.field("runId", &self.run_id);
        json.field("project", &self.project);
        json.field("phase", &self.phase);
        json.field("name", &self.name);
        json.field("status", &self.status);
        self.counts.write_fields(json);
        json.field("startedAt", &self.started_at);
        json.field("endedAt", &self.ended_at);
        json.field("lastActivityAt", &self.last_activity_at);
    }
}

impl ItemRow {
    fn write_fields(&self, json: &mut Json) {
        json.field("workspaceId", &self.workspace_id);
        json.field("runId", &self.run_id);
        json.field("project", &self.project);
        json.field("phase", &self.phase);
        json.field("itemId", &self.item_id);
        json.field("title", &self.title);
        json.field("status", &self.status);
        json.field("attempts", &u64::from(self.attempts));
        json.field("agentId", &self.agent_id);
        json.field("agents", self.agents.as_slice());
        json.field("lineage", self.lineage.as_slice());
        json.field("startedAt", &self.started_at);
        json.field("endedAt", &self.ended_at);
        json.field("durationMs", &self.duration_ms);
        json.field("lastActivityAt", &self.last_activity_at);
        json.field("message", &self.message);
        json.field("percent", &self.percent);
        json.field("error", &self.error);
        json.field("failures", self.failures.as_slice());
        json.field("result", &self.result);
        json.field("filesChanged", self.files_changed.as_slice());
        json.field("worktreePath", &self.worktree_path);
        json.field("taskId", &self.task_id);
        json.field("sessionId", &self.session_id);
        json.field("auditId", &*self.audit_id);
    }
}

impl OtherRow {
    fn write_fields(&self, json: &mut Json) {
        json.field("runId", &self.run_id);
        json.field("count", &self.count);
        json.field("failed", &self.failed);
        json.field("quarantined", &self.quarantined);
        json.field("gaps", &self.gaps);
        json.field("lastActivityAt", &self.last_activity_at);
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

impl ToJson for Summary {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("records", &(self.records as u64));
        json.field("capacity", &(self.capacity as u64));
        json.field("older", &(self.older as u64));
        json.field("quarantined", &(self.quarantined as u64));
        json.field("gaps", &(self.gaps as u64));
        self.counts.write_fields(json);
        json.field("rows", &(self.rows as u64));
        json.field("shown", &(self.shown as u64));
        json.field("filtered", &self.filtered);
        json.field("newestAt", &self.newest_at);
        json.field("workspaces", self.workspaces.as_slice());
        json.field("projects", self.projects.as_slice());
        json.field("phases", self.phases.as_slice());
        json.field("agents", self.agents.as_slice());
        json.close('}');
    }
}

impl ToJson for Changes {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("patches", self.patches.as_slice());
        json.field("summary", &self.summary);
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
        json.field("summary", &self.summary);
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
        match self.content.as_ref() {
            Content::Workspace(row) => {
                json.field("kind", "workspace");
                row.write_fields(json);
            }
            Content::Run(row) => {
                json.field("kind", "run");
                row.write_fields(json);
            }
            Content::Project(row) => {
                json.field("kind", "project");
                row.write_fields(json);
            }
            Content::Phase(row) => {
                json.field("kind", "phase");
                row.write_fields(json);
            }
            Content::Item(row) => {
                json.field("kind", "item");
                row.write_fields(json);
            }
            Content::Other(row) => {
                json.field("kind", "other");
                row.write_fields(json);
            }
            Content::Call(row) => {
                json.field("kind", "call");
                row.write_fields(json);
            }
        }
        json.close('}');
    }
}

impl ToJson for Patch {
    fn write(&self, json: &mut Json) {
        json.open('{');
        let (op, key, before, row) = match self {
            Patch::Remove { key } => ("remove", Some(key), None, None),
            Patch::Insert { before, row } => ("insert", None, Some(before), Some(row)),
            Patch::Move { key, before } => ("move", Some(key), Some(before), None),
            Patch::Update { row } => ("update", None, None, Some(row)),
        };
        json.field("op", op);
        if let Some(key) = key {
            json.field("key", &**key);
        }
        if let Some(before) = before {
            json.field("before", before);
        }
        if let Some(row) = row {
            json.field("row", row);
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
