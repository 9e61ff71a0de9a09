//! `tasktrail show`, and how records look to people.

use std::io::{self, IsTerminal as _, Write as _};

use clap::{Args, ValueEnum};
use serde_json::Value;
use tasktrail::clock::{Clock as _, SystemClock};
use uuid::Uuid;

use crate::failure::{Failure, Result};
use crate::target::{Target, variable};

/// Characters of what a record is about, in a row.
const MOST_ABOUT: usize = 72;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Also in a pipe.
    Always,
    /// Not at all.
    Never,
}

impl When {
    fn is_now(self) -> bool {
        match self {
            When::Always => true,
            When::Never => false,
            // https://no-color.org
            When::Auto => {
                variable("NO_COLOR").is_none()
                    && variable("TERM").is_none_or(|terminal| terminal != "dumb")
                    && io::stdout().is_terminal()
            }
        }
    }
}

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style(bool);

impl Style {
    pub(crate) fn new(when: When) -> Self {
        Style(when.is_now())
    }

    /// In one of ECMA-48's colours, padded to a width first.
    pub(crate) fn paint(self, colour: u8, text: &str) -> String {
        match self.0 {
            true if !text.trim().is_empty() => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
            _ => text.to_owned(),
        }
    }
}

pub(crate) const BOLD: u8 = 1;
pub(crate) const DIM: u8 = 2;
pub(crate) const RED: u8 = 31;
pub(crate) const GREEN: u8 = 32;
pub(crate) const YELLOW: u8 = 33;
pub(crate) const CYAN: u8 = 36;

/// A text without what would steer a terminal or turn the direction of writing: what is on record was said by others.
pub(crate) fn plain(text: &str) -> String {
    let steers =
        |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    match text.contains(steers) {
        false => text.to_owned(),
        true => text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect(),
    }
}

/// The line above rows.
pub(crate) fn header(style: Style) -> String {
    let line = format!(
        "{:24}  {:24}  {:8}  {:>6}  {:29}  {:20}  ABOUT",
        "WHEN", "WHAT", "OUTCOME", "STATUS", "WORKSPACE", "WHO"
    );
    style.paint(BOLD, &line)
}

/// A record as one line.
pub(crate) fn row(record: &str, style: Style) -> String {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    let text = |field: &str| plain(record.get(field).and_then(Value::as_str).unwrap_or("")).replace('\n', " ");
    let status = record.get("response_status").and_then(Value::as_u64);
    let outcome = text("outcome");
    let colour = match outcome.as_str() {
        "success" => GREEN,
        "failure" => RED,
        "denied" | "aborted" => YELLOW,
        _ => DIM,
    };
    let line = [
        style.paint(DIM, &format!("{:24}", text("timestamp"))),
        style.paint(CYAN, &format!("{:24}", text("operation_type"))),
        style.paint(colour, &format!("{outcome:8}")),
        format!("{:>6}", status.map(|status| status.to_string()).unwrap_or_default()),
        style.paint(DIM, &format!("{:29}", text("workspace_id"))),
        format!("{:20}", text("actor")),
        about(&record),
    ]
    .join("  ");
    line.trim_end().to_owned()
}

/// What a record is about, in a few words: a work item and its title, a phase, an address; and why it failed.
fn about(record: &Value) -> String {
    let at = |path: &str| record.pointer(path).and_then(Value::as_str);
    let item = at("/work_item_id");
    let title = ["/metadata/workItemTitle", "/metadata/phaseName", "/metadata/message"];
    let title = title.iter().find_map(|path| at(path));
    let what = match (item, title) {
        (Some(item), Some(title)) => format!("{item} {title}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => at("/api_endpoint").unwrap_or_default().to_owned(),
    };
    let about = match at("/error/message") {
        Some(error) if what.is_empty() => error.to_owned(),
        Some(error) => format!("{what}: {error}"),
        None => what,
    };
    let about = plain(&about).replace('\n', " ");
    match about.char_indices().nth(MOST_ABOUT) {
        Some((end, _)) => format!("{}…", about.get(..end).unwrap_or_default()),
        None => about,
    }
}

/// Print one record as JSON.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tasktrail show 019ab3c2-7f00-7abc-8def-0123456789ab\n  \
    tasktrail show --url sqlite:audit.db 019ab3c2-7f00-7abc-8def-0123456789ab")]
pub(crate) struct Show {
    /// Id of the record.
    audit_id: String,
}

impl Show {
    pub(crate) async fn run(&self, target: &Target) -> Result<()> {
        let id = &self.audit_id;
        let parsed = Uuid::try_parse(id).map_err(|_| {
            Failure::Usage(format!(
                "{id:?} is not a record's id, which is a UUID (TT_QUERY_INVALID)"
            ))
        })?;
        let store = target.open().await?;
        let found = store.get(parsed, SystemClock.now()).await?;
        store.close().await;
        let found = found.ok_or_else(|| {
            Failure::Nothing(format!(
                "no record has the id {id}; it may have expired, or be in another trail (TT_RECORD_NOT_FOUND)"
            ))
        })?;
        let pretty: Value = serde_json::from_str(&found.json).unwrap_or(Value::String(found.json));
        writeln!(io::stdout(), "{pretty:#}")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_steers_no_terminal() {
        let record = serde_json::json!({ "operation_type": "a\u{1b}[31m", "actor": "x\ny\u{202e}", "error": { "message": "\u{7}" } });
        let row = row(&record.to_string(), Style(false));
        assert!(!row.contains(|c: char| c.is_control() || c == '\u{202e}'), "{row:?}");
    }

    #[test]
    fn a_row_says_what_it_is_about() {
        let about = |record: Value| super::about(&record);
        let item = serde_json::json!({ "work_item_id": "1.2", "metadata": { "workItemTitle": "Parse" }, "error": { "message": "no" } });
        assert_eq!(about(item), "1.2 Parse: no");
        assert_eq!(about(serde_json::json!({ "api_endpoint": "/api/tasks" })), "/api/tasks");
        assert_eq!(
            about(serde_json::json!({ "metadata": { "message": "ü".repeat(80) } }))
                .chars()
                .count(),
            73
        );
        assert_eq!(about(Value::Null), "");
    }
}
