//! Tasktrail for C and everything that speaks its ABI.
