//! Where in the tree an entry belongs.

use std::ops::Range;
use std::sync::Arc;

use super::entry::{Entry, Kind};
use crate::json::push_whole;

/// Names a node.
pub(super) type Key = Arc<str>;

/// What a node stands for, from the top of the tree to its leaves: parents are smaller than what lies under them.
#[derive(Debug)]
pub(super) enum What {
    Workspace(String),
    Run(String),
    Project(Option<String>, u64),
    Phase(Option<String>, u64, u64),
    Item,
    Other(Option<String>),
    Call,
}

impl What {
    pub(super) const fn level(&self) -> u8 {
        match self {
            What::Workspace(_) => 0,
            What::Run(_) => 1,
            What::Project(..) => 2,
            What::Phase(..) => 3,
            What::Item => 4,
            What::Other(_) => 5,
            What::Call => 6,
        }
    }
}

/// The nodes from the top down to the one that an entry speaks of.
#[derive(Debug)]
pub(super) struct Way {
    path: String,
    /// Where in the path the key of each is, and what it stands for.
    steps: Vec<(Range<usize>, Step)>,
}

/// What a node stands for, before anybody needs to know which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Workspace,
    Run,
    Project,
    Phase,
    Item,
    Other,
    Call,
}

impl Step {
    pub(super) fn what(self, entry: &Entry) -> What {
        let fields = &entry.fields;
        let run = || fields.run_id.clone();
        let project = fields.project_number.unwrap_or_default();
        match self {
            Step::Workspace => What::Workspace(entry.home().to_owned()),
            Step::Run => What::Run(run().unwrap_or_default()),
            Step::Project => What::Project(run(), project),
            Step::Phase => What::Phase(run(), project, fields.phase_number.unwrap_or_default()),
            Step::Item => What::Item,
            Step::Other => What::Other(run()),
            Step::Call => What::Call,
        }
    }
}

impl Way {
    pub(super) fn of(entry: &Entry, by_workspace: bool) -> Self {
        let fields = &entry.fields;
        let mut way = Way {
            path: String::with_capacity(80),
            steps: Vec::with_capacity(5),
        };
        if by_workspace {
            way.named(0, "w:", entry.home(), Step::Workspace);
            way.path.push('/');
        }
        if let Some(run) = &fields.run_id {
            way.named(0, "r:", run, Step::Run);
            way.path.push('/');
        }
        let depth = match entry.kind {
            Kind::RunProgress | Kind::ProjectCompleted => 1,
            Kind::PhaseStarted | Kind::PhaseCompleted => 2,
            Kind::ItemStarted | Kind::ItemProgress | Kind::ItemFailed | Kind::ItemCompleted | Kind::ItemActivity => 3,
            Kind::Call | Kind::Quarantined | Kind::Gap => 0,
        };
        if depth == 0 {
            way.path.push('o');
            way.step(0, Step::Other);
            // The key of a call is its own: it lies where it lies.
            let from = way.path.len();
            way.named(from, "c:", &entry.audit_id, Step::Call);
            return way;
        }
        way.numbered("p:", fields.project_number, Step::Project);
        if depth >= 2 {
            way.numbered("/f:", fields.phase_number, Step::Phase);
        }
        if depth >= 3 {
            way.named(0, "/i:", fields.work_item_id.as_deref().unwrap_or_default(), Step::Item);
        }
        way
    }

    /// The key of the node that the entry speaks of.
    pub(super) fn end(&self) -> &str {
        self.keys().last().map_or("", |(key, _)| key)
    }

    /// All of them, from the top.
    pub(super) fn keys(&self) -> impl DoubleEndedIterator<Item = (&str, Step)> {
        self.steps
            .iter()
            .map(|(key, step)| (self.path.get(key.clone()).unwrap_or_default(), *step))
    }

    fn step(&mut self, from: usize, step: Step) {
        self.steps.push((from..self.path.len(), step));
    }

    fn named(&mut self, from: usize, prefix: &str, id: &str, step: Step) {
        self.path.push_str(prefix);
        escape(id, &mut self.path);
        self.step(from, step);
    }

    fn numbered(&mut self, prefix: &str, number: Option<u64>, step: Step) {
        self.path.push_str(prefix);
        push_whole(&mut self.path, number.unwrap_or_default());
        self.step(0, step);
    }
}

/// Ids are anybody's: a slash in one must not make it another's key.
fn escape(id: &str, path: &mut String) {
    if !id.bytes().any(|byte| matches!(byte, b'/' | b'%')) {
        return path.push_str(id);
    }
    for character in id.chars() {
        match character {
            '/' => path.push_str("%2F"),
            '%' => path.push_str("%25"),
            other => path.push(other),
        }
    }
}
