//! How is it shown? The view model behind the Task History.
//!
//! A [`TaskHistory`] takes records in any order, in batches of any size, as often as they come, and keeps the newest of them by
//! `(timestamp, audit_id)`. What it shows is a pure function of the records that it keeps, the filter and the time it was last
//! told: a tree of runs, projects, phases and work items, with calls that belong to no item folded under "other activity", and with
//! workspaces above them where that is wanted. Pages of older records come in on demand and leave again.
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
mod index;
mod json;
mod node;
mod place;
mod read;
mod row;
mod sorted;
mod still;
mod tree;
mod way;
mod write;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

pub use entry::{Entry, Fault};
pub use filter::{Filter, Lowercase};
pub use row::{
    AgentSpell, CallRow, Changes, Choices, Content, Counts, Failure, Gap, ItemRow, Nature, OtherRow, Patch, PhaseFacet,
    PhaseRow, ProjectRow, Row, RunRow, Status, Summary, View, WorkspaceRow,
};

use filter::Ready;
use fold::Clock;
use index::{Index, hash};
use node::Id;
use tree::Tree;

/// What a history keeps and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Only these workspaces' records, and those of runs that they launched elsewhere; none of them takes every workspace's.
    pub workspaces: Vec<String>,
    /// Whether workspaces are the top of the tree.
    pub by_workspace: bool,
    /// Most records that are kept; the oldest go first.
    pub capacity: usize,
    /// Most older records that are kept beside those while they are paged in.
    pub older_capacity: usize,
    /// How long an item at work may be silent before it counts as stalled, milliseconds.
    pub stalled_after_ms: i64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            workspaces: Vec::new(),
            by_workspace: false,
            capacity: 500,
            older_capacity: 2_000,
            stalled_after_ms: 5 * 60 * 1_000,
        }
    }
}

impl Options {
    /// The defaults (500 records, five minutes) for one workspace.
    pub fn workspace(id: impl Into<String>) -> Self {
        Options {
            workspaces: vec![id.into()],
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
    /// The oldest record, before which a page of older ones would end: in a full history everything older is refused.
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
    /// By time and id, each with where in the tree it hangs.
    entries: VecDeque<(Arc<Entry>, Option<Id>)>,
    ids: Index<Arc<str>>,
    tree: Tree,
    summary: Summary,
    /// Whether any step has said what the summary is.
    told: bool,
    lowercase: Lowercase,
    /// Whether older records may be kept than the newest of the capacity: since the first page.
    paged: bool,
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
            entries: VecDeque::new(),
            ids: Index::default(),
            tree: Tree::new(clock, Ready::new(Filter::default(), lowercase), options.by_workspace),
            options,
            lowercase,
            summary,
            told: false,
            paged: false,
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
        let changes = self.take(batch, false);
        self.settle(now, changes)
    }

    /// Takes in a page of the records before the oldest that is held, as the API has them. Until [`Self::page_out`], up to
    /// [`Options::older_capacity`] older records are kept beside the newest.
    ///
    /// An empty page before that keeps news from pushing out the oldest while the page is on its way, which would then begin too late.
    pub fn page_in(&mut self, page: impl IntoIterator<Item = Entry>, now: i64) -> Changes {
        let changes = self.take(page, true);
        self.settle(now, changes)
    }

    /// Lets go of all but the newest records.
    pub fn page_out(&mut self, now: i64) -> Changes {
        self.paged = false;
        while self.entries.len() > self.options.capacity {
            self.drop_oldest();
        }
        self.settle(now, Changes::default())
    }

    fn replace_filter(&mut self, filter: Filter) {
        self.tree.set_filter(Ready::new(filter, self.lowercase));
    }

    /// Shows what this filter lets through, from now on.
    pub fn set_filter(&mut self, filter: Filter, now: i64) -> Changes {
        self.replace_filter(filter);
        self.settle(now, Changes::default())
    }

    /// The filter as it was set.
    pub fn filter(&self) -> &Filter {
        self.tree.filter()
    }

    /// Tells the time, which decides what is stalled and what a filter by age lets through.
    pub fn tick(&mut self, now: i64) -> Changes {
        self.settle(now, Changes::default())
    }

    /// Everything that is shown.
    pub fn view(&self) -> View {
        View {
            rows: self.tree.rows(),
            summary: self.summary,
            choices: self.tree.choices().clone(),
        }
    }

    /// What is held.
    pub fn cursor(&self) -> HistoryCursor {
        let mark = |(entry, _): &(Arc<Entry>, Option<Id>)| Mark {
            timestamp: entry.timestamp,
            audit_id: entry.audit_id.clone(),
        };
        HistoryCursor {
            newest: self.entries.back().map(mark),
            oldest: self.entries.front().map(mark),
            records: self.entries.len(),
            full: self.entries.len() >= self.bound(self.paged),
        }
    }

    fn bound(&self, paged: bool) -> usize {
        let older = if paged { self.options.older_capacity } else { 0 };
        self.options.capacity.saturating_add(older)
    }

    fn take(&mut self, batch: impl IntoIterator<Item = Entry>, is_page: bool) -> Changes {
        let mut changes = Changes::default();
        for mut entry in batch {
            let workspaces = &self.options.workspaces;
            if !workspaces.is_empty() && !entry.is_gap() && !workspaces.iter().any(|workspace| entry.is_of(workspace)) {
                changes.out_of_scope += 1;
                continue;
            }
            entry.home = entry.home_among(workspaces);
            changes.accepted += usize::from(self.insert(entry, is_page));
        }
        self.paged |= is_page;
        changes
    }

    fn insert(&mut self, entry: Entry, is_page: bool) -> bool {
        let full = self.entries.len() >= self.bound(self.paged || is_page);
        // What comes late from before the oldest page would leave a hole between the two.
        let ends = full || (self.paged && !is_page && self.entries.len() >= self.options.capacity);
        // What is new comes last.
        let at = match self.entries.back() {
            Some((newest, _)) if newest.key() > entry.key() => {
                self.entries.partition_point(|(other, _)| other.key() < entry.key())
            }
            _ => self.entries.len(),
        };
        if ends && at == 0 && !self.entries.is_empty() {
            return false;
        }
        let hash = hash(&entry.audit_id);
        if self.ids.find(hash, |id| *id == entry.audit_id).is_some() {
            return false;
        }
        self.ids.insert(hash, entry.audit_id.clone());
        let entry = Arc::new(entry);
        let place = self.tree.attach(&entry);
        self.entries.insert(at, (entry, place));
        if full {
            self.drop_oldest();
        }
        true
    }

    fn drop_oldest(&mut self) {
        if let Some((oldest, place)) = self.entries.pop_front() {
            self.ids.remove(hash(&oldest.audit_id), |id| *id == oldest.audit_id);
            if let Some(place) = place {
                self.tree.detach(&oldest, place);
            }
        }
    }

    fn settle(&mut self, now: i64, mut changes: Changes) -> Changes {
        changes.patches = self.tree.settle(now);
        changes.choices = self.tree.renew_choices();
        let summary = Summary {
            records: self.entries.len(),
            capacity: self.options.capacity,
            older: self.entries.len().saturating_sub(self.options.capacity),
            newest_at: self.entries.back().map(|(newest, _)| newest.timestamp),
            ..self.tree.summary()
        };
        if summary != self.summary || (changes.choices.is_some() && !self.told) {
            // Who was told nothing yet is told all.
            changes.was = self.told.then_some(self.summary);
            if !self.told {
                changes.choices = Some(self.tree.choices().clone());
            }
            self.told = true;
            self.summary = summary;
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
