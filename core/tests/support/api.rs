//! An API in this process: a real HTTP server that keeps what it gets in a trail of its own, and that fails in every way that one can.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use tasktrail::schema::Record;
use tasktrail::trail::Trail;
use tasktrail::{Code, Error, Query};
use uuid::Uuid;

pub(crate) const LONG: Duration = Duration::from_secs(30);
pub(crate) const KEY: &str = "the-key";
pub(crate) const RECORDS: &str = "/team/api/audit-history/records";

/// What the server does to a request instead of answering it.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// None: it answers as it should, and the next is for the request behind it.
    Nothing,
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
pub(crate) struct Asked {
    pub(crate) target: String,
    pub(crate) key: Option<String>,
    pub(crate) bytes: usize,
}

pub(crate) struct Shared {
    pub(crate) trail: Trail,
    pub(crate) faults: Mutex<VecDeque<Fault>>,
    pub(crate) asked: Mutex<Vec<Asked>>,
    pub(crate) key: Mutex<String>,
    pub(crate) most: AtomicUsize,
    is_up: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
    pub(crate) connections: AtomicUsize,
}

/// An API's server. Its trail outlives it, so that it can come back.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    pub(crate) address: SocketAddr,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::of(Trail::builder("memory:?capacity=100000").open_blocking().unwrap())
    }

    pub(crate) fn of(trail: Trail) -> Self {
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
    pub(crate) fn stop(&mut self) {
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
    pub(crate) fn come_back(&mut self) {
        let end = Instant::now() + LONG;
        loop {
            match TcpListener::bind(self.address) {
                Ok(listener) => return self.listen(listener),
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/team", self.address)
    }

    pub(crate) fn fails(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.faults.lock().unwrap().extend(faults);
    }

    /// Posts of records, without the question whether the API is there.
    pub(crate) fn posts(&self) -> Vec<Asked> {
        let asked = self.shared.asked.lock().unwrap();
        let posts = asked
            .iter()
            .filter(|asked| asked.target == RECORDS && asked.bytes > r#"{"records":[]}"#.len());
        posts.cloned().collect()
    }

    /// The records of others than the server's own trail.
    pub(crate) fn records(&self) -> Vec<Record> {
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

pub(crate) fn everything(trail: &Trail) -> Vec<Record> {
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
