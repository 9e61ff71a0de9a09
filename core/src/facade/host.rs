//! What needs this machine: its file system and its user.

#[cfg(feature = "sqlite")]
use crate::recorder::spool;

use super::pure::workspace_json;
use crate::error::Result;
use crate::workspace;

/// The workspace that a folder is in, as JSON; without a salt, with the user's own. It blocks: see [`workspace::discover`].
///
/// # Errors
/// [`crate::Code::WorkspaceInvalid`], naming `path` or `salt`.
pub fn discover_workspace_json(path: &str, salt: Option<&str>) -> Result<String> {
    let found = match salt {
        Some(salt) => workspace::discover_with_salt(path, salt),
        None => workspace::discover(path),
    };
    found.map(|workspace| workspace_json(&workspace))
}

/// The folder of a store's spool when nobody names one; see [`spool::default_folder`].
///
/// # Errors
/// As [`spool::default_folder`].
#[cfg(feature = "sqlite")]
pub fn default_spool(url: &str) -> Result<Option<String>> {
    Ok(spool::default_folder(url)?.map(|folder| folder.to_string_lossy().into_owned()))
}
