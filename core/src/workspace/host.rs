//! Discovery on this machine's own file system.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::discover::MAX_TEXT;
use super::path::FolderPath;
use super::{Discovery, Step, Workspace, invalid, salt};
use crate::error::Result;

/// The workspace that `path` is in, with the user's own salt: see [`super::user_salt`].
///
/// `path` is any folder of it, absolute or relative to the current one, or a `file:` or `vscode-remote:` URI. Nothing is started and
/// nothing is written but the salt, the first time; the reads block.
///
/// # Errors
/// [`crate::Code::WorkspaceInvalid`] for a path that is not UTF-8, or a salt that cannot be had. A folder outside git, or whose `.git` is
/// broken, is no error.
pub fn discover(path: impl AsRef<Path>) -> Result<Workspace> {
    let salt = salt::own()?;
    let mut workspace = discover_with_salt(path, &salt.text)?;
    workspace.warnings.extend(salt.warning);
    Ok(workspace)
}

/// As [`discover`], with this salt of at least 8 bytes.
///
/// # Errors
/// As [`discover`].
pub fn discover_with_salt(path: impl AsRef<Path>, salt: &str) -> Result<Workspace> {
    let path = path.as_ref();
    let text = |path: &Path| {
        path.to_str()
            .map(str::to_owned)
            .ok_or_else(|| invalid("path", "is not UTF-8"))
    };
    let mut asked = text(path)?;
    if FolderPath::parse(&asked).is_none()
        && !asked.contains("://")
        && let Ok(absolute) = std::path::absolute(path)
    {
        asked = text(&absolute)?;
    }
    let mut discovery = Discovery::new(&asked, salt)?;
    loop {
        let answer = match discovery.step() {
            Step::ReadText(path) => read(path).map_err(|error| format!("cannot read `{path}`: {error}")),
            Step::RealPath(path) => Ok(fs::canonicalize(path)
                .ok()
                .and_then(|path| path.to_str().map(str::to_owned))),
            Step::Done(workspace) => return Ok((**workspace).clone()),
        };
        match answer {
            Ok(answer) => discovery.answer(answer),
            Err(reason) => discovery.fail(reason),
        }
    }
}

fn read(path: &str) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    // Asked before it is opened: opening a pipe would wait for its other end.
    let outcome = fs::metadata(path).and_then(|metadata| {
        if !metadata.is_file() {
            return Ok(false);
        }
        File::open(path)?.take(MAX_TEXT as u64 + 1).read_to_end(&mut bytes)?;
        Ok(true)
    });
    match outcome {
        Ok(true) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Ok(false) => Ok(None),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => Ok(None),
            _ => Err(error),
        },
    }
}
