//! What a file holds: rows, and what its owner says of itself. Both carry a checksum.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::store::EncodedRecord;

pub(super) const COLUMNS: &str = "row, audit_id, seq, crc, doc";
/// The same by their places, for [`Row::by_place`]: of a damaged file not even the names are believed.
pub(super) const PLACES: &str = "rowid, *";

/// The checksum of a row: CRC-32 (ISO 3309) over row, id, number and text. With the row's own number in it, a row that a damaged page
/// shows under another number is not taken for that one.
pub(super) fn crc(row: u64, audit_id: &[u8], seq: u64, doc: &[u8]) -> u32 {
    let mut hash = crc32fast::Hasher::new();
    hash.update(&row.to_le_bytes());
    hash.update(audit_id);
    hash.update(&seq.to_le_bytes());
    hash.update(doc);
    hash.finalize()
}

/// A row as it was read.
pub(super) struct Row {
    pub(super) row: u64,
    pub(super) seq: u64,
    pub(super) audit_id: Vec<u8>,
    pub(super) crc: u32,
    pub(super) doc: Vec<u8>,
}

impl Row {
    /// One of [`COLUMNS`].
    pub(super) fn of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Self::from(row, 1)
    }

    /// One of [`PLACES`].
    pub(super) fn by_place(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Self::from(row, 2)
    }

    /// Its number comes first; from `id` on come the others.
    fn from(row: &rusqlite::Row<'_>, id: usize) -> rusqlite::Result<Self> {
        // A damaged page can say any type: what is not what it should be is damaged, not an error of the file.
        let bytes = |at| -> rusqlite::Result<Vec<u8>> {
            Ok(match row.get_ref(at)? {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
                _ => Vec::new(),
            })
        };
        let number = |at| row.get_ref(at).ok().and_then(|value| value.as_i64().ok()).unwrap_or(-1);
        Ok(Row {
            row: number(0).cast_unsigned(),
            audit_id: bytes(id)?,
            seq: number(id + 1).cast_unsigned(),
            crc: u32::try_from(number(id + 2)).unwrap_or(0),
            doc: bytes(id + 3)?,
        })
    }

    /// Whether it is what was written.
    pub(super) fn is_sound(&self) -> bool {
        crc(self.row, &self.audit_id, self.seq, &self.doc) == self.crc
    }

    /// Its record, unless it is damaged.
    pub(super) fn record(&self) -> Option<EncodedRecord> {
        let text = std::str::from_utf8(&self.doc).ok().filter(|_| self.is_sound())?;
        EncodedRecord::from_json(text).ok()
    }
}

/// What the owner of a file says of itself, with every commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Owner {
    /// The last row that was ever written.
    pub(super) last_row: u64,
    /// Rows that were removed because they were not needed any more.
    pub(super) removed: u64,
    /// The number of its own records up to which all have found their place, in this file or elsewhere.
    pub(super) safe_seq: u64,
    /// Whether it was closed.
    pub(super) is_clean: bool,
}

impl Owner {
    fn crc(&self, writer_id: &str) -> u32 {
        let mut hash = crc32fast::Hasher::new();
        hash.update(writer_id.as_bytes());
        for number in [self.last_row, self.removed, self.safe_seq, self.is_clean.into()] {
            hash.update(&number.to_le_bytes());
        }
        hash.finalize()
    }

    pub(super) fn write(&self, connection: &Connection, writer_id: &str) -> rusqlite::Result<()> {
        connection
            .prepare_cached("INSERT OR REPLACE INTO owner VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                writer_id,
                self.last_row.cast_signed(),
                self.removed.cast_signed(),
                self.safe_seq.cast_signed(),
                self.is_clean,
                self.crc(writer_id)
            ])
            .map(drop)
    }

    /// `None` when it is not there, or not what was written.
    pub(super) fn read(connection: &Connection, writer_id: &str) -> rusqlite::Result<Option<Self>> {
        // By their places, as in `PLACES`; behind the key and the writer's id.
        let read = connection.query_row("SELECT * FROM owner WHERE rowid = 1", [], |row| {
            let number = |at| row.get_ref(at).ok().and_then(|value| value.as_i64().ok()).unwrap_or(-1);
            let owner = Owner {
                last_row: number(2).cast_unsigned(),
                removed: number(3).cast_unsigned(),
                safe_seq: number(4).cast_unsigned(),
                is_clean: number(5) == 1,
            };
            Ok((owner, number(6)))
        });
        let read = read.optional()?;
        Ok(read.and_then(|(owner, crc)| (i64::from(owner.crc(writer_id)) == crc).then_some(owner)))
    }

    /// Rows that should be there and are not, of which `rows` are.
    pub(super) fn lost(&self, rows: u64) -> u64 {
        self.last_row.saturating_sub(self.removed).saturating_sub(rows)
    }
}

/// Reads all rows; answers how many are sound and how many are not.
pub(super) fn count_rows(connection: &Connection) -> rusqlite::Result<(u64, u64)> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM spool"))?;
    let rows = statement.query_map([], Row::of)?;
    let (mut sound, mut damaged) = (0, 0);
    for row in rows {
        match row?.record() {
            Some(_) => sound += 1,
            None => damaged += 1,
        }
    }
    Ok((sound, damaged))
}
