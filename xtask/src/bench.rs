//! `cargo xtask bench`: figures beside those of peers, measured in one run, and whether they reach their goals.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use clap::builder::PossibleValuesParser;
use serde_json::Value;

use crate::failure::{Context, Failure, Result};
use crate::paths::root;
use crate::process::capture;
use crate::progress::step;

/// The suites: name, and the arguments of `cargo bench` that measure it. Each prints its rows as one JSON array.
const SUITES: [(&str, &[&str]); 1] = [("core", &["--package=tasktrail", "--bench=core"])];

/// Options of the benchmarks.
#[derive(Debug, clap::Args)]
pub(crate) struct Bench {
    /// Measure these suites only
    #[arg(value_name = "SUITE", value_parser = PossibleValuesParser::new(SUITES.iter().map(|(name, _)| *name)))]
    suites: Vec<String>,
    /// Fewer rounds: for a look, not for a claim
    #[arg(long)]
    quick: bool,
    /// Write the rows to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Bench {
    pub(crate) fn run(&self) -> Result<()> {
        let mut rows: Vec<Value> = Vec::new();
        let chosen = SUITES
            .iter()
            .filter(|(name, _)| self.suites.is_empty() || self.suites.iter().any(|suite| suite == name));
        for (name, arguments) in chosen {
            let printed = step(&format!("Measure {name}"), || {
                let mut command = Command::new("cargo");
                command.current_dir(root()).args(["bench", "--quiet", "--locked"]);
                command.args(*arguments).arg("--");
                capture(command.args(self.quick.then_some("--quick")))
            })?;
            let mut measured: Vec<Value> =
                serde_json::from_str(&printed).context(|| format!("{name} printed no rows"))?;
            rows.append(&mut measured);
        }
        print_table(&rows);
        if let Some(file) = &self.json {
            fs::write(file, format!("{:#}\n", Value::Array(rows.clone())))
                .context(|| format!("cannot write {}", file.display()))?;
        }
        let short: Vec<String> = rows
            .iter()
            .filter(|row| row.get("holds").and_then(Value::as_bool) != Some(true))
            .map(|row| format!("{} against {}", text(row, "name"), text(row, "peer_name")))
            .collect();
        if short.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format_args!("short of the goal: {}", short.join("; "))))
    }
}

fn print_table(rows: &[Value]) {
    println!(
        "  {:<30} {:>12}  {:<30} {:>12} {:>8}  {:<8} note",
        "ours", "", "peer", "", "ratio", "goal"
    );
    for row in rows {
        let holds = row.get("holds").and_then(Value::as_bool) == Some(true);
        println!(
            "{} {:<30} {:>12}  {:<30} {:>12} {:>8}  {:<8} {}",
            if holds { '✓' } else { '✗' },
            text(row, "name"),
            figure(row, "ours"),
            text(row, "peer_name"),
            figure(row, "peer"),
            format!("{:.3}", number(row, "ratio")),
            text(row, "goal"),
            text(row, "note"),
        );
    }
}

fn figure(row: &Value, field: &str) -> String {
    format!("{:.2} {}", number(row, field), text(row, "unit"))
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn number(row: &Value, field: &str) -> f64 {
    row.get(field).and_then(Value::as_f64).unwrap_or(f64::NAN)
}
