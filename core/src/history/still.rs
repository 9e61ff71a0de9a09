//! For how long the clock alone changes nothing.

/// The times at which what was computed at one of them holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Still {
    from: i64,
    until: i64,
}

impl Still {
    pub(super) const ALWAYS: Still = Still {
        from: i64::MIN,
        until: i64::MAX,
    };

    pub(super) fn holds(self, now: i64) -> bool {
        self.from <= now && now <= self.until
    }

    /// As far as this holds on the same side as `now` of a turn: `last` is the last moment before it.
    pub(super) fn turn(&mut self, last: i64, now: i64) {
        if now <= last {
            self.until = self.until.min(last);
        } else {
            self.from = self.from.max(last.saturating_add(1));
        }
    }

    /// As far as both hold.
    pub(super) fn join(&mut self, other: Still) {
        self.from = self.from.max(other.from);
        self.until = self.until.min(other.until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_up_to_the_next_turn_either_way() {
        let mut still = Still::ALWAYS;
        for last in [10, 20, 30] {
            still.turn(last, 15);
        }
        let holds = |still: Still| (0..40).filter(|now| still.holds(*now)).collect::<Vec<_>>();
        assert_eq!(holds(still), (11..=20).collect::<Vec<_>>());
        let mut other = Still::ALWAYS;
        other.turn(12, 15);
        still.join(other);
        assert_eq!(holds(still), (13..=20).collect::<Vec<_>>());
    }

    #[test]
    fn the_ends_of_time_are_no_turns() {
        for now in [i64::MIN, 0, i64::MAX] {
            for last in [i64::MIN, i64::MAX] {
                let mut still = Still::ALWAYS;
                still.turn(last, now);
                assert!(still.holds(now), "{now} {last}");
            }
        }
    }
}
