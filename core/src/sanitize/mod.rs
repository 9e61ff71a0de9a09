//! What must not be recorded? Secrets, control characters, and more than there is room for.
//!
//! The sanitizer reads JSON as a stream and writes what it keeps, so a body costs what is kept of it, not what it weighs, and a body
//! that is malformed or cut off yields all that came before the fault. Its output is always valid JSON within the bound, and
//! sanitizing it again changes nothing.
//!
//! A rule says where ([`PolicyRule::selector`]), what (words of a name, a pattern of values, a rule that ships) and how ([`Action`]). A
//! [`Sanitizer`] is compiled from a [`Policy`] once; a host's rules go first, and the first that matches decides. Rules that ship:
//!
//! - `key:…`: names whose values are secrets (`password`, `X-Api-Key`, `refreshToken`), as keys of objects, in `{"name","value"}` and
//!   `["cookie","x"]` pairs, query strings, forms, `name=value` and `Name: value` within texts, and JSON inside strings.
//! - `value:…`: texts that are secrets by their form (provider tokens, JWT, private keys, passwords in addresses, card numbers).

mod action;
mod detect;
mod keys;
mod path;
mod pattern;
mod policy;
mod reader;
mod stream;
mod text;

use std::borrow::Cow;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;

use crate::error::Result;
use crate::schema::{Json, Receipt, Redaction, limit};
pub use action::{Action, REDACTED};
pub use keys::KeyPlace;
use path::{Path, Step};
use policy::Rules;
pub use policy::{Policy, PolicyRule};

/// Default bound of a body's summary, in bytes of JSON.
pub const SUMMARY_LIMIT: usize = 4 * 1_024;
/// Default bound of a record's metadata, in bytes of JSON.
pub const METADATA_LIMIT: usize = 16 * 1_024;
/// Most of a body that is ever read, in bytes; a host need not hand over more.
pub const READ_LIMIT: usize = 64 * 1_024;
/// The field that a body becomes.
pub(crate) const SUMMARY: &str = "request_summary";
const ENDPOINT: &str = "api_endpoint";
const MAX_RULES: usize = limit::RULES;

/// Collects what the sanitizer did to one record.
#[derive(Debug, Default)]
pub struct ReceiptBuilder(Receipt);

impl ReceiptBuilder {
    /// Goes on with the receipt of an earlier pass.
    #[cfg(feature = "recorder")]
    pub(crate) fn going_on(receipt: Option<Receipt>) -> Self {
        ReceiptBuilder(receipt.unwrap_or_default())
    }

    fn fired(&mut self, rule: &str, path: &dyn Fn() -> Path) {
        if let Some(known) = self.0.rules.iter_mut().find(|known| known.rule == rule) {
            known.count = known.count.saturating_add(1);
        } else if self.0.rules.len() < MAX_RULES {
            self.0.rules.push(Redaction {
                rule: rule.to_owned(),
                path: path().to_string(),
                count: 1,
                extra: Default::default(),
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

/// A compiled policy. Shared between threads; it holds no state.
#[derive(Debug)]
pub struct Sanitizer(Rules);

impl Sanitizer {
    /// The rules that ship, and nothing else.
    pub fn standard() -> &'static Sanitizer {
        static STANDARD: LazyLock<Sanitizer> = LazyLock::new(|| Sanitizer(Rules::standard()));
        &STANDARD
    }

    /// Compiles a policy. `hash_key` keys the action `hash`; without it a rule with that action is refused.
    ///
    /// # Errors
    /// [`crate::Code::PolicyInvalid`], naming the rule's id, the field and the byte.
    pub fn new(policy: &Policy, hash_key: Option<&str>) -> Result<Self> {
        Rules::compile(policy, hash_key).map(Sanitizer)
    }

    /// Bound of a body's summary, in bytes of JSON.
    pub fn summary_limit(&self) -> usize {
        self.0.summary_limit
    }

    /// Bound of a record's metadata, in bytes of JSON.
    pub fn metadata_limit(&self) -> usize {
        self.0.metadata_limit
    }

    /// Sanitizes a JSON text to at most `limit` bytes, at least 64. `at` names its place in the record, for selectors and the receipt.
    pub fn json(&self, input: &[u8], limit: usize, at: &str, receipt: &mut ReceiptBuilder) -> Json {
        // The writer closes all it opened; should it ever not, the record says so rather than carry broken JSON.
        Json::parse(self.json_text(input, limit, at, receipt)).unwrap_or_else(Json::null)
    }

    /// As [`Self::json`], for who wants the text.
    pub fn json_text(&self, input: &[u8], limit: usize, at: &str, receipt: &mut ReceiptBuilder) -> String {
        stream::sanitize(&self.0, input, limit, at, receipt)
    }

    /// Sanitizes a request's body by its content type: JSON and forms become JSON, anything else a note of its type and size.
    /// `whole` is the size of the body when `body` is only its beginning.
    pub fn body(
        &self,
        body: &[u8],
        content_type: Option<&str>,
        whole: u64,
        receipt: &mut ReceiptBuilder,
    ) -> Option<Json> {
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
        let limit = self.summary_limit();
        if media_type == "application/x-www-form-urlencoded" {
            return Some(self.json(form_as_json(body).as_bytes(), limit, SUMMARY, receipt));
        }
        if media_type.ends_with("json") || (looks_like_json && media_type != "multipart/form-data") {
            return Some(self.json(body, limit, SUMMARY, receipt));
        }
        let note = format!("[{media_type}, {whole} bytes]");
        Json::parse(serde_json::Value::String(self.text(&note, 200, SUMMARY, receipt)).to_string())
    }

    /// Sanitizes free text to at most `limit` bytes.
    pub fn text(&self, text: &str, limit: usize, at: &str, receipt: &mut ReceiptBuilder) -> String {
        let path = || Path::field(at);
        match self.0.at_place(&path) {
            Some(verdict) if verdict.action != Action::Keep && !text::is_harmless(text) => {
                receipt.fired(verdict.rule, &path);
                self.0.left_of(text, verdict.action)
            }
            _ => text::bounded(&self.0, text, limit, &path, receipt),
        }
    }

    /// Sanitizes a path with its query string: values of sensitive parameters go, the rest is cleaned as text.
    pub fn endpoint(&self, path: &str, limit: usize, receipt: &mut ReceiptBuilder) -> String {
        let Some((path, query)) = path.split_once('?') else {
            return self.text(path, limit, ENDPOINT, receipt);
        };
        let mut out = path.to_owned();
        for (position, pair) in query.split('&').enumerate() {
            out.push(if position == 0 { '?' } else { '&' });
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = form_decoded(key);
            let place = || Path::field(ENDPOINT);
            match self.0.at_key(&name, &|| place().with(Step::Name(name.clone()))) {
                Some(verdict) if verdict.action != Action::Keep && !text::is_harmless(value) => {
                    // The name itself may be a client's secret: the receipt does not repeat it.
                    receipt.fired(verdict.rule, &place);
                    out.push_str(key);
                    out.push('=');
                    out.push_str(&self.0.left_of(value, verdict.action));
                }
                _ => out.push_str(pair),
            }
            if out.len() > limit.saturating_mul(2) {
                break;
            }
        }
        self.text(&out, limit, ENDPOINT, receipt)
    }
}

/// The text of a form's name or value.
fn form_decoded(text: &str) -> String {
    let spaced: Cow<'_, str> = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// A form as a JSON object; a key that comes again becomes `key[1]`, so that nothing hides behind it.
fn form_as_json(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..READ_LIMIT.min(body.len())).unwrap_or_default());
    let mut object = serde_json::Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()).take(1_000) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = form_decoded(key);
        let mut name = key.clone();
        let mut again = 0;
        while object.contains_key(&name) && again < 100 {
            again += 1;
            name = format!("{key}[{again}]");
        }
        object.insert(name, form_decoded(value).into());
    }
    serde_json::Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_lose_secret_parameters_only() {
        let mut receipt = ReceiptBuilder::default();
        let out = Sanitizer::standard().endpoint("/api/x?api_key=abc&page=2&access%5Ftoken=zzz", 2_048, &mut receipt);
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
        let sanitizer = Sanitizer::standard();
        let form = sanitizer.body(
            b"name=a+b&password=x&name=c",
            Some("application/x-www-form-urlencoded"),
            26,
            &mut receipt,
        );
        assert_eq!(
            form.unwrap().as_str(),
            r#"{"name":"a b","name[1]":"c","password":"[redacted]"}"#
        );
        let image = sanitizer.body(b"\x89PNG", Some("image/png"), 4_000, &mut receipt);
        assert_eq!(image.unwrap().as_str(), r#""[image/png, 4000 bytes]""#);
        assert!(sanitizer.body(b"", Some("application/json"), 0, &mut receipt).is_none());
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let mut receipt = ReceiptBuilder::default();
        let out = Sanitizer::standard().text(&"ä".repeat(10_000), 101, "user_agent", &mut receipt);
        assert!(out.len() <= 101 && out.ends_with('…'));
        assert!(receipt.finish().unwrap().truncated);
    }
}
