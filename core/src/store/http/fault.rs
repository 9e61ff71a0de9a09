//! What an answer that is no success, or none at all, means to the recorder.
//!
//! What is about the way there or about who asks (a key, an address, a limit) says nothing about the records: they are kept and sent
//! again, for somebody may put it right meanwhile. Only what is about a record itself is final.

use serde::Deserialize;

use super::client::Answer;
use crate::error::{Code, Error};

/// Longest explanation of an API that is repeated, in characters.
const MAX_EXPLANATION: usize = 200;

/// The API could not be asked, or its answer broke off.
pub(super) fn of_transport(error: &ureq::Error, base: &str) -> Error {
    match error {
        ureq::Error::Timeout(which) => Error::new(
            Code::StoreTimeout,
            format!("the API at {base} did not answer in time ({which})"),
        ),
        ureq::Error::BodyExceedsLimit(most) => Error::new(
            Code::StoreUnavailable,
            format!("the API at {base} answered more than {most} bytes, which is no answer of a Tasktrail API"),
        ),
        ureq::Error::Io(cause) => {
            let problem = format!("cannot be reached: {cause}");
            let hint = if problem.contains("UnknownIssuer") {
                "; a root of your own is named by SSL_CERT_FILE"
            } else {
                ""
            };
            unavailable(base, &(problem + hint))
        }
        ureq::Error::HostNotFound => unavailable(base, "cannot be reached: its name cannot be looked up"),
        other => unavailable(base, &format!("cannot be reached: {other}")),
    }
}

fn unavailable(base: &str, problem: &str) -> Error {
    Error::new(Code::StoreUnavailable, format!("the API at {base} {problem}"))
}

/// An answer that is no success.
pub(super) fn of_status(answer: &Answer, base: &str) -> Error {
    let said = explanation(&answer.body);
    let status = answer.status;
    let refused = |problem: &str| {
        Error::new(
            Code::StoreFailed,
            format!("the API at {base} {problem} ({status}){said}"),
        )
    };
    match status {
        300..=399 => refused("points elsewhere, where the records are not sent; name the address itself"),
        401 => refused("does not know the key; check `apiKey` or STATE_TRACKING_API_KEY"),
        403 => refused("does not allow this to the key"),
        404 | 405 | 501 => refused(
            "has no audit history there; the URL ends before `/api`, and the API must be a Tasktrail of at least this version",
        ),
        408 | 504 => Error::new(
            Code::StoreTimeout,
            format!("the API at {base} did not answer in time ({status}){said}"),
        ),
        413 => refused("takes no body of this size"),
        425 | 429 => unavailable(base, &format!("takes no more requests now ({status}){said}")),
        500..=599 => unavailable(base, &format!("cannot answer now ({status}){said}")),
        _ => refused("refused what was sent"),
    }
}

/// Whether an answer is about the sender or the way, and so says nothing about the records.
pub(super) fn is_about_the_sender(status: u16) -> bool {
    matches!(
        status,
        300..=399 | 401 | 402 | 403 | 404 | 405 | 407 | 421 | 426 | 501 | 505 | 511
    )
}

/// The answer of something that is no Tasktrail API.
pub(super) fn of_nonsense(base: &str, problem: &str) -> Error {
    unavailable(
        base,
        &format!("gave an answer that is none of a Tasktrail API: {problem}"),
    )
}

/// The stable code in an API's error.
pub(super) fn code(body: &[u8]) -> Option<String> {
    Fault::read(body).and_then(|fault| fault.code)
}

#[derive(Debug, Deserialize)]
struct Fault {
    code: Option<String>,
    message: Option<String>,
}

impl Fault {
    fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

/// What an API says to its error, in one short line; nothing when it says it in no way that is known.
fn explanation(body: &[u8]) -> String {
    let message = Fault::read(body).and_then(|fault| fault.message);
    match message.filter(|message| !message.trim().is_empty()) {
        Some(message) => {
            let line: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            format!(": {}", line.chars().take(MAX_EXPLANATION).collect::<String>())
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    const BASE: &str = "http://127.0.0.1:1";

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            retry_after: None,
            date: None,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_status_says_whether_a_later_try_can_succeed() {
        for (status, code) in [
            (302, Code::StoreFailed),
            (400, Code::StoreFailed),
            (401, Code::StoreFailed),
            (403, Code::StoreFailed),
            (404, Code::StoreFailed),
            (408, Code::StoreTimeout),
            (413, Code::StoreFailed),
            (418, Code::StoreFailed),
            (425, Code::StoreUnavailable),
            (429, Code::StoreUnavailable),
            (500, Code::StoreUnavailable),
            (501, Code::StoreFailed),
            (502, Code::StoreUnavailable),
            (503, Code::StoreUnavailable),
            (504, Code::StoreTimeout),
        ] {
            let error = of_status(&answer(status, "<html>"), BASE);
            assert_eq!(error.code(), code, "{status}");
            assert!(
                error.to_string().contains(BASE) && error.to_string().contains(&status.to_string()),
                "{error}"
            );
            assert!(!error.to_string().contains("html"), "{error}");
        }
    }

    #[test]
    fn what_is_not_about_the_records_is_told_apart() {
        for status in [301, 302, 307, 401, 403, 404, 405, 407, 501] {
            assert!(is_about_the_sender(status), "{status}");
        }
        for status in [200, 202, 400, 408, 413, 422, 429, 500, 503] {
            assert!(!is_about_the_sender(status), "{status}");
        }
    }

    #[test]
    fn an_explanation_is_one_short_line() {
        let body = serde_json::json!({ "code": "TT_X", "message": format!("no\r\n\u{1b}[31m{}", "x".repeat(900)) });
        let error = of_status(&answer(503, &body.to_string()), BASE).to_string();
        assert!(
            error.contains(": no ") && error.len() < 400 && !error.contains(char::is_control),
            "{error}"
        );
        assert_eq!(code(body.to_string().as_bytes()).as_deref(), Some("TT_X"));
        assert_eq!(code(b"<html>"), None);
    }

    #[test]
    fn a_way_that_fails_can_succeed_later() {
        for error in [
            ureq::Error::Io(io::ErrorKind::ConnectionRefused.into()),
            ureq::Error::HostNotFound,
            ureq::Error::ConnectionFailed,
            ureq::Error::Timeout(ureq::Timeout::Global),
            ureq::Error::BodyExceedsLimit(5),
            ureq::Error::Tls("bad"),
        ] {
            assert!(of_transport(&error, BASE).is_retryable(), "{error}");
        }
    }
}
