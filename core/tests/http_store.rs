//! The HTTP store against a real HTTP server that keeps what it gets in a trail of its own, and that fails in every way that one can.
#![cfg(all(feature = "http", feature = "sqlite"))]
#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test may panic")]

#[path = "support/api.rs"]
mod api;

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use api::{Fault, KEY, LONG, Server, everything};
use serde_json::{Value, json};
use tasktrail::live::{After, Scope};
use tasktrail::query::{OperationFilter, Order};
use tasktrail::recorder::{Ledger, Timing};
use tasktrail::schema::{Outcome, Record, Timestamp, delivery};
use tasktrail::store::{EncodedRecord, Follower, HttpStore, Inserted, Store, StoreUrl};
use tasktrail::trail::{Builder, Trail};
use tasktrail::{Call, Code, Cursor, Error, Query};
use uuid::Uuid;

/// A store on the server, and what polls it: no runtime.
struct Client(HttpStore);

impl Client {
    fn open(server: &Server) -> Self {
        Client(wait(HttpStore::open(&server.url(), Some(&KEY.into()))).unwrap())
    }

    fn insert(&self, batch: &[EncodedRecord]) -> Result<Inserted, Error> {
        wait(self.0.insert(batch))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        wait(self.0.close());
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    futures::executor::block_on(future)
}

fn record(n: u64) -> EncodedRecord {
    let time = Timestamp::from_millis(1_767_000_000_000 + i64::try_from(n).unwrap());
    let text = json!({
        "audit_id": Uuid::from_u128(u128::from(n)), "timestamp": time.to_string(), "recorded_at": time.to_string(),
        "writer_id": "w_sender", "seq": n, "operation_type": "task.started", "outcome": "success",
        "workspace_id": "ws_a", "actor": "ann", "actor_type": "user", "channel": "mcp",
        "metadata": { "n": n }, "expires_at": null,
    });
    EncodedRecord::from_json(text.to_string()).unwrap()
}

fn batch(count: u64) -> Vec<EncodedRecord> {
    (1..=count).map(record).collect()
}

fn sequence(server: &Server) -> Vec<u64> {
    let mut seqs: Vec<u64> = server.records().iter().map(|record| record.seq).collect();
    seqs.sort_unstable();
    seqs
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < end, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn trail(server: &Server) -> Builder {
    Trail::builder(server.url())
        .options(tasktrail::trail::Options {
            api_key: Some(KEY.into()),
            ..Default::default()
        })
        .timing(Timing {
            first_retry: Duration::from_millis(5),
            last_retry: Duration::from_millis(50),
            ..Timing::default()
        })
}

fn call(n: u64) -> Call {
    Call {
        method: "POST".into(),
        path: format!("/widgets/{n}"),
        status: Some(201),
        workspace_id: Some("ws_a".into()),
        ..Call::default()
    }
}

fn ledger(trail: &Trail) -> Ledger {
    let ledger = trail.stats().ledger;
    assert!(ledger.is_balanced(), "{ledger:?}");
    ledger
}

#[test]
fn records_arrive_once_as_they_are_and_are_read_back() {
    let server = Server::start();
    let client = Client::open(&server);
    let batch = batch(1_200);
    for _ in 0..2 {
        let inserted = client.insert(&batch).unwrap();
        assert_eq!(inserted.stored + inserted.duplicates, batch.len());
        assert!(inserted.refused.is_empty());
    }
    assert_eq!(sequence(&server), (1..=1_200).collect::<Vec<u64>>());
    let sent = batch[6].record();
    let got = wait(client.0.get(sent.audit_id, Timestamp::from_millis(0)))
        .unwrap()
        .unwrap();
    let kept = Record::from_json(&got.json).unwrap();
    assert!(
        kept.recorded_at > sent.recorded_at,
        "the time at which it was taken in is the receiver's"
    );
    let expected = Record {
        recorded_at: kept.recorded_at,
        expires_at: Some(kept.recorded_at.plus_millis(90 * 24 * 3_600 * 1_000)),
        ..sent.clone()
    };
    assert_eq!(kept.to_json(), expected.to_json());
    assert_eq!(got.json, expected.to_json());
    assert_eq!(
        wait(client.0.get(Uuid::from_u128(0xdead), Timestamp::from_millis(0))).unwrap(),
        None
    );
    let posts = server.posts();
    assert!(
        posts
            .iter()
            .all(|post| post.bytes <= 1_000_000 && post.key.as_deref() == Some(KEY)),
        "{posts:?}"
    );
    // Two threads, whose connections are used again.
    assert!(server.shared.connections.load(SeqCst) <= 2);
}

#[test]
fn a_page_over_http_is_the_page_itself() {
    let server = Server::start();
    let client = Client::open(&server);
    client.insert(&batch(30)).unwrap();
    server.shared.trail.flush_blocking(LONG).unwrap();
    let time = |n: i64| Some(Timestamp::from_millis(1_767_000_000_000 + n));
    let questions = [
        Query::default(),
        Query::workspace("ws_a").limit(7),
        Query::workspace("nobody"),
        Query::workspace(""),
        Query {
            order: Order::Ascending,
            start_time: time(5),
            end_time: time(9),
            ..Query::default()
        },
        Query {
            offset: 3,
            limit: 4,
            ..Query::workspace("ws_a")
        },
        Query {
            outcome: Some(Outcome::Failure),
            ..Query::default()
        },
        Query {
            actor: Some("ann".into()),
            ..Query::default()
        },
        Query {
            operation_types: vec![
                OperationFilter::Prefix("task.".into()),
                OperationFilter::Exact("x.y".into()),
            ],
            ..Query::default()
        },
        Query::default().limit(10).cursor(Cursor::after(0)),
    ];
    for question in questions {
        let mut query = question.clone();
        let mut pages = 0;
        loop {
            let here = wait(client.0.query(&query, Timestamp::from_millis(0))).unwrap();
            let there = server.shared.trail.query_blocking(&query).unwrap();
            assert_eq!(here.to_json(), there.to_json(), "{query:?}");
            pages += 1;
            match here.next_cursor {
                Some(cursor) if !here.items.is_empty() => {
                    query = Query { offset: 0, ..query }.cursor(cursor);
                }
                _ => break,
            }
        }
        assert!(pages < 9, "{question:?}");
    }
}

#[test]
fn what_fails_is_told_and_nothing_is_kept_twice() {
    let server = Server::start();
    let client = Client::open(&server);
    let says = |status: u16| Fault::Says(status, String::new());
    // The store itself tries again where a kept connection may just have ended: these must fail twice.
    let twice = |fault: Fault| vec![fault.clone(), fault];
    for (faults, code) in [
        (vec![says(503)], Code::StoreUnavailable),
        (vec![says(502)], Code::StoreUnavailable),
        (vec![says(504)], Code::StoreTimeout),
        (vec![says(429)], Code::StoreUnavailable),
        // Of the sender, not of the records: they are kept until somebody has put it right.
        (vec![says(401)], Code::StoreUnavailable),
        (vec![says(403)], Code::StoreUnavailable),
        (vec![says(404)], Code::StoreUnavailable),
        (vec![says(400)], Code::StoreFailed),
        (twice(Fault::LosesTheAnswer), Code::StoreUnavailable),
        (twice(Fault::BreaksOff), Code::StoreUnavailable),
        (vec![Fault::NeverEnds], Code::StoreUnavailable),
        (vec![Fault::IsNotSure], Code::StoreUnavailable),
        (
            vec![Fault::Chats("<html>welcome</html>".into())],
            Code::StoreUnavailable,
        ),
        (
            vec![Fault::Chats(
                r#"{"stored":9,"duplicates":0,"durable":true,"refused":[]}"#.into(),
            )],
            Code::StoreUnavailable,
        ),
    ] {
        let told = format!("{faults:?}");
        server.fails(faults);
        let error = client.insert(&batch(3)).unwrap_err();
        assert_eq!(error.code(), code, "{told}: {error}");
        assert!(!error.to_string().contains(KEY), "{error}");
    }
    assert!(server.shared.faults.lock().unwrap().is_empty(), "each fault was met");
    assert_eq!(client.insert(&batch(3)).unwrap().refused.len(), 0);
    assert_eq!(sequence(&server), [1, 2, 3]);
    // One lost answer costs nothing but another try, which the store makes by itself.
    server.fails([Fault::LosesTheAnswer]);
    client.insert(&batch(4)).unwrap();
    server.fails([Fault::BreaksOff]);
    client.insert(&batch(5)).unwrap();
    assert_eq!(sequence(&server), [1, 2, 3, 4, 5]);
}

#[test]
fn reads_say_what_is_wrong() {
    let server = Server::start();
    let client = Client::open(&server);
    let now = Timestamp::from_millis(0);
    for (fault, code) in [
        (Fault::Says(503, String::new()), Code::StoreUnavailable),
        (Fault::Says(429, "retry-after: 60\r\n".into()), Code::StoreUnavailable),
        (Fault::Says(401, String::new()), Code::StoreFailed),
        (Fault::Says(404, String::new()), Code::StoreFailed),
        (Fault::NeverEnds, Code::StoreUnavailable),
        (Fault::Chats("{}".into()), Code::StoreUnavailable),
    ] {
        server.fails([fault.clone(), fault]);
        assert_eq!(wait(client.0.query(&Query::default(), now)).unwrap_err().code(), code);
        assert_eq!(wait(client.0.get(Uuid::from_u128(1), now)).unwrap_err().code(), code);
    }
    // Too many reads are no reason to hold back records.
    assert_eq!(client.insert(&batch(1)).unwrap().refused.len(), 0);
}

#[test]
fn a_redirect_is_not_followed() {
    let (server, elsewhere) = (Server::start(), Server::start());
    let client = Client::open(&server);
    for status in [301, 302, 307, 308] {
        server.fails([Fault::Says(
            status,
            format!("location: {}/api/audit-history/records\r\n", elsewhere.url()),
        )]);
        let error = client.insert(&batch(1)).unwrap_err();
        assert!(
            error.is_retryable() && error.to_string().contains("elsewhere"),
            "{error}"
        );
    }
    assert!(elsewhere.shared.asked.lock().unwrap().is_empty());
}

#[test]
fn an_api_that_asks_for_a_pause_gets_it() {
    let server = Server::start();
    let client = Client::open(&server);
    server.fails([Fault::Says(429, "Retry-After: 1\r\n".into())]);
    client.insert(&batch(1)).unwrap_err();
    let error = client.insert(&batch(1)).unwrap_err();
    assert!(
        error.is_retryable() && error.to_string().contains("no records for"),
        "{error}"
    );
    assert_eq!(server.posts().len(), 1, "it was not asked again");
    wait_for("the end of the pause", || client.insert(&batch(1)).is_ok());
    assert_eq!(sequence(&server), [1]);
}

#[test]
fn a_body_that_is_too_large_for_a_proxy_is_made_smaller() {
    let server = Server::start();
    server.shared.most.store(100_000, SeqCst);
    let client = Client::open(&server);
    client.insert(&batch(1_000)).unwrap();
    assert_eq!(sequence(&server), (1..=1_000).collect::<Vec<u64>>());
    let met = server.posts().len();
    client.insert(&batch(1_000)).unwrap();
    let later = server.posts().split_off(met);
    assert!(
        later.iter().all(|post| post.bytes <= 100_000),
        "it has learned: {later:?}"
    );
    // One that fits into nothing is refused by itself.
    server.shared.most.store(300, SeqCst);
    let inserted = client.insert(&batch(1)).unwrap();
    assert_eq!(inserted.refused.len(), 1);
    assert_eq!(inserted.refused[0].1.code(), Code::StoreFailed);
}

#[test]
fn what_the_receiver_refuses_keeps_no_other_record_out() {
    let server = Server::start();
    let client = Client::open(&server);
    let mut batch = batch(5);
    for (position, wrong) in [(1, "timestamp"), (3, "seq")] {
        let mut record = batch[position].record().clone();
        match wrong {
            "seq" => record.seq = 0,
            _ => record.timestamp = Timestamp::parse("9999-01-01").unwrap(),
        }
        batch[position] = EncodedRecord::new(record);
    }
    let inserted = client.insert(&batch).unwrap();
    let refused: Vec<usize> = inserted.refused.iter().map(|(position, _)| *position).collect();
    assert_eq!((inserted.stored, refused), (3, vec![1, 3]));
    assert!(
        inserted.refused[0].1.to_string().contains("timestamp"),
        "{:?}",
        inserted.refused
    );
    assert!(
        inserted
            .refused
            .iter()
            .all(|(_, error)| error.code() == Code::StoreFailed)
    );
    assert_eq!(sequence(&server), [1, 3, 5]);
}

#[test]
fn opening_says_what_is_wrong_and_repeats_no_key() {
    let mut server = Server::start();
    let open = |url: &str, key: &str| wait(HttpStore::open(url, Some(&key.into()))).map(drop);
    let url = server.url();
    for (url, key, code) in [
        (url.clone(), "s3cret", Code::StoreFailed),
        (format!("{url}/elsewhere"), KEY, Code::StoreFailed),
        // TLS to what speaks none.
        (url.replace("http:", "https:"), "s3cret", Code::StoreUnavailable),
        (url.clone(), "s3cret\n", Code::OptionsInvalid),
    ] {
        let error = open(&url, key).unwrap_err();
        assert_eq!(error.code(), code, "{url}: {error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
    server.stop();
    let error = open(&url, KEY).unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable);
    assert!(error.to_string().contains(&url), "{error}");
    let error = Trail::builder(&url).open_blocking().unwrap_err();
    assert_eq!(error.code(), Code::StoreUnavailable);
    let parsed = StoreUrl::parse(&url).unwrap().with_api_key(Some("s3cret".into()));
    assert!(!format!("{parsed:?}{parsed}").contains("s3cret"));
}

#[test]
fn a_closed_store_says_so() {
    let server = Server::start();
    let store = wait(HttpStore::open(&server.url(), Some(&KEY.into()))).unwrap();
    wait(store.close());
    wait(store.close());
    let now = Timestamp::from_millis(0);
    assert_eq!(wait(store.insert(&batch(1))).unwrap_err().code(), Code::Closed);
    assert_eq!(
        wait(store.query(&Query::default(), now)).unwrap_err().code(),
        Code::Closed
    );
    assert_eq!(
        wait(store.get(Uuid::from_u128(1), now)).unwrap_err().code(),
        Code::Closed
    );
    assert_eq!(wait(store.sweep(now)).unwrap_err().code(), Code::Closed);
}

#[test]
fn a_trail_survives_whatever_its_api_does() {
    let mut server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let sender = trail(&server).spool(folder.path()).open_blocking().unwrap();
    assert_eq!(sender.stats().store_url, server.url());
    let mut ids = Vec::new();
    let says = |status: u16| Fault::Says(status, String::new());
    for (round, faults) in [
        vec![],
        vec![Fault::LosesTheAnswer],
        vec![
            Fault::LosesTheAnswer,
            Fault::LosesTheAnswer,
            Fault::BreaksOff,
            says(503),
        ],
        vec![Fault::NeverEnds, says(429), Fault::IsNotSure],
        vec![says(401), says(404), Fault::Chats("<html>".into())],
    ]
    .into_iter()
    .enumerate()
    {
        server.fails(faults);
        for n in 0..50 {
            ids.push(sender.record(call(round as u64 * 50 + n), Some(br#"{"password":"hunter2"}"#)));
        }
        let event = json!({ "type": "issue.created", "data": { "projectNumber": round } }).to_string();
        let accepted = sender.emit_blocking(&event, Call::default()).unwrap();
        assert!(accepted.durable);
        ids.push(accepted.audit_id);
        wait_for("all faults are over", || {
            server.shared.faults.lock().unwrap().is_empty()
        });
    }
    // Nobody is there for a while.
    wait_for("all is stored", || ledger(&sender).pending() == 0);
    server.stop();
    for n in 0..200 {
        ids.push(sender.record(call(1_000 + n), None));
    }
    ids.push(sender.record_durable_blocking(call(2_000), None).unwrap().audit_id);
    wait_for("the outage is met", || ledger(&sender).spooled > 0);
    server.come_back();
    wait_for("all is stored again", || ledger(&sender).pending() == 0);
    let read = everything(&sender);
    let stats = sender.close_blocking(LONG).unwrap();
    assert!(stats.ledger.is_balanced());
    let lost = (
        stats.ledger.dropped.total(),
        stats.ledger.dead_lettered,
        stats.ledger.pending(),
    );
    assert_eq!(lost, (0, 0, 0), "{:?}", stats.ledger);

    let kept = server.records();
    // Each number of the sender, once, its own first and last record included.
    assert_eq!(sequence(&server), (1..=ids.len() as u64 + 2).collect::<Vec<u64>>());
    assert!(
        ids.iter()
            .all(|id| kept.iter().filter(|record| record.audit_id == *id).count() == 1)
    );
    assert!(
        ids.iter().all(|id| read.iter().any(|record| record.audit_id == *id)),
        "read back through the trail"
    );
    assert!(kept.iter().all(|record| !record.to_json().contains("hunter2")));
}

#[test]
fn what_an_api_refuses_is_a_dead_letter_and_blocks_nobody() {
    let server = Server::start();
    let sender = trail(&server).open_blocking().unwrap();
    for n in 0..20 {
        let mut call = call(n);
        if n == 7 {
            call.timestamp = Some(Timestamp::parse("9999-01-01").unwrap());
        }
        sender.record(call, None);
    }
    wait_for("all has its fate", || ledger(&sender).pending() == 0);
    let letters = sender.dead_letters();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].reason.contains("24 hours ahead"), "{letters:?}");
    let ledger = sender.close_blocking(LONG).unwrap().ledger;
    // The start, the others, the gap that tells of the refusal, and the stop.
    assert_eq!((ledger.dead_lettered, ledger.stored), (1, 22));
}

#[test]
fn a_key_that_changes_keeps_the_records_until_it_is_right_again() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let sender = trail(&server).spool(folder.path()).open_blocking().unwrap();
    wait_for("the start is stored", || ledger(&sender).stored == 1);
    *server.shared.key.lock().unwrap() = "another".into();
    for n in 0..10 {
        sender.record(call(n), None);
    }
    wait_for("the refusal is met", || ledger(&sender).spooled == 10);
    *server.shared.key.lock().unwrap() = KEY.into();
    wait_for("all is stored", || ledger(&sender).stored == 11);
    sender.close_blocking(LONG).unwrap();
    assert_eq!(sequence(&server).len(), 12);
}

#[test]
fn what_arrives_is_heard_where_it_arrives() {
    let server = Server::start();
    let mut room = server.shared.trail.subscribe(&Scope::workspace("ws_a"), &After::Now);
    let client = Client::open(&server);
    client.insert(&batch(3)).unwrap();
    let mut heard = Vec::new();
    while heard.len() < 3 {
        let batch: Value = serde_json::from_str(&wait(room.recv()).unwrap().to_json()).unwrap();
        heard.extend(
            batch["entries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| entry["seq"].as_u64().unwrap()),
        );
    }
    heard.sort_unstable();
    assert_eq!(heard, [1, 2, 3]);
}

#[test]
fn what_comes_back_to_its_own_trail_goes_no_further() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    trail.record(call(1), None);
    trail.flush_blocking(LONG).unwrap();
    let own = everything(&trail);
    let texts: Vec<String> = own.iter().map(Record::to_json).collect();
    let answer = trail
        .ingest_blocking(&delivery(texts.iter().map(String::as_str)))
        .unwrap();
    assert_eq!((answer.stored, answer.refused.len()), (0, own.len()));
    assert!(answer.refused[0].message.contains("itself"), "{answer:?}");
    assert_eq!(everything(&trail).len(), own.len());
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn a_follower_begins_at_the_end_and_hears_of_each_record_once() {
    let server = Server::start();
    let client = Client::open(&server);
    client.insert(&batch(300)).unwrap();
    let store: Arc<dyn Store> = Arc::new(HttpStore::to_read(&server.url(), Some(&KEY.into())).unwrap());
    let now = Timestamp::from_millis(0);
    let mut follower = wait(Follower::from_now(Arc::clone(&store), Query::default().limit(200), now)).unwrap();
    assert!(wait(follower.next(now)).unwrap().is_empty());
    client.insert(&[record(1_000), record(1_001)]).unwrap();
    server.fails([Fault::Says(503, String::new()), Fault::Nothing]);
    assert!(wait(follower.next(now)).unwrap_err().is_retryable());
    let new = wait(follower.next(now)).unwrap();
    assert_eq!(
        new.iter().map(|one| one.audit_id.as_u128()).collect::<Vec<_>>(),
        [1_000, 1_001]
    );
    assert!(wait(follower.next(now)).unwrap().is_empty() && !follower.is_behind());
    let mut another = Follower::new(Arc::clone(&store), Query::default(), follower.place().unwrap());
    assert!(wait(another.next(now)).unwrap().is_empty());
    // An API that takes the question for a place would let a follower wait for ever.
    let page = json!({ "items": [], "total": 0, "limit": 1, "offset": 0, "nextCursor": Cursor::NOW.to_string() });
    server.fails([Fault::Chats(page.to_string())]);
    assert_eq!(wait(store.newest()).unwrap_err().code(), Code::StoreFailed);
    wait(store.close());
}
