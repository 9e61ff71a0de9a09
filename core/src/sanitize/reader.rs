//! JSON as tokens, from a text that may end or break anywhere.

use std::borrow::Cow;

/// Why a pass over JSON ends before its document does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// No room for more.
    Full,
    /// The input is not JSON from here on, or ends.
    Malformed,
}

/// A string as it stands, without its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawString<'a> {
    pub(super) raw: &'a str,
    /// Printable ASCII without escapes: the text is what stands there, and so it may be written again.
    pub(super) is_plain: bool,
    /// Whether writing its text again gives what stands there, unless something is to be encoded: no escape but `\n`, `\t`, `\"`
    /// and `\\`, no control characters.
    pub(super) is_canonical: bool,
    /// Whether a name may stand in front of a secret: there is `=`, `:` or `--` in it.
    pub(super) may_name: bool,
}

#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Whether `text` is only the beginning of the input.
    pub(super) is_cut: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, is_cut: bool) -> Self {
        Reader { text, at: 0, is_cut }
    }

    /// A reader that stands where this one does; what it takes, this one still has before it.
    pub(super) fn look_ahead(&self) -> Reader<'a> {
        Reader { ..*self }
    }

    /// The byte that comes next, blanks left out.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Takes the next byte if it is this one.
    pub(super) fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Takes a string.
    pub(super) fn string(&mut self) -> Result<RawString<'a>, Stop> {
        if self.peek() != Some(b'"') {
            return Err(Stop::Malformed);
        }
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start;
        let (mut is_plain, mut is_canonical, mut may_name) = (true, true, false);
        loop {
            let run = Run::of(bytes.get(at..).unwrap_or_default());
            at += run.length;
            may_name |= run.may_name;
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    is_plain = false;
                    is_canonical &= matches!(bytes.get(at + 1), Some(b'n' | b't' | b'"' | b'\\'));
                    at += 2;
                }
                Some(0x80..) => {
                    is_plain = false;
                    let rest = bytes.get(at..).unwrap_or_default();
                    at += rest.iter().take_while(|b| **b >= 0x80).count();
                }
                Some(_) => {
                    (is_plain, is_canonical) = (false, false);
                    at += 1;
                }
                None => return Err(Stop::Malformed),
            }
        }
        self.at = at + 1;
        let raw = self.text.get(start..at).ok_or(Stop::Malformed)?;
        // Other escapes may be anything.
        let may_name = may_name || !is_canonical;
        Ok(RawString {
            raw,
            is_plain,
            is_canonical,
            may_name,
        })
    }

    /// Takes a number, `true`, `false` or `null`.
    pub(super) fn scalar(&mut self) -> Result<&'a str, Stop> {
        let rest = self.text.get(self.at..).ok_or(Stop::Malformed)?;
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        let length = rest.bytes().take_while(is_part).count();
        self.at += length;
        let found = rest.get(..length).ok_or(Stop::Malformed)?;
        // A scalar at the very end of a cut input may go on behind the cut.
        let may_go_on = self.is_cut && self.at == self.text.len();
        if may_go_on || !(matches!(found, "true" | "false" | "null") || is_number(found)) {
            return Err(Stop::Malformed);
        }
        Ok(found)
    }

    /// Takes any value without a look at it.
    pub(super) fn skip_value(&mut self) -> Result<(), Stop> {
        match self.peek() {
            Some(b'{' | b'[') => {
                self.at += 1;
                self.skip_container()
            }
            Some(b'"') => self.string().map(drop),
            Some(_) => self.scalar().map(drop),
            None => Err(Stop::Malformed),
        }
    }

    /// Takes the rest of a container whose opening bracket was taken.
    pub(super) fn skip_container(&mut self) -> Result<(), Stop> {
        let mut depth = 1usize;
        while depth > 0 {
            match self.peek() {
                Some(b'"') => {
                    self.string()?;
                }
                Some(byte) => {
                    // A step over any one byte may end inside a character; the next quote or bracket is ASCII again.
                    self.at += 1;
                    match byte {
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth -= 1,
                        _ => {}
                    }
                }
                None => return Err(Stop::Malformed),
            }
        }
        Ok(())
    }
}

/// A run of printable ASCII other than `"` and `\`.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    length: usize,
    /// Whether it holds `=`, `:` or `--`.
    may_name: bool,
}

impl Run {
    /// The run at the beginning, eight bytes at a time.
    fn of(bytes: &[u8]) -> Self {
        const ONES: u64 = u64::from_ne_bytes([1; 8]);
        const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
        // A byte that is zero sets its high bit, and may set those above it: both only cost a closer look.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let equal = |word: u64, byte: u8| zero(word ^ (ONES * u64::from(byte)));
        let mut length = 0;
        let mut named = 0;
        let mut dash_before = 0;
        for chunk in bytes.chunks_exact(8) {
            let Ok(chunk) = chunk.try_into() else { break };
            let word = u64::from_le_bytes(chunk);
            let special = HIGH
                & (equal(word, b'"')
                    | equal(word, b'\\')
                    | word.wrapping_sub(ONES * 0x20)
                    | word.wrapping_add(ONES)
                    | word);
            let dashes = equal(word, b'-') & HIGH;
            let names = (equal(word, b'=') | equal(word, b':')) & HIGH | dashes & (dashes << 8 | dash_before);
            if special != 0 {
                // The lowest mark is exact.
                let end = special.trailing_zeros();
                return Run {
                    length: length + (end / 8) as usize,
                    may_name: named | names & ((1 << end) - 1) != 0,
                };
            }
            named |= names;
            dash_before = dashes >> 56;
            length += 8;
        }
        let mut may_name = named != 0;
        let mut before = if dash_before != 0 { b'-' } else { b' ' };
        for byte in bytes.get(length..).unwrap_or_default() {
            if !(0x20..0x7f).contains(byte) || matches!(byte, b'"' | b'\\') {
                break;
            }
            may_name |= matches!(byte, b'=' | b':') || (*byte == b'-' && before == b'-');
            before = *byte;
            length += 1;
        }
        Run { length, may_name }
    }
}

/// RFC 8259, section 6.
pub(super) fn is_number(text: &str) -> bool {
    let digits = |text: &mut &[u8]| {
        let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
        *text = text.get(count..).unwrap_or_default();
        count
    };
    let mut rest = text.as_bytes();
    rest = rest.strip_prefix(b"-").unwrap_or(rest);
    let leading_zero = rest.first() == Some(&b'0');
    let whole = digits(&mut rest);
    if whole == 0 || (leading_zero && whole > 1) {
        return false;
    }
    if let Some(fraction) = rest.strip_prefix(b".") {
        rest = fraction;
        if digits(&mut rest) == 0 {
            return false;
        }
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        rest = exponent;
        rest = rest
            .strip_prefix(b"+")
            .or_else(|| rest.strip_prefix(b"-"))
            .unwrap_or(rest);
        if digits(&mut rest) == 0 {
            return false;
        }
    }
    rest.is_empty()
}

/// Whether every reader holds a scalar: an integer up to 2^53-1, or a number with a point or an exponent that is no larger than a
/// double can be. Goes by its digits; reading doubles would take more code than all else here.
pub(super) fn is_portable(scalar: &str) -> bool {
    /// Digits of 2^53-1, and of the largest double before its exponent.
    const SAFE: &[u8] = b"9007199254740991";
    const LARGEST: &[u8] = b"17976931348623157";
    const LARGEST_EXPONENT: i64 = 308;
    let unsigned = scalar.strip_prefix('-').unwrap_or(scalar);
    let is_number = unsigned.starts_with(|c: char| c.is_ascii_digit());
    if !is_number || unsigned.len() < SAFE.len() && !unsigned.contains(['e', 'E']) {
        return true;
    }
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() == unsigned.len() {
        return whole.len() < SAFE.len() || whole.len() == SAFE.len() && whole.as_bytes() <= SAFE;
    }
    let digits = || whole.bytes().chain(fraction.bytes());
    let Some(zeros) = digits().position(|digit| digit != b'0') else {
        return true;
    };
    // The power of ten of the first digit that counts. A count of digits is far below the bounds of the type, an exponent need not be.
    let exponent = match exponent.parse::<i64>() {
        Ok(exponent) => exponent,
        Err(_) => return exponent.starts_with('-'),
    };
    let power = exponent.saturating_add(whole.len() as i64 - 1 - zeros as i64);
    power < LARGEST_EXPONENT
        || power == LARGEST_EXPONENT && digits().skip(zeros).take(LARGEST.len()).le(LARGEST.iter().copied())
}

impl<'a> RawString<'a> {
    /// Its text. Lone surrogates become U+FFFD.
    pub(super) fn text(self) -> Result<Cow<'a, str>, Stop> {
        if self.is_plain || !self.raw.contains('\\') {
            return Ok(Cow::Borrowed(self.raw));
        }
        let mut out = String::with_capacity(self.raw.len());
        let mut rest = self.raw;
        let mut high: Option<u32> = None;
        while let Some((run, escape)) = rest.split_once('\\') {
            if !run.is_empty() && high.take().is_some() {
                out.push(char::REPLACEMENT_CHARACTER);
            }
            out.push_str(run);
            let mut characters = escape.chars();
            let unit = match characters.next().ok_or(Stop::Malformed)? {
                'u' => {
                    let mut unit = 0;
                    for _ in 0..4 {
                        unit = unit * 16 + characters.next().and_then(|c| c.to_digit(16)).ok_or(Stop::Malformed)?;
                    }
                    unit
                }
                'n' => 0x0a,
                't' => 0x09,
                'r' => 0x0d,
                'b' => 0x08,
                'f' => 0x0c,
                quoted @ ('"' | '\\' | '/') => u32::from(quoted),
                _ => return Err(Stop::Malformed),
            };
            rest = characters.as_str();
            match (high.take(), unit) {
                (Some(first), 0xdc00..=0xdfff) => {
                    let point = 0x1_0000 + ((first - 0xd800) << 10) + (unit - 0xdc00);
                    out.push(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
                    continue;
                }
                (Some(_), _) => out.push(char::REPLACEMENT_CHARACTER),
                (None, _) => {}
            }
            match unit {
                0xd800..=0xdbff => high = Some(unit),
                _ => out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)),
            }
        }
        if !rest.is_empty() && high.take().is_some() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
        out.push_str(rest);
        if high.is_some() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
        Ok(Cow::Owned(out))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_those_of_json() {
        for number in ["0", "-0", "1", "10", "-1.5", "0.0", "1e5", "1E+5", "1.5e-10", "1e400"] {
            assert!(is_number(number), "{number}");
        }
        for text in [
            "", "-", "01", "1.", ".5", "1e", "1e+", "+1", "1x", "0x1", "NaN", "1.e5", "--1",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn what_every_reader_holds_is_portable() {
        for number in [
            "0",
            "-0",
            "null",
            "true",
            "9007199254740991",
            "-9007199254740991",
            "0.1",
            "1e308",
            "1.7976931348623157e308",
            "-1.7976931348623157E+308",
            "17976931348623157e292",
            "0.00017976931348623157e312",
            "1e-400",
            "0e999",
            "0.000000000000000000000000000000",
            "123456789012345678.5",
            "1e-99999999999999999999",
        ] {
            assert!(is_portable(number), "{number}");
        }
        for number in [
            "9007199254740992",
            "-9007199254740993",
            "100000000000000000000",
            "1e309",
            "1.8e308",
            "-1e400",
            "18e307",
            "0.1e310",
            "1e99999999999999999999",
        ] {
            assert!(!is_portable(number), "{number}");
        }
    }

    #[test]
    fn surrogates_pair_up_or_are_replaced() {
        let text = |raw: &str| {
            Reader::new(raw, false)
                .string()
                .and_then(RawString::text)
                .map(Cow::into_owned)
        };
        assert_eq!(text(r#""\ud83d\ude00""#).unwrap(), "😀");
        assert_eq!(text(r#""\ud83dx""#).unwrap(), "\u{fffd}x");
        assert_eq!(text(r#""\ud83d\ud83d\ude00""#).unwrap(), "\u{fffd}😀");
        assert_eq!(text(r#""\ude00\ud83d""#).unwrap(), "\u{fffd}\u{fffd}");
        assert_eq!(text(r#""a\q""#), Err(Stop::Malformed));
        assert_eq!(text(r#""a\u12""#), Err(Stop::Malformed));
        assert_eq!(text(r#""a"#), Err(Stop::Malformed));
    }

    proptest! {
        #[test]
        fn a_plain_run_ends_at_the_first_byte_that_is_not(text in "([ -~]|[-=:a]){0,40}[\"\\\\\u{0}-\u{1f}\u{7f}ä]?[ -~]{0,20}") {
            let is_plain = |b: u8| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\';
            let expected = text.bytes().take_while(|b| is_plain(*b)).count();
            let run = Run::of(text.as_bytes());
            prop_assert_eq!(run.length, expected);
            // Too often is allowed, too seldom is not.
            let plain = text.get(..expected).unwrap();
            prop_assert!(run.may_name || !(plain.contains(['=', ':']) || plain.contains("--")));
        }

        #[test]
        fn a_number_is_portable_as_its_double_says(text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
            let is_integer = !text.contains(['.', 'e', 'E']);
            let number: f64 = text.parse().unwrap();
            let expected = number.is_finite() && (!is_integer || number.abs() < 9_007_199_254_740_992.0);
            prop_assert_eq!(is_portable(&text), expected, "{}", text);
        }

        #[test]
        fn a_string_reads_as_serde_reads_it(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let mut reader = Reader::new(&json, false);
            prop_assert_eq!(reader.string().unwrap().text().unwrap(), text);
            prop_assert_eq!(reader.peek(), None);
        }
    }
}
