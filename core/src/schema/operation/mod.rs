//! Operation types: what a call did, from its method and its route or path.
//!
//! [`OperationTable`] is asked: a host's [`OperationRule`]s first, then the routes of the seed's system (`shipped`), and what no rule names
//! is named by REST custom (`infer`). `fields` is the one table of the names that fill a record's fields, in paths, bodies and event data.

mod check;
mod fields;
mod infer;
mod path;
mod rule;
mod shipped;
mod table;
mod tree;
mod values;
mod words;

use serde::Serialize;

use super::Level;

pub(crate) use fields::Context;
pub use fields::Named;
pub use rule::OperationRule;
pub use table::OperationTable;

/// What a call did and to what, as far as its address tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// `task.started`, `widget.created`: two lower-case words with a dot, at most 128 bytes.
    pub operation_type: String,
    /// Kind of thing acted on: `task`.
    pub target_type: Option<String>,
    /// Which one, at most 256 bytes.
    pub target_id: Option<String>,
    /// Whose it is, as far as its address says so.
    #[serde(flatten)]
    pub named: Named,
    /// How much of it a rule wants kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The body is an event: what its `data` says counts too.
    #[serde(skip)]
    pub(crate) with_data: bool,
}

impl Operation {
    /// Fills what the address did not say from a body, which is JSON text.
    pub(crate) fn complete_from_body(&mut self, json: &str) {
        let body = Context::of_body(json, self.target_type.as_deref(), self.with_data);
        self.named.complete(body.named);
        self.target_id = self.target_id.take().or(body.target_id);
    }
}

/// Names what a call did, for a host without rules of its own; see [`OperationTable::classify`].
pub fn classify(method: &str, path: &str, route: Option<&str>) -> Operation {
    OperationTable::shipped().classify(method, path, route)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_type(text: &str) -> bool {
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        };
        text.len() <= 128 && text.split('.').count() == 2 && text.split('.').all(is_name)
    }

    #[test]
    fn a_path_is_read_with_and_without_prefix_query_and_stray_slashes() {
        for path in [
            "/tasks/t1/start",
            "/api/tasks/t1/start",
            "/API/Tasks/t1/START",
            "/api/v1/tasks/t1/start?x=1",
            "/v2/tasks/t1/start#x",
            "/rest/api/tasks/t1/start",
            "//api//tasks/t1/start/",
            "tasks/t1/start",
        ] {
            let operation = classify("POST", path, None);
            assert_eq!(operation.operation_type, "task.started", "{path}");
            assert_eq!(operation.named.task_id.as_deref(), Some("t1"), "{path}");
            assert_eq!(
                (operation.target_type.as_deref(), operation.target_id.as_deref()),
                (Some("task"), Some("t1"))
            );
        }
    }

    #[test]
    fn values_are_decoded_and_bounded() {
        let session = |path: &str| classify("POST", path, None).named.session_id;
        assert_eq!(session("/api/sessions/a%20b%2Fc/heartbeat").as_deref(), Some("a b/c"));
        assert_eq!(
            session("/api/sessions/%ff%zz/heartbeat").as_deref(),
            Some("\u{fffd}%zz")
        );
        assert_eq!(session(&format!("/sessions/{}/heartbeat", "x".repeat(257))), None);
        let project = |id: &str| {
            classify("POST", &format!("/api/github/projects/{id}/issues"), None)
                .named
                .project_number
        };
        assert_eq!(project("42"), Some(42));
        assert_eq!(project("007"), Some(7));
        for id in [
            "PVT_kwDO",
            "+7",
            "-7",
            "4.2",
            "9007199254740992",
            "99999999999999999999",
        ] {
            assert_eq!(project(id), None, "{id}");
        }
    }

    #[test]
    fn a_body_completes_what_the_address_says() {
        let mut operation = classify("POST", "/tasks/t1/start", None);
        operation.complete_from_body(
            r#"{"taskId":"t2","session_id":"s","projectId":"42","phase-number":"3","work_item_id":1.5}"#,
        );
        let named = &operation.named;
        assert_eq!(
            (named.task_id.as_deref(), named.session_id.as_deref()),
            (Some("t1"), Some("s"))
        );
        assert_eq!((named.project_number, named.phase_number), (Some(42), Some(3)));
        assert_eq!(
            (named.work_item_id.as_deref(), operation.target_id.as_deref()),
            (None, Some("t1"))
        );
        let mut created = classify("POST", "/widgets", None);
        created.complete_from_body(r#"{"widget_id":7,"data":{"taskId":"t"}}"#);
        assert_eq!((created.target_id.as_deref(), created.named.task_id), (Some("7"), None));
    }

    #[test]
    fn the_body_of_an_events_call_is_read_with_its_data() {
        let mut operation = classify("POST", "/api/events/project", None);
        assert_eq!(operation.operation_type, "event.posted");
        operation.complete_from_body(
            r#"{"type":"task.exploded","data":{"projectNumber":42,"phaseNumber":1,"workItemId":"1.2","workspaceId":"ws","agentId":"a"}}"#,
        );
        let named = operation.named;
        assert_eq!((named.project_number, named.phase_number), (Some(42), Some(1)));
        assert_eq!(
            (
                named.work_item_id.as_deref(),
                named.workspace_id.as_deref(),
                named.agent_id
            ),
            (Some("1.2"), Some("ws"), None)
        );
    }

    #[test]
    fn huge_addresses_cost_no_more_than_what_is_read_of_them() {
        let long = "x".repeat(10_000_000);
        for path in [
            long.clone(),
            format!("/{long}/publish"),
            "/a".repeat(5_000_000),
            "/".repeat(10_000_000),
            format!("/widgets?{long}"),
        ] {
            let start = std::time::Instant::now();
            for _ in 0..100 {
                assert!(is_type(&classify("POST", &path, Some(&path)).operation_type));
            }
            assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
        }
    }

    /// Ids as machines make them.
    fn ids() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9]{1,19}",
            "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
            "[0-9A-F]{8}-[0-9A-F]{4}-[1-8][0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}",
            "[0-7][0-9A-HJKMNP-TV-Z]{25}",
            "[0-9a-f]{24}",
            "[0-9a-f]{32}",
            "[0-9a-f]{40}",
            "[0-9A-F]{64}",
            "[A-Za-z0-9_-]{20}[0-9]",
            "c[a-z0-9]{24}",
            "[a-z]{3,8}-[0-9]{1,6}",
            "[a-z]{2,5}_[A-Za-z0-9]{8,20}[0-9]",
            "[a-z]{1,8}@[a-z]{1,8}\\.(org|com)",
            "[a-z]{1,8}%40[a-z]{1,8}",
            "[a-z]{1,6}(é|ß|日|🦀)[a-z]{0,6}",
        ]
    }

    fn words() -> impl Strategy<Value = String> {
        prop_oneof![
            "(widgets|parts|publish|admin|status|people|log-in|workItems|tasks|projects|github|api|v1)",
            "[g-z]{3,9}",
        ]
    }

    proptest! {
        #[test]
        fn no_id_is_ever_in_a_type(
            segments in prop::collection::vec((words(), prop::option::of(ids())), 0..6),
            method in "(POST|PUT|PATCH|DELETE|get|)",
        ) {
            let mut path = String::new();
            for (word, id) in &segments {
                path.push('/');
                path.push_str(word);
                if let Some(id) = id {
                    path.push('/');
                    path.push_str(id);
                }
            }
            let name = classify(&method, &path, None).operation_type;
            prop_assert!(is_type(&name), "{path}: {name}");
            for id in segments.iter().filter_map(|(_, id)| id.as_ref()) {
                let spelled: String = id.to_ascii_lowercase().replace('-', "_");
                for half in name.split('.') {
                    prop_assert!(half != spelled && !(spelled.len() >= 8 && half.contains(&spelled)), "{path}: {name}");
                }
                prop_assert!(!id.bytes().any(|b| b.is_ascii_digit()) || !name.bytes().any(|b| b.is_ascii_digit()), "{path}: {name}");
            }
        }

        #[test]
        fn any_input_has_a_well_formed_type(
            method in ".{0,12}",
            path in prop_oneof![".{0,300}", "[/a-zA-Z0-9:{}*_.%-]{0,300}", "(/[a-zA-Z_-]{1,60}){0,40}"],
            route in prop::option::of(prop_oneof![".{0,100}", "(/(:?[a-z]{1,8}|\\*|\\{[a-z]{1,4}\\})){0,8}"]),
            body in prop_oneof![".{0,200}", r#"\{("(taskId|projectNumber|data|x)":(1|"2"|\{|\[|null|-1|1e400),?){0,5}\}?"#],
        ) {
            let mut operation = classify(&method, &path, route.as_deref());
            operation.complete_from_body(&body);
            prop_assert!(is_type(&operation.operation_type), "{}", operation.operation_type);
            prop_assert!(operation.target_type.is_none_or(|kind| kind.len() <= 64));
            prop_assert!(operation.target_id.is_none_or(|id| !id.is_empty() && id.len() <= 256));
        }
    }
}
