//! Records of processes that end at once: left in files that they write in turn, for whoever drains the folder.
//!
//! A file for each would be thousands after an outage. These have no owner for longer than a commit, so all that a trail does with the
//! files of dead owners is done with them.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::file::{File, Trouble};
use super::folder::{self, FILE, Lock, SAVED};
use super::salvage::with_suffix;
use super::{failed, on_a_thread};
use crate::error::{Code, Error, Result};
use crate::store::EncodedRecord;

/// A file that has grown to this is left alone: who appends reads it through, to be sure that it is sound.
const FILE_BYTES: u64 = 2 << 20;
/// How long another's commit is waited for; past it the next file is taken, for then somebody drains this one.
const PATIENCE: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(5);
/// Its time is that of the last look that found nothing to drain.
const LOOKED: &str = "looked";
/// An owner that ends changes nothing in its file; a trail looks as often.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// What a file of the spool, or its log, ends in.
const FILES: [&str; 3] = [FILE, SAVED, "spool-wal"];
/// Files that cannot be used, held or broken, before one gives up.
const MOST_UNUSABLE: u64 = 64;

/// Leaves records on disk. They are safe when it answers.
///
/// # Errors
/// [`Code::SpoolPath`], [`Code::SpoolFull`] when the folder holds `max_bytes` of such files, [`Code::SpoolFailed`].
pub(crate) async fn leave(folder: &Path, records: Vec<EncodedRecord>, max_bytes: u64) -> Result<()> {
    let folder = folder.to_owned();
    on_a_thread("leaving records in the spool", move || {
        let most = max_bytes / FILE_BYTES + MOST_UNUSABLE;
        let (mut full, mut last_fault) = (0, None);
        for number in 0..most {
            let writer_id = format!("left-{number}");
            if size(&folder, &writer_id) >= FILE_BYTES {
                full += 1;
                if full * FILE_BYTES >= max_bytes {
                    let message = format!(
                        "the spool in {} holds as many bytes as it may ({max_bytes})",
                        folder.display()
                    );
                    return Err(Error::new(Code::SpoolFull, message));
                }
                continue;
            }
            match append(&folder, &writer_id, &records) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                // Where nothing can be made, another name is of no use.
                Err(error) if error.code() != Code::SpoolFailed => return Err(error),
                Err(error) => last_fault = Some(error),
            }
        }
        Err(last_fault.unwrap_or_else(|| failed("all files of the spool are in use; try again")))
    })
    .await
}

/// Whether there may be something to drain: files that have changed since somebody found nothing in them, or that nobody has looked into
/// for a while. Those of an open trail, and of one that has left nothing but dead letters, would else be opened for each event.
pub(crate) fn something_waits(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    let changed = |path: &Path| path.metadata().and_then(|metadata| metadata.modified()).ok();
    let newest = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| FILES.iter().any(|known| kind == *known))
        })
        .filter_map(|path| changed(&path))
        .max();
    let looked = changed(&folder.join(LOOKED));
    match (newest, looked) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(newest), Some(looked)) => newest >= looked || looked.elapsed().is_ok_and(|ago| ago > LOOK_AGAIN),
    }
}

/// Notes that there was nothing to drain.
pub(crate) fn note_nothing(folder: &Path) {
    // Without the note, the next looks again.
    let _ = fs::write(folder.join(LOOKED), b"1");
}

fn size(folder: &Path, writer_id: &str) -> u64 {
    let path = folder::file_of(folder, writer_id);
    let bytes = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
    bytes(&path).max(bytes(&with_suffix(&path, "-wal")))
}

/// False when another has the file.
fn append(folder: &Path, writer_id: &str, records: &[EncodedRecord]) -> Result<bool> {
    let until = Instant::now() + PATIENCE;
    let lock = loop {
        match Lock::try_make(folder, writer_id)? {
            Some(lock) => break lock,
            None if Instant::now() >= until => return Ok(false),
            None => thread::sleep(PAUSE),
        }
    };
    let path = folder::file_of(folder, writer_id);
    let mut file = if path.exists() || path.with_extension(SAVED).exists() {
        File::adopt(&path, writer_id, lock.was_made())?.0
    } else {
        let file = File::create(&path, writer_id)?;
        lock.note_made().map_err(|error| folder::unusable(folder, &error))?;
        file
    };
    file.leave(records).map_err(Trouble::into_error)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;
    use crate::recorder::spool::{adopt_next, drain};
    use crate::schema::sample;
    use crate::store::{MemoryStore, Store as _};
    use crate::{Query, clock};

    fn records(numbers: std::ops::Range<u128>) -> Vec<EncodedRecord> {
        let one = |number| EncodedRecord::new(sample(Uuid::from_u128(number), 5));
        numbers.map(one).collect()
    }

    fn wait<T>(future: impl Future<Output = T>) -> T {
        futures::executor::block_on(future)
    }

    async fn stored(folder: &Path) -> usize {
        let store = MemoryStore::new(20_000);
        drain(folder, &store).await.unwrap();
        let now = clock::Clock::now(&clock::SystemClock);
        let page = store.query(&Query::default(), now).await.unwrap();
        usize::try_from(page.total).unwrap()
    }

    #[test]
    fn many_at_once_share_files_and_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        thread::scope(|scope| {
            for number in 0..16 {
                let folder = folder.path();
                scope.spawn(move || wait(leave(folder, records(number..number + 1), 1 << 30)).unwrap());
            }
        });
        let files = folder::writers(folder.path()).unwrap();
        assert!(files.len() < 16, "{files:?}");
        // Each ended well: nothing is to be told of it but the records.
        assert_eq!(wait(stored(folder.path())), 16);
        assert!(!something_waits(folder.path()));
    }

    #[test]
    fn a_full_file_is_left_alone_and_so_is_a_full_folder() {
        let folder = tempfile::tempdir().unwrap();
        let most = 2 * FILE_BYTES;
        let mut left = 0;
        let refusal = loop {
            match wait(leave(folder.path(), records(left..left + 1_000), most)) {
                Ok(()) => left += 1_000,
                Err(error) => break error,
            }
            assert!(left < 20_000);
        };
        assert_eq!(refusal.code(), Code::SpoolFull);
        let files: HashSet<String> = folder::writers(folder.path()).unwrap().into_iter().collect();
        assert_eq!(files, ["left-0", "left-1"].map(str::to_owned).into());
        assert_eq!(wait(stored(folder.path())) as u128, left.min(10_000));
    }

    #[test]
    fn a_file_that_is_drained_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        wait(leave(folder.path(), records(0..1), 1 << 30)).unwrap();
        let drained = wait(adopt_next(folder.path(), "")).unwrap().unwrap();
        wait(leave(folder.path(), records(1..2), 1 << 30)).unwrap();
        assert_eq!(folder::writers(folder.path()).unwrap(), ["left-0", "left-1"]);
        drop(drained);
    }

    #[test]
    fn what_has_not_changed_is_looked_at_now_and_then() {
        let folder = tempfile::tempdir().unwrap();
        wait(leave(folder.path(), records(0..1), 1 << 30)).unwrap();
        assert!(something_waits(folder.path()));
        let set = |name: &str, ago: u64| {
            let file = fs::File::options().write(true).open(folder.path().join(name)).unwrap();
            let time = std::time::SystemTime::now() - Duration::from_secs(ago);
            file.set_modified(time).unwrap();
        };
        note_nothing(folder.path());
        set("left-0.spool", 10);
        assert!(!something_waits(folder.path()));
        set(LOOKED, 10);
        set("left-0.spool", 5);
        assert!(something_waits(folder.path()), "it has changed since");
        set(LOOKED, 70);
        set("left-0.spool", 80);
        assert!(something_waits(folder.path()), "its owner may have ended");
    }

    #[test]
    fn a_folder_that_cannot_be_is_named() {
        let error = wait(leave(Path::new("/dev/null/spool"), records(0..1), 1 << 30)).unwrap_err();
        assert_eq!(error.code(), Code::SpoolPath);
        assert!(!something_waits(Path::new("/dev/null/spool")));
    }
}
