//! What is recorded? Records, calls, events, operation types and ids.

mod call;
mod choice;
#[cfg(feature = "recorder")]
mod delivery;
mod event;
mod field;
mod id;
mod json_schema;
pub mod limit;
mod operation;
mod record;
mod time;

pub use call::{Call, CallError, HEADERS, Level, Target};
pub use choice::{Choice, Open, Texts};
#[cfg(feature = "recorder")]
pub use delivery::{
    DELIVERY_FRAME_BYTES, Ingested, MAX_DELIVERY_BYTES, MAX_DELIVERY_RECORDS, MAX_RECORD_BYTES, Refused, delivery,
    read_delivery,
};
pub use event::{
    EVENT_TYPES, Event, EventContext, EventData, EventField, EventType, IssueClosed, IssueCreated, IssueDeleted,
    IssueUpdated, MAX_EVENT_BYTES, OrchestrationProgress, PhaseCompleted, PhaseStarted, ProjectCompleted,
    ProjectCreated, ProjectUpdated, TaskCompleted, TaskFailed, TaskProgress, TaskStarted, WorktreeUpdated,
    validate_event,
};
pub use field::{Field, Json, Object, Presence, Shape};
#[cfg(feature = "mongodb")]
pub(crate) use field::{Fields, View};
pub use id::{IdGenerator, event_id};
pub use json_schema::{event_json_schema, record_json_schema};
#[cfg(feature = "recorder")]
pub(crate) use operation::Context;
pub use operation::{Named, Operation, OperationRule, OperationTable, classify};
#[cfg(test)]
pub(crate) use record::sample;
pub use record::{
    ActorType, Channel, MAX_SAFE_INTEGER, Outcome, Receipt, Record, RecordError, Redaction, SCHEMA_VERSION,
    UNKNOWN_WORKSPACE,
};
pub use time::Timestamp;
