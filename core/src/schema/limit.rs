//! Bounds of a record's texts, in bytes of UTF-8. A writer keeps to them; a reader takes what it finds.

/// Ids, names of a host's things and error codes.
pub const ID: usize = 256;
/// A file system path.
pub const PATH: usize = 1_024;
/// Path and query string of a call.
pub const ENDPOINT: usize = 2_048;
/// Message of an error.
pub const MESSAGE: usize = 2_048;
/// Operation type.
pub const OPERATION: usize = 128;
/// HTTP method.
pub const METHOD: usize = 16;
/// Address of a client.
pub const CLIENT_IP: usize = 64;
/// User agent of a client.
pub const USER_AGENT: usize = 512;
/// Entries of a receipt.
pub const RULES: usize = 32;
