//! The one entry point for set-up, demo and tests: `cargo xtask --help`.

mod api_server;
mod bench;
mod bench_cli;
mod build;
mod cache;
mod demo;
mod failure;
mod fault;
mod fuzz;
mod generate;
mod mongo_server;
mod orchestration;
mod paths;
mod process;
mod progress;
mod size;
mod stamp;
mod test;
mod tools;
mod wasm_file;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::bench::Bench;
use crate::build::Builder;
use crate::demo::Demo;
use crate::failure::{Failure, Result};
use crate::fault::Fault;
use crate::fuzz::Fuzz;
use crate::generate::Generate;
use crate::orchestration::Orchestration;
use crate::size::Size;
use crate::test::Test;

/// Builds, shows and tests Tasktrail; installs what it lacks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build what the demo and the tests use
    Build,
    /// Play an orchestration against a real API and watch it live
    Demo(Demo),
    /// Test everything, or some parts
    Test(Test),
    /// Write the committed files that come from Rust: TypeScript declarations, the C header and the answers of the vectors
    Generate(Generate),
    /// Look for inputs that break an invariant
    Fuzz(Fuzz),
    /// Break what a trail stands on, and count what is lost
    Fault(Fault),
    /// Run agents while one is killed and the API is away, and compare what they emitted with what is stored and shown
    Orchestration(Orchestration),
    /// Measure against peers, and fail where a goal is missed
    Bench(Bench),
    /// Say what a page loads, raw, after gzip and after brotli, against the budget
    Size(Size),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match process::watch_signals().and_then(|()| run(&arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Interrupted) => ExitCode::from(130),
        Err(Failure::Message(message)) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<()> {
    let builder = Builder::default();
    match task {
        Task::Build => builder.example_api(),
        Task::Demo(demo) => demo.run(&builder),
        Task::Test(test) => test.run(&builder),
        Task::Generate(generate) => generate.run(&builder),
        Task::Fuzz(fuzz) => fuzz.run(),
        Task::Fault(fault) => fault.run(),
        Task::Orchestration(orchestration) => orchestration.run(&builder),
        Task::Bench(bench) => bench.run(&builder),
        Task::Size(size) => size.run(&builder),
    }
}
