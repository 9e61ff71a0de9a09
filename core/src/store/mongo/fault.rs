//! What the driver's errors mean to the caller. Kinds, codes and labels decide, never the text.

use std::time::Duration;

use mongodb::error::{
    Error as DriverError, ErrorKind, IndexedWriteError, RETRYABLE_ERROR, RETRYABLE_WRITE_ERROR,
    SYSTEM_OVERLOADED_ERROR, WriteFailure,
};

use super::REACH_TIMEOUT;
use crate::error::{Code, Error};

const DUPLICATE_KEY: i32 = 11_000;
const MAX_TIME_EXPIRED: i32 = 50;
const UNAUTHORIZED: i32 = 13;
/// 18 is MongoDB's own, 8000 Atlas's.
const AUTHENTICATION_FAILED: [i32; 2] = [18, 8_000];
/// No primary, shutting down, stepping down, out of time, in conflict: a later try can succeed.
const PASSING: [i32; 20] = [
    6, 7, 64, 70, 89, 91, 112, 133, 134, 189, 202, 262, 9_001, 10_058, 10_107, 11_600, 11_602, 13_388, 13_435, 13_436,
];

/// Whether the document is there already. Another unique index that somebody put on the collection does not count.
pub(super) fn is_duplicate(error: &IndexedWriteError) -> bool {
    error.code == DUPLICATE_KEY && (!error.message.contains(" index: ") || error.message.contains(" index: _id_ "))
}

/// Whether the server refused for a reason that passes.
pub(super) fn is_passing(code: i32) -> bool {
    PASSING.contains(&code)
}

/// Whether a time limit of ours ended the command.
pub(super) fn is_out_of_time(error: &DriverError) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if command.code == MAX_TIME_EXPIRED)
}

/// Whether the role of the user does not allow the command.
pub(super) fn is_unauthorized(error: &DriverError) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if command.code == UNAUTHORIZED)
}

/// A passing refusal as an error.
pub(super) fn passing(reason: &str, hosts: &str) -> Error {
    Error::new(
        Code::StoreUnavailable,
        format!("MongoDB at {hosts} takes no writes now: {reason}"),
    )
}

/// A driver's error in one line, for people.
pub(super) fn text(error: &DriverError) -> String {
    match &*error.kind {
        ErrorKind::InsertMany(failure) => match (&failure.write_concern_error, &failure.write_errors) {
            (Some(concern), _) => concern.message.clone(),
            (None, Some(errors)) => errors.first().map_or_else(String::new, |first| first.message.clone()),
            (None, None) => "the batch failed".to_owned(),
        },
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => concern.message.clone(),
        ErrorKind::Write(WriteFailure::WriteError(write)) => write.message.clone(),
        ErrorKind::InvalidArgument { message, .. } => message.clone(),
        kind => kind.to_string(),
    }
}

/// What an error means.
pub(super) fn of(error: &DriverError, hosts: &str) -> Error {
    let unavailable = |reason: &str| Error::new(Code::StoreUnavailable, format!("MongoDB at {hosts} {reason}"));
    let failed = |reason: &str| Error::new(Code::StoreFailed, format!("MongoDB at {hosts} {reason}"));
    let timeout = |reason: &str| Error::new(Code::StoreTimeout, format!("MongoDB at {hosts} {reason}"));
    match &*error.kind {
        ErrorKind::ServerSelection { message, .. } => unavailable(&unreachable(message)),
        ErrorKind::DnsResolve { .. } => unavailable("cannot be reached: its name cannot be looked up in DNS"),
        ErrorKind::Io(cause) => unavailable(&format!("cannot be reached: {cause}")),
        ErrorKind::ConnectionPoolCleared { .. } => unavailable("cannot be reached: the connection was lost"),
        ErrorKind::Shutdown => super::closed(),
        ErrorKind::Authentication { .. } => failed(BAD_LOGIN),
        ErrorKind::Command(command) => match command.code {
            MAX_TIME_EXPIRED => timeout("took too long for the query; narrow it by workspace, project or time"),
            // The server's own words repeat the command, and with it what was asked for.
            UNAUTHORIZED => failed(NOT_ALLOWED),
            code if AUTHENTICATION_FAILED.contains(&code) => failed(BAD_LOGIN),
            code if is_passing(code) || is_labelled(error) => passing(&command.message, hosts),
            _ => failed(&format!("answered: {} ({})", command.message, command.code)),
        },
        ErrorKind::InsertMany(failure) if failure.write_concern_error.is_some() => {
            timeout(&format!("did not confirm the batch on enough servers: {}", text(error)))
        }
        ErrorKind::Write(WriteFailure::WriteConcernError(_)) => {
            timeout(&format!("did not confirm the write on enough servers: {}", text(error)))
        }
        _ if is_labelled(error) => unavailable(&format!("cannot be reached: {}", text(error))),
        _ => failed(&format!("answered: {}", text(error))),
    }
}

const BAD_LOGIN: &str =
    "refused user or password; check both in the URL, and `authSource` when the user belongs to another database";

const NOT_ALLOWED: &str =
    "does not allow this to the user of the URL; a role needs `find` to read and `insert` to write audit_history";

fn is_labelled(error: &DriverError) -> bool {
    [RETRYABLE_WRITE_ERROR, RETRYABLE_ERROR, SYSTEM_OVERLOADED_ERROR]
        .iter()
        .any(|label| error.contains_label(label))
}

/// The driver describes the whole topology; its first cause is what a person needs.
fn unreachable(message: &str) -> String {
    let cause = message
        .split_once("Error: Kind: ")
        .and_then(|(_, rest)| rest.split(", labels:").next());
    match cause {
        Some(cause) => format!("cannot be reached: {cause}"),
        None => format!(
            "cannot be reached: no usable server was found ({} s unless the URL says otherwise)",
            seconds(REACH_TIMEOUT)
        ),
    }
}

fn seconds(time: Duration) -> u64 {
    time.as_secs()
}
