//! Which library is this?

use std::ffi::c_char;

/// Number of the ABI that this header describes: it grows when a program must be compiled anew. The library's soname ends in it.
pub const TT_ABI_VERSION: u32 = 0;

/// The version of the library that was loaded, `"0.1.0"`; `TT_VERSION` is that of this header. Static: never free it.
#[unsafe(no_mangle)]
pub extern "C" fn tt_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The ABI of the library that was loaded; a host that loads it at run time compares it with `TT_ABI_VERSION`.
#[unsafe(no_mangle)]
pub extern "C" fn tt_abi_version() -> u32 {
    TT_ABI_VERSION
}
