//! The command as people and scripts run it: the real binary, against stores and an API.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../../../core/tests/support/api.rs"]
#[allow(dead_code, clippy::string_slice, reason = "other tests use the rest of it")]
mod api;

mod doctor;
mod emit;
mod export;
mod help;
mod mongo;
mod query;
mod real_api;
mod spool;
mod support;
mod tail;
mod workspace;
