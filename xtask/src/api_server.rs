//! The example API as a child process.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::failure::{Failure, Result};
use crate::paths;
use crate::process::{Running, interrupted, open_log};

const START_LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct ApiServer {
    pub(crate) url: String,
    process: Running,
    log: PathBuf,
}

impl ApiServer {
    /// Starts the API on `port` (0: any free one) and waits until it says that it listens.
    pub(crate) fn start(store: &str, port: u16, api_key: &str, folder: &Path) -> Result<Self> {
        let log = folder.join("api.log");
        let mut command = Command::new("node");
        command
            .current_dir(folder)
            .arg(paths::root().join("examples/nest-api/dist/main.js"));
        command
            .env("TASKTRAIL_URL", store)
            .env("PORT", port.to_string())
            .env("HOST", "127.0.0.1")
            .env("API_KEYS", api_key)
            // Its spool is not the user's.
            .env("XDG_STATE_HOME", folder);
        // A log is no terminal; reads need no guard on loopback in development only.
        command
            .env("NO_COLOR", "1")
            .env("NODE_ENV", "development")
            .stdout(std::process::Stdio::piped())
            .stderr(open_log(&log)?);
        let mut process = Running::start(&mut command)?;
        let (sender, lines) = mpsc::channel();
        if let Some(stdout) = process.stdout() {
            let mut copy = open_log(&log)?;
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(|line| line.ok()) {
                    let _ = writeln!(copy, "{line}");
                    let _ = sender.send(line);
                }
            });
        }
        let end = Instant::now() + START_LIMIT;
        loop {
            match lines.recv_timeout(Duration::from_millis(50)) {
                Ok(line) => {
                    if let Some(url) = listening(&line) {
                        return Ok(Self { url, process, log });
                    }
                }
                Err(_) if interrupted() => return Err(Failure::Interrupted),
                Err(_) if process.has_exited() || Instant::now() > end => {
                    let said = fs::read_to_string(&log).unwrap_or_default();
                    return Err(Failure::new(format_args!("the API did not start: {}", said.trim())));
                }
                Err(_) => thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    pub(crate) fn has_exited(&self) -> bool {
        self.process.has_exited()
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Asks the API to stop, as a supervisor would, and says whether it ended by itself. A host that has shut down may exit with
    /// 0 or let the signal end it, as Nest does; what it may not do is fail, or not listen until it is killed.
    pub(crate) fn stop(self) -> Result<Stopped> {
        let status = self.process.stop()?;
        let by_signal = status.signal() == Some(signal_hook::consts::SIGTERM);
        Ok(Stopped {
            cleanly: status.success() || by_signal,
            status,
        })
    }
}

/// How the API ended.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) cleanly: bool,
    pub(crate) status: ExitStatus,
}

/// The address in the line that says that the API is ready.
fn listening(line: &str) -> Option<String> {
    let said: Value = serde_json::from_str(line).ok()?;
    if said.get("event")?.as_str()? != "listening" {
        return None;
    }
    said.get("url")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::listening;

    #[test]
    fn only_the_listening_line_counts() {
        assert_eq!(
            listening(r#"{"event":"listening","url":"http://127.0.0.1:1"}"#).as_deref(),
            Some("http://127.0.0.1:1")
        );
        assert_eq!(listening(r#"{"event":"other"}"#), None);
        assert_eq!(listening("plain text"), None);
    }
}
