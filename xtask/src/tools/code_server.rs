//! The real VS Code workbench, headless: `CODE_SERVER`, or code-server from npm with the parts of it that must be compiled.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache;
use crate::failure::{Context, Failure, Result};
use crate::process::{capture, on_path, run};
use crate::tools::{apt, from_environment};

/// VS Code 1.100.3; the newest that takes Node 20.
const VERSION: &str = "4.100.3";
/// Loaded when the server starts, even where nobody signs in.
const PASSWORDS: &str = "node_modules/argon2";
const VSCODE: &str = "node_modules/code-server/lib/vscode";
/// Parts of VS Code that are compiled for the Node that runs them.
const COMPILED: [&str; 3] = ["native-watchdog", "node-pty", "@vscode/spdlog"];
const ENTRY: &str = "node_modules/code-server/out/node/entry.js";

/// The script that Node runs, or an executable that the user has named.
pub(crate) fn ensure(log: &Path) -> Result<PathBuf> {
    if let Some(path) = from_environment("CODE_SERVER")? {
        return Ok(path);
    }
    if on_path("rg").is_none() {
        apt::install(&["ripgrep"], log)?;
    }
    for tool in ["make", "g++", "python3"] {
        if on_path(tool).is_none() {
            apt::install(&["build-essential", "python3"], log)?;
        }
    }
    // What is compiled fits one version of Node's interface.
    let abi = node("process.versions.modules")?;
    let folder = cache::install(&format!("code-server-{VERSION}-node{abi}"), |staging| {
        install(staging, log)
    })?;
    Ok(folder.join(ENTRY))
}

fn install(staging: &Path, log: &Path) -> Result<()> {
    let npm_install = |folder: &Path, arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.current_dir(folder)
            .args(["install", "--ignore-scripts", "--no-audit", "--no-fund"])
            .args(arguments);
        run(&mut npm, log)
    };
    // Without one of its own, npm would look for a package above the folder.
    fs::write(staging.join("package.json"), "{ \"private\": true }\n")?;
    npm_install(staging, &["--save-exact", &format!("code-server@{VERSION}")])?;
    let gyp = NodeGyp::find()?;
    let passwords = staging.join(PASSWORDS);
    let target = format!("--module_path={}", passwords.join("lib/binding/napi-v3").display());
    let place = [
        "--module_name=argon2",
        &target,
        "--napi_version=9",
        "--napi_build_version=3",
        "--node_napi_label=napi-v3",
    ];
    gyp.rebuild(&passwords, &place, log)?;
    let vscode = staging.join(VSCODE);
    npm_install(&vscode, &["--omit=dev"])?;
    let modules = vscode.join("node_modules");
    for name in COMPILED {
        gyp.rebuild(&modules.join(name), &[], log)?;
    }
    let search = modules.join("@vscode/ripgrep/bin");
    fs::create_dir_all(&search).context(|| format!("cannot create {}", search.display()))?;
    let Some(ripgrep) = on_path("rg") else {
        return Err(Failure::new("there is no ripgrep (rg) on PATH: please install it"));
    };
    let _ = fs::remove_file(search.join("rg"));
    symlink(&ripgrep, search.join("rg")).context(|| "cannot link ripgrep".into())?;
    symlink("node_modules", vscode.join("node_modules.asar"))
        .context(|| "cannot link the modules of VS Code".into())?;
    // It writes a file of settings where there is none; that is not to be the user's.
    let mut ask = Command::new("node");
    ask.arg(staging.join(ENTRY))
        .arg("--version")
        .env("XDG_CONFIG_HOME", staging);
    let version = capture(&mut ask)?;
    if version.lines().any(|line| line.starts_with(VERSION)) {
        return Ok(());
    }
    Err(Failure::new(format_args!(
        "code-server says that it is {version}, not {VERSION}"
    )))
}

/// The compiler of Node's addons, which comes with npm.
#[derive(Debug)]
struct NodeGyp {
    script: PathBuf,
    /// Where Node's headers are; fetched when they are not on this machine.
    headers: Option<PathBuf>,
}

impl NodeGyp {
    fn find() -> Result<Self> {
        let modules = PathBuf::from(capture(Command::new("npm").args(["root", "--global"]))?);
        let prefix = PathBuf::from(node(
            "require('path').dirname(require('path').dirname(fs.realpathSync(process.execPath)))",
        )?);
        let script = [modules, prefix.join("lib/node_modules"), prefix.join("share/nodejs")]
            .into_iter()
            .map(|folder| folder.join("npm/node_modules/node-gyp/bin/node-gyp.js"))
            .find(|script| script.is_file())
            .ok_or_else(|| {
                Failure::new("npm comes without node-gyp here, which compiles parts of VS Code: reinstall npm")
            })?;
        let headers = prefix.join("include/node/node.h").is_file().then_some(prefix);
        Ok(Self { script, headers })
    }

    fn rebuild(&self, package: &Path, arguments: &[&str], log: &Path) -> Result<()> {
        let mut gyp = Command::new("node");
        gyp.current_dir(package).arg(&self.script).arg("rebuild");
        if let Some(headers) = &self.headers {
            gyp.arg(format!("--nodedir={}", headers.display()));
        }
        run(gyp.args(arguments).env("JOBS", "max"), log)
    }
}

/// What an expression is in Node.
fn node(expression: &str) -> Result<String> {
    capture(Command::new("node").args(["--print", expression]))
}
