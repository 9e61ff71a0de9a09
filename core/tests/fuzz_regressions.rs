//! What the fuzzer has found so far (`tests/fuzz/regressions`), and every argument of the shared vectors: none breaks an invariant.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![expect(clippy::string_slice, reason = "only between characters that were found")]
#![expect(unreachable_pub, dead_code, reason = "shared with other tests")]

#[path = "support/invariants.rs"]
mod invariants;
#[path = "support/vectors.rs"]
mod vectors;

use std::fs;
use std::path::Path;

/// The inputs by name: the target's regressions, then the vectors' arguments.
fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fuzz/regressions")
        .join(target);
    // A target in which nothing was found yet has no folder: git keeps no empty one.
    let found = fs::read_dir(&folder).into_iter().flatten();
    let mut inputs: Vec<(String, Vec<u8>)> = found
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read(path).unwrap()))
        .collect();
    for case in vectors::files().into_iter().flat_map(|(_, cases)| cases) {
        inputs.extend(
            case.arguments()
                .into_iter()
                .map(|text| (case.name.clone(), text.into_bytes())),
        );
    }
    inputs
}

fn all_hold(target: &str, holds: fn(&[u8])) {
    for (name, input) in inputs(target) {
        // Shown only should it fail: which input it was.
        println!("{target}: {name}");
        holds(&input);
    }
}

#[test]
fn no_known_input_breaks_the_sanitizer() {
    all_hold("sanitize", invariants::sanitize);
}

#[test]
fn no_known_input_breaks_the_validation_of_events() {
    all_hold("event", invariants::event);
}

#[test]
fn no_known_input_breaks_the_decoding_of_records() {
    all_hold("record", invariants::record);
}

#[test]
fn no_known_input_breaks_workspace_identity() {
    all_hold("workspace", invariants::workspace);
}

#[test]
fn no_known_input_breaks_the_discovery_of_workspaces() {
    all_hold("discovery", invariants::discovery);
}

#[test]
fn no_known_input_breaks_a_policy() {
    all_hold("policy", invariants::policy);
}
