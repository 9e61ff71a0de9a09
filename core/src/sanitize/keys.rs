//! Key rules: which names hold secrets. A rule matches words, not substrings, across case, `-`, `_` and camelCase.

/// A rule: its id, and the words that it asks for, in order. `last` asks that they end the name.
struct KeyRule {
    id: &'static str,
    words: &'static [&'static str],
    last: bool,
}

const fn anywhere(id: &'static str, words: &'static [&'static str]) -> KeyRule {
    KeyRule { id, words, last: false }
}

const fn at_the_end(id: &'static str, words: &'static [&'static str]) -> KeyRule {
    KeyRule { id, words, last: true }
}

const RULES: &[KeyRule] = &[
    anywhere("key:password", &["password"]),
    anywhere("key:password", &["passwd"]),
    anywhere("key:password", &["passphrase"]),
    anywhere("key:password", &["passcode"]),
    anywhere("key:password", &["pwd"]),
    anywhere("key:secret", &["secret"]),
    anywhere("key:secret", &["secrets"]),
    // `tokenCount` is a number of words, `refresh_token` opens a door.
    at_the_end("key:token", &["token"]),
    at_the_end("key:token", &["tokens"]),
    at_the_end("key:token", &["token", "value"]),
    at_the_end("key:token", &["jwt"]),
    anywhere("key:authorization", &["authorization"]),
    at_the_end("key:authorization", &["auth"]),
    anywhere("key:authorization", &["bearer"]),
    anywhere("key:cookie", &["cookie"]),
    anywhere("key:cookie", &["cookies"]),
    anywhere("key:credential", &["credential"]),
    anywhere("key:credential", &["credentials"]),
    anywhere("key:api_key", &["api", "key"]),
    anywhere("key:api_key", &["apikey"]),
    anywhere("key:api_key", &["api", "keys"]),
    anywhere("key:private_key", &["private", "key"]),
    anywhere("key:private_key", &["privatekey"]),
    anywhere("key:access_key", &["access", "key"]),
    anywhere("key:access_key", &["accesskey"]),
    anywhere("key:encryption_key", &["encryption", "key"]),
    anywhere("key:encryption_key", &["signing", "key"]),
    anywhere("key:connection_string", &["connection", "string"]),
    anywhere("key:card", &["card", "number"]),
    at_the_end("key:card", &["cvv"]),
    at_the_end("key:card", &["cvc"]),
    at_the_end("key:otp", &["otp"]),
];

/// Longest name that is looked at; a longer one is no name that a person chose.
const MAX_KEY: usize = 256;

/// The id of the rule that a key falls under.
pub(super) fn rule_for(key: &str) -> Option<&'static str> {
    if key.len() > MAX_KEY {
        return None;
    }
    let words = words(key);
    RULES.iter().find(|rule| rule.matches(&words)).map(|rule| rule.id)
}

impl KeyRule {
    fn matches(&self, words: &[String]) -> bool {
        if self.last {
            words.ends_with_words(self.words)
        } else {
            words.windows(self.words.len()).any(|w| w == self.words)
        }
    }
}

trait EndsWithWords {
    fn ends_with_words(&self, end: &[&str]) -> bool;
}

impl EndsWithWords for [String] {
    fn ends_with_words(&self, end: &[&str]) -> bool {
        self.len() >= end.len() && self.iter().rev().zip(end.iter().rev()).all(|(a, b)| a == b)
    }
}

/// Splits `userPassword`, `X-Api-Key`, `APIKey`, `refresh_token` into lower-case words.
fn words(key: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = key.chars().peekable();
    let mut before = ' ';
    while let Some(c) = characters.next() {
        let next_is_lower = characters.peek().is_some_and(|next| next.is_lowercase());
        let starts_word = c.is_uppercase()
            && (before.is_lowercase() || before.is_ascii_digit() || (before.is_uppercase() && next_is_lower));
        if (!c.is_alphanumeric() || starts_word) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        // A trailing number is a counter, not part of the word: `password2`.
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
    use super::*;

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
        ] {
            assert!(rule_for(key).is_some(), "{key}");
        }
        for key in [
            "author",
            "tokenCount",
            "passwordless",
            "monkey",
            "keyboard",
            "authorName",
            "secretary",
            "compass",
            "title",
            "",
            "api",
        ] {
            assert_eq!(rule_for(key), None, "{key}");
        }
    }
}
