//! The streaming pass over JSON: one token at a time, an explicit stack, and a budget for what is written.

use std::borrow::Cow;

use super::{READ_LIMIT, REDACTED, ReceiptBuilder, keys, text};
use crate::schema::{Json, MAX_SAFE_INTEGER};

/// Levels of nesting that are kept.
const MAX_DEPTH: usize = 64;
/// Longest string that is kept, in bytes of JSON. A longer one is named by its size: half a secret is still half a secret.
const MAX_STRING: usize = 2_048;
/// Strings within strings that are looked into (`"{\"password\":…}"`).
const MAX_NESTED: u8 = 2;
const CUT_KEY: &str = "\"[truncated]\":true";
const CUT_ITEM: &str = "\"[truncated]\"";
const FAULT_ITEM: &str = "\"[malformed]\"";
/// Room for a comma and the longest mark.
const MARK_ROOM: usize = 24;

/// Sanitizes `input`, which may be cut off or malformed anywhere.
pub(super) fn sanitize(input: &[u8], limit: usize, at: &str, receipt: &mut ReceiptBuilder) -> Json {
    let out = pass(input, limit.max(64), at, receipt, 0);
    // The writer closes all it opened; should it ever not, the record says so rather than carry broken JSON.
    Json::parse(out)
        .or_else(|| Json::parse(FAULT_ITEM.to_owned()))
        .unwrap_or_else(Json::null)
}

fn pass(input: &[u8], limit: usize, at: &str, receipt: &mut ReceiptBuilder, nested: u8) -> String {
    let readable = input.get(..READ_LIMIT.min(input.len())).unwrap_or_default();
    let mut reader = Reader {
        input: readable,
        at: 0,
        cut: readable.len() < input.len(),
    };
    let mut writer = Writer {
        out: String::with_capacity(limit.min(readable.len() + 16)),
        limit,
        frames: Vec::new(),
        root: at,
        nested,
    };
    match writer.document(&mut reader, receipt) {
        Ok(()) => {}
        Err(stop) => {
            receipt.truncated();
            writer.close_with_mark(matches!(stop, Stop::Malformed) && !reader.cut);
        }
    }
    writer.out
}

enum Stop {
    /// No room for more.
    Full,
    /// The input is not JSON from here on, or ends.
    Malformed,
}

struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    cut: bool,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.input.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += 1;
        }
        found
    }

    /// A string, quotes included, as it stands.
    fn string(&mut self) -> Result<&'a [u8], Stop> {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match self.input.get(at) {
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
                None => return Err(Stop::Malformed),
            }
        }
        self.at = at + 1;
        self.input.get(start..self.at).ok_or(Stop::Malformed)
    }

    /// A number, `true`, `false` or `null`, as it stands.
    fn scalar(&mut self) -> Result<&'a [u8], Stop> {
        let start = self.at;
        let rest = self.input.get(start..).unwrap_or_default();
        let length = rest
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
            .count();
        self.at += length;
        // A scalar at the very end of a cut input may go on behind the cut.
        if length == 0 || (self.cut && self.at == self.input.len()) {
            return Err(Stop::Malformed);
        }
        rest.get(..length).ok_or(Stop::Malformed)
    }

    /// Skips the rest of a container whose opening bracket was taken.
    fn skip_container(&mut self) -> Result<(), Stop> {
        let mut depth = 1usize;
        while depth > 0 {
            match self.peek() {
                Some(b'"') => {
                    self.string()?;
                }
                Some(byte) => {
                    self.at += 1;
                    match byte {
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth -= 1,
                        _ => {}
                    }
                }
                None => return Err(Stop::Malformed),
            }
        }
        Ok(())
    }
}

/// One open container.
struct Frame {
    is_object: bool,
    items: usize,
    /// Where the current key's text stands in the output, without quotes.
    key: (usize, usize),
    /// Set once `"name": "password"` was seen: the `value` beside it is the secret.
    secret_name: Option<&'static str>,
    /// Where the value of `value` stands in the output, should the name come after it.
    value: Option<(usize, usize)>,
}

struct Writer<'r> {
    out: String,
    limit: usize,
    frames: Vec<Frame>,
    root: &'r str,
    nested: u8,
}

impl Writer<'_> {
    /// Writes one whole document without recursion.
    fn document(&mut self, reader: &mut Reader<'_>, receipt: &mut ReceiptBuilder) -> Result<(), Stop> {
        self.value(reader, receipt)?;
        while let Some(is_object) = self.frames.last().map(|frame| frame.is_object) {
            if reader.take(if is_object { b'}' } else { b']' }) {
                self.close(is_object);
                continue;
            }
            let first = self.frames.last().is_some_and(|frame| frame.items == 0);
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
                self.value(reader, receipt)
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

    fn member(&mut self, reader: &mut Reader<'_>, receipt: &mut ReceiptBuilder, entry: &mut usize) -> Result<(), Stop> {
        if reader.peek() != Some(b'"') {
            return Err(Stop::Malformed);
        }
        let raw = reader.string()?;
        if raw.len() > MAX_STRING {
            return Err(Stop::Full);
        }
        let key = decoded(raw)?;
        // A key can hold a secret too: a map from token to user.
        let shown = text::clean(&key, &|| self.path(), receipt);
        let start = self.out.len() + 1;
        push_json_string(&mut self.out, &shown);
        let end = self.out.len() - 1;
        self.out.push(':');
        if let Some(frame) = self.frames.last_mut() {
            frame.key = (start, end);
        }
        if !reader.take(b':') {
            return Err(Stop::Malformed);
        }
        let parent = self.frames.len().saturating_sub(1);
        let holds_pair_value = key.eq_ignore_ascii_case("value");
        let rule = keys::rule_for(&key).or_else(|| {
            self.frames
                .last()
                .filter(|_| holds_pair_value)
                .and_then(|frame| frame.secret_name)
        });
        let mut start = self.out.len();
        if let Some(rule) = rule {
            let harmless = self.skip_value(reader)?;
            receipt.fired_unless(harmless, rule, &|| self.path());
            self.push(if harmless { "null" } else { "\"[redacted]\"" })?;
        } else {
            if key.eq_ignore_ascii_case("name") || key.eq_ignore_ascii_case("key") {
                let moved = self.note_pair_name(reader, receipt);
                *entry = entry.saturating_add_signed(moved);
                start = start.saturating_add_signed(moved);
            }
            self.value(reader, receipt)?;
        }
        if holds_pair_value && self.out.len() > start {
            // A name that comes later may turn this value into the longer `"[redacted]"`: it must fit now already.
            let end = self.out.len();
            let owed = (REDACTED.len() + 2).saturating_sub(end - start);
            self.check_room_for(owed, start)?;
            if let Some(frame) = self.frames.get_mut(parent) {
                frame.value = (self.out.get(start..end) != Some("{") && self.out.get(start..end) != Some("["))
                    .then_some((start, end));
            }
        }
        Ok(())
    }

    /// `"name": "password"`: what stands as `value` in the same object, before or behind, is the secret.
    /// Answers by how many bytes what follows has moved.
    fn note_pair_name(&mut self, reader: &mut Reader<'_>, receipt: &mut ReceiptBuilder) -> isize {
        if reader.peek() != Some(b'"') {
            return 0;
        }
        let back = reader.at;
        let name = reader.string().and_then(decoded);
        reader.at = back;
        let Some(rule) = name.ok().and_then(|name| keys::rule_for(&name)) else {
            return 0;
        };
        let Some(frame) = self.frames.last_mut() else { return 0 };
        frame.secret_name = Some(rule);
        if let Some((start, end)) = frame.value.take() {
            let secret = format!("\"{REDACTED}\"");
            if self.out.get(start..end) != Some(secret.as_str()) {
                // The replaced value may be longer or shorter: the current key moves with it.
                let moved = secret.len() as isize - (end - start) as isize;
                self.out.replace_range(start..end, &secret);
                frame.key = (
                    frame.key.0.saturating_add_signed(moved),
                    frame.key.1.saturating_add_signed(moved),
                );
                let root = self.root;
                receipt.fired(rule, &|| format!("{root}.value"));
                return moved;
            }
        }
        0
    }

    fn value(&mut self, reader: &mut Reader<'_>, receipt: &mut ReceiptBuilder) -> Result<(), Stop> {
        match reader.peek() {
            Some(open @ (b'{' | b'[')) => {
                reader.at += 1;
                if self.frames.len() >= MAX_DEPTH {
                    receipt.truncated();
                    reader.skip_container()?;
                    return self.push("\"[truncated: nested too deep]\"");
                }
                self.push(if open == b'{' { "{" } else { "[" })?;
                self.frames.push(Frame {
                    is_object: open == b'{',
                    items: 0,
                    key: (0, 0),
                    secret_name: None,
                    value: None,
                });
                Ok(())
            }
            Some(b'"') => {
                let raw = reader.string()?;
                self.string(raw, receipt)
            }
            Some(_) => {
                let raw = reader.scalar()?;
                self.scalar(raw)
            }
            None => Err(Stop::Malformed),
        }
    }

    fn string(&mut self, raw: &[u8], receipt: &mut ReceiptBuilder) -> Result<(), Stop> {
        if raw.len() > MAX_STRING.min(self.limit) {
            receipt.truncated();
            return self.push(&format!("\"[truncated: {} bytes]\"", raw.len().saturating_sub(2)));
        }
        let value = decoded(raw)?;
        let inner = value.trim_start();
        if self.nested < MAX_NESTED
            && inner.starts_with(['{', '['])
            && serde_json::from_str::<serde::de::IgnoredAny>(inner).is_ok()
        {
            let path = self.path();
            let cleaned = pass(inner.as_bytes(), MAX_STRING, &path, receipt, self.nested + 1);
            return self.push_string(&cleaned);
        }
        let cleaned = text::clean(&value, &|| self.path(), receipt);
        self.push_string(&cleaned)
    }

    fn scalar(&mut self, raw: &[u8]) -> Result<(), Stop> {
        let text = std::str::from_utf8(raw).map_err(|_| Stop::Malformed)?;
        if serde_json::from_str::<&serde_json::value::RawValue>(text).is_err() {
            return Err(Stop::Malformed);
        }
        // Not every reader holds integers past 2^53 or numbers past 1e308: as text they arrive as they were.
        let is_safe = match text.parse::<f64>() {
            Ok(number) => {
                number.is_finite() && (number.abs() <= MAX_SAFE_INTEGER as f64 || text.contains(['.', 'e', 'E']))
            }
            Err(_) => true,
        };
        if is_safe {
            self.push(text)
        } else {
            self.push_string(text)
        }
    }

    /// Skips a value that must not be seen; answers whether there was nothing to hide.
    fn skip_value(&self, reader: &mut Reader<'_>) -> Result<bool, Stop> {
        match reader.peek() {
            Some(b'{' | b'[') => {
                reader.at += 1;
                reader.skip_container()?;
                Ok(false)
            }
            Some(b'"') => {
                reader.string()?;
                Ok(false)
            }
            Some(_) => Ok(reader.scalar()? == b"null"),
            None => Err(Stop::Malformed),
        }
    }

    fn push_string(&mut self, value: &str) -> Result<(), Stop> {
        let before = self.out.len();
        push_json_string(&mut self.out, value);
        self.check_room(before)
    }

    fn push(&mut self, text: &str) -> Result<(), Stop> {
        let before = self.out.len();
        self.out.push_str(text);
        self.check_room(before)
    }

    /// Takes back what no longer fits beside the brackets and the mark that are still owed.
    fn check_room(&mut self, before: usize) -> Result<(), Stop> {
        self.check_room_for(0, before)
    }

    fn check_room_for(&mut self, more: usize, before: usize) -> Result<(), Stop> {
        if self.out.len() + more + self.frames.len() + 1 + MARK_ROOM > self.limit {
            self.out.truncate(before);
            return Err(Stop::Full);
        }
        Ok(())
    }

    fn close(&mut self, is_object: bool) {
        self.out.push(if is_object { '}' } else { ']' });
        self.frames.pop();
    }

    /// Writes a mark where the pass stopped and closes what is open.
    fn close_with_mark(&mut self, malformed: bool) {
        if self.frames.is_empty() {
            // What stood there was not one JSON value, so nothing of it is kept.
            self.out.clear();
            self.out.push_str(if malformed { FAULT_ITEM } else { CUT_ITEM });
        } else if let Some(frame) = self.frames.last() {
            if frame.items > 0 {
                self.out.push(',');
            }
            self.out.push_str(if frame.is_object { CUT_KEY } else { CUT_ITEM });
        }
        while let Some(is_object) = self.frames.last().map(|frame| frame.is_object) {
            self.close(is_object);
        }
    }

    /// Dotted path of the current place, for the receipt.
    fn path(&self) -> String {
        let mut path = self.root.to_owned();
        for frame in &self.frames {
            match self.out.get(frame.key.0..frame.key.1) {
                Some(key) if frame.is_object => {
                    path.push('.');
                    path.extend(key.chars().take(64));
                }
                _ if !frame.is_object => path.push_str(&format!("[{}]", frame.items.saturating_sub(1))),
                _ => {}
            }
        }
        path
    }
}

impl ReceiptBuilder {
    fn fired_unless(&mut self, harmless: bool, rule: &str, path: &dyn Fn() -> String) {
        if !harmless {
            self.fired(rule, path);
        }
    }
}

fn push_json_string(out: &mut String, value: &str) {
    match serde_json::to_string(value) {
        Ok(text) => out.push_str(&text),
        Err(_) => out.push_str("\"\""),
    }
}

/// The text of a JSON string with its quotes. What is not UTF-8 and lone surrogates become U+FFFD.
fn decoded(raw: &[u8]) -> Result<Cow<'_, str>, Stop> {
    let text = String::from_utf8_lossy(raw);
    let inner = text.get(1..text.len().saturating_sub(1)).ok_or(Stop::Malformed)?;
    if !inner.contains('\\') && !inner.chars().any(|c| u32::from(c) < 0x20) {
        return Ok(match text {
            Cow::Borrowed(all) => Cow::Borrowed(all.get(1..all.len().saturating_sub(1)).unwrap_or_default()),
            Cow::Owned(_) => Cow::Owned(inner.to_owned()),
        });
    }
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    let mut high: Option<u32> = None;
    while let Some(c) = characters.next() {
        let unit = if c != '\\' {
            None
        } else {
            match characters.next().ok_or(Stop::Malformed)? {
                'u' => {
                    let mut unit = 0;
                    for _ in 0..4 {
                        unit = unit * 16 + characters.next().and_then(|c| c.to_digit(16)).ok_or(Stop::Malformed)?;
                    }
                    Some(unit)
                }
                'n' => Some(0x0a),
                't' => Some(0x09),
                'r' => Some(0x0d),
                'b' => Some(0x08),
                'f' => Some(0x0c),
                quoted @ ('"' | '\\' | '/') => Some(u32::from(quoted)),
                _ => return Err(Stop::Malformed),
            }
        };
        match (high.take(), unit) {
            (Some(first), Some(second @ 0xdc00..=0xdfff)) => {
                let point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                out.push(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
                continue;
            }
            (Some(_), _) => out.push(char::REPLACEMENT_CHARACTER),
            (None, _) => {}
        }
        match unit {
            Some(first @ 0xd800..=0xdbff) => high = Some(first),
            Some(unit) => out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
            None => out.push(c),
        }
    }
    if high.is_some() {
        out.push(char::REPLACEMENT_CHARACTER);
    }
    Ok(Cow::Owned(out))
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
        let out = sanitize(input, limit, "request_summary", &mut receipt)
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
            "[\"\u{fffd}\",\"😀\",\"\\\\u0000\",\"a\\tb\"]"
        );
        assert!(serde_json::from_str::<serde_json::Value>(&clean_to(b"[\"\xff\xfe\"]", 4_096).0).is_ok());
    }

    fn json_value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".{0,40}".prop_map(Into::into),
            Just("Bearer abcdefgh12345678".into()),
            Just(r#"{"token":"t","a":[1]}"#.into()),
        ];
        leaf.prop_recursive(6, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
                prop::collection::vec(("[a-zA-Z_]{0,10}|password|name|value|\\$where|__proto__", inner), 0..8)
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
