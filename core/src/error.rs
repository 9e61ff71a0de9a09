//! What can go wrong: one error type with stable codes, the same in every language.

use std::fmt;

use serde::Serialize;
use serde_json::json;

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
    /// The trail was closed.
    Closed,
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
        Code::RecordNotFound,
        Code::StoreUnavailable,
        Code::StoreTimeout,
        Code::StoreFailed,
        Code::StorePath,
        Code::Closed,
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
            Code::RecordNotFound => "TT_RECORD_NOT_FOUND",
            Code::StoreUnavailable => "TT_STORE_UNAVAILABLE",
            Code::StoreTimeout => "TT_STORE_TIMEOUT",
            Code::StoreFailed => "TT_STORE_FAILED",
            Code::StorePath => "TT_STORE_PATH",
            Code::Closed => "TT_CLOSED",
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
        matches!(self.0.code, Code::StoreUnavailable | Code::StoreTimeout)
    }

    /// The error as every binding shows it: `{"code","message","field"?,"details"?,"retryable"}`.
    pub fn to_json(&self) -> String {
        let mut object =
            json!({ "code": self.0.code.as_str(), "message": self.0.message, "retryable": self.is_retryable() });
        if let Some(map) = object.as_object_mut() {
            if let Some(field) = &self.0.field {
                map.insert("field".into(), json!(field));
            }
            if !self.0.details.is_empty() {
                map.insert("details".into(), json!(self.0.details));
            }
        }
        object.to_string()
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
    // Keeping track of the path costs as much as the rest, on a caller's own thread: done only once there is a fault.
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|fault| {
        let path = fault.path().to_string();
        let inner = fault.into_inner();
        if path == "." {
            Error::new(code, format!("{what}: {inner}"))
        } else {
            Error::new(code, format!("{what}: `{path}`: {inner}")).with_field(path)
        }
    })?;
    reader
        .end()
        .map_err(|fault| Error::new(code, format!("{what}: {fault}")))?;
    Ok(value)
}
