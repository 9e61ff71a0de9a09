//! How much the file holds, found in about the same time whatever that is.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::file::failed;
use crate::error::Result;
use crate::store::Size;

/// Arrivals of which each is looked at. Of more, samples are.
const COUNTED: i64 = 10_000;
/// Samples, evenly spread, and the arrivals of each.
const SAMPLES: i64 = 64;
const SAMPLE: i64 = 32;

/// What the table and its log hold.
pub(super) fn of(connection: &mut Connection, path: &Path) -> Result<Size> {
    let (records, records_is_estimate) = records(connection).map_err(|error| failed(path, &error))?;
    Ok(Size {
        records: Some(records),
        records_is_estimate,
        bytes: connection.path().and_then(on_disk),
        // SQLite tells the pages of an index only to who reads them all.
        index_bytes: None,
    })
}

/// Bytes of the file and of its log. None where the file cannot be looked at: it may have been moved away.
fn on_disk(file: &str) -> Option<u64> {
    let log = PathBuf::from(format!("{file}-wal"));
    let bytes = std::fs::metadata(file).ok()?.len();
    Some(bytes + log.metadata().map_or(0, |log| log.len()))
}

/// The number of records, and whether it is an estimate. Counting reads an index from end to end; but the arrivals are numbers of which some
/// are missing, where records were swept, so that a few stretches of them tell how many are left of all.
fn records(connection: &mut Connection) -> rusqlite::Result<(u64, bool)> {
    let transaction = connection.transaction()?;
    let ends = "SELECT (SELECT min(arrival) FROM audit_history), (SELECT max(arrival) FROM audit_history)";
    let ends: (Option<i64>, Option<i64>) = transaction.query_row(ends, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (Some(first), Some(last)) = ends else {
        return Ok((0, false));
    };
    let mut count = transaction.prepare_cached("SELECT count(*) FROM audit_history WHERE arrival BETWEEN ?1 AND ?2")?;
    let mut between = |first: i64, last: i64| count.query_row(params![first, last], |row| row.get::<_, i64>(0));
    // The two ends are there for certain, and so tell nothing of what lies between them.
    let inner = last.saturating_sub(first).saturating_sub(1);
    if inner <= COUNTED {
        return Ok((between(first, last)?.unsigned_abs(), false));
    }
    let step = (inner - SAMPLE) / (SAMPLES - 1);
    let mut found = 0;
    for number in 0..SAMPLES {
        let from = first + 1 + step * number;
        found += between(from, from + SAMPLE - 1)?;
    }
    let share = found as f64 / (SAMPLES * SAMPLE) as f64;
    Ok(((inner as f64 * share).round() as u64 + 2, true))
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    /// A file with a record at each of these arrivals.
    fn with(folder: &tempfile::TempDir, arrivals: impl IntoIterator<Item = i64>) -> Connection {
        let path = folder.path().join("audit.db");
        let mut connection = file::open_for_writing(&path, &path).unwrap();
        let transaction = connection.transaction().unwrap();
        transaction.execute("DELETE FROM audit_history", []).unwrap();
        let insert = "INSERT INTO audit_history (arrival, audit_id, timestamp, workspace_id, operation_type, actor, outcome, doc) \
                      VALUES (?1, randomblob(16), 1, 'w', 'o', 'a', 'success', '{}')";
        for arrival in arrivals {
            transaction.execute(insert, [arrival]).unwrap();
        }
        transaction.commit().unwrap();
        connection
    }

    #[test]
    fn few_are_counted_and_many_estimated_whatever_has_been_swept() {
        let folder = tempfile::tempdir().unwrap();
        let of = |arrivals: Vec<i64>| records(&mut with(&folder, arrivals)).unwrap();
        assert_eq!(of(Vec::new()), (0, false));
        assert_eq!(of(vec![i64::MAX - 7]), (1, false));
        assert_eq!(
            of((5..10_007).filter(|n| n % 3 > 0 || *n == 5).collect()),
            (6_668, false)
        );
        assert_eq!(of((1..=20_000).collect()), (20_000, true));
        for (arrivals, exact) in [
            // Evenly thinned; held from long ago beside what is new; and one by itself.
            ((1..=40_000).filter(|n| n % 4 == 0).collect::<Vec<_>>(), 10_000_u64),
            ((1..=2_000).chain(60_000..=80_000).collect(), 22_001),
            (std::iter::once(1).chain(90_000..=100_000).collect(), 10_002),
        ] {
            let (estimate, is_estimate) = of(arrivals);
            assert!(
                is_estimate && estimate.abs_diff(exact) * 5 < exact,
                "{estimate} of {exact}"
            );
        }
        // Hardly anything is left.
        assert_eq!(of(vec![1, i64::MAX]), (2, true));
    }

    #[test]
    fn bytes_are_those_of_the_file_and_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = with(&folder, 1..=1_000);
        let path = folder.path().join("audit.db");
        let on_disk = || -> u64 {
            let names = ["audit.db", "audit.db-wal"];
            names
                .iter()
                .map(|name| path.with_file_name(name).metadata().map_or(0, |file| file.len()))
                .sum()
        };
        let size = of(&mut connection, &path).unwrap();
        assert_eq!((size.bytes, size.index_bytes), (Some(on_disk()), None));
        assert!(on_disk() > 100_000);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(of(&mut connection, &path).unwrap().bytes, None);
    }
}
