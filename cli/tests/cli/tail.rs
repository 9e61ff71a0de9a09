//! `tail`: what arrives, as it arrives.

use std::io::Read as _;
use std::process::Stdio;

use serde_json::Value;
use tasktrail::Trail;

use crate::api::{LONG, Server};
use crate::support::{STARTED, User, fill, filled, started, wait};

/// Follows while events come, and ends it as a person does.
pub(crate) fn follow(user: &User) {
    user.run(&started(&["--message", "before"])).ok();
    let tail = user.start(&["tail", "--json", "--lines", "1", "--interval", "0.05"]);
    let message = |line: &str| serde_json::from_str::<Value>(line).unwrap()["metadata"]["message"].clone();
    assert_eq!(message(&tail.line()), "before");
    for number in 0..3 {
        user.run(&started(&["--message", &number.to_string()])).ok();
        assert_eq!(message(&tail.line()), number.to_string());
    }
    // Old by its time, and new by its arrival.
    user.run(&started(&["--message", "late", "--timestamp", "2020-01-01"]))
        .ok();
    assert_eq!(message(&tail.line()), "late");
    tail.signal("-INT");
    assert_eq!(tail.end(), (Some(0), String::new()));
}

#[test]
fn a_file_is_followed_until_ctrl_c() {
    follow(&User::with_a_file());
}

#[test]
fn an_api_is_followed_until_ctrl_c() {
    let server = Server::start();
    follow(&User::of(&server.url()));
}

#[test]
fn filters_choose_and_the_beginning_can_be_named() {
    let user = filled(30);
    let tail = user.start(&["tail", "--json", "--after", "0", "--outcome", "failure"]);
    let found: Vec<String> = (0..3).map(|_| tail.line()).collect();
    for (line, task) in found.iter().zip(["3", "13", "23"]) {
        let record: Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (&record["task_id"], &record["outcome"]),
            (&Value::from(task), &Value::from("failure"))
        );
    }
    tail.signal("-INT");
    assert_eq!(tail.end().0, Some(0));
}

#[test]
fn an_outage_is_said_and_waited_for() {
    let mut server = Server::start();
    let user = User::of(&server.url());
    fill(&server.shared.trail, 0..1);
    let tail = user.start(&["tail", "--lines", "1", "--interval", "0.05"]);
    assert!(tail.line().contains("/tasks/0/start"));
    server.stop();
    // Long enough to meet it.
    std::thread::sleep(std::time::Duration::from_millis(300));
    fill(&server.shared.trail, 1..2);
    server.come_back();
    assert!(tail.line().contains("/tasks/1/start"));
    tail.signal("-INT");
    let (code, said) = tail.end();
    assert_eq!(code, Some(0));
    assert!(
        said.contains("trying again") && said.contains("can be read again"),
        "{said}"
    );
}

#[test]
fn it_ends_with_the_reader_of_its_pipe() {
    let user = User::with_a_file();
    user.run(&STARTED).ok();
    let mut child = user
        .command(["tail", "--interval", "0.05"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut first = [0; 1];
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    // Nothing more arrives that it could fail to write.
    assert_eq!(wait(&mut child), Some(0));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let mut user = filled(1);
    let has_colours = |user: &User, more: &[&str]| {
        let tail = user.start(&[&["tail"], more].concat());
        let has_colours = (0..2).any(|_| tail.line().contains('\u{1b}'));
        tail.signal("-INT");
        tail.end();
        has_colours
    };
    assert!(!has_colours(&user, &[]));
    assert!(has_colours(&user, &["--color", "always"]));
    assert!(!has_colours(&user, &["--color", "never"]));
    user.set("NO_COLOR", "1");
    assert!(!has_colours(&user, &[]));
}

#[test]
fn what_cannot_be_followed_is_said() {
    let user = User::with_a_file();
    let run = user.run(&["tail"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("there is no file"), "{}", run.stderr);
    assert!(!user.home().join("audit.db").exists(), "looking makes no file");
    for arguments in [
        &["tail", "--outcome", "fine"][..],
        &["tail", "--interval", "0"],
        &["tail", "--after", "x"],
    ] {
        assert_eq!(user.run(arguments).code, Some(2), "{arguments:?}");
    }
    let trail = Trail::builder(user.url()).open_blocking().unwrap();
    trail.close_blocking(LONG).unwrap();
}
