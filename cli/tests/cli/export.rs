//! `export`: everything, once, also when it is broken off.

use crate::api::{Fault, LONG, Server};
use crate::support::{User, fill, filled, until};

const AWAY: usize = 1_000;

/// An API with 1,000 records, of which a page holds 200.
fn api() -> (Server, User) {
    let server = Server::start();
    let user = User::of(&server.url());
    fill(&server.shared.trail, 0..999);
    server.shared.trail.flush_blocking(LONG).unwrap();
    (server, user)
}

fn goes_away_behind(server: &Server, pages: usize) {
    let away = (0..AWAY).map(|_| Fault::Says(503, String::new()));
    server.fails((0..pages).map(|_| Fault::Nothing).chain(away));
}

fn comes_back(server: &Server) {
    server.shared.faults.lock().unwrap().clear();
}

fn mark(user: &User) -> u64 {
    let text = std::fs::read_to_string(user.home().join("out.part")).unwrap_or_default();
    let mark: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    mark["records"].as_u64().unwrap_or(0)
}

#[test]
fn an_export_that_was_killed_goes_on_where_it_was() {
    for format in ["ndjson", "csv"] {
        let (server, user) = api();
        let whole = user.run(&["export", "--format", format]).ok().stdout;
        goes_away_behind(&server, 2);
        let arguments = ["export", "--format", format, "--output", "out"];
        let running = user.start(&arguments);
        until("it is marked how far it is", || mark(&user) == 400);
        running.signal("-KILL");
        assert_eq!(running.end().0, None);
        // A piece that was written behind the mark, by half.
        let path = user.home().join("out");
        let mut half = std::fs::read(&path).unwrap();
        half.extend_from_slice(b"{\"audit_id\":\"01");
        std::fs::write(&path, half).unwrap();
        comes_back(&server);

        let again = user.run(&arguments);
        assert_eq!(again.code, Some(2), "a file is not replaced unasked: {again:?}");
        let other = user.run(&[&arguments[..], &["--resume", "--outcome", "failure"]].concat());
        assert_eq!(other.code, Some(2), "{other:?}");
        let asked = server.shared.asked.lock().unwrap().len();
        let resumed = user.run(&[&arguments[..], &["--resume"]].concat()).ok();
        assert!(resumed.stderr.contains("1000 records"), "{}", resumed.stderr);
        assert_eq!(
            server.shared.asked.lock().unwrap().len() - asked,
            3,
            "600 are fetched, and not all"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
        assert!(!user.home().join("out.part").exists());
        // Once more is harmless.
        user.run(&[&arguments[..], &["--resume"]].concat()).ok();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
    }
}

#[test]
fn ctrl_c_says_how_to_go_on() {
    let (server, user) = api();
    let whole = user.run(&["export"]).ok().stdout;
    goes_away_behind(&server, 3);
    let running = user.start(&["export", "--output", "out"]);
    until("it is marked how far it is", || mark(&user) == 600);
    running.signal("-INT");
    let (code, said) = running.end();
    assert_eq!(code, Some(130));
    assert!(said.contains("600 records") && said.contains("--resume"), "{said}");
    comes_back(&server);
    user.run(&["export", "--output", "out", "--resume"]).ok();
    assert_eq!(std::fs::read_to_string(user.home().join("out")).unwrap(), whole);
}

#[test]
fn a_pipe_goes_on_by_cursor() {
    let (server, user) = api();
    let whole = user.run(&["export"]).ok().stdout;
    goes_away_behind(&server, 2);
    let running = user.start(&["export"]);
    let first: Vec<String> = (0..400).map(|_| running.line()).collect();
    running.signal("-INT");
    let (code, said) = running.end();
    assert_eq!(code, Some(130));
    let cursor = said.split("--cursor ").nth(1).unwrap().split(' ').next().unwrap();
    comes_back(&server);
    let rest = user.run(&["export", "--cursor", cursor]).ok().stdout;
    assert_eq!(first.join("\n") + "\n" + &rest, whole);
}

#[test]
fn an_outage_is_waited_for() {
    let (server, user) = api();
    server.fails([
        Fault::Nothing,
        Fault::Says(503, String::new()),
        Fault::Says(429, "retry-after: 1\r\n".into()),
    ]);
    let run = user.run(&["export"]).ok();
    assert_eq!(run.stdout.lines().count(), 1_000);
}

#[test]
fn filters_order_and_formats() {
    let user = filled(30);
    let failures = user.run(&["export", "--outcome", "failure", "--order", "asc"]).ok();
    let tasks: Vec<_> = failures.json().iter().map(|record| record["task_id"].clone()).collect();
    assert_eq!(tasks, ["3", "13", "23"]);
    let csv = user
        .run(&["export", "--format", "csv", "--outcome", "failure"])
        .ok()
        .stdout;
    assert!(csv.starts_with("audit_id,") && csv.lines().count() == 4, "{csv}");
    let none = user.run(&["export", "--project", "9"]).ok();
    assert_eq!(
        (none.stdout.as_str(), none.stderr.as_str()),
        ("", "tasktrail: 0 records\n")
    );
}

#[cfg(unix)]
#[test]
fn a_file_of_records_is_for_its_user() {
    use std::os::unix::fs::PermissionsExt as _;
    let user = filled(1);
    user.run(&["export", "--output", "out"]).ok();
    let mode = user.home().join("out").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(user.run(&["export", "--output", "/dev/null/x"]).code, Some(3));
}

#[test]
fn it_ends_with_the_reader_of_its_pipe() {
    filled(3_000).ends_with_its_reader(&["export"]);
}
