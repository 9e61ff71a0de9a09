//! What a subscriber wants to hear of, and from where.

use serde::Deserialize;

use crate::error::{Code, Error, Result};

/// What a subscriber wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One workspace: its own records and those of runs that it launched.
    Workspace(String),
    /// One project.
    Project(u64),
    /// Everything.
    All,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScopeJson {
    workspace_id: Option<String>,
    project_number: Option<u64>,
}

impl Scope {
    /// One workspace.
    pub fn workspace(id: impl Into<String>) -> Self {
        Scope::Workspace(id.into())
    }

    /// Name of the scope's room: `workspace:ws_…`, `project:42`, `all`.
    pub fn room(&self) -> String {
        match self {
            Scope::Workspace(id) => format!("workspace:{id}"),
            Scope::Project(number) => format!("project:{number}"),
            Scope::All => "all".to_owned(),
        }
    }

    /// Reads `{"workspaceId": "…"}`, `{"projectNumber": 42}` or `{}`.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`] naming the field.
    pub fn from_json(text: &str) -> Result<Self> {
        let scope: ScopeJson = crate::error::from_json(text, Code::OptionsInvalid, "not a scope")?;
        match (scope.workspace_id, scope.project_number) {
            (Some(id), None) if !id.is_empty() => Ok(Scope::Workspace(id)),
            (None, Some(number)) => Ok(Scope::Project(number)),
            (None, None) => Ok(Scope::All),
            (Some(_), None) => {
                Err(Error::new(Code::OptionsInvalid, "`workspaceId` must not be empty").with_field("workspaceId"))
            }
            (Some(_), Some(_)) => Err(Error::new(
                Code::OptionsInvalid,
                "a scope has either `workspaceId` or `projectNumber`; subscribe twice for both",
            )
            .with_field("projectNumber")),
        }
    }
}

/// From where a subscriber wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// Only what is yet to come.
    Now,
    /// All that the room's ring still holds.
    Ring,
    /// Behind the last entry seen.
    Seen {
        /// Epoch of that entry.
        epoch: String,
        /// Its number.
        seq: u64,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AfterJson {
    Seen { epoch: String, seq: u64 },
    Word(String),
}

impl After {
    /// Reads `null` (now), `"ring"` or `{"epoch": "…", "seq": 12}`, the number of the last entry seen.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`].
    pub fn from_json(text: &str) -> Result<Self> {
        match serde_json::from_str::<Option<AfterJson>>(text) {
            Ok(None) => Ok(After::Now),
            Ok(Some(AfterJson::Seen { epoch, seq })) => Ok(After::Seen { epoch, seq }),
            Ok(Some(AfterJson::Word(word))) if word == "ring" => Ok(After::Ring),
            _ => Err(Error::new(
                Code::OptionsInvalid,
                "`after` is null, \"ring\" or { epoch, seq } with the number of the last entry seen",
            )
            .with_field("after")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_places_are_read_from_json() {
        assert_eq!(
            Scope::from_json(r#"{"workspaceId":"w"}"#).unwrap(),
            Scope::workspace("w")
        );
        assert_eq!(Scope::from_json("{}").unwrap(), Scope::All);
        assert_eq!(
            Scope::from_json(r#"{"projectNumber":1,"workspaceId":"w"}"#)
                .unwrap_err()
                .field(),
            Some("projectNumber")
        );
        assert_eq!(After::from_json("null").unwrap(), After::Now);
        assert_eq!(
            After::from_json(r#"{"epoch":"e","seq":3}"#).unwrap(),
            After::Seen {
                epoch: "e".into(),
                seq: 3
            }
        );
        assert!(After::from_json("5").is_err());
    }
}
