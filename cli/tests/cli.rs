//! The command as a person runs it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::{Command, Output};
use std::time::Duration;

use tasktrail::{Call, Trail};

fn tasktrail(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tasktrail"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn records_are_listed_shown_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/audit.db", folder.path().display());
    let trail = Trail::builder(&url).open_blocking().unwrap();
    let call = |path: &str| Call {
        method: "POST".into(),
        path: path.into(),
        status: Some(201),
        ..Call::default()
    };
    let mut id = None;
    for number in 0..250 {
        id = Some(trail.record(call(&format!("/tasks/{number}/start")), None));
    }
    trail.close_blocking(Duration::from_secs(20)).unwrap();

    let listed = tasktrail(&["query", &url, "--type", "task.*", "--limit", "230"]);
    assert!(listed.status.success(), "{}", text(&listed.stderr));
    assert_eq!(text(&listed.stdout).lines().count(), 231);
    let json = text(&tasktrail(&["query", &url, "--json", "--limit", "3"]).stdout);
    assert!(
        json.lines().all(|line| line.starts_with('{')) && json.lines().count() == 3,
        "{json}"
    );
    let shown = text(&tasktrail(&["show", &url, &id.unwrap().to_string()]).stdout);
    assert!(shown.contains("\"task_id\": \"249\""), "{shown}");
}

#[test]
fn faults_are_named_and_have_their_exit_codes() {
    for (arguments, code, says) in [
        (&["query", "memory:", "--outcome", "fine"][..], 2, "outcome"),
        (&["query", "nowhere"], 2, "not a store URL"),
        (&["query", "memory:"], 1, "no record matches"),
        (&["show", "memory:", "x"], 2, "UUID"),
        (&["query", "sqlite:/dev/null/audit.db"], 3, "/dev/null/audit.db"),
    ] {
        let output = tasktrail(arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {message}");
        assert!(message.contains(says), "{arguments:?}: {message}");
    }
}
