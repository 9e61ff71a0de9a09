//! The streaming pass over JSON: one token at a time, an explicit stack, and a budget for what is written.

use std::borrow::Cow;

use super::action::{self, Action, MALFORMED, REDACTED, TRUNCATED};
use super::detect::names_a_secret;
use super::keys::KeyRule;
use super::path::{Path, Step};
use super::policy::{Rules, Verdict};
use super::reader::{RawString, Reader, Stop, is_portable};
use super::{READ_LIMIT, ReceiptBuilder, text};

/// Levels of nesting that are kept.
const MAX_DEPTH: usize = 64;
/// Longest string that is kept, in bytes of JSON. A longer one is named by its size: half a secret is still half a secret.
const MAX_STRING: usize = 2_048;
/// Strings within strings that are looked into (`"{\"password\":…}"`).
const MAX_NESTED: u8 = 2;
/// Room for a comma and the longest mark.
const MARK_ROOM: usize = 24;
/// Fewest digits of a number that detectors look at: shorter ones are no card.
const LEAST_DIGITS: usize = 12;
/// Lengths of a text that may be a token without a form of its own, which the name beside it gives away.
const TOKEN_LENGTHS: std::ops::RangeInclusive<usize> = 16..=256;

/// Where a document stands in its record.
#[derive(Debug, Clone, Copy)]
enum Root<'a> {
    Field(&'a str),
    /// Inside a string of another document.
    Inside(&'a Path),
}

/// Sanitizes `input`, which may be cut off or malformed anywhere.
pub(super) fn sanitize(rules: &Rules, input: &[u8], limit: usize, at: &str, receipt: &mut ReceiptBuilder) -> String {
    let readable = input.get(..READ_LIMIT.min(input.len())).unwrap_or_default();
    let text = match std::str::from_utf8(readable) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(readable),
    };
    let is_cut = readable.len() < input.len();
    pass(rules, &text, is_cut, limit.max(64), Root::Field(at), receipt, 0)
}

fn pass(
    rules: &Rules,
    input: &str,
    is_cut: bool,
    limit: usize,
    root: Root<'_>,
    receipt: &mut ReceiptBuilder,
    nested: u8,
) -> String {
    let mut reader = Reader::new(input, is_cut);
    let mut writer = Writer {
        rules,
        out: String::with_capacity(limit.min(input.len() + 16)),
        limit,
        frames: Vec::new(),
        root,
        nested,
        owed: 0,
        scratch: String::new(),
    };
    if let Err(stop) = writer.document(&mut reader, receipt) {
        receipt.truncated();
        writer.close_with_mark(stop == Stop::Malformed && !is_cut);
    }
    writer.out
}

/// One open container.
#[derive(Debug)]
struct Frame {
    is_object: bool,
    items: usize,
    /// Where the current key stands in the output, with its quotes.
    key: Option<(usize, usize)>,
    /// Position of the item whose value the item before it gives away.
    secret_item: Option<(usize, String)>,
    /// Whether its first item would give the second one away, were there not more. If it is cut within its second item, a mark behind
    /// that says that there were.
    is_no_pair: bool,
    /// Set once `"name": "password"` was seen: the `value` beside it is the secret.
    secret_name: Option<String>,
    /// Where the value of `value` stands in the output, should the name come after it.
    value: Option<(usize, usize)>,
}

struct Writer<'r> {
    rules: &'r Rules,
    out: String,
    limit: usize,
    frames: Vec<Frame>,
    root: Root<'r>,
    nested: u8,
    /// Bytes that marks of open arrays may still need.
    owed: usize,
    /// Room to put a name and a value side by side.
    scratch: String,
}

impl Writer<'_> {
    /// Writes one whole document without recursion.
    fn document(&mut self, reader: &mut Reader<'_>, receipt: &mut ReceiptBuilder) -> Result<(), Stop> {
        self.item(reader, receipt)?;
        while let Some(frame) = self.frames.last() {
            let (is_object, first) = (frame.is_object, frame.items == 0);
            if reader.take(if is_object { b'}' } else { b']' }) {
                self.close(is_object);
                continue;
            }
            if !first && !reader.take(b',') {
                return Err(Stop::Malformed);
            }
            let mut entry = self.out.len();
            if !first {
                self.out.push(',');
            }
            // Counted first, so that a container which this entry opens cannot be mistaken for its parent.
            self.count(|items| items + 1);
            let written = if is_object {
                self.member(reader, receipt, &mut entry)
            } else {
                self.item(reader, receipt)
            };
            if let Err(stop) = written {
                self.out.truncate(entry);
                self.count(|items| items.saturating_sub(1));
                return Err(stop);
            }
        }
        if reader.peek().is_some() {
            Err(Stop::Malformed)
        } else {
            Ok(())
        }
    }

    fn count(&mut self, change: fn(usize) -> usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.items = change(frame.items);
        }
    }

    /// The document itself, or an item of an array.
    fn item(&mut self, reader: &mut Reader<'_>, receipt: &mut ReceiptBuilder) -> Result<(), Stop> {
        let rules = self.rules;
        if let Some(verdict) = rules.at_place(&|| self.path()) {
            return self.decided(reader, &verdict, receipt);
        }
        let position = self.frames.last().map_or(0, |frame| frame.items.saturating_sub(1));
        let secret = self.frames.last_mut().and_then(|frame| frame.secret_item.take());
        if let Some((_, name)) = secret.filter(|(item, _)| *item == position)
            && let Some(verdict) = rules.at_key(&name, &|| self.path())
        {
            return self.decided(reader, &verdict, receipt);
        }
        if !self.frames.is_empty() && reader.peek() == Some(b'"') {
            let is_entry = !self.frames.iter().rev().nth(1).is_some_and(|parent| parent.is_object);
            let next = Neighbour::of(rules, reader.look_ahead(), position, is_entry, &|| self.path());
            if let Some(frame) = self.frames.last_mut() {
                match next {
                    Neighbour::Secret(name) => frame.secret_item = Some((position + 1, name)),
                    Neighbour::OneOfMany => {
                        frame.is_no_pair = true;
                        self.owed += MARK_ROOM;
                    }
                    Neighbour::Plain => {}
                }
            }
        }
        self.value(reader, None, receipt)
    }

    fn member(&mut self, reader: &mut Reader<'_>, receipt: &mut ReceiptBuilder, entry: &mut usize) -> Result<(), Stop> {
        if reader.peek() != Some(b'"') {
            return Err(Stop::Malformed);
        }
        let rules = self.rules;
        let raw = reader.string()?;
        if raw.raw.len() > MAX_STRING {
            return Err(Stop::Full);
        }
        let key = raw.text()?;
        if let Some(frame) = self.frames.last_mut() {
            frame.key = None;
        }
        let start = self.out.len();
        let mut shown = None;
        if raw.is_plain && is_short_name(&key) {
            push_plain(&mut self.out, raw.raw);
        } else {
            // A key can hold a secret too: a map from token to user.
            let cleaned = text::clean(rules, &key, &|| self.path(), receipt);
            push_json_string(&mut self.out, &cleaned);
            shown = match cleaned {
                Cow::Owned(cleaned) => Some(cleaned),
                Cow::Borrowed(_) => None,
            };
        }
        let end = self.out.len();
        // What was written out takes more room; the bound is of what a second look would see.
        if end - start - 2 > MAX_STRING {
            return Err(Stop::Full);
        }
        self.out.push(':');
        if let Some(frame) = self.frames.last_mut() {
            frame.key = Some((start, end));
        }
        if !reader.take(b':') {
            return Err(Stop::Malformed);
        }
        let parent = self.frames.len().saturating_sub(1);
        let holds_pair_value = key.eq_ignore_ascii_case("value");
        let named = || self.frames.last().and_then(|frame| frame.secret_name.as_deref());
        // As it is shown it will be seen when somebody looks again; what it was may say more.
        let as_shown = shown.as_deref().and_then(|shown| rules.at_key(shown, &|| self.path()));
        let verdict = as_shown.or_else(|| rules.at_key(&key, &|| self.path())).or_else(|| {
            let name = if holds_pair_value { named() } else { None };
            name.and_then(|name| rules.at_key(name, &|| self.path()))
        });
        let mut start = self.out.len();
        if let Some(verdict) = verdict {
            self.decided(reader, &verdict, receipt)?;
        } else {
            if key.eq_ignore_ascii_case("name") || key.eq_ignore_ascii_case("key") {
                let moved = self.note_pair_name(reader, receipt);
                *entry = entry.saturating_add_signed(moved);
                start = start.saturating_add_signed(moved);
            }
            self.value(reader, Some(&key), receipt)?;
        }
        if holds_pair_value && self.out.len() > start {
            // A name that comes later may turn this value into a longer mark: it must fit now already.
            let end = self.out.len();
            let owed = LONGEST_MARK.saturating_sub(end - start);
            self.check_room_for(owed, start)?;
            if let Some(frame) = self.frames.get_mut(parent) {
                let is_whole = !matches!(self.out.get(start..end), Some("{" | "["));
                frame.value = is_whole.then_some((start, end));
            }
        }
        Ok(())
    }

    /// Writes what a rule leaves of the value that comes next.
    fn decided(
        &mut self,
        reader: &mut Reader<'_>,
        verdict: &Verdict<'_>,
        receipt: &mut ReceiptBuilder,
    ) -> Result<(), Stop> {
        let next = reader.peek();
        if verdict.action == Action::Keep && !matches!(next, Some(b'{' | b'[')) {
            return self.kept(reader);
        }
        match next {
            // What a container holds is looked at piece by piece: to keep it is to say nothing about what is in it.
            Some(b'{' | b'[') if verdict.action == Action::Keep => self.value(reader, None, receipt),
            // `"tokens": { "input": 100, "output": 20 }`.
            Some(b'{' | b'[') if verdict.spares("0") && holds_numbers_only(reader.look_ahead()) => {
                self.value(reader, None, receipt)
            }
            Some(b'{' | b'[') => {
                reader.skip_value()?;
                receipt.fired(verdict.rule, &|| self.path());
                self.push_quoted(REDACTED)
            }
            Some(b'"') => {
                let raw = reader.string()?;
                let secret = raw.text()?;
                if text::is_harmless(&secret) || verdict.spares(&secret) {
                    return self.push_string(&secret);
                }
                self.replaced(&secret, verdict, receipt)
            }
            Some(_) => {
                let scalar = reader.scalar()?;
                if matches!(scalar, "true" | "false" | "null") || verdict.spares(scalar) {
                    return self.scalar(scalar);
                }
                self.replaced(scalar, verdict, receipt)
            }
            None => Err(Stop::Malformed),
        }
    }

    fn replaced(&mut self, secret: &str, verdict: &Verdict<'_>, receipt: &mut ReceiptBuilder) -> Result<(), Stop> {
        receipt.fired(verdict.rule, &|| self.path());
        let mark = self.rules.left_of(secret, verdict.action);
        self.push_string(&mark)
    }

    /// A text or scalar that a host's rule keeps: only bounds and encoding hold for it.
    fn kept(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        if reader.peek() == Some(b'"') {
            let text = reader.string()?.text()?;
            return self.push_string(&text::encoded(&text).unwrap_or_else(|| text.into_owned()));
        }
        let scalar = reader.scalar()?;
        self.scalar(scalar)
    }

    /// `"name": "password"`: what stands as `value` in the same object, before or behind, is the secret.
    /// Answers by how many bytes what follows has moved.
    fn note_pair_name(&mut self, reader: &mut Reader<'_>, receipt: &mut ReceiptBuilder) -> isize {
        if reader.peek() != Some(b'"') {
            return 0;
        }
        let rules = self.rules;
        let Ok(name) = reader.look_ahead().string().and_then(RawString::text) else {
            return 0;
        };
        let Some(verdict) = rules.at_key(&name, &|| self.path()) else {
            return 0;
        };
        let earlier = self.frames.last_mut().and_then(|frame| {
            frame.secret_name = Some(name.into_owned());
            frame.value.take()
        });
        let Some((start, end)) = earlier else { return 0 };
        let written = self.out.get(start..end).unwrap_or_default().to_owned();
        let secret = match serde_json::from_str::<Cow<'_, str>>(&written) {
            Ok(text) if text::is_harmless(&text) => return 0,
            Ok(text) => text.into_owned(),
            Err(_) if matches!(written.as_str(), "true" | "false" | "null") => return 0,
            Err(_) => written,
        };
        if verdict.action == Action::Keep {
            return 0;
        }
        let mut quoted = String::new();
        push_json_string(&mut quoted, &rules.left_of(&secret, verdict.action));
        // The replaced value may be longer or shorter: the current key moves with it.
        let moved = quoted.len() as isize - (end - start) as isize;
        self.out.replace_range(start..end, &quoted);
        let mut path = self.path();
        if let Some(frame) = self.frames.last_mut() {
            frame.key = frame
                .key
                .map(|(start, end)| (start.saturating_add_signed(moved), end.saturating_add_signed(moved)));
            path.0.pop();
        }
        receipt.fired(verdict.rule, &|| path.clone().with(Step::Name("value".into())));
        moved
    }

    fn value(&mut self, reader: &mut Reader<'_>, key: Option<&str>, receipt: &mut ReceiptBuilder) -> Result<(), Stop> {
        match reader.peek() {
            Some(open @ (b'{' | b'[')) => {
                if self.frames.len() >= MAX_DEPTH {
                    receipt.truncated();
                    reader.skip_value()?;
                    return self.push_quoted("[truncated: nested too deep]");
                }
                reader.take(open);
                self.push(if open == b'{' { "{" } else { "[" })?;
                self.frames.push(Frame {
                    is_object: open == b'{',
                    items: 0,
                    key: None,
                    secret_item: None,
                    is_no_pair: false,
                    secret_name: None,
                    value: None,
                });
                Ok(())
            }
            Some(b'"') => {
                let raw = reader.string()?;
                self.string(raw, key, receipt)
            }
            Some(_) => {
                let scalar = reader.scalar()?;
                self.number(scalar, receipt)
            }
            None => Err(Stop::Malformed),
        }
    }

    fn string(&mut self, raw: RawString<'_>, key: Option<&str>, receipt: &mut ReceiptBuilder) -> Result<(), Stop> {
        if raw.raw.len() > self.longest_string() {
            receipt.truncated();
            return self.push_size(raw.raw.len());
        }
        let value = raw.text()?;
        if let Some(json) = self.json_inside(&value, receipt) {
            return self.push_string(&json);
        }
        if let Some(key) = key.filter(|key| may_be_token(raw) && names_a_secret(key.as_bytes()))
            && let Some(left) = self.beside_its_name(key, &value, receipt)
        {
            // What stood behind it may hold secrets of its own.
            let cleaned = text::clean(self.rules, &left, &|| self.path(), receipt).into_owned();
            return self.push_string(&cleaned);
        }
        let cleaned = if raw.is_canonical {
            text::clean_canonical(self.rules, &value, raw.may_name, &|| self.path(), receipt)
        } else {
            match text::clean(self.rules, &value, &|| self.path(), receipt) {
                Cow::Owned(cleaned) => Some(cleaned),
                Cow::Borrowed(_) => None,
            }
        };
        let Some(cleaned) = cleaned else {
            return if raw.is_canonical {
                self.push_quoted(raw.raw)
            } else {
                self.push_string(&value)
            };
        };
        // What kept it from being JSON may have gone with a secret, or been written out.
        match self.json_inside(&cleaned, receipt) {
            Some(json) => self.push_string(&json),
            None => self.push_string(&cleaned),
        }
    }

    /// What is left of a text that is JSON itself.
    fn json_inside(&mut self, text: &str, receipt: &mut ReceiptBuilder) -> Option<String> {
        let inner = text.trim_start();
        let is_json = self.nested < MAX_NESTED
            && inner.starts_with(['{', '['])
            && serde_json::from_str::<serde::de::IgnoredAny>(inner).is_ok();
        is_json.then(|| {
            let path = self.path();
            pass(
                self.rules,
                inner,
                false,
                MAX_STRING,
                Root::Inside(&path),
                receipt,
                self.nested + 1,
            )
        })
    }

    /// A token whose form says nothing without the name beside it: `"datadog": "0f3c…"`.
    fn beside_its_name(&mut self, key: &str, value: &str, receipt: &mut ReceiptBuilder) -> Option<String> {
        let rules = self.rules;
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        scratch.push_str(key);
        scratch.push('=');
        scratch.push_str(value);
        let from = key.len() + 1;
        let holds = |detector| rules.at_find(detector, &|| self.path()).is_some();
        let found = rules
            .detectors()
            .scan_where(&scratch, &holds)
            .next()
            .filter(|found| found.start == from);
        let verdict = found
            .as_ref()
            .and_then(|found| rules.at_find(found.detector, &|| self.path()));
        let cleaned = match (found, verdict) {
            (Some(found), Some(verdict)) if verdict.action != Action::Keep => {
                receipt.fired(verdict.rule, &|| self.path());
                let secret = scratch.get(found.start..found.end).unwrap_or_default();
                let mut mark = rules.left_of(secret, verdict.action);
                mark.push_str(scratch.get(found.end..).unwrap_or_default());
                Some(mark)
            }
            _ => None,
        };
        self.scratch = scratch;
        cleaned
    }

    /// A number that no key gives away: it may be a card's.
    fn number(&mut self, scalar: &str, receipt: &mut ReceiptBuilder) -> Result<(), Stop> {
        if scalar.len() >= LEAST_DIGITS
            && let Cow::Owned(cleaned) = text::clean(self.rules, scalar, &|| self.path(), receipt)
        {
            return self.push_string(&cleaned);
        }
        self.scalar(scalar)
    }

    fn scalar(&mut self, text: &str) -> Result<(), Stop> {
        // Not every reader holds integers past 2^53 or numbers past 1e308: as text they arrive as they were.
        if is_portable(text) {
            self.push(text)
        } else {
            self.push_string(text)
        }
    }

    fn longest_string(&self) -> usize {
        MAX_STRING.min(self.limit)
    }

    /// Writes any text as a string; one that grew too long by what was written into it is named by its size.
    fn push_string(&mut self, value: &str) -> Result<(), Stop> {
        let before = self.out.len();
        push_json_string(&mut self.out, value);
        let length = self.out.len() - before - 2;
        if length > self.longest_string() {
            self.out.truncate(before);
            return self.push_size(length);
        }
        self.check_room_for(0, before)
    }

    fn push_size(&mut self, bytes: usize) -> Result<(), Stop> {
        let mut mark = String::from("[truncated: ");
        mark.push_str(&bytes.to_string());
        mark.push_str(" bytes]");
        self.push_quoted(&mark)
    }

    /// Writes text that needs no escapes as a string.
    fn push_quoted(&mut self, text: &str) -> Result<(), Stop> {
        let before = self.out.len();
        push_plain(&mut self.out, text);
        self.check_room_for(0, before)
    }

    fn push(&mut self, text: &str) -> Result<(), Stop> {
        let before = self.out.len();
        self.out.push_str(text);
        self.check_room_for(0, before)
    }

    /// Takes back what no longer fits beside `more` bytes, and the brackets and the mark that are still owed.
    fn check_room_for(&mut self, more: usize, before: usize) -> Result<(), Stop> {
        if self.out.len() + more + self.frames.len() + 1 + MARK_ROOM + self.owed > self.limit {
            self.out.truncate(before);
            return Err(Stop::Full);
        }
        Ok(())
    }

    fn close(&mut self, is_object: bool) {
        self.out.push(if is_object { '}' } else { ']' });
        if self.frames.pop().is_some_and(|frame| frame.is_no_pair) {
            self.owed = self.owed.saturating_sub(MARK_ROOM);
        }
    }

    /// Writes a mark where the pass stopped and closes what is open.
    fn close_with_mark(&mut self, malformed: bool) {
        if let Some(frame) = self.frames.last() {
            if frame.items > 0 {
                self.out.push(',');
            }
            push_plain(&mut self.out, TRUNCATED);
            if frame.is_object {
                self.out.push_str(":true");
            }
        } else {
            // What stood there was not one JSON value, so nothing of it is kept.
            self.out.clear();
            push_plain(&mut self.out, if malformed { MALFORMED } else { TRUNCATED });
        }
        while let Some(is_object) = self.frames.last().map(|frame| frame.is_object) {
            self.close(is_object);
            if self
                .frames
                .last()
                .is_some_and(|frame| frame.is_no_pair && frame.items == 2)
            {
                self.out.push(',');
                push_plain(&mut self.out, TRUNCATED);
            }
        }
    }

    /// The current place.
    fn path(&self) -> Path {
        let mut path = match self.root {
            Root::Field(name) => Path::field(name),
            Root::Inside(path) => path.clone(),
        };
        for frame in &self.frames {
            if !frame.is_object {
                path.0.push(Step::Item(frame.items.saturating_sub(1)));
            } else if let Some(key) = frame.key.and_then(|(start, end)| self.out.get(start..end)) {
                // It stands there as JSON; a selector asks for its text.
                let name = serde_json::from_str(key).unwrap_or_default();
                path.0.push(Step::Name(name));
            }
        }
        path
    }
}

/// The longest mark that can take a value's place: a hash with its quotes.
const LONGEST_MARK: usize = 36;

/// What an item of an array says about the next one.
enum Neighbour {
    Plain,
    /// It is the secret of this name: `["cookie", "x"]`, `["Host", "y", "Cookie", "x"]`, `["--password", "x"]`.
    Secret(String),
    /// It would be, but the array goes on: `["password", "email", "name"]`.
    OneOfMany,
}

impl Neighbour {
    /// `is_entry` says whether the array may be one of a list of pairs; as the value of a name, `["auth", "bug"]` are two labels.
    fn of(rules: &Rules, mut ahead: Reader<'_>, position: usize, is_entry: bool, path: &dyn Fn() -> Path) -> Self {
        let Ok(name) = ahead.string().and_then(RawString::text) else {
            return Neighbour::Plain;
        };
        let verdict = rules
            .at_key(&name, path)
            .filter(|_| name.len() <= 64 && ahead.take(b','));
        let Some(verdict) = verdict else {
            return Neighbour::Plain;
        };
        let is_name = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        let is_flag = is_name && name.starts_with("--");
        let is_header = |key: &KeyRule| match key.id {
            "key:cookie" | "key:authorization" | "key:api_key" => true,
            "key:token" | "key:secret" | "key:credential" => name.contains('-'),
            _ => false,
        };
        // `["Authorization", "Content-Type"]` are names only.
        let names_only = ahead.look_ahead().string().is_ok_and(is_word);
        let is_field = is_name && position.is_multiple_of(2) && verdict.key.is_some_and(is_header) && !names_only;
        // A name with blanks in it is a sentence; and half of one that is cleaned may be a name.
        if is_flag || is_field || position == 0 && is_name && (is_entry || !names_only) && is_last(ahead) {
            Neighbour::Secret(name.into_owned())
        } else if position == 0 && is_name {
            Neighbour::OneOfMany
        } else {
            Neighbour::Plain
        }
    }
}

/// Whether the container that comes next holds numbers that stay numbers, and no texts.
fn holds_numbers_only(mut ahead: Reader<'_>) -> bool {
    let mut depth = 0usize;
    loop {
        match ahead.peek() {
            Some(open @ (b'{' | b'[')) => {
                ahead.take(open);
                depth += 1;
            }
            Some(close @ (b'}' | b']')) => {
                ahead.take(close);
                depth -= 1;
                if depth == 0 {
                    return true;
                }
            }
            Some(b'"') => {
                let Ok(string) = ahead.string() else { return false };
                // A name, or a mark that says what was cut.
                if !ahead.take(b':') && !action::is_mark(string.raw) {
                    return false;
                }
            }
            Some(b',') => {
                ahead.take(b',');
            }
            None => return false,
            Some(_) => {
                if !ahead.scalar().is_ok_and(is_portable) {
                    return false;
                }
            }
        }
    }
}

/// Whether an array ends behind the value that comes next, as far as the input goes.
fn is_last(mut ahead: Reader<'_>) -> bool {
    ahead.skip_value().is_err() || ahead.peek() != Some(b',')
}

/// Whether it is written as names of header fields are: `content-type`, `Content-Type`.
fn is_word(string: RawString<'_>) -> bool {
    let is_part = |part: &str| {
        let rest = part.strip_prefix(|c: char| c.is_ascii_alphabetic());
        rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_lowercase()))
    };
    string.raw.split('-').all(is_part)
}

/// A name too short to be a token, and without what could stand between a name and a secret.
fn is_short_name(key: &str) -> bool {
    key.len() < *TOKEN_LENGTHS.start() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Letters and digits in one run.
fn may_be_token(raw: RawString<'_>) -> bool {
    let bytes = raw.raw.as_bytes();
    raw.is_plain
        && TOKEN_LENGTHS.contains(&bytes.len())
        && !bytes.contains(&b' ')
        && bytes.iter().any(u8::is_ascii_digit)
        && bytes.iter().any(u8::is_ascii_alphabetic)
}

fn push_plain(out: &mut String, text: &str) {
    out.push('"');
    out.push_str(text);
    out.push('"');
}

fn push_json_string(out: &mut String, value: &str) {
    match serde_json::to_string(value) {
        Ok(text) => out.push_str(&text),
        Err(_) => out.push_str("\"\""),
    }
}

#[cfg(test)]
mod tests {
    use super::super::SUMMARY_LIMIT;
    use super::*;
    use proptest::prelude::*;

    fn clean(input: &str) -> String {
        clean_to(input.as_bytes(), SUMMARY_LIMIT).0
    }

    fn clean_to(input: &[u8], limit: usize) -> (String, Vec<String>, bool) {
        let mut receipt = ReceiptBuilder::default();
        let out = super::super::Sanitizer::standard()
            .json(input, limit, "request_summary", &mut receipt)
            .as_str()
            .to_owned();
        let receipt = receipt.finish().unwrap_or_default();
        (
            out,
            receipt.rules.iter().map(|r| format!("{}@{}", r.rule, r.path)).collect(),
            receipt.truncated,
        )
    }

    #[test]
    fn keeps_what_is_harmless_as_it_is() {
        for json in [
            r#"{"a":1,"b":[true,null,"x",{}],"c":{"d":[]}}"#,
            "[]",
            "{}",
            r#""text""#,
            "null",
            "-1.5e3",
            r#"[[],[1],{"a":{}}]"#,
        ] {
            assert_eq!(clean(json), json);
        }
        assert_eq!(clean(" { \"a\" : [ 1 , 2 ] } "), r#"{"a":[1,2]}"#);
    }

    #[test]
    fn secrets_go_wherever_they_stand() {
        let (out, rules, truncated) = clean_to(
            br#"{"user":{"password":"x","list":[{"apiKey":{"deep":["y"]}}]},"note":"Bearer abcdefgh12","token":null,"n":1}"#,
            SUMMARY_LIMIT,
        );
        assert_eq!(
            out,
            r#"{"user":{"password":"[redacted]","list":[{"apiKey":"[redacted]"}]},"note":"Bearer [redacted]","token":null,"n":1}"#
        );
        assert_eq!(
            rules,
            [
                "key:password@request_summary.user.password",
                "key:api_key@request_summary.user.list[0].apiKey",
                "value:bearer@request_summary.note"
            ]
        );
        assert!(!truncated);
        assert_eq!(clean(r#"{"p\u0061ssword":"x"}"#), r#"{"password":"[redacted]"}"#);
        assert_eq!(
            clean(r#"{"name":"password","value":"x"}"#),
            r#"{"name":"password","value":"[redacted]"}"#
        );
        assert_eq!(
            clean(r#"{"value":"longer than it","name":"password","z":1}"#),
            r#"{"value":"[redacted]","name":"password","z":1}"#
        );
        assert_eq!(
            clean(r#"{"raw":"{\"password\":\"x\",\"a\":1}"}"#),
            r#"{"raw":"{\"password\":\"[redacted]\",\"a\":1}"}"#
        );
    }

    #[test]
    fn a_name_gives_its_neighbour_away() {
        for (input, expected) in [
            (r#"["cookie","x"]"#, r#"["cookie","[redacted]"]"#),
            (
                r#"[["Cookie","a"],["Host","b"]]"#,
                r#"[["Cookie","[redacted]"],["Host","b"]]"#,
            ),
            (r#"["password",{"a":1}]"#, r#"["password","[redacted]"]"#),
            (r#"["token",12345]"#, r#"["token","[redacted]"]"#),
            (r#"["password","email","name"]"#, r#"["password","email","name"]"#),
            (r#"["password"]"#, r#"["password"]"#),
            (r#"["a","password"]"#, r#"["a","password"]"#),
            (
                r#"["Host","h","Cookie","a=b","X","y"]"#,
                r#"["Host","h","Cookie","[redacted]","X","y"]"#,
            ),
            (
                r#"["Authorization","Content-Type","Accept"]"#,
                r#"["Authorization","Content-Type","Accept"]"#,
            ),
            (
                r#"["login","--password","hunter","-v"]"#,
                r#"["login","--password","[redacted]","-v"]"#,
            ),
            (
                r#"{"name":"X-Api-Key","value":{"a":1}}"#,
                r#"{"name":"X-Api-Key","value":"[redacted]"}"#,
            ),
            (r#"{"value":[1],"key":"token"}"#, r#"{"value":[1],"key":"token"}"#),
            (
                r#"{"headers":{"Cookie":"a","Host":"b"}}"#,
                r#"{"headers":{"Cookie":"[redacted]","Host":"b"}}"#,
            ),
        ] {
            assert_eq!(clean(input), expected, "{input}");
        }
    }

    #[test]
    fn what_holds_no_secret_stays_under_any_name() {
        for json in [
            r#"{"password":true,"token":null,"secret":"","hasPassword":false}"#,
            r#"{"max_tokens":512,"pass":12}"#,
            r#"{"usage":{"tokens":{"input":100,"output":20}}}"#,
            r#"{"password":"${DB_PASSWORD}"}"#,
        ] {
            assert_eq!(clean(json), json);
        }
        assert_eq!(
            clean(r#"{"tokens":["a"],"pin":1}"#),
            r#"{"tokens":"[redacted]","pin":1}"#
        );
    }

    #[test]
    fn what_stands_behind_a_token_that_its_name_gives_away_is_cleaned_too() {
        assert_eq!(
            clean(r#"{"passwordghp":"ghp_16C7e42F292c6912E7710c838347Ae178B4a?token=x&a=b"}"#),
            r#"{"passwordghp":"[redacted]?token=[redacted]&a=b"}"#
        );
    }

    #[test]
    fn hostile_bodies_end_well() {
        let key = format!(r#"{{"a":1,"{}":2}}"#, "k".repeat(10_000_000));
        assert_eq!(clean(&key), r#"{"a":1,"[truncated]":true}"#);
        let key = format!(r#"{{"a":1,"{}":2}}"#, "k".repeat(10_000));
        assert_eq!(clean(&key), r#"{"a":1,"[truncated]":true}"#);
        let keys: Vec<String> = (0..1_000_000).map(|n| format!(r#""k{n}":{n}"#)).collect();
        let out = clean(&format!("{{{}}}", keys.join(",")));
        assert!(
            out.len() <= SUMMARY_LIMIT && out.ends_with(r#","[truncated]":true}"#),
            "{out}"
        );
        for json in [
            r#"{"__proto__":{"a":1},"constructor":1,"$where":"1","a.b":2,"":3}"#,
            r#"{"a":1,"a":2}"#,
        ] {
            assert_eq!(clean(json), json);
        }
        let names = format!("[{}]", vec![r#""cookie""#; 8_000].join(","));
        assert!(clean(&names).len() <= SUMMARY_LIMIT);
        let pairs = format!("{}1{}", r#"["password","#.repeat(5_000), "]".repeat(5_000));
        assert_eq!(clean(&pairs), r#"["password","[redacted]"]"#);
    }

    #[test]
    fn malformed_and_cut_input_yields_what_came_before() {
        for (input, expected) in [
            (r#"{"a":1,"b":"#, r#"{"a":1,"[truncated]":true}"#),
            (r#"{"a":1,,}"#, r#"{"a":1,"[truncated]":true}"#),
            (r#"{"a":[1,2,{"b":"x"#, r#"{"a":[1,2,{"[truncated]":true}]}"#),
            (r#"{"password":"half a sec"#, r#"{"[truncated]":true}"#),
            ("", r#""[malformed]""#),
            ("hello", r#""[malformed]""#),
            (r#"{"a":tru}"#, r#"{"[truncated]":true}"#),
            (r#"{"a":1} trailing"#, r#""[malformed]""#),
            (r#"{a:1}"#, r#"{"[truncated]":true}"#),
        ] {
            assert_eq!(clean(input), expected, "{input}");
        }
    }

    #[test]
    fn output_is_bounded_and_says_so() {
        let many = format!("[{}]", vec!["\"0123456789\""; 2_000].join(","));
        let (out, _, truncated) = clean_to(many.as_bytes(), 256);
        assert!(
            truncated && out.len() <= 256 && out.ends_with(r#","[truncated]"]"#),
            "{out}"
        );
        let long = format!(r#"{{"a":"{}","b":2}}"#, "x".repeat(5_000));
        assert_eq!(clean(&long), r#"{"a":"[truncated: 5000 bytes]","b":2}"#);
        let huge = format!(r#"{{"a":1,"b":"{}"}}"#, "x".repeat(10_000_000));
        assert_eq!(clean(&huge), r#"{"a":1,"[truncated]":true}"#);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(serde_json::from_str::<serde_json::Value>(&clean(&deep)).is_ok());
    }

    #[test]
    fn numbers_that_not_every_reader_holds_become_text() {
        assert_eq!(
            clean("[9007199254740991,9007199254740993,1e400,0.1]"),
            r#"[9007199254740991,"9007199254740993","1e400",0.1]"#
        );
    }

    #[test]
    fn odd_text_is_safe() {
        assert_eq!(
            clean(r#"["\ud800","\ud83d\ude00","\u0000","a\tb"]"#),
            "[\"\u{fffd}\",\"😀\",\"\\\\u{0}\",\"a\\tb\"]"
        );
        assert!(serde_json::from_str::<serde_json::Value>(&clean_to(b"[\"\xff\xfe\"]", 4_096).0).is_ok());
    }

    /// A text that looks like a secret, or like the name of one.
    fn telling() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("Bearer abcdefgh12345678".to_owned()),
            Just(r#"{"token":"t","a":[1]}"#.to_owned()),
            Just(["gh", "p_16C7e42F292c6912E7710c838347Ae178B4a"].concat()),
            Just(["postgres://ann:", "s3cret@db/x?sslmode=1"].concat()),
            Just("4111111111111111".to_owned()),
            Just("[redacted]".to_owned()),
            Just("--password".to_owned()),
            Just("Cookie".to_owned()),
            Just("token".to_owned()),
            "(password|token|Cookie|datadog)[=: ]{1,3}[a-f0-9]{0,40}",
        ]
    }

    fn json_value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".{0,40}".prop_map(Into::into),
            telling().prop_map(Into::into),
        ];
        leaf.prop_recursive(6, 64, 8, |inner| {
            let key = prop_oneof![
                "[a-zA-Z_]{0,10}|password|name|value|key|max_tokens|\\$where|__proto__|datadog",
                telling()
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
                (telling(), inner.clone()).prop_map(|(name, value)| serde_json::json!([name, value])),
                prop::collection::vec((key, inner), 0..8)
                    .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_bytes_give_bounded_valid_json(bytes in prop::collection::vec(any::<u8>(), 0..300), limit in 64usize..400) {
            let (out, ..) = clean_to(&bytes, limit);
            prop_assert!(out.len() <= limit);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok());
        }

        #[test]
        fn sanitizing_again_changes_nothing(value in json_value(), limit in 64usize..2_000, cut in 0usize..500) {
            let text = value.to_string();
            for input in [text.as_bytes(), &text.as_bytes()[..text.len().saturating_sub(cut)]] {
                let (once, ..) = clean_to(input, limit);
                prop_assert!(once.len() <= limit);
                prop_assert!(serde_json::from_str::<serde_json::Value>(&once).is_ok(), "{}", once);
                prop_assert_eq!(clean_to(once.as_bytes(), limit).0, once);
            }
        }
    }
}
