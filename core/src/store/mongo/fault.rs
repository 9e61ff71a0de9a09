//! What the driver's errors mean to the caller. Kinds, codes and labels decide, never the text.

use mongodb::error::{
    Error as DriverError, ErrorKind, IndexedWriteError, RETRYABLE_ERROR, RETRYABLE_WRITE_ERROR,
    SYSTEM_OVERLOADED_ERROR, WriteFailure,
};

use super::options::REACH_TIMEOUT;
use crate::error::{Code, Error};

const DUPLICATE_KEY: i32 = 11_000;
const MAX_TIME_EXPIRED: i32 = 50;
const UNAUTHORIZED: i32 = 13;
/// 18 is MongoDB's own, 8000 Atlas's.
const AUTHENTICATION_FAILED: [i32; 2] = [18, 8_000];
/// No primary, shutting down, stepping down, out of time, in conflict, interrupted, out of disk space: a later try can succeed.
/// A server labels these only for a retryable write, so not on a standalone, and not one by one in a batch.
const PASSING: [i32; 28] = [
    6, 7, 24, 46, 63, 64, 70, 89, 91, 112, 133, 134, 175, 189, 202, 249, 262, 365, 9_001, 10_058, 10_107, 11_600,
    11_601, 11_602, 13_388, 13_435, 13_436, 14_031,
];

/// Where an error came from, for its message.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The server, as in "MongoDB at db1:27017".
    pub(super) server: String,
    pub(super) collection: String,
}

/// What a call asks of the server; the name of the privilege that its user needs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    Find,
    Insert,
    Update,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Action::Find => "find",
            Action::Insert => "insert",
            Action::Update => "update",
        }
    }
}

/// Whether the document is there already. Another unique index that somebody put on the collection does not count; the driver does not
/// hand on which one it was, so that the message, whose form is the server's since 2.6, has to say it.
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
pub(super) fn passing(reason: &str, place: &Place) -> Error {
    Error::new(
        Code::StoreUnavailable,
        format!("{} takes none of this now: {reason}", place.server),
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

/// What an error of a call means.
pub(super) fn of(error: &DriverError, action: Action, place: &Place) -> Error {
    let answer = |code, reason: &str| Error::new(code, format!("{} {reason}", place.server));
    let unavailable = |reason: &str| answer(Code::StoreUnavailable, reason);
    let failed = |reason: &str| answer(Code::StoreFailed, reason);
    let unconfirmed = || {
        let reason = format!("did not confirm the write on enough servers: {}", text(error));
        answer(Code::StoreTimeout, &reason)
    };
    match &*error.kind {
        ErrorKind::ServerSelection { message, .. } => unavailable(&unreachable(message)),
        ErrorKind::DnsResolve { .. } => unavailable("cannot be reached: its name cannot be looked up in DNS"),
        ErrorKind::Io(cause) => unavailable(&format!("cannot be reached: {cause}")),
        ErrorKind::ConnectionPoolCleared { .. } => unavailable("cannot be reached: the connection was lost"),
        ErrorKind::Shutdown => super::closed(),
        _ if is_labelled(error) => unavailable(&format!("cannot take this now: {}", text(error))),
        ErrorKind::Authentication { .. } => failed(BAD_LOGIN),
        ErrorKind::Command(command) => match command.code {
            MAX_TIME_EXPIRED => answer(
                Code::StoreTimeout,
                "took too long for this; narrow it by workspace, project or time",
            ),
            // The server's own words repeat the command, and with it what was asked for.
            UNAUTHORIZED => failed(&format!(
                "does not allow this to its user: the role lacks the action `{}` on `{}`",
                action.name(),
                place.collection
            )),
            code if AUTHENTICATION_FAILED.contains(&code) => failed(BAD_LOGIN),
            code if is_passing(code) => passing(&command.message, place),
            _ => failed(&format!("answered: {} ({})", command.message, command.code)),
        },
        ErrorKind::InsertMany(failure) if failure.write_concern_error.is_some() => unconfirmed(),
        ErrorKind::Write(WriteFailure::WriteConcernError(_)) => unconfirmed(),
        ErrorKind::Write(WriteFailure::WriteError(write)) if is_passing(write.code) => passing(&write.message, place),
        _ => failed(&format!("answered: {}", text(error))),
    }
}

const BAD_LOGIN: &str =
    "refused user or password; check both in the URL, and `authSource` when the user belongs to another database";

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
            REACH_TIMEOUT.as_secs()
        ),
    }
}
