//! `kill -9` of the host at random moments. What was acknowledged must be there when a spool and a store are opened again.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tasktrail::Trail;
use tempfile::TempDir;
use uuid::Uuid;

use crate::Setting;
use crate::child::monotonic;
use crate::replica::Server;
use crate::report::Report;
use crate::rng::Rng;
use crate::work::{Result, is_taken_over, ledger, quick, stored_ids, wait_until};

/// How a host lives until it is killed.
#[derive(Debug)]
struct Life {
    name: &'static str,
    mode: &'static str,
    more: &'static [&'static str],
    /// How long a record may wait before it is written, in milliseconds.
    window_ms: f64,
    late_ms: f64,
    /// From when to when it is killed, in milliseconds.
    killed_ms: [u64; 2],
}

const SOON: [u64; 2] = [1, 400];

const LIVES: [Life; 5] = [
    Life {
        name: "relaxed",
        mode: "relaxed",
        more: &["--timed"],
        // Until its batch is full.
        window_ms: 50.0,
        late_ms: LATE_MS,
        killed_ms: SOON,
    },
    Life {
        name: "durable",
        mode: "durable",
        more: &[],
        window_ms: 5.0,
        late_ms: 0.0,
        killed_ms: SOON,
    },
    Life {
        name: "strict",
        mode: "strict",
        more: &[],
        window_ms: 0.0,
        late_ms: 0.0,
        killed_ms: SOON,
    },
    Life {
        name: "relaxed, when nobody waits:",
        mode: "relaxed",
        // Who waits hurries those along that do not.
        more: &["--timed", "--strict", "0", "--events", "0"],
        window_ms: 50.0,
        late_ms: LATE_MS,
        killed_ms: SOON,
    },
    Life {
        name: "relaxed, while the store hangs:",
        mode: "relaxed",
        more: &["--hangs"],
        // What the store has not acknowledged within a second goes to the spool.
        window_ms: 1_050.0,
        late_ms: LATE_MS,
        // Older than that must some of them be when they are looked for.
        killed_ms: [2_000, 3_000],
    },
];
/// A record comes while one write is under way, and then waits for its own.
const WRITES: f64 = 2.0;
/// By so much a timer is late at most, in milliseconds, on a machine that has others to serve. Whoever waits for a commit waits for that as well.
const LATE_MS: f64 = 10.0;

/// What the acknowledgements of one killed host say.
#[derive(Debug, Default)]
pub(crate) struct Acks {
    /// With the time at which each was answered for.
    safe: Vec<(Uuid, u64)>,
    /// With the time at which each was handed over.
    plain: Vec<(Uuid, u64)>,
    /// Longest wait for an answer of spool or store, in milliseconds, those included that never came.
    slowest: f64,
    killed_at: u64,
}

/// Sums over all rounds; those with parts by [`LIVES`].
#[derive(Debug, Default)]
pub(crate) struct Sums {
    safe: u64,
    safe_lost: u64,
    plain: [u64; LIVES.len()],
    plain_lost: [u64; LIVES.len()],
    /// Age of the oldest record that was handed over and lost, in milliseconds.
    oldest_lost: [f64; LIVES.len()],
    /// By how much a record was older than its round's window, in milliseconds.
    beyond: [f64; LIVES.len()],
    slowest: [f64; LIVES.len()],
    doubles: u64,
}

/// Where a host writes, and whoever comes after it.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    /// A SQLite file in the folder, unless it is a server's.
    server: Option<String>,
}

impl Place {
    pub(crate) fn new(server: Option<String>) -> Result<Self> {
        Ok(Place {
            folder: tempfile::tempdir_in(".")?,
            server,
        })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn spool(&self) -> PathBuf {
        self.folder().join("spool")
    }

    /// Each round has a store of its own, so that the last is as quick as the first.
    fn url(&self, round: u64) -> String {
        match &self.server {
            Some(server) => format!("{server}/kill_{round}"),
            None => format!("sqlite:{}", self.folder().join(format!("audit-{round}.db")).display()),
        }
    }

    fn forget(&self, round: u64) -> Result<()> {
        for entry in std::fs::read_dir(self.folder())? {
            let entry = entry?;
            if entry
                .file_name()
                .to_string_lossy()
                .starts_with(&format!("audit-{round}.db"))
            {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

pub(crate) fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    on(&Place::new(None)?, setting, report)
}

/// With a MongoDB server as the store, which does not die.
pub(crate) fn run_on_mongodb(setting: &Setting, report: &mut Report) -> Result<()> {
    let mongod = setting.mongod.as_deref().ok_or("no server")?;
    let data = tempfile::tempdir_in(".")?;
    let server = Server::start(mongod, data.path(), None)?;
    on(&Place::new(Some(server.url()))?, setting, report)?;
    drop(server);
    Ok(())
}

fn on(place: &Place, setting: &Setting, report: &mut Report) -> Result<()> {
    let mut rng = Rng::new(setting.seed, 1);
    let mut sums = Sums::default();
    for round in 0..setting.times {
        let acks = live_and_die(place, round, false, &mut rng)?;
        check(place, round, &acks, &mut sums, report)?;
    }
    tell(&sums, report);
    Ok(())
}

/// Which of [`LIVES`]: the modes in turn, half of the relaxed ones with nobody who waits, one in ten with a store that hangs.
fn life_of(round: u64) -> usize {
    match round % 30 {
        3 => 4,
        at if at % 6 == 0 => 3,
        at => (at % 3) as usize,
    }
}

/// Starts a host, lets it work for a random time, kills it.
pub(crate) fn live_and_die(place: &Place, round: u64, lossy: bool, rng: &mut Rng) -> Result<Acks> {
    let life = &LIVES[life_of(round)];
    let acks = place.folder().join("acks");
    let _ = std::fs::remove_file(&acks);
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("child")
        .arg("--url")
        .arg(place.url(round))
        .arg("--spool")
        .arg(place.spool())
        .args(["--mode", life.mode])
        .args(life.more)
        .arg("--acks")
        .arg(&acks);
    if lossy {
        command.arg("--lossy");
    }
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut said = BufReader::new(process.stdout.take().ok_or("no output")?);
    let mut line = String::new();
    said.read_line(&mut line)?;
    if line.trim() != "ready" {
        return Err(format!("the host could not open its trail in round {round}").into());
    }
    let [least, most] = life.killed_ms;
    std::thread::sleep(rng.millis(least, most));
    let killed_at = monotonic();
    process.kill()?;
    process.wait()?;
    read_acks(&acks, killed_at)
}

fn read_acks(path: &Path, killed_at: u64) -> Result<Acks> {
    let mut acks = Acks {
        killed_at,
        ..Acks::default()
    };
    let Ok(file) = File::open(path) else { return Ok(acks) };
    // By thread: since when it waits.
    let mut waiting: HashMap<String, u64> = HashMap::new();
    for line in BufReader::new(file).lines() {
        let line = line?;
        let mut words = line.split(' ');
        let (Some(kind), Some(thread), Some(time)) = (words.next(), words.next(), words.next()) else {
            return Err(format!("not a line of a host: {line}").into());
        };
        let time: u64 = time.parse()?;
        let id = words.next().map(str::parse::<Uuid>).transpose()?;
        match (kind, id) {
            ("B", None) => {
                waiting.insert(thread.to_owned(), time);
            }
            ("S" | "N", id) => {
                let since = waiting.remove(thread).ok_or("an answer without a question")?;
                acks.slowest = acks.slowest.max(millis(since, time));
                acks.safe.extend(id.map(|id| (id, time)));
            }
            ("R", Some(id)) => acks.plain.push((id, time)),
            _ => return Err(format!("not a line of a host: {line}").into()),
        }
    }
    for since in waiting.into_values() {
        acks.slowest = acks.slowest.max(millis(since, killed_at));
    }
    Ok(acks)
}

fn millis(from: u64, to: u64) -> f64 {
    to.saturating_sub(from) as f64 / 1e6
}

/// Opens the folder again, without a hand, and looks for what was acknowledged.
pub(crate) fn check(place: &Place, round: u64, acks: &Acks, sums: &mut Sums, report: &mut Report) -> Result<()> {
    let spool = place.spool();
    let trail = Trail::builder(place.url(round))
        .spool(&spool)
        .timing(quick())
        .open_blocking()?;
    wait_until("what the dead left is taken over", || {
        ledger(&trail, report);
        is_taken_over(&spool, &trail)
    })?;
    let (ids, records) = stored_ids(&trail)?;
    sums.doubles += records - ids.len() as u64;
    trail.close_blocking(Duration::from_secs(10))?;
    sums.add(round, acks, &ids);
    place.forget(round)
}

impl Sums {
    fn add(&mut self, round: u64, acks: &Acks, ids: &HashSet<Uuid>) {
        let life = life_of(round);
        self.safe += acks.safe.len() as u64;
        for (id, answered) in acks.safe.iter().filter(|(id, _)| !ids.contains(id)) {
            self.safe_lost += 1;
            let age = millis(*answered, acks.killed_at);
            println!(
                "    round {round}, {}: {id} is lost, answered for {age:.1} ms before the end",
                LIVES[life].name
            );
        }
        self.plain[life] += acks.plain.len() as u64;
        self.slowest[life] = self.slowest[life].max(acks.slowest);
        let window = LIVES[life].window_ms + LIVES[life].late_ms + WRITES * acks.slowest;
        for (_, handed_over) in acks.plain.iter().filter(|(id, _)| !ids.contains(id)) {
            let age = millis(*handed_over, acks.killed_at);
            self.plain_lost[life] += 1;
            self.oldest_lost[life] = self.oldest_lost[life].max(age);
            self.beyond[life] = self.beyond[life].max(age - window);
        }
    }
}

pub(crate) fn tell(sums: &Sums, report: &mut Report) {
    let note = format!("of {}", sums.safe);
    report.none("acknowledged records lost", sums.safe_lost, &note);
    report.none("records stored twice", sums.doubles, "");
    for (at, life) in LIVES.iter().enumerate() {
        if sums.plain[at] == 0 {
            continue;
        }
        let note = format!(
            "the oldest lost was {:.1} ms old; the window is {} + {} ms and {WRITES} writes of at most {:.1} ms; {} of {} lost",
            sums.oldest_lost[at], life.window_ms, life.late_ms, sums.slowest[at], sums.plain_lost[at], sums.plain[at],
        );
        let what = format!("{} records lost that were older than their window", life.name);
        report.at_most(&what, sums.beyond[at], 0.0, "ms", &note);
    }
}
