//! `tasktrail tail`: what arrives, as it arrives.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tasktrail::clock::{Clock as _, SystemClock};
use tasktrail::query::{MAX_LIMIT, StoredRecord};
use tasktrail::store::{Follower, Store};

use crate::failure::{Failure, Result, note, with_code};
use crate::filters::{Filters, Place};
use crate::show::{Style, When, row};
use crate::target::Target;

/// An API counts questions: 120 a minute, unless it is configured otherwise.
const API_PAUSE: Duration = Duration::from_secs(1);
const STORE_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Follow the trail: print records as they arrive, until Ctrl-C.
///
/// What was spooled for an hour is old by its time and new by its arrival: it is printed when it comes.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tasktrail tail --workspace .\n  tasktrail tail --project 42 --type 'task.*' --lines 50\n  \
    tasktrail tail --outcome failure --json | jq --unbuffered .error.message\n\n\
    Exit codes: 0 after Ctrl-C, and when the reader of a pipe has gone; 2 wrong usage; 3 the trail cannot be read.\n\
    While the API or store is away, tail says so on stderr and goes on trying."
)]
pub(crate) struct Tail {
    #[command(flatten)]
    filters: Filters,
    /// How many of the newest records to begin with.
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=200))]
    lines: u32,
    /// Begin where an earlier list by arrival ended, or with 0 at the beginning.
    #[arg(long, value_name = "CURSOR", conflicts_with = "lines")]
    after: Option<String>,
    /// One JSON record a line.
    #[arg(long)]
    json: bool,
    /// How often to ask, in seconds: 1 for an API, a quarter for a store.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    interval: Option<Duration>,
    /// When to use colours.
    #[arg(long, value_enum, default_value = "auto")]
    color: When,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse::<f64>()
        .ok()
        .filter(|seconds| (0.01..=3_600.0).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "a number of seconds from 0.01 to 3600".into())
}

impl Tail {
    pub(crate) async fn run(&self, target: &Target) -> Result<()> {
        tokio::select! {
            // The way in which it ends.
            _ = tokio::signal::ctrl_c() => Ok(()),
            ended = self.follow(target) => ended,
        }
    }

    async fn follow(&self, target: &Target) -> Result<()> {
        let place = Place {
            after: self.after.clone(),
            ..Place::default()
        };
        let query = self.filters.query(&place)?.limit(MAX_LIMIT);
        let style = Style::new(self.color);
        let store = target.open().await?;
        let mut follower = match query.cursor {
            Some(cursor) if cursor != tasktrail::Cursor::NOW => Follower::new(Arc::clone(&store), query, cursor),
            _ => self.begin(store, query, style).await?,
        };
        let pause = self
            .interval
            .unwrap_or(if target.is_api() { API_PAUSE } else { STORE_PAUSE });
        let mut wait = pause;
        let mut is_away = false;
        loop {
            match follower.next(SystemClock.now()).await {
                Ok(records) => {
                    if std::mem::take(&mut is_away) {
                        note("the trail can be read again");
                    }
                    wait = pause;
                    self.print(&records, style)?;
                    if follower.is_behind() {
                        continue;
                    }
                }
                Err(error) if error.is_retryable() => {
                    if !std::mem::replace(&mut is_away, true) {
                        note(&format!("{}; trying again", with_code(&error)));
                    }
                    wait = (wait * 2).min(LONGEST_PAUSE).max(pause);
                }
                Err(error) => return Err(error.into()),
            }
            if reader_is_gone() {
                return Err(Failure::Pipe);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Prints the newest records and follows what comes behind them.
    async fn begin(&self, store: Arc<dyn Store>, query: tasktrail::Query, style: Style) -> Result<Follower> {
        let query = tasktrail::Query { cursor: None, ..query };
        let now = SystemClock.now();
        // First the place, then the page: what arrives in between is in both, and printed once.
        let mut follower = Follower::from_now(Arc::clone(&store), query.clone(), now).await?;
        if self.lines > 0 {
            let page = tasktrail::Query {
                counted: false,
                ..query.limit(self.lines)
            };
            let mut newest = store.query(&page, now).await?.items;
            newest.reverse();
            self.print(&newest, style)?;
            newest.iter().for_each(|record| follower.has_seen(record.audit_id));
        }
        Ok(follower)
    }

    fn print(&self, records: &[StoredRecord], style: Style) -> Result<()> {
        let mut out = io::stdout().lock();
        for record in records {
            match self.json {
                true => writeln!(out, "{}", record.json)?,
                false => writeln!(out, "{}", row(&record.json, style))?,
            }
        }
        Ok(out.flush()?)
    }
}

/// Whether nobody reads our output any more: `tail | head` ends with `head`, and not with the next record.
#[cfg(unix)]
fn reader_is_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdout = io::stdout();
    let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    // Of an end that was hung up or cannot be written, nothing need be asked for.
    matches!(poll(&mut asked, Some(&at_once)), Ok(1..))
        && asked.iter().any(|end| end.revents().contains(PollFlags::ERR))
}

#[cfg(not(unix))]
fn reader_is_gone() -> bool {
    false
}
