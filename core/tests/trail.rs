//! The trail as a host uses it: nothing is lost, nothing is waited for, and what goes wrong is said.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::Value;
use tasktrail::facade::trail as facade;
use tasktrail::history::{self, Entry, TaskHistory};
use tasktrail::live::{After, Scope};
use tasktrail::schema::{Record, Timestamp};
use tasktrail::store::{EncodedRecord, Inserted, MemoryStore, Store};
use tasktrail::trail::{Options, Trail};
use tasktrail::{Call, Code, Error, Page, Query, Result, StoredRecord};
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(20);

fn call(path: &str) -> Call {
    Call {
        method: "POST".into(),
        path: path.into(),
        status: Some(201),
        ..Call::default()
    }
}

fn records(trail: &Trail, query: &Query) -> Vec<Record> {
    trail
        .query_blocking(query)
        .unwrap()
        .items
        .iter()
        .map(|item| Record::from_json(&item.json).unwrap())
        .collect()
}

fn own(trail: &Trail) -> Vec<Record> {
    let all = records(trail, &Query::default().limit(200));
    all.into_iter()
        .filter(|record| record.operation_type.starts_with("audit."))
        .collect()
}

/// A memory store that can be told to fail.
#[derive(Debug)]
struct Moody {
    inner: MemoryStore,
    /// Inserts that fail from now on.
    failures: AtomicU32,
    /// Whether a failing insert stores first, as a lost answer does.
    stores_before_failing: bool,
    /// Operation type that is refused for good.
    refuses: Option<&'static str>,
    batches: Mutex<Vec<usize>>,
}

impl Moody {
    fn new() -> Self {
        Moody {
            inner: MemoryStore::new(100_000),
            failures: AtomicU32::new(0),
            stores_before_failing: false,
            refuses: None,
            batches: Mutex::default(),
        }
    }
}

impl Store for Moody {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        Box::pin(async move {
            self.batches.lock().unwrap().push(batch.len());
            if self
                .refuses
                .is_some_and(|refused| batch.iter().any(|one| one.record().operation_type == refused))
            {
                return Err(StoreFault::failed());
            }
            if self
                .failures
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
                .is_ok()
            {
                if self.stores_before_failing {
                    self.inner.insert(batch).await?;
                }
                return Err(StoreFault::away());
            }
            self.inner.insert(batch).await
        })
    }

    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, Result<Page>> {
        self.inner.query(query, now)
    }

    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        self.inner.get(audit_id, now)
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        self.inner.sweep(now)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}

/// Errors as a third party's store makes them.
struct StoreFault;

impl StoreFault {
    fn away() -> Error {
        Error::store_unavailable("the test's store is away")
    }

    fn failed() -> Error {
        Error::store_failed("the test's store refuses")
    }
}

#[test]
fn a_call_becomes_one_sanitized_record() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    let json = r#"{"method":"POST","path":"/api/tasks/t-9/start?api_key=hush","route":"/api/tasks/:id/start","status":201,"durationMs":1.5,
        "workspaceId":"ws_a","apiKey":"hush-hush-key","contentType":"application/json","requestId":"r1",
        "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"#;
    let id = facade::record_json(
        &trail,
        json,
        Some(br#"{"password":"p4ss","projectNumber":42,"note":"go"}"#),
    )
    .unwrap();
    trail.flush_blocking(LONG).unwrap();
    let text = facade::get_json_blocking(&trail, &id).unwrap().unwrap();
    let record = Record::from_json(&text).unwrap();
    assert_eq!(record.operation_type, "task.started");
    assert_eq!(
        (record.task_id.as_deref(), record.project_number),
        (Some("t-9"), Some(42))
    );
    assert_eq!(
        record.request_summary.as_ref().unwrap().as_str(),
        r#"{"password":"[redacted]","projectNumber":42,"note":"go"}"#
    );
    assert_eq!(
        record.api_endpoint.as_deref(),
        Some("/api/tasks/t-9/start?api_key=[redacted]")
    );
    assert_eq!(record.trace_id.as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
    assert!(record.actor.starts_with("key_") && !text.contains("hush"), "{text}");
    assert_eq!(record.redactions.unwrap().original_bytes, Some(50));
    let days = (record.expires_at.unwrap().millis() - record.recorded_at.millis()) / 86_400_000;
    assert_eq!(days, 90);
    assert!(trail.stats().ledger.is_balanced());
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn a_body_says_what_headers_did_not() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    let body = br#"{"workspaceId":"ws_body","worktreePath":"/wt","taskId":5,"sessionId":"s","projectNumber":42}"#;
    trail.record(call("/widgets"), Some(body));
    let said = Call {
        workspace_id: Some("ws_header".into()),
        ..call("/tasks/t/start")
    };
    trail.record(said, Some(body));
    trail.flush_blocking(LONG).unwrap();
    let from_body = &records(&trail, &Query::workspace("ws_body"))[0];
    assert_eq!(from_body.worktree_path.as_deref(), Some("/wt"));
    assert_eq!(from_body.task_id.as_deref(), Some("5"));
    assert_eq!(from_body.session_id.as_deref(), Some("s"));
    assert_eq!(from_body.project_number, Some(42));
    let from_header = &records(&trail, &Query::workspace("ws_header"))[0];
    assert_eq!(from_header.task_id.as_deref(), Some("t"));
}

#[test]
fn levels_leave_out_bodies_and_calls_but_never_a_denial() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    let with = |level: &str, status: u16| {
        let json = format!(r#"{{"method":"POST","path":"/x","status":{status},"level":"{level}","body":{{"a":1}}}}"#);
        facade::record_json(&trail, &json, None).unwrap()
    };
    let (none, denied, metadata) = (with("none", 200), with("none", 403), with("metadata", 200));
    trail.flush_blocking(LONG).unwrap();
    assert_eq!(facade::get_json_blocking(&trail, &none).unwrap(), None);
    assert!(
        facade::get_json_blocking(&trail, &denied)
            .unwrap()
            .unwrap()
            .contains(r#""outcome":"denied""#)
    );
    assert!(
        facade::get_json_blocking(&trail, &metadata)
            .unwrap()
            .unwrap()
            .contains(r#""request_summary":null"#)
    );
    let ledger = trail.stats().ledger;
    assert_eq!(ledger.skipped.level, 1);
    assert!(ledger.is_balanced(), "{ledger:?}");
}

#[test]
fn a_hosts_rules_name_calls_and_decide_how_much_of_them_is_kept() {
    let options = r#"{"operations":[
        {"methods":"POST","path":"/logs/*","level":"none"},
        {"path":"/auth/*","level":"metadata"},
        {"path":"/shelves/:shelf/tidy","operation":"shelf.tidied","fields":{"sessionId":"shelf"}}]}"#;
    let trail = facade::open_json_blocking("memory:", options).unwrap();
    let ask = |path: &str, extra: &str| {
        let json =
            format!(r#"{{"method":"POST","path":"{path}","body":{{"a":1,"projectNumber":"7"}},"status":200{extra}}}"#);
        facade::record_json(&trail, &json, None).unwrap()
    };
    let ids = [
        ask("/api/logs/7", ""),
        ask("/logs/7?x=1", r#","route":"/logs/:id""#),
        ask("/logs/7", r#","level":"summary""#),
        ask("/auth/login", ""),
        ask("/auth/login", r#","level":"summary""#),
        ask("/shelves/blue/tidy", ""),
        ask("/shelves/blue/tidy", r#","operation":"shelf.swept""#),
    ];
    let denied = r#"{"method":"POST","path":"/logs/7","status":403,"body":{"a":1}}"#;
    let denied = facade::record_json(&trail, denied, None).unwrap();
    trail.flush_blocking(LONG).unwrap();
    let found = |id: &str| -> Option<Value> {
        let text = facade::get_json_blocking(&trail, id).unwrap()?;
        Some(serde_json::from_str(&text).unwrap())
    };
    let [skipped, also_skipped, kept, metadata, full, tidied, swept] = ids.map(|id| found(&id));
    assert!(skipped.is_none() && also_skipped.is_none());
    assert_eq!(kept.unwrap()["request_summary"]["a"], 1);
    let metadata = metadata.unwrap();
    assert_eq!(
        (&metadata["operation_type"], &metadata["request_summary"]),
        (&Value::from("auth.login"), &Value::Null)
    );
    assert_eq!(full.unwrap()["project_number"], 7);
    let tidied = tidied.unwrap();
    for (field, expected) in [
        ("operation_type", "shelf.tidied"),
        ("target_type", "shelf"),
        ("target_id", "blue"),
        ("session_id", "blue"),
    ] {
        assert_eq!(tidied[field], expected, "{field}");
    }
    assert_eq!(swept.unwrap()["operation_type"], "shelf.swept");
    let denied = found(&denied).unwrap();
    assert_eq!(
        (&denied["outcome"], &denied["request_summary"]),
        (&Value::from("denied"), &Value::Null)
    );
    let ledger = trail.stats().ledger;
    assert_eq!(ledger.skipped.level, 2);
    assert!(ledger.is_balanced(), "{ledger:?}");
    let error =
        facade::open_json_blocking("memory:", r#"{"operations":[{"path":"shelves","level":"none"}]}"#).unwrap_err();
    assert_eq!(
        (error.code(), error.field()),
        (Code::OptionsInvalid, Some("operations[0].path"))
    );
}

#[test]
fn headers_win_over_the_path_and_the_path_over_the_body() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    let body = br#"{"projectNumber":3,"task_id":"body","phase_number":"2","workItemId":"1.2","machineId":"m-body"}"#;
    let said = Call {
        session_id: Some("header".into()),
        ..call("/projects/7/tasks/path/sessions/path/notes")
    };
    trail.record(said, Some(body));
    trail.record(call("/machines"), Some(body));
    let refused = br#"{"type":"task.exploded","data":{"projectNumber":9,"workItemId":"9.1"}}"#;
    trail.record(call("/api/events/project"), Some(refused));
    trail.flush_blocking(LONG).unwrap();
    let note = &records(&trail, &Query::project(7))[0];
    assert_eq!(
        (note.session_id.as_deref(), note.task_id.as_deref()),
        (Some("header"), Some("path"))
    );
    assert_eq!(
        (note.phase_number, note.work_item_id.as_deref()),
        (Some(2), Some("1.2"))
    );
    let machine = &records(&trail, &Query::project(3))[0];
    assert_eq!(
        (machine.target_type.as_deref(), machine.target_id.as_deref()),
        (Some("machine"), Some("m-body"))
    );
    let event = &records(&trail, &Query::project(9))[0];
    assert_eq!(
        (event.operation_type.as_str(), event.work_item_id.as_deref()),
        ("event.posted", Some("9.1"))
    );
}

#[test]
fn an_events_target_is_what_its_type_is_about() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    for (event, kind, id) in [
        (
            r#"{"type":"phase.started","data":{"projectNumber":7,"phaseNumber":2,"phaseName":"Build","totalItems":1}}"#,
            "phase",
            "2",
        ),
        (
            r#"{"type":"project.completed","data":{"projectNumber":7,"run_id":"r-1"}}"#,
            "project",
            "7",
        ),
        (
            r#"{"type":"issue.closed","data":{"projectNumber":7,"issueNumber":17}}"#,
            "issue",
            "17",
        ),
        (
            r#"{"type":"task.progress","data":{"projectNumber":7,"phaseNumber":2,"workItemId":"2.1","agentId":"a"}}"#,
            "task",
            "2.1",
        ),
    ] {
        let accepted = trail.emit_blocking(event, Call::default()).unwrap();
        let text = facade::get_json_blocking(&trail, &accepted.audit_id.to_string())
            .unwrap()
            .unwrap();
        let record: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&record["target_type"], &record["target_id"]),
            (&Value::from(kind), &Value::from(id)),
            "{event}"
        );
        match kind {
            "project" => assert_eq!(
                (&record["run_id"], &record["metadata"]),
                (&Value::from("r-1"), &Value::Null)
            ),
            "issue" => assert_eq!(record["metadata"]["issueNumber"], 17),
            "task" => assert_eq!(record["agent_id"], "a"),
            _ => {}
        }
    }
}

#[test]
fn what_an_event_says_of_who_sent_its_agent_is_the_items_lineage() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    let mut history = TaskHistory::new(history::Options::default());
    for (agent, parent) in [("\"lead\"", "null"), ("\"tester\"", "\"lead\""), ("7", "8")] {
        let event = format!(
            r#"{{"type":"task.started","data":{{"projectNumber":7,"phaseNumber":2,"workItemId":"2.1","workItemTitle":"t","agentId":{agent},"parentAgentId":{parent}}}}}"#
        );
        trail.emit_blocking(&event, Call::default()).unwrap();
    }
    let entries = records(&trail, &Query::project(7)).into_iter();
    history.apply(entries.filter_map(|record| Entry::from_record(&record)), 0);
    let view = history.view();
    let mut lineage: Vec<(&str, Option<&str>)> = view
        .items()
        .flat_map(|item| &item.lineage)
        .map(|spell| (spell.agent_id.as_str(), spell.parent_agent_id.as_deref()))
        .collect();
    lineage.sort_unstable();
    assert_eq!(lineage, [("7", Some("8")), ("lead", None), ("tester", Some("lead"))]);
    let refused =
        r#"{"type":"task.progress","data":{"projectNumber":7,"phaseNumber":2,"workItemId":"2.1","parentAgentId":[]}}"#;
    let fault = trail.emit_blocking(refused, Call::default()).unwrap_err();
    assert_eq!(fault.details()[0].path, "data.parentAgentId");
}

#[test]
fn an_event_is_stored_once_however_often_it_is_sent() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    let event = r#"{"type":"task.failed","eventId":"e-1","data":{"projectNumber":7,"phaseNumber":1,"workItemId":"1.2","workItemTitle":"Build",
        "error":"token ghp_0123456789abcdefghijABCDEFGHIJ012345 refused","workspaceId":"ws_a","attempt":2}}"#;
    let first: Value = serde_json::from_str(&facade::emit_json_blocking(&trail, event, "{}").unwrap()).unwrap();
    let second: Value = serde_json::from_str(&facade::emit_json_blocking(&trail, event, "{}").unwrap()).unwrap();
    assert_eq!(first["auditId"], second["auditId"]);
    assert_eq!(
        (&first["durable"], &second["durable"]),
        (&Value::Bool(true), &Value::Bool(true))
    );
    let found = records(&trail, &Query::project(7));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].error.as_ref().unwrap().message, "token [redacted] refused");
    assert_eq!(
        found[0].metadata.as_ref().unwrap().as_str(),
        r#"{"attempt":2,"workItemTitle":"Build"}"#
    );
    assert_eq!(trail.stats().ledger.duplicates, 1);
    let refused =
        facade::emit_json_blocking(&trail, r#"{"type":"task.failed","data":{"projectNumber":7}}"#, "{}").unwrap_err();
    assert_eq!(refused.code(), Code::EventInvalid);
    assert_eq!(refused.details().len(), 4);
}

#[test]
fn an_outage_loses_nothing_and_is_answered_honestly() {
    let store = Arc::new(Moody {
        stores_before_failing: true,
        ..Moody::new()
    });
    let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
        .open_blocking()
        .unwrap();
    trail.flush_blocking(LONG).unwrap();
    store.failures.store(4, Ordering::SeqCst);
    let event = r#"{"type":"issue.created","data":{"projectNumber":7}}"#;
    let accepted = trail.emit_blocking(event, Call::default()).unwrap();
    assert!(!accepted.durable, "nobody can say yet");
    for number in 0..100 {
        trail.record(call(&format!("/widgets/{number}")), None);
    }
    let stats = trail.flush_blocking(LONG).unwrap();
    assert!(stats.ledger.is_balanced() && stats.ledger.pending() == 0, "{stats:?}");
    assert_eq!(stats.ledger.stored, 102);
    let mut seqs: Vec<u64> = records(&trail, &Query::default().limit(200))
        .iter()
        .map(|record| record.seq)
        .collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=102).collect::<Vec<_>>());
}

#[test]
fn one_bad_record_keeps_nobody_out() {
    let store = Arc::new(Moody {
        refuses: Some("bad.created"),
        ..Moody::new()
    });
    let trail = Trail::builder_with_store(store as Arc<dyn Store>)
        .open_blocking()
        .unwrap();
    for number in 0..50 {
        trail.record(call(if number == 25 { "/bads" } else { "/goods" }), None);
    }
    let ledger = trail.flush_blocking(LONG).unwrap().ledger;
    assert_eq!((ledger.dead_lettered, ledger.stored), (1, 51), "and a gap that says so");
    assert!(ledger.is_balanced());
}

#[test]
fn what_is_lost_is_itself_on_the_trail() {
    let store = Arc::new(Moody::new());
    store.failures.store(6, Ordering::SeqCst);
    let options = Options {
        fallback_capacity: 100,
        batch_size: 10,
        ..Options::default()
    };
    let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
        .options(options)
        .open_blocking()
        .unwrap();
    for _ in 0..1_000 {
        trail.record(call("/widgets"), None);
    }
    let ledger = trail.flush_blocking(LONG).unwrap().ledger;
    assert!(ledger.dropped.queue_full > 0 && ledger.is_balanced(), "{ledger:?}");
    let gaps: Vec<Value> = own(&trail)
        .iter()
        .filter(|record| record.operation_type == "audit.gap")
        .map(|record| serde_json::from_str(record.metadata.as_ref().unwrap().as_str()).unwrap())
        .collect();
    let counted: u64 = gaps.iter().map(|gap| gap["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, ledger.dropped.queue_full, "{gaps:?}");
    assert!(gaps.iter().all(|gap| gap["reason"] == "queue_full"));
}

#[test]
fn a_degraded_start_keeps_what_comes_and_reads_say_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let in_the_way = folder.path().join("store");
    std::fs::write(&in_the_way, "a file where a folder should be").unwrap();
    let url = format!("sqlite:{}/audit.db", in_the_way.display());
    let refused = Trail::builder(&url).open_blocking().unwrap_err();
    assert_eq!(refused.code(), Code::StorePath);
    assert!(refused.to_string().contains("audit.db"), "{refused}");
    let trail = Trail::builder(&url).degraded_start(true).open_blocking().unwrap();
    trail.record(call("/widgets"), None);
    let error = trail.query_blocking(&Query::default()).unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), (Code::StoreUnavailable, true));
    std::fs::remove_file(&in_the_way).unwrap();
    let ledger = trail.flush_blocking(LONG).unwrap().ledger;
    assert_eq!((ledger.stored, ledger.pending()), (2, 0), "it recovers by itself");
    assert_eq!(own(&trail)[0].operation_type, "audit.started");
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn bad_openings_are_explained() {
    let long_service = format!(r#"{{"service":"{}"}}"#, "s".repeat(257));
    for (url, options, code, field) in [
        ("nowhere", "{}", Code::UrlInvalid, "url"),
        ("memory:", r#"{"batchSise":5}"#, Code::OptionsInvalid, "batchSise"),
        ("memory:", r#"{"batchSize":0}"#, Code::OptionsInvalid, "batchSize"),
        ("memory:", &long_service, Code::OptionsInvalid, "service"),
        ("memory:", r#"{"batchSize":"many"}"#, Code::OptionsInvalid, "batchSize"),
    ] {
        let error = facade::open_json_blocking(url, options).expect_err(options);
        assert_eq!(error.code(), code);
        assert!(
            error.to_string().contains(field) || error.field() == Some(field),
            "{error}"
        );
    }
}

#[test]
fn close_sends_what_is_queued_and_later_calls_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/audit.db", folder.path().display());
    let trail = Trail::builder(&url).open_blocking().unwrap();
    for _ in 0..2_000 {
        trail.record(call("/widgets"), None);
    }
    let stats = trail.close_blocking(LONG).unwrap();
    assert!(stats.ledger.is_balanced());
    assert_eq!(stats.ledger.stored, 2_002);
    trail.record(call("/widgets"), None);
    assert_eq!(trail.stats().ledger.dropped.closed, 1);
    assert_eq!(
        trail.query_blocking(&Query::default()).unwrap_err().code(),
        Code::Closed
    );
    trail.close_blocking(LONG).unwrap();

    let again = Trail::builder(&url).open_blocking().unwrap();
    let total = again.query_blocking(&Query::default()).unwrap().total;
    // The new trail's own `audit.started` may be among them by now.
    assert!((2_002..=2_003).contains(&total), "{total}");
    let stopped = own(&again);
    assert!(stopped.iter().any(|record| record.operation_type == "audit.stopped"));
}

#[test]
fn a_dropped_handle_still_sends() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/audit.db", folder.path().display());
    let trail = Trail::builder(&url).open_blocking().unwrap();
    trail.record(call("/widgets"), None);
    drop(trail);
    let reader = Trail::builder(&url).open_blocking().unwrap();
    let start = std::time::Instant::now();
    while !records(&reader, &Query::default())
        .iter()
        .any(|record| record.operation_type == "audit.stopped")
    {
        assert!(start.elapsed() < LONG, "the dropped trail never wrote its end");
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn everything_works_from_a_current_thread_runtime() {
    let trail = Trail::builder("memory:").open().await.unwrap();
    let mut live = trail.subscribe(&Scope::workspace("ws_a"), &After::Now);
    trail.record(
        Call {
            workspace_id: Some("ws_a".into()),
            ..call("/widgets")
        },
        None,
    );
    let batch = live.recv().await.unwrap();
    assert_eq!((batch.entries.len(), batch.room.as_str()), (1, "workspace:ws_a"));
    trail.flush(LONG).await.unwrap();
    assert_eq!(trail.query(&Query::workspace("ws_a")).await.unwrap().items.len(), 1);
    let stats = trail.close(LONG).await.unwrap();
    assert_eq!(stats.ledger.pending(), 0);
}

#[test]
fn subscribers_hear_events_and_a_panicking_one_hurts_nobody() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    let (heard, hears) = std::sync::mpsc::channel();
    let _bad = trail
        .subscribe_with(&Scope::All, &After::Now, |_| panic!("a subscriber's own fault"))
        .unwrap();
    let good = facade::subscribe_json(&trail, "{}", "null", Box::new(move |batch| drop(heard.send(batch)))).unwrap();
    trail
        .emit_blocking(
            r#"{"type":"issue.created","data":{"projectNumber":7}}"#,
            Call::default(),
        )
        .unwrap();
    let mut text = String::new();
    while !text.contains("issue.created") {
        text = hears.recv_timeout(LONG).unwrap();
    }
    let batch: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(batch["room"], "all");
    drop(good);
    assert!(trail.flush_blocking(LONG).unwrap().ledger.is_balanced());
}
