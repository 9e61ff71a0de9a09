//! A record comes back as it went in, once.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Abilities;
use super::support::{follow, full_record, ids, insert, now, plain, query, record};
use crate::Code;
use crate::query::{Cursor, Order, Query};
use crate::schema::{Field, MAX_SAFE_INTEGER, Outcome, Record, Shape, Timestamp};
use crate::store::{EncodedRecord, Store};
use std::collections::HashSet;

/// A record with every field set, and one that this release does not know, comes back in the same bytes: by id, and on a page.
pub async fn a_full_record_comes_back_as_it_went_in(store: &dyn Store, _: Abilities) {
    let encoded = EncodedRecord::new(Record::from_json(&full_record()).unwrap());
    let sent: Value = serde_json::from_str(encoded.json()).unwrap();
    for name in Record::FIELDS {
        assert!(
            !sent[name].is_null(),
            "{name} is not set, so this test does not test it"
        );
    }
    insert(store, std::slice::from_ref(&encoded)).await;
    let stored = store.get(encoded.record().audit_id, now()).await.unwrap().unwrap();
    // The same bytes, so the same order of fields and the same numbers too.
    assert_eq!(stored.json, encoded.json());
    assert_eq!(Record::from_json(&stored.json).unwrap(), *encoded.record());
    assert_eq!(
        (stored.audit_id, stored.timestamp),
        (encoded.record().audit_id, encoded.record().timestamp)
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

/// A record with nothing but what it needs comes back with every field, null where nothing was said.
pub async fn a_bare_record_comes_back_with_every_field(store: &dyn Store, _: Abilities) {
    let bare = record(1, |_| {});
    insert(store, std::slice::from_ref(&bare)).await;
    let stored = store.get(bare.record().audit_id, now()).await.unwrap().unwrap();
    assert_eq!(stored.json, bare.json());
    let read: serde_json::Map<String, Value> = serde_json::from_str(&stored.json).unwrap();
    for name in Record::FIELDS {
        assert!(read.contains_key(*name), "{name}");
    }
    assert_eq!(read["metadata"], Value::Null);
}

/// No text of a record is too long for an index.
pub async fn a_text_of_64_kib_fits_into_every_field(store: &dyn Store, _: Abilities) {
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
        let stored = store.get(encoded.record().audit_id, now()).await.unwrap().unwrap();
        assert_eq!(stored.json, encoded.json());
    }
}

/// Choices and objects that this release does not know are kept, and found where nothing is asked of them.
pub async fn what_a_newer_writer_wrote_is_found_and_comes_back(store: &dyn Store, _: Abilities) {
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
    let stored = store.get(newer.record().audit_id, now()).await.unwrap().unwrap();
    assert_eq!(stored.json, newer.json());
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

/// The first and last times that there are, times before 1970, and numbers with every digit.
pub async fn edge_times_and_numbers_survive(store: &dyn Store, _: Abilities) {
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
        assert_eq!(item.json, sent.json());
    }
    let early = Query {
        end_time: Timestamp::parse("1970-01-01"),
        ..Query::default()
    };
    assert_eq!(ids(&query(store, &early).await), [2, 1]);
}

/// The same batch may come again: what is there already is a duplicate, and counted as one.
pub async fn what_comes_twice_is_kept_once(store: &dyn Store, _: Abilities) {
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

/// A record that a store cannot hold, whatever it is told, keeps out nobody else of its batch. A store that can hold it may.
pub async fn one_that_cannot_be_kept_keeps_out_nobody(store: &dyn Store, _: Abilities) {
    let mut batch = plain(1..8);
    for number in [3, 5] {
        batch[number] = record(100 + number as u128, |fields| fields["seq"] = json!(number));
        let mut beyond = batch[number].record().clone();
        beyond.project_number = Some(u64::MAX);
        batch[number] = EncodedRecord::new(beyond);
    }
    let inserted = store.insert(&batch).await.unwrap();
    let refused: Vec<usize> = inserted.refused.iter().map(|(position, _)| *position).collect();
    assert!(refused.is_empty() || refused == [3, 5], "{:?}", inserted.refused);
    assert_eq!((inserted.stored, inserted.duplicates), (7 - refused.len(), 0));
    for (_, error) in &inserted.refused {
        assert!(!error.is_retryable(), "{error}");
    }
    for number in [1, 2, 3, 5, 7] {
        assert!(store.get(Uuid::from_u128(number), now()).await.unwrap().is_some());
    }
}

/// Nothing inserted is nothing found, and a follower has its place all the same.
pub async fn an_empty_batch_is_nothing(store: &dyn Store, _: Abilities) {
    insert(store, &[]).await;
    let page = query(store, &Query::default()).await;
    assert_eq!((page.items.len(), page.total, page.next_cursor), (0, 0, None));
    let follower = Query::default().cursor(Cursor::after(0));
    assert_eq!(
        query(store, &follower).await.next_cursor,
        Some(Cursor::Arrival {
            arrival: 0,
            caught_up: true
        })
    );
}

/// Eight tasks insert, two of them the same records: each is kept once, and who asks meanwhile is answered.
pub async fn many_insert_at_once(store: &dyn Store, _: Abilities) {
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
    let (seen, _) = follow(
        store,
        &Query::default().limit(200),
        Cursor::after(0),
        &mut HashSet::new(),
    )
    .await;
    assert_eq!((seen.len(), seen.iter().collect::<HashSet<_>>().len()), (1_200, 1_200));
}

/// Every call on a closed store fails with [`Code::Closed`], and closing it again does no harm.
pub async fn a_closed_store_says_so(store: &dyn Store, abilities: Abilities) {
    store.close().await;
    store.close().await;
    assert_eq!(store.insert(&plain(1..2)).await.unwrap_err().code(), Code::Closed);
    assert_eq!(
        store.query(&Query::default(), now()).await.unwrap_err().code(),
        Code::Closed
    );
    assert_eq!(store.get(Uuid::nil(), now()).await.unwrap_err().code(), Code::Closed);
    assert_eq!(store.sweep(now()).await.unwrap_err().code(), Code::Closed);
    if abilities.size {
        assert_eq!(store.size().await.unwrap_err().code(), Code::Closed);
    }
}

/// What comes with an id that is there changes nothing of what is there, not even when its filters, time and expiry are others.
pub async fn the_first_to_come_with_an_id_stays(store: &dyn Store, _: Abilities) {
    let first = record(7, |fields| {
        fields.insert("task_id".into(), json!("first"));
    });
    insert(store, std::slice::from_ref(&first)).await;
    let kept = store.get(first.record().audit_id, now()).await.unwrap();
    let other = record(7, |fields| {
        fields["timestamp"] = json!("2026-01-01T00:00:00.000Z");
        fields["workspace_id"] = json!("ws_other");
        fields["writer_id"] = json!("another");
        fields.insert("task_id".into(), json!("second"));
        fields.insert("expires_at".into(), json!("1980-01-01T00:00:00.000Z"));
    });
    // In a batch of its own, beside the first, and twice in one batch with a new one.
    for batch in [
        vec![other.clone()],
        vec![first.clone(), other.clone()],
        vec![other.clone(), other.clone()],
    ] {
        let inserted = store.insert(&batch).await.unwrap();
        assert_eq!((inserted.stored, inserted.duplicates), (0, batch.len()));
    }
    assert_eq!(store.get(first.record().audit_id, now()).await.unwrap(), kept);
    assert_eq!(kept.unwrap().json, first.json());
    assert_eq!(query(store, &Query::workspace("ws_other")).await.total, 0);
    let of_task = |task: &str| Query {
        task_id: Some(task.to_owned()),
        ..Query::default()
    };
    assert_eq!(query(store, &of_task("first")).await.total, 1);
    assert_eq!(query(store, &of_task("second")).await.total, 0);

    let (one, two) = (
        record(8, |_| {}),
        record(8, |fields| fields["actor"] = json!("another")),
    );
    let inserted = store.insert(&[one.clone(), two]).await.unwrap();
    assert_eq!((inserted.stored, inserted.duplicates), (1, 1), "within one batch too");
    let kept = store.get(one.record().audit_id, now()).await.unwrap().unwrap();
    assert_eq!(kept.json, one.json());
}
