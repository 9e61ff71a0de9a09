//! How a call went.

use std::ffi::{CStr, c_char};

use tasktrail::Code;

/// How a call went. Numbers and names are stable: a new status takes a new number of its family, and no number is used twice.
///
/// - 0: success
/// - 1000 to 1999: the library was called wrongly; the program has a fault
/// - 2000 to 2999: what was passed in does not say what it should; `tt_last_error_json` names the field
/// - 3000 to 3999: what was asked for is not there
/// - 4000 to 4999: the store, the spool; those from 4001 to 4002, 4102 and 4201 can succeed later without a change
/// - 5000 to 5999: the handle's state
/// - 9000 to 9999: the library itself
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tt_status {
    /// It went well.
    TT_OK = 0,
    /// A pointer that must not be NULL is.
    TT_NULL_POINTER = 1001,
    /// A text is not UTF-8.
    TT_NOT_UTF8 = 1002,
    /// A length is larger than any object can be; most often a negative number.
    TT_LENGTH_INVALID = 1003,
    /// The store URL has no known scheme or cannot be parsed.
    TT_URL_INVALID = 2001,
    /// An option, a scope or a place is unknown, has the wrong type or is out of range.
    TT_OPTIONS_INVALID = 2002,
    /// A recorded call lacks a field or has one of the wrong type.
    TT_CALL_INVALID = 2003,
    /// A progress event was refused; `tt_last_error_json` lists every fault.
    TT_EVENT_INVALID = 2004,
    /// A progress event is larger than the wire allows.
    TT_EVENT_TOO_LARGE = 2005,
    /// A query parameter is unknown, of the wrong type or out of range.
    TT_QUERY_INVALID = 2006,
    /// A path or salt from which no workspace id can be derived.
    TT_WORKSPACE_INVALID = 2007,
    /// A sanitizer's policy has a rule that cannot be compiled, or a bound out of range.
    TT_POLICY_INVALID = 2008,
    /// A text is not a stored record: a field is missing, there twice, or of the wrong type.
    TT_RECORD_INVALID = 2009,
    /// Records that another trail sent together are more, or larger, than the wire allows.
    TT_DELIVERY_TOO_LARGE = 2010,
    /// A text is not a saved history, or one of a version that is not read here: fetch the records again.
    TT_HISTORY_INVALID = 2011,
    /// No record with this id.
    TT_RECORD_NOT_FOUND = 3001,
    /// The store cannot be reached now; a later try can succeed.
    TT_STORE_UNAVAILABLE = 4001,
    /// The store did not answer within the deadline; a later try can succeed.
    TT_STORE_TIMEOUT = 4002,
    /// The store answered with an error that a retry will not cure.
    TT_STORE_FAILED = 4003,
    /// The SQLite file cannot be created, opened or written at this path.
    TT_STORE_PATH = 4004,
    /// The spool's folder cannot be created, opened or written.
    TT_SPOOL_PATH = 4101,
    /// The spool has no room; a later try can succeed.
    TT_SPOOL_FULL = 4102,
    /// A file of the spool is damaged or the disk answered with an error.
    TT_SPOOL_FAILED = 4103,
    /// Neither spool nor store takes writes now; a later try can succeed.
    TT_AUDIT_UNAVAILABLE = 4201,
    /// The record could not be made safe in time; what it is about took place all the same.
    TT_AUDIT_UNRECORDED = 4202,
    /// The trail was closed.
    TT_CLOSED = 5001,
    /// The trail's writer has failed and takes nothing more; what it held is in the spool.
    TT_POISONED = 5002,
    /// A fault inside the library was contained; please report it.
    TT_PANIC = 9001,
    /// An error for which this version of the library has no number; `tt_last_error_json` has its code.
    TT_UNKNOWN = 9002,
}

use tt_status::*;

impl tt_status {
    const ALL: [tt_status; 29] = [
        TT_OK,
        TT_NULL_POINTER,
        TT_NOT_UTF8,
        TT_LENGTH_INVALID,
        TT_URL_INVALID,
        TT_OPTIONS_INVALID,
        TT_CALL_INVALID,
        TT_EVENT_INVALID,
        TT_EVENT_TOO_LARGE,
        TT_QUERY_INVALID,
        TT_WORKSPACE_INVALID,
        TT_POLICY_INVALID,
        TT_RECORD_INVALID,
        TT_DELIVERY_TOO_LARGE,
        TT_HISTORY_INVALID,
        TT_RECORD_NOT_FOUND,
        TT_STORE_UNAVAILABLE,
        TT_STORE_TIMEOUT,
        TT_STORE_FAILED,
        TT_STORE_PATH,
        TT_SPOOL_PATH,
        TT_SPOOL_FULL,
        TT_SPOOL_FAILED,
        TT_AUDIT_UNAVAILABLE,
        TT_AUDIT_UNRECORDED,
        TT_CLOSED,
        TT_POISONED,
        TT_PANIC,
        TT_UNKNOWN,
    ];

    pub(crate) const fn name(self) -> &'static CStr {
        match self {
            TT_OK => c"TT_OK",
            TT_NULL_POINTER => c"TT_NULL_POINTER",
            TT_NOT_UTF8 => c"TT_NOT_UTF8",
            TT_LENGTH_INVALID => c"TT_LENGTH_INVALID",
            TT_URL_INVALID => c"TT_URL_INVALID",
            TT_OPTIONS_INVALID => c"TT_OPTIONS_INVALID",
            TT_CALL_INVALID => c"TT_CALL_INVALID",
            TT_EVENT_INVALID => c"TT_EVENT_INVALID",
            TT_EVENT_TOO_LARGE => c"TT_EVENT_TOO_LARGE",
            TT_QUERY_INVALID => c"TT_QUERY_INVALID",
            TT_WORKSPACE_INVALID => c"TT_WORKSPACE_INVALID",
            TT_POLICY_INVALID => c"TT_POLICY_INVALID",
            TT_RECORD_INVALID => c"TT_RECORD_INVALID",
            TT_HISTORY_INVALID => c"TT_HISTORY_INVALID",
            TT_DELIVERY_TOO_LARGE => c"TT_DELIVERY_TOO_LARGE",
            TT_RECORD_NOT_FOUND => c"TT_RECORD_NOT_FOUND",
            TT_STORE_UNAVAILABLE => c"TT_STORE_UNAVAILABLE",
            TT_STORE_TIMEOUT => c"TT_STORE_TIMEOUT",
            TT_STORE_FAILED => c"TT_STORE_FAILED",
            TT_STORE_PATH => c"TT_STORE_PATH",
            TT_SPOOL_PATH => c"TT_SPOOL_PATH",
            TT_SPOOL_FULL => c"TT_SPOOL_FULL",
            TT_SPOOL_FAILED => c"TT_SPOOL_FAILED",
            TT_AUDIT_UNAVAILABLE => c"TT_AUDIT_UNAVAILABLE",
            TT_AUDIT_UNRECORDED => c"TT_AUDIT_UNRECORDED",
            TT_CLOSED => c"TT_CLOSED",
            TT_POISONED => c"TT_POISONED",
            TT_PANIC => c"TT_PANIC",
            TT_UNKNOWN => c"TT_UNKNOWN",
        }
    }
}

impl From<Code> for tt_status {
    fn from(code: Code) -> Self {
        match code {
            Code::UrlInvalid => TT_URL_INVALID,
            Code::OptionsInvalid => TT_OPTIONS_INVALID,
            Code::CallInvalid => TT_CALL_INVALID,
            Code::EventInvalid => TT_EVENT_INVALID,
            Code::EventTooLarge => TT_EVENT_TOO_LARGE,
            Code::QueryInvalid => TT_QUERY_INVALID,
            Code::PolicyInvalid => TT_POLICY_INVALID,
            Code::WorkspaceInvalid => TT_WORKSPACE_INVALID,
            Code::RecordNotFound => TT_RECORD_NOT_FOUND,
            Code::RecordInvalid => TT_RECORD_INVALID,
            Code::HistoryInvalid => TT_HISTORY_INVALID,
            Code::DeliveryTooLarge => TT_DELIVERY_TOO_LARGE,
            Code::StoreUnavailable => TT_STORE_UNAVAILABLE,
            Code::StoreTimeout => TT_STORE_TIMEOUT,
            Code::StoreFailed => TT_STORE_FAILED,
            Code::StorePath => TT_STORE_PATH,
            Code::SpoolPath => TT_SPOOL_PATH,
            Code::SpoolFull => TT_SPOOL_FULL,
            Code::SpoolFailed => TT_SPOOL_FAILED,
            Code::AuditUnavailable => TT_AUDIT_UNAVAILABLE,
            Code::AuditUnrecorded => TT_AUDIT_UNRECORDED,
            Code::Closed => TT_CLOSED,
            Code::Poisoned => TT_POISONED,
            Code::Panic => TT_PANIC,
            _ => TT_UNKNOWN,
        }
    }
}

/// The name of a status, `"TT_CLOSED"`; `"TT_UNKNOWN"` for a number that is none. Static: never free it.
// A plain number, because C may pass one that is no `tt_status`.
#[unsafe(no_mangle)]
pub extern "C" fn tt_status_name(status: u32) -> *const c_char {
    tt_status::ALL
        .into_iter()
        .find(|known| *known as u32 == status)
        .unwrap_or(TT_UNKNOWN)
        .name()
        .as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_core_has_a_number_and_the_same_name() {
        for code in Code::ALL {
            let status = tt_status::from(*code);
            assert_eq!(status.name().to_str(), Ok(code.as_str()));
        }
    }

    #[test]
    fn every_number_has_its_name_and_others_have_none() {
        for status in tt_status::ALL {
            assert_eq!(tt_status_name(status as u32), status.name().as_ptr());
        }
        assert_eq!(tt_status_name(77), TT_UNKNOWN.name().as_ptr());
    }
}
