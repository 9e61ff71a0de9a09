//! A progress bar on stderr, where that is a terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::show::plain;
use crate::target::variable;

const DRAW_EVERY: Duration = Duration::from_millis(100);
const WIDTH: usize = 24;
/// Back to the line's beginning, and clear it (ECMA-48).
const CLEAR: &str = "\r\u{1b}[2K";

/// How far it is.
#[derive(Debug)]
pub(crate) struct Progress {
    is_shown: bool,
    /// Records in all, and whether that is only the least.
    total: Option<(u64, bool)>,
    /// Records that were there before.
    had: u64,
    bytes: u64,
    since: Instant,
    drawn: Option<Instant>,
}

impl Progress {
    /// Whether anybody would see it.
    pub(crate) fn is_wanted() -> bool {
        io::stderr().is_terminal() && variable("TERM").is_none_or(|terminal| terminal != "dumb")
    }

    pub(crate) fn new(is_wanted: bool, total: Option<(u64, bool)>, had: u64) -> Self {
        Progress {
            is_shown: is_wanted && Self::is_wanted(),
            total,
            had,
            bytes: 0,
            since: Instant::now(),
            drawn: None,
        }
    }

    pub(crate) fn reached(&mut self, records: u64, bytes: u64) {
        self.bytes += bytes;
        if self.is_shown && self.drawn.is_none_or(|drawn| drawn.elapsed() >= DRAW_EVERY) {
            self.drawn = Some(Instant::now());
            let line = line(
                self.total,
                records,
                records - self.had,
                self.bytes,
                self.since.elapsed(),
            );
            self.draw(&line);
        }
    }

    /// Says what it waits for, in place of the bar.
    pub(crate) fn say(&mut self, what: &str) {
        if self.is_shown {
            self.draw(&format!("waiting: {}", plain(what)));
        }
    }

    /// Leaves a clean line.
    pub(crate) fn end(&mut self) {
        if self.drawn.take().is_some() {
            let _ = write!(io::stderr(), "{CLEAR}");
        }
    }

    fn draw(&mut self, line: &str) {
        self.drawn.get_or_insert_with(Instant::now);
        // That nobody sees it stops nothing.
        let _ = write!(io::stderr(), "{CLEAR}{line}");
    }
}

fn line(total: Option<(u64, bool)>, records: u64, new: u64, bytes: u64, took: Duration) -> String {
    let rate = new as f64 / took.as_secs_f64().max(0.001);
    let megabytes = bytes as f64 / 1e6;
    let tail = format!("{megabytes:.1} MB  {rate:.0} records/s");
    match total {
        Some((total, false)) if total > 0 => {
            let share = (records as f64 / total as f64).min(1.0);
            let full = (share * WIDTH as f64) as usize;
            let bar = format!("{}{}", "━".repeat(full), "─".repeat(WIDTH.saturating_sub(full)));
            format!("{bar} {:3.0} %  {records} of {total}  {tail}", share * 100.0)
        }
        Some((total, true)) => format!("{records} of more than {total}  {tail}"),
        _ => format!("{records} records  {tail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        let second = Duration::from_secs(1);
        let half = line(Some((10, false)), 5, 5, 1_500_000, second);
        assert!(half.contains(" 50 %  5 of 10  1.5 MB  5 records/s"), "{half}");
        assert_eq!(half.matches('━').count(), WIDTH / 2);
        assert!(line(Some((10_000, true)), 5, 5, 0, second).starts_with("5 of more than 10000"));
        assert!(line(None, 5, 5, 0, second).starts_with("5 records"));
        // More than were there at the beginning.
        assert!(line(Some((10, false)), 12, 12, 0, second).contains("100 %"));
    }
}
