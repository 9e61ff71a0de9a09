//! Finding the secrets of one text.

use super::{BREAK, Detectors, Found, HEAD, Window, check, kind, table};
use crate::sanitize::pattern::{self, Run};

/// Where in a word a place is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// At its beginning.
    Word,
    /// Where a part of `camelCase` begins.
    Part,
    Nothing,
}

/// Finds the secrets of a text one after the other.
pub(in crate::sanitize) struct Scan<'a> {
    detectors: &'a Detectors,
    text: &'a str,
    /// Whether a detector is to hold here.
    holds: &'a dyn Fn(usize) -> bool,
    at: usize,
    /// What attempts learned, per detector, of lead and secret. Empty until there is something worth keeping.
    known: Vec<[Option<Run>; 2]>,
}

/// Runs shorter than this are read again.
const SHORT_RUN: usize = 64;

impl Iterator for Scan<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        let text = self.text.as_bytes();
        let from = self.at;
        if from >= text.len() {
            return None;
        }
        let mut window = Window(u64::from_ne_bytes([BREAK; 8]));
        let begin = from.saturating_sub(4);
        for byte in text.get(begin..text.len().min(from + HEAD - 1))? {
            window.push(kind(*byte));
        }
        for _ in text.len()..from + HEAD - 1 {
            window.push(0);
        }
        let filter = &*self.detectors.filter;
        let mut place = from;
        for byte in text.get(from + HEAD - 1..).unwrap_or_default() {
            window.push(kind(*byte));
            if window.passes(filter)
                && let Some(found) = self.found_at(place)
            {
                return Some(found);
            }
            place += 1;
        }
        while place < text.len() {
            window.push(0);
            if window.passes(filter)
                && let Some(found) = self.found_at(place)
            {
                return Some(found);
            }
            place += 1;
        }
        self.at = text.len();
        None
    }
}

impl<'a> Scan<'a> {
    /// Begins at `from`; what stands in front of it is only looked at.
    pub(super) fn new(detectors: &'a Detectors, text: &'a str, from: usize, holds: &'a dyn Fn(usize) -> bool) -> Self {
        Scan {
            detectors,
            text,
            holds,
            at: from,
            known: Vec::new(),
        }
    }

    #[cold]
    fn found_at(&mut self, place: usize) -> Option<Found> {
        let (detectors, text) = (self.detectors, self.text);
        // Most that passes the filter by chance ends here.
        let mut numbers = detectors.beginning_at(text.as_bytes(), place).peekable();
        numbers.peek()?;
        let begins = self.begins(place);
        if begins == Begins::Nothing {
            return None;
        }
        let found = numbers.find_map(|number| self.attempt(number, place, begins))?;
        // `Bearer ghp_…` is a token of GitHub.
        let special = if found.start > place {
            detectors
                .beginning_at(text.as_bytes(), found.start)
                .take_while(|number| usize::from(*number) < found.detector)
                .find_map(|number| self.attempt(number, found.start, Begins::Word))
                .filter(|special| special.start == found.start && special.end >= found.end)
        } else {
            None
        };
        let found = special.unwrap_or(found);
        self.at = found.end;
        Some(found)
    }

    fn begins(&self, place: usize) -> Begins {
        let text = self.text.as_bytes();
        let back = |count: usize| place.checked_sub(count).and_then(|at| text.get(at)).copied();
        let Some(here) = text.get(place).copied() else {
            return Begins::Nothing;
        };
        if !self.text.is_char_boundary(place) {
            return Begins::Nothing;
        }
        let Some(before) = back(1) else {
            return Begins::Word;
        };
        let is_escape = match before {
            b'n' | b'r' | b't' if back(2) == Some(b'\\') => true,
            _ => {
                back(3) == Some(b'%')
                    && before.is_ascii_hexdigit()
                    && back(2).is_some_and(|byte| byte.is_ascii_hexdigit())
            }
        };
        if !before.is_ascii_alphanumeric() || !here.is_ascii_alphanumeric() || is_escape {
            Begins::Word
        } else if before.is_ascii_lowercase() && here.is_ascii_uppercase() {
            Begins::Part
        } else {
            Begins::Nothing
        }
    }

    fn attempt(&mut self, number: u16, place: usize, begins: Begins) -> Option<Found> {
        let number = usize::from(number);
        let detector = self.detectors.all.get(number)?;
        if begins == Begins::Part && detector.lead.is_none() {
            return None;
        }
        pattern::count_steps(1);
        let text = self.text.as_bytes();
        let mut known = self.known.get(number).copied().unwrap_or_default();
        let [known_lead, known_secret] = &mut known;
        let mut extent = || {
            let mut start = place;
            if let Some(lead) = &detector.lead {
                start = lead.match_at(text, start, known_lead)?;
                if detector.assigned {
                    start = table::assignment_at(text, start)?;
                }
            }
            Some((start, detector.secret.match_at(text, start, known_secret)?))
        };
        let extent = extent();
        if known.iter().flatten().any(|run| run.to - run.from >= SHORT_RUN) {
            if self.known.is_empty() {
                self.known = vec![[None; 2]; self.detectors.all.len()];
            }
            if let Some(kept) = self.known.get_mut(number) {
                *kept = known;
            }
        }
        let (start, end) = extent?;
        if detector.assigned && !table::names_a_secret(text.get(place..start)?) {
            return None;
        }
        let (start, end) = detector.check.extent(self.text, start, end)?;
        let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        if start < self.at || (!detector.takes_all && text.get(end).is_some_and(goes_on)) {
            return None;
        }
        let end = check::without_full_stop(text, start, end);
        if check::entropy(text.get(start..end)?) < detector.entropy || check::is_mark(self.text, start, end) {
            return None;
        }
        if !(self.holds)(number) {
            return None;
        }
        Some(Found {
            detector: number,
            start,
            end,
        })
    }
}
