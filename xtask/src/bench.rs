//! `cargo xtask bench`: figures beside those of peers, measured in one run, and whether they reach their goals.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use clap::builder::PossibleValuesParser;
use serde_json::{Deserializer, Value};

use crate::api_server::ApiServer;
use crate::bench_cli::Measured;
use crate::build::Builder;
use crate::failure::{Context, Failure, Result};
use crate::mongo_server::MongoServer;
use crate::paths::{fresh_log, root, target};
use crate::process::{capture, run};
use crate::progress::step;
use crate::size;
use crate::tools::{chromium, code_server, mongod};

/// A group of measurements, or a part of one with the same name; each program prints its rows as one JSON array.
#[derive(Debug)]
struct Suite {
    name: &'static str,
    program: Program,
    /// Whether it wants a MongoDB and a folder on a real disk.
    wants_stores: bool,
}

/// What measures.
#[derive(Debug, Clone, Copy)]
enum Program {
    /// `cargo bench`, with its arguments.
    Cargo(&'static [&'static str]),
    /// A script under the root, which loads the addon as it is shipped.
    Node(&'static str),
    /// A script under the root, which loads the WebAssembly package as it is shipped, by itself and in a browser that the example API serves
    /// the page to; the sizes of what a page loads come with it.
    Page(&'static str),
    /// A script under the root, which measures the extension in the real VS Code workbench.
    Workbench(&'static str),
    /// The command as it is shipped, beside `curl`, with the example API as it is shipped.
    CommandLine,
}

const SUITES: [Suite; 6] = [
    Suite {
        name: "core",
        program: Program::Cargo(&["--package=tasktrail", "--bench=core"]),
        wants_stores: false,
    },
    Suite {
        name: "recorder",
        program: Program::Cargo(&["--package=tasktrail-bench", "--bench=recorder", "--bench=memory"]),
        wants_stores: true,
    },
    Suite {
        name: "node",
        program: Program::Node("bindings-node/bench/index.mjs"),
        wants_stores: true,
    },
    Suite {
        name: "webview",
        program: Program::Page("bindings-wasm/bench/index.mjs"),
        wants_stores: true,
    },
    Suite {
        name: "webview",
        program: Program::Workbench("examples/vscode-extension/bench/index.mjs"),
        wants_stores: false,
    },
    Suite {
        name: "cli",
        program: Program::CommandLine,
        wants_stores: false,
    },
];

/// Key of the API with which the command line is measured.
const API_KEY: &str = "bench-key";

/// Gigabytes of the server's cache: enough for the indexes of the histories that are asked.
const MONGODB_CACHE: f64 = 4.0;

/// Options of the benchmarks.
#[derive(Debug, clap::Args)]
pub(crate) struct Bench {
    /// Measure these suites only
    #[arg(value_name = "SUITE", value_parser = PossibleValuesParser::new(names()))]
    suites: Vec<String>,
    /// Fewer rounds: for a look, not for a claim
    #[arg(long)]
    quick: bool,
    /// Ask a MongoDB of ten million records too: 25 GB of disk and half an hour more
    #[arg(long)]
    large: bool,
    /// Write the rows to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Bench {
    pub(crate) fn run(&self, builder: &Builder) -> Result<()> {
        let mut rows: Vec<Value> = Vec::new();
        let is_chosen = |suite: &&Suite| self.suites.is_empty() || self.suites.iter().any(|name| name == suite.name);
        for suite in SUITES.iter().filter(is_chosen) {
            rows.append(&mut self.measure(suite, builder)?);
        }
        print_table(&rows);
        if let Some(file) = &self.json {
            fs::write(file, format!("{:#}\n", Value::Array(rows.clone())))
                .context(|| format!("cannot write {}", file.display()))?;
        }
        let short: Vec<String> = rows
            .iter()
            .filter(|row| row.get("holds").and_then(Value::as_bool) != Some(true))
            .map(|row| format!("{} against {}", text(row, "name"), text(row, "peer_name")))
            .collect();
        if short.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format_args!("short of the goal: {}", short.join("; "))))
    }

    fn measure(&self, suite: &Suite, builder: &Builder) -> Result<Vec<Value>> {
        let mut command = match suite.program {
            Program::CommandLine => return self.command_line(builder),
            Program::Cargo(benches) => {
                let mut command = Command::new("cargo");
                command.args(["bench", "--quiet", "--locked"]).args(benches).arg("--");
                command.args(self.large.then_some("--large"));
                command
            }
            Program::Node(script) => {
                builder.node_package_for_release()?;
                node(script)
            }
            Program::Page(script) => {
                builder.example_api_for_release()?;
                let mut command = node(script);
                command.env("CHROMIUM", browser()?);
                command
            }
            Program::Workbench(script) => {
                builder.example_api_for_release()?;
                let code_server = step("VS Code", || code_server::ensure(&fresh_log("code-server")?))?;
                let mut command = node(script);
                command
                    .env("CHROMIUM", browser()?)
                    .env("CODE_SERVER", code_server)
                    .env("TASKTRAIL_VSIX", builder.vscode_extension()?);
                command
            }
        };
        command.current_dir(root()).args(self.quick.then_some("--quick"));
        // Both end with this function.
        let mut scratch = None;
        if suite.wants_stores {
            let scratch = scratch.insert(Scratch::new()?);
            let server = step("Start MongoDB", || {
                MongoServer::start_with(&mongod::ensure(&fresh_log("mongod")?)?, &scratch.folder, MONGODB_CACHE)
            })?;
            command
                .env("TASKTRAIL_BENCH_MONGODB", scratch.server.insert(server).url(""))
                .env("TASKTRAIL_BENCH_FOLDER", &scratch.folder);
        }
        let printed = step(&format!("Measure {}", suite.name), || capture(&mut command))?;
        drop(scratch);
        let mut rows = Vec::new();
        for array in Deserializer::from_str(&printed).into_iter::<Vec<Value>>() {
            rows.append(&mut array.context(|| format!("{} printed no rows", suite.name))?);
        }
        if let Program::Page(_) = suite.program {
            rows.append(&mut size::rows()?);
        }
        Ok(rows)
    }
}

impl Bench {
    fn command_line(&self, builder: &Builder) -> Result<Vec<Value>> {
        builder.example_api_for_release()?;
        step("The command for release", || {
            let mut build = Command::new("cargo");
            build.args(["build", "--locked", "--release", "--package", "tasktrail-cli"]);
            run(build.current_dir(root()), &fresh_log("cli-release")?)
        })?;
        let scratch = Scratch::new()?;
        let folder = &scratch.folder;
        let api = step("Start the API", || {
            ApiServer::start("sqlite:./audit.db", 0, API_KEY, folder)
        })?;
        let measured = Measured {
            program: &target().join("release").join("tasktrail"),
            api: &api.url,
            key: API_KEY,
            folder,
            quick: self.quick,
        };
        let rows = step("Measure cli", || measured.rows());
        api.stop()?;
        rows
    }
}

/// The suites' names, each once.
fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
    names.dedup();
    names
}

fn browser() -> Result<PathBuf> {
    step("Chromium", || chromium::ensure(&fresh_log("chromium")?))
}

fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(script);
    command
}

/// A folder on the disk of the target folder, since the temporary one may be memory, and the server that has its data in it.
#[derive(Debug)]
struct Scratch {
    folder: PathBuf,
    server: Option<MongoServer>,
}

impl Scratch {
    fn new() -> Result<Self> {
        let folder = target().join("xtask").join(format!("bench-{}", std::process::id()));
        fs::create_dir_all(&folder).context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { folder, server: None })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.server.take());
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn print_table(rows: &[Value]) {
    println!(
        "  {:<30} {:>12}  {:<30} {:>12} {:>8}  {:<8} note",
        "ours", "", "peer", "", "ratio", "goal"
    );
    for row in rows {
        let holds = row.get("holds").and_then(Value::as_bool) == Some(true);
        println!(
            "{} {:<30} {:>12}  {:<30} {:>12} {:>8}  {:<8} {}",
            if holds { '✓' } else { '✗' },
            text(row, "name"),
            figure(row, "ours"),
            text(row, "peer_name"),
            figure(row, "peer"),
            format!("{:.3}", number(row, "ratio")),
            text(row, "goal"),
            text(row, "note"),
        );
    }
}

fn figure(row: &Value, field: &str) -> String {
    format!("{:.2} {}", number(row, field), text(row, "unit"))
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn number(row: &Value, field: &str) -> f64 {
    row.get(field).and_then(Value::as_f64).unwrap_or(f64::NAN)
}
