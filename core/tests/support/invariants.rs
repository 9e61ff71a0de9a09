//! What holds for every input there is: the fuzz targets (`tests/fuzz`) look for one that breaks it, and `cargo test` tries those that did.

use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tasktrail::Code;
use tasktrail::facade::pure;
use tasktrail::sanitize::SUMMARY_LIMIT;
use tasktrail::schema::{MAX_EVENT_BYTES, Record};

/// A moment in 2026, in milliseconds since 1970.
const NOW_MS: i64 = 1_767_323_045_000;
const SALT: &str = "0123456789abcdef";

/// The middle of each planted secret: what must not come out, not even in part.
const PLANTED: &str = "92c6912E7710c8";

fn token() -> String {
    // In pieces: forges refuse a push that holds one whole.
    ["ghp", "_16C7e42F2", PLANTED, "38347Ae178B4a"].concat()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// What the sanitizer leaves is JSON within the bound, without the secret, and stays as it is when it is sanitized again.
pub fn sanitize(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    sanitized(&input);
    if input.contains(PLANTED) {
        return;
    }
    let without_secret = |document: &str| {
        let output = sanitized(document);
        assert!(!output.contains(PLANTED), "{document}\nleaks in\n{output}");
    };
    let token = token();
    without_secret(&format!(r#"{{"password":"x{PLANTED}x","rest":{input}}}"#));
    without_secret(&json!({ "note": format!("{input} {token} {input}") }).to_string());
    without_secret(&json!({ &*input: 1, "user": { "clientSecret": [PLANTED, &input] } }).to_string());
    without_secret(&json!([{ "name": "password", "text": input, "value": PLANTED }]).to_string());
    if is_json(&input) {
        without_secret(&format!(r#"{{"rest":{input},"password":"x{PLANTED}x"}}"#));
        without_secret(&format!(r#"[{input},"{token}"]"#));
    }
}

fn sanitized(document: &str) -> String {
    let once = pure::sanitize_json(document);
    assert!(once.len() <= SUMMARY_LIMIT, "{} bytes of {document}", once.len());
    assert!(is_json(&once), "{document}\nbecomes\n{once}");
    let again = pure::sanitize_json(&once);
    assert_eq!(again, once, "sanitizing again changes what became of\n{document}");
    once
}

/// A verdict is JSON; an accepted event is accepted again as it is, a refused one is told why.
pub fn event(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let verdict: Value = serde_json::from_str(&pure::validate_event_json(&input, NOW_MS)).unwrap();
    if verdict["accepted"] == true {
        let normal = verdict["event"].to_string();
        // The bound is of what came; the time that is added may push it over.
        if normal.len() > MAX_EVENT_BYTES {
            return;
        }
        let again: Value = serde_json::from_str(&pure::validate_event_json(&normal, NOW_MS)).unwrap();
        assert_eq!(again, verdict, "{normal}");
        return;
    }
    assert_eq!(verdict["accepted"], false);
    assert!(verdict["error"].as_str().is_some_and(|error| !error.is_empty()));
    let details = verdict["details"].as_array().unwrap();
    if verdict["code"] == Code::EventTooLarge.as_str() {
        return;
    }
    assert_eq!(verdict["code"], Code::EventInvalid.as_str());
    assert!(!details.is_empty());
    for detail in details {
        assert!(detail["path"].is_string());
        assert!(detail["message"].as_str().is_some_and(|message| !message.is_empty()));
    }
}

/// What is read as a record is written as one that reads the same.
pub fn record(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let Ok(record) = Record::from_json(&input) else { return };
    let written = record.to_json();
    let again = Record::from_json(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(again.to_json(), written);
    assert_eq!(again, record);
}

/// A workspace among any files is found within bounds, with an id of the known shape, or refused for its path.
pub fn discovery(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    // As a request of its own, and as the contents of the files that git looks at.
    discovered(&input);
    let mut pieces = input.split('\u{1e}');
    let mut piece = || pieces.next().unwrap_or_default();
    let request = json!({
        "path": "/a/b/c",
        "salt": SALT,
        "files": {
            "/a/b/.git": piece(),
            "/a/.git/HEAD": piece(),
            "/a/.git/config": piece(),
            "/a/b/commondir": piece(),
            "/a/.git/worktrees/b/commondir": piece(),
            "/a/.git/worktrees/b/HEAD": piece(),
            "/a/b/HEAD": piece(),
            (piece()): piece(),
        },
        "links": { (piece()): piece() },
    });
    discovered(&request.to_string());
}

fn discovered(request: &str) {
    match pure::discover_workspace_in_json(request) {
        Ok(found) => {
            let found: Value = serde_json::from_str(&found).unwrap();
            let id = found["workspaceId"].as_str().unwrap();
            assert!(id.len() == 29 && id.starts_with("ws_"), "{id}");
            for warning in found["warnings"].as_array().unwrap() {
                assert!(warning.as_str().is_some_and(|warning| !warning.is_empty()));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// What a policy leaves is JSON within the bound and stays as it is; a policy that is none is refused.
pub fn policy(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let (policy, document) = input.split_once('\u{1e}').unwrap_or((&input, "{}"));
    let Ok(once) = pure::sanitize_with_json(document, policy) else {
        return;
    };
    let output = |answer: &str| serde_json::from_str::<Value>(answer).unwrap()["output"].to_string();
    let again = pure::sanitize_with_json(&output(&once), policy).unwrap();
    assert_eq!(output(&again), output(&once), "{policy} on {document}");
}

/// A path has an id of the known shape, the same with a slash behind it, or none and a reason.
pub fn workspace(input: &[u8]) {
    let path = String::from_utf8_lossy(input);
    match pure::derive_workspace_id(&path, SALT) {
        Ok(id) => {
            let digits = id.strip_prefix("ws_").unwrap();
            assert_eq!(digits.len(), 26, "{id}");
            assert!(
                digits.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')),
                "{id}"
            );
            // Slashes alone are a path of another kind, each number of them.
            if !path.ends_with('/') {
                assert_eq!(
                    pure::derive_workspace_id(&format!("{path}/"), SALT).unwrap(),
                    id,
                    "{path}"
                );
            }
        }
        Err(error) => {
            assert_eq!(
                (error.code(), error.field()),
                (Code::WorkspaceInvalid, Some("path")),
                "{path}"
            );
            assert!(!error.to_string().is_empty());
        }
    }
}
