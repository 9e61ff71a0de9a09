//! `cargo xtask fuzz TARGET`: inputs that nobody thought of, for so many minutes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::builder::PossibleValuesParser;

use crate::failure::{Context, Failure, Result};
use crate::paths::{fresh_log, root, target};
use crate::process::run;
use crate::progress::step;
use crate::tools::cargo_fuzz;

/// The targets, `tests/fuzz/targets`, each with the functions of the shared vectors whose first arguments it starts from.
const TARGETS: [(&str, &[&str]); 5] = [
    ("sanitize", &["sanitize_json"]),
    ("event", &["validate_event_json"]),
    ("policy", &["sanitize_with_json"]),
    ("record", &["parse_record_json"]),
    ("workspace", &["derive_workspace_id", "discover_workspace_in_json"]),
];

/// Largest input that is tried, in bytes: more than any bound that an input could meet, little enough to try many.
const LONGEST: usize = 16 * 1_024;
/// An input that takes longer is a finding.
const SLOWEST: Duration = Duration::from_secs(10);

/// Options of the fuzzer.
#[derive(Debug, clap::Args)]
pub(crate) struct Fuzz {
    /// What to fuzz
    #[arg(value_parser = PossibleValuesParser::new(TARGETS.iter().map(|(name, _)| *name)))]
    target: String,
    /// For how long
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
}

impl Fuzz {
    pub(crate) fn run(&self) -> Result<()> {
        let log = fresh_log(&format!("fuzz-{}", self.target))?;
        let name = self.target.as_str();
        let home = root().join("tests").join("fuzz");
        let work = target().join("xtask").join("fuzz").join(name);
        let (corpus, findings) = (work.join("corpus"), work.join("findings"));
        for folder in [&corpus, &findings] {
            fs::create_dir_all(folder).context(|| format!("cannot create {}", folder.display()))?;
        }
        step("cargo-fuzz", || cargo_fuzz::ensure(&log))?;
        let seeds = step("Seeds", || seeds(name, &work, &log))?;
        let subcommand = |verb: &str| {
            let mut command = cargo_fuzz::command(verb);
            command
                .current_dir(root())
                .arg("--fuzz-dir")
                .arg(&home)
                .arg("--target-dir")
                .arg(target().join("fuzz"))
                .arg(name);
            command
        };
        step(&format!("Build {name}"), || run(&mut subcommand("build"), &log))?;
        let outcome = step(&format!("Fuzz {name}"), || {
            let mut command = subcommand("run");
            // New inputs go to the first folder, the others are only read.
            command.arg(&corpus);
            let known = [home.join("regressions").join(name)];
            command.args(known.iter().chain(&seeds).filter(|folder| folder.is_dir()));
            command.args([
                "--".to_owned(),
                format!("-max_total_time={}", self.minutes.saturating_mul(60)),
                format!("-max_len={LONGEST}"),
                format!("-timeout={}", SLOWEST.as_secs()),
                format!("-artifact_prefix={}/", findings.display()),
                "-print_final_stats=1".to_owned(),
            ]);
            run(&mut command, &log)
        });
        let said = fs::read_to_string(&log).context(|| format!("cannot read {}", log.display()))?;
        let executions = after(&said, "stat::number_of_executed_units:").unwrap_or("an unknown number of");
        println!("{name}: {executions} executions");
        match (outcome, after(&said, "Test unit written to ")) {
            (Err(Failure::Message(_)), Some(input)) => Err(Failure::new(format_args!(
                "the input in {input} breaks {name}: see {}. Copy it to tests/fuzz/regressions/{name}/ and mend what it breaks",
                log.display()
            ))),
            (outcome, _) => outcome,
        }
    }
}

/// Writes the first arguments of the shared vectors to files; answers with the folders of the target's functions.
fn seeds(name: &str, work: &Path, log: &Path) -> Result<Vec<PathBuf>> {
    let folder = work.join("seeds");
    let _ = fs::remove_dir_all(&folder);
    let mut command = Command::new("cargo");
    command.current_dir(root()).args([
        "run",
        "--quiet",
        "--locked",
        "--package=tasktrail",
        "--no-default-features",
        "--example=vectors",
        "--",
        "--seeds",
    ]);
    run(command.arg(&folder), log)?;
    let calls = TARGETS
        .iter()
        .find(|(target, _)| *target == name)
        .map(|(_, calls)| *calls);
    Ok(calls.unwrap_or_default().iter().map(|call| folder.join(call)).collect())
}

/// The rest of the last line that has `mark` in it, behind the mark.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.lines()
        .rev()
        .find_map(|line| line.split_once(mark))
        .map(|(_, rest)| rest.trim())
}
