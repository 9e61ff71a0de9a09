//! A change of retention, given to what is stored.

use std::collections::BTreeMap;

use serde_json::json;

use super::Abilities;
use super::support::{insert, now, record};
use crate::query::Query;
use crate::retention::{Retention, RetentionPolicy};
use crate::schema::{Record, Timestamp};
use crate::store::{EncodedRecord, Store};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

fn policy<const N: usize>(default: Retention, workspaces: [(&str, Retention); N]) -> RetentionPolicy {
    RetentionPolicy {
        default,
        workspaces: workspaces.map(|(id, retention)| (id.to_owned(), retention)).into(),
    }
}

fn of(number: u128, workspace: &str, origin: Option<&str>) -> EncodedRecord {
    record(number, |fields| {
        fields["workspace_id"] = json!(workspace);
        fields.insert("origin_workspace_id".into(), json!(origin));
        // Taken in an hour after it happened: what is kept counts from then.
        let happened: Timestamp = serde_json::from_value(fields["timestamp"].clone()).unwrap();
        fields["recorded_at"] = json!(happened.plus_millis(3_600_000));
        fields.insert("metadata".into(), json!({ "z": 1, "a": [1.50, "é"] }));
    })
}

/// Days that each record is kept, by number; asked at a time when nothing has expired.
async fn days(store: &dyn Store, numbers: impl IntoIterator<Item = u128>) -> BTreeMap<u128, Option<i64>> {
    let mut found = BTreeMap::new();
    for number in numbers {
        let stored = store
            .get(uuid::Uuid::from_u128(number), Timestamp::from_millis(0))
            .await
            .unwrap()
            .unwrap();
        let record = Record::from_json(&stored.json).unwrap();
        let kept = record
            .expires_at
            .map(|expiry| expiry.millis() - record.recorded_at.millis());
        assert_eq!(kept.unwrap_or(0) % DAY_MS, 0);
        found.insert(number, kept.map(|kept| kept / DAY_MS));
    }
    found
}

/// Every record gets the expiry that the policy says, counted from when it was taken in, in what it is found by as well as in its text,
/// of which nothing else changes.
pub async fn retention_is_given_to_what_is_stored(store: &dyn Store, abilities: Abilities) {
    let workspaces = ["ws_a", "ws_b", "ws_c"];
    let batch: Vec<EncodedRecord> = (0..1_203_u128)
        .map(|n| of(n + 1, workspaces[(n % 3) as usize], None))
        .collect();
    insert(store, &batch).await;
    let first = policy(Retention::days(10), [("ws_b", Retention::days(2))]);
    if !abilities.reapply {
        let error = store.reapply_retention(&first).await.unwrap_err();
        assert!(!error.is_retryable(), "{error}");
        assert_eq!(
            store
                .get(batch[0].record().audit_id, now())
                .await
                .unwrap()
                .unwrap()
                .json,
            batch[0].json()
        );
        return;
    }
    assert_eq!(store.reapply_retention(&first).await.unwrap(), 1_203);
    assert_eq!(store.reapply_retention(&first).await.unwrap(), 0, "it is so already");
    for sent in &batch {
        let mut expected = sent.record().clone();
        let kept = if expected.workspace_id == "ws_b" { 2 } else { 10 };
        expected.expires_at = Some(expected.recorded_at.plus_millis(kept * DAY_MS));
        let stored = store
            .get(expected.audit_id, Timestamp::from_millis(0))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(stored.json, expected.to_json());
    }
    // What it is hidden and swept by has changed with it.
    let last = batch[1_202].record();
    let expiry = |days| last.recorded_at.plus_millis(days * DAY_MS);
    for (workspace, kept) in [("ws_a", 10), ("ws_b", 2), ("ws_c", 10)] {
        let total = async |time| store.query(&Query::workspace(workspace), time).await.unwrap().total;
        assert_eq!(total(expiry(kept).plus_millis(-2_000)).await, 401);
        assert_eq!(total(expiry(kept)).await, 0);
    }

    // Longer, and some shorter.
    let second = policy(
        Retention::days(10),
        [("ws_b", Retention::days(30)), ("ws_c", Retention::days(1))],
    );
    assert_eq!(store.reapply_retention(&second).await.unwrap(), 802);
    assert_eq!(
        days(store, [1, 2, 3]).await,
        [(1, Some(10)), (2, Some(30)), (3, Some(1))].into()
    );
    if abilities.sweep {
        assert_eq!(store.sweep(expiry(1)).await.unwrap(), 401);
        assert_eq!(store.sweep(expiry(10)).await.unwrap(), 401);
        assert_eq!(store.sweep(expiry(10)).await.unwrap(), 0);
    }
}

/// A hold on a record's own workspace, or on the one that launched its run, is for ever, whatever is reapplied beside it.
pub async fn a_hold_is_never_shortened(store: &dyn Store, abilities: Abilities) {
    if !abilities.reapply {
        return;
    }
    let batch = [
        of(1, "held", None),
        of(2, "free", Some("held")),
        of(3, "held", Some("free")),
        of(4, "free", None),
        of(5, "other", Some("free")),
        of(6, "short", Some("held")),
        of(7, "short", None),
    ];
    insert(store, &batch).await;
    let held = ("held", Retention::Forever);
    let mut policies = vec![
        policy(Retention::days(90), [held, ("short", Retention::days(1))]),
        policy(
            Retention::days(1),
            [held, ("short", Retention::days(1)), ("free", Retention::days(5))],
        ),
        policy(Retention::days(3), [held, ("short", Retention::days(2))]),
    ];
    policies.push(policies[0].clone());
    for policy in &policies {
        store.reapply_retention(policy).await.unwrap();
        let kept = days(store, 1..8).await;
        for number in [1, 2, 3, 6] {
            assert_eq!(kept[&number], None, "{number}: {policy:?}");
        }
        for (number, workspace) in [(4, "free"), (5, "other"), (7, "short")] {
            let wanted = policy.of_workspace(workspace).millis().map(|millis| millis / DAY_MS);
            assert_eq!(kept[&number], wanted, "{number}: {policy:?}");
        }
        let swept = store.sweep(now()).await.unwrap();
        assert!(swept == 0 || abilities.sweep);
        let left = store
            .query(&Query::default(), Timestamp::from_millis(0))
            .await
            .unwrap()
            .total;
        assert!(left >= 4, "what is held is not swept");
        // For the next policy, once more.
        store.insert(&batch).await.unwrap();
    }
    // Ended by whoever ends it, and by nothing else.
    store.reapply_retention(&policy(Retention::days(9), [])).await.unwrap();
    assert!(days(store, 1..8).await.values().all(|kept| *kept == Some(9)));
}
