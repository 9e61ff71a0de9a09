//! What must be built before the demo and the tests, each at most once a run.

mod node;
pub(crate) mod wasm;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

use crate::failure::{Context, Failure, Result};
use crate::paths;
use crate::process::pause;
use crate::progress;
use crate::tools::{self, wasm_toolchain::WasmToolchain};

/// Builds on demand and remembers what it has built.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    outcomes: RefCell<HashMap<&'static str, std::result::Result<(), String>>>,
}

impl Builder {
    /// The npm packages that the lock file names.
    pub(crate) fn npm_packages(&self) -> Result<()> {
        self.once("npm packages", || {
            tools::node::ensure(&paths::fresh_log("npm-packages")?)
        })
    }

    /// The native addon of `@tasktrail/node`.
    pub(crate) fn node_addon(&self) -> Result<()> {
        self.npm_packages()?;
        self.once("Node addon", || node::addon(node::QUICK_PROFILE))
    }

    /// `@tasktrail/node` with the addon as it is shipped, for measurements. The next [`Self::node_addon`] replaces it.
    pub(crate) fn node_package_for_release(&self) -> Result<()> {
        self.npm_packages()?;
        self.once("Node addon for release", || node::addon("release"))?;
        self.once("Node package", node::package)
    }

    /// `@tasktrail/node`: addon and TypeScript.
    pub(crate) fn node_package(&self) -> Result<()> {
        self.node_addon()?;
        self.once("Node package", node::package)
    }

    /// `@tasktrail/wasm`: module, TypeScript and the Task History page.
    pub(crate) fn wasm_package(&self) -> Result<()> {
        self.npm_packages()?;
        self.once("WebAssembly toolchain", || {
            WasmToolchain::ensure(&paths::fresh_log("wasm-toolchain")?).map(drop)
        })?;
        self.once("WebAssembly modules", wasm::modules)?;
        self.once("Task History page", wasm::package)
    }

    /// The module that the shared vectors are asked of; nobody ships it.
    pub(crate) fn wasm_vectors(&self) -> Result<()> {
        self.wasm_package()?;
        self.once("WebAssembly module of the vectors", wasm::vectors_module)
    }

    /// The example API and the page that it serves.
    pub(crate) fn example_api(&self) -> Result<()> {
        self.node_package()?;
        self.wasm_package()?;
        self.once("Example API", node::example_api)
    }

    /// The example API with the addon as it is shipped, for measurements.
    pub(crate) fn example_api_for_release(&self) -> Result<()> {
        self.node_package_for_release()?;
        self.wasm_package()?;
        self.once("Example API", node::example_api)
    }

    /// The VS Code extension as a `.vsix`, and where it is.
    pub(crate) fn vscode_extension(&self) -> Result<PathBuf> {
        self.wasm_package()?;
        let vsix = paths::target().join("xtask").join("tasktrail-task-history.vsix");
        self.once("VS Code extension", || node::vscode_extension(&vsix))?;
        Ok(vsix)
    }

    /// The example MCP server, and the API that it is for.
    pub(crate) fn mcp_server(&self) -> Result<()> {
        self.example_api()?;
        self.once("MCP server", node::mcp_server)
    }

    fn once(&self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        if let Some(outcome) = self.outcomes.borrow().get(name) {
            return outcome.clone().map_err(Failure::Message);
        }
        let outcome = progress::step(name, || {
            let _lock = lock()?;
            work()
        });
        let kept = match &outcome {
            Ok(()) => Ok(()),
            Err(Failure::Interrupted) => return outcome,
            Err(Failure::Message(_)) => Err(format!("{name} could not be built: see above")),
        };
        self.outcomes.borrow_mut().insert(name, kept);
        outcome
    }
}

/// One build step at a time in this checkout, whoever started it: the steps replace folders that others read. The lock ends
/// with the file.
fn lock() -> Result<File> {
    let path = stamp_file("lock")?;
    let file = File::create(&path).context(|| format!("cannot write {}", path.display()))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => progress::detail("waiting for another cargo xtask"),
            Err(TryLockError::Error(error)) => return Err(error).context(|| format!("cannot lock {}", path.display())),
        }
        pause(Duration::from_millis(100))?;
    }
}

/// Paths under the root of the checkout.
fn under_root<const N: usize>(paths: [&str; N]) -> [PathBuf; N] {
    paths.map(|path| paths::root().join(path))
}

fn stamp_file(step: &str) -> Result<PathBuf> {
    let dir = paths::target().join("xtask").join("stamps");
    std::fs::create_dir_all(&dir)?;
    Ok(dir.join(step))
}
