//! What a call did by REST custom, where no rule says it.
//!
//! Segments are words or values (see [`super::words`]). A word behind the name of a collection is a member's name, and so a value too,
//! unless a POST ends with it. Then:
//!
//! | call | type | target |
//! | --- | --- | --- |
//! | `POST /widgets`, `/projects/7/widgets` | `widget.created` | `widget` |
//! | `PUT`, `PATCH /widgets/7` | `widget.updated` | `widget` 7 |
//! | `DELETE /widgets/7`, `/widgets` | `widget.deleted` | `widget` 7, `widget` |
//! | `POST /widgets/7/publish`, `/widgets/blue/publish` | `widget.publish` | `widget` 7 |
//! | `POST /widgets/import`, `/auth/login` | `widget.import`, `auth.login` | `widget`, `auth` |
//! | `PUT`, `PATCH /widgets/7/status` | `widget.updated`: a property is a part of its owner | `widget` 7 |
//! | `DELETE /users/7/avatar` | `avatar.deleted`: the owner is not deleted | `avatar` 7, its owner's id |
//! | `POST /`, `/7` | `resource.created` | |

use super::fields::{Said, field_of_parameter};
use super::path::Segment;
use super::table::field_of_word;
use super::values::Values;
use super::{Operation, words};

/// The kind of a thing whose address has no word.
const NAMELESS: &str = "resource";

/// A segment by its part in the sentence.
#[derive(Clone, Copy)]
enum Part<'a> {
    Word(&'a str),
    Value,
}

impl<'a> Part<'a> {
    fn word(self) -> Option<&'a str> {
        match self {
            Part::Word(word) => Some(word),
            Part::Value => None,
        }
    }
}

/// Names what a call did from the shape of its address.
pub(super) fn infer(method: &str, values: &Values<'_>) -> Operation {
    let is_post = method.eq_ignore_ascii_case("POST");
    let is_delete = method.eq_ignore_ascii_case("DELETE");
    let verb = match (is_post, is_delete) {
        (true, _) => "created",
        (_, true) => "deleted",
        _ => "updated",
    };
    let shape = values.shape();
    let (start, len) = (shape.start(), shape.len());
    let mut operation = Operation::default();
    // The last two words, the places behind them, and whether the last is the last of all.
    let mut owner: Option<(usize, &str)> = None;
    let mut noun: Option<(usize, &str)> = None;
    let mut before = Part::Value;
    for at in start..len {
        let is_last = at + 1 == len;
        let part = match shape.segment(at) {
            Some(Segment::Text(text)) if words::is_word(text) => {
                let is_member =
                    before.word().is_some_and(words::is_plural) && !(is_last && is_post) && !words::is_plural(text);
                if is_member { Part::Value } else { Part::Word(text) }
            }
            _ => Part::Value,
        };
        before = part;
        match part {
            Part::Word(word) => owner = noun.replace((at, word)),
            Part::Value => name_fields(&mut operation, at, noun, values),
        }
    }
    let Some((at, word)) = noun else {
        operation.operation_type = type_of(NAMELESS, verb);
        return operation;
    };
    // The last value behind a word, before the next one.
    let value_behind = |noun: usize, end: usize| {
        (noun + 1 < end)
            .then(|| values.at(end - 1))
            .flatten()
            .and_then(|value| Said::Text(value).target())
    };
    let ends_in_word = at + 1 == len;
    match owner {
        Some((owner_at, owner)) if ends_in_word && !words::is_plural(word) => {
            let is_of_item = owner_at + 1 < at;
            let id = value_behind(owner_at, at);
            let mut kind = singular(owner);
            if is_post {
                // `audit.gap` and its like are what the trail says of itself.
                if kind == "audit" {
                    kind.push('s');
                }
                let mut action = String::new();
                words::push(&mut action, word);
                operation.operation_type = type_of(&kind, &action);
                operation.target_type = Some(kind);
                operation.target_id = id;
            } else {
                if is_delete || !is_of_item {
                    kind = singular(word);
                }
                operation.operation_type = type_of(&kind, verb);
                operation.target_type = Some(kind);
                operation.target_id = id;
            }
        }
        _ => {
            let kind = singular(word);
            operation.operation_type = type_of(&kind, verb);
            operation.target_type = Some(kind);
            operation.target_id = value_behind(at, len);
        }
    }
    operation
}

/// Fills fields from a value, by the name of its parameter and by the word before it: `/projects/42` is a project's number.
fn name_fields(operation: &mut Operation, at: usize, noun: Option<(usize, &str)>, values: &Values<'_>) {
    let Some(value) = values.at(at) else { return };
    let value = Said::Text(value);
    if let Some(Segment::Parameter(name)) = values.shape().segment(at)
        && let Some(field) = field_of_parameter(name)
    {
        operation.named.prefer(field, &value);
    } else if let Some((_, noun)) = noun
        && let Some(field) = field_of_word(noun)
    {
        operation.named.prefer(field, &value);
    }
}

fn singular(word: &str) -> String {
    let mut singular = String::new();
    words::push_singular(&mut singular, word);
    singular
}

fn type_of(kind: &str, verb: &str) -> String {
    let mut name = String::with_capacity(kind.len() + 1 + verb.len());
    name.push_str(kind);
    name.push('.');
    name.push_str(verb);
    name
}

#[cfg(test)]
mod tests {
    use super::super::classify;

    #[test]
    fn rest_custom_names_what_no_rule_does() {
        for (call, expected, target) in [
            ("POST /widgets", "widget.created", "widget"),
            ("POST /widgets/", "widget.created", "widget"),
            ("PUT /widgets/7", "widget.updated", "widget 7"),
            ("PATCH /widgets/7", "widget.updated", "widget 7"),
            ("DELETE /widgets/7", "widget.deleted", "widget 7"),
            ("DELETE /widgets", "widget.deleted", "widget"),
            ("PUT /widgets", "widget.updated", "widget"),
            ("POST /widgets/7", "widget.created", "widget 7"),
            ("DELETE /categories/7", "category.deleted", "category 7"),
            (
                "DELETE /boxes/507f1f77bcf86cd799439011",
                "box.deleted",
                "box 507f1f77bcf86cd799439011",
            ),
            (
                "POST /widgets/550e8400-e29b-41d4-a716-446655440000/publish",
                "widget.publish",
                "widget 550e8400-e29b-41d4-a716-446655440000",
            ),
            ("POST /widgets/01ARZ3NDEKTSV4RRFFQ69G5FAV/parts", "part.created", "part"),
            ("PUT /widgets/7/parts/8", "part.updated", "part 8"),
            ("POST /projects/7/widgets", "widget.created", "widget"),
            ("POST /orgs/1/teams/2/members/3/roles", "role.created", "role"),
            ("POST /orgs/1/teams/2/members/3/suspend", "member.suspend", "member 3"),
            // What stands behind a collection is a member of it, whatever it is called.
            ("PUT /users/me", "user.updated", "user me"),
            ("DELETE /users/alice", "user.deleted", "user alice"),
            ("POST /users/alice/suspend", "user.suspend", "user alice"),
            ("PUT /settings/profile", "setting.updated", "setting profile"),
            ("POST /admins/widgets", "widget.created", "widget"),
            // Actions
            ("POST /widgets/publish", "widget.publish", "widget"),
            ("POST /widgets/bulk-import", "widget.bulk_import", "widget"),
            ("POST /auth/login", "auth.login", "auth"),
            ("POST /api/v1/oauth2/token", "oauth2.token", "oauth2"),
            ("POST /log-in", "log_in.created", "log_in"),
            ("POST /users/7/2fa", "user.two_factor", "user 7"),
            ("POST /audit/gap", "audits.gap", "audits"),
            // Properties
            ("PUT /widgets/7/status", "widget.updated", "widget 7"),
            ("PATCH /widgets/7/status", "widget.updated", "widget 7"),
            ("DELETE /users/7/avatar", "avatar.deleted", "avatar 7"),
            ("PUT /auth/password", "password.updated", "password"),
            ("PUT /users/7/addresses", "address.updated", "address"),
            // Nothing to go by
            ("POST /", "resource.created", ""),
            ("POST /api", "api.created", "api"),
            ("POST /12345", "resource.created", ""),
            ("PURGE /caf%C3%A9", "resource.updated", ""),
            ("POST /github/repos/acme/rocket7/hooks", "hook.created", "hook"),
            ("PUT /files/2024/7", "file.updated", "file 7"),
        ] {
            let (method, path) = call.split_once(' ').unwrap();
            let operation = classify(method, path, None);
            let kind = operation.target_type.unwrap_or_default();
            let id = operation.target_id.map(|id| format!(" {id}")).unwrap_or_default();
            assert_eq!(
                (operation.operation_type.as_str(), format!("{kind}{id}").as_str()),
                (expected, target),
                "{call}"
            );
        }
    }

    #[test]
    fn values_fill_the_fields_that_their_words_name() {
        let named = classify(
            "POST",
            "/projects/42/phases/3/work-items/1.2/sessions/s-1/runs/r-9/comments",
            None,
        )
        .named;
        assert_eq!((named.project_number, named.phase_number), (Some(42), Some(3)));
        assert_eq!(named.work_item_id.as_deref(), Some("1.2"));
        assert_eq!(
            (named.session_id.as_deref(), named.run_id.as_deref()),
            (Some("s-1"), Some("r-9"))
        );
        assert_eq!(classify("POST", "/agents/a-1/pause", None).named, Default::default());
    }

    #[test]
    fn a_template_tells_ids_that_look_like_words() {
        let operation = classify("POST", "/api/shelf/blue/publish", Some("/api/shelf/:name/publish"));
        assert_eq!(operation.operation_type, "shelf.publish");
        assert_eq!(operation.target_id.as_deref(), Some("blue"));
        let operation = classify("PUT", "/api/store/blue/red", Some("/api/store/:projectNumber/:task_id"));
        assert_eq!(operation.operation_type, "store.updated");
        assert_eq!(
            (operation.named.task_id.as_deref(), operation.named.project_number),
            (Some("red"), None)
        );
    }
}
