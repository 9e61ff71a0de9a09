//! Free text: secrets that tell by their form, characters that act on a terminal, and length.

use std::borrow::Cow;

use super::{REDACTED, ReceiptBuilder};

/// Beginnings of tokens that are secrets wherever they stand, with the fewest characters that must follow.
const PREFIXES: &[(&str, &str, usize)] = &[
    ("value:github_token", "ghp_", 20),
    ("value:github_token", "gho_", 20),
    ("value:github_token", "ghs_", 20),
    ("value:github_token", "ghu_", 20),
    ("value:github_token", "github_pat_", 20),
    ("value:gitlab_token", "glpat-", 16),
    ("value:slack_token", "xoxb-", 10),
    ("value:slack_token", "xoxp-", 10),
    ("value:aws_access_key", "AKIA", 16),
    ("value:stripe_key", "sk_live_", 16),
    ("value:stripe_key", "rk_live_", 16),
    ("value:llm_key", "sk-", 20),
    ("value:npm_token", "npm_", 30),
    ("value:jwt", "eyJ", 20),
];

/// Words before a credential in a header's value.
const SCHEMES: &[(&str, &str)] = &[("value:bearer", "bearer "), ("value:basic", "basic ")];

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '=')
}

/// Replaces what looks like a secret and encodes what would act on a terminal or turn text around.
pub(super) fn clean<'a>(text: &'a str, path: &dyn Fn() -> String, receipt: &mut ReceiptBuilder) -> Cow<'a, str> {
    let text = without_secrets(text, path, receipt);
    if text.chars().any(acts) {
        let mut encoded = String::with_capacity(text.len() + 16);
        for c in text.chars() {
            if acts(c) {
                encoded.push_str(&format!("\\u{:04x}", u32::from(c)));
            } else {
                encoded.push(c);
            }
        }
        return Cow::Owned(encoded);
    }
    text
}

/// Control characters other than tab and line feed, and the bidirectional overrides and isolates.
fn acts(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn without_secrets<'a>(text: &'a str, path: &dyn Fn() -> String, receipt: &mut ReceiptBuilder) -> Cow<'a, str> {
    let mut kept: Option<String> = None;
    let mut rest = text;
    let mut before = None;
    // One pass: at each place where a token can begin, look for a form; what it covers is replaced as a whole.
    while let Some(c) = rest.chars().next() {
        let found = if before.is_none_or(|b: char| !b.is_ascii_alphanumeric() && b != '_') {
            secret_at(rest)
        } else {
            None
        };
        let found = found.or_else(|| if c == ':' { url_credentials(rest) } else { None });
        let step = match found {
            Some(found) => {
                receipt.fired(found.rule, path);
                let out =
                    kept.get_or_insert_with(|| text.get(..text.len() - rest.len()).unwrap_or_default().to_owned());
                out.push_str(rest.get(..found.keep).unwrap_or_default());
                out.push_str(REDACTED);
                found.keep + found.cut
            }
            None => {
                if let Some(out) = &mut kept {
                    out.push(c);
                }
                c.len_utf8()
            }
        };
        rest = rest.get(step..).unwrap_or_default();
        before = Some(if step > c.len_utf8() { ' ' } else { c });
    }
    kept.map_or(Cow::Borrowed(text), Cow::Owned)
}

struct Found {
    rule: &'static str,
    /// Bytes before the secret that stay.
    keep: usize,
    /// Bytes of the secret.
    cut: usize,
}

fn secret_at(rest: &str) -> Option<Found> {
    let first = rest.bytes().next()?;
    if !first.is_ascii_alphabetic() && first != b'-' {
        return None;
    }
    if rest.starts_with("-----BEGIN ")
        && rest
            .get(..64.min(rest.len()))
            .is_none_or(|head| head.contains("PRIVATE KEY"))
    {
        let end = rest.find("-----END ").map_or(rest.len(), |at| {
            let tail = rest.get(at + 9..).unwrap_or_default();
            tail.find("-----").map_or(rest.len(), |dashes| at + 9 + dashes + 5)
        });
        return Some(Found {
            rule: "value:private_key",
            keep: 0,
            cut: end,
        });
    }
    let run = |from: usize| {
        rest.get(from..)
            .unwrap_or_default()
            .chars()
            .take_while(|c| is_token(*c))
            .map(char::len_utf8)
            .sum::<usize>()
    };
    for (rule, scheme) in SCHEMES {
        if rest
            .get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
            && run(scheme.len()) >= 8
        {
            return Some(Found {
                rule,
                keep: scheme.len(),
                cut: run(scheme.len()),
            });
        }
    }
    PREFIXES
        .iter()
        .find(|(_, prefix, least)| rest.starts_with(prefix) && run(prefix.len()) >= *least)
        .map(|(rule, prefix, _)| Found {
            rule,
            keep: 0,
            cut: prefix.len() + run(prefix.len()),
        })
}

/// `://user:password@host`: the password goes, the rest helps.
fn url_credentials(rest: &str) -> Option<Found> {
    let behind = rest.strip_prefix("://")?;
    let authority = behind.get(..behind.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(behind.len()))?;
    let (credentials, _) = authority.rsplit_once('@')?;
    let (user, password) = credentials.split_once(':')?;
    (!password.is_empty() && password != REDACTED).then_some(Found {
        rule: "value:url_password",
        keep: 3 + user.len() + 1,
        cut: password.len(),
    })
}

/// Cuts text to at most `limit` bytes between characters, with a mark where it was cut.
pub(super) fn bounded(text: Cow<'_, str>, limit: usize, receipt: &mut ReceiptBuilder) -> String {
    const MARK: &str = "…";
    if text.len() <= limit {
        return text.into_owned();
    }
    receipt.truncated();
    let room = limit.saturating_sub(MARK.len());
    let end = (0..=room).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let mut cut = text.get(..end).unwrap_or_default().to_owned();
    cut.push_str(MARK);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> (String, Vec<String>) {
        let mut receipt = ReceiptBuilder::default();
        let out = clean(text, &|| "x".into(), &mut receipt).into_owned();
        let again = clean(&out, &|| "x".into(), &mut ReceiptBuilder::default()).into_owned();
        assert_eq!(again, out, "idempotent");
        (
            out,
            receipt
                .finish()
                .map(|r| r.rules.into_iter().map(|rule| rule.rule).collect())
                .unwrap_or_default(),
        )
    }

    #[test]
    fn secrets_by_form_go_and_the_rest_stays() {
        assert_eq!(
            cleaned("use Bearer abcdef123456 now"),
            ("use Bearer [redacted] now".into(), vec!["value:bearer".into()])
        );
        assert_eq!(cleaned("mongodb://ann:s3cret@db/x").0, "mongodb://ann:[redacted]@db/x");
        assert_eq!(cleaned("ghp_0123456789abcdefghijABCDEFGHIJ012345").0, "[redacted]");
        assert_eq!(
            cleaned("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- ok").0,
            "[redacted] ok"
        );
        for harmless in [
            "a task: write sk-learn docs",
            "basic idea",
            "see https://example.org/a@b:c",
            "task-started",
            "größe → 5",
        ] {
            assert_eq!(cleaned(harmless).0, harmless);
        }
    }

    #[test]
    fn terminal_escapes_and_overrides_are_encoded() {
        assert_eq!(cleaned("\u{1b}[31mred\u{202e}x\0").0, "\\u001b[31mred\\u202ex\\u0000");
        assert_eq!(cleaned("two\nlines\t").0, "two\nlines\t");
    }
}
