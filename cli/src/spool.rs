//! `tasktrail spool`: what waits on this machine to be sent.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use tasktrail::spool::{self, SpoolFile, SpoolState};
use tasktrail::store;

use crate::failure::{Failure, INTERRUPTED, NOTHING, Result, note};
use crate::target::Target;

/// List, check or send what waits on this machine because its API or store was away.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tasktrail spool list\n  tasktrail spool drain --url http://localhost:8167\n  \
    tasktrail spool check --folder /var/lib/app/spool --json\n\n\
    Exit codes: 0 done; 1 check found damage, or drain met records that the store refuses or that are damaged; 2 wrong usage;\n\
    3 the store or the folder cannot be used: what is left stays in the spool; 130 interrupted by Ctrl-C."
)]
pub(crate) struct Spool {
    #[command(subcommand)]
    action: Action,
    /// Folder of the spool. Else $TASKTRAIL_SPOOL, then the one for this URL in the user's own files.
    #[arg(long, global = true, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// As JSON: a file a line.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the files, and what waits in them.
    List,
    /// Read every record and say what is damaged. Changes nothing.
    Check,
    /// Send what waits, each record once, and delete the files that are empty then. Files of open trails are left to them.
    Drain,
}

impl Spool {
    pub(crate) async fn run(&self, target: &Target) -> Result<()> {
        let Some(folder) = target.spool(self.folder.as_ref())? else {
            return Err(Failure::Usage(
                "there is no folder for the spool of this store; name one with --folder (TT_SPOOL_PATH)".into(),
            ));
        };
        match self.action {
            Action::List => self.list(&folder).await,
            Action::Check => self.check(&folder).await,
            Action::Drain => {
                tokio::select! {
                    drained = self.drain(&folder, target) => drained,
                    // What was sent is removed or sent again, which does no harm.
                    _ = tokio::signal::ctrl_c() => Err(Failure::Said(INTERRUPTED)),
                }
            }
        }
    }

    async fn list(&self, folder: &Path) -> Result<()> {
        let files = spool::list(folder).await?;
        let mut out = io::stdout().lock();
        if self.json {
            for file in &files {
                writeln!(out, "{}", json!(file))?;
            }
            return Ok(());
        }
        if files.is_empty() {
            note(&format!("nothing waits in {}", folder.display()));
            return Ok(());
        }
        writeln!(
            out,
            "{:11}  {:>9}  {:>7}  {:>12}  {:24}  FILE",
            "STATE", "RECORDS", "REFUSED", "BYTES", "OLDEST"
        )?;
        for file in &files {
            writeln!(out, "{}", row(file))?;
        }
        Ok(())
    }

    async fn check(&self, folder: &Path) -> Result<()> {
        let checks = spool::check(folder).await?;
        let mut out = io::stdout().lock();
        let mut is_sound = true;
        for check in &checks {
            let is_damaged = check.damaged > 0 || !check.faults.is_empty();
            // What was set aside is known to be damaged.
            is_sound &= !is_damaged || check.file.state == SpoolState::Quarantined;
            if self.json {
                writeln!(out, "{}", json!(check))?;
                continue;
            }
            let verdict = if is_damaged { "damaged" } else { "sound" };
            writeln!(
                out,
                "{verdict:8} {} sound, {} damaged  {}",
                check.sound,
                check.damaged,
                check.file.path.display()
            )?;
            for fault in &check.faults {
                writeln!(out, "         {fault}")?;
            }
        }
        if checks.is_empty() && !self.json {
            note(&format!("nothing waits in {}", folder.display()));
        }
        match is_sound {
            true => Ok(()),
            false => {
                note(
                    "whoever drains it saves what can be read, sets the damaged file aside, and puts the loss on record",
                );
                Err(Failure::Said(NOTHING))
            }
        }
    }

    async fn drain(&self, folder: &Path, target: &Target) -> Result<()> {
        let url = target.parsed()?;
        let drained = async {
            let store = store::open(&url).await?;
            let drained = spool::drain(folder, &*store).await;
            store.close().await;
            drained
        };
        let drained = drained.await.map_err(|error| {
            let Failure::Unavailable(message) = Failure::from(error.clone()) else {
                return Failure::from(error);
            };
            Failure::Unavailable(format!("{message}; what is left stays in {}", folder.display()))
        })?;
        if self.json {
            writeln!(io::stdout(), "{}", json!(drained))?;
        }
        note(&format!(
            "{} records sent, {} files emptied",
            drained.stored, drained.files
        ));
        if drained.refused > 0 {
            note(&format!(
                "{} were refused by the store; `tasktrail spool list` shows where they are kept",
                drained.refused
            ));
        }
        if drained.damaged > 0 {
            note(&format!("{} were damaged and cannot be sent", drained.damaged));
        }
        match drained.refused + drained.damaged {
            0 => Ok(()),
            _ => Err(Failure::Said(NOTHING)),
        }
    }
}

fn row(file: &SpoolFile) -> String {
    let state = match file.state {
        SpoolState::Live => "in use",
        SpoolState::Orphaned => "waiting",
        SpoolState::Quarantined => "set aside",
    };
    let number = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    let oldest = file.oldest.map(|time| time.to_string()).unwrap_or_default();
    format!(
        "{state:11}  {:>9}  {:>7}  {:>12}  {oldest:24}  {}",
        number(file.records),
        number(file.dead_letters),
        file.disk_bytes,
        file.path.display()
    )
}
