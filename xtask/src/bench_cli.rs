//! What a shell hook costs: `tasktrail emit` from its start to its exit, beside `curl` posting the same event to the same API.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use crate::failure::{Failure, Result};

/// With those that warm up, fewer than the events that an API takes of a key in a minute.
const TURNS: usize = 250;
const QUICK_TURNS: usize = 50;
const WARM_UP: usize = 10;
/// What a hook may cost before it is felt.
const FELT_MS: f64 = 15.0;
const ARGUMENTS: [&str; 10] = [
    "emit",
    "task.started",
    "--project",
    "42",
    "--phase",
    "1",
    "--item",
    "1.2",
    "--title",
    "Parse the header",
];
/// Nobody listens there.
const AWAY: &str = "http://127.0.0.1:9";

/// What is measured, and with what.
#[derive(Debug)]
pub(crate) struct Measured<'a> {
    /// The command as it is shipped.
    pub(crate) program: &'a Path,
    /// A running API, and its key.
    pub(crate) api: &'a str,
    pub(crate) key: &'a str,
    /// A folder on a real disk.
    pub(crate) folder: &'a Path,
    pub(crate) quick: bool,
}

impl Measured<'_> {
    pub(crate) fn rows(&self) -> Result<Vec<Value>> {
        let turns = if self.quick { QUICK_TURNS } else { TURNS };
        let event = self.folder.join("event.json");
        let data =
            json!({ "projectNumber": 42, "phaseNumber": 1, "workItemId": "1.2", "workItemTitle": "Parse the header" });
        fs::write(&event, json!({ "type": "task.started", "data": data }).to_string())?;
        for _ in 0..WARM_UP {
            self.emit(self.api)?;
            self.post(&event)?;
        }
        let (mut ours, mut peer, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..turns {
            let (mine, theirs) = match turn % 2 {
                0 => {
                    let mine = self.emit(self.api)?;
                    (mine, self.post(&event)?)
                }
                _ => {
                    let theirs = self.post(&event)?;
                    (self.emit(self.api)?, theirs)
                }
            };
            ours.push(mine);
            peer.push(theirs);
            ratios.push(mine / theirs);
        }
        let away = (0..QUICK_TURNS).map(|_| self.emit(AWAY)).collect::<Result<Vec<_>>>()?;
        let (ours, peer, ratios, away) = (sorted(ours), sorted(peer), sorted(ratios), sorted(away));
        let note = format!(
            "p50 of {turns}; p90 {:.1}, curl's {:.1}; least {:.1}, curl's {:.1}; {}",
            at(&ours, 0.9),
            at(&peer, 0.9),
            at(&ours, 0.0),
            at(&peer, 0.0),
            load(),
        );
        let row = |name: &str, ours: f64, peer_name: &str, peer: f64, ratio: f64, goal: Option<&str>, note: &str| {
            json!({
                "name": name, "ours": ours, "peer_name": peer_name, "peer": peer, "ratio": ratio, "unit": "ms",
                "goal": goal, "holds": goal.is_none() || ratio <= 1.0, "note": note,
            })
        };
        let (ours, peer) = (at(&ours, 0.5), at(&peer, 0.5));
        let (name, felt) = ("emit, start to exit", "what is felt");
        Ok(vec![
            row(
                name,
                ours,
                felt,
                FELT_MS,
                ours / FELT_MS,
                Some("<= 1.0"),
                "durable with the API",
            ),
            row(name, ours, "curl, the same", peer, at(&ratios, 0.5), None, &note),
            row(
                "emit, API away",
                at(&away, 0.5),
                felt,
                FELT_MS,
                at(&away, 0.5) / FELT_MS,
                None,
                &format!("on disk when it ends; p90 {:.1}", at(&away, 0.9)),
            ),
        ])
    }

    fn emit(&self, url: &str) -> Result<f64> {
        let mut command = Command::new(self.program);
        command
            .args(ARGUMENTS)
            // Delayed where it should not be is no measurement.
            .args((url != AWAY).then_some("--strict"))
            .current_dir(self.folder)
            .env("HOME", self.folder)
            .env("TASKTRAIL_URL", url)
            .env("STATE_TRACKING_API_KEY", self.key);
        milliseconds(&mut command)
    }

    fn post(&self, event: &Path) -> Result<f64> {
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--fail", "--output", "/dev/null"])
            .args(["--header", "content-type: application/json"])
            .args(["--header", &format!("x-api-key: {}", self.key)])
            .arg("--data-binary")
            .arg(format!("@{}", event.display()))
            .arg(format!("{}/api/events/project", self.api));
        milliseconds(&mut command)
    }
}

fn milliseconds(command: &mut Command) -> Result<f64> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let since = Instant::now();
    let status = command.status()?;
    let took = since.elapsed();
    if !status.success() {
        return Err(Failure::new(format_args!("{command:?} ended with {status}")));
    }
    Ok(took.as_secs_f64() * 1e3)
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// The value that such a share of them lies below.
fn at(sorted: &[f64], share: f64) -> f64 {
    let position = (sorted.len() as f64 * share) as usize;
    let position = position.min(sorted.len().saturating_sub(1));
    sorted.get(position).copied().unwrap_or(f64::NAN)
}

/// How busy the machine is: a process that starts waits for a processor.
fn load() -> String {
    let said = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = thread::available_parallelism().map_or(0, usize::from);
    format!("load {} on {cores} cores", said.split(' ').next().unwrap_or("unknown"))
}
