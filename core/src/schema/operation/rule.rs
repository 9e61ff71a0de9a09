//! A host's rule: which calls it is for, and what it says of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::schema::Level;

/// A rule for calls of one route: what they do, whose fields their parameters fill, and how much of them is kept. Rules are asked in
/// order, before those for the routes of the seed's system; the first that says a thing decides it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OperationRule {
    /// Its methods, `"POST PUT"` or `["POST", "PUT"]`; all when absent.
    #[serde(default, deserialize_with = "methods", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(type = "string | Array<string>", optional))]
    pub methods: Option<Vec<String>>,
    /// Its path, as a template: `/widgets/:id/publish`, `/widgets/{id}/publish`, `/internal/*`. It also matches behind a prefix
    /// such as `/api/v1`. The case of letters does not matter. At most 24 segments and 1,024 bytes.
    pub path: String,
    /// What such a call does: two lower-case words with a dot, `widget.published`, at most 128 bytes. Without it later rules say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Kind of thing acted on; the first word of `operation` when absent. Which one is the value of the parameter that is named
    /// after it (`:widget`, `:widgetId`), stands behind it (`/widgets/:id`), or is the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Fields of the record that parameters fill, by field: `{ "taskId": "id" }`; `targetId` is the target's. Parameters that are named like a field, or stand
    /// behind its word (`/tasks/:id`), fill it anyway.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, string>", optional))]
    pub fields: BTreeMap<String, String>,
    /// How much of such a call is kept. Without it later rules say so; `summary` when none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
}

/// One text with spaces, or a list of texts.
fn methods<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    struct Methods;

    impl<'de> Visitor<'de> for Methods {
        type Value = Option<Vec<String>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text such as \"POST PUT\", or a list of methods")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.split_whitespace().map(str::to_owned).collect()))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut methods = Vec::new();
            while let Some(method) = list.next_element()? {
                methods.push(method);
            }
            Ok(Some(methods))
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }

    deserializer.deserialize_any(Methods)
}
