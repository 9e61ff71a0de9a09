mod crossing;
mod groups;
mod kept;
mod properties;

use std::collections::HashMap;

use serde_json::{Value, json};

use super::*;
use crate::error::Code;
use crate::json::ToJson;

const T0: i64 = 1_763_848_800_000;
const MINUTE: i64 = 60_000;

/// An event as the wire has it.
fn event(id: &str, at: i64, kind: &str, more: Value) -> Value {
    let mut record = json!({
        "audit_id": id, "timestamp": crate::schema::Timestamp::from_millis(T0 + at).to_string(), "operation_type": kind,
        "channel": "agent", "workspace_id": "ws_a", "outcome": "success", "run_id": "run-1", "project_number": 42,
    });
    for (name, value) in more.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

fn task(id: &str, at: i64, kind: &str, item: &str) -> Value {
    event(
        id,
        at,
        kind,
        json!({ "phase_number": 1, "work_item_id": item, "agent_id": "agent-1", "metadata": { "workItemTitle": format!("Title of {item}") } }),
    )
}

fn with(mut record: Value, path: &str, value: Value) -> Value {
    *record.pointer_mut(path).unwrap() = value;
    record
}

fn history() -> TaskHistory {
    TaskHistory::new(Options::workspace("ws_a"))
}

fn apply(history: &mut TaskHistory, records: &[Value], at: i64) -> Changes {
    let entries: Vec<Entry> = records
        .iter()
        .map(|record| Entry::from_json(&record.to_string()).unwrap())
        .collect();
    history.apply(entries, T0 + at)
}

fn item(history: &TaskHistory, id: &str) -> ItemRow {
    history.view().items().find(|item| item.item_id == id).unwrap().clone()
}

fn content<'a, T>(view: &'a View, pick: impl Fn(&'a Content) -> Option<&'a T>) -> Vec<&'a T> {
    view.rows.iter().filter_map(|row| pick(&row.content)).collect()
}

fn phases(view: &View) -> Vec<&PhaseRow> {
    content(view, |content| {
        if let Content::Phase(phase) = content {
            Some(phase)
        } else {
            None
        }
    })
}

fn projects(view: &View) -> Vec<&ProjectRow> {
    content(view, |content| {
        if let Content::Project(project) = content {
            Some(project)
        } else {
            None
        }
    })
}

fn kinds(view: &View) -> Vec<String> {
    view.rows
        .iter()
        .map(|row| {
            let row: Value = serde_json::from_str(&row.to_json_text()).unwrap();
            row["kind"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// The page: does what the patches say, and nothing else.
#[derive(Default, Debug)]
struct Page {
    rows: HashMap<Arc<str>, Row>,
    children: HashMap<Arc<str>, Vec<Arc<str>>>,
}

impl Page {
    fn patch(&mut self, patches: &[Patch]) {
        for patch in patches {
            match patch {
                Patch::Remove { key } => {
                    let row = self.rows.remove(key).expect("removes only what is there");
                    assert!(
                        self.children.get(key).is_none_or(Vec::is_empty),
                        "what lies under a row goes first"
                    );
                    self.children
                        .get_mut(&row.parent)
                        .unwrap()
                        .retain(|sibling| sibling != key);
                }
                Patch::Insert { before, row } => {
                    assert!(
                        row.parent.is_empty() || self.rows.contains_key(&row.parent),
                        "a parent comes first"
                    );
                    assert!(
                        self.rows.insert(row.key.clone(), row.clone()).is_none(),
                        "inserts only what is not there"
                    );
                    self.place(&row.parent.clone(), row.key.clone(), before);
                }
                Patch::Move { key, before } => {
                    let parent = self.rows[key].parent.clone();
                    self.children.get_mut(&parent).unwrap().retain(|sibling| sibling != key);
                    self.place(&parent, key.clone(), before);
                }
                Patch::Update { row, .. } => {
                    let old = self
                        .rows
                        .insert(row.key.clone(), row.clone())
                        .expect("updates only what is there");
                    assert_ne!(old.content, row.content, "an update that changes nothing");
                }
            }
        }
    }

    fn place(&mut self, parent: &Arc<str>, key: Arc<str>, before: &Option<Arc<str>>) {
        let siblings = self.children.entry(parent.clone()).or_default();
        let position = before.as_ref().map_or(siblings.len(), |before| {
            siblings.iter().position(|key| key == before).expect("before a sibling")
        });
        siblings.insert(position, key);
    }

    fn rows(&self) -> Vec<Row> {
        fn walk(page: &Page, parent: &str, rows: &mut Vec<Row>) {
            for key in page.children.get(parent).into_iter().flatten() {
                rows.push(page.rows[key].clone());
                walk(page, key, rows);
            }
        }
        let mut rows = Vec::new();
        walk(self, "", &mut rows);
        rows
    }
}

#[test]
fn a_start_and_its_end_are_one_row_whichever_comes_first() {
    let start = task("1", 0, "task.started", "1.1");
    let end = with(
        task("2", 5_000, "task.completed", "1.1"),
        "/metadata",
        json!({ "filesChanged": ["a.rs", "b.rs"], "result": "merged" }),
    );
    let mut forward = history();
    apply(&mut forward, &[start.clone(), end.clone()], 0);
    let mut backward = history();
    apply(&mut backward, std::slice::from_ref(&end), 0);
    assert_eq!(item(&backward, "1.1").title, "1.1");
    let changes = apply(&mut backward, &[start], 0);
    assert_eq!(forward.view(), backward.view());
    assert!(
        changes
            .patches
            .iter()
            .all(|patch| matches!(patch, Patch::Update { .. })),
        "{:#?}",
        changes.patches
    );
    let item = item(&forward, "1.1");
    assert_eq!(
        (item.status, item.attempts, item.duration_ms),
        (Status::Completed, 1, Some(5_000.0))
    );
    assert_eq!(
        (item.title.as_str(), item.result.as_deref()),
        ("Title of 1.1", Some("merged"))
    );
    assert_eq!(item.files_changed, ["a.rs", "b.rs"]);
}

#[test]
fn a_retry_counts_attempts_and_keeps_what_failed() {
    let mut history = history();
    let failed = with(task("2", 1_000, "task.failed", "1.1"), "/outcome", json!("failure"));
    let failed = {
        let mut failed = failed;
        failed["error"] = json!({ "code": "E1", "message": "tests fail" });
        failed
    };
    apply(&mut history, &[task("1", 0, "task.started", "1.1"), failed], 1_000);
    let first = item(&history, "1.1");
    assert_eq!((first.status, first.attempts), (Status::Failed, 1));
    assert_eq!(first.error.as_ref().unwrap().message, "tests fail");

    apply(
        &mut history,
        &[with(
            task("3", 2_000, "task.started", "1.1"),
            "/agent_id",
            json!("agent-2"),
        )],
        2_000,
    );
    let second = item(&history, "1.1");
    assert_eq!(
        (second.status, second.attempts, second.error.as_ref()),
        (Status::Started, 2, None)
    );
    assert_eq!(
        (second.started_at, second.ended_at, second.agent_id.as_deref()),
        (Some(T0 + 2_000), None, Some("agent-2"))
    );
    assert_eq!(
        (second.failures[0].attempt, second.failures[0].agent_id.as_deref()),
        (1, Some("agent-1"))
    );

    apply(&mut history, &[task("4", 9_000, "task.completed", "1.1")], 9_000);
    let third = item(&history, "1.1");
    assert_eq!(
        (third.status, third.attempts, third.duration_ms, third.failures.len()),
        (Status::Completed, 2, Some(7_000.0), 1)
    );
}

#[test]
fn of_one_time_the_end_wins() {
    for order in [["1", "2", "3"], ["3", "2", "1"], ["2", "3", "1"]] {
        let mut history = history();
        for id in order {
            let kind = match id {
                "1" => "task.completed",
                "2" => "task.progress",
                _ => "task.started",
            };
            apply(&mut history, &[task(id, 0, kind, "1.1")], 0);
        }
        assert_eq!(item(&history, "1.1").status, Status::Completed);
    }
}

#[test]
fn progress_after_the_end_does_not_open_an_item_again() {
    let mut history = history();
    let late = with(
        task("3", 9, "task.progress", "1.1"),
        "/metadata",
        json!({ "message": "90 %", "percent": 90 }),
    );
    apply(
        &mut history,
        &[
            task("1", 0, "task.started", "1.1"),
            task("2", 5, "task.completed", "1.1"),
            late,
        ],
        10,
    );
    let item = item(&history, "1.1");
    assert_eq!(
        (item.status, item.message, item.percent),
        (Status::Completed, None, None)
    );
}

#[test]
fn groups_nest_and_count() {
    let mut history = history();
    let started = |id, at, phase: u64, name: &str, total: u64| {
        event(
            id,
            at,
            "phase.started",
            json!({ "phase_number": phase, "metadata": { "phaseName": name, "totalItems": total } }),
        )
    };
    apply(
        &mut history,
        &[
            event(
                "0",
                0,
                "orchestration.progress",
                json!({ "metadata": { "totalPhases": 3, "completedPhases": 0, "totalItems": 9, "completedItems": 0 } }),
            ),
            started("1", 1, 1, "Foundations", 2),
            task("2", 2, "task.started", "1.1"),
            task("3", 3, "task.started", "1.2"),
            task("4", 4, "task.completed", "1.1"),
            started("5", 5, 2, "Interface", 3),
        ],
        5,
    );
    let view = history.view();
    assert_eq!(kinds(&view), ["run", "project", "phase", "phase", "item", "item"]);
    let [two, one] = phases(&view)[..] else { panic!() };
    assert_eq!(
        (two.name.as_deref(), two.counts.total, two.status),
        (Some("Interface"), 3, Status::Started)
    );
    assert_eq!(
        (
            one.counts.total,
            one.counts.completed,
            one.counts.in_progress,
            one.status
        ),
        (2, 1, 1, Status::Started)
    );
    let project = projects(&view)[0];
    assert_eq!(
        (
            project.counts.total,
            project.counts.completed,
            project.counts.in_progress
        ),
        (9, 1, 1)
    );
    assert_eq!((project.total_phases, project.completed_phases), (3, 0));
    assert_eq!(view.summary.counts, project.counts);
    assert_eq!(
        (view.choices.projects.as_slice(), view.choices.phases.len()),
        ([42].as_slice(), 2)
    );

    let done =
        json!({ "phase_number": 1, "metadata": { "phaseName": "Foundations", "totalItems": 2, "completedItems": 2 } });
    apply(
        &mut history,
        &[
            task("6", 6, "task.completed", "1.2"),
            event("7", 7, "phase.completed", done),
        ],
        7,
    );
    let view = history.view();
    assert_eq!(
        (phases(&view)[1].status, phases(&view)[1].ended_at),
        (Status::Completed, Some(T0 + 7))
    );
    assert_eq!(projects(&view)[0].completed_phases, 1);
    let run = content(&view, |content| {
        if let Content::Run(run) = content {
            Some(run)
        } else {
            None
        }
    })[0];
    assert_eq!(
        (run.status, &*run.agents),
        (Some(Status::Started), ["agent-1".to_owned()].as_slice())
    );

    apply(
        &mut history,
        &[event(
            "8",
            8,
            "project.completed",
            json!({ "metadata": { "completedItems": 9, "totalItems": 9 } }),
        )],
        8,
    );
    let view = history.view();
    assert_eq!(
        (projects(&view)[0].status, projects(&view)[0].counts.completed),
        (Status::Completed, 9)
    );
}

#[test]
fn items_of_two_runs_or_projects_never_mix() {
    let mut history = history();
    apply(
        &mut history,
        &[
            task("1", 0, "task.started", "1.1"),
            with(task("2", 1, "task.started", "1.1"), "/run_id", json!("run-2")),
            with(task("3", 2, "task.started", "1.1"), "/run_id", Value::Null),
            with(task("4", 3, "task.started", "1.1"), "/project_number", json!(43)),
            with(task("5", 4, "task.started", "1"), "/run_id", json!("run-1/p:42")),
            with(task("6", 5, "task.started", "1.1/i:1"), "/run_id", json!("run-1")),
        ],
        4,
    );
    assert_eq!(history.view().items().count(), 6);
}

#[test]
fn calls_without_an_item_fold_under_other_activity() {
    let mut history = history();
    let call = |id, at, run: Value, outcome: &str| {
        let mut call = event(
            id,
            at,
            "task.started",
            json!({ "channel": "http", "http_method": "POST", "api_endpoint": "/api/tasks/7/start", "response_status": 201 }),
        );
        call["run_id"] = run;
        call["outcome"] = json!(outcome);
        call
    };
    apply(
        &mut history,
        &[
            call("1", 0, json!("run-1"), "success"),
            call("2", 1, json!("run-1"), "denied"),
            call("3", 2, Value::Null, "success"),
            task("4", 3, "task.started", "1.1"),
        ],
        3,
    );
    let view = history.view();
    assert_eq!(
        kinds(&view),
        [
            "run", "project", "phase", "item", "other", "call", "call", "other", "call"
        ]
    );
    let other = content(&view, |content| {
        if let Content::Other(other) = content {
            Some(other)
        } else {
            None
        }
    });
    assert_eq!(
        (
            other[0].count,
            other[0].failed,
            other[1].count,
            other[1].run_id.as_deref()
        ),
        (2, 1, 1, None)
    );
    assert_eq!((view.summary.rows, view.summary.shown), (4, 4));
}

#[test]
fn a_call_for_an_item_is_a_sign_of_life_only() {
    let mut history = history();
    apply(
        &mut history,
        &[
            task("1", 0, "task.started", "1.1"),
            with(
                task("2", 4 * MINUTE, "task.completed", "1.1"),
                "/channel",
                json!("http"),
            ),
        ],
        8 * MINUTE,
    );
    assert_eq!(
        (item(&history, "1.1").status, item(&history, "1.1").last_activity_at),
        (Status::Started, T0 + 4 * MINUTE)
    );
    history.tick(T0 + 10 * MINUTE);
    assert_eq!(item(&history, "1.1").status, Status::Stalled);
}

#[test]
fn silence_stalls_and_a_word_wakes() {
    let mut history = history();
    apply(
        &mut history,
        &[
            task("1", 0, "task.started", "1.1"),
            task("2", 0, "task.completed", "1.2"),
        ],
        0,
    );
    assert!(history.tick(T0 + 5 * MINUTE).patches.is_empty());
    let changes = history.tick(T0 + 5 * MINUTE + 1);
    assert_eq!(item(&history, "1.1").status, Status::Stalled);
    assert_eq!(item(&history, "1.2").status, Status::Completed);
    assert_eq!(
        changes.patches.len(),
        4,
        "the item, its phase, its project and its run: {:#?}",
        changes.patches
    );
    assert_eq!(
        (phases(&history.view())[0].status, history.view().summary.counts.stalled),
        (Status::Stalled, 1)
    );
    apply(
        &mut history,
        &[task("3", 6 * MINUTE, "task.progress", "1.1")],
        6 * MINUTE,
    );
    assert_eq!(item(&history, "1.1").status, Status::Progress);
    history.tick(T0);
    assert_eq!(item(&history, "1.1").status, Status::Progress);
}

#[test]
fn a_finished_group_whose_end_nobody_declared_ends_by_silence() {
    let mut history = history();
    apply(
        &mut history,
        &[
            task("1", 0, "task.started", "1.1"),
            task("2", 1, "task.completed", "1.1"),
        ],
        2,
    );
    assert_eq!(phases(&history.view())[0].status, Status::Started);
    history.tick(T0 + 6 * MINUTE);
    assert_eq!(phases(&history.view())[0].status, Status::Completed);
    assert_eq!(projects(&history.view())[0].status, Status::Completed);
}

#[test]
fn another_workspaces_records_stay_out_and_a_worktrees_come_in() {
    let mut history = history();
    let foreign = with(task("1", 0, "task.started", "1.1"), "/workspace_id", json!("ws_b"));
    let mut worktree = with(task("2", 0, "task.started", "1.2"), "/workspace_id", json!("ws_b"));
    worktree["origin_workspace_id"] = json!("ws_a");
    let changes = apply(&mut history, &[foreign, worktree], 0);
    assert_eq!((changes.accepted, changes.out_of_scope), (1, 1));
    assert_eq!(
        history
            .view()
            .items()
            .map(|item| item.item_id.as_str())
            .collect::<Vec<_>>(),
        ["1.2"]
    );
}

#[test]
fn only_the_newest_are_kept() {
    let mut history = TaskHistory::new(Options {
        capacity: 3,
        ..Options::workspace("ws_a")
    });
    for (id, at) in [("b", 2), ("a", 1), ("e", 5), ("d", 4), ("a", 1), ("c", 3)] {
        apply(&mut history, &[task(id, at, "task.started", id)], 5);
    }
    assert_eq!(
        history
            .view()
            .items()
            .map(|item| item.item_id.as_str())
            .collect::<Vec<_>>(),
        ["e", "d", "c"]
    );
    let cursor = history.cursor();
    assert_eq!(
        (
            cursor.newest.unwrap().timestamp,
            &*cursor.oldest.unwrap().audit_id,
            cursor.records,
            cursor.full
        ),
        (T0 + 5, "c", 3, true)
    );
}

#[test]
fn filters_narrow_what_is_shown_and_leave_the_counts() {
    let mut history = history();
    let failed = {
        let mut failed = task("4", 4, "task.failed", "1.2");
        failed["error"] = json!({ "message": "Out of disk" });
        failed
    };
    apply(
        &mut history,
        &[
            task("1", 0, "task.started", "1.1"),
            task("2", 1, "task.completed", "1.1"),
            with(task("3", 3, "task.started", "1.2"), "/agent_id", json!("agent-2")),
            failed,
            with(
                with(task("5", 60_000, "task.started", "2.1"), "/phase_number", json!(2)),
                "/project_number",
                json!(7),
            ),
        ],
        60_000,
    );
    let mut shown = |filter: Value| -> Vec<String> {
        history.set_filter_json(&filter.to_string(), T0 + 60_000).unwrap();
        let view = history.view();
        assert_eq!(
            view.summary.counts.total, 3,
            "a filter changes what is shown, not what is counted"
        );
        view.items().map(|item| item.item_id.clone()).collect()
    };
    assert_eq!(shown(json!({})), ["2.1", "1.2", "1.1"]);
    assert_eq!(shown(json!({ "project": 42 })), ["1.2", "1.1"]);
    assert_eq!(shown(json!({ "phase": 2 })), ["2.1"]);
    assert_eq!(shown(json!({ "status": ["failed", "completed"] })), ["1.2", "1.1"]);
    assert_eq!(shown(json!({ "status": ["started"], "project": 42 })), [""; 0]);
    assert_eq!(shown(json!({ "agent": "agent-2" })), ["1.2"]);
    assert_eq!(shown(json!({ "text": "DISK out" })), ["1.2"]);
    assert_eq!(shown(json!({ "text": "Ünheard" })), [""; 0]);
    assert_eq!(shown(json!({ "text": "title 1.1" })), ["1.1"]);
    assert_eq!(shown(json!({ "withinMs": 1_000 })), ["2.1"]);
    assert_eq!(shown(json!({ "since": T0 + 1, "until": T0 + 5 })), ["1.2", "1.1"]);
    assert!(history.tick(T0 + 60_000).patches.is_empty());

    history.set_filter_json(r#"{"withinMs":1000}"#, T0 + 60_000).unwrap();
    history.tick(T0 + 62_000);
    assert!(
        history.view().rows.is_empty(),
        "what leaves the time range goes by itself"
    );
    let error = history.set_filter_json(r#"{"statuss":[]}"#, 0).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().contains("statuss")),
        (Code::QueryInvalid, true),
        "{error}"
    );
}

#[test]
fn a_bad_element_does_no_harm_to_the_rest() {
    let mut history = history();
    let repeated = [
        r#""audit_id":"y""#,
        r#""timestamp":2"#,
        r#""run_id":"a","run_id":7"#,
        r#""error":{},"error":{}"#,
        r#""phase_number":1,"phase_number":2.0"#,
        r#""metadata":{"filesChanged":["a"],"filesChanged":["b"]}"#,
        r#""metadata":{"result":1,"result":2}"#,
    ]
    .map(|fields| format!(r#"{{"audit_id":"x","timestamp":1,{fields}}}"#));
    let batch = format!(
        "[{{}}, 5, null, {}, {}]",
        task("1", 0, "task.started", "1.1"),
        repeated.join(",")
    );
    let answer: Value = serde_json::from_str(&history.apply_json(&batch, T0).unwrap()).unwrap();
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(1), &json!(10)));
    assert_eq!(history.apply_json("{}", T0).unwrap_err().code(), Code::CallInvalid);
    let error = TaskHistory::from_options_json(r#"{"capacty":1}"#).unwrap_err();
    assert!(
        error.code() == Code::OptionsInvalid && error.to_string().contains("capacty"),
        "{error}"
    );
}

#[test]
fn what_nobody_asked_for_may_be_as_deep_as_it_likes() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let (strange, odd) = (
        format!(r#""strange":{deep}"#),
        format!(r#""metadata":{{"odd":{deep},"result":{deep}}}"#),
    );
    let batch = format!(r#"[{{"audit_id":"x","timestamp":1,"workspace_id":"ws_a",{strange},{odd},"run_id":{deep}}}]"#);
    let answer: Value = serde_json::from_str(&history().apply_json(&batch, T0).unwrap()).unwrap();
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(1), &json!(0)));
}

/// Between the question for a page and its answer, somebody else's events must not tear a hole before the oldest record.
#[test]
fn an_empty_page_keeps_the_oldest_record_until_the_page_is_there() {
    let mut history = TaskHistory::new(Options {
        capacity: 2,
        ..Options::workspace("ws_a")
    });
    let record = |n: i64| task(&n.to_string(), n * MINUTE, "task.started", &format!("1.{n}"));
    apply(&mut history, &[record(4), record(5)], 0);
    history.page_in([], T0);
    let oldest = history.cursor().oldest.unwrap();
    assert_eq!(&*oldest.audit_id, "4");
    apply(&mut history, &[record(6), record(7), record(8)], 0);
    assert_eq!(history.cursor().oldest.unwrap(), oldest);
    history.page_in(
        [record(2), record(3)].map(|record| Entry::from_json(&record.to_string()).unwrap()),
        T0,
    );
    assert_eq!(history.cursor().records, 7);
    history.page_out(T0);
    assert_eq!(history.cursor().records, 2);
    apply(&mut history, &[record(9)], 0);
    assert_eq!(history.cursor().records, 2);
}

#[test]
fn the_json_names_what_the_page_reads() {
    let mut history = history();
    let answer: Value = serde_json::from_str(
        &history
            .apply_json(&json!([task("1", 0, "task.started", "1.1")]).to_string(), T0)
            .unwrap(),
    )
    .unwrap();
    let patches = answer["patches"].as_array().unwrap();
    assert_eq!(
        patches
            .iter()
            .map(|patch| patch["op"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["insert"; 4]
    );
    let row = &patches[3]["row"];
    assert_eq!(
        (&row["kind"], &row["key"], &row["parent"]),
        (
            &json!("item"),
            &json!("r:run-1/p:42/f:1/i:1.1"),
            &json!("r:run-1/p:42/f:1")
        )
    );
    assert_eq!(
        (&row["itemId"], &row["status"], &row["startedAt"]),
        (&json!("1.1"), &json!("started"), &json!(T0))
    );
    assert_eq!(
        (&patches[2]["row"]["inProgress"], &answer["summary"]["shown"]),
        (&json!(1), &json!(1))
    );
}
