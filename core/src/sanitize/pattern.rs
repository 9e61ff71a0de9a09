//! The pattern language of value rules: the part of regular expressions that is matched in one step forward, without going back.
//!
//! | written | matches |
//! | --- | --- |
//! | `abc`, `\.` | these characters; `\` takes the next one literally |
//! | `[A-Za-z0-9_-]`, `[^ "]` | one character of the class, or any other; `\d` is `[0-9]`, `\w` is `[A-Za-z0-9_]`, `\s` is white space, also inside a class |
//! | `(abc\|x[0-9])` | the first alternative that matches |
//! | `?`, `*`, `+`, `{3}`, `{3,}`, `{3,9}` | repetition of a character, class or group: as many as there are, none is given back |
//! | `(?i)` at the start | upper and lower case alike |
//!
//! A repetition that gives nothing back makes the time to match linear in the text by construction. What could never match because of it
//! (`[a-z]+z`) is refused when the pattern is compiled. A pattern that is tried at many places of one long run would still read that run
//! many times; the first unbounded repetition therefore leaves a [`Run`] behind, from which the next attempt goes on.

mod parse;

/// Why a pattern was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Byte of the pattern.
    pub(super) at: usize,
    pub(super) message: &'static str,
}

/// Most characters that a pattern may have.
const MAX_PATTERN: usize = 1_000;
/// A repetition without upper bound.
const OPEN: u16 = u16::MAX;
/// Longest text that one match looks at, in bytes, where an unbounded repetition inside a group comes first.
const MAX_MATCH: usize = 16 * 1_024;
/// Bytes at the beginning of a match that [`Pattern::heads`] tells.
pub(super) const HEAD: usize = 4;
/// Most heads that are told apart.
const MAX_HEADS: usize = 64;

/// A set of bytes. Characters beyond ASCII are all in it or all out, so that no match ends inside one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Bytes {
    ascii: u128,
    rest: bool,
}

impl Bytes {
    const fn one(byte: u8) -> Self {
        Bytes {
            ascii: 1 << byte,
            rest: false,
        }
    }

    const fn range(first: u8, last: u8) -> u128 {
        let width = (last - first) as u32 + 1;
        let ones = if width >= 128 { u128::MAX } else { (1 << width) - 1 };
        ones << first
    }

    pub(super) const ANY: Bytes = Bytes {
        ascii: u128::MAX,
        rest: true,
    };

    pub(super) fn has(self, byte: u8) -> bool {
        // Halves, because a shift of 128 bits is a function call in WASM.
        let half = match byte {
            0..64 => self.ascii as u64,
            64..128 => (self.ascii >> 64) as u64,
            _ => return self.rest,
        };
        half >> (byte & 63) & 1 == 1
    }

    /// The ASCII members, and whether all other characters are members too.
    pub(super) fn members(self) -> (impl Iterator<Item = u8>, bool) {
        let mut left = self.ascii;
        let ascii = std::iter::from_fn(move || {
            let lowest = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            (lowest < 128).then_some(lowest as u8)
        });
        (ascii, self.rest)
    }

    /// The only member.
    fn single(self) -> Option<u8> {
        (self.ascii.count_ones() == 1 && !self.rest).then(|| self.ascii.trailing_zeros() as u8)
    }

    fn union(self, other: Bytes) -> Self {
        Bytes {
            ascii: self.ascii | other.ascii,
            rest: self.rest || other.rest,
        }
    }

    fn is_subset_of(self, other: Bytes) -> bool {
        self.ascii & !other.ascii == 0 && (!self.rest || other.rest)
    }

    fn both_cases(self) -> Self {
        const UPPER: u128 = Bytes::range(b'A', b'Z');
        const LOWER: u128 = Bytes::range(b'a', b'z');
        Bytes {
            ascii: self.ascii | (self.ascii & UPPER) << 32 | (self.ascii & LOWER) >> 32,
            rest: self.rest,
        }
    }
}

const DIGITS: u128 = Bytes::range(b'0', b'9');
const SPACE: u128 = 1 << b' ' | 1 << b'\t' | 1 << b'\n' | 1 << b'\r';
const WORD: u128 = DIGITS | Bytes::range(b'A', b'Z') | Bytes::range(b'a', b'z') | 1 << b'_';

#[derive(Debug, Clone)]
enum What {
    /// Characters one after the other; lower case where case does not matter.
    Text(Box<[u8]>),
    Class(Bytes),
    Choice(Vec<Vec<Item>>),
}

#[derive(Debug, Clone)]
struct Item {
    what: What,
    least: u16,
    most: u16,
}

impl Item {
    fn is_open(&self) -> bool {
        self.most == OPEN
    }

    fn has_open(&self) -> bool {
        self.is_open() || matches!(&self.what, What::Choice(choices) if choices.iter().flatten().any(Item::has_open))
    }
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    items: Vec<Item>,
    ignore_case: bool,
    /// Where the first unbounded repetition of a class stands in `items`, if nothing before it is unbounded; else their number.
    run: usize,
    /// Whether what can be unbounded comes inside a group first, so that only a limit bounds an attempt.
    limited: bool,
}

/// What an attempt learned behind a run of one class: any other attempt that enters the run ends the same way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// The run, from where it was entered.
    pub(super) from: usize,
    pub(super) to: usize,
    /// Where the match ends, if what follows the run matches.
    end: Option<usize>,
}

impl Pattern {
    /// Compiles a pattern.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let fault = |at, message| Err(Fault { at, message });
        if let Some((at, _)) = text.char_indices().nth(MAX_PATTERN) {
            return fault(at, "is longer than 1,000 characters");
        }
        let (ignore_case, start) = if text.starts_with("(?i)") {
            (true, 4)
        } else {
            (false, 0)
        };
        let items = parse::items(text.as_bytes(), start, ignore_case)?;
        if items.is_empty() || least_of(&items) == 0 {
            return fault(
                start,
                "would match the empty text; it must ask for at least one character",
            );
        }
        let first_open = items.iter().position(Item::has_open).unwrap_or(items.len());
        let limited = items
            .get(first_open)
            .is_some_and(|item| matches!(item.what, What::Choice(_)));
        Ok(Pattern {
            run: if limited { items.len() } else { first_open },
            limited,
            items,
            ignore_case,
        })
    }

    /// Where a match that begins at `at` ends. `known` is what an earlier attempt of this pattern on this text learned, and is replaced
    /// by what this one learns.
    pub(super) fn match_at(&self, text: &[u8], at: usize, known: &mut Option<Run>) -> Option<usize> {
        let window = if self.limited {
            text.get(..text.len().min(at.saturating_add(MAX_MATCH)))?
        } else {
            text
        };
        let (fixed, rest) = self.items.split_at_checked(self.run)?;
        let at = self.match_items(fixed, window, at)?;
        let Some((item, rest)) = rest.split_first() else {
            return Some(at);
        };
        let run = match *known {
            Some(run) if run.from <= at && at < run.to => run,
            _ => {
                let What::Class(class) = item.what else {
                    return None;
                };
                let to = at + text.get(at..)?.iter().take_while(|byte| class.has(**byte)).count();
                count_steps(to - at);
                let run = Run {
                    from: at,
                    to,
                    end: self.match_items(rest, text, to),
                };
                *known = Some(run);
                run
            }
        };
        let taken = text.get(at..run.to)?;
        let enough = taken
            .iter()
            .filter(|byte| !is_inside_character(**byte))
            .take(item.least.into())
            .count();
        if enough < item.least.into() { None } else { run.end }
    }

    /// Whether a match always ends where its last class ends, however long that is.
    pub(super) fn takes_all(&self) -> bool {
        self.items.last().is_some_and(Item::is_open)
    }

    /// The bytes that a match can begin with: in each head, one set for each of the first positions.
    /// Where a match can be shorter, any byte may follow it.
    pub(super) fn heads(&self, behind: Option<&Pattern>) -> Vec<[Bytes; HEAD]> {
        let mut heads = vec![Head::default()];
        if let Some(Item {
            what: What::Text(text), ..
        }) = self.items.first()
            && text.len() >= HEAD
        {
            heads = self.text_heads(text, heads);
        } else {
            heads = self.extend_heads(&self.items, heads);
        }
        if let Some(next) = behind {
            heads = next.extend_heads(&next.items, heads);
        }
        heads
            .into_iter()
            .map(|mut head| {
                head.fill();
                head.sets
            })
            .collect()
    }

    fn extend_heads(&self, items: &[Item], mut heads: Vec<Head>) -> Vec<Head> {
        for item in items {
            if heads.iter().all(|head| head.len == HEAD) {
                break;
            }
            let mut done = Vec::new();
            // After as many rounds as a head has positions there is nothing to add.
            let rounds = item.most.min(HEAD as u16);
            for round in 0..=rounds {
                if round >= item.least || round == rounds {
                    done.extend_from_slice(&heads);
                } else {
                    done.extend(heads.iter().filter(|head| head.len == HEAD));
                }
                heads.retain(|head| head.len < HEAD);
                if round == rounds || heads.is_empty() {
                    break;
                }
                heads = match &item.what {
                    What::Text(text) => self.text_heads(text, heads),
                    What::Class(class) => {
                        heads.iter_mut().for_each(|head| head.push(*class));
                        heads
                    }
                    What::Choice(choices) => choices
                        .iter()
                        .flat_map(|choice| self.extend_heads(choice, heads.clone()))
                        .collect(),
                };
            }
            heads = done;
            if heads.len() > MAX_HEADS {
                let mut any = Head::default();
                any.fill();
                return vec![any];
            }
        }
        heads
    }

    fn text_heads(&self, text: &[u8], mut heads: Vec<Head>) -> Vec<Head> {
        for head in &mut heads {
            for byte in text.iter().take(HEAD) {
                let set = Bytes::one(*byte);
                head.push(if self.ignore_case { set.both_cases() } else { set });
            }
        }
        heads
    }

    fn match_items(&self, items: &[Item], text: &[u8], mut at: usize) -> Option<usize> {
        for item in items {
            let mut count = 0;
            match &item.what {
                What::Text(wanted) => {
                    let end = at + wanted.len();
                    let found = text.get(at..end)?;
                    count_steps(1);
                    let equal = if self.ignore_case {
                        found.eq_ignore_ascii_case(wanted)
                    } else {
                        *found == **wanted
                    };
                    if !equal {
                        return None;
                    }
                    at = end;
                    continue;
                }
                What::Class(class) => {
                    let start = at;
                    while count < item.most && text.get(at).is_some_and(|byte| class.has(*byte)) {
                        at += 1;
                        while text.get(at).is_some_and(|byte| is_inside_character(*byte)) {
                            at += 1;
                        }
                        count = counted(count);
                    }
                    count_steps(at - start + 1);
                }
                What::Choice(choices) => {
                    while count < item.most {
                        let Some(end) = choices.iter().find_map(|choice| self.match_items(choice, text, at)) else {
                            break;
                        };
                        if end == at {
                            break;
                        }
                        at = end;
                        count = counted(count);
                    }
                }
            }
            if count < item.least {
                return None;
            }
        }
        Some(at)
    }
}

/// One more, short of the number that stands for "without bound".
fn counted(count: u16) -> u16 {
    count.saturating_add(1).min(OPEN - 1)
}

/// Whether the byte continues a character of UTF-8.
fn is_inside_character(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[derive(Clone, Copy, Default)]
struct Head {
    sets: [Bytes; HEAD],
    len: usize,
}

impl Head {
    fn push(&mut self, set: Bytes) {
        if let Some(place) = self.sets.get_mut(self.len) {
            *place = set;
            self.len += 1;
        }
    }

    fn fill(&mut self) {
        while self.len < HEAD {
            self.push(Bytes::ANY);
        }
    }
}

fn least_of(items: &[Item]) -> usize {
    items
        .iter()
        .map(|item| {
            let one = match &item.what {
                What::Text(text) => text.len(),
                What::Class(_) => 1,
                What::Choice(choices) => choices.iter().map(|choice| least_of(choice)).min().unwrap_or(0),
            };
            one * usize::from(item.least)
        })
        .sum()
}

/// Tells the tests how much was looked at.
#[cfg(not(test))]
pub(super) fn count_steps(_: usize) {}

#[cfg(test)]
pub(super) use tests::count_steps;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    thread_local! {
        static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    pub(in super::super) fn count_steps(steps: usize) {
        STEPS.with(|all| all.set(all.get() + steps));
    }

    /// What `work` looked at, in bytes.
    pub(in super::super) fn steps_of(work: impl FnOnce()) -> usize {
        STEPS.with(|all| all.set(0));
        work();
        STEPS.with(std::cell::Cell::get)
    }

    fn matched<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
        let end = Pattern::parse(pattern)
            .unwrap()
            .match_at(text.as_bytes(), 0, &mut None)?;
        text.get(..end)
    }

    #[test]
    fn matches_as_regular_expressions_do() {
        assert_eq!(matched(r"gh[pousr]_\w{4,6}", "ghp_abcdefgh"), Some("ghp_abcdef"));
        assert_eq!(matched(r"gh[pousr]_\w{4,6}", "ghp_abc"), None);
        assert_eq!(matched("(AKIA|ASIA)[A-Z2-7]{3}", "ASIAABCD"), Some("ASIAABC"));
        assert_eq!(matched("(?i)bearer +x", "BeArEr   X"), Some("BeArEr   X"));
        assert_eq!(matched("a(-[0-9]{2}){1,3}", "a-12-34-5"), Some("a-12-34"));
        assert_eq!(matched(r"[^ \]]+", "größe]"), Some("größe"));
        assert_eq!(matched(r"a\.b?c*", "a.ccd"), Some("a.cc"));
        assert_eq!(matched(r"[\w.-]+", "a.b-c d"), Some("a.b-c"));
        assert_eq!(matched(r"a\s+b", "a \t\nb"), Some("a \t\nb"));
        assert_eq!(matched("(?i)x-[k]ey_1", "X-KEY_1"), Some("X-KEY_1"));
        assert_eq!(matched("x{3,}", &"x".repeat(70_000)).map(str::len), Some(70_000));
        assert_eq!(matched("(xy){3,}", &"xy".repeat(70_000)).map(str::len), Some(MAX_MATCH));
    }

    #[test]
    fn characters_count_as_one_and_stay_whole() {
        assert_eq!(matched("[^ ]{2}", "äöü"), Some("äö"));
        assert_eq!(matched("[^ ]{2,}", "ä"), None);
        assert_eq!(matched("[^ ]{2,}", "äö"), Some("äö"));
        assert_eq!(matched("a[^ ]?", "a→b"), Some("a→"));
    }

    #[test]
    fn a_run_that_was_read_is_not_read_again() {
        let pattern = Pattern::parse(r"ey[a-z]{2,}\.z").unwrap();
        for (text, expected) in [("ey".repeat(1_000), None), ("ey".repeat(1_000) + ".z", Some(2_002))] {
            let mut known = None;
            let steps = steps_of(|| {
                for at in (0..1_990).step_by(2) {
                    assert_eq!(pattern.match_at(text.as_bytes(), at, &mut known), expected);
                }
                // Too little of the run is left for this one.
                assert_eq!(pattern.match_at(text.as_bytes(), 1_998, &mut known), None);
            });
            assert!(steps < 5_000, "{steps}");
        }
    }

    #[test]
    fn a_fault_names_its_byte() {
        for (pattern, at, word) in [
            ("", 0, "empty"),
            ("a*", 0, "empty"),
            ("(?i)b?", 4, "empty"),
            ("ab[c", 2, "not closed"),
            ("ab(c|d", 2, "not closed"),
            ("ab)c", 2, "not opened"),
            ("a|b", 1, "outside a group"),
            ("+a", 0, "repeats nothing"),
            ("a++", 2, "repeats a repetition"),
            ("a{2", 1, "repetition"),
            ("a{3,2}", 1, "repetition"),
            ("a{0}", 1, "repetition"),
            ("[z-a]", 1, "range"),
            ("[]", 0, "empty class"),
            (r"a\q", 1, "escape"),
            ("a\\", 1, "escape"),
            ("^a", 0, "anchor"),
            ("a.b", 1, "`.`"),
            ("[a-z]+z", 6, "never"),
            ("(?:a)", 0, "`(?`"),
            ("aö", 1, "ASCII"),
            ("(((((a)))))", 4, "nested"),
        ] {
            let fault = Pattern::parse(pattern).unwrap_err();
            assert_eq!(fault.at, at, "{pattern}: {fault:?}");
            assert!(fault.message.contains(word), "{pattern}: {fault:?}");
        }
        assert!(Pattern::parse(&"a".repeat(1_001)).is_err());
    }

    #[test]
    fn the_first_bytes_are_known() {
        let heads = |pattern: &str, behind: Option<&str>| {
            let behind = behind.map(|text| Pattern::parse(text).unwrap());
            let heads = Pattern::parse(pattern).unwrap().heads(behind.as_ref());
            let text = |set: &Bytes| {
                if *set == Bytes::ANY {
                    ".".to_owned()
                } else {
                    set.members().0.map(char::from).collect::<String>()
                }
            };
            heads
                .iter()
                .map(|head| head.iter().map(text).collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>()
        };
        assert_eq!(heads("abcdef", None), ["a b c d"]);
        assert_eq!(heads("ab", None), ["a b . ."]);
        assert_eq!(heads("(abx|cd)e", None), ["a b x e", "c d e ."]);
        assert_eq!(heads("a?b[cd]", None), ["b cd . .", "a b cd ."]);
        assert_eq!(heads("[xy]{2,}z", None), ["xy xy xy xy", "xy xy z .", "xy xy xy z"]);
        assert_eq!(heads("x", Some("[12]3")), ["x 12 3 ."]);
        assert_eq!(heads("(?i)ab-1", None), ["Aa Bb - 1"]);
        assert_eq!(heads("a{3}b", None), ["a a a b"]);
        assert_eq!(heads("a{9}b", None), ["a a a a"]);
        assert_eq!(heads("(a|b)(c|d)(e|f)(g|h)i", None).len(), 16);
        assert_eq!(heads("(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b|c|d)", None), [". . . ."]);
    }
}
