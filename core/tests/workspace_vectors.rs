//! The shared vectors on workspaces: what Rust finds, every binding must find too.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use serde_json::Value;
use tasktrail::Code;
use tasktrail::facade::pure::{derive_workspace_id, discover_workspace_in_json};

fn vectors(name: &str) -> Value {
    let file = format!("{}/../tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect()
}

#[test]
fn ids_are_those_of_the_vectors() {
    let vectors = vectors("workspace-ids");
    let id = |path: &str| derive_workspace_id(path, vectors["salt"].as_str().unwrap());
    for (path, expected) in vectors["pinned"].as_object().unwrap() {
        assert_eq!(id(path).unwrap(), expected.as_str().unwrap(), "{path}");
    }
    for spellings in vectors["same"].as_array().unwrap() {
        for spelling in texts(spellings) {
            assert_eq!(id(spelling).unwrap(), id(texts(spellings)[0]).unwrap(), "{spelling}");
        }
    }
    let different = texts(&vectors["different"]);
    assert_eq!(
        different
            .iter()
            .map(|path| id(path).unwrap())
            .collect::<BTreeSet<_>>()
            .len(),
        different.len()
    );
    for path in texts(&vectors["refused"]) {
        assert_eq!(id(path).unwrap_err().code(), Code::WorkspaceInvalid, "{path}");
    }
}

#[test]
fn workspaces_are_those_of_the_vectors() {
    let vectors = vectors("workspaces");
    for case in vectors["cases"].as_array().unwrap() {
        let mut request = case.clone();
        request["salt"] = vectors["salt"].clone();
        let found: Value = serde_json::from_str(&discover_workspace_in_json(&request.to_string()).unwrap()).unwrap();
        assert_eq!(found, case["expected"], "{}", case["name"]);
    }
}
