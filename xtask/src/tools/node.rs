//! Node, npm and the installed npm packages.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value};

use crate::failure::{Failure, Result};
use crate::paths;
use crate::process::{capture, on_path, run};
use crate::tools::version;

const MINIMUM: [u32; 2] = [20, 19];

/// Checks Node's version and installs the locked packages when `node_modules` is not what the lock file says.
pub(crate) fn ensure(log: &Path) -> Result<()> {
    let found = if on_path("node").is_some() {
        capture(Command::new("node").arg("--version"))?
    } else {
        "none".to_owned()
    };
    if version(&found) < MINIMUM.to_vec() {
        return Err(Failure::new(format_args!(
            "Node 20.19 or newer must be on PATH (found: {found})"
        )));
    }
    if on_path("npm").is_none() {
        return Err(Failure::new("npm must be on PATH: it comes with Node"));
    }
    if is_installed() {
        return Ok(());
    }
    // A production setting in the environment must not leave out the build tools.
    run(npm().args(["ci", "--ignore-scripts", "--include=dev"]), log)
}

/// `npm` at the root of the checkout.
pub(crate) fn npm() -> Command {
    let mut command = Command::new("npm");
    command
        .current_dir(paths::root())
        .env("npm_config_update_notifier", "false")
        .env("npm_config_fund", "false");
    command
}

/// `npm run SCRIPT -w WORKSPACE`.
pub(crate) fn npm_run(workspace: &str, script: &str) -> Command {
    let mut command = npm();
    command.args(["run", script, "-w", workspace]);
    command
}

/// Whether the `package.json` of `folder` (under the root) has this script.
pub(crate) fn has_script(folder: &str, script: &str) -> bool {
    read_json(&paths::root().join(folder).join("package.json"))
        .and_then(|package| package.get("scripts")?.get(script).cloned())
        .is_some()
}

/// Compares what npm says it installed with what the lock file asks for, so that it does not matter who installed it.
fn is_installed() -> bool {
    let root = paths::root();
    let wanted = packages(&root.join("package-lock.json"));
    let installed = packages(&root.join("node_modules/.package-lock.json"));
    match (wanted, installed) {
        (Some(wanted), Some(installed)) => same_packages(&wanted, &installed) && every_folder_exists(&installed),
        _ => false,
    }
}

fn same_packages(wanted: &Map<String, Value>, installed: &Map<String, Value>) -> bool {
    let is_flag = |package: &Value, name: &str| package.get(name).and_then(Value::as_bool).unwrap_or(false);
    let all_there = wanted
        .iter()
        .filter(|(path, _)| is_installed_path(path))
        .all(|(path, package)| {
            match installed.get(path) {
                Some(found) => {
                    found.get("version") == package.get("version") && found.get("resolved") == package.get("resolved")
                }
                // Binaries for other platforms are optional and not installed.
                None => is_flag(package, "optional") || is_flag(package, "devOptional") || is_flag(package, "peer"),
            }
        });
    all_there
        && installed
            .keys()
            .filter(|path| is_installed_path(path))
            .all(|path| wanted.contains_key(path))
}

/// The entries of the lock file that end up under `node_modules`; the others are the workspaces themselves.
fn is_installed_path(path: &str) -> bool {
    path.contains("node_modules/")
}

fn every_folder_exists(installed: &Map<String, Value>) -> bool {
    let root = paths::root();
    installed
        .keys()
        .filter(|path| is_installed_path(path))
        .all(|path| root.join(path).exists())
}

fn packages(lock: &Path) -> Option<Map<String, Value>> {
    match read_json(lock)?.get_mut("packages").map(Value::take) {
        Some(Value::Object(packages)) => Some(packages),
        _ => None,
    }
}

fn read_json(file: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(file).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_install_is_current_when_versions_match_and_only_optional_packages_are_missing() {
        let wanted = object(
            r#"{"": {}, "bindings-node": {"version": "0.1.0"}, "node_modules/a": {"version": "1.0.0"},
                "node_modules/other-platform": {"version": "1.0.0", "optional": true}}"#,
        );
        assert!(same_packages(
            &wanted,
            &object(r#"{"bindings-node": {}, "node_modules/a": {"version": "1.0.0"}}"#)
        ));
        assert!(!same_packages(
            &wanted,
            &object(r#"{"node_modules/a": {"version": "1.0.1"}}"#)
        ));
        assert!(!same_packages(&wanted, &object("{}")));
        let extra = object(r#"{"node_modules/a": {"version": "1.0.0"}, "node_modules/b": {"version": "1.0.0"}}"#);
        assert!(!same_packages(&wanted, &extra));
    }
}
