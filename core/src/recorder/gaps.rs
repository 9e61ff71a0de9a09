//! What was lost, for the records that will say so.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

/// Gaps that wait to be reported; further losses widen the last one of their kind.
const MAX_GAPS: usize = 64;

/// Why numbers are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Memory was full.
    QueueFull,
    /// The spool was full and gave up its oldest.
    SpoolFull,
    /// A file of the spool was damaged.
    #[cfg(feature = "sqlite")]
    SpoolDamaged,
    /// The store refuses the record for good.
    Refused,
    /// The store held an event of this id already, from another sending.
    Duplicate,
    /// A process ended without closing its trail: what it had in memory is gone.
    #[cfg(feature = "sqlite")]
    UncleanStop,
}

impl Reason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Reason::QueueFull => "queue_full",
            Reason::SpoolFull => "spool_full",
            #[cfg(feature = "sqlite")]
            Reason::SpoolDamaged => "spool_damaged",
            Reason::Refused => "refused",
            Reason::Duplicate => "duplicate",
            #[cfg(feature = "sqlite")]
            Reason::UncleanStop => "unclean_stop",
        }
    }
}

/// Numbers of one writer that no record has. `to_seq` and `count` are `None` where nobody knows: with a `count` alone, so many are missing
/// somewhere from `from_seq` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) writer_id: String,
    pub(crate) from_seq: u64,
    pub(crate) to_seq: Option<u64>,
    pub(crate) count: Option<u64>,
    pub(crate) reason: Reason,
}

impl Gap {
    /// The metadata of an `audit.gap` record.
    pub(crate) fn metadata(&self) -> Value {
        json!({
            "writer_id": self.writer_id,
            "from_seq": self.from_seq,
            "to_seq": self.to_seq,
            "count": self.count,
            "reason": self.reason.as_str(),
        })
    }
}

/// Gaps that were not reported yet.
#[derive(Debug, Default)]
pub(crate) struct Gaps(Mutex<VecDeque<Gap>>);

impl Gaps {
    /// Notes that one number of `writer_id` will have no record.
    pub(crate) fn note(&self, writer_id: &str, seq: u64, reason: Reason) {
        let mut gaps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_crowded = gaps.len() >= MAX_GAPS;
        let mut alike = gaps
            .iter_mut()
            .rev()
            .filter(|gap| gap.reason == reason && gap.writer_id == writer_id);
        let last = alike.next();
        match last {
            Some(gap) if is_crowded || gap.to_seq.is_some_and(|to| to + 1 == seq) => {
                gap.from_seq = gap.from_seq.min(seq);
                gap.to_seq = gap.to_seq.map(|to| to.max(seq));
                gap.count = gap.count.map(|count| count + 1);
            }
            _ => gaps.push_back(Gap {
                writer_id: writer_id.to_owned(),
                from_seq: seq,
                to_seq: Some(seq),
                count: Some(1),
                reason,
            }),
        }
    }

    /// Notes that records of `writer_id` are lost of which nobody can say the numbers.
    #[cfg(feature = "sqlite")]
    pub(crate) fn note_unnumbered(&self, writer_id: &str, lost: u64, reason: Reason) {
        if lost == 0 {
            return;
        }
        let mut gaps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut alike = gaps
            .iter_mut()
            .filter(|gap| gap.reason == reason && gap.writer_id == writer_id && gap.to_seq.is_none());
        match alike.next() {
            Some(gap) => gap.count = gap.count.map(|count| count + lost),
            None => gaps.push_back(Gap {
                writer_id: writer_id.to_owned(),
                from_seq: 1,
                to_seq: None,
                count: Some(lost),
                reason,
            }),
        }
    }

    /// Whether one waits.
    pub(crate) fn is_any(&self) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Takes all that wait.
    pub(crate) fn take(&self) -> VecDeque<Gap> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From, to and count of each gap that waits.
    fn taken(gaps: &Gaps) -> Vec<(u64, Option<u64>, Option<u64>)> {
        let gaps = gaps.take().into_iter();
        gaps.map(|gap| (gap.from_seq, gap.to_seq, gap.count)).collect()
    }

    #[test]
    fn neighbours_join_and_the_number_of_gaps_is_bounded() {
        let gaps = Gaps::default();
        for seq in [1, 2, 3, 7, 8] {
            gaps.note("w", seq, Reason::QueueFull);
        }
        gaps.note("w", 4, Reason::Refused);
        assert_eq!(
            taken(&gaps),
            [(1, Some(3), Some(3)), (7, Some(8), Some(2)), (4, Some(4), Some(1))]
        );
        for seq in (0..1_000).step_by(2) {
            gaps.note("w", seq, Reason::QueueFull);
        }
        let taken = gaps.take();
        assert_eq!(taken.len(), MAX_GAPS);
        assert_eq!(taken.iter().filter_map(|gap| gap.count).sum::<u64>(), 500);
        assert!(gaps.take().is_empty());
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn what_is_lost_with_its_number_is_counted_apart() {
        let gaps = Gaps::default();
        gaps.note("w", 7, Reason::SpoolDamaged);
        for lost in [0, 2, 1] {
            gaps.note_unnumbered("w", lost, Reason::SpoolDamaged);
        }
        gaps.note("w", 8, Reason::SpoolDamaged);
        assert_eq!(
            taken(&gaps),
            [(7, Some(7), Some(1)), (1, None, Some(3)), (8, Some(8), Some(1))]
        );
    }
}
