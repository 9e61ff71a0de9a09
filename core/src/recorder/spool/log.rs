//! SQLite's log of a file (WAL). SQLite reads it up to the first frame whose checksum is wrong and takes the rest for a write that was
//! never finished; a changed bit in the middle would silently cost every commit behind it. Here the two are told apart.
//!
//! The format is public (sqlite.org/fileformat2.html, "WAL File Format"): a header of 32 bytes, then frames of 24 bytes and a page. Each
//! checksum goes on from the one before it, so that what a damaged frame says of itself still tells whether the next one is sound.

use std::path::Path;

use super::file::PAGE_BYTES;

const HEADER: usize = 32;
const FRAME: usize = 24;
const MAGIC: u32 = 0x377f_0682;
/// A log that is larger was not written by a spool.
const MOST_BYTES: u64 = 256 << 20;

/// A log, as it was read.
pub(super) struct Log {
    bytes: Vec<u8>,
    page: usize,
    is_big_endian: bool,
}

type Sum = (u32, u32);

impl Log {
    /// `None` when there is nothing in it, or it is no log of SQLite's.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let length = std::fs::metadata(path).ok()?.len();
        if length <= (HEADER + FRAME) as u64 || length > MOST_BYTES {
            return None;
        }
        let bytes = std::fs::read(path).ok()?;
        let mut log = Log {
            page: PAGE_BYTES,
            is_big_endian: cfg!(target_endian = "big"),
            bytes,
        };
        // A header whose sum is right says how the rest is to be read; the sum of one that is not stays wrong in either order.
        for is_big_endian in [false, true] {
            log.is_big_endian = is_big_endian;
            if log.header_is_sound() {
                log.page = word(&log.bytes, 8)? as usize;
                return (512..=65_536).contains(&log.page).then_some(log);
            }
        }
        log.is_big_endian = cfg!(target_endian = "big");
        Some(log)
    }

    fn header_sums(&self) -> [Sum; 2] {
        let said = (word(&self.bytes, 24).unwrap_or(0), word(&self.bytes, 28).unwrap_or(0));
        [said, self.sum((0, 0), self.bytes.get(..24).unwrap_or_default())]
    }

    fn header_is_sound(&self) -> bool {
        let [said, computed] = self.header_sums();
        said == computed
    }

    /// What marks the frames of this generation of the log; behind them lie those of an older one.
    fn salts(&self) -> &[u8] {
        let header = self.bytes.get(16..24).unwrap_or_default();
        if self.header_is_sound() {
            return header;
        }
        // Of three places that say so, two that agree are right.
        let mut frames = self.frames().map(salts_of);
        match (frames.next(), frames.next()) {
            (Some(first), Some(second)) if first == second => first,
            _ => header,
        }
    }

    fn frames(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes
            .get(HEADER..)
            .unwrap_or_default()
            .chunks_exact(FRAME + self.page)
    }

    fn sum(&self, mut sum: Sum, bytes: &[u8]) -> Sum {
        for pair in bytes.as_chunks::<8>().0 {
            let [a, b, c, d, e, f, g, h] = *pair;
            let (first, second) = match self.is_big_endian {
                true => (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])),
                false => (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])),
            };
            sum.0 = sum.0.wrapping_add(first).wrapping_add(sum.1);
            sum.1 = sum.1.wrapping_add(second).wrapping_add(sum.0);
        }
        sum
    }

    /// The sum of a frame that follows on `before`.
    fn sum_of(&self, before: Sum, frame: &[u8]) -> Sum {
        let head = self.sum(before, frame.get(..8).unwrap_or_default());
        self.sum(head, frame.get(FRAME..).unwrap_or_default())
    }

    /// How many frames belong to this generation of the log, and whether whole transactions lie behind one that is damaged.
    fn walk(&self) -> (usize, bool) {
        let header_is_sound = self.header_is_sound();
        let salts = self.salts();
        // What the next frame may follow on: what the last one says, or what it adds up to.
        let mut before = self.header_sums();
        let mut is_broken = !header_is_sound;
        let (mut count, mut commits, mut doubtful) = (0, 0, 0);
        for (at, frame) in self.frames().enumerate() {
            let said = (word(frame, 16).unwrap_or(0), word(frame, 20).unwrap_or(0));
            let sums = before.map(|before| self.sum_of(before, frame));
            let commit = usize::from(word(frame, 4) != Some(0));
            if sums.contains(&said) && salts_of(frame) == salts {
                // What lies before a frame that belongs here belongs here as well, damaged as it may be.
                is_broken |= at > count;
                if is_broken {
                    commits += doubtful + commit;
                }
                (count, doubtful) = (at + 1, 0);
                before = [said, said];
            } else {
                doubtful += commit;
                before = [said, sums.first().copied().unwrap_or_default()];
            }
        }
        // A header is on disk before its frames are. A transaction may never have been finished, but not if one follows on it.
        (count, is_broken && commits > usize::from(header_is_sound))
    }

    /// Whether SQLite would pass over commits that are there.
    pub(super) fn is_damaged(&self) -> bool {
        self.walk().1
    }

    /// As it was read.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The log with checksums that say yes to every frame of it: what is damaged inside of a page is found by the rows' own.
    pub(super) fn mended(&self) -> Vec<u8> {
        let (count, _) = self.walk();
        let salts = self.salts();
        let mut mended = Vec::with_capacity(self.bytes.len());
        let magic = MAGIC | u32::from(self.is_big_endian);
        mended.extend_from_slice(&magic.to_be_bytes());
        mended.extend_from_slice(&3_007_000_u32.to_be_bytes());
        mended.extend_from_slice(&(self.page as u32).to_be_bytes());
        mended.extend_from_slice(self.bytes.get(12..16).unwrap_or_default());
        mended.extend_from_slice(salts);
        let mut sum = self.sum((0, 0), &mended);
        push(&mut mended, sum);
        let pages = self
            .frames()
            .take(count)
            .filter_map(|frame| word(frame, 4))
            .filter(|pages| *pages < 1 << 30);
        let pages = pages.max().unwrap_or(0);
        for frame in self.frames().take(count) {
            // SQLite ends at a page that cannot be.
            if !word(frame, 0).is_some_and(|page| (1..=pages).contains(&page)) {
                continue;
            }
            sum = self.sum_of(sum, frame);
            mended.extend_from_slice(frame.get(..8).unwrap_or_default());
            mended.extend_from_slice(salts);
            push(&mut mended, sum);
            mended.extend_from_slice(frame.get(FRAME..).unwrap_or_default());
        }
        mended
    }

    /// The newest image of the file's first page.
    pub(super) fn first_page(&self) -> Option<&[u8]> {
        let (count, _) = self.walk();
        let first = self.frames().take(count).filter(|frame| word(frame, 0) == Some(1));
        first.last().and_then(|frame| frame.get(FRAME..))
    }
}

fn salts_of(frame: &[u8]) -> &[u8] {
    frame.get(8..16).unwrap_or_default()
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_be_bytes(*word))
}

fn push(bytes: &mut Vec<u8>, sum: Sum) {
    bytes.extend_from_slice(&sum.0.to_be_bytes());
    bytes.extend_from_slice(&sum.1.to_be_bytes());
}
