//! How many records a second reach a store, sanitizing and encoding included, beside the store's own driver that is given what the trail
//! would store, ready-made.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use mongodb::bson::{RawDocumentBuf, doc};
use mongodb::options::{Acknowledgment, CollectionOptions, WriteConcern};
use mongodb::{Client, Collection};
use rusqlite::types::Value;
use rusqlite::{Connection, TransactionBehavior, params_from_iter};
use rustix::time::{ClockId, clock_gettime};
use tasktrail::store::{self, StoreUrl};
use tasktrail::{Call, Trail};
use tasktrail_bench::{BareStore, Goal, Row, body, call, median};
use tokio::runtime::Runtime;

use crate::{Settings, in_turns};

/// Records of a round.
const RECORDS: usize = 60_000;
const ROUNDS: usize = 7;
/// The producer waits while more than this wait in memory, so that nothing is dropped.
const HIGH_WATER: u64 = 6_000;
const DRAINED: Duration = Duration::from_secs(120);
/// Records of a batch and batches at once that the driver is tried with.
const BATCHES: [usize; 2] = [500, 1_000];
const AT_ONCE: [usize; 3] = [1, 2, 4];

/// Records a second, and what this process worked for each in microseconds.
#[derive(Debug, Clone, Copy)]
struct Rate {
    a_second: f64,
    work: f64,
}

/// Time that passes, and work of this process.
struct Clock {
    began: Instant,
    worked: Duration,
}

impl Clock {
    fn start() -> Self {
        Clock {
            began: Instant::now(),
            worked: process_worked(),
        }
    }

    fn rate(&self, records: usize) -> Rate {
        Rate {
            a_second: records as f64 / self.began.elapsed().as_secs_f64(),
            work: (process_worked() - self.worked).as_secs_f64() * 1e6 / records as f64,
        }
    }
}

/// What all threads of this process have worked so far.
fn process_worked() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap()
}

/// The row of a store, and in its note what both sides work.
fn row(name: &str, peer_name: &str, rounds: &[(Rate, Rate)], note: &str) -> Row {
    let rates: Vec<(f64, f64)> = rounds
        .iter()
        .map(|(ours, peer)| (ours.a_second, peer.a_second))
        .collect();
    let row = Row::of_rounds(name, peer_name, "/s", &rates)
        .goal(Goal::AtLeast(0.85))
        .note(format!(
            "{note}; this process works {:.1} us a record, with the peer {:.1}",
            median(rounds.iter().map(|(ours, _)| ours.work)),
            median(rounds.iter().map(|(_, peer)| peer.work))
        ));
    row.say();
    row
}

fn ready_calls(count: usize) -> Vec<(Call, String)> {
    (0..count).map(|at| (call(at), body(at))).collect()
}

/// Records all calls as fast as the trail takes them, and waits until they are stored: records a second.
fn trail_rate(trail: &Trail, calls: Vec<(Call, String)>) -> Rate {
    let clock = Clock::start();
    let count = calls.len();
    for (at, (call, body)) in calls.into_iter().enumerate() {
        if at % 256 == 0 {
            while trail.stats().ledger.queued > HIGH_WATER {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        trail.record(call, Some(body.as_bytes()));
    }
    trail.flush_blocking(DRAINED).unwrap();
    let rate = clock.rate(count);
    let ledger = trail.stats().ledger;
    assert!(
        ledger.stored >= count as u64 && ledger.dropped.total() == 0,
        "not all were stored: {ledger:?}"
    );
    rate
}

pub(crate) fn mongodb(settings: &Settings) -> Vec<Row> {
    let Some(server) = &settings.mongodb else {
        eprintln!("no MongoDB is named in TASKTRAIL_BENCH_MONGODB: its rows are left out");
        return Vec::new();
    };
    let count = settings.rounds(RECORDS);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let lab = Mongo {
        client: runtime.block_on(Client::with_uri_str(server)).unwrap(),
        server: server.clone(),
        runtime,
        databases: AtomicUsize::new(0),
    };
    let documents = lab.documents(count);
    let bytes = documents
        .iter()
        .map(|document| document.as_bytes().len())
        .sum::<usize>()
        / count;

    let tried = documents.len() / 2;
    let (mut best, mut best_rate) = ((0, 0), 0.0);
    for batch in BATCHES {
        for at_once in AT_ONCE {
            let rate = lab.driver_rate(&documents[..tried], batch, at_once).a_second;
            eprintln!("insert_many of {batch}, {at_once} at once: {rate:.0}/s");
            if rate > best_rate {
                (best, best_rate) = ((batch, at_once), rate);
            }
        }
    }
    let rounds = in_turns(
        settings.rounds(ROUNDS),
        |_| lab.trail_rate(ready_calls(count)),
        |_| lab.driver_rate(&documents, best.0, best.1),
    );
    let note = format!(
        "{count} records a round, documents of {bytes} bytes; the driver at its best: batches of {}, {} at once",
        best.0, best.1
    );
    vec![row(
        "record into MongoDB, sustained",
        "the driver's insert_many, ready documents",
        &rounds,
        &note,
    )]
}

struct Mongo {
    client: Client,
    server: String,
    runtime: Runtime,
    databases: AtomicUsize,
}

impl Mongo {
    /// A database that nobody has used, with the trail's collection and indexes in it.
    fn fresh(&self) -> String {
        let name = format!("bench_{}_{}", std::process::id(), self.databases.fetch_add(1, Relaxed));
        let url = StoreUrl::parse(&self.url(&name)).unwrap();
        self.runtime.block_on(async {
            let opened = store::open(&url).await.unwrap();
            opened.close().await;
        });
        name
    }

    fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.server.trim_end_matches('/'))
    }

    fn collection(&self, database: &str) -> Collection<RawDocumentBuf> {
        // As the trail has it.
        let concern = WriteConcern::builder().w(Acknowledgment::Majority).build();
        let options = CollectionOptions::builder().write_concern(concern).build();
        self.client
            .database(database)
            .collection_with_options("audit_history", options)
    }

    fn drop_database(&self, name: &str) {
        self.runtime
            .block_on(self.client.database(name).drop().into_future())
            .unwrap();
    }

    fn trail_rate(&self, calls: Vec<(Call, String)>) -> Rate {
        let name = self.fresh();
        let trail = Trail::builder(self.url(&name)).open_blocking().unwrap();
        let rate = trail_rate(&trail, calls);
        trail.close_blocking(DRAINED).unwrap();
        self.drop_database(&name);
        rate
    }

    /// The documents that the trail stores, as it sends them.
    fn documents(&self, count: usize) -> Vec<RawDocumentBuf> {
        let kept = Arc::new(BareStore::keeping());
        let trail = Trail::builder_with_store(Arc::clone(&kept) as _)
            .open_blocking()
            .unwrap();
        trail_rate(&trail, ready_calls(count));
        let documents: Vec<RawDocumentBuf> = kept
            .take()
            .iter()
            .filter(|encoded| encoded.record().http_method.is_some())
            .map(|encoded| RawDocumentBuf::from_bytes(store::bson_of(encoded.record()).unwrap()).unwrap())
            .collect();
        trail.close_blocking(DRAINED).unwrap();
        assert_eq!(documents.len(), count);
        documents
    }

    fn driver_rate(&self, documents: &[RawDocumentBuf], batch: usize, at_once: usize) -> Rate {
        let name = self.fresh();
        let collection = self.collection(&name);
        let batches: Arc<[Vec<RawDocumentBuf>]> = documents.chunks(batch).map(<[RawDocumentBuf]>::to_vec).collect();
        let next = Arc::new(AtomicUsize::new(0));
        let clock = Clock::start();
        self.runtime.block_on(async {
            let tasks: Vec<_> = (0..at_once)
                .map(|_| {
                    let (collection, batches, next) = (collection.clone(), Arc::clone(&batches), Arc::clone(&next));
                    tokio::spawn(async move {
                        while let Some(batch) = batches.get(next.fetch_add(1, Relaxed)) {
                            collection.insert_many(batch).ordered(false).await.unwrap();
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        let rate = clock.rate(documents.len());
        let stored = self
            .runtime
            .block_on(collection.count_documents(doc! {}).into_future())
            .unwrap();
        assert_eq!(stored, documents.len() as u64);
        self.drop_database(&name);
        rate
    }
}

/// Records of a transaction: what the trail's batches hold.
const TRANSACTION: usize = 500;

pub(crate) fn sqlite(settings: &Settings) -> Vec<Row> {
    let folder = settings.scratch();
    let count = settings.rounds(RECORDS);
    let sample = folder.path().join("sample.db");
    trail_into(&sample, count);
    let (columns, rows) = stored_rows(&sample);
    let rounds = in_turns(
        settings.rounds(ROUNDS),
        |round| {
            let file = folder.path().join(format!("ours-{round}.db"));
            let rate = trail_into(&file, count);
            remove(&file);
            rate
        },
        |round| {
            let file = folder.path().join(format!("peer-{round}.db"));
            let rate = inserts_into(&file, &columns, &rows);
            remove(&file);
            rate
        },
    );
    let note = format!("{count} records a round, the same rows, {TRANSACTION} a transaction, WAL, synchronous FULL");
    vec![row(
        "record into SQLite, sustained",
        "prepared INSERTs in transactions",
        &rounds,
        &note,
    )]
}

fn trail_into(file: &Path, count: usize) -> Rate {
    let trail = Trail::builder(format!("sqlite:{}", file.display()))
        .open_blocking()
        .unwrap();
    let rate = trail_rate(&trail, ready_calls(count));
    trail.close_blocking(DRAINED).unwrap();
    rate
}

/// The rows that a trail has stored, and their columns; the arrival is the file's own to give.
fn stored_rows(file: &Path) -> (Vec<String>, Vec<Vec<Value>>) {
    let connection = Connection::open(file).unwrap();
    let mut statement = connection
        .prepare("SELECT * FROM audit_history WHERE operation_type NOT LIKE 'audit.%' ORDER BY arrival")
        .unwrap();
    let columns: Vec<String> = statement.column_names().skip(1).map(ToString::to_string).collect();
    let count = columns.len();
    let rows = statement
        .query_map([], |row| (1..=count).map(|at| row.get(at)).collect())
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    (columns, rows)
}

/// What a program does that has the rows already: the trail's own schema, its pragmas, its batches.
fn inserts_into(file: &Path, columns: &[String], rows: &[Vec<Value>]) -> Rate {
    let url = StoreUrl::parse(&format!("sqlite:{}", file.display())).unwrap();
    futures::executor::block_on(async {
        let opened = store::open(&url).await.unwrap();
        opened.close().await;
    });
    let mut connection = Connection::open(file).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    let places: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
    let insert = format!(
        "INSERT INTO audit_history ({}) VALUES ({})",
        columns.join(", "),
        places.join(", ")
    );
    let clock = Clock::start();
    for batch in rows.chunks(TRANSACTION) {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        let mut statement = transaction.prepare_cached(&insert).unwrap();
        for row in batch {
            statement.execute(params_from_iter(row)).unwrap();
        }
        drop(statement);
        transaction.commit().unwrap();
    }
    clock.rate(rows.len())
}

fn remove(file: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(ending);
        // The log and its index are gone after a clean close.
        let _ = std::fs::remove_file(name);
    }
}
