//! The client side: the WebAssembly module, its glue, and the packages and the page around it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::build::{stamp_file, under_root};
use crate::failure::{Context, Result};
use crate::paths::{fresh_log, root};
use crate::process::run;
use crate::stamp::Stamp;
use crate::tools::node::npm_run;
use crate::tools::wasm_toolchain::WasmToolchain;

const CRATE: &str = "tasktrail-wasm";
const MODULE: &str = "tasktrail_wasm";

/// Each way the glue is written, for browsers and bundlers and for Node, and its folder under `bindings-wasm/pkg`.
const GLUE: [&str; 2] = ["web", "node"];

/// The features that Rust's compiler uses by itself; the optimiser must neither refuse them nor add others.
const WASM_OPT: [&str; 8] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Compiles the module, then writes the glue and the optimised module when the module has changed.
pub(super) fn module() -> Result<()> {
    let log = fresh_log("wasm-module")?;
    let toolchain = WasmToolchain::ensure(&log)?;
    run(&mut toolchain.build(CRATE)?, &log)?;
    let module = toolchain.module(MODULE)?;
    let package = root().join("bindings-wasm").join("pkg");
    let inputs = [
        module.clone(),
        root().join("xtask/wasm-pack"),
        root().join("package-lock.json"),
    ];
    let outputs = GLUE.map(|target| package.join(target));
    Stamp::new(stamp_file("wasm-glue")?, &inputs, &WASM_OPT.join(" "))?.unless_fresh(&outputs, || {
        // Only the JavaScript differs between the targets, as a rule; the optimiser is slow, so it sees the same module once.
        let mut optimised: Option<(Vec<u8>, PathBuf)> = None;
        for target in GLUE {
            // Whoever reads the folder meanwhile finds the old files or the new ones, never half of them.
            let (folder, staging) = (package.join(target), package.join(format!(".{target}")));
            let _ = fs::remove_dir_all(&staging);
            fs::create_dir_all(&staging).context(|| format!("cannot create {}", staging.display()))?;
            let mut glue = Command::new("cargo");
            glue.current_dir(root())
                .args(["run", "--quiet", "--locked", "--package", "xtask-wasm", "--"]);
            run(glue.arg(&module).arg(&staging).arg(target), &log)?;
            let plain = staging.join(format!("{MODULE}_bg.wasm"));
            let original = fs::read(&plain).context(|| format!("cannot read {}", plain.display()))?;
            match &optimised {
                Some((same, done)) if *same == original => {
                    fs::copy(done, &plain).context(|| format!("cannot copy {}", done.display()))?;
                }
                _ => {
                    let mut optimise = Command::new(root().join("node_modules/.bin/wasm-opt"));
                    run(optimise.args(WASM_OPT).arg(&plain).arg("-o").arg(&plain), &log)?;
                    optimised = Some((original, folder.join(format!("{MODULE}_bg.wasm"))));
                }
            }
            let _ = fs::remove_dir_all(&folder);
            fs::rename(&staging, &folder).context(|| format!("cannot replace {}", folder.display()))?;
        }
        Ok(())
    })
}

pub(super) fn package() -> Result<()> {
    let inputs = under_root([
        "bindings-wasm",
        "bindings-wasm/pkg/web",
        "bindings-wasm/pkg/node",
        "tsconfig.base.json",
        "package-lock.json",
    ]);
    let outputs = under_root(["bindings-wasm/dist"]);
    Stamp::new(stamp_file("wasm-package")?, &inputs, "")?.unless_fresh(&outputs, || {
        run(&mut npm_run("bindings-wasm", "build"), &fresh_log("wasm-package")?)
    })
}
