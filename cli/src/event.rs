//! The event that the arguments describe.

use std::io::Read as _;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command, Error};
use serde_json::{Map, Value, json};
use tasktrail::Call;
use tasktrail::schema::{EVENT_TYPES, MAX_EVENT_BYTES};

use crate::context;
use crate::failure::{Failure, Result};

/// Any text; what is none of an event's types is for the core to say, together with all other faults.
#[derive(Debug, Clone)]
struct EventName;

impl TypedValueParser for EventName {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &std::ffi::OsStr) -> Result<String, Error> {
        clap::builder::StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(EVENT_TYPES.iter().map(|known| {
            PossibleValue::new(known.name).help(known.doc.lines().next().unwrap_or_default().trim_end_matches('.'))
        })))
    }
}

/// What happened. Each is a field of the event's data; what has no option goes into --data.
#[derive(Debug, Args)]
pub(crate) struct EventArgs {
    /// Type of the event.
    #[arg(value_name = "TYPE", value_parser = EventName)]
    event_type: String,
    /// Project, a whole number.
    #[arg(
        long,
        value_name = "NUMBER",
        allow_negative_numbers = true,
        help_heading = "What happened"
    )]
    project: Option<String>,
    /// Phase within the project, a whole number.
    #[arg(
        long,
        value_name = "NUMBER",
        allow_negative_numbers = true,
        help_heading = "What happened"
    )]
    phase: Option<String>,
    /// Name of the phase.
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        help_heading = "What happened"
    )]
    phase_name: Option<String>,
    /// Work item within the phase.
    #[arg(long, value_name = "ID", help_heading = "What happened")]
    item: Option<String>,
    /// Title of the work item.
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        help_heading = "What happened"
    )]
    title: Option<String>,
    /// What is going on, for people.
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        help_heading = "What happened"
    )]
    message: Option<String>,
    /// How far it is, 0 to 100.
    #[arg(
        long,
        value_name = "NUMBER",
        allow_negative_numbers = true,
        help_heading = "What happened"
    )]
    percent: Option<String>,
    /// What came of it.
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        help_heading = "What happened"
    )]
    result: Option<String>,
    /// Why it failed.
    #[arg(
        long,
        value_name = "TEXT",
        allow_hyphen_values = true,
        help_heading = "What happened"
    )]
    error: Option<String>,
    /// A file that it changed. May be given again.
    #[arg(long = "file", value_name = "PATH", help_heading = "What happened")]
    files: Vec<String>,
    /// Work items in all.
    #[arg(
        long,
        value_name = "NUMBER",
        allow_negative_numbers = true,
        help_heading = "What happened"
    )]
    total_items: Option<String>,
    /// Work items completed so far.
    #[arg(
        long,
        value_name = "NUMBER",
        allow_negative_numbers = true,
        help_heading = "What happened"
    )]
    completed_items: Option<String>,
    /// Work items that are being worked on.
    #[arg(
        long,
        value_name = "NUMBER",
        allow_negative_numbers = true,
        help_heading = "What happened"
    )]
    in_progress_items: Option<String>,
    /// Work items that failed.
    #[arg(
        long,
        value_name = "NUMBER",
        allow_negative_numbers = true,
        help_heading = "What happened"
    )]
    failed_items: Option<String>,
    /// Phases in all.
    #[arg(
        long,
        value_name = "NUMBER",
        allow_negative_numbers = true,
        help_heading = "What happened"
    )]
    total_phases: Option<String>,
    /// Phases completed so far.
    #[arg(
        long,
        value_name = "NUMBER",
        allow_negative_numbers = true,
        help_heading = "What happened"
    )]
    completed_phases: Option<String>,
    /// How long it took, in milliseconds.
    #[arg(
        long,
        value_name = "NUMBER",
        allow_negative_numbers = true,
        help_heading = "What happened"
    )]
    duration_ms: Option<String>,
    /// Task of the host.
    #[arg(long, value_name = "ID", help_heading = "What happened")]
    task: Option<String>,
    /// More fields, as a JSON object; `-` reads it from stdin. An option goes before a field of the same name.
    #[arg(long, value_name = "JSON", help_heading = "What happened")]
    data: Option<String>,
    /// When it happened, RFC 3339 or milliseconds since 1970; now, if nobody says.
    #[arg(long, value_name = "TIME", help_heading = "What happened")]
    timestamp: Option<String>,
    /// A name of your own for this event: emitted again under the same, it is recorded once.
    #[arg(long, value_name = "ID", help_heading = "What happened")]
    event_id: Option<String>,

    /// Workspace. Else $TASKTRAIL_WORKSPACE_ID, $WORKSPACE_ID, then that of the current folder.
    #[arg(long, value_name = "ID", help_heading = "Where and for whom")]
    workspace: Option<String>,
    /// Git worktree. Else $TASKTRAIL_WORKTREE_PATH, $WORKTREE_PATH, then that of the current folder.
    #[arg(long, value_name = "PATH", help_heading = "Where and for whom")]
    worktree: Option<String>,
    /// Orchestration run. Else $TASKTRAIL_RUN_ID, $RUN_ID.
    #[arg(long, value_name = "ID", help_heading = "Where and for whom")]
    run: Option<String>,
    /// Workspace that launched the run. Else $TASKTRAIL_ORIGIN_WORKSPACE_ID, $ORIGIN_WORKSPACE_ID.
    #[arg(long, value_name = "ID", help_heading = "Where and for whom")]
    origin_workspace: Option<String>,
    /// Session. Else $TASKTRAIL_SESSION_ID.
    #[arg(long, value_name = "ID", help_heading = "Where and for whom")]
    session: Option<String>,
    /// Agent. Else $TASKTRAIL_AGENT_ID.
    #[arg(long, value_name = "ID", help_heading = "Where and for whom")]
    agent: Option<String>,
    /// Agent that started this one. Else $TASKTRAIL_PARENT_AGENT_ID.
    #[arg(long, value_name = "ID", help_heading = "Where and for whom")]
    parent_agent: Option<String>,
    /// W3C trace context. Else $TRACEPARENT.
    #[arg(long, value_name = "TRACEPARENT", help_heading = "Where and for whom")]
    traceparent: Option<String>,
    /// Who does it. Else $TASKTRAIL_ACTOR, then a fingerprint of the API's key, then the agent.
    #[arg(long, value_name = "NAME", help_heading = "Where and for whom")]
    actor: Option<String>,
}

/// The option that fills a field, for who is told of a fault of it.
pub(crate) fn option_of(path: &str) -> Option<&'static str> {
    let field = path.strip_prefix("data.").unwrap_or(path);
    let field = field.split(['[', '.']).next().unwrap_or_default();
    let known = FIELDS.iter().find(|(name, _)| *name == field);
    known.map(|(_, option)| *option)
}

const FIELDS: &[(&str, &str)] = &[
    ("projectNumber", "--project"),
    ("phaseNumber", "--phase"),
    ("phaseName", "--phase-name"),
    ("workItemId", "--item"),
    ("workItemTitle", "--title"),
    ("message", "--message"),
    ("percent", "--percent"),
    ("result", "--result"),
    ("error", "--error"),
    ("filesChanged", "--file"),
    ("totalItems", "--total-items"),
    ("completedItems", "--completed-items"),
    ("inProgressItems", "--in-progress-items"),
    ("failedItems", "--failed-items"),
    ("totalPhases", "--total-phases"),
    ("completedPhases", "--completed-phases"),
    ("durationMs", "--duration-ms"),
    ("taskId", "--task"),
    ("agentId", "--agent"),
    ("parentAgentId", "--parent-agent"),
    ("workspaceId", "--workspace"),
    ("worktreePath", "--worktree"),
    ("originWorkspaceId", "--origin-workspace"),
    ("runId", "--run"),
    ("sessionId", "--session"),
    ("timestamp", "--timestamp"),
    ("eventId", "--event-id"),
];

impl EventArgs {
    /// The event as the wire has it, unchecked.
    pub(crate) fn json(&self) -> Result<String> {
        let mut data = self.given_data()?;
        let numbers = [
            ("projectNumber", &self.project),
            ("phaseNumber", &self.phase),
            ("percent", &self.percent),
            ("totalItems", &self.total_items),
            ("completedItems", &self.completed_items),
            ("inProgressItems", &self.in_progress_items),
            ("failedItems", &self.failed_items),
            ("totalPhases", &self.total_phases),
            ("completedPhases", &self.completed_phases),
            ("durationMs", &self.duration_ms),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                // What is no number stays a text, and the core says so beside all other faults.
                let number = serde_json::from_str(value).ok().filter(Value::is_number);
                data.insert(name.into(), number.unwrap_or_else(|| json!(value)));
            }
        }
        let texts = [
            ("phaseName", &self.phase_name),
            ("workItemId", &self.item),
            ("workItemTitle", &self.title),
            ("message", &self.message),
            ("result", &self.result),
            ("error", &self.error),
            ("taskId", &self.task),
            ("workspaceId", &self.workspace),
            ("worktreePath", &self.worktree),
            ("runId", &self.run),
            ("originWorkspaceId", &self.origin_workspace),
            ("sessionId", &self.session),
            ("agentId", &self.agent),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                data.insert(name.into(), json!(value));
            }
        }
        // A record has no field of its own for it, so it is data wherever it comes from.
        let parent = self.parent_agent.clone();
        let given = data.contains_key("parentAgentId");
        let parent = parent.or_else(|| context::first(&context::PARENT).filter(|_| !given));
        if let Some(parent) = parent {
            data.insert("parentAgentId".into(), json!(parent));
        }
        if !self.files.is_empty() {
            data.insert("filesChanged".into(), json!(self.files));
        }
        let mut event = json!({ "type": self.event_type, "data": data });
        if let Some(event) = event.as_object_mut() {
            if let Some(time) = &self.timestamp {
                let millis = serde_json::from_str(time).ok().filter(Value::is_number);
                event.insert("timestamp".into(), millis.unwrap_or_else(|| json!(time)));
            }
            if let Some(id) = &self.event_id {
                event.insert("eventId".into(), json!(id));
            }
        }
        Ok(event.to_string())
    }

    /// Who and where, as the options say.
    pub(crate) fn named(&self) -> Call {
        Call {
            workspace_id: self.workspace.clone(),
            worktree_path: self.worktree.clone(),
            run_id: self.run.clone(),
            origin_workspace_id: self.origin_workspace.clone(),
            session_id: self.session.clone(),
            agent_id: self.agent.clone(),
            traceparent: self.traceparent.clone(),
            actor: self.actor.clone(),
            ..Call::default()
        }
    }

    fn given_data(&self) -> Result<Map<String, Value>> {
        let wrong = |problem: &str| {
            let message =
                format!("--data is a JSON object such as '{{\"branch\":\"main\"}}': {problem} (TT_EVENT_INVALID)");
            Failure::Usage(message)
        };
        let text = match self.data.as_deref() {
            None => return Ok(Map::new()),
            Some("-") => {
                let mut text = String::new();
                let most = MAX_EVENT_BYTES as u64 + 1;
                let read = std::io::stdin().lock().take(most).read_to_string(&mut text);
                read.map_err(|error| wrong(&format!("stdin cannot be read: {error}")))?;
                text
            }
            Some(text) => text.to_owned(),
        };
        match serde_json::from_str(&text) {
            Ok(Value::Object(data)) => Ok(data),
            Ok(_) => Err(wrong("this is another kind of JSON")),
            Err(fault) => Err(wrong(&fault.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_field_has_an_option() {
        for (field, _) in EVENT_TYPES.iter().flat_map(|known| known.fields()) {
            assert!(option_of(&format!("data.{}", field.name)).is_some(), "{}", field.name);
        }
    }
}
