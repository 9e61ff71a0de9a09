//! One file: its schema, and how rows come and go.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, TransactionBehavior, params};

use super::folder;
use super::log::Log;
use super::row::{COLUMNS, Owner, Row, crc};
use super::salvage::{delete_with_logs, resume, salvage, with_suffix};
use super::{DamagedRow, DroppedRow, Read, Usage, failed};
use crate::error::{Code, Error, Result};
use crate::recorder::fates::DeadLetter;
use crate::store::EncodedRecord;

/// How far the number of a record on disk can be ahead of those that are all safe: records that wait in memory are fewer.
const MOST_AHEAD: u64 = 1 << 21;

/// Marks the file as one of the spool ("Ttsp").
const APPLICATION_ID: i32 = 0x5474_7370;
/// Each brings the schema one version further; `PRAGMA user_version` counts those that ran. Never change one that was released.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE spool (
        row INTEGER PRIMARY KEY,
        audit_id BLOB NOT NULL,
        seq INTEGER NOT NULL,
        crc INTEGER NOT NULL,
        doc TEXT NOT NULL
    );
    CREATE TABLE owner (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        writer_id TEXT NOT NULL,
        last_row INTEGER NOT NULL,
        removed INTEGER NOT NULL,
        safe_seq INTEGER NOT NULL,
        is_clean INTEGER NOT NULL,
        crc INTEGER NOT NULL
    );
    CREATE TABLE dead_letters (
        number INTEGER PRIMARY KEY,
        audit_id BLOB,
        at INTEGER NOT NULL,
        code TEXT NOT NULL,
        reason TEXT NOT NULL,
        doc BLOB
    );
"];
/// Another process that looks into the file holds no lock for longer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// The log is cut back to this when it has grown beyond.
const LOG_BYTES: i64 = 16 << 20;
/// Dead letters that are kept, and bytes of their texts.
const DEAD_LETTERS: i64 = 10_000;
const DEAD_BYTES: i64 = 16 << 20;
/// Bytes of a page; SQLite's own default, named because damaged files are read by hand.
pub(super) const PAGE_BYTES: usize = 4_096;

/// What a file of a dead owner says of itself.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) writer_id: String,
    pub(super) lost: Option<u64>,
    pub(super) safe_seq: u64,
    pub(super) is_clean: bool,
}

#[derive(Debug)]
pub(super) struct File {
    connection: Connection,
    path: PathBuf,
    writer_id: String,
    owner: Owner,
    usage: Usage,
    /// Whether a commit is synced.
    is_syncing: bool,
}

impl File {
    /// Makes a new file, and its name safe.
    pub(super) fn create(path: &Path, writer_id: &str) -> Result<Self> {
        let folder = path.parent().unwrap_or(path);
        let unusable = |error: std::io::Error| folder::unusable(folder, &error);
        folder::make_file(path).map_err(unusable)?;
        let file = Self::set_up(connect(path)?, path, writer_id)?;
        folder::sync(folder).map_err(unusable)?;
        Ok(file)
    }

    fn set_up(mut connection: Connection, path: &Path, writer_id: &str) -> Result<Self> {
        let error = |error| explained(path, &error);
        let owner = Owner::default();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(error)?;
        migrate(&transaction, 0).map_err(error)?;
        owner.write(&transaction, writer_id).map_err(error)?;
        transaction.commit().map_err(error)?;
        Ok(Self::with(
            connection,
            path,
            writer_id,
            owner,
            Usage { rows: 0, bytes: 0 },
        ))
    }

    fn with(connection: Connection, path: &Path, writer_id: &str, owner: Owner, usage: Usage) -> Self {
        File {
            connection,
            path: path.to_owned(),
            writer_id: writer_id.to_owned(),
            owner,
            usage,
            is_syncing: true,
        }
    }

    /// Opens the file of a dead owner. One that is damaged is set aside, and what can be read of it goes into a fresh one. `was_made` says
    /// that its owner had made it to the end.
    pub(super) fn adopt(path: &Path, writer_id: &str, was_made: bool) -> Result<(Self, Found)> {
        resume(path).map_err(|error| folder::unusable(path, &error))?;
        // Looked at before SQLite is, which would tidy up what it does not take for a part of the log.
        let opened = match Log::read(&with_suffix(path, "-wal")).is_some_and(|log| log.is_damaged()) {
            true => Err(Trouble::Damaged("its log is".into())),
            false => Self::open(path, writer_id, was_made),
        };
        match opened {
            Ok((file, found)) => Ok((file, found)),
            Err(Trouble::Damaged(reason)) => salvage(path, writer_id, &reason, None),
            Err(Trouble::Other(error)) => Err(error),
        }
    }

    pub(super) fn open(path: &Path, writer_id: &str, was_made: bool) -> std::result::Result<(Self, Found), Trouble> {
        let trouble = |error: rusqlite::Error| Trouble::of(path, &error);
        let is_empty = |path: &Path| path.metadata().is_ok_and(|metadata| metadata.len() == 0);
        if is_empty(path) && (was_made || !is_empty(&with_suffix(path, "-wal")) && with_suffix(path, "-wal").exists()) {
            return Err(Trouble::Damaged("it is empty".into()));
        }
        let connection = connect(path)?;
        // Until it has proved to be sound.
        keep_log(&connection, true);
        let number = |sql: &str| {
            connection
                .query_row(sql, [], |row| row.get::<_, i64>(0))
                .map_err(trouble)
        };
        if number("SELECT count(*) FROM sqlite_schema")? == 0 {
            if was_made {
                return Err(Trouble::Damaged("its tables are gone".into()));
            }
            // Its owner ended before it was made.
            keep_log(&connection, false);
            let file = Self::set_up(connection, path, writer_id)?;
            let found = Found {
                writer_id: writer_id.to_owned(),
                lost: Some(0),
                safe_seq: 0,
                is_clean: false,
            };
            return Ok((file, found));
        }
        if number("PRAGMA application_id")? != i64::from(APPLICATION_ID) {
            return Err(Trouble::Damaged("it is not marked as a file of the spool".into()));
        }
        let version = usize::try_from(number("PRAGMA user_version")?).unwrap_or(usize::MAX);
        if version > MIGRATIONS.len() {
            let message = format!(
                "{} has version {version} and this release knows {}; use a newer release of Tasktrail to empty it",
                path.display(),
                MIGRATIONS.len()
            );
            return Err(Trouble::Other(failed(message)));
        }
        migrate(&connection, version).map_err(trouble)?;
        // Cheaper than all it could find: each row has a checksum of its own.
        let check: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(trouble)?;
        if check != "ok" {
            return Err(Trouble::Damaged(check));
        }
        let Some(owner) = Owner::read(&connection, writer_id).map_err(trouble)? else {
            return Err(Trouble::Damaged(
                "what its owner says of itself does not match its checksum".into(),
            ));
        };
        let sql = "SELECT count(*), coalesce(sum(length(CAST(doc AS BLOB))), 0), coalesce(min(row), 1), coalesce(max(row), 0) FROM spool";
        let (rows, bytes, first, last) = connection
            .query_row(sql, [], |row| {
                Ok((
                    row.get::<_, i64>(0)?.unsigned_abs(),
                    row.get::<_, i64>(1)?.unsigned_abs(),
                    row.get::<_, i64>(2)?,
                    row.get::<_, i64>(3)?.cast_unsigned(),
                ))
            })
            .map_err(trouble)?;
        if first < 1 || last > owner.last_row || owner.removed + rows > owner.last_row {
            return Err(Trouble::Damaged("it has rows that were never written".into()));
        }
        keep_log(&connection, false);
        let found = Found {
            writer_id: writer_id.to_owned(),
            lost: Some(owner.lost(rows)),
            safe_seq: owner.safe_seq,
            is_clean: owner.is_clean,
        };
        Ok((
            Self::with(connection, path, writer_id, owner, Usage { rows, bytes }),
            found,
        ))
    }

    /// Replaces the file, in which an operation has found damage, while its owner goes on.
    pub(super) fn replace(self, reason: &str) -> Result<Self> {
        let File {
            connection,
            path,
            writer_id,
            owner,
            ..
        } = self;
        keep_log(&connection, true);
        drop(connection);
        salvage(&path, &writer_id, reason, Some(owner)).map(|(file, _)| file)
    }

    /// Opens the file anew, after its disk had refused.
    pub(super) fn reopen(&mut self) -> Result<()> {
        self.connection = connect(&self.path)?;
        self.is_syncing = true;
        Ok(())
    }

    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    /// How many dead letters it keeps; 0 when that cannot be read.
    pub(super) fn dead_letters(&self) -> u64 {
        let count = "SELECT count(*) FROM dead_letters";
        let counted = self.connection.query_row(count, [], |row| row.get::<_, i64>(0));
        counted.unwrap_or(0).unsigned_abs()
    }

    /// Writes a step of changes, all of them or none, and syncs it.
    pub(super) fn write<T>(
        &mut self,
        is_synced: bool,
        work: impl FnOnce(&mut Step<'_>) -> rusqlite::Result<T>,
    ) -> std::result::Result<T, Trouble> {
        let path = self.path.clone();
        let trouble = |error: rusqlite::Error| Trouble::of(&path, &error);
        if is_synced != self.is_syncing {
            // What is only removed would be removed again, should the power fail.
            let level = if is_synced { "FULL" } else { "NORMAL" };
            self.connection
                .pragma_update(None, "synchronous", level)
                .map_err(trouble)?;
            self.is_syncing = is_synced;
        }
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(trouble)?;
        let mut step = Step {
            connection: &transaction,
            writer_id: &self.writer_id,
            owner: self.owner,
            usage: self.usage,
        };
        let done = work(&mut step).map_err(trouble)?;
        let Step { owner, usage, .. } = step;
        if owner != self.owner {
            owner.write(&transaction, &self.writer_id).map_err(trouble)?;
        }
        transaction.commit().map_err(trouble)?;
        (self.owner, self.usage) = (owner, usage);
        Ok(done)
    }

    /// Rows behind `after`.
    pub(super) fn read(&self, after: u64, limit: usize, max_bytes: usize) -> std::result::Result<Read, Trouble> {
        let trouble = |error: rusqlite::Error| Trouble::of(&self.path, &error);
        let sql = format!("SELECT {COLUMNS} FROM spool WHERE row > ?1 ORDER BY row LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql).map_err(trouble)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![after.cast_signed(), limit]).map_err(trouble)?;
        let (mut read, mut bytes) = (Read::default(), 0);
        while let Some(row) = rows.next().map_err(trouble)? {
            let row = Row::of(row).map_err(trouble)?;
            bytes += row.doc.len();
            if bytes > max_bytes && !read.rows.is_empty() {
                break;
            }
            match row.record() {
                Some(record) => read.rows.push((row.row, record)),
                None => read.damaged.push(DamagedRow {
                    row: row.row,
                    // Far beyond those that are safe it is damaged itself.
                    seq: (1..=self.owner.safe_seq.saturating_add(MOST_AHEAD))
                        .contains(&row.seq)
                        .then_some(row.seq),
                }),
            }
        }
        Ok(read)
    }

    /// Says that the owner has ended well, and leaves nothing behind in the log.
    pub(super) fn mark_clean(&mut self) -> std::result::Result<(), Trouble> {
        self.write(true, |step| {
            step.owner.is_clean = true;
            Ok(())
        })
    }

    /// Appends records of others and, in the same commit, says that nothing more is to come.
    pub(super) fn leave(&mut self, records: &[EncodedRecord]) -> std::result::Result<(), Trouble> {
        self.write(true, |step| {
            step.append(records)?;
            step.owner.is_clean = true;
            Ok(())
        })
    }

    /// As a disk would that is full.
    #[cfg(test)]
    pub(super) fn limit_pages(&self, pages: u32) {
        let set = self
            .connection
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
        assert_eq!(set, Ok(()));
    }

    /// Deletes the file.
    pub(super) fn delete(self) -> std::io::Result<()> {
        let File { connection, path, .. } = self;
        drop(connection);
        delete_with_logs(&path)?;
        folder::sync(path.parent().unwrap_or(&path))
    }
}

/// Changes that are made together.
pub(super) struct Step<'a> {
    connection: &'a Connection,
    writer_id: &'a str,
    owner: Owner,
    usage: Usage,
}

impl Step<'_> {
    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    /// All numbers of the owner up to this one have found their place.
    pub(super) fn note_safe(&mut self, seq: u64) {
        self.owner.safe_seq = self.owner.safe_seq.max(seq);
    }

    /// Appends records; answers the row of the first.
    pub(super) fn append(&mut self, records: &[EncodedRecord]) -> rusqlite::Result<u64> {
        let first = self.owner.last_row + 1;
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO spool VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for encoded in records {
            let record = encoded.record();
            let (doc, audit_id) = (encoded.json(), record.audit_id.as_bytes());
            // A record that another trail has sent has a number of that one.
            let seq = if record.writer_id == self.writer_id {
                record.seq
            } else {
                0
            };
            let row = self.owner.last_row + 1;
            let crc = crc(row, audit_id, seq, doc.as_bytes());
            insert.execute(params![row.cast_signed(), audit_id, seq.cast_signed(), crc, doc])?;
            self.owner.last_row = row;
            self.usage.rows += 1;
            self.usage.bytes += doc.len() as u64;
            if seq == self.owner.safe_seq + 1 {
                self.owner.safe_seq = seq;
            }
        }
        Ok(first)
    }

    /// Removes rows; those that are gone already are passed over.
    pub(super) fn remove(&mut self, rows: &[u64]) -> rusqlite::Result<()> {
        let mut delete = self
            .connection
            .prepare_cached("DELETE FROM spool WHERE row = ?1 RETURNING length(CAST(doc AS BLOB))")?;
        for row in rows {
            let bytes = delete
                .query_row([row.cast_signed()], |row| row.get::<_, i64>(0))
                .optional()?;
            if let Some(bytes) = bytes {
                self.usage.rows = self.usage.rows.saturating_sub(1);
                self.usage.bytes = self.usage.bytes.saturating_sub(bytes.unsigned_abs());
                self.owner.removed += 1;
            }
        }
        Ok(())
    }

    /// Removes the oldest rows until there is room for so many bytes.
    pub(super) fn make_room(&mut self, bytes: u64) -> rusqlite::Result<Vec<DroppedRow>> {
        let (mut oldest, mut freed) = (Vec::new(), 0);
        {
            let mut select = self
                .connection
                .prepare_cached("SELECT row, seq, length(CAST(doc AS BLOB)) FROM spool ORDER BY row")?;
            let mut rows = select.query([])?;
            while freed < bytes
                && let Some(row) = rows.next()?
            {
                oldest.push(DroppedRow {
                    row: row.get::<_, i64>(0)?.unsigned_abs(),
                    seq: row.get::<_, i64>(1)?.unsigned_abs(),
                });
                freed += row.get::<_, i64>(2)?.unsigned_abs();
            }
        }
        let rows: Vec<u64> = oldest.iter().map(|dropped| dropped.row).collect();
        self.remove(&rows)?;
        Ok(oldest)
    }

    /// Moves a row that cannot be read to the dead letters, as it is.
    pub(super) fn bury(&mut self, row: u64, now: i64) -> rusqlite::Result<()> {
        self.connection.execute(
            "INSERT INTO dead_letters (audit_id, at, code, reason, doc) \
             SELECT audit_id, ?2, ?3, 'its checksum does not match, or it is not a record', CAST(doc AS BLOB) FROM spool WHERE row = ?1",
            params![row.cast_signed(), now, Code::SpoolFailed.as_str()],
        )?;
        self.remove(&[row])
    }

    /// Keeps a record that the store refuses.
    pub(super) fn dead_letter(&mut self, record: &EncodedRecord, letter: &DeadLetter) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("INSERT INTO dead_letters (audit_id, at, code, reason, doc) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                letter.audit_id.as_bytes(),
                letter.at.millis(),
                letter.code,
                letter.reason,
                record.json().as_bytes()
            ])
            .map(drop)
    }

    /// Deletes the oldest dead letters beyond what is kept.
    pub(super) fn prune_dead_letters(&mut self) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "DELETE FROM dead_letters WHERE number <= (SELECT max(number) FROM dead_letters) - ?1 \
                 OR number IN (SELECT number FROM (SELECT number, sum(length(doc)) OVER (ORDER BY number DESC) AS total \
                 FROM dead_letters) WHERE total > ?2)",
            )?
            .execute([DEAD_LETTERS, DEAD_BYTES])
            .map(drop)
    }
}

/// Why a file could not be worked with.
#[derive(Debug)]
pub(super) enum Trouble {
    /// What is in it is not what was written.
    Damaged(String),
    /// The disk refuses, or something else that may pass.
    Other(Error),
}

impl Trouble {
    fn of(path: &Path, error: &rusqlite::Error) -> Self {
        // All that is asked has been asked before: the schema's page is not what was written.
        if matches!(error, rusqlite::Error::SqlInputError { .. }) {
            return Trouble::Damaged(error.to_string());
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Trouble::Damaged(error.to_string()),
            // A table or column that is missing: the schema's page is not what was written. A row that is there already: its number is not.
            Some(ErrorCode::Unknown | ErrorCode::ConstraintViolation) => Trouble::Damaged(error.to_string()),
            // The file is shorter than it says.
            Some(ErrorCode::SystemIoFailure)
                if error
                    .sqlite_error()
                    .is_some_and(|error| error.extended_code == SHORT_READ) =>
            {
                Trouble::Damaged(error.to_string())
            }
            _ => Trouble::Other(explained(path, error)),
        }
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Trouble::Damaged(reason) => failed(reason),
            Trouble::Other(error) => error,
        }
    }
}

/// `SQLITE_IOERR_SHORT_READ`.
const SHORT_READ: i32 = 522;

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Other(error)
    }
}

pub(super) fn explained(path: &Path, error: &rusqlite::Error) -> Error {
    let path = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::new(
            Code::SpoolFull,
            format!("the disk that holds the spool's file {path} is full"),
        ),
        _ => failed(format!(
            "the spool's file {path} cannot be read or written now: {error}"
        )),
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = open_plainly(path)?;
    let _ = connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()));
    let _ = connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()));
    Ok(connection)
}

/// Opens a file as it is.
pub(super) fn open_plainly(path: &Path) -> Result<Connection> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // Should the file be damaged, the first question about its content finds it, and not this.
        let _ = connection.pragma_update(None, "synchronous", "FULL");
        Ok(connection)
    };
    open().map_err(|error| explained(path, &error))
}

/// Opens a damaged file, to read and not to change it.
pub(super) fn open_untouched(path: &Path) -> Result<Connection> {
    let connection = open_plainly(path)?;
    keep_log(&connection, true);
    // Else SQLite reads nothing of a file that is shorter than its head says.
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true);
    // Cells are looked at before they are believed.
    let _ = connection.pragma_update(None, "cell_size_check", true);
    let _ = connection.pragma_update(None, "query_only", true);
    Ok(connection)
}

/// Whether the log stays as it is when the last connection closes, instead of being folded into the file.
fn keep_log(connection: &Connection, keeps: bool) {
    // SQLite has no way to refuse it.
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keeps);
}

pub(super) fn migrate(connection: &Connection, version: usize) -> rusqlite::Result<()> {
    let missing = MIGRATIONS.get(version..).unwrap_or_default();
    if missing.is_empty() {
        return Ok(());
    }
    for migration in missing {
        connection.execute_batch(migration)?;
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", MIGRATIONS.len() as i64)
}
