//! Whose is it? A client's workspace id, derived so that no path leaks and every worktree of a clone has the same one.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode_str;
use sha2::Sha256;

use crate::error::{Code, Error, Result};

/// Bytes of the digest that an id keeps: 130 bits are 26 characters of base32.
const ID_CHARACTERS: usize = 26;
const MIN_SALT: usize = 8;

/// The id of the workspace at `path`: `ws_` and 26 characters of base32.
///
/// `path` is the real path of the git common directory, or of the folder outside git: POSIX, Windows (drive or UNC), or a `file:` or
/// `vscode-remote:` URI. `salt` is the user's own random text, so that two machines with `/workspace/app` do not share an id and no
/// path can be guessed from one. The same folder written in another way (trailing slash, dot segments, percent-encoding) has the same id.
///
/// # Errors
/// [`Code::WorkspaceInvalid`] for a path that is empty or relative, or a salt of fewer than 8 bytes.
pub fn derive_workspace_id(path: &str, salt: &str) -> Result<String> {
    let invalid = |field: &str, message: &str| {
        Error::new(Code::WorkspaceInvalid, format!("`{field}` {message}")).with_field(field)
    };
    if salt.len() < MIN_SALT {
        return Err(invalid("salt", "is the user's own random text of at least 8 bytes"));
    }
    let normal = normalise(path).ok_or_else(|| {
        invalid(
            "path",
            "is an absolute path or a file: or vscode-remote: URI; it must name a folder",
        )
    })?;
    let mut mac =
        Hmac::<Sha256>::new_from_slice(salt.as_bytes()).map_err(|_| invalid("salt", "cannot be used as a key"))?;
    mac.update(b"tasktrail workspace v1\0");
    mac.update(normal.as_bytes());
    let digest = mac.finalize().into_bytes();
    let mut id = BASE32_NOPAD.encode(&digest).to_ascii_lowercase();
    id.truncate(ID_CHARACTERS);
    Ok(format!("ws_{id}"))
}

/// One spelling for each folder: forward slashes, no dot segments, no trailing slash; Windows paths in lower case.
fn normalise(path: &str) -> Option<String> {
    if path.contains('\0') {
        return None;
    }
    let owned;
    let path = match path.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") || scheme.eq_ignore_ascii_case("vscode-remote") => {
            let (authority, tail) = rest.split_at(rest.find('/')?);
            let tail = percent_decode_str(tail).decode_utf8().ok()?.into_owned();
            // The extension host runs where the path is, so a remote's name is not part of the identity; a file server's is.
            owned = if scheme.eq_ignore_ascii_case("file") && !authority.is_empty() && authority != "localhost" {
                format!("//{authority}{tail}")
            } else {
                tail
            };
            owned.as_str()
        }
        Some(_) => return None,
        None => path,
    };
    let is_drive = |text: &str| {
        let mut bytes = text.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
            && bytes.next() == Some(b':')
            && matches!(bytes.next(), None | Some(b'/' | b'\\'))
    };
    // `/c:/folder` is how URIs write `c:\folder`.
    let path = path.strip_prefix('/').filter(|rest| is_drive(rest)).unwrap_or(path);
    let windows = is_drive(path) || path.starts_with("\\\\");
    let slashed = if windows {
        path.replace('\\', "/")
    } else {
        path.to_owned()
    };
    let unc = windows && slashed.starts_with("//") || slashed.starts_with("//") && !slashed.starts_with("///");
    if !windows && !slashed.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    let keep = if unc { 2 } else { usize::from(windows) };
    for part in slashed.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.len() > keep {
                    parts.pop();
                }
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    let whole = match (unc, windows) {
        (true, _) => format!("//{joined}"),
        (false, true) => joined,
        (false, false) => format!("/{joined}"),
    };
    Some(if windows { whole.to_lowercase() } else { whole })
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
    fn spellings_of_a_folder_agree() {
        for (one, other) in [
            ("/a/b", "/a/b/"),
            ("/a/b", "/a/./c/../b"),
            ("/a/b c", "file:///a/b%20c"),
            ("/a/b", "vscode-remote://wsl+Ubuntu/a/b"),
            ("C:\\Users\\Ann", "c:/users/ann/"),
            ("C:\\Users\\Ann", "file:///c%3A/Users/Ann"),
            ("\\\\server\\share\\x", "//server/share/x"),
        ] {
            assert_eq!(normalise(one), normalise(other), "{one} {other}");
        }
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
