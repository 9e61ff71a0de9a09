//! A stored record as a program would declare it that has no trail: the peer of the encoder.

use mongodb::bson::{DateTime, Timestamp, Uuid};
use serde::Serialize;
use tasktrail::schema::Record;

#[derive(Serialize)]
pub(crate) struct PlainRecord {
    _id: Uuid,
    audit_id: String,
    schema_version: i32,
    timestamp: DateTime,
    recorded_at: DateTime,
    expires_at: Option<DateTime>,
    writer_id: String,
    seq: i64,
    operation_type: String,
    outcome: String,
    api_endpoint: Option<String>,
    http_method: Option<String>,
    response_status: Option<i32>,
    duration_ms: Option<f64>,
    workspace_id: String,
    worktree_path: Option<String>,
    project_number: Option<i64>,
    phase_number: Option<i64>,
    work_item_id: Option<String>,
    task_id: Option<String>,
    session_id: Option<String>,
    run_id: Option<String>,
    agent_id: Option<String>,
    actor: String,
    actor_type: String,
    target_type: Option<String>,
    target_id: Option<String>,
    channel: String,
    client_ip: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    trace_id: Option<String>,
    service: Option<String>,
    instance_id: Option<String>,
    request_summary: Option<String>,
    metadata: Option<String>,
    redactions: Option<PlainReceipt>,
    scopes: Vec<String>,
    arrival: Timestamp,
}

#[derive(Serialize)]
struct PlainReceipt {
    rules: Vec<PlainRedaction>,
    original_bytes: Option<i64>,
    truncated: bool,
}

#[derive(Serialize)]
struct PlainRedaction {
    rule: String,
    path: String,
    count: i64,
}

impl PlainRecord {
    /// The same content. Numbers of the sample fit.
    pub(crate) fn new(record: &Record) -> Self {
        let signed = |number: u64| i64::try_from(number).unwrap();
        let date = |time: tasktrail::schema::Timestamp| DateTime::from_millis(time.millis());
        PlainRecord {
            _id: Uuid::from_bytes(*record.audit_id.as_bytes()),
            audit_id: record.audit_id.to_string(),
            schema_version: 1,
            timestamp: date(record.timestamp),
            recorded_at: date(record.recorded_at),
            expires_at: record.expires_at.map(date),
            writer_id: record.writer_id.clone(),
            seq: signed(record.seq),
            operation_type: record.operation_type.clone(),
            outcome: record.outcome.as_str().to_owned(),
            api_endpoint: record.api_endpoint.clone(),
            http_method: record.http_method.clone(),
            response_status: record.response_status.map(i32::from),
            duration_ms: record.duration_ms,
            workspace_id: record.workspace_id.clone(),
            worktree_path: record.worktree_path.clone(),
            project_number: record.project_number.map(signed),
            phase_number: record.phase_number.map(signed),
            work_item_id: record.work_item_id.clone(),
            task_id: record.task_id.clone(),
            session_id: record.session_id.clone(),
            run_id: record.run_id.clone(),
            agent_id: record.agent_id.clone(),
            actor: record.actor.clone(),
            actor_type: record.actor_type.as_str().to_owned(),
            target_type: record.target_type.clone(),
            target_id: record.target_id.clone(),
            channel: record.channel.as_str().to_owned(),
            client_ip: record.client_ip.clone(),
            user_agent: record.user_agent.clone(),
            request_id: record.request_id.clone(),
            trace_id: record.trace_id.clone(),
            service: record.service.clone(),
            instance_id: record.instance_id.clone(),
            request_summary: record.request_summary.as_ref().map(|json| json.as_str().to_owned()),
            metadata: record.metadata.as_ref().map(|json| json.as_str().to_owned()),
            redactions: record.redactions.as_ref().map(|receipt| PlainReceipt {
                rules: receipt
                    .rules
                    .iter()
                    .map(|rule| PlainRedaction {
                        rule: rule.rule.clone(),
                        path: rule.path.clone(),
                        count: i64::from(rule.count),
                    })
                    .collect(),
                original_bytes: receipt.original_bytes.map(signed),
                truncated: receipt.truncated,
            }),
            scopes: record.scopes().map(str::to_owned).collect(),
            arrival: Timestamp { time: 0, increment: 0 },
        }
    }
}
