//! What needs this machine: its file system and its user.

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
