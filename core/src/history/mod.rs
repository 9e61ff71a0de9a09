//! How is it shown? The view model behind the Task History.
//!
//! A [`TaskHistory`] takes records in any order, in batches of any size, as often as they come, and keeps the newest of them by
//! `(timestamp, audit_id)`. What it shows is a pure function of the records that it keeps, the filter and the time it was last
//! told: a tree of runs, projects, phases and work items, with calls that belong to no item folded under "other activity".
//! Every step answers with the smallest list of [`Patch`]es that leads from the rows as they were to the rows as they are.
//!
//! ```
//! use tasktrail::history::{Options, Status, TaskHistory};
//!
//! let mut history = TaskHistory::new(Options::workspace("ws_a"));
//! let record = |id: u32, time: &str, what: &str| {
//!     format!(r#"{{"audit_id":"{id}","timestamp":"{time}","operation_type":"{what}","channel":"agent","workspace_id":"ws_a",
//!                  "project_number":42,"phase_number":1,"work_item_id":"1.1","metadata":{{"workItemTitle":"Schema"}}}}"#)
//! };
//! // The end arrives before the start.
//! history.apply_json(&format!("[{}]", record(2, "2026-11-22T10:00:05Z", "task.completed")), 0)?;
//! history.apply_json(&format!("[{}]", record(1, "2026-11-22T10:00:00Z", "task.started")), 0)?;
//! let item = history.view().items().next().cloned().unwrap();
//! assert_eq!((item.status, item.attempts, item.duration_ms), (Status::Completed, 1, Some(5_000.0)));
//! # Ok::<(), tasktrail::Error>(())
//! ```

mod entry;
mod filter;
mod fold;
mod json;
mod read;
mod row;
mod sorted;
mod tree;
mod write;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use entry::{Entry, Fault};
pub use filter::{Filter, Lowercase};
pub use row::{
    CallRow, Changes, Content, Counts, Failure, ItemRow, OtherRow, Patch, PhaseFacet, PhaseRow, ProjectRow, Row,
    RunRow, Status, Summary, View,
};

use filter::Ready;
use fold::Clock;
use sorted::{Sorted, Table};
use tree::Tree;

/// What a history keeps and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Only this workspace's records, and those of runs that it launched elsewhere; `None` takes every workspace's.
    pub workspace_id: Option<String>,
    /// Most records that are kept; the oldest go first.
    pub capacity: usize,
    /// How long an item at work may be silent before it counts as stalled, milliseconds.
    pub stalled_after_ms: i64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            workspace_id: None,
            capacity: 500,
            stalled_after_ms: 5 * 60 * 1_000,
        }
    }
}

impl Options {
    /// The defaults (500 records, five minutes) for one workspace.
    pub fn workspace(id: impl Into<String>) -> Self {
        Options {
            workspace_id: Some(id.into()),
            ..Options::default()
        }
    }
}

/// One end of what a history holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The record's time, milliseconds since 1970.
    pub timestamp: i64,
    /// The record's id.
    pub audit_id: Arc<str>,
}

/// What a history holds: where older pages go on, and what is already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryCursor {
    /// The newest record.
    pub newest: Option<Mark>,
    /// The oldest record: in a full history everything older is refused.
    pub oldest: Option<Mark>,
    /// How many are held.
    pub records: usize,
    /// Whether a record must go for each that comes.
    pub full: bool,
}

/// The history of one workspace: see the [module](self).
#[derive(Debug)]
pub struct TaskHistory {
    options: Options,
    entries: Table<(i64, Arc<str>), Arc<Entry>>,
    ids: Sorted<Arc<str>>,
    tree: Tree,
    summary: Summary,
    lowercase: Lowercase,
}

impl TaskHistory {
    /// An empty history. A capacity of 0 counts as 1.
    pub fn new(options: Options) -> Self {
        Self::with_lowercase(options, str::to_lowercase)
    }

    /// The same, with a way to lower case of the host's own: a page's JavaScript has one, and a module that brought the tables
    /// along would be an eighth larger.
    pub fn with_lowercase(mut options: Options, lowercase: Lowercase) -> Self {
        options.capacity = options.capacity.max(1);
        let clock = Clock {
            now: i64::MIN,
            stalled_after: options.stalled_after_ms,
        };
        let summary = Summary {
            capacity: options.capacity,
            ..Summary::default()
        };
        TaskHistory {
            options,
            entries: Table::default(),
            ids: Sorted::default(),
            tree: Tree::new(clock, Ready::new(Filter::default(), lowercase)),
            lowercase,
            summary,
        }
    }

    /// What this history keeps and whose.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Takes records in, at the time `now` (milliseconds since 1970).
    ///
    /// Records never change, so of two with one `audit_id` the second is left out.
    pub fn apply(&mut self, batch: impl IntoIterator<Item = Entry>, now: i64) -> Changes {
        let mut changes = Changes::default();
        for entry in batch {
            if self
                .options
                .workspace_id
                .as_deref()
                .is_some_and(|workspace| !entry.is_of(workspace))
            {
                changes.out_of_scope += 1;
            } else if self.insert(entry) {
                changes.accepted += 1;
            }
        }
        self.settle(now, changes)
    }

    /// Shows what this filter lets through, from now on.
    pub fn set_filter(&mut self, filter: Filter, now: i64) -> Changes {
        self.tree.set_filter(Ready::new(filter, self.lowercase));
        self.settle(now, Changes::default())
    }

    /// Tells the time, which decides what is stalled and what a filter by age lets through.
    pub fn tick(&mut self, now: i64) -> Changes {
        self.settle(now, Changes::default())
    }

    /// Everything that is shown.
    pub fn view(&self) -> View {
        View {
            rows: self.tree.rows(),
            summary: self.summary.clone(),
        }
    }

    /// What is held.
    pub fn cursor(&self) -> HistoryCursor {
        let mark = |((timestamp, audit_id), _): &((i64, Arc<str>), Arc<Entry>)| Mark {
            timestamp: *timestamp,
            audit_id: audit_id.clone(),
        };
        HistoryCursor {
            newest: self.entries.last().map(mark),
            oldest: self.entries.first().map(mark),
            records: self.entries.len(),
            full: self.entries.len() >= self.options.capacity,
        }
    }

    fn insert(&mut self, entry: Entry) -> bool {
        let key = (entry.timestamp, entry.audit_id.clone());
        let full = self.entries.len() >= self.options.capacity;
        let too_old = full && self.entries.first().is_some_and(|(oldest, _)| key < *oldest);
        if too_old || !self.ids.insert(entry.audit_id.clone()) {
            return false;
        }
        let entry = Arc::new(entry);
        self.tree.attach(&entry);
        self.entries.insert(key, entry);
        if full && let Some((_, oldest)) = self.entries.pop_first() {
            self.ids.remove(&oldest.audit_id);
            self.tree.detach(&oldest);
        }
        true
    }

    fn settle(&mut self, now: i64, mut changes: Changes) -> Changes {
        changes.patches = self.tree.settle(now);
        let summary = Summary {
            records: self.entries.len(),
            capacity: self.options.capacity,
            newest_at: self.entries.last().map(|((timestamp, _), _)| *timestamp),
            ..self.tree.summary()
        };
        if summary != self.summary {
            self.summary = summary.clone();
            changes.summary = Some(summary);
        }
        changes
    }
}

impl View {
    /// The items among the rows, in the order in which they are shown.
    pub fn items(&self) -> impl Iterator<Item = &ItemRow> {
        self.rows.iter().filter_map(|row| match row.content.as_ref() {
            Content::Item(item) => Some(item.as_ref()),
            _ => None,
        })
    }
}
