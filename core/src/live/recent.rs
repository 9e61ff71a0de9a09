//! Ids that were published lately.

use std::collections::{HashSet, VecDeque};

use uuid::Uuid;

/// Ids that are remembered: 10 s of 3,200 records a second that other processes wrote. About 2 MB when it is full.
pub(super) const RECENT: usize = 32_768;

/// The last [`RECENT`] ids.
#[derive(Debug, Default)]
pub(super) struct Recent {
    ids: HashSet<Uuid>,
    order: VecDeque<Uuid>,
}

impl Recent {
    /// Remembers an id; false when it was known.
    pub(super) fn insert(&mut self, id: Uuid) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        if self.order.len() >= RECENT
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        self.order.push_back(id);
        true
    }

    pub(super) fn contains(&self, id: Uuid) -> bool {
        self.ids.contains(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_id_is_forgotten_first() {
        let mut recent = Recent::default();
        for number in 0..=RECENT as u128 {
            assert!(recent.insert(Uuid::from_u128(number)));
        }
        assert!(!recent.contains(Uuid::from_u128(0)) && recent.contains(Uuid::from_u128(1)));
        assert!(!recent.insert(Uuid::from_u128(1)));
        assert_eq!((recent.ids.len(), recent.order.len()), (RECENT, RECENT));
    }
}
