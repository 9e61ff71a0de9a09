//! The shared vectors against the core itself; the bindings' runners are `tests/vectors/*.test.mjs` and `bindings-c/tests/vectors.c`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::string_slice, reason = "only between characters that were found")]
#![expect(unreachable_pub, reason = "shared with an example")]

#[path = "support/vectors.rs"]
mod vectors;

use std::collections::HashSet;
use std::fs;

use vectors::{files, written};

/// Fewer means that a file was lost.
const LEAST: usize = 450;

#[test]
fn the_core_says_what_every_vector_says() {
    let mut ran = 0;
    let mut wrong = Vec::new();
    for (path, cases) in files() {
        let topic = path.file_stem().unwrap().to_string_lossy().into_owned();
        for case in &cases {
            ran += 1;
            let now = case.answered();
            if now != *case {
                wrong.push(format!("{topic}: {}\n  says {case:?}\n  is   {now:?}", case.name));
            }
        }
        println!("{topic}: {} vectors", cases.len());
    }
    assert!(
        wrong.is_empty(),
        "{} of {ran} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(ran >= LEAST, "only {ran} vectors");
}

#[test]
fn every_vector_has_a_name_of_its_own() {
    for (path, cases) in files() {
        let mut seen = HashSet::new();
        for case in &cases {
            assert!(
                seen.insert(&case.name),
                "{}: `{}` stands twice",
                path.display(),
                case.name
            );
        }
    }
}

#[test]
fn the_files_are_written_as_the_generator_writes_them() {
    for (path, cases) in files() {
        assert!(
            fs::read_to_string(&path).unwrap() == written(&cases),
            "{}: run `cargo xtask generate`",
            path.display()
        );
    }
}
