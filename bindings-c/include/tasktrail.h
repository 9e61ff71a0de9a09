/*
 * Tasktrail: an embeddable, real-time audit trail for task and orchestration work.
 *
 * The contract, which holds for every function unless its own words say otherwise:
 *
 * Results. What can fail answers a `tt_status`; on TT_OK, and only then, the `out_...` places are written. What they held before is
 *   neither read nor freed. Why the last call of this thread failed: `tt_last_error_message`, `tt_last_error_json`.
 * Texts in. UTF-8 and a length in bytes, without a NUL at the end; `TT_TEXT("...")` passes a literal. They are copied: the caller may free
 *   them at once. A text that may be left out is NULL or has length 0; NULL with another length is TT_NULL_POINTER.
 * Texts out. A `tt_string` belongs to the caller and is freed by `tt_string_free`. A `const char *` is never freed.
 * Handles. `tt_trail` and `tt_subscription` belong to the caller and are ended once, by their own `..._free`, after their last use.
 * Threads. A function that takes a handle as `const` may be called on it from any number of threads at once, and from a callback.
 *   A `..._free` takes it without `const`: no other thread may use the handle then or later.
 * NULL. Where a pointer must not be NULL, TT_NULL_POINTER names it, and nothing else has happened.
 * Panics. A fault inside the library ends as TT_PANIC, never as the end of the host. No signal handler is installed.
 * fork. A trail's threads do not survive it: in the child neither use nor free a trail of the parent; open another one.
 */


#ifndef TASKTRAIL_H
#define TASKTRAIL_H

/* Generated from bindings-c/src by `cargo run --package xtask-c-header`; change it there. */

#include <stddef.h>
#include <stdint.h>

/** The version of this header; `tt_version` is that of the library that was loaded. */
#define TT_VERSION "0.1.0"

/** A string literal as the two arguments that a text takes: `tt_trail_open(TT_TEXT("memory:"), NULL, 0, &trail)`. */
#define TT_TEXT(literal) ("" literal), (sizeof(literal) - 1)


/**
 * Number of the ABI that this header describes: it grows when a program must be compiled anew. The library's soname ends in it.
 */
#define TT_ABI_VERSION 0

/**
 * How a call went. Numbers and names are stable: a new status takes a new number of its family, and no number is used twice.
 *
 * - 0: success
 * - 1000 to 1999: the library was called wrongly; the program has a fault
 * - 2000 to 2999: what was passed in does not say what it should; `tt_last_error_json` names the field
 * - 3000 to 3999: what was asked for is not there
 * - 4000 to 4999: the store, the spool; those from 4001 to 4002, 4102 and 4201 can succeed later without a change
 * - 5000 to 5999: the handle's state
 * - 9000 to 9999: the library itself
 */
enum tt_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It went well.
     */
    TT_OK = 0,
    /**
     * A pointer that must not be NULL is.
     */
    TT_NULL_POINTER = 1001,
    /**
     * A text is not UTF-8.
     */
    TT_NOT_UTF8 = 1002,
    /**
     * A length is larger than any object can be; most often a negative number.
     */
    TT_LENGTH_INVALID = 1003,
    /**
     * The store URL has no known scheme or cannot be parsed.
     */
    TT_URL_INVALID = 2001,
    /**
     * An option, a scope or a place is unknown, has the wrong type or is out of range.
     */
    TT_OPTIONS_INVALID = 2002,
    /**
     * A recorded call lacks a field or has one of the wrong type.
     */
    TT_CALL_INVALID = 2003,
    /**
     * A progress event was refused; `tt_last_error_json` lists every fault.
     */
    TT_EVENT_INVALID = 2004,
    /**
     * A progress event is larger than the wire allows.
     */
    TT_EVENT_TOO_LARGE = 2005,
    /**
     * A query parameter is unknown, of the wrong type or out of range.
     */
    TT_QUERY_INVALID = 2006,
    /**
     * A path or salt from which no workspace id can be derived.
     */
    TT_WORKSPACE_INVALID = 2007,
    /**
     * A sanitizer's policy has a rule that cannot be compiled, or a bound out of range.
     */
    TT_POLICY_INVALID = 2008,
    /**
     * A text is not a stored record: a field is missing, there twice, or of the wrong type.
     */
    TT_RECORD_INVALID = 2009,
    /**
     * Records that another trail sent together are more, or larger, than the wire allows.
     */
    TT_DELIVERY_TOO_LARGE = 2010,
    /**
     * A text is not a saved history, or one of a version that is not read here: fetch the records again.
     */
    TT_HISTORY_INVALID = 2011,
    /**
     * No record with this id.
     */
    TT_RECORD_NOT_FOUND = 3001,
    /**
     * The store cannot be reached now; a later try can succeed.
     */
    TT_STORE_UNAVAILABLE = 4001,
    /**
     * The store did not answer within the deadline; a later try can succeed.
     */
    TT_STORE_TIMEOUT = 4002,
    /**
     * The store answered with an error that a retry will not cure.
     */
    TT_STORE_FAILED = 4003,
    /**
     * The SQLite file cannot be created, opened or written at this path.
     */
    TT_STORE_PATH = 4004,
    /**
     * The spool's folder cannot be created, opened or written.
     */
    TT_SPOOL_PATH = 4101,
    /**
     * The spool has no room; a later try can succeed.
     */
    TT_SPOOL_FULL = 4102,
    /**
     * A file of the spool is damaged or the disk answered with an error.
     */
    TT_SPOOL_FAILED = 4103,
    /**
     * Neither spool nor store takes writes now; a later try can succeed.
     */
    TT_AUDIT_UNAVAILABLE = 4201,
    /**
     * The record could not be made safe in time; what it is about took place all the same.
     */
    TT_AUDIT_UNRECORDED = 4202,
    /**
     * The trail was closed.
     */
    TT_CLOSED = 5001,
    /**
     * The trail's writer has failed and takes nothing more; what it held is in the spool.
     */
    TT_POISONED = 5002,
    /**
     * A fault inside the library was contained; please report it.
     */
    TT_PANIC = 9001,
    /**
     * An error for which this version of the library has no number; `tt_last_error_json` has its code.
     */
    TT_UNKNOWN = 9002,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum tt_status tt_status;
#else
typedef uint32_t tt_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A subscription. Opaque; from `tt_subscribe`, ended by `tt_subscription_free`.
 */
typedef struct tt_subscription tt_subscription;

/**
 * An open trail: queue, store and live updates, on threads of its own. Opaque; from `tt_trail_open`, ended by `tt_trail_free`.
 *
 * Any number of threads may use one trail at once.
 */
typedef struct tt_trail tt_trail;

/**
 * A UTF-8 text that the library made and the caller owns: hand it to `tt_string_free`, exactly as it came.
 *
 * `data` is `len` bytes and then a NUL byte that `len` does not count, so it can be printed as it is.
 */
typedef struct tt_string {
    /**
     * The text; NULL in one that was freed or never filled.
     */
    const char *data;
    /**
     * Its length in bytes.
     */
    size_t len;
} tt_string;

/**
 * Hears of records: `batch` is `batch_len` bytes of JSON with a NUL byte behind them,
 * `{"room","epoch","seq","missed","lagged"?,"entries":[record...]}`, borrowed until the callback returns.
 *
 * Called on a thread of the trail's own, one batch at a time and in order for each subscription. It may call every function of this
 * header, also `tt_subscription_free` on its own subscription and `tt_trail_close`. It must not throw or `longjmp` out of itself.
 */
typedef void (*tt_batch_callback)(void *userdata, const char *batch, size_t batch_len);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The name of a status, `"TT_CLOSED"`; `"TT_UNKNOWN"` for a number that is none. Static: never free it.
 */
const char *tt_status_name(uint32_t status);

/**
 * Frees a text and empties the struct, so that freeing it again is harmless, as is NULL. The one function that frees texts.
 */
void tt_string_free(struct tt_string *string);

/**
 * The version of the library that was loaded, `"0.1.0"`; `TT_VERSION` is that of this header. Static: never free it.
 */
const char *tt_version(void);

/**
 * The ABI of the library that was loaded; a host that loads it at run time compares it with `TT_ABI_VERSION`.
 */
uint32_t tt_abi_version(void);

/**
 * The status of the last call of this thread that failed, `TT_OK` when none did. Like `errno` it is left alone by calls that succeed.
 */
tt_status tt_last_error_status(void);

/**
 * That error as a sentence for people, which names the argument, field or path at fault; `""` when there was none.
 *
 * Borrowed: it lasts until another call of this thread fails, or the thread ends. Never free it.
 */
const char *tt_last_error_message(void);

/**
 * That error as JSON, `{"code","message","field"?,"details"?:[{"path","message"}],"retryable"}`; `null` when there was none.
 *
 * Borrowed: it lasts until another call of this thread fails, or the thread ends. Never free it.
 */
const char *tt_last_error_json(void);

/**
 * Opens a trail on a store: `memory:`, `sqlite:path/to/audit.db`, `mongodb://host/database`, or another Tasktrail's
 * API, `http://localhost:8167`. Waits for the store, at most `openTimeoutMs`.
 *
 * `options` is JSON, or NULL: `{"service"?, "instanceId"?, "openTimeoutMs"? (5000), "degradedStart"? (false), "retentionDays"? (90; null
 * is for ever), "hashKey"?, "apiKey"?, "fallbackCapacity"? (10000), "batchSize"? (500), "batchDelayMs"? (50),
 * "progressIntervalMs"? (1000)}`. Unknown names are refused.
 *
 * The caller owns `*out_trail` and ends it with `tt_trail_free`.
 */
tt_status tt_trail_open(const char *url,
                        size_t url_len,
                        const char *options,
                        size_t options_len,
                        struct tt_trail **out_trail);

/**
 * Records one call. Never waits for the store: it queues, and what becomes of the record later is counted (`tt_trail_stats`).
 *
 * `call` is JSON with at least `{"method","path"}`; `body` are the raw bytes of the request's body or the beginning of them, or
 * NULL. Both are copied. What must not be kept (secrets, tokens, more than 4 KiB) is taken out before anything is stored or sent.
 *
 * `out_audit_id` gets the record's id; NULL when it is not wanted.
 */
tt_status tt_trail_record(const struct tt_trail *trail,
                          const char *call,
                          size_t call_len,
                          const void *body,
                          size_t body_len,
                          struct tt_string *out_audit_id);

/**
 * Checks and takes a progress event, and waits up to a second for the store to have it.
 *
 * `event` is JSON, `{"type","data",...}`; `context` is the call that brought it, as for `tt_trail_record` but with nothing required, or NULL.
 * `out_answer` gets `{"accepted":true,"type","projectNumber","timestamp","auditId","seq","durable"}`; NULL when it is not wanted.
 * Progress that comes within `progressIntervalMs` of the last record of its task is kept back, with `"coalesced":true` and a `seq` that
 * is null: the newest of it becomes a record when that time is over.
 * An event that is refused is `TT_EVENT_INVALID`, and `tt_last_error_json` lists every fault.
 */
tt_status tt_trail_emit(const struct tt_trail *trail,
                        const char *event,
                        size_t event_len,
                        const char *context,
                        size_t context_len,
                        struct tt_string *out_answer);

/**
 * Asks for one page of the history. Waits for the store.
 *
 * `query` is JSON, or NULL for the newest 50: `{"workspaceId"?, "projectNumber"?, "operationType"?, "taskId"?, "sessionId"?, "runId"?,
 * "actor"?, "outcome"?, "startTime"?, "endTime"?, "order"?, "limit"?, "offset"?, "cursor"?, "after"?}`.
 * `out_page` gets `{"items":[record...],"total","totalIsLowerBound"?,"limit","offset","nextCursor"}`.
 */
tt_status tt_trail_query(const struct tt_trail *trail,
                         const char *query,
                         size_t query_len,
                         struct tt_string *out_page);

/**
 * Asks for one record by its id; `TT_RECORD_NOT_FOUND` when there is none. Waits for the store. `out_record` gets it as JSON.
 */
tt_status tt_trail_get(const struct tt_trail *trail,
                       const char *audit_id,
                       size_t audit_id_len,
                       struct tt_string *out_record);

/**
 * What became of every record, as JSON: counts by state, the store's address without credentials and how it is. Never waits; works
 * after `tt_trail_close` too.
 */
tt_status tt_trail_stats(const struct tt_trail *trail,
                         struct tt_string *out_stats);

/**
 * Waits until everything recorded so far is stored, or the deadline; the counts in `out_stats` tell which. NULL when they are not wanted.
 */
tt_status tt_trail_flush(const struct tt_trail *trail,
                         uint64_t deadline_ms,
                         struct tt_string *out_stats);

/**
 * Takes nothing more, sends what is queued until the deadline, and lets go of store and threads.
 *
 * The handle stays valid until `tt_trail_free`: what is called on it answers `TT_CLOSED`, except `tt_trail_stats`, and closing
 * again is harmless. `out_stats` gets the final counts; NULL when they are not wanted.
 */
tt_status tt_trail_close(const struct tt_trail *trail,
                         uint64_t deadline_ms,
                         struct tt_string *out_stats);

/**
 * Ends the handle. One that was not closed is closed first, with a deadline of two seconds. NULL is allowed.
 *
 * No other thread may use the handle now or later. Subscriptions are handles of their own and are freed on their own, before or after.
 */
void tt_trail_free(struct tt_trail *trail);

/**
 * Calls `callback` with the records of a scope, as they are taken in, until the subscription is freed or the trail is closed.
 *
 * `scope` is JSON, `{"workspaceId":"..."}` or `{"projectNumber":42}`, or NULL for everything. `after` is JSON: `null` for what is yet to come
 * (as is NULL), `"ring"` for all that memory still holds first, or `{"epoch":"...","seq":12}` to go on behind the last entry seen.
 * A batch whose `missed` is true begins after a gap: the rest is in the store (`tt_trail_query`).
 *
 * `userdata` is handed to the callback as it is, on another thread; it must last until `tt_subscription_free` has returned.
 * The caller owns `*out_subscription` and ends it with `tt_subscription_free`. A callback may come before this function has returned.
 */
tt_status tt_subscribe(const struct tt_trail *trail,
                       const char *scope,
                       size_t scope_len,
                       const char *after,
                       size_t after_len,
                       tt_batch_callback callback,
                       void *userdata,
                       struct tt_subscription **out_subscription);

/**
 * Ends a subscription. When it returns, its callback is not running and never will again, so `userdata` may be freed; from
 * inside that callback it returns at once, and holds from the callback's return on. NULL is allowed.
 *
 * It waits for a callback that is running: do not hold a lock here that the callback takes.
 */
void tt_subscription_free(struct tt_subscription *subscription);

/**
 * What the sanitizer leaves of a JSON body: valid JSON of at most 4 KiB without secrets, also when `body` is malformed or cut off.
 */
tt_status tt_sanitize(const char *body,
                      size_t body_len,
                      struct tt_string *out_json);

/**
 * The operation type of a call, from its HTTP method and its route or path: `POST`, `/api/tasks/:id/start` give `task.started`.
 */
tt_status tt_operation_type(const char *method,
                            size_t method_len,
                            const char *path,
                            size_t path_len,
                            struct tt_string *out_type);

/**
 * Checks a progress event at the time `now_ms`, in milliseconds since 1970.
 *
 * `out_verdict` gets `{"accepted":true,"event":{...}}`, normalised, or `{"accepted":false,"error","code","details":[{"path","message"}]}`.
 * Both are `TT_OK`: the question was answered.
 */
tt_status tt_validate_event(const char *event,
                            size_t event_len,
                            int64_t now_ms,
                            struct tt_string *out_verdict);

/**
 * The id of the workspace at `path`, `ws_...`: the same for the same salt, a secret of the user's that keeps paths from being guessed.
 */
tt_status tt_workspace_id(const char *path,
                          size_t path_len,
                          const char *salt,
                          size_t salt_len,
                          struct tt_string *out_id);

/**
 * As `tt_sanitize`, by a policy of the host's as JSON: `{"rules":[{"id","where"?,"key"?|"value"?|"rule"?,"action"?}],"summaryBytes"?,"hashKey"?}`.
 *
 * `out_answer` gets `{"output":...,"receipt":{"rules":[{"rule","path","count"}],"original_bytes","truncated"}}`. `TT_POLICY_INVALID` names the
 * rule, the field and the byte.
 */
tt_status tt_sanitize_with(const char *body,
                           size_t body_len,
                           const char *policy,
                           size_t policy_len,
                           struct tt_string *out_answer);

/**
 * What a call did, to what and whose, from `{"method","path","route"?,"params"?,"body"?,"operations"?}`.
 *
 * `out_operation` gets `{"operationType","targetType","targetId","taskId","sessionId","projectNumber","phaseNumber","workItemId","level"?}`.
 * `TT_OPTIONS_INVALID` names a rule in `operations` that is none.
 */
tt_status tt_describe_operation(const char *request,
                                size_t request_len,
                                struct tt_string *out_operation);

/**
 * A stored or exported record as this version reads it, in its own order of fields; fields and values of a newer version are kept.
 *
 * `TT_RECORD_INVALID` names the field that is missing or of the wrong type.
 */
tt_status tt_parse_record(const char *record,
                          size_t record_len,
                          struct tt_string *out_record);

/**
 * The workspace of a folder among files that are given with the question: `{"path","salt","files":{path:text},"links"?:{path:path}}`.
 *
 * `out_workspace` gets what `tt_discover_workspace` answers.
 */
tt_status tt_discover_workspace_in(const char *request,
                                   size_t request_len,
                                   struct tt_string *out_workspace);

/**
 * The workspace that the folder `path` is in: the git repository, with one id for all of its worktrees, or the folder itself outside git.
 *
 * `path` is absolute or relative to the current folder, or a `file:` URI. `salt` is text of at least 8 bytes; NULL for the user's own, which
 * is `TASKTRAIL_SALT` or the file `tasktrail/salt` in the user's configuration folder, made the first time. `out_json` gets
 * `{"workspaceId","kind","root","worktreePath","branch","warnings"}`: `kind` is `repository`, `worktree`, `submodule`, `bare` or
 * `folder`; `worktreePath` and `branch` may be null. It reads a few files and starts nothing. A `.git` that is broken is no error: the
 * folder then stands for itself, and `warnings` says why.
 */
tt_status tt_discover_workspace(const char *path,
                                size_t path_len,
                                const char *salt,
                                size_t salt_len,
                                struct tt_string *out_json);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TASKTRAIL_H */
