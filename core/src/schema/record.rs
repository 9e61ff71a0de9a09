//! The record: one document of `audit_history`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Timestamp;
use crate::error::{Code, Result, from_json};

/// Version of the record's shape that this crate writes. A reader keeps fields that it does not know ([`Record::extra`]);
/// the number grows only when an existing field changes meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// Largest integer that every language of the wire reads exactly: 2^53 - 1.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The workspace id of a record for which nobody said one.
pub const UNKNOWN_WORKSPACE: &str = "unknown";

/// One JSON value, kept as the text it was written in.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Takes JSON text; `None` when it is not one valid JSON value.
    pub fn parse(text: String) -> Option<Self> {
        RawValue::from_string(text).ok().map(Json)
    }

    /// JSON's null.
    pub fn null() -> Self {
        Json(RawValue::NULL.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// The text on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// Every text that [`Self::parse`] takes, in declaration order.
            pub const TEXTS: &'static [&'static str] = &[$($text),+];

            /// Reads the text on the wire.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

text_enum! {
    /// What became of the call or event.
    Outcome {
        /// Status 2xx or 3xx, or an event that reports progress or completion.
        Success = "success",
        /// Status 4xx or 5xx other than a denial, or `task.failed`.
        Failure = "failure",
        /// Status 401, 403 or 429.
        Denied = "denied",
        /// The client hung up before the response ended.
        Aborted = "aborted",
        /// Nobody said.
        Unknown = "unknown",
    }
}

impl Outcome {
    /// From an HTTP status and whether the client hung up before the response's end.
    pub const fn of(status: Option<u16>, aborted: bool) -> Self {
        match status {
            _ if aborted => Outcome::Aborted,
            Some(401 | 403 | 429) => Outcome::Denied,
            Some(200..=399) => Outcome::Success,
            Some(400..=599) => Outcome::Failure,
            // An interim answer or no HTTP status at all says nothing of what became of the call.
            _ => Outcome::Unknown,
        }
    }
}

text_enum! {
    /// What kind of actor made the call.
    ActorType {
        /// Known by an API key; `actor` is the key's fingerprint, never the key.
        ApiKey = "api_key",
        /// A person, as the host identified them.
        User = "user",
        /// An agent; `actor` is its id.
        Agent = "agent",
        /// The host or this library itself.
        System = "system",
        /// Nobody identified.
        Anonymous = "anonymous",
    }
}

text_enum! {
    /// The way in which the call or event came.
    Channel {
        /// A plain HTTP call.
        Http = "http",
        /// A tool call of an MCP server.
        Mcp = "mcp",
        /// An agent's or orchestrator's progress event.
        Agent = "agent",
        /// The host or this library itself.
        System = "system",
    }
}

/// Why a call or task failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecordError {
    /// Stable, machine-readable; null when the source has none.
    #[serde(default)]
    pub code: Option<String>,
    /// For people; sanitized.
    #[serde(default)]
    pub message: String,
}

/// One rule that fired: which, where, how often. It never says what was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Redaction {
    /// Id of the rule, for example `key:password`.
    pub rule: String,
    /// Where it first fired: dotted path, `request_summary.user.password`.
    pub path: String,
    /// How many values it changed.
    pub count: u32,
}

/// The receipt of the sanitizer: proof that, where and by which rule something was cut out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Receipt {
    /// Rules that fired, at most 32.
    #[serde(default)]
    pub rules: Vec<Redaction>,
    /// Size of the body as it came, in bytes; null when there was none.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub original_bytes: Option<u64>,
    /// Whether anything was cut for length or because the body was not valid JSON to its end.
    #[serde(default)]
    pub truncated: bool,
}

macro_rules! record {
    ($(#[$doc:meta])* pub struct Record { $($(#[$fdoc:meta])* pub $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "AuditRecord"))]
        pub struct Record {
            $($(#[$fdoc])* pub $field: $type,)+
            /// Fields of a newer schema that this version does not know, by name; written back as they were read.
            #[serde(skip)]
            #[cfg_attr(feature = "typescript", ts(skip))]
            pub extra: BTreeMap<String, Json>,
        }

        impl Record {
            /// Names of all fields, in the order in which they are written.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];
        }
    };
}

record! {
/// What is stored for one state-changing call, one progress event, or one act of the trail itself.
///
/// Field names are the wire's (snake_case). Free text is sanitized and bounded; a record encodes to at most 64 KiB.
pub struct Record {
    /// Id, UUIDv7, or UUIDv8 for an event that its client named. Unique in the store.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub audit_id: Uuid,
    /// [`SCHEMA_VERSION`] of the writer.
    #[serde(default = "schema_version")]
    pub schema_version: u32,
    /// When it happened.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub timestamp: Timestamp,
    /// When the writer took it in; retention counts from here.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub recorded_at: Timestamp,
    /// When it may be deleted; null keeps it for ever.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub expires_at: Option<Timestamp>,
    /// Which open trail wrote it; new at each open.
    pub writer_id: String,
    /// Position among that writer's records, from 1 without holes: a hole is covered by an `audit.gap` record.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
    /// What was done: `task.started`, `issue.updated`, `widget.created`; at most 128 bytes.
    pub operation_type: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it failed; null on success.
    #[serde(default)]
    pub error: Option<RecordError>,
    /// Path and sanitized query string, at most 2 KiB; null for what came by no endpoint.
    #[serde(default)]
    pub api_endpoint: Option<String>,
    /// POST, PUT, PATCH or DELETE.
    #[serde(default)]
    pub http_method: Option<String>,
    /// HTTP status of the response; null when none was sent.
    #[serde(default)]
    pub response_status: Option<u16>,
    /// From the call's first byte to the response's end, in milliseconds.
    #[serde(default)]
    pub duration_ms: Option<f64>,
    /// Whose workspace; `"unknown"` when nobody said.
    pub workspace_id: String,
    /// Workspace that launched the run, where it is another one.
    #[serde(default)]
    pub origin_workspace_id: Option<String>,
    /// Git worktree in which the work happens.
    #[serde(default)]
    pub worktree_path: Option<String>,
    /// Project, 0 to 2^53-1.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub project_number: Option<u64>,
    /// Phase within the project.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub phase_number: Option<u64>,
    /// Work item within the phase.
    #[serde(default)]
    pub work_item_id: Option<String>,
    /// Task of the host.
    #[serde(default)]
    pub task_id: Option<String>,
    /// Session of the host.
    #[serde(default)]
    pub session_id: Option<String>,
    /// Orchestration run.
    #[serde(default)]
    pub run_id: Option<String>,
    /// Agent on whose behalf it was done.
    #[serde(default)]
    pub agent_id: Option<String>,
    /// Who: a key's fingerprint (`key_…`), a user or an agent; `"anonymous"` when nobody was identified.
    pub actor: String,
    /// Kind of actor.
    pub actor_type: ActorType,
    /// Kind of thing acted on, for example `task`.
    #[serde(default)]
    pub target_type: Option<String>,
    /// Which one.
    #[serde(default)]
    pub target_id: Option<String>,
    /// The way it came.
    pub channel: Channel,
    /// Address of the client.
    #[serde(default)]
    pub client_ip: Option<String>,
    /// User agent of the client, at most 512 bytes.
    #[serde(default)]
    pub user_agent: Option<String>,
    /// Request id of client or host.
    #[serde(default)]
    pub request_id: Option<String>,
    /// Trace id of the W3C `traceparent`, 32 hex digits.
    #[serde(default)]
    pub trace_id: Option<String>,
    /// Name of the host service.
    #[serde(default)]
    pub service: Option<String>,
    /// Which instance of it.
    #[serde(default)]
    pub instance_id: Option<String>,
    /// Sanitized body as JSON, at most 4 KiB.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
    pub request_summary: Option<Json>,
    /// What else the source said, sanitized; for an event, its data.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown> | null"))]
    pub metadata: Option<Json>,
    /// What the sanitizer did; null when it changed nothing.
    #[serde(default)]
    pub redactions: Option<Receipt>,
}
}

fn schema_version() -> u32 {
    SCHEMA_VERSION
}

impl Record {
    /// Reads a record from JSON; unknown fields are kept in [`Record::extra`].
    ///
    /// # Errors
    /// [`Code::StoreFailed`] with the path of the field that is missing or of the wrong type.
    pub fn from_json(text: &str) -> Result<Self> {
        let mut record: Record = from_json(text, Code::StoreFailed, "not a record")?;
        let all: BTreeMap<String, Json> = from_json(text, Code::StoreFailed, "not a record")?;
        record.extra = all
            .into_iter()
            .filter(|(name, _)| !Self::FIELDS.contains(&name.as_str()))
            .collect();
        Ok(record)
    }

    /// Writes the record as JSON, fields of a newer schema included.
    pub fn to_json(&self) -> String {
        // Plain data with text keys: serde_json has no way to fail on it.
        let mut text = serde_json::to_string(self).unwrap_or_default();
        for (name, value) in &self.extra {
            if text.pop() == Some('}') {
                text.push(',');
                text.push_str(&serde_json::Value::String(name.clone()).to_string());
                text.push(':');
                text.push_str(value.as_str());
                text.push('}');
            }
        }
        text
    }

    /// The workspaces that see this record: its own and, where it differs, the run's origin.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let origin = self
            .origin_workspace_id
            .as_deref()
            .filter(|origin| *origin != self.workspace_id);
        std::iter::once(self.workspace_id.as_str()).chain(origin)
    }
}

#[cfg(test)]
pub(crate) fn sample(audit_id: Uuid, timestamp: i64) -> Record {
    let time = Timestamp::from_millis(timestamp);
    let text = format!(
        r#"{{"audit_id":"{audit_id}","timestamp":"{time}","recorded_at":"{time}","writer_id":"w","seq":1,"operation_type":"task.started",
            "outcome":"success","workspace_id":"ws_a","actor":"anonymous","actor_type":"anonymous","channel":"http"}}"#
    );
    Record::from_json(&text).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_writers_fields_survive_an_older_reader() {
        let mut text = sample(Uuid::nil(), 5).to_json();
        text.pop();
        text.push_str(r#","from_the_future":{"a":[1,2]}}"#);
        let record = Record::from_json(&text).unwrap();
        assert_eq!(record.extra["from_the_future"].as_str(), r#"{"a":[1,2]}"#);
        assert_eq!(Record::from_json(&record.to_json()).unwrap(), record);
    }

    #[test]
    fn a_wrong_field_is_named() {
        let text = sample(Uuid::nil(), 5).to_json().replace(r#""seq":1"#, r#""seq":"one""#);
        let error = Record::from_json(&text).unwrap_err();
        assert_eq!(error.field(), Some("seq"));
        assert!(error.to_string().contains("seq"), "{error}");
    }

    #[test]
    fn outcome_follows_status_and_hang_up() {
        for status in 0..=u16::MAX {
            let expected = match status {
                401 | 403 | 429 => Outcome::Denied,
                200..=399 => Outcome::Success,
                400..=599 => Outcome::Failure,
                _ => Outcome::Unknown,
            };
            assert_eq!(Outcome::of(Some(status), false), expected, "{status}");
            assert_eq!(Outcome::of(Some(status), true), Outcome::Aborted, "{status}");
        }
        assert_eq!(Outcome::of(None, false), Outcome::Unknown);
        assert_eq!(Outcome::of(None, true), Outcome::Aborted);
    }
}
