//! The arrival feed: what others have brought.

use std::time::Duration;

use serde_json::json;

use super::Abilities;
use super::support::{insert, record};
use crate::store::{Arrived, EncodedRecord, Store};

fn of(writer: &str, numbers: impl IntoIterator<Item = u128>) -> Vec<EncodedRecord> {
    let one = |number| record(number, |fields| fields["writer_id"] = json!(writer));
    numbers.into_iter().map(one).collect()
}

/// Asks until there is no more; answers the ids, and where it came to.
async fn all(store: &dyn Store, after: u64, not_from: &str, limit: u32) -> (Vec<u128>, u64) {
    let (mut seen, mut place) = (Vec::new(), after);
    loop {
        let arrived = store.arrived(Some(place), not_from, limit).await.unwrap();
        assert!(arrived.records.len() <= limit as usize);
        let mut before = place;
        for item in &arrived.records {
            assert!(
                item.arrival > before && item.arrival <= arrived.newest,
                "in the order of arrival"
            );
            before = item.arrival;
            seen.push(item.audit_id.as_u128());
        }
        assert!(arrived.newest >= place);
        assert!(
            arrived.newest > place || !arrived.more,
            "it comes further as long as there is more"
        );
        place = arrived.newest;
        if !arrived.more {
            return (seen, place);
        }
    }
}

/// Records of all other writers are told, those of one's own are not; without a place to begin from, only the place is.
pub async fn what_others_have_brought_is_told(store: &dyn Store, abilities: Abilities) {
    let start = store.arrived(None, "me", 10).await.unwrap();
    assert_eq!((start.records.len(), start.more), (0, false));
    insert(store, &of("me", 1..6)).await;
    insert(store, &of("them", 6..9)).await;
    insert(store, &of("me", 9..12)).await;
    let (one, two) = (of("others", [12]), of("", [13]));
    insert(store, &[one, two].concat()).await;
    let seen = all(store, start.newest, "me", 10).await;
    if !abilities.feed {
        let nothing = Arrived {
            newest: start.newest,
            ..Arrived::default()
        };
        assert_eq!(store.arrived(Some(start.newest), "me", 10).await.unwrap(), nothing);
        return;
    }
    assert_eq!(seen.0, [6, 7, 8, 12, 13]);
    assert_eq!(
        all(store, start.newest, "them", 10).await.0,
        [1, 2, 3, 4, 5, 9, 10, 11, 12, 13]
    );
    assert_eq!(
        all(store, start.newest, "nobody", 10).await.0,
        (1..14).collect::<Vec<_>>()
    );

    let end = store.arrived(None, "me", 10).await.unwrap();
    assert_eq!((end.records.len(), end.more), (0, false));
    assert!(end.newest >= seen.1, "the newest arrival of all");
    assert_eq!(all(store, end.newest, "me", 10).await.0, [0; 0]);
    let late = of("them", [2_000]);
    insert(store, &late).await;
    let arrived = store.arrived(Some(end.newest), "me", 10).await.unwrap();
    assert_eq!(arrived.records.len(), 1);
    assert_eq!(arrived.records[0].json, late[0].json());
}

/// More than fits into one answer comes in several, and much of one's own hides nothing behind it.
pub async fn much_that_others_have_brought_is_told_in_parts(store: &dyn Store, abilities: Abilities) {
    if !abilities.feed {
        return;
    }
    let start = store.arrived(None, "me", 10).await.unwrap().newest;
    let mut expected = Vec::new();
    for block in 0..30_u128 {
        insert(store, &of("me", block * 1_000 + 1..block * 1_000 + 101)).await;
        let theirs = block * 1_000 + 500..block * 1_000 + 500 + block % 4;
        expected.extend(theirs.clone());
        insert(store, &of("them", theirs)).await;
    }
    for limit in [1, 7, 1_000] {
        let (seen, place) = all(store, start, "me", limit).await;
        assert_eq!(seen, expected, "{limit}");
        assert_eq!(all(store, place, "me", limit).await, (Vec::new(), place));
    }
}

/// A follower that goes back by what may come late goes back far enough, and never forward.
pub async fn an_arrival_is_rewound_to_one_before(store: &dyn Store, abilities: Abilities) {
    let start = store.arrived(None, "me", 10).await.unwrap().newest;
    insert(store, &of("them", 1..21)).await;
    let (seen, newest) = all(store, start, "me", 100).await;
    assert_eq!(seen.len(), if abilities.feed { 20 } else { 0 });
    let late = store.late_arrivals();
    assert!(
        late < Duration::from_secs(600),
        "followers would read all of it again and again: {late:?}"
    );
    let (same, back, further) = (
        store.rewound(newest, Duration::ZERO),
        store.rewound(newest, late),
        store.rewound(newest, late + Duration::from_secs(3_600)),
    );
    assert!(further <= back && back <= same && same <= newest);
    assert_eq!(store.rewound(0, late), 0);
    if abilities.feed && !late.is_zero() {
        assert!(back < newest);
        assert_eq!(all(store, further, "me", 100).await.0, seen, "all of it once more");
    }
}
