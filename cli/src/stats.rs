//! `tasktrail stats`: how much there is, and how it went.

use std::io::{self, Write as _};

use clap::Args;
use serde_json::{Value, json};
use tasktrail::clock::{Clock as _, SystemClock};
use tasktrail::query::{Order, Page};
use tasktrail::schema::Outcome;
use tasktrail::{Query, spool};

use crate::failure::Result;
use crate::filters::{Filters, Place};
use crate::target::Target;

/// Count records, by outcome; say from when they are, and how much the store and the spool hold.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tasktrail stats\n  tasktrail stats --project 42 --since 2026-11-22 --json\n\n\
    A count over 10,000 is said as \"more than 10000\": counting further would cost the store more than it is worth."
)]
pub(crate) struct Stats {
    #[command(flatten)]
    filters: Filters,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Stats {
    pub(crate) async fn run(&self, target: &Target) -> Result<()> {
        let base = self.filters.query(&Place::default())?.limit(1);
        let store = target.open().await?;
        let now = SystemClock.now();
        let newest = store.query(&base, now).await?;
        let oldest = Query {
            order: Order::Ascending,
            counted: false,
            ..base.clone()
        };
        let oldest = store.query(&oldest, now).await?;
        let mut outcomes = Vec::new();
        for name in Outcome::TEXTS.iter().copied() {
            let asked = Outcome::parse(name);
            // Of those that are asked for, one outcome has them all.
            let page = match base.outcome {
                Some(_) if base.outcome != asked => continue,
                Some(_) => newest.clone(),
                None => {
                    let of_outcome = Query {
                        outcome: asked,
                        ..base.clone()
                    };
                    store.query(&of_outcome, now).await?
                }
            };
            outcomes.push((name, page));
        }
        let size = store.size().await.unwrap_or_default();
        store.close().await;
        let waiting = match target.spool(None)? {
            Some(folder) => spool::list(&folder).await?.iter().filter_map(|file| file.records).sum(),
            None => 0,
        };
        let time = |page: &Page| page.items.first().map(|item| item.timestamp);
        let said = json!({
            "store": target.parsed()?.to_string(),
            "records": count(&newest),
            "outcomes": outcomes.iter().map(|(name, page)| ((*name).to_owned(), count(page))).collect::<serde_json::Map<_, _>>(),
            "oldest": time(&oldest),
            "newest": time(&newest),
            "stored": size.records,
            "storedIsEstimate": size.records_is_estimate,
            "bytes": size.bytes,
            "indexBytes": size.index_bytes,
            "spooled": waiting,
        });
        let mut out = io::stdout().lock();
        if self.json {
            return Ok(writeln!(out, "{said}")?);
        }
        let mut line = |name: &str, value: &str| writeln!(out, "{name:10}  {value}");
        line("store", &target.parsed()?.to_string())?;
        line("records", &in_words(&newest))?;
        for (name, page) in outcomes.iter().filter(|(_, page)| page.total > 0) {
            line(&format!("  {name}"), &in_words(page))?;
        }
        if let (Some(oldest), Some(newest)) = (time(&oldest), time(&newest)) {
            line("from", &oldest.to_string())?;
            line("to", &newest.to_string())?;
        }
        if let Some(records) = size.records {
            let about = if size.records_is_estimate { "about " } else { "" };
            line("in all", &format!("{about}{records} records in the store"))?;
        }
        if let Some(bytes) = size.bytes {
            let index = size
                .index_bytes
                .map(|bytes| format!(", {} of them indexes", megabytes(bytes)));
            line("size", &format!("{}{}", megabytes(bytes), index.unwrap_or_default()))?;
        }
        line("spooled", &format!("{waiting} wait on this machine"))?;
        Ok(())
    }
}

fn count(page: &Page) -> Value {
    json!({ "total": page.total, "isLowerBound": page.total_is_lower_bound })
}

fn in_words(page: &Page) -> String {
    match page.total_is_lower_bound {
        true => format!("more than {}", page.total),
        false => page.total.to_string(),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
