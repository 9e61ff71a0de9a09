//! What a page costs in a small history and in a large one, and far from its beginning.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures::StreamExt as _;
use tasktrail::Trail;
use tasktrail::query::{Cursor, Query};
use tasktrail::schema::{Json, Record, Timestamp};
use tasktrail::store::{self, EncodedRecord, Store, StoreUrl};
use tasktrail_bench::{BODY, BareStore, Goal, Row, body, call};
use uuid::Uuid;

use crate::Settings;

/// Records of the small history, and of the large ones.
const SMALL: usize = 10_000;
const LARGE: usize = 1_000_000;
const LARGEST: usize = 10_000_000;
/// Of each twenty records nineteen are one busy workspace's; the others are those of five quiet ones, in turns.
const CYCLE: usize = 20;
const BUSY: &str = "ws_v3icefjzdznkrnveqzg7cc5p00";
const QUIET: usize = 5;
/// Records of a page.
const PAGE: usize = 50;
/// The page that is to cost what the first one costs.
const FAR_PAGE: usize = 10_000;
/// How often each question is asked.
const ROUNDS: usize = 200;
/// Between one record and the next.
const STEP_MS: i64 = 50;
const BATCH: usize = 1_000;
const IDS: usize = 1_000;

pub(crate) fn sqlite(settings: &Settings) -> Vec<Row> {
    let folder = settings.scratch();
    let url = |size: usize| format!("sqlite:{}", folder.path().join(format!("{size}.db")).display());
    compare(settings, "SQLite", &[SMALL, settings.large()], url)
}

pub(crate) fn mongodb(settings: &Settings) -> Vec<Row> {
    let Some(server) = &settings.mongodb else {
        eprintln!("no MongoDB is named in TASKTRAIL_BENCH_MONGODB: its rows are left out");
        return Vec::new();
    };
    let name = |size: usize| format!("bench_queries_{}_{size}", std::process::id());
    let url = |size: usize| format!("{}/{}", server.trim_end_matches('/'), name(size));
    let mut sizes = vec![SMALL, settings.large()];
    if settings.large {
        sizes.push(LARGEST);
    }
    let rows = compare(settings, "MongoDB", &sizes, url);
    let runtime = runtime();
    let client = runtime.block_on(mongodb::Client::with_uri_str(server)).unwrap();
    for size in sizes {
        runtime
            .block_on(client.database(&name(size)).drop().into_future())
            .unwrap();
    }
    rows
}

impl Settings {
    fn large(&self) -> usize {
        if self.quick { LARGE / 5 } else { LARGE }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// One question to a history.
#[derive(Clone, Copy)]
enum Question {
    /// The newest page of the busy workspace, with its total.
    First,
    /// The page in the middle of what the busy workspace has.
    Middle,
    /// The busy workspace's page at [`FAR_PAGE`].
    Far,
    /// The newest page of a quiet workspace: its total grows with the history.
    Quiet,
    /// One record by its id.
    ById,
    /// How many records there are, up to the cap.
    Total,
}

struct History {
    records: usize,
    trail: Trail,
    newest_ms: i64,
}

fn compare(settings: &Settings, store: &str, sizes: &[usize], url: impl Fn(usize) -> String) -> Vec<Row> {
    let histories: Vec<History> = sizes.iter().map(|size| History::filled(*size, &url(*size))).collect();
    let (small, large) = (&histories[0], &histories[histories.len() - 1]);
    let thousands = |history: &History| format!("{},000 records", history.records / 1_000);
    let rounds = settings.rounds(ROUNDS);
    let mut rows = Vec::new();
    for (question, name, goal) in [
        (Question::First, "a workspace's first page and total", Some(1.3)),
        (Question::Middle, "a page in the middle, by cursor", Some(1.3)),
        (Question::ById, "a record by id", Some(1.3)),
        (Question::Total, "the bounded total and one record", Some(1.3)),
        (Question::Quiet, "a quiet workspace's first page and total", None),
    ] {
        for large in &histories[1..] {
            let mut row = Row::of_rounds(
                &format!("{store}: {name}, {}", thousands(large)),
                &thousands(small),
                "us",
                &times(rounds, large, question, small, question),
            );
            row.goal = goal.map(Goal::AtMost);
            row.note = match question {
                Question::Quiet => {
                    format!(
                        "no goal: it has {} records there and {} here, and all are counted",
                        large.quiet(),
                        small.quiet()
                    )
                }
                Question::ById => format!("{IDS} ids at random, read before"),
                _ => "warm".to_owned(),
            };
            row.say();
            rows.push(row);
        }
    }
    if large.busy() > FAR_PAGE * PAGE {
        let row = Row::of_rounds(
            &format!("{store}: page {FAR_PAGE} by cursor, {}", thousands(large)),
            "page 1",
            "us",
            &times(rounds, large, Question::Far, large, Question::First),
        );
        let row = row.goal(Goal::AtMost(1.2)).note("warm; a page of 50 and its total");
        row.say();
        rows.push(row);
    }
    for history in histories {
        history.trail.close_blocking(Duration::from_secs(30)).unwrap();
    }
    rows
}

/// Both questions in turns, in microseconds.
fn times(rounds: usize, one: &History, ours: Question, other: &History, peer: Question) -> Vec<(f64, f64)> {
    for at in 0..IDS.min(20 * rounds) {
        if at < 5 || matches!(ours, Question::ById) {
            one.ask(ours, at);
            other.ask(peer, at);
        }
    }
    crate::in_turns(rounds, |at| one.ask(ours, at), |at| other.ask(peer, at))
}

impl History {
    /// A history of so many records, written by the store itself.
    fn filled(records: usize, url: &str) -> Self {
        let template = template();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let newest_ms = i64::try_from(now).unwrap();
        let runtime = runtime();
        let began = Instant::now();
        runtime.block_on(async {
            let store: Arc<dyn Store> = store::open(&StoreUrl::parse(url).unwrap()).await.unwrap();
            let batches = (0..records).step_by(BATCH).map(|from| {
                let batch: Vec<EncodedRecord> = (from..(from + BATCH).min(records))
                    .map(|at| EncodedRecord::new(record(&template, at, records, newest_ms)))
                    .collect();
                let store = Arc::clone(&store);
                async move {
                    assert_eq!(store.insert(&batch).await.unwrap().stored, batch.len());
                }
            });
            // In flight together, as the trail's own batches are.
            futures::stream::iter(batches).buffered(2).for_each(|()| async {}).await;
            store.close().await;
        });
        eprintln!("{records} records after {:.0} s", began.elapsed().as_secs_f64());
        let trail = Trail::builder(url).open_blocking().unwrap();
        trail.flush_blocking(Duration::from_secs(30)).unwrap();
        History {
            records,
            trail,
            newest_ms,
        }
    }

    fn busy(&self) -> usize {
        self.records / CYCLE * (CYCLE - 1)
    }

    fn quiet(&self) -> usize {
        self.records / CYCLE / QUIET
    }

    /// The cursor behind so many of the busy workspace's newest.
    fn behind(&self, newer: usize) -> Cursor {
        let from_oldest = self.busy() - newer;
        let at = from_oldest / (CYCLE - 1) * CYCLE + from_oldest % (CYCLE - 1);
        Cursor::Keyset {
            timestamp: time_of(at, self.records, self.newest_ms),
            audit_id: id_of(at, self.records, self.newest_ms),
        }
    }

    /// Asks, and answers the time that it took in microseconds.
    fn ask(&self, question: Question, round: usize) -> f64 {
        let busy = || Query::workspace(BUSY);
        let query = match question {
            Question::First => busy(),
            Question::Middle => busy().cursor(self.behind(self.busy() / 2 / PAGE * PAGE)),
            Question::Far => busy().cursor(self.behind((FAR_PAGE - 1) * PAGE)),
            Question::Quiet => Query::workspace(workspace_of(CYCLE - 1)),
            Question::Total => Query::default().limit(1),
            Question::ById => {
                let at = (round % IDS * 7_919 + 13) * 104_729 % self.records;
                let id = id_of(at, self.records, self.newest_ms);
                let began = Instant::now();
                let found = self.trail.get_blocking(id).unwrap();
                let took = began.elapsed();
                assert!(found.is_some_and(|found| found.audit_id == id));
                return took.as_secs_f64() * 1e6;
            }
        };
        let began = Instant::now();
        let page = self.trail.query_blocking(&query).unwrap();
        let took = began.elapsed();
        assert_eq!(page.items.len(), query.limit as usize);
        if let Some(Cursor::Keyset { audit_id, .. }) = query.cursor {
            assert!(page.items[0].audit_id < audit_id);
        }
        took.as_secs_f64() * 1e6
    }
}

/// What a trail makes of a call.
fn template() -> Record {
    let kept = Arc::new(BareStore::keeping());
    let trail = Trail::builder_with_store(Arc::clone(&kept) as _)
        .open_blocking()
        .unwrap();
    trail.record(call(0), Some(BODY.as_bytes()));
    trail.close_blocking(Duration::from_secs(5)).unwrap();
    let records = kept.take();
    let of_call = records.iter().find(|encoded| encoded.record().http_method.is_some());
    of_call.unwrap().record().clone()
}

fn time_of(at: usize, records: usize, newest_ms: i64) -> Timestamp {
    Timestamp::from_millis(newest_ms - (records - at) as i64 * STEP_MS)
}

/// A UUIDv7 of the record's time, with its position where others have random bits.
fn id_of(at: usize, records: usize, newest_ms: i64) -> Uuid {
    let millis = time_of(at, records, newest_ms).millis().unsigned_abs();
    Uuid::from_u64_pair(millis << 16 | 0x7000, 0x8000_0000_0000_0000 | at as u64)
}

fn workspace_of(at: usize) -> String {
    if at % CYCLE < CYCLE - 1 {
        BUSY.to_owned()
    } else {
        format!("ws_quiet_quiet_quiet_quiet_{}", at / CYCLE % QUIET)
    }
}

fn record(template: &Record, at: usize, records: usize, newest_ms: i64) -> Record {
    let host = call(at);
    let time = time_of(at, records, newest_ms);
    Record {
        audit_id: id_of(at, records, newest_ms),
        seq: at as u64 + 1,
        timestamp: time,
        recorded_at: time,
        workspace_id: workspace_of(at),
        worktree_path: host.worktree_path,
        run_id: host.run_id,
        session_id: host.session_id,
        request_id: host.request_id,
        project_number: host.project_number,
        request_summary: Json::parse(body(at)),
        ..template.clone()
    }
}
