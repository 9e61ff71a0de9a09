//! How the server finds what is asked for.

use mongodb::bson::{Bson, Document};
use serde_json::json;

use super::*;
use crate::query::{Cursor, Order};

/// Every stage's name in a plan, whatever its nesting.
fn stages(plan: &Bson, found: &mut Vec<String>) {
    match plan {
        Bson::Document(document) => {
            for (name, value) in document {
                match value {
                    Bson::String(stage) if name == "stage" => found.push(stage.clone()),
                    Bson::String(index) if name == "indexName" => found.push(index.clone()),
                    _ => stages(value, found),
                }
            }
        }
        Bson::Array(values) => values.iter().for_each(|value| stages(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn pages_are_read_from_an_index_without_a_sort() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    for start in (0..4_000_u128).step_by(1_000) {
        let batch: Vec<_> = (start..start + 1_000)
            .map(|number| {
                record(number, |fields| {
                    fields["workspace_id"] = json!(format!("ws_{}", number % 20));
                    fields["origin_workspace_id"] = json!((number % 3 == 0).then(|| format!("ws_{}", number % 7)));
                    fields["project_number"] = json!((number % 2 == 0).then_some(number % 40));
                    fields["run_id"] = json!((number % 2 == 0).then(|| format!("r{}", number % 50)));
                    fields["task_id"] = json!((number % 5 != 0).then(|| format!("t{}", number % 60)));
                    fields["session_id"] = json!(format!("s{}", number % 30));
                    fields["expires_at"] = json!("2150-01-01T00:00:00.000Z");
                })
            })
            .collect();
        assert_eq!(store.insert(&batch).await.unwrap().stored, 1_000);
    }
    let now = Timestamp::from_millis(4_000_000_000_000);
    let text = |text: &str| Some(text.to_owned());
    let time = |number: i64| Some(Timestamp::from_millis(number * 1_000));
    let arrival = store
        .query(&Query::default().cursor(Cursor::after(0)), now)
        .await
        .unwrap()
        .items[30]
        .arrival;
    let questions = [
        ("tasktrail_time", Query::default()),
        (
            "tasktrail_time",
            Query {
                start_time: time(1_000),
                end_time: time(3_000),
                ..Query::default()
            },
        ),
        ("tasktrail_workspace", Query::workspace("ws_3")),
        (
            "tasktrail_workspace",
            Query {
                start_time: time(1_000),
                end_time: time(3_000),
                ..Query::workspace("ws_3")
            },
        ),
        ("tasktrail_project", Query::project(4)),
        (
            "tasktrail_run",
            Query {
                run_id: text("r4"),
                ..Query::default()
            },
        ),
        (
            "tasktrail_task",
            Query {
                task_id: text("t4"),
                ..Query::default()
            },
        ),
        (
            "tasktrail_session",
            Query {
                session_id: text("s4"),
                ..Query::default()
            },
        ),
        ("tasktrail_arrival", Query::default().cursor(Cursor::after(arrival))),
        (
            "tasktrail_workspace_arrival",
            Query::workspace("ws_3").cursor(Cursor::after(arrival)),
        ),
    ];
    for (index, question) in questions {
        for order in [Order::Descending, Order::Ascending] {
            let mut question = Query {
                order,
                ..question.clone()
            };
            for _ in 0..2 {
                let page = filter::page(&question, now);
                let find = doc! { "find": COLLECTION, "filter": page.filter, "sort": page.sort, "limit": 50 };
                let explain = doc! { "explain": find, "verbosity": "executionStats" };
                let plan = server.database.run_command(explain).await.unwrap();
                let mut found = Vec::new();
                stages(
                    plan.get_document("queryPlanner").unwrap().get("winningPlan").unwrap(),
                    &mut found,
                );
                let stats = plan.get_document("executionStats").unwrap();
                let number = |name: &str| stats.get(name).unwrap().as_i32().unwrap();
                let (returned, examined) = (number("nReturned"), number("totalDocsExamined"));
                assert!(
                    found.iter().any(|name| name == index),
                    "{index}: {question:?} {found:?}"
                );
                assert!(
                    !found.iter().any(|name| name == "SORT" || name == "COLLSCAN"),
                    "{question:?} {found:?}"
                );
                assert!(
                    returned > 0 && examined <= 2 * returned,
                    "{question:?}: {examined} for {returned}"
                );
                // The second round is the next page.
                if question.cursor.is_none() {
                    let page = store.query(&question, now).await.unwrap();
                    let last = &page.items[20];
                    question.cursor = Some(Cursor::Keyset {
                        timestamp: last.timestamp,
                        audit_id: last.audit_id,
                    });
                }
            }
        }
    }
    for question in [
        Query::workspace("ws_3"),
        Query {
            project_number: Some(8),
            ..Query::default()
        },
        Query {
            run_id: text("r8"),
            start_time: time(100),
            ..Query::default()
        },
    ] {
        for filter in [filter::regardless_of_expiry(&question), filter::expired(&question, now)] {
            let explain = doc! { "explain": count::command(COLLECTION, filter, None, Duration::from_secs(2)), "verbosity": "executionStats" };
            let plan = server.database.run_command(explain).await.unwrap();
            let stats = plan.get_document("executionStats").unwrap();
            assert_eq!(stats.get_i32("totalDocsExamined").unwrap(), 0, "{question:?}: {plan}");
        }
        let total = store.query(&question, now).await.unwrap().total;
        let all = filter::matching(&question, now);
        let counted = server.documents().count_documents(all).await.unwrap();
        assert!(total > 10 && total == counted, "{question:?}: {total}");
    }
    store.close().await;
    server.end().await;
}

#[tokio::test]
async fn no_read_outlives_its_time() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    store.insert(&[record(1, |_| {})]).await.unwrap();
    let now = Timestamp::from_millis(4_000_000_000_000);
    let text = || Some("x".to_owned());
    let questions = [
        Query {
            actor: text(),
            ..Query::default()
        },
        Query {
            outcome: Some(crate::schema::Outcome::Failure),
            ..Query::workspace("ws_a")
        },
        Query {
            operation_types: vec![crate::query::OperationFilter::Prefix("task.".to_owned())],
            ..Query::default()
        },
        Query {
            task_id: text(),
            actor: text(),
            offset: 3,
            ..Query::default()
        },
        Query {
            actor: text(),
            ..Query::default()
        }
        .cursor(Cursor::after(0)),
    ];
    server.profile().await;
    for question in &questions {
        store.query(question, now).await.unwrap();
    }
    // Nobody asks for a total, so nothing is counted.
    let uncounted = Query {
        counted: false,
        ..Query::default()
    };
    let page = store.query(&uncounted, now).await.unwrap();
    assert_eq!((page.items.len(), page.total, page.total_is_lower_bound), (1, 1, true));
    store.get(Uuid::from_u128(1), now).await.unwrap();
    let (finds, counts) = (server.profiled("find").await, server.profiled("count").await);
    // The expired ones are counted before and after.
    assert_eq!((finds.len(), counts.len()), (questions.len() + 2, 3 * questions.len()));
    let limit = |command: &Document| command.get_document("command").unwrap().get("maxTimeMS").cloned();
    for find in finds {
        let limit = limit(&find);
        assert!(
            matches!(limit, Some(Bson::Int32(10_000) | Bson::Int64(10_000))),
            "{limit:?} {find}"
        );
    }
    for count in counts {
        let limit = limit(&count);
        assert!(
            matches!(limit, Some(Bson::Int32(1..=2_000) | Bson::Int64(1..=2_000))),
            "{limit:?} {count}"
        );
    }
    store.close().await;
    server.end().await;
}
