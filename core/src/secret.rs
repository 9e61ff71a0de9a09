//! A text that must not be shown.

use std::fmt;
use std::ops::Deref;

use serde::Deserialize;

/// A key or a password. Its `Debug` hides it; [`Deref`] gives it to who needs it.
///
/// ```
/// use tasktrail::trail::Options;
/// let options = Options { hash_key: Some("s3cret".into()), ..Options::default() };
/// assert!(!format!("{options:?}").contains("s3cret"));
/// assert_eq!(options.hash_key.as_deref(), Some("s3cret"));
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Deref for Secret {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
