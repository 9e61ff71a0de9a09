//! Workspace ids of any path, workspaces among any files.

#![no_main]
#![allow(dead_code, reason = "shared with the other targets")]

#[path = "../../../core/tests/support/invariants.rs"]
mod invariants;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    invariants::workspace(input);
    invariants::discovery(input);
});
