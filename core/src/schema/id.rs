//! Ids: UUIDv7 for what happens once, UUIDv8 for what a client may send again.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Last millisecond that the 48 bits of a UUIDv7 hold: in the year 10889.
const LAST_MILLIS: u64 = (1 << 48) - 1;
/// Bits of the counter: what one word has left beside the milliseconds.
const COUNTER_BITS: u32 = 16;

/// Makes UUIDv7s (RFC 9562, section 5.7) that only grow within one generator, also when the clock goes back.
///
/// The 12 bits behind the time and the first 4 of the random part are a counter, as RFC 9562 section 6.2 (method 1) allows; the
/// other 58 are random. A clock before 1970 counts as 1970, one past the last millisecond as that; where neither time nor counter
/// can grow further, in that very last millisecond, ids are unique by chance alone.
#[derive(Debug, Default)]
pub struct IdGenerator {
    /// Milliseconds and counter of the last id: one word, so that threads need no lock.
    last: AtomicU64,
}

impl IdGenerator {
    /// The next id for `now_ms`, milliseconds since 1970. `random` are ten fresh random bytes.
    pub fn next(&self, now_ms: i64, random: [u8; 10]) -> Uuid {
        let now = u64::try_from(now_ms).unwrap_or(0).min(LAST_MILLIS);
        let [r0, r1, rest @ ..] = random;
        // Start in the lower half so that one millisecond can count 2^15 ids before it borrows from the next.
        let fresh = now << COUNTER_BITS | u64::from(u16::from_be_bytes([r0, r1]) >> 1);
        let after = |last: u64| {
            if now > last >> COUNTER_BITS {
                fresh
            } else {
                // A full counter carries into the milliseconds.
                last.saturating_add(1)
            }
        };
        let mut last = self.last.load(Relaxed);
        while let Err(other) = self.last.compare_exchange_weak(last, after(last), Relaxed, Relaxed) {
            last = other;
        }
        let (millis, counter) = (after(last) >> COUNTER_BITS, after(last) & 0xffff);
        let high = millis << 16 | 0x7000 | counter >> 4;
        let low = u64::from_be_bytes(rest) >> 6 | (counter & 0xf) << 58;
        Uuid::from_u64_pair(high, low | 0x8000_0000_0000_0000)
    }
}

/// The id of an event that a client named itself: a UUIDv8 (RFC 9562, section 5.8) of SHA-256 over actor, project and event id,
/// so that the same event sent twice, even to two processes or across a restart, is one record.
///
/// Hashed are, one behind the other and each after its length in bytes (64 bits, big-endian): the actor, the project number
/// (64 bits, big-endian; 0 for none) and the event id, as UTF-8. The first 16 bytes of the hash are the id, version and variant set.
pub fn event_id(actor: &str, project_number: Option<u64>, event_id: &str) -> Uuid {
    let mut hash = Sha256::new();
    for part in [
        actor.as_bytes(),
        &project_number.unwrap_or(0).to_be_bytes(),
        event_id.as_bytes(),
    ] {
        // Length first: ("ab", "c") and ("a", "bc") must differ.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bytes = [0u8; 16];
    for (to, from) in bytes.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_goes_back() {
        let ids = IdGenerator::default();
        let mut last = Uuid::nil();
        for step in 0..10_000i64 {
            let now = if step % 3 == 0 { 5_000 - step } else { 5_000 + step };
            let id = ids.next(now, [(step % 251) as u8; 10]);
            assert!(id > last, "{id} after {last}");
            assert_eq!(id.get_version_num(), 7);
            assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
            last = id;
        }
    }

    #[test]
    fn a_full_counter_borrows_from_the_next_millisecond() {
        let ids = IdGenerator {
            last: AtomicU64::new(7 << COUNTER_BITS | 0xfffe),
        };
        let last_of_seven = ids.next(7, [255; 10]);
        let first_of_eight = ids.next(7, [0; 10]);
        let clock_has_caught_up = ids.next(8, [0; 10]);
        assert_eq!(last_of_seven.as_u64_pair().0, 7 << 16 | 0x7fff);
        assert_eq!(first_of_eight.as_u64_pair().0, 8 << 16 | 0x7000);
        assert!(last_of_seven < first_of_eight && first_of_eight < clock_has_caught_up);
    }

    #[test]
    fn a_clock_beyond_what_an_id_can_hold_makes_no_older_ids() {
        let ids = IdGenerator::default();
        let before_1970 = ids.next(i64::MIN, [9; 10]);
        assert_eq!(before_1970.get_version_num(), 7);
        assert!(before_1970.as_u64_pair().0 >> 16 <= 1, "{before_1970}");
        let far = ids.next(i64::MAX, [0; 10]);
        let farther = ids.next(i64::MAX, [0; 10]);
        assert_eq!(far.as_u64_pair().0 >> 16, LAST_MILLIS);
        assert!(before_1970 < far && far < farther);
        let at_the_end = IdGenerator {
            last: AtomicU64::new(u64::MAX),
        };
        assert_ne!(at_the_end.next(0, [1; 10]), at_the_end.next(0, [2; 10]));
    }

    #[test]
    fn threads_that_share_a_generator_never_get_the_same_id_and_each_sees_its_own_grow() {
        let ids = IdGenerator::default();
        let of_one_thread = |seed: u8| {
            // The same bytes for all: only the counter keeps the ids apart.
            (0..5_000i64)
                .map(|step| ids.next(1_000 + step / 100 - i64::from(seed), [7; 10]))
                .collect::<Vec<_>>()
        };
        let all: Vec<Vec<Uuid>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|seed| scope.spawn(move || of_one_thread(seed))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for own in &all {
            assert!(own.is_sorted_by(|left, right| left < right));
        }
        let distinct: std::collections::HashSet<_> = all.iter().flatten().collect();
        assert_eq!(distinct.len(), 8 * 5_000);
    }

    #[test]
    fn every_process_and_release_gives_an_event_the_same_id() {
        // Computed apart from this code, by the rule in `event_id`'s documentation.
        for (actor, project, event, expected) in EVENT_IDS {
            assert_eq!(
                event_id(actor, *project, event).to_string(),
                *expected,
                "{actor} {project:?} {event}"
            );
        }
    }

    const EVENT_IDS: &[(&str, Option<u64>, &str, &str)] = &[
        ("key_abc", Some(42), "e1", "02a63841-d4f5-8d34-9984-860ebc6d8fb7"),
        ("anonymous", None, "e1", "4daefa07-a05a-816c-9035-5ab5470d8014"),
        ("", Some(0), "", "003d837b-bb71-8e13-b781-88399eacd53d"),
        (
            "Zoë 👩‍👩‍👧",
            Some(9_007_199_254_740_991),
            "Straße/7",
            "754afea8-648a-8168-bc30-4aef94e506fd",
        ),
    ];

    #[test]
    fn event_ids_depend_on_every_part() {
        let id = event_id("key", Some(42), "e1");
        assert_eq!(id, event_id("key", Some(42), "e1"));
        assert_eq!(id.get_version_num(), 8);
        for other in [
            event_id("keye", Some(42), "1"),
            event_id("key", Some(43), "e1"),
            event_id("key", None, "e1"),
        ] {
            assert_ne!(id, other);
        }
    }
}
