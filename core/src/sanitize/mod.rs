//! What must not be recorded? Secrets, control characters, and more than there is room for.
//!
//! The sanitizer reads JSON as a stream and writes what it keeps, so a body costs what is kept of it, not what it weighs, and a body
//! that is malformed or cut off yields all that came before the fault. Its output is always valid JSON within the bound, and
//! sanitizing it again changes nothing.

#[cfg_attr(not(test), expect(dead_code, reason = "until the sanitizer asks it"))]
mod detect;
mod keys;
mod pattern;
mod stream;
mod text;

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::schema::{Json, Receipt, Redaction};

/// What stands where a secret was.
pub const REDACTED: &str = "[redacted]";
/// Bound of a body's summary, in bytes of JSON.
pub const SUMMARY_LIMIT: usize = 4 * 1_024;
/// Bound of a record's metadata, in bytes of JSON.
pub const METADATA_LIMIT: usize = 16 * 1_024;
/// Most of a body that is ever read, in bytes; a host need not hand over more.
pub const READ_LIMIT: usize = 64 * 1_024;
const MAX_RULES: usize = 32;

/// Collects what the sanitizer did to one record.
#[derive(Debug, Default)]
pub struct ReceiptBuilder(Receipt);

impl ReceiptBuilder {
    fn fired(&mut self, rule: &str, path: &dyn Fn() -> String) {
        if let Some(known) = self.0.rules.iter_mut().find(|known| known.rule == rule) {
            known.count = known.count.saturating_add(1);
        } else if self.0.rules.len() < MAX_RULES {
            self.0.rules.push(Redaction {
                rule: rule.to_owned(),
                path: path(),
                count: 1,
            });
        }
    }

    fn truncated(&mut self) {
        self.0.truncated = true;
    }

    /// Notes the size of the body as it came.
    pub fn original_bytes(&mut self, bytes: u64) {
        self.0.original_bytes = Some(bytes);
    }

    /// The receipt; `None` when nothing was changed and no body was seen.
    pub fn finish(self) -> Option<Receipt> {
        let receipt = self.0;
        (!receipt.rules.is_empty() || receipt.truncated || receipt.original_bytes.is_some()).then_some(receipt)
    }
}

/// Sanitizes a JSON text to at most `limit` bytes. `at` names the place in the receipt.
pub fn json(input: &[u8], limit: usize, at: &str, receipt: &mut ReceiptBuilder) -> Json {
    stream::sanitize(input, limit, at, receipt)
}

/// Sanitizes a request's body by its content type: JSON and forms become JSON, anything else a note of its type and size.
/// `whole` is the size of the body when `body` is only its beginning.
pub fn body(
    body: &[u8],
    content_type: Option<&str>,
    whole: u64,
    limit: usize,
    receipt: &mut ReceiptBuilder,
) -> Option<Json> {
    const AT: &str = "request_summary";
    if whole == 0 && body.is_empty() {
        return None;
    }
    receipt.original_bytes(whole);
    if whole > body.len() as u64 {
        receipt.truncated();
    }
    let media_type = content_type
        .unwrap_or("application/json")
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let looks_like_json = body
        .iter()
        .find(|byte| !byte.is_ascii_whitespace())
        .is_some_and(|byte| matches!(byte, b'{' | b'['));
    if media_type == "application/x-www-form-urlencoded" {
        return Some(json(form_as_json(body).as_bytes(), limit, AT, receipt));
    }
    if media_type.ends_with("json") || (looks_like_json && media_type != "multipart/form-data") {
        return Some(json(body, limit, AT, receipt));
    }
    let note = format!("[{media_type}, {whole} bytes]");
    Json::parse(serde_json::Value::String(text(&note, 200, AT, receipt)).to_string())
}

/// Sanitizes free text to at most `limit` bytes.
pub fn text(text: &str, limit: usize, at: &str, receipt: &mut ReceiptBuilder) -> String {
    // Nothing past the bound is kept, so nothing far past it need be read; a token that the cut could split is still seen whole.
    let window = (0..=text.len().min(limit.saturating_mul(2).max(limit + 4_096)))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    let seen = window.and_then(|end| text.get(..end)).unwrap_or_default();
    text::bounded(text::clean(seen, &|| at.to_owned(), receipt), limit, receipt)
}

/// Sanitizes a path with its query string: values of sensitive parameters go, the rest is cleaned as text.
pub fn endpoint(path: &str, limit: usize, receipt: &mut ReceiptBuilder) -> String {
    const AT: &str = "api_endpoint";
    let Some((path, query)) = path.split_once('?') else {
        return text(path, limit, AT, receipt);
    };
    let mut out = path.to_owned();
    for (position, pair) in query.split('&').enumerate() {
        out.push(if position == 0 { '?' } else { '&' });
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match keys::rule_for(&form_decoded(key)) {
            Some(rule) if !value.is_empty() => {
                receipt.fired(rule, &|| format!("{AT}?{}", form_decoded(key)));
                out.push_str(key);
                out.push('=');
                out.push_str(REDACTED);
            }
            _ => out.push_str(pair),
        }
        if out.len() > limit.saturating_mul(2) {
            break;
        }
    }
    text(&out, limit, AT, receipt)
}

fn form_decoded(text: &str) -> Cow<'_, str> {
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

/// A form as a JSON object; a key that comes again becomes `key[1]`, so that nothing hides behind it.
fn form_as_json(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..READ_LIMIT.min(body.len())).unwrap_or_default());
    let mut object = serde_json::Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()).take(1_000) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = form_decoded(key).into_owned();
        let mut name = key.clone();
        let mut again = 0;
        while object.contains_key(&name) && again < 100 {
            again += 1;
            name = format!("{key}[{again}]");
        }
        object.insert(name, form_decoded(value).into_owned().into());
    }
    serde_json::Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_lose_secret_parameters_only() {
        let mut receipt = ReceiptBuilder::default();
        let out = endpoint("/api/x?api_key=abc&page=2&access%5Ftoken=zzz", 2_048, &mut receipt);
        assert_eq!(out, "/api/x?api_key=[redacted]&page=2&access%5Ftoken=[redacted]");
        let rules = receipt.finish().unwrap().rules;
        assert_eq!(
            rules.iter().map(|rule| rule.rule.as_str()).collect::<Vec<_>>(),
            ["key:api_key", "key:token"]
        );
    }

    #[test]
    fn forms_and_other_types_become_json() {
        let mut receipt = ReceiptBuilder::default();
        let form = body(
            b"name=a+b&password=x&name=c",
            Some("application/x-www-form-urlencoded"),
            26,
            SUMMARY_LIMIT,
            &mut receipt,
        );
        assert_eq!(
            form.unwrap().as_str(),
            r#"{"name":"a b","name[1]":"c","password":"[redacted]"}"#
        );
        let image = body(b"\x89PNG", Some("image/png"), 4_000, SUMMARY_LIMIT, &mut receipt);
        assert_eq!(image.unwrap().as_str(), r#""[image/png, 4000 bytes]""#);
        assert!(body(b"", Some("application/json"), 0, SUMMARY_LIMIT, &mut receipt).is_none());
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let mut receipt = ReceiptBuilder::default();
        let out = text(&"ä".repeat(10_000), 101, "user_agent", &mut receipt);
        assert!(out.len() <= 101 && out.ends_with('…'));
        assert!(receipt.finish().unwrap().truncated);
    }
}
