//! `emit`: one record each, whatever the API does.

use std::collections::HashSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tasktrail::Trail;
use tasktrail::trail::Options;

use crate::api::{Fault, KEY, LONG, Server};
use crate::support::{STARTED, User, started, until};

fn ids(records: &[Value]) -> HashSet<&str> {
    records
        .iter()
        .map(|record| record["audit_id"].as_str().unwrap())
        .collect()
}

#[test]
fn every_type_arrives_with_its_data() {
    let server = Server::start();
    let user = User::of(&server.url());
    let emits: &[(&str, &[&str], Value)] = &[
        (
            "task.started",
            &["--phase", "1", "--item", "1.2", "--title", "Parse"],
            json!({ "workItemTitle": "Parse" }),
        ),
        (
            "task.completed",
            &[
                "--phase", "1", "--item", "1.2", "--title", "Parse", "--result", "ok", "--file", "a.rs", "--file",
                "b.rs",
            ],
            json!({ "workItemTitle": "Parse", "result": "ok", "filesChanged": ["a.rs", "b.rs"] }),
        ),
        (
            "task.failed",
            &["--phase", "1", "--item", "7", "--title", "T", "--error", "exit 101"],
            json!({ "workItemTitle": "T" }),
        ),
        (
            "task.progress",
            &["--phase", "1", "--item", "7", "--message", "half", "--percent", "50.5"],
            json!({ "message": "half", "percent": 50.5 }),
        ),
        (
            "phase.started",
            &["--phase", "1", "--phase-name", "P", "--total-items", "5"],
            json!({ "phaseName": "P", "totalItems": 5 }),
        ),
        (
            "phase.completed",
            &[
                "--phase",
                "1",
                "--phase-name",
                "P",
                "--total-items",
                "5",
                "--completed-items",
                "5",
            ],
            json!({ "phaseName": "P", "totalItems": 5, "completedItems": 5 }),
        ),
        (
            "orchestration.progress",
            &[
                "--total-phases",
                "2",
                "--completed-phases",
                "1",
                "--total-items",
                "9",
                "--completed-items",
                "5",
                "--in-progress-items",
                "1",
                "--failed-items",
                "0",
            ],
            json!({ "totalPhases": 2, "completedPhases": 1, "totalItems": 9, "completedItems": 5, "inProgressItems": 1, "failedItems": 0 }),
        ),
        (
            "project.completed",
            &["--duration-ms", "1234"],
            json!({ "durationMs": 1234 }),
        ),
        (
            "issue.created",
            &["--data", r#"{"branch":"main","n":1}"#],
            json!({ "branch": "main", "n": 1 }),
        ),
        (
            "worktree.updated",
            &["--task", "t-1", "--message", "--not-an-option"],
            json!({ "message": "--not-an-option" }),
        ),
    ];
    for (kind, arguments, _) in emits {
        let run = user
            .run(&[&["emit", kind, "--project", "42"], *arguments].concat())
            .ok();
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""), "{kind}");
    }
    let records = user.records();
    assert_eq!(
        records.len(),
        emits.len(),
        "a record for each event, and none of the command's own"
    );
    for (kind, _, metadata) in emits {
        let found = records.iter().find(|record| record["operation_type"] == *kind).unwrap();
        assert_eq!(found["metadata"], *metadata, "{kind}");
        assert_eq!(
            (&found["project_number"], &found["channel"]),
            (&json!(42), &json!("agent"))
        );
    }
    let failed = records
        .iter()
        .find(|record| record["operation_type"] == "task.failed")
        .unwrap();
    assert_eq!(
        (&failed["outcome"], &failed["error"]["message"]),
        (&json!("failure"), &json!("exit 101"))
    );
}

#[test]
fn the_answer_says_what_became_of_it() {
    let server = Server::start();
    let user = User::of(&server.url());
    let run = user.run(&started(&["--json", "--event-id", "e-1"])).ok();
    let answer = &run.json()[0];
    assert_eq!(
        (
            &answer["accepted"],
            &answer["type"],
            &answer["projectNumber"],
            &answer["place"],
            &answer["durable"]
        ),
        (
            &json!(true),
            &json!("task.started"),
            &json!(42),
            &json!("store"),
            &json!(true)
        )
    );
    // Under a name of its own an event is there once, whoever sends it again.
    let again = user.run(&started(&["--json", "--event-id", "e-1"])).ok();
    assert_eq!(again.json()[0]["auditId"], answer["auditId"]);
    assert_eq!(user.records().len(), 1);
    let shown = user.run(&["show", answer["auditId"].as_str().unwrap()]).ok();
    assert!(
        shown.stdout.contains("\"operation_type\": \"task.started\""),
        "{}",
        shown.stdout
    );
}

#[test]
fn context_comes_from_options_then_environment_then_the_folder() {
    let server = Server::start();
    let mut user = User::of(&server.url());
    let repository = user.home().join("app");
    std::fs::create_dir_all(repository.join(".git")).unwrap();
    std::fs::write(repository.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let in_repository = |user: &User, arguments: &[&str]| {
        let status = user.command(arguments).current_dir(&repository).status().unwrap();
        assert!(status.success());
    };
    let id = user
        .command(["workspace", "--quiet"])
        .current_dir(&repository)
        .output()
        .unwrap();
    let id = String::from_utf8(id.stdout).unwrap().trim().to_owned();
    let last = |user: &User| user.records().pop().unwrap();

    in_repository(&user, &STARTED);
    let found = last(&user);
    assert_eq!((&found["workspace_id"], &found["run_id"]), (&json!(id), &Value::Null));
    assert!(found["worktree_path"].as_str().unwrap().ends_with("/app"));

    in_repository(&user, &started(&["--no-discovery"]));
    assert_eq!(last(&user)["workspace_id"], "unknown");

    user.set("WORKSPACE_ID", "ws_plain");
    user.set("RUN_ID", "run-env");
    user.set("TASKTRAIL_ORIGIN_WORKSPACE_ID", "ws_origin");
    user.set("TASKTRAIL_SESSION_ID", "s-1");
    user.set("TASKTRAIL_AGENT_ID", "agent-1");
    user.set("TASKTRAIL_PARENT_AGENT_ID", "agent-0");
    user.set("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    in_repository(&user, &STARTED);
    let found = last(&user);
    for (field, value) in [
        ("workspace_id", "ws_plain"),
        ("run_id", "run-env"),
        ("origin_workspace_id", "ws_origin"),
        ("session_id", "s-1"),
        ("agent_id", "agent-1"),
        ("trace_id", "0af7651916cd43dd8448eb211c80319c"),
    ] {
        assert_eq!(found[field], value, "{field}");
    }
    assert_eq!(found["metadata"]["parentAgentId"], "agent-0");
    // The project's own names go before those that others use as well.
    user.set("TASKTRAIL_WORKSPACE_ID", "ws_ours");
    in_repository(
        &user,
        &started(&["--run", "run-option", "--actor", "ann", "--worktree", "/elsewhere"]),
    );
    let found = last(&user);
    assert_eq!(
        (
            &found["workspace_id"],
            &found["run_id"],
            &found["actor"],
            &found["worktree_path"]
        ),
        (
            &json!("ws_ours"),
            &json!("run-option"),
            &json!("ann"),
            &json!("/elsewhere")
        )
    );
}

#[test]
fn every_fault_is_said_at_once_and_nothing_is_sent() {
    let server = Server::start();
    let user = User::of(&server.url());
    let run = user.run(&[
        "emit",
        "task.started",
        "--project",
        "x",
        "--phase",
        "-1",
        "--title",
        " ",
        "--timestamp",
        "yesterday",
    ]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stdout.is_empty());
    for said in [
        "TT_EVENT_INVALID",
        "data.projectNumber",
        "[--project]",
        "data.phaseNumber",
        "[--phase]",
        "data.workItemId",
        "[--item]",
        "data.workItemTitle",
        "[--title]",
        "timestamp",
        "[--timestamp]",
    ] {
        assert!(run.stderr.contains(said), "{said}: {}", run.stderr);
    }
    for (arguments, says) in [
        (&["emit", "task.begun", "--project", "1"][..], "known are"),
        (
            &["emit", "issue.created", "--project", "1", "--data", "{"],
            "--data is a JSON object",
        ),
        (
            &["emit", "issue.created", "--project", "1", "--data", "[]"],
            "another kind",
        ),
        (
            &["emit", "issue.created", "--project", "1", "--timeout", "never"],
            "--timeout",
        ),
        (
            &["emit", "issue.created", "--project", "1", "--url", "memory:"],
            "gone with this command",
        ),
        (
            &["emit", "issue.created", "--project", "1", "--url", "nowhere"],
            "TT_URL_INVALID",
        ),
        (&["emit"], "TYPE"),
    ] {
        let run = user.run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(says), "{arguments:?}: {}", run.stderr);
    }
    assert!(server.shared.asked.lock().unwrap().is_empty() && user.spool().is_empty());
}

#[test]
fn data_is_read_from_stdin_and_options_go_before_it() {
    let server = Server::start();
    let user = User::of(&server.url());
    let arguments = ["emit", "issue.updated", "--project", "42", "--data", "-"];
    let mut child = user.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let data = br#"{"projectNumber": 1, "note": "from stdin", "apiKey": "s3cret-value"}"#;
    child.stdin.take().unwrap().write_all(data).unwrap();
    assert!(child.wait().unwrap().success());
    let found = user.records().pop().unwrap();
    assert_eq!(
        (&found["project_number"], &found["metadata"]["note"]),
        (&json!(42), &json!("from stdin"))
    );
    assert!(
        !found.to_string().contains("s3cret"),
        "what must not be kept stays on this machine: {found}"
    );
}

#[test]
fn what_is_emitted_while_the_api_is_away_arrives_once() {
    let mut server = Server::start();
    let user = User::of(&server.url());
    server.stop();
    let mut made = Vec::new();
    for number in 0..5 {
        let run = user.run(&started(&["--json", "--message", &number.to_string()])).ok();
        assert!(
            run.stderr.contains("waits in the spool") && run.stderr.contains("TT_STORE_UNAVAILABLE"),
            "{}",
            run.stderr
        );
        assert_eq!(run.json()[0]["place"], "spool");
        made.push(run.json()[0]["auditId"].as_str().unwrap().to_owned());
    }
    let strict = user.run(&started(&["--strict", "--json"]));
    assert_eq!(strict.code, Some(4), "{strict:?}");
    made.push(strict.json()[0]["auditId"].as_str().unwrap().to_owned());
    assert_eq!(user.spool().len(), 1, "they share a file");

    server.come_back();
    let run = user.run(&started(&["--json"])).ok();
    assert_eq!((run.stderr.as_str(), &run.json()[0]["brought"]), ("", &json!(6)));
    made.push(run.json()[0]["auditId"].as_str().unwrap().to_owned());
    let records = user.records();
    assert_eq!(records.len(), 7);
    assert_eq!(ids(&records), made.iter().map(String::as_str).collect());
    assert!(user.spool().is_empty());
}

#[test]
fn a_trail_with_the_same_store_brings_what_waits() {
    let mut server = Server::start();
    let user = User::of(&server.url());
    server.stop();
    user.run(&STARTED).ok();
    server.come_back();
    let options = Options {
        api_key: Some(KEY.into()),
        spool: user.spool()[0].parent().map(Into::into),
        ..Options::default()
    };
    let trail = Trail::builder(server.url()).options(options).open_blocking().unwrap();
    let events = || {
        let records = server.records().into_iter();
        records.filter(|record| record.operation_type == "task.started").count()
    };
    until("it is brought", || events() == 1);
    // A trail that is closed before leaves the emptied file to the next.
    let left = |path: &std::path::PathBuf| path.ends_with("left-0.spool");
    until("its file is gone", || !user.spool().iter().any(left));
    trail.close_blocking(LONG).unwrap();
    assert_eq!(events(), 1);
    assert!(user.spool().is_empty());
    assert!(
        server
            .records()
            .iter()
            .all(|record| record.operation_type != "audit.gap")
    );
}

#[test]
fn many_at_once_while_the_api_is_away_are_drained_once() {
    let mut server = Server::start();
    let user = User::of(&server.url());
    server.stop();
    let children: Vec<_> = (0..24)
        .map(|_| user.command(STARTED).stderr(Stdio::null()).spawn().unwrap())
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    server.come_back();
    // Two at once: each file is one's.
    let drains: Vec<_> = (0..2)
        .map(|_| user.command(["spool", "drain"]).stderr(Stdio::null()).spawn().unwrap())
        .collect();
    for mut drain in drains {
        assert!(drain.wait().unwrap().success());
    }
    user.run(&["spool", "drain"]).ok();
    assert_eq!(server.records().len(), 24);
    assert!(user.spool().is_empty());
}

#[test]
fn an_answer_that_is_lost_or_late_costs_no_event_and_makes_none_twice() {
    let server = Server::start();
    let user = User::of(&server.url());
    let away = Fault::Says(503, String::new());
    let not_now: Vec<Vec<Fault>> = vec![
        // A request that was cut off is sent a second time.
        vec![Fault::LosesTheAnswer, Fault::LosesTheAnswer],
        vec![Fault::BreaksOff, Fault::BreaksOff],
        vec![Fault::IsNotSure],
        vec![Fault::NeverEnds],
        vec![Fault::Chats("<html>welcome</html>".into())],
        vec![Fault::Says(429, "retry-after: 60\r\n".into())],
        vec![Fault::Says(401, String::new())],
        vec![away],
    ];
    let count = not_now.len();
    for faults in not_now {
        let what = format!("{faults:?}");
        server.fails(faults);
        let run = user.run(&started(&["--timeout", "5"])).ok();
        assert!(run.stderr.contains("waits in the spool"), "{what}: {}", run.stderr);
    }
    assert!(server.shared.faults.lock().unwrap().is_empty());
    let drained = user.run(&["spool", "drain", "--json"]).ok();
    assert_eq!(drained.json()[0]["stored"], count);
    assert_eq!(server.records().len(), count);
    assert!(user.spool().is_empty());
}

#[test]
fn an_api_that_hangs_costs_a_hook_no_more_than_its_patience() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let user = User::of(&format!("http://{}", listener.local_addr().unwrap()));
    let run = user.run(&started(&["--timeout", "0.2"])).ok();
    assert!(run.stderr.contains("TT_STORE_TIMEOUT"), "{}", run.stderr);
    assert_eq!(user.spool().len(), 1);
}

#[test]
fn what_can_be_kept_nowhere_is_a_failure() {
    let mut server = Server::start();
    let mut user = User::of(&server.url());
    server.stop();
    let run = user.run(&started(&["--no-spool"]));
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("TT_STORE_UNAVAILABLE"), "{}", run.stderr);
    user.set("TASKTRAIL_SPOOL", "/dev/null/spool");
    let run = user.run(&STARTED);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(
        run.stderr.contains("the event is lost") && run.stderr.contains("TT_SPOOL_PATH"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_store_takes_events_without_an_api() {
    let user = User::with_a_file();
    user.run(&STARTED).ok();
    user.run(&STARTED).ok();
    let records = user.records();
    assert_eq!(ids(&records).len(), 2);
    let all = user.run(&["query", "--json"]).ok();
    assert_eq!(all.json().len(), 2, "nothing beside the events");
}

#[test]
fn a_worktree_has_the_workspace_of_its_repository() {
    let user = User::with_a_file();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(arguments);
        let done = command.current_dir(user.home()).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "--quiet", "app"]);
    git(&["-C", "app", "commit", "--quiet", "--allow-empty", "--message=x"]);
    git(&["-C", "app", "worktree", "add", "--quiet", "../tree"]);
    for folder in ["app", "tree"] {
        let run = user
            .command(STARTED)
            .current_dir(user.home().join(folder))
            .status()
            .unwrap();
        assert!(run.success());
    }
    let records = user.records();
    assert_eq!(records[0]["workspace_id"], records[1]["workspace_id"]);
    assert_ne!(records[0]["worktree_path"], records[1]["worktree_path"]);
}
