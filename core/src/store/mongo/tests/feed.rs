//! Records by their arrival: the feed, and what becomes visible late.

use std::sync::atomic::AtomicU64;

use serde_json::json;

use super::*;
use crate::query::{Cursor, StoredRecord};

fn by(writer: &'static str) -> impl Fn(u128) -> EncodedRecord {
    move |number| record(number, |fields| fields["writer_id"] = json!(writer))
}

fn ids(records: &[StoredRecord]) -> Vec<u128> {
    records.iter().map(|record| record.audit_id.as_u128()).collect()
}

/// Puts a document there as if another writer's batch had become visible only now.
async fn becomes_visible(server: &Server, number: u128, arrival: u64) {
    static SEQ: AtomicU64 = AtomicU64::new(1);
    let late = by("late")(number);
    let mut document = Document::try_from(document(late.record()).unwrap()).unwrap();
    document.insert("arrival", super::super::feed::timestamp(arrival));
    document.insert("seq", SEQ.fetch_add(1, Ordering::Relaxed) as i64);
    server.documents().insert_one(document).await.unwrap();
}

#[tokio::test]
async fn the_feed_passes_over_its_own_records_in_the_index() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    let empty = store.arrived(None, "own", 10).await.unwrap();
    assert_eq!(empty, Arrived::default());
    assert_eq!(store.arrived(Some(7), "own", 10).await.unwrap().newest, 7);

    let (own, other) = (by("own"), by("other"));
    store.insert(&[other(1)]).await.unwrap();
    let start = store.arrived(None, "own", 10).await.unwrap();
    assert!(start.records.is_empty() && !start.more && start.newest > 0);

    let batch: Vec<_> = (100..2_100).map(&own).collect();
    store.insert(&batch).await.unwrap();
    let quiet = store.arrived(Some(start.newest), "own", 10).await.unwrap();
    assert!(quiet.records.is_empty() && !quiet.more && quiet.newest > start.newest);

    // The very commands, as the server saw them: no document was read.
    server.profile().await;
    store.arrived(Some(start.newest), "own", 10).await.unwrap();
    let looks = server.profiled("find").await;
    assert_eq!(looks.len(), 2, "{looks:?}");
    for look in &looks {
        assert_eq!(look.get_i32("docsExamined").unwrap(), 0, "{look}");
        assert!(
            look.get_document("command").unwrap().contains_key("maxTimeMS"),
            "{look}"
        );
    }

    store.insert(&(10..15).map(&other).collect::<Vec<_>>()).await.unwrap();
    store
        .insert(&(3_000..3_100).map(&own).collect::<Vec<_>>())
        .await
        .unwrap();
    let first = store.arrived(Some(start.newest), "own", 3).await.unwrap();
    assert_eq!((ids(&first.records), first.more), (vec![10, 11, 12], true));
    assert_eq!(first.newest, first.records.last().unwrap().arrival);
    let rest = store.arrived(Some(first.newest), "own", 3).await.unwrap();
    assert_eq!((ids(&rest.records), rest.more), (vec![13, 14], false));
    assert_eq!(rest.newest, store.arrived(None, "own", 1).await.unwrap().newest);
    assert_eq!(store.arrived(Some(0), "nobody", 5).await.unwrap().records.len(), 5);
    store.close().await;
    server.end().await;
}

#[tokio::test]
async fn a_follower_who_was_away_for_long_goes_on_in_steps() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    let day = 86_400_u64;
    let first = 1_700_000_000_u64;
    // Two far apart, and one in the second minute of the first day.
    for (number, seconds) in [(1, first), (2, first + 90), (3, first + day)] {
        becomes_visible(&server, number, seconds << 32 | 1).await;
    }
    let (mut after, mut seen, mut looks) = (1, Vec::new(), 0);
    loop {
        let arrived = store.arrived(Some(after), "own", 10).await.unwrap();
        looks += 1;
        seen.extend(ids(&arrived.records));
        assert!(arrived.newest > after || !arrived.more);
        after = arrived.newest;
        if !arrived.more {
            break;
        }
    }
    assert_eq!((seen, looks), (vec![1, 2, 3], 3));
    assert_eq!(after, (first + day) << 32 | 1);
    store.close().await;
    server.end().await;
}

#[tokio::test]
async fn what_becomes_visible_late_is_found_by_who_reads_again() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    store.insert(&[by("other")(1)]).await.unwrap();
    let newest = store.arrived(None, "own", 1).await.unwrap().newest;
    let late = store.late_arrivals();
    assert_eq!(late, Duration::from_secs(10));
    let rewound = store.rewound(newest, late);
    assert!(rewound < newest && (newest >> 32) - (rewound >> 32) == 10);
    assert_eq!(store.rewound(5 << 32 | 3, late), 0);

    becomes_visible(&server, 2, newest - (9 << 32)).await;
    assert_eq!(store.arrived(Some(newest), "own", 10).await.unwrap().records, []);
    let again = store.arrived(Some(rewound), "own", 10).await.unwrap();
    assert_eq!(ids(&again.records), [2, 1]);
    store.close().await;
    server.end().await;
}

#[tokio::test]
async fn a_follower_reads_again_what_may_have_become_visible_late() {
    let Some(server) = Server::new().await else { return };
    let store = server.open().await;
    let now = Timestamp::from_millis(4_000_000_000_000);
    store.insert(&(1..=5).map(by("w")).collect::<Vec<_>>()).await.unwrap();
    let base = Query::workspace("ws_a").limit(3);
    let mut cursor = Cursor::after(0);
    let walk = async |cursor: &mut Cursor| {
        let page = store.query(&base.clone().cursor(*cursor), now).await.unwrap();
        *cursor = page.next_cursor.unwrap();
        ids(&page.items)
    };
    assert_eq!(walk(&mut cursor).await, [1, 2, 3]);
    let Cursor::Arrival { arrival, caught_up } = cursor else {
        panic!("{cursor:?}")
    };
    assert!(!caught_up);

    // In the middle of a walk nothing is read twice.
    becomes_visible(&server, 10, arrival - (1 << 32)).await;
    assert_eq!(walk(&mut cursor).await, [4, 5]);
    let Cursor::Arrival { arrival, caught_up } = cursor else {
        panic!("{cursor:?}")
    };
    assert!(caught_up);

    // Who has caught up goes back, and so finds that one, one that arrived even earlier, but none from before that.
    becomes_visible(&server, 11, arrival - (8 << 32)).await;
    becomes_visible(&server, 12, arrival - (20 << 32)).await;
    let mut seen = Vec::new();
    loop {
        seen.extend(walk(&mut cursor).await);
        if matches!(cursor, Cursor::Arrival { caught_up: true, .. }) {
            break;
        }
    }
    assert_eq!(seen, [11, 10, 1, 2, 3, 4, 5]);
    let Cursor::Arrival { arrival: reached, .. } = cursor else {
        panic!("{cursor:?}")
    };
    assert_eq!(reached, arrival);
    store.close().await;
    server.end().await;
}
