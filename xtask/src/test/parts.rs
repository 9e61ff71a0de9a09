//! The parts of the tests, in the order in which they run: the quick ones first.

use std::process::Command;

use crate::demo::{Demo, Store};
use crate::failure::{Failure, Result};
use crate::fault::Fault;
use crate::generate::Generate;
use crate::orchestration::Orchestration;
use crate::paths::{fresh_log, root, target};
use crate::process::{is_executable, run};
use crate::progress::step;
use crate::size::Size;
use crate::test::lab::Lab;
use crate::tools::c_toolchain;
use crate::tools::node::{has_script, npm};

/// The suite for stores, with which the tests of the core's own stores are built.
const CONFORMANCE: &str = "--features=tasktrail/conformance";

pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Lab<'_>) -> Result<()>,
}

pub(crate) const PARTS: [Part; 16] = [
    Part {
        name: "fmt",
        about: "Rust, JavaScript and TypeScript are formatted",
        run: fmt,
    },
    Part {
        name: "lint",
        about: "clippy and eslint have nothing to say",
        run: lint,
    },
    Part {
        name: "docs",
        about: "the documentation builds without a warning",
        run: docs,
    },
    Part {
        name: "rust",
        about: "tests of the Rust crates, on a real MongoDB too",
        run: rust,
    },
    Part {
        name: "models",
        about: "queue, ledger and hub in thousands of the orders in which threads can meet",
        run: models,
    },
    Part {
        name: "vectors",
        about: "Rust, Node and WebAssembly say the same, byte for byte",
        run: vectors,
    },
    Part {
        name: "node",
        about: "tests of @tasktrail/node, its NestJS module and the examples",
        run: node,
    },
    Part {
        name: "mcp",
        about: "the MCP server, and an orchestration whose agents report by it, on SQLite and on MongoDB",
        run: mcp,
    },
    Part {
        name: "wasm",
        about: "tests of @tasktrail/wasm in Node and in Chromium",
        run: wasm,
    },
    Part {
        name: "size",
        about: "what a page loads keeps to its budget",
        run: size,
    },
    Part {
        name: "c",
        about: "tests of the C library under AddressSanitizer and valgrind",
        run: c,
    },
    Part {
        name: "e2e",
        about: "the demo's check on SQLite and on MongoDB, and a trail and the command line through the API",
        run: e2e,
    },
    Part {
        name: "vscode",
        about: "the extension in the real VS Code workbench, on MongoDB and on SQLite",
        run: vscode,
    },
    Part {
        name: "faults",
        about: "a short form of each fault: kills, power failures, full disks, lost primaries",
        run: faults,
    },
    Part {
        name: "packaging",
        about: "the packages publish, install and work outside the checkout",
        run: packaging,
    },
    Part {
        name: "drift",
        about: "generated files are as committed",
        run: drift,
    },
];

/// Names the MongoDB server for the tests that want one.
const TEST_MONGODB: &str = "TASKTRAIL_TEST_MONGODB";
/// Names the program of the example API.
const TEST_API: &str = "TASKTRAIL_TEST_API";
/// Names the server's binary for those that start one with settings of their own.
const TEST_MONGOD: &str = "TASKTRAIL_TEST_MONGOD";

fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root()).args(arguments);
    command
}

fn fmt(lab: &Lab<'_>) -> Result<()> {
    step("cargo fmt", || {
        run(
            &mut cargo(["fmt", "--all", "--check", "--", "--color", "never"]),
            &fresh_log("fmt-rust")?,
        )
    })?;
    lab.builder.npm_packages()?;
    step("prettier", || {
        run(npm().args(["run", "format:check"]), &fresh_log("fmt-js")?)
    })
}

fn lint(lab: &Lab<'_>) -> Result<()> {
    let log = fresh_log("lint-rust")?;
    step("clippy", || {
        let everything = [
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            CONFORMANCE,
            "--",
            "--deny",
            "warnings",
        ];
        run(&mut cargo(everything), &log)
    })?;
    for (what, features) in [("without features", ""), ("without a database", "recorder")] {
        step(&format!("clippy {what}"), || {
            let fewer = [
                "clippy",
                "--locked",
                "--package",
                "tasktrail",
                "--no-default-features",
                "--features",
                features,
                "--",
                "--deny",
                "warnings",
            ];
            run(&mut cargo(fewer), &log)
        })?;
    }
    // Lints that know types read the packages' declarations.
    lab.builder.node_package()?;
    lab.builder.wasm_package()?;
    step("eslint", || run(npm().args(["run", "lint"]), &fresh_log("lint-js")?))
}

fn docs(_: &Lab<'_>) -> Result<()> {
    step("cargo doc", || {
        let mut command = cargo([
            "doc",
            "--locked",
            "--workspace",
            "--no-deps",
            "--document-private-items",
            CONFORMANCE,
        ]);
        run(command.env("RUSTDOCFLAGS", "--deny warnings"), &fresh_log("docs")?)
    })
}

fn rust(lab: &Lab<'_>) -> Result<()> {
    let (mongo, mongod) = (lab.mongo_url()?, lab.mongod()?);
    step("cargo test", || {
        // The addon only links inside Node, and its tests are Node's.
        let mut command = cargo([
            "test",
            "--locked",
            "--workspace",
            "--exclude",
            "tasktrail-node",
            "--no-fail-fast",
            CONFORMANCE,
        ]);
        command.env(TEST_MONGODB, &mongo).env(TEST_MONGOD, &mongod);
        run(&mut command, &fresh_log("rust")?)
    })
}

/// A folder of its own: another flag would build everything anew in the common one, twice.
fn models(_: &Lab<'_>) -> Result<()> {
    step("models of the recorder and the hub", || {
        let mut command = cargo([
            "test",
            "--locked",
            "--package=tasktrail",
            "--lib",
            "--no-default-features",
            "--features=recorder",
            "models::",
        ]);
        command
            .env("RUSTFLAGS", "--cfg tasktrail_shuttle")
            .env("CARGO_TARGET_DIR", target().join("models"));
        run(&mut command, &fresh_log("models")?)
    })
}

/// C's runner is among the tests of its library.
fn vectors(lab: &Lab<'_>) -> Result<()> {
    let log = fresh_log("vectors")?;
    step("vectors in Rust", || {
        let pure = [
            "test",
            "--locked",
            "--package=tasktrail",
            "--no-default-features",
            "--features=exact-doubles",
            "--test=vectors",
            "--",
            "--show-output",
        ];
        run(&mut cargo(pure), &log)
    })?;
    lab.builder.node_package()?;
    lab.builder.wasm_package()?;
    lab.builder.wasm_vectors()?;
    step("vectors in Node and in WebAssembly", || {
        let mut command = Command::new("node");
        command.current_dir(root()).args(["--test", "tests/vectors/"]);
        run(&mut command, &log)
    })
}

fn node(lab: &Lab<'_>) -> Result<()> {
    lab.builder.example_api()?;
    let mongo = lab.mongo_url()?;
    let log = fresh_log("node")?;
    let npm_test = |folder: &str| run(npm().args(["test", "-w", folder]).env(TEST_MONGODB, &mongo), &log);
    step("@tasktrail/node", || npm_test("bindings-node"))?;
    if has_script("examples/nest-api", "test") {
        step("examples/nest-api", || npm_test("examples/nest-api"))?;
    }
    step("examples/orchestrator", || {
        run(
            Command::new("node")
                .current_dir(root())
                .args(["--test", "examples/orchestrator/"]),
            &log,
        )
    })
}

fn mcp(lab: &Lab<'_>) -> Result<()> {
    lab.builder.mcp_server()?;
    let mongo = lab.mongo_url()?;
    step("examples/mcp-server", || {
        let mut command = npm();
        command
            .args(["test", "-w", "examples/mcp-server"])
            .env(TEST_MONGODB, &mongo);
        run(&mut command, &fresh_log("mcp")?)
    })?;
    Orchestration::short().run_quietly(lab.builder, &mongo, &lab.subfolder("orchestration")?)
}

fn wasm(lab: &Lab<'_>) -> Result<()> {
    // The client is tested against a real API.
    lab.builder.node_package()?;
    lab.builder.wasm_package()?;
    lab.builder.wasm_vectors()?;
    let chromium = lab.chromium()?;
    step("@tasktrail/wasm", || {
        run(
            npm().args(["test", "-w", "bindings-wasm"]).env("CHROMIUM", &chromium),
            &fresh_log("wasm")?,
        )
    })
}

fn size(lab: &Lab<'_>) -> Result<()> {
    Size::default().run(lab.builder)
}

fn c(lab: &Lab<'_>) -> Result<()> {
    let log = fresh_log("c")?;
    step("C tools", || c_toolchain::ensure(&log))?;
    step("libtasktrail", || {
        run(&mut cargo(["build", "--locked", "--package", "tasktrail-c"]), &log)
    })?;
    let tests = root().join("bindings-c/tests/run");
    if !is_executable(&tests) {
        return Err(Failure::new("bindings-c/tests/run is missing or not executable"));
    }
    let mongo = lab.mongo_url()?;
    step("bindings-c/tests/run", || {
        let mut command = Command::new(&tests);
        command
            .current_dir(root())
            .env("TASKTRAIL_C_LIB", target().join("debug"))
            .env(TEST_MONGODB, &mongo);
        run(&mut command, &log)
    })
}

fn e2e(lab: &Lab<'_>) -> Result<()> {
    // All, even if the first one fails: one run tells all.
    let demos = [Store::Sqlite, Store::Mongo].map(|store| {
        eprintln!("demo --check on {store:?}");
        Demo {
            check: true,
            ..Demo::default()
        }
        .run_on(store, lab.builder)
    });
    let others = [remote_trail(lab), command_line(lab)];
    demos.into_iter().chain(others).collect()
}

fn command_line(lab: &Lab<'_>) -> Result<()> {
    lab.builder.example_api()?;
    step("the command line through the API", || {
        let mut command = cargo([
            "test",
            "--locked",
            "--package=tasktrail-cli",
            "--test=cli",
            "real_api::",
        ]);
        command.env(TEST_API, root().join("examples/nest-api/dist/main.js"));
        run(&mut command, &fresh_log("command-line")?)
    })
}

fn remote_trail(lab: &Lab<'_>) -> Result<()> {
    lab.builder.example_api()?;
    let folder = lab.subfolder("remote-trail")?;
    step("a trail whose store is the API", || {
        let mut command = Command::new("node");
        command.current_dir(root()).arg("tests/e2e/remote-trail.mjs");
        run(command.arg("--folder").arg(&folder), &fresh_log("remote-trail")?)
    })
}

fn vscode(lab: &Lab<'_>) -> Result<()> {
    let (chromium, code_server, mongo) = (lab.chromium()?, lab.code_server()?, lab.mongo_url()?);
    lab.builder.example_api()?;
    let vsix = lab.builder.vscode_extension()?;
    let folder = lab.subfolder("vscode")?;
    let log = fresh_log("vscode")?;
    let screenshots = target().join("xtask").join("screenshots").join("vscode");
    step("examples/vscode-extension", || {
        run(npm().args(["test", "-w", "examples/vscode-extension"]), &log)
    })?;
    step("the extension in the workbench", || {
        let mut command = npm();
        command
            .args(["run", "test:workbench", "-w", "examples/vscode-extension"])
            .env("CHROMIUM", &chromium)
            .env("CODE_SERVER", &code_server)
            .env("TASKTRAIL_VSIX", &vsix)
            .env("TASKTRAIL_SCREENSHOTS", &screenshots)
            .env("TMPDIR", &folder)
            .env(TEST_MONGODB, &mongo);
        run(&mut command, &log)
    })
}

/// In full they take hours: `cargo xtask fault`.
fn faults(_: &Lab<'_>) -> Result<()> {
    Fault::short().run_quietly(&fresh_log("faults")?)
}

fn packaging(lab: &Lab<'_>) -> Result<()> {
    lab.builder.node_package()?;
    lab.builder.wasm_package()?;
    let chromium = lab.chromium()?;
    let log = fresh_log("packaging")?;
    let folder = lab.subfolder("packaging")?;
    step("npm packages as published, and in pages", || {
        let mut tests = Command::new("node");
        tests
            .current_dir(root())
            .env("TASKTRAIL_PACKAGING_FOLDER", &folder)
            .env("CHROMIUM", &chromium)
            .args(["--test", "--test-reporter=spec"])
            .args(["platforms", "published", "pages"].map(|name| format!("tests/packaging/{name}.test.mjs")));
        run(&mut tests, &log)
    })?;
    step("the crate packs", || {
        let arguments = [
            "package",
            "--locked",
            "--package",
            "tasktrail",
            "--no-verify",
            "--allow-dirty",
            "--quiet",
        ];
        run(&mut cargo(arguments), &log)
    })
}

fn drift(lab: &Lab<'_>) -> Result<()> {
    Generate { check: true }.run(lab.builder)
}
