//! Value detectors: secrets that tell by their form, wherever in a text they stand.
//!
//! One pass over the bytes. At each byte a filter over the four bytes that begin there says whether any detector could begin with them;
//! only where it says yes, which is rare, the detectors that share the first two bytes are tried, in their order. Of those that match at one
//! place the first wins: a host's own, in the order given, then the shipped ones in the order of [`table::FAMILIES`], in which the
//! special stands before the general. Where a secret stands behind a lead (`Authorization: Bearer ghp_…`), a detector that is earlier in
//! this order and finds at least as much at the secret itself takes it over.
//!
//! A match begins where a word does: behind a byte that is neither letter nor digit, or behind an escape (`%3D`, `\n`); detectors with a lead
//! also begin at the step of `myVendorKey`. A word (letters, digits, `_`) that goes on behind the match is another thing, unless the
//! pattern ends in an unbounded repetition.
//! What stands where a secret was is never a secret: `[redacted]`, `[hmac:…]`, and `****` with the four characters behind it.

mod check;
mod scan;
mod table;

mod apps;
mod chat;
mod cloud;
mod forge;
mod general;
mod infra;
mod llm;
mod mail;
mod observability;
mod payment;
mod personal;
mod registry;

#[cfg(test)]
mod harmless;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use super::pattern::{Bytes, Fault, HEAD, Pattern};
use check::Check;
pub(super) use scan::Scan;
pub(super) use table::names_a_secret;
use table::{Detector, Lead};

/// A secret in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// Which detector: an index for [`Detectors::id`] and [`Detectors::host`].
    pub(super) detector: usize,
    /// Where the secret starts, behind its lead.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A detector that a host adds.
#[derive(Debug, Clone)]
pub(super) struct HostDetector {
    pub(super) id: String,
    /// Pattern of what stands in front of the secret and stays.
    pub(super) after: Option<String>,
    /// Pattern of the secret.
    pub(super) pattern: String,
    /// Fewest bits per character; 0 for any.
    pub(super) entropy: f32,
}

/// Compiled detectors.
#[derive(Debug)]
pub(super) struct Detectors {
    /// Ids of the host's detectors, which are the first.
    hosts: Vec<String>,
    all: Vec<Compiled>,
    filter: Box<Filter>,
    /// Per group of first two bytes, where its detectors begin in `members`.
    groups: Box<[u32; GROUPS + 1]>,
    members: Vec<Member>,
}

/// One way in which a detector begins.
#[derive(Debug, Clone, Copy)]
struct Member {
    detector: u16,
    /// Sorts that the third and the fourth byte can have.
    then: [u64; 2],
    /// Digits that the first and the second byte can be, one bit each: all are of one sort, and most numbers are no card.
    digits: [u16; 2],
}

#[derive(Debug)]
struct Compiled {
    /// Index in the shipped table.
    shipped: Option<usize>,
    lead: Option<Pattern>,
    /// Whether an assignment stands between lead and secret.
    assigned: bool,
    secret: Pattern,
    takes_all: bool,
    entropy: f32,
    check: Check,
}

/// Sorts of bytes: letters without their case, any digit, each sign.
const SORTS: usize = 64;
const SORT: u8 = 0b11_1111;
/// No letter and no digit.
const BREAK: u8 = 0b1000_0000;
/// An upper-case letter, or the beginning of an escape.
const STEP: u8 = 0b0100_0000;

const FILTER_BITS: u32 = 17;
type Filter = [u32; 1 << (FILTER_BITS - 5)];
const GROUPS: usize = 1_024;
/// The filter lets everything pass when a detector can begin in more ways than this.
const MAX_BEGINNINGS: usize = 50_000;

/// The sort of each byte with its marks. Sort 0 stands for what is behind the end of the text.
static KINDS: [u8; 256] = kinds();

#[expect(clippy::indexing_slicing, reason = "evaluated when compiled")]
const fn kinds() -> [u8; 256] {
    let mut kinds = [0; 256];
    let mut sign = 28;
    let mut byte = 0;
    while byte < 256 {
        let value = byte as u8;
        kinds[byte] = match value {
            b'a'..=b'z' => value - b'a' + 1,
            b'A'..=b'Z' => (value - b'A' + 1) | STEP,
            b'0'..=b'9' => 27,
            0x80..=0xff => 63 | BREAK,
            0..b' ' | 0x7f => 62 | BREAK,
            _ => {
                sign += 1;
                (sign - 1) | BREAK | if matches!(value, b'%' | b'\\') { STEP } else { 0 }
            }
        };
        byte += 1;
    }
    kinds
}

fn kind(byte: u8) -> u8 {
    KINDS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Kinds of eight bytes in a row, the last one lowest: three or more before the place, the four that begin there.
#[derive(Clone, Copy)]
struct Window(u64);

impl Window {
    /// Whether something can begin at the place: no word goes on there, or there is an upper-case letter, or an escape may have ended.
    /// Says yes a little too often; [`Scan::begins`] is exact.
    const BEGINS: u64 =
        (BREAK as u64) << 32 | ((BREAK | STEP) as u64) << 24 | (STEP as u64) << 40 | (STEP as u64) << 48;

    fn push(&mut self, kind: u8) {
        self.0 = self.0 << 8 | u64::from(kind);
    }

    fn passes(self, filter: &Filter) -> bool {
        let bit = filter_bit(self.0 as u32 & u32::from_ne_bytes([SORT; 4]));
        let word = filter.get((bit >> 5) as usize).copied().unwrap_or_default();
        // Both at once: where words begin cannot be predicted, where both hold is rare.
        (self.0 & Self::BEGINS != 0) & (word >> (bit & 31) & 1 == 1)
    }
}

/// The bit of four sorts, the first one highest.
fn filter_bit(sorts: u32) -> u32 {
    sorts.wrapping_mul(0x9e37_79b1) >> (32 - FILTER_BITS)
}

fn group(first: u8, second: u8) -> usize {
    (usize::from(first) << 4 ^ usize::from(second)) & (GROUPS - 1)
}

impl Detectors {
    /// The shipped detectors that are on by default.
    pub(super) fn shipped() -> &'static Detectors {
        static SHIPPED: LazyLock<Detectors> =
            LazyLock::new(|| Detectors::compiled(Vec::new(), Vec::new(), &|_, on| on));
        &SHIPPED
    }

    /// The host's detectors, and behind them the shipped ones that `switch` turns on; it gets id and default.
    /// The error names the host's detector whose pattern (`after`, or if that is sound, `pattern`) is at fault.
    pub(super) fn with(
        host: Vec<HostDetector>,
        switch: impl Fn(&str, bool) -> bool,
    ) -> Result<Detectors, (usize, Fault)> {
        let mut all = Vec::new();
        let mut ids = Vec::new();
        for (position, detector) in host.into_iter().enumerate() {
            let parse = |text: &str| Pattern::parse(text).map_err(|fault| (position, fault));
            let lead = detector.after.as_deref().map(parse).transpose()?;
            all.push(Compiled {
                lead,
                ..Compiled::new(parse(&detector.pattern)?, detector.entropy)
            });
            ids.push(detector.id);
        }
        Ok(Self::compiled(ids, all, &switch))
    }

    fn compiled(hosts: Vec<String>, mut all: Vec<Compiled>, switch: &dyn Fn(&str, bool) -> bool) -> Self {
        all.extend(
            table::all()
                .enumerate()
                .filter(|(_, detector)| switch(detector.id, detector.on))
                .filter_map(|(position, detector)| Compiled::shipped(position, detector)),
        );
        let mut filter = Box::new([0; 1 << (FILTER_BITS - 5)]);
        let mut pairs = Vec::new();
        for (position, detector) in (0u16..).zip(&all) {
            let heads = match &detector.lead {
                Some(lead) if detector.assigned => lead.heads(None),
                Some(lead) => lead.heads(Some(&detector.secret)),
                None => detector.secret.heads(None),
            };
            for head in heads {
                let sorts = head.map(sorts_of);
                fill_filter(sorts, &mut filter);
                let [first, second, ..] = head;
                let digits = [first, second].map(digits_of);
                let [first, second, then @ ..] = sorts;
                let member = Member {
                    detector: position,
                    then,
                    digits,
                };
                let mut seen = [false; GROUPS];
                for (first, second) in
                    sorts_in(first).flat_map(|first| sorts_in(second).map(move |second| (first, second)))
                {
                    let group = group(first, second);
                    if let Some(seen) = seen.get_mut(group)
                        && !std::mem::replace(seen, true)
                    {
                        pairs.push((group, member));
                    }
                }
            }
        }
        let (groups, members) = grouped(&pairs);
        Detectors {
            hosts,
            all,
            filter,
            groups,
            members,
        }
    }

    /// The id of a detector.
    pub(super) fn id(&self, detector: usize) -> &str {
        let host = self.hosts.get(detector).map(String::as_str);
        let shipped = || table::all().nth(self.all.get(detector)?.shipped?);
        host.or_else(|| shipped().map(|entry| entry.id)).unwrap_or_default()
    }

    /// Which of the host's detectors it is, if it is one of those.
    pub(super) fn host(&self, detector: usize) -> Option<usize> {
        (detector < self.hosts.len()).then_some(detector)
    }

    /// All secrets of a text, in order; they do not overlap. `holds` says of a detector that found something whether it is to hold here.
    pub(super) fn scan_where<'a>(&'a self, text: &'a str, holds: &'a dyn Fn(usize) -> bool) -> Scan<'a> {
        Scan::new(self, text, 0, holds)
    }

    /// The ids of all shipped detectors with their defaults.
    pub(super) fn ids() -> impl Iterator<Item = (&'static str, bool)> {
        table::all().map(|detector| (detector.id, detector.on))
    }

    /// The detectors that may begin at the place, in their order.
    fn beginning_at(&self, text: &[u8], at: usize) -> impl Iterator<Item = u16> {
        let byte = |ahead: usize| text.get(at + ahead).copied();
        let sort = |ahead| byte(ahead).map_or(0, |byte| kind(byte) & SORT);
        let digit = |ahead| byte(ahead).map_or(0, |byte| byte.wrapping_sub(b'0'));
        let group = group(sort(0), sort(1));
        let place = |number| self.groups.get(number).map(|place| *place as usize);
        let range = place(group).zip(place(group + 1));
        let members = range.and_then(|(start, end)| self.members.get(start..end));
        let then = [1 << sort(2), 1 << sort(3)];
        let digits = [digit(0), digit(1)];
        // A detector that begins in several ways stands there several times, one after the other.
        let mut last = None;
        members
            .unwrap_or_default()
            .iter()
            .filter(move |member| {
                let can_be = |(allowed, digit): (u16, u8)| digit > 9 || allowed >> digit & 1 == 1;
                member.then.into_iter().zip(then).all(|(sorts, sort)| sorts & sort != 0)
                    && member.digits.into_iter().zip(digits).all(can_be)
            })
            .map(|member| member.detector)
            .filter(move |detector| last.replace(*detector) != Some(*detector))
    }
}

/// The digits among the bytes, one bit each.
fn digits_of(bytes: Bytes) -> u16 {
    (0..10)
        .filter(|digit| bytes.has(b'0' + digit))
        .fold(0, |digits, digit| digits | 1 << digit)
}

/// Where each group begins among the members, and the members by group, in the order in which they come.
fn grouped(pairs: &[(usize, Member)]) -> (Box<[u32; GROUPS + 1]>, Vec<Member>) {
    let mut ends = Box::new([0u32; GROUPS + 1]);
    for (group, _) in pairs {
        if let Some(size) = ends.get_mut(group + 1) {
            *size = size.saturating_add(1);
        }
    }
    let mut end = 0u32;
    for place in ends.iter_mut() {
        end = end.saturating_add(*place);
        *place = end;
    }
    let nothing = Member {
        detector: 0,
        then: [0; 2],
        digits: [0; 2],
    };
    let mut members = vec![nothing; pairs.len()];
    let mut next = ends.clone();
    for (group, member) in pairs {
        if let Some(at) = next.get_mut(*group)
            && let Some(place) = members.get_mut(*at as usize)
        {
            *place = *member;
            *at = at.saturating_add(1);
        }
    }
    (ends, members)
}

/// The sorts that the bytes belong to, one bit each.
fn sorts_of(bytes: Bytes) -> u64 {
    if bytes == Bytes::ANY {
        return u64::MAX;
    }
    let (ascii, rest) = bytes.members();
    ascii.fold(if rest { 1 << 63 } else { 0 }, |sorts, byte| {
        sorts | 1 << (kind(byte) & SORT)
    })
}

fn sorts_in(mut sorts: u64) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let lowest = sorts.trailing_zeros();
        sorts &= sorts.wrapping_sub(1);
        (lowest < SORTS as u32).then_some(lowest as u8)
    })
}

fn fill_filter(head: [u64; HEAD], filter: &mut Filter) {
    let beginnings: usize = head.iter().map(|sorts| sorts.count_ones() as usize).product();
    if beginnings > MAX_BEGINNINGS {
        *filter = [u32::MAX; 1 << (FILTER_BITS - 5)];
        return;
    }
    let [first, second, third, fourth] = head;
    for first in sorts_in(first) {
        for second in sorts_in(second) {
            for third in sorts_in(third) {
                for fourth in sorts_in(fourth) {
                    let bit = filter_bit(u32::from_be_bytes([first, second, third, fourth]));
                    if let Some(word) = filter.get_mut((bit >> 5) as usize) {
                        *word |= 1 << (bit & 31);
                    }
                }
            }
        }
    }
}

impl Compiled {
    fn new(secret: Pattern, entropy: f32) -> Self {
        Compiled {
            shipped: None,
            lead: None,
            assigned: false,
            takes_all: secret.takes_all(),
            secret,
            entropy,
            check: Check::None,
        }
    }

    /// `None` only where a pattern of the table is wrong, which the tests rule out.
    fn shipped(position: usize, detector: &Detector) -> Option<Self> {
        let (lead, assigned) = match detector.lead {
            Lead::None => (None, false),
            Lead::Behind(pattern) => (Some(Pattern::parse(pattern).ok()?), false),
            Lead::Named(pattern) => (Some(Pattern::parse(pattern).ok()?), true),
        };
        Some(Compiled {
            shipped: Some(position),
            lead,
            assigned,
            check: detector.check,
            ..Compiled::new(Pattern::parse(detector.secret).ok()?, detector.entropy)
        })
    }
}

#[cfg(test)]
impl Detectors {
    fn scan<'a>(&'a self, text: &'a str) -> Scan<'a> {
        self.scan_where(text, &|_| true)
    }

    /// The first secret that stands, with its lead, at or behind `from`.
    fn find(&self, text: &str, from: usize) -> Option<Found> {
        Scan::new(self, text, from, &|_| true).next()
    }
}
