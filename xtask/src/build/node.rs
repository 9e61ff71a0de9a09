//! The server side: the addon, its TypeScript, the API that uses both, and the MCP server for that.

use std::path::Path;

use crate::build::{stamp_file, under_root};
use crate::failure::Result;
use crate::paths::{fresh_log, root};
use crate::process::run;
use crate::stamp::Stamp;
use crate::tools::node::npm_run;

/// Quick to build and quick enough to run; the packages that are shipped use `release`.
pub(super) const QUICK_PROFILE: &str = "demo";

/// Always asks cargo, which knows best what has changed.
pub(super) fn addon(profile: &str) -> Result<()> {
    let mut command = npm_run("bindings-node", "build:native");
    run(command.args(["--", "--profile", profile]), &fresh_log("node-addon")?)
}

pub(super) fn package() -> Result<()> {
    let inputs = under_root([
        "bindings-node/src",
        "bindings-node/scripts",
        "bindings-node/native.d.ts",
        "bindings-node/package.json",
        "bindings-node/tsconfig.json",
        "bindings-node/tsconfig.nestjs.json",
        "tsconfig.base.json",
        "package-lock.json",
    ]);
    let outputs = under_root(["bindings-node/dist", "bindings-node/index.d.ts"]);
    Stamp::new(stamp_file("node-package")?, &inputs, "")?.unless_fresh(&outputs, || {
        run(&mut npm_run("bindings-node", "build:ts"), &fresh_log("node-package")?)
    })
}

/// The extension, packed as it is installed.
pub(super) fn vscode_extension(vsix: &Path) -> Result<()> {
    let inputs = under_root([
        "examples/vscode-extension/media",
        "examples/vscode-extension/scripts",
        "examples/vscode-extension/src",
        "examples/vscode-extension/webview",
        "examples/vscode-extension/README.md",
        "examples/vscode-extension/package.json",
        "examples/vscode-extension/tsconfig.json",
        "bindings-wasm/dist",
        "bindings-wasm/pkg/web",
        "bindings-wasm/pkg/slim",
        "tsconfig.base.json",
        "package-lock.json",
    ]);
    let outputs = [root().join("examples/vscode-extension/dist"), vsix.to_path_buf()];
    Stamp::new(stamp_file("vscode-extension")?, &inputs, "")?.unless_fresh(&outputs, || {
        let mut package = npm_run("examples/vscode-extension", "package");
        run(package.arg("--").arg(vsix), &fresh_log("vscode-extension")?)
    })
}

pub(super) fn example_api() -> Result<()> {
    let inputs = under_root([
        "examples/nest-api",
        "tsconfig.base.json",
        "bindings-node/index.d.ts",
        "bindings-node/dist",
        "package-lock.json",
    ]);
    let outputs = under_root(["examples/nest-api/dist"]);
    Stamp::new(stamp_file("example-api")?, &inputs, "")?.unless_fresh(&outputs, || {
        run(&mut npm_run("examples/nest-api", "build"), &fresh_log("example-api")?)
    })
}

pub(super) fn mcp_server() -> Result<()> {
    let inputs = under_root([
        "examples/mcp-server/package.json",
        "examples/mcp-server/scripts",
        "examples/mcp-server/src",
        "examples/mcp-server/tsconfig.json",
        "docs/schema/event.schema.json",
        "tsconfig.base.json",
        "bindings-node/index.d.ts",
        "bindings-wasm/dist/client.d.ts",
        "package-lock.json",
    ]);
    let outputs = under_root(["examples/mcp-server/dist"]);
    Stamp::new(stamp_file("mcp-server")?, &inputs, "")?.unless_fresh(&outputs, || {
        run(&mut npm_run("examples/mcp-server", "build"), &fresh_log("mcp-server")?)
    })
}
