//! What has expired is hidden, and deleted no earlier.

use serde_json::json;
use uuid::Uuid;

use super::Abilities;
use super::support::{NOW, ids, insert, keyset, plain, record};
use crate::query::{Cursor, Order, Query};
use crate::schema::{Outcome, Timestamp};
use crate::store::{EncodedRecord, Store};

/// What has expired is hidden before it is swept, and gone afterwards.
pub async fn expired_records_are_hidden(store: &dyn Store, _: Abilities) {
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
    for question in [tasks.clone(), tasks.clone().cursor(Cursor::after(0))] {
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

/// No filter, order, cursor or offset brings an expired record to light, and none is counted.
pub async fn an_expired_record_is_hidden_in_every_question(store: &dyn Store, _: Abilities) {
    let expiry = Timestamp::from_millis(NOW);
    // Of each three one has expired, one does later, and one never does.
    let batch: Vec<EncodedRecord> = (1..31_u128)
        .map(|number| {
            let expires = match number % 3 {
                0 => Some(expiry),
                1 => Some(expiry.plus_millis(1)),
                _ => None,
            };
            record(number, |fields| {
                for (name, value) in [
                    ("task_id", json!("t")),
                    ("session_id", json!("s")),
                    ("run_id", json!("r")),
                    ("project_number", json!(7)),
                    ("origin_workspace_id", json!("ws_origin")),
                    ("expires_at", json!(expires)),
                ] {
                    fields.insert(name.into(), value);
                }
            })
        })
        .collect();
    insert(store, &batch).await;
    let text = |text: &str| Some(text.to_owned());
    let any = Query::default;
    let (from, to) = (batch[0].record().timestamp, batch[29].record().timestamp.plus_millis(1));
    let filters = [
        any(),
        Query::workspace("ws_a"),
        Query::workspace("ws_origin"),
        Query::project(7),
        Query {
            task_id: text("t"),
            ..any()
        },
        Query {
            session_id: text("s"),
            ..any()
        },
        Query {
            run_id: text("r"),
            ..any()
        },
        Query {
            actor: text("anonymous"),
            ..any()
        },
        Query {
            outcome: Some(Outcome::Success),
            ..any()
        },
        Query {
            start_time: Some(from),
            end_time: Some(to),
            ..any()
        },
        Query {
            task_id: text("t"),
            run_id: text("r"),
            ..Query::workspace("ws_a")
        },
    ];
    let live: Vec<u128> = (1..31).filter(|number| number % 3 != 0).collect();
    let newest_first: Vec<u128> = live.iter().rev().copied().collect();
    for filter in filters {
        let oldest_first = Query {
            order: Order::Ascending,
            ..filter.clone()
        };
        let page = store.query(&filter, expiry).await.unwrap();
        assert_eq!((ids(&page), page.total), (newest_first.clone(), 20), "{filter:?}");
        let page = store.query(&oldest_first, expiry).await.unwrap();
        assert_eq!((ids(&page), page.total), (live.clone(), 20), "{filter:?}");
        let behind = store
            .query(&filter.clone().cursor(keyset(&page.items[12])), expiry)
            .await
            .unwrap();
        assert_eq!(
            (ids(&behind), behind.total),
            (newest_first[8..].to_vec(), 20),
            "{filter:?}"
        );
        let offset = Query {
            offset: 5,
            ..filter.clone().limit(3)
        };
        let offset = store.query(&offset, expiry).await.unwrap();
        assert_eq!(
            (ids(&offset), offset.total),
            (newest_first[5..8].to_vec(), 20),
            "{filter:?}"
        );
        let followed = store
            .query(&filter.clone().cursor(Cursor::after(0)), expiry)
            .await
            .unwrap();
        assert_eq!((ids(&followed), followed.total), (live.clone(), 20), "{filter:?}");
        let uncounted = Query {
            counted: false,
            ..filter.clone()
        };
        assert_eq!(
            ids(&store.query(&uncounted, expiry).await.unwrap()),
            newest_first,
            "{filter:?}"
        );
    }
    for number in 1..31 {
        let found = store.get(Uuid::from_u128(number), expiry).await.unwrap();
        assert_eq!(found.is_some(), live.contains(&number), "{number}");
    }
}

/// A sweep deletes what has expired by the time that it is given, to the millisecond, and never a record without an expiry. A time that
/// goes back does no harm.
pub async fn nothing_is_swept_early(store: &dyn Store, abilities: Abilities) {
    let at = |millis: i64| Timestamp::from_millis(NOW + millis);
    let mut batch = plain(1..11);
    batch.extend((0..700_u128).map(|n| {
        record(100 + n, |fields| {
            fields.insert("expires_at".into(), json!(at(i64::try_from(n).unwrap())));
        })
    }));
    insert(store, &batch).await;
    // Hides nothing.
    let early = Timestamp::from_millis(0);
    let mut left = 710;
    for (time, gone) in [
        (-1, 0),
        (0, 1),
        (0, 0),
        (9, 9),
        (5, 0),
        (-86_400_000, 0),
        (649, 640),
        (10_000, 50),
    ] {
        let swept = store.sweep(at(time)).await.unwrap();
        assert_eq!(swept, if abilities.sweep { gone } else { 0 }, "{time}");
        left -= swept;
        assert_eq!(
            store.query(&Query::default().limit(1), early).await.unwrap().total,
            left,
            "{time}"
        );
    }
    let page = store.query(&Query::default(), at(10_000)).await.unwrap();
    assert_eq!((ids(&page), page.total), ((1..11).rev().collect::<Vec<_>>(), 10));
}
