//! The client side: the WebAssembly modules, their glue, and the packages and the page around them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::{stamp_file, under_root};
use crate::failure::{Context, Failure, Result};
use crate::paths::{fresh_log, root, target};
use crate::process::run;
use crate::stamp::Stamp;
use crate::tools::node::npm_run;
use crate::tools::wasm_toolchain::WasmToolchain;
use crate::wasm_file::without_custom_sections;

const CRATE: &str = "tasktrail-wasm";
const MODULE: &str = "tasktrail_wasm";

/// One of the modules that the crate makes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variant {
    /// What the module says it is, and the npm package's entry is called.
    pub(crate) name: &'static str,
    features: &'static [&'static str],
    /// What its file is called.
    file: &'static str,
    /// Each way its glue is written, for browsers and bundlers or for Node, and the folder of it under `bindings-wasm/pkg`.
    glue: &'static [(&'static str, &'static str)],
}

pub(crate) const VARIANTS: [Variant; 2] = [
    Variant {
        name: "full",
        features: &["full"],
        file: "tasktrail_wasm_bg.wasm",
        glue: &[("web", "web"), ("node", "node")],
    },
    Variant {
        name: "slim",
        features: &[],
        file: "tasktrail_wasm_slim_bg.wasm",
        glue: &[("web", "slim")],
    },
];

/// The full module with all that the shared vectors ask of it. It is for the tests alone.
const VECTORS: Variant = Variant {
    name: "vectors",
    features: &["vectors"],
    file: "tasktrail_wasm_bg.wasm",
    glue: &[("web", "vectors")],
};

impl Variant {
    /// The module as it is shipped, but with the names of its functions.
    pub(crate) fn named(&self) -> Result<PathBuf> {
        Ok(work_folder()?.join(format!("{}.named.wasm", self.name)))
    }
}

fn package_folder() -> PathBuf {
    root().join("bindings-wasm").join("pkg")
}

/// Where the modules are before they are glued.
fn work_folder() -> Result<PathBuf> {
    let folder = target().join("xtask").join("wasm");
    fs::create_dir_all(&folder).context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// The features that Rust's compiler uses by itself; the optimiser must neither refuse them nor add others.
const WASM_OPT: [&str; 11] = [
    // The compiler has optimised for size already. What this adds for speed costs nothing after brotli …
    "-O3",
    // … as long as functions that are called once stay by themselves: alike, they compress better.
    "--one-caller-inline-max-function-size=10",
    // One pass leaves some hundred bytes to the next.
    "--converge",
    // The names tell `cargo xtask size` where the bytes go.
    "--debuginfo",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Compiles the modules that are shipped, then writes the glue and the optimised module of each that has changed.
pub(super) fn modules() -> Result<()> {
    VARIANTS.iter().try_for_each(module)
}

/// The module that the shared vectors are asked of.
pub(super) fn vectors_module() -> Result<()> {
    module(&VECTORS)
}

fn module(variant: &Variant) -> Result<()> {
    let log = fresh_log(&format!("wasm-module-{}", variant.name))?;
    let toolchain = WasmToolchain::ensure(&log)?;
    run(&mut toolchain.build(CRATE, variant.features)?, &log)?;
    // The next build puts its own in the place of this one.
    let module = work_folder()?.join(format!("{}.wasm", variant.name));
    let built = toolchain.module(MODULE)?;
    fs::copy(&built, &module).context(|| format!("cannot copy {}", built.display()))?;
    glue(variant, &module, &log)
}

fn glue(variant: &Variant, module: &Path, log: &Path) -> Result<()> {
    let inputs = [
        module.to_path_buf(),
        root().join("xtask/wasm-pack"),
        root().join("package-lock.json"),
    ];
    let mut outputs: Vec<PathBuf> = variant
        .glue
        .iter()
        .map(|(_, folder)| package_folder().join(folder))
        .collect();
    outputs.push(variant.named()?);
    let stamp = stamp_file(&format!("wasm-glue-{}", variant.name))?;
    Stamp::new(stamp, &inputs, &WASM_OPT.join(" "))?.unless_fresh(&outputs, || {
        // Only the JavaScript differs between the targets, as a rule; the optimiser is slow, so it sees the same module once.
        let mut optimised: Option<(Vec<u8>, Vec<u8>)> = None;
        for (target, name) in variant.glue {
            // Whoever reads the folder meanwhile finds the old files or the new ones, never half of them.
            let (folder, staging) = (package_folder().join(name), package_folder().join(format!(".{name}")));
            let _ = fs::remove_dir_all(&staging);
            fs::create_dir_all(&staging).context(|| format!("cannot create {}", staging.display()))?;
            let mut glue = Command::new("cargo");
            glue.current_dir(root())
                .args(["run", "--quiet", "--locked", "--package", "xtask-wasm", "--"]);
            run(glue.arg(module).arg(&staging).arg(target), log)?;
            let plain = staging.join(format!("{MODULE}_bg.wasm"));
            let original = read(&plain)?;
            let shipped = match optimised {
                Some((same, shipped)) if same == original => shipped,
                _ => {
                    let named = variant.named()?;
                    let mut optimise = Command::new(root().join("node_modules/.bin/wasm-opt"));
                    run(optimise.args(WASM_OPT).arg(&plain).arg("-o").arg(&named), log)?;
                    without_custom_sections(&read(&named)?)
                        .ok_or_else(|| Failure::new(format_args!("{} is no WebAssembly module", named.display())))?
                }
            };
            fs::remove_file(&plain).context(|| format!("cannot remove {}", plain.display()))?;
            let file = staging.join(variant.file);
            fs::write(&file, &shipped).context(|| format!("cannot write {}", file.display()))?;
            optimised = Some((original, shipped));
            let _ = fs::remove_dir_all(&folder);
            fs::rename(&staging, &folder).context(|| format!("cannot replace {}", folder.display()))?;
        }
        Ok(())
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).context(|| format!("cannot read {}", path.display()))
}

pub(super) fn package() -> Result<()> {
    let inputs = under_root([
        "bindings-wasm",
        "bindings-wasm/pkg/web",
        "bindings-wasm/pkg/slim",
        "tsconfig.base.json",
        "package-lock.json",
    ]);
    let outputs = under_root(["bindings-wasm/dist"]);
    Stamp::new(stamp_file("wasm-package")?, &inputs, "")?.unless_fresh(&outputs, || {
        run(&mut npm_run("bindings-wasm", "build"), &fresh_log("wasm-package")?)
    })
}
