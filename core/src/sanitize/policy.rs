//! A host's own rules: where, what and how, checked and compiled once.

use serde::Deserialize;

use super::action::{self, Action, HashKey};
use super::detect::{Detectors, HostDetector};
use super::keys::{self, KeyPattern, KeyPlace, KeyRule, KeyTable};
use super::path::{Path, Selector};
use super::pattern::{self, Pattern};
use super::reader::is_number;
use super::{METADATA_LIMIT, SUMMARY_LIMIT};
use crate::error::{Code, Error, Result, from_json};

const MAX_RULES: usize = 200;
const MAX_ID: usize = 64;
/// Bounds of the bounds, in bytes. With the largest a record still fits its 64 KiB.
const SUMMARY_RANGE: std::ops::RangeInclusive<u32> = 256..=12_288;
const METADATA_RANGE: std::ops::RangeInclusive<u32> = 256..=16_384;

/// One rule of a host's. Exactly one of `key`, `value` and `rule` says what it looks for; with none of them it is everything at `where`.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "SanitizerRule", optional_fields)
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyRule {
    /// Its name in receipts and errors: 1 to 64 of `a-z`, `0-9`, `_`, `.`, `-`.
    pub id: String,
    /// Which places it holds for, as a selector such as `request_summary.**.email`; everywhere when absent. The first part is the
    /// record's field; `*` stands for one name or array position, `**` for any number of them, `\` takes the next character as it is.
    #[serde(rename = "where", default)]
    #[cfg_attr(feature = "typescript", ts(rename = "where"))]
    pub selector: Option<String>,
    /// Words of a name whose value it takes: `badge number` is found in `employeeBadgeNumber`, `BADGE_NUMBER` and `badge-number`.
    #[serde(default)]
    pub key: Option<String>,
    /// Where in the name the words of `key` must stand. Default `anywhere`.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<KeyPlace>", optional))]
    pub place: KeyPlace,
    /// Pattern of a secret wherever it stands in a text: regular expressions without going back (no `.`, `^`, `$`; repetition keeps all
    /// that it took), between word boundaries.
    #[serde(default)]
    pub value: Option<String>,
    /// Pattern of what must stand in front of `value`; it stays.
    #[serde(default)]
    pub after: Option<String>,
    /// Fewest bits of entropy per character that `value` must have, 0 to 8. Default 0.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<f32>", optional))]
    pub entropy: f32,
    /// Id of a rule that ships (`key:password`, `value:email`): `action` says what becomes of its finds, and a rule that is off is on.
    #[serde(default)]
    pub rule: Option<String>,
    /// What becomes of it. Default `remove`.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(as = "Option<Action>", optional))]
    pub action: Action,
}

/// A host's rules, which go before those that ship, and bounds. The first rule that matches decides.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "SanitizerPolicy", optional_fields)
)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    /// At most 200.
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<PolicyRule>>", optional))]
    pub rules: Vec<PolicyRule>,
    /// Bound of a body's summary in bytes of JSON, 256 to 12,288. Default 4,096.
    pub summary_bytes: Option<u32>,
    /// Bound of a record's metadata in bytes of JSON, 256 to 16,384. Default 16,384.
    pub metadata_bytes: Option<u32>,
}

impl Policy {
    /// Reads a policy from JSON; unknown names are refused.
    ///
    /// # Errors
    /// [`Code::PolicyInvalid`] with the path of the fault.
    pub fn from_json(text: &str) -> Result<Self> {
        from_json(text, Code::PolicyInvalid, "not a sanitizer's policy")
    }

    /// As [`Self::from_json`], for who has no trail whose `hashKey` would hold: the key stands among the policy's fields.
    ///
    /// # Errors
    /// As [`Self::from_json`].
    pub fn with_hash_key_from_json(text: &str) -> Result<(Self, Option<String>)> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
        #[derive(Default)]
        struct Keyed {
            rules: Vec<PolicyRule>,
            summary_bytes: Option<u32>,
            metadata_bytes: Option<u32>,
            hash_key: Option<String>,
        }
        let keyed: Keyed = from_json(text, Code::PolicyInvalid, "not a sanitizer's policy")?;
        let policy = Policy {
            rules: keyed.rules,
            summary_bytes: keyed.summary_bytes,
            metadata_bytes: keyed.metadata_bytes,
        };
        Ok((policy, keyed.hash_key))
    }
}

#[derive(Debug)]
enum What {
    Everything,
    Key(KeyPattern),
    /// Its pattern is among the detectors.
    Value,
    Shipped(String),
}

#[derive(Debug)]
struct Rule {
    id: String,
    selector: Option<Selector>,
    what: What,
    action: Action,
}

impl Rule {
    fn holds_at(&self, path: &dyn Fn() -> Path) -> bool {
        self.selector.as_ref().is_none_or(|selector| selector.matches(&path()))
    }
}

/// What to do about something, and by which rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verdict<'a> {
    pub(super) rule: &'a str,
    pub(super) action: Action,
    /// The key rule that ships, where it is one.
    pub(super) key: Option<&'static KeyRule>,
    spares_numbers: bool,
}

impl Verdict<'_> {
    /// Whether the value is a number that counts, also one that is written as text.
    pub(super) fn spares(&self, value: &str) -> bool {
        self.spares_numbers && is_number(value)
    }
}

#[derive(Debug)]
enum Values {
    Shipped(&'static Detectors),
    Own(Box<Detectors>),
}

/// A compiled policy: decides, and changes nothing itself.
#[derive(Debug)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    /// Positions in `rules` of those with a pattern, in the order of the detectors.
    values: Vec<usize>,
    has_places: bool,
    keys: KeyTable,
    detectors: Values,
    pub(super) hash_key: Option<HashKey>,
    pub(super) summary_limit: usize,
    pub(super) metadata_limit: usize,
}

impl Rules {
    /// The rules that ship.
    pub(super) fn standard() -> Self {
        Rules {
            rules: Vec::new(),
            values: Vec::new(),
            has_places: false,
            keys: KeyTable::new(std::iter::empty()),
            detectors: Values::Shipped(Detectors::shipped()),
            hash_key: None,
            summary_limit: SUMMARY_LIMIT,
            metadata_limit: METADATA_LIMIT,
        }
    }

    pub(super) fn compile(policy: &Policy, hash_key: Option<&str>) -> Result<Self> {
        if policy.rules.len() > MAX_RULES {
            let message = format!(
                "a sanitizer has at most {MAX_RULES} rules; this one has {}",
                policy.rules.len()
            );
            return Err(Error::new(Code::PolicyInvalid, message).with_field("rules"));
        }
        let mut rules: Vec<Rule> = Vec::with_capacity(policy.rules.len());
        let mut values = Vec::new();
        let mut patterns = Vec::new();
        for (at, given) in policy.rules.iter().enumerate() {
            let place = |field: &str| format!("rules[{at}].{field}");
            if rules.iter().any(|earlier| earlier.id == given.id) {
                return Err(fault(given, &place("id"), "is the id of an earlier rule"));
            }
            let rule = compile_rule(given, hash_key.is_some(), &place)?;
            if let Some(pattern) = &given.value {
                values.push(at);
                patterns.push(HostDetector {
                    id: given.id.clone(),
                    after: given.after.clone(),
                    pattern: pattern.clone(),
                    entropy: given.entropy,
                });
            }
            rules.push(rule);
        }
        let switched_on = |id: &str, on: bool| {
            let named = |rule: &Rule| matches!(&rule.what, What::Shipped(shipped) if shipped == id);
            on || rules.iter().any(|rule| named(rule) && rule.action != Action::Keep)
        };
        let detectors = if patterns.is_empty() && Detectors::ids().all(|(id, on)| switched_on(id, on) == on) {
            Values::Shipped(Detectors::shipped())
        } else {
            let own = Detectors::with(patterns, switched_on).map_err(|(which, problem)| {
                let at = values.get(which).copied().unwrap_or_default();
                let given = policy.rules.get(at).cloned().unwrap_or_default();
                pattern_fault(&given, &format!("rules[{at}].value"), &problem)
            })?;
            Values::Own(Box::new(own))
        };
        let patterns = rules.iter().filter_map(|rule| match &rule.what {
            What::Key(pattern) => Some(pattern),
            _ => None,
        });
        Ok(Rules {
            keys: KeyTable::new(patterns),
            has_places: rules.iter().any(|rule| matches!(rule.what, What::Everything)),
            values,
            detectors,
            hash_key: hash_key.and_then(HashKey::new),
            summary_limit: limit("summaryBytes", policy.summary_bytes, SUMMARY_RANGE, SUMMARY_LIMIT)?,
            metadata_limit: limit("metadataBytes", policy.metadata_bytes, METADATA_RANGE, METADATA_LIMIT)?,
            rules,
        })
    }

    /// What an action leaves of a secret.
    pub(super) fn left_of(&self, secret: &str, action: Action) -> String {
        let mut left = String::new();
        action::apply(action, secret, self.hash_key.as_ref(), &mut left);
        left
    }

    pub(super) fn detectors(&self) -> &Detectors {
        match &self.detectors {
            Values::Shipped(detectors) => detectors,
            Values::Own(detectors) => detectors,
        }
    }

    /// What a rule says about everything at a place.
    pub(super) fn at_place(&self, path: &dyn Fn() -> Path) -> Option<Verdict<'_>> {
        if !self.has_places {
            return None;
        }
        let rule = self
            .rules
            .iter()
            .find(|rule| matches!(rule.what, What::Everything) && rule.holds_at(path))?;
        Some(verdict(rule))
    }

    /// What a rule says about the value under a name; `path` is the value's.
    pub(super) fn at_key(&self, name: &str, path: &dyn Fn() -> Path) -> Option<Verdict<'_>> {
        let words = self.keys.words(name);
        if words.is_none() && !self.has_places {
            return None;
        }
        let words = words.unwrap_or_default();
        let shipped = KeyTable::shipped(&words);
        for rule in &self.rules {
            let matches = match &rule.what {
                What::Everything => true,
                What::Key(pattern) => pattern.matches(&words),
                What::Shipped(id) => shipped.is_some_and(|shipped| shipped.id == id),
                What::Value => false,
            };
            if matches && rule.holds_at(path) {
                let key = shipped.filter(|_| matches!(rule.what, What::Shipped(_)));
                let spares_numbers = key.is_some_and(|key| key.spares_numbers(&words));
                return Some(Verdict {
                    key,
                    spares_numbers,
                    ..verdict(rule)
                });
            }
        }
        shipped.map(|key| Verdict {
            rule: key.id,
            action: Action::Remove,
            key: Some(key),
            spares_numbers: key.spares_numbers(&words),
        })
    }

    /// What becomes of a detector's find; `None` where the detector does not hold.
    pub(super) fn at_find(&self, detector: usize, path: &dyn Fn() -> Path) -> Option<Verdict<'_>> {
        let detectors = self.detectors();
        if let Some(host) = detectors.host(detector) {
            let rule = self.values.get(host).and_then(|at| self.rules.get(*at))?;
            return rule.holds_at(path).then(|| verdict(rule));
        }
        let id = detectors.id(detector);
        let named = |rule: &&Rule| matches!(&rule.what, What::Shipped(shipped) if shipped == id);
        if let Some(rule) = self.rules.iter().filter(named).find(|rule| rule.holds_at(path)) {
            return Some(verdict(rule));
        }
        let on = self.rules.is_empty() || Detectors::ids().any(|(shipped, on)| on && shipped == id);
        on.then_some(Verdict {
            rule: id,
            action: Action::Remove,
            key: None,
            spares_numbers: false,
        })
    }
}

fn verdict(rule: &Rule) -> Verdict<'_> {
    Verdict {
        rule: &rule.id,
        action: rule.action,
        key: None,
        spares_numbers: false,
    }
}

fn compile_rule(given: &PolicyRule, has_hash_key: bool, place: &dyn Fn(&str) -> String) -> Result<Rule> {
    let refused = |field: &str, problem: &str| Err(fault(given, &place(field), problem));
    let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'-');
    if given.id.is_empty() || given.id.len() > MAX_ID || !given.id.bytes().all(is_name) {
        return refused("id", "is 1 to 64 of `a-z`, `0-9`, `_`, `.` and `-`");
    }
    let selector = match &given.selector {
        Some(text) => match Selector::parse(text) {
            Ok(selector) => Some(selector),
            Err(problem) => return refused("where", &format!("byte {}: {}", problem.at, problem.message)),
        },
        None => None,
    };
    if given.value.is_none() {
        for (field, is_given) in [("after", given.after.is_some()), ("entropy", given.entropy != 0.0)] {
            if is_given {
                return refused(field, "belongs to `value`, which this rule does not have");
            }
        }
    }
    if !(0.0..=8.0).contains(&given.entropy) {
        return refused("entropy", "is a number of bits per character, 0 to 8");
    }
    if given.key.is_none() && given.place != KeyPlace::Anywhere {
        return refused("place", "belongs to `key`, which this rule does not have");
    }
    let what = match (&given.key, &given.value, &given.rule) {
        (Some(words), None, None) => match KeyPattern::new(words, given.place) {
            Some(pattern) => What::Key(pattern),
            None => {
                return refused(
                    "key",
                    "has no word; write the words of the name, such as `badge number`",
                );
            }
        },
        (None, Some(value), None) => {
            for (field, pattern) in [("after", given.after.as_ref()), ("value", Some(value))] {
                if let Some(Err(problem)) = pattern.map(|text| Pattern::parse(text)) {
                    return Err(pattern_fault(given, &place(field), &problem));
                }
            }
            What::Value
        }
        (None, None, Some(id)) => {
            if !keys::ids().any(|known| known == id) && !Detectors::ids().any(|(known, _)| known == id) {
                return refused(
                    "rule",
                    &format!("`{}` is no rule that ships", super::text::head(id, 80)),
                );
            }
            What::Shipped(id.clone())
        }
        (None, None, None) if selector.is_some() => What::Everything,
        (None, None, None) => {
            return refused(
                "where",
                "is missing, and so are `key`, `value` and `rule`: it would take everything",
            );
        }
        _ => return refused("key", "stands beside `value` or `rule`; a rule has one of them"),
    };
    if given.action == Action::Hash && !has_hash_key {
        return refused(
            "action",
            "is `hash`, which needs a key: set the option `hashKey` (TASKTRAIL_HASH_KEY), or use `mask` or `remove`",
        );
    }
    Ok(Rule {
        id: given.id.clone(),
        selector,
        what,
        action: given.action,
    })
}

fn fault(given: &PolicyRule, path: &str, problem: &str) -> Error {
    let field = path.rsplit('.').next().unwrap_or(path);
    let id: String = given.id.chars().take(MAX_ID).collect();
    let message = format!("sanitizer rule {id:?}: `{field}` {problem}");
    Error::new(Code::PolicyInvalid, message).with_field(path)
}

fn pattern_fault(given: &PolicyRule, path: &str, problem: &pattern::Fault) -> Error {
    fault(given, path, &format!("byte {}: {}", problem.at, problem.message))
}

fn limit(name: &str, given: Option<u32>, range: std::ops::RangeInclusive<u32>, usual: usize) -> Result<usize> {
    match given {
        None => Ok(usual),
        Some(bytes) if range.contains(&bytes) => Ok(bytes as usize),
        Some(bytes) => {
            let (least, most) = (range.start(), range.end());
            let message = format!("`{name}` is a whole number from {least} to {most}, not {bytes}");
            Err(Error::new(Code::PolicyInvalid, message).with_field(name))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::sanitize::{ReceiptBuilder, Sanitizer};

    fn cleaned(policy: &str, body: &str) -> (String, Vec<String>) {
        let sanitizer = Sanitizer::new(&Policy::from_json(policy).unwrap(), Some("a key")).unwrap();
        let clean = |body: &str, receipt: &mut ReceiptBuilder| {
            let limit = sanitizer.summary_limit();
            sanitizer
                .json(body.as_bytes(), limit, "request_summary", receipt)
                .as_str()
                .to_owned()
        };
        let mut receipt = ReceiptBuilder::default();
        let out = clean(body, &mut receipt);
        assert_eq!(clean(&out, &mut ReceiptBuilder::default()), out, "idempotent");
        let rules = receipt.finish().unwrap_or_default().rules;
        let rules = rules
            .iter()
            .map(|rule| format!("{}@{}x{}", rule.rule, rule.path, rule.count));
        (out, rules.collect())
    }

    #[test]
    fn a_rule_holds_where_it_says_and_does_what_it_says() {
        let body = r#"{"user":{"email":"ann@example.org","badgeNumber":"0123456789"},"email":"b@example.org","list":[{"email":"c"}]}"#;
        for (rule, expected, fired) in [
            (
                r#"{"id":"mail","where":"request_summary.user.email"}"#,
                r#"{"user":{"email":"[redacted]","badgeNumber":"0123456789"},"email":"b@example.org","list":[{"email":"c"}]}"#,
                "mail@request_summary.user.emailx1",
            ),
            (
                r#"{"id":"mail","where":"**.email","action":"mask"}"#,
                r#"{"user":{"email":"****.org","badgeNumber":"0123456789"},"email":"****.org","list":[{"email":"****"}]}"#,
                "mail@request_summary.user.emailx3",
            ),
            (
                r#"{"id":"badge","key":"badge number","action":"mask"}"#,
                r#"{"user":{"email":"ann@example.org","badgeNumber":"****6789"},"email":"b@example.org","list":[{"email":"c"}]}"#,
                "badge@request_summary.user.badgeNumberx1",
            ),
            (
                r#"{"id":"user","where":"request_summary.user"}"#,
                r#"{"user":"[redacted]","email":"b@example.org","list":[{"email":"c"}]}"#,
                "user@request_summary.userx1",
            ),
            (
                r#"{"id":"list","where":"request_summary.list.0.*"}"#,
                r#"{"user":{"email":"ann@example.org","badgeNumber":"0123456789"},"email":"b@example.org","list":[{"email":"[redacted]"}]}"#,
                "list@request_summary.list[0].emailx1",
            ),
            (
                r#"{"id":"digits","value":"01234[0-9]{5}"}"#,
                r#"{"user":{"email":"ann@example.org","badgeNumber":"[redacted]"},"email":"b@example.org","list":[{"email":"c"}]}"#,
                "digits@request_summary.user.badgeNumberx1",
            ),
        ] {
            let found = cleaned(&format!(r#"{{"rules":[{rule}]}}"#), body);
            assert_eq!(found, (expected.to_owned(), vec![fired.to_owned()]), "{rule}");
        }
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let policy = r#"{"rules":[
            {"id":"hint","where":"request_summary.form.password","action":"keep"},
            {"id":"hashed","rule":"key:password","action":"hash"},
            {"id":"never","key":"password"}]}"#;
        let (out, fired) = cleaned(
            policy,
            r#"{"form":{"password":"as you like"},"password":"x","other":{"password":"x"}}"#,
        );
        let out: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(out["form"]["password"], "as you like");
        assert!(out["password"].as_str().unwrap().starts_with("[hmac:"), "{out}");
        assert_eq!(out["password"], out["other"]["password"]);
        assert_eq!(fired, ["hashed@request_summary.passwordx2"]);
    }

    #[test]
    fn a_rule_reaches_every_field_and_every_way_to_write_a_pair() {
        let policy = r#"{"rules":[{"id":"badge","key":"badge"},{"id":"agent","where":"user_agent","action":"mask"}]}"#;
        let sanitizer = Sanitizer::new(&Policy::from_json(policy).unwrap(), None).unwrap();
        let mut receipt = ReceiptBuilder::default();
        assert_eq!(
            sanitizer.endpoint("/x?badge=7&a=1", 100, &mut receipt),
            "/x?badge=[redacted]&a=1"
        );
        assert_eq!(
            sanitizer.text("badge=7", 100, "error.message", &mut receipt),
            "badge=[redacted]"
        );
        assert_eq!(
            sanitizer.text("Mozilla/5.0", 100, "user_agent", &mut receipt),
            "****/5.0"
        );
        let body = sanitizer.body(
            b"badge=7&a=1",
            Some("application/x-www-form-urlencoded"),
            11,
            &mut receipt,
        );
        assert_eq!(body.unwrap().as_str(), r#"{"a":"1","badge":"[redacted]"}"#);
        for body in [
            r#"["badge",7]"#,
            r#"{"name":"badge","value":7}"#,
            r#"{"value":7,"name":"badge"}"#,
        ] {
            let out = sanitizer.json(body.as_bytes(), 100, "metadata", &mut receipt);
            assert!(!out.as_str().contains('7'), "{}", out.as_str());
        }
    }

    #[test]
    fn bounds_can_be_set() {
        let policy = Policy::from_json(r#"{"summaryBytes":256,"metadataBytes":512}"#).unwrap();
        let sanitizer = Sanitizer::new(&policy, None).unwrap();
        assert_eq!((sanitizer.summary_limit(), sanitizer.metadata_limit()), (256, 512));
        let body = format!("[{}]", vec!["1"; 1_000].join(","));
        let out = sanitizer
            .body(body.as_bytes(), None, 2_001, &mut ReceiptBuilder::default())
            .unwrap();
        assert!(out.as_str().len() <= 256 && out.as_str().len() > 200);
    }

    #[test]
    fn a_fault_names_rule_field_and_byte() {
        for (policy, field, words) in [
            (r#"{"rules":[{"id":"a b","key":"x"}]}"#, "rules[0].id", "1 to 64"),
            (
                r#"{"rules":[{"id":"a","key":"x"},{"id":"a","key":"y"}]}"#,
                "rules[1].id",
                "earlier",
            ),
            (r#"{"rules":[{"id":"a","where":"x..y"}]}"#, "rules[0].where", "byte 2"),
            (r#"{"rules":[{"id":"a","value":"ab("}]}"#, "rules[0].value", "byte 2"),
            (
                r#"{"rules":[{"id":"a","value":"ab","after":"x+?"}]}"#,
                "rules[0].after",
                "byte 2",
            ),
            (r#"{"rules":[{"id":"a"}]}"#, "rules[0].where", "everything"),
            (r#"{"rules":[{"id":"a","key":"--"}]}"#, "rules[0].key", "no word"),
            (
                r#"{"rules":[{"id":"a","key":"x","value":"y"}]}"#,
                "rules[0].key",
                "one of them",
            ),
            (
                r#"{"rules":[{"id":"a","rule":"key:passwort"}]}"#,
                "rules[0].rule",
                "no rule that ships",
            ),
            (
                r#"{"rules":[{"id":"a","key":"x","action":"hash"}]}"#,
                "rules[0].action",
                "hashKey",
            ),
            (
                r#"{"rules":[{"id":"a","key":"x","entropy":3}]}"#,
                "rules[0].entropy",
                "belongs to `value`",
            ),
            (
                r#"{"rules":[{"id":"a","value":"xyz","entropy":9}]}"#,
                "rules[0].entropy",
                "0 to 8",
            ),
            (
                r#"{"rules":[{"id":"a","value":"xyz","place":"end"}]}"#,
                "rules[0].place",
                "belongs to `key`",
            ),
            (
                r#"{"rules":[{"id":"a","key":"x","action":"burn"}]}"#,
                "rules[0].action",
                "burn",
            ),
            (r#"{"rules":[{"id":"a","keys":"x"}]}"#, "rules[0].keys", "keys"),
            (r#"{"summaryBytes":1}"#, "summaryBytes", "256 to 12288"),
        ] {
            let error = Policy::from_json(policy)
                .and_then(|policy| Sanitizer::new(&policy, None))
                .unwrap_err();
            assert_eq!(
                (error.code(), error.field()),
                (Code::PolicyInvalid, Some(field)),
                "{error}"
            );
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
