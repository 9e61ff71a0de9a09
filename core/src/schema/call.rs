//! The call: one state-changing request as a host saw it, before it is sanitized.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ActorType, Channel, Json, Timestamp};
use crate::error::{Code, Error, Result, from_json};

/// HTTP headers that carry context, by the call's field that they fill. Names are case-insensitive.
pub const HEADERS: &[(&str, &str)] = &[
    ("workspaceId", "x-workspace-id"),
    ("worktreePath", "x-worktree-path"),
    ("runId", "x-run-id"),
    ("originWorkspaceId", "x-origin-workspace-id"),
    ("sessionId", "x-session-id"),
    ("agentId", "x-agent-id"),
    ("requestId", "x-request-id"),
    ("traceparent", "traceparent"),
];

/// How much of a call is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// No record, unless the call was denied; then one without its body.
    None,
    /// A record without its body.
    Metadata,
    /// A record with a sanitized summary of its body.
    #[default]
    Summary,
}

/// Why a call failed, as the host saw it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallError {
    /// Stable, machine-readable.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub code: Option<String>,
    /// For people.
    #[serde(default)]
    pub message: String,
}

/// What a call acted on, when the host knows better than the route.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(optional_fields, rename = "CallTarget"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Target {
    /// Kind of thing, for example `task`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Which one.
    pub id: Option<String>,
}

/// One state-changing call as a host saw it. Only `method` and `path` are required; all text is sanitized and bounded before
/// it is stored. The same shape without method and path is the context of an event.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Call {
    /// POST, PUT, PATCH or DELETE.
    pub method: String,
    /// Path with query string, as it was requested.
    pub path: String,
    /// The route that matched, as a template: `/tasks/:id/start`.
    pub route: Option<String>,
    /// The values of the template's parameters.
    #[cfg_attr(feature = "typescript", ts(as = "Option<BTreeMap<String, String>>", optional))]
    pub params: BTreeMap<String, String>,
    /// HTTP status of the response.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<f64>,
    /// When it began: RFC 3339 or milliseconds since 1970; now when absent.
    #[cfg_attr(feature = "typescript", ts(type = "string | number", optional))]
    pub timestamp: Option<Timestamp>,
    /// The client hung up before the response ended.
    #[cfg_attr(feature = "typescript", ts(as = "Option<bool>", optional))]
    pub aborted: bool,
    /// Workspace of the client.
    pub workspace_id: Option<String>,
    /// Git worktree of the client.
    pub worktree_path: Option<String>,
    /// Workspace that launched the run.
    pub origin_workspace_id: Option<String>,
    /// Orchestration run.
    pub run_id: Option<String>,
    /// Session of the host.
    pub session_id: Option<String>,
    /// Agent on whose behalf it was made.
    pub agent_id: Option<String>,
    /// Request id of client or host.
    pub request_id: Option<String>,
    /// W3C `traceparent` header.
    pub traceparent: Option<String>,
    /// Project, 0 to 2^53-1.
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub project_number: Option<u64>,
    /// Task of the host.
    pub task_id: Option<String>,
    /// Phase within the project.
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub phase_number: Option<u64>,
    /// Work item within the phase.
    pub work_item_id: Option<String>,
    /// Operation type, when the host knows better than the route.
    pub operation: Option<String>,
    /// What it acted on, when the host knows better than the route.
    pub target: Option<Box<Target>>,
    /// Who made it, as the host identified them.
    pub actor: Option<String>,
    /// Kind of actor.
    pub actor_type: Option<ActorType>,
    /// The API key presented. Only a fingerprint of it is ever kept.
    pub api_key: Option<String>,
    /// The way it came; `http` when absent.
    pub channel: Option<Channel>,
    /// Address of the client.
    pub client_ip: Option<String>,
    /// User agent of the client.
    pub user_agent: Option<String>,
    /// Why it failed.
    pub error: Option<CallError>,
    /// The body as JSON, where the host has no raw bytes of it.
    #[cfg_attr(feature = "typescript", ts(type = "unknown", optional))]
    pub body: Option<Json>,
    /// Content type of the body.
    pub content_type: Option<String>,
    /// Size of the whole body in bytes, when only its beginning is handed over.
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub body_bytes: Option<u64>,
    /// How much to keep; what the rule for its route says when absent.
    pub level: Option<Level>,
    /// What else the host wants on the record.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>", optional))]
    pub metadata: Option<Map<String, Value>>,
}

impl Call {
    /// Reads a call from JSON.
    ///
    /// # Errors
    /// [`Code::CallInvalid`] naming the field.
    pub fn from_json(text: &str) -> Result<Self> {
        let call: Call = from_json(text, Code::CallInvalid, "not a call")?;
        for (field, value) in [("method", &call.method), ("path", &call.path)] {
            if value.is_empty() {
                return Err(
                    Error::new(Code::CallInvalid, format!("not a call: `{field}` is missing")).with_field(field),
                );
            }
        }
        Ok(call)
    }

    /// Reads an event's context from JSON: a call that may lack method and path.
    ///
    /// # Errors
    /// [`Code::CallInvalid`] naming the field.
    pub fn context_from_json(text: &str) -> Result<Self> {
        from_json(text, Code::CallInvalid, "not an event's context")
    }

    /// Roughly the memory that it holds, in bytes.
    #[cfg(feature = "recorder")]
    pub(crate) fn size(&self) -> usize {
        let texts = [
            &self.route,
            &self.workspace_id,
            &self.worktree_path,
            &self.origin_workspace_id,
            &self.run_id,
            &self.session_id,
            &self.agent_id,
            &self.request_id,
            &self.traceparent,
            &self.task_id,
            &self.work_item_id,
            &self.operation,
            &self.actor,
            &self.api_key,
            &self.client_ip,
            &self.user_agent,
            &self.content_type,
        ];
        size_of::<Self>()
            + self.method.len()
            + self.path.len()
            + texts
                .iter()
                .filter_map(|text| text.as_ref().map(String::len))
                .sum::<usize>()
            + self
                .params
                .iter()
                .map(|(name, value)| name.len() + value.len() + 48)
                .sum::<usize>()
            + self.target.as_ref().map_or(0, |target| {
                let texts = [&target.kind, &target.id];
                size_of::<Target>() + texts.into_iter().flatten().map(String::len).sum::<usize>()
            })
            + self.body.as_ref().map_or(0, |body| body.as_str().len())
            + self.error.as_ref().map_or(0, |error| {
                error.message.len() + error.code.as_ref().map_or(0, String::len)
            })
            + self.metadata.as_ref().map_or(0, map_size)
    }
}

/// Roughly the memory that a JSON object holds, in bytes.
#[cfg(feature = "recorder")]
pub(super) fn map_size(map: &Map<String, Value>) -> usize {
    map.iter()
        .map(|(name, value)| name.len() + size_of::<String>() + value_size(value))
        .sum()
}

#[cfg(feature = "recorder")]
fn value_size(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(value_size).sum(),
            Value::Object(map) => map_size(map),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
}

#[cfg(test)]
mod tests {
    #[cfg(feature = "recorder")]
    use serde_json::json;

    use super::*;

    #[cfg(feature = "recorder")]
    #[test]
    fn size_follows_what_is_held() {
        let long = "x".repeat(1_000_000);
        let nested = json!({ "deep": [{ "text": long }] });
        let Value::Object(metadata) = nested else { panic!() };
        let error = CallError {
            code: None,
            message: long.clone(),
        };
        let calls = [
            Call {
                metadata: Some(metadata),
                ..Call::default()
            },
            Call {
                error: Some(error),
                ..Call::default()
            },
        ];
        for call in calls {
            assert!(call.size() > long.len(), "{}", call.size());
        }
    }

    #[test]
    fn faults_are_named() {
        let error = Call::from_json(r#"{"method":"POST","path":"/x","status":"200"}"#).unwrap_err();
        assert_eq!((error.code(), error.field()), (Code::CallInvalid, Some("status")));
        let error = Call::from_json(r#"{"method":"POST","path":"/x","stauts":200}"#).unwrap_err();
        assert!(error.to_string().contains("stauts"), "{error}");
        let error = Call::from_json(r#"{"method":"POST"}"#).unwrap_err();
        assert_eq!(error.field(), Some("path"));
        assert!(Call::from_json("nonsense").is_err());
    }
}
