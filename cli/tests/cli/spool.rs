//! `spool list|check|drain`.

use crate::api::Server;
use crate::support::{STARTED, User};

#[test]
fn what_waits_is_listed_checked_and_drained() {
    let mut server = Server::start();
    let user = User::of(&server.url());
    let empty = user.run(&["spool", "list"]).ok();
    assert!(
        empty.stdout.is_empty() && empty.stderr.contains("nothing waits"),
        "{}",
        empty.stderr
    );
    server.stop();
    for _ in 0..3 {
        user.run(&STARTED).ok();
    }
    let listed = user.run(&["spool", "list", "--json"]).ok();
    let file = &listed.json()[0];
    assert_eq!(
        (&file["records"], &file["state"], &file["isClosed"]),
        (&3.into(), &"orphaned".into(), &true.into())
    );
    let table = user.run(&["spool", "list"]).ok().stdout;
    assert!(table.starts_with("STATE") && table.contains("waiting"), "{table}");
    let checked = user.run(&["spool", "check", "--json"]).ok();
    assert_eq!(
        (&checked.json()[0]["sound"], &checked.json()[0]["damaged"]),
        (&3.into(), &0.into())
    );
    let away = user.run(&["spool", "drain"]);
    assert_eq!(away.code, Some(3));
    assert!(away.stderr.contains("stays in"), "{}", away.stderr);
    server.come_back();
    let drained = user.run(&["spool", "drain"]).ok();
    assert!(
        drained.stderr.contains("3 records sent, 1 files emptied"),
        "{}",
        drained.stderr
    );
    assert_eq!(server.records().len(), 3);
    assert!(user.run(&["spool", "drain"]).ok().stderr.contains("0 records sent"));
}

#[test]
fn damage_is_found_and_what_is_sound_is_sent() {
    let mut server = Server::start();
    let user = User::of(&server.url());
    server.stop();
    for _ in 0..4 {
        user.run(&STARTED).ok();
    }
    let path = user.spool().pop().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    // A digit in the text of one record.
    let at = bytes
        .windows(12)
        .rposition(|bytes| bytes == b"\"audit_id\":\"")
        .unwrap()
        + 14;
    *bytes.get_mut(at).unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let checked = user.run(&["spool", "check"]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(checked.stdout.contains("3 sound, 1 damaged"), "{}", checked.stdout);
    server.come_back();
    let drained = user.run(&["spool", "drain"]);
    assert_eq!(drained.code, Some(1), "{drained:?}");
    let events = server
        .records()
        .into_iter()
        .filter(|record| record.operation_type == "task.started");
    assert_eq!(events.count(), 3);
}

#[test]
fn a_folder_can_be_named() {
    let user = User::of("memory:");
    let run = user.run(&["spool", "list"]);
    assert_eq!(run.code, Some(2), "a store in memory has none: {run:?}");
    user.run(&["spool", "list", "--folder", "there"]).ok();
    std::fs::write(user.home().join("file"), "").unwrap();
    let run = user.run(&["spool", "list", "--folder", "file"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stderr.contains("TT_SPOOL_PATH"), "{}", run.stderr);
}
