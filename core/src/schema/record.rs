//! The record: one document of `audit_history`.

use uuid::Uuid;

use super::choice::{Open, Texts as _, text_enum};
use super::field::{Draft, Json, Shape, object};
use super::{Timestamp, limit};
use crate::error::{Code, Error, Result, from_json};
use crate::sanitize::{METADATA_LIMIT, SUMMARY_LIMIT};

/// Version of the record's shape that this crate writes.
///
/// It grows only when a field that an older reader knows changes its meaning, type or unit: then, and only then, must a reader look at
/// it. A new field, a new text of a known set, a wider bound do not change it: a reader keeps what it does not know
/// ([`Record::extra`], [`Open::Newer`]) and writes it back as it was. The whole policy is `docs/decisions/0006`.
pub const SCHEMA_VERSION: u32 = 1;

/// Largest integer that every language of the wire reads exactly: 2^53 - 1.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The workspace id of a record for which nobody said one.
pub const UNKNOWN_WORKSPACE: &str = "unknown";

text_enum! {
    /// What became of the call or event.
    Outcome {
        /// Status 2xx or 3xx, or an event that reports progress or completion.
        Success = "success",
        /// Another status 4xx or 5xx, or `task.failed`.
        Failure = "failure",
        /// Status 401, 403 or 429.
        Denied = "denied",
        /// The client hung up before the response ended.
        Aborted = "aborted",
        /// Nobody said, or a status outside 200 to 599.
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

object! {
/// Why a call or task failed.
pub struct RecordError as "RecordError" {
    /// Stable, machine-readable, at most 256 bytes; null when the source has none.
    code: Option<String> = Null, Shape::Text(limit::ID), Client;
    /// For people; sanitized, at most 2 KiB.
    message: String = Always(String::new()), Shape::Text(limit::MESSAGE), Client;
}
}

object! {
/// One rule that fired: which, where, how often. It never says what was there.
pub struct Redaction as "Redaction" {
    /// Id of the rule, for example `key:password`.
    rule: String = Always, Shape::Text(limit::ID);
    /// Where it first fired: dotted path, `request_summary.user.password`.
    path: String = Always, Shape::Text(limit::PATH), Client;
    /// How many values it changed.
    count: u32 = Always, WHOLE_32;
}
}

object! {
/// The receipt of the sanitizer: proof that, where and by which rule something was cut out.
#[derive(Default)]
pub struct Receipt as "Receipt" {
    /// Rules that fired, at most 32.
    rules: Vec<Redaction> = Always(Vec::new()), Shape::Objects(limit::RULES, &Redaction::OBJECT);
    /// Size of the body as it came, in bytes; null when there was none.
    original_bytes: Option<u64> = Null, Shape::WHOLE;
    /// Whether anything was cut for length or because the body was not valid JSON to its end.
    truncated: bool = Always(false), Shape::Truth;
}
}

object! {
/// What is stored for one state-changing call, one progress event, or one act of the trail itself.
///
/// Field names are the wire's (snake_case). Free text is sanitized and bounded; a record encodes to at most 64 KiB. Times are whole
/// milliseconds in UTC, from the year 0000 to 9999; whole numbers stay within 2^53-1.
pub struct Record as "AuditRecord" {
    /// Id, UUIDv7, or UUIDv8 for an event that its client named. Unique in the store.
    audit_id: Uuid = Always, Shape::Uuid;
    /// Version of the shape that the writer wrote; 1 when it does not say.
    schema_version: u32 = Always(1), WHOLE_32;
    /// When it happened: the beginning of a call, or what an event says.
    timestamp: Timestamp = Always, Shape::Time;
    /// When the writer took it in; retention counts from here.
    recorded_at: Timestamp = Always, Shape::Time;
    /// When it may be deleted; null keeps it for ever.
    expires_at: Option<Timestamp> = Known, Shape::Time;
    /// Which open trail wrote it; new at each open.
    writer_id: String = Always, Shape::Text(limit::ID);
    /// Position among that writer's records, from 1 to 2^53-1 without holes: a hole is covered by an `audit.gap` record.
    seq: u64 = Always, Shape::Whole(1, MAX_SAFE_INTEGER);
    /// What was done: `task.started`, `issue.updated`, `widget.created`; at most 128 bytes.
    operation_type: String = Always, Shape::Text(limit::OPERATION), Client;
    /// What became of it.
    outcome: Open<Outcome> = Always, Shape::OneOf(&Outcome::CHOICE);
    /// Why it failed; null on success.
    error: Option<RecordError> = Known, Shape::Object(&RecordError::OBJECT);
    /// Path and sanitized query string, at most 2 KiB; null for what came by no endpoint.
    api_endpoint: Option<String> = Null, Shape::Text(limit::ENDPOINT), Client;
    /// HTTP method in capitals: POST, PUT, PATCH or DELETE; at most 16 bytes. Null for what came by no endpoint.
    http_method: Option<String> = Null, Shape::Text(limit::METHOD), Client;
    /// HTTP status of the response; null when none was sent.
    response_status: Option<u16> = Null, Shape::Whole(0, u16::MAX as u64);
    /// From the call's first byte to the response's end, in milliseconds with fractions, 0 or more; null when nobody measured.
    duration_ms: Option<f64> = Null, Shape::Number;
    /// Whose workspace, at most 256 bytes; `"unknown"` when nobody said.
    workspace_id: String = Always, Shape::Text(limit::ID), Client;
    /// Workspace that launched the run, at most 256 bytes, where it is another one.
    origin_workspace_id: Option<String> = Known, Shape::Text(limit::ID), Client;
    /// Git worktree in which the work happens: a path as its client writes it, at most 1 KiB.
    worktree_path: Option<String> = Null, Shape::Text(limit::PATH), Client;
    /// Project, 0 to 2^53-1.
    project_number: Option<u64> = Null, Shape::WHOLE;
    /// Phase within the project, 0 to 2^53-1.
    phase_number: Option<u64> = Known, Shape::WHOLE;
    /// Work item within the phase, at most 256 bytes.
    work_item_id: Option<String> = Known, Shape::Text(limit::ID), Client;
    /// Task of the host, at most 256 bytes.
    task_id: Option<String> = Null, Shape::Text(limit::ID), Client;
    /// Session of the host, at most 256 bytes.
    session_id: Option<String> = Null, Shape::Text(limit::ID), Client;
    /// Orchestration run, at most 256 bytes.
    run_id: Option<String> = Known, Shape::Text(limit::ID), Client;
    /// Agent on whose behalf it was done, at most 256 bytes.
    agent_id: Option<String> = Known, Shape::Text(limit::ID), Client;
    /// Who: a key's fingerprint (`key_…`), a user or an agent, at most 256 bytes; `"anonymous"` when nobody was identified.
    actor: String = Always, Shape::Text(limit::ID), Client;
    /// Kind of actor.
    actor_type: Open<ActorType> = Always, Shape::OneOf(&ActorType::CHOICE);
    /// Kind of thing acted on, for example `task`; at most 256 bytes.
    target_type: Option<String> = Known, Shape::Text(limit::ID), Client;
    /// Which one, at most 256 bytes.
    target_id: Option<String> = Known, Shape::Text(limit::ID), Client;
    /// The way it came.
    channel: Open<Channel> = Always, Shape::OneOf(&Channel::CHOICE);
    /// Address of the client, at most 64 bytes.
    client_ip: Option<String> = Known, Shape::Text(limit::CLIENT_IP), Client;
    /// User agent of the client, at most 512 bytes.
    user_agent: Option<String> = Known, Shape::Text(limit::USER_AGENT), Client;
    /// Request id of client or host, at most 256 bytes.
    request_id: Option<String> = Known, Shape::Text(limit::ID), Client;
    /// Trace id of the W3C `traceparent`, 32 hex digits.
    trace_id: Option<String> = Known, Shape::Hex(32);
    /// Name of the host service, at most 256 bytes.
    service: Option<String> = Known, Shape::Text(limit::ID);
    /// Which instance of it, at most 256 bytes.
    instance_id: Option<String> = Known, Shape::Text(limit::ID);
    /// Sanitized body as JSON, at most 4 KiB.
    request_summary: Option<Json> = Null, Shape::Json(SUMMARY_LIMIT), Client;
    /// What else the source said, sanitized, at most 16 KiB of JSON; for an event, its data.
    metadata: Option<Json> = Null, Shape::JsonObject(METADATA_LIMIT), Client;
    /// What the sanitizer did; null when it changed nothing.
    redactions: Option<Receipt> = Known, Shape::Object(&Receipt::OBJECT);
}
}

/// A whole number of 32 bits.
const WHOLE_32: Shape = Shape::Whole(0, u32::MAX as u64);

impl Record {
    /// Reads a record from JSON; what a newer version added is kept, in it and in its parts.
    ///
    /// # Errors
    /// [`Code::RecordInvalid`] with the path of the field that is missing, there twice, or of the wrong type.
    pub fn from_json(text: &str) -> Result<Self> {
        let draft: Draft<Record> = from_json(text, Code::RecordInvalid, "not a record")?;
        draft.0.map_err(|name| {
            Error::new(Code::RecordInvalid, format!("not a record: `{name}` is missing")).with_field(name)
        })
    }

    /// Writes the record as JSON: each field in the order of [`Self::FIELDS`], null where unknown, then those of a newer version by name.
    pub fn to_json(&self) -> String {
        // Plain data with text keys: serde_json has no way to fail on it.
        serde_json::to_string(self).unwrap_or_default()
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
    use super::super::field::Presence;
    use super::*;

    /// A record that a later version wrote: new fields everywhere, a new text in every known set, a schema of its own.
    const NEWER: &str = concat!(
        r#"{"audit_id":"00000000-0000-0000-0000-000000000000","schema_version":7,"timestamp":"2026-11-22T22:00:00.000Z","#,
        r#""recorded_at":"2026-11-22T22:00:00.000Z","expires_at":null,"writer_id":"w","seq":1,"operation_type":"a.b","#,
        r#""outcome":"partial","error":{"code":null,"message":"m","cause":{"b":[1.50,"x"],"a":null}},"api_endpoint":null,"#,
        r#""http_method":null,"response_status":null,"duration_ms":null,"workspace_id":"ws","origin_workspace_id":null,"#,
        r#""worktree_path":null,"project_number":null,"phase_number":null,"work_item_id":null,"task_id":null,"session_id":null,"#,
        r#""run_id":null,"agent_id":null,"actor":"a","actor_type":"robot","target_type":null,"target_id":null,"channel":"","#,
        r#""client_ip":null,"user_agent":null,"request_id":null,"trace_id":null,"service":null,"instance_id":null,"#,
        r#""request_summary":null,"metadata":null,"redactions":{"rules":[{"rule":"r","path":"p","count":1,"why":{}}],"#,
        r#""original_bytes":null,"truncated":false,"policy":"p1"},"__proto__":{"$where":1},"from.the.future":{"z":1,"a":[1,2]}}"#,
    );

    #[test]
    fn what_a_newer_writer_wrote_survives_an_older_reader_byte_for_byte() {
        let record = Record::from_json(NEWER).unwrap();
        assert_eq!(record.schema_version, 7);
        assert_eq!(record.outcome.known(), None);
        assert_eq!(
            (record.outcome.as_str(), record.actor_type.as_str()),
            ("partial", "robot")
        );
        assert_ne!(record.outcome, Outcome::Unknown);
        assert_eq!(record.extra["from.the.future"].as_str(), r#"{"z":1,"a":[1,2]}"#);
        assert_eq!(
            record.error.as_ref().unwrap().extra["cause"].as_str(),
            r#"{"b":[1.50,"x"],"a":null}"#
        );
        assert_eq!(record.redactions.as_ref().unwrap().rules[0].extra["why"].as_str(), "{}");
        assert_eq!(record.to_json(), NEWER);
    }

    #[test]
    fn a_wrong_field_is_named() {
        let text = sample(Uuid::nil(), 5).to_json();
        for (from, to, field) in [
            (r#""seq":1"#, r#""seq":"one""#, "seq"),
            (r#""seq":1"#, r#""seq":-1"#, "seq"),
            (r#""seq":1,"#, "", "seq"),
            (r#""seq":1"#, r#""seq":1,"seq":2"#, "seq"),
            (r#""error":null"#, r#""error":{"code":5}"#, "error.code"),
            (
                r#""redactions":null"#,
                r#""redactions":{"rules":[{"path":"","count":1}]}"#,
                "redactions.rules[0]",
            ),
            (r#""outcome":"success""#, r#""outcome":null"#, "outcome"),
            (r#""timestamp":""#, r#""timestamp":"x"#, "timestamp"),
        ] {
            let wrong = text.replace(from, to);
            assert_ne!(wrong, text, "{from}");
            let error = Record::from_json(&wrong).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (Code::RecordInvalid, Some(field)),
                "{error}"
            );
            assert!(error.to_string().contains(field), "{error}");
        }
        for nothing in ["", "null", "[]", "7", "{", r#"{"audit_id":"#] {
            assert_eq!(
                Record::from_json(nothing).unwrap_err().code(),
                Code::RecordInvalid,
                "{nothing}"
            );
        }
        let twice = text.replace(r#""seq":1"#, r#""new":1,"seq":1,"new":2"#);
        assert_eq!(Record::from_json(&twice).unwrap_err().field(), Some("new"));
    }

    #[test]
    fn the_definition_says_what_is_written() {
        let written: serde_json::Value = serde_json::from_str(&sample(Uuid::nil(), 5).to_json()).unwrap();
        for field in Record::SCHEMA {
            let value = &written[field.name];
            assert_eq!(!value.is_null(), field.presence == Presence::Always, "{}", field.name);
            assert!(
                field.doc.starts_with(' ') && field.doc.trim_end().ends_with('.'),
                "{}",
                field.doc
            );
        }
        assert_eq!(written.as_object().unwrap().len(), Record::SCHEMA.len());
        assert_eq!(Record::FIELDS.len(), Record::SCHEMA.len());
    }

    #[test]
    fn a_known_name_among_the_newer_fields_is_not_written_twice() {
        let mut record = sample(Uuid::nil(), 5);
        record.extra.insert("seq".into(), Json::null());
        assert_eq!(Record::from_json(&record.to_json()).unwrap().seq, 1);
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
