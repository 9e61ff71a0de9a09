//! The operations that need neither I/O nor a runtime.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::error::{Code, Error, Result, from_json};
use crate::query::PARAMETERS;
use crate::sanitize::{Policy, ReceiptBuilder, SUMMARY, SUMMARY_LIMIT, Sanitizer};
use crate::schema::{Json, OperationRule, OperationTable, Record, Timestamp, classify, validate_event};
use crate::workspace::{self, Discovery, FileTree, Workspace};

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

/// Reads a stored record's JSON text as this version does and writes it back: known fields in their order, null where unknown, then
/// those of a newer version by name, as they were. A text that it wrote comes back byte for byte.
///
/// # Errors
/// [`crate::Code::RecordInvalid`] naming the field that is missing, there twice, or of the wrong type.
pub fn parse_record_json(text: &str) -> Result<String> {
    Ok(Record::from_json(text)?.to_json())
}

/// The id of the workspace at `path`: see [`workspace::derive_workspace_id`].
///
/// # Errors
/// [`crate::Code::WorkspaceInvalid`], naming `path` or `salt`.
pub fn derive_workspace_id(path: &str, salt: &str) -> Result<String> {
    workspace::derive_workspace_id(path, salt)
}

/// The workspace of a folder in a tree of files: the request is `{ path, salt, files?: { path: text }, links?: { path: target } }`, the answer
/// a [`Workspace`]. See [`FileTree`].
///
/// # Errors
/// [`Code::WorkspaceInvalid`], naming the field.
pub fn discover_workspace_in_json(request: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Request {
        path: String,
        salt: String,
        #[serde(default)]
        files: BTreeMap<String, String>,
        #[serde(default)]
        links: BTreeMap<String, String>,
    }
    let Request {
        path,
        salt,
        files,
        links,
    } = from_json(request, Code::WorkspaceInvalid, "not a request for a workspace")?;
    Ok(workspace_json(&FileTree { files, links }.discover(&path, &salt)?))
}

/// What a discovery asks for next: `{"readText":path}`, `{"realPath":path}` or `{"done":workspace}`.
pub fn discovery_step_json(discovery: &Discovery) -> String {
    // As below.
    serde_json::to_string(discovery.step()).unwrap_or_default()
}

/// `{ workspaceId, kind, root, worktreePath, branch, warnings }`.
pub fn workspace_json(workspace: &Workspace) -> String {
    // Plain data with text keys: serde_json has no way to fail on it.
    serde_json::to_string(workspace).unwrap_or_default()
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
    Sanitizer::standard().json_text(text.as_bytes(), SUMMARY_LIMIT, SUMMARY, &mut ReceiptBuilder::default())
}

/// As [`sanitize_json`], by a host's own [`Policy`] (as JSON; `hashKey` beside its fields keys the action `hash`), with the receipt:
/// `{"output":…,"receipt":{"rules":[{"rule","path","count"}],"original_bytes","truncated"}}`. The body stands at
/// `request_summary`, for selectors and paths.
///
/// # Errors
/// [`crate::Code::PolicyInvalid`], naming the rule, the field and the byte.
pub fn sanitize_with_json(text: &str, policy_json: &str) -> Result<String> {
    let (policy, hash_key) = Policy::with_hash_key_from_json(policy_json)?;
    let sanitizer = Sanitizer::new(&policy, hash_key.as_deref())?;
    let mut receipt = ReceiptBuilder::default();
    receipt.original_bytes(text.len() as u64);
    let output = sanitizer.json_text(text.as_bytes(), sanitizer.summary_limit(), SUMMARY, &mut receipt);
    // Written around the output, whose members keep their order.
    let mut answer = String::from("{\"output\":");
    answer.push_str(&output);
    answer.push_str(",\"receipt\":");
    answer.push_str(&serde_json::to_string(&receipt.finish()).unwrap_or_default());
    answer.push('}');
    Ok(answer)
}

/// Every parameter of a history query, `[{"name","type","description"}]`; the types are TypeScript's.
pub fn query_parameters_json() -> String {
    let parameters = PARAMETERS
        .iter()
        .map(|(name, kind, description)| json!({ "name": name, "type": kind, "description": description }));
    serde_json::Value::from_iter(parameters).to_string()
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
    fn a_record_is_read_and_written_back_in_one_form() {
        let stored = crate::schema::sample(uuid::Uuid::from_u128(7), -1).to_json();
        assert_eq!(parse_record_json(&stored).unwrap(), stored);
        let Value::Object(mut fields) = serde_json::from_str(&stored).unwrap() else {
            panic!("{stored}")
        };
        fields.retain(|_, value| !value.is_null());
        fields.insert("aaa".into(), json!([1]));
        let by_name = Value::Object(fields).to_string();
        let with_newer = stored.replace("}", r#","aaa":[1]}"#);
        assert_eq!(parse_record_json(&by_name).unwrap(), with_newer);
        assert_eq!(parse_record_json(&with_newer).unwrap(), with_newer);
        let error = parse_record_json(&stored.replace(r#""seq":1"#, r#""seq":1.5"#)).unwrap_err();
        assert_eq!(
            (error.code().as_str(), error.field()),
            ("TT_RECORD_INVALID", Some("seq"))
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_record_or_an_error(text in ".{0,200}") {
            proptest::prop_assert!(parse_record_json(&text).is_err());
        }

        #[test]
        fn any_value_of_any_field_is_read_the_same_again_or_refused(
            field in proptest::sample::select(Record::FIELDS),
            value in "null|true|[0-9]{1,20}(\\.[0-9]{1,20})?(e-?[0-9]{1,3})?|\"[a-z0-9:TZ.-]{0,24}\"|\\[[0-9]?\\]|\\{(\"(code|message|rules|count)\":(1|null|\"x\"|\\[\\]))?\\}",
        ) {
            let stored = crate::schema::sample(uuid::Uuid::from_u128(7), -1).to_json();
            let mut fields: std::collections::BTreeMap<String, crate::schema::Json> = serde_json::from_str(&stored).unwrap();
            let Some(value) = crate::schema::Json::parse(value) else { return Ok(()) };
            fields.insert(field.to_string(), value);
            match parse_record_json(&serde_json::to_string(&fields).unwrap()) {
                Ok(once) => proptest::prop_assert_eq!(parse_record_json(&once).unwrap(), once),
                Err(error) => {
                    let named = error.field().unwrap_or_default();
                    proptest::prop_assert!(named.starts_with(field), "{}: {}", field, error);
                }
            }
        }
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
    fn a_workspace_is_found_among_files_in_json() {
        let request = json!({
            "path": "file:///home/ann/tree",
            "salt": "0123456789abcdef",
            "files": {
                "/home/real/.git": "gitdir: /repo/.git/worktrees/tree\n",
                "/repo/.git/worktrees/tree/HEAD": "ref: refs/heads/topic\n",
                "/repo/.git/worktrees/tree/commondir": "../..\n",
                "/repo/.git/HEAD": "ref: refs/heads/main\n",
            },
            "links": { "/home/ann": "../people/ann", "/people": "/home/people", "/home/people/ann/tree": "/home/real" },
        });
        let answer: Value = serde_json::from_str(&discover_workspace_in_json(&request.to_string()).unwrap()).unwrap();
        let expected = json!({
            "workspaceId": derive_workspace_id("/repo/.git", "0123456789abcdef").unwrap(),
            "kind": "worktree",
            "root": "/home/real",
            "worktreePath": "/home/real",
            "branch": "topic",
            "warnings": [],
        });
        assert_eq!(answer, expected);
        let mut round = request;
        round["links"] = json!({ "/home/ann": "/home/ann/x" });
        let answer: Value = serde_json::from_str(&discover_workspace_in_json(&round.to_string()).unwrap()).unwrap();
        assert_eq!(
            (&answer["kind"], answer["warnings"].as_array().map(Vec::len)),
            (&json!("folder"), Some(1))
        );
        for (request, field) in [
            ("7", None),
            (r#"{"path":"/a"}"#, None),
            (r#"{"path":"a","salt":"0123456789"}"#, Some("path")),
            (r#"{"path":"/a","salt":"0"}"#, Some("salt")),
            (r#"{"path":"/a","salt":"0123456789","files":{"b":""}}"#, Some("files.b")),
            (r#"{"path":"/a","salt":"0123456789","links":{"b":""}}"#, Some("links.b")),
        ] {
            let error = discover_workspace_in_json(request).unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (Code::WorkspaceInvalid, field),
                "{request}"
            );
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
