//! `cargo xtask demo`: one orchestration, played against a real API, for a person to watch or for a check to assert.

use std::env;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::api_server::ApiServer;
use crate::build::Builder;
use crate::failure::{Context, Failure, Result};
use crate::mongo_server::MongoServer;
use crate::paths;
use crate::process::{Running, open_log, pause, tail};
use crate::progress::step;
use crate::tools::{chromium, mongod};

const DEFAULT_PORT: u16 = 8167;
const API_KEY: &str = "demo-key";
const PROJECT: &str = "42";
/// A check need not be followed by a person.
const CHECK_SPEED: f64 = 20.0;
/// Time to open the page before the play starts.
const LEAD_TIME: Duration = Duration::from_secs(4);

/// Where the demo keeps its trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    /// `MONGODB_URI`, or a SQLite file where it is not set.
    Environment,
    Sqlite,
    /// A server of its own.
    Mongo,
}

/// Options of the demo.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Demo {
    /// Assert everything headless, then stop
    #[arg(long)]
    pub(crate) check: bool,
    /// Start a MongoDB server of its own and keep the trail there
    #[arg(long)]
    pub(crate) mongo: bool,
    /// Play so many times faster
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(crate) speed: Option<f64>,
    /// Listen on this port (default: 8167 if it is free)
    #[arg(long, value_name = "P")]
    pub(crate) port: Option<u16>,
}

fn positive(text: &str) -> std::result::Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed > 0.0 => Ok(speed),
        _ => Err("a number above 0 is needed".to_owned()),
    }
}

impl Demo {
    pub(crate) fn run(&self, builder: &Builder) -> Result<()> {
        self.run_on(if self.mongo { Store::Mongo } else { Store::Environment }, builder)
    }

    pub(crate) fn run_on(&self, store: Store, builder: &Builder) -> Result<()> {
        if let Some(port) = self.port.filter(|port| *port != 0) {
            ensure_free(port)?;
        }
        builder.mcp_server()?;
        let folder = paths::fresh_run_folder("demo")?;
        // Owned here so that it stops after the API.
        let mut server = None;
        let sqlite = format!("sqlite:{}", folder.join("audit.db").display());
        let store = match (store, env::var("MONGODB_URI")) {
            (Store::Mongo, _) => server.insert(start_mongo(&folder)?).url("tasktrail_demo"),
            (Store::Environment, Ok(url)) if !url.is_empty() => url,
            _ => sqlite,
        };
        if self.check {
            self.check(&store, &folder)
        } else {
            self.show(&store, &folder)
        }
    }

    fn show(&self, store: &str, folder: &Path) -> Result<()> {
        let api = step("Start the API", || {
            ApiServer::start(store, self.port_to_use(), API_KEY, folder)
        })?;
        let workspace = fresh_workspace("demo");
        println!();
        println!("  page     {}/?workspace={workspace}", api.url);
        println!("  records  {}/api/audit-history?workspaceId={workspace}", api.url);
        println!("  store    {}", without_password(store));
        println!("  folder   {}", folder.display());
        println!();
        println!(
            "Open the page. The orchestration starts in {} seconds; Ctrl-C ends everything.",
            LEAD_TIME.as_secs()
        );
        println!();
        ended_by_person(self.watch(&api, &workspace, folder))?;
        println!("\nStopping…");
        let log = api.log().to_path_buf();
        let stopped = api.stop()?;
        if !stopped.cleanly {
            return Err(Failure::new(format_args!(
                "the API did not stop cleanly ({}). Its log:\n{}",
                stopped.status,
                tail(&log, 0)
            )));
        }
        Ok(())
    }

    /// Plays, then stays until Ctrl-C or until the API ends by itself.
    fn watch(&self, api: &ApiServer, workspace: &str, folder: &Path) -> Result<()> {
        pause(LEAD_TIME)?;
        let mut play = Command::new("node");
        play.arg(paths::root().join("examples/orchestrator/run.mjs"))
            .args(["--api", &api.url, "--key", API_KEY]);
        play.args([
            "--workspace",
            workspace,
            "--project",
            PROJECT,
            "--speed",
            &self.speed.unwrap_or(1.0).to_string(),
        ]);
        play.arg("--folder").arg(folder.join("run"));
        keep_spool(&mut play, folder);
        let status = Running::start(&mut play)?.wait(|| {})?;
        if !status.success() {
            return Err(Failure::new(format_args!(
                "the orchestration failed ({status}). The API's log:\n{}",
                tail(api.log(), 0)
            )));
        }
        println!("\nThe orchestration is complete. The page stays; Ctrl-C ends everything.");
        while !api.has_exited() {
            pause(Duration::from_millis(200))?;
        }
        Err(Failure::new(format_args!(
            "the API ended by itself. Its log:\n{}",
            tail(api.log(), 0)
        )))
    }

    fn check(&self, store: &str, folder: &Path) -> Result<()> {
        let browser = step("Chromium", || chromium::ensure(&paths::fresh_log("chromium")?))?;
        let api = step("Start the API", || {
            ApiServer::start(store, self.port.unwrap_or(0), API_KEY, folder)
        })?;
        let (workspace, other) = (fresh_workspace("check"), fresh_workspace("other"));
        println!("store   {}", without_password(store));
        println!("folder  {}", folder.display());
        let script = |name: &str| {
            let mut command = Command::new("node");
            command
                .arg(paths::root().join("tests/e2e").join(name))
                .arg("--folder")
                .arg(folder);
            command.args(["--workspace", &workspace, "--other-workspace", &other]);
            command
        };
        let mut live = script("demo-check.mjs");
        live.args([
            "--api",
            &api.url,
            "--key",
            API_KEY,
            "--speed",
            &self.speed.unwrap_or(CHECK_SPEED).to_string(),
        ]);
        keep_spool(&mut live, folder);
        live.arg("--chromium")
            .arg(browser)
            .stderr(open_log(&folder.join("check.log"))?);
        let live_holds = Running::start(&mut live)?.wait(|| {})?.success();
        let log = api.log().to_path_buf();
        let stopped = api.stop()?;
        println!(
            "{} the API ends by itself on SIGTERM ({})",
            if stopped.cleanly { "✓" } else { "✗" },
            stopped.status
        );
        // The store's address may hold a password, so it does not go on the command line.
        let mut after = script("store-check.mjs");
        after
            .env("TASKTRAIL_URL", store)
            .stderr(open_log(&folder.join("check.log"))?);
        let store_holds = Running::start(&mut after)?.wait(|| {})?.success();
        if live_holds && store_holds && stopped.cleanly {
            return Ok(());
        }
        let logs = [&log, &folder.join("check.log")].map(|log| format!("{}:\n{}", log.display(), tail(log, 0)));
        Err(Failure::new(format_args!(
            "the demo's check does not hold.\n{}",
            logs.join("\n")
        )))
    }

    fn port_to_use(&self) -> u16 {
        self.port.unwrap_or_else(|| {
            if ensure_free(DEFAULT_PORT).is_ok() {
                DEFAULT_PORT
            } else {
                0
            }
        })
    }
}

/// Ctrl-C is how a person ends the demo, so it is no failure.
fn ended_by_person(outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(Failure::Interrupted) => Ok(()),
        other => other,
    }
}

fn start_mongo(folder: &Path) -> Result<MongoServer> {
    let binary = step("MongoDB", || mongod::ensure(&paths::fresh_log("mongod")?))?;
    step("Start MongoDB", || MongoServer::start(&binary, folder))
}

fn ensure_free(port: u16) -> Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map(drop)
        .context(|| format!("port {port} on 127.0.0.1 cannot be used"))
}

/// A workspace id that no other run has, so that a shared store does not mix them.
fn fresh_workspace(purpose: &str) -> String {
    let stamp = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_millis());
    format!("ws_{purpose}{stamp:x}{:x}", std::process::id())
}

/// What agents report waits in the run's folder, not in the user's, while the API is away.
fn keep_spool(command: &mut Command, folder: &Path) {
    command.env("XDG_STATE_HOME", folder.join("agents-state"));
}

/// A store's address as it may be shown.
fn without_password(store: &str) -> String {
    let Some((scheme, rest)) = store.split_once("://") else {
        return store.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}"),
        None => store.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(without_password("mongodb://user:p@ss@host/db"), "mongodb://…@host/db");
        assert_eq!(without_password("mongodb://host/db"), "mongodb://host/db");
        assert_eq!(without_password("sqlite:/tmp/audit.db"), "sqlite:/tmp/audit.db");
    }

    #[test]
    fn a_taken_port_is_named() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(ensure_free(port).unwrap_err().to_string().contains(&port.to_string()));
    }

    #[test]
    fn a_speed_is_above_zero() {
        assert!(positive("0.5").is_ok());
        assert!(
            ["0", "-1", "inf", "NaN", "x"]
                .iter()
                .all(|text| positive(text).is_err())
        );
    }
}
