//! Which name in a path, a body or an event's data fills which field of a record.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::MAX_SAFE_INTEGER;

/// Longest id, in bytes; a longer one is no id.
const LONGEST_ID: usize = 256;
/// Longest path of a worktree, in bytes.
const LONGEST_PATH: usize = 4_096;

/// A field that an address, a body or an event's data can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    WorkspaceId,
    OriginWorkspaceId,
    WorktreePath,
    RunId,
    AgentId,
    SessionId,
    TaskId,
    WorkItemId,
    ProjectNumber,
    PhaseNumber,
}

/// The one table, best name first. A name stands for its camelCase, snake_case and kebab-case forms alike.
/// A project's or phase's id counts where it is a number, as in the seed's system.
const NAMES: &[(&str, Field)] = &[
    ("workspaceId", Field::WorkspaceId),
    ("originWorkspaceId", Field::OriginWorkspaceId),
    ("worktreePath", Field::WorktreePath),
    ("runId", Field::RunId),
    ("agentId", Field::AgentId),
    ("sessionId", Field::SessionId),
    ("taskId", Field::TaskId),
    ("workItemId", Field::WorkItemId),
    ("projectNumber", Field::ProjectNumber),
    ("projectId", Field::ProjectNumber),
    ("phaseNumber", Field::PhaseNumber),
    ("phaseId", Field::PhaseNumber),
];

/// Names that say which one was acted on, by the kind of thing, best first. For any other kind it is the kind's own id: `widgetId`.
const TARGETS: &[(&str, &[&str])] = &[
    ("task", &["taskId", "workItemId"]),
    ("phase", &["phaseNumber", "phaseId"]),
    ("project", &["projectNumber", "projectId"]),
    ("issue", &["issueNumber", "issueId"]),
    ("worktree", &["worktreeId", "worktreePath"]),
    ("orchestration", &["runId"]),
];

/// What an address, a body or an event's data says about whose and what a record is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// Task of the host.
    pub task_id: Option<String>,
    /// Session of the host.
    pub session_id: Option<String>,
    /// Project, 0 to 2^53-1.
    pub project_number: Option<u64>,
    /// Phase within the project, 0 to 2^53-1.
    pub phase_number: Option<u64>,
    /// Work item within the phase.
    pub work_item_id: Option<String>,
    /// Workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<String>,
    /// Workspace that launched the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_workspace_id: Option<String>,
    /// Git worktree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worktree_path: Option<String>,
    /// Orchestration run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// Agent on whose behalf it was done; only an event says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
}

enum Slot<'a> {
    Text(&'a mut Option<String>),
    Number(&'a mut Option<u64>),
}

impl Named {
    fn slot(&mut self, field: Field) -> Slot<'_> {
        match field {
            Field::WorkspaceId => Slot::Text(&mut self.workspace_id),
            Field::OriginWorkspaceId => Slot::Text(&mut self.origin_workspace_id),
            Field::WorktreePath => Slot::Text(&mut self.worktree_path),
            Field::RunId => Slot::Text(&mut self.run_id),
            Field::AgentId => Slot::Text(&mut self.agent_id),
            Field::SessionId => Slot::Text(&mut self.session_id),
            Field::TaskId => Slot::Text(&mut self.task_id),
            Field::WorkItemId => Slot::Text(&mut self.work_item_id),
            Field::ProjectNumber => Slot::Number(&mut self.project_number),
            Field::PhaseNumber => Slot::Number(&mut self.phase_number),
        }
    }

    /// Fills a field that is still empty; a value of the wrong type or out of range changes nothing.
    pub(super) fn offer(&mut self, field: Field, value: &Said<'_>) {
        match self.slot(field) {
            Slot::Text(slot) if slot.is_none() => *slot = value.text(field),
            Slot::Number(slot) if slot.is_none() => *slot = value.number(),
            Slot::Text(_) | Slot::Number(_) => {}
        }
    }

    /// Fills a field, whatever was in it; a value of the wrong type or out of range changes nothing.
    pub(super) fn prefer(&mut self, field: Field, value: &Said<'_>) -> bool {
        let mut one = Named::default();
        one.offer(field, value);
        let is_taken = one != Named::default();
        if is_taken {
            one.complete(std::mem::take(self));
            *self = one;
        }
        is_taken
    }

    /// Fills from `other` what is still empty.
    pub(super) fn complete(&mut self, mut other: Named) {
        for (_, field) in NAMES {
            let value = match other.slot(*field) {
                Slot::Text(slot) => slot.take().map(|text| Said::Text(text.into())),
                Slot::Number(slot) => slot.take().map(Said::Number),
            };
            if let Some(value) = value {
                self.offer(*field, &value);
            }
        }
    }

    /// Whether an entry of an event's data says no more than what is in a field already.
    #[cfg(feature = "recorder")]
    pub(crate) fn repeats(&self, name: &str, value: &Value) -> bool {
        let Some((_, field)) = rank(name) else { return false };
        let mut again = self.clone();
        value.is_null() || Said::of(value).is_some_and(|said| again.prefer(field, &said)) && again == *self
    }
}

/// What a body or an event's data says, with the id of the thing that was acted on.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) named: Named,
    pub(crate) target_id: Option<String>,
}

impl Context {
    /// Of an event's data.
    #[cfg(feature = "recorder")]
    pub(crate) fn of_data(data: &serde_json::Map<String, Value>, kind: Option<&str>) -> Self {
        let mut found = Collector::new(kind);
        for (name, value) in data {
            found.take(name, value);
        }
        found.finish()
    }

    /// Of the top level of a body, which is JSON text; of its `data` too where `with_data`, as the body of an event's call has it.
    /// What cannot be read says nothing.
    pub(crate) fn of_body(json: &str, kind: Option<&str>, with_data: bool) -> Self {
        let mut found = Collector::new(kind);
        let mut nested = with_data.then(|| Collector::new(kind));
        let top = Top {
            found: &mut found,
            data: nested.as_mut(),
        };
        // A fault ends the reading; what stood before it counts.
        let _ = serde_json::Deserializer::from_str(json).deserialize_any(top);
        let mut context = found.finish();
        // An agent is believed in an event, not in what anybody may send.
        context.named.agent_id = None;
        if let Some(nested) = nested {
            let Context { mut named, target_id } = nested.finish();
            named.agent_id = None;
            context.named.complete(named);
            context.target_id = context.target_id.or(target_id);
        }
        context
    }
}

/// The field that a name fills, and how good a name it is for that: less is better.
fn rank(name: &str) -> Option<(usize, Field)> {
    let at = NAMES.iter().position(|(known, _)| is_same_name(known, name))?;
    NAMES.get(at).map(|(_, field)| (at, *field))
}

/// The field that a parameter of a path fills: `taskId`, `task_id`, `task`.
pub(super) fn field_of_parameter(name: &str) -> Option<Field> {
    let is_known = |known: &str| {
        is_same_name(known, name) || known.strip_suffix("Id").is_some_and(|stem| is_same_name(stem, name))
    };
    let found = NAMES.iter().find(|(known, _)| is_known(known)).map(|(_, field)| *field);
    // Acting on an agent is not acting on its behalf.
    found.filter(|field| *field != Field::AgentId)
}

/// The field that a rule calls by its exact name, which is its best one.
pub(super) fn field_of_rule(name: &str) -> Option<Field> {
    let at = NAMES.iter().position(|(known, _)| *known == name)?;
    let (_, field) = NAMES.get(at)?;
    let is_best = NAMES.iter().position(|(_, other)| other == field) == Some(at);
    (is_best && *field != Field::AgentId).then_some(*field)
}

/// Names that a rule may give to parameters, for its error message.
pub(super) const RULE_FIELDS: &str = "taskId, sessionId, projectNumber, phaseNumber, workItemId, workspaceId, originWorkspaceId, worktreePath, runId, targetId";

/// Whether two names are one but for case, `_` and `-`.
pub(super) fn is_same_name(one: &str, other: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> {
        name.bytes()
            .filter(|byte| !matches!(byte, b'_' | b'-'))
            .map(|byte| byte.to_ascii_lowercase())
    }
    other.len() <= 2 * one.len() && letters(one).eq(letters(other))
}

/// Whether a parameter is named after a kind: `widgetId`, `widget_id`, `widget`.
pub(super) fn is_parameter_of(name: &str, kind: &str) -> bool {
    is_same_name(kind, named_by_id(name).unwrap_or(name))
}

/// Whose id or number it is, by its name: `widget` of `widgetId` and `widget_number`.
fn named_by_id(name: &str) -> Option<&str> {
    let mut ends = ["Id", "_id", "-id", "ID", "Number", "_number"].into_iter();
    ends.find_map(|end| name.strip_suffix(end))
}

/// A value as it was said.
#[derive(Debug)]
pub(super) enum Said<'a> {
    Text(Cow<'a, str>),
    Number(u64),
    Negative(i64),
}

impl<'a> Said<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Said::Text(Cow::Borrowed(text))),
            Value::Number(number) => number
                .as_u64()
                .map(Said::Number)
                .or_else(|| number.as_i64().map(Said::Negative)),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn text(&self, field: Field) -> Option<String> {
        self.id(if field == Field::WorktreePath {
            LONGEST_PATH
        } else {
            LONGEST_ID
        })
    }

    /// As text, unless it is empty or longer than so many bytes.
    fn id(&self, longest: usize) -> Option<String> {
        match self {
            Said::Text(text) => (!text.is_empty() && text.len() <= longest).then(|| text.clone().into_owned()),
            Said::Number(number) => Some(number.to_string()),
            Said::Negative(number) => Some(number.to_string()),
        }
    }

    /// The id of a thing that was acted on.
    pub(super) fn target(&self) -> Option<String> {
        self.id(LONGEST_ID)
    }

    fn number(&self) -> Option<u64> {
        let number = match self {
            Said::Number(number) => *number,
            Said::Text(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().ok()?
            }
            Said::Text(_) | Said::Negative(_) => return None,
        };
        (number <= MAX_SAFE_INTEGER).then_some(number)
    }
}

/// Gathers, for each field, the value under its best name.
struct Collector<'k> {
    kind: Option<&'k str>,
    named: Named,
    ranks: [usize; NAMES.len()],
    target: Option<(usize, String)>,
}

impl<'k> Collector<'k> {
    fn new(kind: Option<&'k str>) -> Self {
        Collector {
            kind,
            named: Named::default(),
            ranks: [usize::MAX; NAMES.len()],
            target: None,
        }
    }

    fn knows(&self, name: &str) -> bool {
        rank(name).is_some() || self.target_rank(name).is_some()
    }

    fn take(&mut self, name: &str, value: &Value) {
        let Some(said) = Said::of(value) else { return };
        if let Some((rank, field)) = rank(name)
            && let Some(best) = self.ranks.get_mut(field as usize)
            && rank < *best
            && self.named.prefer(field, &said)
        {
            *best = rank;
        }
        if let Some(rank) = self.target_rank(name)
            && self.target.as_ref().is_none_or(|(best, _)| rank < *best)
            && let Some(id) = said.target()
        {
            self.target = Some((rank, id));
        }
    }

    fn target_rank(&self, name: &str) -> Option<usize> {
        let kind = self.kind?;
        match TARGETS.iter().find(|(known, _)| *known == kind) {
            Some((_, names)) => names.iter().position(|known| is_same_name(known, name)),
            None => is_same_name(kind, named_by_id(name)?).then_some(0),
        }
    }

    fn finish(self) -> Context {
        Context {
            named: self.named,
            target_id: self.target.map(|(_, id)| id),
        }
    }
}

/// Reads the top level of a JSON object, and of its `data` where that is wanted.
struct Top<'c, 'k> {
    found: &'c mut Collector<'k>,
    data: Option<&'c mut Collector<'k>>,
}

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        #[derive(Deserialize)]
        struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
        while let Some(Name(name)) = map.next_key()? {
            if name == "data"
                && let Some(data) = self.data.as_deref_mut()
            {
                if let Value::Object(entries) = map.next_value()? {
                    for (name, value) in &entries {
                        data.take(name, value);
                    }
                }
            } else if self.found.knows(&name) {
                self.found.take(&name, &map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_table_reads_paths_bodies_and_event_data() {
        for (name, field) in NAMES {
            let snake: String = name
                .chars()
                .flat_map(|c| {
                    if c.is_ascii_uppercase() {
                        vec!['_', c.to_ascii_lowercase()]
                    } else {
                        vec![c]
                    }
                })
                .collect();
            let expected = if matches!(field, Field::ProjectNumber | Field::PhaseNumber) {
                json!(7)
            } else {
                json!("7")
            };
            for spelled in [name.to_string(), snake.clone(), snake.replace('_', "-")] {
                let data = json!({ &spelled: "7" });
                let of = |context: Context| {
                    let fields = serde_json::to_value(context.named).unwrap();
                    let said: Vec<_> = fields
                        .as_object()
                        .unwrap()
                        .values()
                        .filter(|value| !value.is_null())
                        .cloned()
                        .collect();
                    said
                };
                #[cfg(feature = "recorder")]
                assert_eq!(
                    of(Context::of_data(data.as_object().unwrap(), None)),
                    std::slice::from_ref(&expected),
                    "{spelled}"
                );
                let is_agent = *field == Field::AgentId;
                let in_body = if is_agent { vec![] } else { vec![expected.clone()] };
                assert_eq!(
                    of(Context::of_body(&data.to_string(), None, false)),
                    in_body,
                    "{spelled}"
                );
                assert_eq!(
                    of(Context::of_body(&json!({ "data": data }).to_string(), None, true)),
                    in_body,
                    "{spelled}"
                );
                assert_eq!(
                    field_of_parameter(&spelled),
                    Some(*field).filter(|_| !is_agent),
                    "{spelled}"
                );
            }
        }
        assert_eq!(field_of_parameter("task"), Some(Field::TaskId));
        assert_eq!(field_of_parameter("work_item"), Some(Field::WorkItemId));
        assert_eq!(field_of_parameter("id"), None);
    }

    #[test]
    fn what_is_of_the_wrong_type_or_out_of_range_is_ignored() {
        let of = |body: &str| Context::of_body(body, None, true).named;
        for body in [
            "",
            "null",
            "[{\"taskId\":1}]",
            "\"taskId\"",
            r#"{"taskId":{},"sessionId":[],"projectNumber":-1,"phaseNumber":1.5}"#,
            r#"{"taskId":true,"sessionId":null,"projectNumber":9007199254740992,"phaseNumber":"1e3"}"#,
            r#"{"taskId":"","projectNumber":"","phaseNumber":" 7","data":[1]}"#,
            r#"{"projectId":"PVT_x","phaseNumber":"+7","data":{"data":{"taskId":"deep"}}}"#,
            &format!(r#"{{"taskId":"{}"}}"#, "x".repeat(257)),
        ] {
            assert_eq!(of(body), Named::default(), "{body}");
        }
        assert_eq!(of(r#"{"taskId":-7}"#).task_id.as_deref(), Some("-7"));
        assert_eq!(
            of(r#"{"projectNumber":"9007199254740991"}"#).project_number,
            Some(MAX_SAFE_INTEGER)
        );
    }

    #[test]
    fn the_best_name_wins_wherever_it_stands_and_a_fault_keeps_what_was_read() {
        let of = |body: &str| Context::of_body(body, None, false).named;
        assert_eq!(of(r#"{"projectId":1,"projectNumber":2}"#).project_number, Some(2));
        assert_eq!(of(r#"{"projectNumber":2,"projectId":1}"#).project_number, Some(2));
        assert_eq!(of(r#"{"projectId":1,"projectNumber":"x"}"#).project_number, Some(1));
        assert_eq!(of(r#"{"taskId":"t","x":[1,"#).task_id.as_deref(), Some("t"));
        let deep = format!(r#"{{"taskId":"t","x":{}"#, "[".repeat(100_000));
        assert_eq!(of(&deep).task_id.as_deref(), Some("t"));
    }

    #[test]
    fn the_target_is_known_by_its_kinds_own_name() {
        let of = |kind: &str, body: &str| Context::of_body(body, Some(kind), false).target_id;
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(of("widget", r#"{"id":1,"widget":2,"widgetId":3}"#), text("3"));
        assert_eq!(of("work_item", r#"{"workItemId":"1.2"}"#), text("1.2"));
        assert_eq!(of("a_b_c_d_e", r#"{"aBCDEId":"f"}"#), text("f"));
        assert_eq!(of("invoice", r#"{"invoice_number":"2024-7"}"#), text("2024-7"));
        assert_eq!(of("task", r#"{"workItemId":"1.2","taskId":"t"}"#), text("t"));
        assert_eq!(of("task", r#"{"workItemId":"1.2"}"#), text("1.2"));
        assert_eq!(of("project", r#"{"projectNumber":42}"#), text("42"));
        assert_eq!(of("issue", r#"{"issueNumber":17,"projectNumber":42}"#), text("17"));
    }

    #[cfg(feature = "recorder")]
    #[test]
    fn only_what_a_field_already_says_is_a_repetition() {
        let data = json!({ "projectNumber": 42, "projectId": "PVT_x", "project_number": "42", "taskId": null, "runId": "r", "note": "r" });
        let named = Context::of_data(data.as_object().unwrap(), None).named;
        let kept: Vec<_> = data
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, value)| !named.repeats(name, value))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(kept, ["note", "projectId"]);
    }
}
