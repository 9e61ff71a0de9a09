//! What a machine must have. Each tool is looked for first, installed second, and named in one clear sentence third.

pub(crate) mod apt;
pub(crate) mod c_toolchain;
pub(crate) mod cargo_fuzz;
pub(crate) mod chromium;
pub(crate) mod code_server;
pub(crate) mod mongod;
pub(crate) mod node;
pub(crate) mod wasm_toolchain;

use std::env;
use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::process::is_executable;

/// The executable that the environment variable `name` points at, if it is set; an error when it points at nothing.
fn from_environment(name: &str) -> Result<Option<PathBuf>> {
    let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let path = PathBuf::from(value);
    if is_executable(&path) {
        return Ok(Some(path));
    }
    Err(Failure::new(format_args!(
        "{name} is set to {}, which is not an executable file",
        path.display()
    )))
}

/// The first number groups of a version in `text`: `v20.19.1` is `[20, 19, 1]`.
fn version(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .find(|part| part.chars().next().is_some_and(|c| c.is_ascii_digit()))
        .map(|part| part.split('.').map_while(|number| number.parse().ok()).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_found_and_compare() {
        assert_eq!(version("v20.19.1"), [20, 19, 1]);
        assert_eq!(version("rustc 1.96.0 (ac68faa20 2026-05-25)"), [1, 96, 0]);
        assert!(version("v20.2.0") < version("20.19"));
        assert!(version("nothing").is_empty());
    }
}
