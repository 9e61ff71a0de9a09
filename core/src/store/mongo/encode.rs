//! A record as BSON, written straight into its bytes.

use mongodb::bson::raw::{CStr, RawBson, RawBsonRef, cstr};
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{DateTime, RawArrayBuf, RawBinaryRef, RawDocumentBuf, Timestamp as BsonTimestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::error::{Code, Error, Result};
use crate::schema::{Json, MAX_SAFE_INTEGER, Record, RecordError, Timestamp};

/// Names that the store adds to a record's own; a field of a newer schema cannot have them.
pub(super) const ADDED: [&str; 3] = ["_id", "scopes", "arrival"];

pub(super) fn uuid(id: &Uuid) -> RawBsonRef<'_> {
    RawBsonRef::Binary(RawBinaryRef {
        subtype: BinarySubtype::Uuid,
        bytes: id.as_bytes(),
    })
}

pub(super) fn date(time: Timestamp) -> DateTime {
    DateTime::from_millis(time.millis())
}

/// The document of a record: the fields by their wire names in native types, `_id`, `scopes`, and an empty `arrival`
/// that the server fills. `request_summary` and `metadata` stay JSON text, so no key of theirs is ever one of the document.
///
/// The fields that were asked for from the start are always there, null where unknown; the others only where known,
/// which keeps documents small.
pub(super) fn document(record: &Record) -> Result<RawDocumentBuf> {
    // Taken apart by name: a field that is added to the record and forgotten here does not compile.
    let Record {
        audit_id,
        schema_version,
        timestamp,
        recorded_at,
        expires_at,
        writer_id,
        seq,
        operation_type,
        outcome,
        error,
        api_endpoint,
        http_method,
        response_status,
        duration_ms,
        workspace_id,
        origin_workspace_id,
        worktree_path,
        project_number,
        phase_number,
        work_item_id,
        task_id,
        session_id,
        run_id,
        agent_id,
        actor,
        actor_type,
        target_type,
        target_id,
        channel,
        client_ip,
        user_agent,
        request_id,
        trace_id,
        service,
        instance_id,
        request_summary,
        metadata,
        redactions,
        extra,
    } = record;

    let mut to = Writer(RawDocumentBuf::new());
    to.put(cstr!("_id"), uuid(audit_id));
    to.put(cstr!("audit_id"), audit_id.to_string().as_str());
    to.put(cstr!("schema_version"), i64::from(*schema_version));
    to.put(cstr!("timestamp"), date(*timestamp));
    to.put(cstr!("recorded_at"), date(*recorded_at));
    to.put_known(cstr!("expires_at"), expires_at.map(date));
    to.put(cstr!("writer_id"), writer_id.as_str());
    to.put(cstr!("seq"), integer("seq", *seq)?);
    to.put(cstr!("operation_type"), operation_type.as_str());
    to.put(cstr!("outcome"), outcome.as_str());
    if let Some(RecordError { code, message }) = error {
        let mut inner = Writer(RawDocumentBuf::new());
        inner.put_or_null(cstr!("code"), code.as_deref());
        inner.put(cstr!("message"), message.as_str());
        to.0.append(cstr!("error"), inner.0);
    }
    to.put_or_null(cstr!("api_endpoint"), api_endpoint.as_deref());
    to.put_or_null(cstr!("http_method"), http_method.as_deref());
    to.put_or_null(cstr!("response_status"), response_status.map(i32::from));
    to.put_or_null(cstr!("duration_ms"), *duration_ms);
    to.put(cstr!("workspace_id"), workspace_id.as_str());
    to.put_known(cstr!("origin_workspace_id"), origin_workspace_id.as_deref());
    to.put_or_null(cstr!("worktree_path"), worktree_path.as_deref());
    to.put_or_null(
        cstr!("project_number"),
        known_integer("project_number", *project_number)?,
    );
    to.put_known(cstr!("phase_number"), known_integer("phase_number", *phase_number)?);
    to.put_known(cstr!("work_item_id"), work_item_id.as_deref());
    to.put_or_null(cstr!("task_id"), task_id.as_deref());
    to.put_or_null(cstr!("session_id"), session_id.as_deref());
    to.put_known(cstr!("run_id"), run_id.as_deref());
    to.put_known(cstr!("agent_id"), agent_id.as_deref());
    to.put(cstr!("actor"), actor.as_str());
    to.put(cstr!("actor_type"), actor_type.as_str());
    to.put_known(cstr!("target_type"), target_type.as_deref());
    to.put_known(cstr!("target_id"), target_id.as_deref());
    to.put(cstr!("channel"), channel.as_str());
    to.put_known(cstr!("client_ip"), client_ip.as_deref());
    to.put_known(cstr!("user_agent"), user_agent.as_deref());
    to.put_known(cstr!("request_id"), request_id.as_deref());
    to.put_known(cstr!("trace_id"), trace_id.as_deref());
    to.put_known(cstr!("service"), service.as_deref());
    to.put_known(cstr!("instance_id"), instance_id.as_deref());
    to.put_or_null(cstr!("request_summary"), request_summary.as_ref().map(Json::as_str));
    to.put_or_null(cstr!("metadata"), metadata.as_ref().map(Json::as_str));
    if let Some(receipt) = redactions {
        let mut rules = RawArrayBuf::new();
        for redaction in &receipt.rules {
            let mut inner = Writer(RawDocumentBuf::new());
            inner.put(cstr!("rule"), redaction.rule.as_str());
            inner.put(cstr!("path"), redaction.path.as_str());
            inner.put(cstr!("count"), i64::from(redaction.count));
            rules.push(inner.0);
        }
        let mut inner = Writer(RawDocumentBuf::new());
        inner.0.append(cstr!("rules"), rules);
        let original_bytes = known_integer("redactions.original_bytes", receipt.original_bytes)?;
        inner.put_or_null(cstr!("original_bytes"), original_bytes);
        inner.put(cstr!("truncated"), receipt.truncated);
        to.0.append(cstr!("redactions"), inner.0);
    }
    for (name, value) in extra {
        if !ADDED.contains(&name.as_str()) {
            let value = serde_json::from_str(value.as_str()).map_err(|error| unfit(name, &error.to_string()))?;
            to.0.append(key(name)?, native(value)?);
        }
    }
    let mut scopes = RawArrayBuf::new();
    for scope in record.scopes() {
        scopes.push(scope);
    }
    to.0.append(cstr!("scopes"), scopes);
    // The server replaces an empty timestamp at the top level by its own, in the order of insertion.
    to.put(cstr!("arrival"), BsonTimestamp { time: 0, increment: 0 });
    Ok(to.0)
}

struct Writer(RawDocumentBuf);

impl Writer {
    fn put<'a>(&mut self, name: &CStr, value: impl Into<RawBsonRef<'a>>) {
        let value: RawBsonRef<'_> = value.into();
        self.0.append(name, value);
    }

    fn put_known<'a>(&mut self, name: &CStr, value: Option<impl Into<RawBsonRef<'a>>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn put_or_null<'a>(&mut self, name: &CStr, value: Option<impl Into<RawBsonRef<'a>>>) {
        self.put(name, value.map_or(RawBsonRef::Null, Into::into));
    }
}

fn integer(name: &str, value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| unfit(name, "is larger than the store can keep"))
}

fn known_integer(name: &str, value: Option<u64>) -> Result<Option<i64>> {
    value.map(|value| integer(name, value)).transpose()
}

fn key(name: &str) -> Result<&CStr> {
    name.try_into()
        .map_err(|_| unfit(name, "a field name must not contain a NUL character"))
}

fn unfit(name: &str, problem: &str) -> Error {
    Error::new(Code::StoreFailed, format!("`{name}` {problem}")).with_field(name)
}

/// A value of a newer schema's field; the types are those in which it reads back the same.
fn native(value: Value) -> Result<RawBson> {
    Ok(match value {
        Value::Null => RawBson::Null,
        Value::Bool(truth) => RawBson::Boolean(truth),
        Value::String(text) => RawBson::String(text),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) if integer.unsigned_abs() <= MAX_SAFE_INTEGER => RawBson::Int64(integer),
            (None, Some(float)) if number.is_f64() => RawBson::Double(float),
            _ => RawBson::String(number.to_string()),
        },
        Value::Array(values) => {
            let mut array = RawArrayBuf::new();
            for value in values {
                array.push(native(value)?);
            }
            RawBson::Array(array)
        }
        Value::Object(entries) => {
            let mut document = RawDocumentBuf::new();
            for (name, value) in entries {
                document.append(key(&name)?, native(value)?);
            }
            RawBson::Document(document)
        }
    })
}
