//! What the tests of the C library need.

use std::path::Path;

use crate::failure::Result;
use crate::process::on_path;
use crate::tools::apt;

const TOOLS: [&str; 5] = ["gcc", "g++", "make", "pkg-config", "valgrind"];

pub(crate) fn ensure(log: &Path) -> Result<()> {
    let missing: Vec<&str> = TOOLS.into_iter().filter(|tool| on_path(tool).is_none()).collect();
    if missing.is_empty() {
        Ok(())
    } else {
        apt::install(&missing, log)
    }
}
