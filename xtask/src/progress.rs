//! The list of steps that a person watches: a spinner with the elapsed time on a terminal, plain lines otherwise.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::termios::tcgetwinsize;

use crate::failure::{Failure, Result};

const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_TIME: Duration = Duration::from_millis(100);

/// What the running step is doing right now, shown beside the spinner.
static DETAIL: Mutex<String> = Mutex::new(String::new());

/// Shows `text` beside the running step's spinner.
pub(crate) fn detail(text: &str) {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    *DETAIL.lock().unwrap_or_else(PoisonError::into_inner) = clean;
}

/// Runs `work` as a step that a person sees begin and end.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    detail("");
    let started = Instant::now();
    let spinner = Spinner::start(name, started);
    let outcome = work();
    spinner.stop();
    let mark = match &outcome {
        Ok(_) => "✓",
        Err(Failure::Interrupted) => "·",
        Err(Failure::Message(_)) => "✗",
    };
    eprintln!("{mark} {name}  {}", elapsed(started.elapsed()));
    outcome
}

/// A duration for people: `0.4 s`, `12.3 s`, `3 min 05 s`.
pub(crate) fn elapsed(duration: Duration) -> String {
    if duration.as_secs() < 60 {
        return format!("{:.1} s", duration.as_secs_f64());
    }
    format!("{} min {:02} s", duration.as_secs() / 60, duration.as_secs() % 60)
}

struct Spinner {
    running: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Spinner {
    fn start(name: &str, started: Instant) -> Self {
        let running = Arc::new(AtomicBool::new(true));
        if !io::stderr().is_terminal() {
            eprintln!("· {name} …");
            return Self { running, thread: None };
        }
        let (flag, name) = (Arc::clone(&running), name.to_owned());
        let thread = thread::spawn(move || {
            for frame in FRAMES.iter().cycle() {
                if !flag.load(Ordering::Relaxed) {
                    break;
                }
                let detail = DETAIL.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let width = tcgetwinsize(io::stderr()).map_or(80, |size| usize::from(size.ws_col).max(20));
                let line: String = format!("{frame} {name}  {}  {detail}", elapsed(started.elapsed()))
                    .chars()
                    .take(width - 1)
                    .collect();
                let mut out = io::stderr().lock();
                let _ = write!(out, "\r\x1b[2K{line}").and_then(|()| out.flush());
                drop(out);
                thread::sleep(FRAME_TIME);
            }
        });
        Self {
            running,
            thread: Some(thread),
        }
    }

    fn stop(mut self) {
        self.running.store(false, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
            let mut out = io::stderr().lock();
            let _ = write!(out, "\r\x1b[2K").and_then(|()| out.flush());
        }
    }
}
