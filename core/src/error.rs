//! What can go wrong: one error type with stable codes, the same in every language.

use std::fmt;

use serde::Serialize;

use crate::json::{Json, ToJson};

/// A stable, machine-readable reason. The text form (`TT_…`) is the same in Rust, JavaScript and C and never changes meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The store URL has no known scheme or cannot be parsed.
    UrlInvalid,
    /// An option is unknown, has the wrong type or is out of range.
    OptionsInvalid,
    /// A recorded call lacks a field or has one of the wrong type.
    CallInvalid,
    /// A progress event was refused; [`Error::details`] lists every fault.
    EventInvalid,
    /// A progress event is larger than the wire allows.
    EventTooLarge,
    /// A query parameter is unknown, of the wrong type or out of range.
    QueryInvalid,
    /// A sanitizer's policy has a rule that cannot be compiled, or a bound out of range.
    PolicyInvalid,
    /// A path or salt from which no workspace id can be derived.
    WorkspaceInvalid,
    /// A text is not a stored record: a field is missing, there twice, or of the wrong type.
    RecordInvalid,
    /// A text is not a saved history, or one of a version that is not read here: fetch the records again.
    HistoryInvalid,
    /// Records that another trail sent together are more, or larger, than the wire allows.
    DeliveryTooLarge,
    /// No record with this id.
    RecordNotFound,
    /// The store cannot be reached now; a later try can succeed.
    StoreUnavailable,
    /// The store did not answer within the deadline; a later try can succeed.
    StoreTimeout,
    /// The store answered with an error that a retry will not cure.
    StoreFailed,
    /// The SQLite file cannot be created, opened or written at this path.
    StorePath,
    /// The spool's folder cannot be created, opened or written.
    SpoolPath,
    /// The spool has no room; a later try can succeed.
    SpoolFull,
    /// A file of the spool is damaged or the disk answered with an error.
    SpoolFailed,
    /// Neither spool nor store takes writes now; a later try can succeed.
    AuditUnavailable,
    /// The record could not be made safe in time; what it is about took place all the same.
    AuditUnrecorded,
    /// The trail was closed.
    Closed,
    /// The trail's writer has failed and takes nothing more; what it held is in the spool.
    Poisoned,
    /// A fault inside the library was contained; the call had no effect.
    Panic,
}

impl Code {
    /// Every code, for generated constants and documentation.
    pub const ALL: &'static [Code] = &[
        Code::UrlInvalid,
        Code::OptionsInvalid,
        Code::CallInvalid,
        Code::EventInvalid,
        Code::EventTooLarge,
        Code::QueryInvalid,
        Code::PolicyInvalid,
        Code::WorkspaceInvalid,
        Code::RecordInvalid,
        Code::HistoryInvalid,
        Code::DeliveryTooLarge,
        Code::RecordNotFound,
        Code::StoreUnavailable,
        Code::StoreTimeout,
        Code::StoreFailed,
        Code::StorePath,
        Code::SpoolPath,
        Code::SpoolFull,
        Code::SpoolFailed,
        Code::AuditUnavailable,
        Code::AuditUnrecorded,
        Code::Closed,
        Code::Poisoned,
        Code::Panic,
    ];

    /// The stable text, for example `TT_STORE_PATH`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Code::UrlInvalid => "TT_URL_INVALID",
            Code::OptionsInvalid => "TT_OPTIONS_INVALID",
            Code::CallInvalid => "TT_CALL_INVALID",
            Code::EventInvalid => "TT_EVENT_INVALID",
            Code::EventTooLarge => "TT_EVENT_TOO_LARGE",
            Code::QueryInvalid => "TT_QUERY_INVALID",
            Code::PolicyInvalid => "TT_POLICY_INVALID",
            Code::WorkspaceInvalid => "TT_WORKSPACE_INVALID",
            Code::RecordInvalid => "TT_RECORD_INVALID",
            Code::HistoryInvalid => "TT_HISTORY_INVALID",
            Code::DeliveryTooLarge => "TT_DELIVERY_TOO_LARGE",
            Code::RecordNotFound => "TT_RECORD_NOT_FOUND",
            Code::StoreUnavailable => "TT_STORE_UNAVAILABLE",
            Code::StoreTimeout => "TT_STORE_TIMEOUT",
            Code::StoreFailed => "TT_STORE_FAILED",
            Code::StorePath => "TT_STORE_PATH",
            Code::SpoolPath => "TT_SPOOL_PATH",
            Code::SpoolFull => "TT_SPOOL_FULL",
            Code::SpoolFailed => "TT_SPOOL_FAILED",
            Code::AuditUnavailable => "TT_AUDIT_UNAVAILABLE",
            Code::AuditUnrecorded => "TT_AUDIT_UNRECORDED",
            Code::Closed => "TT_CLOSED",
            Code::Poisoned => "TT_POISONED",
            Code::Panic => "TT_PANIC",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One fault in a refused input: where, and what was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// Path of the field, dotted, array positions in brackets: `data.filesChanged[2]`.
    pub path: String,
    /// What was wrong and what is expected.
    pub message: String,
}

/// The library's error: a stable code, a sentence for people, the field or parameter at fault, and whether a retry can help.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    message: String,
    field: Option<String>,
    details: Vec<Detail>,
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            code,
            message: message.into(),
            field: None,
            details: Vec::new(),
        }))
    }

    pub(crate) fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    pub(crate) fn with_details(mut self, details: Vec<Detail>) -> Self {
        self.0.details = details;
        self
    }

    /// For a store of a host's own: it is away, a later try can succeed.
    pub fn store_unavailable(message: impl Into<String>) -> Self {
        Error::new(Code::StoreUnavailable, message)
    }

    /// For a store of a host's own: it refuses, a retry will not cure it.
    pub fn store_failed(message: impl Into<String>) -> Self {
        Error::new(Code::StoreFailed, message)
    }

    /// What every call on a closed trail answers.
    #[cfg(feature = "recorder")]
    pub(crate) fn closed() -> Self {
        Error::new(Code::Closed, "the trail is closed; open another one")
    }

    /// A fault inside the library that a boundary contained.
    pub fn panicked(what: &str) -> Self {
        Error::new(
            Code::Panic,
            format!("a fault inside Tasktrail was contained in {what}; please report it"),
        )
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The field, parameter or option at fault, where there is one.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Every fault of a refused event; empty for other errors.
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }

    /// Whether the same call can succeed later without a change.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.0.code,
            Code::StoreUnavailable | Code::StoreTimeout | Code::SpoolFull | Code::AuditUnavailable
        )
    }

    /// The error as every binding shows it: `{"code","message","field"?,"details"?,"retryable"}`.
    pub fn to_json(&self) -> String {
        let Inner {
            code,
            message,
            field,
            details,
        } = self.0.as_ref();
        let mut json = Json::default();
        json.open('{');
        json.field("code", code.as_str());
        if !details.is_empty() {
            json.field("details", details.as_slice());
        }
        if let Some(field) = field {
            json.field("field", field);
        }
        json.field("message", message);
        json.field("retryable", &self.is_retryable());
        json.close('}');
        json.into_text()
    }
}

impl ToJson for Detail {
    fn write(&self, json: &mut Json) {
        json.open('{');
        json.field("path", &self.path);
        json.field("message", &self.message);
        json.close('}');
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

/// Decodes JSON into `T`; the error names the path of the fault (`params.id`) and carries `code`.
pub(crate) fn from_json<'a, T: serde::Deserialize<'a>>(text: &'a str, code: Code, what: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|fault| refused(text, &fault, code, what))
}

/// Not generic, so that it is there once and not once for each type that is decoded.
fn refused(text: &str, fault: &serde_json::Error, code: Code, what: &str) -> Error {
    let path = path_of(text, fault);
    if path.is_empty() {
        Error::new(code, format!("{what}: {fault}"))
    } else {
        Error::new(code, format!("{what}: `{path}`: {fault}")).with_field(path)
    }
}

/// Path of the value at which reading stopped: dotted, array positions in brackets, empty for the text as a whole.
///
/// The parser says how far it came, so the path is what is open there. Keeping track of it while reading would cost every reader of
/// a right text as much as the rest, and a module that is built for size once more for each type.
fn path_of(text: &str, fault: &serde_json::Error) -> String {
    /// An open object, with the key that was read last, or an open array, with the position of the value that is next.
    enum Open<'a> {
        Object(Option<&'a str>),
        Array(usize),
    }
    let before: usize = text
        .split_inclusive('\n')
        .take(fault.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let end = before.saturating_add(fault.column()).min(text.len());
    let read = text.get(..end).unwrap_or(text);
    // A field is found missing when its object has ended, with the byte behind it or without: the path is that object's.
    let is_missing = fault.to_string().starts_with("missing field");
    let ended = read.rfind('}').filter(|_| is_missing).map(|at| at + 1);
    let read = ended.and_then(|end| read.get(..end)).unwrap_or(read);
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut is_key = false;
    let mut marks = read.char_indices();
    while let Some((at, mark)) = marks.next() {
        match mark {
            '"' => {
                let mut length = 0;
                while let Some((_, character)) = marks.next() {
                    match character {
                        '"' => break,
                        '\\' => length += 1 + marks.next().map_or(0, |(_, escaped)| escaped.len_utf8()),
                        other => length += other.len_utf8(),
                    }
                }
                if let (true, Some(Open::Object(key))) = (is_key, open.last_mut()) {
                    *key = read.get(at + 1..at + 1 + length);
                }
            }
            '{' => open.push(Open::Object(None)),
            '[' => open.push(Open::Array(0)),
            '}' if is_missing && at + 1 == read.len() => {
                if let Some(Open::Object(key)) = open.last_mut() {
                    *key = None;
                }
            }
            '}' | ']' => {
                open.pop();
            }
            ',' => match open.last_mut() {
                Some(Open::Object(key)) => *key = None,
                Some(Open::Array(position)) => *position += 1,
                None => {}
            },
            _ => continue,
        }
        is_key = matches!(mark, '{' | ',');
    }
    let mut path = String::new();
    for part in &open {
        match part {
            Open::Object(None) => {}
            Open::Object(Some(key)) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            Open::Array(position) => {
                path.push('[');
                path.push_str(&position.to_string());
                path.push(']');
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read from JSON")]
    struct Sample {
        #[serde(default)]
        count: u8,
        #[serde(default)]
        list: Vec<Sample>,
        #[serde(default)]
        map: BTreeMap<String, bool>,
        #[serde(default)]
        pairs: Vec<Pair>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read from JSON")]
    struct Pair {
        left: u8,
        right: u8,
    }

    #[test]
    fn a_refused_text_names_the_path_of_its_fault() {
        for (text, field) in [
            ("", None),
            ("nonsense", None),
            ("[", Some("[0]")),
            ("7", None),
            (r#"{"count":"many"}"#, Some("count")),
            (r#"{"count":256,"list":[]}"#, Some("count")),
            (r#"{ "count" : { "a": 1 } }"#, Some("count")),
            (r#"{"conut":1}"#, Some("conut")),
            ("{\n  \"map\": {},\n  \"list\": {\"a\": [1, 2]}\n}", Some("list")),
            (r#"{"list":[{},{"count":[]}]}"#, Some("list[1].count")),
            (r#"{"list":[{"list":[{}, {}, 7]}]}"#, Some("list[0].list[2]")),
            (r#"{"map":{"a\",{":true,"ü\\":"no"}}"#, Some(r"map.ü\\")),
            (r#"{"map":{"a":true,"b":nu"#, Some("map.b")),
            (r#"{"pairs":[{"left":1,"right":2},{"left":1}]}"#, Some("pairs[1]")),
            (r#"{"pairs":[{"left":1}  ],"count":1}"#, Some("pairs[0]")),
            (r#"{"count":1} x"#, None),
        ] {
            let error = from_json::<Sample>(text, Code::OptionsInvalid, "not a sample").unwrap_err();
            assert_eq!(error.field(), field, "{text}: {error}");
            assert!(error.to_string().starts_with("not a sample: "), "{error}");
        }
    }
}
