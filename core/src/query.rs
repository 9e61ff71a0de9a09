//! How is it found? Filters, cursors and pages.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{Code, Error, Result};
use crate::schema::{MAX_SAFE_INTEGER, Outcome, Timestamp};

/// Items on a page when nobody says.
pub const DEFAULT_LIMIT: u32 = 50;
/// Most items on a page; a larger wish is clamped to it.
pub const MAX_LIMIT: u32 = 200;
/// Largest `offset`; page by cursor beyond it.
pub const MAX_OFFSET: u64 = 1_000_000;
/// A total is exact up to this number and a lower bound past it, so that counting cannot be made slow.
pub const TOTAL_CAP: u64 = 10_000;
const MAX_TEXT: usize = 1_024;
const MAX_OPERATION_TYPES: usize = 32;

/// Every parameter of a query as REST and bindings name it, with its TypeScript type and meaning.
pub const PARAMETERS: &[(&str, &str, &str)] = &[
    (
        "workspaceId",
        "string",
        "Records of this workspace, its worktrees, and the runs that it launched.",
    ),
    ("projectNumber", "number | string", "Records of this project."),
    (
        "operationType",
        "string | string[]",
        "Records of this type or one of these; `task.*` takes all that begin with `task.`.",
    ),
    ("taskId", "string", "Records of this task."),
    ("sessionId", "string", "Records of this session."),
    ("runId", "string", "Records of this run."),
    ("actor", "string", "Records of this actor."),
    ("outcome", "Outcome", "Records with this outcome."),
    (
        "startTime",
        "string | number",
        "Earliest time, inclusive: RFC 3339, a date, or milliseconds since 1970.",
    ),
    ("endTime", "string | number", "Latest time, exclusive."),
    (
        "order",
        "'asc' | 'desc'",
        "Oldest or newest first; newest first by default.",
    ),
    (
        "limit",
        "number | string",
        "Items on a page: 50 by default, clamped to 200.",
    ),
    (
        "offset",
        "number | string",
        "Records to skip; a cursor is quicker and stable.",
    ),
    ("cursor", "string", "The `nextCursor` of an earlier page."),
    (
        "after",
        "string",
        "Catch up by arrival, oldest first: `0`, `now` (no items, and where to go on), or the `nextCursor` of a page read with `after`.",
    ),
];

/// Direction of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

/// One operation type, or all that begin with a prefix (`task.*`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperationFilter {
    /// Exactly this one.
    Exact(String),
    /// Every type that begins with this text, which ends in a dot.
    Prefix(String),
}

/// Where a page goes on. Opaque and versioned as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// Behind the record with this time and id, in the page's order.
    Keyset {
        /// Time of the last record seen.
        timestamp: Timestamp,
        /// Id of the last record seen.
        audit_id: Uuid,
    },
    /// Behind this arrival, oldest first.
    Arrival {
        /// The store's arrival number; 0 is before everything.
        arrival: u64,
        /// Whether all that had arrived was read. A store in which records can become visible behind later ones
        /// (`late_arrivals` of the store) then reads that much again, so that a follower misses none; what it has seen
        /// already it knows by its id.
        caught_up: bool,
    },
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The first byte is version and kind, so that an old cursor is told apart from a damaged one.
        let bytes: Vec<u8> = match self {
            Cursor::Keyset { timestamp, audit_id } => {
                [&[0x11][..], &timestamp.millis().to_be_bytes(), audit_id.as_bytes()].concat()
            }
            Cursor::Arrival { arrival, caught_up } => {
                let kind = if *caught_up { 0x13 } else { 0x12 };
                [&[kind][..], &arrival.to_be_bytes()].concat()
            }
        };
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl Cursor {
    /// Strictly behind this arrival, oldest first.
    pub const fn after(arrival: u64) -> Self {
        Cursor::Arrival {
            arrival,
            caught_up: false,
        }
    }

    /// Behind all that has arrived, whatever that is: asked with it, a trail answers no record and the place to go on from, so that a
    /// follower need not read what was there before. As text, `now`.
    pub const NOW: Self = Self::after(u64::MAX);

    /// Reads a cursor that [`Cursor`] printed; `None` when it is damaged or of a version that this release does not know.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (kind, rest) = bytes.split_first()?;
        match kind {
            0x11 => {
                let (millis, id) = rest.split_first_chunk::<8>()?;
                Some(Cursor::Keyset {
                    timestamp: Timestamp::from_millis(i64::from_be_bytes(*millis)),
                    audit_id: Uuid::from_bytes(id.try_into().ok()?),
                })
            }
            0x12 | 0x13 => Some(Cursor::Arrival {
                caught_up: *kind == 0x13,
                arrival: u64::from_be_bytes(rest.try_into().ok()?),
            }),
            _ => None,
        }
    }
}

/// A question to a store. Every filter narrows; none set asks for everything.
///
/// ```
/// use tasktrail::Query;
/// let query = Query::workspace("ws_abc").limit(20);
/// assert_eq!(query.limit, 20);
/// let from_rest = Query::from_json(r#"{"projectNumber":"42","operationType":"task.*"}"#).unwrap();
/// assert_eq!(from_rest.project_number, Some(42));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Matches the record's own workspace or the origin of its run.
    pub workspace_id: Option<String>,
    /// Matches the project.
    pub project_number: Option<u64>,
    /// Matches any of these types; empty matches all.
    pub operation_types: Vec<OperationFilter>,
    /// Matches the task.
    pub task_id: Option<String>,
    /// Matches the session.
    pub session_id: Option<String>,
    /// Matches the run.
    pub run_id: Option<String>,
    /// Matches the actor.
    pub actor: Option<String>,
    /// Matches the outcome.
    pub outcome: Option<Outcome>,
    /// Earliest time, inclusive.
    pub start_time: Option<Timestamp>,
    /// Latest time, exclusive.
    pub end_time: Option<Timestamp>,
    /// Order by `(timestamp, audit_id)`; `after` is always oldest first.
    pub order: Order,
    /// Items on a page, 1 to [`MAX_LIMIT`].
    pub limit: u32,
    /// Records to skip, at most [`MAX_OFFSET`]; a cursor is quicker and stable.
    pub offset: u64,
    /// Where to go on; `Arrival` pages by arrival.
    pub cursor: Option<Cursor>,
    /// Whether to count all that match. Without it [`Page::total`] is no more than the page holds, and a page costs less.
    pub counted: bool,
}

impl Default for Query {
    fn default() -> Self {
        Query {
            workspace_id: None,
            project_number: None,
            operation_types: Vec::new(),
            task_id: None,
            session_id: None,
            run_id: None,
            actor: None,
            outcome: None,
            start_time: None,
            end_time: None,
            order: Order::Descending,
            limit: DEFAULT_LIMIT,
            offset: 0,
            cursor: None,
            counted: true,
        }
    }
}

impl Query {
    /// Everything of one workspace, its worktrees and the runs that it launched.
    pub fn workspace(workspace_id: impl Into<String>) -> Self {
        Query {
            workspace_id: Some(workspace_id.into()),
            ..Query::default()
        }
    }

    /// Everything of one project.
    pub fn project(project_number: u64) -> Self {
        Query {
            project_number: Some(project_number),
            ..Query::default()
        }
    }

    /// Sets the page size, clamped to 1..=[`MAX_LIMIT`].
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, MAX_LIMIT);
        self
    }

    /// Goes on behind a page's `nextCursor`.
    #[must_use]
    pub fn cursor(mut self, cursor: Cursor) -> Self {
        self.cursor = Some(cursor);
        self
    }

    /// Reads a query as REST and bindings give it: camelCase names, numbers also as text.
    ///
    /// # Errors
    /// [`Code::QueryInvalid`]; the message and [`Error::field`] name the parameter.
    pub fn from_json(text: &str) -> Result<Self> {
        let object: serde_json::Map<String, Value> =
            crate::error::from_json(text, Code::QueryInvalid, "a query is a JSON object")?;
        let mut query = Query::default();
        for (name, value) in &object {
            // An absent filter is often passed as null or, from a form, as an empty text.
            if value.is_null() || value.as_str() == Some("") {
                continue;
            }
            query.set(name, value)?;
        }
        if let (Some(start), Some(end)) = (query.start_time, query.end_time)
            && start > end
        {
            return Err(invalid("startTime", "is later than `endTime`"));
        }
        if query.cursor.is_some() && query.offset > 0 {
            return Err(invalid("offset", "cannot be combined with `cursor` or `after`"));
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<()> {
        match name {
            "workspaceId" => self.workspace_id = Some(text(name, value)?),
            "projectNumber" => self.project_number = Some(integer(name, value, 0, MAX_SAFE_INTEGER)?),
            "operationType" => {
                let many = match value {
                    Value::Array(many) => many.as_slice(),
                    one => std::slice::from_ref(one),
                };
                if many.len() > MAX_OPERATION_TYPES {
                    return Err(invalid(name, &format!("takes at most {MAX_OPERATION_TYPES} values")));
                }
                self.operation_types = many
                    .iter()
                    .map(|one| operation_filter(name, one))
                    .collect::<Result<_>>()?;
            }
            "taskId" => self.task_id = Some(text(name, value)?),
            "sessionId" => self.session_id = Some(text(name, value)?),
            "runId" => self.run_id = Some(text(name, value)?),
            "actor" => self.actor = Some(text(name, value)?),
            "outcome" => {
                let outcome = Outcome::parse(&text(name, value)?);
                let allowed = Outcome::TEXTS.join(", ");
                self.outcome = Some(outcome.ok_or_else(|| invalid(name, &format!("is one of {allowed}")))?);
            }
            "startTime" => self.start_time = Some(time(name, value)?),
            "endTime" => self.end_time = Some(time(name, value)?),
            "order" => {
                self.order = match text(name, value)?.as_str() {
                    "asc" => Order::Ascending,
                    "desc" => Order::Descending,
                    _ => return Err(invalid(name, "is asc or desc")),
                }
            }
            "limit" => {
                let limit = integer(name, value, 1, u64::MAX)?;
                self.limit = u32::try_from(limit).unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
            }
            "offset" => self.offset = integer(name, value, 0, MAX_OFFSET)?,
            "cursor" | "after" => {
                let given = text(name, value)?;
                let parsed = match (name, given.as_str()) {
                    ("after", "0") => Some(Cursor::after(0)),
                    ("after", "now") => Some(Cursor::NOW),
                    _ => Cursor::parse(&given),
                };
                let right_kind = match parsed {
                    Some(Cursor::Keyset { .. }) => name == "cursor",
                    Some(Cursor::Arrival { .. }) => name == "after",
                    None => false,
                };
                if !right_kind {
                    let hint = if name == "after" {
                        "is the nextCursor of a page read with `after`, 0 for the beginning, or now for the end"
                    } else {
                        "is the nextCursor of an earlier page, unchanged"
                    };
                    return Err(invalid(name, hint));
                }
                if self.cursor.is_some() {
                    return Err(invalid(
                        name,
                        "cannot be given together with the other of `cursor` and `after`",
                    ));
                }
                self.cursor = parsed;
            }
            unknown => return Err(invalid(unknown, "is not a parameter of this query")),
        }
        Ok(())
    }
}

fn invalid(name: &str, problem: &str) -> Error {
    Error::new(Code::QueryInvalid, format!("`{name}` {problem}")).with_field(name)
}

fn text(name: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) if text.contains('\0') => Err(invalid(name, "must not contain a NUL character")),
        Value::String(text) if text.len() > MAX_TEXT => {
            Err(invalid(name, &format!("is at most {MAX_TEXT} bytes long")))
        }
        Value::String(text) => Ok(text.clone()),
        _ => Err(invalid(name, "takes one text")),
    }
}

fn integer(name: &str, value: &Value, least: u64, most: u64) -> Result<u64> {
    let number = match value {
        Value::Number(number) => number.as_u64(),
        // Only digits: `parse` alone would take "+5".
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            // More digits than fit are a huge number, not a malformed one.
            Some(text.parse().unwrap_or(if text.is_empty() { 0 } else { u64::MAX }))
        }
        _ => None,
    };
    match number {
        Some(number) if (least..=most).contains(&number) => Ok(number),
        _ if most == u64::MAX => Err(invalid(name, &format!("is a whole number of at least {least}"))),
        _ => Err(invalid(name, &format!("is a whole number from {least} to {most}"))),
    }
}

fn time(name: &str, value: &Value) -> Result<Timestamp> {
    let parsed = match value {
        Value::String(text) => Timestamp::parse(text).or_else(|| millis(text)),
        Value::Number(number) => number.as_i64().map(Timestamp::from_millis),
        _ => None,
    };
    parsed.ok_or_else(|| {
        let known = "is an RFC 3339 time such as 2026-11-22T22:00:00Z, a date, or milliseconds since 1970";
        invalid(name, known)
    })
}

/// Milliseconds since 1970 as an address has them. Fewer digits are more likely to be seconds, or a year.
fn millis(text: &str) -> Option<Timestamp> {
    let digits = text.len() >= 11 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).map(Timestamp::from_millis)
}

fn operation_filter(name: &str, value: &Value) -> Result<OperationFilter> {
    let given = text(name, value)?;
    let (stem, prefix) = match given.strip_suffix(".*") {
        Some(stem) => (stem, true),
        None => (given.as_str(), false),
    };
    let fits = !stem.is_empty()
        && stem
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    match (fits, prefix) {
        (true, true) => Ok(OperationFilter::Prefix(format!("{stem}."))),
        (true, false) => Ok(OperationFilter::Exact(given)),
        _ => Err(invalid(
            name,
            "is an operation type such as task.started, or a prefix such as task.*",
        )),
    }
}

/// A record as a store gave it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The record's JSON; [`crate::schema::Record::from_json`] makes it typed.
    pub json: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Its id.
    pub audit_id: Uuid,
    /// The store's arrival number.
    pub arrival: u64,
}

/// The answer to a [`Query`].
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The records, in the query's order.
    pub items: Vec<StoredRecord>,
    /// How many records match the filters, cursor and offset apart; see [`Page::total_is_lower_bound`].
    pub total: u64,
    /// Whether there are more than [`Page::total`].
    pub total_is_lower_bound: bool,
    /// The limit that was applied.
    pub limit: u32,
    /// The offset that was applied.
    pub offset: u64,
    /// Where the next page begins; `None` at the end. A page by arrival always has one, so that a follower can go on later.
    pub next_cursor: Option<Cursor>,
}

impl Page {
    /// The page as REST and bindings give it.
    pub fn to_json(&self) -> String {
        use fmt::Write as _;
        let mut text = String::with_capacity(self.items.iter().map(|item| item.json.len() + 1).sum::<usize>() + 128);
        text.push_str("{\"items\":[");
        for (position, item) in self.items.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            text.push_str(&item.json);
        }
        // Writing to a String cannot fail.
        let _ = write!(text, "],\"total\":{}", self.total);
        if self.total_is_lower_bound {
            text.push_str(",\"totalIsLowerBound\":true");
        }
        let _ = write!(
            text,
            ",\"limit\":{},\"offset\":{},\"nextCursor\":",
            self.limit, self.offset
        );
        let _ = match &self.next_cursor {
            Some(cursor) => write!(text, "\"{cursor}\"}}"),
            None => write!(text, "null}}"),
        };
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_refuse_damage() {
        let keyset = Cursor::Keyset {
            timestamp: Timestamp::from_millis(-5),
            audit_id: Uuid::from_u128(7),
        };
        let arrival = Cursor::after(u64::MAX);
        for cursor in [keyset, arrival] {
            let text = cursor.to_string();
            assert_eq!(Cursor::parse(&text), Some(cursor));
            assert_eq!(Cursor::parse(text.get(1..).unwrap()), None);
            assert_eq!(Cursor::parse(&format!("{text}AA")), None);
        }
        assert_eq!(Cursor::parse(""), None);
    }

    #[test]
    fn every_documented_parameter_is_known() {
        for (name, ..) in PARAMETERS {
            let error = Query::from_json(&format!(r#"{{"{name}":{{}}}}"#)).unwrap_err();
            assert!(!error.to_string().contains("not a parameter"), "{error}");
        }
    }

    #[test]
    fn a_time_in_an_address_may_be_milliseconds() {
        for json in [
            r#"{"endTime":"1763848800000"}"#,
            r#"{"endTime":1763848800000}"#,
            r#"{"endTime":"2025-11-22T22:00:00Z"}"#,
        ] {
            let query = Query::from_json(json).unwrap();
            assert_eq!(
                query.end_time,
                Some(Timestamp::from_millis(1_763_848_800_000)),
                "{json}"
            );
        }
    }

    #[test]
    fn bad_parameters_are_named() {
        for (json, field) in [
            (r#"{"limit":"0"}"#, "limit"),
            (r#"{"limit":-1}"#, "limit"),
            (r#"{"limit":"ten"}"#, "limit"),
            (r#"{"limit":1.5}"#, "limit"),
            (r#"{"offset":"99999999999999999999"}"#, "offset"),
            (r#"{"workspaceId":{"$ne":"x"}}"#, "workspaceId"),
            (r#"{"workspaceId":["a","b"]}"#, "workspaceId"),
            (r#"{"workspaceId":"a\u0000b"}"#, "workspaceId"),
            (r#"{"projectNumber":"9007199254740992"}"#, "projectNumber"),
            (r#"{"startTime":"soon"}"#, "startTime"),
            (r#"{"startTime":"1764000000"}"#, "startTime"),
            (r#"{"endTime":"99999999999999999999"}"#, "endTime"),
            (r#"{"startTime":"2026-02-02","endTime":"2026-02-01"}"#, "startTime"),
            (r#"{"outcome":"fine"}"#, "outcome"),
            (r#"{"order":"up"}"#, "order"),
            (r#"{"cursor":"nonsense"}"#, "cursor"),
            (r#"{"after":"EQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#, "after"),
            (r#"{"operationType":"task*"}"#, "operationType"),
            (r#"{"$where":"1"}"#, "$where"),
        ] {
            let error = Query::from_json(json).expect_err(json);
            assert_eq!(error.code(), Code::QueryInvalid);
            assert_eq!(error.field(), Some(field), "{json}: {error}");
            assert!(error.to_string().contains(field));
        }
    }

    #[test]
    fn a_large_limit_is_clamped_and_text_numbers_are_read() {
        let query =
            Query::from_json(r#"{"limit":"100000","projectNumber":"42","operationType":["task.*","a.b"]}"#).unwrap();
        assert_eq!(query.limit, MAX_LIMIT);
        assert_eq!(query.project_number, Some(42));
        assert_eq!(
            query.operation_types,
            [
                OperationFilter::Prefix("task.".into()),
                OperationFilter::Exact("a.b".into())
            ]
        );
        assert_eq!(
            Query::from_json(r#"{"limit":"99999999999999999999999"}"#)
                .unwrap()
                .limit,
            MAX_LIMIT
        );
    }
}
