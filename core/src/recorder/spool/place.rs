//! Where a spool is kept when nobody says.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::base32;
use crate::error::Result;
use crate::folders::{self, Purpose};
use crate::store::StoreUrl;

/// Characters of a folder's name: 80 bits.
const NAME: usize = 16;

/// The folder in which a spool for this store is kept when nobody names one: `tasktrail/spool/` and a fingerprint of the store, in the
/// user's folder for what programs keep (`$XDG_STATE_HOME` or `~/.local/state`; on macOS `~/Library/Application Support`, on Windows
/// `%LOCALAPPDATA%`). Processes with the same store share one, those of different stores never do. `None` for a store in memory, which
/// would forget what was saved for it, and where the user has no home folder.
///
/// # Errors
/// [`crate::Code::UrlInvalid`].
pub fn default_folder(url: &str) -> Result<Option<PathBuf>> {
    Ok(folder_of(&StoreUrl::parse(url)?, folders::variable, env::home_dir()))
}

fn folder_of(store: &StoreUrl, variable: impl Fn(&str) -> Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    let name = match store {
        StoreUrl::Memory { .. } => return None,
        // The same file from wherever it is opened.
        StoreUrl::Sqlite { path } => {
            let folder = path
                .parent()
                .filter(|folder| *folder != Path::new(""))
                .unwrap_or(Path::new("."));
            let folder = folder.canonicalize().or_else(|_| std::path::absolute(folder)).ok()?;
            format!("sqlite:{}", folder.join(path.file_name()?).display())
        }
        // Without users and passwords.
        #[cfg(any(feature = "mongodb", feature = "http"))]
        other => other.to_string(),
    };
    let fingerprint = base32::encode(&Sha256::digest(name), NAME);
    let base = folders::of_user(Purpose::State, variable, home)?;
    Some(base.join("tasktrail").join("spool").join(fingerprint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Option<PathBuf> {
        folder_of(&StoreUrl::parse(url).unwrap(), |_| None, Some("/home/ann".into()))
    }

    #[test]
    fn a_store_has_one_folder_whoever_opens_it() {
        assert_eq!(of("memory:"), None);
        let found = of("sqlite:/var/lib/app/audit.db").unwrap();
        if cfg!(target_os = "linux") {
            assert!(found.starts_with("/home/ann/.local/state/tasktrail/spool"));
        }
        assert_eq!(found.file_name().unwrap().len(), NAME);
        assert_eq!(of("sqlite:/var/lib/app/audit.db").as_ref(), Some(&found));
        assert_ne!(of("sqlite:/var/lib/app/other.db").as_ref(), Some(&found));
        let here = std::env::current_dir().unwrap();
        assert_eq!(
            of("sqlite:audit.db"),
            of(&format!("sqlite:{}", here.join("audit.db").display()))
        );
    }

    #[cfg(feature = "mongodb")]
    #[test]
    fn a_password_changes_nothing() {
        assert_eq!(
            of("mongodb://ann:one@db/audit"),
            of("mongodb://ann:two@db/audit?retryWrites=true")
        );
        assert_ne!(of("mongodb://db/audit"), of("mongodb://db/other"));
    }
}
