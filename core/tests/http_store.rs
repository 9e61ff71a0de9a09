//! The HTTP store against a real HTTP server that keeps what it gets in a trail of its own, and that fails in every way that one can.
#![cfg(all(feature = "http", feature = "sqlite"))]
#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test may panic")]

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use tasktrail::live::{After, Scope};
use tasktrail::query::{OperationFilter, Order};
use tasktrail::recorder::{Ledger, Timing};
use tasktrail::schema::{Outcome, Record, Timestamp, delivery};
use tasktrail::store::{EncodedRecord, HttpStore, Inserted, Store, StoreUrl};
use tasktrail::trail::{Builder, Trail};
use tasktrail::{Call, Code, Cursor, Error, Query};
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(30);
const KEY: &str = "the-key";
const RECORDS: &str = "/team/api/audit-history/records";

/// What the server does to a request instead of answering it.
#[derive(Debug, Clone)]
enum Fault {
    /// Takes it in and hangs up.
    LosesTheAnswer,
    /// Hangs up in the middle of the answer.
    BreaksOff,
    /// Answers another status, with a header.
    Says(u16, String),
    /// Answers without end.
    NeverEnds,
    /// Answers 200 with this.
    Chats(String),
    /// Takes it in and answers that it has it in memory only.
    IsNotSure,
}

/// What the server was asked.
#[derive(Debug, Clone)]
struct Asked {
    target: String,
    key: Option<String>,
    bytes: usize,
}

struct Shared {
    trail: Trail,
    faults: Mutex<VecDeque<Fault>>,
    asked: Mutex<Vec<Asked>>,
    key: Mutex<String>,
    most: AtomicUsize,
    is_up: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
    connections: AtomicUsize,
}

/// An API's server. Its trail outlives it, so that it can come back.
struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    fn start() -> Self {
        Self::of(Trail::builder("memory:?capacity=100000").open_blocking().unwrap())
    }

    fn of(trail: Trail) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            trail,
            faults: Mutex::default(),
            asked: Mutex::default(),
            key: Mutex::new(KEY.into()),
            most: AtomicUsize::new(1_000_000),
            is_up: AtomicBool::new(true),
            open: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let mut server = Server {
            shared,
            address,
            listening: None,
        };
        server.listen(listener);
        server
    }

    fn listen(&mut self, listener: TcpListener) {
        self.shared.is_up.store(true, SeqCst);
        let shared = Arc::clone(&self.shared);
        self.listening = Some(std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                if !shared.is_up.load(SeqCst) {
                    return;
                }
                shared.connections.fetch_add(1, SeqCst);
                shared.open.lock().unwrap().push(stream.try_clone().unwrap());
                let shared = Arc::clone(&shared);
                // Ends with its connection.
                std::thread::spawn(move || {
                    while serve(&shared, &stream).is_some() {}
                    // There is a second handle, for `stop`. The peer may be gone already.
                    let _ = stream.shutdown(std::net::Shutdown::Both);
                });
            }
        }));
    }

    /// Nobody listens any more, and what was connected is cut.
    fn stop(&mut self) {
        let Some(listening) = self.listening.take() else { return };
        self.shared.is_up.store(false, SeqCst);
        drop(TcpStream::connect(self.address));
        listening.join().unwrap();
        for stream in self.shared.open.lock().unwrap().drain(..) {
            // Some have ended.
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Listens again where it did.
    fn come_back(&mut self) {
        let end = Instant::now() + LONG;
        loop {
            match TcpListener::bind(self.address) {
                Ok(listener) => return self.listen(listener),
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn url(&self) -> String {
        format!("http://{}/team", self.address)
    }

    fn fails(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.faults.lock().unwrap().extend(faults);
    }

    /// Posts of records, without the question whether the API is there.
    fn posts(&self) -> Vec<Asked> {
        let asked = self.shared.asked.lock().unwrap();
        let posts = asked
            .iter()
            .filter(|asked| asked.target == RECORDS && asked.bytes > r#"{"records":[]}"#.len());
        posts.cloned().collect()
    }

    /// The records of others than the server's own trail.
    fn records(&self) -> Vec<Record> {
        self.shared.trail.flush_blocking(LONG).unwrap();
        let own = self.shared.trail.stats().writer_id;
        everything(&self.shared.trail)
            .into_iter()
            .filter(|record| record.writer_id != own)
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        let _ = self.shared.trail.close_blocking(LONG);
    }
}

fn everything(trail: &Trail) -> Vec<Record> {
    let mut query = Query::default().limit(200);
    let mut records = Vec::new();
    loop {
        let page = trail.query_blocking(&query).unwrap();
        records.extend(page.items.iter().map(|item| Record::from_json(&item.json).unwrap()));
        match page.next_cursor {
            Some(cursor) => query = query.cursor(cursor),
            None => return records,
        }
    }
}

/// Reads one request and answers it; `None` at the connection's end.
fn serve(shared: &Shared, mut stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let target = line.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.trim().to_owned()),
            None => break,
        };
    }
    let bytes = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; bytes];
    reader.read_exact(&mut body).ok()?;
    let key = headers.get("x-api-key").cloned();
    shared.asked.lock().unwrap().push(Asked {
        target: target.clone(),
        key: key.clone(),
        bytes,
    });
    let fault = shared.faults.lock().unwrap().pop_front();
    let (status, text) = match &fault {
        Some(Fault::Says(status, _)) => (*status, r#"{"code":"TT_X","message":"not now"}"#.to_owned()),
        Some(Fault::Chats(text)) => (200, text.clone()),
        Some(Fault::NeverEnds) => (200, String::new()),
        _ if key.as_deref() != Some(&shared.key.lock().unwrap()) => (401, r#"{"message":"no"}"#.to_owned()),
        _ if bytes > shared.most.load(SeqCst) => (413, "too large".to_owned()),
        _ => answer(shared, &target, &body),
    };
    let header = match &fault {
        Some(Fault::Says(_, header)) => header.as_str(),
        _ => "",
    };
    let head = |length: usize| format!("HTTP/1.1 {status} Any\r\n{header}content-length: {length}\r\n\r\n");
    match fault {
        Some(Fault::LosesTheAnswer) => None,
        Some(Fault::BreaksOff) => {
            let half = &text[..text.len() / 2];
            stream.write_all((head(text.len()) + half).as_bytes()).ok()?;
            None
        }
        Some(Fault::NeverEnds) => {
            stream
                .write_all(b"HTTP/1.1 200 Any\r\ntransfer-encoding: chunked\r\n\r\n")
                .ok()?;
            let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
            while stream.write_all(chunk.as_bytes()).is_ok() {}
            None
        }
        Some(Fault::IsNotSure) => {
            let text = text.replace(r#""durable":true"#, r#""durable":false"#);
            stream.write_all((head(text.len()) + &text).as_bytes()).ok()
        }
        _ => stream.write_all((head(text.len()) + &text).as_bytes()).ok(),
    }
    .filter(|()| !matches!(status, 413))
}

/// What a Tasktrail's API answers.
fn answer(shared: &Shared, target: &str, body: &[u8]) -> (u16, String) {
    let fault = |error: &Error| {
        let status = match error.code() {
            Code::RecordInvalid | Code::QueryInvalid => 400,
            Code::DeliveryTooLarge => 413,
            _ => 503,
        };
        (
            status,
            json!({ "code": error.code().as_str(), "message": error.to_string() }).to_string(),
        )
    };
    if target == RECORDS {
        let taken = shared.trail.ingest_blocking(std::str::from_utf8(body).unwrap());
        return taken.map_or_else(|error| fault(&error), |taken| (202, taken.to_json()));
    }
    let Some(rest) = target.strip_prefix("/team/api/audit-history") else {
        return (404, "nothing here".into());
    };
    if let Some(id) = rest.strip_prefix('/') {
        let found = shared.trail.get_blocking(Uuid::parse_str(id).unwrap()).unwrap();
        let missing = r#"{"code":"TT_RECORD_NOT_FOUND","message":"none"}"#;
        return found.map_or_else(|| (404, missing.into()), |found| (200, found.json));
    }
    let mut parameters = Map::new();
    for pair in rest.trim_start_matches('?').split('&') {
        let (name, value) = pair.split_once('=').unwrap();
        let value = Value::String(percent_decode_str(value).decode_utf8().unwrap().into_owned());
        match parameters.get_mut(name) {
            Some(Value::Array(many)) => many.push(value),
            Some(one) => *one = json!([one.take(), value]),
            None => drop(parameters.insert(name.into(), value)),
        }
    }
    let page =
        Query::from_json(&Value::Object(parameters).to_string()).and_then(|query| shared.trail.query_blocking(&query));
    page.map_or_else(|error| fault(&error), |page| (200, page.to_json()))
}

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
