//! Tasktrail: an embeddable, real-time audit trail for task and orchestration work.

pub mod error;
pub mod history;
pub mod query;
pub mod sanitize;
pub mod schema;
#[cfg(feature = "recorder")]
pub mod store;
pub mod workspace;

pub use error::{Code, Detail, Error, Result};
pub use query::{Cursor, Page, Query, StoredRecord};
