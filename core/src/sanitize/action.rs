//! What becomes of a secret, and the marks that are left in its place.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::base32;

/// What stands where a secret was.
pub const REDACTED: &str = "[redacted]";
/// What stands where something was cut for length.
pub(super) const TRUNCATED: &str = "[truncated]";
/// What stands where no JSON was.
pub(super) const MALFORMED: &str = "[malformed]";
pub(super) const STARS: &str = "****";
pub(super) const HASH_OPEN: &str = "[hmac:";
/// 130 bits of the digest as base32.
pub(super) const HASH_CHARACTERS: usize = 26;
/// Characters that a mask shows.
pub(super) const MASK_KEEPS: usize = 4;
/// A shorter secret shows nothing of itself when it is masked: four characters of it would be half.
const MASK_LEAST: usize = 8;

/// What a rule does with what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "SanitizerAction"))]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// `[redacted]` takes its place.
    #[default]
    Remove,
    /// `****` and its last four characters; only `****` for fewer than eight.
    Mask,
    /// `[hmac:…]`: HMAC-SHA256 under the trail's `hashKey`, 26 characters of base32, so that equal values stay equal.
    Hash,
    /// It stays as it is, and no later rule looks at it.
    Keep,
}

/// A key for the action `hash`, already taken in.
#[derive(Clone)]
pub(super) struct HashKey(Hmac<Sha256>);

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey")
    }
}

impl HashKey {
    pub(super) fn new(key: &str) -> Option<Self> {
        // HMAC takes a key of any length. What it is used for goes first, so that a hash never equals an actor's fingerprint.
        let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
        Some(HashKey(mac.chain_update(b"tasktrail value v1\0")))
    }
}

/// Writes what the action leaves of a secret.
pub(super) fn apply(action: Action, secret: &str, key: Option<&HashKey>, out: &mut String) {
    match (action, key) {
        (Action::Keep, _) => out.push_str(secret),
        (Action::Mask, _) => {
            out.push_str(STARS);
            let characters = secret.chars().count();
            if characters >= MASK_LEAST {
                let last = secret.chars().skip(characters - MASK_KEEPS);
                out.extend(last.map(|c| if super::text::acts(c) { '*' } else { c }));
            }
        }
        (Action::Hash, Some(key)) => {
            let digest = key.0.clone().chain_update(secret.as_bytes()).finalize().into_bytes();
            out.push_str(HASH_OPEN);
            out.push_str(&base32::encode(&digest, HASH_CHARACTERS));
            out.push(']');
        }
        // Without a key no policy compiles that hashes; should one, nothing is shown.
        (Action::Remove, _) | (Action::Hash, None) => out.push_str(REDACTED),
    }
}

/// Whether a text is what the sanitizer itself leaves: looking at it again must change nothing.
pub(super) fn is_mark(text: &str) -> bool {
    if let Some(tail) = text.strip_prefix(STARS) {
        return tail.is_empty() || tail.chars().count() == MASK_KEEPS;
    }
    if let Some(hash) = text.strip_prefix(HASH_OPEN).and_then(|rest| rest.strip_suffix(']')) {
        return hash.len() == HASH_CHARACTERS && hash.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
    }
    if let Some(note) = text
        .strip_prefix("[truncated: ")
        .and_then(|rest| rest.strip_suffix(']'))
    {
        let bytes = note.strip_suffix(" bytes").unwrap_or_default();
        return note == "nested too deep" || !bytes.is_empty() && bytes.bytes().all(|b| b.is_ascii_digit());
    }
    matches!(text, REDACTED | TRUNCATED | MALFORMED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(action: Action, secret: &str) -> String {
        let mut out = String::new();
        apply(action, secret, HashKey::new("k").as_ref(), &mut out);
        out
    }

    #[test]
    fn each_action_leaves_what_it_says() {
        assert_eq!(applied(Action::Remove, "4111111111111111"), "[redacted]");
        assert_eq!(applied(Action::Mask, "4111111111111234"), "****1234");
        assert_eq!(applied(Action::Mask, "größe→ß€ä"), "****→ß€ä");
        assert_eq!(applied(Action::Mask, "1234567"), "****");
        assert_eq!(applied(Action::Keep, "x"), "x");
        let hash = applied(Action::Hash, "x");
        assert_eq!(hash, applied(Action::Hash, "x"));
        assert_ne!(hash, applied(Action::Hash, "y"));
        let mut other = String::new();
        apply(Action::Hash, "x", HashKey::new("another").as_ref(), &mut other);
        assert_ne!(hash, other);
    }

    #[test]
    fn marks_are_known_and_look_alikes_are_not() {
        for action in [Action::Remove, Action::Mask, Action::Hash] {
            for secret in ["", "short", "a longer secret", "ä€"] {
                let mark = applied(action, secret);
                assert!(is_mark(&mark), "{mark}");
            }
        }
        for mark in [
            "[truncated]",
            "[malformed]",
            "[truncated: 12 bytes]",
            "[truncated: nested too deep]",
        ] {
            assert!(is_mark(mark), "{mark}");
        }
        for text in [
            "",
            "****12345",
            "[hmac:abc]",
            "[truncated: my password]",
            "[truncated: bytes]",
            "[redacted]x",
        ] {
            assert!(!is_mark(text), "{text}");
        }
    }
}
