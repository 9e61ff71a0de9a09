//! Reading a pattern.

use super::{Bytes, DIGITS, Fault, Item, OPEN, SPACE, WORD, What};

/// The items of a pattern whose text begins at `start`.
pub(super) fn items(text: &[u8], start: usize, ignore_case: bool) -> Result<Vec<Item>, Fault> {
    let mut parser = Parser {
        text,
        at: start,
        ignore_case,
    };
    let items = parser.sequence(0)?;
    if parser.at < text.len() {
        return parser.fault(
            parser.at,
            "closes a group that was not opened; write `\\)` for the character",
        );
    }
    Ok(items)
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    ignore_case: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn fault<T>(&self, at: usize, message: &'static str) -> Result<T, Fault> {
        Err(Fault { at, message })
    }

    fn sequence(&mut self, depth: usize) -> Result<Vec<Item>, Fault> {
        let mut items: Vec<Item> = Vec::with_capacity(16);
        while let Some(byte) = self.peek() {
            let start = self.at;
            let what = match byte {
                b'|' | b')' if depth > 0 => break,
                b')' => break,
                b'|' => return self.fault(start, "stands outside a group; put the alternatives into `( )`"),
                b'(' => self.group(depth)?,
                b'[' => What::Class(self.class()?),
                b'.' => return self.fault(start, "`.` is not part of this language; write `[^\\n]` or `\\.`"),
                b'^' | b'$' => {
                    return self.fault(
                        start,
                        "anchors are not part of this language; a match begins where a word begins",
                    );
                }
                b'?' | b'*' | b'+' | b'{' => return self.fault(start, "repeats nothing"),
                b'\\' => What::Class(self.escaped()?),
                byte if byte >= 128 => {
                    return self.fault(start, "only ASCII can be asked for; `[^…]` takes all other characters");
                }
                byte => {
                    self.at += 1;
                    What::Class(Bytes::one(byte))
                }
            };
            let what = match what {
                What::Class(class) if self.ignore_case => What::Class(class.both_cases()),
                other => other,
            };
            let (least, most) = self.repetition()?;
            let item = Item { what, least, most };
            // `[a-z]+z`: the repetition has taken every z.
            if let (Some(before), What::Class(class)) = (items.last(), &item.what)
                && let What::Class(taken) = before.what
                && before.most == OPEN
                && item.least > 0
                && class.is_subset_of(taken)
            {
                return self.fault(
                    start,
                    "can never match: the repetition before it takes all of these characters",
                );
            }
            items.push(item);
        }
        Ok(joined(items, self.ignore_case))
    }

    fn group(&mut self, depth: usize) -> Result<What, Fault> {
        let start = self.at;
        if depth >= 4 {
            return self.fault(start, "groups are nested more than 4 deep");
        }
        if self.text.get(start + 1) == Some(&b'?') {
            return self.fault(
                start,
                "`(?` is not part of this language, other than `(?i)` at the start",
            );
        }
        let mut choices = Vec::new();
        loop {
            self.at += 1;
            choices.push(self.sequence(depth + 1)?);
            match self.peek() {
                Some(b'|') => {}
                Some(_) => {
                    self.at += 1;
                    return Ok(What::Choice(choices));
                }
                None => return self.fault(start, "opens a group that is not closed"),
            }
        }
    }

    fn class(&mut self) -> Result<Bytes, Fault> {
        let start = self.at;
        self.at += 1;
        let negated = self.peek() == Some(b'^');
        self.at += usize::from(negated);
        let mut class = Bytes::default();
        loop {
            let first_at = self.at;
            let Some(byte) = self.peek() else {
                return self.fault(start, "opens a class that is not closed");
            };
            if byte == b']' {
                self.at += 1;
                break;
            }
            let first = self.class_member()?;
            let is_range = self.peek() == Some(b'-') && self.text.get(self.at + 1).is_some_and(|next| *next != b']');
            if !is_range {
                class = class.union(first);
                continue;
            }
            self.at += 1;
            let last = self.class_member()?;
            let ends = [first.ascii, last.ascii];
            let [low, high] = ends.map(|set| set.trailing_zeros() as u8);
            if ends.iter().any(|set| set.count_ones() != 1) || low > high {
                return self.fault(first_at, "is no range: it goes from one character to a later one");
            }
            class.ascii |= Bytes::range(low, high);
        }
        if negated {
            class = Bytes {
                ascii: !class.ascii,
                rest: true,
            };
        }
        if class == Bytes::default() {
            return self.fault(start, "is an empty class");
        }
        Ok(class)
    }

    fn class_member(&mut self) -> Result<Bytes, Fault> {
        match self.peek() {
            Some(b'\\') => self.escaped(),
            Some(byte) if byte < 128 => {
                self.at += 1;
                Ok(Bytes::one(byte))
            }
            _ => self.fault(
                self.at,
                "only ASCII can be asked for; `[^…]` takes all other characters",
            ),
        }
    }

    fn escaped(&mut self) -> Result<Bytes, Fault> {
        let at = self.at;
        let class = |ascii| Ok(Bytes { ascii, rest: false });
        self.at += 2;
        match self.text.get(at + 1) {
            Some(b'd') => class(DIGITS),
            Some(b'w') => class(WORD),
            Some(b's') => class(SPACE),
            Some(b'n') => Ok(Bytes::one(b'\n')),
            Some(b't') => Ok(Bytes::one(b'\t')),
            Some(byte) if byte.is_ascii_punctuation() || *byte == b' ' => Ok(Bytes::one(*byte)),
            Some(_) => self.fault(
                at,
                "is no escape of this language; known are `\\d`, `\\w`, `\\s`, `\\n`, `\\t` and punctuation",
            ),
            None => self.fault(at, "ends the pattern in the middle of an escape"),
        }
    }

    fn repetition(&mut self) -> Result<(u16, u16), Fault> {
        let start = self.at;
        let bounds = match self.peek() {
            Some(b'?') => (0, 1),
            Some(b'*') => (0, OPEN),
            Some(b'+') => (1, OPEN),
            Some(b'{') => {
                self.at += 1;
                let Some(least) = self.number() else {
                    return self.fault(
                        start,
                        "is no repetition; write `{3}`, `{3,}` or `{3,9}`, or `\\{` for the character",
                    );
                };
                let most = if self.peek() == Some(b',') {
                    self.at += 1;
                    match self.peek() {
                        Some(b'}') => Some(OPEN),
                        _ => self.number(),
                    }
                } else {
                    Some(least)
                };
                match most {
                    Some(most) if self.peek() == Some(b'}') && least <= most && most > 0 => (least, most),
                    _ => return self.fault(start, "is no repetition; write `{3}`, `{3,}` or `{3,9}`, at most 9999"),
                }
            }
            _ => return Ok((1, 1)),
        };
        self.at += 1;
        if matches!(self.peek(), Some(b'?' | b'*' | b'+' | b'{')) {
            return self.fault(self.at, "repeats a repetition");
        }
        Ok(bounds)
    }

    fn number(&mut self) -> Option<u16> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) && self.at < start + 4 {
            self.at += 1;
        }
        std::str::from_utf8(self.text.get(start..self.at)?).ok()?.parse().ok()
    }
}

/// Puts single characters that follow each other together.
fn joined(items: Vec<Item>, ignore_case: bool) -> Vec<Item> {
    let mut out = Vec::with_capacity(items.len());
    let mut text = Vec::new();
    for item in items {
        let letter = match &item.what {
            What::Class(class) if (item.least, item.most) == (1, 1) => {
                let lower = Bytes {
                    ascii: class.ascii & !Bytes::range(b'A', b'Z'),
                    rest: class.rest,
                };
                if ignore_case && *class == lower.both_cases() {
                    lower.single()
                } else {
                    class.single()
                }
            }
            _ => None,
        };
        if let Some(letter) = letter {
            text.push(letter);
            continue;
        }
        out.extend(text_item(&mut text));
        out.push(item);
    }
    out.extend(text_item(&mut text));
    out
}

fn text_item(text: &mut Vec<u8>) -> Option<Item> {
    (!text.is_empty()).then(|| Item {
        what: What::Text(std::mem::take(text).into_boxed_slice()),
        least: 1,
        most: 1,
    })
}
