//! Following by arrival.

use std::collections::HashSet;

use serde_json::json;

use super::Abilities;
use super::support::{NOW, follow, insert, now, plain, record, wants};
use crate::Code;
use crate::query::{Cursor, Query};
use crate::schema::Timestamp;
use crate::store::{EncodedRecord, Store};

/// A follower by arrival hears of each record once, however old its time is.
pub async fn following_by_arrival_misses_nothing(store: &dyn Store, _: Abilities) {
    let base = Query::default().limit(8);
    insert(store, &plain(500..520)).await;
    let mut known = HashSet::new();
    let (seen, place) = follow(store, &base, Cursor::after(0), &mut known).await;
    assert_eq!(seen, (500..520).collect::<Vec<_>>());
    // What was spooled for an hour is old by time and new by arrival.
    insert(store, &plain(1..20)).await;
    insert(store, &plain(600..601)).await;
    let (seen, place) = follow(store, &base, place, &mut known).await;
    assert_eq!(seen, (1..20).chain([600]).collect::<Vec<_>>());
    assert_eq!(follow(store, &base, place, &mut known).await.0, [0; 0]);
    let (seen, _) = follow(store, &base, Cursor::after(u64::MAX), &mut known).await;
    assert_eq!(seen, [0; 0]);
}

/// A follower by arrival hears of what its filters let through, in the order of arrival.
pub async fn following_a_workspace_by_arrival(store: &dyn Store, _: Abilities) {
    let batch: Vec<_> = (1..60_u128)
        .rev()
        .map(|n| {
            record(n, |fields| {
                fields["workspace_id"] = json!(["ws_a", "ws_b", "ws_c"][(n % 3) as usize]);
                fields.insert(
                    "origin_workspace_id".into(),
                    json!([Some("ws_a"), None][(n % 2) as usize]),
                );
            })
        })
        .collect();
    insert(store, &batch).await;
    let base = Query::workspace("ws_a").limit(4);
    let expected: Vec<u128> = batch
        .iter()
        .map(EncodedRecord::record)
        .filter(|sent| wants(&base, sent))
        .map(|sent| sent.audit_id.as_u128())
        .collect();
    assert_eq!(
        follow(store, &base, Cursor::after(0), &mut HashSet::new()).await.0,
        expected
    );
    let both = Query {
        start_time: Some(batch[30].record().timestamp),
        ..base
    };
    let expected: Vec<u128> = batch
        .iter()
        .map(EncodedRecord::record)
        .filter(|sent| wants(&both, sent))
        .map(|sent| sent.audit_id.as_u128())
        .collect();
    assert_eq!(
        follow(store, &both, Cursor::after(0), &mut HashSet::new()).await.0,
        expected
    );
}

/// A follower goes on where it was when what it had read is gone, all of it, and no arrival is given out twice.
pub async fn following_by_arrival_goes_on_while_records_go(store: &dyn Store, _: Abilities) {
    let going = |range: std::ops::Range<u128>, expiry: i64| -> Vec<EncodedRecord> {
        let one = |number| {
            record(number, |fields| {
                fields.insert("expires_at".into(), json!(Timestamp::from_millis(expiry)));
            })
        };
        range.map(one).collect()
    };
    let base = Query::default().limit(8);
    let mut known = HashSet::new();
    insert(store, &going(1..21, NOW + 1)).await;
    let (seen, mut place) = follow(store, &base, Cursor::after(0), &mut known).await;
    assert_eq!(seen, (1..21).collect::<Vec<_>>());
    for round in 1..4_u128 {
        let now = NOW + i64::try_from(round).unwrap();
        store.sweep(Timestamp::from_millis(now)).await.unwrap();
        let (from, to) = (round * 100, round * 100 + 20);
        insert(store, &going(from..to, now + 1)).await;
        let mut seen = Vec::new();
        loop {
            let page = store
                .query(&base.clone().cursor(place), Timestamp::from_millis(now))
                .await
                .unwrap();
            seen.extend(
                page.items
                    .iter()
                    .map(|item| item.audit_id.as_u128())
                    .filter(|id| known.insert(*id)),
            );
            place = page.next_cursor.unwrap();
            if matches!(place, Cursor::Arrival { caught_up: true, .. }) {
                break;
            }
        }
        assert_eq!(seen, (from..to).collect::<Vec<_>>());
    }
}

/// An arrival that this store has never given out is not taken for one of its own: who brings it is told, or finds nothing.
pub async fn a_cursor_of_another_store_is_refused_or_finds_nothing(store: &dyn Store, _: Abilities) {
    insert(store, &plain(1..10)).await;
    match store
        .query(&Query::default().cursor(Cursor::after(u64::MAX)), now())
        .await
    {
        Ok(page) => assert_eq!(page.items, []),
        Err(error) => {
            assert_eq!(
                (error.code(), error.field()),
                (Code::QueryInvalid, Some("after")),
                "{error}"
            );
            assert!(!error.is_retryable());
        }
    }
}

/// Who follows from the end hears of what comes, and need not read what was there.
pub async fn the_end_is_a_place_to_follow_from(store: &dyn Store, abilities: Abilities) {
    if !abilities.feed {
        return;
    }
    let empty = store.newest().await.unwrap();
    insert(store, &plain(1..10)).await;
    let base = Query::default().limit(4);
    // One that was made while nothing was there stays right.
    let (seen, _) = follow(store, &base, empty, &mut HashSet::new()).await;
    assert_eq!(seen, (1..10).collect::<Vec<_>>());
    let end = store.newest().await.unwrap();
    let Cursor::Arrival {
        arrival,
        caught_up: true,
    } = end
    else {
        panic!("{end:?}")
    };
    insert(store, &plain(10..15)).await;
    assert_eq!(
        follow(store, &base, Cursor::after(arrival), &mut HashSet::new())
            .await
            .0,
        (10..15).collect::<Vec<_>>()
    );
    // A store with late arrivals may repeat what came just before.
    let mut known = (1..10).collect();
    let (seen, _) = follow(store, &base, end, &mut known).await;
    assert_eq!(seen, (10..15).collect::<Vec<_>>());
}
