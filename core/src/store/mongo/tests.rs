//! Against a real server: plans, indexes and refusals. `TASKTRAIL_TEST_MONGODB` names it; without it they pass over.

use std::sync::atomic::{AtomicU32, Ordering};

use futures::TryStreamExt as _;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Client, Database, IndexModel};
use serde_json::json;

use super::*;
use crate::query::{Cursor, Order};
use crate::schema::{Record, sample};

struct Server {
    url: String,
    database: Database,
}

impl Server {
    async fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("TASKTRAIL_TEST_MONGODB") else {
            eprintln!("skipped: TASKTRAIL_TEST_MONGODB names no server");
            return None;
        };
        let client = Client::with_uri_str(&server).await.unwrap();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("tasktrail_unit_{}_{number}", std::process::id());
        let (base, options) = server.split_once('?').unwrap_or((&server, ""));
        let hosts = base.split("://").nth(1).unwrap().split('/').next().unwrap();
        let url = format!("mongodb://{hosts}/{name}?{options}");
        Some(Server {
            url,
            database: client.database(&name),
        })
    }

    async fn open(&self) -> MongoStore {
        MongoStore::open(&self.url).await.unwrap()
    }

    async fn indexes(&self) -> Vec<(String, Document, Option<u64>)> {
        let cursor = self
            .database
            .collection::<Document>(COLLECTION)
            .list_indexes()
            .await
            .unwrap();
        let indexes: Vec<IndexModel> = cursor.try_collect().await.unwrap();
        let describe = |index: IndexModel| {
            let options = index.options.unwrap();
            (
                options.name.unwrap(),
                index.keys,
                options.expire_after.map(|after| after.as_secs()),
            )
        };
        indexes.into_iter().map(describe).collect()
    }

    async fn create(&self, keys: Document, options: IndexOptions) {
        let index = IndexModel::builder().keys(keys).options(options).build();
        self.database
            .collection::<Document>(COLLECTION)
            .create_index(index)
            .await
            .unwrap();
    }

    async fn end(self) {
        self.database.drop().await.unwrap();
    }
}

fn record(number: u128, change: impl FnOnce(&mut serde_json::Value)) -> EncodedRecord {
    let mut fields = serde_json::from_str(&sample(Uuid::from_u128(number), number as i64 * 1_000).to_json()).unwrap();
    change(&mut fields);
    EncodedRecord::new(Record::from_json(&fields.to_string()).unwrap())
}

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
        .query(&Query::default().cursor(Cursor::Arrival { arrival: 0 }), now)
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
        (
            "tasktrail_arrival",
            Query::default().cursor(Cursor::Arrival { arrival }),
        ),
        (
            "tasktrail_workspace_arrival",
            Query::workspace("ws_3").cursor(Cursor::Arrival { arrival }),
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
    store.close().await;
    server.end().await;
}

#[tokio::test]
async fn indexes_are_made_once_and_repaired() {
    let Some(server) = Server::new().await else { return };
    // What an earlier release, another host and an administrator may have left behind.
    server
        .create(
            doc! { "workspace_id": 1 },
            IndexOptions::builder().name("tasktrail_workspace".to_owned()).build(),
        )
        .await;
    server
        .create(
            doc! { "arrival": 1 },
            IndexOptions::builder().name("by_hand".to_owned()).build(),
        )
        .await;
    server
        .create(doc! { "actor": 1 }, IndexOptions::builder().build())
        .await;
    let days = Some(Duration::from_secs(86_400));
    server
        .create(
            doc! { "expires_at": 1 },
            IndexOptions::builder().expire_after(days).build(),
        )
        .await;
    server.open().await.close().await;
    let indexes = server.indexes().await;
    let find = |name: &str| indexes.iter().find(|index| index.0 == name);
    assert_eq!(
        find("tasktrail_workspace").unwrap().1,
        doc! { "scopes": 1, "timestamp": -1, "_id": -1 }
    );
    assert!(find("by_hand").is_some() && find("actor_1").is_some() && find("tasktrail_arrival").is_none());
    assert_eq!(find("expires_at_1").unwrap().2, Some(0));
    assert_eq!(indexes.len(), 11, "{indexes:?}");
    server.open().await.close().await;
    assert_eq!(server.indexes().await, indexes);

    // Ours, changed by hand: to another time, and to none.
    for options in [
        IndexOptions::builder().expire_after(days).build(),
        IndexOptions::builder().build(),
    ] {
        server
            .database
            .collection::<Document>(COLLECTION)
            .drop_index("expires_at_1")
            .await
            .unwrap_or_default();
        server
            .database
            .collection::<Document>(COLLECTION)
            .drop_index("tasktrail_expiry")
            .await
            .unwrap_or_default();
        let mut options = options;
        options.name = Some("tasktrail_expiry".to_owned());
        server.create(doc! { "expires_at": 1 }, options).await;
        server.open().await.close().await;
        let indexes = server.indexes().await;
        assert_eq!(
            indexes.iter().find(|index| index.0 == "tasktrail_expiry").unwrap().2,
            Some(0)
        );
    }
    server.end().await;
}

#[tokio::test]
async fn one_refused_document_does_not_keep_the_others_out() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    // A rule of the host's, and a unique index of the host's: neither is a record that is there already.
    let rule = doc! { "collMod": COLLECTION, "validator": { "actor": { "$ne": "bad" } } };
    server.database.run_command(rule).await.unwrap();
    let unique = IndexOptions::builder()
        .unique(true)
        .partial_filter_expression(doc! { "request_id": { "$gte": "" } })
        .build();
    server.create(doc! { "request_id": 1 }, unique).await;
    let batch = [
        record(1, |fields| fields["request_id"] = json!("r1")),
        record(2, |fields| fields["actor"] = json!("bad")),
        record(3, |fields| fields["request_id"] = json!("r1")),
        record(4, |fields| fields["project_number"] = json!(u64::MAX)),
        record(5, |_| {}),
        record(1, |_| {}),
    ];
    let inserted = store.insert(&batch).await.unwrap();
    let refused: Vec<_> = inserted
        .refused
        .iter()
        .map(|(position, error)| (*position, error.code()))
        .collect();
    assert_eq!((inserted.stored, inserted.duplicates), (2, 1), "{:?}", inserted.refused);
    assert_eq!(
        refused,
        [(1, Code::StoreFailed), (2, Code::StoreFailed), (3, Code::StoreFailed)]
    );
    store.close().await;
    server.end().await;
}

#[tokio::test]
async fn documents_are_typed_for_whoever_reads_them_without_tasktrail() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    let sent = record(7, |fields| {
        fields["origin_workspace_id"] = json!("ws_o");
        fields["project_number"] = json!(42);
        fields["metadata"] = json!({ "$where": "1", "a.b": 2 });
    });
    store.insert(&[sent]).await.unwrap();
    let document = server
        .database
        .collection::<Document>(COLLECTION)
        .find_one(doc! {})
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        document.get("_id").unwrap(),
        &Bson::Binary(mongodb::bson::Uuid::from_bytes(Uuid::from_u128(7).into_bytes()).into())
    );
    assert_eq!(document.get_str("audit_id").unwrap(), Uuid::from_u128(7).to_string());
    assert_eq!(document.get_datetime("timestamp").unwrap().timestamp_millis(), 7_000);
    assert_eq!(document.get_i64("project_number").unwrap(), 42);
    assert_eq!(
        document.get_array("scopes").unwrap(),
        &vec![Bson::from("ws_a"), Bson::from("ws_o")]
    );
    assert!(document.get_timestamp("arrival").unwrap().time > 1_600_000_000);
    assert_eq!(document.get_str("metadata").unwrap(), r#"{"$where":"1","a.b":2}"#);
    assert_eq!(document.get("task_id"), Some(&Bson::Null));
    assert_eq!(document.get("agent_id"), None);
    store.close().await;
    server.end().await;
}
