//! `tasktrail emit`: one event, from a shell.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tasktrail::recorder::Place;
use tasktrail::trail::{EmittedOnce, Options, Trail};
use tasktrail::{Error, Secret};

use crate::context::of_here;
use crate::event::{EventArgs, option_of};
use crate::failure::{DELAYED, Failure, Result, note, with_code};
use crate::target::{KEY_VARIABLE, Target, variable};

/// How long an API may take: what a shell hook may cost at most.
const API_PATIENCE: Duration = Duration::from_secs(1);
/// How long a database may take, whose driver first finds its servers.
const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// Emit a progress event: fire and forget.
///
/// The event is checked first, and all that is wrong with it said at once. When the API or store does not take it, it waits in a
/// folder on disk (the spool) and is sent, once, by the next `tasktrail emit`, by any trail with the same store on this machine, or by
/// `tasktrail spool drain`; that is said on stderr and is no failure.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    tasktrail emit task.started --project 42 --phase 1 --item 1.2 --title 'Parse the header'\n  \
    tasktrail emit task.failed --project 42 --phase 1 --item 1.2 --title 'Parse the header' --error 'exit 101'\n  \
    git diff --stat --numstat | jq -Rs '{diff: .}' | tasktrail emit issue.updated --project 42 --data -\n\n\
    Exit codes: 0 in the store or in the spool; 2 the event is wrong, nothing was sent; 3 it is neither in the store nor in the\n\
    spool; 4 with --strict: it is in the spool only.")]
pub(crate) struct Emit {
    #[command(flatten)]
    event: EventArgs,
    /// Exit with 4 when the event had to go to the spool.
    #[arg(long, help_heading = "How it is sent")]
    strict: bool,
    /// How long the API or store may take, in seconds: 1 for an API, 5 for a store, or $TASKTRAIL_TIMEOUT.
    #[arg(long, value_name = "SECONDS", help_heading = "How it is sent")]
    timeout: Option<String>,
    /// Folder of the spool. Else $TASKTRAIL_SPOOL, then one for this URL in the user's own files.
    #[arg(long, value_name = "FOLDER", help_heading = "How it is sent")]
    spool: Option<PathBuf>,
    /// Fail, with exit code 3, rather than leave the event in the spool.
    #[arg(long, conflicts_with = "spool", help_heading = "How it is sent")]
    no_spool: bool,
    /// Look for no workspace around the current folder.
    #[arg(long, help_heading = "How it is sent")]
    no_discovery: bool,
    /// Print what became of it as JSON: {accepted, type, projectNumber, timestamp, auditId, place, durable}.
    #[arg(long, help_heading = "How it is sent")]
    json: bool,
}

impl Emit {
    pub(crate) async fn run(&self, target: &Target) -> Result<()> {
        let url = target.url();
        if url.starts_with("memory:") {
            let message =
                "a store in memory is gone with this command; name an API, a file or a database (TT_URL_INVALID)";
            return Err(Failure::Usage(message.into()));
        }
        let patience = self.patience(target)?;
        let event = self.event.json()?;
        let mut context = of_here(self.event.named(), !self.no_discovery);
        let key = variable(KEY_VARIABLE);
        context.api_key = key.clone();
        let options = Options {
            service: Some("cli".into()),
            hash_key: variable("TASKTRAIL_HASH_KEY").map(Secret::from),
            api_key: key.map(Secret::from),
            spool: match self.no_spool {
                true => None,
                false => target.spool(self.spool.as_ref())?,
            },
            ..Options::default()
        };
        let emitted = Trail::builder(&url)
            .options(options)
            .emit_once(&event, context, patience)
            .await?;
        self.tell(&emitted)
    }

    fn patience(&self, target: &Target) -> Result<Duration> {
        let given = self.timeout.clone().or_else(|| variable("TASKTRAIL_TIMEOUT"));
        let default = if target.is_api() { API_PATIENCE } else { STORE_PATIENCE };
        given.map_or(Ok(default), |given| {
            let seconds = given
                .parse::<f64>()
                .ok()
                .filter(|seconds| (0.001..=3_600.0).contains(seconds));
            seconds.map(Duration::from_secs_f64).ok_or_else(|| {
                Failure::Usage(format!(
                    "--timeout is a number of seconds from 0.001 to 3600, not {given:?} (TT_OPTIONS_INVALID)"
                ))
            })
        })
    }

    fn tell(&self, emitted: &EmittedOnce) -> Result<()> {
        if self.json {
            let answer = json!({
                "accepted": true,
                "type": emitted.event.event_type,
                "projectNumber": emitted.event.project_number,
                "timestamp": emitted.event.timestamp,
                "auditId": emitted.audit_id,
                "place": emitted.place,
                "durable": true,
                "brought": emitted.brought,
            });
            writeln!(io::stdout(), "{answer}")?;
        }
        match &emitted.delayed_by {
            Some(error) if emitted.place == Place::Spool => {
                note(&format!(
                    "the event waits in the spool and is sent by the next `tasktrail emit` or `tasktrail spool drain`: {}",
                    with_code(error)
                ));
                match self.strict {
                    true => Err(Failure::Said(DELAYED)),
                    false => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}

/// Every fault of an event, a line each, with the option that it came by.
pub(crate) fn refusal(error: &Error) -> String {
    let mut text = match error.details() {
        [] => error.to_string(),
        [_] => "the event is wrong, and nothing was sent".to_owned(),
        many => format!("{} things are wrong with the event, and nothing was sent", many.len()),
    };
    text.push_str(&format!(" ({})", error.code()));
    for detail in error.details() {
        let option = option_of(&detail.path).map(|option| format!(" [{option}]"));
        let path = if detail.path.is_empty() {
            "the event"
        } else {
            &detail.path
        };
        text.push_str(&format!("\n  {path} {}{}", detail.message, option.unwrap_or_default()));
    }
    text
}
