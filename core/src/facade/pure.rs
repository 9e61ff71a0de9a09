//! The operations that need neither I/O nor a runtime.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::error::{Code, Error, Result, from_json};
use crate::sanitize::{self, ReceiptBuilder, SUMMARY_LIMIT};
use crate::schema::{Json, OperationRule, OperationTable, Timestamp, classify, validate_event};
use crate::workspace;

/// Checks an event's JSON text at the time `now_ms` (milliseconds since 1970): `{"accepted":true,"event":{…}}` with the event
/// normalised, or `{"accepted":false,"error","code","details":[{"path","message"}]}` with every fault.
pub fn validate_event_json(text: &str, now_ms: i64) -> String {
    match validate_event(text, Timestamp::from_millis(now_ms)) {
        Ok(event) => json!({ "accepted": true, "event": event.to_json() }),
        Err(error) => json!({
            "accepted": false,
            "error": error.to_string(),
            "code": error.code().as_str(),
            "details": error.details(),
        }),
    }
    .to_string()
}

/// The id of the workspace at `path`: see [`workspace::derive_workspace_id`].
///
/// # Errors
/// [`crate::Code::WorkspaceInvalid`], naming `path` or `salt`.
pub fn derive_workspace_id(path: &str, salt: &str) -> Result<String> {
    workspace::derive_workspace_id(path, salt)
}

/// The operation type of a call, from its method and its route or path.
pub fn operation_type(method: &str, route_or_path: &str) -> String {
    classify(method, route_or_path, None).operation_type
}

/// What a call did, to what and whose, from `{ method, path, route?, params?, body?, operations?: [rules] }`:
/// `{ operationType, targetType, targetId, taskId, sessionId, projectNumber, phaseNumber, workItemId, level? }`, null where nothing
/// says so; `workspaceId`, `originWorkspaceId`, `worktreePath` and `runId` where something does. The path wins over the body.
///
/// # Errors
/// [`Code::CallInvalid`] for a request that is none; [`Code::OptionsInvalid`] for a rule that is none, naming it: `operations[3].path`.
pub fn operation_json(request: &str) -> Result<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Request {
        method: String,
        path: String,
        route: Option<String>,
        #[serde(default)]
        params: BTreeMap<String, String>,
        body: Option<Json>,
        #[serde(default)]
        operations: Vec<OperationRule>,
    }
    let request: Request = from_json(request, Code::CallInvalid, "not a call to name").map_err(|error| match error
        .field()
        .filter(|field| field.starts_with("operations"))
    {
        Some(field) => Error::new(Code::OptionsInvalid, error.to_string()).with_field(field),
        None => error,
    })?;
    let own = match request.operations.as_slice() {
        [] => None,
        rules => Some(OperationTable::new(rules)?),
    };
    let table = own.as_ref().unwrap_or_else(|| OperationTable::shipped());
    let mut operation = table.classify_with(
        &request.method,
        &request.path,
        request.route.as_deref(),
        &request.params,
    );
    if let Some(body) = &request.body {
        operation.complete_from_body(body.as_str());
    }
    // Plain data with text keys: serde_json has no way to fail on it.
    Ok(serde_json::to_string(&operation).unwrap_or_default())
}

/// What the sanitizer leaves of a body: JSON of at most 4 KiB, valid also when `text` is malformed or cut off.
pub fn sanitize_json(text: &str) -> String {
    sanitize::json(text.as_bytes(), SUMMARY_LIMIT, "", &mut ReceiptBuilder::default())
        .as_str()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_verdict_carries_the_event_or_every_fault() {
        let verdict = |text: &str| serde_json::from_str::<Value>(&validate_event_json(text, 1_000)).unwrap();
        let good = verdict(r#"{"type":"issue.updated","data":{"projectNumber":42}}"#);
        assert_eq!(
            (&good["accepted"], &good["event"]["data"]["projectNumber"]),
            (&json!(true), &json!(42))
        );
        assert_eq!(good["event"]["timestamp"], "1970-01-01T00:00:01.000Z");
        let bad = verdict(r#"{"type":"task.started","data":{"projectNumber":42}}"#);
        assert_eq!(
            (&bad["accepted"], &bad["code"]),
            (&json!(false), &json!("TT_EVENT_INVALID"))
        );
        assert!(
            bad["details"]
                .as_array()
                .unwrap()
                .iter()
                .any(|detail| detail["path"] == "data.workItemId"),
            "{bad}"
        );
        assert_eq!(verdict("{")["accepted"], json!(false));
    }

    #[test]
    fn what_is_sanitized_is_valid_json() {
        assert_eq!(
            sanitize_json(r#"{"password":"x","a":1}"#),
            r#"{"password":"[redacted]","a":1}"#
        );
        for text in ["", "{", "[1,", "nonsense", "\"open"] {
            assert!(serde_json::from_str::<Value>(&sanitize_json(text)).is_ok(), "{text}");
        }
    }

    #[test]
    fn an_operation_type_comes_from_a_route_or_a_path() {
        assert_eq!(operation_type("POST", "/api/tasks/:id/start"), "task.started");
        assert_eq!(operation_type("post", "/api/tasks/17/start?x=1"), "task.started");
    }

    #[test]
    fn an_operation_is_told_in_full() {
        let tell =
            |request: Value| serde_json::from_str::<Value>(&operation_json(&request.to_string()).unwrap()).unwrap();
        assert_eq!(
            tell(json!({
                "method": "POST",
                "path": "/api/tasks/t%201/start",
                "route": "/api/tasks/:id/start",
                "body": { "taskId": "other", "project_id": "42", "phaseNumber": 3, "workItemId": "1.2", "sessionId": "s" },
            })),
            json!({
                "operationType": "task.started", "targetType": "task", "targetId": "t 1", "taskId": "t 1", "sessionId": "s",
                "projectNumber": 42, "phaseNumber": 3, "workItemId": "1.2",
            })
        );
        assert_eq!(
            tell(json!({
                "method": "DELETE",
                "path": "/shelf/blue",
                "operations": [
                    { "path": "/shelf/*", "level": "metadata" },
                    { "methods": "DELETE PUT", "path": "/shelf/:name", "operation": "shelf.emptied", "fields": { "sessionId": "name" } },
                ],
            })),
            json!({
                "operationType": "shelf.emptied", "targetType": "shelf", "targetId": "blue", "taskId": null, "sessionId": "blue",
                "projectNumber": null, "phaseNumber": null, "workItemId": null, "level": "metadata",
            })
        );
    }

    #[test]
    fn a_request_that_is_none_and_a_rule_that_is_none_are_told_apart() {
        let fault = |text: &str| {
            let error = operation_json(text).unwrap_err();
            (error.code(), error.field().map(str::to_owned))
        };
        let is = |code, field: &str| (code, Some(field.to_owned()));
        assert_eq!(fault("nonsense"), (Code::CallInvalid, None));
        assert_eq!(fault(r#"{"method":"POST","path":7}"#), is(Code::CallInvalid, "path"));
        let rule = |rule: &str| fault(&format!(r#"{{"method":"POST","path":"/","operations":[{rule}]}}"#));
        assert_eq!(
            rule(r#"{"path":"/a","operation":"a.b","colour":1}"#),
            is(Code::OptionsInvalid, "operations[0].colour")
        );
        assert_eq!(
            rule(r#"{"path":"/a","level":"all"}"#),
            is(Code::OptionsInvalid, "operations[0].level")
        );
        assert_eq!(
            rule(r#"{"path":"/a","methods":7,"level":"none"}"#),
            is(Code::OptionsInvalid, "operations[0].methods")
        );
        assert_eq!(
            rule(r#"{"path":"a","level":"none"}"#),
            is(Code::OptionsInvalid, "operations[0].path")
        );
    }
}
