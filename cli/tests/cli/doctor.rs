//! `doctor`: what is wrong is found, and what to do is said.

use serde_json::Value;

use crate::api::Server;
use crate::support::{STARTED, User, filled};

fn findings(user: &User) -> (Option<i32>, Vec<Value>) {
    let run = user.run(&["doctor", "--json"]);
    (run.code, run.json())
}

/// The worst verdict about something.
fn verdict(findings: &[Value], about: &str) -> String {
    let about = findings.iter().filter(|finding| finding["about"] == about);
    let verdicts: Vec<&str> = about.map(|finding| finding["verdict"].as_str().unwrap()).collect();
    let worst = ["fault", "warning", "fine"]
        .into_iter()
        .find(|verdict| verdicts.contains(verdict));
    worst.unwrap_or("not looked at").to_owned()
}

#[test]
fn what_is_well_is_well() {
    let user = filled(3);
    let (code, found) = findings(&user);
    assert_eq!(code, Some(0), "{found:#?}");
    for about in [
        "configuration",
        "connection",
        "writing",
        "schema",
        "indexes",
        "permissions",
        "versions",
        "workspace",
        "spool",
    ] {
        assert_eq!(verdict(&found, about), "fine", "{about}: {found:#?}");
    }
    let shown = user.run(&["doctor"]).ok();
    assert!(shown.stdout.contains("✓ connection"), "{}", shown.stdout);
    assert!(shown.stderr.contains("0 faults, 0 warnings"), "{}", shown.stderr);
}

#[test]
fn an_api_is_looked_at_with_its_key() {
    let mut server = Server::start();
    let mut user = User::of(&server.url());
    let (code, found) = findings(&user);
    assert_eq!(code, Some(0), "{found:#?}");
    for about in ["connection", "reading", "writing", "versions"] {
        assert_eq!(verdict(&found, about), "fine", "{about}: {found:#?}");
    }
    assert!(server.records().is_empty(), "looking leaves nothing");
    server.stop();
    user.run(&STARTED).ok();
    let (code, found) = findings(&user);
    assert_eq!((code, verdict(&found, "connection")), (Some(1), "fault".into()));
    assert_eq!(verdict(&found, "spool"), "warning", "what waits is said: {found:#?}");
    server.come_back();
    user.set("STATE_TRACKING_API_KEY", "wrong-s3cret");
    let (code, found) = findings(&user);
    assert_eq!(
        (code, verdict(&found, "reading"), verdict(&found, "writing")),
        (Some(1), "fault".into(), "fault".into())
    );
    assert!(!format!("{found:?}").contains("s3cret"));
    for finding in found.iter().filter(|finding| finding["verdict"] != "fine") {
        assert!(
            finding["remedy"].as_str().is_some_and(|remedy| !remedy.is_empty()),
            "{finding}"
        );
    }
}

#[test]
fn a_broken_configuration_is_told() {
    let mut user = User::with_a_file();
    let (code, found) = findings(&user);
    assert_eq!(
        (code, verdict(&found, "connection")),
        (Some(0), "warning".into()),
        "there is no file yet: {found:#?}"
    );
    assert!(!user.home().join("audit.db").exists());
    user.set("TASKTRAIL_WORKSPCE_ID", "ws_x");
    user.set("TRACEPARENT", "nonsense");
    user.set("TASKTRAIL_SPOOL", "/dev/null/spool");
    let (code, found) = findings(&user);
    let said = format!("{found:?}");
    assert_eq!((code, verdict(&found, "spool")), (Some(1), "fault".into()), "{said}");
    assert!(
        said.contains("TASKTRAIL_WORKSPCE_ID") && said.contains("TRACEPARENT"),
        "{said}"
    );
    let nowhere = User::of("nowhere");
    let (code, found) = findings(&nowhere);
    assert_eq!(
        (code, verdict(&found, "configuration")),
        (Some(1), "fault".into()),
        "{found:#?}"
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_and_indexes_that_lack_are_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let user = filled(1);
    let path = user.home().join("audit.db");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, found) = findings(&user);
    assert_eq!((code, verdict(&found, "permissions")), (Some(0), "warning".into()));
    std::fs::write(&path, "no database").unwrap();
    assert_eq!(findings(&user).0, Some(1));
}
