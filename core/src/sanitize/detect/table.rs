//! The table of shipped detectors, and how an entry is written.

use super::check::Check;
use super::{apps, chat, cloud, forge, general, infra, llm, mail, observability, payment, personal, registry};

/// All families. Of two detectors that match at one place the earlier wins, so that the special stands before the general.
pub(super) const FAMILIES: [&[Detector]; 12] = [
    cloud::DETECTORS,
    forge::DETECTORS,
    registry::DETECTORS,
    chat::DETECTORS,
    apps::DETECTORS,
    payment::DETECTORS,
    mail::DETECTORS,
    llm::DETECTORS,
    observability::DETECTORS,
    infra::DETECTORS,
    general::DETECTORS,
    personal::DETECTORS,
];

/// All shipped detectors in their order.
pub(super) fn all() -> impl Iterator<Item = &'static Detector> {
    FAMILIES.into_iter().flatten()
}

/// What stands in front of a secret and stays.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lead {
    /// Nothing: the secret tells by itself.
    None,
    /// A pattern.
    Behind(&'static str),
    /// The beginning of a name that holds a secret (`datadog_api_key`), and an assignment.
    Named(&'static str),
}

/// One detector. Patterns are in the language of [`crate::sanitize::pattern`].
#[derive(Debug)]
pub(super) struct Detector {
    pub(super) id: &'static str,
    pub(super) lead: Lead,
    pub(super) secret: &'static str,
    /// Fewest bits per character.
    pub(super) entropy: f32,
    pub(super) check: Check,
    /// Whether it is on by default.
    pub(super) on: bool,
    /// What it must find. `~` (or `¦`, where the format has a `~`) is left out: it keeps scanners of repositories from taking
    /// a sample for a leak. `«…»` marks the secret where a lead precedes it.
    #[cfg(test)]
    pub(super) hits: &'static [&'static str],
    /// What it must not find.
    #[cfg(test)]
    pub(super) misses: &'static [&'static str],
}

const fn detector(id: &'static str, lead: Lead, secret: &'static str) -> Detector {
    Detector {
        id,
        lead,
        secret,
        entropy: 0.0,
        check: Check::None,
        on: true,
        #[cfg(test)]
        hits: &[],
        #[cfg(test)]
        misses: &[],
    }
}

/// A secret that tells by itself.
pub(super) const fn token(id: &'static str, secret: &'static str) -> Detector {
    detector(id, Lead::None, secret)
}

/// A secret behind a lead.
pub(super) const fn behind(id: &'static str, lead: &'static str, secret: &'static str) -> Detector {
    detector(id, Lead::Behind(lead), secret)
}

/// A secret without a form of its own that is assigned to a vendor's name: `datadog_api_key = "…"`, `"DatadogAppKey": "…"`.
/// Besides the vendor the name must say that it is a secret ([`names_a_secret`]).
pub(super) const fn named(id: &'static str, vendor: &'static str, secret: &'static str) -> Detector {
    detector(id, Lead::Named(vendor), secret)
}

impl Detector {
    pub(super) const fn entropy(mut self, floor: f32) -> Self {
        self.entropy = floor;
        self
    }

    pub(super) const fn check(mut self, check: Check) -> Self {
        self.check = check;
        self
    }

    /// Off by default.
    pub(super) const fn off(mut self) -> Self {
        self.on = false;
        self
    }

    /// Samples of what it finds; a build without tests keeps none.
    #[cfg_attr(
        not(test),
        expect(unused_mut, unused_variables, reason = "samples are for the tests")
    )]
    pub(super) const fn hits(mut self, samples: &'static [&'static str]) -> Self {
        #[cfg(test)]
        {
            self.hits = samples;
        }
        self
    }

    /// Samples of what it does not find.
    #[cfg_attr(
        not(test),
        expect(unused_mut, unused_variables, reason = "samples are for the tests")
    )]
    pub(super) const fn misses(mut self, samples: &'static [&'static str]) -> Self {
        #[cfg(test)]
        {
            self.misses = samples;
        }
        self
    }
}

/// Whether the name in front of an assignment says that a secret follows.
pub(in crate::sanitize) fn names_a_secret(name: &[u8]) -> bool {
    let begins = |rest: &[u8], words: &[&[u8]]| {
        words.iter().any(|word| {
            rest.get(..word.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(word))
        })
    };
    name.iter().enumerate().any(|(at, byte)| {
        let rest = name.get(at..).unwrap_or_default();
        match byte.to_ascii_lowercase() {
            b'k' => begins(rest, &[b"key"]),
            b't' => begins(rest, &[b"token"]),
            b's' => begins(rest, &[b"secret"]),
            b'p' => begins(rest, &[b"pass", b"pwd"]),
            b'a' => begins(rest, &[b"auth", b"api"]),
            b'c' => begins(rest, &[b"cred"]),
            b'w' => begins(rest, &[b"webhook"]),
            b'_' => begins(rest, &[b"_pat"]),
            _ => false,
        }
    })
}

/// Most characters of a name behind its vendor.
const MAX_NAME: usize = 30;

/// Where the value of an assignment begins: the rest of a name, quotes, `=`, `:`, `=>`, `:=` or their escapes, quotes.
pub(super) fn assignment_at(text: &[u8], at: usize) -> Option<usize> {
    let skip = |at: usize, most: usize, wanted: fn(u8) -> bool| {
        let rest = text.get(at..).unwrap_or_default();
        at + rest.iter().take(most).take_while(|byte| wanted(**byte)).count()
    };
    let is_quote = |byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\');
    let is_space = |byte| matches!(byte, b' ' | b'\t');
    let at = skip(at, MAX_NAME, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' ')
    });
    let at = skip(at, 4, |byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b']'));
    let at = skip(at, 3, is_space);
    let rest = text.get(at..)?;
    let at = at
        + [&b"=>"[..], b":=", b"==", b"=", b":", b"%3D", b"%3d", b"%3A", b"%3a"]
            .iter()
            .find(|sign| rest.starts_with(sign))?
            .len();
    let at = skip(at, 4, is_space);
    Some(skip(at, 4, is_quote))
}
