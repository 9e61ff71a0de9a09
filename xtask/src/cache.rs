//! What is installed once and kept outside the checkout, keyed by version, so that a fresh clone does not pay again.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Result};

/// `TASKTRAIL_CACHE`, or `tasktrail` in the user's cache folder.
pub(crate) fn root() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("TASKTRAIL_CACHE").filter(|dir| !dir.is_empty()) {
        return std::path::absolute(&dir)
            .context(|| format!("TASKTRAIL_CACHE names no usable folder ({})", dir.display()));
    }
    let base = match env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute())
    {
        Some(dir) => dir,
        None => {
            let home = env::home_dir().ok_or_else(|| Failure::new("there is no home folder: set TASKTRAIL_CACHE"))?;
            home.join(if cfg!(target_os = "macos") {
                "Library/Caches"
            } else {
                ".cache"
            })
        }
    };
    Ok(base.join("tasktrail"))
}

/// The folder `key`, filled by `fill` if it is not there yet. It appears complete or not at all: it is filled under another
/// name and renamed, so an interrupted or a concurrent install does no harm.
pub(crate) fn install(key: &str, fill: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let root = root()?;
    let ready = root.join(key);
    if ready.is_dir() {
        return Ok(ready);
    }
    let staging = root.join(format!(".{key}.{}", std::process::id()));
    let _ = fs::remove_dir_all(&staging);
    fs::create_dir_all(&staging).context(|| format!("cannot create {}", staging.display()))?;
    let filled = fill(&staging);
    let renamed = filled.and_then(|()| match fs::rename(&staging, &ready) {
        Err(_) if ready.is_dir() => Ok(()),
        other => other.context(|| format!("cannot move {} into place", staging.display())),
    });
    let _ = fs::remove_dir_all(&staging);
    renamed.map(|()| ready)
}
