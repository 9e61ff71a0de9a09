//! `xtask-wasm INPUT.wasm OUT_DIR TARGET`: what the `wasm-bindgen` command does, as a library call, so that no separately
//! installed command can drift from the version that the crate was compiled with. TARGET is `web` or `node`;
//! NAME is what the files are called. The functions keep their names: whoever ships the module takes them out last.

use std::path::Path;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, out_dir, target] = arguments.as_slice() else {
        eprintln!("usage: xtask-wasm INPUT.wasm OUT_DIR web|node");
        return ExitCode::from(2);
    };
    match generate(Path::new(input), Path::new(out_dir), target) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask-wasm: {message}");
            ExitCode::FAILURE
        }
    }
}

fn generate(input: &Path, out_dir: &Path, target: &str) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name("tasktrail_wasm")
        .typescript(true)
        // The package names the module itself. A bundler that saw its address here too would ship it twice.
        .omit_default_module_path(true)
        .remove_name_section(false)
        // An instance that trapped is replaced.
        .reset_state_function(true)
        .remove_producers_section(true);
    match target {
        "web" => bindgen.web(true),
        "node" => bindgen.nodejs(true),
        other => return Err(format!("unknown target `{other}`: say `web` or `node`")),
    }
    .map_err(|error| format!("{error:#}"))?;
    bindgen
        .generate(out_dir)
        .map_err(|error| format!("{}: {error:#}", input.display()))
}
