//! What is done when a file is damaged: what can be read of it goes into a fresh one, and it is set aside for people.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::file::{self, File, Found};
use super::folder::{self, QUARANTINE, SAVED};
use super::log::Log;
use super::row::{Owner, PLACES, Row};
use crate::error::Result;

/// Damaged files that are kept aside, and bytes of them; the newest is kept in any case.
const QUARANTINED: usize = 16;
const QUARANTINED_BYTES: u64 = 256 << 20;
/// Rows that cannot be read before the rest is given up. Each costs a look into a damaged tree.
const PATIENCE: u32 = 4_000;
const LOGS: [&str; 2] = ["-wal", "-shm"];
/// Ends the name of a copy that is not finished.
const PARTIAL: &str = "partial";
/// Ends the name of the copy of a damaged file that is read in every way there is.
const SCRATCH: &str = "scratch";

/// Sets a damaged file aside and begins a new one with what can be read of it, under the same row numbers. `known` is what its owner says
/// who is still there.
///
/// A crash at any point leaves either the damaged file, of which the next one salvages anew, or the whole of what was saved.
pub(super) fn salvage(path: &Path, writer_id: &str, reason: &str, known: Option<Owner>) -> Result<(File, Found)> {
    let folder = path.parent().unwrap_or(path);
    let unusable = |error: io::Error| folder::unusable(folder, &error);
    let (partial, saved) = (path.with_extension(PARTIAL), path.with_extension(SAVED));
    let scratch = path.with_extension(SCRATCH);
    for left in [&partial, &scratch] {
        delete_with_logs(left).map_err(unusable)?;
    }
    folder::make_file(&partial).map_err(unusable)?;
    copy_as_it_is(path, &scratch).map_err(unusable)?;
    let owner = copy(&scratch, &partial, writer_id, known)?;
    delete_with_logs(&scratch).map_err(unusable)?;
    std::fs::rename(&partial, &saved).map_err(unusable)?;
    folder::sync(folder).map_err(unusable)?;
    let aside = set_aside(path).map_err(unusable)?;
    std::fs::rename(&saved, path).map_err(unusable)?;
    folder::sync(folder).map_err(unusable)?;
    let (file, found) = File::open(path, writer_id, true).map_err(file::Trouble::into_error)?;
    // Where nobody says how many there were, nobody can say how many are missing.
    let lost = owner.map(|owner| owner.lost(file.usage().rows));
    tracing::error!(
        target: "tasktrail",
        file = %path.display(),
        kept = file.usage().rows,
        lost,
        "a file of the audit spool was damaged ({reason}); what could be read of it was saved, and it was set aside as {}",
        aside.display()
    );
    Ok((file, Found { lost, ..found }))
}

/// Finishes a salvage that a crash had interrupted.
pub(super) fn resume(path: &Path) -> io::Result<()> {
    let saved = path.with_extension(SAVED);
    if !saved.exists() {
        return Ok(());
    }
    if path.exists() {
        // It was not set aside yet: it is salvaged anew.
        return delete_with_logs(&saved);
    }
    // The logs belong to the file that was set aside.
    for log in LOGS {
        let _ = std::fs::remove_file(with_suffix(path, log));
    }
    std::fs::rename(&saved, path)?;
    folder::sync(path.parent().unwrap_or(path))
}

/// Who looks into a file maps the index of its log. Other logs are put in the place of that one here, so it is done where nobody looks.
fn copy_as_it_is(path: &Path, scratch: &Path) -> io::Result<()> {
    for suffix in ["", "-wal"] {
        let (from, to) = (with_suffix(path, suffix), with_suffix(scratch, suffix));
        if from.exists() {
            folder::make_file(&to)?;
            std::fs::copy(from, to)?;
        }
    }
    Ok(())
}

/// Copies every sound row; answers what the owner had said, where anybody knows.
fn copy(from: &Path, to: &Path, writer_id: &str, known: Option<Owner>) -> Result<Option<Owner>> {
    let explained = |error: rusqlite::Error| file::explained(to, &error);
    let mut target = file::open_plainly(to)?;
    let transaction = target.transaction().map_err(explained)?;
    file::migrate(&transaction, 0).map_err(explained)?;
    // Answers what is new to the copy: how many rows from which number on.
    let gather = |owner: &mut Option<Owner>, from_row: u64| -> rusqlite::Result<u64> {
        let Ok(source) = file::open_untouched(from) else {
            return Ok(0);
        };
        let count = || {
            let sql = "SELECT count(*) FROM spool WHERE row >= ?1";
            transaction.query_row(sql, [from_row.cast_signed()], |row| row.get::<_, i64>(0))
        };
        let before = count()?;
        if let Ok(Some(said)) = Owner::read(&source, writer_id) {
            // A later commit says more.
            *owner = Some(owner.filter(|owner| owner.last_row >= said.last_row).unwrap_or(said));
        }
        let most = rows_that_fit(from);
        Salvage {
            source: &source,
            target: &transaction,
            most,
        }
        .run(owner.map(|owner| owner.last_row))?;
        copy_dead_letters(&source, &transaction)?;
        Ok(count()?.abs_diff(before))
    };
    let folder = from.parent().unwrap_or(from);
    let unusable = |error: io::Error| folder::unusable(folder, &error);
    let log = Log::read(&with_suffix(from, "-wal"));
    let is_cut_off = std::fs::metadata(from).map_or(0, |metadata| metadata.len()) < file::PAGE_BYTES as u64;
    if is_cut_off && let Some(page) = log.as_ref().and_then(Log::first_page) {
        // SQLite throws the log of an empty file away.
        std::fs::write(from, page).map_err(unusable)?;
    }
    let mut owner = known;
    // First with the commits that SQLite passes over, where the log is damaged.
    let log = log.filter(Log::is_damaged);
    if let Some(log) = &log {
        replace_log(from, &log.mended()).map_err(unusable)?;
    }
    let mut rows = gather(&mut owner, 0).map_err(explained)?;
    if let Some(log) = &log {
        // The damage may be the end of a write that was never finished, and mended it may hide what was sound before. So once more as
        // SQLite takes it. There rows that were removed later are back, most of them older than any that is left: sent again they do no
        // harm, but those are not what is missing.
        replace_log(from, log.bytes()).map_err(unusable)?;
        let oldest = transaction.query_row("SELECT coalesce(min(row), 0) FROM spool", [], |row| {
            row.get::<_, i64>(0)
        });
        rows += gather(&mut owner, oldest.map_err(explained)?.unsigned_abs()).map_err(explained)?;
    }
    let last = transaction.query_row("SELECT coalesce(max(row), 0) FROM spool", [], |row| {
        row.get::<_, i64>(0)
    });
    let last = last.map_err(explained)?.unsigned_abs();
    let all = transaction.query_row("SELECT count(*) FROM spool", [], |row| row.get::<_, i64>(0));
    let all = all.map_err(explained)?.unsigned_abs();
    let said = owner.unwrap_or(Owner {
        last_row: last,
        removed: last.saturating_sub(all),
        ..Owner::default()
    });
    let last_row = said.last_row.max(last);
    let written = Owner {
        last_row,
        // With those that are back, so that the same are missing whoever counts again.
        removed: said
            .removed
            .saturating_sub(all - rows)
            .min(last_row.saturating_sub(all)),
        safe_seq: said.safe_seq,
        is_clean: said.is_clean,
    };
    written.write(&transaction, writer_id).map_err(explained)?;
    transaction.commit().map_err(explained)?;
    Ok(owner.map(|_| written))
}

fn replace_log(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = with_suffix(path, "-wal-new");
    ignore_missing(std::fs::remove_file(&fresh))?;
    folder::make_file(&fresh)?;
    std::fs::write(&fresh, bytes)?;
    std::fs::rename(&fresh, with_suffix(path, "-wal"))?;
    ignore_missing(std::fs::remove_file(with_suffix(path, "-shm")))
}

/// More rows than this are none: a damaged tree can show the same page twice.
fn rows_that_fit(path: &Path) -> u64 {
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    // No row takes fewer bytes than its id.
    (length(path) + length(&with_suffix(path, "-wal"))) / 16
}

/// Takes the sound rows over: forward from the first and backward from the last until something cannot be read, and from between the two
/// what lies beside that.
struct Salvage<'a> {
    source: &'a Connection,
    target: &'a Connection,
    most: u64,
}

impl Salvage<'_> {
    /// # Errors
    /// The fresh file cannot be written. What cannot be read of the damaged one is passed over.
    fn run(&self, last_row: Option<u64>) -> rusqlite::Result<()> {
        let all = (0, i64::MAX.unsigned_abs());
        let (first_end, is_whole) = self.take(all, "ASC")?;
        if is_whole {
            return Ok(());
        }
        let (second_end, _) = self.take(all, "DESC")?;
        let low = first_end.unwrap_or(0);
        let high = second_end
            .or(last_row.map(|last| last + 1))
            .unwrap_or(low + u64::from(PATIENCE));
        let mut ranges = vec![(low, high.saturating_sub(1))];
        let mut unreadable = 0;
        while let Some((low, high)) = ranges.pop() {
            if low >= high {
                continue;
            }
            let (reached, is_whole) = self.take((low, high), "ASC")?;
            if is_whole {
                continue;
            }
            unreadable += 1;
            if unreadable > PATIENCE {
                break;
            }
            // What could be read up to here is taken; the rest in halves, of which one may be sound.
            let low = reached.unwrap_or(low);
            if high - low > 1 {
                let middle = low + (high - low) / 2;
                ranges.push((middle, high));
                ranges.push((low, middle));
            }
        }
        Ok(())
    }

    /// Takes the rows behind the first number and up to the second; answers the last sound one, and whether none was unreadable.
    fn take(&self, (after, last): (u64, u64), order: &str) -> rusqlite::Result<(Option<u64>, bool)> {
        let sql = format!("SELECT {PLACES} FROM spool WHERE rowid > ?1 AND rowid <= ?2 ORDER BY rowid {order}");
        let Ok(mut select) = self.source.prepare_cached(&sql) else {
            return Ok((None, false));
        };
        let Ok(mut rows) = select.query([after.cast_signed(), last.cast_signed()]) else {
            return Ok((None, false));
        };
        let mut insert = self
            .target
            .prepare_cached("INSERT OR IGNORE INTO spool VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let mut reached = None;
        for _ in 0..=self.most {
            let row = match rows.next() {
                Ok(Some(row)) => Row::by_place(row),
                Ok(None) => return Ok((reached, true)),
                Err(error) => Err(error),
            };
            let Ok(row) = row else { return Ok((reached, false)) };
            // Only a sound row's number can be believed.
            let Some(doc) = std::str::from_utf8(&row.doc).ok().filter(|_| row.is_sound()) else {
                continue;
            };
            insert.execute(params![
                row.row.cast_signed(),
                row.audit_id,
                row.seq.cast_signed(),
                row.crc,
                doc
            ])?;
            reached = Some(row.row);
        }
        Ok((reached, false))
    }
}

/// Dead letters have no checksum: what can be read is kept.
fn copy_dead_letters(source: &Connection, target: &Connection) -> rusqlite::Result<()> {
    let sql = "SELECT number, audit_id, at, code, reason, doc FROM dead_letters ORDER BY number DESC LIMIT 10000";
    let Ok(mut select) = source.prepare(sql) else {
        return Ok(());
    };
    let Ok(mut rows) = select.query([]) else { return Ok(()) };
    let mut insert = target.prepare("INSERT OR IGNORE INTO dead_letters VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    while let Ok(Some(row)) = rows.next() {
        let columns: rusqlite::Result<Vec<Value>> = (0..6).map(|at| row.get(at)).collect();
        if let Ok(columns) = columns {
            // One whose columns are not what they should be is passed over.
            let _ = insert.execute(rusqlite::params_from_iter(columns));
        }
    }
    Ok(())
}

/// Gives a damaged file another name, and deletes the oldest of those that were set aside before.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().unwrap_or(path);
    let mut millis = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = loop {
        let aside = folder.join(format!("{name}{QUARANTINE}{millis:014}"));
        if !aside.exists() {
            break aside;
        }
        millis += 1;
    };
    std::fs::rename(path, &aside)?;
    for log in LOGS {
        ignore_missing(std::fs::rename(with_suffix(path, log), with_suffix(&aside, log)))?;
    }
    let mut kept: Vec<(String, PathBuf)> = std::fs::read_dir(folder)?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.to_owned();
            let (_, when) = name.split_once(QUARANTINE)?;
            when.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| (when.to_owned(), path))
        })
        .collect();
    kept.sort_by(|one, other| other.cmp(one));
    let mut bytes = 0;
    for (position, (_, old)) in kept.into_iter().enumerate() {
        bytes += rows_that_fit(&old) * 16;
        if position >= QUARANTINED || position > 0 && bytes > QUARANTINED_BYTES {
            // One that cannot be deleted now is deleted with the next.
            let _ = delete_with_logs(&old);
        }
    }
    Ok(aside)
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn ignore_missing(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

pub(super) fn delete_with_logs(path: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-shm", "-journal", ""] {
        ignore_missing(std::fs::remove_file(with_suffix(path, suffix)))?;
    }
    Ok(())
}
