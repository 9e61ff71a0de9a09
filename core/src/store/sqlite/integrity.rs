//! Is the file sound? Looked at behind an opening that finds the file as a crash has left it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::{ErrorCode, InterruptHandle};

use super::file;

/// What is known of the soundness of a SQLite file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integrity {
    /// Its last user closed it, so there was no reason to look.
    Unquestioned,
    /// It was left by a crash, and is being read through.
    Checking,
    /// It was left by a crash, and read through: nothing is wrong.
    Sound,
    /// It is damaged, in SQLite's words.
    Damaged(String),
}

/// The look, on a thread of its own beside the store's: a large file takes a while, and nobody waits for it.
pub(super) struct Check {
    found: Arc<Mutex<Integrity>>,
    running: Mutex<Option<(InterruptHandle, JoinHandle<()>)>>,
}

/// Whether whoever had the file last ended without closing it: then its log was not folded in. So it is too while another process has it
/// open; a look does no harm then.
pub(super) fn was_left_open(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

impl Check {
    pub(super) fn none() -> Self {
        Check {
            found: Arc::new(Mutex::new(Integrity::Unquestioned)),
            running: Mutex::new(None),
        }
    }

    /// Begins to read the file through. Without a thread or a connection to spare it stays unquestioned.
    pub(super) fn begin(named: &Path, file: &Path) -> Self {
        let check = Check::none();
        let Ok(connection) = file::open_for_reading(named, file) else {
            return check;
        };
        let interrupt = connection.get_interrupt_handle();
        let (found, named) = (Arc::clone(&check.found), named.to_owned());
        set(&found, Integrity::Checking);
        let thread = std::thread::Builder::new().name("tasktrail-check".into()).spawn(move || {
            let answer = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
            let state = match answer {
                Ok(text) if text == "ok" => Integrity::Sound,
                Ok(text) => Integrity::Damaged(text),
                // The store was closed meanwhile.
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Integrity::Unquestioned,
                Err(error) => Integrity::Damaged(error.to_string()),
            };
            if let Integrity::Damaged(fault) = &state {
                tracing::error!(
                    target: "tasktrail",
                    file = %named.display(),
                    "the audit store's file was damaged before it was opened ({fault}); what can be read is still served: copy it, and restore it from a backup or let `sqlite3 FILE .recover` write a new one"
                );
            }
            set(&found, state);
        });
        match thread {
            Ok(thread) => *check.running.lock().unwrap_or_else(PoisonError::into_inner) = Some((interrupt, thread)),
            Err(_) => set(&check.found, Integrity::Unquestioned),
        }
        check
    }

    pub(super) fn state(&self) -> Integrity {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends a look that is still going on.
    pub(super) fn end(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((interrupt, thread)) = running {
            interrupt.interrupt();
            // It ends with the step that it is in.
            let _ = thread.join();
        }
    }
}

fn set(found: &Mutex<Integrity>, state: Integrity) {
    *found.lock().unwrap_or_else(PoisonError::into_inner) = state;
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::schema::sample;
    use crate::store::{EncodedRecord, SqliteStore, Store as _};
    use uuid::Uuid;

    async fn settled(store: &SqliteStore) -> Integrity {
        let end = Instant::now() + Duration::from_secs(30);
        while store.integrity() == Integrity::Checking && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        store.integrity()
    }

    #[test]
    fn a_file_that_a_crash_has_left_is_read_through() {
        let folder = tempfile::tempdir().unwrap();
        let (path, left) = (folder.path().join("audit.db"), folder.path().join("left.db"));
        let copy = || {
            for end in ["", "-wal"] {
                let name = |path: &Path| format!("{}{end}", path.display());
                std::fs::copy(name(&path), name(&left)).unwrap();
            }
        };
        futures::executor::block_on(async {
            let store = SqliteStore::open(&path).await.unwrap();
            let batch: Vec<_> = (1..2_000)
                .map(|id| EncodedRecord::new(sample(Uuid::from_u128(id), 1)))
                .collect();
            store.insert(&batch).await.unwrap();
            assert_eq!(store.integrity(), Integrity::Unquestioned);
            // As a crash leaves it: the log is there.
            copy();
            store.close().await;

            let sound = SqliteStore::open(&left).await.unwrap();
            assert_eq!(settled(&sound).await, Integrity::Sound);
            sound.close().await;
            let closed = SqliteStore::open(&left).await.unwrap();
            assert_eq!(closed.integrity(), Integrity::Unquestioned, "it was closed");
            closed.close().await;

            // Pages in the middle are not what they were, and the log says that nobody closed the file.
            let mut bytes = std::fs::read(&left).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle..middle + 8_192].fill(0x5a);
            std::fs::write(&left, bytes).unwrap();
            std::fs::write(format!("{}-wal", left.display()), [0; 32]).unwrap();
            let damaged = SqliteStore::open(&left).await.unwrap();
            assert!(matches!(settled(&damaged).await, Integrity::Damaged(_)));
            damaged.close().await;
        });
    }
}
