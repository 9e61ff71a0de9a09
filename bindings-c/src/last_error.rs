//! Why the last call of this thread failed.

use std::cell::RefCell;
use std::ffi::{CString, c_char};

use crate::boundary::Fault;
use crate::status::tt_status;

struct LastError {
    status: tt_status,
    message: CString,
    json: CString,
}

thread_local! {
    static LAST: RefCell<Option<LastError>> = const { RefCell::new(None) };
}

/// Keeps what went wrong for the thread that asks next; answers its status.
pub(crate) fn keep(fault: &Fault) -> tt_status {
    let status = fault.status();
    let last = LastError {
        status,
        message: c_text(fault.to_string()),
        json: c_text(fault.to_json()),
    };
    // A thread that is ending has nobody left to ask.
    let _ = LAST.try_with(|slot| slot.replace(Some(last)));
    status
}

fn c_text(text: String) -> CString {
    // A NUL can only come from the caller's own input; it would cut the text short.
    CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default()
}

fn read<T>(of: impl FnOnce(&LastError) -> T, none: T) -> T {
    LAST.try_with(|slot| slot.try_borrow().ok().and_then(|last| last.as_ref().map(of)))
        .ok()
        .flatten()
        .unwrap_or(none)
}

/// The status of the last call of this thread that failed, `TT_OK` when none did. Like `errno` it is left alone by calls that succeed.
#[unsafe(no_mangle)]
pub extern "C" fn tt_last_error_status() -> tt_status {
    read(|last| last.status, tt_status::TT_OK)
}

/// That error as a sentence for people, which names the argument, field or path at fault; `""` when there was none.
///
/// Borrowed: it lasts until another call of this thread fails, or the thread ends. Never free it.
#[unsafe(no_mangle)]
pub extern "C" fn tt_last_error_message() -> *const c_char {
    read(|last| last.message.as_ptr(), c"".as_ptr())
}

/// That error as JSON, `{"code","message","field"?,"details"?:[{"path","message"}],"retryable"}`; `null` when there was none.
///
/// Borrowed: it lasts until another call of this thread fails, or the thread ends. Never free it.
#[unsafe(no_mangle)]
pub extern "C" fn tt_last_error_json() -> *const c_char {
    read(|last| last.json.as_ptr(), c"null".as_ptr())
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    fn text(pointer: *const c_char) -> String {
        // SAFETY: both functions answer texts with a NUL that last until the next failure.
        unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
    }

    #[test]
    fn each_thread_has_an_error_of_its_own() {
        assert_eq!(keep(&Fault::null("url")), tt_status::TT_NULL_POINTER);
        std::thread::spawn(|| {
            assert_eq!(tt_last_error_status(), tt_status::TT_OK);
            assert_eq!(text(tt_last_error_message()), "");
            assert_eq!(text(tt_last_error_json()), "null");
        })
        .join()
        .unwrap();
        assert_eq!(tt_last_error_status(), tt_status::TT_NULL_POINTER);
        assert!(text(tt_last_error_message()).contains("`url`"));
        let json: serde_json::Value = serde_json::from_str(&text(tt_last_error_json())).unwrap();
        assert_eq!(
            (&json["code"], &json["field"]),
            (&"TT_NULL_POINTER".into(), &"url".into())
        );
    }

    #[test]
    fn a_nul_in_a_message_does_not_cut_it_short() {
        assert_eq!(c_text("a\0b".into()).to_str(), Ok("a\u{fffd}b"));
    }
}
