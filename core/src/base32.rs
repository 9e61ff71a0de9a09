//! Base32 in lower case without padding (RFC 4648, section 6): what ids and fingerprints are written in.

/// The bytes' base32, at most `most` characters of it.
pub(crate) fn encode(bytes: &[u8], most: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut bits, mut count) = (0u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.extend(
                LETTERS
                    .get((bits >> count & 31) as usize)
                    .map(|letter| char::from(*letter)),
            );
        }
    }
    if count > 0 {
        text.extend(
            LETTERS
                .get((bits << (5 - count) & 31) as usize)
                .map(|letter| char::from(*letter)),
        );
    }
    text.truncate(most);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_writes_the_samples_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "my"),
            ("fo", "mzxq"),
            ("foo", "mzxw6"),
            ("foob", "mzxw6yq"),
            ("fooba", "mzxw6ytb"),
            ("foobar", "mzxw6ytboi"),
        ] {
            assert_eq!(encode(bytes.as_bytes(), usize::MAX), text);
        }
        assert_eq!(encode(b"foobar", 4), "mzxw");
    }
}
