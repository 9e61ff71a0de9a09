//! What the page shows: one row for each run, project, phase, item, fold of other activity, and call.

use std::sync::Arc;

use super::entry::Fault;

/// State of an item, phase, project or run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Begun, and nothing heard since.
    Started,
    /// Begun, and reporting.
    Progress,
    /// Ended badly.
    Failed,
    /// Ended well.
    Completed,
    /// Begun, but silent for longer than the threshold.
    Stalled,
}

impl Status {
    /// Reads the text on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "started" => Status::Started,
            "progress" => Status::Progress,
            "failed" => Status::Failed,
            "completed" => Status::Completed,
            "stalled" => Status::Stalled,
            _ => return None,
        })
    }

    /// The text on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Started => "started",
            Status::Progress => "progress",
            Status::Failed => "failed",
            Status::Completed => "completed",
            Status::Stalled => "stalled",
        }
    }

    /// Whether it has ended.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Status::Failed | Status::Completed)
    }
}

/// How many items there are and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Items in all, as announced; never fewer than are known.
    pub total: u64,
    /// Items that ended well.
    pub completed: u64,
    /// Items whose last attempt ended badly.
    pub failed: u64,
    /// Items at work, stalled ones included.
    pub in_progress: u64,
    /// Items at work that are silent.
    pub stalled: u64,
}

impl Counts {
    /// Items that ended well, in whole percent of all: 100 only when all did.
    pub fn percent(&self) -> u64 {
        self.completed
            .saturating_mul(100)
            .checked_div(self.total)
            .unwrap_or_default()
    }

    pub(crate) fn add(&mut self, other: &Counts) {
        self.total += other.total;
        self.completed += other.completed;
        self.failed += other.failed;
        self.in_progress += other.in_progress;
        self.stalled += other.stalled;
    }
}

/// One failed attempt of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which attempt, from 1.
    pub attempt: u32,
    /// When.
    pub at: i64,
    /// Whose.
    pub agent_id: Option<String>,
    /// Why.
    pub error: Fault,
}

/// An agent at work on one attempt of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSpell {
    /// Whose.
    pub agent_id: String,
    /// The agent that sent it, where that was said.
    pub parent_agent_id: Option<String>,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// Its first word on it.
    pub first_at: i64,
    /// Its last word on it.
    pub last_at: i64,
}

/// One workspace, in a history that groups by them.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkspaceRow {
    /// Its id; `unknown` for the records that name none.
    pub workspace_id: String,
    /// State; null when it has calls only.
    pub status: Option<Status>,
    /// Items of all its runs and projects.
    pub counts: Counts,
    /// Last sign of it.
    pub last_activity_at: i64,
}

/// One orchestration run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    /// Its id.
    pub run_id: String,
    /// State; null when the run has calls only.
    pub status: Option<Status>,
    /// Items of all its projects.
    pub counts: Counts,
    /// First sign of it that is held.
    pub started_at: Option<i64>,
    /// When it ended; null while it goes on.
    pub ended_at: Option<i64>,
    /// Last sign of it.
    pub last_activity_at: i64,
    /// Agents at work in it, by name.
    pub agents: Arc<[String]>,
}

/// One project of a run, or outside any.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectRow {
    /// Run it belongs to.
    pub run_id: Option<String>,
    /// Its number.
    pub project: u64,
    /// State.
    pub status: Status,
    /// Its items.
    pub counts: Counts,
    /// Phases in all, as announced; never fewer than are known.
    pub total_phases: u64,
    /// Phases that ended.
    pub completed_phases: u64,
    /// First sign of it that is held.
    pub started_at: i64,
    /// When it ended; null while it goes on.
    pub ended_at: Option<i64>,
    /// Last sign of it.
    pub last_activity_at: i64,
}

/// One phase of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseRow {
    /// Run it belongs to.
    pub run_id: Option<String>,
    /// Project it belongs to.
    pub project: u64,
    /// Its number.
    pub phase: u64,
    /// Its name, where one was said.
    pub name: Option<String>,
    /// State.
    pub status: Status,
    /// Its items.
    pub counts: Counts,
    /// First sign of it that is held.
    pub started_at: i64,
    /// When it ended; null while it goes on.
    pub ended_at: Option<i64>,
    /// Last sign of it.
    pub last_activity_at: i64,
}

/// One work item, over all its attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemRow {
    /// Workspace whose history it is in.
    pub workspace_id: String,
    /// Run it belongs to.
    pub run_id: Option<String>,
    /// Project it belongs to.
    pub project: u64,
    /// Phase it belongs to.
    pub phase: u64,
    /// Its id within the phase.
    pub item_id: String,
    /// Its title; the id where none was said.
    pub title: String,
    /// State.
    pub status: Status,
    /// Starts counted.
    pub attempts: u32,
    /// Who works or worked on it last.
    pub agent_id: Option<String>,
    /// Everyone who worked on it, in the order of their first word.
    pub agents: Vec<String>,
    /// Who worked on which attempt, and who sent whom, in the order of their first word.
    pub lineage: Vec<AgentSpell>,
    /// Start of the last attempt; null when no start is held.
    pub started_at: Option<i64>,
    /// End of the last attempt; null while it goes on.
    pub ended_at: Option<i64>,
    /// From start to end of the last attempt, milliseconds; null while it goes on or when unknown.
    pub duration_ms: Option<f64>,
    /// Last sign of it.
    pub last_activity_at: i64,
    /// What it last said while at work.
    pub message: Option<String>,
    /// How far it said it was, 0 to 100.
    pub percent: Option<f64>,
    /// Why it failed; null unless it did.
    pub error: Option<Fault>,
    /// Failed attempts, oldest first, also those that a later attempt made good.
    pub failures: Vec<Failure>,
    /// What came of it.
    pub result: Option<String>,
    /// Files it changed.
    pub files_changed: Vec<String>,
    /// Worktree it works in.
    pub worktree_path: Option<String>,
    /// Task of the host.
    pub task_id: Option<String>,
    /// Session of the host.
    pub session_id: Option<String>,
    /// Newest record of it.
    pub audit_id: Arc<str>,
}

/// The fold under which calls without an item lie.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherRow {
    /// Run whose calls these are; null for those of no run.
    pub run_id: Option<String>,
    /// How many are held.
    pub count: u64,
    /// How many of them did not succeed.
    pub failed: u64,
    /// How many of them are events that were refused.
    pub quarantined: u64,
    /// How many of them tell of lost records.
    pub gaps: u64,
    /// The newest.
    pub last_activity_at: i64,
}

/// What a row without an item tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nature {
    /// A call or event.
    Call,
    /// An event that the API refused for what is in it: the row's error says why.
    Quarantined,
    /// Lost records.
    Gap(Gap),
}

/// Numbers of one writer's records that are lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The writer.
    pub writer_id: Option<String>,
    /// The first number.
    pub from_seq: Option<u64>,
    /// The last; null where nobody knows.
    pub to_seq: Option<u64>,
    /// How many; null where nobody knows.
    pub count: Option<u64>,
    /// Why, as the trail says it.
    pub reason: Option<String>,
}

/// One call or event without an item, or what else the trail tells.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    /// Id of its record.
    pub audit_id: Arc<str>,
    /// What it tells of.
    pub nature: Nature,
    /// Workspace whose history it is in.
    pub workspace_id: String,
    /// Run it belongs to.
    pub run_id: Option<String>,
    /// Project it names.
    pub project: Option<u64>,
    /// Operation type.
    pub operation: String,
    /// HTTP method.
    pub method: Option<String>,
    /// Path.
    pub endpoint: Option<String>,
    /// HTTP status.
    pub response_status: Option<u64>,
    /// `success`, `failure`, `denied`, `aborted` or `unknown`.
    pub outcome: String,
    /// When.
    pub at: i64,
    /// How long it took, milliseconds.
    pub duration_ms: Option<f64>,
    /// Agent it was made for.
    pub agent_id: Option<String>,
    /// Who made it.
    pub actor: Option<String>,
    /// Why it failed.
    pub error: Option<Fault>,
}

impl CallRow {
    /// Whether it was refused, broken off or failed.
    pub fn is_failed(&self) -> bool {
        matches!(self.outcome.as_str(), "failure" | "denied" | "aborted")
    }
}

/// What a row shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A workspace.
    Workspace(WorkspaceRow),
    /// A run.
    Run(RunRow),
    /// A project.
    Project(ProjectRow),
    /// A phase.
    Phase(PhaseRow),
    /// A work item.
    Item(Box<ItemRow>),
    /// The fold of other activity.
    Other(OtherRow),
    /// A call.
    Call(Box<CallRow>),
}

/// One row, with its place in the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Names the row for as long as it is shown.
    pub key: Arc<str>,
    /// Key of the row it lies under; empty at the top.
    pub parent: Arc<str>,
    /// What it shows.
    pub content: Arc<Content>,
}

/// One step from the rows as they were to the rows as they are, in the order in which to apply them.
#[derive(Debug, Clone, PartialEq)]
pub enum Patch {
    /// A row that went. Rows under it have patches of their own, before this one.
    Remove {
        /// Which.
        key: Arc<str>,
    },
    /// A row that came.
    Insert {
        /// The sibling to put it before; null for the end.
        before: Option<Arc<str>>,
        /// The row.
        row: Row,
    },
    /// A row whose place among its siblings changed.
    Move {
        /// Which.
        key: Arc<str>,
        /// The sibling to put it before; null for the end.
        before: Option<Arc<str>>,
    },
    /// A row whose content changed.
    Update {
        /// The row.
        row: Row,
        /// What it showed before.
        was: Arc<Content>,
    },
}

/// A phase that a filter can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseFacet {
    /// Project.
    pub project: u64,
    /// Phase.
    pub phase: u64,
    /// Name of the phase, where one was said.
    pub name: Option<String>,
}

/// What is held as a whole, whatever the filter shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Records held.
    pub records: usize,
    /// Most that are held while no older ones are paged in.
    pub capacity: usize,
    /// Held beyond that: older records that were paged in.
    pub older: usize,
    /// Events held that were refused.
    pub quarantined: usize,
    /// Records held that tell of losses.
    pub gaps: usize,
    /// Items of all runs and projects.
    pub counts: Counts,
    /// Items and calls that are held.
    pub rows: usize,
    /// Items and calls that the filter lets through.
    pub shown: usize,
    /// Whether any filter is set.
    pub filtered: bool,
    /// Newest record's time.
    pub newest_at: Option<i64>,
}

/// What a filter can choose from: all that is held, whatever the filter shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// Workspaces to choose from.
    pub workspaces: Vec<String>,
    /// Projects to choose from.
    pub projects: Vec<u64>,
    /// Phases to choose from.
    pub phases: Vec<PhaseFacet>,
    /// Agents to choose from.
    pub agents: Vec<String>,
}

/// What a step changed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// Rows that changed.
    pub patches: Vec<Patch>,
    /// The whole, when it changed.
    pub summary: Option<Summary>,
    /// What it was before; none where nobody was told yet.
    pub(super) was: Option<Summary>,
    /// What a filter can choose from, when that changed, which is seldom.
    pub choices: Option<Arc<Choices>>,
    /// Records taken in: neither duplicates, nor too old to be held, nor another workspace's.
    pub accepted: usize,
    /// Elements of the batch that were no records.
    pub rejected: usize,
    /// Records of other workspaces.
    pub out_of_scope: usize,
}

/// All that is shown, parents before what lies under them.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The rows.
    pub rows: Vec<Row>,
    /// The whole.
    pub summary: Summary,
    /// What a filter can choose from.
    pub choices: Arc<Choices>,
}
