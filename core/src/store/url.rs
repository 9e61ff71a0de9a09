//! Store URLs: one string in every language.

use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;

use super::MEMORY_BYTES;
use crate::error::{Code, Error, Result};
use crate::secret::Secret;

/// Names the key of an API where the option `apiKey` does not.
#[cfg(feature = "http")]
const API_KEY_VARIABLE: &str = "STATE_TRACKING_API_KEY";
const MEMORY_FORM: &str = "a memory store's URL is memory: or memory:?capacity=10000&maxBytes=67108864";
/// Records that a memory store keeps when the URL does not say.
const DEFAULT_CAPACITY: usize = 10_000;

/// A parsed store URL. Its `Display` hides passwords.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreUrl {
    /// `memory:` or `memory:?capacity=10000&maxBytes=67108864`.
    Memory {
        /// Most records kept; the oldest go first.
        capacity: usize,
        /// Bytes of memory that they hold at most, about.
        max_bytes: usize,
    },
    /// `sqlite:path/to/audit.db`.
    #[cfg(feature = "sqlite")]
    Sqlite {
        /// The file; its folder is created.
        path: PathBuf,
    },
    /// `mongodb://…/database` or `mongodb+srv://…/database`.
    #[cfg(feature = "mongodb")]
    Mongodb {
        /// The connection string as given.
        url: String,
    },
    /// `http://api-base` or `https://api-base`: another Tasktrail's API.
    #[cfg(feature = "http")]
    Http {
        /// What stands before `/api`, without a slash at its end.
        base: String,
        /// Sent as `X-Api-Key`.
        api_key: Option<Secret>,
    },
}

impl StoreUrl {
    /// Reads a store URL.
    ///
    /// # Errors
    /// [`Code::UrlInvalid`] that says which forms are known. The message never repeats a password.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = |message: String| Error::new(Code::UrlInvalid, message).with_field("url");
        if text.contains('\0') {
            return Err(invalid("a store URL must not contain a NUL character".into()));
        }
        let Some((scheme, rest)) = text.split_once(':') else {
            return Err(invalid(format!(
                "{:?} is not a store URL; {}",
                shortened(text),
                forms()
            )));
        };
        match scheme {
            "memory" => {
                let (mut capacity, mut max_bytes) = (DEFAULT_CAPACITY, MEMORY_BYTES);
                let parameters = match rest.strip_prefix('?') {
                    Some(query) => query.split('&').collect(),
                    None if rest.is_empty() => Vec::new(),
                    None => return Err(invalid(MEMORY_FORM.into())),
                };
                for parameter in parameters {
                    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
                    let (bound, most) = match name {
                        "capacity" => (&mut capacity, 10_000_000),
                        "maxBytes" => (&mut max_bytes, 1 << 40),
                        _ => return Err(invalid(MEMORY_FORM.into())),
                    };
                    *bound = value
                        .parse()
                        .ok()
                        .filter(|given| (1..=most).contains(given))
                        .ok_or_else(|| {
                            invalid(format!("`{name}` in a memory: URL is a whole number from 1 to {most}"))
                        })?;
                }
                Ok(StoreUrl::Memory { capacity, max_bytes })
            }
            #[cfg(feature = "sqlite")]
            "sqlite" => {
                // `sqlite:///absolute` and `sqlite://relative` are what other libraries write.
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.is_empty() {
                    return Err(invalid(
                        "a SQLite store's URL names its file: sqlite:path/to/audit.db".into(),
                    ));
                }
                Ok(StoreUrl::Sqlite {
                    path: PathBuf::from(path),
                })
            }
            #[cfg(feature = "mongodb")]
            "mongodb" => Ok(StoreUrl::Mongodb { url: text.to_owned() }),
            #[cfg(feature = "mongodb")]
            "mongodb+srv" if cfg!(feature = "srv") => Ok(StoreUrl::Mongodb { url: text.to_owned() }),
            #[cfg(feature = "http")]
            "http" | "https" => Ok(StoreUrl::Http {
                base: HttpAddress::parse(text)?.base,
                api_key: None,
            }),
            known if ["mongodb", "mongodb+srv", "sqlite", "http", "https"].contains(&known) => Err(invalid(format!(
                "this build of Tasktrail leaves out {scheme}: stores (a Cargo feature)"
            ))),
            _ => Err(invalid(format!("{scheme:?} is not a kind of store; {}", forms()))),
        }
    }

    /// With the key of the API that it names: this one, or else the environment's STATE_TRACKING_API_KEY. Other stores have no use for
    /// a key.
    #[must_use]
    pub fn with_api_key(self, key: Option<Secret>) -> Self {
        match self {
            #[cfg(feature = "http")]
            StoreUrl::Http { base, .. } => {
                let from_environment = || std::env::var(API_KEY_VARIABLE).ok().filter(|key| !key.is_empty());
                StoreUrl::Http {
                    base,
                    api_key: key.or_else(|| from_environment().map(Secret::from)),
                }
            }
            other => {
                drop(key);
                other
            }
        }
    }
}

/// The address of an API, checked.
#[cfg(feature = "http")]
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HttpAddress {
    /// What stands before `/api`, without a slash at its end.
    pub(super) base: String,
    pub(super) host: String,
    pub(super) is_encrypted: bool,
}

#[cfg(feature = "http")]
impl HttpAddress {
    /// # Errors
    /// [`Code::UrlInvalid`]. The message repeats nothing that could be a secret.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let invalid = |problem: &str| {
            let message = format!("an API's URL is http://host:port or https://host/base: this one {problem}");
            Error::new(Code::UrlInvalid, message).with_field("url")
        };
        let authority = text.split_once("://").map_or("", |(_, rest)| rest);
        let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(invalid(
                "has a user or password in it; name the key in the option `apiKey`",
            ));
        }
        if text.contains(['?', '#']) {
            return Err(invalid("has a query or fragment; name the key in the option `apiKey`"));
        }
        let uri: ureq::http::Uri = text
            .parse()
            .map_err(|_| invalid("has characters that no URL may hold"))?;
        let is_encrypted = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(invalid("has another scheme")),
        };
        let host = uri.host().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| invalid("names no host"))?.to_owned();
        // A port that is none is taken for a part of the host, or for nothing.
        let has_port = authority.len() > host.len();
        if has_port && uri.port_u16().is_none_or(|port| port == 0) {
            return Err(invalid("has a port that is no number from 1 to 65535"));
        }
        Ok(HttpAddress {
            base: text.trim_end_matches('/').to_owned(),
            host,
            is_encrypted,
        })
    }
}

fn forms() -> &'static str {
    "known are memory:, sqlite:path/to/audit.db, mongodb://host/database, mongodb+srv://host/database and http(s)://api-base"
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreUrl::Memory { capacity, max_bytes } if *max_bytes == MEMORY_BYTES => {
                write!(f, "memory:?capacity={capacity}")
            }
            StoreUrl::Memory { capacity, max_bytes } => write!(f, "memory:?capacity={capacity}&maxBytes={max_bytes}"),
            #[cfg(feature = "sqlite")]
            StoreUrl::Sqlite { path } => write!(f, "sqlite:{}", path.display()),
            #[cfg(feature = "mongodb")]
            StoreUrl::Mongodb { url } => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("mongodb", url));
                let place = rest.split('?').next().unwrap_or_default();
                // User and password end at an `@`. A `/` or `?` that was not escaped in the password moves every
                // other boundary, so the last `@` counts; behind a `?` only where what stands before it is no host.
                let is_plain = place.contains('@') || place.split('/').next().is_some_and(is_host_list);
                let shown = if is_plain { place } else { rest };
                let shown = shown.rsplit_once('@').map_or(shown, |(_, behind)| behind);
                write!(f, "{scheme}://{}", shown.split('?').next().unwrap_or_default())
            }
            // No address with a secret in it was taken.
            #[cfg(feature = "http")]
            StoreUrl::Http { base, .. } => f.write_str(base),
        }
    }
}

/// `host`, `host:port`, or several with commas.
#[cfg(feature = "mongodb")]
fn is_host_list(text: &str) -> bool {
    text.split(',').all(|host| {
        // An IPv6 address has its colons in brackets.
        let port = host.rsplit_once(']').map_or(host, |(_, behind)| behind).split_once(':');
        port.is_none_or(|(_, digits)| digits.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_forms_are_read_and_others_explained() {
        assert_eq!(
            StoreUrl::parse("memory:").unwrap(),
            StoreUrl::Memory {
                capacity: DEFAULT_CAPACITY,
                max_bytes: MEMORY_BYTES,
            }
        );
        assert_eq!(
            StoreUrl::parse("memory:?capacity=5").unwrap(),
            StoreUrl::Memory {
                capacity: 5,
                max_bytes: MEMORY_BYTES
            }
        );
        for bad in [
            "",
            "audit.db",
            "postgres://x",
            "memory:?capacity=0",
            "memory:?capacity=5&maxBytes=0",
            "memory:?capacity=5&",
            "memory:?size=5",
            "memory:x",
        ] {
            let error = StoreUrl::parse(bad).expect_err(bad);
            assert_eq!((error.code(), error.field()), (Code::UrlInvalid, Some("url")), "{bad}");
        }
    }

    #[cfg(feature = "mongodb")]
    #[test]
    fn display_hides_user_and_password() {
        let url = StoreUrl::parse(
            "mongodb://ann:s3cret@db1:27017,db2/trail?authSource=admin&tlsCertificateKeyFilePassword=x",
        )
        .unwrap();
        assert_eq!(url.to_string(), "mongodb://db1:27017,db2/trail");
        assert!(!format!("{url:?}").contains("s3cret"));
        for (url, shown) in [
            ("mongodb://ann:s3/cret@db1/trail", "mongodb://db1/trail"),
            ("mongodb://ann:s3?cret@db1/trail?x=1", "mongodb://db1/trail"),
            (
                "mongodb://ann:s3@cret@db1?tlsCertificateKeyFilePassword=x",
                "mongodb://db1",
            ),
            ("mongodb://ann:s3cret@db1/trail?appName=a@b", "mongodb://db1/trail"),
            (
                "mongodb://[::1]:27017,db2:1/trail?appName=a@b",
                "mongodb://[::1]:27017,db2:1/trail",
            ),
            ("mongodb://db1", "mongodb://db1"),
        ] {
            assert_eq!(StoreUrl::parse(url).unwrap().to_string(), shown);
        }
    }

    #[cfg(feature = "http")]
    #[test]
    fn an_api_is_named_by_its_base() {
        for (url, base) in [
            ("http://127.0.0.1:8167", "http://127.0.0.1:8167"),
            ("http://localhost:8167/", "http://localhost:8167"),
            ("https://audit.example.org/team/a//", "https://audit.example.org/team/a"),
            ("http://[::1]:8167", "http://[::1]:8167"),
        ] {
            let parsed = StoreUrl::parse(url).unwrap().with_api_key(Some("s3cret".into()));
            assert_eq!(parsed.to_string(), base);
            assert!(!format!("{parsed:?}").contains("s3cret"));
            let StoreUrl::Http { api_key, .. } = parsed else {
                panic!("{url}")
            };
            assert_eq!(api_key.as_deref(), Some("s3cret"));
        }
        for bad in [
            "http:",
            "http://",
            "http:///x",
            "http:host",
            "http://:8167",
            "http://host:",
            "http://host:0",
            "http://host:99999",
            "http://host:s3cret",
            "http://ann:s3cret@host",
            "https://s3cret@host/x",
            "http://host/?key=s3cret",
            "http://host/#s3cret",
            "http://ho st/s3cret",
            "http://host\n/s3cret",
        ] {
            let error = StoreUrl::parse(bad).expect_err(bad);
            assert_eq!((error.code(), error.field()), (Code::UrlInvalid, Some("url")), "{bad}");
            assert!(!error.to_string().contains("s3cret"), "{bad}: {error}");
        }
    }
}
