//! The one entry point for set-up, demo and tests: `cargo xtask --help`.

mod api_server;
mod build;
mod cache;
mod demo;
mod failure;
mod generate;
mod mongo_server;
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

use crate::build::Builder;
use crate::demo::Demo;
use crate::failure::{Failure, Result};
use crate::generate::Generate;
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
    /// Write the committed files that come from Rust: TypeScript declarations and the C header
    Generate(Generate),
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
        Task::Size(size) => size.run(&builder),
    }
}
