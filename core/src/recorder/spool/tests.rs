use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use rusqlite::Connection;
use uuid::Uuid;

use super::file::File;
use super::log::Log;
use super::salvage::with_suffix;
use super::*;
use crate::schema::sample;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    // No runtime: the spool must work under any executor.
    futures::executor::block_on(future)
}

fn settings(folder: &Path) -> SpoolSettings {
    SpoolSettings {
        folder: folder.to_owned(),
        writer_id: "w".into(),
        max_bytes: 1 << 30,
        when_full: WhenFull::Keep,
    }
}

/// One record; some are longer than a page.
fn record(number: u64) -> EncodedRecord {
    let mut record = sample(Uuid::from_u128(number.into()), i64::try_from(number).unwrap());
    record.seq = number;
    let length = if number.is_multiple_of(7) { 9_000 } else { 200 };
    record.actor = "a".repeat(length);
    EncodedRecord::new(record)
}

fn records(numbers: std::ops::RangeInclusive<u64>) -> Arc<[EncodedRecord]> {
    numbers.map(record).collect()
}

fn numbers(read: &Read) -> Vec<u64> {
    read.rows.iter().map(|(_, record)| record.record().seq).collect()
}

/// Ends as a killed process does: nothing is folded in, nothing is said.
fn abandon(folder: &Path, to: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// A folder as a killed process leaves it: `rows` appended one by one, the first `removed` of them gone. `is_folded` says whether the log
/// was folded into the file before.
fn left_behind(rows: u64, removed: u64, is_folded: bool) -> tempfile::TempDir {
    let (living, left) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = folder::file_of(living.path(), "w");
    let lock = Lock::make(living.path(), "w").unwrap();
    let mut file = File::create(&path, "w").unwrap();
    lock.note_made().unwrap();
    for number in 1..=rows {
        file.write(true, |step| step.append(&[record(number)])).unwrap();
    }
    let gone: Vec<u64> = (1..=removed).collect();
    file.write(true, |step| step.remove(&gone)).unwrap();
    if is_folded {
        let other = Connection::open(&path).unwrap();
        other
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
            .unwrap();
    }
    abandon(living.path(), left.path());
    left
}

fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    abandon(from, to.path());
    to
}

/// A folder in memory where there is one: nothing here depends on when a disk has what.
fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

struct Outcome {
    survivors: Vec<u64>,
    lost: Option<u64>,
    damaged: u64,
}

/// Adopts what is in the folder and empties it; every record that comes out must be one that went in.
fn empty(folder: &Path) -> Option<Outcome> {
    block_on(async {
        let adopted = adopt_next(folder, "me").await.unwrap()?;
        let (mut survivors, mut damaged) = (Vec::new(), 0);
        loop {
            let read = adopted.read(0, 50, 1 << 20).await.unwrap();
            if read.rows.is_empty() && read.damaged.is_empty() {
                break;
            }
            damaged += read.damaged.len() as u64;
            let rows: Vec<u64> = read.rows.iter().map(|(row, _)| *row).collect();
            for (row, found) in &read.rows {
                assert_eq!(found.json(), record(*row).json());
                survivors.push(*row);
            }
            adopted.remove(&rows).await.unwrap();
        }
        let lost = adopted.lost();
        adopted.finish().await.unwrap();
        assert!(adopt_next(folder, "me").await.unwrap().is_none());
        survivors.sort_unstable();
        Some(Outcome {
            survivors,
            lost,
            damaged,
        })
    })
}

#[test]
fn many_waiters_share_a_commit_and_each_learns_its_row() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let spool = Spool::open(settings(folder.path())).await.unwrap();
        let waiting = (1..=300).map(|number| spool.append(records(number..=number), 0));
        let appended = futures::future::join_all(waiting).await;
        let mut rows: Vec<u64> = appended.into_iter().map(|one| one.unwrap().first_row).collect();
        rows.sort_unstable();
        assert_eq!(rows, (1..=300).collect::<Vec<_>>());
        assert_eq!(spool.usage().rows, 300);
        let read = spool.read(0, 1_000, usize::MAX).await.unwrap();
        assert_eq!(read.rows.len(), 300);
        spool.remove(&rows);
        spool.close(None).await.unwrap();
    });
    assert!(files(folder.path()).is_empty(), "an emptied spool leaves nothing");
}

#[test]
fn rows_are_read_in_order_and_bounded_and_without_those_that_are_going() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let spool = Spool::open(settings(folder.path())).await.unwrap();
        spool.append(records(1..=20), 0).await.unwrap();
        assert_eq!(numbers(&spool.read(3, 4, usize::MAX).await.unwrap()), [4, 5, 6, 7]);
        let one = record(1).json().len();
        assert_eq!(numbers(&spool.read(0, 100, one * 2 + one / 2).await.unwrap()), [1, 2]);
        // A single row that is larger than all that is asked for comes alone.
        assert_eq!(numbers(&spool.read(6, 100, 1).await.unwrap()), [7]);
        spool.remove(&[1, 2, 5]);
        assert_eq!(numbers(&spool.read(0, 4, usize::MAX).await.unwrap()).first(), Some(&3));
        spool.close(Some(0)).await.unwrap();
    });
    let outcome = empty(folder.path()).unwrap();
    assert_eq!(outcome.survivors.len(), 17);
    assert_eq!(outcome.lost, Some(0));
}

#[test]
fn a_full_spool_refuses_whole_batches_or_gives_up_its_oldest() {
    let bytes = |range| {
        records(range)
            .iter()
            .map(|record| record.json().len() as u64)
            .sum::<u64>()
    };
    for when_full in [WhenFull::Keep, WhenFull::DropOldest] {
        let folder = tempfile::tempdir().unwrap();
        block_on(async {
            let max_bytes = bytes(1..=5);
            let spool = Spool::open(SpoolSettings {
                max_bytes,
                when_full,
                ..settings(folder.path())
            })
            .await
            .unwrap();
            spool.append(records(1..=5), 0).await.unwrap();
            let outcome = spool.append(records(8..=9), 0).await;
            if when_full == WhenFull::Keep {
                assert_eq!(outcome.unwrap_err().code(), Code::SpoolFull);
                assert_eq!(numbers(&spool.read(0, 100, usize::MAX).await.unwrap()), [1, 2, 3, 4, 5]);
                assert!(!spool.takes_writes());
                spool.remove(&[1, 2]);
                assert_eq!(spool.append(records(8..=9), 0).await.unwrap().first_row, 6);
                assert!(spool.takes_writes());
            } else {
                let dropped: Vec<u64> = outcome.unwrap().dropped.iter().map(|dropped| dropped.seq).collect();
                assert_eq!(dropped, [1, 2]);
                assert_eq!(numbers(&spool.read(0, 100, usize::MAX).await.unwrap()), [3, 4, 5, 8, 9]);
            }
            assert!(spool.usage().bytes <= max_bytes);
            // More than the spool may hold at all.
            assert_eq!(
                spool.append(records(10..=20), 0).await.unwrap_err().code(),
                Code::SpoolFull
            );
        });
    }
}

#[test]
fn a_killed_owners_rows_are_adopted_once() {
    let left = left_behind(30, 10, false);
    block_on(async {
        let adopted = adopt_next(left.path(), "me").await.unwrap().unwrap();
        assert_eq!(
            (adopted.writer_id(), adopted.rows(), adopted.lost()),
            ("w", 20, Some(0))
        );
        assert_eq!((adopted.found.safe_seq, adopted.found.is_clean), (30, false));
        // Neither another trail of this process nor the next look gets it meanwhile.
        assert!(adopt_next(left.path(), "other").await.unwrap().is_none());
        let read = adopted.read(0, 100, usize::MAX).await.unwrap();
        assert_eq!(numbers(&read), (11..=30).collect::<Vec<_>>());
        let rows: Vec<u64> = read.rows.iter().map(|(row, _)| *row).collect();
        adopted.remove(&rows).await.unwrap();
        adopted.finish().await.unwrap();
    });
    assert!(files(left.path()).is_empty());
}

#[test]
fn who_adopts_a_file_that_was_closed_leaves_it_closed() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let spool = Spool::open(settings(folder.path())).await.unwrap();
        spool.append(records(1..=10), 0).await.unwrap();
        spool.close(None).await.unwrap();
        let adopted = adopt_next(folder.path(), "me").await.unwrap().unwrap();
        assert!(adopted.found.is_clean);
        adopted.remove(&[1, 2, 3]).await.unwrap();
        drop(adopted);
        let again = loop {
            // The thread lets go of the lock a moment after its handle.
            if let Some(again) = adopt_next(folder.path(), "me").await.unwrap() {
                break again;
            }
        };
        assert!(again.found.is_clean, "the adopter's end is not its owner's");
        assert_eq!((again.rows(), again.lost()), (7, Some(0)));
    });
}

#[test]
fn of_many_that_look_at_once_one_gets_each_file() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        for writer in 0..4 {
            let path = folder::file_of(folder.path(), &format!("w{writer}"));
            let mut file = File::create(&path, &format!("w{writer}")).unwrap();
            file.write(true, |step| step.append(&[record(1), record(2)])).unwrap();
        }
        let taken: usize = std::thread::scope(|scope| {
            let looking: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        block_on(async {
                            let mut rows = 0;
                            while let Some(adopted) = adopt_next(folder.path(), "me").await.unwrap() {
                                let read = adopted.read(0, 10, usize::MAX).await.unwrap();
                                rows += read.rows.len();
                                adopted.remove(&[1, 2]).await.unwrap();
                                adopted.finish().await.unwrap();
                            }
                            rows
                        })
                    })
                })
                .collect();
            looking.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 8);
        let left: Vec<_> = files(folder.path()).into_iter().map(|(path, _)| path).collect();
        assert!(
            left.iter()
                .all(|path| path.extension().is_some_and(|end| end == "lock")),
            "{left:?}"
        );
    }
}

#[test]
fn a_lock_whose_name_was_deleted_meanwhile_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let lock = Lock::make(folder.path(), "w").unwrap();
    let path = folder.path().join("w.lock");
    std::fs::remove_file(&path).unwrap();
    // Made anew by another: that lock is another one.
    let other = Lock::make(folder.path(), "w").unwrap();
    assert!(Lock::make(folder.path(), "w").is_err());
    drop(lock);
    assert!(Lock::make(folder.path(), "w").is_err());
    drop(other);
    Lock::make(folder.path(), "w").unwrap();
}

#[test]
fn an_empty_log_or_a_sound_one_is_not_damaged_wherever_it_ends() {
    let left = left_behind(40, 5, false);
    let wal = with_suffix(&folder::file_of(left.path(), "w"), "-wal");
    let bytes = std::fs::read(&wal).unwrap();
    assert!(bytes.len() > 100_000);
    for length in (0..bytes.len()).step_by(997) {
        std::fs::write(&wal, &bytes[..length]).unwrap();
        // What a killed process, or a power failure, leaves: a log that ends somewhere.
        assert!(!Log::read(&wal).is_some_and(|log| log.is_damaged()), "cut at {length}");
        // The same over an older generation of the log.
        let mut over = bytes.clone();
        for byte in &mut over[length..] {
            *byte = byte.wrapping_mul(31).wrapping_add(7);
        }
        std::fs::write(&wal, &over).unwrap();
        assert!(
            !Log::read(&wal).is_some_and(|log| log.is_damaged()),
            "overwritten from {length}"
        );
    }
}

#[test]
fn a_log_that_was_used_again_is_not_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder::file_of(folder.path(), "w");
    let mut file = File::create(&path, "w").unwrap();
    for number in 1..=60 {
        file.write(true, |step| step.append(&[record(number)])).unwrap();
    }
    let other = Connection::open(&path).unwrap();
    let fold = || {
        other
            .query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let wal = with_suffix(&path, "-wal");
    fold();
    for number in 61..=70 {
        file.write(true, |step| step.append(&[record(number)])).unwrap();
        // New frames, and behind them those of before.
        assert!(!Log::read(&wal).unwrap().is_damaged(), "{number}");
    }
}

#[test]
fn a_flipped_bit_in_the_log_costs_one_row_at_most_and_not_all_behind_it() {
    let left = left_behind(40, 5, false);
    let wal = with_suffix(&folder::file_of(left.path(), "w"), "-wal");
    let bytes = std::fs::read(&wal).unwrap();
    let (mut worst, mut rounds) = (0, 0);
    for at in (0..bytes.len() * 2 / 3).step_by(bytes.len() / 97) {
        let folder = copied(left.path());
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        std::fs::write(with_suffix(&folder::file_of(folder.path(), "w"), "-wal"), flipped).unwrap();
        let outcome = empty(folder.path()).unwrap();
        let alive = outcome.survivors.iter().filter(|row| **row > 5).count();
        worst = worst.max(35 - alive);
        rounds += 1;
        assert!(
            outcome
                .lost
                .is_none_or(|lost| lost + outcome.damaged >= 35 - alive as u64),
            "at {at}"
        );
    }
    assert!(rounds > 50 && worst <= 1, "{worst} lost at worst");
}

#[test]
fn a_file_whose_head_or_all_was_cut_off_is_had_from_its_log() {
    for keeps in [0, 10] {
        let left = left_behind(40, 5, false);
        let path = folder::file_of(left.path(), "w");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..keeps]).unwrap();
        let outcome = empty(left.path()).unwrap();
        assert_eq!(outcome.survivors, (6..=40).collect::<Vec<_>>());
        assert_eq!(outcome.lost, Some(0));
    }
}

#[test]
fn a_file_of_which_nothing_is_left_is_not_one_that_lost_nothing() {
    let left = left_behind(40, 5, true);
    std::fs::write(folder::file_of(left.path(), "w"), b"").unwrap();
    let outcome = empty(left.path()).unwrap();
    assert!(outcome.survivors.is_empty());
    assert_eq!(outcome.lost, None);
    // An owner that ended before it had made its file has lost nothing.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder::file_of(folder.path(), "w"), b"").unwrap();
    assert_eq!(empty(folder.path()).unwrap().lost, Some(0));
}

#[test]
fn a_file_that_was_cut_off_is_read_up_to_there() {
    let left = left_behind(100, 25, true);
    let path = folder::file_of(left.path(), "w");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let outcome = empty(left.path()).unwrap();
    let alive = outcome.survivors.len() as u64;
    assert!((20..60).contains(&alive), "{alive}");
    assert_eq!(outcome.lost, Some(75 - alive));
}

/// A file is damaged in `changes`; whatever comes out is exact, and what is missing is counted or not known.
fn damaged_file_is_dealt_with(left: &Path, name: &str, changes: &[(usize, u8)], cut: Option<usize>) -> (usize, bool) {
    let folder = quick_folder();
    abandon(left, folder.path());
    let path = folder.path().join(name);
    let mut bytes = std::fs::read(&path).unwrap();
    for (at, bit) in changes {
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut % bytes.len());
    }
    std::fs::write(&path, bytes).unwrap();
    let Some(outcome) = empty(folder.path()) else {
        // Of a later release, as far as anybody can see: left alone, and nothing of it is lost.
        let version = Connection::open(folder.path().join("w.spool")).unwrap();
        let version = version
            .query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))
            .unwrap();
        assert!(version > 1, "{name} {changes:?} {cut:?} was left alone");
        return (0, false);
    };
    let missing = 75 - outcome.survivors.iter().filter(|row| **row > 25).count();
    let said = outcome.lost.map(|lost| lost + outcome.damaged);
    // What was cut off the end of a log was never committed, as far as anybody can see.
    let was_committed = cut.is_none() || !name.ends_with("-wal");
    if was_committed {
        assert!(
            said.is_none_or(|said| said == missing as u64),
            "{name} {changes:?} {cut:?}: {said:?} of {missing}"
        );
    }
    (missing, said.is_none_or(|said| said != missing as u64))
}

/// A file as version 1 wrote it, word for word: later versions must open it. Its checksums were computed by another program.
const VERSION_1: &str = r#"
    PRAGMA application_id = 1416917872;
    PRAGMA user_version = 1;
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
    INSERT INTO owner VALUES (1, 'w', 4, 2, 4, 0, 3871560235);
    INSERT INTO spool VALUES (3, x'00000000000000000000000000000007', 3, 3292302169,
        '{"audit_id":"00000000-0000-0000-0000-000000000007","timestamp":"2026-01-02T03:04:05.006Z","recorded_at":"2026-01-02T03:04:05.006Z","writer_id":"w","seq":3,"operation_type":"task.started","outcome":"success","workspace_id":"ws_a","actor":"anonymous","actor_type":"anonymous","channel":"http"}');
"#;

#[test]
fn a_file_of_version_1_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder::file_of(folder.path(), "w")).unwrap();
    connection.execute_batch(VERSION_1).unwrap();
    drop(connection);
    block_on(async {
        let adopted = adopt_next(folder.path(), "me").await.unwrap().unwrap();
        // Of four rows two were removed and one is here.
        assert_eq!(
            (adopted.rows(), adopted.lost(), adopted.found.safe_seq),
            (1, Some(1), 4)
        );
        let read = adopted.read(0, 10, usize::MAX).await.unwrap();
        assert_eq!((numbers(&read), read.damaged.len()), (vec![3], 0));
    });
}

#[test]
fn a_file_of_a_later_version_is_left_alone() {
    let folder = left_behind(10, 0, true);
    let path = folder::file_of(folder.path(), "w");
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 2)
        .unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(block_on(adopt_next(folder.path(), "me")).unwrap().is_none());
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_being_replaced_is_listed() {
    let folder = left_behind(10, 0, true);
    let path = folder::file_of(folder.path(), "w");
    std::fs::rename(&path, path.with_extension(folder::SAVED)).unwrap();
    let listed = block_on(inspect::list(folder.path())).unwrap();
    let found: Vec<_> = listed
        .iter()
        .map(|file| (file.writer_id.as_str(), file.state, file.records))
        .collect();
    assert_eq!(found, [("w", SpoolState::Orphaned, Some(10))]);
}

#[test]
fn a_full_disk_takes_nothing_and_later_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder::file_of(folder.path(), "w");
    let mut file = File::create(&path, "w").unwrap();
    file.write(true, |step| step.append(&records(1..=20))).unwrap();
    file.limit_pages(40);
    let error = file
        .write(true, |step| step.append(&records(21..=200)))
        .unwrap_err()
        .into_error();
    assert_eq!(error.code(), Code::SpoolFull);
    assert_eq!(file.usage().rows, 20);
    file.limit_pages(1 << 30);
    assert_eq!(file.write(true, |step| step.append(&records(21..=200))).unwrap(), 21);
    assert_eq!(file.read(0, 1_000, usize::MAX).unwrap().rows.len(), 200);
}

#[test]
fn an_owner_whose_file_is_damaged_under_it_goes_on_with_the_same_numbers() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let spool = Spool::open(settings(folder.path())).await.unwrap();
        spool.append(records(1..=200), 0).await.unwrap();
        let path = folder::file_of(folder.path(), "w");
        let other = Connection::open(&path).unwrap();
        other
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
            .unwrap();
        // All pages but the first few are not what they were, for whoever reads them from the disk again.
        let bytes = std::fs::read(&path).unwrap();
        let mut damaged = bytes.clone();
        for page in damaged.chunks_mut(file::PAGE_BYTES).skip(10) {
            page.fill(0x5a);
        }
        std::fs::write(&path, damaged).unwrap();
        other
            .execute_batch("CREATE TABLE so_that_caches_are_dropped (x)")
            .unwrap();
        drop(other);
        let read = spool.read(0, 1_000, usize::MAX).await.unwrap();
        assert!(!read.rows.is_empty() && read.rows.len() < 200);
        for (row, found) in &read.rows {
            assert_eq!(found.json(), record(*row).json());
        }
        assert_eq!(spool.usage().rows, read.rows.len() as u64);
        // Numbers are never given twice.
        assert_eq!(spool.append(records(201..=201), 0).await.unwrap().first_row, 201);
        let aside = inspect::list(folder.path()).await.unwrap();
        assert!(
            aside.iter().any(|file| file.state == SpoolState::Quarantined),
            "{aside:?}"
        );
    });
}

#[test]
fn a_look_does_no_harm_to_a_salvage() {
    let template = left_behind(100, 25, false);
    let log = with_suffix(&folder::file_of(template.path(), "w"), "-wal");
    let mut bytes = std::fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&log, bytes).unwrap();
    assert!(Log::read(&log).unwrap().is_damaged());
    let alone = empty(copied(template.path()).path()).unwrap().survivors;
    assert!(alone.len() > 70);
    for _ in 0..40 {
        let left = copied(template.path());
        let is_over = std::sync::atomic::AtomicBool::new(false);
        let survivors = std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Relaxed) {
                        block_on(inspect::list(left.path())).unwrap();
                    }
                });
            }
            // Not while somebody looks.
            let outcome = std::iter::repeat_with(|| empty(left.path())).flatten().next();
            is_over.store(true, Relaxed);
            outcome.unwrap().survivors
        });
        assert_eq!(survivors, alone);
    }
}

#[test]
fn a_log_without_its_file_goes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(with_suffix(&folder::file_of(folder.path(), "w"), "-wal"), "").unwrap();
    assert!(block_on(adopt_next(folder.path(), "me")).unwrap().is_none());
    assert_eq!(files(folder.path()), []);
}

#[test]
fn a_changed_name_in_the_schema_costs_nothing() {
    for (name, changed) in [("crc", "c2c"), ("seq", "se1"), ("row", "rov")] {
        let left = left_behind(30, 10, true);
        let path = folder::file_of(left.path(), "w");
        let bytes = std::fs::read(&path).unwrap();
        let declared = format!(" {name} INTEGER");
        let found = bytes.windows(declared.len()).enumerate();
        let places = found.filter(|(_, window)| *window == declared.as_bytes());
        let places: Vec<usize> = places.map(|(at, _)| at + 1).collect();
        assert!(!places.is_empty());
        let mut damaged = bytes.clone();
        for at in places {
            damaged[at..][..3].copy_from_slice(changed.as_bytes());
        }
        std::fs::write(&path, damaged).unwrap();
        let outcome = empty(left.path()).unwrap();
        assert_eq!((outcome.survivors.len(), outcome.lost), (20, Some(0)), "{name}");
    }
}

#[test]
fn a_salvage_that_was_interrupted_is_finished() {
    // Set aside, and not yet replaced.
    let left = left_behind(30, 10, true);
    let path = folder::file_of(left.path(), "w");
    std::fs::rename(&path, path.with_extension(folder::SAVED)).unwrap();
    std::fs::write(with_suffix(&path, "-wal"), b"of the file that was set aside").unwrap();
    let outcome = empty(left.path()).unwrap();
    assert_eq!((outcome.survivors.len(), outcome.lost), (20, Some(0)));
    // Not set aside yet: what was saved may not be all.
    let left = left_behind(30, 10, true);
    let path = folder::file_of(left.path(), "w");
    std::fs::write(path.with_extension(folder::SAVED), b"something").unwrap();
    std::fs::write(path.with_extension("partial"), b"something").unwrap();
    assert_eq!(empty(left.path()).unwrap().survivors.len(), 20);
}

#[test]
fn damaged_files_are_kept_aside_and_not_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        let left = left_behind(5, 0, true);
        abandon(left.path(), folder.path());
        std::fs::write(folder::file_of(folder.path(), "w"), vec![7; 30_000]).unwrap();
        assert_eq!(empty(folder.path()).unwrap().lost, None);
    }
    let aside = block_on(inspect::list(folder.path())).unwrap();
    assert_eq!(aside.len(), 16);
    assert!(aside.iter().all(|file| file.state == SpoolState::Quarantined));
}

#[test]
fn dead_letters_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder::file_of(folder.path(), "w");
    let mut file = File::create(&path, "w").unwrap();
    let mut large = sample(Uuid::from_u128(1), 1);
    large.actor = "a".repeat(1 << 20);
    let large = EncodedRecord::new(large);
    let letter = DeadLetter {
        audit_id: Uuid::from_u128(1),
        at: crate::schema::Timestamp::from_millis(1),
        code: "TT_STORE_FAILED".into(),
        reason: "never".into(),
    };
    for _ in 0..20 {
        file.write(false, |step| {
            step.dead_letter(&large, &letter)?;
            step.prune_dead_letters()
        })
        .unwrap();
    }
    assert_eq!(file.dead_letters(), 15);
}

#[test]
fn a_thousand_changed_files_are_read_as_far_as_they_can_be() {
    let templates = [left_behind(100, 25, true), left_behind(100, 25, false)];
    let names = ["w.spool", "w.spool-wal"];
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig {
            cases: 1_000,
            failure_persistence: None,
            ..ProptestConfig::default()
        },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let (missing, unknown) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let which = prop_oneof![Just((0, 0)), Just((1, 1)), Just((1, 0))];
    let changes = prop::collection::vec((any::<usize>(), 0_u8..8), 1..4);
    let cut = prop_oneof![4 => Just(None), 1 => any::<usize>().prop_map(Some)];
    runner
        .run(&(which, changes, cut), |((template, name), changes, cut)| {
            let left = templates[template].path();
            let (lost, is_unknown) = damaged_file_is_dealt_with(left, names[name], &changes, cut);
            missing.set(missing.get() + lost);
            unknown.set(unknown.get() + usize::from(is_unknown));
            Ok(())
        })
        .unwrap();
    println!(
        "{} of 75,000 rows lost; in {} of 1,000 files that is not known exactly",
        missing.get(),
        unknown.get()
    );
    // Of a file that was cut off half is gone, of one with a changed bit a row.
    assert!((1..8_000).contains(&missing.get()));
}
