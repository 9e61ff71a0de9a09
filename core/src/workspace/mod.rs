//! Whose is it? A workspace id that is the same for every worktree of a clone and lets no path out.
//!
//! [`derive_workspace_id`] makes an id of a path; [`Discovery`] finds the path that counts, by git's own rules, and reads through its host.
//! With the feature `host`, `discover` does both on this machine, with the user's own salt.

mod discover;
mod git;
#[cfg(feature = "host")]
mod host;
mod path;
#[cfg(feature = "host")]
mod salt;
mod tree;
mod unicode;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use discover::{Discovery, Step, Workspace, WorkspaceKind};
#[cfg(feature = "host")]
pub use host::{discover, discover_with_salt};
#[cfg(feature = "host")]
pub use salt::user_salt;
pub use tree::FileTree;

use crate::base32;
use crate::error::{Code, Error, Result};
use path::FolderPath;

/// Characters of the digest that an id keeps: 26 of base32 are 130 bits.
const ID_CHARACTERS: usize = 26;
const MIN_SALT: usize = 8;

/// The id of the workspace at `path`: `ws_` and 26 characters of base32.
///
/// `path` is the real path of the git common directory, or of the folder outside git: POSIX, Windows (drive or UNC), or a `file:` or
/// `vscode-remote:` URI. `salt` is the user's own random text, so that two machines with `/workspace/app` do not share an id and no
/// path can be guessed from one. The same folder written in another way has the same id: trailing slashes, dot segments,
/// percent-encoding, composed and decomposed letters; on Windows also case, either slash and `\\?\`; and a folder of a WSL
/// distribution whether it is seen from Windows or from inside.
///
/// # Errors
/// [`Code::WorkspaceInvalid`] for a path that is empty, relative or longer than 32 KiB, or a salt of fewer than 8 bytes.
pub fn derive_workspace_id(path: &str, salt: &str) -> Result<String> {
    let key = WorkspaceKey::new(salt)?;
    Ok(key.id(&folder(path)?.identity()))
}

fn invalid(field: &str, message: &str) -> Error {
    Error::new(Code::WorkspaceInvalid, format!("`{field}` {message}")).with_field(field)
}

fn folder(path: &str) -> Result<FolderPath> {
    FolderPath::parse(path).ok_or_else(|| {
        invalid(
            "path",
            "is an absolute path or a file: or vscode-remote: URI of at most 32 KiB; it must name a folder",
        )
    })
}

/// What makes ids of paths: the salt, checked.
#[derive(Debug, Clone)]
struct WorkspaceKey(Hmac<Sha256>);

impl WorkspaceKey {
    fn new(salt: &str) -> Result<Self> {
        if salt.len() < MIN_SALT {
            return Err(invalid("salt", "is the user's own random text of at least 8 bytes"));
        }
        let mut mac =
            Hmac::<Sha256>::new_from_slice(salt.as_bytes()).map_err(|_| invalid("salt", "cannot be used as a key"))?;
        mac.update(b"tasktrail workspace v1\0");
        Ok(WorkspaceKey(mac))
    }

    fn id(&self, identity: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(identity.as_bytes());
        let id = base32::encode(&mac.finalize().into_bytes(), ID_CHARACTERS);
        format!("ws_{id}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &str = "a user's own salt";

    #[test]
    fn an_id_is_stable_and_opaque() {
        let id = derive_workspace_id("/workspace/app", SALT).unwrap();
        assert_eq!(id, "ws_3xepm5yn2pw7nthu4quje5ntxv");
        assert_ne!(id, derive_workspace_id("/workspace/app", "another user's").unwrap());
        assert_ne!(id, derive_workspace_id("/workspace/App", SALT).unwrap());
    }

    #[test]
    fn what_names_no_folder_is_refused() {
        for path in ["", "relative/path", "https://example.org/a", "a\0b"] {
            let error = derive_workspace_id(path, SALT).expect_err(path);
            assert_eq!((error.code(), error.field()), (Code::WorkspaceInvalid, Some("path")));
        }
        assert_eq!(derive_workspace_id("/a", "short").unwrap_err().field(), Some("salt"));
    }
}
