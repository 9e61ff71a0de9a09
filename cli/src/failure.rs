//! What ends a command, and the exit code that says so.

use std::io;
use std::process::ExitCode;

use tasktrail::{Code, Error};

/// Nothing was found, or what was looked at is not as it should be.
pub(crate) const NOTHING: u8 = 1;
/// The arguments or the event are wrong.
pub(crate) const USAGE: u8 = 2;
/// The store, the spool or the output cannot be used.
pub(crate) const UNAVAILABLE: u8 = 3;
/// With `--strict`: the event is in the spool and not in the store.
pub(crate) const DELAYED: u8 = 4;
/// Ctrl-C, as a shell has it: 128 and the number of the signal.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    Usage(String),
    Refused(Error),
    Unavailable(String),
    Nothing(String),
    /// Said already, in words of the command's own.
    Said(u8),
    /// The reader of our output has gone: `| head`.
    Pipe,
}

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.code() {
            Code::EventInvalid => Failure::Refused(error),
            Code::QueryInvalid
            | Code::UrlInvalid
            | Code::OptionsInvalid
            | Code::PolicyInvalid
            | Code::WorkspaceInvalid
            | Code::EventTooLarge => Failure::Usage(with_code(&error)),
            Code::RecordNotFound => Failure::Nothing(with_code(&error)),
            _ => Failure::Unavailable(with_code(&error)),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Pipe,
            _ => Failure::Unavailable(format!("cannot write: {error}")),
        }
    }
}

pub(crate) fn with_code(error: &Error) -> String {
    format!("{error} ({})", error.code())
}

/// Says why on stderr, and answers the exit code.
pub(crate) fn end(outcome: Result<()>) -> ExitCode {
    let (message, code) = match outcome {
        Ok(()) | Err(Failure::Pipe) => return ExitCode::SUCCESS,
        Err(Failure::Said(code)) => return ExitCode::from(code),
        Err(Failure::Refused(error)) => (crate::emit::refusal(&error), USAGE),
        Err(Failure::Usage(message)) => (message, USAGE),
        Err(Failure::Unavailable(message)) => (message, UNAVAILABLE),
        Err(Failure::Nothing(message)) => (message, NOTHING),
    };
    note(&message);
    ExitCode::from(code)
}

/// A line for people; that nobody reads it stops nothing.
pub(crate) fn note(message: &str) {
    use io::Write as _;
    let _ = writeln!(io::stderr(), "tasktrail: {}", crate::show::plain(message));
}
