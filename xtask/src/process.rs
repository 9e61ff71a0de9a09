//! Child processes: each leads a process group of its own, which ends with it, when it is dropped, and on Ctrl-C.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::{Context, Failure, Result};
use crate::progress;

const POLL: Duration = Duration::from_millis(25);
/// How long a process may take to end after SIGTERM before it is killed.
const GRACE: Duration = Duration::from_secs(10);
/// How much of a log is printed when a step fails.
const TAIL_LINES: usize = 60;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static LIVE: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

fn live() -> MutexGuard<'static, Vec<Pid>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes over SIGINT, SIGTERM and SIGHUP. The first makes every wait end with [`Failure::Interrupted`], which unwinds through
/// the destructors that stop the processes; a second one kills them at once.
pub(crate) fn watch_signals() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context(|| "cannot watch for signals".into())?;
    thread::spawn(move || {
        for _ in &mut signals {
            if INTERRUPTED.swap(true, Ordering::SeqCst) {
                for pid in live().iter() {
                    let _ = kill_process_group(*pid, Signal::KILL);
                }
                std::process::exit(130);
            }
        }
    });
    Ok(())
}

pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Sleeps, but not past Ctrl-C.
pub(crate) fn pause(duration: Duration) -> Result<()> {
    let end = Instant::now() + duration;
    while Instant::now() < end {
        if interrupted() {
            return Err(Failure::Interrupted);
        }
        thread::sleep(POLL.min(end.saturating_duration_since(Instant::now())));
    }
    Ok(())
}

/// A running child process and its group.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    group: Option<Pid>,
    name: String,
}

impl Running {
    /// Starts `command` without standard input, in a process group of its own.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        if interrupted() {
            return Err(Failure::Interrupted);
        }
        let name = describe(command);
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .context(|| format!("cannot start `{name}`"))?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        live().extend(group);
        Ok(Self { child, group, name })
    }

    pub(crate) fn stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// Whether the process has ended. It is left as a zombie, so its pid still names its group and nothing else.
    pub(crate) fn has_exited(&self) -> bool {
        let Some(pid) = self.group else { return true };
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        !matches!(waitid(WaitId::Pid(pid), options), Ok(None))
    }

    /// Waits for the end. Ctrl-C ends the process and the wait.
    pub(crate) fn wait(mut self, mut every_tick: impl FnMut()) -> Result<ExitStatus> {
        while !self.has_exited() {
            if interrupted() {
                return Err(Failure::Interrupted);
            }
            every_tick();
            thread::sleep(POLL);
        }
        self.reap()
    }

    /// Waits for the end, up to `limit`; past it the process is stopped and `None` is the answer.
    pub(crate) fn wait_up_to(mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        let end = Instant::now() + limit;
        while !self.has_exited() {
            if interrupted() {
                return Err(Failure::Interrupted);
            }
            if Instant::now() >= end {
                return Ok(None);
            }
            thread::sleep(POLL);
        }
        self.reap().map(Some)
    }

    /// Asks the process to end and waits for it; kills it when it does not listen.
    pub(crate) fn stop(mut self) -> Result<ExitStatus> {
        self.terminate();
        self.reap()
    }

    fn terminate(&mut self) {
        let Some(group) = self.group else { return };
        let _ = kill_process_group(group, Signal::TERM);
        let end = Instant::now() + GRACE;
        while !self.has_exited() && Instant::now() < end {
            thread::sleep(POLL);
        }
    }

    /// Ends what is left of the group, then collects the leader: in this order, because only an uncollected leader keeps the
    /// group's number from being given to somebody else.
    fn reap(&mut self) -> Result<ExitStatus> {
        if let Some(group) = self.group.take() {
            let _ = kill_process_group(group, Signal::KILL);
            live().retain(|pid| *pid != group);
        }
        self.child.wait().context(|| format!("cannot wait for `{}`", self.name))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.group.is_some() {
            self.terminate();
            let _ = self.reap();
        }
    }
}

/// Runs a command to its end with its output in `log` (appended); an error carries the end of that output.
pub(crate) fn run(command: &mut Command, log: &Path) -> Result<()> {
    let name = describe(command);
    let offset = fs::metadata(log).map_or(0, |file| file.len());
    let file = open_log(log)?;
    let copy = file.try_clone().context(|| format!("cannot use {}", log.display()))?;
    let running = Running::start(command.stdout(file).stderr(copy))?;
    let mut last_look = Instant::now();
    let status = running.wait(|| {
        if last_look.elapsed() > Duration::from_millis(200) {
            last_look = Instant::now();
            progress::detail(&last_line(log));
        }
    })?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format_args!(
        "`{name}` failed ({status}). The end of {}:\n{}",
        log.display(),
        tail(log, offset)
    )))
}

/// Runs a command to its end and gives its standard output; its errors only count when it fails.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let name = describe(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .context(|| format!("cannot start `{name}`"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format_args!(
            "`{name}` failed ({}): {}",
            output.status,
            errors.trim()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Opens a log for appending.
pub(crate) fn open_log(log: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .context(|| format!("cannot write {}", log.display()))
}

/// The last lines of a log from `offset` on.
pub(crate) fn tail(log: &Path, offset: u64) -> String {
    let mut bytes = Vec::new();
    if let Ok(mut file) = File::open(log) {
        let _ = file
            .seek(SeekFrom::Start(offset))
            .and_then(|_| file.read_to_end(&mut bytes));
    }
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().filter(|line| !is_noise(line)).collect();
    let shown = lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default();
    shown
        .iter()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What cargo says of every crate, which would push its errors out of sight.
fn is_noise(line: &str) -> bool {
    let words = ["Compiling ", "Checking ", "Downloaded ", "Documenting "];
    let line = line.trim_start();
    words.iter().any(|word| line.starts_with(word))
}

fn last_line(log: &Path) -> String {
    let mut bytes = Vec::new();
    if let Ok(mut file) = File::open(log) {
        let start = file.metadata().map_or(0, |meta| meta.len().saturating_sub(400));
        let _ = file
            .seek(SeekFrom::Start(start))
            .and_then(|_| file.read_to_end(&mut bytes));
    }
    let text = String::from_utf8_lossy(&bytes);
    text.lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
        .to_owned()
}

/// The command as a person would type it, without its path.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    std::iter::once(name)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The executable `name` on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| is_executable(file))
}

pub(crate) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
