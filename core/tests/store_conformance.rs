//! One suite that every store passes, and what is particular to each.
//!
//! MongoDB takes part when `TASKTRAIL_TEST_MONGODB` names a server (`mongodb://127.0.0.1:27017`); each test has a database of its own there.

#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![cfg(all(feature = "sqlite", feature = "mongodb"))]

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tasktrail::query::{MAX_LIMIT, OperationFilter, Order, TOTAL_CAP};
use tasktrail::schema::{Field, Json, MAX_SAFE_INTEGER, Outcome, Record, Shape, Timestamp};
use tasktrail::store::{EncodedRecord, MemoryStore, MongoStore, SqliteStore, Store};
use tasktrail::{Code, Cursor, Page, Query};
use uuid::Uuid;

/// A moment long after every test record and before any of them expires.
const NOW: i64 = 4_000_000_000_000;
const MONGODB: &str = "TASKTRAIL_TEST_MONGODB";

/// A store and what has to go when the test is over.
struct Home {
    store: Arc<dyn Store>,
    folder: Option<tempfile::TempDir>,
    database: Option<(String, String)>,
}

impl Home {
    async fn memory() -> Option<Self> {
        Some(Home {
            store: Arc::new(MemoryStore::new(20_000)),
            folder: None,
            database: None,
        })
    }

    async fn sqlite() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&folder.path().join("audit.db")).await.unwrap());
        Some(Home {
            store,
            folder: Some(folder),
            database: None,
        })
    }

    async fn mongodb() -> Option<Self> {
        let (url, name) = mongodb_url()?;
        let store = Arc::new(MongoStore::open(&url).await.unwrap());
        Some(Home {
            store,
            folder: None,
            database: Some((url, name)),
        })
    }

    async fn end(self) {
        self.store.close().await;
        if let Some((url, name)) = self.database {
            drop_database(&url, &name).await;
        }
        drop(self.folder);
    }
}

fn mongodb_url() -> Option<(String, String)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var(MONGODB) else {
        eprintln!("skipped: {MONGODB} names no server");
        return None;
    };
    let (base, options) = server
        .split_once('?')
        .map_or((server.as_str(), String::new()), |(base, options)| {
            (base, format!("?{options}"))
        });
    let hosts = base.split("://").nth(1).unwrap().split('/').next().unwrap();
    let name = format!(
        "tasktrail_test_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    Some((format!("mongodb://{hosts}/{name}{options}"), name))
}

async fn drop_database(url: &str, name: &str) {
    let client = ::mongodb::Client::with_uri_str(url).await.unwrap();
    client.database(name).drop().await.unwrap();
    client.shutdown().immediate(true).await;
}

macro_rules! suite {
    ($($test:ident),+ $(,)?) => {
        suite! { @store memory: $($test),+ }
        suite! { @store sqlite: $($test),+ }
        suite! { @store mongodb: $($test),+ }
    };
    (@store $store:ident: $($test:ident),+) => {
        mod $store {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if let Some(home) = super::Home::$store().await {
                    super::$test(&*home.store).await;
                    home.end().await;
                }
            })+
        }
    };
}

suite! {
    a_full_record_comes_back_as_it_went_in,
    a_bare_record_comes_back_with_every_field,
    the_exemplar_comes_back_byte_for_byte,
    a_text_of_64_kib_fits_into_every_field,
    what_a_newer_writer_wrote_is_found_and_comes_back,
    edge_times_and_numbers_survive,
    what_comes_twice_is_kept_once,
    an_empty_batch_is_nothing,
    every_combination_of_filters_in_both_orders,
    a_workspace_sees_its_own_and_its_runs_records_once,
    pages_are_complete_and_stable_while_records_come,
    records_of_the_same_time_are_paged_by_id,
    following_by_arrival_misses_nothing,
    following_a_workspace_by_arrival,
    offset_and_limit,
    a_total_is_exact_up_to_its_cap_and_a_lower_bound_past_it,
    expired_records_are_hidden,
    odd_texts_are_only_texts,
    many_insert_at_once,
    a_closed_store_says_so,
}

fn now() -> Timestamp {
    Timestamp::from_millis(NOW)
}

fn record(number: u128, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> EncodedRecord {
    let time = Timestamp::from_millis(1_700_000_000_000 + i64::try_from(number).unwrap()).to_string();
    let mut fields = json!({
        "audit_id": Uuid::from_u128(number), "timestamp": time, "recorded_at": time, "writer_id": "w", "seq": 1,
        "operation_type": "task.started", "outcome": "success", "workspace_id": "ws_a", "actor": "anonymous",
        "actor_type": "anonymous", "channel": "http",
    });
    change(fields.as_object_mut().unwrap());
    EncodedRecord::new(Record::from_json(&fields.to_string()).unwrap())
}

fn plain(range: std::ops::Range<u128>) -> Vec<EncodedRecord> {
    range.map(|number| record(number, |_| {})).collect()
}

async fn insert(store: &dyn Store, batch: &[EncodedRecord]) {
    let inserted = store.insert(batch).await.unwrap();
    assert_eq!(
        (inserted.stored, inserted.duplicates, inserted.refused.len()),
        (batch.len(), 0, 0),
        "{:?}",
        inserted.refused
    );
}

async fn query(store: &dyn Store, query: &Query) -> Page {
    let page = store.query(query, now()).await.unwrap();
    assert!(page.items.len() <= query.limit as usize);
    for item in &page.items {
        let typed = Record::from_json(&item.json).unwrap();
        assert_eq!((typed.audit_id, typed.timestamp), (item.audit_id, item.timestamp));
    }
    page
}

fn ids(page: &Page) -> Vec<u128> {
    page.items.iter().map(|item| item.audit_id.as_u128()).collect()
}

fn full_record() -> String {
    let metadata = r#"{"dotted.key":1,"$set":{"a.b":{"$gt":""}},"nested":{"list":[1,2.5,-3e10,true,null,"ünï😀"]},"nul":"\u0000","__proto__":{},"":"empty key","n":9007199254740991}"#;
    let text = json!({
        "audit_id": Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001),
        "schema_version": 1,
        "timestamp": "1969-12-31T23:59:59.999Z",
        "recorded_at": "2026-11-22T22:00:00.001Z",
        "expires_at": "2150-01-01T00:00:00.000Z",
        "writer_id": "writer-ü",
        "seq": MAX_SAFE_INTEGER,
        "operation_type": "task.failed",
        "outcome": "failure",
        "error": { "code": null, "message": "it broke: \"quoted\" \\ \n ☃" },
        "api_endpoint": "/api/tasks/1?x=%00",
        "http_method": "PATCH",
        "response_status": 599,
        "duration_ms": 12.345678901234567,
        "workspace_id": "ws_ünï😀",
        "origin_workspace_id": "ws_origin",
        "worktree_path": "C:\\work\\tree",
        "project_number": MAX_SAFE_INTEGER,
        "phase_number": 0,
        "work_item_id": "wi",
        "task_id": "t",
        "session_id": "s",
        "run_id": "r",
        "agent_id": "ag",
        "actor": "key_abc",
        "actor_type": "api_key",
        "target_type": "task",
        "target_id": "42",
        "channel": "agent",
        "client_ip": "::1",
        "user_agent": "agent/1.0",
        "request_id": "req",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "service": "svc",
        "instance_id": "i-1",
        "request_summary": ["any", { "json": null }],
        "metadata": "METADATA",
        "redactions": {
            "rules": [{ "rule": "key:password", "path": "request_summary.a.b", "count": 4_294_967_295_u32 }],
            "original_bytes": MAX_SAFE_INTEGER,
            "truncated": true
        },
        "from_a_newer_release": { "list": [1, "two", 3.5, null, { "$x": true }] },
    });
    text.to_string().replace("\"METADATA\"", metadata)
}

async fn a_full_record_comes_back_as_it_went_in(store: &dyn Store) {
    let encoded = EncodedRecord::new(Record::from_json(&full_record()).unwrap());
    let sent: Value = serde_json::from_str(&encoded.json).unwrap();
    for name in Record::FIELDS {
        assert!(
            !sent[name].is_null(),
            "{name} is not set, so this test does not test it"
        );
    }
    insert(store, std::slice::from_ref(&encoded)).await;
    let stored = store.get(encoded.record.audit_id, now()).await.unwrap().unwrap();
    // The same bytes, so the same order of fields and the same numbers too.
    assert_eq!(stored.json, *encoded.json);
    assert_eq!(Record::from_json(&stored.json).unwrap(), *encoded.record);
    assert_eq!(
        (stored.audit_id, stored.timestamp),
        (encoded.record.audit_id, encoded.record.timestamp)
    );
    assert!(stored.arrival > 0);
    let page = query(store, &Query::default()).await;
    assert_eq!(page.items, [stored]);
    assert_eq!(
        (page.total, page.total_is_lower_bound, page.next_cursor),
        (1, false, None)
    );
    assert_eq!(store.get(Uuid::from_u128(5), now()).await.unwrap(), None);
}

async fn a_bare_record_comes_back_with_every_field(store: &dyn Store) {
    let bare = record(1, |_| {});
    insert(store, std::slice::from_ref(&bare)).await;
    let stored = store.get(bare.record.audit_id, now()).await.unwrap().unwrap();
    assert_eq!(stored.json, *bare.json);
    let read: serde_json::Map<String, Value> = serde_json::from_str(&stored.json).unwrap();
    for name in Record::FIELDS {
        assert!(read.contains_key(*name), "{name}");
    }
    assert_eq!(read["metadata"], Value::Null);
}

async fn the_exemplar_comes_back_byte_for_byte(store: &dyn Store) {
    let texts: Vec<Json> = serde_json::from_str(include_str!("../../tests/vectors/exemplar.json")).unwrap();
    let batch: Vec<_> = texts
        .iter()
        .map(|text| EncodedRecord::new(Record::from_json(text.as_str()).unwrap()))
        .collect();
    insert(store, &batch).await;
    for (encoded, text) in batch.iter().zip(&texts) {
        let stored = store.get(encoded.record.audit_id, now()).await.unwrap().unwrap();
        assert_eq!(stored.json, text.as_str());
        assert_eq!(Record::from_json(&stored.json).unwrap(), *encoded.record);
    }
    let all = Query {
        limit: MAX_LIMIT,
        ..Query::default()
    };
    assert_eq!(query(store, &all).await.items.len(), texts.len());
}

async fn a_text_of_64_kib_fits_into_every_field(store: &dyn Store) {
    let long = "é".repeat(32 * 1_024);
    let is_text = |field: &&Field| matches!(field.shape, Shape::Text(_) | Shape::OneOf(_) | Shape::Json(_));
    let batch: Vec<_> = (1..)
        .zip(Record::SCHEMA.iter().filter(is_text))
        .map(|(number, field)| {
            record(number, |fields| {
                fields.insert(field.name.into(), json!(long));
            })
        })
        .collect();
    assert!(batch.len() > 20);
    insert(store, &batch).await;
    for encoded in &batch {
        let stored = store.get(encoded.record.audit_id, now()).await.unwrap().unwrap();
        assert_eq!(stored.json, *encoded.json);
    }
}

async fn what_a_newer_writer_wrote_is_found_and_comes_back(store: &dyn Store) {
    let newer = record(1, |fields| {
        fields["outcome"] = json!("partial");
        fields["actor_type"] = json!("robot");
        fields["channel"] = json!("");
        fields.insert(
            "error".into(),
            json!({ "code": null, "message": "m", "cause": { "$set": [1, { "a.b": null }] } }),
        );
        let rule = json!({ "rule": "r", "path": "p", "count": 1, "why": [] });
        fields.insert(
            "redactions".into(),
            json!({ "rules": [rule], "policy": { "version": 2 } }),
        );
    });
    insert(store, std::slice::from_ref(&newer)).await;
    let stored = store.get(newer.record.audit_id, now()).await.unwrap().unwrap();
    assert_eq!(stored.json, *newer.json);
    let with = |outcome| Query {
        outcome: Some(outcome),
        ..Query::default()
    };
    // It is none of the known ones.
    for text in Outcome::TEXTS {
        assert_eq!(
            query(store, &with(Outcome::parse(text).unwrap())).await.total,
            0,
            "{text}"
        );
    }
    assert_eq!(query(store, &Query::default()).await.total, 1);
}

async fn edge_times_and_numbers_survive(store: &dyn Store) {
    let times = [
        "0000-01-01T00:00:00.000Z",
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
    ];
    let batch: Vec<_> = (1..)
        .zip(times)
        .map(|(number, time)| {
            record(number, |fields| {
                fields["timestamp"] = json!(time);
                fields.insert("project_number".into(), json!(MAX_SAFE_INTEGER));
                fields.insert("duration_ms".into(), json!(0.1 + 0.2));
            })
        })
        .collect();
    insert(store, &batch).await;
    let page = query(
        store,
        &Query {
            order: Order::Ascending,
            ..Query::project(MAX_SAFE_INTEGER)
        },
    )
    .await;
    assert_eq!(ids(&page), [1, 2, 3, 4]);
    for (item, sent) in page.items.iter().zip(&batch) {
        assert_eq!(item.json, *sent.json);
    }
    let early = Query {
        end_time: Timestamp::parse("1970-01-01"),
        ..Query::default()
    };
    assert_eq!(ids(&query(store, &early).await), [2, 1]);
}

async fn what_comes_twice_is_kept_once(store: &dyn Store) {
    insert(store, &plain(1..11)).await;
    let mut again = plain(6..16);
    again.push(record(15, |fields| fields["actor"] = json!("another one")));
    let inserted = store.insert(&again).await.unwrap();
    assert_eq!(
        (inserted.stored, inserted.duplicates, inserted.refused.len()),
        (5, 6, 0)
    );
    let inserted = store.insert(&again).await.unwrap();
    assert_eq!(
        (inserted.stored, inserted.duplicates, inserted.refused.len()),
        (0, 11, 0)
    );
    assert_eq!(query(store, &Query::default()).await.total, 15);
    let first = store.get(Uuid::from_u128(15), now()).await.unwrap().unwrap();
    assert_eq!(Record::from_json(&first.json).unwrap().actor, "anonymous");
}

async fn an_empty_batch_is_nothing(store: &dyn Store) {
    insert(store, &[]).await;
    let page = query(store, &Query::default()).await;
    assert_eq!((page.items.len(), page.total, page.next_cursor), (0, 0, None));
    let follower = Query::default().cursor(Cursor::Arrival { arrival: 0 });
    assert_eq!(
        query(store, &follower).await.next_cursor,
        Some(Cursor::Arrival { arrival: 0 })
    );
}

/// What a query means, in the plainest words.
fn wants(query: &Query, record: &Record) -> bool {
    let workspace = query.workspace_id.as_ref();
    workspace.is_none_or(|id| *id == record.workspace_id || Some(id) == record.origin_workspace_id.as_ref())
        && (query.project_number.is_none() || query.project_number == record.project_number)
        && (query.task_id.is_none() || query.task_id == record.task_id)
        && (query.session_id.is_none() || query.session_id == record.session_id)
        && (query.run_id.is_none() || query.run_id == record.run_id)
        && query.actor.as_ref().is_none_or(|actor| *actor == record.actor)
        && query.outcome.is_none_or(|outcome| record.outcome == outcome)
        && query.start_time.is_none_or(|start| start <= record.timestamp)
        && query.end_time.is_none_or(|end| record.timestamp < end)
        && (query.operation_types.is_empty()
            || query.operation_types.iter().any(|filter| match filter {
                OperationFilter::Exact(exact) => *exact == record.operation_type,
                OperationFilter::Prefix(prefix) => record.operation_type.starts_with(prefix.as_str()),
            }))
}

async fn every_combination_of_filters_in_both_orders(store: &dyn Store) {
    // Strides that share no factor, so that each combination matches some and not all.
    let batch: Vec<_> = (0..240_u128)
        .map(|n| {
            record(n + 1, |fields| {
                let mut set = |name: &str, value: Value| fields.insert(name.into(), value);
                set("workspace_id", json!(["ws_a", "ws_b", "ws_c"][(n % 3) as usize]));
                set("origin_workspace_id", json!([Some("ws_a"), None][(n / 3 % 2) as usize]));
                set(
                    "project_number",
                    json!([Some(7), None, Some(8), Some(7)][(n / 2 % 4) as usize]),
                );
                set("task_id", json!([Some("t1"), Some("t1"), None][(n / 5 % 3) as usize]));
                set("session_id", json!([Some("s1"), Some("s2")][(n / 7 % 2) as usize]));
                set(
                    "run_id",
                    json!([Some("r1"), Some("r1"), Some("r2")][(n / 4 % 3) as usize]),
                );
                set("actor", json!(["ann", "bob"][(n / 11 % 2) as usize]));
                set(
                    "outcome",
                    json!(["success", "success", "failure"][(n / 13 % 3) as usize]),
                );
                set(
                    "operation_type",
                    json!(["task.started", "task.failed", "tasks.x", "issue.created"][(n % 4) as usize]),
                );
            })
        })
        .collect();
    insert(store, &batch).await;
    let time = |number: u128| Some(batch[number as usize].record.timestamp);
    let mut answers = HashSet::new();
    for bits in 0..1_u32 << 9 {
        let mut question = Query {
            limit: MAX_LIMIT,
            ..Query::default()
        };
        let text = |bit: u32, text: &str| (bits & 1 << bit != 0).then(|| text.to_owned());
        question.workspace_id = text(0, "ws_a");
        question.project_number = (bits & 2 != 0).then_some(7);
        question.task_id = text(2, "t1");
        question.session_id = text(3, "s1");
        question.run_id = text(4, "r1");
        question.actor = text(5, "ann");
        question.outcome = (bits & 1 << 6 != 0).then_some(Outcome::Success);
        if bits & 1 << 7 != 0 {
            question.operation_types = vec![
                OperationFilter::Prefix("task.".into()),
                OperationFilter::Exact("issue.created".into()),
            ];
        }
        if bits & 1 << 8 != 0 {
            (question.start_time, question.end_time) = (time(20), time(200));
        }
        let mut expected: Vec<u128> = batch
            .iter()
            .map(|sent| &sent.record)
            .filter(|sent| wants(&question, sent))
            .map(|sent| sent.audit_id.as_u128())
            .collect();
        let total = expected.len() as u64;
        question.order = Order::Ascending;
        let page = store.query(&question, now()).await.unwrap();
        assert_eq!(ids(&page), expected[..expected.len().min(200)], "{question:?}");
        expected.reverse();
        question.order = Order::Descending;
        let page = store.query(&question, now()).await.unwrap();
        assert_eq!(ids(&page), expected[..expected.len().min(200)], "{question:?}");
        assert_eq!((page.total, page.total_is_lower_bound), (total, false), "{question:?}");
        answers.insert(expected);
    }
    assert!(
        answers.len() > 300,
        "the records tell too few questions apart: {}",
        answers.len()
    );
}

async fn a_workspace_sees_its_own_and_its_runs_records_once(store: &dyn Store) {
    let with = |number, own: &str, origin: Option<&str>| {
        record(number, |fields| {
            fields["workspace_id"] = json!(own);
            fields.insert("origin_workspace_id".into(), json!(origin));
        })
    };
    let batch = [
        with(1, "ws_a", None),
        with(2, "ws_b", Some("ws_a")),
        with(3, "ws_a", Some("ws_a")),
        with(4, "ws_b", None),
        with(5, "ws_a", Some("ws_b")),
    ];
    insert(store, &batch).await;
    for (workspace, expected) in [
        ("ws_a", vec![5, 3, 2, 1]),
        ("ws_b", vec![5, 4, 2]),
        ("ws_", vec![]),
        ("WS_A", vec![]),
    ] {
        let page = query(store, &Query::workspace(workspace)).await;
        assert_eq!(
            (ids(&page), page.total),
            (expected.clone(), expected.len() as u64),
            "{workspace}"
        );
    }
}

/// Reads all pages; `between` runs after each.
async fn read_all(store: &dyn Store, mut question: Query, mut between: impl AsyncFnMut(&Page)) -> Vec<u128> {
    let mut seen = Vec::new();
    loop {
        let page = query(store, &question).await;
        seen.extend(ids(&page));
        between(&page).await;
        match page.next_cursor {
            Some(cursor @ Cursor::Keyset { .. }) => {
                assert_eq!(page.items.len(), question.limit as usize);
                question.cursor = Cursor::parse(&cursor.to_string());
            }
            _ => return seen,
        }
    }
}

async fn pages_are_complete_and_stable_while_records_come(store: &dyn Store) {
    for order in [Order::Descending, Order::Ascending] {
        for workspace in [None, Some("ws_a".to_owned())] {
            let base =
                if order == Order::Ascending { 100_000 } else { 0 } + if workspace.is_some() { 10_000 } else { 0 };
            let (from, to) = (base + 1_000, base + 1_050);
            insert(store, &plain(from..to)).await;
            let (first, last) = (
                record(from, |_| {}).record.timestamp,
                record(to, |_| {}).record.timestamp,
            );
            let mut newcomer = to;
            let question = Query {
                order,
                limit: 7,
                workspace_id: workspace,
                start_time: Some(first),
                end_time: Some(last.plus_millis(1_000)),
                ..Query::default()
            };
            let seen = read_all(store, question, async |_| {
                // One behind every page that was read: it must neither show nor move anything.
                if order == Order::Descending {
                    insert(store, &plain(newcomer..newcomer + 1)).await;
                    newcomer += 1;
                }
            })
            .await;
            let mut expected: Vec<u128> = (from..to).collect();
            if order == Order::Descending {
                expected.reverse();
            }
            assert_eq!(seen, expected, "{order:?}");
        }
    }
}

async fn records_of_the_same_time_are_paged_by_id(store: &dyn Store) {
    let mut batch: Vec<_> = (0..23_u128)
        .map(|n| {
            record(n * 7 % 23 + 1, |fields| {
                fields["timestamp"] = json!("2026-01-01T00:00:00.000Z");
                fields.insert("origin_workspace_id".into(), json!((n % 2 == 0).then_some("ws_z")));
            })
        })
        .collect();
    // Ids are compared as bytes without a sign.
    batch.push(record(1, |fields| {
        fields["timestamp"] = json!("2026-01-01T00:00:00.000Z");
        fields["audit_id"] = json!(Uuid::from_u128(u128::MAX));
    }));
    insert(store, &batch).await;
    for limit in [1, 5, 24] {
        let mut expected: Vec<u128> = (1..=23).chain([u128::MAX]).collect();
        let ascending = Query {
            order: Order::Ascending,
            ..Query::default().limit(limit)
        };
        assert_eq!(read_all(store, ascending, async |_| ()).await, expected);
        expected.reverse();
        assert_eq!(
            read_all(store, Query::workspace("ws_a").limit(limit), async |_| ()).await,
            expected
        );
        expected.retain(|id| {
            batch
                .iter()
                .any(|r| r.record.audit_id.as_u128() == *id && r.record.origin_workspace_id.is_some())
        });
        assert_eq!(
            read_all(store, Query::workspace("ws_z").limit(limit), async |_| ()).await,
            expected
        );
    }
}

/// Follows by arrival until nothing comes; answers the ids and where to go on.
async fn follow(store: &dyn Store, base: &Query, mut cursor: Cursor) -> (Vec<u128>, Cursor) {
    let mut seen = Vec::new();
    loop {
        let page = query(store, &base.clone().cursor(cursor)).await;
        let Cursor::Arrival { arrival: mut before } = cursor else {
            panic!("{cursor:?}")
        };
        for item in &page.items {
            assert!(item.arrival > before, "arrivals grow");
            before = item.arrival;
        }
        let next = Cursor::parse(&page.next_cursor.unwrap().to_string()).unwrap();
        seen.extend(ids(&page));
        if page.items.is_empty() {
            assert_eq!(next, cursor, "a follower keeps its place");
            return (seen, cursor);
        }
        cursor = next;
    }
}

async fn following_by_arrival_misses_nothing(store: &dyn Store) {
    let base = Query::default().limit(8);
    insert(store, &plain(500..520)).await;
    let (seen, place) = follow(store, &base, Cursor::Arrival { arrival: 0 }).await;
    assert_eq!(seen, (500..520).collect::<Vec<_>>());
    // What was spooled for an hour is old by time and new by arrival.
    insert(store, &plain(1..20)).await;
    insert(store, &plain(600..601)).await;
    let (seen, place) = follow(store, &base, place).await;
    assert_eq!(seen, (1..20).chain([600]).collect::<Vec<_>>());
    assert_eq!(follow(store, &base, place).await.0, [0; 0]);
    let (seen, _) = follow(store, &base, Cursor::Arrival { arrival: u64::MAX }).await;
    assert_eq!(seen, [0; 0]);
}

async fn following_a_workspace_by_arrival(store: &dyn Store) {
    let batch: Vec<_> = (1..60_u128)
        .rev()
        .map(|n| {
            record(n, |fields| {
                fields["workspace_id"] = json!(["ws_a", "ws_b", "ws_c"][(n % 3) as usize]);
                fields.insert(
                    "origin_workspace_id".into(),
                    json!([Some("ws_a"), None][(n % 2) as usize]),
                );
            })
        })
        .collect();
    insert(store, &batch).await;
    let base = Query::workspace("ws_a").limit(4);
    let expected: Vec<u128> = batch
        .iter()
        .map(|sent| &sent.record)
        .filter(|sent| wants(&base, sent))
        .map(|sent| sent.audit_id.as_u128())
        .collect();
    assert_eq!(follow(store, &base, Cursor::Arrival { arrival: 0 }).await.0, expected);
    let both = Query {
        start_time: Some(batch[30].record.timestamp),
        ..base
    };
    let expected: Vec<u128> = batch
        .iter()
        .map(|sent| &sent.record)
        .filter(|sent| wants(&both, sent))
        .map(|sent| sent.audit_id.as_u128())
        .collect();
    assert_eq!(follow(store, &both, Cursor::Arrival { arrival: 0 }).await.0, expected);
}

async fn offset_and_limit(store: &dyn Store) {
    insert(store, &plain(1..31)).await;
    for question in [Query::default(), Query::workspace("ws_a")] {
        let page = query(
            store,
            &Query {
                offset: 5,
                ..question.clone().limit(10)
            },
        )
        .await;
        assert_eq!(ids(&page), (16..=25).rev().collect::<Vec<_>>());
        assert_eq!((page.total, page.limit, page.offset), (30, 10, 5));
        assert!(page.next_cursor.is_some());
        let rest = query(store, &question.clone().limit(20).cursor(page.next_cursor.unwrap())).await;
        assert_eq!((ids(&rest), rest.next_cursor), ((1..=15).rev().collect(), None));
        let page = query(
            store,
            &Query {
                offset: 25,
                ..question.clone().limit(5)
            },
        )
        .await;
        assert_eq!((ids(&page), page.next_cursor), ((1..=5).rev().collect(), None));
        let page = query(
            store,
            &Query {
                offset: 1_000_000,
                ..question.clone()
            },
        )
        .await;
        assert_eq!((page.items.len(), page.total, page.next_cursor), (0, 30, None));
        // The total is of the filters, wherever the page begins.
        let page = query(
            store,
            &question.clone().limit(3).cursor(rest.items[3].clone().into_cursor()),
        )
        .await;
        assert_eq!((page.total, page.items.len()), (30, 3));
    }
}

trait IntoCursor {
    fn into_cursor(self) -> Cursor;
}

impl IntoCursor for tasktrail::StoredRecord {
    fn into_cursor(self) -> Cursor {
        Cursor::Keyset {
            timestamp: self.timestamp,
            audit_id: self.audit_id,
        }
    }
}

async fn a_total_is_exact_up_to_its_cap_and_a_lower_bound_past_it(store: &dyn Store) {
    let cap = u128::from(TOTAL_CAP);
    for start in (0..cap).step_by(1_000) {
        insert(store, &plain(start..start + 1_000)).await;
    }
    for question in [Query::default(), Query::workspace("ws_a")] {
        let page = query(store, &question.limit(1)).await;
        assert_eq!((page.total, page.total_is_lower_bound), (TOTAL_CAP, false));
    }
    insert(store, &plain(cap..cap + 1)).await;
    for question in [Query::default(), Query::workspace("ws_a")] {
        let page = query(store, &question.limit(1)).await;
        assert_eq!((page.total, page.total_is_lower_bound), (TOTAL_CAP, true));
    }
}

async fn expired_records_are_hidden(store: &dyn Store) {
    let expiry = Timestamp::from_millis(NOW);
    let mut batch = plain(1..4);
    batch.extend((10..1_244).map(|number| {
        record(number, |fields| {
            fields.insert("expires_at".into(), json!(expiry));
            fields.insert("task_id".into(), json!("t"));
        })
    }));
    insert(store, &batch).await;
    let before = expiry.plus_millis(-1);
    let tasks = Query {
        task_id: Some("t".into()),
        ..Query::default()
    };
    assert_eq!(store.query(&tasks, before).await.unwrap().total, 1_234);
    assert!(store.get(Uuid::from_u128(10), before).await.unwrap().is_some());
    for question in [tasks.clone(), tasks.clone().cursor(Cursor::Arrival { arrival: 0 })] {
        let page = store.query(&question, expiry).await.unwrap();
        assert_eq!((page.items.len(), page.total), (0, 0));
    }
    assert_eq!(
        ids(&store.query(&Query::workspace("ws_a"), expiry).await.unwrap()),
        [3, 2, 1]
    );
    assert!(store.get(Uuid::from_u128(10), expiry).await.unwrap().is_none());

    assert_eq!(store.sweep(before).await.unwrap(), 0);
    let swept = store.sweep(expiry).await.unwrap();
    let left = store.query(&Query::default(), before).await.unwrap().total;
    // A store that deletes by itself answers 0 and has its own time.
    assert!(
        (swept, left) == (1_234, 3) || (swept, left) == (0, 1_237),
        "{swept} {left}"
    );
    assert_eq!(store.sweep(expiry).await.unwrap(), 0);
    let inserted = store.insert(&batch[..3]).await.unwrap();
    assert_eq!(
        (inserted.stored, inserted.duplicates),
        (0, 3),
        "what is kept is still known"
    );
}

async fn odd_texts_are_only_texts(store: &dyn Store) {
    let odd = [
        "",
        "'; DROP TABLE audit_history; --",
        "{\"$ne\":null}",
        "$where",
        "a\0b",
        "%",
        "_",
        "*",
        "ü😀",
        ".*",
        "?1",
        "\u{10FFFF}z",
    ];
    let batch: Vec<_> = (1..)
        .zip(odd)
        .map(|(number, text)| {
            record(number, |fields| {
                for name in ["workspace_id", "actor", "operation_type"] {
                    fields[name] = json!(text);
                }
                for name in ["task_id", "run_id", "session_id"] {
                    fields.insert(name.into(), json!(text));
                }
            })
        })
        .collect();
    insert(store, &batch).await;
    for (number, text) in (1..).zip(odd) {
        let some = || Some(text.to_owned());
        let questions = [
            Query::workspace(text),
            Query {
                actor: some(),
                ..Query::default()
            },
            Query {
                task_id: some(),
                ..Query::default()
            },
            Query {
                run_id: some(),
                ..Query::default()
            },
            Query {
                session_id: some(),
                ..Query::default()
            },
            Query {
                operation_types: vec![OperationFilter::Exact(text.to_owned())],
                ..Query::default()
            },
        ];
        for question in questions {
            let page = query(store, &question).await;
            assert_eq!((ids(&page), page.total), (vec![number], 1), "{question:?}");
        }
        let prefix = Query {
            operation_types: vec![OperationFilter::Prefix(text.to_owned())],
            ..Query::default()
        };
        let expected: Vec<u128> = (1..)
            .zip(odd)
            .filter(|(_, other)| other.starts_with(text))
            .map(|(n, _)| n)
            .collect();
        let mut page = ids(&query(store, &prefix).await);
        page.reverse();
        assert_eq!(page, expected, "{text:?}");
    }
}

async fn many_insert_at_once(store: &dyn Store) {
    let store_now = now();
    let tasks: Vec<_> = (0..8_u128)
        .map(|task| async move {
            let (mut stored, mut duplicates) = (0, 0);
            for batch in 0..10_u128 {
                // Two tasks each send the same ids.
                let start = task / 2 * 1_000 + batch * 30 + 1;
                let inserted = store.insert(&plain(start..start + 30)).await.unwrap();
                assert!(inserted.refused.is_empty(), "{:?}", inserted.refused);
                stored += inserted.stored;
                duplicates += inserted.duplicates;
                store
                    .query(&Query::workspace("ws_a").limit(5), store_now)
                    .await
                    .unwrap();
            }
            (stored, duplicates)
        })
        .collect();
    let sums = futures::future::join_all(tasks)
        .await
        .into_iter()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert_eq!(sums, (1_200, 1_200));
    let (seen, _) = follow(store, &Query::default().limit(200), Cursor::Arrival { arrival: 0 }).await;
    assert_eq!((seen.len(), seen.iter().collect::<HashSet<_>>().len()), (1_200, 1_200));
}

async fn a_closed_store_says_so(store: &dyn Store) {
    store.close().await;
    store.close().await;
    assert_eq!(store.insert(&plain(1..2)).await.unwrap_err().code(), Code::Closed);
    assert_eq!(
        store.query(&Query::default(), now()).await.unwrap_err().code(),
        Code::Closed
    );
    assert_eq!(store.get(Uuid::nil(), now()).await.unwrap_err().code(), Code::Closed);
    assert_eq!(store.sweep(now()).await.unwrap_err().code(), Code::Closed);
}

mod sqlite_file {
    use std::io::Write as _;
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::*;

    #[tokio::test]
    async fn reopening_keeps_everything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/audit.db");
        let encoded = EncodedRecord::new(Record::from_json(&full_record()).unwrap());
        let store = SqliteStore::open(&path).await.unwrap();
        insert(&store, std::slice::from_ref(&encoded)).await;
        let before = store.get(encoded.record.audit_id, now()).await.unwrap();
        store.close().await;
        // Also after an end without close.
        for _ in 0..2 {
            let store = SqliteStore::open(&path).await.unwrap();
            assert_eq!(store.get(encoded.record.audit_id, now()).await.unwrap(), before);
            assert_eq!(
                store.insert(std::slice::from_ref(&encoded)).await.unwrap().duplicates,
                1
            );
        }
    }

    #[tokio::test]
    async fn an_unusable_path_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("text.txt");
        std::fs::write(
            &file,
            "This is a text of more than a hundred bytes, so that nobody can take it for the head of a database. "
                .repeat(9),
        )
        .unwrap();
        let bad = [
            folder.path().to_path_buf(),
            file.clone(),
            file.join("audit.db"),
            file.join("deeper/audit.db"),
            Path::new("/proc/no-such-place/audit.db").to_path_buf(),
            Path::new(":memory:").to_path_buf(),
        ];
        for path in bad {
            let error = SqliteStore::open(&path).await.expect_err(&path.display().to_string());
            assert_eq!((error.code(), error.field()), (Code::StorePath, Some("url")), "{error}");
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
            assert!(!error.is_retryable());
            eprintln!("{error}");
        }
        assert!(
            std::fs::read_to_string(&file).unwrap().starts_with("This is a text"),
            "it is left as it was"
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_trails_write_into_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let (one, two) = tokio::join!(SqliteStore::open(&path), SqliteStore::open(&path));
        let (one, two) = (one.unwrap(), two.unwrap());
        for round in 0..20_u128 {
            let (a, b) = (
                plain(round * 100..round * 100 + 60),
                plain(round * 100 + 40..round * 100 + 100),
            );
            let (a, b) = tokio::join!(one.insert(&a), two.insert(&b));
            assert_eq!(a.unwrap().stored + b.unwrap().stored, 100);
        }
        assert_eq!(one.query(&Query::default(), now()).await.unwrap().total, 2_000);
        assert_eq!(two.query(&Query::default(), now()).await.unwrap().total, 2_000);
    }

    const READER: &str = "TASKTRAIL_TEST_READER_OF";

    /// The other process of the next test; by itself it does nothing.
    #[test]
    fn reader_process() {
        let Ok(path) = std::env::var(READER) else { return };
        let read_only = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = rusqlite::Connection::open_with_flags(path, read_only).unwrap();
        let mut last = 0_i64;
        while last < 5_000 {
            let count = "SELECT count(*) FROM audit_history";
            let counted: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
            assert!(
                counted >= last && counted % 50 == 0,
                "whole batches only: {counted} after {last}"
            );
            last = counted;
        }
    }

    #[tokio::test]
    async fn another_process_reads_while_records_come() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let store = SqliteStore::open(&path).await.unwrap();
        let mut reader = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "sqlite_file::reader_process", "--nocapture"])
            .env(READER, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        for start in (0..5_000).step_by(50) {
            insert(&store, &plain(start..start + 50)).await;
        }
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while reader.try_wait().unwrap().is_none() {
            if std::time::Instant::now() > deadline {
                reader.kill().unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let output = reader.wait_with_output().unwrap();
        std::io::stderr().write_all(&output.stderr).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

mod mongodb_server {
    use std::time::{Duration, Instant};

    use super::*;

    #[tokio::test]
    async fn an_unreachable_server_is_named_in_time() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed_port = closed.local_addr().unwrap().port();
        drop(closed);
        // One that takes connections and never says a word.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        for port in [closed_port, silent.local_addr().unwrap().port()] {
            let start = Instant::now();
            let error = MongoStore::open(&format!("mongodb://annika:s3cret@127.0.0.1:{port}/trail"))
                .await
                .unwrap_err();
            assert_eq!(
                (error.code(), error.is_retryable()),
                (Code::StoreUnavailable, true),
                "{error}"
            );
            assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
            assert!(start.elapsed() < Duration::from_millis(4_500), "{:?}", start.elapsed());
            eprintln!("{error}");
        }
        let quick = format!("mongodb://127.0.0.1:{closed_port}/?serverSelectionTimeoutMS=200");
        let start = Instant::now();
        MongoStore::open(&quick).await.unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(2), "the URL's own deadline holds");
    }

    #[tokio::test]
    async fn a_malformed_url_is_explained_without_its_password() {
        for url in [
            "mongodb://annika:s3cret@/trail",
            "mongodb://annika:s3/cret@db1/trail",
            "mongodb://annika:s3?cret@db1/trail",
            "mongodb://annika:s3@cret@db1/trail",
            "mongodb://annika:s3%cret@db1/trail",
            "mongodb://annika:s3cret@db1:port/trail",
            "mongodb://annika:s3cret@db1:99999/trail",
            "mongodb://annika:s3cret@db1/trail?w=-5",
            "mongodb://annika:s3cret@db1/trail?tls=maybe",
        ] {
            let error = MongoStore::open(url).await.expect_err(url);
            assert_eq!(
                (error.code(), error.field()),
                (Code::UrlInvalid, Some("url")),
                "{url}: {error}"
            );
            let text = error.to_string();
            assert!(
                !text.contains("s3") && !text.contains("cret") && !text.contains("annika"),
                "{url}: {text}"
            );
            eprintln!("{text}");
        }
    }

    #[tokio::test]
    async fn a_refused_login_says_what_to_check() {
        let Some((url, _)) = mongodb_url() else { return };
        let url = url.replacen("mongodb://", "mongodb://nobody:s3cret@", 1);
        let error = MongoStore::open(&url).await.unwrap_err();
        assert_eq!(
            (error.code(), error.is_retryable()),
            (Code::StoreFailed, false),
            "{error}"
        );
        assert!(
            error.to_string().contains("authSource") && !error.to_string().contains("s3cret"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn calls_that_are_given_up_do_no_harm() {
        let Some((url, name)) = mongodb_url() else { return };
        let store = MongoStore::open(&url).await.unwrap();
        for start in (0..2_000).step_by(100) {
            let batch = plain(start..start + 100);
            // Polled once, then dropped: the driver finishes the batch by itself.
            let _ = tokio::time::timeout(Duration::ZERO, store.insert(&batch)).await;
        }
        let deadline = Instant::now() + Duration::from_secs(10);
        while store.query(&Query::default(), now()).await.unwrap().total < 2_000 {
            assert!(Instant::now() < deadline);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        store.close().await;
        drop_database(&url, &name).await;
    }
}
