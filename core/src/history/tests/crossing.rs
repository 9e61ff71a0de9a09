//! What crosses as JSON: of what the other side has already, no more than what changed.

use proptest::prelude::*;

use super::properties::{filters, options, records};
use super::*;

/// The other side: keeps what it was told, and makes whole what it is told of it.
#[derive(Default, Debug)]
struct Far {
    rows: HashMap<String, Value>,
    summary: Value,
}

/// What a filter can choose from, in a summary.
const CHOICES: [&str; 4] = ["workspaces", "projects", "phases", "agents"];

fn merge(into: &mut Value, changed: &Value) {
    if into.is_null() {
        *into = json!({});
    }
    for (name, value) in changed.as_object().unwrap() {
        // All choices come together.
        let is_news = CHOICES.contains(&name.as_str()) || into.get(name) != Some(value);
        assert!(is_news, "`{name}` is told though it is what it was");
        into[name] = value.clone();
    }
}

impl Far {
    /// Takes a step's answer in, which must lead to what the history shows now.
    fn take(&mut self, answer: &str, history: &TaskHistory) -> Value {
        let answer: Value = serde_json::from_str(answer).unwrap();
        for patch in answer["patches"].as_array().unwrap() {
            let key = patch["key"].as_str().unwrap_or_default();
            match patch["op"].as_str().unwrap() {
                "insert" => {
                    let row = &patch["row"];
                    self.rows.insert(row["key"].as_str().unwrap().to_owned(), row.clone());
                }
                "remove" => drop(self.rows.remove(key).unwrap()),
                "update" => merge(self.rows.get_mut(key).unwrap(), &patch["row"]),
                _ => {}
            }
        }
        if !answer["summary"].is_null() {
            merge(&mut self.summary, &answer["summary"]);
        }
        let view: Value = serde_json::from_str(&history.view_json()).unwrap();
        let rows: HashMap<String, Value> = view["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["key"].as_str().unwrap().to_owned(), row.clone()))
            .collect();
        assert_eq!(self.rows, rows);
        if !self.summary.is_null() {
            assert_eq!(self.summary, view["summary"]);
        }
        answer
    }
}

fn told(answer: &Value) -> Vec<&str> {
    let named = |name: &&&str| answer["summary"].get(name).is_some();
    CHOICES.iter().filter(named).copied().collect()
}

#[test]
fn choices_cross_only_when_they_changed() {
    let mut history = TaskHistory::new(Options {
        capacity: 3,
        older_capacity: 3,
        ..Options::default()
    });
    let mut far = Far::default();
    let none: [&str; 0] = [];
    let all = CHOICES.to_vec();
    let text = |record: &Value| format!("[{record}]");
    let first = task("1", 0, "task.started", "1.1");
    let answer = far.take(&history.apply_json(&text(&first), T0).unwrap(), &history);
    assert_eq!(told(&answer), all);
    let second = task("2", 1, "task.progress", "1.1");
    let answer = far.take(&history.apply_json(&text(&second), T0).unwrap(), &history);
    assert_eq!(told(&answer), none);
    assert_eq!(answer["summary"], json!({ "records": 2, "newestAt": T0 + 1 }));
    // A filter shows less of it, but there is as much to choose from.
    let answer = far.take(&history.set_filter_json(r#"{"agent":"nobody"}"#, T0).unwrap(), &history);
    assert_eq!((told(&answer), &answer["summary"]["shown"]), (none.to_vec(), &json!(0)));
    far.take(&history.set_filter_json("", T0).unwrap(), &history);
    // Another agent; then the name of a phase.
    let third = with(task("3", 2, "task.progress", "1.1"), "/agent_id", json!("agent-2"));
    let answer = far.take(&history.apply_json(&text(&third), T0).unwrap(), &history);
    assert_eq!(told(&answer), all);
    let named = event(
        "4",
        3,
        "phase.started",
        json!({ "phase_number": 1, "metadata": { "phaseName": "Build" } }),
    );
    let answer = far.take(&history.apply_json(&text(&named), T0).unwrap(), &history);
    assert_eq!(answer["summary"]["phases"][0]["name"], "Build");
    // The oldest went, but its agent has another record; with that one, the agent goes.
    let calls: Vec<Value> = (5..8)
        .map(|id| {
            with(
                task(&id.to_string(), id, "task.progress", "1.1"),
                "/agent_id",
                json!("agent-2"),
            )
        })
        .collect();
    let answer = far.take(&history.apply_json(&text(&calls[0]), T0).unwrap(), &history);
    assert_eq!(answer["summary"]["agents"], json!(["agent-2"]));
    let answer = far.take(&history.apply_json(&text(&calls[1]), T0).unwrap(), &history);
    assert_eq!(told(&answer), none);
    let answer = far.take(&history.apply_json(&text(&calls[2]), T0).unwrap(), &history);
    assert_eq!(answer["summary"]["phases"][0]["name"], Value::Null, "its event went");
    // Pages bring them back, and take them along again.
    let page = json!([first, second, third]).to_string();
    let answer = far.take(&history.page_in_json(&page, T0).unwrap(), &history);
    assert_eq!(answer["summary"]["agents"], json!(["agent-1", "agent-2"]));
    let saved = history.save_json();
    let answer = far.take(&history.page_out_json(T0), &history);
    assert_eq!(answer["summary"]["agents"], json!(["agent-2"]));
    assert_eq!(told(&far.take(&history.tick_json(T0 + 9), &history)), none);
    let answer = far.take(&history.restore_json(&saved, T0).unwrap(), &history);
    assert_eq!(answer["summary"]["agents"], json!(["agent-1", "agent-2"]));
}

#[test]
fn an_update_crosses_as_what_changed() {
    let mut history = history();
    let mut far = Far::default();
    let started = task("1", 0, "task.started", "1.1");
    far.take(&history.apply_json(&format!("[{started}]"), T0).unwrap(), &history);
    let failed = with(task("2", 5, "task.failed", "1.1"), "/outcome", json!("failure"));
    let answer = far.take(&history.apply_json(&format!("[{failed}]"), T0).unwrap(), &history);
    let item = answer["patches"]
        .as_array()
        .unwrap()
        .iter()
        .find(|patch| patch["key"].as_str().unwrap().contains("/i:"))
        .unwrap();
    let mut changed: Vec<&String> = item["row"].as_object().unwrap().keys().collect();
    changed.sort();
    let expected = [
        "auditId",
        "durationMs",
        "endedAt",
        "error",
        "failures",
        "lastActivityAt",
        "lineage",
        "status",
    ];
    assert_eq!(changed, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 60 } else { 1_000 }))]

    /// Whatever the steps, and in any order: the other side has what the history shows, and choices cross where they changed and nowhere else.
    #[test]
    fn the_other_side_has_what_is_shown(
        records in records(),
        steps in prop::collection::vec((0..7_u8, any::<prop::sample::Index>(), 1..6_usize), 1..40),
        filter in filters(),
        options in options(),
    ) {
        let mut history = TaskHistory::new(options);
        let mut far = Far::default();
        let mut saved = history.save_json();
        for (at, (step, from, size)) in steps.iter().enumerate() {
            let now = T0 + at as i64 * MINUTE;
            let batch = match records.is_empty() {
                true => Vec::new(),
                false => records.iter().cycle().skip(from.index(records.len())).take(*size).collect(),
            };
            let batch = json!(batch).to_string();
            let (before, first) = (history.view().choices, far.summary.is_null());
            let answer = match step {
                0 => history.page_in_json(&batch, now).unwrap(),
                1 => history.page_out_json(now),
                2 => history.set_filter_json(&filter.to_json_text(), now).unwrap(),
                3 => history.set_filter_json("", now).unwrap(),
                4 => {
                    let answer = history.restore_json(&saved, now).unwrap();
                    saved = history.save_json();
                    answer
                }
                5 => history.tick_json(now + 4 * MINUTE),
                _ => history.apply_json(&batch, now).unwrap(),
            };
            let answer = far.take(&answer, &history);
            let first = first && !far.summary.is_null();
            prop_assert_eq!(!told(&answer).is_empty(), first || before != history.view().choices);
        }
    }

    /// A clock that goes where it wants, to the millisecond before and after a turn: the view is that of a history that was told this time only.
    #[test]
    fn no_turn_of_the_clock_is_missed(
        records in records(),
        times in prop::collection::vec((0..25_i64, -1..2_i64, any::<bool>()), 1..25),
        filter in filters(),
        options in options(),
    ) {
        let mut history = TaskHistory::new(options.clone());
        let mut batches = records.chunks(3);
        let mut taken = 0;
        for (at, (minute, off, brings)) in times.into_iter().enumerate() {
            let now = T0 + minute * MINUTE + off;
            if let Some(batch) = brings.then(|| batches.next()).flatten() {
                history.apply(batch.iter().map(|record| Entry::from_json(&record.to_string()).unwrap()), now);
                taken += batch.len();
            }
            if at == 5 {
                history.set_filter(filter.clone(), now);
            }
            history.tick(now);
            let mut told = TaskHistory::new(options.clone());
            if at >= 5 {
                told.set_filter(filter.clone(), now);
            }
            told.apply(records.iter().take(taken).map(|record| Entry::from_json(&record.to_string()).unwrap()), now);
            prop_assert_eq!(history.view(), told.view());
        }
    }
}
