//! No field of a record keeps a secret that came from outside, whichever field it is: the list of fields is the definition's own, so
//! that a new one cannot be forgotten.

#![cfg(feature = "recorder")]

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tasktrail::schema::{Field, Object, Record, Shape};
use tasktrail::trail::Trail;
use tasktrail::{Call, Query};

const LONG: Duration = Duration::from_secs(20);
/// The middle of each secret: what must not be stored, not even in part.
const PLANTED: &str = "92c6912e7710c8";

/// Secrets by their form and by the name in front of them.
fn secrets() -> [String; 2] {
    // In pieces: forges refuse a push that holds one whole.
    [
        ["ghp", "_16C7e42F2", PLANTED, "38347Ae178B4a"].concat(),
        ["token=", PLANTED].concat(),
    ]
}

/// Fields that hold a word of the path at most, and never one that looks made by a machine; and the path of a receipt, which the
/// sanitizer writes itself.
const WORDS_ONLY: [&str; 2] = ["target_type", "redactions"];

#[test]
fn no_field_keeps_a_secret_and_every_field_was_looked_at() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    for secret in secrets() {
        let everywhere = json!({
            "method": secret, "path": format!("/tasks/{secret}/start?x={secret}"), "workspaceId": secret,
            "worktreePath": format!("/work/{secret}"), "originWorkspaceId": secret, "runId": secret, "sessionId": secret,
            "agentId": secret, "requestId": secret, "traceparent": secret, "workItemId": secret, "operation": secret,
            "actor": secret, "apiKey": secret, "clientIp": secret, "userAgent": format!("agent ({secret})"),
            "error": { "code": secret, "message": format!("it failed: {secret}") }, "contentType": secret,
            "metadata": { "note": secret, (secret.as_str()): [{ "deep": secret }] },
        });
        let call = || Call::from_json(&everywhere.to_string()).unwrap();
        let bodies = [
            (
                json!({ "note": secret, "taskId": secret, "name": "x" }).to_string(),
                "application/json",
            ),
            (
                format!("note={secret}&taskId={secret}"),
                "application/x-www-form-urlencoded",
            ),
            (secret.clone(), "text/plain"),
        ];
        for (body, content_type) in bodies {
            let call = Call {
                content_type: Some(content_type.into()),
                ..call()
            };
            trail.record(call, Some(body.as_bytes()));
        }
        trail.record(call(), Some(secret.as_bytes()));
        let event = json!({ "type": "task.failed", "data": {
            "projectNumber": 1, "phaseNumber": 2, "workItemId": secret, "workItemTitle": secret,
            "error": { "code": secret, "message": secret, "more": secret }, "agentId": secret, "workspaceId": secret,
            "worktreePath": secret, "originWorkspaceId": secret, "runId": secret, "sessionId": secret, "taskId": secret,
            "unknown": { (secret.as_str()): [secret] },
        } });
        trail.emit_blocking(&event.to_string(), call()).unwrap();
    }
    trail.flush_blocking(LONG).unwrap();
    let page = trail.query_blocking(&Query::default().limit(100)).unwrap();
    assert_eq!(page.items.len(), 11, "five for each secret, and the trail's own");

    let mut cleaned: BTreeSet<String> = BTreeSet::new();
    for item in &page.items {
        assert!(!item.json.to_lowercase().contains(PLANTED), "{}", item.json);
        let record: Value = serde_json::from_str(&item.json).unwrap();
        for (name, value) in record.as_object().unwrap() {
            if value.to_string().to_lowercase().contains("[redacted]") {
                cleaned.insert(name.clone());
            }
        }
    }
    let holds_text = |field: &Field| {
        let inner = |object: &Object| object.fields.iter().any(|field| field.free_text);
        field.free_text || matches!(field.shape, Shape::Object(object) if inner(object))
    };
    for field in Record::SCHEMA.iter().filter(|field| holds_text(field)) {
        assert!(
            cleaned.contains(field.name) || WORDS_ONLY.contains(&field.name),
            "no secret was sent through `{}`: send one, or say why none can come",
            field.name
        );
    }
    trail.close_blocking(LONG).unwrap();
}
