//! JSON text, written piece by piece.
//!
//! A derived serializer is made once for each type and links the tables that print any floating-point number exactly: together a
//! fifth of the module that a page loads. This writer is there once.

use std::fmt::Write as _;

/// JSON text in the making. Values are written in order; separators come by themselves.
#[derive(Debug, Default)]
pub(crate) struct Json {
    text: String,
    /// Whether the next value or key needs a comma before it.
    comma: bool,
    changes_only: bool,
}

/// What can be written as JSON.
pub(crate) trait ToJson {
    fn write(&self, json: &mut Json);

    fn to_json_text(&self) -> String {
        let mut json = Json {
            // What most need, so that it need not grow on the way.
            text: String::with_capacity(2_048),
            ..Json::default()
        };
        self.write(&mut json);
        json.into_text()
    }
}

impl Json {
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn separate(&mut self) {
        if self.comma {
            self.text.push(',');
        }
        self.comma = true;
    }

    pub(crate) fn open(&mut self, bracket: char) {
        self.separate();
        self.text.push(bracket);
        self.comma = false;
    }

    pub(crate) fn close(&mut self, bracket: char) {
        self.text.push(bracket);
        self.comma = true;
    }

    /// Any text as a key; its value is next.
    pub(crate) fn key(&mut self, key: &str) -> &mut Self {
        self.string(key);
        self.text.push(':');
        self.comma = false;
        self
    }

    /// A key of this crate, which has nothing in it to escape, and its value.
    pub(crate) fn field(&mut self, key: &'static str, value: &(impl ToJson + ?Sized)) {
        self.separate();
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
        self.comma = false;
        value.write(self);
    }

    /// The same; left out among [`Self::changes_only`] where it was that before.
    pub(crate) fn change<T: ToJson + PartialEq + ?Sized>(&mut self, key: &'static str, value: &T, was: &T) {
        if !self.changes_only || value != was {
            self.field(key, value);
        }
    }

    /// Writes no more of an object than what changed.
    pub(crate) fn changes_only(&mut self, write: impl FnOnce(&mut Self)) {
        self.changes_only = true;
        write(self);
        self.changes_only = false;
    }

    fn string(&mut self, text: &str) {
        self.separate();
        self.text.push('"');
        let mut rest = text;
        // All that must be escaped is ASCII, so the cuts are between characters.
        while let Some(at) = rest
            .bytes()
            .position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\')
        {
            let (plain, tail) = rest.split_at(at);
            self.text.push_str(plain);
            let mut characters = tail.chars();
            match characters.next() {
                Some(quoted @ ('"' | '\\')) => {
                    self.text.push('\\');
                    self.text.push(quoted);
                }
                Some('\n') => self.text.push_str("\\n"),
                Some(control) => {
                    // Writing to a String cannot fail.
                    let _ = write!(self.text, "\\u{:04x}", u32::from(control));
                }
                None => {}
            }
            rest = characters.as_str();
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    fn literal(&mut self, text: &str) {
        self.separate();
        self.text.push_str(text);
    }
}

impl ToJson for str {
    fn write(&self, json: &mut Json) {
        json.string(self);
    }
}

impl ToJson for String {
    fn write(&self, json: &mut Json) {
        json.string(self);
    }
}

impl ToJson for std::sync::Arc<str> {
    fn write(&self, json: &mut Json) {
        json.string(self);
    }
}

impl ToJson for bool {
    fn write(&self, json: &mut Json) {
        json.literal(if *self { "true" } else { "false" });
    }
}

impl ToJson for u64 {
    fn write(&self, json: &mut Json) {
        json.separate();
        push_whole(&mut json.text, *self);
    }
}

impl ToJson for i64 {
    fn write(&self, json: &mut Json) {
        json.separate();
        if *self < 0 {
            json.text.push('-');
        }
        push_whole(&mut json.text, self.unsigned_abs());
    }
}

/// With at most 15 digits that matter, and exactly where so many are enough, as they are for what a clock or a person says.
impl ToJson for f64 {
    fn write(&self, json: &mut Json) {
        // As most are: a percentage, a duration.
        if *self == self.trunc() && (0.0..1e15).contains(self) {
            (*self as u64).write(json);
        } else {
            json.literal(&decimal(*self));
        }
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn write(&self, json: &mut Json) {
        match self {
            Some(value) => value.write(json),
            None => json.literal("null"),
        }
    }
}

impl<T: ToJson> ToJson for [T] {
    fn write(&self, json: &mut Json) {
        json.open('[');
        for value in self {
            value.write(json);
        }
        json.close(']');
    }
}

/// A number's digits. The formatter of the standard library does more, and takes its time.
pub(crate) fn push_whole(text: &mut String, mut number: u64) {
    // Twenty digits are the most that there are.
    let mut digits = [b'0'; 20];
    let mut from = digits.len();
    for digit in digits.iter_mut().rev() {
        // A remainder of ten fits.
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        from -= 1;
        if number == 0 {
            break;
        }
    }
    let digits = digits.get(from..).and_then(|digits| std::str::from_utf8(digits).ok());
    text.push_str(digits.unwrap_or_default());
}

fn decimal(number: f64) -> String {
    /// Past this, not every whole number has a value of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    // A power of ten up to here is exact, so the quotient below is the very number that a parser makes of the text.
    const DECIMALS: usize = 22;
    if !number.is_finite() {
        return "null".into();
    }
    let (mut magnitude, mut exponent) = (number.abs(), 0);
    while magnitude >= 1e19 {
        (magnitude, exponent) = (magnitude / 10.0, exponent + 1);
    }
    while magnitude < 1e-6 && magnitude > 0.0 {
        (magnitude, exponent) = (magnitude * 10.0, exponent - 1);
    }
    let (mut scaled, mut scale, mut decimals) = (magnitude.round(), 1.0, 0);
    while decimals < DECIMALS && scaled / scale != magnitude {
        let finer = (magnitude * scale * 10.0).round();
        if finer >= EXACT {
            break;
        }
        (scaled, scale, decimals) = (finer, scale * 10.0, decimals + 1);
    }
    // It is whole, and below 2^64.
    let digits = (scaled as u64).to_string();
    let mut text = String::new();
    if number < 0.0 {
        text.push('-');
    }
    let whole = digits.len().saturating_sub(decimals);
    if whole == 0 {
        text.push('0');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at == whole {
            text.push('.');
            text.extend(std::iter::repeat_n('0', decimals.saturating_sub(digits.len())));
        }
        text.push(digit);
    }
    if exponent != 0 {
        let _ = write!(text, "e{exponent}");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    struct Sample<'a>(&'a str, f64, Vec<Option<u64>>);

    impl ToJson for Sample<'_> {
        fn write(&self, json: &mut Json) {
            json.open('{');
            self.0.write(json.key(self.0));
            json.field("number", &self.1);
            json.field("list", self.2.as_slice());
            json.field("time", &-5_i64);
            json.key("inner").open('{');
            json.close('}');
            json.field("last", &true);
            json.close('}');
        }
    }

    #[test]
    fn numbers_are_written_as_they_were_said() {
        for (number, text) in [
            (0.0, "0"),
            (5_000.0, "5000"),
            (-3.0, "-3"),
            (0.1, "0.1"),
            (0.5, "0.5"),
            (12.345, "12.345"),
            (-0.000_25, "-0.00025"),
            (99.999_999, "99.999999"),
            (1_767_323_045_006.25, "1767323045006.25"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (100.0 / 3.0, "33.33333333333334"),
            (0.000_01, "0.00001"),
            (f64::NAN, "null"),
            (f64::NEG_INFINITY, "null"),
        ] {
            assert_eq!(decimal(number), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn fifteen_digits_come_back(digits in -999_999_999_999_999_i64..=999_999_999_999_999, decimals in 0_i32..=15) {
            let number: f64 = format!("{digits}e-{decimals}").parse().unwrap();
            if number == 0.0 || number.abs() >= 1e-6 {
                let back: f64 = decimal(number).parse().unwrap();
                proptest::prop_assert_eq!(back, number, "{}", decimal(number));
            }
        }

        #[test]
        fn every_number_comes_back_but_for_its_last_digits(number in proptest::num::f64::NORMAL) {
            let text = decimal(number);
            let back: f64 = text.parse().unwrap();
            serde_json::from_str::<serde::de::IgnoredAny>(&text).unwrap();
            proptest::prop_assert!((back - number).abs() <= number.abs() * 1e-12, "{} {}", text, number);
        }

        #[test]
        fn what_is_written_is_read_again(text in "\\PC*|[\\x00-\\x7f]*", whole: u64, list: Vec<Option<u64>>) {
            let number = (whole >> 12) as f64 / 1_024.0;
            let written = Sample(&text, number, list.clone()).to_json_text();
            let read: Value = serde_json::from_str(&written).unwrap();
            let (kept, kept_list) = (read.get(&text).cloned(), read["list"].clone());
            if !["number", "list", "time", "inner", "last"].contains(&text.as_str()) {
                proptest::prop_assert_eq!(kept, Some(json!(text)));
            }
            proptest::prop_assert_eq!(kept_list, json!(list));
            proptest::prop_assert!((read["number"].as_f64().unwrap() - number).abs() <= number * 1e-12);
            proptest::prop_assert_eq!((&read["time"], &read["inner"], &read["last"]), (&json!(-5), &json!({}), &json!(true)));
        }
    }
}
