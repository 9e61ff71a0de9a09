//! The folder: whose files are in it, and who may have them.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::salvage::delete_with_logs;
use crate::error::{Code, Error, Result};

/// Behind the writer's id, a file of the spool.
pub(super) const FILE: &str = "spool";
/// Behind the writer's id, SQLite's log of that file.
const LOG: &str = "spool-wal";
/// Behind the writer's id, what is locked by whoever owns the file.
pub(super) const LOCK: &str = "lock";
/// In the name of a file that was set aside.
pub(super) const QUARANTINE: &str = ".damaged-";
/// Behind the writer's id, what was saved of a damaged file and is about to take its place.
pub(super) const SAVED: &str = "saved";

pub(super) fn file_of(folder: &Path, writer_id: &str) -> PathBuf {
    folder.join(format!("{writer_id}.{FILE}"))
}

/// The writers whose files are in the folder, in the order of their names; of some there is nothing but a log.
pub(super) fn writers(folder: &Path) -> Result<Vec<String>> {
    let unreadable = |error: io::Error| unusable(folder, &error);
    let mut writers = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| [FILE, SAVED, LOG].iter().any(|known| extension == *known))
            && let Some(writer) = path.file_stem().and_then(|stem| stem.to_str())
        {
            writers.push(writer.to_owned());
        }
    }
    writers.sort_unstable();
    writers.dedup();
    Ok(writers)
}

/// Makes a new file that only its owner may read; SQLite gives its log files the mode of the file.
pub(super) fn make_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Makes names in the folder survive a power failure.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// What a look at a lock has found.
#[derive(Debug)]
pub(super) enum Look {
    /// Somebody owns the file.
    Held,
    /// Nobody does, nor can, while this is kept.
    Free(#[expect(dead_code, reason = "held, not read")] Option<File>),
}

/// Ownership of one file of the spool, for as long as it is held. The lock is on a file of its own: closing any handle of the database
/// would end SQLite's own locks on that (fcntl, POSIX.1).
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// For a new file.
    pub(super) fn make(folder: &Path, writer_id: &str) -> Result<Self> {
        Self::try_make(folder, writer_id)?.ok_or_else(|| {
            super::failed(format!(
                "{} is owned by another trail",
                file_of(folder, writer_id).display()
            ))
        })
    }

    /// For a file that several write in turn, whether or not it is there; `None` while another has it.
    pub(super) fn try_make(folder: &Path, writer_id: &str) -> Result<Option<Self>> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|error| unusable(folder, &error))?;
        Self::try_take(folder, writer_id)
    }

    /// For the file of somebody who may be gone; `None` while it has an owner, or is gone itself.
    pub(super) fn take_over(folder: &Path, writer_id: &str) -> Result<Option<Self>> {
        let Some(lock) = Self::try_take(folder, writer_id)? else {
            return Ok(None);
        };
        let file = file_of(folder, writer_id);
        if file.exists() || file.with_extension(SAVED).exists() {
            return Ok(Some(lock));
        }
        // Somebody else has emptied and deleted it meanwhile. Who looked into it then may have left an empty log.
        let _ = delete_with_logs(&file);
        lock.delete();
        Ok(None)
    }

    /// Notes that the file was made to its end, so that one which is found empty was not left so.
    pub(super) fn note_made(&self) -> io::Result<()> {
        (&self.file).write_all(b"1")
    }

    /// Whether that was noted.
    pub(super) fn was_made(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.len() > 0)
    }

    /// Whether nobody owns the file. Nobody takes it over while the answer is kept.
    pub(super) fn look(folder: &Path, writer_id: &str) -> Look {
        let path = folder.join(format!("{writer_id}.{LOCK}"));
        let Ok(file) = File::open(path) else {
            return Look::Free(None);
        };
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Look::Held,
            _ => Look::Free(Some(file)),
        }
    }

    fn try_take(folder: &Path, writer_id: &str) -> Result<Option<Self>> {
        let path = folder.join(format!("{writer_id}.{LOCK}"));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| unusable(folder, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(unusable(folder, &error)),
        }
        // An owner that ended between the opening and the locking has deleted the name: then this lock is on nothing.
        let is_same = is_same(&file, &path).map_err(|error| unusable(folder, &error))?;
        Ok(is_same.then_some(Lock { path, file }))
    }

    /// Ends the ownership of a file that is gone.
    pub(super) fn delete(self) {
        // Deleted while it is locked; a name that stays is taken over by the next who looks.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let held = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((held.dev(), held.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere an open file cannot be deleted.
#[cfg(not(unix))]
fn is_same(_file: &File, path: &Path) -> io::Result<bool> {
    Ok(path.exists())
}

pub(super) fn unusable(folder: &Path, error: &io::Error) -> Error {
    let message = format!(
        "cannot spool in {}: {error}; name a folder that this process may create and write",
        folder.display()
    );
    Error::new(Code::SpoolPath, message).with_field("spool")
}
