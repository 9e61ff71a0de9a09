//! Ids: UUIDv7 for what happens once, UUIDv8 for what a client may send again.

use std::sync::Mutex;

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Makes UUIDv7s (RFC 9562, section 5.7) that only grow within one generator, also when the clock goes back.
///
/// The 12 bits behind the time and the first bits of the random part are a counter, as RFC 9562 section 6.2 (method 1) allows.
#[derive(Debug, Default)]
pub struct IdGenerator {
    last: Mutex<(u64, u64)>,
}

impl IdGenerator {
    /// The next id for `now_ms`. `random` are ten fresh random bytes.
    pub fn next(&self, now_ms: i64, random: [u8; 10]) -> Uuid {
        let now = u64::try_from(now_ms).unwrap_or(0);
        let [r0, r1, r2, r3, rest @ ..] = random;
        let (millis, counter) = {
            // The lock guards two integers and no code that can panic, so a poisoned one is still sound.
            let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *last = if now > last.0 {
                // Start in the lower half so that one millisecond can count 2^25 ids before it borrows from the next.
                (now, u64::from(u32::from_be_bytes([r0, r1, r2, r3]) >> 7))
            } else if last.1 < (1 << 26) - 1 {
                (last.0, last.1 + 1)
            } else {
                (last.0 + 1, 0)
            };
            *last
        };
        // 26 counter bits: 12 in rand_a, 14 at the head of rand_b.
        let rand_a = (counter >> 14) & 0xfff;
        let mut tail = [0u8; 8];
        for (to, from) in tail.iter_mut().skip(2).zip(rest) {
            *to = from;
        }
        let rand_b = (u64::from_be_bytes(tail) & 0x0000_ffff_ffff_ffff) | ((counter & 0x3fff) << 48);
        let high = ((millis & 0xffff_ffff_ffff) << 16) | 0x7000 | rand_a;
        Uuid::from_u64_pair(high, (rand_b & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000)
    }
}

/// The id of an event that a client named itself: a UUIDv8 (RFC 9562, section 5.8) of SHA-256 over actor, project and event id,
/// so that the same event sent twice, even to two processes, is one record.
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
