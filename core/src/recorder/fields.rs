//! From the names in an address, a body or an event's data to the fields of a record.

use crate::schema::{MAX_SAFE_INTEGER, Named, Record, UNKNOWN_WORKSPACE, limit};

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
            .and_then(|text| clean(&text, limit::ID, "workspace_id"))
    {
        record.workspace_id = workspace;
    }
    let texts = [
        (
            &mut record.origin_workspace_id,
            named.origin_workspace_id,
            limit::ID,
            "origin_workspace_id",
        ),
        (
            &mut record.worktree_path,
            named.worktree_path,
            limit::PATH,
            "worktree_path",
        ),
        (&mut record.run_id, named.run_id, limit::ID, "run_id"),
        (&mut record.agent_id, named.agent_id, limit::ID, "agent_id"),
        (&mut record.session_id, named.session_id, limit::ID, "session_id"),
        (&mut record.task_id, named.task_id, limit::ID, "task_id"),
        (&mut record.work_item_id, named.work_item_id, limit::ID, "work_item_id"),
    ];
    for (field, text, bound, name) in texts {
        if (wins || field.is_none())
            && let Some(text) = text.and_then(|text| clean(&text, bound, name))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample;

    fn named() -> Named {
        Named {
            workspace_id: Some("ws_new".into()),
            task_id: Some("new".into()),
            worktree_path: Some("/new".into()),
            project_number: Some(7),
            phase_number: Some(MAX_SAFE_INTEGER + 1),
            ..Named::default()
        }
    }

    #[test]
    fn what_the_record_has_stays_unless_what_comes_wins() {
        let mut keep = |text: &str, _: usize, _: &str| Some(text.to_owned());
        let mut blank = sample(uuid::Uuid::nil(), 0);
        blank.workspace_id = UNKNOWN_WORKSPACE.into();
        (blank.task_id, blank.project_number, blank.phase_number) = (None, None, Some(1));
        let mut full = blank.clone();
        full.workspace_id = "ws_old".into();
        (full.task_id, full.project_number) = (Some("old".into()), Some(6));
        for (mut record, precedence, expected) in [
            (blank, Precedence::Record, ("ws_new", "new", 7)),
            (full.clone(), Precedence::Record, ("ws_old", "old", 6)),
            (full, Precedence::Named, ("ws_new", "new", 7)),
        ] {
            fill(&mut record, named(), precedence, &mut keep);
            let found = (
                record.workspace_id.as_str(),
                record.task_id.as_deref().unwrap(),
                record.project_number.unwrap(),
            );
            assert_eq!(found, expected);
            assert_eq!(
                record.phase_number,
                Some(1),
                "a number too large for some language fills nothing"
            );
        }
    }

    #[test]
    fn what_is_not_clean_is_left_out() {
        let mut record = sample(uuid::Uuid::nil(), 0);
        let before = record.clone();
        fill(&mut record, named(), Precedence::Named, &mut |_, _, _| None);
        assert_eq!(
            (record.task_id, record.worktree_path),
            (before.task_id, before.worktree_path)
        );
    }
}
