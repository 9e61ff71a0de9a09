//! A figure of ours beside a peer's, and whether it reaches its goal.

use serde_json::{Value, json};

/// What a ratio must be.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// At most this, where less is better.
    AtMost(f64),
    /// At least this, where more is better.
    AtLeast(f64),
}

impl Goal {
    fn holds(self, ratio: f64) -> bool {
        match self {
            Goal::AtMost(most) => ratio <= most,
            Goal::AtLeast(least) => ratio >= least,
        }
    }

    fn text(self) -> String {
        match self {
            Goal::AtMost(most) => format!("<= {most:?}"),
            Goal::AtLeast(least) => format!(">= {least:?}"),
        }
    }
}

/// One line of a suite's table.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// Its median.
    pub ours: f64,
    /// What it was measured against.
    pub peer_name: String,
    /// The peer's median.
    pub peer: f64,
    /// Ours by the peer's: the median of the rounds' ratios.
    pub ratio: f64,
    /// A row without one is there to be looked at, and holds.
    pub goal: Option<Goal>,
    /// Unit of both figures.
    pub unit: &'static str,
    /// What a reader must know.
    pub note: String,
}

impl Row {
    /// From the figures of rounds in which both sides took their turn: `(ours, peer)`.
    pub fn of_rounds(name: &str, peer_name: &str, unit: &'static str, rounds: &[(f64, f64)]) -> Self {
        Row {
            name: name.to_owned(),
            ours: median(rounds.iter().map(|(ours, _)| *ours)),
            peer_name: peer_name.to_owned(),
            peer: median(rounds.iter().map(|(_, peer)| *peer)),
            ratio: median(rounds.iter().map(|(ours, peer)| ours / peer)),
            goal: None,
            unit,
            note: String::new(),
        }
    }

    /// From one figure of each.
    pub fn of(name: &str, ours: f64, peer_name: &str, peer: f64, unit: &'static str) -> Self {
        Row::of_rounds(name, peer_name, unit, &[(ours, peer)])
    }

    /// With a goal.
    #[must_use]
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    /// With a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// As `cargo xtask bench` reads it.
    pub fn json(&self) -> Value {
        json!({
            "name": self.name,
            "ours": self.ours,
            "peer": self.peer,
            "peer_name": self.peer_name,
            "ratio": self.ratio,
            "goal": self.goal.map(Goal::text),
            "unit": self.unit,
            "holds": self.goal.is_none_or(|goal| goal.holds(self.ratio)),
            "note": self.note,
        })
    }

    /// Says it on standard error as well, so that who waits sees how it goes.
    pub fn say(&self) {
        eprintln!(
            "{}: {:.2} {unit}; {}: {:.2} {unit}; ratio {:.3} {}  {}",
            self.name,
            self.ours,
            self.peer_name,
            self.peer,
            self.ratio,
            self.goal.map(Goal::text).unwrap_or_default(),
            self.note,
            unit = self.unit,
        );
    }
}

/// The value in the middle.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

/// The value that such a share of the sorted values lies below.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len() as f64 * share) as usize;
    sorted[at.min(sorted.len() - 1)]
}
