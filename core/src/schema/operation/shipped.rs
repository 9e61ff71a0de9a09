//! The routes of the seed's system, with what they do.

use super::table::Spec;

/// Any of these sets something off; hosts differ in which they use.
const ANY: &str = "POST PUT PATCH";
const CHANGE: &str = "PUT PATCH";

const fn route(methods: &'static str, path: &'static str, operation: &'static str) -> Spec<'static> {
    Spec::shipped(methods, path, operation)
}

/// First match wins. Parameters have the names by which they fill a record's fields.
pub(super) const SHIPPED: &[Spec<'static>] = &[
    // Tasks
    route("POST", "/tasks", "task.created"),
    route(CHANGE, "/tasks/:taskId", "task.updated"),
    route("DELETE", "/tasks/:taskId", "task.deleted"),
    route(ANY, "/tasks/:taskId/start", "task.started"),
    route(ANY, "/tasks/:taskId/complete", "task.completed"),
    route(ANY, "/tasks/:taskId/fail", "task.failed"),
    // Sessions
    route("POST", "/sessions", "session.created"),
    route("POST", "/sessions/cleanup", "session.cleaned_up"),
    route(CHANGE, "/sessions/:sessionId", "session.updated"),
    route("DELETE", "/sessions/:sessionId", "session.deleted"),
    route("DELETE", "/sessions/:sessionId/purge", "session.purged"),
    route(ANY, "/sessions/:sessionId/heartbeat", "session.heartbeat"),
    route(ANY, "/sessions/:sessionId/archive", "session.archived"),
    route(ANY, "/sessions/:sessionId/mark-stalled", "session.stalled"),
    route(ANY, "/sessions/:sessionId/mark-failed", "session.failed"),
    route(
        ANY,
        "/sessions/:sessionId/prepare-recovery",
        "session.recovery_prepared",
    ),
    route(ANY, "/sessions/:sessionId/recover", "session.recovered"),
    // Machines
    route("POST", "/machines", "machine.created"),
    route(CHANGE, "/machines/:machineId", "machine.updated"),
    route("DELETE", "/machines/:machineId", "machine.deleted"),
    route(ANY, "/machines/:machineId/heartbeat", "machine.heartbeat"),
    route(ANY, "/machines/:machineId/assign-session", "machine.session_assigned"),
    route(ANY, "/machines/:machineId/release-session", "machine.session_released"),
    // Projects
    route("POST", "/github/projects", "project.created"),
    route(CHANGE, "/github/projects/:projectNumber", "project.updated"),
    route("DELETE", "/github/projects/:projectNumber", "project.deleted"),
    route("POST", "/github/projects/:projectNumber/link", "project.linked"),
    route("DELETE", "/github/projects/:projectNumber/link", "project.unlinked"),
    route(
        ANY,
        "/github/projects/:projectNumber/items/:itemId/update-field",
        "project.item_updated",
    ),
    route(
        "DELETE",
        "/github/projects/:projectNumber/items/:itemId",
        "project.item_deleted",
    ),
    // Issues, alone, of a project and of a repository
    route("POST", "/github/issues", "issue.created"),
    route(CHANGE, "/github/issues/:issue", "issue.updated"),
    route("DELETE", "/github/issues/:issue", "issue.deleted"),
    route(ANY, "/github/issues/:issue/close", "issue.closed"),
    route(ANY, "/github/issues/:issue/link", "issue.linked"),
    route(CHANGE, "/github/issues/:owner/:repo/:issue", "issue.updated"),
    route("DELETE", "/github/issues/:owner/:repo/:issue", "issue.deleted"),
    route(ANY, "/github/issues/:owner/:repo/:issue/close", "issue.closed"),
    route(ANY, "/github/issues/:owner/:repo/:issue/link", "issue.linked"),
    route("POST", "/github/projects/:projectNumber/issues", "issue.created"),
    route(CHANGE, "/github/projects/:projectNumber/issues/:issue", "issue.updated"),
    route(
        "DELETE",
        "/github/projects/:projectNumber/issues/:issue",
        "issue.deleted",
    ),
    route(
        ANY,
        "/github/projects/:projectNumber/issues/:issue/close",
        "issue.closed",
    ),
    route(
        ANY,
        "/github/projects/:projectNumber/issues/:issue/link",
        "issue.linked",
    ),
    route("POST", "/github/repos/:owner/:repo/issues", "issue.created"),
    route(CHANGE, "/github/repos/:owner/:repo/issues/:issue", "issue.updated"),
    route("DELETE", "/github/repos/:owner/:repo/issues/:issue", "issue.deleted"),
    route(ANY, "/github/repos/:owner/:repo/issues/:issue/close", "issue.closed"),
    route(ANY, "/github/repos/:owner/:repo/issues/:issue/link", "issue.linked"),
    // Orchestration
    route(
        ANY,
        "/orchestration/workspace/:workspaceId/desired",
        "orchestration.desired_set",
    )
    .of("workspace"),
    route(
        ANY,
        "/orchestration/workspace/:workspaceId/running",
        "orchestration.running_set",
    )
    .of("workspace"),
    // Events: the call that brought one which was refused
    route("POST", "/events/project", "event.posted").with_data(),
    // Worktree status
    route(ANY, "/events/worktree/:projectNumber", "worktree.updated"),
    route(ANY, "/worktrees/:worktreeId/status", "worktree.updated"),
    // Its cache of projects: what is deleted there is no project
    route("POST", "/cache/projects/:owner", "cache.refreshed"),
    route("DELETE", "/cache/projects/:owner", "cache.cleared"),
    route("POST", "/cache/project/:projectNumber/refresh", "cache.refreshed").of("project"),
    route("DELETE", "/cache/project/:projectNumber", "cache.cleared").of("project"),
];

#[cfg(test)]
mod tests {
    use super::super::{OperationTable, classify};
    use super::*;

    /// Each shipped route: a call's method and path, its type, its target, and the fields that it fills.
    const CALLS: &[(&str, &str, &str, &str)] = &[
        ("POST /tasks", "task.created", "task", ""),
        ("PUT /tasks/t-1", "task.updated", "task t-1", "task t-1"),
        ("DELETE /tasks/t-1", "task.deleted", "task t-1", "task t-1"),
        ("POST /tasks/t-1/start", "task.started", "task t-1", "task t-1"),
        ("POST /tasks/t-1/complete", "task.completed", "task t-1", "task t-1"),
        ("POST /tasks/t-1/fail", "task.failed", "task t-1", "task t-1"),
        ("POST /sessions", "session.created", "session", ""),
        ("POST /sessions/cleanup", "session.cleaned_up", "session", ""),
        ("PATCH /sessions/s-1", "session.updated", "session s-1", "session s-1"),
        ("DELETE /sessions/s-1", "session.deleted", "session s-1", "session s-1"),
        (
            "DELETE /sessions/s-1/purge",
            "session.purged",
            "session s-1",
            "session s-1",
        ),
        (
            "POST /sessions/s-1/heartbeat",
            "session.heartbeat",
            "session s-1",
            "session s-1",
        ),
        (
            "POST /sessions/s-1/archive",
            "session.archived",
            "session s-1",
            "session s-1",
        ),
        (
            "POST /sessions/s-1/mark-stalled",
            "session.stalled",
            "session s-1",
            "session s-1",
        ),
        (
            "POST /sessions/s-1/mark-failed",
            "session.failed",
            "session s-1",
            "session s-1",
        ),
        (
            "POST /sessions/s-1/prepare-recovery",
            "session.recovery_prepared",
            "session s-1",
            "session s-1",
        ),
        (
            "POST /sessions/s-1/recover",
            "session.recovered",
            "session s-1",
            "session s-1",
        ),
        ("POST /machines", "machine.created", "machine", ""),
        ("PUT /machines/m-1", "machine.updated", "machine m-1", ""),
        ("DELETE /machines/m-1", "machine.deleted", "machine m-1", ""),
        ("POST /machines/m-1/heartbeat", "machine.heartbeat", "machine m-1", ""),
        (
            "POST /machines/m-1/assign-session",
            "machine.session_assigned",
            "machine m-1",
            "",
        ),
        (
            "POST /machines/m-1/release-session",
            "machine.session_released",
            "machine m-1",
            "",
        ),
        ("POST /github/projects", "project.created", "project", ""),
        (
            "PATCH /github/projects/42",
            "project.updated",
            "project 42",
            "project 42",
        ),
        ("PATCH /github/projects/PVT_x", "project.updated", "project PVT_x", ""),
        (
            "DELETE /github/projects/42",
            "project.deleted",
            "project 42",
            "project 42",
        ),
        (
            "POST /github/projects/42/link",
            "project.linked",
            "project 42",
            "project 42",
        ),
        (
            "DELETE /github/projects/42/link",
            "project.unlinked",
            "project 42",
            "project 42",
        ),
        (
            "POST /github/projects/42/items/i-1/update-field",
            "project.item_updated",
            "project 42",
            "project 42",
        ),
        (
            "DELETE /github/projects/42/items/i-1",
            "project.item_deleted",
            "project 42",
            "project 42",
        ),
        ("POST /github/issues", "issue.created", "issue", ""),
        ("PATCH /github/issues/17", "issue.updated", "issue 17", ""),
        ("DELETE /github/issues/17", "issue.deleted", "issue 17", ""),
        ("POST /github/issues/17/close", "issue.closed", "issue 17", ""),
        ("POST /github/issues/17/link", "issue.linked", "issue 17", ""),
        ("PATCH /github/issues/acme/rocket/17", "issue.updated", "issue 17", ""),
        ("DELETE /github/issues/acme/rocket/17", "issue.deleted", "issue 17", ""),
        (
            "POST /github/issues/acme/rocket/17/close",
            "issue.closed",
            "issue 17",
            "",
        ),
        (
            "POST /github/issues/acme/rocket/17/link",
            "issue.linked",
            "issue 17",
            "",
        ),
        (
            "POST /github/projects/42/issues",
            "issue.created",
            "issue",
            "project 42",
        ),
        (
            "PUT /github/projects/42/issues/17",
            "issue.updated",
            "issue 17",
            "project 42",
        ),
        (
            "DELETE /github/projects/42/issues/17",
            "issue.deleted",
            "issue 17",
            "project 42",
        ),
        (
            "POST /github/projects/42/issues/17/close",
            "issue.closed",
            "issue 17",
            "project 42",
        ),
        (
            "POST /github/projects/42/issues/17/link",
            "issue.linked",
            "issue 17",
            "project 42",
        ),
        ("POST /github/repos/acme/rocket/issues", "issue.created", "issue", ""),
        (
            "PATCH /github/repos/acme/rocket/issues/17",
            "issue.updated",
            "issue 17",
            "",
        ),
        (
            "DELETE /github/repos/acme/rocket/issues/17",
            "issue.deleted",
            "issue 17",
            "",
        ),
        (
            "POST /github/repos/acme/rocket/issues/17/close",
            "issue.closed",
            "issue 17",
            "",
        ),
        (
            "POST /github/repos/acme/rocket/issues/17/link",
            "issue.linked",
            "issue 17",
            "",
        ),
        (
            "PUT /orchestration/workspace/ws_1/desired",
            "orchestration.desired_set",
            "workspace ws_1",
            "workspace ws_1",
        ),
        (
            "PUT /orchestration/workspace/ws_1/running",
            "orchestration.running_set",
            "workspace ws_1",
            "workspace ws_1",
        ),
        ("POST /events/project", "event.posted", "event", ""),
        (
            "PUT /events/worktree/42",
            "worktree.updated",
            "worktree 42",
            "project 42",
        ),
        ("PUT /worktrees/w-1/status", "worktree.updated", "worktree w-1", ""),
        ("POST /cache/projects/acme", "cache.refreshed", "cache", ""),
        ("DELETE /cache/projects/acme", "cache.cleared", "cache", ""),
        (
            "POST /cache/project/42/refresh",
            "cache.refreshed",
            "project 42",
            "project 42",
        ),
        ("DELETE /cache/project/42", "cache.cleared", "project 42", "project 42"),
    ];

    #[test]
    fn every_route_of_the_seeds_system_is_known_under_every_prefix() {
        for (call, expected, target, fields) in CALLS {
            let (method, path) = call.split_once(' ').unwrap();
            for prefix in ["", "/api", "/api/v1", "/v2", "/rest/api"] {
                let operation = classify(method, &format!("{prefix}{path}?x=1"), None);
                assert_eq!(&operation.operation_type, expected, "{prefix} {call}");
                let id = operation.target_id.map(|id| format!(" {id}")).unwrap_or_default();
                assert_eq!(
                    &format!("{}{id}", operation.target_type.unwrap()),
                    target,
                    "{prefix} {call}"
                );
                let named = operation.named;
                let said: Vec<String> = [
                    ("task", named.task_id),
                    ("session", named.session_id),
                    ("project", named.project_number.map(|number| number.to_string())),
                    ("workspace", named.workspace_id),
                ]
                .into_iter()
                .filter_map(|(name, value)| Some(format!("{name} {}", value?)))
                .collect();
                assert_eq!(&said.join(" "), fields, "{prefix} {call}");
                assert_eq!(
                    (operation.level, named.phase_number, named.work_item_id),
                    (None, None, None)
                );
            }
        }
    }

    #[test]
    fn every_shipped_rule_is_tested_and_well_formed() {
        assert_eq!(OperationTable::shipped().len(), SHIPPED.len());
        for spec in SHIPPED {
            let (methods, operation) = spec.says();
            let is_tested = CALLS.iter().any(|(call, expected, ..)| {
                let (method, path) = call.split_once(' ').unwrap();
                let (rule, path): (Vec<_>, Vec<_>) = (spec.path.split('/').collect(), path.split('/').collect());
                methods.contains(method)
                    && *expected == operation
                    && rule.len() == path.len()
                    && rule
                        .iter()
                        .zip(path)
                        .all(|(one, other)| one.starts_with(':') || *one == other)
            });
            assert!(is_tested, "{spec:?}");
        }
    }
}
