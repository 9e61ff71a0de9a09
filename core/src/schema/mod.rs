//! What is recorded? Records, calls, events, operation types and ids.

mod call;
mod event;
mod id;
mod operation;
mod record;
mod time;

pub use call::{Call, CallError, HEADERS, Level};
pub use event::{EVENT_TYPES, Event, EventType, MAX_EVENT_BYTES, validate_event};
pub use id::{IdGenerator, event_id};
#[cfg(feature = "recorder")]
pub(crate) use operation::Context;
pub use operation::{Named, Operation, OperationRule, OperationTable, classify};
#[cfg(test)]
pub(crate) use record::sample;
pub use record::{
    ActorType, Channel, Json, MAX_SAFE_INTEGER, Outcome, Receipt, Record, RecordError, Redaction, SCHEMA_VERSION,
    UNKNOWN_WORKSPACE,
};
pub use time::Timestamp;
