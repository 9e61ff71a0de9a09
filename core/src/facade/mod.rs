//! What do bindings call? One function per operation, JSON in and JSON out, so that a binding only converts, forwards and frees.

pub mod pure;
#[cfg(feature = "recorder")]
pub mod trail;
