//! Where in the tree an entry belongs.

use std::fmt::Write;
use std::sync::Arc;

use super::entry::{Entry, Kind};

/// Names a node.
pub(super) type Key = Arc<str>;

/// What a node stands for, from the top of the tree to its leaves: parents are smaller than what lies under them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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

/// The nodes from the top down to the one that the entry speaks of.
pub(super) fn way(entry: &Entry, by_workspace: bool) -> Vec<(Key, What)> {
    let fields = &entry.fields;
    let mut way = Vec::with_capacity(5);
    let mut path = String::new();
    if by_workspace {
        path.push_str("w:");
        escape(&entry.home, &mut path);
        way.push((Key::from(path.as_str()), What::Workspace(entry.home.clone())));
        path.push('/');
    }
    let run = fields.run_id.clone();
    if let Some(run) = &run {
        path.push_str("r:");
        escape(run, &mut path);
        way.push((Key::from(path.as_str()), What::Run(run.clone())));
        path.push('/');
    }
    let (project, phase) = (
        fields.project_number.unwrap_or_default(),
        fields.phase_number.unwrap_or_default(),
    );
    let depth = match entry.kind {
        Kind::RunProgress | Kind::ProjectCompleted => 1,
        Kind::PhaseStarted | Kind::PhaseCompleted => 2,
        Kind::ItemStarted | Kind::ItemProgress | Kind::ItemFailed | Kind::ItemCompleted | Kind::ItemActivity => 3,
        Kind::Call | Kind::Quarantined | Kind::Gap => 0,
    };
    if depth == 0 {
        path.push('o');
        way.push((Key::from(path.as_str()), What::Other(run)));
        path.clear();
        path.push_str("c:");
        escape(&entry.audit_id, &mut path);
        way.push((Key::from(path.as_str()), What::Call));
        return way;
    }
    // Writing to a String cannot fail.
    let _ = write!(path, "p:{project}");
    way.push((Key::from(path.as_str()), What::Project(run.clone(), project)));
    if depth >= 2 {
        let _ = write!(path, "/f:{phase}");
        way.push((Key::from(path.as_str()), What::Phase(run, project, phase)));
    }
    if depth >= 3 {
        path.push_str("/i:");
        escape(fields.work_item_id.as_deref().unwrap_or_default(), &mut path);
        way.push((Key::from(path.as_str()), What::Item));
    }
    way
}

/// Ids are anybody's: a slash in one must not make it another's key.
fn escape(id: &str, path: &mut String) {
    for character in id.chars() {
        match character {
            '/' => path.push_str("%2F"),
            '%' => path.push_str("%25"),
            other => path.push(other),
        }
    }
}
