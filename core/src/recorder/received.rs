//! From a record that another trail has made to one that this trail answers for.
//!
//! Its sender may run other rules, an older version or none: what this trail must not keep goes here, once more. What was cleaned by the
//! same rules stays byte for byte as it is.

use std::collections::BTreeMap;

use super::Encoder;
use super::fields::safe;
use crate::sanitize::{ReceiptBuilder, Sanitizer};
use crate::schema::{Json, Open, Receipt, Record, RecordError, Texts, Timestamp, limit};

/// Bound of what fields of a newer version hold together, in bytes of JSON.
const EXTRA_LIMIT: usize = 16 * 1_024;
const TRACE_ID_DIGITS: usize = 32;

impl Encoder {
    /// Cleans a record by this trail's rules. Its id, its times and its place among its writer's records stay; how long it is kept is
    /// this trail's to say, counted from `now`.
    pub(crate) fn received(&self, mut record: Record, now: Timestamp) -> Record {
        let sanitizer = &*self.sanitizer;
        let mut receipt = ReceiptBuilder::going_on(record.redactions.take());
        clean_texts(sanitizer, &mut record, &mut receipt);
        record.project_number = safe(record.project_number);
        record.phase_number = safe(record.phase_number);
        record.duration_ms = record
            .duration_ms
            .filter(|duration| duration.is_finite() && *duration >= 0.0);
        record.trace_id = record.trace_id.filter(|id| {
            id.len() == TRACE_ID_DIGITS
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        });
        record.error = record.error.map(|error| RecordError {
            code: cleaned(sanitizer, error.code, limit::ID, "error.code", &mut receipt),
            message: sanitizer.text(&error.message, limit::MESSAGE, "error.message", &mut receipt),
            extra: extra(sanitizer, error.extra, "error", &mut receipt),
        });
        record.request_summary = record.request_summary.map(|summary| {
            let text = summary.as_str().as_bytes();
            sanitizer.json(text, sanitizer.summary_limit(), "request_summary", &mut receipt)
        });
        record.metadata = record
            .metadata
            .map(|metadata| {
                let text = metadata.as_str().as_bytes();
                sanitizer.json(text, sanitizer.metadata_limit(), "metadata", &mut receipt)
            })
            // Readers rely on an object.
            .filter(|metadata| metadata.as_str().starts_with('{'));
        record.extra = extra(sanitizer, record.extra, "extra", &mut receipt);
        record.redactions = receipt.finish().map(|receipt| bounded(sanitizer, receipt));
        record.recorded_at = now;
        self.kept(record)
    }
}

fn clean_texts(sanitizer: &Sanitizer, record: &mut Record, receipt: &mut ReceiptBuilder) {
    for (text, most, at) in [
        (&mut record.writer_id, limit::ID, "writer_id"),
        (&mut record.operation_type, limit::OPERATION, "operation_type"),
        (&mut record.workspace_id, limit::ID, "workspace_id"),
        (&mut record.actor, limit::ID, "actor"),
    ] {
        *text = sanitizer.text(text, most, at, receipt);
    }
    for (text, most, at) in [
        (&mut record.http_method, limit::METHOD, "http_method"),
        (&mut record.origin_workspace_id, limit::ID, "origin_workspace_id"),
        (&mut record.worktree_path, limit::PATH, "worktree_path"),
        (&mut record.work_item_id, limit::ID, "work_item_id"),
        (&mut record.task_id, limit::ID, "task_id"),
        (&mut record.session_id, limit::ID, "session_id"),
        (&mut record.run_id, limit::ID, "run_id"),
        (&mut record.agent_id, limit::ID, "agent_id"),
        (&mut record.target_type, limit::ID, "target_type"),
        (&mut record.target_id, limit::ID, "target_id"),
        (&mut record.client_ip, limit::CLIENT_IP, "client_ip"),
        (&mut record.user_agent, limit::USER_AGENT, "user_agent"),
        (&mut record.request_id, limit::ID, "request_id"),
        (&mut record.service, limit::ID, "service"),
        (&mut record.instance_id, limit::ID, "instance_id"),
    ] {
        *text = cleaned(sanitizer, text.take(), most, at, receipt);
    }
    record.api_endpoint = record
        .api_endpoint
        .take()
        .map(|path| sanitizer.endpoint(&path, limit::ENDPOINT, receipt));
    newer(sanitizer, &mut record.outcome, "outcome", receipt);
    newer(sanitizer, &mut record.actor_type, "actor_type", receipt);
    newer(sanitizer, &mut record.channel, "channel", receipt);
}

fn cleaned(
    sanitizer: &Sanitizer,
    text: Option<String>,
    most: usize,
    at: &str,
    receipt: &mut ReceiptBuilder,
) -> Option<String> {
    text.map(|text| sanitizer.text(&text, most, at, receipt))
}

/// A newer version's text is as free as any other.
fn newer<T: Texts>(sanitizer: &Sanitizer, choice: &mut Open<T>, at: &str, receipt: &mut ReceiptBuilder) {
    if let Open::Newer(text) = choice {
        *text = sanitizer.text(text, limit::ID, at, receipt).into();
    }
}

/// Fields of a newer version, as one object: a name may be what tells that its value is a secret.
fn extra(
    sanitizer: &Sanitizer,
    fields: BTreeMap<String, Json>,
    at: &str,
    receipt: &mut ReceiptBuilder,
) -> BTreeMap<String, Json> {
    if fields.is_empty() {
        return fields;
    }
    // Plain data with text keys: serde_json has no way to fail on it.
    let text = serde_json::to_string(&fields).unwrap_or_default();
    let clean = sanitizer.json(text.as_bytes(), EXTRA_LIMIT, at, receipt);
    // What the sanitizer writes is valid JSON; an object stays one.
    serde_json::from_str(clean.as_str()).unwrap_or_default()
}

/// A receipt, of which a part is its sender's, of no more than this version would write.
fn bounded(sanitizer: &Sanitizer, mut receipt: Receipt) -> Receipt {
    // Cleaning a receipt leaves none of its own: it would grow with each hop.
    let unsaid = &mut ReceiptBuilder::default();
    receipt.rules.truncate(limit::RULES);
    for redaction in &mut receipt.rules {
        redaction.rule = sanitizer.text(&redaction.rule, limit::ID, "rule", unsaid);
        redaction.path = sanitizer.text(&redaction.path, limit::PATH, "path", unsaid);
        redaction.extra = extra(sanitizer, std::mem::take(&mut redaction.extra), "redactions", unsaid);
    }
    receipt.extra = extra(sanitizer, std::mem::take(&mut receipt.extra), "redactions", unsaid);
    receipt
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, RwLock};

    use proptest::prelude::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::super::encode::Stamp;
    use super::*;
    use crate::retention::RetentionPolicy;
    use crate::schema::{Call, OperationTable, sample, validate_event};

    const NOW: Timestamp = Timestamp::from_millis(1_767_323_045_000);
    const LATER: Timestamp = Timestamp::from_millis(1_767_323_099_000);
    const DAY_MS: i64 = 24 * 3_600 * 1_000;

    fn encoder() -> Encoder {
        Encoder {
            writer_id: "w_receiver".into(),
            service: None,
            instance_id: None,
            retention: Arc::new(RwLock::new(RetentionPolicy::default())),
            hash_key: None,
            sanitizer: Arc::new(Sanitizer::new(&Default::default(), None).unwrap()),
            operations: Arc::new(OperationTable::new(&[]).unwrap()),
        }
    }

    fn stamp() -> Stamp {
        Stamp {
            audit_id: Uuid::from_u128(7),
            seq: 9,
            taken_at: NOW,
        }
    }

    fn token() -> String {
        // In pieces: forges refuse a push that holds one whole.
        ["ghp", "_16C7e42F2", "92c6912E7710c8", "38347Ae178B4a"].concat()
    }

    /// What a trail makes of a call that is full of secrets and of more than there is room for.
    fn made() -> Record {
        let call = Call {
            method: "post".into(),
            path: format!("/api/tasks/7/start?apiKey=abc&note={}&name=a%20b", token()),
            status: Some(500),
            workspace_id: Some("ws_a".into()),
            worktree_path: Some(format!("/home/{}", "x".repeat(2_000))),
            user_agent: Some("curl/8 Bearer abcdefghijklmnop".into()),
            duration_ms: Some(1.25),
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
            metadata: json!({ "note": token(), "deep": { "password": "hunter2" }, "n": 1.5 })
                .as_object()
                .cloned(),
            ..Call::default()
        };
        let body =
            json!({ "password": "hunter2", "text": format!("see {} there", token()), "long": "y".repeat(9_000) });
        encoder().call(stamp(), &call, Some(body.to_string().as_bytes()))
    }

    #[test]
    fn what_the_same_rules_have_cleaned_stays_as_it_is() {
        let event = json!({ "type": "task.failed", "data": { "projectNumber": 1, "phaseNumber": 1, "workItemId": "1.1",
            "workItemTitle": "t", "error": format!("no {}", token()), "secret": "hunter2" } });
        let event = validate_event(&event.to_string(), NOW).unwrap();
        for before in [
            made(),
            encoder().event(stamp(), &event, &Call::default()),
            encoder().own(stamp(), "audit.started", &json!({ "store": "memory:" })),
        ] {
            assert!(!before.to_json().contains("hunter2"));
            let after = encoder().received(before.clone(), LATER);
            let expected = Record {
                recorded_at: LATER,
                expires_at: Some(LATER.plus_millis(90 * DAY_MS)),
                ..before
            };
            assert_eq!(after.to_json(), expected.to_json());
        }
    }

    #[test]
    fn what_a_sender_did_not_clean_is_cleaned_here() {
        let token = token();
        let clean = sample(Uuid::from_u128(7), NOW.millis()).to_json();
        let mut dirty: Value = serde_json::from_str(&clean).unwrap();
        for name in [
            "writer_id",
            "operation_type",
            "outcome",
            "workspace_id",
            "origin_workspace_id",
            "worktree_path",
            "http_method",
            "api_endpoint",
            "task_id",
            "session_id",
            "run_id",
            "agent_id",
            "work_item_id",
            "actor",
            "actor_type",
            "target_type",
            "target_id",
            "channel",
            "client_ip",
            "user_agent",
            "request_id",
            "trace_id",
            "service",
            "instance_id",
            "later",
        ] {
            dirty[name] = json!(format!("{token} {}", "z".repeat(4_000)));
        }
        dirty["error"] = json!({ "code": token, "message": token, "password": "hunter2" });
        dirty["request_summary"] = json!({ "password": "hunter2", "token": token });
        dirty["metadata"] = json!({ "password": "hunter2", "note": token });
        dirty["password"] = json!("hunter2");
        dirty["redactions"] = json!({
            "rules": vec![json!({ "rule": token, "path": token, "count": 1 }); 100],
            "original_bytes": 5, "truncated": false, "password": "hunter2",
        });
        dirty["project_number"] = json!(u64::MAX);
        dirty["expires_at"] = json!("9999-01-01T00:00:00.000Z");
        let dirty = Record::from_json(&dirty.to_string()).unwrap();
        let clean = encoder().received(dirty, LATER);
        let text = clean.to_json();
        for secret in [token.get(10..24).unwrap(), "hunter2"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
        assert!(text.len() < 16_000, "{} bytes", text.len());
        assert_eq!(clean.project_number, None);
        assert_eq!(clean.trace_id, None);
        assert_eq!(clean.expires_at, Some(LATER.plus_millis(90 * DAY_MS)));
        let receipt = clean.redactions.clone().unwrap();
        assert_eq!(receipt.original_bytes, Some(5));
        assert!(receipt.truncated && receipt.rules.len() <= limit::RULES);
        // Twice is as once.
        assert_eq!(encoder().received(clean.clone(), LATER), clean);
    }

    #[test]
    fn what_a_newer_writer_added_travels_on() {
        let mut record = made();
        record
            .extra
            .insert("later".into(), Json::parse(r#"{"a":[1,2.5,null]}"#.into()).unwrap());
        record.outcome = Open::Newer("partial".into());
        let after = encoder().received(record.clone(), NOW);
        assert_eq!((after.extra, after.outcome), (record.extra, record.outcome));
    }

    /// Texts that mean something to the sanitizer, and any others.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            Just(token()),
            Just("Bearer abcdefghijklmnop".to_owned()),
            Just("?token=x&a=%20b&password".to_owned()),
            Just("https://ann:s3cret@host/x?key=1#y".to_owned()),
            Just(r#"{"password":"x","n":[1,"#.to_owned()),
            "\\PC{0,40}",
            any::<String>(),
            (any::<char>(), 0..5_000_usize).prop_map(|(c, n)| String::from(c).repeat(n)),
        ]
    }

    fn texts() -> impl Strategy<Value = String> {
        proptest::collection::vec(text(), 0..4).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_as_cleaning_once(fields in proptest::collection::vec(texts(), 12)) {
            let mut record = sample(Uuid::from_u128(7), NOW.millis());
            let mut fields = fields.into_iter();
            let mut next = || fields.next().unwrap();
            record.api_endpoint = Some(format!("/{}", next()));
            record.actor = next();
            record.user_agent = Some(next());
            record.task_id = Some(next());
            record.worktree_path = Some(next());
            record.error = Some(RecordError { code: Some(next()), message: next(), extra: BTreeMap::new() });
            record.request_summary = Json::parse(json!({ next(): next(), "list": [next()] }).to_string());
            record.metadata = Json::parse(json!({ next(): next() }).to_string());
            record.extra = [("later".to_owned(), record.metadata.clone().unwrap())].into();
            let once = encoder().received(record, LATER);
            let twice = encoder().received(once.clone(), LATER);
            prop_assert_eq!(twice.to_json(), once.to_json());
        }
    }
}
