//! Directly on a MongoDB: `TASKTRAIL_TEST_MONGODB` names a server.

use mongodb::bson::doc;
use serde_json::Value;

use crate::support::{STARTED, User};
use crate::tail::follow;

/// A database of its own, dropped at the end.
struct Database {
    server: String,
    name: String,
}

impl Database {
    fn fresh() -> Option<Self> {
        let Ok(server) = std::env::var("TASKTRAIL_TEST_MONGODB") else {
            eprintln!("skipped: TASKTRAIL_TEST_MONGODB names no server");
            return None;
        };
        let name = format!("tasktrail_cli_{}", uuid::Uuid::new_v8(tasktrail_random()));
        Some(Database {
            server,
            name: name.replace('-', ""),
        })
    }

    fn url(&self) -> String {
        let (base, rest) = self
            .server
            .split_once('?')
            .map_or((self.server.as_str(), ""), |(base, rest)| (base, rest));
        let question = if rest.is_empty() { "" } else { "?" };
        format!("{}/{}{question}{rest}", base.trim_end_matches('/'), self.name)
    }

    fn run(&self, command: mongodb::bson::Document) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let client = mongodb::Client::with_uri_str(&self.server).await.unwrap();
            client.database(&self.name).run_command(command).await.unwrap();
        });
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.run(doc! { "dropDatabase": 1 });
    }
}

/// Bytes that no other run has.
fn tasktrail_random() -> [u8; 16] {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    (now.as_nanos() ^ u128::from(std::process::id()) << 64).to_be_bytes()
}

fn verdict(findings: &[Value], about: &str) -> String {
    let found = findings.iter().find(|finding| finding["about"] == about).unwrap();
    found["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn events_go_in_and_come_out() {
    let Some(database) = Database::fresh() else { return };
    let user = User::of(&database.url());
    user.run(&STARTED).ok();
    let records = user.records();
    assert_eq!((records.len(), &records[0]["work_item_id"]), (1, &"1.2".into()));
    let stats = user.run(&["stats", "--json"]).ok();
    assert_eq!(stats.json()[0]["records"]["total"], 1);
}

#[test]
fn it_is_followed_until_ctrl_c() {
    let Some(database) = Database::fresh() else { return };
    follow(&User::of(&database.url()));
}

#[test]
fn a_doctor_sees_what_lacks_and_makes_nothing() {
    let Some(database) = Database::fresh() else { return };
    let user = User::of(&database.url());
    let look = || user.run(&["doctor", "--json"]).ok().json();
    assert_eq!(verdict(&look(), "indexes"), "warning");
    assert_eq!(verdict(&look(), "indexes"), "warning", "looking made none");
    user.run(&STARTED).ok();
    for about in ["connection", "clock", "reading", "writing", "indexes"] {
        assert_eq!(verdict(&look(), about), "fine", "{about}");
    }
    database.run(doc! { "dropIndexes": "audit_history", "index": "tasktrail_time" });
    let found = look();
    let indexes = found.iter().find(|finding| finding["about"] == "indexes").unwrap();
    assert!(
        indexes["says"].as_str().unwrap().contains("tasktrail_time"),
        "{indexes}"
    );
}

#[test]
fn a_server_that_is_away_is_told() {
    if Database::fresh().is_none() {
        return;
    }
    let user = User::of("mongodb://127.0.0.1:1/x");
    let run = user.run(&STARTED).ok();
    assert!(run.stderr.contains("waits in the spool"), "{}", run.stderr);
    let run = user.run(&["doctor", "--json"]);
    assert_eq!(
        (run.code, verdict(&run.json(), "connection")),
        (Some(1), "fault".into())
    );
}
