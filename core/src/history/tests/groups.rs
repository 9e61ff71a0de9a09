//! What else is told than the state of items: workspaces, agents, refused events, losses.

use super::*;

fn calls(view: &View) -> Vec<&CallRow> {
    view.rows
        .iter()
        .filter_map(|row| match row.content.as_ref() {
            Content::Call(call) => Some(call.as_ref()),
            _ => None,
        })
        .collect()
}

fn of(mut record: Value, workspace: &str, origin: Option<&str>) -> Value {
    record["workspace_id"] = json!(workspace);
    record["origin_workspace_id"] = json!(origin);
    record
}

#[test]
fn workspaces_are_the_top_where_they_are_wanted() {
    let mut history = TaskHistory::new(Options {
        by_workspace: true,
        ..Options::default()
    });
    let nobodys = with(task("4", 3, "task.started", "1.4"), "/workspace_id", Value::Null);
    apply(
        &mut history,
        &[
            of(task("1", 0, "task.started", "1.1"), "ws_a", None),
            of(task("2", 1, "task.completed", "1.2"), "ws_b", None),
            // Of one run, in a worktree that ws_a launched.
            of(task("3", 2, "task.failed", "1.3"), "ws_b", Some("ws_a")),
            nobodys,
        ],
        4,
    );
    let view = history.view();
    let shown: Vec<(String, String)> = view
        .rows
        .iter()
        .filter(|row| matches!(row.content.as_ref(), Content::Workspace(_) | Content::Item(_)))
        .map(|row| (row.key.to_string(), row.parent.to_string()))
        .collect();
    let path = |workspace: &str, item: &str| {
        let phase = format!("w:{workspace}/r:run-1/p:42/f:1");
        (format!("{phase}/i:{item}"), phase)
    };
    let top = |workspace: &str| (format!("w:{workspace}"), String::new());
    assert_eq!(
        shown,
        [
            top("unknown"),
            path("unknown", "1.4"),
            top("ws_b"),
            path("ws_b", "1.2"),
            top("ws_a"),
            path("ws_a", "1.3"),
            path("ws_a", "1.1"),
        ]
    );
    let workspaces: Vec<(&str, Option<Status>, u64)> = view
        .rows
        .iter()
        .filter_map(|row| match row.content.as_ref() {
            Content::Workspace(row) => Some((row.workspace_id.as_str(), row.status, row.counts.total)),
            _ => None,
        })
        .collect();
    assert_eq!(
        workspaces,
        [
            ("unknown", Some(Status::Started), 1),
            ("ws_b", Some(Status::Started), 1),
            ("ws_a", Some(Status::Started), 2)
        ]
    );
    assert_eq!(view.choices.workspaces, ["unknown", "ws_a", "ws_b"]);
    assert_eq!(view.summary.counts.total, 4);

    history.set_filter_json(r#"{"workspace":"ws_a"}"#, T0 + 4).unwrap();
    let items: Vec<String> = history.view().items().map(|item| item.item_id.clone()).collect();
    assert_eq!(items, ["1.3", "1.1"]);
    assert_eq!(
        kinds(&history.view()),
        ["workspace", "run", "project", "phase", "item", "item"]
    );
}

#[test]
fn the_folders_of_a_window_show_their_workspaces_and_no_others() {
    let mut history = TaskHistory::from_options_json(r#"{"workspaceId":["ws_a","ws_b"],"byWorkspace":true}"#).unwrap();
    let changes = apply(
        &mut history,
        &[
            of(task("1", 0, "task.started", "1.1"), "ws_a", Some("ws_c")),
            of(task("2", 1, "task.started", "1.2"), "ws_b", None),
            of(task("3", 2, "task.started", "1.3"), "ws_c", None),
        ],
        3,
    );
    assert_eq!((changes.accepted, changes.out_of_scope), (2, 1));
    // Where the one that launched the run is not shown, the one that it works in is its home.
    assert_eq!(history.view().choices.workspaces, ["ws_a", "ws_b"]);
}

#[test]
fn percent_is_of_all_that_was_announced_and_whole() {
    let counts = |total, completed| Counts {
        total,
        completed,
        ..Counts::default()
    };
    for (total, completed, percent) in [
        (0, 0, 0),
        (3, 0, 0),
        (3, 1, 33),
        (3, 2, 66),
        (3, 3, 100),
        (1_000, 999, 99),
    ] {
        assert_eq!(counts(total, completed).percent(), percent);
    }
    let mut history = history();
    let announced = json!({ "phase_number": 1, "metadata": { "phaseName": "P", "totalItems": 4 } });
    apply(
        &mut history,
        &[
            event("1", 0, "phase.started", announced),
            task("2", 1, "task.completed", "1.1"),
        ],
        2,
    );
    let view: Value = serde_json::from_str(&history.view_json()).unwrap();
    assert_eq!(
        (&view["rows"][2]["percent"], &view["summary"]["percent"]),
        (&json!(25), &json!(25))
    );
}

#[test]
fn an_item_says_who_worked_on_which_attempt_and_who_sent_whom() {
    let by = |record: Value, agent: &str, parent: Option<&str>| {
        let mut record = with(record, "/agent_id", json!(agent));
        record["metadata"]["parentAgentId"] = json!(parent);
        record
    };
    let mut history = history();
    let mut records = [
        by(task("1", 0, "task.started", "1.1"), "lead", None),
        by(task("2", 10, "task.progress", "1.1"), "tester", Some("lead")),
        by(task("3", 20, "task.progress", "1.1"), "tester", None),
        by(task("4", 30, "task.failed", "1.1"), "lead", None),
        by(task("5", 40, "task.started", "1.1"), "lead", Some("planner")),
        by(task("6", 50, "task.completed", "1.1"), "lead", None),
    ];
    records.reverse();
    for record in &records {
        apply(&mut history, std::slice::from_ref(record), 60);
    }
    let spell = |agent: &str, parent: Option<&str>, attempt, first, last| AgentSpell {
        agent_id: agent.to_owned(),
        parent_agent_id: parent.map(str::to_owned),
        attempt,
        first_at: T0 + first,
        last_at: T0 + last,
    };
    assert_eq!(
        item(&history, "1.1").lineage,
        [
            spell("lead", None, 1, 0, 30),
            spell("tester", Some("lead"), 1, 10, 20),
            spell("lead", Some("planner"), 2, 40, 50)
        ]
    );
    assert_eq!(item(&history, "1.1").agents, ["lead", "tester"]);
}

#[test]
fn refused_events_and_losses_are_told_and_counted() {
    let mut history = history();
    let refused = {
        let mut refused = event(
            "1",
            0,
            "event.posted",
            json!({ "channel": "agent", "outcome": "failure", "response_status": 400, "phase_number": 1, "work_item_id": "1.1" }),
        );
        refused["error"] = json!({ "code": "TT_EVENT_INVALID", "message": "data.workItemTitle: is missing" });
        refused
    };
    let busy = with(refused.clone(), "/audit_id", json!("2"));
    let busy = with(busy, "/response_status", json!(503));
    let gap = json!({
        "audit_id": "3", "timestamp": T0 + 2, "operation_type": "audit.gap", "channel": "system", "workspace_id": "unknown",
        "metadata": { "writer_id": "w1", "from_seq": 7, "to_seq": null, "count": 3, "reason": "queue_full" },
    });
    let changes = apply(&mut history, &[refused, busy, gap], 3);
    assert_eq!(
        (changes.accepted, changes.out_of_scope),
        (3, 0),
        "what is lost may be anybody's"
    );
    let view = history.view();
    let told: Vec<(&str, &Nature)> = calls(&view)
        .iter()
        .map(|call| (&*call.audit_id, &call.nature))
        .collect();
    let gap = Nature::Gap(Gap {
        writer_id: Some("w1".into()),
        from_seq: Some(7),
        to_seq: None,
        count: Some(3),
        reason: Some("queue_full".into()),
    });
    assert_eq!(told, [("1", &Nature::Quarantined), ("3", &gap)]);
    assert_eq!(
        calls(&view)[0].error.as_ref().unwrap().message,
        "data.workItemTitle: is missing"
    );
    // One that came while the API was busy is a sign of life of its item: it is sent again.
    assert_eq!(item(&history, "1.1").status, Status::Progress);
    assert_eq!((view.summary.quarantined, view.summary.gaps), (1, 1));
    let folds: Vec<(u64, u64, u64)> = content(&view, |content| match content {
        Content::Other(other) => Some(other),
        _ => None,
    })
    .iter()
    .map(|other| (other.count, other.quarantined, other.gaps))
    .collect();
    assert_eq!(folds, [(1, 1, 0), (1, 0, 1)]);

    history.set_filter_json(r#"{"status":["failed"]}"#, T0 + 3).unwrap();
    assert_eq!(calls(&history.view()).len(), 2, "neither of them went well");
    let json: Value = serde_json::from_str(&history.view_json()).unwrap();
    let gap = json["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["nature"] == "gap")
        .unwrap();
    assert_eq!(
        gap["gap"],
        json!({ "writerId": "w1", "fromSeq": 7, "toSeq": null, "count": 3, "reason": "queue_full" })
    );
}
