//! `xtask-c-header [--check]`: writes `bindings-c/include/tasktrail.h`, or says whether the committed one is what would be written.

use std::path::Path;
use std::process::ExitCode;

use cbindgen::{Builder, Config};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = match arguments.as_slice() {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => {
            eprintln!("usage: xtask-c-header [--check]");
            return ExitCode::from(2);
        }
    };
    match run(check) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask-c-header: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(check: bool) -> Result<(), String> {
    let binding = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bindings-c");
    let header = binding.join("include").join("tasktrail.h");
    let text = generate(&binding)?;
    if check {
        let committed =
            std::fs::read_to_string(&header).map_err(|error| format!("cannot read {}: {error}", header.display()))?;
        if committed != text {
            return Err(
                "bindings-c/include/tasktrail.h is not what its source says; run `cargo run --package xtask-c-header` and commit it"
                    .into(),
            );
        }
        return Ok(());
    }
    std::fs::write(&header, text).map_err(|error| format!("cannot write {}: {error}", header.display()))
}

fn generate(binding: &Path) -> Result<String, String> {
    let mut config = Config::from_file(binding.join("cbindgen.toml"))?;
    // All packages of the workspace share one version.
    config.after_includes = config
        .after_includes
        .map(|text| text.replace("@VERSION@", env!("CARGO_PKG_VERSION")));
    let mut builder = Builder::new().with_config(config);
    // One C noun a file, in the order in which a reader of the header wants to meet them.
    for noun in [
        "status",
        "string",
        "version",
        "last_error",
        "trail",
        "subscription",
        "pure",
        "workspace",
    ] {
        builder = builder.with_src(binding.join("src").join(noun).with_extension("rs"));
    }
    let bindings = builder.generate().map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).map_err(|error| error.to_string())
}
