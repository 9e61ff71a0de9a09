//! Files of the spool are cut off and changed at random places. Nothing crashes, what can be read is read, and what cannot is counted.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tasktrail::store::{MemoryStore, Store};
use tasktrail::trail::Mode;
use tasktrail::{Query, Trail};

use crate::Setting;
use crate::faulty::{Faulty, Mood};
use crate::report::Report;
use crate::rng::Rng;
use crate::vfs::Watch;
use crate::work::{Result, call, is_taken_over, quick, wait_up_to};

const RECORDS: u64 = 300;

pub(crate) fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    // One whose owner has closed it, and one whose owner was killed: there the records are in SQLite's log.
    let (closed, killed) = (tempfile::tempdir_in(".")?, tempfile::tempdir_in(".")?);
    let originals = fill(closed.path(), killed.path())?;
    let mut rng = Rng::new(setting.seed, 5);
    let (mut kept, mut counted, mut unknown, mut invented) = (0, 0, 0, 0);
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
        let harm = harm(&mut bytes, round % 5 == 4, &mut rng);
        let damage = format!("{} {harm}", file.file_name().unwrap_or_default().display());
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
        let survivors = items.iter().filter(|item| original.contains(&item.json)).count() as u64;
        // Every record of the trail's own is about itself.
        invented += items
            .iter()
            .filter(|item| !original.contains(&item.json) && !item.json.contains("\"audit."))
            .count();
        kept += survivors;
        let lost = original.len() as u64 - survivors;
        let said = ledger.dropped.spool_damaged;
        counted += said.min(lost);
        unknown += lost.saturating_sub(said);
        if lost > 0 && !items.iter().any(|item| item.json.contains("audit.gap")) {
            report.violation(&format!(
                "round {round}, {damage}: {lost} records are gone and no gap says so"
            ));
        }
        trail.close_blocking(Duration::from_secs(10))?;
    }
    report.none("records that were never written", invented as u64, "");
    report.figure("records saved from damaged files", kept as f64, "records");
    report.figure("records lost and counted", counted as f64, "records");
    report.figure(
        "records lost of which only a gap without a number tells",
        unknown as f64,
        "records",
    );
    Ok(())
}

/// Cuts the file off or changes some of its bits; says what it has done.
fn harm(bytes: &mut Vec<u8>, cut: bool, rng: &mut Rng) -> String {
    if cut {
        bytes.truncate(rng.below(bytes.len() as u64) as usize);
        return format!("cut off at {}", bytes.len());
    }
    let flips: Vec<(usize, u64)> = (0..=rng.below(3))
        .map(|_| (rng.below(bytes.len() as u64) as usize, rng.below(8)))
        .collect();
    for (at, bit) in &flips {
        bytes[*at] ^= 1 << bit;
    }
    format!("bits flipped, by byte and number: {flips:?}")
}

/// Spools that a trail has left behind when it was closed and when it was killed, and the texts in each.
fn fill(closed: &Path, killed: &Path) -> Result<[Vec<String>; 2]> {
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
fn texts(folder: &Path) -> Result<Vec<String>> {
    let copied = tempfile::tempdir_in(".")?;
    copy(folder, copied.path())?;
    let all = MemoryStore::new(100_000);
    crate::work::drain(copied.path(), &all)?;
    let mut query = Query::default();
    query.limit = 10_000;
    let page = futures::executor::block_on(all.query(&query, Default::default()))?;
    Ok(page.items.into_iter().map(|item| item.json).collect())
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
