//! A policy that is applied to what is held already.

use std::collections::BTreeMap;

use mongodb::bson::DateTime;
use serde_json::json;

use super::*;
use crate::retention::Retention;

fn policy(default: Retention, workspaces: &[(&str, Retention)]) -> RetentionPolicy {
    let workspaces: BTreeMap<_, _> = workspaces
        .iter()
        .map(|(workspace, retention)| ((*workspace).to_owned(), *retention))
        .collect();
    RetentionPolicy { default, workspaces }
}

#[tokio::test]
async fn every_record_gets_the_expiry_that_its_policy_says() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    // More than one chunk; workspaces whose names mean something to the server; runs that another workspace launched.
    let workspaces = ["ws_a", "$workspace_id", "$$REMOVE", "held", "a.b", "ws_z"];
    let records: Vec<_> = (1..=6_000_u128)
        .map(|number| {
            record(number, |fields| {
                let of = |shift: u128| workspaces[usize::try_from((number / shift) % 6).unwrap()];
                fields["workspace_id"] = json!(of(1));
                fields["origin_workspace_id"] = json!((number % 5 == 0).then(|| of(7)));
                let time = Timestamp::from_millis(4_000_000_000_000 + number as i64).to_string();
                fields["recorded_at"] = json!(time);
                fields["expires_at"] = match number % 3 {
                    0 => json!(null),
                    1 => json!("2150-01-01T00:00:00.000Z"),
                    _ => json!(Timestamp::from_millis(4_000_000_000_000 + number as i64 + 86_400_000).to_string()),
                };
            })
        })
        .collect();
    for batch in records.chunks(1_000) {
        assert_eq!(store.insert(batch).await.unwrap().stored, batch.len());
    }
    // No record of ours, and not to be touched.
    let foreign = doc! { "_id": 7, "recorded_at": DateTime::from_millis(1), "workspace_id": "ws_a" };
    server.documents().insert_one(foreign.clone()).await.unwrap();

    let mut held: BTreeMap<u128, Option<Timestamp>> = records
        .iter()
        .map(|record| (record.record().audit_id.as_u128(), record.record().expires_at))
        .collect();
    let days = Retention::Days;
    for policy in [
        policy(days(1), &[]),
        policy(
            days(90),
            &[
                ("held", Retention::Forever),
                ("$workspace_id", days(7)),
                ("$$REMOVE", days(7)),
                ("a.b", days(u32::MAX)),
            ],
        ),
        policy(Retention::Forever, &[("ws_a", days(30)), ("ws_z", Retention::Forever)]),
        policy(Retention::Forever, &[]),
    ] {
        let mut expected = 0;
        for record in &records {
            let record = record.record();
            let wanted = policy.expires_at(record);
            expected += u64::from(held.insert(record.audit_id.as_u128(), wanted) != Some(wanted));
        }
        assert!(expected > 0);
        assert_eq!(store.reapply_retention(&policy).await.unwrap(), expected, "{policy:?}");
        assert_eq!(store.reapply_retention(&policy).await.unwrap(), 0, "{policy:?}");
        let mut found = 0;
        let mut cursor = store.collection.find(doc! { "_id": { "$ne": 7 } }).await.unwrap();
        while cursor.advance().await.unwrap() {
            let stored = decode::stored(cursor.current()).unwrap();
            let read = Record::from_json(&stored.json).unwrap();
            assert_eq!(
                read.expires_at,
                held[&read.audit_id.as_u128()],
                "{policy:?} {}",
                stored.json
            );
            found += 1;
        }
        assert_eq!(found, records.len());
    }
    assert_eq!(
        server.documents().find_one(doc! { "_id": 7 }).await.unwrap(),
        Some(foreign)
    );
    let kept = store.collection.find_one(doc! { "_id": { "$ne": 7 } }).await.unwrap();
    assert_eq!(kept.unwrap().get("expires_at").unwrap(), None);
    store.close().await;
    let error = store.reapply_retention(&policy(days(1), &[])).await.unwrap_err();
    assert_eq!(error.code(), Code::Closed);
    server.end().await;
}
