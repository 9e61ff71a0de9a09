//! Through the example API, a real NestJS host: `TASKTRAIL_TEST_API` names its program, which `cargo xtask test e2e` builds.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::api::KEY;
use crate::support::{STARTED, User, started, wait};
use crate::tail::follow;

struct Api {
    child: Child,
    url: String,
}

impl Api {
    /// Starts it on a port, 0 for any, with its file in a folder.
    fn start(folder: &std::path::Path, port: &str) -> Option<Self> {
        let Some(program) = std::env::var_os("TASKTRAIL_TEST_API") else {
            eprintln!("skipped: TASKTRAIL_TEST_API names no program");
            return None;
        };
        let mut child = Command::new("node")
            .arg(program)
            .current_dir(folder)
            .env("TASKTRAIL_URL", "sqlite:./api.db")
            .env("XDG_STATE_HOME", folder)
            .env("API_KEYS", KEY)
            .env("PORT", port)
            .env("HOST", "127.0.0.1")
            .env("NODE_ENV", "development")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let url = said["url"].as_str().unwrap().to_owned();
        Some(Api { child, url })
    }

    fn stop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        wait(&mut self.child);
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn every_command_works_through_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let Some(api) = Api::start(folder.path(), "0") else {
        return;
    };
    let user = User::of(&api.url);
    follow(&user);
    assert_eq!(user.records().len(), 5);
    let stats = user.run(&["stats", "--json", "--type", "task.*"]).ok();
    assert_eq!(stats.json()[0]["records"]["total"], 5);
    let doctor = user.run(&["doctor", "--json"]).ok();
    for about in ["connection", "clock", "reading", "writing", "versions"] {
        let found = doctor
            .json()
            .into_iter()
            .find(|finding| finding["about"] == about)
            .unwrap();
        assert_eq!(found["verdict"], "fine", "{found}");
    }
    let id = user.records()[0]["audit_id"].as_str().unwrap().to_owned();
    user.run(&["show", &id]).ok();
}

#[test]
fn events_survive_an_outage_of_the_api_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut api) = Api::start(folder.path(), "0") else {
        return;
    };
    let user = User::of(&api.url);
    user.run(&STARTED).ok();
    api.stop();
    for _ in 0..4 {
        let run = user.run(&STARTED).ok();
        assert!(run.stderr.contains("waits in the spool"), "{}", run.stderr);
    }
    let port = api.url.rsplit(':').next().unwrap().to_owned();
    let _api = Api::start(folder.path(), &port).unwrap();
    let run = user.run(&started(&["--json"])).ok();
    assert_eq!(run.json()[0]["brought"], 4, "{run:?}");
    assert_eq!(user.records().len(), 6);
    assert!(user.spool().is_empty());
}
