//! What needs no trail: no files, no network, no threads.

use std::ffi::c_char;

use tasktrail::facade::pure;

use crate::boundary::{Out, call, text};
use crate::status::tt_status;
use crate::string::tt_string;

/// What the sanitizer leaves of a JSON body: valid JSON of at most 4 KiB without secrets, also when `body` is malformed or cut off.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_sanitize(body: *const c_char, body_len: usize, out_json: *mut tt_string) -> tt_status {
    call("tt_sanitize", || {
        let out = Out::required(out_json, "out_json")?;
        // SAFETY: by contract.
        let body = unsafe { text(body, body_len, "body")? };
        let json = pure::sanitize_json(body);
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(json)) };
        Ok(())
    })
}

/// The operation type of a call, from its HTTP method and its route or path: `POST`, `/api/tasks/:id/start` give `task.started`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_operation_type(
    method: *const c_char,
    method_len: usize,
    path: *const c_char,
    path_len: usize,
    out_type: *mut tt_string,
) -> tt_status {
    call("tt_operation_type", || {
        let out = Out::required(out_type, "out_type")?;
        // SAFETY: by contract.
        let (method, path) = unsafe { (text(method, method_len, "method")?, text(path, path_len, "path")?) };
        let operation_type = pure::operation_type(method, path);
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(operation_type)) };
        Ok(())
    })
}

/// Checks a progress event at the time `now_ms`, in milliseconds since 1970.
///
/// `out_verdict` gets `{"accepted":true,"event":{...}}`, normalised, or `{"accepted":false,"error","code","details":[{"path","message"}]}`.
/// Both are `TT_OK`: the question was answered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_validate_event(
    event: *const c_char,
    event_len: usize,
    now_ms: i64,
    out_verdict: *mut tt_string,
) -> tt_status {
    call("tt_validate_event", || {
        let out = Out::required(out_verdict, "out_verdict")?;
        // SAFETY: by contract.
        let event = unsafe { text(event, event_len, "event")? };
        let verdict = pure::validate_event_json(event, now_ms);
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(verdict)) };
        Ok(())
    })
}

/// The id of the workspace at `path`, `ws_...`: the same for the same salt, a secret of the user's that keeps paths from being guessed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_workspace_id(
    path: *const c_char,
    path_len: usize,
    salt: *const c_char,
    salt_len: usize,
    out_id: *mut tt_string,
) -> tt_status {
    call("tt_workspace_id", || {
        let out = Out::required(out_id, "out_id")?;
        // SAFETY: by contract.
        let (path, salt) = unsafe { (text(path, path_len, "path")?, text(salt, salt_len, "salt")?) };
        let id = pure::derive_workspace_id(path, salt)?;
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(id)) };
        Ok(())
    })
}
