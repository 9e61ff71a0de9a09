//! Pages by cursor and by offset, and totals.

use serde_json::json;
use uuid::Uuid;

use super::Abilities;
use super::support::{NOW, ids, insert, keyset, plain, query, read_all, record};
use crate::query::{Cursor, MAX_LIMIT, Order, Query, TOTAL_CAP};
use crate::schema::Timestamp;
use crate::store::Store;

/// Pages by cursor hold every record once, whatever is inserted behind them.
pub async fn pages_by_cursor_are_complete_while_records_come(store: &dyn Store, _: Abilities) {
    for order in [Order::Descending, Order::Ascending] {
        for workspace in [None, Some("ws_a".to_owned())] {
            let base =
                if order == Order::Ascending { 100_000 } else { 0 } + if workspace.is_some() { 10_000 } else { 0 };
            let (from, to) = (base + 1_000, base + 1_050);
            insert(store, &plain(from..to)).await;
            let (first, last) = (
                record(from, |_| {}).record().timestamp,
                record(to, |_| {}).record().timestamp,
            );
            let mut newcomer = to;
            let question = Query {
                order,
                limit: 7,
                workspace_id: workspace,
                start_time: Some(first),
                end_time: Some(last.plus_millis(1_000)),
                ..Query::default()
            };
            let seen = read_all(store, question, async |_| {
                // One behind every page that was read: it must neither show nor move anything.
                if order == Order::Descending {
                    insert(store, &plain(newcomer..newcomer + 1)).await;
                    newcomer += 1;
                }
            })
            .await;
            let mut expected: Vec<u128> = (from..to).collect();
            if order == Order::Descending {
                expected.reverse();
            }
            assert_eq!(seen, expected, "{order:?}");
        }
    }
}

/// Records of one moment are in the order of their ids, compared as bytes, and no page ends between them wrongly.
pub async fn records_of_the_same_time_are_paged_by_id(store: &dyn Store, _: Abilities) {
    let mut batch: Vec<_> = (0..23_u128)
        .map(|n| {
            record(n * 7 % 23 + 1, |fields| {
                fields["timestamp"] = json!("2026-01-01T00:00:00.000Z");
                fields.insert("origin_workspace_id".into(), json!((n % 2 == 0).then_some("ws_z")));
            })
        })
        .collect();
    // Ids are compared as bytes without a sign.
    batch.push(record(1, |fields| {
        fields["timestamp"] = json!("2026-01-01T00:00:00.000Z");
        fields["audit_id"] = json!(Uuid::from_u128(u128::MAX));
    }));
    insert(store, &batch).await;
    for limit in [1, 5, 24] {
        let mut expected: Vec<u128> = (1..=23).chain([u128::MAX]).collect();
        let ascending = Query {
            order: Order::Ascending,
            ..Query::default().limit(limit)
        };
        assert_eq!(read_all(store, ascending, async |_| ()).await, expected);
        expected.reverse();
        assert_eq!(
            read_all(store, Query::workspace("ws_a").limit(limit), async |_| ()).await,
            expected
        );
        expected.retain(|id| {
            batch
                .iter()
                .any(|r| r.record().audit_id.as_u128() == *id && r.record().origin_workspace_id.is_some())
        });
        assert_eq!(
            read_all(store, Query::workspace("ws_z").limit(limit), async |_| ()).await,
            expected
        );
    }
}

/// An offset skips, a limit bounds, and a total is that of the filters wherever the page begins.
pub async fn offset_and_limit(store: &dyn Store, _: Abilities) {
    insert(store, &plain(1..31)).await;
    for question in [Query::default(), Query::workspace("ws_a")] {
        let page = query(
            store,
            &Query {
                offset: 5,
                ..question.clone().limit(10)
            },
        )
        .await;
        assert_eq!(ids(&page), (16..=25).rev().collect::<Vec<_>>());
        assert_eq!((page.total, page.limit, page.offset), (30, 10, 5));
        assert!(page.next_cursor.is_some());
        let rest = query(store, &question.clone().limit(20).cursor(page.next_cursor.unwrap())).await;
        assert_eq!((ids(&rest), rest.next_cursor), ((1..=15).rev().collect(), None));
        let page = query(
            store,
            &Query {
                offset: 25,
                ..question.clone().limit(5)
            },
        )
        .await;
        assert_eq!((ids(&page), page.next_cursor), ((1..=5).rev().collect(), None));
        let page = query(
            store,
            &Query {
                offset: 1_000_000,
                ..question.clone()
            },
        )
        .await;
        assert_eq!((page.items.len(), page.total, page.next_cursor), (0, 30, None));
        // The total is of the filters, wherever the page begins.
        let page = query(store, &question.clone().limit(3).cursor(keyset(&rest.items[3]))).await;
        assert_eq!((page.total, page.items.len()), (30, 3));
    }
}

/// Up to [`TOTAL_CAP`] a total is exact; past it, it says that it is a lower bound.
pub async fn a_total_is_exact_up_to_its_cap_and_a_lower_bound_past_it(store: &dyn Store, _: Abilities) {
    let cap = u128::from(TOTAL_CAP);
    for start in (0..cap).step_by(1_000) {
        insert(store, &plain(start..start + 1_000)).await;
    }
    for question in [Query::default(), Query::workspace("ws_a")] {
        let page = query(store, &question.limit(1)).await;
        assert_eq!((page.total, page.total_is_lower_bound), (TOTAL_CAP, false));
    }
    insert(store, &plain(cap..cap + 1)).await;
    for question in [Query::default(), Query::workspace("ws_a")] {
        let page = query(store, &question.limit(1)).await;
        assert_eq!((page.total, page.total_is_lower_bound), (TOTAL_CAP, true));
    }
}

/// Pages by cursor hold every record once that stays, also when what was read goes, the very record that the cursor names, and some that
/// were still to come.
pub async fn pages_by_cursor_are_complete_while_records_come_and_go(store: &dyn Store, _: Abilities) {
    const RECORDS: usize = 60;
    let mut base = 0;
    for order in [Order::Descending, Order::Ascending] {
        for workspace in [None, Some("ws_a".to_owned())] {
            base += 10_000_u128;
            // In the order of the pages. All expire: most once they have been read, some before.
            let in_order = |position: usize| match order {
                Order::Ascending => base + position as u128,
                Order::Descending => base + (RECORDS - position) as u128,
            };
            let goes_early = |position: usize| position % 5 == 4;
            let batch: Vec<_> = (0..RECORDS)
                .map(|position| {
                    let until = if goes_early(position) { position / 2 } else { position };
                    record(in_order(position), |fields| {
                        let expiry = Timestamp::from_millis(NOW + 1 + until as i64);
                        fields.insert("expires_at".into(), json!(expiry));
                        fields.insert("run_id".into(), json!(base.to_string()));
                    })
                })
                .collect();
            insert(store, &batch).await;
            let mut question = Query {
                order,
                limit: 7,
                workspace_id: workspace,
                run_id: Some(base.to_string()),
                ..Query::default()
            };
            let (mut read, mut seen, mut newcomer) = (0, Vec::new(), base + 5_000);
            loop {
                let time = Timestamp::from_millis(NOW + read);
                let page = store.query(&question, time).await.unwrap();
                seen.extend(ids(&page));
                let Some(cursor) = page.next_cursor else { break };
                question.cursor = Cursor::parse(&cursor.to_string());
                let last = *seen.last().unwrap();
                read = 1 + (0..RECORDS).find(|position| in_order(*position) == last).unwrap() as i64;
                store.sweep(Timestamp::from_millis(NOW + read)).await.unwrap();
                if order == Order::Descending {
                    let later = record(newcomer, |fields| {
                        fields.insert("run_id".into(), json!(base.to_string()));
                    });
                    insert(store, &[later]).await;
                    newcomer += 1;
                }
            }
            let position = |id: &u128| (0..RECORDS).find(|position| in_order(*position) == *id);
            let positions: Vec<usize> = seen.iter().map(|id| position(id).unwrap()).collect();
            assert!(positions.is_sorted_by(|a, b| a < b), "{order:?}: {positions:?}");
            for stays in (0..RECORDS).filter(|position| !goes_early(*position)) {
                assert!(positions.contains(&stays), "{order:?}: {stays} of {positions:?}");
            }
            assert!(positions.len() < RECORDS, "some went before they were read");
        }
    }
}

/// A query that is made in the program may ask for a thousand records at once, and for no total.
pub async fn pages_may_be_large_and_uncounted(store: &dyn Store, _: Abilities) {
    insert(store, &plain(1..2_501)).await;
    for base in [
        Query::workspace("ws_a"),
        Query::workspace("ws_a").cursor(Cursor::after(0)),
    ] {
        let mut question = Query {
            limit: 1_000,
            counted: false,
            order: Order::Ascending,
            ..base
        };
        let mut seen = Vec::new();
        for expected in [1_000, 1_000, 500] {
            let page = query(store, &question).await;
            assert_eq!((page.items.len(), page.limit), (expected, 1_000));
            assert!(
                page.total <= TOTAL_CAP && page.total_is_lower_bound,
                "nobody has counted"
            );
            seen.extend(ids(&page));
            question.cursor = page.next_cursor;
        }
        assert_eq!(seen, (1..2_501).collect::<Vec<_>>());
    }
    // A larger wish of REST's is cut.
    assert_eq!(Query::from_json(r#"{"limit":1000}"#).unwrap().limit, MAX_LIMIT);
}
