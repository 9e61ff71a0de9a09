//! Store URLs: one string in every language.

use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;

use crate::error::{Code, Error, Result};

/// Records that a memory store keeps when the URL does not say.
const DEFAULT_CAPACITY: usize = 10_000;

/// A parsed store URL. Its `Display` hides passwords.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreUrl {
    /// `memory:` or `memory:?capacity=10000`.
    Memory {
        /// Most records kept; the oldest go first.
        capacity: usize,
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
                let capacity = match rest.strip_prefix('?').map(|query| query.strip_prefix("capacity=")) {
                    None if rest.is_empty() => DEFAULT_CAPACITY,
                    Some(Some(number)) => number
                        .parse()
                        .ok()
                        .filter(|capacity| (1..=10_000_000).contains(capacity))
                        .ok_or_else(|| {
                            invalid("`capacity` in a memory: URL is a whole number from 1 to 10000000".into())
                        })?,
                    _ => {
                        return Err(invalid(
                            "a memory store's URL is memory: or memory:?capacity=10000".into(),
                        ));
                    }
                };
                Ok(StoreUrl::Memory { capacity })
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
            known if ["mongodb", "mongodb+srv", "sqlite"].contains(&known) => Err(invalid(format!(
                "this build of Tasktrail leaves out {scheme}: stores (a Cargo feature)"
            ))),
            _ => Err(invalid(format!("{scheme:?} is not a kind of store; {}", forms()))),
        }
    }
}

fn forms() -> &'static str {
    "known are memory:, sqlite:path/to/audit.db, mongodb://host/database and mongodb+srv://host/database"
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreUrl::Memory { capacity } => write!(f, "memory:?capacity={capacity}"),
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
                capacity: DEFAULT_CAPACITY
            }
        );
        assert_eq!(
            StoreUrl::parse("memory:?capacity=5").unwrap(),
            StoreUrl::Memory { capacity: 5 }
        );
        for bad in [
            "",
            "audit.db",
            "postgres://x",
            "memory:?capacity=0",
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
}
