//! Filters, in any combination.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Abilities;
use super::support::{ids, insert, now, query, record, wants};
use crate::query::{MAX_LIMIT, OperationFilter, Order, Query};
use crate::schema::Outcome;
use crate::store::{EncodedRecord, Store};

/// Each of 512 combinations of filters finds what a plain reading of them finds, newest and oldest first.
pub async fn every_combination_of_filters_in_both_orders(store: &dyn Store, _: Abilities) {
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
    let time = |number: u128| Some(batch[number as usize].record().timestamp);
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
            .map(EncodedRecord::record)
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

/// A workspace finds its own records and those of the runs that it launched, each once.
pub async fn a_workspace_sees_its_own_and_its_runs_records_once(store: &dyn Store, _: Abilities) {
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

/// Texts that mean something to databases and patterns mean nothing here.
pub async fn odd_texts_are_only_texts(store: &dyn Store, _: Abilities) {
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
