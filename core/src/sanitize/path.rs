//! Where something stands in a record, and the selectors that ask for it.

use std::fmt;

/// Longest path in a receipt, in bytes.
const MAX_PATH: usize = 256;
/// Longest selector, in bytes, and most of its parts.
const MAX_SELECTOR: usize = 512;
const MAX_PARTS: usize = 32;

/// One step down from a record's field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Item(usize),
}

/// A place in a record: `request_summary.users[3].email`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Path(pub(super) Vec<Step>);

impl Path {
    /// The place of a field: `error.message`.
    pub(super) fn field(at: &str) -> Self {
        let names = at.split('.').filter(|name| !name.is_empty());
        Path(names.map(|name| Step::Name(name.to_owned())).collect())
    }

    pub(super) fn with(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for step in &self.0 {
            match step {
                Step::Name(name) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.extend(name.chars().take(64));
                }
                Step::Item(at) => {
                    text.push('[');
                    text.push_str(&at.to_string());
                    text.push(']');
                }
            }
            if text.len() > MAX_PATH {
                f.write_str(super::text::head(&text, MAX_PATH))?;
                return f.write_str("…");
            }
        }
        f.write_str(&text)
    }
}

/// Why a selector was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Byte of the selector.
    pub(super) at: usize,
    pub(super) message: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// This name, or this position of an array.
    Name(String),
    /// `*`: any one.
    Any,
    /// `**`: any number of them, also none.
    Deep,
}

/// Which places a rule holds for: the record's field, then names and array positions, joined by dots.
///
/// | written | stands for |
/// | --- | --- |
/// | `request_summary.user.email` | this place |
/// | `metadata.*.email` | any one name or array position between |
/// | `**.email` | any number of them, also none |
/// | `metadata.a\.b` | the name `a.b`; `\` takes the next character as it is |
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector(Vec<Part>);

impl Selector {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let fault = |at, message| Err(Fault { at, message });
        if text.len() > MAX_SELECTOR {
            return fault(MAX_SELECTOR, "is longer than 512 bytes");
        }
        let mut parts = Vec::new();
        let mut name = String::new();
        let mut start = 0;
        let mut escaped = false;
        let mut characters = text.char_indices();
        loop {
            let next = characters.next();
            match next {
                Some((at, '\\')) => match characters.next() {
                    Some((_, c)) => {
                        name.push(c);
                        escaped = true;
                    }
                    None => return fault(at, "ends in the middle of an escape; write `\\\\` for a backslash"),
                },
                Some((_, '.')) | None => {
                    let part = match name.as_str() {
                        "" => return fault(start, "has an empty part; parts are joined by single dots"),
                        "*" if !escaped => Part::Any,
                        "**" if !escaped => Part::Deep,
                        other if !escaped && other.contains('*') => {
                            return fault(start, "mixes `*` with other characters; a `*` stands for a whole part");
                        }
                        _ => Part::Name(std::mem::take(&mut name)),
                    };
                    parts.push(part);
                    if parts.len() > MAX_PARTS {
                        return fault(start, "has more than 32 parts");
                    }
                    if next.is_none() {
                        return Ok(Selector(parts));
                    }
                    name.clear();
                    escaped = false;
                    start = next.map_or(text.len(), |(at, _)| at + 1);
                }
                Some((_, c)) => name.push(c),
            }
        }
    }

    pub(super) fn matches(&self, path: &Path) -> bool {
        // The states of a small automaton: which parts can come next after each step. Linear in path times selector.
        let mut states = vec![false; self.0.len() + 1];
        let enter = |states: &mut Vec<bool>, mut at: usize| {
            loop {
                if let Some(state) = states.get_mut(at) {
                    *state = true;
                }
                if self.0.get(at) != Some(&Part::Deep) {
                    return;
                }
                at += 1;
            }
        };
        enter(&mut states, 0);
        for step in &path.0 {
            let mut next = vec![false; states.len()];
            for (at, part) in self.0.iter().enumerate() {
                if states.get(at) != Some(&true) {
                    continue;
                }
                match part {
                    Part::Deep => enter(&mut next, at),
                    Part::Any => enter(&mut next, at + 1),
                    Part::Name(wanted) if step.is(wanted) => enter(&mut next, at + 1),
                    Part::Name(_) => {}
                }
            }
            states = next;
        }
        states.last() == Some(&true)
    }
}

impl Step {
    fn is(&self, wanted: &str) -> bool {
        match self {
            Step::Name(name) => name == wanted,
            Step::Item(at) => wanted.parse() == Ok(*at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        let steps = text.split('.').map(|part| match part.parse() {
            Ok(at) => Step::Item(at),
            Err(_) => Step::Name(part.to_owned()),
        });
        Path(steps.collect())
    }

    #[test]
    fn a_selector_matches_what_it_says() {
        for (selector, yes, no) in [
            ("a.b", vec!["a.b"], vec!["a", "b", "a.b.c", "x.a.b", "A.b"]),
            ("a.*.c", vec!["a.b.c", "a.3.c"], vec!["a.c", "a.b.b.c"]),
            ("**.c", vec!["c", "a.c", "a.b.0.c"], vec!["a.c.d"]),
            ("a.**", vec!["a", "a.b", "a.b.c"], vec!["b", "b.a"]),
            ("a.**.c.**", vec!["a.c", "a.b.c.d.e"], vec!["a.b"]),
            ("**", vec!["a", "a.b"], vec![]),
            ("a.2", vec!["a.2"], vec!["a.3"]),
            (r"a.\*", vec!["a.*"], vec!["a.b"]),
        ] {
            let compiled = Selector::parse(selector).unwrap();
            for text in yes {
                assert!(compiled.matches(&path(text)), "{selector} {text}");
            }
            for text in no {
                assert!(!compiled.matches(&path(text)), "{selector} {text}");
            }
        }
        let dotted = Path(vec![Step::Name("a.b".into())]);
        assert!(Selector::parse(r"a\.b").unwrap().matches(&dotted));
    }

    #[test]
    fn a_fault_names_its_byte() {
        for (selector, at, word) in [
            ("", 0, "empty"),
            ("a..b", 2, "empty"),
            ("a.", 2, "empty"),
            ("a.b*", 2, "mixes"),
            ("a.***", 2, "mixes"),
            ("ab\\", 2, "escape"),
        ] {
            let fault = Selector::parse(selector).unwrap_err();
            assert_eq!(fault.at, at, "{selector}: {fault:?}");
            assert!(fault.message.contains(word), "{selector}: {fault:?}");
        }
        assert!(Selector::parse(&"a.".repeat(300)).is_err());
        assert!(Selector::parse(&["a"; 33].join(".")).is_err());
    }

    #[test]
    fn a_path_is_written_within_bounds() {
        let path = Path::field("request_summary")
            .with(Step::Name("a".into()))
            .with(Step::Item(3));
        assert_eq!(path.to_string(), "request_summary.a[3]");
        let deep = Path((0..1_000).map(|_| Step::Name("ä".repeat(50))).collect());
        let text = deep.to_string();
        assert!(text.len() <= MAX_PATH + 3 && text.ends_with('…'), "{text}");
    }
}
