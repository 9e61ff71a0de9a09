//! What is kept: pages of older records, and what is saved.

use super::*;

fn ids(history: &TaskHistory) -> Vec<String> {
    history.view().items().map(|item| item.item_id.clone()).collect()
}

fn small() -> TaskHistory {
    TaskHistory::new(Options {
        capacity: 2,
        older_capacity: 2,
        ..Options::workspace("ws_a")
    })
}

fn page_in(history: &mut TaskHistory, records: &[Value]) -> Value {
    serde_json::from_str(&history.page_in_json(&json!(records).to_string(), T0).unwrap()).unwrap()
}

#[test]
fn older_records_come_in_by_pages_and_leave_again() {
    let records: Vec<Value> = (1..=6)
        .map(|at| task(&format!("{at}"), at, "task.started", &format!("{at}")))
        .collect();
    let mut history = small();
    apply(&mut history, &records[2..4], 0);
    assert_eq!(page_in(&mut history, &records[1..2])["accepted"], 1);
    assert_eq!(ids(&history), ["4", "3", "2"]);
    let summary = history.view().summary;
    assert_eq!((summary.records, summary.capacity, summary.older), (3, 2, 1));
    assert!(!history.cursor().full);
    // What is older than the page comes with the next page, or there would be a hole before it.
    assert_eq!(apply(&mut history, &records[..1], 0).accepted, 0);
    // While they are there, news push nothing out until there is no more room.
    assert_eq!(apply(&mut history, &records[4..5], 0).accepted, 1);
    assert_eq!(ids(&history), ["5", "4", "3", "2"]);
    assert!(history.cursor().full);
    assert_eq!(page_in(&mut history, &records[..1])["accepted"], 0);
    apply(&mut history, &records[5..], 0);
    assert_eq!(ids(&history), ["6", "5", "4", "3"]);
    let changes: Value = serde_json::from_str(&history.page_out_json(T0)).unwrap();
    let removed: Vec<&str> = changes["patches"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|patch| patch["op"] == "remove")
        .map(|patch| patch["key"].as_str().unwrap())
        .collect();
    assert_eq!(removed.len(), 2, "{changes:#}");
    assert_eq!(ids(&history), ["6", "5"]);
    assert_eq!(history.view().summary.older, 0);
    assert_eq!(apply(&mut history, &records[3..4], 0).accepted, 0);
}

#[test]
fn a_page_is_held_to_the_same_rules_as_the_rest() {
    let mut history = small();
    apply(&mut history, &[task("5", 5, "task.started", "5")], 0);
    let foreign = with(task("1", 1, "task.started", "1"), "/workspace_id", json!("ws_b"));
    let answer = page_in(
        &mut history,
        &[
            foreign,
            json!({}),
            task("4", 4, "task.started", "4"),
            task("4", 4, "task.started", "4"),
        ],
    );
    assert_eq!(
        (&answer["accepted"], &answer["rejected"], &answer["outOfScope"]),
        (&json!(1), &json!(1), &json!(1))
    );
    // There is room for both: nothing is older than what is kept anyway.
    assert_eq!(history.view().summary.older, 0);
    assert_eq!(apply(&mut history, &[task("3", 3, "task.started", "3")], 0).accepted, 0);
    assert_eq!(history.page_in_json("{}", 0).unwrap_err().code(), Code::CallInvalid);
}

#[test]
fn what_is_saved_comes_back_with_its_filter() {
    let mut history = history();
    let failed = {
        let mut failed = task("3", 60, "task.failed", "1.2");
        failed["error"] = json!({ "code": "E1", "message": "Out of \"disk\"" });
        failed["duration_ms"] = json!(12.25);
        failed["worktree_path"] = json!("/w/ü");
        failed
    };
    let done = with(
        task("2", 50, "task.completed", "1.1"),
        "/metadata",
        json!({ "result": { "ok": [1, 2.5] }, "filesChanged": ["a.rs"], "unknown": 1 }),
    );
    apply(&mut history, &[task("1", 0, "task.started", "1.1"), done, failed], 100);
    // Before 1970 there was time too.
    apply(
        &mut history,
        &[with(task("0", 0, "widget.created", "9"), "/timestamp", json!(-5))],
        100,
    );
    let filter = json!({ "status": ["failed", "stalled"], "text": "DISK", "withinMs": 1_000, "workspace": "ws_a", "agent": "agent-1", "since": 5, "until": T0 + 500, "project": 42, "phase": 1 });
    history.set_filter_json(&filter.to_string(), T0 + 100).unwrap();
    assert_eq!(ids(&history), ["1.2"]);
    let saved = history.save_json();

    let mut restored = super::history();
    let answer: Value = serde_json::from_str(&restored.restore_json(&saved, T0 + 100).unwrap()).unwrap();
    assert_eq!(
        (
            &answer["accepted"],
            &answer["rejected"],
            answer["patches"].as_array().unwrap().len()
        ),
        (&json!(4), &json!(0), 4)
    );
    assert_eq!(restored.view(), history.view());
    let kept: Value = serde_json::from_str(&restored.filter_json()).unwrap();
    assert_eq!(kept, filter);
    restored.set_filter(Filter::default(), T0 + 100);
    history.set_filter(Filter::default(), T0 + 100);
    assert_eq!(restored.view(), history.view());
    assert_eq!(item(&restored, "1.1").result.as_deref(), Some(r#"{"ok":[1,2.5]}"#));
    assert_eq!(restored.cursor().oldest.unwrap().timestamp, -5);
}

#[test]
fn what_was_saved_joins_what_came_before_it() {
    let mut saved = history();
    apply(
        &mut saved,
        &[task("1", 0, "task.started", "1.1"), task("2", 1, "task.started", "1.2")],
        0,
    );
    let mut history = history();
    apply(
        &mut history,
        &[
            task("2", 1, "task.started", "1.2"),
            task("3", 2, "task.completed", "1.1"),
        ],
        0,
    );
    let answer: Value = serde_json::from_str(&history.restore_json(&saved.save_json(), T0).unwrap()).unwrap();
    assert_eq!(answer["accepted"], 1);
    assert_eq!(item(&history, "1.1").duration_ms, Some(2.0));
}

#[test]
fn a_saved_history_of_another_kind_changes_nothing() {
    let mut history = history();
    apply(&mut history, &[task("1", 0, "task.started", "1.1")], 0);
    history.set_filter_json(r#"{"project":42}"#, T0).unwrap();
    let before = (history.view(), history.filter_json());
    for (text, field, said) in [
        ("", None, "not a saved history"),
        ("[]", None, "expected an object"),
        ("{}", Some("version"), "fetch the records again"),
        (
            r#"{"version":2,"records":[{"audit_id":"9","timestamp":1}]}"#,
            Some("version"),
            "fetch the records again",
        ),
        (
            r#"{"version":1,"filter":{"stauts":[]}}"#,
            Some("filter.stauts"),
            "there are",
        ),
        (r#"{"version":1,"records":7}"#, Some("records"), "expected an array"),
    ] {
        let error = history.restore_json(text, T0).unwrap_err();
        assert_eq!(
            (error.code(), error.field()),
            (Code::HistoryInvalid, field),
            "{text}: {error}"
        );
        assert!(error.to_string().contains(said), "{error}");
    }
    assert_eq!((history.view(), history.filter_json()), before);
    // One record that cannot be read does no harm to the rest.
    let answer = history.restore_json(
        r#"{"version":1,"records":[{},{"audit_id":"9","timestamp":1,"workspace_id":"ws_a"}]}"#,
        T0,
    );
    let answer: Value = serde_json::from_str(&answer.unwrap()).unwrap();
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(1), &json!(1)));
}
