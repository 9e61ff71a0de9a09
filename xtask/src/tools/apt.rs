//! Debian packages.

use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;

use crate::failure::{Failure, Result};
use crate::process::{on_path, run};

/// Installs `packages`, after a look at the newest index: a stale one may offer versions that are gone or too old.
pub(crate) fn install(packages: &[&str], log: &Path) -> Result<()> {
    let wanted = packages.join(" ");
    let Some(apt) = on_path("apt-get") else {
        return Err(Failure::new(format_args!(
            "{wanted} is missing, and without apt-get it cannot be installed for you: please install it"
        )));
    };
    let command = |arguments: &[&str]| {
        let mut command = if geteuid().is_root() {
            Command::new(&apt)
        } else {
            let mut sudo = Command::new("sudo");
            sudo.args(["--non-interactive", "DEBIAN_FRONTEND=noninteractive"])
                .arg(&apt);
            sudo
        };
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-o", "DPkg::Lock::Timeout=600"])
            .args(arguments);
        command
    };
    if !geteuid().is_root() && on_path("sudo").is_none() {
        return Err(Failure::new(format_args!(
            "{wanted} is missing: run `apt-get install {wanted}` as root, then this command again"
        )));
    }
    run(&mut command(&["update"]), log)?;
    let mut install = command(&["install", "--yes", "--no-install-recommends"]);
    run(install.args(packages), log)
}
