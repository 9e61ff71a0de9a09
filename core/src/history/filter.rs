//! Which items and calls are shown.

use std::borrow::Cow;

use super::row::{CallRow, ItemRow, Nature, PhaseRow, Status};

/// What to show; what is not set lets everything through. Groups show while anything under them does, with the counts of the whole.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// Only this workspace, in a history of more than one.
    pub workspace: Option<String>,
    /// Only this project.
    pub project: Option<u64>,
    /// Only this phase, in every project unless `project` is set.
    pub phase: Option<u64>,
    /// Only these states; empty for all. A call counts as completed or failed.
    pub status: Vec<Status>,
    /// Only what showed a sign of life at or after this time, milliseconds since 1970.
    pub since: Option<i64>,
    /// Only what showed its last sign of life before this time, milliseconds since 1970.
    pub until: Option<i64>,
    /// Only what showed a sign of life within so many milliseconds; moves with the clock.
    pub within_ms: Option<i64>,
    /// Only what this agent worked on.
    pub agent: Option<String>,
    /// Only what has each of these words in its title, id, agent, message, error, result or files; case does not matter.
    pub text: Option<String>,
}

/// Writes a text in lower case, as [`str::to_lowercase`] does.
pub type Lowercase = fn(&str) -> String;

/// A filter made ready for many rows.
#[derive(Debug)]
pub(crate) struct Ready {
    lowercase: Lowercase,
    pub(crate) filter: Filter,
    words: Vec<String>,
    pub(crate) active: bool,
}

impl Ready {
    pub(crate) fn new(mut filter: Filter, lowercase: Lowercase) -> Self {
        for text in [&mut filter.workspace, &mut filter.agent, &mut filter.text] {
            // A field of a form that nobody filled in.
            *text = text.take().filter(|text| !text.trim().is_empty());
        }
        let words: Vec<String> = filter
            .text
            .iter()
            .flat_map(|text| text.split_whitespace())
            .map(|word| lower(word, lowercase).into_owned())
            .collect();
        let active = filter != Filter::default();
        Ready {
            lowercase,
            filter,
            words,
            active,
        }
    }

    pub(crate) fn item(&self, item: &ItemRow, now: i64) -> bool {
        if !self.active {
            return true;
        }
        self.place(&item.workspace_id, Some(item.project), Some(item.phase))
            && self.status(item.status)
            && self.time(item.last_activity_at, now)
            && self.agent(item.agents.iter().map(String::as_str))
            && self.text(|word| {
                [&item.title, &item.item_id]
                    .into_iter()
                    .chain(&item.agents)
                    .chain([&item.message, &item.result].into_iter().flatten())
                    .chain(item.error.iter().map(|error| &error.message))
                    .chain(item.failures.iter().map(|failure| &failure.error.message))
                    .chain(&item.files_changed)
                    .any(|text| self.has(text, word))
            })
    }

    pub(crate) fn call(&self, call: &CallRow, now: i64) -> bool {
        if !self.active {
            return true;
        }
        let status = match call.outcome.as_str() {
            "success" | "unknown" if call.nature == Nature::Call => Status::Completed,
            _ => Status::Failed,
        };
        self.place(&call.workspace_id, call.project, None)
            && self.status(status)
            && self.time(call.at, now)
            && self.agent(call.agent_id.as_deref().into_iter())
            && self.text(|word| {
                self.has(&call.operation, word)
                    || [&call.endpoint, &call.agent_id, &call.actor]
                        .into_iter()
                        .flatten()
                        .any(|text| self.has(text, word))
                    || call.error.as_ref().is_some_and(|error| self.has(&error.message, word))
            })
    }

    /// Whether a phase without any item shows: it does unless the filter asks for something that only items have.
    pub(crate) fn empty_phase(&self, workspace: &str, phase: &PhaseRow, now: i64) -> bool {
        self.words.is_empty()
            && self.filter.agent.is_none()
            && self.place(workspace, Some(phase.project), Some(phase.phase))
            && self.status(phase.status)
            && self.time(phase.last_activity_at, now)
    }

    fn place(&self, workspace: &str, project: Option<u64>, phase: Option<u64>) -> bool {
        let filter = &self.filter;
        filter.workspace.as_deref().is_none_or(|wanted| wanted == workspace)
            && (filter.project.is_none() || filter.project == project)
            && (filter.phase.is_none() || filter.phase == phase)
    }

    fn status(&self, status: Status) -> bool {
        self.filter.status.is_empty() || self.filter.status.contains(&status)
    }

    fn time(&self, at: i64, now: i64) -> bool {
        self.filter.since.is_none_or(|since| at >= since)
            && self.filter.until.is_none_or(|until| at < until)
            && self
                .filter
                .within_ms
                .is_none_or(|within| at >= now.saturating_sub(within))
    }

    fn agent<'a>(&self, mut agents: impl Iterator<Item = &'a str>) -> bool {
        self.filter
            .agent
            .as_deref()
            .is_none_or(|wanted| agents.any(|agent| agent == wanted))
    }

    fn has(&self, text: &str, word: &str) -> bool {
        lower(text, self.lowercase).contains(word)
    }

    fn text(&self, has: impl Fn(&str) -> bool) -> bool {
        self.words.iter().all(|word| has(word))
    }
}

/// Most texts are ASCII, for which no table is needed.
fn lower(text: &str, lowercase: Lowercase) -> Cow<'_, str> {
    if !text.is_ascii() {
        Cow::Owned(lowercase(text))
    } else if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_tables_is_handed_on() {
        let shout: Lowercase = |text| format!("<{text}>");
        for (text, expected) in [("plain", "plain"), ("PLAIN 1", "plain 1"), ("Über", "<Über>"), ("", "")] {
            assert_eq!(lower(text, shout), expected);
        }
        assert_eq!(lower("ÜBER ΟΔΟΣ", str::to_lowercase), "über οδος");
    }
}
