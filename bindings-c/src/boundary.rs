//! What may cross between C and Rust: checked pointers in, owned things out, no panic either way.
//!
//! Only this file and `tt_string_free` turn a raw pointer into something that Rust may touch.

use std::ffi::{c_char, c_void};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use serde_json::json;
use tasktrail::Error;

use crate::last_error;
use crate::status::tt_status;
use crate::subscription::tt_subscription;
use crate::trail::tt_trail;

/// Why an export fails: the core refused, or the binding did before the core was asked.
#[derive(Debug)]
pub(crate) enum Fault {
    Core(Error),
    Binding {
        status: tt_status,
        field: Option<&'static str>,
        message: String,
    },
}

impl Fault {
    fn argument(status: tt_status, argument: &'static str, message: String) -> Self {
        Fault::Binding {
            status,
            field: Some(argument),
            message,
        }
    }

    pub(crate) fn null(argument: &'static str) -> Self {
        let message = format!("argument `{argument}` must not be NULL");
        Fault::argument(tt_status::TT_NULL_POINTER, argument, message)
    }

    pub(crate) fn not_found(audit_id: &str) -> Self {
        let message = format!("there is no record with the id {audit_id}");
        Fault::argument(tt_status::TT_RECORD_NOT_FOUND, "audit_id", message)
    }

    pub(crate) fn closed() -> Self {
        Fault::Binding {
            status: tt_status::TT_CLOSED,
            field: None,
            message: "the trail is closed; open another one".into(),
        }
    }

    pub(crate) fn status(&self) -> tt_status {
        match self {
            Fault::Core(error) => error.code().into(),
            Fault::Binding { status, .. } => *status,
        }
    }

    pub(crate) fn to_json(&self) -> String {
        match self {
            Fault::Core(error) => error.to_json(),
            Fault::Binding { status, field, message } => {
                let mut error =
                    json!({ "code": status.name().to_string_lossy(), "message": message, "retryable": false });
                if let (Some(object), Some(field)) = (error.as_object_mut(), field) {
                    object.insert("field".into(), json!(field));
                }
                error.to_string()
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Core(error) => error.fmt(f),
            Fault::Binding { message, .. } => f.write_str(message),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Core(error)
    }
}

/// The body of every export that answers a status: contains panics and keeps the reason of a failure for `tt_last_error_...`.
pub(crate) fn call(export: &'static str, work: impl FnOnce() -> Result<(), Fault>) -> tt_status {
    // What a panic could leave half-done lies behind the core's own locks, which outlast it; nothing here is shared.
    let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        // Dropping a payload runs code of whoever panicked, which could panic again.
        std::mem::forget(payload);
        Err(Error::panicked(export).into())
    });
    match outcome {
        Ok(()) => tt_status::TT_OK,
        Err(fault) => last_error::keep(&fault),
    }
}

/// The body of every export that answers nothing.
pub(crate) fn contain(export: &'static str, work: impl FnOnce()) {
    call(export, || {
        work();
        Ok(())
    });
}

/// The bytes of an argument; `None` for NULL with length 0.
///
/// # Safety
/// Unless it is NULL, `data` points to `len` readable bytes that nobody changes during the call.
unsafe fn slice<'a>(data: *const u8, len: usize, argument: &'static str) -> Result<Option<&'a [u8]>, Fault> {
    if isize::try_from(len).is_err() {
        let message = format!("argument `{argument}` has the impossible length {len}");
        return Err(Fault::argument(tt_status::TT_LENGTH_INVALID, argument, message));
    }
    if data.is_null() {
        return if len == 0 { Ok(None) } else { Err(Fault::null(argument)) };
    }
    // SAFETY: not NULL, not too long, and the rest is this function's own condition.
    Ok(Some(unsafe { std::slice::from_raw_parts(data, len) }))
}

fn utf8<'a>(bytes: &'a [u8], argument: &'static str) -> Result<&'a str, Fault> {
    std::str::from_utf8(bytes).map_err(|error| {
        let message = format!(
            "argument `{argument}` is not UTF-8 from byte {} on",
            error.valid_up_to()
        );
        Fault::argument(tt_status::TT_NOT_UTF8, argument, message)
    })
}

/// A text that must be there.
///
/// # Safety
/// As the contract says of a pointer and length passed in.
pub(crate) unsafe fn text<'a>(data: *const c_char, len: usize, argument: &'static str) -> Result<&'a str, Fault> {
    // SAFETY: passed on to the caller.
    match unsafe { slice(data.cast(), len, argument) }? {
        Some(bytes) => utf8(bytes, argument),
        None => Err(Fault::null(argument)),
    }
}

/// A text that may be left out, as NULL or with length 0, and then is `default`.
///
/// # Safety
/// As the contract says of a pointer and length passed in.
pub(crate) unsafe fn text_or<'a>(
    data: *const c_char,
    len: usize,
    argument: &'static str,
    default: &'static str,
) -> Result<&'a str, Fault> {
    // SAFETY: passed on to the caller.
    match unsafe { slice(data.cast(), len, argument) }? {
        Some(bytes) if !bytes.is_empty() => utf8(bytes, argument),
        _ => Ok(default),
    }
}

/// Bytes that may be left out.
///
/// # Safety
/// As the contract says of a pointer and length passed in.
pub(crate) unsafe fn bytes<'a>(
    data: *const c_void,
    len: usize,
    argument: &'static str,
) -> Result<Option<&'a [u8]>, Fault> {
    // SAFETY: passed on to the caller.
    unsafe { slice(data.cast(), len, argument) }
}

/// A place that the caller gave for an answer. Taken before the work is done, written only when it went well.
pub(crate) struct Out<T>(Option<NonNull<T>>);

impl<T> Out<T> {
    /// A place that must be there.
    pub(crate) fn required(place: *mut T, argument: &'static str) -> Result<Self, Fault> {
        NonNull::new(place)
            .map(|place| Out(Some(place)))
            .ok_or_else(|| Fault::null(argument))
    }

    /// A place that may be NULL: the caller does not want the answer.
    pub(crate) fn optional(place: *mut T) -> Self {
        Out(NonNull::new(place))
    }

    /// Writes the answer, which is only made when somebody wants it.
    ///
    /// # Safety
    /// The place is NULL or one that a `T` may be written to; what it held is not freed.
    pub(crate) unsafe fn write(self, answer: impl FnOnce() -> T) {
        if let Some(place) = self.0 {
            // SAFETY: this function's own condition.
            unsafe { place.write(answer()) };
        }
    }
}

/// What C may own: made by [`give`], lent by [`lend`], ended by [`take`]. Other types have no way across.
pub(crate) trait Handle: Sized + Send + Sync {
    const ARGUMENT: &'static str;
}

impl Handle for tt_trail {
    const ARGUMENT: &'static str = "trail";
}

impl Handle for tt_subscription {
    const ARGUMENT: &'static str = "subscription";
}

/// Makes a handle that C owns from now on.
pub(crate) fn give<T: Handle>(value: T) -> *mut T {
    Box::into_raw(Box::new(value))
}

/// Looks at a handle that C owns.
///
/// # Safety
/// NULL or from [`give`], not yet ended, and not ended during the call.
pub(crate) unsafe fn lend<'a, T: Handle>(handle: *const T) -> Result<&'a T, Fault> {
    // SAFETY: this function's own condition; handles are only ever lent shared, and are `Sync`.
    unsafe { handle.as_ref() }.ok_or_else(|| Fault::null(T::ARGUMENT))
}

/// Takes a handle back from C, to end it; `None` for NULL.
///
/// # Safety
/// NULL or from [`give`], not yet ended, and used by nobody else now or later.
pub(crate) unsafe fn take<T: Handle>(handle: *mut T) -> Option<Box<T>> {
    // SAFETY: not NULL, and the rest is this function's own condition.
    (!handle.is_null()).then(|| unsafe { Box::from_raw(handle) })
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;
    use std::ptr;

    use super::*;

    #[test]
    fn a_panic_ends_as_a_status_that_names_the_export() {
        let status = call("tt_example", || panic!("a fault in the core"));
        assert_eq!(status, tt_status::TT_PANIC);
        // SAFETY: the text has a NUL and lasts until the next failure of this thread.
        let message = unsafe { CStr::from_ptr(last_error::tt_last_error_message()) };
        assert!(message.to_string_lossy().contains("tt_example"));
    }

    fn status(outcome: Result<&str, Fault>) -> Result<&str, tt_status> {
        outcome.map_err(|fault| fault.status())
    }

    #[test]
    fn arguments_are_checked_before_they_are_read() {
        let bad = b"a\xff";
        // SAFETY: NULL, lengths that are refused before reading, and arrays of their own length.
        unsafe {
            assert_eq!(status(text(ptr::null(), 0, "x")), Err(tt_status::TT_NULL_POINTER));
            assert_eq!(status(text(ptr::null(), 3, "x")), Err(tt_status::TT_NULL_POINTER));
            assert_eq!(
                status(text(c"x".as_ptr(), usize::MAX, "x")),
                Err(tt_status::TT_LENGTH_INVALID)
            );
            assert_eq!(status(text(bad.as_ptr().cast(), 2, "x")), Err(tt_status::TT_NOT_UTF8));
            assert_eq!(status(text(c"abc".as_ptr(), 2, "x")), Ok("ab"));
            assert_eq!(status(text_or(ptr::null(), 0, "x", "{}")), Ok("{}"));
            assert_eq!(status(text_or(c"".as_ptr(), 0, "x", "{}")), Ok("{}"));
            assert!(bytes(ptr::null(), 0, "x").unwrap().is_none());
            assert!(bytes(ptr::null(), 1, "x").is_err());
        }
    }

    #[test]
    fn an_answer_that_nobody_wants_is_not_made() {
        // SAFETY: NULL, and a place of this test's own.
        unsafe {
            Out::<u8>::optional(ptr::null_mut()).write(|| panic!("made"));
            let mut place = 1;
            Out::required(&raw mut place, "out").unwrap().write(|| 2);
            assert_eq!(place, 2);
        }
        assert!(Out::<u8>::required(ptr::null_mut(), "out").is_err());
    }
}
