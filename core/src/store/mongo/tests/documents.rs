//! What becomes of single documents.

use mongodb::IndexModel;
use mongodb::bson::Bson;
use mongodb::options::IndexOptions;
use serde_json::json;

use super::*;

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
    let unique = IndexModel::builder()
        .keys(doc! { "request_id": 1 })
        .options(unique)
        .build();
    server.documents().create_index(unique).await.unwrap();
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
    let document = server.documents().find_one(doc! {}).await.unwrap().unwrap();
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

#[tokio::test]
async fn what_a_validator_refuses_is_told_one_by_one() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    let rule = doc! { "collMod": COLLECTION, "validator": { "actor": { "$ne": "bad" } } };
    server.database.run_command(rule).await.unwrap();
    // One in a hundred, in a batch that the server takes in parts.
    let batch: Vec<_> = (0..1_000_u128)
        .map(|number| {
            record(number, |fields| {
                if number % 100 == 42 {
                    fields["actor"] = json!("bad");
                }
            })
        })
        .collect();
    for (stored, duplicates) in [(990, 0), (0, 990)] {
        let inserted = store.insert(&batch).await.unwrap();
        assert_eq!((inserted.stored, inserted.duplicates), (stored, duplicates));
        let refused: Vec<_> = inserted.refused.iter().map(|(position, _)| *position).collect();
        assert_eq!(refused, (0..10).map(|bad| bad * 100 + 42).collect::<Vec<_>>());
        assert!(inserted.refused.iter().all(|(_, error)| !error.is_retryable()));
    }
    let all_bad = [record(5_000, |fields| fields["actor"] = json!("bad"))];
    assert_eq!(store.insert(&all_bad).await.unwrap().refused.len(), 1);
    let none_fits = [record(5_001, |fields| {
        fields["metadata"] = json!({ "x": "x".repeat(17 << 20) })
    })];
    let error = &store.insert(&none_fits).await.unwrap().refused[0].1;
    assert!(error.to_string().contains("16 MiB"), "{error}");
    store.close().await;
    server.end().await;
}
