//! `tasktrail query`: a list of records.

use std::io::{self, BufWriter, Write as _};

use clap::{Args, ValueEnum};
use tasktrail::Cursor;
use tasktrail::clock::{Clock as _, SystemClock};
use tasktrail::query::MAX_LIMIT;
use tasktrail::trail::ExportFormat;

use crate::failure::{Failure, Result, note};
use crate::filters::{Filters, Place};
use crate::show::{Style, When, header, row};
use crate::target::Target;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A line a record, for people.
    Table,
    /// A record a line, as JSON.
    Json,
    /// For spreadsheets (RFC 4180), without formulas.
    Csv,
}

/// List records, newest first.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tasktrail query --workspace . --type 'task.*' --limit 20\n  \
    tasktrail query --project 42 --outcome failure --since 2026-11-22 --json | jq .error\n  \
    tasktrail query --url mongodb://localhost/app --format csv --limit 1000 > records.csv"
)]
pub(crate) struct Query {
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    place: Place,
    /// Records at most.
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    /// How records are written.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Short for --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// When to use colours.
    #[arg(long, value_enum, default_value = "auto")]
    color: When,
}

impl Query {
    pub(crate) async fn run(&self, target: &Target) -> Result<()> {
        let mut query = self.filters.query(&self.place)?;
        query.counted = false;
        let store = target.open().await?;
        if query.cursor == Some(Cursor::NOW) {
            note(&format!("to go on: the same with --after {}", store.newest().await?));
            return Ok(());
        }
        let style = Style::new(self.color);
        let format = if self.json { Format::Json } else { self.format };
        let mut out = BufWriter::new(io::stdout().lock());
        let mut left = self.limit;
        let mut is_first = true;
        let more = loop {
            query.limit = u32::try_from(left.min(MAX_LIMIT.into())).unwrap_or(MAX_LIMIT);
            let page = store.query(&query, SystemClock.now()).await?;
            if page.items.is_empty() {
                break None;
            }
            match format {
                Format::Json => out.write_all(ExportFormat::Ndjson.text(&page.items, false)?.as_bytes())?,
                Format::Csv => out.write_all(ExportFormat::Csv.text(&page.items, is_first)?.as_bytes())?,
                Format::Table => {
                    if is_first {
                        writeln!(out, "{}", header(style))?;
                    }
                    for item in &page.items {
                        writeln!(out, "{}", row(&item.json, style))?;
                    }
                }
            }
            out.flush()?;
            is_first = false;
            left = left.saturating_sub(page.items.len() as u64);
            query.offset = 0;
            match page.next_cursor {
                // Asked again, it would repeat the last of what has arrived.
                Some(cursor @ Cursor::Arrival { caught_up: true, .. }) => break Some(cursor),
                Some(cursor) if left == 0 => break Some(cursor),
                Some(cursor) => query.cursor = Some(cursor),
                None => break None,
            }
        };
        store.close().await;
        if is_first {
            return Err(Failure::Nothing("no record matches".into()));
        }
        if let Some(cursor) = more {
            let option = if self.place.after.is_some() {
                "--after"
            } else {
                "--cursor"
            };
            note(&format!("to go on: the same with {option} {cursor}"));
        }
        Ok(())
    }
}
