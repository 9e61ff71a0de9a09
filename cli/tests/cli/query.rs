//! `query`, `show` and `stats`.

use crate::api::Server;
use crate::support::{User, fill, filled};

#[test]
fn records_are_listed_in_every_format() {
    let user = filled(250);
    let listed = user.run(&["query", "--type", "task.*", "--limit", "230"]).ok();
    assert_eq!(listed.stdout.lines().count(), 231);
    assert!(
        listed.stdout.starts_with("WHEN") && listed.stderr.contains("--cursor"),
        "{}",
        listed.stderr
    );
    let json = user.run(&["query", "--json", "--limit", "3"]).ok();
    assert_eq!(json.json().len(), 3);
    let csv = user.run(&["query", "--format", "csv", "--limit", "201"]).ok();
    assert_eq!(csv.stdout.lines().count(), 202, "one line of names");
    let cursor = json.stderr.split("--cursor ").nth(1).unwrap().trim();
    let next = user.run(&["query", "--json", "--limit", "1", "--cursor", cursor]).ok();
    let fourth = user.run(&["query", "--json", "--limit", "1", "--offset", "3"]).ok();
    assert_eq!(next.stdout, fourth.stdout);
    let oldest = user
        .run(&["query", "--json", "--limit", "1", "--order", "asc", "--type", "task.*"])
        .ok();
    assert_eq!(oldest.json()[0]["task_id"], "0");
    let id = oldest.json()[0]["audit_id"].as_str().unwrap().to_owned();
    let shown = user.run(&["show", &id]).ok();
    assert!(shown.stdout.contains("\"task_id\": \"0\""), "{}", shown.stdout);
}

#[test]
fn every_filter_of_the_rest_interface_is_there() {
    let user = filled(20);
    let count = |filter: &[&str]| {
        user.run(&[&["query", "--json", "--type", "task.*"], filter].concat())
            .json()
            .len()
    };
    assert_eq!(count(&[]), 20);
    for (filter, expected) in [
        (["--workspace", "ws_a"], 20),
        (["--workspace", "ws_b"], 0),
        (["--task", "7"], 1),
        (["--actor", "ann"], 20),
        (["--actor", "bob"], 0),
        (["--outcome", "failure"], 2),
        (["--since", "2020-01-01"], 20),
        (["--until", "2020-01-01"], 0),
        (["--project", "1"], 0),
        (["--session", "s"], 0),
        (["--run", "r"], 0),
        (["--workspace", "."], 0),
        (["--after", "0"], 20),
    ] {
        assert_eq!(count(&filter), expected, "{filter:?}");
    }
}

#[test]
fn a_list_by_arrival_says_where_to_go_on() {
    let server = Server::start();
    let user = User::of(&server.url());
    fill(&server.shared.trail, 0..5);
    let end = user.run(&["query", "--after", "now"]).ok();
    let place = end.stderr.split("--after ").nth(1).unwrap().trim().to_owned();
    assert_eq!(user.run(&["query", "--after", &place]).code, Some(1));
    fill(&server.shared.trail, 5..8);
    let new = user.run(&["query", "--json", "--after", &place]).ok();
    assert_eq!(new.json().len(), 3);
}

#[test]
fn it_ends_with_the_reader_of_its_pipe() {
    filled(3_000).ends_with_its_reader(&["query", "--json", "--limit", "3000"]);
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let mut user = filled(1);
    let listed = |user: &User, more: &[&str]| user.run(&[&["query"], more].concat()).ok().stdout;
    assert!(!listed(&user, &[]).contains('\u{1b}'));
    assert!(listed(&user, &["--color", "always"]).contains("\u{1b}[32msuccess"));
    user.set("NO_COLOR", "1");
    assert!(!listed(&user, &[]).contains('\u{1b}'));
}

#[test]
fn faults_are_named_and_have_their_exit_codes() {
    let user = User::with_a_file();
    let id = "019ab3c2-7f00-7abc-8def-0123456789ab";
    for (arguments, code, says) in [
        (&["query", "--url", "memory:", "--outcome", "fine"][..], 2, "outcome"),
        (&["query", "--url", "nowhere"], 2, "TT_URL_INVALID"),
        (&["query", "--url", "memory:"], 1, "no record matches"),
        (&["query", "--cursor", "x"], 2, "TT_QUERY_INVALID"),
        (&["query", "--limit", "0"], 2, "--limit"),
        (&["query", "--nonsense"], 2, "--nonsense"),
        (&["query", "--order", "up"], 2, "asc"),
        (&["show", "--url", "memory:", "x"], 2, "UUID"),
        (&["show", "--url", "memory:", id], 1, "TT_RECORD_NOT_FOUND"),
        (
            &["query", "--url", "sqlite:/dev/null/audit.db"],
            3,
            "/dev/null/audit.db",
        ),
        (&["stats"], 3, "there is no file"),
    ] {
        let run = user.run(arguments);
        assert_eq!(run.code, Some(code), "{arguments:?}: {run:?}");
        assert!(
            run.stderr.contains(says) && run.stdout.is_empty(),
            "{arguments:?}: {run:?}"
        );
    }
}

#[test]
fn an_api_that_refuses_or_is_away_is_said() {
    let mut server = Server::start();
    let mut user = User::of(&server.url());
    user.set("STATE_TRACKING_API_KEY", "wrong-s3cret");
    let run = user.run(&["query"]);
    assert_eq!(run.code, Some(3));
    assert!(
        run.stderr.contains("STATE_TRACKING_API_KEY") && !run.stderr.contains("s3cret"),
        "{}",
        run.stderr
    );
    server.stop();
    let run = user.run(&["query"]);
    assert_eq!(run.code, Some(3));
    assert!(run.stderr.contains("TT_STORE_UNAVAILABLE"), "{}", run.stderr);
}

#[test]
fn stats_count_by_outcome() {
    let user = filled(40);
    let run = user.run(&["stats", "--json", "--type", "task.*"]).ok();
    let stats = &run.json()[0];
    assert_eq!(stats["records"]["total"], 40);
    assert_eq!(
        (
            &stats["outcomes"]["success"]["total"],
            &stats["outcomes"]["failure"]["total"]
        ),
        (&36.into(), &4.into())
    );
    assert!(stats["bytes"].as_u64().unwrap() > 0 && stats["stored"].as_u64().unwrap() >= 41);
    let shown = user
        .run(&["stats", "--type", "task.*", "--outcome", "failure"])
        .ok()
        .stdout;
    assert!(shown.contains("records     4"), "{shown}");
    let server = Server::start();
    fill(&server.shared.trail, 0..20);
    let user = User::of(&server.url());
    let run = user.run(&["stats", "--json", "--type", "task.*"]).ok();
    assert_eq!(run.json()[0]["records"]["total"], 20);
}
