//! The `tasktrail` command: reads a trail's store directly.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde_json::{Map, Value, json};
use tasktrail::clock::{Clock, SystemClock};
use tasktrail::store::{self, StoreUrl};
use tasktrail::{Code, Query};
use uuid::Uuid;

/// Read an audit trail.
///
/// Exit codes: 0 done, 1 nothing found, 2 wrong usage, 3 the store cannot be read.
#[derive(Parser)]
#[command(
    version,
    after_help = "Examples:\n  tasktrail query sqlite:audit.db --type 'task.*' --limit 20\n  tasktrail query mongodb://localhost/app --workspace ws_… --json | head\n  tasktrail show sqlite:audit.db 019ab3c2-7f00-7abc-8def-0123456789ab"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List records, newest first.
    Query(QueryArgs),
    /// Print one record as JSON.
    Show {
        /// Store: sqlite:path/to/audit.db, mongodb://host/database, or the API http://host:port, whose key is STATE_TRACKING_API_KEY.
        store: String,
        /// Id of the record.
        audit_id: String,
    },
}

#[derive(Args)]
struct QueryArgs {
    /// Store: sqlite:path/to/audit.db, mongodb://host/database, or the API http://host:port, whose key is STATE_TRACKING_API_KEY.
    store: String,
    /// Records of this workspace and of the runs that it launched.
    #[arg(long)]
    workspace: Option<String>,
    /// Records of this project.
    #[arg(long)]
    project: Option<String>,
    /// Records of this type; `task.*` for all that begin so. May be given again.
    #[arg(long = "type")]
    operation_types: Vec<String>,
    /// Records of this task.
    #[arg(long)]
    task: Option<String>,
    /// Records of this run.
    #[arg(long)]
    run: Option<String>,
    /// success, failure, denied, aborted or unknown.
    #[arg(long)]
    outcome: Option<String>,
    /// Earliest time, RFC 3339 or a date.
    #[arg(long)]
    since: Option<String>,
    /// Latest time.
    #[arg(long)]
    until: Option<String>,
    /// Records at most.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// One JSON record a line instead of a table.
    #[arg(long)]
    json: bool,
}

enum Failure {
    Usage(String),
    Store(String),
    NotFound(String),
    /// The reader of our output has gone: `| head`.
    Pipe,
}

impl From<tasktrail::Error> for Failure {
    fn from(error: tasktrail::Error) -> Self {
        match error.code() {
            Code::QueryInvalid | Code::UrlInvalid => Failure::Usage(error.to_string()),
            code => Failure::Store(format!("{error} ({code})")),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Pipe,
            _ => Failure::Store(format!("cannot write: {error}")),
        }
    }
}

fn main() -> ExitCode {
    let (message, code) = match run(Cli::parse()) {
        Ok(()) | Err(Failure::Pipe) => return ExitCode::SUCCESS,
        Err(Failure::NotFound(message)) => (message, 1),
        Err(Failure::Usage(message)) => (message, 2),
        Err(Failure::Store(message)) => (message, 3),
    };
    eprintln!("tasktrail: {message}");
    ExitCode::from(code)
}

#[tokio::main]
async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Query(arguments) => query(arguments).await,
        Command::Show { store, audit_id } => {
            let id = Uuid::try_parse(&audit_id)
                .map_err(|_| Failure::Usage(format!("{audit_id:?} is not a record's id, which is a UUID")))?;
            let store = store::open_to_read(&StoreUrl::parse(&store)?.with_api_key(None)).await?;
            let found = store.get(id, SystemClock.now()).await?;
            store.close().await;
            let found = found.ok_or_else(|| Failure::NotFound(format!("no record has the id {id}")))?;
            let pretty: Value = serde_json::from_str(&found.json).unwrap_or(Value::String(found.json));
            writeln!(io::stdout(), "{pretty:#}")?;
            Ok(())
        }
    }
}

async fn query(arguments: QueryArgs) -> Result<(), Failure> {
    let mut left = arguments.limit as usize;
    let mut query = Query::from_json(&parameters(&arguments).to_string())?;
    let store = store::open_to_read(&StoreUrl::parse(&arguments.store)?.with_api_key(None)).await?;
    let mut out = io::stdout().lock();
    if !arguments.json {
        writeln!(
            out,
            "{:24}  {:26}  {:8}  {:>6}  {:28}  WHO",
            "WHEN", "WHAT", "OUTCOME", "STATUS", "WORKSPACE"
        )?;
    }
    let mut any = false;
    while left > 0 {
        let page = store
            .query(
                &query.clone().limit(u32::try_from(left).unwrap_or(u32::MAX)),
                SystemClock.now(),
            )
            .await?;
        for item in &page.items {
            any = true;
            if arguments.json {
                writeln!(out, "{}", item.json)?;
            } else {
                writeln!(out, "{}", row(&item.json))?;
            }
        }
        left = left.saturating_sub(page.items.len());
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
    }
    store.close().await;
    if any {
        Ok(())
    } else {
        Err(Failure::NotFound("no record matches".into()))
    }
}

/// The arguments under the names that all languages use.
fn parameters(arguments: &QueryArgs) -> Value {
    let named = [
        ("workspaceId", &arguments.workspace),
        ("projectNumber", &arguments.project),
        ("taskId", &arguments.task),
        ("runId", &arguments.run),
        ("outcome", &arguments.outcome),
        ("startTime", &arguments.since),
        ("endTime", &arguments.until),
    ];
    let mut object: Map<String, Value> = named
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| (name.to_owned(), json!(value))))
        .collect();
    if !arguments.operation_types.is_empty() {
        object.insert("operationType".into(), json!(arguments.operation_types));
    }
    Value::Object(object)
}

fn row(record: &str) -> String {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    let text = |field: &str| record.get(field).and_then(Value::as_str).unwrap_or("").to_owned();
    let status = record
        .get("response_status")
        .and_then(Value::as_u64)
        .map(|status| status.to_string())
        .unwrap_or_default();
    format!(
        "{:24}  {:26}  {:8}  {status:>6}  {:28}  {}",
        text("timestamp"),
        text("operation_type"),
        text("outcome"),
        text("workspace_id"),
        text("actor")
    )
}
