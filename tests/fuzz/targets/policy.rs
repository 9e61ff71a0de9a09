//! A host's policy on any text.

#![no_main]
#![allow(dead_code, reason = "shared with the other targets")]

#[path = "../../../core/tests/support/invariants.rs"]
mod invariants;

libfuzzer_sys::fuzz_target!(|input: &[u8]| invariants::policy(input));
