//! What is recorded? Records, calls, events, operation types and ids.

mod call;
mod choice;
mod event;
mod field;
mod id;
pub mod limit;
mod operation;
mod record;
mod time;

pub use call::{Call, CallError, HEADERS, Level};
pub use choice::{Choice, Open, Texts};
pub use event::{EVENT_TYPES, Event, EventType, MAX_EVENT_BYTES, validate_event};
pub use field::{Field, Json, Object, Presence, Shape};
#[cfg(feature = "mongodb")]
pub(crate) use field::{Fields, View};
pub use id::{IdGenerator, event_id};
pub use operation::{Operation, classify};
#[cfg(test)]
pub(crate) use record::sample;
pub use record::{
    ActorType, Channel, MAX_SAFE_INTEGER, Outcome, Receipt, Record, RecordError, Redaction, SCHEMA_VERSION,
    UNKNOWN_WORKSPACE,
};
pub use time::Timestamp;
