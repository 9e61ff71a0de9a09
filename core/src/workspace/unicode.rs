//! One spelling for letters with marks. macOS takes `é` as one character or as two for the same name; which one a program gets depends on
//! how it asked.

use std::borrow::Cow;

/// The text in Unicode normalisation form C (Unicode Standard Annex #15). Most paths are ASCII and cost a look.
pub(super) fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(composed(text))
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn composed(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfc().collect()
}

// JavaScript has the tables, and they are larger than the rest of this module.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn composed(text: &str) -> String {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = String)]
        type Text;
        #[wasm_bindgen(method)]
        fn normalize(this: &Text) -> String;
    }

    JsValue::from_str(text).unchecked_into::<Text>().normalize()
}
