//! A MongoDB server of our own, on a free loopback port, with its data in a folder that goes when it stops.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::failure::{Context, Failure, Result};
use crate::process::{Running, open_log, pause, tail};

const START_LIMIT: Duration = Duration::from_secs(60);
const READY: &str = "Waiting for connections";
/// Between the choice of a free port and its use somebody else may take it.
const ATTEMPTS: u32 = 3;
/// Gigabytes of cache that a server takes at least.
const LEAST_CACHE: f64 = 0.25;

#[derive(Debug)]
pub(crate) struct MongoServer {
    port: u16,
    data: PathBuf,
    process: Option<Running>,
}

impl MongoServer {
    /// Starts `mongod` with the smallest cache and waits until it takes connections. Data and log go under `folder`.
    pub(crate) fn start(mongod: &Path, folder: &Path) -> Result<Self> {
        Self::start_with(mongod, folder, LEAST_CACHE)
    }

    /// As [`Self::start`], with a cache of so many gigabytes.
    pub(crate) fn start_with(mongod: &Path, folder: &Path, cache: f64) -> Result<Self> {
        let mut attempt = 1;
        loop {
            match Self::start_once(mongod, folder, cache) {
                Err(Failure::Message(_)) if attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    fn start_once(mongod: &Path, folder: &Path, cache: f64) -> Result<Self> {
        let port = free_port()?;
        let data = folder.join(format!("mongod-{port}"));
        let log = folder.join(format!("mongod-{port}.log"));
        fs::create_dir_all(&data).context(|| format!("cannot create {}", data.display()))?;
        let output = open_log(&log)?;
        let mut command = Command::new(mongod);
        command.arg("--dbpath").arg(&data);
        command.args([
            "--port",
            &port.to_string(),
            "--bind_ip",
            "127.0.0.1",
            "--nounixsocket",
            "--wiredTigerCacheSizeGB",
            &cache.to_string(),
        ]);
        command
            .args(["--setParameter", "diagnosticDataCollectionEnabled=false"])
            .stdout(output.try_clone()?)
            .stderr(output);
        let server = Self {
            port,
            data,
            process: Some(Running::start(&mut command)?),
        };
        let end = Instant::now() + START_LIMIT;
        while !fs::read_to_string(&log).is_ok_and(|text| text.contains(READY)) {
            if server.process.as_ref().is_none_or(Running::has_exited) || Instant::now() > end {
                return Err(Failure::new(format_args!(
                    "mongod did not start. The end of {}:\n{}",
                    log.display(),
                    tail(&log, 0)
                )));
            }
            pause(Duration::from_millis(50))?;
        }
        Ok(server)
    }

    /// The address of the database `name` on this server.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("mongodb://127.0.0.1:{}/{name}", self.port)
    }
}

impl Drop for MongoServer {
    fn drop(&mut self) {
        drop(self.process.take());
        let _ = fs::remove_dir_all(&self.data);
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context(|| "no free port on 127.0.0.1".into())?;
    Ok(listener
        .local_addr()
        .context(|| "no free port on 127.0.0.1".into())?
        .port())
}
