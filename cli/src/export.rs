//! `tasktrail export`: everything that matches, to a file or a pipe.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use tasktrail::clock::{Clock as _, SystemClock};
use tasktrail::store::Store;
use tasktrail::trail::{ExportFormat, ExportText};
use tasktrail::{Cursor, Query};

use crate::failure::{Failure, INTERRUPTED, Result, note, with_code};
use crate::filters::{Filters, Order, Place};
use crate::mark::Mark;
use crate::progress::Progress;
use crate::target::Target;

/// How often a file is synced and its mark moved: at most this much is fetched again after a kill.
const MARK_EVERY: Duration = Duration::from_millis(500);
/// How long an API or store that is away is waited for.
const PATIENCE: Duration = Duration::from_secs(120);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One record a line, as JSON.
    Ndjson,
    /// For spreadsheets (RFC 4180), without formulas.
    Csv,
}

/// Export all records that match, newest first.
///
/// With --output, an export that was interrupted, killed or met an outage goes on where it was with --resume: what it makes then is
/// byte for byte what it would have made in one go. Until it is complete, FILE.part says how far it is. Into a pipe, the place to go on
/// from (--cursor) is told on stderr when it ends early. An API or store that is away is waited for, for two minutes.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tasktrail export --project 42 --output project.ndjson\n  \
    tasktrail export --project 42 --output project.ndjson --resume\n  \
    tasktrail export --format csv --since 2026-11-01 --order asc > november.csv\n\n\
    Exit codes: 0 complete, also without a record; 2 wrong usage; 3 it broke off; 130 interrupted by Ctrl-C."
)]
pub(crate) struct Export {
    #[command(flatten)]
    filters: Filters,
    /// Oldest or newest first.
    #[arg(long, value_enum, help_heading = "Which records")]
    order: Option<Order>,
    /// Go on where an earlier export into a pipe ended.
    #[arg(long, help_heading = "Which records")]
    cursor: Option<String>,
    /// How records are written.
    #[arg(long, value_enum, default_value = "ndjson")]
    format: Format,
    /// Write to this file rather than to stdout.
    #[arg(long, short, value_name = "FILE", conflicts_with = "cursor")]
    output: Option<PathBuf>,
    /// Go on with a file that is not complete; begin it where there is none.
    #[arg(long, requires = "output")]
    resume: bool,
    /// Replace a file that is there.
    #[arg(long, requires = "output", conflicts_with = "resume")]
    force: bool,
    /// Show no progress bar, which a terminal gets on stderr.
    #[arg(long)]
    no_progress: bool,
}

/// Where an export goes.
enum Output {
    Pipe(BufWriter<io::StdoutLock<'static>>),
    File {
        file: BufWriter<File>,
        mark: Mark,
        marked: Instant,
    },
}

impl Export {
    pub(crate) async fn run(&self, target: &Target) -> Result<()> {
        let place = Place {
            order: self.order,
            cursor: self.cursor.clone(),
            ..Place::default()
        };
        let mut query = self.filters.query(&place)?;
        let format = match self.format {
            Format::Ndjson => ExportFormat::Ndjson,
            Format::Csv => ExportFormat::Csv,
        };
        let mut output = match &self.output {
            None => Output::Pipe(BufWriter::new(io::stdout().lock())),
            // The question, without the place to begin from: a file is only gone on with by the same one.
            Some(path) => self.file(
                path,
                &format!(
                    "{:?} {format:?}",
                    Query {
                        cursor: None,
                        ..query.clone()
                    }
                ),
            )?,
        };
        let had = match &output {
            Output::File { mark, .. } => mark.clone(),
            Output::Pipe(_) => Mark::default(),
        };
        if let Some(cursor) = &had.cursor {
            query.cursor = Cursor::parse(cursor);
        }
        if had.is_complete {
            note("the file is complete");
            return Ok(());
        }
        let store = target.open().await?;
        let shows = !self.no_progress;
        let total = if shows && Progress::is_wanted() {
            total(&*store, &query).await
        } else {
            None
        };
        let mut progress = Progress::new(shows, total, had.records);
        let is_going_on = had.bytes > 0 || self.cursor.is_some();
        let text = ExportText::of_store(std::sync::Arc::clone(&store), query, format);
        let mut text = if is_going_on { text.going_on() } else { text };
        let copied = tokio::select! {
            copied = copy(&mut text, &mut output, &had, &mut progress) => copied,
            _ = tokio::signal::ctrl_c() => Err(Failure::Said(INTERRUPTED)),
        };
        let records = had.records + text.records();
        progress.end();
        match copied {
            Ok(()) => {
                output.complete()?;
                note(&format!("{records} records"));
                store.close().await;
                Ok(())
            }
            Err(Failure::Pipe) => Err(Failure::Pipe),
            Err(failure) => {
                output.reached(records, text.cursor(), true)?;
                self.tell_how_to_go_on(records, text.cursor());
                Err(failure)
            }
        }
    }

    fn tell_how_to_go_on(&self, records: u64, cursor: Option<Cursor>) {
        match (&self.output, cursor) {
            (Some(path), _) => note(&format!(
                "broke off after {records} records; the same with --resume goes on with {}",
                path.display()
            )),
            (None, Some(cursor)) => note(&format!(
                "broke off after {records} records; the same with --cursor {cursor} goes on behind them"
            )),
            (None, None) => {}
        }
    }

    /// Opens the file at the place that its mark names.
    fn file(&self, path: &Path, question: &str) -> Result<Output> {
        let unusable = |error: io::Error| Failure::Unavailable(format!("cannot write {}: {error}", path.display()));
        let found = Mark::read(path).map_err(unusable)?;
        let mark = match (found, path.exists()) {
            (Some(mark), true) if self.resume => {
                if mark.question != question {
                    let message = format!(
                        "{} was begun with other filters, order or format; give the same, or --force to begin anew",
                        path.display()
                    );
                    return Err(Failure::Usage(message));
                }
                mark
            }
            (None, true) if self.resume => Mark {
                is_complete: true,
                ..Mark::default()
            },
            (_, true) if !self.force => {
                let message = format!(
                    "{} is there already; give --resume to go on with it, or --force to replace it",
                    path.display()
                );
                return Err(Failure::Usage(message));
            }
            _ => Mark {
                question: question.to_owned(),
                ..Mark::default()
            },
        };
        if mark.is_complete {
            let file = BufWriter::new(File::open(path).map_err(unusable)?);
            return Ok(Output::File {
                file,
                mark,
                marked: Instant::now(),
            });
        }
        mark.write(path).map_err(unusable)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        // What is on record is for those who may read it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(unusable)?;
        // What was written behind the mark is fetched again.
        file.set_len(mark.bytes).map_err(unusable)?;
        file.seek(SeekFrom::End(0)).map_err(unusable)?;
        let mark = Mark {
            path: path.to_owned(),
            ..mark
        };
        Ok(Output::File {
            file: BufWriter::new(file),
            mark,
            marked: Instant::now(),
        })
    }
}

impl Output {
    fn write(&mut self, piece: &str) -> Result<()> {
        match self {
            Output::Pipe(out) => {
                out.write_all(piece.as_bytes())?;
                Ok(out.flush()?)
            }
            Output::File { file, .. } => Ok(file.write_all(piece.as_bytes())?),
        }
    }

    /// Notes how far the file is: now and then, or at once.
    fn reached(&mut self, records: u64, cursor: Option<Cursor>, at_once: bool) -> Result<()> {
        let Output::File { file, mark, marked } = self else {
            return Ok(());
        };
        if !at_once && marked.elapsed() < MARK_EVERY {
            return Ok(());
        }
        file.flush()?;
        // The mark must not be on disk before what it speaks of.
        file.get_ref().sync_data()?;
        mark.bytes = file.get_mut().stream_position()?;
        mark.records = records;
        mark.cursor = cursor.map(|cursor| cursor.to_string());
        mark.write(&mark.path)?;
        *marked = Instant::now();
        Ok(())
    }

    fn complete(self) -> Result<()> {
        match self {
            Output::Pipe(mut out) => Ok(out.flush()?),
            Output::File { mut file, mark, .. } => {
                file.flush()?;
                file.get_ref().sync_data()?;
                Ok(mark.remove()?)
            }
        }
    }
}

/// Copies piece after piece; what is away is waited for.
async fn copy(text: &mut ExportText, output: &mut Output, had: &Mark, progress: &mut Progress) -> Result<()> {
    let (mut pause, mut since) = (FIRST_PAUSE, None);
    loop {
        match text.next().await {
            Ok(Some(piece)) => {
                (pause, since) = (FIRST_PAUSE, None);
                output.write(&piece)?;
                let records = had.records + text.records();
                output.reached(records, text.cursor(), false)?;
                progress.reached(records, piece.len() as u64);
            }
            Ok(None) => return Ok(()),
            Err(error) if error.is_retryable() => {
                let since = *since.get_or_insert_with(Instant::now);
                if since.elapsed() > PATIENCE {
                    return Err(error.into());
                }
                progress.say(&with_code(&error));
                output.reached(had.records + text.records(), text.cursor(), true)?;
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// How many there are, and whether that is only the least.
async fn total(store: &dyn Store, query: &Query) -> Option<(u64, bool)> {
    let query = Query {
        cursor: None,
        counted: true,
        ..query.clone()
    }
    .limit(1);
    let page = store.query(&query, SystemClock.now()).await.ok()?;
    Some((page.total, page.total_is_lower_bound))
}
