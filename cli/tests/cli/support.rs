//! A user with a home of its own, who runs the command.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tasktrail::{Call, Trail};

use crate::api::{KEY, LONG};

/// A user's home, and the working directory.
pub(crate) struct User {
    folder: tempfile::TempDir,
    url: String,
    environment: Vec<(String, String)>,
}

/// What a run has left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Run {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Run {
    /// # Panics
    /// When it did not end with 0.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    pub(crate) fn json(&self) -> Vec<Value> {
        let lines = self.stdout.lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl User {
    /// A user whose trail is at `url`; without one, in a file of its own.
    pub(crate) fn of(url: &str) -> Self {
        User {
            folder: tempfile::tempdir().unwrap(),
            url: url.to_owned(),
            environment: Vec::new(),
        }
    }

    pub(crate) fn with_a_file() -> Self {
        let mut user = Self::of("");
        user.url = format!("sqlite:{}/audit.db", user.home().display());
        user
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn home(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tasktrail"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.home())
            .env("TASKTRAIL_URL", &self.url)
            .env("STATE_TRACKING_API_KEY", KEY)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// The files of the spool.
    pub(crate) fn spool(&self) -> Vec<PathBuf> {
        let spools = self.home().join(".local/state/tasktrail/spool");
        let folders = spools.read_dir().into_iter().flatten();
        let files = folders.flat_map(|folder| folder.unwrap().path().read_dir().unwrap());
        let files = files.map(|file| file.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|kind| kind == "spool"))
            .collect()
    }

    /// Everything in the trail, oldest first, its own records left out.
    pub(crate) fn records(&self) -> Vec<Value> {
        let run = self.run(&["export", "--order", "asc"]).ok();
        let all = run.json().into_iter();
        all.filter(|record| !record["operation_type"].as_str().unwrap().starts_with("audit."))
            .collect()
    }

    /// Runs the command, whose reader leaves at once: that is the end of it, and no fault.
    pub(crate) fn ends_with_its_reader(&self, arguments: &[&str]) {
        let mut command = self.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    }

    /// Starts the command; its output is read as it comes.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Running { child, lines }
    }
}

/// The command while it runs.
pub(crate) struct Running {
    pub(crate) child: Child,
    lines: mpsc::Receiver<String>,
}

impl Running {
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(LONG).unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Its exit code and what it said on stderr.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let status = wait(&mut self.child);
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status, said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended as a rule.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for a process's end; answers its exit code.
pub(crate) fn wait(child: &mut Child) -> Option<i32> {
    let mut status = None;
    until("the command ends", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap().code()
}

pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < end, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Records calls to `/tasks/N/start`.
pub(crate) fn fill(trail: &Trail, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let call = Call {
            method: "POST".into(),
            path: format!("/tasks/{number}/start"),
            status: Some(if number % 10 == 3 { 500 } else { 201 }),
            workspace_id: Some("ws_a".into()),
            actor: Some("ann".into()),
            ..Call::default()
        };
        trail.record(call, None);
    }
    trail.flush_blocking(LONG).unwrap();
}

/// A file with so many calls in it.
pub(crate) fn filled(count: u32) -> User {
    let user = User::with_a_file();
    let trail = Trail::builder(user.url()).open_blocking().unwrap();
    fill(&trail, 0..count);
    trail.close_blocking(LONG).unwrap();
    user
}

/// Arguments of an event that is right.
pub(crate) const STARTED: [&str; 10] = [
    "emit",
    "task.started",
    "--project",
    "42",
    "--phase",
    "1",
    "--item",
    "1.2",
    "--title",
    "Parse",
];

pub(crate) fn started<'a>(more: &[&'a str]) -> Vec<&'a str> {
    STARTED.iter().copied().chain(more.iter().copied()).collect()
}
