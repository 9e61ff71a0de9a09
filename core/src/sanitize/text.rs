//! Free text: secrets behind a name (`password=…`, `Cookie: …`), secrets that tell by their form, characters that act on a
//! terminal, and length.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::action::{self, Action, TRUNCATED};
use super::keys::Spared;
use super::path::{Path, Step};
use super::policy::{Rules, Verdict};
use super::{READ_LIMIT, ReceiptBuilder};

/// Longest name in front of a separator that is looked at, in bytes.
const MAX_NAME: usize = 64;
/// Spaces that may stand between name, separator and value.
const MAX_SPACES: usize = 3;

/// The beginning of a text, at most `most` bytes, whole characters.
pub(super) fn head(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

/// Replaces what looks like a secret and encodes what would act on a terminal or turn text around.
pub(super) fn clean<'t>(
    rules: &Rules,
    text: &'t str,
    path: &dyn Fn() -> Path,
    receipt: &mut ReceiptBuilder,
) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    if let Some(cleaned) = without_named_secrets(rules, &text, path, receipt) {
        text = Cow::Owned(cleaned);
    }
    if let Some(cleaned) = without_formed_secrets(rules, &text, path, receipt) {
        text = Cow::Owned(cleaned);
    }
    if let Some(encoded) = encoded(&text) {
        text = Cow::Owned(encoded);
    }
    text
}

/// Control characters other than tab and line feed, and the bidirectional overrides and isolates.
pub(super) fn acts(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with those written out; `None` where there are none.
pub(super) fn encoded(text: &str) -> Option<String> {
    let is_plain = |b: u8| (0x20..0x7f).contains(&b) || b == b'\n' || b == b'\t';
    if text.bytes().all(is_plain) || !text.chars().any(acts) {
        return None;
    }
    let mut encoded = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            push_escape(&mut encoded, u32::from(c));
        } else {
            encoded.push(c);
        }
    }
    Some(encoded)
}

fn push_escape(out: &mut String, code: u32) {
    out.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        out.extend(char::from_digit(code >> shift & 15, 16));
    }
}

/// A copy of a text that begins with its first change.
struct Rewrite<'t> {
    text: &'t str,
    out: Option<String>,
    copied: usize,
}

impl<'t> Rewrite<'t> {
    fn new(text: &'t str) -> Self {
        Rewrite {
            text,
            out: None,
            copied: 0,
        }
    }

    /// What was written up to `at`, to write on behind it.
    fn up_to(&mut self, at: usize) -> &mut String {
        let out = self
            .out
            .get_or_insert_with(|| String::with_capacity(self.text.len() + 16));
        out.push_str(self.text.get(self.copied..at).unwrap_or_default());
        out
    }

    fn replace(&mut self, rules: &Rules, verdict: &Verdict<'_>, start: usize, end: usize) {
        let secret = self.text.get(start..end).unwrap_or_default();
        let out = self.up_to(start);
        action::apply(verdict.action, secret, rules.hash_key.as_ref(), out);
        self.copied = end;
    }

    fn finish(mut self) -> Option<String> {
        self.out.as_ref()?;
        self.up_to(self.text.len());
        self.out
    }
}

/// Secrets that tell by their form.
fn without_formed_secrets(
    rules: &Rules,
    text: &str,
    path: &dyn Fn() -> Path,
    receipt: &mut ReceiptBuilder,
) -> Option<String> {
    let detectors = rules.detectors();
    let mut rewrite = Rewrite::new(text);
    let mut from = 0;
    while let Some(found) = detectors.find(text, from, &|detector| rules.at_find(detector, path).is_some()) {
        from = found.end;
        if let Some(verdict) = rules.at_find(found.detector, path)
            && verdict.action != Action::Keep
            && !text.get(found.start..found.end).is_some_and(action::is_mark)
        {
            receipt.fired(verdict.rule, path);
            rewrite.replace(rules, &verdict, found.start, found.end);
        }
    }
    rewrite.finish()
}

/// Secrets behind a name: `password=x`, `"token": "x"`, `Cookie: a=b`, `--password x`, `?access%5Ftoken=x`.
fn without_named_secrets(
    rules: &Rules,
    text: &str,
    path: &dyn Fn() -> Path,
    receipt: &mut ReceiptBuilder,
) -> Option<String> {
    let bytes = text.as_bytes();
    let mut rewrite = Rewrite::new(text);
    let mut at = 0;
    while let Some(step) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|b| matches!(b, b'=' | b':' | b'-')))
    {
        at += step;
        let named = match bytes.get(at) {
            Some(b'-') => named_by_flag(rules, text, at, path),
            _ => named_by_pair(rules, text, at, path),
        };
        let Some((verdict, start, end)) = named else {
            at += 1;
            continue;
        };
        if verdict.action != Action::Keep {
            receipt.fired(verdict.rule, path);
            rewrite.replace(rules, &verdict, start, end);
        }
        at = end.max(at + 1);
    }
    rewrite.finish()
}

/// A rule with the extent of the secret that it takes.
type Named<'a> = (Verdict<'a>, usize, usize);

/// `--password x`; what has an equals sign is a pair.
fn named_by_flag<'a>(rules: &'a Rules, text: &str, at: usize, path: &dyn Fn() -> Path) -> Option<Named<'a>> {
    let bytes = text.as_bytes();
    let begins = at
        .checked_sub(1)
        .and_then(|before| bytes.get(before))
        .is_none_or(|b| b.is_ascii_whitespace() || is_quote(*b) || *b == b'[');
    let rest = bytes.get(at..)?;
    if !begins || !rest.starts_with(b"--") {
        return None;
    }
    let length = rest.iter().skip(2).take(MAX_NAME).take_while(|b| is_name(**b)).count();
    let name = text.get(at + 2..at + 2 + length)?;
    if bytes.get(at + 2 + length) != Some(&b' ') || bytes.get(at + 3 + length) == Some(&b'-') {
        return None;
    }
    let verdict = rule_of(rules, name, path)?;
    let value = Value::behind(text, at + 3 + length, false)?;
    value
        .is_secret(text, &verdict, false)
        .then_some((verdict, value.start, value.end))
}

/// `name=x`, `name: x` and their like; `at` is the separator.
fn named_by_pair<'a>(rules: &'a Rules, text: &str, at: usize, path: &dyn Fn() -> Path) -> Option<Named<'a>> {
    let bytes = text.as_bytes();
    let separator = *bytes.get(at)?;
    let before = at.checked_sub(1).and_then(|before| bytes.get(before)).copied()?;
    let behind = bytes.get(at + 1).copied()?;
    let is_operator = match separator {
        b':' => before == b':' || behind == b':' || behind == b'/',
        _ => matches!(before, b'=' | b'!' | b'<' | b'>') || matches!(behind, b'=' | b'~'),
    };
    if is_operator {
        return None;
    }
    let mut end = at;
    let back = |end: usize, is: fn(u8) -> bool, most: usize| {
        let skipped = bytes.get(..end).unwrap_or_default().iter().rev().take(most);
        end - skipped.take_while(|b| is(**b)).count()
    };
    // `:=` has its colon before the equals sign.
    if separator == b'=' && before == b':' {
        end -= 1;
    }
    end = back(end, |b| b == b' ', MAX_SPACES);
    let unquoted = back(end, |b| is_quote(b) || b == b'\\', 4);
    let is_quoted = unquoted < end;
    end = unquoted;
    let mut start = back(end, is_name, MAX_NAME);
    while start < end && !text.is_char_boundary(start) {
        start += 1;
    }
    let name = text.get(start..end)?;
    if name.is_empty() {
        return None;
    }
    let verdict = if name.contains('%') {
        rule_of(rules, &percent_decode_str(name).decode_utf8_lossy(), path)
    } else {
        rule_of(rules, name, path)
    };
    let verdict = verdict.or_else(|| {
        // `Api key: x`.
        let first = back(start.checked_sub(1)?, is_name, MAX_NAME);
        let both = text
            .get(first..end)
            .filter(|_| bytes.get(start - 1) == Some(&b' ') && !is_quoted)?;
        rule_of(rules, both, path).filter(|verdict| verdict.key.is_some_and(|key| key.is_all_of(both)))
    })?;
    let mut value = Value::behind(text, at + 1, separator == b'=')?;
    let is_line = verdict.key.is_some_and(|key| match key.id {
        "key:cookie" => true,
        "key:authorization" => !value.has_scheme,
        _ => false,
    });
    if separator == b':' && is_line && !value.is_quoted {
        let opened = start.checked_sub(1).and_then(|before| bytes.get(before)).copied();
        value = value.to_the_end_of_line(text, opened.filter(|b| is_quote(*b) && !is_quoted));
    }
    let is_prose = separator == b':' && behind == b' ' && !is_quoted;
    value
        .is_secret(text, &verdict, is_prose)
        .then_some((verdict, value.start, value.end))
}

/// The rule for a name within the text at `path`.
fn rule_of<'a>(rules: &'a Rules, name: &str, path: &dyn Fn() -> Path) -> Option<Verdict<'a>> {
    rules.at_key(name, &|| path().with(Step::Name(name.to_owned())))
}

/// Bytes that a name is made of; `%` for those that are percent-encoded.
fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'%') || b >= 0x80
}

fn is_quote(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'`')
}

/// Words that go before a credential.
const SCHEMES: [&str; 6] = ["bearer", "basic", "digest", "token", "apikey", "negotiate"];

/// The value behind a separator.
#[derive(Debug, Clone, Copy)]
struct Value {
    start: usize,
    end: usize,
    is_quoted: bool,
    /// `Bearer x` rather than `x`.
    has_scheme: bool,
}

impl Value {
    fn behind(text: &str, from: usize, is_equals: bool) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut at = from;
        // `=>`.
        at += usize::from(is_equals && bytes.get(at) == Some(&b'>'));
        let rest = bytes.get(at..)?;
        at += rest.iter().take(MAX_SPACES).take_while(|b| **b == b' ').count();
        let escapes = bytes.get(at..)?.iter().take(4).take_while(|b| **b == b'\\').count();
        if let Some(quote) = bytes.get(at + escapes).copied().filter(|b| is_quote(*b)) {
            let start = at + escapes + 1;
            let mut end = start;
            // A quote that was escaped ends at its escaped twin, a plain one goes over escapes.
            while let Some(byte) = bytes.get(end) {
                match *byte {
                    b'\\' if escapes > 0 => break,
                    b'\\' => end += 2,
                    b if b == quote => break,
                    _ => end += 1,
                }
            }
            return Some(Value {
                start,
                end: end.min(text.len()),
                is_quoted: true,
                has_scheme: false,
            });
        }
        let start = at;
        let mut end = start + word(bytes, start);
        let mut has_scheme = false;
        let is_scheme = |word: &str| SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
        if bytes.get(end) == Some(&b' ') && text.get(start..end).is_some_and(is_scheme) {
            let credential = word(bytes, end + 1);
            if credential > 0 {
                end += 1 + credential;
                has_scheme = true;
            }
        }
        Some(Value {
            start,
            end,
            is_quoted: false,
            has_scheme,
        })
    }

    fn to_the_end_of_line(self, text: &str, quote: Option<u8>) -> Self {
        let rest = text.as_bytes().get(self.start..).unwrap_or_default();
        let ends = |b: &u8| matches!(b, b'\n' | b'\r') || Some(*b) == quote;
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        Value {
            end: self.start + length,
            ..self
        }
    }

    fn is_secret(self, text: &str, verdict: &Verdict<'_>, is_prose: bool) -> bool {
        let Some(value) = text.get(self.start..self.end) else {
            return false;
        };
        let is_number = || value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let spared = verdict.key.is_some_and(|key| key.spared == Spared::Numbers);
        if is_harmless(value) || spared && is_number() {
            return false;
        }
        // «token: expired» says something, «password: swordfish» may be the password.
        let first = value.split(' ').next().unwrap_or_default();
        let is_word = || first.bytes().all(|b| b.is_ascii_lowercase()) && !SCHEMES.contains(&first);
        let is_strict = verdict
            .key
            .is_none_or(|key| matches!(key.id, "key:password" | "key:secret"));
        !(is_prose && !self.is_quoted && !is_strict && is_word())
    }
}

/// Length of the run that no separator ends.
fn word(bytes: &[u8], from: usize) -> usize {
    let ends = |b: &u8| {
        b.is_ascii_whitespace()
            || is_quote(*b)
            || matches!(b, b'&' | b';' | b',' | b')' | b'}' | b'<' | b'>' | b'|' | b'\\')
    };
    let rest = bytes.get(from..).unwrap_or_default();
    let mut length = rest.iter().position(ends).unwrap_or(rest.len());
    // `[a=b]` ends before its bracket; a mark of ours has one of its own.
    if rest.first() != Some(&b'[') {
        length = rest.iter().take(length).position(|b| *b == b']').unwrap_or(length);
    }
    length
}

/// What holds no secret: nothing, a literal, a reference to a variable, a mark.
pub(super) fn is_harmless(value: &str) -> bool {
    if value.is_empty() || action::is_mark(value) || value.bytes().all(|b| b == b'*') {
        return true;
    }
    if ["null", "true", "false", "undefined", "none", "nil"]
        .iter()
        .any(|literal| value.eq_ignore_ascii_case(literal))
    {
        return true;
    }
    let variable = value.strip_prefix('$').map(|name| {
        let braced = name.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        braced.unwrap_or(name)
    });
    variable.is_some_and(|name| {
        name.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    })
}

/// Cleans a text and cuts it to at most `limit` bytes, with a mark where it was cut.
pub(super) fn bounded(
    rules: &Rules,
    text: &str,
    limit: usize,
    path: &dyn Fn() -> Path,
    receipt: &mut ReceiptBuilder,
) -> String {
    const MARK: &str = "…";
    // Nothing past the bound is kept, so nothing far past it need be read; a token that the cut could split is still seen whole.
    let seen = head(text, limit.saturating_mul(2).clamp(4_096, READ_LIMIT));
    let mut cleaned = clean(rules, seen, path, receipt);
    // Half a token can look like a whole one of another kind, so what was cut is looked at again.
    for _ in 0..4 {
        if cleaned.len() <= limit && seen.len() == text.len() {
            return cleaned.into_owned();
        }
        receipt.truncated();
        let kept = head(&cleaned, limit.saturating_sub(MARK.len()));
        let gap = kept.char_indices().rev().take(256).find(|(_, c)| !c.is_alphanumeric());
        let mut cut = kept
            .get(..gap.map_or(kept.len(), |(at, _)| at))
            .unwrap_or_default()
            .to_owned();
        cut.push_str(MARK);
        let again = clean(rules, &cut, path, receipt);
        if again == cut {
            return cut;
        }
        cleaned = Cow::Owned(again.into_owned());
    }
    TRUNCATED.to_owned()
}
