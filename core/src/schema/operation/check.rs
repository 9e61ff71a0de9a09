//! Whether a host's rule is one: each slip is told with its place, when the rules are compiled.

use std::borrow::Cow;

use super::fields::{RULE_FIELDS, field_of_rule};
use super::path::{MAX_RULE_SEGMENTS, Path, Segment};
use super::rule::OperationRule;
use super::tree::{OTHER, Tree, method, methods};

const MAX_PATH: usize = 1_024;
const MAX_OPERATION: usize = 128;
const MAX_KIND: usize = 64;

/// Why a rule is none: which part of it, and what is wrong.
pub(super) struct Fault {
    pub(super) part: Cow<'static, str>,
    pub(super) what: Cow<'static, str>,
}

fn fault(part: impl Into<Cow<'static, str>>, what: impl Into<Cow<'static, str>>) -> Result<(), Fault> {
    Err(Fault {
        part: part.into(),
        what: what.into(),
    })
}

/// Checks a rule by itself.
pub(super) fn check(rule: &OperationRule) -> Result<(), Fault> {
    check_methods(rule)?;
    check_path(&rule.path)?;
    let Some(operation) = &rule.operation else {
        return match (rule.level, &rule.target, rule.fields.is_empty()) {
            (None, ..) => fault(
                "path",
                "is all there is of the rule; give it an `operation`, a `level` or both",
            ),
            (_, Some(_), _) => fault("target", "needs an `operation` beside it"),
            (_, _, false) => fault("fields", "needs an `operation` beside it"),
            _ => Ok(()),
        };
    };
    if !is_operation(operation) {
        return fault(
            "operation",
            format!(
                "is {operation:?}; it is two lower-case words with a dot, such as widget.published, at most {MAX_OPERATION} bytes"
            ),
        );
    }
    if operation.starts_with("audit.") {
        return fault(
            "operation",
            "begins with `audit.`, as only what the trail says of itself does",
        );
    }
    if let Some(kind) = rule
        .target
        .as_ref()
        .filter(|kind| !is_name(kind) || kind.len() > MAX_KIND)
    {
        return fault(
            "target",
            format!("is {kind:?}; it is a lower-case word such as widget, at most {MAX_KIND} bytes"),
        );
    }
    check_fields(rule)
}

/// Checks that earlier rules do not take all calls of a rule.
pub(super) fn check_reach(rule: &OperationRule, tree: &Tree) -> Result<(), Fault> {
    let names = rule
        .methods
        .as_ref()
        .map(|methods| methods.join(" "))
        .unwrap_or_default();
    let (naming, level) = tree.takers(methods(&names), &Path::new(&rule.path));
    for (part, taker) in [
        ("operation", naming.filter(|_| rule.operation.is_some())),
        ("level", level.filter(|_| rule.level.is_some())),
    ] {
        if let Some(first) = taker {
            return fault(
                part,
                format!(
                    "can never apply: operations[{first}] comes first and takes the same calls; put the more particular rule first"
                ),
            );
        }
    }
    Ok(())
}

fn check_methods(rule: &OperationRule) -> Result<(), Fault> {
    const PART: &str = "methods";
    let Some(methods) = &rule.methods else { return Ok(()) };
    if methods.is_empty() {
        return fault(PART, "names no method; leave it out for all of them");
    }
    match methods.iter().find(|name| method(name) == OTHER) {
        Some(name) => fault(PART, format!("has {name:?}; methods are POST, PUT, PATCH and DELETE")),
        None => Ok(()),
    }
}

fn check_fields(rule: &OperationRule) -> Result<(), Fault> {
    let path = Path::new(&rule.path);
    for (name, parameter) in &rule.fields {
        let part = || format!("fields.{name}");
        if !path.segments().any(|segment| segment == Segment::Parameter(parameter)) {
            return fault(
                part(),
                format!("is {parameter:?}, which is no parameter of {:?}", rule.path),
            );
        }
        if name != "targetId" && field_of_rule(name).is_none() {
            return fault(
                part(),
                format!("is no field of a record that a path can fill; known are {RULE_FIELDS}"),
            );
        }
    }
    Ok(())
}

/// The syntax of a rule's path is narrower than that of the templates that frameworks give, so that a slip is told.
fn check_path(path: &str) -> Result<(), Fault> {
    const PART: &str = "path";
    let Some(rest) = path.strip_prefix('/') else {
        return fault(PART, "does not begin with `/`");
    };
    if path.len() > MAX_PATH {
        return fault(PART, format!("has {} bytes; at most {MAX_PATH} are taken", path.len()));
    }
    if let Some(at) = path.find(['?', '#']) {
        return fault(
            PART,
            format!("has a query or fragment at byte {at}; rules are for the path only"),
        );
    }
    let mut at = 1;
    let mut names: Vec<&str> = Vec::new();
    let segments = rest.split('/').count();
    if segments > MAX_RULE_SEGMENTS {
        return fault(
            PART,
            format!("has {segments} segments; at most {MAX_RULE_SEGMENTS} are taken"),
        );
    }
    for (number, segment) in rest.split('/').enumerate() {
        let braced = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        if segment.is_empty() {
            // `/` alone is the root.
            if segments > 1 {
                return fault(
                    PART,
                    format!("has an empty segment at byte {at}; leave out the `/` too many"),
                );
            }
        } else if let Some(name) = segment.strip_prefix(':').or(braced) {
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !is_name {
                return fault(
                    PART,
                    format!("has the parameter {segment:?} at byte {at}; its name is of letters, digits and `_`"),
                );
            }
            if names.contains(&name) {
                return fault(PART, format!("has two parameters named `{name}`"));
            }
            names.push(name);
        } else if segment == "*" {
            if number + 1 < segments {
                return fault(
                    PART,
                    format!("has `*` at byte {at}, which stands for all that is left and so comes last"),
                );
            }
        } else if let Some(found) = segment.find([':', '{', '}', '*', '(', ')', '<', '>']) {
            let byte = at + found;
            return fault(
                PART,
                format!(
                    "has {segment:?}, with a mark of parameters at byte {byte}; a parameter takes a whole segment, as `:id` or `{{id}}`"
                ),
            );
        }
        at += segment.len() + 1;
    }
    Ok(())
}

/// Whether a text can be an operation type: `widget.published`.
fn is_operation(text: &str) -> bool {
    let mut parts = text.split('.');
    text.len() <= MAX_OPERATION
        && parts.by_ref().take(2).filter(|part| is_name(part)).count() == 2
        && parts.next().is_none()
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}
