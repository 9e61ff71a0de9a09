//! Random bits without a system call for each record.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::clock::random;

/// The step of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Numbers that no other trail has and that do not repeat within one: a random start, and from there SplitMix64. They tell records apart;
/// nothing secret rests on them.
#[derive(Debug)]
pub(crate) struct Entropy(AtomicU64);

impl Default for Entropy {
    fn default() -> Self {
        Entropy(AtomicU64::new(u64::from_le_bytes(random())))
    }
}

impl Entropy {
    /// Any number below a bound, or 0 below none.
    pub(crate) fn below(&self, bound: usize) -> usize {
        let bits = mixed(self.0.fetch_add(STEP, Relaxed).wrapping_add(STEP));
        // A remainder's bias does not matter for what this picks.
        usize::try_from(bits % (bound as u64).max(1)).unwrap_or(0)
    }

    /// Ten bytes, as an id takes.
    pub(crate) fn ten(&self) -> [u8; 10] {
        let first = self.0.fetch_add(STEP.wrapping_mul(2), Relaxed).wrapping_add(STEP);
        let (low, high) = (
            mixed(first).to_le_bytes(),
            mixed(first.wrapping_add(STEP)).to_le_bytes(),
        );
        let mut bytes = [0; 10];
        for (to, from) in bytes.iter_mut().zip(low.into_iter().chain(high)) {
            *to = from;
        }
        bytes
    }
}

/// The number that comes of a state.
fn mixed(mut mixed: u64) -> u64 {
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_do_not_repeat_and_trails_differ() {
        let (one, other) = (Entropy::default(), Entropy::default());
        let seen: HashSet<[u8; 10]> = (0..20_000)
            .map(|turn| if turn % 2 == 0 { one.ten() } else { other.ten() })
            .collect();
        assert_eq!(seen.len(), 20_000);
    }

    #[test]
    fn it_is_split_mix_64() {
        // The reference implementation's first values from the seed 0.
        let expected = [
            0xe220_a839_7b1d_cdaf_u64.to_le_bytes(),
            0x6e78_9e6a_a1b9_65f4_u64.to_le_bytes(),
        ]
        .concat();
        assert_eq!(Entropy(AtomicU64::new(0)).ten().as_slice(), &expected[..10]);
    }
}
