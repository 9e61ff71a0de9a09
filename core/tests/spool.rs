//! The files of a spool: what a process leaves behind when it is killed or its disk is full, who gets it, and what people see of it.
#![cfg(all(feature = "sqlite", unix))]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use futures::executor::block_on;
use futures::future::BoxFuture;
use tasktrail::schema::Timestamp;
use tasktrail::spool::{self, SpoolState};
use tasktrail::store::{EncodedRecord, Inserted, MemoryStore, Store};
use tasktrail::trail::{Mode, Trail};
use tasktrail::{Call, Error, Page, Query, Result, StoredRecord};
use uuid::Uuid;

const FOLDER: &str = "TASKTRAIL_TEST_SPOOL_FOLDER";

/// A store that takes nothing, or refuses some records for good.
#[derive(Debug)]
struct Difficult {
    inner: MemoryStore,
    is_away: bool,
}

impl Difficult {
    fn new(is_away: bool) -> Arc<Self> {
        let inner = MemoryStore::new(100_000);
        Arc::new(Difficult { inner, is_away })
    }
}

impl Store for Difficult {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        Box::pin(async move {
            if self.is_away {
                return Err(Error::store_unavailable("it is away"));
            }
            let (mut good, mut refused) = (Vec::new(), Vec::new());
            for (position, record) in batch.iter().enumerate() {
                if record.record().api_endpoint.as_deref() == Some("/bad") {
                    refused.push((position, Error::store_failed("never this one")));
                } else {
                    good.push(record.clone());
                }
            }
            let inserted = self.inner.insert(&good).await?;
            Ok(Inserted { refused, ..inserted })
        })
    }

    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, Result<Page>> {
        self.inner.query(query, now)
    }

    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        self.inner.get(audit_id, now)
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        self.inner.sweep(now)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}

fn call(path: &str) -> Call {
    Call {
        method: "POST".into(),
        path: path.into(),
        status: Some(201),
        ..Call::default()
    }
}

fn open(folder: &Path) -> Trail {
    Trail::builder_with_store(Difficult::new(true) as Arc<dyn Store>)
        .spool(folder)
        .mode(Mode::Strict)
        .open_blocking()
        .unwrap()
}

/// This test binary again, with one of the processes below.
fn process(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", name, "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn said<'a>(child: &mut Child, prefix: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines
        .map_while(std::io::Result::ok)
        .filter_map(move |line| line.strip_prefix(prefix).map(str::to_owned))
}

/// Not a test of its own: records until the disk refuses or somebody ends it, and says what was acknowledged.
#[test]
fn recording_process() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let trail = open(Path::new(&folder));
    let body = format!(r#"{{"title":"{}"}}"#, "something of some length ".repeat(20));
    loop {
        match trail.record_durable_blocking(call("/tasks"), Some(body.as_bytes())) {
            Ok(receipt) => println!("ACK {}", receipt.audit_id),
            Err(error) => {
                println!("ERR {}", error.code());
                // As a crash would: nothing is flushed.
                std::process::exit(0);
            }
        }
    }
}

/// Not a test of its own: empties the folder and says what it got.
#[test]
fn draining_process() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let store = Difficult::new(false);
    let drained = block_on(spool::drain(Path::new(&folder), &*store)).unwrap();
    for id in stored(&store) {
        println!("GOT {id}");
    }
    println!("FILES {}", drained.files);
}

fn stored(store: &Difficult) -> BTreeSet<String> {
    let query = Query {
        limit: 100_000,
        ..Query::default()
    };
    let page = block_on(store.inner.query(&query, Timestamp::from_millis(0))).unwrap();
    let records = page
        .items
        .iter()
        .map(|item| tasktrail::schema::Record::from_json(&item.json).unwrap());
    let calls = records.filter(|record| !record.operation_type.starts_with("audit."));
    calls.map(|record| record.audit_id.to_string()).collect()
}

/// A process that is killed once it has so many records on disk; the ids that it was told are safe.
fn killed(folder: &Path, records: usize) -> BTreeSet<String> {
    let mut child = process("recording_process", folder).spawn().unwrap();
    let mut lines = said(&mut child, "ACK ");
    let mut ids: BTreeSet<String> = lines.by_ref().take(records).collect();
    assert_eq!(ids.len(), records);
    child.kill().unwrap();
    child.wait().unwrap();
    // What it could still say before it ended.
    ids.extend(lines);
    ids
}

fn content(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn what_a_killed_process_acknowledged_is_there_and_only_its_owner_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let spool = folder.path().join("spool");
    let ids = killed(&spool, 40);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&spool), 0o700);
    for (path, _) in content(&spool) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let files = block_on(spool::list(&spool)).unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(files.first().map(|file| file.state), Some(SpoolState::Orphaned));
    assert!(
        files
            .iter()
            .all(|file| file.records >= Some(ids.len() as u64) && file.oldest.is_some())
    );
    let store = Difficult::new(false);
    let drained = block_on(spool::drain(&spool, &*store)).unwrap();
    assert_eq!((drained.files, drained.refused, drained.damaged), (1, 0, 0));
    assert!(stored(&store).is_superset(&ids));
    assert!(content(&spool).is_empty());
}

#[test]
fn of_two_processes_that_drain_at_once_each_record_goes_to_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut ids = BTreeSet::new();
    for _ in 0..4 {
        ids.extend(killed(folder.path(), 5));
    }
    let mut drains = [(); 2].map(|()| process("draining_process", folder.path()).spawn().unwrap());
    let got = drains.each_mut().map(|child| said(child, "GOT ").collect::<Vec<_>>());
    for mut child in drains {
        assert!(child.wait().unwrap().success());
    }
    let all: Vec<String> = got.concat();
    let distinct: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(all.len(), distinct.len(), "some went to both");
    assert!(distinct.is_superset(&ids));
    let is_spool = |path: &PathBuf| path.to_string_lossy().contains(".spool");
    assert!(!content(folder.path()).iter().any(|(path, _)| is_spool(path)));
}

#[test]
fn looking_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // A name that means something in a URI.
    let spool = folder.path().join("a spool?mode=rw#1%20");
    killed(&spool, 10);
    let damaged = killed(&spool, 10);
    let files = block_on(spool::list(&spool)).unwrap();
    assert_eq!(files.len(), 2);
    let aside = files.first().unwrap();
    let name = format!("{}.damaged-00000000000001", aside.path.display());
    std::fs::rename(&aside.path, name).unwrap();
    let before = content(&spool);
    let files = block_on(spool::list(&spool)).unwrap();
    let states: Vec<_> = files.iter().map(|file| file.state).collect();
    assert!(states.contains(&SpoolState::Orphaned) && states.contains(&SpoolState::Quarantined));
    let checks = block_on(spool::check(&spool)).unwrap();
    assert_eq!(checks.len(), 2);
    let orphan = checks
        .iter()
        .find(|check| check.file.state == SpoolState::Orphaned)
        .unwrap();
    assert_eq!((orphan.version, orphan.damaged, orphan.faults.len()), (Some(1), 0, 0));
    assert!(orphan.sound >= damaged.len().min(10) as u64);
    let json = serde_json::to_value(orphan).unwrap();
    for key in ["path", "writerId", "diskBytes", "deadLetters", "sound", "faults"] {
        assert!(json.get(key).is_some(), "{key}: {json}");
    }
    assert_eq!(json.get("isClosed"), Some(&serde_json::json!(false)));
    assert_eq!(json.get("state").and_then(|state| state.as_str()), Some("orphaned"));
    assert!(content(&spool) == before, "a look has changed something");
}

#[test]
fn a_living_trails_file_is_seen_and_left_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let trail = open(folder.path());
    trail.record_durable_blocking(call("/tasks"), None).unwrap();
    let files = block_on(spool::list(folder.path())).unwrap();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!(
        (file.state, file.writer_id.as_str()),
        (SpoolState::Live, trail.stats().writer_id.as_str())
    );
    assert!(file.records >= Some(1));
    let store = Difficult::new(false);
    assert_eq!(
        block_on(spool::drain(folder.path(), &*store)).unwrap(),
        spool::Drained::default()
    );
    trail.record_durable_blocking(call("/tasks"), None).unwrap();
}

#[test]
fn what_the_store_refuses_stays_as_a_dead_letter() {
    let folder = tempfile::tempdir().unwrap();
    let trail = open(folder.path());
    for path in ["/good", "/bad", "/good"] {
        trail.record_durable_blocking(call(path), None).unwrap();
    }
    trail.close_blocking(std::time::Duration::from_millis(50)).unwrap();
    let store = Difficult::new(false);
    let drained = block_on(spool::drain(folder.path(), &*store)).unwrap();
    assert_eq!((drained.files, drained.refused), (1, 1));
    let files = block_on(spool::list(folder.path())).unwrap();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!(
        (file.records, file.dead_letters, file.is_closed),
        (Some(0), Some(1), Some(true))
    );
    // There is nothing left to drain.
    assert_eq!(
        block_on(spool::drain(folder.path(), &*store)).unwrap(),
        spool::Drained::default()
    );
    assert_eq!(block_on(spool::list(folder.path())).unwrap(), files);
}

#[test]
fn a_full_disk_is_an_error_and_costs_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let binary = std::env::current_exe().unwrap();
    let mut child = Command::new("sh")
        .args([
            "-c",
            r#"trap "" XFSZ; ulimit -f 400; exec "$0" --exact recording_process --nocapture"#,
        ])
        .arg(binary)
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines: Vec<String> = said(&mut child, "").collect();
    assert!(child.wait().unwrap().success());
    let ids: BTreeSet<String> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("ACK ").map(str::to_owned))
        .collect();
    assert!(
        ids.len() > 10 && lines.iter().any(|line| line.starts_with("ERR TT_AUDIT_")),
        "{lines:?}"
    );
    let store = Difficult::new(false);
    let drained = block_on(spool::drain(folder.path(), &*store)).unwrap();
    assert_eq!(drained.damaged, 0);
    assert!(stored(&store).is_superset(&ids));
}
