//! `cargo xtask generate`: the committed files that are written from Rust, and the check that they are what it writes.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::build::Builder;
use crate::failure::{Context, Failure, Result};
use crate::paths::{fresh_log, root, target};
use crate::process::{capture, run};
use crate::progress::step;
use crate::tools::node::npm_run;

/// Options of the generator.
#[derive(Debug, clap::Args)]
pub(crate) struct Generate {
    /// Fail if a committed file is not what would be generated
    #[arg(long)]
    pub(crate) check: bool,
}

/// The wire's names and shapes, for both npm packages.
const WIRE: [&str; 2] = ["bindings-node/src/wire.ts", "bindings-wasm/src/wire.ts"];
/// Written by the addon's build, then bundled from it and the package's own types.
const NODE_TYPES: [&str; 2] = ["bindings-node/native.d.ts", "bindings-node/index.d.ts"];
/// What a stored record and a progress event hold, as JSON Schema.
const SCHEMAS: [(&str, &str); 2] = [
    ("record", "docs/schema/record.schema.json"),
    ("event", "docs/schema/event.schema.json"),
];
const HEADER: &str = "bindings-c/include/tasktrail.h";
/// What the core answers, in the files that ask.
const VECTORS: &str = "tests/vectors/*.json";

impl Generate {
    pub(crate) fn run(&self, builder: &Builder) -> Result<()> {
        let log = fresh_log("generate")?;
        builder.npm_packages()?;
        step("TypeScript of the wire", || {
            let wire = formatted(&capture(
                Command::new("cargo").current_dir(root()).args(GENERATE_TYPES),
            )?)? + "\n";
            WIRE.iter().try_for_each(|path| write_if_changed(path, &wire))
        })?;
        step("JSON Schema", || {
            SCHEMAS.iter().try_for_each(|(what, path)| {
                let mut command = Command::new("cargo");
                let schema = capture(command.current_dir(root()).args(GENERATE_SCHEMA).arg(what))?;
                write_if_changed(path, &(schema + "\n"))
            })
        })?;
        step("C header", || {
            let mut command = Command::new("cargo");
            command
                .current_dir(root())
                .args(["run", "--quiet", "--locked", "--package", "xtask-c-header"]);
            run(&mut command, &log)
        })?;
        step("Vectors", || {
            let mut command = Command::new("cargo");
            command
                .current_dir(root())
                .args(["run", "--quiet", "--locked", "--package", "tasktrail"]);
            run(
                command.args([
                    "--no-default-features",
                    "--features=exact-doubles",
                    "--example",
                    "vectors",
                ]),
                &log,
            )
        })?;
        builder.node_addon()?;
        step("Node types", || run(&mut npm_run("bindings-node", "build:ts"), &log))?;
        if self.check { check() } else { Ok(()) }
    }
}

const GENERATE_TYPES: [&str; 8] = [
    "run",
    "--quiet",
    "--locked",
    "--package=tasktrail",
    "--features=typescript",
    "--example",
    "generate_types",
    "--",
];

/// Of the pure half, which is built in no time.
const GENERATE_SCHEMA: [&str; 8] = [
    "run",
    "--quiet",
    "--locked",
    "--package=tasktrail",
    "--no-default-features",
    "--example",
    "generate_schema",
    "--",
];

/// TypeScript as prettier writes it: people read these files.
fn formatted(text: &str) -> Result<String> {
    let raw = target().join("xtask").join("generated.ts");
    fs::write(&raw, text).context(|| format!("cannot write {}", raw.display()))?;
    let mut prettier = Command::new("node");
    prettier
        .current_dir(root())
        .arg("node_modules/prettier/bin/prettier.cjs")
        // Its ignore file leaves out both the target folder and what is generated.
        .args(["--config", ".prettierrc", "--ignore-path", "none"])
        .arg(&raw);
    capture(&mut prettier)
}

/// Leaves an unchanged file alone, so that what is built from it stays fresh.
fn write_if_changed(path: &str, text: &str) -> Result<()> {
    let file = root().join(path);
    if fs::read_to_string(&file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(&file, text).context(|| format!("cannot write {}", file.display()))
}

/// Compares with what git holds, not with the files as they were: an earlier build may have written them already.
fn check() -> Result<()> {
    let files: Vec<PathBuf> = [VECTORS]
        .iter()
        .chain(&WIRE)
        .chain(&NODE_TYPES)
        .chain(SCHEMAS.iter().map(|(_, path)| path))
        .chain([&HEADER])
        .map(PathBuf::from)
        .collect();
    let mut diff = Command::new("git");
    diff.current_dir(root())
        .args(["diff", "--no-ext-diff", "--stat", "--"])
        .args(&files);
    let changed = capture(&mut diff)?;
    let mut untracked = Command::new("git");
    untracked
        .current_dir(root())
        .args(["ls-files", "--others", "--"])
        .args(&files);
    let changed = [changed, capture(&mut untracked)?].join("\n");
    if changed.trim().is_empty() {
        return Ok(());
    }
    Err(Failure::new(format_args!(
        "these committed files are not what the source generates; they are written anew, commit them:\n{changed}"
    )))
}
