//! From what a host handed over to a record: context, sanitizer, bounds.

use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;
use uuid::Uuid;

use super::fields::{Precedence, fill, safe};
use crate::base32;
use crate::clock::random;
use crate::retention::RetentionPolicy;
use crate::sanitize::{ReceiptBuilder, Sanitizer};
use crate::schema::{
    ActorType, Call, Channel, Context, Event, Json, Level, OperationTable, Outcome, Record, RecordError,
    SCHEMA_VERSION, Timestamp, UNKNOWN_WORKSPACE, limit,
};
use crate::secret::Secret;

/// Stands in for a key when the host configured none, so that fingerprints are at least stable.
const FIXED_CONTEXT: &[u8] = b"tasktrail actor fingerprint v1";

/// What all records of one trail share.
#[derive(Debug, Clone)]
pub(crate) struct Encoder {
    pub(crate) writer_id: String,
    pub(crate) service: Option<String>,
    pub(crate) instance_id: Option<String>,
    pub(crate) retention: Arc<RwLock<RetentionPolicy>>,
    pub(crate) hash_key: Option<Secret>,
    pub(crate) sanitizer: Arc<Sanitizer>,
    pub(crate) operations: Arc<OperationTable>,
}

/// An id for a new writer: each opening of a trail is one.
pub(crate) fn new_writer_id() -> String {
    format!("w_{:016x}", u64::from_be_bytes(random()))
}

/// What the recorder decided about a record before it was encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub(crate) audit_id: Uuid,
    pub(crate) seq: u64,
    pub(crate) taken_at: Timestamp,
}

impl Encoder {
    /// The fingerprint under which an API key appears: never the key, never a part of it.
    pub(crate) fn fingerprint(&self, api_key: &str) -> String {
        let key = self.hash_key.as_deref().map_or(FIXED_CONTEXT, str::as_bytes);
        // HMAC takes a key of any length.
        let digest =
            Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(api_key.as_bytes()).finalize().into_bytes());
        let text = digest.map(|digest| base32::encode(&digest, 16)).unwrap_or_default();
        format!("key_{text}")
    }

    /// Who made a call, and what kind of actor that is.
    pub(crate) fn actor(&self, call: &Call) -> (String, ActorType) {
        let named = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (actor, kind) = match (named(&call.actor), named(&call.api_key), named(&call.agent_id)) {
            (Some(actor), ..) => (actor, ActorType::User),
            (None, Some(key), _) => (self.fingerprint(&key), ActorType::ApiKey),
            (None, None, Some(agent)) => (agent, ActorType::Agent),
            (None, None, None) => ("anonymous".to_owned(), ActorType::Anonymous),
        };
        (actor, call.actor_type.unwrap_or(kind))
    }

    fn blank(&self, stamp: Stamp, operation_type: &str) -> Record {
        Record {
            audit_id: stamp.audit_id,
            schema_version: SCHEMA_VERSION,
            timestamp: stamp.taken_at,
            recorded_at: stamp.taken_at,
            expires_at: None,
            writer_id: self.writer_id.clone(),
            seq: stamp.seq,
            operation_type: operation_type.to_owned(),
            outcome: Outcome::Unknown.into(),
            error: None,
            api_endpoint: None,
            http_method: None,
            response_status: None,
            duration_ms: None,
            workspace_id: UNKNOWN_WORKSPACE.to_owned(),
            origin_workspace_id: None,
            worktree_path: None,
            project_number: None,
            phase_number: None,
            work_item_id: None,
            task_id: None,
            session_id: None,
            run_id: None,
            agent_id: None,
            actor: "system".to_owned(),
            actor_type: ActorType::System.into(),
            target_type: None,
            target_id: None,
            channel: Channel::System.into(),
            client_ip: None,
            user_agent: None,
            request_id: None,
            trace_id: None,
            service: self.service.clone(),
            instance_id: self.instance_id.clone(),
            request_summary: None,
            metadata: None,
            redactions: None,
            extra: Default::default(),
        }
    }

    /// A record of the trail about itself.
    pub(crate) fn own(&self, stamp: Stamp, operation_type: &str, metadata: &Value) -> Record {
        let record = Record {
            outcome: Outcome::Success.into(),
            metadata: Json::parse(metadata.to_string()),
            ..self.blank(stamp, operation_type)
        };
        self.kept(record)
    }

    /// The record of a call. `body` are its raw bytes or the beginning of them.
    pub(crate) fn call(&self, stamp: Stamp, call: &Call, body: Option<&[u8]>) -> Record {
        let mut receipt = ReceiptBuilder::default();
        let address = self
            .operations
            .classify_with(&call.method, &call.path, call.route.as_deref(), &call.params);
        let operation = call
            .operation
            .as_deref()
            .filter(|name| !name.is_empty())
            .unwrap_or(&address.operation_type);
        let sanitizer = &*self.sanitizer;
        let operation = sanitizer.text(operation, limit::OPERATION, "operation_type", &mut receipt);
        let mut record = self.context(stamp, call, &operation, &mut receipt);
        record.timestamp = call.timestamp.unwrap_or(stamp.taken_at);
        record.channel = call.channel.unwrap_or(Channel::Http).into();
        // A handler may fail after a head that promised success was sent.
        record.outcome = match Outcome::of(call.status, call.aborted) {
            Outcome::Success if call.error.is_some() => Outcome::Failure,
            outcome => outcome,
        }
        .into();
        record.error = call.error.as_ref().map(|error| RecordError {
            code: error
                .code
                .as_deref()
                .map(|code| sanitizer.text(code, limit::ID, "error.code", &mut receipt)),
            message: sanitizer.text(&error.message, limit::MESSAGE, "error.message", &mut receipt),
            extra: Default::default(),
        });
        let target = call.target.as_deref();
        let kind = target.and_then(|target| id(sanitizer, &target.kind, "target_type", &mut receipt));
        record.target_type = kind.or(address.target_type);
        let which = target.map(|target| &target.id).filter(|id| id.is_some());
        record.target_id = id(
            sanitizer,
            which.unwrap_or(&address.target_id),
            "target_id",
            &mut receipt,
        );
        fill(
            &mut record,
            address.named,
            Precedence::Record,
            &mut |text, limit, at| Some(sanitizer.text(text, limit, at, &mut receipt)),
        );
        if call.level.or(address.level).unwrap_or_default() == Level::Summary {
            record.request_summary = match (body, &call.body) {
                (Some(bytes), _) if !bytes.is_empty() || call.body_bytes.is_some_and(|whole| whole > 0) => {
                    let whole = call.body_bytes.unwrap_or(0).max(bytes.len() as u64);
                    sanitizer.body(bytes, call.content_type.as_deref(), whole, &mut receipt)
                }
                (_, Some(json)) => {
                    let bytes = json.as_str().as_bytes();
                    sanitizer.body(bytes, Some("application/json"), bytes.len() as u64, &mut receipt)
                }
                _ => None,
            };
            if let Some(summary) = &record.request_summary {
                let body = Context::of_body(summary.as_str(), record.target_type.as_deref(), address.with_data);
                record.target_id = record.target_id.or(body.target_id);
                // The summary was sanitized as a whole: its texts need no second pass, only a bound.
                fill(&mut record, body.named, Precedence::Record, &mut |text, limit, _| {
                    (text.len() <= limit).then(|| text.to_owned())
                });
            }
        }
        record.metadata = call
            .metadata
            .as_ref()
            .and_then(|map| metadata(sanitizer, map, &mut receipt));
        record.redactions = receipt.finish();
        self.kept(record)
    }

    /// The record of an accepted event that came with `context`.
    pub(crate) fn event(&self, stamp: Stamp, event: &Event, context: &Call) -> Record {
        let mut receipt = ReceiptBuilder::default();
        let mut record = self.context(stamp, context, event.event_type, &mut receipt);
        let sanitizer = &*self.sanitizer;
        let kind = event.event_type.split('.').next();
        let Context { named, target_id } = Context::of_data(&event.data, kind);
        fill(&mut record, named.clone(), Precedence::Named, &mut |text, limit, at| {
            Some(sanitizer.text(text, limit, at, &mut receipt))
        });
        record.project_number = Some(event.project_number);
        record.timestamp = event.timestamp;
        record.channel = context.channel.unwrap_or(Channel::Agent).into();
        let failed = event.event_type == "task.failed";
        record.outcome = if failed { Outcome::Failure } else { Outcome::Success }.into();
        let mut rest = event.data.clone();
        // What has a field of its own is not said twice.
        rest.retain(|name, value| !named.repeats(name, value));
        if failed && let Some(error) = rest.remove("error") {
            record.error = Some(event_error(sanitizer, &error, &mut receipt));
        }
        record.target_type = kind.map(str::to_owned);
        record.target_id = id(sanitizer, &target_id, "target_id", &mut receipt);
        record.metadata = metadata(sanitizer, &rest, &mut receipt);
        record.redactions = receipt.finish();
        self.kept(record)
    }

    /// Says how long the record is kept, once it is known whose it is.
    pub(super) fn kept(&self, mut record: Record) -> Record {
        let retention = self.retention.read().unwrap_or_else(PoisonError::into_inner);
        record.expires_at = retention.expires_at(&record);
        record
    }

    /// What calls and events have in common.
    fn context(&self, stamp: Stamp, call: &Call, operation: &str, receipt: &mut ReceiptBuilder) -> Record {
        let (actor, actor_type) = self.actor(call);
        let mut text = |text: &Option<String>, limit: usize, at: &str| {
            text.as_deref()
                .filter(|text| !text.is_empty())
                .map(|text| self.sanitizer.text(text, limit, at, receipt))
        };
        let mut record = self.blank(stamp, operation);
        record.actor = text(&Some(actor), limit::ID, "actor").unwrap_or_default();
        record.actor_type = actor_type.into();
        if let Some(workspace) = text(&call.workspace_id, limit::ID, "workspace_id") {
            record.workspace_id = workspace;
        }
        record.origin_workspace_id = text(&call.origin_workspace_id, limit::ID, "origin_workspace_id");
        record.worktree_path = text(&call.worktree_path, limit::PATH, "worktree_path");
        record.run_id = text(&call.run_id, limit::ID, "run_id");
        record.session_id = text(&call.session_id, limit::ID, "session_id");
        record.agent_id = text(&call.agent_id, limit::ID, "agent_id");
        record.task_id = text(&call.task_id, limit::ID, "task_id");
        record.work_item_id = text(&call.work_item_id, limit::ID, "work_item_id");
        record.request_id = text(&call.request_id, limit::ID, "request_id");
        record.user_agent = text(&call.user_agent, limit::USER_AGENT, "user_agent");
        record.client_ip = text(&call.client_ip, limit::CLIENT_IP, "client_ip");
        // Cleaned as it came: in capitals a secret has another form.
        record.http_method =
            text(&Some(call.method.clone()), limit::METHOD, "http_method").map(|method| method.to_ascii_uppercase());
        record.project_number = safe(call.project_number);
        record.phase_number = safe(call.phase_number);
        record.response_status = call.status;
        record.duration_ms = call
            .duration_ms
            .filter(|duration| duration.is_finite() && *duration >= 0.0);
        record.trace_id = call.traceparent.as_deref().and_then(trace_id).map(str::to_owned);
        if !call.path.is_empty() {
            record.api_endpoint = Some(self.sanitizer.endpoint(&call.path, limit::ENDPOINT, receipt));
        }
        record
    }
}

fn id(sanitizer: &Sanitizer, text: &Option<String>, at: &str, receipt: &mut ReceiptBuilder) -> Option<String> {
    text.as_deref()
        .filter(|text| !text.is_empty())
        .map(|text| sanitizer.text(text, limit::ID, at, receipt))
}

fn metadata(sanitizer: &Sanitizer, map: &Map<String, Value>, receipt: &mut ReceiptBuilder) -> Option<Json> {
    // Plain data with text keys: serde_json has no way to fail on it.
    let text = serde_json::to_string(map).unwrap_or_default();
    (!map.is_empty()).then(|| sanitizer.json(text.as_bytes(), sanitizer.metadata_limit(), "metadata", receipt))
}

/// An event's `error` is a text, or an object with `code` and `message`.
fn event_error(sanitizer: &Sanitizer, error: &Value, receipt: &mut ReceiptBuilder) -> RecordError {
    let field = |name: &str| error.get(name).and_then(Value::as_str);
    let message = match (error.as_str(), field("message")) {
        (Some(text), _) | (None, Some(text)) => sanitizer.text(text, limit::MESSAGE, "error.message", receipt),
        (None, None) => sanitizer
            .json(error.to_string().as_bytes(), limit::MESSAGE, "error.message", receipt)
            .as_str()
            .to_owned(),
    };
    RecordError {
        code: field("code").map(|code| sanitizer.text(code, limit::ID, "error.code", receipt)),
        message,
        extra: Default::default(),
    }
}

/// The trace id of a W3C `traceparent` (Trace Context, section 3.2.2).
fn trace_id(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.trim().split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let is_hex = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    (version.len() == 2
        && is_hex(version)
        && trace.len() == 32
        && is_hex(trace)
        && trace.bytes().any(|byte| byte != b'0'))
    .then_some(trace)
}
