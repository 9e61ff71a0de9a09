//! What the core costs, each time beside a peer in the same process: `cargo xtask bench core` reads the rows that this prints.
//!
//! A row is measured in rounds. In each, ours and the peer's run one after the other, equally often in either order, each for so many
//! calls that the clock can tell; the row's ratio is the median of the rounds' ratios, so whatever slows the machine slows both. The clock
//! is that of the thread's own work: what else the machine does meanwhile does not count.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement stops at the first fault"
)]

#[cfg(feature = "mongodb")]
mod plain_record;

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tasktrail::facade::pure;
use tasktrail::schema::{OperationRule, OperationTable};

/// Rounds of a row, and of a row when it must be quick.
const ROUNDS: [usize; 2] = [60, 12];
/// What one side of a round takes at least.
const SLICE: Duration = Duration::from_millis(2);

fn main() {
    // `cargo bench` and `cargo test` pass flags of their own.
    let quick = std::env::args().any(|argument| argument == "--quick");
    let bench = Bench {
        rounds: ROUNDS[usize::from(quick)],
    };
    let mut rows = sanitizer(&bench);
    rows.push(operations(&bench));
    #[cfg(feature = "mongodb")]
    rows.push(encoder(&bench));
    println!("{}", Value::Array(rows));
}

/// The sanitizer beside what a host would do otherwise to look at a body: parse it and print it.
fn sanitizer(bench: &Bench) -> Vec<Value> {
    let [small, secrets, medium, large] = [
        clean_body(2_048),
        body_with_secrets(),
        clean_body(64 * 1_024),
        clean_body(10_000_000),
    ];
    let beside_serde_json = |name: &str, body: &str, goal: Option<f64>| {
        let row = bench.compare(
            || pure::sanitize_json(black_box(body)),
            || parse_and_print(black_box(body)),
        );
        let note = format!("{} bytes in, {} out", body.len(), pure::sanitize_json(body).len());
        row.json(name, "serde_json to Value and back", goal, &note)
    };
    let longer = bench.compare(
        || pure::sanitize_json(black_box(&large)),
        || pure::sanitize_json(black_box(&medium)),
    );
    vec![
        beside_serde_json("sanitize 2 KB", &small, Some(1.0)),
        beside_serde_json("sanitize 2 KB with 5 secrets", &secrets, None),
        beside_serde_json("sanitize 64 KiB", &medium, None),
        beside_serde_json("sanitize 10 MB", &large, None),
        longer.json(
            "sanitize 10 MB",
            "sanitize 64 KiB",
            Some(1.5),
            "a body costs what is kept of it",
        ),
    ]
}

/// The last of many routes beside the last of few, by raw paths, which no table of templates has word for word.
fn operations(bench: &Bench) -> Value {
    let table = |routes: usize| {
        let rules: Vec<OperationRule> = (0..routes)
            .map(|at| {
                let rule = json!({ "methods": "POST", "path": format!("/area{at}/things/:id/act"), "operation": "thing.acted" });
                serde_json::from_value(rule).unwrap()
            })
            .collect();
        (
            OperationTable::new(&rules).unwrap(),
            format!("/api/area{}/things/7/act", routes - 1),
        )
    };
    let [few, many] = [table(5), table(500)];
    let look_up = |(table, path): &(OperationTable, String)| table.classify("POST", black_box(path), None);
    assert_eq!(look_up(&many).operation_type, "thing.acted");
    bench.compare(|| look_up(&many), || look_up(&few)).json(
        "find an operation among 500 routes",
        "among 5 routes",
        Some(1.3),
        "the last route, by a raw path",
    )
}

/// The encoder of the MongoDB store beside serde's on a plain struct of the same content.
#[cfg(feature = "mongodb")]
fn encoder(bench: &Bench) -> Value {
    let record = tasktrail::schema::Record::from_json(RECORD).unwrap();
    let plain = plain_record::PlainRecord::new(&record);
    let bytes = tasktrail::store::bson_of(&record).unwrap().len();
    bench
        .compare(
            || tasktrail::store::bson_of(black_box(&record)).unwrap(),
            || mongodb::bson::serialize_to_vec(black_box(&plain)).unwrap(),
        )
        .json(
            "encode a record to BSON",
            "bson::serialize of a plain struct",
            Some(1.0),
            &format!("{bytes} bytes out"),
        )
}

/// What most calls of a host leave.
#[cfg(feature = "mongodb")]
const RECORD: &str = r#"{"audit_id":"019ab3c2-7f00-7abc-8def-0123456789ab","schema_version":1,"timestamp":"2026-01-02T03:04:05.678Z",
"recorded_at":"2026-01-02T03:04:05.700Z","expires_at":"2026-04-02T03:04:05.700Z","writer_id":"019ab3c2-7f00-7abc-8def-000000000001","seq":1234,
"operation_type":"task.started","outcome":"success","api_endpoint":"/api/tasks/018f3c2e-7b1a-7c3d-9e4f-0123456789ab/start",
"http_method":"POST","response_status":200,"duration_ms":12.375,"workspace_id":"ws_v3icefjzdznkrnveqzg7cc5py2",
"worktree_path":"/worktrees/docs","project_number":42,"phase_number":2,"work_item_id":"7","task_id":"018f3c2e-7b1a-7c3d-9e4f-0123456789ab",
"session_id":"018f3c2e-7b1a-7c3d-9e4f-0123456789ac","run_id":"018f3c2e-7b1a-7c3d-9e4f-0123456789ad","agent_id":"agent-3",
"actor":"key_4f6d1c2a","actor_type":"api_key","target_type":"task","target_id":"018f3c2e-7b1a-7c3d-9e4f-0123456789ab","channel":"http",
"client_ip":"10.0.0.7","user_agent":"orchestrator/2.1 (node 22.3.0)","request_id":"018f3c2e-7b1a-7c3d-9e4f-0123456789ae",
"trace_id":"0af7651916cd43dd8448eb211c80319c","service":"nest-api","instance_id":"nest-api-1",
"request_summary":{"title":"Write the migration guide","status":"in_progress","password":"[redacted]","labels":["docs","store"]},
"metadata":{"route":"/api/tasks/:id/start","attempt":1},
"redactions":{"rules":[{"rule":"key:password","path":"request_summary.password","count":1}],"original_bytes":812,"truncated":false}}"#;

fn parse_and_print(body: &str) -> String {
    serde_json::from_str::<Value>(body).unwrap().to_string()
}

/// A body as hosts get them, of so many bytes at most and little less.
fn clean_body(bytes: usize) -> String {
    let mut items = Vec::new();
    let mut size = 60;
    loop {
        let at = items.len();
        let item = json!({
            "id": format!("018f3c2e-7b1a-7c3d-9e4f-{at:012x}"),
            "title": "Write the migration guide for the new store",
            "description": "It says what changes for a host, in which order, and how to go back.\nIt has an example for each binding.",
            "status": "in_progress",
            "priority": 2,
            "estimate_hours": 3.5,
            "assignee": { "name": "Ann", "team": "platform", "active": true },
            "labels": ["docs", "store", "p1"],
            "created_at": "2026-01-02T03:04:05.678Z",
            "due": null,
            "links": [{ "rel": "self", "href": format!("https://example.org/api/tasks/{at}") }],
        });
        size += item.to_string().len() + 1;
        if size > bytes {
            break;
        }
        items.push(item);
    }
    json!({ "projectNumber": 42, "phase": "Foundations", "items": items }).to_string()
}

/// [`clean_body`] of 2 KB with a password, a bearer value, a forge's token, a cloud's key and a password in an address.
fn body_with_secrets() -> String {
    let mut body: Value = serde_json::from_str(&clean_body(1_700)).unwrap();
    // In pieces: forges refuse a push that holds one whole.
    body["password"] = json!("correct horse battery staple");
    body["header"] = json!("Bearer 7d4e1b9a2c6f48d0b3a5e8f1c7d2a9b4");
    body["note"] = json!(["pushed with ghp", "_16C7e42F292c6912E7710c838347Ae178B4a"].concat());
    body["cloud"] = json!(["AKIA", "Q3EGWLZ7XKFT2MVB"].concat());
    body["database"] = json!("postgres://ann:s3cr3t-pass@db.example.org:5432/app");
    body.to_string()
}

struct Bench {
    rounds: usize,
}

/// Medians: microseconds a call, and ours by the peer's.
struct Row {
    ours: f64,
    peer: f64,
    ratio: f64,
}

impl Bench {
    fn compare<A, B>(&self, ours: impl Fn() -> A, peer: impl Fn() -> B) -> Row {
        let ours = Timed::new(ours);
        let peer = Timed::new(peer);
        let rounds: Vec<(f64, f64)> = (0..self.rounds)
            .map(|round| {
                if round % 2 == 0 {
                    let first = ours.micros();
                    (first, peer.micros())
                } else {
                    let first = peer.micros();
                    (ours.micros(), first)
                }
            })
            .collect();
        Row {
            ours: median(rounds.iter().map(|(ours, _)| *ours)),
            peer: median(rounds.iter().map(|(_, peer)| *peer)),
            ratio: median(rounds.iter().map(|(ours, peer)| ours / peer)),
        }
    }
}

/// Work, and how often it is done for one measurement.
struct Timed<W> {
    work: W,
    calls: u32,
}

impl<W: Fn() -> T, T> Timed<W> {
    fn new(work: W) -> Self {
        let mut timed = Timed { work, calls: 1 };
        // Also warms caches and the allocator up.
        while timed.calls < 1 << 24 && timed.elapsed() < SLICE {
            timed.calls *= 2;
        }
        timed
    }

    fn elapsed(&self) -> Duration {
        let start = worked();
        for _ in 0..self.calls {
            black_box((self.work)());
        }
        worked() - start
    }

    fn micros(&self) -> f64 {
        self.elapsed().as_secs_f64() * 1e6 / f64::from(self.calls)
    }
}

/// What this thread has worked so far.
fn worked() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

impl Row {
    /// A row without a goal is there to be looked at, and holds.
    fn json(&self, name: &str, peer_name: &str, goal: Option<f64>, note: &str) -> Value {
        json!({
            "name": name,
            "ours": self.ours,
            "peer": self.peer,
            "peer_name": peer_name,
            "ratio": self.ratio,
            "goal": goal.map(|most| format!("<= {most:?}")),
            "unit": "us",
            "holds": goal.is_none_or(|most| self.ratio <= most),
            "note": note,
        })
    }
}
