//! What recording costs and brings, beside what it is built on: `cargo xtask bench recorder` reads the rows that this prints.
//!
//! Rounds of ours and of the peer take turns, equally often in either order, and a row's ratio is the median of the rounds' ratios: whatever
//! slows the machine slows both.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement stops at the first fault"
)]

mod burst;
mod queries;
mod record;
mod strict;
mod sustained;

use std::path::PathBuf;

use serde_json::Value;
use tasktrail_bench::Row;

/// Measures one part.
type Part = fn(&Settings) -> Vec<Row>;

/// The parts of the suite. Without any named, all are measured.
const PARTS: [(&str, Part); 6] = [
    ("record", record::rows),
    ("mongodb", sustained::mongodb),
    ("sqlite", sustained::sqlite),
    ("strict", strict::rows),
    ("query-sqlite", queries::sqlite),
    ("query-mongodb", queries::mongodb),
];

/// What the command line and the environment say.
#[derive(Debug)]
struct Settings {
    /// Fewer rounds.
    quick: bool,
    /// A history of ten million records too, where there is a MongoDB.
    large: bool,
    /// A MongoDB without a database in its address; without one, its rows are left out.
    mongodb: Option<String>,
    /// A folder on a real file system.
    folder: PathBuf,
}

impl Settings {
    fn rounds(&self, usual: usize) -> usize {
        if self.quick { usual.div_ceil(4) } else { usual }
    }

    /// A fresh folder that goes with what it answers.
    fn scratch(&self) -> tempfile::TempDir {
        tempfile::tempdir_in(&self.folder).unwrap()
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let named = |part: &str| arguments.iter().any(|argument| argument == part);
    let settings = Settings {
        quick: named("--quick"),
        large: named("--large"),
        mongodb: std::env::var("TASKTRAIL_BENCH_MONGODB").ok(),
        folder: std::env::var_os("TASKTRAIL_BENCH_FOLDER").map_or_else(std::env::temp_dir, PathBuf::from),
    };
    let all = !PARTS.iter().any(|(part, _)| named(part));
    let rows: Vec<Value> = PARTS
        .iter()
        .filter(|(part, _)| all || named(part))
        .flat_map(|(_, measure)| measure(&settings))
        .map(|row| row.json())
        .collect();
    println!("{}", Value::Array(rows));
}

/// Measures ours and the peer's in turns.
fn in_turns<T>(rounds: usize, mut ours: impl FnMut(usize) -> T, mut peer: impl FnMut(usize) -> T) -> Vec<(T, T)> {
    (0..rounds)
        .map(|round| {
            if round % 2 == 0 {
                let first = ours(round);
                (first, peer(round))
            } else {
                let first = peer(round);
                (ours(round), first)
            }
        })
        .collect()
}
