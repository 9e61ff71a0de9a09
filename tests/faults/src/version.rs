//! Files of the spool that this release has not written: of an older one, of a newer one, of nobody.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tasktrail::schema::Record;
use tasktrail::store::{MemoryStore, Store};
use tasktrail::trail::{Mode, Stats};
use tasktrail::{Query, Trail};

use crate::Setting;
use crate::count::Base;
use crate::faulty::{Faulty, Mood};
use crate::report::Report;
use crate::work::{Result, call, quick, wait_until};

/// One folder for each version of the file, as the first release with that version has left it.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
/// Records in each.
const RECORDS: u64 = 20;

/// Leaves a spool with [`RECORDS`] records behind.
pub(crate) fn write_fixture(folder: &Path) -> Result<()> {
    let store = Arc::new(Faulty::new(0));
    store.set(Mood::Away);
    let trail = Trail::builder_with_store(store as Arc<dyn Store>)
        .spool(folder)
        .mode(Mode::Durable)
        .timing(quick())
        .open_blocking()?;
    for number in 0..RECORDS {
        trail.record_durable_blocking(call(number), Some(b"{\"title\":\"as it was written then\"}"))?;
    }
    trail.close_blocking(Duration::from_secs(10))?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "lock") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

/// Opens a trail on a folder with a file in it, until it has dealt with that; answers what is stored.
fn open_on(
    prepare: impl FnOnce(&Path) -> Result<()>,
    is_done: impl Fn(&Path, &Stats) -> bool,
    look: impl FnOnce(&Path) -> Result<()>,
) -> Result<(Vec<Record>, Stats)> {
    let folder = tempfile::tempdir_in(".")?;
    prepare(folder.path())?;
    let store = Arc::new(MemoryStore::new(10_000));
    let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
        .spool(folder.path())
        .timing(quick())
        .open_blocking()?;
    wait_until("the file is dealt with", || is_done(folder.path(), &trail.stats()))?;
    // Such a file does not keep a trail from its work.
    trail.record_durable_blocking(call(1_000), None)?;
    trail.flush_blocking(Duration::from_secs(10))?;
    let mut query = Query::default();
    query.limit = 10_000;
    let page = trail.query_blocking(&query)?;
    let stats = trail.close_blocking(Duration::from_secs(10))?;
    look(folder.path())?;
    let records = page.items.iter().map(|item| Record::from_json(&item.json));
    Ok((records.collect::<std::result::Result<_, _>>()?, stats))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        std::fs::copy(&file, to.join(file.file_name().ok_or("no name")?))?;
    }
    Ok(())
}

pub(crate) fn run(_setting: &Setting, report: &mut Report) -> Result<()> {
    let versions = files(Path::new(FIXTURES))?;
    let mut base = None;
    for version in &versions {
        let (records, stats) = open_on(
            |folder| copy(version, folder),
            |_, stats| stats.ledger.adopted >= RECORDS && stats.ledger.pending() == 0,
            |_| Ok(()),
        )?;
        let own = call(1_000).path;
        let found: HashSet<&str> = records
            .iter()
            .filter_map(|record| record.api_endpoint.as_deref())
            .filter(|path| path.starts_with("/widgets/") && *path != own)
            .collect();
        let name = version.file_name().unwrap_or_default().to_string_lossy();
        report.none(
            &format!("records of a file of version {name} lost"),
            RECORDS - found.len() as u64 + stats.ledger.dropped.total(),
            &format!("of {RECORDS}"),
        );
        drop((records, stats));
        base.get_or_insert_with(Base::take);
    }
    let newest = versions.last().ok_or("there are no fixtures")?;
    newer(newest, report)?;
    unfinished(report)?;
    foreign(report)?;
    if let Some(base) = base {
        base.compare(report);
    }
    Ok(())
}

/// A release that does not know a file leaves it to one that does.
fn newer(newest: &Path, report: &mut Report) -> Result<()> {
    let original = files(newest)?.into_iter().next().ok_or("an empty fixture")?;
    let name = original.file_name().ok_or("no name")?;
    let mut is_there = false;
    open_on(
        |folder| {
            copy(newest, folder)?;
            let file = rusqlite::Connection::open(folder.join(name))?;
            Ok(file.pragma_update(None, "user_version", 1_000)?)
        },
        |_, stats| stats.ledger.pending() == 0,
        |folder| {
            let file = folder.join(name);
            let count = "SELECT count(*) FROM spool";
            let rows: i64 = rusqlite::Connection::open(file)?.query_row(count, [], |row| row.get(0))?;
            is_there = rows.unsigned_abs() >= RECORDS;
            Ok(())
        },
    )?;
    if !is_there {
        report.violation("the file of a newer release was changed");
    }
    Ok(())
}

/// A file whose owner ended before it had written anything.
fn unfinished(report: &mut Report) -> Result<()> {
    let name = "w_0123456789abcdef.spool";
    let (_, stats) = open_on(
        |folder| Ok(std::fs::write(folder.join(name), "")?),
        |folder, _| !folder.join(name).exists(),
        |_| Ok(()),
    )?;
    report.none("records lost with an unfinished file", stats.ledger.dropped.total(), "");
    Ok(())
}

/// Something else under the name of a file of the spool is set aside, not deleted, and said.
fn foreign(report: &mut Report) -> Result<()> {
    let name = "w_fedcba9876543210.spool";
    let text = "this is nobody's spool ".repeat(1_000);
    let mut is_kept = false;
    let (records, _) = open_on(
        |folder| Ok(std::fs::write(folder.join(name), &text)?),
        |folder, _| !folder.join(name).exists(),
        |folder| {
            is_kept = files(folder)?
                .iter()
                .any(|file| std::fs::read(file).is_ok_and(|found| found == text.as_bytes()));
            Ok(())
        },
    )?;
    if !is_kept {
        report.violation("a file that is no spool was not kept");
    }
    if !records.iter().any(|record| record.operation_type == "audit.gap") {
        report.violation("a file that is no spool was found, and no gap says so");
    }
    Ok(())
}
