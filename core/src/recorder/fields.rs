//! From the names in an address, a body or an event's data to the fields of a record.

use super::encode::{ID_LIMIT, PATH_LIMIT};
use crate::schema::{MAX_SAFE_INTEGER, Named, Record, UNKNOWN_WORKSPACE};

/// Which of two wins where both say something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precedence {
    /// What the record has.
    Record,
    /// What comes.
    Named,
}

/// Fills a record's fields. `clean` gets a text, its bound and the field's name; what it gives nothing for is left out.
pub(super) fn fill(
    record: &mut Record,
    named: Named,
    precedence: Precedence,
    clean: &mut dyn FnMut(&str, usize, &str) -> Option<String>,
) {
    let wins = precedence == Precedence::Named;
    if (wins || record.workspace_id == UNKNOWN_WORKSPACE)
        && let Some(workspace) = named
            .workspace_id
            .and_then(|text| clean(&text, ID_LIMIT, "workspace_id"))
    {
        record.workspace_id = workspace;
    }
    let texts = [
        (
            &mut record.origin_workspace_id,
            named.origin_workspace_id,
            ID_LIMIT,
            "origin_workspace_id",
        ),
        (
            &mut record.worktree_path,
            named.worktree_path,
            PATH_LIMIT,
            "worktree_path",
        ),
        (&mut record.run_id, named.run_id, ID_LIMIT, "run_id"),
        (&mut record.agent_id, named.agent_id, ID_LIMIT, "agent_id"),
        (&mut record.session_id, named.session_id, ID_LIMIT, "session_id"),
        (&mut record.task_id, named.task_id, ID_LIMIT, "task_id"),
        (&mut record.work_item_id, named.work_item_id, ID_LIMIT, "work_item_id"),
    ];
    for (field, text, limit, name) in texts {
        if (wins || field.is_none())
            && let Some(text) = text.and_then(|text| clean(&text, limit, name))
        {
            *field = Some(text);
        }
    }
    for (field, number) in [
        (&mut record.project_number, named.project_number),
        (&mut record.phase_number, named.phase_number),
    ] {
        if wins || field.is_none() {
            *field = safe(number).or(*field);
        }
    }
}

/// A number that every language can hold.
pub(super) fn safe(number: Option<u64>) -> Option<u64> {
    number.filter(|number| *number <= MAX_SAFE_INTEGER)
}
