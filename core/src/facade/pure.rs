//! The operations that need neither I/O nor a runtime.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::error::{Code, Result, from_json};
use crate::sanitize::{self, ReceiptBuilder, SUMMARY_LIMIT};
use crate::schema::{Timestamp, classify, validate_event};
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
}
