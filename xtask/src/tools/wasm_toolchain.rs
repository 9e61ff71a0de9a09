//! A Rust toolchain that can build for `wasm32-unknown-unknown`, with a standard library of its own.
//!
//! The library as it is shipped formats a message for each panic and keeps its tables for speed. In a module nobody reads the
//! message, and a seventh of the bytes goes with it: the library is compiled from source, for size, with panics that trap at once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::cache;
use crate::failure::{Context, Failure, Result};
use crate::paths;
use crate::process::{Running, capture, is_executable, on_path, open_log};
use crate::tools::{apt, version};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The oldest compiler with panics that trap at once.
const MINIMUM: [u32; 2] = [1, 92];
/// Where a toolchain keeps the sources of its standard library.
const STD_SOURCE: &str = "lib/rustlib/src/rust/library/std/Cargo.toml";
/// Past this the download is taken to be impossible, as behind a registry that does not mirror it.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(90);

const DEBIAN_BIN: &str = "/usr/bin";
const DEBIAN_SYSROOT: &str = "/usr";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WasmToolchain {
    /// The toolchain that runs this command has the sources of its standard library.
    Host,
    /// Debian's compiler, which has them in a package.
    Debian { release: String, linker: PathBuf },
}

impl WasmToolchain {
    /// Finds a toolchain, or installs the sources or Debian's toolchain. What is there is used before anything is downloaded.
    pub(crate) fn ensure(log: &Path) -> Result<Self> {
        if host_has_source() {
            return Ok(Self::Host);
        }
        if let Some(debian) = find_debian() {
            return Ok(debian);
        }
        if on_path("rustup").is_some() && add_source(log)? && host_has_source() {
            return Ok(Self::Host);
        }
        install_debian(log).map_err(|failure| match failure {
            Failure::Message(reason) => Failure::new(format_args!(
                "no Rust toolchain here builds for {TARGET}: run `rustup component add rust-src` with a connection to the internet. {reason}"
            )),
            Failure::Interrupted => Failure::Interrupted,
        })?;
        find_debian().ok_or_else(|| {
            Failure::new(format_args!(
                "no Rust toolchain here builds for {TARGET}: run `rustup component add rust-src` with Rust {0}.{1} or newer (Debian's rustc-web is older)",
                MINIMUM[0], MINIMUM[1]
            ))
        })
    }

    /// `cargo build --profile wasm` for `package` with these features and no others.
    pub(crate) fn build(&self, package: &str, features: &[&str]) -> Result<Command> {
        let mut command = match self {
            Self::Host => Command::new("cargo"),
            Self::Debian { .. } => Command::new(Path::new(DEBIAN_BIN).join("cargo")),
        };
        command.current_dir(paths::root()).args([
            "build",
            "--locked",
            "--profile",
            "wasm",
            "--target",
            TARGET,
            "--package",
            package,
            "-Zbuild-std=std,panic_abort",
            "-Zbuild-std-features=optimize_for_size",
        ]);
        command
            .arg("--no-default-features")
            .args(["--features", &features.join(",")]);
        // What lets a stable compiler build the standard library. The flags are for the module alone: cargo leaves the
        // host's side out where it is told a target.
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", "-Zunstable-options -Cpanic=immediate-abort")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if let Self::Debian { linker, .. } = self {
            let others = std::env::var_os("PATH").unwrap_or_default();
            let path =
                std::env::join_paths(std::iter::once(PathBuf::from(DEBIAN_BIN)).chain(std::env::split_paths(&others)))
                    .context(|| "PATH cannot be extended".into())?;
            command.env("PATH", path).env("CARGO_TARGET_DIR", self.target()?);
            // Debian ships no `rust-lld`, the name that the compiler looks for by itself.
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
                command.env_remove(variable);
            }
        }
        Ok(command)
    }

    /// The module that [`Self::build`] makes of the crate `name`.
    pub(crate) fn module(&self, name: &str) -> Result<PathBuf> {
        Ok(self.target()?.join(TARGET).join("wasm").join(format!("{name}.wasm")))
    }

    /// Another compiler gets a target folder of its own: in a shared one the two would rebuild each other's work for ever.
    fn target(&self) -> Result<PathBuf> {
        match self {
            Self::Host => Ok(paths::target()),
            Self::Debian { release, .. } => Ok(cache::root()?.join(format!("wasm-target-{release}"))),
        }
    }
}

fn host_has_source() -> bool {
    let ask = |arguments: &[&str]| capture(Command::new("rustc").current_dir(paths::root()).args(arguments));
    let new_enough = ask(&["-vV"]).is_ok_and(|about| is_new_enough(&about));
    new_enough && ask(&["--print", "sysroot"]).is_ok_and(|root| Path::new(&root).join(STD_SOURCE).is_file())
}

fn is_new_enough(about: &str) -> bool {
    field(about, "release").is_some_and(|release| version(release) >= MINIMUM.to_vec())
}

fn add_source(log: &Path) -> Result<bool> {
    let file = open_log(log)?;
    let copy = file.try_clone().context(|| format!("cannot use {}", log.display()))?;
    let mut command = Command::new("rustup");
    command
        .current_dir(paths::root())
        .args(["component", "add", "rust-src"])
        .stdout(file)
        .stderr(copy);
    Ok(Running::start(&mut command)?
        .wait_up_to(DOWNLOAD_LIMIT)?
        .is_some_and(|status| status.success()))
}

fn find_debian() -> Option<WasmToolchain> {
    let rustc = Path::new(DEBIAN_BIN).join("rustc");
    let complete = is_executable(&rustc)
        && is_executable(&Path::new(DEBIAN_BIN).join("cargo"))
        && Path::new(DEBIAN_SYSROOT).join(STD_SOURCE).is_file();
    if !complete {
        return None;
    }
    let about = capture(Command::new(&rustc).arg("-vV")).ok()?;
    let release = field(&about, "release")?;
    let linker = Path::new(DEBIAN_BIN).join(format!("wasm-ld-{}", llvm_major(&about)?));
    (is_new_enough(&about) && is_executable(&linker)).then(|| WasmToolchain::Debian {
        release: release.to_owned(),
        linker,
    })
}

fn install_debian(log: &Path) -> Result<()> {
    apt::install(&["rustc-web", "cargo-web", "rust-web-src"], log)?;
    let about = capture(Command::new(Path::new(DEBIAN_BIN).join("rustc")).arg("-vV"))?;
    let major = llvm_major(&about).ok_or_else(|| Failure::new("Debian's rustc does not say which LLVM it has"))?;
    // The linker must read what this compiler's LLVM writes.
    apt::install(&[&format!("lld-{major}")], log)
}

fn llvm_major(about: &str) -> Option<&str> {
    field(about, "LLVM version")?.split('.').next()
}

fn field<'a>(about: &'a str, name: &str) -> Option<&'a str> {
    about
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_own_words_name_its_release_and_llvm() {
        let about = "rustc 1.96.0 (x)\nbinary: rustc\nrelease: 1.96.0\nLLVM version: 22.1.8";
        assert_eq!(field(about, "release"), Some("1.96.0"));
        assert_eq!(llvm_major(about), Some("22"));
        assert!(is_new_enough(about) && !is_new_enough("release: 1.91.1"));
    }
}
