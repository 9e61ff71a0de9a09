//! `tasktrail doctor`: is everything as it should be, and what to do about what is not.

use std::io::{self, Write as _};
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use tasktrail::clock::{Clock as _, SystemClock};
use tasktrail::spool::{self, SpoolState};
use tasktrail::store::{Finding, StoreUrl, Verdict, examine};
use tasktrail::{Query, workspace};

use crate::context;
use crate::failure::{Failure, NOTHING, Result, note};
use crate::show::{DIM, GREEN, RED, Style, When, YELLOW, plain};
use crate::target::{DEFAULT_URL, KEY_VARIABLE, Target, URL_VARIABLES, variable};

/// Check configuration, connection, permissions, clocks, indexes, versions, workspace and spool, and say what to do. Changes nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tasktrail doctor\n  tasktrail doctor --url mongodb://localhost/app --json\n\n\
    Exit codes: 0 all works, warnings or not; 1 something does not work; 2 wrong usage."
)]
pub(crate) struct Doctor {
    /// A finding a line, as JSON: {about, verdict, says, remedy}.
    #[arg(long)]
    json: bool,
    /// When to use colours.
    #[arg(long, value_enum, default_value = "auto")]
    color: When,
}

impl Doctor {
    pub(crate) async fn run(&self, target: &Target) -> Result<()> {
        let mut findings = configuration(target);
        let url = target.parsed();
        if let Ok(url) = &url {
            let found = examine(url).await;
            let is_readable = found.iter().all(|finding| finding.verdict != Verdict::Fault)
                && found
                    .iter()
                    .any(|finding| finding.about == "connection" && finding.verdict == Verdict::Fine);
            findings.extend(found);
            if is_readable {
                findings.extend(versions(target).await);
            }
        }
        findings.extend(folder());
        findings.extend(waiting(target).await);
        let worst = findings.iter().map(|finding| finding.verdict).max();
        self.print(&findings)?;
        match worst {
            Some(Verdict::Fault) => Err(Failure::Said(NOTHING)),
            _ => Ok(()),
        }
    }

    fn print(&self, findings: &[Finding]) -> Result<()> {
        let style = Style::new(self.color);
        let mut out = io::stdout().lock();
        for finding in findings {
            if self.json {
                writeln!(out, "{}", json!(finding))?;
                continue;
            }
            let (sign, colour) = match finding.verdict {
                Verdict::Fine => ("✓", GREEN),
                Verdict::Warning => ("!", YELLOW),
                Verdict::Fault => ("✗", RED),
            };
            writeln!(
                out,
                "{} {:13}  {}",
                style.paint(colour, sign),
                finding.about,
                plain(&finding.says)
            )?;
            if let Some(remedy) = &finding.remedy {
                writeln!(out, "{:17}{}", "", style.paint(DIM, &format!("→ {}", plain(remedy))))?;
            }
        }
        let of = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
        if !self.json {
            note(&format!(
                "{} faults, {} warnings",
                of(Verdict::Fault),
                of(Verdict::Warning)
            ));
        }
        Ok(())
    }
}

/// What was said by options and environment.
fn configuration(target: &Target) -> Vec<Finding> {
    const ABOUT: &str = "configuration";
    let mut findings = Vec::new();
    let (_, who) = target.named();
    match target.parsed() {
        Ok(url) => {
            findings.push(Finding::fine(ABOUT, format!("the trail is {url}, by {who}")));
            if let StoreUrl::Http { base, api_key } = &url {
                let is_here = ["//localhost", "//127.", "//[::1]"]
                    .iter()
                    .any(|here| base.contains(here));
                if api_key.is_none() {
                    findings.push(Finding::warning(
                        ABOUT,
                        format!("no API key: {KEY_VARIABLE} is not set"),
                        "set it, if the API asks for one",
                    ));
                } else if base.starts_with("http:") && !is_here {
                    findings.push(Finding::warning(
                        ABOUT,
                        "the key travels unencrypted to another machine",
                        "use https://",
                    ));
                }
            }
        }
        Err(Failure::Usage(says) | Failure::Unavailable(says)) => {
            let remedy = format!(
                "correct {who}: an API such as {DEFAULT_URL}, sqlite:path/to/audit.db or mongodb://host/database"
            );
            findings.push(Finding::fault(ABOUT, says, remedy));
        }
        Err(_) => {}
    }
    if let [first, second] = URL_VARIABLES
        && let (Some(one), Some(other)) = (variable(first), variable(second))
        && one != other
    {
        findings.push(Finding::warning(
            ABOUT,
            format!("{first} and {second} differ"),
            format!("unset one: {first} goes first"),
        ));
    }
    if let Some(trace) = context::first(&context::TRACE).filter(|trace| !is_traceparent(trace)) {
        findings.push(Finding::warning(
            ABOUT,
            format!("TRACEPARENT is no W3C trace context: {trace:?}"),
            "unset it, or set it to 00-<32 hex digits>-<16 hex digits>-01",
        ));
    }
    findings.extend(unknown_variables().map(|name| {
        Finding::warning(
            ABOUT,
            format!("{name} is set, and nothing reads a variable of that name"),
            "check its spelling: docs/cli.md lists them",
        )
    }));
    findings
}

fn is_traceparent(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = text
        .chars()
        .all(|c| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c));
    is_hex && matches!(lengths.as_slice(), [2, 32, 16, 2, ..])
}

fn unknown_variables() -> impl Iterator<Item = String> {
    let known: Vec<&str> = [
        &context::WORKSPACE[..],
        &context::WORKTREE,
        &context::RUN,
        &context::ORIGIN,
    ]
    .into_iter()
    .chain([
        &context::SESSION[..],
        &context::AGENT,
        &context::PARENT,
        &context::OTHERS,
    ])
    .flatten()
    .copied()
    .collect();
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        // Those of the project's own development are not for its users.
        .filter(|name| {
            name.starts_with("TASKTRAIL_") && !["_TEST_", "_BENCH_", "_CACHE"].iter().any(|own| name.contains(own))
        })
        .filter(move |name| !known.contains(&name.as_str()))
}

/// Which releases write into the trail: each says so when it opens it.
async fn versions(target: &Target) -> Vec<Finding> {
    const ABOUT: &str = "versions";
    let ours = env!("CARGO_PKG_VERSION");
    let Ok(store) = target.open().await else {
        return Vec::new();
    };
    let query = Query::from_json(r#"{"operationType":"audit.started"}"#)
        .unwrap_or_default()
        .limit(20);
    let page = store
        .query(
            &Query {
                counted: false,
                ..query
            },
            SystemClock.now(),
        )
        .await;
    store.close().await;
    let Ok(page) = page else { return Vec::new() };
    let mut writers: Vec<(String, String)> = Vec::new();
    for item in &page.items {
        let record: Value = serde_json::from_str(&item.json).unwrap_or_default();
        let text = |path: &str| record.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let service = text("/service").unwrap_or_else(|| "a trail without a name".into());
        // The newest of each service counts.
        if let Some(version) = text("/metadata/version").filter(|_| !writers.iter().any(|(known, _)| *known == service))
        {
            writers.push((service, version));
        }
    }
    match writers.as_slice() {
        [] => vec![Finding::fine(ABOUT, format!("this is {ours}; no trail has said its version yet"))],
        writers => writers.iter().map(|(service, version)| match version == ours {
            true => Finding::fine(ABOUT, format!("{service} writes with {version}, as this command")),
            false => Finding::warning(
                ABOUT,
                format!("{service} writes with {version}, and this command is {ours}"),
                "use the same release on both sides: a newer one's records are kept by an older, and some of their fields not shown",
            ),
        }).collect(),
    }
}

/// The workspace around the current folder.
fn folder() -> Vec<Finding> {
    const ABOUT: &str = "workspace";
    match workspace::discover(".") {
        Ok(found) => {
            let mut findings = vec![Finding::fine(
                ABOUT,
                format!("{} for {}", found.workspace_id, found.root),
            )];
            let remedy = "see to it: until then the id may be another than that of the rest of the repository";
            findings.extend(
                found
                    .warnings
                    .into_iter()
                    .map(|warning| Finding::warning(ABOUT, warning, remedy)),
            );
            if let Some(named) = context::first(&context::WORKSPACE).filter(|named| *named != found.workspace_id) {
                findings.push(Finding::warning(
                    ABOUT,
                    format!("the environment names another: {named}"),
                    "nothing, in a run that another workspace has launched; else unset it",
                ));
            }
            findings
        }
        Err(error) => vec![Finding::fault(
            ABOUT,
            format!("{error} ({})", error.code()),
            "name it in TASKTRAIL_WORKSPACE_ID, or set TASKTRAIL_SALT to random text",
        )],
    }
}

/// What waits on this machine.
async fn waiting(target: &Target) -> Vec<Finding> {
    const ABOUT: &str = "spool";
    let folder = match target.spool(None) {
        Ok(Some(folder)) => folder,
        Ok(None) => {
            return vec![Finding::warning(
                ABOUT,
                "there is no folder to keep events in while the trail is away",
                "name one in TASKTRAIL_SPOOL",
            )];
        }
        // Said with the configuration.
        Err(_) => return Vec::new(),
    };
    let mut findings: Vec<Finding> = unwritable(&folder).into_iter().collect();
    let files = match spool::list(&folder).await {
        Ok(files) => files,
        Err(error) => {
            let says = format!("{error} ({})", error.code());
            findings.push(Finding::fault(
                ABOUT,
                says,
                "make it a folder that this user may read and write",
            ));
            return findings;
        }
    };
    let records: u64 = files
        .iter()
        .filter(|file| file.state == SpoolState::Orphaned)
        .filter_map(|file| file.records)
        .sum();
    let refused: u64 = files.iter().filter_map(|file| file.dead_letters).sum();
    let aside = files
        .iter()
        .filter(|file| file.state == SpoolState::Quarantined)
        .count();
    let shown = folder.display();
    findings.push(match records {
        0 => Finding::fine(ABOUT, format!("nothing waits in {shown}")),
        records => {
            let oldest = files.iter().filter_map(|file| file.oldest).min();
            let since = oldest
                .map(|time| format!(", the oldest from {time}"))
                .unwrap_or_default();
            Finding::warning(
                ABOUT,
                format!("{records} records wait in {shown}{since}"),
                "tasktrail spool drain, once the trail takes records",
            )
        }
    });
    if refused > 0 {
        findings.push(Finding::warning(
            ABOUT,
            format!("{refused} records were refused by the store and are kept in {shown}"),
            "read why with a program for SQLite (table `dead_letters`), then delete the file",
        ));
    }
    if aside > 0 {
        findings.push(Finding::warning(
            ABOUT,
            format!("{aside} damaged files were set aside in {shown}"),
            "what could be read of them was saved; look for what damages the disk, then delete them",
        ));
    }
    findings
}

/// What is against writing the folder, or what would have to be made to have it.
fn unwritable(folder: &Path) -> Option<Finding> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let problem = match there.metadata() {
        Ok(metadata) if !metadata.is_dir() => format!("{} is a file", there.display()),
        Ok(_) => match tempfile_in(there) {
            Ok(()) => return None,
            Err(error) => format!("{} cannot be written: {error}", there.display()),
        },
        Err(error) => format!("{} cannot be looked at: {error}", there.display()),
    };
    Some(Finding::fault(
        "spool",
        problem,
        "make it writable for this user, or name another folder in TASKTRAIL_SPOOL: without one, an event is lost while the trail is away",
    ))
}

/// Makes a file and takes it away again: permissions alone do not tell of a full or read-only disk.
fn tempfile_in(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".tasktrail-doctor-{}", std::process::id()));
    std::fs::write(&path, b"x")?;
    std::fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_context_is_known_by_its_form() {
        assert!(is_traceparent(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        ));
        for wrong in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-X-b7ad6b7169203331-01",
        ] {
            assert!(!is_traceparent(wrong), "{wrong}");
        }
    }
}
