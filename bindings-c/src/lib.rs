//! Tasktrail for C and everything that speaks its ABI: `libtasktrail` and `tasktrail.h`.
//!
//! This crate converts, forwards and frees; every rule lives in the core. One C noun a file; what may cross, and who owns it, is decided
//! in `boundary.rs` alone. The contract that a C caller keeps (valid pointers, who frees what) is written once, at the top of the
//! header and in `README.md`; it is the safety section of every `unsafe` function here.
#![expect(
    unsafe_code,
    reason = "a C ABI is made of raw pointers and unmangled names; each block says why it is sound"
)]
#![expect(non_camel_case_types, reason = "the names that C sees are `tt_…`")]
#![expect(
    clippy::missing_safety_doc,
    reason = "all exports share one contract, written once at the top of the header"
)]

mod boundary;
pub mod last_error;
pub mod pure;
pub mod status;
pub mod string;
pub mod subscription;
pub mod trail;
pub mod version;
pub mod workspace;
