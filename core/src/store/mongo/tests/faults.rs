//! What the server's failures mean to whoever sends a batch.

use std::time::Instant;

use serde_json::json;

use super::mongod::Mongod;
use super::*;

/// Sends a batch as the recorder does: again, as long as the server is said to come back.
async fn insist(store: &MongoStore, batch: &[EncodedRecord]) -> Inserted {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match store.insert(batch).await {
            Ok(inserted) => return inserted,
            Err(error) => assert!(error.is_retryable() && Instant::now() < end, "{error}"),
        }
    }
}

#[tokio::test]
async fn what_passes_can_be_sent_again_and_what_does_not_cannot() {
    let Some(mongod) = Mongod::start(&[]) else { return };
    let store = MongoStore::open(&mongod.url("", "trail", "heartbeatFrequencyMS=500"))
        .await
        .unwrap();
    let passing = [
        // Not primary, stepping down, shutting down, timed out, in conflict, no disk space.
        doc! { "errorCode": 10_107 },
        doc! { "errorCode": 189 },
        doc! { "errorCode": 91 },
        doc! { "errorCode": 11_602 },
        doc! { "errorCode": 89 },
        doc! { "errorCode": 112 },
        doc! { "errorCode": 14_031 },
        // A code that says nothing, with a label that does.
        doc! { "errorCode": 8, "errorLabels": ["RetryableWriteError"] },
        doc! { "errorCode": 8, "errorLabels": ["SystemOverloadedError", "RetryableError"] },
        doc! { "closeConnection": true },
    ];
    let late = [
        doc! { "writeConcernError": { "code": 64, "codeName": "WriteConcernFailed", "errmsg": "waiting for replication timed out" } },
        doc! { "writeConcernError": { "code": 91, "codeName": "ShutdownInProgress", "errmsg": "shutting down" } },
        doc! { "writeConcernError": { "code": 100, "codeName": "UnsatisfiableWriteConcern", "errmsg": "not enough members" } },
    ];
    let mut number = 0;
    let mut batch = || -> Vec<EncodedRecord> {
        number += 10;
        (number..number + 10).map(|number| record(number, |_| {})).collect()
    };
    for how in passing {
        let batch = batch();
        // More often than the driver tries by itself.
        mongod.fail(20, "insert", how.clone()).await;
        let error = store.insert(&batch).await.unwrap_err();
        assert_eq!(
            (error.code(), error.is_retryable()),
            (Code::StoreUnavailable, true),
            "{how}: {error}"
        );
        mongod.fail_no_more().await;
        assert_eq!(insist(&store, &batch).await.stored, 10, "{how}");
    }
    for how in late {
        let batch = batch();
        mongod.fail(20, "insert", how.clone()).await;
        let error = store.insert(&batch).await.unwrap_err();
        assert!(error.is_retryable(), "{how}: {error}");
        mongod.fail_no_more().await;
        // They are there; only nobody had said so.
        assert_eq!(insist(&store, &batch).await.duplicates, 10, "{how}");
    }
    for how in [
        doc! { "errorCode": 8 },
        doc! { "errorCode": 13 },
        doc! { "errorCode": 18 },
    ] {
        mongod.fail(20, "insert", how.clone()).await;
        let error = store.insert(&batch()).await.unwrap_err();
        assert_eq!(
            (error.code(), error.is_retryable()),
            (Code::StoreFailed, false),
            "{how}: {error}"
        );
        mongod.fail_no_more().await;
    }
    mongod.fail(20, "find", doc! { "errorCode": 50 }).await;
    let error = store
        .query(&Query::default(), Timestamp::from_millis(0))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.is_retryable()),
        (Code::StoreTimeout, true),
        "{error}"
    );
    store.close().await;
}

#[tokio::test]
async fn a_lost_connection_takes_no_batch_with_it() {
    let Some(mongod) = Mongod::start(&[]) else { return };
    let store = MongoStore::open(&mongod.url("", "trail", "heartbeatFrequencyMS=500"))
        .await
        .unwrap();
    let batches: Vec<Vec<EncodedRecord>> = (0..8)
        .map(|batch| {
            (batch * 50..batch * 50 + 50)
                .map(|number| record(number, |_| {}))
                .collect()
        })
        .collect();
    mongod
        .fail(
            4,
            "insert",
            doc! { "closeConnection": true, "blockConnection": true, "blockTimeMS": 50 },
        )
        .await;
    let all = futures::future::join_all(batches.iter().map(|batch| store.insert(batch))).await;
    // The pool is cleared under the others.
    let failed: Vec<_> = all.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(!failed.is_empty());
    assert!(failed.iter().all(|error| error.is_retryable()), "{failed:?}");
    mongod.fail_no_more().await;
    for batch in &batches {
        let inserted = insist(&store, batch).await;
        assert_eq!(inserted.stored + inserted.duplicates, 50);
    }
    let count = store.collection.count_documents(doc! {}).await.unwrap();
    assert_eq!(count, 400);
    store.close().await;
}

#[tokio::test]
async fn a_refusal_within_a_replica_set_is_retried_by_the_driver_first() {
    let Some(mongod) = Mongod::start(&["--replSet", "rs"]) else {
        return;
    };
    mongod.admin("", doc! { "replSetInitiate": {} }).await;
    let end = Instant::now() + Duration::from_secs(60);
    while !mongod
        .admin("", doc! { "hello": 1 })
        .await
        .get_bool("isWritablePrimary")
        .unwrap_or_default()
    {
        assert!(Instant::now() < end, "no primary was elected");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let store = MongoStore::open(&mongod.url("", "trail", "directConnection=true&heartbeatFrequencyMS=500"))
        .await
        .unwrap();
    let batch: Vec<_> = (0..100).map(|number| record(number, |_| {})).collect();
    mongod
        .fail(
            1,
            "insert",
            doc! { "errorCode": 11_602, "errorLabels": ["RetryableWriteError"] },
        )
        .await;
    assert_eq!(store.insert(&batch).await.unwrap().stored, 100);
    mongod
        .fail(
            20,
            "insert",
            doc! { "errorCode": 11_602, "errorLabels": ["RetryableWriteError"] },
        )
        .await;
    let error = store.insert(&batch).await.unwrap_err();
    assert_eq!(
        (error.code(), error.is_retryable()),
        (Code::StoreUnavailable, true),
        "{error}"
    );
    mongod.fail_no_more().await;
    assert_eq!(insist(&store, &batch).await.duplicates, 100);

    // Two of three would have to say that they have it, and there is one.
    let wide = MongoStore::open(&mongod.url("", "trail", "directConnection=true&w=2&wTimeoutMS=200"))
        .await
        .unwrap();
    let unconfirmed = record(900, |fields| fields["task_id"] = json!("t"));
    let error = wide.insert(&[unconfirmed]).await.unwrap_err();
    assert!(
        error.is_retryable() && error.to_string().contains("enough servers"),
        "{error}"
    );
    wide.close().await;
    store.close().await;
}
