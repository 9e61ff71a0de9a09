//! The power fails at random moments: the host is killed, and what SQLite had not synced is gone.

use std::path::Path;
use std::process::Command;

use crate::Setting;
use crate::kill::{Place, Sums, check, live_and_die, tell};
use crate::report::Report;
use crate::rng::Rng;
use crate::vfs::{PAGE, Watch};
use crate::work::Result;

pub(crate) fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    if !is_caught(setting)? {
        report.violation("the file system that should lose what was not synced loses nothing");
    }
    let mut rng = Rng::new(setting.seed, 2);
    let mut sums = Sums::default();
    let place = Place::new(None)?;
    for round in 0..setting.times {
        let acks = live_and_die(&place, round, true, &mut rng)?;
        let is_torn = rng.chance(50);
        restore(place.folder(), is_torn, &mut rng)?;
        restore(&place.spool(), is_torn, &mut rng)?;
        check(&place, round, &acks, &mut sums, report)?;
    }
    tell(&sums, report);
    Ok(())
}

/// A database that never syncs must lose something here, or the test could not fail.
fn is_caught(setting: &Setting) -> Result<bool> {
    let folder = tempfile::tempdir_in(".")?;
    let path = folder.path().join("loose.db");
    let status = Command::new(std::env::current_exe()?)
        .arg("write-loosely")
        .arg(&path)
        .status();
    // In a process of its own: the file system stays once it is there.
    status?;
    restore(folder.path(), false, &mut Rng::new(setting.seed, 3))?;
    let connection = rusqlite::Connection::open(&path)?;
    let count =
        |table: &str| connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0));
    Ok(count("synced")? == 100 && count("loose").map_or(true, |rows| rows < 100))
}

/// What the process of [`is_caught`] does.
pub(crate) fn write_loosely(path: &Path) -> Result<()> {
    let _watch = Watch::new(path.parent().ok_or("no folder")?)?;
    let connection = rusqlite::Connection::open(path)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE synced (n); CREATE TABLE loose (n)")?;
    for number in 0..100 {
        connection.execute("INSERT INTO synced VALUES (?1)", [number])?;
    }
    connection.execute_batch("PRAGMA synchronous = OFF")?;
    for number in 0..100 {
        connection.execute("INSERT INTO loose VALUES (?1)", [number])?;
    }
    // Not closed: a clean end would sync.
    std::process::abort();
}

/// Puts the durable files in the place of those that the process saw. With `is_torn`, some pages had reached the disk without a sync.
pub(crate) fn restore(folder: &Path, is_torn: bool, rng: &mut Rng) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_database = [".db", ".db-wal", ".spool", ".spool-wal"]
            .iter()
            .any(|end| name.ends_with(end));
        if name.ends_with("-shm") {
            std::fs::remove_file(&path)?;
        } else if let Some(seen) = name.strip_suffix(".durable") {
            // Deleted by the process, which synced the folder then.
            if !folder.join(seen).exists() {
                std::fs::remove_file(&path)?;
            }
        } else if is_database {
            let durable = folder.join(format!("{name}.durable"));
            let mut found = std::fs::read(&durable).unwrap_or_default();
            if is_torn {
                let seen = std::fs::read(&path)?;
                for (page, bytes) in seen.chunks(PAGE).enumerate() {
                    if !rng.chance(30) {
                        continue;
                    }
                    let at = page * PAGE;
                    if found.len() < at + bytes.len() {
                        found.resize(at + bytes.len(), 0);
                    }
                    if let Some(place) = found.get_mut(at..at + bytes.len()) {
                        place.copy_from_slice(bytes);
                    }
                }
            }
            std::fs::write(&path, &found)?;
            std::fs::write(&durable, &found)?;
        }
    }
    Ok(())
}
