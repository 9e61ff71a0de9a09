//! A file system for SQLite that fails as it is told, and that knows what was not synced.
//!
//! It stands before the machine's own and passes everything on, so that the process sees what it wrote. In a folder that is watched it keeps
//! `X.durable` beside each file `X`, to which a write goes only when the file is synced: [`crate::power::restore`] puts the durable files
//! in the place of the others, which is what a machine finds when its power comes back.
#![allow(unsafe_code, reason = "a file system for SQLite is a table of C functions")]

use std::collections::{BTreeSet, HashMap};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::fs::OpenOptions;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use rusqlite::ffi;

use crate::power::restore;
use crate::rng::Rng;
use crate::work::Result;

/// Calls a method of the machine's file behind ours.
macro_rules! pass {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: the file below was opened by `x_open`, so its methods are there.
        unsafe {
            let inner = inner($file);
            match (*inner).pMethods.as_ref().and_then(|methods| methods.$method) {
                Some(method) => method(inner $(, $argument)*),
                None => ffi::SQLITE_IOERR,
            }
        }
    }};
}

/// What the disk under a watched folder does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Disk {
    Sound,
    /// No file grows: what would is written by half.
    Full,
    /// Writes fail, and nothing can be opened.
    Broken,
    /// A sync fails, and what should have been synced is forgotten, as Linux does.
    SyncFails,
}

const DISKS: [Disk; 4] = [Disk::Sound, Disk::Full, Disk::Broken, Disk::SyncFails];

#[derive(Debug)]
struct Place {
    folder: PathBuf,
    disk: AtomicU8,
}

impl Place {
    fn disk(&self) -> Disk {
        DISKS[self.disk.load(SeqCst) as usize]
    }
}

/// A folder that is watched for as long as this is held.
#[derive(Debug)]
pub(crate) struct Watch(Arc<Place>);

impl Watch {
    /// Begins to watch. Files that are open already are not.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        install()?;
        let place = Arc::new(Place {
            // As SQLite names its files.
            folder: folder.canonicalize()?,
            disk: AtomicU8::new(Disk::Sound as u8),
        });
        locked(&PLACES).push(Arc::clone(&place));
        Ok(Watch(place))
    }

    /// Makes the disk behave so from now on.
    pub(crate) fn set(&self, disk: Disk) {
        self.0.disk.store(disk as u8, SeqCst);
    }

    /// Copies what the next process finds when this one is killed now. Who has files open here should end afterwards: the copy ends the
    /// locks of this process on them.
    pub(crate) fn copy_as_killed(&self, to: &Path) -> Result<()> {
        let _standstill = GATE.write().unwrap_or_else(PoisonError::into_inner);
        for entry in std::fs::read_dir(&self.0.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            // The index of a log is rebuilt by whoever comes first, and its locks are the dead process's.
            if name.to_string_lossy().ends_with("-shm") {
                continue;
            }
            match std::fs::copy(entry.path(), to.join(name)) {
                // A trail that is ending has deleted it meanwhile.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                copied => drop(copied?),
            }
        }
        Ok(())
    }

    /// Copies what is found when the power fails now; see [`restore`].
    pub(crate) fn copy_after_power_failure(&self, to: &Path, is_torn: bool, rng: &mut Rng) -> Result<()> {
        self.copy_as_killed(to)?;
        restore(to, is_torn, rng)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        locked(&PLACES).retain(|place| !Arc::ptr_eq(place, &self.0));
        locked(&FILES).retain(|_, file| !Arc::ptr_eq(&file.place, &self.0));
    }
}

/// What a disk writes whole: a page that is synced is synced as it is then, whoever had written which part of it.
pub(crate) const PAGE: usize = 4_096;

/// What was written to a file and not synced.
#[derive(Debug)]
struct Unsynced {
    path: PathBuf,
    /// Which file has the name: another may be given it.
    inode: u64,
    place: Arc<Place>,
    pages: Mutex<BTreeSet<i64>>,
}

impl Unsynced {
    /// What another process has written, or this one before it watched, is not known to be synced.
    fn new(path: PathBuf, place: Arc<Place>) -> Self {
        let seen = std::fs::read(&path).unwrap_or_default();
        let is_synced = seen == std::fs::read(durable(&path)).unwrap_or_default();
        let file = Unsynced {
            inode: inode(&path),
            path,
            place,
            pages: Mutex::default(),
        };
        if !is_synced {
            file.note(0, i64::try_from(seen.len()).unwrap_or(0));
        }
        file
    }

    fn note(&self, at: i64, count: i64) {
        if count > 0 {
            let page = PAGE as i64;
            locked(&self.pages).extend(at / page..=(at + count - 1) / page);
        }
    }

    /// As Linux does with pages that it could not write: they stay as they are in memory, and are not written
    /// again unless they change.
    fn forget(&self) {
        locked(&self.pages).clear();
    }

    /// Brings the pages that were written to the durable file, as they are now.
    fn sync(&self, file: *mut ffi::sqlite3_file) -> std::io::Result<()> {
        let failed = |code: c_int| std::io::Error::other(format!("SQLite's file system answers {code}"));
        let durable = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(durable(&self.path))?;
        let mut size = 0_i64;
        let code = pass!(file, xFileSize, &raw mut size);
        if code != ffi::SQLITE_OK {
            return Err(failed(code));
        }
        let mut bytes = [0_u8; PAGE];
        for page in std::mem::take(&mut *locked(&self.pages)) {
            let at = page * PAGE as i64;
            let count = (size - at).clamp(0, PAGE as i64);
            let (to, length) = (bytes.as_mut_ptr().cast(), c_int::try_from(count).unwrap_or(0));
            if length == 0 {
                continue;
            }
            // Through SQLite's own handle: closing another one would end the locks that it holds.
            let code = pass!(file, xRead, to, length, at);
            if code != ffi::SQLITE_OK {
                return Err(failed(code));
            }
            durable.write_all_at(&bytes[..length as usize], at.unsigned_abs())?;
        }
        durable.set_len(size.unsigned_abs())
    }
}

/// The number of the file that has a name now, 0 for none.
fn inode(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.ino())
}

fn durable(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".durable");
    name.into()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

static PLACES: Mutex<Vec<Arc<Place>>> = Mutex::new(Vec::new());
/// All connections to a file share what is unsynced of it.
static FILES: LazyLock<Mutex<HashMap<PathBuf, Arc<Unsynced>>>> = LazyLock::new(Mutex::default);
/// Held by whoever changes a file; a copy of a folder waits until nobody does.
static GATE: RwLock<()> = RwLock::new(());
static BELOW: OnceLock<usize> = OnceLock::new();

fn below() -> *mut ffi::sqlite3_vfs {
    ptr::with_exposed_provenance_mut(BELOW.get().copied().unwrap_or(0))
}

/// What SQLite allocates for an open file: ours first, the machine's behind it.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// Null for a file in no watched folder.
    unsynced: *const Unsynced,
}

/// What is unsynced of a watched file.
///
/// # Safety
/// `file` is one that [`x_open`] has set up and that is not closed while the answer is used.
unsafe fn watched<'a>(file: *mut ffi::sqlite3_file) -> Option<&'a Unsynced> {
    // SAFETY: the pointer is null or came from an `Arc` that the open file holds.
    unsafe { (*file.cast::<File>()).unsynced.as_ref() }
}

/// The machine's file behind ours.
///
/// # Safety
/// `file` is one that [`x_open`] has set up.
unsafe fn inner(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: SQLite allocates `szOsFile` bytes, which are ours and the machine's.
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

unsafe extern "C" fn x_close(file: *mut ffi::sqlite3_file) -> c_int {
    let code = pass!(file, xClose);
    // SAFETY: the pointer is null or came from `Arc::into_raw` in `x_open`, once for each open file.
    unsafe {
        let unsynced = (*file.cast::<File>()).unsynced;
        if !unsynced.is_null() {
            drop(Arc::from_raw(unsynced));
        }
    }
    code
}

unsafe extern "C" fn x_read(file: *mut ffi::sqlite3_file, to: *mut c_void, count: c_int, at: i64) -> c_int {
    pass!(file, xRead, to, count, at)
}

unsafe extern "C" fn x_write(file: *mut ffi::sqlite3_file, from: *const c_void, count: c_int, at: i64) -> c_int {
    // SAFETY: the file was set up by `x_open`.
    let Some(unsynced) = (unsafe { watched(file) }) else {
        return pass!(file, xWrite, from, count, at);
    };
    let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
    let (count, refusal) = match unsynced.place.disk() {
        Disk::Full if grows(file, count, at) => (count / 2, Some(ffi::SQLITE_FULL)),
        Disk::Broken => return ffi::SQLITE_IOERR_WRITE,
        _ => (count, None),
    };
    let code = pass!(file, xWrite, from, count, at);
    if code == ffi::SQLITE_OK {
        unsynced.note(at, i64::from(count));
    }
    refusal.unwrap_or(code)
}

/// Whether a write goes beyond the end of the file.
fn grows(file: *mut ffi::sqlite3_file, count: c_int, at: i64) -> bool {
    let mut size = 0;
    pass!(file, xFileSize, &raw mut size) != ffi::SQLITE_OK || at + i64::from(count) > size
}

unsafe extern "C" fn x_truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: the file was set up by `x_open`.
    let Some(unsynced) = (unsafe { watched(file) }) else {
        return pass!(file, xTruncate, size);
    };
    let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
    if unsynced.place.disk() == Disk::Broken {
        return ffi::SQLITE_IOERR_TRUNCATE;
    }
    let code = pass!(file, xTruncate, size);
    if code == ffi::SQLITE_OK {
        unsynced.note(size, 1);
    }
    code
}

unsafe extern "C" fn x_sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the file was set up by `x_open`.
    let Some(unsynced) = (unsafe { watched(file) }) else {
        return pass!(file, xSync, flags);
    };
    let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
    match unsynced.place.disk() {
        Disk::SyncFails => {
            unsynced.forget();
            ffi::SQLITE_IOERR_FSYNC
        }
        Disk::Broken => ffi::SQLITE_IOERR_FSYNC,
        Disk::Sound | Disk::Full => {
            let code = pass!(file, xSync, flags);
            match unsynced.sync(file) {
                Ok(()) => code,
                Err(_) => ffi::SQLITE_IOERR_FSYNC,
            }
        }
    }
}

unsafe extern "C" fn x_file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    pass!(file, xFileSize, size)
}

unsafe extern "C" fn x_lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    pass!(file, xLock, level)
}

unsafe extern "C" fn x_unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    pass!(file, xUnlock, level)
}

unsafe extern "C" fn x_check_reserved_lock(file: *mut ffi::sqlite3_file, held: *mut c_int) -> c_int {
    pass!(file, xCheckReservedLock, held)
}

unsafe extern "C" fn x_file_control(file: *mut ffi::sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    pass!(file, xFileControl, operation, argument)
}

unsafe extern "C" fn x_sector_size(file: *mut ffi::sqlite3_file) -> c_int {
    pass!(file, xSectorSize)
}

unsafe extern "C" fn x_device_characteristics(_file: *mut ffi::sqlite3_file) -> c_int {
    // Nothing is promised: not even that a write of a sector is all or nothing.
    0
}

unsafe extern "C" fn x_shm_map(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    pass!(file, xShmMap, page, size, extend, to)
}

unsafe extern "C" fn x_shm_lock(file: *mut ffi::sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    pass!(file, xShmLock, offset, count, flags)
}

unsafe extern "C" fn x_shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: as in `pass!`.
    unsafe {
        let inner = inner(file);
        if let Some(method) = (*inner).pMethods.as_ref().and_then(|methods| methods.xShmBarrier) {
            method(inner);
        }
    }
}

unsafe extern "C" fn x_shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    pass!(file, xShmUnmap, delete)
}

/// Version 2: with shared memory, without mapped files, which could be written to unseen.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(x_close),
    xRead: Some(x_read),
    xWrite: Some(x_write),
    xTruncate: Some(x_truncate),
    xSync: Some(x_sync),
    xFileSize: Some(x_file_size),
    xLock: Some(x_lock),
    xUnlock: Some(x_unlock),
    xCheckReservedLock: Some(x_check_reserved_lock),
    xFileControl: Some(x_file_control),
    xSectorSize: Some(x_sector_size),
    xDeviceCharacteristics: Some(x_device_characteristics),
    xShmMap: Some(x_shm_map),
    xShmLock: Some(x_shm_lock),
    xShmBarrier: Some(x_shm_barrier),
    xShmUnmap: Some(x_shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn x_open(
    _vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives a buffer of `szOsFile` bytes and a name that lives as long as the file, or none for a temporary one.
    unsafe {
        (*file).pMethods = ptr::null();
        let Some(open) = below().as_ref().and_then(|below| below.xOpen) else {
            return ffi::SQLITE_CANTOPEN;
        };
        let path = path_of(name);
        let place = path.as_deref().and_then(place_of);
        if place.as_ref().is_some_and(|place| place.disk() == Disk::Broken) {
            return ffi::SQLITE_CANTOPEN;
        }
        let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
        let code = open(below(), name, inner(file), flags, out_flags);
        if (*inner(file)).pMethods.is_null() {
            return code;
        }
        (*file.cast::<File>()).unsynced = match (path, place) {
            (Some(path), Some(place)) => {
                let mut files = locked(&FILES);
                if files.get(&path).is_some_and(|known| known.inode != inode(&path)) {
                    files.remove(&path);
                    let _ = std::fs::remove_file(durable(&path));
                }
                let unsynced = files
                    .entry(path.clone())
                    .or_insert_with(|| Arc::new(Unsynced::new(path, place)));
                Arc::into_raw(Arc::clone(unsynced))
            }
            _ => ptr::null(),
        };
        (*file).pMethods = &raw const METHODS;
        code
    }
}

/// # Safety
/// `name` is null or ends with a zero.
unsafe fn path_of(name: *const c_char) -> Option<PathBuf> {
    // SAFETY: as promised.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned().into())
}

fn place_of(path: &Path) -> Option<Arc<Place>> {
    let places = locked(&PLACES);
    places.iter().find(|place| path.starts_with(&place.folder)).cloned()
}

unsafe extern "C" fn x_delete(_vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: SQLite gives a name.
    unsafe {
        let Some(delete) = below().as_ref().and_then(|below| below.xDelete) else {
            return ffi::SQLITE_IOERR;
        };
        let path = path_of(name);
        let place = path.as_deref().and_then(place_of);
        let (Some(path), Some(place)) = (path, place) else {
            return delete(below(), name, sync_folder);
        };
        let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
        if place.disk() == Disk::Broken {
            return ffi::SQLITE_IOERR_DELETE;
        }
        let code = delete(below(), name, sync_folder);
        if code == ffi::SQLITE_OK {
            locked(&FILES).remove(&path);
            let _ = std::fs::remove_file(durable(&path));
        }
        code
    }
}

/// Makes it the file system of every connection that is opened from now on.
fn install() -> Result<()> {
    static INSTALLED: OnceLock<std::result::Result<(), String>> = OnceLock::new();
    INSTALLED
        .get_or_init(|| register().map_err(|error| error.to_string()))
        .clone()
        .map_err(Into::into)
}

fn register() -> Result<()> {
    // SAFETY: SQLite is initialised by the first call; the table lives as long as the process.
    unsafe {
        if ffi::sqlite3_initialize() != ffi::SQLITE_OK {
            return Err("SQLite cannot be initialised".into());
        }
        let machine = ffi::sqlite3_vfs_find(ptr::null());
        if machine.is_null() {
            return Err("SQLite has no file system".into());
        }
        BELOW.get_or_init(|| machine.expose_provenance());
        // What it does not do itself is the machine's own; those functions look at no field that differs.
        let mut vfs = *machine;
        vfs.szOsFile += c_int::try_from(size_of::<File>())?;
        vfs.zName = c"faulty".as_ptr();
        vfs.pNext = ptr::null_mut();
        vfs.xOpen = Some(x_open);
        vfs.xDelete = Some(x_delete);
        let vfs = Box::leak(Box::new(vfs));
        match ffi::sqlite3_vfs_register(vfs, 1) {
            ffi::SQLITE_OK => Ok(()),
            code => Err(format!("the file system was not taken: {code}").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    struct Database {
        connection: Connection,
        watch: Watch,
        _folder: tempfile::TempDir,
    }

    impl Database {
        fn new(synchronous: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let watch = Watch::new(folder.path()).unwrap();
            let connection = Connection::open(folder.path().join("x.db")).unwrap();
            connection
                .execute_batch(
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (n)",
                )
                .unwrap();
            connection.pragma_update(None, "synchronous", synchronous).unwrap();
            Database {
                connection,
                watch,
                _folder: folder,
            }
        }

        fn insert(&self, rows: u32) -> rusqlite::Result<()> {
            for row in 0..rows {
                self.connection.execute("INSERT INTO t VALUES (?1)", [row])?;
            }
            Ok(())
        }

        fn rows_after(&self, copy: impl FnOnce(&Watch, &Path)) -> u32 {
            let folder = tempfile::tempdir().unwrap();
            copy(&self.watch, folder.path());
            let found = Connection::open(folder.path().join("x.db")).unwrap();
            found.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
        }

        fn rows_after_a_kill(&self) -> u32 {
            self.rows_after(|watch, to| watch.copy_as_killed(to).unwrap())
        }

        fn rows_after_a_power_failure(&self, is_torn: bool) -> u32 {
            let mut rng = Rng::new(1, 1);
            self.rows_after(|watch, to| watch.copy_after_power_failure(to, is_torn, &mut rng).unwrap())
        }
    }

    #[test]
    fn what_was_synced_outlives_the_power() {
        let database = Database::new("FULL");
        database.insert(50).unwrap();
        assert_eq!(database.rows_after_a_kill(), 50);
        assert_eq!(database.rows_after_a_power_failure(false), 50);
        assert_eq!(database.rows_after_a_power_failure(true), 50);
    }

    #[test]
    fn what_was_not_synced_outlives_a_kill_only() {
        let database = Database::new("OFF");
        database.insert(50).unwrap();
        assert_eq!(database.rows_after_a_kill(), 50);
        assert_eq!(database.rows_after_a_power_failure(false), 0);
    }

    #[test]
    fn a_failed_sync_costs_what_was_to_be_synced_and_no_more() {
        let database = Database::new("FULL");
        database.insert(10).unwrap();
        database.watch.set(Disk::SyncFails);
        assert!(database.insert(1).is_err());
        database.watch.set(Disk::Sound);
        database.insert(5).unwrap();
        assert_eq!(database.rows_after_a_power_failure(false), 15);
    }

    #[test]
    fn a_full_disk_is_one_and_a_broken_one_too() {
        let database = Database::new("FULL");
        for (disk, expected) in [
            (Disk::Full, rusqlite::ErrorCode::DiskFull),
            (Disk::Broken, rusqlite::ErrorCode::SystemIoFailure),
        ] {
            database.watch.set(disk);
            let error = database.insert(1).unwrap_err();
            assert_eq!(error.sqlite_error_code(), Some(expected));
        }
        database.watch.set(Disk::Sound);
        database.insert(1).unwrap();
        assert_eq!(database.rows_after_a_power_failure(false), 1);
    }

    #[test]
    fn other_folders_are_left_alone() {
        let _database = Database::new("FULL");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("y.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE t (n)")
            .unwrap();
        assert!(path.exists() && !durable(&path).exists());
    }
}
