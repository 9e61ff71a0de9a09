//! What do bindings call? One function per operation, JSON in and JSON out, so that a binding only converts, forwards and frees.

#[cfg(feature = "host")]
pub mod host;
pub mod pure;
#[cfg(feature = "recorder")]
pub mod trail;
