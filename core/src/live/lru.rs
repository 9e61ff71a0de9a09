//! Slots in the order of their last use.

/// Numbered slots, the one that was used longest ago first. Every step takes the same short time, however many there are.
#[derive(Debug, Default)]
pub(super) struct Lru {
    links: Vec<Option<Link>>,
    oldest: Option<usize>,
    newest: Option<usize>,
    len: usize,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    older: Option<usize>,
    newer: Option<usize>,
}

impl Lru {
    /// Slots that are in it.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The slot that was used longest ago.
    pub(super) fn oldest(&self) -> Option<usize> {
        self.oldest
    }

    pub(super) fn contains(&self, slot: usize) -> bool {
        self.links.get(slot).is_some_and(Option::is_some)
    }

    fn link(&mut self, slot: Option<usize>) -> Option<&mut Link> {
        self.links.get_mut(slot?)?.as_mut()
    }

    /// Says that a slot is used now; one that is not in it comes in.
    pub(super) fn touch(&mut self, slot: usize) {
        if self.newest == Some(slot) {
            return;
        }
        self.remove(slot);
        if slot >= self.links.len() {
            self.links.resize(slot + 1, None);
        }
        let last = self.newest;
        if let Some(place) = self.links.get_mut(slot) {
            *place = Some(Link {
                older: last,
                newer: None,
            });
        }
        match self.link(last) {
            Some(last) => last.newer = Some(slot),
            None => self.oldest = Some(slot),
        }
        self.newest = Some(slot);
        self.len += 1;
    }

    /// Takes a slot out; one that is not in it stays out.
    pub(super) fn remove(&mut self, slot: usize) {
        let Some(Link { older, newer }) = self.links.get_mut(slot).and_then(Option::take) else {
            return;
        };
        match self.link(older) {
            Some(older) => older.newer = newer,
            None => self.oldest = newer,
        }
        match self.link(newer) {
            Some(newer) => newer.older = older,
            None => self.newest = older,
        }
        self.len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_keeps_the_order_of_use(steps in prop::collection::vec((0..8_usize, any::<bool>()), 0..200)) {
            let mut lru = Lru::default();
            let mut model: Vec<usize> = Vec::new();
            for (slot, used) in steps {
                model.retain(|other| *other != slot);
                if used {
                    model.push(slot);
                    lru.touch(slot);
                } else {
                    lru.remove(slot);
                }
                prop_assert_eq!((lru.len(), lru.oldest()), (model.len(), model.first().copied()));
            }
            for slot in model {
                prop_assert_eq!(lru.oldest(), Some(slot));
                lru.remove(slot);
            }
            prop_assert_eq!((lru.len(), lru.oldest(), lru.newest), (0, None, None));
        }
    }
}
