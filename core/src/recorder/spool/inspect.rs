//! What is in a spool? For people and tools: list, check, drain.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, CONTROLS};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use super::folder::{self, FILE, LOCK, Lock, Look, QUARANTINE, SAVED};
use super::log::Log;
use super::row::Owner;
use super::salvage::with_suffix;
use super::{adopt_next, failed, on_a_thread};
use crate::clock::{Clock as _, SystemClock};
use crate::error::{Error, Result};
use crate::recorder::gaps::{Gap, Gaps, Reason};
use crate::recorder::{DeadLetter, Encoder, Stamp, new_writer_id};
use crate::sanitize::{Policy, Sanitizer};
use crate::schema::{OperationTable, Record, Timestamp};
use crate::store::{EncodedRecord, Store};

/// What a name cannot have in a URI of SQLite's as it is.
const IN_A_URI: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b' ');

/// Records of one batch of a drain, and their bytes.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 8 << 20;

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SpoolState {
    /// An open trail's.
    Live,
    /// A trail's that has ended: the next that opens, or [`drain()`], empties it.
    Orphaned,
    /// It was damaged and set aside; what could be read of it was saved.
    Quarantined,
}

/// One file of a spool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpoolFile {
    /// Where it is.
    pub path: PathBuf,
    /// The trail that wrote it.
    pub writer_id: String,
    /// Whose it is.
    pub state: SpoolState,
    /// Bytes that it takes on the disk, its log included.
    pub disk_bytes: u64,
    /// Records that wait in it; `None` when that cannot be read.
    pub records: Option<u64>,
    /// Records that the store refused, kept for people to read.
    pub dead_letters: Option<u64>,
    /// Time of the oldest record that waits.
    pub oldest: Option<Timestamp>,
    /// Whether its trail was closed in order. Of one that was not, whoever empties the file tells by an `audit.gap`; `None` when that cannot
    /// be read.
    pub is_closed: Option<bool>,
}

/// What a check of one file found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpoolCheck {
    /// The file.
    #[serde(flatten)]
    pub file: SpoolFile,
    /// Version of the file's schema; `None` when that cannot be read.
    pub version: Option<u32>,
    /// Records whose checksum and text are right.
    pub sound: u64,
    /// Records that are damaged.
    pub damaged: u64,
    /// What is wrong with the file as a whole, in SQLite's words; empty when nothing is.
    pub faults: Vec<String>,
}

/// What a drain did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drained {
    /// Files that were emptied.
    pub files: u64,
    /// Records that the store has now, repeats of what it held already included.
    pub stored: u64,
    /// Records that the store refused. They stay in their file as dead letters, so that the file stays as well.
    pub refused: u64,
    /// Records that were damaged.
    pub damaged: u64,
}

/// The files of a spool. Reads only; a file in use is not disturbed. A folder that is not there has none.
///
/// # Errors
/// [`crate::Code::SpoolPath`] when the folder cannot be read.
pub async fn list(folder: &Path) -> Result<Vec<SpoolFile>> {
    let folder = folder.to_owned();
    on_a_thread("listing the spool", move || {
        let files = names(&folder)?;
        Ok(files
            .into_iter()
            .map(|(path, writer)| Looked::at(&folder, path, writer).file.clone())
            .collect())
    })
    .await
}

/// Reads every record of every file and says what is damaged. Changes nothing.
///
/// # Errors
/// As [`list`].
pub async fn check(folder: &Path) -> Result<Vec<SpoolCheck>> {
    let folder = folder.to_owned();
    on_a_thread("checking the spool", move || {
        let files = names(&folder)?;
        Ok(files
            .into_iter()
            .map(|(path, writer)| Looked::at(&folder, path, writer).read_through())
            .collect())
    })
    .await
}

/// Empties the files of trails that have ended into a store, and deletes them. Files in use are left to their owners. What is missing of a
/// file is told by `audit.gap` records, as a trail that takes it over would tell it.
///
/// # Errors
/// The store's error, when it takes nothing now: what is left stays in the files. As [`list`].
pub async fn drain(folder: &Path, store: &dyn Store) -> Result<Drained> {
    drain_for(folder, store, Duration::MAX).await
}

/// As [`drain()`], and begins no further batch once so much time has passed: what is left stays for the next.
pub(crate) async fn drain_for(folder: &Path, store: &dyn Store, time: Duration) -> Result<Drained> {
    let mut drained = Drained::default();
    let since = Instant::now();
    if !folder.exists() {
        return Ok(drained);
    }
    let teller = Teller::new()?;
    while since.elapsed() < time
        && let Some(adopted) = adopt_next(folder, "").await?
    {
        drained.damaged += adopted.lost().unwrap_or(0);
        loop {
            if since.elapsed() >= time {
                // Its rows stay for the next.
                return Ok(drained);
            }
            let read = adopted.read(0, BATCH, BATCH_BYTES).await?;
            drained.damaged += read.damaged.len() as u64;
            if read.rows.is_empty() && read.damaged.is_empty() {
                break;
            }
            let gaps = Gaps::default();
            gaps.note_damaged(adopted.writer_id(), &read.damaged, read.damaged.len() as u64);
            let (rows, records): (Vec<u64>, Vec<EncodedRecord>) = read.rows.into_iter().unzip();
            let inserted = store.insert(&records).await?;
            drained.stored += (records.len() - inserted.refused.len()) as u64;
            drained.refused += inserted.refused.len() as u64;
            for (position, error) in &inserted.refused {
                if let Some(record) = records.get(*position) {
                    gaps.note(&record.record().writer_id, record.record().seq, Reason::Refused);
                    adopted.dead_letter(record.clone(), &DeadLetter::new(record, SystemClock.now(), error));
                }
            }
            teller.tell(store, gaps.take()).await?;
            adopted.remove(&rows).await?;
        }
        teller.tell(store, adopted.untold()).await?;
        adopted.finish().await?;
        drained.files += 1;
    }
    Ok(drained)
}

/// Puts on record what is missing, as a trail would.
struct Teller {
    encoder: Encoder,
    last_seq: AtomicU64,
}

impl Teller {
    fn new() -> Result<Self> {
        Ok(Teller {
            encoder: Encoder {
                writer_id: new_writer_id(),
                service: None,
                instance_id: None,
                retention: Arc::default(),
                hash_key: None,
                sanitizer: Arc::new(Sanitizer::new(&Policy::default(), None)?),
                operations: Arc::new(OperationTable::new(&[])?),
            },
            last_seq: AtomicU64::new(0),
        })
    }

    async fn tell(&self, store: &dyn Store, gaps: impl IntoIterator<Item = Gap>) -> Result<()> {
        let records: Vec<EncodedRecord> = gaps
            .into_iter()
            .map(|gap| {
                let stamp = Stamp {
                    audit_id: gap.id(),
                    seq: self.last_seq.fetch_add(1, Relaxed) + 1,
                    taken_at: SystemClock.now(),
                };
                EncodedRecord::new(self.encoder.own(stamp, "audit.gap", &gap.metadata()))
            })
            .collect();
        if !records.is_empty() {
            store.insert(&records).await?;
        }
        Ok(())
    }
}

/// Every file of the folder with its writer.
fn names(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let unusable = |error: std::io::Error| folder::unusable(folder, &error);
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unusable)?,
    };
    let (mut files, mut writers) = (Vec::new(), BTreeSet::new());
    for entry in entries {
        let path = entry.map_err(unusable)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let is_log = name.ends_with("-wal") || name.ends_with("-shm");
        if let Some((writer, _)) = name.split_once(&format!(".{FILE}{QUARANTINE}"))
            && !is_log
        {
            files.push((path.clone(), writer.to_owned()));
        } else if let Some((writer, FILE | SAVED | LOCK)) = name.rsplit_once('.') {
            writers.insert(writer.to_owned());
        }
    }
    files.extend(writers.into_iter().filter_map(|writer| {
        let path = folder::file_of(folder, &writer);
        let saved = path.with_extension(SAVED);
        // While a damaged file is replaced it has another name for a moment; asked in this order, one of them is there.
        let found = [&path, &saved, &path].into_iter().find(|path| path.exists())?;
        Some((found.clone(), writer))
    }));
    files.sort();
    Ok(files)
}

/// A file that is being looked at.
struct Looked {
    file: SpoolFile,
    connection: rusqlite::Result<Connection>,
    /// The index of its log, where it is only there because of this look.
    index: Option<PathBuf>,
    /// Keeps the file from being taken over meanwhile.
    _look: Look,
}

impl Drop for Looked {
    fn drop(&mut self) {
        if let Some(index) = &self.index {
            self.connection = Err(rusqlite::Error::InvalidQuery);
            // One that stays does no harm.
            let _ = std::fs::remove_file(index);
        }
    }
}

impl Looked {
    fn at(folder: &Path, path: PathBuf, writer_id: String) -> Self {
        let is_aside = path
            .extension()
            .is_none_or(|extension| extension != FILE && extension != SAVED);
        let look = match is_aside {
            true => Look::Free(None),
            false => Lock::look(folder, &writer_id),
        };
        let state = match (is_aside, &look) {
            (true, _) => SpoolState::Quarantined,
            (false, Look::Held) => SpoolState::Live,
            (false, Look::Free(_)) => SpoolState::Orphaned,
        };
        let size = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
        let (log, index) = (with_suffix(&path, "-wal"), with_suffix(&path, "-shm"));
        let is_live = state == SpoolState::Live;
        let index = (!is_live && size(&log) > 0 && !index.exists()).then_some(index);
        let connection = open(&path, is_live, size(&log) > 0);
        let counted = connection.as_ref().ok().and_then(|connection| {
            let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
            let count = |table: &str| number(&format!("SELECT count(*) FROM {table}")).map(i64::unsigned_abs);
            let oldest = connection.query_row("SELECT doc FROM spool ORDER BY row LIMIT 1", [], |row| {
                row.get::<_, String>(0)
            });
            let oldest = oldest.ok().and_then(|doc| Record::from_json(&doc).ok());
            Some((
                count("spool").ok()?,
                count("dead_letters").ok()?,
                oldest.map(|record| record.timestamp),
            ))
        });
        let owner = connection
            .as_ref()
            .map(|connection| Owner::read(connection, &writer_id));
        let is_closed = owner.ok().and_then(Result::ok).flatten().map(|owner| owner.is_clean);
        let (records, dead_letters, oldest) = match counted {
            Some((records, dead_letters, oldest)) => (Some(records), Some(dead_letters), oldest),
            None => (None, None, None),
        };
        let file = SpoolFile {
            disk_bytes: size(&path) + size(&log),
            path,
            writer_id,
            state,
            records,
            dead_letters,
            oldest,
            is_closed,
        };
        Looked {
            file,
            connection,
            index,
            _look: look,
        }
    }

    fn read_through(self) -> SpoolCheck {
        let mut check = SpoolCheck {
            version: None,
            sound: 0,
            damaged: 0,
            faults: Vec::new(),
            file: self.file.clone(),
        };
        match &self.connection {
            Err(error) => check.faults.push(error.to_string()),
            Ok(connection) => {
                if let Err(error) = read_rows(connection, &mut check) {
                    check.faults.push(error.to_string());
                }
            }
        }
        if check.file.state != SpoolState::Live
            && Log::read(&with_suffix(&check.file.path, "-wal")).is_some_and(|log| log.is_damaged())
        {
            check
                .faults
                .push("the log is damaged: what lies behind the damage is not counted here".into());
        }
        check
    }
}

/// Opens a file so that looking changes nothing in it, not even by folding its log in.
fn open(path: &Path, is_live: bool, has_log: bool) -> rusqlite::Result<Connection> {
    let connection = match (is_live, has_log) {
        // Nobody else has it open and nothing waits in a log.
        (false, false) => {
            let name = path.to_string_lossy();
            let name = percent_encoding::utf8_percent_encode(&name, IN_A_URI);
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)?
        }
        // A reader of a log must be able to write the log's index.
        _ => Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?,
    };
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn read_rows(connection: &Connection, check: &mut SpoolCheck) -> Result<()> {
    let fault = |error: rusqlite::Error| -> Error { failed(error.to_string()) };
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0));
    check.version = Some(version.map_err(fault)?);
    {
        let mut integrity = connection.prepare("PRAGMA integrity_check(20)").map_err(fault)?;
        let faults = integrity.query_map([], |row| row.get::<_, String>(0)).map_err(fault)?;
        for found in faults {
            let found = found.map_err(fault)?;
            if found != "ok" {
                check.faults.push(found);
            }
        }
    }
    let (sound, damaged) = super::row::count_rows(connection).map_err(fault)?;
    (check.sound, check.damaged) = (sound, damaged);
    Ok(())
}
