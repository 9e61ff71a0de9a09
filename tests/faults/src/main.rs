//! Breaks what a trail stands on, and counts what is lost: `cargo xtask fault`.

mod child;
mod churn;
mod clock;
mod count;
mod damage;
mod disk;
mod faulty;
mod kill;
mod model;
mod power;
mod proxy;
mod replica;
mod report;
mod rng;
mod stores;
mod tether;
mod version;
mod vfs;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use report::Report;
use work::Result;

#[global_allocator]
static ALLOCATOR: count::Counting = count::Counting;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make faults
    Run(Run),
    /// Say which faults there are
    List,
    /// A host that is killed (started by the faults)
    Child(child::Child),
    /// Repeat a case of the model that differed
    Case(model::Case),
    /// Write a database with and without syncs, and end (started by the faults)
    WriteLoosely { path: PathBuf },
    /// Write the spool's file of this release, to be committed when its version has changed
    WriteFixture { folder: PathBuf },
}

#[derive(Debug, clap::Args)]
struct Run {
    /// Faults; all when none is named
    names: Vec<String>,
    /// How often what breaks is broken; each fault has its own default
    #[arg(long)]
    times: Option<u64>,
    /// Where the random choices begin
    #[arg(long)]
    seed: Option<u64>,
    /// A short form of each, for the tests
    #[arg(long)]
    short: bool,
    /// The server to break; faults that need one fail without it
    #[arg(long)]
    mongod: Option<PathBuf>,
    /// Write the rows to this file
    #[arg(long)]
    json: Option<PathBuf>,
}

/// What a fault is told.
#[derive(Debug, Clone)]
struct Setting {
    times: u64,
    seed: u64,
    short: bool,
    mongod: Option<PathBuf>,
}

/// One way to break what a trail stands on.
struct Fault {
    name: &'static str,
    about: &'static str,
    run: fn(&Setting, &mut Report) -> Result<()>,
    /// How often what breaks is broken.
    times: u64,
    /// The same in the short form.
    short: u64,
    needs_server: bool,
}

const fn fault(
    name: &'static str,
    about: &'static str,
    run: fn(&Setting, &mut Report) -> Result<()>,
    [times, short]: [u64; 2],
) -> Fault {
    Fault {
        name,
        about,
        run,
        times,
        short,
        needs_server: false,
    }
}

impl Fault {
    const fn on_a_server(self) -> Self {
        Fault {
            needs_server: true,
            ..self
        }
    }
}

const FAULTS: [Fault; 16] = [
    fault("kill", "kill -9 of the host, on SQLite", kill::run, [200, 6]),
    fault(
        "kill-mongodb",
        "kill -9 of the host, on MongoDB",
        kill::run_on_mongodb,
        [200, 3],
    )
    .on_a_server(),
    fault(
        "power",
        "power failures: what was not synced is gone",
        power::run,
        [200, 6],
    ),
    fault(
        "disk",
        "the spool's disk is full, fails, forgets, is not there",
        disk::run,
        [20, 2],
    ),
    fault(
        "damage",
        "files of the spool cut off and changed at random places",
        damage::run,
        [1_000, 40],
    ),
    fault(
        "version",
        "files of the spool from older and newer releases, and from nobody",
        version::run,
        [1, 1],
    ),
    fault("store", "a store that does everything wrong", stores::run, [40, 3]),
    fault(
        "proxy",
        "a network that delays, is silent, cuts and refuses",
        proxy::run,
        [10, 1],
    )
    .on_a_server(),
    fault(
        "clock",
        "the clock set back an hour and forward a day",
        clock::run,
        [1, 1],
    ),
    fault(
        "threads",
        "64 threads record while the trail is closed",
        churn::threads,
        [200, 10],
    ),
    fault(
        "churn",
        "a trail opened and closed over and over",
        churn::run,
        [10_000, 100],
    ),
    fault(
        "model",
        "random operations, faults, deaths and reopenings against a model",
        model::run,
        [10_000, 200],
    ),
    fault(
        "primary",
        "the primary of three killed under load",
        replica::primary,
        [30, 1],
    )
    .on_a_server(),
    fault(
        "stepdown",
        "the primary of three steps down under load",
        replica::stepdown,
        [30, 1],
    )
    .on_a_server(),
    fault(
        "freeze",
        "the primary of three frozen for 20 s under load",
        replica::freeze,
        [1, 1],
    )
    .on_a_server(),
    fault("outage", "all three away for 60 s under load", replica::outage, [1, 1]).on_a_server(),
];

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Child(child) => child.run().map(|()| true),
        Command::Run(run) => run.all(),
        Command::List => {
            for fault in &FAULTS {
                println!("{:<13} {:>6} times  {}", fault.name, fault.times, fault.about);
            }
            Ok(true)
        }
        Command::Case(case) => case.run(),
        Command::WriteLoosely { path } => power::write_loosely(&path).map(|()| true),
        Command::WriteFixture { folder } => version::write_fixture(&folder).map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Run {
    fn all(&self) -> Result<bool> {
        let is_known = |name: &&String| FAULTS.iter().any(|fault| fault.name == **name);
        if let Some(unknown) = self.names.iter().find(|name| !is_known(name)) {
            let known: Vec<&str> = FAULTS.iter().map(|fault| fault.name).collect();
            return Err(format!("there is no fault {unknown:?}; known are {}", known.join(", ")).into());
        }
        let seed = self.seed.unwrap_or_else(rng::fresh_seed);
        let mut report = Report::new(!self.short);
        for fault in &FAULTS {
            if !self.names.is_empty() && !self.names.iter().any(|wanted| wanted == fault.name) {
                continue;
            }
            let times = self.times.unwrap_or(if self.short { fault.short } else { fault.times });
            report.begin(fault.name, times, seed);
            if fault.needs_server && self.mongod.is_none() {
                report.violation("it needs a MongoDB server: --mongod PATH");
                continue;
            }
            let setting = Setting {
                times,
                seed,
                short: self.short,
                mongod: self.mongod.clone(),
            };
            // All, even if the first one fails: one run tells all.
            if let Err(error) = (fault.run)(&setting, &mut report) {
                report.violation(&error.to_string());
            }
            report.end();
        }
        if let Some(file) = &self.json {
            std::fs::write(file, report.json())?;
        }
        Ok(report.holds())
    }
}
