//! Key rules: which names hold secrets. A rule matches words, not substrings, across case, `-`, `_` and camelCase.

use serde::{Deserialize, Serialize};

/// Where the words of a key rule must stand in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum KeyPlace {
    /// Anywhere in it, side by side and in order: `badge number` in `employeeBadgeNumberOld`.
    #[default]
    Anywhere,
    /// At its end: `token` in `refreshToken`, but not in `tokenCount`.
    End,
    /// They are all of it.
    Whole,
}

/// Words at the end of a name that make it a measure of a secret: `passwordLength`.
const MEASURES: [&str; 9] = [
    "length", "count", "age", "days", "min", "max", "size", "attempts", "version",
];

/// A rule that ships: its id, and the words that it asks for, in order.
#[derive(Debug)]
pub(super) struct KeyRule {
    pub(super) id: &'static str,
    words: &'static [&'static str],
    place: KeyPlace,
    /// Whether numbers stay: `"max_tokens": 512` counts, `"tokens": ["x"]` opens doors.
    counts: bool,
}

impl KeyRule {
    /// Whether a number under this name is none of its secrets.
    pub(super) fn spares_numbers(&self, name: &[String]) -> bool {
        self.counts || name.last().is_some_and(|last| MEASURES.contains(&last.as_str()))
    }

    /// Whether its words are the whole name.
    pub(super) fn is_all_of(&self, name: &str) -> bool {
        matches(self.words, KeyPlace::Whole, &words(name))
    }
}

const fn rule(id: &'static str, words: &'static [&'static str], place: KeyPlace) -> KeyRule {
    KeyRule {
        id,
        words,
        place,
        counts: false,
    }
}

const fn anywhere(id: &'static str, words: &'static [&'static str]) -> KeyRule {
    rule(id, words, KeyPlace::Anywhere)
}

const fn at_the_end(id: &'static str, words: &'static [&'static str]) -> KeyRule {
    rule(id, words, KeyPlace::End)
}

const fn whole(id: &'static str, words: &'static [&'static str]) -> KeyRule {
    rule(id, words, KeyPlace::Whole)
}

const fn but_numbers(rule: KeyRule) -> KeyRule {
    KeyRule { counts: true, ..rule }
}

const RULES: &[KeyRule] = &[
    anywhere("key:password", &["password"]),
    anywhere("key:password", &["passwords"]),
    anywhere("key:password", &["passwd"]),
    anywhere("key:password", &["passphrase"]),
    anywhere("key:password", &["passcode"]),
    anywhere("key:password", &["pwd"]),
    anywhere("key:password", &["passwort"]),
    anywhere("key:password", &["kennwort"]),
    anywhere("key:password", &["senha"]),
    anywhere("key:password", &["contrasena"]),
    anywhere("key:password", &["contraseña"]),
    anywhere("key:password", &["wachtwoord"]),
    anywhere("key:password", &["mot", "de", "passe"]),
    // `"pass": 12` counts tests.
    but_numbers(at_the_end("key:password", &["pass"])),
    whole("key:password", &["pw"]),
    anywhere("key:secret", &["secret"]),
    anywhere("key:secret", &["secrets"]),
    at_the_end("key:token", &["token"]),
    but_numbers(at_the_end("key:token", &["tokens"])),
    at_the_end("key:token", &["token", "value"]),
    at_the_end("key:token", &["jwt"]),
    whole("key:token", &["x", "amz", "signature"]),
    whole("key:token", &["x", "goog", "signature"]),
    whole("key:token", &["sig"]),
    at_the_end("key:authorization", &["authorization"]),
    at_the_end("key:authorization", &["authorization", "header"]),
    at_the_end("key:authorization", &["authorization", "code"]),
    at_the_end("key:authorization", &["auth"]),
    anywhere("key:authorization", &["bearer"]),
    anywhere("key:cookie", &["cookie"]),
    anywhere("key:cookie", &["cookies"]),
    anywhere("key:credential", &["credential"]),
    anywhere("key:credential", &["credentials"]),
    anywhere("key:api_key", &["api", "key"]),
    anywhere("key:api_key", &["apikey"]),
    anywhere("key:api_key", &["api", "keys"]),
    anywhere("key:api_key", &["apikeys"]),
    anywhere("key:private_key", &["private", "key"]),
    anywhere("key:private_key", &["privatekey"]),
    anywhere("key:private_key", &["ssh", "key"]),
    anywhere("key:access_key", &["access", "key"]),
    anywhere("key:access_key", &["accesskey"]),
    anywhere("key:access_key", &["account", "key"]),
    anywhere("key:access_key", &["master", "key"]),
    anywhere("key:access_key", &["shared", "key"]),
    anywhere("key:access_key", &["service", "key"]),
    anywhere("key:access_key", &["license", "key"]),
    anywhere("key:encryption_key", &["encryption", "key"]),
    anywhere("key:encryption_key", &["signing", "key"]),
    anywhere("key:encryption_key", &["hash", "key"]),
    anywhere("key:connection_string", &["connection", "string"]),
    anywhere("key:card", &["card", "number"]),
    at_the_end("key:card", &["cvv"]),
    at_the_end("key:card", &["cvc"]),
    at_the_end("key:otp", &["otp"]),
    at_the_end("key:otp", &["totp"]),
    at_the_end("key:otp", &["mfa", "code"]),
    anywhere("key:otp", &["recovery", "codes"]),
    anywhere("key:mnemonic", &["mnemonic"]),
    anywhere("key:mnemonic", &["seed", "phrase"]),
    at_the_end("key:ssn", &["ssn"]),
    // Names that are written in one.
    whole("key:password", &["pgpassword"]),
    whole("key:password", &["dbpassword"]),
    whole("key:password", &["userpassword"]),
    whole("key:password", &["dbpass"]),
    whole("key:password", &["pswd"]),
    at_the_end("key:password", &["pass", "word"]),
    whole("key:secret", &["clientsecret"]),
    whole("key:secret", &["secretkey"]),
    at_the_end("key:token", &["accesstoken"]),
    at_the_end("key:token", &["refreshtoken"]),
    at_the_end("key:token", &["authtoken"]),
    at_the_end("key:token", &["code", "verifier"]),
    at_the_end("key:token", &["client", "assertion"]),
    whole("key:cookie", &["jsessionid"]),
    whole("key:cookie", &["phpsessid"]),
    anywhere("key:authorization", &["auth", "header"]),
    anywhere("key:card", &["cardnumber"]),
    at_the_end("key:card", &["security", "code"]),
    at_the_end("key:otp", &["verification", "code"]),
    at_the_end("key:access_key", &["stripe", "key"]),
    at_the_end("key:access_key", &["openai", "key"]),
    at_the_end("key:access_key", &["client", "key"]),
];

/// Ids of the rules that ship, each once.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    let known = |at: usize, id: &str| RULES.iter().take(at).any(|earlier| earlier.id == id);
    RULES
        .iter()
        .enumerate()
        .filter(move |(at, rule)| !known(*at, rule.id))
        .map(|(_, rule)| rule.id)
}

/// What a host's key rule asks for.
#[derive(Debug, Clone)]
pub(super) struct KeyPattern {
    words: Vec<String>,
    place: KeyPlace,
}

impl KeyPattern {
    /// `None` where the text holds no word.
    pub(super) fn new(text: &str, place: KeyPlace) -> Option<Self> {
        let words = words(text);
        (!words.is_empty()).then_some(KeyPattern { words, place })
    }

    pub(super) fn matches(&self, name: &[String]) -> bool {
        matches(&self.words, self.place, name)
    }
}

fn matches<W: AsRef<str>>(wanted: &[W], place: KeyPlace, name: &[String]) -> bool {
    let same = |part: &[String]| part.iter().zip(wanted).all(|(word, wanted)| word == wanted.as_ref());
    match place {
        KeyPlace::Anywhere => name.windows(wanted.len()).any(same),
        KeyPlace::End => name
            .len()
            .checked_sub(wanted.len())
            .and_then(|from| name.get(from..))
            .is_some_and(same),
        KeyPlace::Whole => name.len() == wanted.len() && same(name),
    }
}

/// The rules that ship, behind filters which most names do not pass.
#[derive(Debug)]
pub(super) struct KeyTable {
    /// For each first letter, one bit for the length of each word that a rule asks for.
    lengths: [u32; 26],
    /// One bit for the hash of each such word.
    hashes: [u64; HASHES],
}

const HASHES: usize = 64;

impl KeyTable {
    /// The rules that ship and room for a host's own.
    pub(super) fn new<'a>(hosts: impl Iterator<Item = &'a KeyPattern>) -> Self {
        let mut table = KeyTable {
            lengths: [0; 26],
            hashes: [0; HASHES],
        };
        for rule in RULES {
            for word in rule.words {
                table.admit(word);
            }
        }
        for pattern in hosts {
            for word in &pattern.words {
                table.admit(word);
            }
        }
        table
    }

    fn admit(&mut self, word: &str) {
        if let Some((lengths, bit)) = word
            .bytes()
            .next()
            .and_then(|first| self.lengths.get_mut(letter(first)?))
            .zip(length_bit(word.len()))
        {
            *lengths |= bit;
        }
        let (slot, bit) = place_of(word.as_bytes());
        if let Some(bits) = self.hashes.get_mut(slot) {
            *bits |= 1 << bit;
        }
    }

    /// The words of a name that some rule may ask for; `None` for the many names that none does.
    pub(super) fn words(&self, name: &str) -> Option<Vec<String>> {
        self.may_match(name.as_bytes()).then(|| words(name))
    }

    /// Whether the filters have a word of the name. Splits as [`words`] does.
    fn may_match(&self, name: &[u8]) -> bool {
        let (mut start, mut letters) = (0, 0usize);
        let mut before = b' ';
        for (at, &byte) in name.iter().enumerate() {
            match byte {
                b'a'..=b'z' => letters += 1,
                // What has letters beyond ASCII is looked at closely.
                0x80.. => return true,
                b'A'..=b'Z' => {
                    if letters > 0 && starts_word(before, name.get(at + 1).copied()) {
                        if self.may_have(name, start, at, letters) {
                            return true;
                        }
                        (start, letters) = (at, 0);
                    }
                    letters += 1;
                }
                // A number is a counter, not part of the word.
                b'0'..=b'9' => {}
                _ => {
                    if self.may_have(name, start, at, letters) {
                        return true;
                    }
                    (start, letters) = (at + 1, 0);
                }
            }
            before = byte;
        }
        self.may_have(name, start, name.len(), letters)
    }

    /// Whether the word between two places, of so many letters, may be in a rule. Most words end at its length.
    fn may_have(&self, name: &[u8], start: usize, end: usize, letters: usize) -> bool {
        let word = name.get(start..end).unwrap_or_default();
        let first = match word.first() {
            Some(b'0'..=b'9') => word.iter().find(|byte| !byte.is_ascii_digit()),
            first => first,
        };
        let bits = first.and_then(|first| self.lengths.get(letter(*first)?));
        bits.zip(length_bit(letters)).is_some_and(|(bits, bit)| bits & bit != 0) && {
            let (slot, bit) = place_of(word);
            self.hashes.get(slot).is_some_and(|bits| bits >> bit & 1 == 1)
        }
    }

    /// The rule that a name falls under.
    pub(super) fn shipped(name: &[String]) -> Option<&'static KeyRule> {
        RULES.iter().find(|rule| matches(rule.words, rule.place, name))
    }
}

/// Which letter of the alphabet, whatever its case.
fn letter(byte: u8) -> Option<usize> {
    byte.is_ascii_alphabetic().then(|| usize::from((byte | 0x20) - b'a'))
}

/// Words of 31 letters and more share a bit; there is none of no letter.
fn length_bit(length: usize) -> Option<u32> {
    (length > 0).then(|| 1 << length.min(31))
}

/// The bit of a word, whatever its case (FNV-1a).
fn place_of(word: &[u8]) -> (usize, u32) {
    let letters = word.iter().filter(|byte| !byte.is_ascii_digit());
    let hash = letters.fold(0x811c_9dc5u32, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    });
    let mixed = hash ^ (hash >> 15);
    ((mixed >> 6) as usize % HASHES, mixed & 63)
}

/// Whether an upper-case letter begins a word: behind a small letter or a digit, or as the last of several that a small one follows.
fn starts_word(before: u8, next: Option<u8>) -> bool {
    before.is_ascii_lowercase()
        || before.is_ascii_digit()
        || (before.is_ascii_uppercase() && next.is_some_and(|next| next.is_ascii_lowercase()))
}

/// Splits `userPassword`, `X-Api-Key`, `APIKey`, `refresh_token` into lower-case words.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = name.chars().peekable();
    let mut before = ' ';
    while let Some(c) = characters.next() {
        let next_is_lower = characters.peek().is_some_and(|next| next.is_lowercase());
        let starts_word = c.is_uppercase()
            && (before.is_lowercase() || before.is_ascii_digit() || (before.is_uppercase() && next_is_lower));
        if (!c.is_alphanumeric() || starts_word) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        // A number is a counter, not part of the word: `password2`.
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule_for(name: &str) -> Option<&'static str> {
        let words = KeyTable::new(std::iter::empty()).words(name)?;
        KeyTable::shipped(&words).map(|rule| rule.id)
    }

    #[test]
    fn secrets_go_and_look_alikes_stay() {
        for key in [
            "password",
            "userPassword",
            "X-Api-Key",
            "refresh_token",
            "APIKey",
            "apiKey",
            "API_KEY",
            "clientSecret",
            "Authorization",
            "set-cookie",
            "aws_secret_access_key",
            "PASSWORD2",
            "db.password",
            "private-key",
            "idToken",
            "cardNumber",
            "contraseña",
            "motDePasse",
            "userPass",
            "HTTP_PROXY_AUTHORIZATION",
        ] {
            assert!(rule_for(key).is_some(), "{key}");
        }
        for key in [
            "author",
            "tokenCount",
            "token_type",
            "passwordless",
            "monkey",
            "keyboard",
            "authorName",
            "authorizationUrl",
            "secretary",
            "compass",
            "passed",
            "passenger",
            "title",
            "signature",
            "",
            "api",
            "…",
        ] {
            assert_eq!(rule_for(key), None, "{key}");
        }
    }

    #[test]
    fn a_hosts_words_stand_where_it_says() {
        let badge = |place| KeyPattern::new("Badge number", place).unwrap();
        let name = |text| words(text);
        assert!(badge(KeyPlace::Anywhere).matches(&name("employeeBadgeNumberOld")));
        assert!(!badge(KeyPlace::End).matches(&name("employeeBadgeNumberOld")));
        assert!(badge(KeyPlace::End).matches(&name("employee_badge_number")));
        assert!(badge(KeyPlace::Whole).matches(&name("badge-number")));
        assert!(!badge(KeyPlace::Whole).matches(&name("my-badge-number")));
        assert!(!badge(KeyPlace::Anywhere).matches(&name("badge")));
        assert!(KeyPattern::new("-- 12", KeyPlace::Whole).is_none());
    }

    proptest! {
        #[test]
        fn the_filter_lets_every_match_through(
            parts in prop::collection::vec("[a-zA-Z0-9_. -]{0,6}|password|Token|API|Key|secret", 0..5)
        ) {
            let name = parts.concat();
            if KeyTable::shipped(&words(&name)).is_some() {
                prop_assert!(KeyTable::new(std::iter::empty()).words(&name).is_some());
            }
        }
    }
}
