//! Random operations, faults, deaths and reopenings against a model of what must be there at the end.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tasktrail::recorder::Timing;
use tasktrail::schema::Record;
use tasktrail::store::Store;
use tasktrail::trail::{Mode, Options};
use tasktrail::{Call, Query, Trail};
use tempfile::TempDir;
use uuid::Uuid;

use crate::Setting;
use crate::count::Base;
use crate::faulty::{Faulty, Mood};
use crate::report::Report;
use crate::rng::Rng;
use crate::tether::Tether;
use crate::vfs::{Disk, Watch};
use crate::work::{Result, call, is_taken_over};

/// Cases that failed once: a seed and which of its operations, one case a line.
const REGRESSIONS: &str = include_str!("../regressions.txt");
const MOST_OPERATIONS: u64 = 24;
/// A case that fails is tried so often without a part of its operations: threads may meet differently each time.
const TRIES: u32 = 3;
/// Cases that fail are looked into, up to so many.
const ENOUGH: u64 = 5;

const MOODS: [Mood; 8] = [
    Mood::Sound,
    Mood::Sound,
    Mood::Away,
    Mood::Hangs,
    Mood::HalfApplies,
    Mood::LosesAnswers,
    Mood::RefusesSome,
    Mood::Anything,
];
const DISKS: [Disk; 5] = [Disk::Sound, Disk::Sound, Disk::Full, Disk::Broken, Disk::SyncFails];
const MODES: [Mode; 3] = [Mode::Relaxed, Mode::Durable, Mode::Strict];

/// How a trail is opened.
#[derive(Debug, Clone)]
struct How {
    mode: Mode,
    batch_size: u32,
    batch_delay_ms: u32,
}

/// How the process of a trail ends that was not closed.
#[derive(Debug, Clone, Copy)]
enum Death {
    Kill,
    /// With or without pages that had reached the disk by themselves, chosen by the seed.
    PowerFailure(bool, u64),
}

#[derive(Debug, Clone)]
enum Operation {
    Record(u64),
    Durable,
    /// One of few, so that some come again.
    Event(u64),
    Store(Mood),
    Disk(Disk),
    Flush,
    Query,
    Wait(Duration),
    Close(How),
    Drop(How),
    Die(Death, How),
}

fn how(rng: &mut Rng) -> How {
    How {
        mode: MODES[rng.below(3) as usize],
        batch_size: 1 + rng.below(50) as u32,
        batch_delay_ms: rng.below(5) as u32,
    }
}

/// The operations of a seed: always the same.
fn operations(seed: u64) -> (How, Vec<Operation>) {
    let mut rng = Rng::new(seed, 0);
    let first = how(&mut rng);
    let count = 1 + rng.below(MOST_OPERATIONS);
    let operations = (0..count).map(|_| match rng.below(17) {
        0..=2 => Operation::Record(rng.below(60)),
        3..=4 => Operation::Durable,
        5..=6 => Operation::Event(rng.below(4)),
        7..=8 => Operation::Store(MOODS[rng.below(MOODS.len() as u64) as usize]),
        9 => Operation::Disk(DISKS[rng.below(DISKS.len() as u64) as usize]),
        10 => Operation::Flush,
        11 => Operation::Query,
        12 => Operation::Wait(rng.millis(0, 40)),
        13 => Operation::Close(how(&mut rng)),
        14 => Operation::Drop(how(&mut rng)),
        15 => Operation::Die(Death::Kill, how(&mut rng)),
        _ => Operation::Die(Death::PowerFailure(rng.chance(50), rng.next()), how(&mut rng)),
    });
    (first, operations.collect())
}

fn timing() -> Timing {
    Timing {
        patience: Duration::from_millis(25),
        insert_deadline: Duration::from_millis(50),
        first_retry: Duration::from_millis(1),
        last_retry: Duration::from_millis(8),
        adopt_every: Duration::from_millis(5),
        emit_deadline: Duration::from_millis(200),
        durable_deadline: Duration::from_millis(200),
        ..Timing::default()
    }
}

/// A writer that was closed on a sound disk: each of its numbers is a record's or a gap's.
#[derive(Debug)]
struct Closed {
    writer_id: String,
    last_seq: u64,
    /// Records that came after it was closed, of itself: some have no number.
    late: u64,
}

/// What the records that were handed over owe us.
#[derive(Debug, Default)]
struct Model {
    /// Answered for: in the store at the end whatever happened in between, unless it has refused them.
    safe: HashSet<Uuid>,
    /// Handed over to a trail that was closed: there, refused, or dropped and counted.
    handed_over: Vec<Uuid>,
    /// Losses that closed trails have counted.
    dropped: u64,
    closed: Vec<Closed>,
    /// Writers that died: whoever takes over what they left says so.
    died: Vec<String>,
}

/// A process with its trail and its disk.
#[derive(Debug)]
struct Host {
    trail: Trail,
    tether: Arc<Tether>,
    watch: Arc<Watch>,
    folder: Arc<TempDir>,
    /// Handed over, and not known to be safe.
    ids: Vec<Uuid>,
    disk: Disk,
}

impl Host {
    fn open(store: &Arc<Faulty>, watch: Arc<Watch>, folder: Arc<TempDir>, how: &How) -> Result<Self> {
        watch.set(Disk::Sound);
        let options = Options {
            spool: Some(folder.path().to_owned()),
            mode: how.mode,
            batch_size: how.batch_size,
            batch_delay_ms: how.batch_delay_ms,
            ..Options::default()
        };
        let tether = Arc::new(Tether::to(store));
        let trail = Trail::builder_with_store(Arc::clone(&tether) as Arc<dyn Store>)
            .options(options)
            .timing(timing())
            .open_blocking()?;
        Ok(Host {
            trail,
            tether,
            watch,
            folder,
            ids: Vec::new(),
            disk: Disk::Sound,
        })
    }

    fn close(self, model: &mut Model) -> Result<()> {
        let deadline = match self.disk {
            Disk::Sound => Duration::from_secs(5),
            _ => Duration::from_millis(300),
        };
        let stats = self.trail.close_blocking(deadline)?;
        let ledger = stats.ledger;
        // With a sound disk the fate of every record is known; otherwise that of those whose last try was not answered is not.
        let is_known = ledger.in_flight == 0 || self.disk != Disk::Sound;
        if ledger.queued > 0 || !is_known || !ledger.is_balanced() {
            return Err(format!("closed with {ledger:?}").into());
        }
        model.handed_over.extend(self.ids);
        model.dropped += ledger.dropped.total() + ledger.in_flight;
        if self.disk == Disk::Sound {
            model.closed.push(Closed {
                writer_id: stats.writer_id,
                last_seq: ledger.seen - ledger.skipped.total(),
                late: ledger.dropped.closed,
            });
        }
        Ok(())
    }

    /// Ends without a word; answers the folder as the next process finds it.
    fn die(self, death: Death, model: &mut Model) -> Result<(Arc<Watch>, Arc<TempDir>)> {
        let folder = Arc::new(fresh_folder()?);
        match death {
            Death::Kill => self.watch.copy_as_killed(folder.path())?,
            Death::PowerFailure(is_torn, seed) => {
                let mut rng = Rng::new(seed, 13);
                self.watch.copy_after_power_failure(folder.path(), is_torn, &mut rng)?;
            }
        }
        self.tether.cut();
        let ledger = self.trail.stats().ledger;
        if !ledger.is_balanced() {
            return Err(format!("not balanced at its death: {ledger:?}").into());
        }
        model.dropped += ledger.dropped.total();
        // What it does from now on, nobody sees: its folder is another, and its store is out of reach.
        let stats = self.trail.close_blocking(Duration::ZERO)?;
        model.died.push(stats.writer_id);
        Ok((Arc::new(Watch::new(folder.path())?), folder))
    }
}

/// In memory: what is lost here is what the file system for SQLite says.
fn fresh_folder() -> Result<TempDir> {
    Ok(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir_in("."))?)
}

pub(crate) fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    case(setting.seed, |_| true)?;
    let base = Base::take();
    for line in REGRESSIONS.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let seed = words.next().ok_or("an empty line")?.parse()?;
        let kept: BTreeSet<usize> = words.map(str::parse).collect::<std::result::Result<_, _>>()?;
        if let Err(fault) = case(seed, |at| kept.contains(&at)) {
            report.violation(&format!("the regression {line} failed again: {fault}"));
        }
    }
    let mut rng = Rng::new(setting.seed, 9);
    let mut failed = 0;
    for _ in 0..setting.times {
        let seed = rng.next();
        let Err(fault) = case(seed, |_| true) else { continue };
        failed += 1;
        let (kept, fault) = shrink(seed, fault.to_string());
        let numbers: Vec<String> = kept.iter().map(usize::to_string).collect();
        report.violation(&format!("{seed} {}: {fault}", numbers.join(" ")));
        for at in &kept {
            println!("      {:?}", operations(seed).1.get(*at));
        }
        if failed >= ENOUGH {
            break;
        }
    }
    let note = format!("of {}", setting.times);
    report.at_most("cases that differ from the model", failed as f64, 0.0, "cases", &note);
    base.compare(report);
    Ok(())
}

/// One case over and over.
#[derive(Debug, clap::Args)]
pub(crate) struct Case {
    seed: u64,
    /// Which of its operations; all when none is named
    operations: Vec<usize>,
    /// How often, at most, until it fails
    #[arg(long, default_value_t = 100)]
    times: u64,
}

impl Case {
    pub(crate) fn run(&self) -> Result<bool> {
        let is_wanted = |at: usize| self.operations.is_empty() || self.operations.contains(&at);
        for (at, operation) in operations(self.seed).1.iter().enumerate() {
            if is_wanted(at) {
                println!("{at} {operation:?}");
            }
        }
        for time in 1..=self.times {
            if let Err(fault) = case(self.seed, is_wanted) {
                println!("the {time}. time: {fault}");
                return Ok(false);
            }
        }
        println!("{} times as the model says", self.times);
        Ok(true)
    }
}

/// The fewest operations of a seed that still fail, and how.
fn shrink(seed: u64, mut fault: String) -> (Vec<usize>, String) {
    let mut kept: Vec<usize> = (0..operations(seed).1.len()).collect();
    let mut part = kept.len().div_ceil(2);
    while part > 0 {
        let mut from = 0;
        while from < kept.len() {
            let fewer: BTreeSet<usize> = kept
                .iter()
                .enumerate()
                .filter(|(at, _)| !(from..from + part).contains(at))
                .map(|(_, operation)| *operation)
                .collect();
            match (0..TRIES).find_map(|_| case(seed, |at| fewer.contains(&at)).err()) {
                Some(still) => {
                    fault = still.to_string();
                    kept = fewer.into_iter().collect();
                }
                None => from += part,
            }
        }
        part /= 2;
    }
    (kept, fault)
}

/// Does the operations of a seed that are wanted, and compares.
fn case(seed: u64, is_wanted: impl Fn(usize) -> bool) -> Result<()> {
    let (first, operations) = operations(seed);
    let store = Arc::new(Faulty::new(seed));
    let mut model = Model::default();
    let folder = Arc::new(fresh_folder()?);
    let watch = Arc::new(Watch::new(folder.path())?);
    let mut host = Host::open(&store, watch, folder, &first)?;
    // Trails that were dropped go on for a moment; their process dies with the others.
    let mut dropped: Vec<Arc<Tether>> = Vec::new();
    let wanted = operations.iter().enumerate().filter(|(at, _)| is_wanted(*at));
    for (at, operation) in wanted {
        match operation {
            Operation::Record(count) => {
                for number in 0..*count {
                    host.ids.push(host.trail.record(call(number), Some(b"{\"a\":1}")));
                }
            }
            Operation::Durable => {
                if let Ok(receipt) = host.trail.record_durable_blocking(call(at as u64), None) {
                    model.safe.insert(receipt.audit_id);
                }
            }
            Operation::Event(name) => {
                let event = format!(r#"{{"type":"issue.created","eventId":"e{name}","data":{{"projectNumber":7}}}}"#);
                let accepted = host.trail.emit_blocking(&event, Call::default())?;
                if accepted.durable {
                    model.safe.insert(accepted.audit_id);
                }
            }
            Operation::Store(mood) => store.set(*mood),
            Operation::Disk(disk) => {
                host.watch.set(*disk);
                host.disk = *disk;
            }
            Operation::Flush => drop(host.trail.flush_blocking(Duration::from_millis(30))?),
            Operation::Query => drop(host.trail.query_blocking(&Query::default().limit(5))?),
            Operation::Wait(time) => std::thread::sleep(*time),
            Operation::Close(how) => {
                let (watch, folder) = (Arc::clone(&host.watch), Arc::clone(&host.folder));
                host.close(&mut model)?;
                host = Host::open(&store, watch, folder, how)?;
            }
            Operation::Drop(how) => {
                let (watch, folder) = (Arc::clone(&host.watch), Arc::clone(&host.folder));
                dropped.push(Arc::clone(&host.tether));
                drop(host);
                host = Host::open(&store, watch, folder, how)?;
            }
            Operation::Die(death, how) => {
                let (watch, folder) = host.die(*death, &mut model)?;
                dropped.drain(..).for_each(|tether| tether.cut());
                host = Host::open(&store, watch, folder, how)?;
            }
        }
        let ledger = host.trail.stats().ledger;
        if !ledger.is_balanced() {
            return Err(format!("not balanced: {ledger:?}").into());
        }
    }
    store.set(Mood::Sound);
    host.watch.set(Disk::Sound);
    host.disk = Disk::Sound;
    // Held until all is compared.
    let (watch, folder) = (Arc::clone(&host.watch), Arc::clone(&host.folder));
    host.close(&mut model)?;
    let outcome = settle(&store, folder.path(), &mut model);
    drop(watch);
    outcome
}

/// Empties the spool through a last trail and compares.
fn settle(store: &Arc<Faulty>, folder: &Path, model: &mut Model) -> Result<()> {
    let last = Trail::builder_with_store(Arc::clone(store) as Arc<dyn Store>)
        .spool(folder)
        .timing(timing())
        .open_blocking()?;
    crate::work::wait_until("the spool is empty", || is_taken_over(folder, &last))?;
    last.flush_blocking(Duration::from_secs(10))?;
    model.dropped += last.close_blocking(Duration::from_secs(10))?.ledger.dropped.total();

    let mut query = Query::default();
    query.limit = 1_000_000;
    let page = futures::executor::block_on(store.inner.query(&query, Default::default()))?;
    let records: Vec<Record> = page
        .items
        .iter()
        .map(|item| Record::from_json(&item.json))
        .collect::<std::result::Result<_, _>>()?;
    compare(model, &records, &store.refused())
}

fn compare(model: &Model, records: &[Record], refused: &HashSet<Uuid>) -> Result<()> {
    let mut by_id: HashMap<Uuid, u64> = HashMap::new();
    for record in records {
        *by_id.entry(record.audit_id).or_default() += 1;
    }
    if let Some((id, times)) = by_id.iter().find(|(_, times)| **times > 1) {
        return Err(format!("{id} is stored {times} times").into());
    }
    let is_missing = |id: &&Uuid| !by_id.contains_key(*id) && !refused.contains(*id);
    let lost = model.safe.iter().filter(is_missing).count();
    if lost > 0 {
        return Err(format!("{lost} of {} records are lost that were answered for", model.safe.len()).into());
    }
    let missing = model.handed_over.iter().filter(is_missing).count() as u64;
    if missing > model.dropped {
        return Err(format!("{missing} records are missing and {} were counted", model.dropped).into());
    }
    let mut numbers: HashMap<&str, BTreeSet<u64>> = HashMap::new();
    let mut told: HashMap<String, Vec<(u64, Option<u64>)>> = HashMap::new();
    for record in records {
        numbers.entry(&record.writer_id).or_default().insert(record.seq);
        if record.operation_type != "audit.gap" {
            continue;
        }
        let gap: serde_json::Value =
            serde_json::from_str(record.metadata.as_ref().ok_or("a gap without metadata")?.as_str())?;
        let (Some(writer), Some(from)) = (gap["writer_id"].as_str(), gap["from_seq"].as_u64()) else {
            return Err(format!("a gap without writer or number: {gap}").into());
        };
        let gaps = told.entry(writer.to_owned()).or_default();
        gaps.push((from, gap["to_seq"].as_u64()));
    }
    let last_of = |writer: &str| numbers.get(writer).and_then(|found| found.last()).copied();
    let closed = model.closed.iter();
    let closed = closed.map(|closed| (&closed.writer_id, closed.last_seq, closed.late));
    // How many a dead writer gave nobody knows; the last that is found says that there were those before it.
    let died = model
        .died
        .iter()
        .map(|writer| (writer, last_of(writer).unwrap_or(0), 0));
    for (writer, last, late) in closed.chain(died) {
        let is_told = |seq: u64| {
            let gaps = told.get(writer).map(Vec::as_slice).unwrap_or_default();
            gaps.iter()
                .any(|(from, to)| *from <= seq && to.is_none_or(|to| seq <= to))
        };
        let found = numbers.get(writer.as_str());
        let absent: Vec<u64> = (1..=last)
            .filter(|seq| found.is_none_or(|found| !found.contains(seq)) && !is_told(*seq))
            .collect();
        if absent.len() as u64 > late {
            return Err(format!(
                "{writer}: the numbers {absent:?} of {last} are neither a record's nor a gap's, {late} came late; {}",
                found_of(writer, records)
            )
            .into());
        }
    }
    let is_open = |writer: &String| {
        told.get(writer)
            .is_some_and(|gaps| gaps.iter().any(|(_, to)| to.is_none()))
    };
    match model.died.iter().find(|writer| !is_open(writer)) {
        Some(writer) => Err(format!("{writer} has died, and no gap says so, {}", found_of(writer, records)).into()),
        None => Ok(()),
    }
}

/// What a writer has left and what is said of others, for people.
fn found_of(writer: &str, records: &[Record]) -> String {
    let is_said = |record: &&Record| record.writer_id == writer || record.operation_type.starts_with("audit.");
    let lines = records.iter().filter(is_said).map(|record| {
        let about = record.metadata.as_ref().map_or("", |metadata| metadata.as_str());
        format!(
            "\n      {} {} {} {about}",
            record.writer_id, record.seq, record.operation_type
        )
    });
    format!("found:{}", lines.collect::<String>())
}
