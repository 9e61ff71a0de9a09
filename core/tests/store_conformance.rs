//! The suite that every store passes, and what is particular to each.
//!
//! MongoDB takes part when `TASKTRAIL_TEST_MONGODB` names a server (`mongodb://127.0.0.1:27017`); each test has a database of its own there.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tasktrail::query::MAX_LIMIT;
use tasktrail::schema::{Json, Record, Timestamp};
use tasktrail::store::conformance::{Abilities, Fixture};
use tasktrail::store::{EncodedRecord, MemoryStore, MongoStore, SqliteStore, Store};
use tasktrail::{Code, Query};
use uuid::Uuid;

/// A moment long after every test record and before any of them expires.
const NOW: i64 = 4_000_000_000_000;
const MONGODB: &str = "TASKTRAIL_TEST_MONGODB";

struct Memory(MemoryStore);

impl Fixture for Memory {
    async fn fresh() -> Option<Self> {
        Some(Memory(MemoryStore::new(20_000)))
    }

    fn store(&self) -> &dyn Store {
        &self.0
    }

    async fn end(self) {
        self.0.close().await;
    }
}

struct Sqlite {
    store: SqliteStore,
    folder: tempfile::TempDir,
}

impl Fixture for Sqlite {
    async fn fresh() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("audit.db")).await.unwrap();
        Some(Sqlite { store, folder })
    }

    fn store(&self) -> &dyn Store {
        &self.store
    }

    async fn end(self) {
        self.store.close().await;
        self.folder.close().unwrap();
    }
}

struct Mongodb {
    store: MongoStore,
    url: String,
    database: String,
}

impl Fixture for Mongodb {
    const ABILITIES: Abilities = Abilities {
        // A TTL index does.
        sweep: false,
        ..Abilities::ALL
    };

    async fn fresh() -> Option<Self> {
        let (url, database) = mongodb_url()?;
        let store = MongoStore::open(&url).await.unwrap();
        Some(Mongodb { store, url, database })
    }

    fn store(&self) -> &dyn Store {
        &self.store
    }

    async fn end(self) {
        self.store.close().await;
        drop_database(&self.url, &self.database).await;
    }
}

mod memory {
    tasktrail::store_conformance!(super::Memory);
}

mod sqlite {
    tasktrail::store_conformance!(super::Sqlite);
}

mod mongodb {
    tasktrail::store_conformance!(super::Mongodb);
}

fn mongodb_url() -> Option<(String, String)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var(MONGODB) else {
        eprintln!("skipped: {MONGODB} names no server");
        return None;
    };
    let (base, options) = server
        .split_once('?')
        .map_or((server.as_str(), String::new()), |(base, options)| {
            (base, format!("?{options}"))
        });
    let hosts = base.split("://").nth(1).unwrap().split('/').next().unwrap();
    let name = format!(
        "tasktrail_test_{}_{}",
        std::process::id(),
        NUMBER.fetch_add(1, Ordering::Relaxed)
    );
    Some((format!("mongodb://{hosts}/{name}{options}"), name))
}

async fn drop_database(url: &str, name: &str) {
    let client = ::mongodb::Client::with_uri_str(url).await.unwrap();
    client.database(name).drop().await.unwrap();
    client.shutdown().immediate(true).await;
}

/// The records that another implementation has written out, on every store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_exemplar_comes_back_byte_for_byte() {
    exemplar_of::<Memory>().await;
    exemplar_of::<Sqlite>().await;
    exemplar_of::<Mongodb>().await;
}

async fn exemplar_of<F: Fixture>() {
    let Some(fixture) = F::fresh().await else { return };
    let store = fixture.store();
    let texts: Vec<Json> = serde_json::from_str(include_str!("../../tests/vectors/exemplar.json")).unwrap();
    let batch: Vec<_> = texts
        .iter()
        .map(|text| EncodedRecord::new(Record::from_json(text.as_str()).unwrap()))
        .collect();
    insert(store, &batch).await;
    for (encoded, text) in batch.iter().zip(&texts) {
        let stored = store.get(encoded.record().audit_id, now()).await.unwrap().unwrap();
        assert_eq!(stored.json, text.as_str());
        assert_eq!(Record::from_json(&stored.json).unwrap(), *encoded.record());
    }
    let all = Query {
        limit: MAX_LIMIT,
        ..Query::default()
    };
    assert_eq!(store.query(&all, now()).await.unwrap().items.len(), texts.len());
    fixture.end().await;
}

fn now() -> Timestamp {
    Timestamp::from_millis(NOW)
}

fn record(number: u128, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> EncodedRecord {
    let time = Timestamp::from_millis(1_700_000_000_000 + i64::try_from(number).unwrap()).to_string();
    let mut fields = json!({
        "audit_id": Uuid::from_u128(number), "timestamp": time, "recorded_at": time, "writer_id": "w", "seq": 1,
        "operation_type": "task.started", "outcome": "success", "workspace_id": "ws_a", "actor": "anonymous",
        "actor_type": "anonymous", "channel": "http",
    });
    change(fields.as_object_mut().unwrap());
    EncodedRecord::new(Record::from_json(&fields.to_string()).unwrap())
}

fn plain(range: std::ops::Range<u128>) -> Vec<EncodedRecord> {
    range.map(|number| record(number, |_| {})).collect()
}

async fn insert(store: &dyn Store, batch: &[EncodedRecord]) {
    let inserted = store.insert(batch).await.unwrap();
    assert_eq!(
        (inserted.stored, inserted.duplicates, inserted.refused.len()),
        (batch.len(), 0, 0),
        "{:?}",
        inserted.refused
    );
}

mod sqlite_file {
    use std::io::Write as _;
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::*;

    #[tokio::test]
    async fn reopening_keeps_everything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/audit.db");
        let encoded = record(1, |fields| fields["actor"] = json!("ünï😀"));
        let store = SqliteStore::open(&path).await.unwrap();
        insert(&store, std::slice::from_ref(&encoded)).await;
        let before = store.get(encoded.record().audit_id, now()).await.unwrap();
        store.close().await;
        // Also after an end without close.
        for _ in 0..2 {
            let store = SqliteStore::open(&path).await.unwrap();
            assert_eq!(store.get(encoded.record().audit_id, now()).await.unwrap(), before);
            assert_eq!(
                store.insert(std::slice::from_ref(&encoded)).await.unwrap().duplicates,
                1
            );
        }
    }

    #[tokio::test]
    async fn an_unusable_path_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("text.txt");
        std::fs::write(
            &file,
            "This is a text of more than a hundred bytes, so that nobody can take it for the head of a database. "
                .repeat(9),
        )
        .unwrap();
        let bad = [
            folder.path().to_path_buf(),
            file.clone(),
            file.join("audit.db"),
            file.join("deeper/audit.db"),
            Path::new("/proc/no-such-place/audit.db").to_path_buf(),
            Path::new(":memory:").to_path_buf(),
        ];
        for path in bad {
            let error = SqliteStore::open(&path).await.expect_err(&path.display().to_string());
            assert_eq!((error.code(), error.field()), (Code::StorePath, Some("url")), "{error}");
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
            assert!(!error.is_retryable());
            eprintln!("{error}");
        }
        assert!(
            std::fs::read_to_string(&file).unwrap().starts_with("This is a text"),
            "it is left as it was"
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_trails_write_into_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let (one, two) = tokio::join!(SqliteStore::open(&path), SqliteStore::open(&path));
        let (one, two) = (one.unwrap(), two.unwrap());
        for round in 0..20_u128 {
            let (a, b) = (
                plain(round * 100..round * 100 + 60),
                plain(round * 100 + 40..round * 100 + 100),
            );
            let (a, b) = tokio::join!(one.insert(&a), two.insert(&b));
            assert_eq!(a.unwrap().stored + b.unwrap().stored, 100);
        }
        assert_eq!(one.query(&Query::default(), now()).await.unwrap().total, 2_000);
        assert_eq!(two.query(&Query::default(), now()).await.unwrap().total, 2_000);
    }

    const READER: &str = "TASKTRAIL_TEST_READER_OF";

    /// The other process of the next test; by itself it does nothing.
    #[test]
    fn reader_process() {
        let Ok(path) = std::env::var(READER) else { return };
        let read_only = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = rusqlite::Connection::open_with_flags(path, read_only).unwrap();
        let mut last = 0_i64;
        while last < 5_000 {
            let count = "SELECT count(*) FROM audit_history";
            let counted: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
            assert!(
                counted >= last && counted % 50 == 0,
                "whole batches only: {counted} after {last}"
            );
            last = counted;
        }
    }

    #[tokio::test]
    async fn another_process_reads_while_records_come() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.db");
        let store = SqliteStore::open(&path).await.unwrap();
        let mut reader = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "sqlite_file::reader_process", "--nocapture"])
            .env(READER, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        for start in (0..5_000).step_by(50) {
            insert(&store, &plain(start..start + 50)).await;
        }
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while reader.try_wait().unwrap().is_none() {
            if std::time::Instant::now() > deadline {
                reader.kill().unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let output = reader.wait_with_output().unwrap();
        std::io::stderr().write_all(&output.stderr).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

mod mongodb_server {
    use std::time::{Duration, Instant};

    use super::*;

    #[tokio::test]
    async fn an_unreachable_server_is_named_in_time() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed_port = closed.local_addr().unwrap().port();
        drop(closed);
        // One that takes connections and never says a word.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        for port in [closed_port, silent.local_addr().unwrap().port()] {
            let start = Instant::now();
            let error = MongoStore::open(&format!("mongodb://annika:s3cret@127.0.0.1:{port}/trail"))
                .await
                .unwrap_err();
            assert_eq!(
                (error.code(), error.is_retryable()),
                (Code::StoreUnavailable, true),
                "{error}"
            );
            assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
            assert!(start.elapsed() < Duration::from_millis(4_500), "{:?}", start.elapsed());
            eprintln!("{error}");
        }
        let quick = format!("mongodb://127.0.0.1:{closed_port}/?serverSelectionTimeoutMS=200");
        let start = Instant::now();
        MongoStore::open(&quick).await.unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(2), "the URL's own deadline holds");
    }

    #[tokio::test]
    async fn a_malformed_url_is_explained_without_its_password() {
        for url in [
            "mongodb://annika:s3cret@/trail",
            "mongodb://annika:s3/cret@db1/trail",
            "mongodb://annika:s3?cret@db1/trail",
            "mongodb://annika:s3@cret@db1/trail",
            "mongodb://annika:s3%cret@db1/trail",
            "mongodb://annika:s3cret@db1:port/trail",
            "mongodb://annika:s3cret@db1:99999/trail",
            "mongodb://annika:s3cret@db1/trail?w=-5",
            "mongodb://annika:s3cret@db1/trail?tls=maybe",
        ] {
            let error = MongoStore::open(url).await.expect_err(url);
            assert_eq!(
                (error.code(), error.field()),
                (Code::UrlInvalid, Some("url")),
                "{url}: {error}"
            );
            let text = error.to_string();
            assert!(
                !text.contains("s3") && !text.contains("cret") && !text.contains("annika"),
                "{url}: {text}"
            );
            eprintln!("{text}");
        }
    }

    #[tokio::test]
    async fn a_refused_login_says_what_to_check() {
        let Some((url, _)) = mongodb_url() else { return };
        let url = url.replacen("mongodb://", "mongodb://nobody:s3cret@", 1);
        let error = MongoStore::open(&url).await.unwrap_err();
        assert_eq!(
            (error.code(), error.is_retryable()),
            (Code::StoreFailed, false),
            "{error}"
        );
        assert!(
            error.to_string().contains("authSource") && !error.to_string().contains("s3cret"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn calls_that_are_given_up_do_no_harm() {
        let Some((url, name)) = mongodb_url() else { return };
        let store = MongoStore::open(&url).await.unwrap();
        for start in (0..2_000).step_by(100) {
            let batch = plain(start..start + 100);
            // Polled once, then dropped: the driver finishes the batch by itself.
            let _ = tokio::time::timeout(Duration::ZERO, store.insert(&batch)).await;
        }
        let deadline = Instant::now() + Duration::from_secs(10);
        while store.query(&Query::default(), now()).await.unwrap().total < 2_000 {
            assert!(Instant::now() < deadline);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        store.close().await;
        drop_database(&url, &name).await;
    }
}
