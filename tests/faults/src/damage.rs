//! Files of the spool are cut off and changed at random places. Nothing crashes, what can be read is read, and what cannot is counted.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tasktrail::schema::Record;
use tasktrail::store::{MemoryStore, Store};
use tasktrail::trail::Mode;
use tasktrail::{Query, Trail};

use crate::Setting;
use crate::count::Base;
use crate::faulty::{Faulty, Mood};
use crate::report::Report;
use crate::rng::Rng;
use crate::vfs::{PAGE, Watch};
use crate::work::{Result, call, is_taken_over, quick, wait_up_to};

const RECORDS: u64 = 300;
/// Rows that one flipped bit may cost, and more than a page has room for.
const ROWS_OF_A_PAGE: u64 = 64;
/// Of all records, the share that one to three flipped bits in each of many files may cost.
const MOST_LOST: f64 = 0.1;

pub(crate) fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    // One whose owner has closed it, and one whose owner was killed: there the records are in SQLite's log.
    let (closed, killed) = (tempfile::tempdir_in(".")?, tempfile::tempdir_in(".")?);
    let originals = fill(closed.path(), killed.path())?;
    let mut rng = Rng::new(setting.seed, 5);
    let (mut kept, mut counted, mut unknown, mut invented, mut unsaid, mut looks_unfinished) = (0, 0, 0, 0, 0, 0);
    let (mut there, mut gone, mut beyond) = (0, 0, 0);
    let mut base = None;
    for round in 0..setting.times {
        let folder = tempfile::tempdir_in(".")?;
        let is_killed = round % 2 == 1;
        let (template, original) = match is_killed {
            true => (&killed, &originals[1]),
            false => (&closed, &originals[0]),
        };
        copy(template.path(), folder.path())?;
        let files = data_files(folder.path())?;
        let file = &files[rng.below(files.len() as u64) as usize];
        let mut bytes = std::fs::read(file)?;
        if bytes.is_empty() {
            continue;
        }
        let harm = Harm::random(bytes.len(), round % 5 == 4, &mut rng);
        harm.apply(&mut bytes);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let is_log = name.ends_with("-wal");
        let damage = format!("{name} {harm:?}");
        std::fs::write(file, bytes)?;
        let store = Arc::new(MemoryStore::new(100_000));
        let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
            .spool(folder.path())
            .timing(quick())
            .open_blocking()?;
        let is_dealt_with = wait_up_to(Duration::from_secs(20), "the damaged file is dealt with", || {
            is_taken_over(folder.path(), &trail)
        });
        if let Err(error) = is_dealt_with {
            let found = futures::executor::block_on(tasktrail::spool::check(folder.path()))?;
            let ledger = trail.stats().ledger;
            report.violation(&format!("round {round}, {damage}: {error}: {found:?}, {ledger:?}"));
        }
        let ledger = trail.flush_blocking(Duration::from_secs(10))?.ledger;
        if !ledger.is_balanced() {
            report.violation(&format!(
                "round {round}, {damage}: the ledger is not balanced: {ledger:?}"
            ));
        }
        let mut query = Query::default();
        query.limit = 10_000;
        let items = trail.query_blocking(&query)?.items;
        let found: HashSet<&str> = items.iter().map(|item| item.json.as_str()).collect();
        let (survivors, missing): (Vec<&Text>, Vec<&Text>) =
            original.iter().partition(|text| found.contains(text.json.as_str()));
        // Every record of the trail's own is about itself.
        invented += items
            .iter()
            .filter(|item| original.iter().all(|text| text.json != item.json) && !item.json.contains("\"audit."))
            .count();
        kept += survivors.len();
        let lost = missing.len() as u64;
        let said = ledger.dropped.spool_damaged;
        counted += said.min(lost);
        unknown += lost.saturating_sub(said);
        if lost > 0 && !items.iter().any(|item| is_gap_of_damage(&item.json)) {
            let last = survivors.iter().map(|text| text.seq).max();
            let are_the_last = missing.iter().all(|text| Some(text.seq) > last);
            if is_log && are_the_last && harm.may_look_unfinished(lost) {
                looks_unfinished += 1;
            } else {
                unsaid += 1;
                println!("    round {round}, {damage}: {lost} records are gone and no gap says so");
            }
        }
        if let Harm::Flips(flips) = &harm {
            there += original.len();
            gone += missing.len();
            // The first page says what the others are, and in the log every page is there many times.
            if !is_log && flips.iter().all(|(at, _)| *at >= PAGE) {
                beyond += lost.saturating_sub(ROWS_OF_A_PAGE * flips.len() as u64);
            }
        }
        trail.close_blocking(Duration::from_secs(10))?;
        drop((trail, store, items));
        base.get_or_insert_with(Base::take);
    }
    if let Some(base) = base {
        base.compare(report);
    }
    report.none("records that were never written", invented as u64, "");
    report.none("rounds in which no gap tells of what is gone", unsaid, "");
    report.figure(
        "rounds in which the end of the log looks like a write that was not finished",
        looks_unfinished as f64,
        "rounds",
    );
    report.at_most(
        "share of records lost to changed bits",
        gone as f64 / there.max(1) as f64,
        MOST_LOST,
        "",
        "wherever they are",
    );
    report.none("records lost beside the pages with a changed bit", beyond, "");
    report.figure("records saved from damaged files", kept as f64, "records");
    report.figure("records lost and counted", counted as f64, "records");
    report.figure(
        "records lost of which only a gap without a number tells",
        unknown as f64,
        "records",
    );
    Ok(())
}

/// What is done to a file.
#[derive(Debug)]
enum Harm {
    CutAt(usize),
    /// By byte and number of the bit.
    Flips(Vec<(usize, u64)>),
}

impl Harm {
    fn random(length: usize, is_cut: bool, rng: &mut Rng) -> Self {
        if is_cut {
            return Harm::CutAt(rng.below(length as u64) as usize);
        }
        let flips = (0..=rng.below(3)).map(|_| (rng.below(length as u64) as usize, rng.below(8)));
        Harm::Flips(flips.collect())
    }

    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Harm::CutAt(length) => bytes.truncate(*length),
            Harm::Flips(flips) => flips.iter().for_each(|(at, bit)| bytes[*at] ^= 1 << bit),
        }
    }

    /// Whether a log without its last records may be one whose last writes had not reached the disk. A changed bit can make no more than
    /// its own write look so.
    fn may_look_unfinished(&self, lost: u64) -> bool {
        match self {
            Harm::CutAt(_) => true,
            Harm::Flips(flips) => lost <= flips.len() as u64,
        }
    }
}

/// Whether a record says that others were lost with a part of the spool.
fn is_gap_of_damage(json: &str) -> bool {
    serde_json::from_str::<Value>(json)
        .is_ok_and(|record| record["operation_type"] == "audit.gap" && record["metadata"]["reason"] == "spool_damaged")
}

/// A record as it is stored.
#[derive(Debug)]
struct Text {
    seq: u64,
    json: String,
}

/// Spools that a trail has left behind when it was closed and when it was killed, and the texts in each.
fn fill(closed: &Path, killed: &Path) -> Result<[Vec<Text>; 2]> {
    let folder = tempfile::tempdir_in(".")?;
    let watch = Watch::new(folder.path())?;
    let store = Arc::new(Faulty::new(0));
    store.set(Mood::Away);
    let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
        .spool(folder.path())
        .mode(Mode::Durable)
        .timing(quick())
        .open_blocking()?;
    for number in 1..RECORDS {
        trail.record_durable_blocking(call(number), Some(b"{\"title\":\"something to be read again\"}"))?;
    }
    watch.copy_as_killed(killed)?;
    trail.close_blocking(Duration::from_secs(10))?;
    copy(folder.path(), closed)?;
    Ok([texts(closed)?, texts(killed)?])
}

/// What can be read of a spool.
fn texts(folder: &Path) -> Result<Vec<Text>> {
    let copied = tempfile::tempdir_in(".")?;
    copy(folder, copied.path())?;
    let all = MemoryStore::new(100_000);
    crate::work::drain(copied.path(), &all)?;
    let mut query = Query::default();
    query.limit = 10_000;
    let mut page = futures::executor::block_on(all.query(&query, Default::default()))?;
    // Who empties it says what is missing of it: not its own.
    page.items.retain(|item| !item.json.contains("\"audit.gap\""));
    let text = |json: String| {
        Ok(Text {
            seq: Record::from_json(&json)?.seq,
            json,
        })
    };
    page.items.into_iter().map(|item| text(item.json)).collect()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn data_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.to_string_lossy();
        if name.ends_with(".spool") || name.ends_with(".spool-wal") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
