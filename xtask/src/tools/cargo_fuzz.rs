//! cargo-fuzz, and the nightly toolchain that it needs for the sanitizers.

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process::{capture, on_path, run};

const VERSION: &str = "0.13.2";

/// Installs what is missing.
pub(crate) fn ensure(log: &Path) -> Result<()> {
    if on_path("rustup").is_none() {
        return Err(Failure::new(
            "rustup must be on PATH: the fuzzer needs a nightly toolchain",
        ));
    }
    if capture(Command::new("rustup").args(["run", "nightly", "rustc", "--version"])).is_err() {
        let install = ["toolchain", "install", "nightly", "--profile", "minimal"];
        run(Command::new("rustup").args(install), log)?;
    }
    if capture(&mut command("--version")).is_err() {
        let install = ["install", "cargo-fuzz", "--locked", "--version", VERSION];
        run(Command::new("cargo").args(install), log)?;
    }
    Ok(())
}

/// `cargo +nightly fuzz VERB`.
pub(crate) fn command(verb: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo", "fuzz", verb]);
    command
}
