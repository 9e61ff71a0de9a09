//! Where things are: the checkout, its target folder, log files and run folders.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::failure::{Context, Result};

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    let manifest_dir =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest_dir
        .parent()
        .map_or_else(|| manifest_dir.clone(), Path::to_path_buf)
}

/// Cargo's target folder for the host: `CARGO_TARGET_DIR` if it is set.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The log file of a step, emptied. It lives under the target folder, so that it outlives the run without being in the way.
pub(crate) fn fresh_log(step: &str) -> Result<PathBuf> {
    let dir = target().join("xtask").join("logs");
    fs::create_dir_all(&dir).context(|| format!("cannot create {}", dir.display()))?;
    let path = dir.join(format!("{step}.log"));
    fs::write(&path, "").context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// A fresh folder under the system's temporary folder, for what one run leaves behind.
pub(crate) fn fresh_run_folder(purpose: &str) -> Result<PathBuf> {
    let stamp = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_millis());
    let path = env::temp_dir().join(format!("tasktrail-{purpose}-{stamp}-{}", std::process::id()));
    fs::create_dir_all(&path).context(|| format!("cannot create {}", path.display()))?;
    Ok(path)
}
