//! How much there is.

use super::Abilities;
use super::support::{insert, plain};
use crate::store::{Size, Store};

/// The size follows what is stored: each record once, in bytes that grow.
pub async fn a_size_follows_what_is_stored(store: &dyn Store, abilities: Abilities) {
    let before = store.size().await.unwrap();
    if !abilities.size {
        assert_eq!(before, Size::default());
        return;
    }
    assert_eq!(before.records, Some(0));
    let batch = plain(1..1_001);
    for part in batch.chunks(250) {
        insert(store, part).await;
    }
    // What is there already adds nothing.
    assert_eq!(store.insert(&batch[..250]).await.unwrap().duplicates, 250);
    let after = store.size().await.unwrap();
    let (records, bytes) = (after.records.unwrap(), after.bytes.unwrap());
    if after.records_is_estimate {
        assert!((800..=1_200).contains(&records), "{after:?}");
    } else {
        assert_eq!(records, 1_000);
    }
    // A store may bring to its disk later what it holds in memory.
    assert!(bytes > 0 && bytes >= before.bytes.unwrap(), "{before:?} {after:?}");
    assert!(after.index_bytes.is_none_or(|index| index < bytes), "{after:?}");
}
