//! What a pattern cannot say of a secret.

use crate::sanitize::action::{HASH_CHARACTERS, HASH_OPEN, MASK_KEEPS, REDACTED, STARS};
use crate::sanitize::pattern::count_steps;

/// What else must hold, and how far the secret really goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    None,
    /// A card number: digits in whole groups, no part of a longer number, the last one right by Luhn (ISO/IEC 7812-1, annex B).
    Card,
    /// `-----BEGIN … PRIVATE KEY-----`: goes to the end of the END line; where that is missing, to the end of the text.
    Pem,
    /// To the end of the text: formats that hold the key in their last lines.
    ToEnd,
    /// Base64 of `user:password` (RFC 7617).
    Basic,
    /// What stands between `://user:` and the last `@` of the authority (RFC 3986, section 3.2.1).
    UrlPassword,
    /// Letters as well as digits, so that it is no word, and no call of a function.
    Mixed,
    /// Also takes the local part in front of the `@` (RFC 5321, section 4.5.3.1.1); none that ends what stands for a secret.
    Email,
    /// Four numbers below 256, no part of a longer row.
    Ipv4,
    /// As RFC 4291, section 2.2 writes it.
    Ipv6,
    /// 7 to 15 digits (E.164).
    Phone,
    /// Also takes the fourteen letters and digits in front.
    WordBefore,
}

const MAX_LOCAL_PART: usize = 64;
const WORD_BEFORE: usize = 14;

impl Check {
    /// The extent of the secret if the check passes.
    pub(super) fn extent(self, text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
        let secret = text.get(start..end)?;
        let holds = |holds: bool| holds.then_some((start, end));
        match self {
            Check::None => Some((start, end)),
            Check::Card => holds(stands_alone(text.as_bytes(), start, end) && luhn(secret)),
            Check::Pem => secret
                .contains("PRIVATE KEY")
                .then(|| (start, pem_end(text, end).unwrap_or(text.len()))),
            Check::ToEnd => Some((start, text.len())),
            Check::Basic => holds(is_credentials(secret)),
            Check::UrlPassword => secret.rfind('@').filter(|at| *at > 0).map(|at| (start, start + at)),
            Check::Mixed => {
                let calls = text.as_bytes().get(end) == Some(&b'(');
                let has = |wanted: fn(&u8) -> bool| secret.as_bytes().iter().any(wanted);
                holds(!calls && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic))
            }
            Check::Email => {
                let bytes = text.as_bytes().get(start.saturating_sub(MAX_LOCAL_PART)..start)?;
                let is_local = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'-');
                let local = bytes.iter().rev().take_while(is_local).count();
                let follows_mark = bytes.iter().rev().nth(local) == Some(&b'*');
                (local > 0 && !follows_mark).then(|| (start - local, end))
            }
            Check::Ipv4 => holds(
                secret.split('.').all(|part| part.parse::<u8>().is_ok()) && stands_alone(text.as_bytes(), start, end),
            ),
            Check::Ipv6 => holds(secret.len() >= 7 && secret.parse::<std::net::Ipv6Addr>().is_ok()),
            Check::Phone => holds((7..=15).contains(&secret.bytes().filter(u8::is_ascii_digit).count())),
            Check::WordBefore => {
                let from = start.checked_sub(WORD_BEFORE)?;
                let word = text.as_bytes().get(from..start)?;
                word.iter().all(u8::is_ascii_alphanumeric).then_some((from, end))
            }
        }
    }
}

/// Where the first END line behind `at` ends.
fn pem_end(text: &str, at: usize) -> Option<usize> {
    const END: &str = "-----END ";
    const DASHES: &str = "-----";
    let behind = text.get(at..)?;
    let name = behind.find(END).map(|found| found + END.len());
    let end = name.and_then(|name| Some(name + behind.get(name..)?.find(DASHES)? + DASHES.len()));
    count_steps(end.unwrap_or(behind.len()));
    Some(at + end?)
}

/// Whether the digits are a number of their own: no decimal places, no part of an id, and no groups that go on.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let (before, behind) = (
        text.get(..start).unwrap_or_default(),
        text.get(end..).unwrap_or_default(),
    );
    let joins = |byte: &u8| matches!(byte, b'.' | b'-' | b'+' | b'_');
    let goes_on = matches!(behind, [sign, next, ..] if joins(sign) && next.is_ascii_digit());
    let in_groups = text.get(start..end).is_some_and(|number| number.contains(&b' '));
    !(before.last().is_some_and(joins) || goes_on || (in_groups && begins_with_group(behind)))
}

/// Whether a space comes, and two to four digits.
fn begins_with_group(text: &[u8]) -> bool {
    let Some((b' ', rest)) = text.split_first() else {
        return false;
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (2..=4).contains(&digits) && !rest.get(digits).is_some_and(u8::is_ascii_alphanumeric)
}

fn luhn(number: &str) -> bool {
    let digits = number
        .bytes()
        .rev()
        .filter(u8::is_ascii_digit)
        .map(|digit| u32::from(digit - b'0'));
    let sum: u32 = digits
        .enumerate()
        .map(|(position, digit)| match position % 2 {
            0 => digit,
            _ if digit > 4 => 2 * digit - 9,
            _ => 2 * digit,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether base64 holds printable text with a colon.
fn is_credentials(text: &str) -> bool {
    let (mut bits, mut count, mut colon) = (0u32, 0, false);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            let decoded = (bits >> count) as u8;
            colon |= decoded == b':';
            if decoded < b' ' || decoded == 0x7f {
                return false;
            }
        }
    }
    colon
}

/// A full stop at the end belongs to the sentence.
pub(super) fn without_full_stop(text: &[u8], start: usize, end: usize) -> usize {
    match text.get(start..end) {
        Some([_, .., b'.']) => end - 1,
        _ => end,
    }
}

/// Bits per byte (Shannon), of the first 256 bytes.
pub(super) fn entropy(text: &[u8]) -> f32 {
    let sample = text.get(..256).unwrap_or(text);
    let mut counts = [0u16; 256];
    for byte in sample {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let whole = sample.len() as f32;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f32::from(*count) / whole;
            -share * share.log2()
        })
        .sum()
}

/// Whether the extent is, or lies in, what stands where a secret was.
pub(super) fn is_mark(text: &str, start: usize, end: usize) -> bool {
    let before = |reach: usize| start.saturating_sub(reach)..=start;
    before(HASH_OPEN.len() + HASH_CHARACTERS).any(|at| hmac_end(text, at).is_some_and(|mark| start < mark))
        || before(REDACTED.len()).any(|at| starts_with(text, at, REDACTED) && start < at + REDACTED.len())
        || before(STARS.len() + MASK_KEEPS * 4).any(|at| {
            starts_with(text, at, STARS)
                && text
                    .get(at + STARS.len()..end)
                    .is_some_and(|kept| kept.chars().nth(MASK_KEEPS).is_none())
        })
}

fn starts_with(text: &str, at: usize, mark: &str) -> bool {
    text.as_bytes()
        .get(at..)
        .is_some_and(|rest| rest.starts_with(mark.as_bytes()))
}

fn hmac_end(text: &str, at: usize) -> Option<usize> {
    let letters = text.as_bytes().get(at..)?.strip_prefix(HASH_OPEN.as_bytes())?;
    let (letters, rest) = letters.split_at_checked(HASH_CHARACTERS)?;
    let is_mark = letters.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')) && rest.first() == Some(&b']');
    is_mark.then_some(at + HASH_OPEN.len() + HASH_CHARACTERS + 1)
}
