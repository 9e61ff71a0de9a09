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

/// As `tt_sanitize`, by a policy of the host's as JSON: `{"rules":[{"id","where"?,"key"?|"value"?|"rule"?,"action"?}],"summaryBytes"?,"hashKey"?}`.
///
/// `out_answer` gets `{"output":...,"receipt":{"rules":[{"rule","path","count"}],"original_bytes","truncated"}}`. `TT_POLICY_INVALID` names the
/// rule, the field and the byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_sanitize_with(
    body: *const c_char,
    body_len: usize,
    policy: *const c_char,
    policy_len: usize,
    out_answer: *mut tt_string,
) -> tt_status {
    call("tt_sanitize_with", || {
        let out = Out::required(out_answer, "out_answer")?;
        // SAFETY: by contract.
        let (body, policy) = unsafe { (text(body, body_len, "body")?, text(policy, policy_len, "policy")?) };
        let answer = pure::sanitize_with_json(body, policy)?;
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(answer)) };
        Ok(())
    })
}

/// What a call did, to what and whose, from `{"method","path","route"?,"params"?,"body"?,"operations"?}`.
///
/// `out_operation` gets `{"operationType","targetType","targetId","taskId","sessionId","projectNumber","phaseNumber","workItemId","level"?}`.
/// `TT_OPTIONS_INVALID` names a rule in `operations` that is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_describe_operation(
    request: *const c_char,
    request_len: usize,
    out_operation: *mut tt_string,
) -> tt_status {
    call("tt_describe_operation", || {
        let out = Out::required(out_operation, "out_operation")?;
        // SAFETY: by contract.
        let request = unsafe { text(request, request_len, "request")? };
        let answer = pure::operation_json(request)?;
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(answer)) };
        Ok(())
    })
}

/// A stored or exported record as this version reads it, in its own order of fields; fields and values of a newer version are kept.
///
/// `TT_RECORD_INVALID` names the field that is missing or of the wrong type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_parse_record(
    record: *const c_char,
    record_len: usize,
    out_record: *mut tt_string,
) -> tt_status {
    call("tt_parse_record", || {
        let out = Out::required(out_record, "out_record")?;
        // SAFETY: by contract.
        let record = unsafe { text(record, record_len, "record")? };
        let answer = pure::parse_record_json(record)?;
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(answer)) };
        Ok(())
    })
}

/// The workspace of a folder among files that are given with the question: `{"path","salt","files":{path:text},"links"?:{path:path}}`.
///
/// `out_workspace` gets what `tt_discover_workspace` answers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_discover_workspace_in(
    request: *const c_char,
    request_len: usize,
    out_workspace: *mut tt_string,
) -> tt_status {
    call("tt_discover_workspace_in", || {
        let out = Out::required(out_workspace, "out_workspace")?;
        // SAFETY: by contract.
        let request = unsafe { text(request, request_len, "request")? };
        let answer = pure::discover_workspace_in_json(request)?;
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(answer)) };
        Ok(())
    })
}
