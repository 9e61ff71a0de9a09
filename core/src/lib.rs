//! Tasktrail: an embeddable, real-time audit trail for task and orchestration work.
//!
//! Every state-changing call and every progress event of a host becomes one sanitized [`schema::Record`] in a store (MongoDB, SQLite,
//! memory or another Tasktrail's API), without slowing or breaking the caller, and reaches whoever listens at once. A host holds one `Trail`:
//!
//! ```
//! use std::time::Duration;
//! use tasktrail::{Call, Query, Trail};
//!
//! # fn main() -> tasktrail::Result<()> {
//! let trail = Trail::builder("memory:").open_blocking()?;
//! let call = Call { method: "POST".into(), path: "/tasks".into(), status: Some(201), ..Call::default() };
//! trail.record(call, Some(br#"{"title":"Write the docs"}"#));
//! trail.flush_blocking(Duration::from_secs(5))?;
//! assert_eq!(trail.query_blocking(&Query::default().limit(10))?.items.len(), 2); // with the trail's own `audit.started`
//! trail.close_blocking(Duration::from_secs(5))?;
//! # Ok(())
//! # }
//! ```
//!
//! The modules answer a newcomer's questions: [`schema`] (what is recorded?), [`sanitize`] (what must not be?), [`workspace`] (whose is it?),
//! `recorder` (how does it get there?), `store` (where is it kept?), [`query`] (how is it found?), `live` (who hears of it?),
//! [`history`] (how is it shown?), [`facade`] (what do bindings call?), [`error`] (what can go wrong?).
//!
//! Without the feature `recorder` only the pure half is built: no I/O, no runtime, ready for `wasm32-unknown-unknown`. The feature `host`
//! adds to it the discovery of a workspace on this machine.

mod base32;
#[cfg(feature = "recorder")]
pub mod clock;
pub mod error;
pub mod facade;
#[cfg(feature = "host")]
mod folders;
pub mod history;
mod json;
#[cfg(feature = "recorder")]
pub mod live;
pub mod query;
#[cfg(feature = "recorder")]
pub mod recorder;
#[cfg(feature = "recorder")]
pub mod retention;
pub mod sanitize;
pub mod schema;
#[cfg(feature = "recorder")]
mod secret;
#[cfg(feature = "recorder")]
pub mod store;
#[cfg(feature = "recorder")]
mod sync;
#[cfg(feature = "recorder")]
pub mod trail;
pub mod workspace;

pub use error::{Code, Detail, Error, Result};
pub use query::{Cursor, Page, Query, StoredRecord};
pub use schema::Call;
#[cfg(feature = "recorder")]
pub use secret::Secret;
#[cfg(feature = "recorder")]
pub use trail::Trail;

/// What is in a spool? List, check and drain its files.
#[cfg(feature = "sqlite")]
pub mod spool {
    pub use crate::recorder::spool::{Drained, SpoolCheck, SpoolFile, SpoolState, check, default_folder, drain, list};
}
