//! Free text: secrets behind a name (`password=…`, `Cookie: …`), secrets that tell by their form, characters that act on a
//! terminal, and length.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::action::{self, Action, TRUNCATED};
use super::path::{Path, Step};
use super::policy::{Rules, Verdict};
use super::{READ_LIMIT, ReceiptBuilder};

/// Longest name in front of a separator that is looked at, in bytes.
const MAX_NAME: usize = 64;
/// Times that a text is looked at while there still is something to find.
const MAX_ROUNDS: usize = 8;
/// Backslashes that may stand in front of a quote: JSON in JSON doubles them at each level.
const MAX_ESCAPES: usize = 64;
/// Spaces that may stand between name, separator and value.
const MAX_SPACES: usize = 64;

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
    // Written out first, so that a second look sees the same text.
    let encoded = encoded(text);
    let cleaned = without_secrets(rules, encoded.as_deref().unwrap_or(text), true, path, receipt);
    cleaned.or(encoded).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// As [`clean`], for the text of a JSON string that is canonical; `None` where there is nothing to change. `may_name` is its
/// [`RawString::may_name`](super::reader::RawString::may_name).
pub(super) fn clean_canonical(
    rules: &Rules,
    text: &str,
    may_name: bool,
    path: &dyn Fn() -> Path,
    receipt: &mut ReceiptBuilder,
) -> Option<String> {
    // It has no control characters but those that stay, for it has no such escapes.
    let encoded = if text.is_ascii() { None } else { encoded(text) };
    let cleaned = without_secrets(rules, encoded.as_deref().unwrap_or(text), may_name, path, receipt);
    cleaned.or(encoded)
}

fn without_secrets(
    rules: &Rules,
    text: &str,
    may_name: bool,
    path: &dyn Fn() -> Path,
    receipt: &mut ReceiptBuilder,
) -> Option<String> {
    let mut cleaned: Option<String> = None;
    // What stood close to a secret may be one by itself once that is gone.
    for _ in 0..MAX_ROUNDS {
        let seen = cleaned.as_deref().unwrap_or(text);
        let named = if may_name || cleaned.is_some() {
            without_named_secrets(rules, seen, path, receipt)
        } else {
            None
        };
        let formed = without_formed_secrets(rules, named.as_deref().unwrap_or(seen), path, receipt);
        match formed.or(named) {
            Some(changed) => cleaned = Some(changed),
            None => break,
        }
    }
    cleaned
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

/// `\u{1b}`: its last character belongs to no word, so what follows still begins one.
fn push_escape(out: &mut String, code: u32) {
    out.push_str("\\u{");
    let digits = (1..8).find(|digits| code >> (4 * digits) == 0).unwrap_or(8);
    for digit in (0..digits).rev() {
        out.extend(char::from_digit(code >> (4 * digit) & 15, 16));
    }
    out.push('}');
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
    let holds = |detector| rules.at_find(detector, path).is_some();
    let mut rewrite = Rewrite::new(text);
    for found in rules.detectors().scan_where(text, &holds) {
        if let Some(verdict) = rules.at_find(found.detector, path)
            && verdict.action != Action::Keep
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
        b':' => matches!(
            (before, behind),
            (b':', _) | (_, b':' | b'/' | b'=') | (b'0'..=b'9', b'0'..=b'9')
        ),
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
    end = back(end, is_blank, MAX_SPACES);
    // `**Password**: x`.
    end = back(end, |b| b == b'*', 3);
    // `user[password]=x`, `env['SECRET'] = x`, `password[]=x`.
    let unbracketed = back(end, |b| matches!(b, b'[' | b']'), 2);
    let is_bracketed = unbracketed < end;
    end = unbracketed;
    let unquoted = back(end, |b| is_quote(b) || b == b'\\', MAX_ESCAPES);
    let is_quoted = unquoted < end && !is_bracketed;
    end = unquoted;
    let mut start = back(end, is_name, MAX_NAME);
    while start < end && !text.is_char_boundary(start) {
        start += 1;
    }
    let name = text.get(start..end)?;
    if name.is_empty() {
        return None;
    }
    // `src/secret.rs:10:4`.
    if separator == b':' && behind.is_ascii_digit() && is_file(name) {
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
    let mut value = if separator == b':' {
        Value::below(text, start, at + 1)
    } else {
        None
    }
    .or_else(|| Value::behind(text, at + 1, separator == b'='))?;
    let is_line = verdict.key.is_some_and(|key| match key.id {
        "key:cookie" => true,
        "key:authorization" => !value.has_scheme,
        "key:mnemonic" => true,
        _ => false,
    });
    let is_marked = text.get(value.start..value.end).is_some_and(action::is_mark);
    if separator == b':' && is_line && !value.is_quoted && !is_marked {
        let opened = start.checked_sub(1).and_then(|before| bytes.get(before)).copied();
        value = value.to_the_end_of_line(text, opened.filter(|b| is_quote(*b) && !is_quoted));
    }
    let is_prose = separator == b':' && behind == b' ' && !is_quoted;
    value
        .is_secret(text, &verdict, is_prose)
        .then_some((verdict, value.start, value.end))
}

/// Whether a name ends as a file's does.
fn is_file(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, end)| (1..=4).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_lowercase()))
}

/// The rule for a name within the text at `path`.
fn rule_of<'a>(rules: &'a Rules, name: &str, path: &dyn Fn() -> Path) -> Option<Verdict<'a>> {
    rules.at_key(name, &|| path().with(Step::Name(name.to_owned())))
}

/// Bytes that a name is made of; `%` for those that are percent-encoded.
fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'%') || b >= 0x80
}

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

fn is_quote(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'`')
}

/// Words that go before a credential of one word.
const SCHEMES: [&str; 5] = ["bearer", "basic", "token", "apikey", "negotiate"];

fn is_scheme(word: &str) -> bool {
    SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

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
    /// The lines below a name of YAML's that are indented deeper than its own: a block, or what stands on lines of its own.
    fn below(text: &str, name: usize, from: usize) -> Option<Self> {
        let (line, _) = head(text.get(from..)?, MAX_SPACES).split_once('\n')?;
        if !matches!(line.trim(), "" | "|" | ">" | "|-" | ">-" | "|+" | ">+") {
            return None;
        }
        let begin = text.get(..name)?.rfind('\n').map_or(0, |at| at + 1);
        let is_indent = |b: &u8| matches!(b, b' ' | b'-' | b'\t');
        let own = text.as_bytes().get(begin..name)?;
        let own = own.iter().take_while(|b| is_indent(b)).count();
        let first = from + line.len() + 1;
        let mut end = first;
        for line in text.get(first..)?.split_inclusive('\n') {
            let indent = line.bytes().take_while(|b| is_blank(*b)).count();
            if indent <= own || line.trim().is_empty() {
                break;
            }
            end += line.len();
        }
        let block = text.get(first..end)?;
        let start = first + (block.len() - block.trim_start().len());
        let end = first + block.trim_end().len();
        (start < end).then_some(Value {
            start,
            end,
            is_quoted: true,
            has_scheme: false,
        })
    }

    fn behind(text: &str, from: usize, is_equals: bool) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut at = from;
        // `=>`.
        at += usize::from(is_equals && bytes.get(at) == Some(&b'>'));
        let rest = bytes.get(at..)?;
        // Blanks, and the stars of `**Password:** x`.
        at += rest.iter().take(MAX_SPACES).take_while(|b| is_blank(**b)).count();
        let stars = bytes.get(at..)?.iter().take_while(|b| **b == b'*').count();
        if (1..=3).contains(&stars) {
            at += stars;
            at += bytes
                .get(at..)?
                .iter()
                .take(MAX_SPACES)
                .take_while(|b| is_blank(**b))
                .count();
        }
        let escapes = bytes
            .get(at..)?
            .iter()
            .take(MAX_ESCAPES)
            .take_while(|b| **b == b'\\')
            .count();
        if let Some(quote) = bytes.get(at + escapes).copied().filter(|b| is_quote(*b)) {
            let start = at + escapes + 1;
            let mut end = start;
            // A quote that was escaped ends at its escaped twin, a plain one goes over escapes.
            while let Some(byte) = bytes.get(end) {
                match *byte {
                    b'\\' if escapes > 0 && bytes.get(end + escapes) == Some(&quote) => break,
                    b'\\' if escapes > 0 => end += 1,
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
        if let Some(end) = container(bytes, start).or_else(|| prefixed(bytes, start)) {
            return Some(Value {
                start,
                end,
                is_quoted: true,
                has_scheme: false,
            });
        }
        let mut end = start + word(text, start);
        let mut has_scheme = false;
        if bytes.get(end) == Some(&b' ') && text.get(start..end).is_some_and(is_scheme) {
            let credential = word(text, end + 1);
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
        let ends = |b: &u8| *b == b'\n' || Some(*b) == quote;
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
        if is_harmless(value) || verdict.spares(value) {
            return false;
        }
        // «token: expired» says something, «password: swordfish» may be the password.
        let first = value.split(' ').next().unwrap_or_default();
        let is_mnemonic = verdict.key.is_some_and(|key| key.id == "key:mnemonic");
        let is_word = || {
            let letters = first.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(first);
            let is_lower = letters.bytes().all(|b| b.is_ascii_lowercase());
            is_lower && !is_mnemonic && !is_scheme(first) && !value.contains('=')
        };
        let is_strict = verdict
            .key
            .is_none_or(|key| matches!(key.id, "key:password" | "key:secret"));
        self.is_quoted || is_strict || !(is_prose && is_word())
    }
}

/// Where an object or array in code or broken JSON ends, as far as its brackets tell; a mark of ours is none.
fn container(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let inner = match rest {
        [b'{', b'{', ..] => return None,
        [b'{' | b'[', inner @ ..] => inner,
        _ => return None,
    };
    let first = inner.iter().find(|b| !b.is_ascii_whitespace())?;
    if !is_quote(*first) && !matches!(first, b'\\' | b'{' | b'[') {
        return None;
    }
    let mut depth = 0usize;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(start + at + 1);
                }
            }
            _ => {}
        }
    }
    Some(bytes.len())
}

/// Where `r"x"`, `String("x")` and their like end: a few letters, then a quote.
fn prefixed(bytes: &[u8], start: usize) -> Option<usize> {
    const MAX_PREFIX: usize = 16;
    let rest = bytes.get(start..)?;
    let letters = rest
        .iter()
        .take(MAX_PREFIX)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'@' | b'_' | b'.'))
        .count();
    let bracket = usize::from(rest.get(letters) == Some(&b'('));
    let quote = *rest.get(letters + bracket).filter(|b| is_quote(**b))?;
    if letters == 0 {
        return None;
    }
    let behind = start + letters + bracket + 1;
    let length = bytes.get(behind..)?.iter().position(|b| *b == quote)?;
    Some(behind + length + 1)
}

/// Length of the run that no separator ends; a mark of ours is one of its own. A brace ends it unless one opened it: `${VARIABLE}`.
fn word(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    if let Some(end) = rest.starts_with('[').then(|| rest.find(']')).flatten()
        && rest.get(..=end).is_some_and(action::is_mark)
    {
        return end + 1;
    }
    let rest = rest.as_bytes();
    let is_variable = rest.starts_with(b"${") || rest.starts_with(b"{{");
    let ends = |b: &u8| match *b {
        b'}' => !is_variable,
        b']' | b'&' | b';' | b',' | b')' | b'<' | b'>' | b'|' | b'\\' => true,
        b => b.is_ascii_whitespace() || is_quote(b),
    };
    let mut length = 0;
    loop {
        let run = rest.get(length..).unwrap_or_default();
        length += run.iter().position(ends).unwrap_or(run.len());
        // A backslash ends it in front of a quote, or as the escape of a blank; any other is part of it.
        let run = rest.get(length..).unwrap_or_default();
        let slashes = run.iter().take_while(|b| **b == b'\\').count();
        let escape = run.get(slashes..).and_then(|rest| rest.strip_prefix(b"u{"));
        length += match (escape, run.get(slashes)) {
            _ if slashes == 0 => return length,
            // A character that was written out.
            (Some(digits), _) => slashes + 2 + digits.iter().take(7).position(|b| *b == b'}').map_or(0, |at| at + 1),
            (None, Some(b)) if !is_quote(*b) && !matches!(b, b'n' | b'r' | b't') => slashes,
            _ => return length,
        };
    }
}

/// What holds no secret: nothing, a literal, a reference to a variable, a mark.
pub(super) fn is_harmless(value: &str) -> bool {
    if value.is_empty() || action::is_mark(value) || value.bytes().all(|b| b == b'*') {
        return true;
    }
    const LITERALS: [&str; 12] = [
        "null",
        "true",
        "false",
        "undefined",
        "none",
        "nil",
        "string",
        "str",
        "boolean",
        "number",
        "any",
        "?",
    ];
    if LITERALS.iter().any(|literal| value.eq_ignore_ascii_case(literal)) || value.starts_with("process.env.") {
        return true;
    }
    // A password may begin with a dollar: without braces only what is plainly a variable's name is none.
    let variable = value.strip_prefix('$').and_then(|name| {
        let braced = name.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        braced.or(Some(name).filter(|name| name.contains('_')))
    });
    let template = value.strip_prefix("{{").and_then(|name| name.strip_suffix("}}"));
    variable.or(template).is_some_and(|name| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sanitize::Sanitizer;

    fn cleaned(text: &str) -> (String, Vec<String>) {
        let rules = &Sanitizer::standard().0;
        let path = || Path::field("metadata.note");
        let mut receipt = ReceiptBuilder::default();
        let out = clean(rules, text, &path, &mut receipt).into_owned();
        let again = clean(rules, &out, &path, &mut ReceiptBuilder::default()).into_owned();
        assert_eq!(again, out, "idempotent");
        let rules = receipt.finish().unwrap_or_default().rules;
        (out, rules.into_iter().map(|rule| rule.rule).collect())
    }

    #[test]
    fn secrets_behind_a_name_go() {
        for (text, expected) in [
            ("password=hunter2 and more", "password=[redacted] and more"),
            ("--password hunter2 --verbose", "--password [redacted] --verbose"),
            ("--api-key='a b c' x", "--api-key='[redacted]' x"),
            ("DB_PASSWORD: s3cret", "DB_PASSWORD: [redacted]"),
            (r#"{"password":"x","a":1"#, r#"{"password":"[redacted]","a":1"#),
            (
                r#"{\"password\":\"x y\",\"a\":1"#,
                r#"{\"password\":\"[redacted]\",\"a\":1"#,
            ),
            ("{'token' => 'abc'}", "{'token' => '[redacted]'}"),
            ("secret := \"abc\"", "secret := \"[redacted]\""),
            (
                "https://x.org/?a=1&access%5Ftoken=zz&b=2",
                "https://x.org/?a=1&access%5Ftoken=[redacted]&b=2",
            ),
            ("curl -H 'Cookie: a=b; c=d' x.org", "curl -H 'Cookie: [redacted]' x.org"),
            ("Set-Cookie: sid=1; Path=/\nHost: x", "Set-Cookie: [redacted]\nHost: x"),
            ("Authorization: Bearer abc; next", "Authorization: [redacted]; next"),
            (
                "Authorization: Digest username=\"a\", response=\"b\"\nok",
                "Authorization: [redacted]\nok",
            ),
            ("Api key: abc123", "Api key: [redacted]"),
            (
                "Server=x;Password=p;Encrypt=no",
                "Server=x;Password=[redacted];Encrypt=no",
            ),
            ("token=Bearer abc.def", "token=[redacted]"),
            ("passwort=größe", "passwort=[redacted]"),
            ("password:hunter2", "password:[redacted]"),
            ("password=a\u{0}b&c=d", "password=[redacted]&c=d"),
            ("x\u{1b}password=a", "x\\u{1b}password=[redacted]"),
            (r#"\"token\": \"a\\b\", \"c\""#, r#"\"token\": \"[redacted]\", \"c\""#),
            (r"password=pa\ss\word x", "password=[redacted] x"),
            ("password      =     hunter2\nx", "password      =     [redacted]\nx"),
            (
                "db:\n  password: |\n    hunter2\n  user: x",
                "db:\n  password: |\n    [redacted]\n  user: x",
            ),
            ("password:\n    hunter2", "password:\n    [redacted]"),
            ("user[password]=hunter2&a=1", "user[password]=[redacted]&a=1"),
            (
                "process.env['SECRET'] = 'hunter2'",
                "process.env['SECRET'] = '[redacted]'",
            ),
            (r#"x {"password": ["a", "b"]} y"#, r#"x {"password": [redacted]} y"#),
            (r#"x {"password": {"new": "a"#, r#"x {"password": [redacted]"#),
            (r#"password = r"hunter2";"#, "password = [redacted];"),
            ("**Password:** hunter2", "**Password:** [redacted]"),
            ("PGPASSWORD=hunter2 psql", "PGPASSWORD=[redacted] psql"),
            ("mnemonic: legal winner thank year", "mnemonic: [redacted]"),
            (r"password=abc\nnext=1", r"password=[redacted]\nnext=1"),
            (r#"\"password\":\\u{0}x\""#, r#"\"password\":[redacted]\""#),
        ] {
            assert_eq!(cleaned(text).0, expected, "{text}");
        }
        assert_eq!(cleaned("a password=x, token=y1").1, ["key:password", "key:token"]);
    }

    #[test]
    fn what_only_speaks_of_secrets_stays() {
        for text in [
            "password must be longer than 8 characters",
            "Unauthorized: no token",
            "token: expired",
            "basic auth: enabled",
            "max_tokens: 512",
            "if password == expected",
            "password != other",
            "password=${DB_PASSWORD}",
            "password=$DB_PASSWORD",
            "Auth: Add login flow",
            "Cookie: The banner blocks the whole page",
            "at login (/app/src/password.service.ts:42:13)",
            "interface U { password: string; }",
            "password: process.env.DB_PASSWORD",
            "password=",
            "password: null",
            "password=****",
            "std::token::Token",
            "at 12:30:45, page=2",
            "author: ann",
            "see https://example.org/a@b:c",
            "größe → 5",
            "=:=:--",
        ] {
            assert_eq!(cleaned(text), (text.to_owned(), vec![]), "{text}");
        }
    }

    #[test]
    fn terminal_escapes_and_overrides_are_encoded() {
        assert_eq!(cleaned("\u{1b}[31mred\u{202e}x\0").0, "\\u{1b}[31mred\\u{202e}x\\u{0}");
        assert_eq!(cleaned("two\nlines\t").0, "two\nlines\t");
        assert_eq!(cleaned("\u{9b}31m\u{7f}").0, "\\u{9b}31m\\u{7f}");
    }

    #[test]
    fn a_text_is_cut_between_words() {
        let rules = &Sanitizer::standard().0;
        let mut receipt = ReceiptBuilder::default();
        let text = "word ".repeat(100);
        let out = bounded(rules, &text, 100, &Path::default, &mut receipt);
        assert!(out.len() <= 100 && out.ends_with("word…"), "{out}");
        assert!(receipt.finish().unwrap().truncated);
        let mut receipt = ReceiptBuilder::default();
        assert_eq!(bounded(rules, "word", 4, &Path::default, &mut receipt), "word");
        assert_eq!(receipt.finish(), None);
    }

    proptest::proptest! {
        #[test]
        fn cleaning_and_cutting_again_changes_nothing(
            parts in proptest::collection::vec(
                "password|token|secret|Cookie|--api-key|Bearer |eyJhbGciOi|[=: &;,'\"\\\\\n\\[\\]{}$*-]{1,3}|[a-zA-Z0-9]{1,40}|\\PC{0,6}|[\u{0}-\u{1f}]|\u{202e}",
                0..24,
            ),
            limit in 16usize..200,
        ) {
            let rules = &Sanitizer::standard().0;
            let text = parts.concat();
            cleaned(&text);
            let bound = |text: &str| bounded(rules, text, limit, &Path::default, &mut ReceiptBuilder::default());
            let once = bound(&text);
            proptest::prop_assert!(once.len() <= limit);
            proptest::prop_assert_eq!(bound(&once), once);
        }
    }
}
