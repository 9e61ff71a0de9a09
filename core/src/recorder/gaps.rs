//! What was lost, for the records that will say so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
#[cfg(feature = "sqlite")]
use uuid::Uuid;

#[cfg(feature = "sqlite")]
use super::spool::DamagedRow;
#[cfg(feature = "sqlite")]
use crate::schema::event_id;

/// Gaps that wait to be reported; further losses widen the last one of their kind.
const MAX_GAPS: usize = 64;
/// Reports that are remembered until they are stored.
const MAX_TOLD: usize = 1_024;

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
    /// An id for its record that makes a second report of it harmless. One of more numbers is another's: they would go untold otherwise.
    #[cfg(feature = "sqlite")]
    pub(crate) fn id(&self) -> Uuid {
        let (reason, writer_id, from_seq) = (self.reason.as_str(), &self.writer_id, self.from_seq);
        let name = match self.to_seq {
            Some(to_seq) => format!("{reason}:{writer_id}:{from_seq}-{to_seq}"),
            None => format!("{reason}:{writer_id}:{from_seq}"),
        };
        event_id("tasktrail", None, &name)
    }

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

#[derive(Debug, Default)]
struct State {
    /// Not reported yet.
    waiting: VecDeque<Gap>,
    /// Taken to be reported, and not handed over yet.
    telling: Vec<Gap>,
    /// Reported by the record of this number, which is not stored yet. Should it be lost, what it told of is lost with it.
    told: BTreeMap<u64, Gap>,
}

impl State {
    /// The last gap of this kind and writer that has numbers.
    fn alike(&mut self, writer_id: &str, reason: Reason) -> Option<&mut Gap> {
        let mut alike = self
            .waiting
            .iter_mut()
            .rev()
            .filter(|gap| gap.reason == reason && gap.writer_id == writer_id);
        alike.next()
    }
}

/// Gaps that were not reported yet, or not safely.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    /// Whose records report them.
    own_writer_id: String,
    state: Mutex<State>,
}

impl Gaps {
    pub(crate) fn new(own_writer_id: &str) -> Self {
        Gaps {
            own_writer_id: own_writer_id.to_owned(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that runs under the lock can leave the state half-changed by a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that one number of `writer_id` will have no record.
    pub(crate) fn note(&self, writer_id: &str, seq: u64, reason: Reason) {
        let mut state = self.state();
        // A store that refuses a report would refuse it again.
        if matches!(reason, Reason::QueueFull | Reason::SpoolFull)
            && writer_id == self.own_writer_id
            && let Some(gap) = state.told.remove(&seq)
        {
            put_back(&mut state, gap);
        }
        let is_crowded = state.waiting.len() >= MAX_GAPS;
        match state.alike(writer_id, reason) {
            Some(gap) if is_crowded || gap.to_seq.is_some_and(|to| to + 1 == seq) => {
                gap.from_seq = gap.from_seq.min(seq);
                gap.to_seq = gap.to_seq.map(|to| to.max(seq));
                gap.count = gap.count.map(|count| count + 1);
            }
            _ => state.waiting.push_back(Gap {
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
        let mut state = self.state();
        let mut alike = state
            .waiting
            .iter_mut()
            .filter(|gap| gap.reason == reason && gap.writer_id == writer_id && gap.to_seq.is_none());
        match alike.next() {
            Some(gap) => gap.count = gap.count.map(|count| count + lost),
            None => state.waiting.push_back(Gap {
                writer_id: writer_id.to_owned(),
                from_seq: 1,
                to_seq: None,
                count: Some(lost),
                reason,
            }),
        }
    }

    /// Notes that so many records of `writer_id` are lost to damage; some of their rows still say a number.
    #[cfg(feature = "sqlite")]
    pub(crate) fn note_damaged(&self, writer_id: &str, rows: &[DamagedRow], lost: u64) {
        let mut unnumbered = lost;
        for seq in rows.iter().filter_map(|row| row.seq) {
            self.note(writer_id, seq, Reason::SpoolDamaged);
            unnumbered = unnumbered.saturating_sub(1);
        }
        self.note_unnumbered(writer_id, unnumbered, Reason::SpoolDamaged);
    }

    /// Whether one waits.
    pub(crate) fn is_any(&self) -> bool {
        !self.state().waiting.is_empty()
    }

    /// The lowest own number that is lost and not told of safely.
    #[cfg(feature = "sqlite")]
    pub(crate) fn first_untold(&self) -> Option<u64> {
        let state = self.state();
        let own = state.waiting.iter().chain(&state.telling).chain(state.told.values());
        let own = own.filter(|gap| gap.writer_id == self.own_writer_id);
        own.map(|gap| gap.from_seq).min()
    }

    /// Takes all that wait.
    #[cfg(any(feature = "sqlite", test))]
    pub(crate) fn take(&self) -> VecDeque<Gap> {
        std::mem::take(&mut self.state().waiting)
    }

    /// Takes all that wait, to be reported; each counts as untold until [`Self::told`].
    pub(crate) fn begin_to_tell(&self) -> VecDeque<Gap> {
        let mut state = self.state();
        let gaps = std::mem::take(&mut state.waiting);
        state.telling.extend(gaps.iter().cloned());
        gaps
    }

    /// A gap was handed over as the record of this number; 0 says that it was not, since the trail has said its last.
    pub(crate) fn told(&self, seq: u64, gap: Gap) {
        let mut state = self.state();
        if let Some(at) = state.telling.iter().position(|telling| *telling == gap) {
            state.telling.swap_remove(at);
        }
        if seq == 0 {
            return;
        }
        state.told.insert(seq, gap);
        if state.told.len() > MAX_TOLD {
            state.told.pop_first();
        }
    }

    /// The records of these numbers are stored, and with them what they report.
    pub(crate) fn stored(&self, seqs: impl Iterator<Item = u64>) {
        let mut state = self.state();
        if state.told.is_empty() {
            return;
        }
        for seq in seqs {
            state.told.remove(&seq);
        }
    }
}

/// A gap waits again. Where there are many, it widens one of its kind.
fn put_back(state: &mut State, gap: Gap) {
    let is_crowded = state.waiting.len() >= MAX_GAPS;
    match state.alike(&gap.writer_id, gap.reason) {
        Some(other) if is_crowded => {
            other.from_seq = other.from_seq.min(gap.from_seq);
            other.to_seq = other.to_seq.zip(gap.to_seq).map(|(one, two)| one.max(two));
            other.count = other.count.zip(gap.count).map(|(one, two)| one + two);
        }
        _ => state.waiting.push_back(gap),
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

    #[test]
    fn a_report_that_is_lost_is_made_again() {
        let gaps = Gaps::new("w");
        gaps.note("w", 1, Reason::QueueFull);
        for gap in gaps.take() {
            gaps.told(5, gap);
        }
        gaps.note("other", 5, Reason::QueueFull);
        gaps.note("w", 5, Reason::SpoolFull);
        assert_eq!(
            taken(&gaps),
            [(5, Some(5), Some(1)), (1, Some(1), Some(1)), (5, Some(5), Some(1))]
        );
        gaps.note("w", 2, Reason::QueueFull);
        for gap in gaps.take() {
            gaps.told(6, gap);
        }
        gaps.stored([6].into_iter());
        gaps.note("w", 6, Reason::QueueFull);
        assert_eq!(taken(&gaps), [(6, Some(6), Some(1))]);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_gap_is_untold_until_its_record_is_handed_over_and_stored() {
        let gaps = Gaps::new("w");
        gaps.note("w", 3, Reason::Refused);
        let first = gaps.begin_to_tell();
        gaps.note("w", 9, Reason::Refused);
        let second = gaps.begin_to_tell();
        assert_eq!(gaps.first_untold(), Some(3));
        // Two may report at once: one that is through says nothing of what the other has in hand.
        for gap in second {
            gaps.told(12, gap);
        }
        gaps.stored([12].into_iter());
        assert_eq!(gaps.first_untold(), Some(3));
        for gap in first {
            gaps.told(13, gap);
        }
        assert_eq!(gaps.first_untold(), Some(3));
        gaps.stored([13].into_iter());
        assert_eq!(gaps.first_untold(), None);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_gap_has_the_id_of_its_numbers() {
        let of = |seqs: &[u64]| {
            let gaps = Gaps::default();
            seqs.iter().for_each(|seq| gaps.note("w", *seq, Reason::Duplicate));
            gaps.take().pop_front().map(|gap| gap.id())
        };
        assert_eq!(of(&[3, 4]), of(&[3, 4]));
        assert_ne!(of(&[3]), of(&[3, 4]));
        assert_ne!(of(&[3]), of(&[4]));
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
