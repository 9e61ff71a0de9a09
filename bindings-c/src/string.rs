//! A text that C owns.

use std::ffi::c_char;
use std::ptr;

use crate::boundary;

/// A UTF-8 text that the library made and the caller owns: hand it to `tt_string_free`, exactly as it came.
///
/// `data` is `len` bytes and then a NUL byte that `len` does not count, so it can be printed as it is.
#[repr(C)]
#[derive(Debug)]
pub struct tt_string {
    /// The text; NULL in one that was freed or never filled.
    pub data: *const c_char,
    /// Its length in bytes.
    pub len: usize,
}

impl tt_string {
    pub(crate) fn new(text: String) -> Self {
        let len = text.len();
        let mut bytes = text.into_bytes();
        bytes.push(0);
        // A box has no spare capacity, so the length alone tells how it was allocated.
        let data = Box::into_raw(bytes.into_boxed_slice());
        tt_string { data: data.cast(), len }
    }
}

/// Frees a text and empties the struct, so that freeing it again is harmless, as is NULL. The one function that frees texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tt_string_free(string: *mut tt_string) {
    boundary::contain("tt_string_free", || {
        // SAFETY: by contract NULL or a struct that nobody else uses now.
        let Some(string) = (unsafe { string.as_mut() }) else {
            return;
        };
        let data = std::mem::replace(&mut string.data, ptr::null());
        let len = std::mem::take(&mut string.len);
        if !data.is_null() {
            let bytes = ptr::slice_from_raw_parts_mut(data.cast_mut().cast::<u8>(), len.wrapping_add(1));
            // SAFETY: `new` made it from a box of `len` bytes and the NUL, and by contract the caller changed neither field.
            drop(unsafe { Box::from_raw(bytes) });
        }
    });
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    #[test]
    fn a_text_ends_in_nul_and_is_freed_once() {
        let mut string = tt_string::new("grün".into());
        assert_eq!(string.len, 5);
        // SAFETY: just made, with its NUL.
        assert_eq!(unsafe { CStr::from_ptr(string.data) }.to_str(), Ok("grün"));
        for _ in 0..2 {
            // SAFETY: a struct of this test's own.
            unsafe { tt_string_free(&raw mut string) };
            assert!(string.data.is_null() && string.len == 0);
        }
        // SAFETY: NULL is allowed.
        unsafe { tt_string_free(ptr::null_mut()) };
    }
}
