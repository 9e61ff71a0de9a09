//! Where and for whom an event happens: what the environment and the working directory say.

use tasktrail::Call;
use tasktrail::workspace;

use crate::target::variable;

/// The variables of each part of the context, in the order in which they are asked.
pub(crate) const WORKSPACE: [&str; 2] = ["TASKTRAIL_WORKSPACE_ID", "WORKSPACE_ID"];
pub(crate) const WORKTREE: [&str; 2] = ["TASKTRAIL_WORKTREE_PATH", "WORKTREE_PATH"];
pub(crate) const RUN: [&str; 2] = ["TASKTRAIL_RUN_ID", "RUN_ID"];
pub(crate) const ORIGIN: [&str; 2] = ["TASKTRAIL_ORIGIN_WORKSPACE_ID", "ORIGIN_WORKSPACE_ID"];
pub(crate) const SESSION: [&str; 1] = ["TASKTRAIL_SESSION_ID"];
pub(crate) const AGENT: [&str; 1] = ["TASKTRAIL_AGENT_ID"];
pub(crate) const PARENT: [&str; 1] = ["TASKTRAIL_PARENT_AGENT_ID"];
pub(crate) const TRACE: [&str; 1] = ["TRACEPARENT"];
/// Other variables that the command looks at.
pub(crate) const OTHERS: [&str; 6] = [
    "TASKTRAIL_URL",
    "TASKTRAIL_ACTOR",
    "TASKTRAIL_SALT",
    "TASKTRAIL_HASH_KEY",
    "TASKTRAIL_SPOOL",
    "TASKTRAIL_TIMEOUT",
];

/// The first of the variables that is set.
pub(crate) fn first(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| variable(name))
}

/// The context of an event whose own data says nothing of it.
///
/// A workspace or worktree that nobody named is looked for in git's files around the working directory. That fails nothing: an event from
/// a place that cannot be found is still an event.
pub(crate) fn of_here(named: Call, discovers: bool) -> Call {
    let or = |value: Option<String>, names: &[&str]| value.or_else(|| first(names));
    let mut context = Call {
        workspace_id: or(named.workspace_id, &WORKSPACE),
        worktree_path: or(named.worktree_path, &WORKTREE),
        run_id: or(named.run_id, &RUN),
        origin_workspace_id: or(named.origin_workspace_id, &ORIGIN),
        session_id: or(named.session_id, &SESSION),
        agent_id: or(named.agent_id, &AGENT),
        traceparent: or(named.traceparent, &TRACE),
        actor: or(named.actor, &["TASKTRAIL_ACTOR"]),
        ..Call::default()
    };
    if discovers
        && (context.workspace_id.is_none() || context.worktree_path.is_none())
        && let Ok(found) = workspace::discover(".")
    {
        context.workspace_id.get_or_insert(found.workspace_id);
        if let (None, Some(path)) = (&context.worktree_path, found.worktree_path) {
            context.worktree_path = Some(path);
        }
    }
    context
}
