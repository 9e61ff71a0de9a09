//! `cargo xtask fault`: breaks what a trail stands on, and counts what is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Failure, Result};
use crate::paths::{fresh_log, root, target};
use crate::process::{Running, capture, run};
use crate::progress::step;
use crate::tools::mongod;

/// Options of the fault tests.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Fault {
    /// Run these faults only; --list names them
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Say which faults there are, and how often each is made
    #[arg(long)]
    list: bool,
    /// How often what breaks is broken; each fault has its own default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    times: Option<u64>,
    /// Where the random choices begin; printed by each run
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// The short form that the tests run
    #[arg(long)]
    short: bool,
    /// Write the rows to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Fault {
    /// Each fault's short form: a part of the tests.
    pub(crate) fn short() -> Self {
        Fault {
            short: true,
            ..Fault::default()
        }
    }

    /// For a person to watch: what is found is printed as it is found.
    pub(crate) fn run(&self) -> Result<()> {
        let faults = build()?;
        if self.list {
            println!("{}", capture(Command::new(&faults).arg("list"))?);
            return Ok(());
        }
        let mut command = self.command(&faults)?;
        let running = Running::start(&mut command)?;
        let status = running.wait(|| {});
        clean_up();
        match status? {
            status if status.success() => Ok(()),
            status => Err(Failure::new(format_args!(
                "a guarantee was broken, or a fault could not be made ({status}); the lines marked ✗ say which, and the seed repeats it"
            ))),
        }
    }

    /// As a step of the tests: what is found is printed when something falls short.
    pub(crate) fn run_quietly(&self, log: &Path) -> Result<()> {
        let mut command = self.command(&build()?)?;
        let outcome = step("Faults", || run(&mut command, log));
        clean_up();
        outcome
    }

    fn command(&self, faults: &Path) -> Result<Command> {
        let mongod = step("MongoDB's server", || mongod::ensure(&fresh_log("mongod")?))?;
        let folder = folder();
        fs::create_dir_all(&folder).context(|| format!("cannot create {}", folder.display()))?;
        let mut command = Command::new(faults);
        command.arg("run").args(&self.names).arg("--mongod").arg(mongod);
        if let Some(times) = self.times {
            command.args(["--times", &times.to_string()]);
        }
        if let Some(seed) = self.seed {
            command.args(["--seed", &seed.to_string()]);
        }
        if self.short {
            command.arg("--short");
        }
        if let Some(file) = &self.json {
            // The faults are made in a folder of their own.
            let file = std::path::absolute(file).context(|| format!("cannot write {}", file.display()))?;
            command.arg("--json").arg(file);
        }
        command.current_dir(folder);
        Ok(command)
    }
}

/// On a real file system: in memory a sync costs nothing and shows nothing.
fn folder() -> PathBuf {
    target().join("xtask").join(format!("faults-{}", std::process::id()))
}

fn clean_up() {
    let _ = fs::remove_dir_all(folder());
}

/// In release, as hosts run it.
fn build() -> Result<PathBuf> {
    step("Build the fault tests", || {
        let mut command = Command::new("cargo");
        command
            .current_dir(root())
            .args(["build", "--locked", "--release", "--package=tasktrail-faults"]);
        run(&mut command, &fresh_log("faults-build")?)
    })?;
    Ok(target().join("release").join("faults"))
}
