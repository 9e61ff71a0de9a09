//! The `tasktrail` command: emits, follows, lists, exports and looks after a trail, through an API or directly in its store.

mod context;
mod doctor;
mod emit;
mod event;
mod export;
mod failure;
mod filters;
mod mark;
mod progress;
mod query;
mod show;
mod spool;
mod stats;
mod tail;
mod target;
mod workspace;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;

use failure::{Failure, Result};
use target::Target;

/// Emit, follow, list and export the audit trail of task and orchestration work.
#[derive(Debug, Parser)]
#[command(
    name = "tasktrail",
    version,
    after_help = "Examples:\n  tasktrail emit task.started --project 42 --phase 1 --item 1.2 --title 'Parse the header'\n  \
        tasktrail tail --workspace .\n  tasktrail query --url sqlite:audit.db --type 'task.*' --outcome failure\n  \
        tasktrail doctor\n\n\
        Exit codes: 0 done; 1 nothing found, or doctor and spool found something wrong; 2 wrong usage; 3 API, store, spool or\n\
        output cannot be used; 4 with emit --strict: delayed; 130 interrupted by Ctrl-C (0 for tail).\n\
        What programs read goes to stdout, everything else to stderr."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Command {
    Emit(Box<emit::Emit>),
    Tail(tail::Tail),
    Query(query::Query),
    Show(show::Show),
    Export(export::Export),
    Stats(stats::Stats),
    Workspace(workspace::Workspace),
    Spool(spool::Spool),
    Doctor(doctor::Doctor),
    Completions(Completions),
}

/// Print the completions of a shell.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  tasktrail completions bash > ~/.local/share/bash-completion/completions/tasktrail\n  \
    tasktrail completions zsh > ~/.zfunc/_tasktrail\n  tasktrail completions fish > ~/.config/fish/completions/tasktrail.fish"
)]
struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    fn run(&self) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "tasktrail", &mut script);
        Ok(io::stdout().write_all(&script)?)
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One thread: stores and spool have their own, and a hook must not wait for more to start.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(run(cli));
            // What hangs has been waited for long enough.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(Failure::Unavailable(format!("cannot start: {error}"))),
    };
    failure::end(outcome)
}

async fn run(Cli { command, target }: Cli) -> Result<()> {
    match command {
        Command::Emit(emit) => emit.run(&target).await,
        Command::Tail(tail) => tail.run(&target).await,
        Command::Query(query) => interruptible(query.run(&target)).await,
        Command::Show(show) => interruptible(show.run(&target)).await,
        Command::Export(export) => export.run(&target).await,
        Command::Stats(stats) => interruptible(stats.run(&target)).await,
        Command::Workspace(workspace) => workspace.run(),
        Command::Spool(spool) => spool.run(&target).await,
        Command::Doctor(doctor) => interruptible(doctor.run(&target)).await,
        Command::Completions(completions) => completions.run(),
    }
}

/// Ctrl-C ends it at once, without a word.
async fn interruptible(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::select! {
        outcome = work => outcome,
        _ = tokio::signal::ctrl_c() => Err(Failure::Said(failure::INTERRUPTED)),
    }
}
