//! The file: opening, schema and versions, and what its errors mean.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::error::{Code, Error, Result};

/// How long to wait for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long opening tries while other processes open the same new file.
const OPEN_TIMEOUT: Duration = Duration::from_secs(5);
/// Marks the file as a trail ("Ttrl"), so that no other application's database is taken for one.
const APPLICATION_ID: i32 = 0x5474_726c;
const CACHED_STATEMENTS: usize = 64;

/// Each brings the schema one version further; `PRAGMA user_version` counts those that ran. Never change one that was released.
///
/// `expires_at` ends each page index so that counting needs no look at the rows. The partial indexes cost a record
/// nothing that lacks the field. By arrival, the whole trail follows the table's own order, and one workspace an index.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE audit_history (
        arrival INTEGER PRIMARY KEY AUTOINCREMENT,
        audit_id BLOB NOT NULL UNIQUE CHECK (length(audit_id) = 16),
        timestamp INTEGER NOT NULL,
        workspace_id TEXT NOT NULL,
        origin_workspace_id TEXT,
        project_number INTEGER,
        task_id TEXT,
        session_id TEXT,
        run_id TEXT,
        operation_type TEXT NOT NULL,
        actor TEXT NOT NULL,
        outcome TEXT NOT NULL,
        expires_at INTEGER,
        doc TEXT NOT NULL
    );
    CREATE INDEX by_time ON audit_history (timestamp, audit_id, expires_at);
    CREATE INDEX by_workspace ON audit_history (workspace_id, timestamp, audit_id, expires_at);
    CREATE INDEX by_origin ON audit_history (origin_workspace_id, timestamp, audit_id, expires_at)
        WHERE origin_workspace_id IS NOT NULL;
    CREATE INDEX by_project ON audit_history (project_number, timestamp, audit_id, expires_at) WHERE project_number IS NOT NULL;
    CREATE INDEX by_run ON audit_history (run_id, timestamp, audit_id, expires_at) WHERE run_id IS NOT NULL;
    CREATE INDEX by_task ON audit_history (task_id, timestamp, audit_id, expires_at) WHERE task_id IS NOT NULL;
    CREATE INDEX by_session ON audit_history (session_id, timestamp, audit_id, expires_at) WHERE session_id IS NOT NULL;
    CREATE INDEX by_workspace_arrival ON audit_history (workspace_id, arrival);
    CREATE INDEX by_origin_arrival ON audit_history (origin_workspace_id, arrival) WHERE origin_workspace_id IS NOT NULL;
    CREATE INDEX by_expiry ON audit_history (expires_at) WHERE expires_at IS NOT NULL;
", "
    -- Null for the records from before: they are nobody's own.
    ALTER TABLE audit_history ADD COLUMN writer_id TEXT;
"];

/// Opens the file for the writer. `named` is the path as the host gave it, for messages.
pub(super) fn open_for_writing(named: &Path, file: &Path) -> Result<Connection> {
    create(named, file)?;
    let deadline = Instant::now() + OPEN_TIMEOUT;
    loop {
        match set_up(named, file) {
            // Changing to WAL and rolling a log forward answer "busy" at once, whatever the busy timeout.
            Err(error) if error.code() == Code::StoreTimeout && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(20));
            }
            outcome => return outcome,
        }
    }
}

/// Opens the file for a reader. It may not write; yet it must be able to, or the last connection could not fold the log in.
pub(super) fn open_for_reading(named: &Path, file: &Path) -> Result<Connection> {
    connect(file)
        .and_then(|connection| connection.pragma_update(None, "query_only", true).map(|()| connection))
        .map_err(|error| failed(named, &error))
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

/// Creates folder and file. SQLite gives its log files the mode of the file.
fn create(named: &Path, file: &Path) -> Result<()> {
    if named.as_os_str() == ":memory:" {
        return Err(bad_path(
            named,
            "it is not a file",
            "use the store URL memory: for records in memory",
        ));
    }
    if let Some(folder) = file.parent() {
        DirBuilder::new()
            .recursive(true)
            .create(folder)
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => bad_path(
                    named,
                    "a part of its folder's path is a file",
                    "name a file in a folder that can be created",
                ),
                _ => unwritable(named, &error),
            })?;
    }
    if file.is_dir() {
        return Err(bad_path(
            named,
            "it is a folder",
            "name a file, for example audit.db inside of it",
        ));
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop).map_err(|error| unwritable(named, &error))
}

fn set_up(named: &Path, file: &Path) -> Result<Connection> {
    let failed = |error| failed(named, &error);
    let mut connection = connect(file).map_err(failed)?;
    if connection.is_readonly("main").map_err(failed)? {
        return Err(bad_path(
            named,
            "the file is read-only",
            "make file and folder writable for this process",
        ));
    }
    let version = version(&connection, named)?;
    if version == 0 {
        // Counts only before the first table; lets a sweep give space back.
        connection
            .pragma_update(None, "auto_vacuum", "INCREMENTAL")
            .map_err(failed)?;
    }
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(failed)?;
    if mode != "wal" {
        tracing::warn!(path = %named.display(), mode, "this file system has no shared memory for SQLite: readers and the writer take turns");
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    if version < MIGRATIONS.len() {
        migrate(&mut connection, named)?;
    }
    Ok(connection)
}

/// Migrations that ran. A file that is no trail, or one of a newer release, is an error.
fn version(connection: &Connection, named: &Path) -> Result<usize> {
    let failed = |error| failed(named, &error);
    let number = |sql: &str| {
        connection
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .map_err(failed)
    };
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    if tables > 0 && number("PRAGMA application_id")? != i64::from(APPLICATION_ID) {
        return Err(bad_path(
            named,
            "it is a database of another application",
            "name a file of its own for the trail",
        ));
    }
    let version = usize::try_from(number("PRAGMA user_version")?).unwrap_or(usize::MAX);
    if version > MIGRATIONS.len() {
        let reason = format!(
            "its schema has version {version} and this release knows {}",
            MIGRATIONS.len()
        );
        return Err(bad_path(
            named,
            &reason,
            "use a newer release of Tasktrail, or another file",
        ));
    }
    Ok(version)
}

/// What a file says of itself.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) is_trail: bool,
    pub(super) version: usize,
    /// The version that this release writes.
    pub(super) known: usize,
    pub(super) missing_indexes: Vec<&'static str>,
}

/// Reads what a file says of itself, and changes nothing.
pub(super) fn schema(connection: &Connection) -> rusqlite::Result<Schema> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let has_index = |name: &str| {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = ?1";
        connection.query_row(sql, [name], |row| row.get::<_, i64>(0))
    };
    let is_trail = number("PRAGMA application_id")? == i64::from(APPLICATION_ID);
    let mut missing_indexes = Vec::new();
    let made = MIGRATIONS
        .iter()
        .flat_map(|migration| migration.split("CREATE INDEX ").skip(1));
    for name in made.filter_map(|made| made.split(' ').next()) {
        if is_trail && has_index(name)? == 0 {
            missing_indexes.push(name);
        }
    }
    Ok(Schema {
        is_trail,
        version: usize::try_from(number("PRAGMA user_version")?).unwrap_or(usize::MAX),
        known: MIGRATIONS.len(),
        missing_indexes,
    })
}

fn migrate(connection: &mut Connection, named: &Path) -> Result<()> {
    let failed = |error| failed(named, &error);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Read again under the lock: another process may have been quicker.
    for migration in MIGRATIONS.iter().skip(version(&transaction, named)?) {
        transaction.execute_batch(migration).map_err(failed)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(failed)?;
    transaction
        .pragma_update(None, "user_version", MIGRATIONS.len() as i64)
        .map_err(failed)?;
    transaction.commit().map_err(failed)
}

fn bad_path(named: &Path, reason: &str, advice: &str) -> Error {
    let message = format!("cannot keep records in {}: {reason}; {advice}", named.display());
    Error::new(Code::StorePath, message).with_field("url")
}

fn unwritable(named: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull {
        return full(named);
    }
    bad_path(
        named,
        &error.to_string(),
        "name a file that this process may create and write",
    )
}

fn full(named: &Path) -> Error {
    let message = format!(
        "the disk that holds {} is full; records can be stored again when there is room",
        named.display()
    );
    Error::new(Code::StoreUnavailable, message)
}

/// What an error of SQLite means to the caller.
pub(super) fn failed(named: &Path, error: &rusqlite::Error) -> Error {
    let path = named.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::new(
            Code::StoreTimeout,
            format!("{path} is locked by another process; try again"),
        ),
        Some(ErrorCode::OperationInterrupted) => Error::new(
            Code::StoreTimeout,
            format!("the query on {path} took too long; narrow it by workspace, project or time"),
        ),
        Some(ErrorCode::DiskFull) => full(named),
        // What the file system refuses now (a quota, a network drive that is away) it can allow later.
        Some(ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory) => Error::new(
            Code::StoreUnavailable,
            format!("{path} cannot be read or written now: {error}"),
        ),
        Some(ErrorCode::NotADatabase) => bad_path(
            named,
            "the file is not an SQLite database",
            "name another file, or move this one away",
        ),
        Some(ErrorCode::ReadOnly) => bad_path(
            named,
            "the file is read-only or was replaced",
            "make file and folder writable for this process",
        ),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => bad_path(
            named,
            &error.to_string(),
            "name a file that this process may create and write",
        ),
        Some(ErrorCode::DatabaseCorrupt) => Error::new(
            Code::StoreFailed,
            format!("{path} is damaged ({error}); move it away and restore it from a copy"),
        ),
        _ => Error::new(Code::StoreFailed, format!("{path}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> Result<Connection> {
        open_for_writing(path, path)
    }

    #[cfg(unix)]
    #[test]
    fn file_and_logs_are_private_and_folders_are_made() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/audit.db");
        let connection = open(&path).unwrap();
        connection
            .execute(
                "INSERT INTO audit_history (audit_id, timestamp, workspace_id, operation_type, actor, outcome, doc) \
            VALUES (zeroblob(16), 1, 'w', 'o', 'a', 'success', '{}')",
                [],
            )
            .unwrap();
        for name in ["audit.db", "audit.db-wal", "audit.db-shm"] {
            let mode = path.with_file_name(name).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn another_applications_database_and_a_newer_schema_are_refused_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let foreign = Connection::open(&path).unwrap();
        foreign.execute_batch("CREATE TABLE things (id INTEGER)").unwrap();
        let before = std::fs::read(&path).unwrap();
        let error = open(&path).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::StorePath, Some("url")));
        assert!(error.to_string().contains("another application"), "{error}");
        drop(foreign);
        assert_eq!(std::fs::read(&path).unwrap(), before);

        let path = folder.path().join("newer.db");
        open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let error = open(&path).unwrap_err();
        assert_eq!(error.code(), Code::StorePath);
        assert!(error.to_string().contains("99"), "{error}");
    }

    #[test]
    fn many_that_open_one_new_file_at_once_all_succeed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| open(&path).map(drop))).collect();
            for thread in threads {
                thread.join().unwrap().unwrap();
            }
        });
        assert_eq!(version(&open(&path).unwrap(), &path).unwrap(), MIGRATIONS.len());
    }
}
