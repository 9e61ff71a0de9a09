//! A Chromium for the tests of the page: `CHROMIUM`, one on `PATH`, or Debian's.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::process::{is_executable, on_path};
use crate::tools::{apt, from_environment};

const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

fn find() -> Option<PathBuf> {
    let mac = PathBuf::from(MAC);
    NAMES
        .into_iter()
        .find_map(on_path)
        .or_else(|| is_executable(&mac).then_some(mac))
}

pub(crate) fn ensure(log: &Path) -> Result<PathBuf> {
    if let Some(path) = from_environment("CHROMIUM")?.or_else(find) {
        return Ok(path);
    }
    apt::install(&["chromium"], log)?;
    find().ok_or_else(|| Failure::new("there is no Chromium on PATH: install one, or name it in CHROMIUM"))
}
