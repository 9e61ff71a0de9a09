//! Which records: every filter that the REST interface has.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use tasktrail::Query;

use crate::failure::Result;

/// Newest or oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// Oldest first.
    Asc,
    /// Newest first.
    Desc,
}

/// Which records.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which records")]
pub(crate) struct Filters {
    /// Of this workspace, and of the runs that it launched; `.` is that of the current folder.
    #[arg(long, value_name = "ID")]
    workspace: Option<String>,
    /// Of this project.
    #[arg(long, value_name = "NUMBER")]
    project: Option<String>,
    /// Of this type; `task.*` for all that begin so. May be given again.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Of this task.
    #[arg(long, value_name = "ID")]
    task: Option<String>,
    /// Of this session.
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Of this run.
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// By this actor.
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// With this outcome: success, failure, denied, aborted or unknown.
    #[arg(long)]
    outcome: Option<String>,
    /// From this time on: RFC 3339, or a date.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// Where a list begins.
#[derive(Debug, Default, Args)]
pub(crate) struct Place {
    /// Oldest or newest first.
    #[arg(long, value_enum, help_heading = "Which records")]
    pub(crate) order: Option<Order>,
    /// Go on where an earlier list ended.
    #[arg(long, help_heading = "Which records")]
    pub(crate) cursor: Option<String>,
    /// By arrival, oldest first: 0 for the beginning, or where an earlier list by arrival ended.
    #[arg(long, value_name = "CURSOR", conflicts_with_all = ["cursor", "order"], help_heading = "Which records")]
    pub(crate) after: Option<String>,
    /// Pass over so many records.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["cursor", "after"], help_heading = "Which records")]
    pub(crate) offset: Option<String>,
}

impl Filters {
    /// The question, as the core reads it, which says what is wrong with it.
    pub(crate) fn query(&self, place: &Place) -> Result<Query> {
        let workspace = match self.workspace.as_deref() {
            Some(".") => Some(tasktrail::workspace::discover(".")?.workspace_id),
            other => other.map(str::to_owned),
        };
        let order = place.order.map(|order| match order {
            Order::Asc => "asc".to_owned(),
            Order::Desc => "desc".to_owned(),
        });
        let named = [
            ("workspaceId", &workspace),
            ("projectNumber", &self.project),
            ("taskId", &self.task),
            ("sessionId", &self.session),
            ("runId", &self.run),
            ("actor", &self.actor),
            ("outcome", &self.outcome),
            ("startTime", &self.since),
            ("endTime", &self.until),
            ("order", &order),
            ("cursor", &place.cursor),
            ("after", &place.after),
            ("offset", &place.offset),
        ];
        let mut object: Map<String, Value> = named
            .into_iter()
            .filter_map(|(name, value)| value.as_ref().map(|value| (name.to_owned(), json!(value))))
            .collect();
        if !self.types.is_empty() {
            object.insert("operationType".into(), json!(self.types));
        }
        Ok(Query::from_json(&Value::Object(object).to_string())?)
    }
}
