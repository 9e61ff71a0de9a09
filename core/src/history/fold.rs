//! From the entries of a node, and the rows under it, to its own row.

use std::sync::Arc;

use super::entry::{Entry, Fault, Kind};
use super::row::{
    AgentSpell, CallRow, Content, Counts, Failure, Gap, ItemRow, Nature, OtherRow, PhaseRow, ProjectRow, RunRow,
    Status, WorkspaceRow,
};

/// The clock's part in a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) now: i64,
    pub(crate) stalled_after: i64,
}

impl Clock {
    pub(crate) fn is_silent(self, last_activity: i64) -> bool {
        self.now.saturating_sub(last_activity) > self.stalled_after
    }
}

/// When a node's entries, and those of all that lies under it, happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Last start of an item.
    pub(crate) last_start: Option<i64>,
}

impl Span {
    pub(crate) fn of(entry: &Entry) -> Self {
        let start = (entry.kind == Kind::ItemStarted).then_some(entry.timestamp);
        Span {
            first: entry.timestamp,
            last: entry.timestamp,
            last_start: start,
        }
    }

    pub(crate) fn join(self, other: Span) -> Self {
        Span {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            last_start: self.last_start.max(other.last_start),
        }
    }
}

/// One work item from its entries, in the order of time and rank.
pub(crate) fn item<'a>(entries: impl Iterator<Item = &'a Entry>, span: Span, clock: Clock) -> ItemRow {
    let mut row = ItemRow {
        workspace_id: String::new(),
        run_id: None,
        project: 0,
        phase: 0,
        item_id: String::new(),
        title: String::new(),
        status: Status::Progress,
        attempts: 0,
        agent_id: None,
        agents: Vec::new(),
        lineage: Vec::new(),
        started_at: None,
        ended_at: None,
        duration_ms: None,
        last_activity_at: span.last,
        message: None,
        percent: None,
        error: None,
        failures: Vec::new(),
        result: None,
        files_changed: Vec::new(),
        worktree_path: None,
        task_id: None,
        session_id: None,
        audit_id: "".into(),
    };
    let mut title = None;
    let mut caller = None;
    for entry in entries {
        let (fields, said) = (&entry.fields, entry.metadata());
        entry.home().clone_into(&mut row.workspace_id);
        row.run_id.clone_from(&fields.run_id);
        row.project = fields.project_number.unwrap_or_default();
        row.phase = fields.phase_number.unwrap_or_default();
        row.audit_id = entry.audit_id.clone();
        keep(&mut row.worktree_path, &fields.worktree_path);
        keep(&mut row.task_id, &fields.task_id);
        keep(&mut row.session_id, &fields.session_id);
        if let Some(agent) = &fields.agent_id {
            if !row.agents.contains(agent) {
                row.agents.push(agent.clone());
            }
            let begins = u32::from(entry.kind == Kind::ItemStarted);
            let attempt = row.attempts.saturating_add(begins).max(1);
            trace(&mut row.lineage, agent, attempt, entry);
        }
        if row.item_id.is_empty() {
            row.item_id = fields.work_item_id.clone().unwrap_or_default();
        }
        if entry.kind == Kind::ItemActivity {
            keep(&mut caller, &fields.agent_id);
            continue;
        }
        keep(&mut row.agent_id, &fields.agent_id);
        keep(&mut title, &said.work_item_title);
        match entry.kind {
            Kind::ItemStarted => {
                row.status = Status::Started;
                row.attempts = row.attempts.saturating_add(1);
                row.started_at = Some(entry.timestamp);
                row.ended_at = None;
                row.duration_ms = None;
                row.error = None;
                row.result = None;
                row.message = None;
                row.percent = None;
            }
            // What a terminal item still says came late; only a new start opens it again.
            Kind::ItemProgress if row.status.is_terminal() => {}
            Kind::ItemProgress => {
                row.status = Status::Progress;
                keep(&mut row.message, &said.message);
                row.percent = said.percent.map(|percent| percent.clamp(0.0, 100.0)).or(row.percent);
            }
            Kind::ItemFailed => {
                end(&mut row, entry, Status::Failed);
                let error = fault(entry).unwrap_or_else(|| Fault {
                    code: None,
                    message: "failed without saying why".into(),
                });
                row.failures.push(Failure {
                    attempt: row.attempts.max(1),
                    at: entry.timestamp,
                    agent_id: fields.agent_id.clone(),
                    error: error.clone(),
                });
                row.error = Some(error);
            }
            _ => {
                end(&mut row, entry, Status::Completed);
                row.error = None;
                keep(&mut row.result, &said.result);
                for file in &said.files_changed {
                    if !row.files_changed.contains(file) {
                        row.files_changed.push(file.clone());
                    }
                }
            }
        }
    }
    row.agent_id = row.agent_id.or(caller);
    row.title = title.unwrap_or_else(|| row.item_id.clone());
    if !row.status.is_terminal() && clock.is_silent(row.last_activity_at) {
        row.status = Status::Stalled;
    }
    row
}

/// Notes that an agent had its word in an attempt.
fn trace(lineage: &mut Vec<AgentSpell>, agent: &str, attempt: u32, entry: &Entry) {
    let parent = &entry.metadata().parent_agent_id;
    let mut spells = lineage.iter_mut();
    match spells.find(|spell| spell.attempt == attempt && spell.agent_id == agent) {
        Some(spell) => {
            spell.last_at = entry.timestamp;
            keep(&mut spell.parent_agent_id, parent);
        }
        None => lineage.push(AgentSpell {
            agent_id: agent.to_owned(),
            parent_agent_id: parent.clone(),
            attempt,
            first_at: entry.timestamp,
            last_at: entry.timestamp,
        }),
    }
}

fn end(row: &mut ItemRow, entry: &Entry, status: Status) {
    row.status = status;
    row.ended_at = Some(entry.timestamp);
    row.message = None;
    row.percent = None;
    let measured = row.started_at.map(|start| (entry.timestamp - start) as f64);
    row.duration_ms = measured.or(entry.metadata().duration_ms);
}

fn keep(slot: &mut Option<String>, newer: &Option<String>) {
    if newer.is_some() {
        slot.clone_from(newer);
    }
}

fn fault(entry: &Entry) -> Option<Fault> {
    entry
        .fields
        .error
        .clone()
        .filter(|error| !error.message.is_empty() || error.code.is_some())
}

/// What a group has under it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Under {
    pub(crate) counts: Counts,
    pub(crate) ended_at: Option<i64>,
    pub(crate) groups: u64,
    pub(crate) ended_groups: u64,
}

impl Under {
    /// Adds a row that lies under the group.
    pub(crate) fn add(&mut self, content: &Content) {
        let (status, ended) = match content {
            Content::Item(item) => {
                self.counts.total += 1;
                match item.status {
                    Status::Completed => self.counts.completed += 1,
                    Status::Failed => self.counts.failed += 1,
                    Status::Stalled => {
                        self.counts.in_progress += 1;
                        self.counts.stalled += 1;
                    }
                    Status::Started | Status::Progress => self.counts.in_progress += 1,
                }
                (item.status, item.ended_at)
            }
            Content::Phase(phase) => {
                self.counts.add(&phase.counts);
                (phase.status, phase.ended_at)
            }
            Content::Project(project) => {
                self.counts.add(&project.counts);
                (project.status, project.ended_at)
            }
            Content::Workspace(_) | Content::Run(_) | Content::Other(_) | Content::Call(_) => return,
        };
        self.groups += 1;
        self.ended_groups += u64::from(status.is_terminal());
        self.ended_at = self.ended_at.max(ended);
    }
}

/// State of a phase or project. `ended` says that the orchestrator declared its end, `announced` that the total is the whole.
fn group_status(counts: &Counts, ended: bool, announced: bool, span: Span, clock: Clock) -> Status {
    let done = counts.completed + counts.failed;
    let all_done = counts.in_progress == 0 && done >= counts.total;
    let outcome = if counts.failed > 0 {
        Status::Failed
    } else {
        Status::Completed
    };
    if counts.in_progress > 0 {
        if counts.stalled == counts.in_progress {
            Status::Stalled
        } else {
            Status::Started
        }
    } else if ended || (all_done && announced && done > 0) {
        outcome
    } else if clock.is_silent(span.last) {
        // Nobody declared the end: where nothing is left open, silence is the end.
        if all_done && done > 0 { outcome } else { Status::Stalled }
    } else {
        Status::Started
    }
}

/// Raises the counts to what the orchestrator announced; items whose records are no longer held count through it.
fn announce(counts: &mut Counts, total: Option<u64>, completed: Option<u64>) {
    counts.total = counts.total.max(total.unwrap_or_default());
    let room = counts.total - counts.failed.saturating_add(counts.in_progress).min(counts.total);
    counts.completed = counts.completed.max(completed.unwrap_or_default().min(room));
}

/// One phase from its events, in the order of time and rank, and its items.
pub(crate) fn phase<'a>(
    place: (Option<String>, u64, u64),
    entries: impl DoubleEndedIterator<Item = &'a Entry>,
    under: Under,
    span: Span,
    clock: Clock,
) -> PhaseRow {
    let (run_id, project, phase) = place;
    let (mut name, mut total, mut completed, mut ended_at) = (None, None, None, None);
    for entry in entries.rev() {
        let said = entry.metadata();
        name = name.or_else(|| said.phase_name.clone());
        total = total.or(said.total_items);
        // An end before a start of one of the items was not the end.
        if entry.kind == Kind::PhaseCompleted && span.last_start.is_none_or(|start| start <= entry.timestamp) {
            completed = completed.max(said.completed_items);
            ended_at = ended_at.max(Some(entry.timestamp));
        }
    }
    let mut counts = under.counts;
    announce(&mut counts, total, completed);
    let status = group_status(&counts, ended_at.is_some(), total.is_some(), span, clock);
    let ended_at = status.is_terminal().then(|| ended_at.max(under.ended_at)).flatten();
    PhaseRow {
        run_id,
        project,
        phase,
        name,
        status,
        counts,
        started_at: span.first,
        ended_at,
        last_activity_at: span.last,
    }
}

/// One project from its events, in the order of time and rank, and its phases.
pub(crate) fn project<'a>(
    place: (Option<String>, u64),
    entries: impl DoubleEndedIterator<Item = &'a Entry>,
    under: Under,
    span: Span,
    clock: Clock,
) -> ProjectRow {
    let (run_id, project) = place;
    let (mut total, mut completed, mut ended_at) = (None, None, None);
    let (mut phases, mut phases_done) = (None, None);
    for entry in entries.rev() {
        let said = entry.metadata();
        total = total.or(said.total_items);
        completed = completed.or(said.completed_items);
        phases = phases.or(said.total_phases);
        phases_done = phases_done.or(said.completed_phases);
        if entry.kind == Kind::ProjectCompleted && span.last_start.is_none_or(|start| start <= entry.timestamp) {
            ended_at = ended_at.max(Some(entry.timestamp));
        }
    }
    let mut counts = under.counts;
    announce(&mut counts, total, completed);
    let status = group_status(&counts, ended_at.is_some(), total.is_some(), span, clock);
    let ended_at = status.is_terminal().then(|| ended_at.max(under.ended_at)).flatten();
    let total_phases = phases.unwrap_or_default().max(under.groups);
    let completed_phases = under
        .ended_groups
        .max(phases_done.unwrap_or_default().min(total_phases));
    ProjectRow {
        run_id,
        project,
        status,
        counts,
        total_phases,
        completed_phases,
        started_at: span.first,
        ended_at,
        last_activity_at: span.last,
    }
}

/// One run from its projects.
pub(crate) fn run<'a>(
    run_id: &str,
    projects: impl Iterator<Item = &'a ProjectRow>,
    span: Span,
    agents: Arc<[String]>,
) -> RunRow {
    let mut row = RunRow {
        run_id: run_id.to_owned(),
        status: None,
        counts: Counts::default(),
        started_at: Some(span.first),
        ended_at: None,
        last_activity_at: span.last,
        agents,
    };
    let mut ended_at = None;
    for project in projects {
        row.counts.add(&project.counts);
        ended_at = ended_at.max(project.ended_at);
        row.status = heavier(row.status, Some(project.status));
    }
    if row.status.is_some_and(Status::is_terminal) {
        row.ended_at = ended_at;
    }
    row
}

/// One workspace from its runs, and its projects outside any.
pub(crate) fn workspace<'a>(id: &str, under: impl Iterator<Item = &'a Content>, span: Span) -> WorkspaceRow {
    let mut row = WorkspaceRow {
        workspace_id: id.to_owned(),
        status: None,
        counts: Counts::default(),
        last_activity_at: span.last,
    };
    for content in under {
        let (status, counts) = match content {
            Content::Run(run) => (run.status, &run.counts),
            Content::Project(project) => (Some(project.status), &project.counts),
            _ => continue,
        };
        row.counts.add(counts);
        row.status = heavier(row.status, status);
    }
    row
}

/// A whole is at work while one of its parts is, and failed when one of them did.
fn heavier(one: Option<Status>, other: Option<Status>) -> Option<Status> {
    let weight = |status: &Status| match status {
        Status::Started | Status::Progress => 3,
        Status::Stalled => 2,
        Status::Failed => 1,
        Status::Completed => 0,
    };
    match (one, other) {
        (Some(one), Some(other)) if weight(&one) < weight(&other) => Some(other),
        (one, other) => one.or(other),
    }
}

/// The fold of other activity from the calls under it.
pub(crate) fn other<'a>(run_id: Option<String>, calls: impl Iterator<Item = &'a CallRow>, span: Span) -> OtherRow {
    let mut row = OtherRow {
        run_id,
        count: 0,
        failed: 0,
        quarantined: 0,
        gaps: 0,
        last_activity_at: span.last,
    };
    for call in calls {
        row.count += 1;
        match call.nature {
            Nature::Call => {}
            Nature::Quarantined => row.quarantined += 1,
            Nature::Gap(_) => row.gaps += 1,
        }
        row.failed += u64::from(call.is_failed());
    }
    row
}

/// One call.
pub(crate) fn call(entry: &Entry) -> CallRow {
    let fields = &entry.fields;
    let said = entry.metadata();
    let nature = match entry.kind {
        Kind::Quarantined => Nature::Quarantined,
        Kind::Gap => Nature::Gap(Gap {
            writer_id: said.writer_id.clone(),
            from_seq: said.from_seq,
            to_seq: said.to_seq,
            count: said.count,
            reason: said.reason.clone(),
        }),
        _ => Nature::Call,
    };
    CallRow {
        audit_id: entry.audit_id.clone(),
        nature,
        workspace_id: entry.home().to_owned(),
        run_id: fields.run_id.clone(),
        project: fields.project_number,
        operation: fields.operation_type.clone(),
        method: fields.http_method.clone(),
        endpoint: fields.api_endpoint.clone(),
        response_status: fields.response_status,
        outcome: fields.outcome.clone().unwrap_or_else(|| "unknown".into()),
        at: entry.timestamp,
        duration_ms: fields.duration_ms,
        agent_id: fields.agent_id.clone(),
        actor: fields.actor.clone(),
        error: fault(entry),
    }
}
