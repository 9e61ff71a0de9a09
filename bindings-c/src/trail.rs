//! The trail: opened, recorded to, asked, closed, freed.

use std::ffi::{c_char, c_void};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use tasktrail::Trail;
use tasktrail::facade::trail;

use crate::boundary::{Fault, Out, bytes, call, contain, give, lend, take, text, text_or};
use crate::status::tt_status;
use crate::string::tt_string;

/// How long `tt_trail_free` goes on sending for a trail that was not closed.
const FREE_DEADLINE_MS: u64 = 2_000;

/// An open trail: queue, store and live updates, on threads of its own. Opaque; from `tt_trail_open`, ended by `tt_trail_free`.
///
/// Any number of threads may use one trail at once.
pub struct tt_trail {
    pub(crate) trail: Trail,
    closed: AtomicBool,
}

impl fmt::Debug for tt_trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("tt_trail").field("closed", &self.closed).finish()
    }
}

/// Opens a trail on a store: `memory:`, `sqlite:path/to/audit.db`, `mongodb://host/database`, or another Tasktrail's
/// API, `http://localhost:8167`. Waits for the store, at most `openTimeoutMs`.
///
/// `options` is JSON, or NULL: `{"service"?, "instanceId"?, "openTimeoutMs"? (5000), "degradedStart"? (false), "retentionDays"? (90; null
/// is for ever), "hashKey"?, "apiKey"?, "fallbackCapacity"? (10000), "batchSize"? (500), "batchDelayMs"? (50),
/// "progressIntervalMs"? (1000)}`. Unknown names are refused.
///
/// The caller owns `*out_trail` and ends it with `tt_trail_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_trail_open(
    url: *const c_char,
    url_len: usize,
    options: *const c_char,
    options_len: usize,
    out_trail: *mut *mut tt_trail,
) -> tt_status {
    call("tt_trail_open", || {
        let out = Out::required(out_trail, "out_trail")?;
        // SAFETY: by contract.
        let (url, options) = unsafe {
            (
                text(url, url_len, "url")?,
                text_or(options, options_len, "options", "{}")?,
            )
        };
        let trail = trail::open_json_blocking(url, options)?;
        // SAFETY: by contract.
        unsafe {
            out.write(|| {
                give(tt_trail {
                    trail,
                    closed: AtomicBool::new(false),
                })
            });
        }
        Ok(())
    })
}

/// Records one call. Never waits for the store: it queues, and what becomes of the record later is counted (`tt_trail_stats`).
///
/// `call` is JSON with at least `{"method","path"}`; `body` are the raw bytes of the request's body or the beginning of them, or
/// NULL. Both are copied. What must not be kept (secrets, tokens, more than 4 KiB) is taken out before anything is stored or sent.
///
/// `out_audit_id` gets the record's id; NULL when it is not wanted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_trail_record(
    trail: *const tt_trail,
    call: *const c_char,
    call_len: usize,
    body: *const c_void,
    body_len: usize,
    out_audit_id: *mut tt_string,
) -> tt_status {
    crate::boundary::call("tt_trail_record", || {
        // SAFETY: by contract.
        let (handle, call, body) = unsafe {
            (
                lend(trail)?,
                text(call, call_len, "call")?,
                bytes(body, body_len, "body")?,
            )
        };
        let audit_id = trail::record_json(&handle.trail, call, body)?;
        handle.check_open()?;
        // SAFETY: by contract.
        unsafe { Out::optional(out_audit_id).write(|| tt_string::new(audit_id)) };
        Ok(())
    })
}

/// Checks and takes a progress event, and waits up to a second for the store to have it.
///
/// `event` is JSON, `{"type","data",...}`; `context` is the call that brought it, as for `tt_trail_record` but with nothing required, or NULL.
/// `out_answer` gets `{"accepted":true,"type","projectNumber","timestamp","auditId","seq","durable"}`; NULL when it is not wanted.
/// Progress that comes within `progressIntervalMs` of the last record of its task is kept back, with `"coalesced":true` and a `seq` that
/// is null: the newest of it becomes a record when that time is over.
/// An event that is refused is `TT_EVENT_INVALID`, and `tt_last_error_json` lists every fault.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_trail_emit(
    trail: *const tt_trail,
    event: *const c_char,
    event_len: usize,
    context: *const c_char,
    context_len: usize,
    out_answer: *mut tt_string,
) -> tt_status {
    call("tt_trail_emit", || {
        // SAFETY: by contract.
        let (handle, event, context) = unsafe {
            (
                lend(trail)?,
                text(event, event_len, "event")?,
                text_or(context, context_len, "context", "{}")?,
            )
        };
        let answer = trail::emit_json_blocking(&handle.trail, event, context)?;
        // SAFETY: by contract.
        unsafe { Out::optional(out_answer).write(|| tt_string::new(answer)) };
        Ok(())
    })
}

/// Asks for one page of the history. Waits for the store.
///
/// `query` is JSON, or NULL for the newest 50: `{"workspaceId"?, "projectNumber"?, "operationType"?, "taskId"?, "sessionId"?, "runId"?,
/// "actor"?, "outcome"?, "startTime"?, "endTime"?, "order"?, "limit"?, "offset"?, "cursor"?, "after"?}`.
/// `out_page` gets `{"items":[record...],"total","totalIsLowerBound"?,"limit","offset","nextCursor"}`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_trail_query(
    trail: *const tt_trail,
    query: *const c_char,
    query_len: usize,
    out_page: *mut tt_string,
) -> tt_status {
    call("tt_trail_query", || {
        let out = Out::required(out_page, "out_page")?;
        // SAFETY: by contract.
        let (handle, query) = unsafe { (lend(trail)?, text_or(query, query_len, "query", "{}")?) };
        let page = trail::query_json_blocking(&handle.trail, query)?;
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(page)) };
        Ok(())
    })
}

/// Asks for one record by its id; `TT_RECORD_NOT_FOUND` when there is none. Waits for the store. `out_record` gets it as JSON.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_trail_get(
    trail: *const tt_trail,
    audit_id: *const c_char,
    audit_id_len: usize,
    out_record: *mut tt_string,
) -> tt_status {
    call("tt_trail_get", || {
        let out = Out::required(out_record, "out_record")?;
        // SAFETY: by contract.
        let (handle, audit_id) = unsafe { (lend(trail)?, text(audit_id, audit_id_len, "audit_id")?) };
        let record = trail::get_json_blocking(&handle.trail, audit_id)?.ok_or_else(|| Fault::not_found(audit_id))?;
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(record)) };
        Ok(())
    })
}

/// What became of every record, as JSON: counts by state, the store's address without credentials and how it is. Never waits; works
/// after `tt_trail_close` too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_trail_stats(trail: *const tt_trail, out_stats: *mut tt_string) -> tt_status {
    call("tt_trail_stats", || {
        let out = Out::required(out_stats, "out_stats")?;
        // SAFETY: by contract.
        let handle = unsafe { lend(trail)? };
        // SAFETY: by contract.
        unsafe { out.write(|| tt_string::new(trail::stats_json(&handle.trail))) };
        Ok(())
    })
}

/// Waits until everything recorded so far is stored, or the deadline; the counts in `out_stats` tell which. NULL when they are not wanted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_trail_flush(
    trail: *const tt_trail,
    deadline_ms: u64,
    out_stats: *mut tt_string,
) -> tt_status {
    call("tt_trail_flush", || {
        // SAFETY: by contract.
        let handle = unsafe { lend(trail)? };
        let stats = trail::flush_json_blocking(&handle.trail, deadline_ms)?;
        // SAFETY: by contract.
        unsafe { Out::optional(out_stats).write(|| tt_string::new(stats)) };
        Ok(())
    })
}

/// Takes nothing more, sends what is queued until the deadline, and lets go of store and threads.
///
/// The handle stays valid until `tt_trail_free`: what is called on it answers `TT_CLOSED`, except `tt_trail_stats`, and closing
/// again is harmless. `out_stats` gets the final counts; NULL when they are not wanted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_trail_close(
    trail: *const tt_trail,
    deadline_ms: u64,
    out_stats: *mut tt_string,
) -> tt_status {
    call("tt_trail_close", || {
        // SAFETY: by contract.
        let handle = unsafe { lend(trail)? };
        let stats = handle.close(deadline_ms)?;
        // SAFETY: by contract.
        unsafe { Out::optional(out_stats).write(|| tt_string::new(stats)) };
        Ok(())
    })
}

/// Ends the handle. One that was not closed is closed first, with a deadline of two seconds. NULL is allowed.
///
/// No other thread may use the handle now or later. Subscriptions are handles of their own and are freed on their own, before or after.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_trail_free(trail: *mut tt_trail) {
    contain("tt_trail_free", || {
        // SAFETY: by contract.
        if let Some(handle) = unsafe { take(trail) }
            && handle.check_open().is_ok()
        {
            // Its counts were not asked for, and there is nobody left to tell.
            let _ = handle.close(FREE_DEADLINE_MS);
        }
    });
}

impl tt_trail {
    fn close(&self, deadline_ms: u64) -> Result<String, Fault> {
        self.closed.store(true, Ordering::Release);
        Ok(trail::close_json_blocking(&self.trail, deadline_ms)?)
    }

    /// The core counts what is recorded too late and says nothing, because its callers could do nothing about it; C is told.
    fn check_open(&self) -> Result<(), Fault> {
        if self.closed.load(Ordering::Acquire) {
            Err(Fault::closed())
        } else {
            Ok(())
        }
    }
}
