//! `cargo xtask orchestration`: agents that are processes work a project off while one of them is killed and the API is away.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::Builder;
use crate::failure::{Context, Failure, Result};
use crate::mongo_server::MongoServer;
use crate::paths::{fresh_log, fresh_run_folder, root};
use crate::process::{Running, run};
use crate::progress::step;
use crate::tools::{chromium, mongod};

/// Where the trail of a round is kept.
const STORES: [(&str, &str); 2] = [("sqlite", "SQLite"), ("mongodb", "MongoDB")];

/// Options of the orchestrations.
#[derive(Debug, clap::Args)]
pub(crate) struct Orchestration {
    /// How many rounds on each store, each with a seed of its own
    #[arg(long, value_name = "N", default_value_t = 1)]
    rounds: u32,
    /// Seed of the first round; the next has the next one
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u32,
    /// Phases of the project
    #[arg(long, value_name = "N", default_value_t = 4)]
    phases: u32,
    /// Work items in all
    #[arg(long, value_name = "N", default_value_t = 50)]
    items: u32,
    /// Agents that work at the same time
    #[arg(long, value_name = "N", default_value_t = 8)]
    agents: u32,
    /// Seconds for which the API is away
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    outage: u32,
    /// Open the Task History page too, and measure from report to painted row
    #[arg(long)]
    webview: bool,
    /// Only on this store: sqlite or mongodb
    #[arg(long, value_name = "STORE", value_parser = ["sqlite", "mongodb"])]
    store: Option<String>,
    /// Write the figures of all rounds into this folder, a file for each store
    #[arg(long, value_name = "FOLDER")]
    json: Option<PathBuf>,
}

impl Orchestration {
    /// The form that the tests run: a round on each store.
    pub(crate) fn short() -> Self {
        Orchestration {
            rounds: 1,
            seed: 1,
            phases: 3,
            items: 9,
            agents: 3,
            outage: 3,
            webview: false,
            store: None,
            json: None,
        }
    }

    /// For a person to watch: each check is printed as it is made.
    pub(crate) fn run(&self, builder: &Builder) -> Result<()> {
        builder.mcp_server()?;
        let folder = fresh_run_folder("orchestration")?;
        let binary = step("MongoDB", || mongod::ensure(&fresh_log("mongod")?))?;
        let mongo = step("Start MongoDB", || MongoServer::start(&binary, &folder))?;
        let browser = match self.webview {
            true => Some(step("Chromium", || chromium::ensure(&fresh_log("chromium")?))?),
            false => None,
        };
        let mut fallen_short = Vec::new();
        for (store, name) in self.stores() {
            let mut command = self.command(store, &mongo.url(""), &folder)?;
            if let Some(browser) = &browser {
                command.arg("--chromium").arg(browser);
            }
            if !Running::start(&mut command)?.wait(|| {})?.success() {
                fallen_short.push(name);
            }
        }
        if fallen_short.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format_args!(
            "an orchestration on {} falls short; the lines marked ✗ say where, and the seed repeats it",
            fallen_short.join(" and ")
        )))
    }

    /// As a step of the tests: what is found is printed when something falls short.
    pub(crate) fn run_quietly(&self, builder: &Builder, mongo: &str, folder: &Path) -> Result<()> {
        builder.mcp_server()?;
        for (store, name) in self.stores() {
            let log = fresh_log(&format!("orchestration-{store}"))?;
            step(&format!("an orchestration on {name}"), || {
                run(&mut self.command(store, mongo, folder)?, &log)
            })?;
        }
        Ok(())
    }

    fn stores(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let wanted = self.store.clone();
        STORES
            .into_iter()
            .filter(move |(store, _)| wanted.as_deref().is_none_or(|wanted| wanted == *store))
    }

    fn command(&self, store: &str, mongo: &str, folder: &Path) -> Result<Command> {
        let mut command = Command::new("node");
        command.current_dir(root()).arg("tests/e2e/orchestration.mjs");
        command.args(["--store", store]).arg("--folder").arg(folder);
        let numbers = [
            ("--rounds", self.rounds),
            ("--seed", self.seed),
            ("--phases", self.phases),
            ("--items", self.items),
            ("--agents", self.agents),
            ("--outage", self.outage),
        ];
        for (name, number) in numbers {
            command.args([name, &number.to_string()]);
        }
        if let Some(json) = &self.json {
            fs::create_dir_all(json).context(|| format!("cannot create {}", json.display()))?;
            command.arg("--json").arg(json.join(format!("{store}.json")));
        }
        command.env("TASKTRAIL_TEST_MONGODB", mongo);
        Ok(command)
    }
}
