//! The event types: one definition of their fields, from which come what is checked, the typed data and the generated declarations.

use serde_json::{Map, Value};

use super::Event;
use super::check::{MAX_PATH, MAX_TEXT};

/// What a known field of an event's data may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Whole number, 0 to 2^53-1.
    Whole,
    /// Number from 0 to 100.
    Percent,
    /// Text, not blank, at most so many bytes.
    Text(usize),
    /// Text of at most 256 bytes, not blank, without control characters, or a whole number, which becomes text. It is kept as it is
    /// otherwise: an id is its client's, and blanks around it may belong to it.
    Id,
    /// Any text; also an object or array, which a summary of results often is.
    Any,
    /// Array of texts, each a path of a file.
    Paths,
}

/// A field of an event's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventField {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it means, with its unit.
    pub doc: &'static str,
    pub(crate) shape: Shape,
}

impl EventField {
    /// Its type in TypeScript.
    pub const fn typescript(&self) -> &'static str {
        match self.shape {
            Shape::Whole | Shape::Percent => "number",
            Shape::Text(_) => "string",
            Shape::Id => "string | number",
            Shape::Any => "unknown",
            Shape::Paths => "string[]",
        }
    }
}

/// One event type with its required and optional fields.
#[derive(Debug)]
pub struct EventType {
    /// `task.started`.
    pub name: &'static str,
    /// What it reports.
    pub doc: &'static str,
    pub(in crate::schema) required: &'static [EventField],
    pub(in crate::schema) optional: &'static [EventField],
}

impl EventType {
    /// Names of the fields that must be there.
    pub fn required(&self) -> impl Iterator<Item = &'static str> {
        self.required.iter().map(|field| field.name)
    }

    /// All fields that are checked, those common to all types included, each with whether it must be there.
    pub fn fields(&self) -> impl Iterator<Item = (&'static EventField, bool)> {
        let required = self.required.iter().map(|field| (field, true));
        required.chain(self.optional.iter().chain(COMMON).map(|field| (field, false)))
    }
}

/// Reads a field of checked data.
trait FromData: Sized {
    fn from_data(value: &Value) -> Option<Self>;
}

impl FromData for u64 {
    fn from_data(value: &Value) -> Option<Self> {
        value.as_u64()
    }
}

impl FromData for f64 {
    fn from_data(value: &Value) -> Option<Self> {
        value.as_f64()
    }
}

impl FromData for String {
    fn from_data(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl FromData for Value {
    fn from_data(value: &Value) -> Option<Self> {
        (!value.is_null()).then(|| value.clone())
    }
}

impl FromData for Vec<String> {
    fn from_data(value: &Value) -> Option<Self> {
        let items = value.as_array()?.iter();
        Some(items.filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

fn read<T: FromData>(data: &Map<String, Value>, name: &str) -> Option<T> {
    data.get(name).and_then(T::from_data)
}

/// Defines each field once, for all types that have it; `known!(field what)` gives a part of its definition.
macro_rules! fields {
    ($($field:ident $name:literal $type:ty, $shape:expr, $doc:literal;)+) => {
        macro_rules! known {
            $(
                ($field name) => { $name };
                ($field doc) => { $doc };
                ($field type) => { $type };
                ($field field) => { EventField { name: $name, doc: $doc, shape: $shape } };
            )+
        }
    };
}

fields! {
    project_number "projectNumber" u64, Shape::Whole, "Project, 0 to 2^53-1.";
    phase_number "phaseNumber" u64, Shape::Whole, "Phase within the project, 0 to 2^53-1.";
    phase_name "phaseName" String, Shape::Text(MAX_TEXT), "Name of the phase, at most 16 KiB.";
    work_item_id "workItemId" String, Shape::Id, "Work item within the phase, at most 256 bytes.";
    work_item_title "workItemTitle" String, Shape::Text(MAX_TEXT), "Title of the work item, at most 16 KiB.";
    result "result" Value, Shape::Any, "What came of it: a text, or any JSON.";
    files_changed "filesChanged" Vec<String>, Shape::Paths, "Files that it changed: at most 1,000 paths of at most 4 KiB each.";
    error "error" Value, Shape::Any, "Why it failed: a text, or an object with `code` and `message`.";
    message "message" String, Shape::Text(MAX_TEXT), "What is going on, for people; at most 16 KiB.";
    percent "percent" f64, Shape::Percent, "How far it is, 0 to 100.";
    total_items "totalItems" u64, Shape::Whole, "Work items in all.";
    completed_items "completedItems" u64, Shape::Whole, "Work items completed so far.";
    in_progress_items "inProgressItems" u64, Shape::Whole, "Work items that are being worked on.";
    failed_items "failedItems" u64, Shape::Whole, "Work items that failed.";
    total_phases "totalPhases" u64, Shape::Whole, "Phases in all.";
    completed_phases "completedPhases" u64, Shape::Whole, "Phases completed so far.";
    duration_ms "durationMs" u64, Shape::Whole, "How long it took, in milliseconds.";
    agent_id "agentId" String, Shape::Id, "Agent that did it, at most 256 bytes.";
    parent_agent_id "parentAgentId" String, Shape::Id, "Agent that sent that agent, at most 256 bytes.";
    workspace_id "workspaceId" String, Shape::Id, "Workspace in which it happened, at most 256 bytes.";
    worktree_path "worktreePath" String, Shape::Text(MAX_PATH), "Git worktree in which it happened, at most 4 KiB.";
    origin_workspace_id "originWorkspaceId" String, Shape::Id, "Workspace that launched the run, at most 256 bytes.";
    run_id "runId" String, Shape::Id, "Orchestration run, at most 256 bytes.";
    session_id "sessionId" String, Shape::Id, "Session of the host, at most 256 bytes.";
    task_id "taskId" String, Shape::Id, "Task of the host, at most 256 bytes.";
}

/// Defines the types by name, required fields beside the project, and optional ones.
macro_rules! events {
    ($($(#[doc = $doc:literal])+ $type:ident $name:literal [$($required:ident)*] [$($optional:ident)*];)+) => {
        /// Every event type that is accepted.
        pub const EVENT_TYPES: &[EventType] = &[$(EventType {
            name: $name,
            doc: concat!($($doc, "\n"),+),
            required: &[known!(project_number field), $(known!($required field)),*],
            optional: &[$(known!($optional field)),*],
        }),+];

        /// An event's data by its type.
        #[derive(Debug, Clone, PartialEq)]
        pub enum EventData {
            $($(#[doc = $doc])+ $type($type)),+
        }

        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, PartialEq)]
            pub struct $type {
                #[doc = known!(project_number doc)]
                pub project_number: known!(project_number type),
                $(#[doc = known!($required doc)] pub $required: known!($required type),)*
                $(#[doc = known!($optional doc)] pub $optional: Option<known!($optional type)>,)*
            }

            impl $type {
                fn of(data: &Map<String, Value>) -> Option<Self> {
                    Some($type {
                        project_number: read(data, known!(project_number name))?,
                        $($required: read(data, known!($required name))?,)*
                        $($optional: read(data, known!($optional name)),)*
                    })
                }
            }
        )+

        impl Event {
            /// The data, typed; fields that its type does not have stay in [`Self::data`]. `None` only for an event that
            /// [`super::validate_event`] did not make.
            pub fn typed(&self) -> Option<EventData> {
                match self.event_type {
                    $($name => $type::of(&self.data).map(EventData::$type),)+
                    _ => None,
                }
            }
        }
    };
}

events! {
    /// An issue was made.
    IssueCreated "issue.created" [] [];
    /// An issue was changed.
    IssueUpdated "issue.updated" [] [];
    /// An issue was closed.
    IssueClosed "issue.closed" [] [];
    /// An issue was deleted.
    IssueDeleted "issue.deleted" [] [];
    /// A project was made.
    ProjectCreated "project.created" [] [];
    /// A project was changed.
    ProjectUpdated "project.updated" [] [];
    /// A worktree was changed.
    WorktreeUpdated "worktree.updated" [] [];
    /// Work on an item began.
    TaskStarted "task.started" [phase_number work_item_id work_item_title] [];
    /// Work on an item came to a good end.
    TaskCompleted "task.completed" [phase_number work_item_id work_item_title] [result files_changed];
    /// Work on an item failed.
    TaskFailed "task.failed" [phase_number work_item_id work_item_title error] [];
    /// Work on an item goes on.
    TaskProgress "task.progress" [phase_number work_item_id] [message percent work_item_title];
    /// A phase began.
    PhaseStarted "phase.started" [phase_number phase_name total_items] [];
    /// A phase ended.
    PhaseCompleted "phase.completed" [phase_number phase_name completed_items total_items] [];
    /// How far the whole orchestration is.
    OrchestrationProgress "orchestration.progress"
        [total_phases completed_phases total_items completed_items in_progress_items failed_items] [];
    /// A project is done.
    ProjectCompleted "project.completed" [] [completed_items total_items duration_ms];
}

/// What an event of an unknown type needs all the same.
pub(super) const UNKNOWN: &[EventField] = &[known!(project_number field)];

/// Defines what every type may carry.
macro_rules! common {
    ($($field:ident)+) => {
        /// Fields that every type may carry.
        pub(in crate::schema) const COMMON: &[EventField] = &[$(known!($field field)),+];

        /// Where and for whom an event happened, as its data says.
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct EventContext {
            $(#[doc = known!($field doc)] pub $field: Option<known!($field type)>,)+
        }

        impl Event {
            /// Where and for whom it happened, as its data says.
            pub fn context(&self) -> EventContext {
                EventContext { $($field: read(&self.data, known!($field name)),)+ }
            }
        }
    };
}

common! { agent_id parent_agent_id workspace_id worktree_path origin_workspace_id run_id session_id task_id }
