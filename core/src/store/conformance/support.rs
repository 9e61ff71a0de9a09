//! What the cases have in common: records to insert, and questions asked with care.

use std::collections::HashSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::query::{Cursor, OperationFilter, Page, Query, StoredRecord};
use crate::schema::{MAX_SAFE_INTEGER, Record, Timestamp};
use crate::store::{EncodedRecord, Store};

/// A moment long after every record of the cases and before any of them expires.
pub(super) const NOW: i64 = 4_000_000_000_000;

pub(super) fn now() -> Timestamp {
    Timestamp::from_millis(NOW)
}

pub(super) fn record(number: u128, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> EncodedRecord {
    let time = Timestamp::from_millis(1_700_000_000_000 + i64::try_from(number).unwrap()).to_string();
    let mut fields = json!({
        "audit_id": Uuid::from_u128(number), "timestamp": time, "recorded_at": time, "writer_id": "w", "seq": 1,
        "operation_type": "task.started", "outcome": "success", "workspace_id": "ws_a", "actor": "anonymous",
        "actor_type": "anonymous", "channel": "http",
    });
    change(fields.as_object_mut().unwrap());
    EncodedRecord::new(Record::from_json(&fields.to_string()).unwrap())
}

pub(super) fn plain(range: std::ops::Range<u128>) -> Vec<EncodedRecord> {
    range.map(|number| record(number, |_| {})).collect()
}

pub(super) async fn insert(store: &dyn Store, batch: &[EncodedRecord]) {
    let inserted = store.insert(batch).await.unwrap();
    assert_eq!(
        (inserted.stored, inserted.duplicates, inserted.refused.len()),
        (batch.len(), 0, 0),
        "{:?}",
        inserted.refused
    );
}

pub(super) async fn query(store: &dyn Store, query: &Query) -> Page {
    let page = store.query(query, now()).await.unwrap();
    assert!(page.items.len() <= query.limit as usize);
    for item in &page.items {
        let typed = Record::from_json(&item.json).unwrap();
        assert_eq!((typed.audit_id, typed.timestamp), (item.audit_id, item.timestamp));
    }
    page
}

pub(super) fn ids(page: &Page) -> Vec<u128> {
    page.items.iter().map(|item| item.audit_id.as_u128()).collect()
}

pub(super) fn full_record() -> String {
    let metadata = r#"{"dotted.key":1,"$set":{"a.b":{"$gt":""}},"nested":{"list":[1,2.5,-3e10,true,null,"ünï😀"]},"nul":"\u0000","__proto__":{},"":"empty key","n":9007199254740991}"#;
    let mut fields = json!({
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
        "target_id": "42"
    });
    let rest = json!({
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
    fields
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    fields.to_string().replace("\"METADATA\"", metadata)
}

/// What a query means, in the plainest words.
pub(super) fn wants(query: &Query, record: &Record) -> bool {
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

/// Reads all pages; `between` runs after each.
pub(super) async fn read_all(store: &dyn Store, mut question: Query, mut between: impl AsyncFnMut(&Page)) -> Vec<u128> {
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

/// Follows by arrival until it has caught up; answers the ids that `known` lacks, which it adds, and where to go on.
pub(super) async fn follow(
    store: &dyn Store,
    base: &Query,
    mut cursor: Cursor,
    known: &mut HashSet<u128>,
) -> (Vec<u128>, Cursor) {
    let mut seen = Vec::new();
    loop {
        let page = query(store, &base.clone().cursor(cursor)).await;
        let Cursor::Arrival { arrival, caught_up } = cursor else {
            panic!("{cursor:?}")
        };
        let mut before = None;
        for item in &page.items {
            assert!(before.is_none_or(|before| item.arrival > before), "arrivals grow");
            assert!(
                caught_up || item.arrival > arrival,
                "what was walked past does not come again"
            );
            before = Some(item.arrival);
        }
        seen.extend(ids(&page).into_iter().filter(|id| known.insert(*id)));
        cursor = Cursor::parse(&page.next_cursor.unwrap().to_string()).unwrap();
        if let Cursor::Arrival {
            caught_up: true,
            arrival: reached,
        } = cursor
        {
            assert!(reached >= arrival, "a follower keeps its place");
            return (seen, cursor);
        }
        assert!(!page.items.is_empty(), "a walk goes on only where there is more");
    }
}

/// The cursor behind a record.
pub(super) fn keyset(item: &StoredRecord) -> Cursor {
    Cursor::Keyset {
        timestamp: item.timestamp,
        audit_id: item.audit_id,
    }
}
