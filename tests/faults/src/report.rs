//! What was found, as rows and as words.

use std::time::Instant;

use serde_json::{Value, json};

#[derive(Debug)]
pub(crate) struct Report {
    fault: String,
    began: Option<Instant>,
    /// Whether times have goals: beside other tests the machine is not ours alone.
    is_timed: bool,
    rows: Vec<Value>,
    has_failed: bool,
}

impl Report {
    pub(crate) fn new(is_timed: bool) -> Self {
        Report {
            fault: String::new(),
            began: None,
            is_timed,
            rows: Vec::new(),
            has_failed: false,
        }
    }

    pub(crate) fn begin(&mut self, fault: &str, times: u64, seed: u64) {
        println!("{fault}: {times} times, seed {seed}");
        fault.clone_into(&mut self.fault);
        self.began = Some(Instant::now());
    }

    pub(crate) fn end(&mut self) {
        if let Some(began) = self.began.take() {
            self.figure("took", began.elapsed().as_secs_f64(), "s");
        }
    }

    /// A count that must not be more than `most`.
    pub(crate) fn at_most(&mut self, what: &str, ours: f64, most: f64, unit: &str, note: &str) {
        self.row(what, ours, most, ours <= most, &format!("<= {most}"), unit, note);
    }

    /// Records of which there must be none.
    pub(crate) fn none(&mut self, what: &str, ours: u64, note: &str) {
        self.at_most(what, ours as f64, 0.0, "records", note);
    }

    /// A time that must not be longer than `most`.
    pub(crate) fn within(&mut self, what: &str, ours: f64, most: f64, unit: &str, note: &str) {
        match self.is_timed {
            true => self.at_most(what, ours, most, unit, note),
            false => self.figure(what, ours, unit),
        }
    }

    /// A figure without a goal.
    pub(crate) fn figure(&mut self, what: &str, ours: f64, unit: &str) {
        println!("    {what}: {ours:.3} {unit}");
        let name = format!("{}: {what}", self.fault);
        self.rows.push(json!({
            "name": name, "ours": ours, "peer": null, "peer_name": null, "ratio": null, "goal": null, "unit": unit, "holds": true, "note": "",
        }));
    }

    /// Something that must not be.
    pub(crate) fn violation(&mut self, what: &str) {
        self.has_failed = true;
        println!("  ✗ {what}");
    }

    #[allow(clippy::too_many_arguments, reason = "a row has as many columns")]
    fn row(&mut self, what: &str, ours: f64, peer: f64, holds: bool, goal: &str, unit: &str, note: &str) {
        let mark = if holds { '✓' } else { '✗' };
        println!("  {mark} {what}: {ours} {unit} (goal {goal}) {note}");
        self.has_failed |= !holds;
        self.rows.push(json!({
            "name": format!("{}: {what}", self.fault),
            "ours": ours,
            "peer": peer,
            "peer_name": "the guarantee",
            "ratio": if peer == 0.0 { Value::Null } else { json!(ours / peer) },
            "goal": goal,
            "unit": unit,
            "holds": holds,
            "note": note,
        }));
    }

    pub(crate) fn holds(&self) -> bool {
        !self.has_failed
    }

    pub(crate) fn json(&self) -> String {
        format!("{:#}\n", Value::Array(self.rows.clone()))
    }
}
