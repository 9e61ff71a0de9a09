//! The HTTP client: requests with a deadline and a bound, on threads of its own.

use std::ffi::OsString;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use ureq::http::header::{DATE, HeaderValue, RETRY_AFTER};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy};

use super::super::closed;
use super::examine::read_date;
use crate::error::{Code, Error, Result};
use crate::recorder::quietly;
use crate::schema::Timestamp;

/// Requests that are out at the same time: as many batches as the recorder has in flight.
const THREADS: usize = 2;
/// Requests that wait for a thread; past it callers wait in turn.
const WAITING_JOBS: usize = 64;
/// How long a name may take to be looked up, and a connection to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection that is idle for longer is not used again: Node closes one after 5 s, and a request that meets its end is lost.
const MAX_IDLE: Duration = Duration::from_secs(4);
/// The header in which an API takes its key.
const API_KEY_HEADER: &str = "x-api-key";
/// Names a file of certificates (PEM) to trust in place of those that ship: an API of one's own may have a root of one's own.
const CERTIFICATES: &str = "SSL_CERT_FILE";

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) url: String,
    /// What is posted, as JSON; without it, it is a GET.
    pub(super) body: Option<String>,
    /// From the first look at the name to the answer's last byte.
    pub(super) deadline: Duration,
    /// Bytes of the answer.
    pub(super) most: u64,
}

/// What came back, whatever it says.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// How long the API wants to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// The time by the API's clock.
    pub(super) date: Option<Timestamp>,
    pub(super) body: Vec<u8>,
}

type Outcome = Result<Answer, ureq::Error>;
type Job = (Request, oneshot::Sender<Outcome>);

/// Sends requests to one API. Whoever stops waiting for an answer stops nothing that is under way.
pub(super) struct Client {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Fails to change once the last thread has ended.
    ended: watch::Receiver<()>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// # Errors
    /// [`Code::OptionsInvalid`] for a key that cannot be sent or certificates that cannot be read.
    pub(super) fn new(host: &str, is_encrypted: bool, api_key: Option<&str>) -> Result<Self> {
        let key = api_key.map(header).transpose()?;
        let mut config = Agent::config_builder()
            // What an answer means is decided here, not there.
            .http_status_as_error(false)
            // The key is for this API and for nobody to whom it points.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_resolve(Some(CONNECT_TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .max_idle_age(MAX_IDLE)
            .max_idle_connections(THREADS)
            .max_idle_connections_per_host(THREADS)
            .user_agent(concat!("tasktrail/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .proxy(if is_loopback(host) { None } else { Proxy::try_from_env() });
        if is_encrypted && let Some(roots) = own_roots(std::env::var_os(CERTIFICATES))? {
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        let agent = config.build().new_agent();
        let (jobs, waiting) = mpsc::channel(WAITING_JOBS);
        let waiting = Arc::new(Mutex::new(waiting));
        let (alive, ended) = watch::channel(());
        let alive = Arc::new(alive);
        let threads = (0..THREADS)
            .map(|_| {
                let (agent, key, alive) = (agent.clone(), key.clone(), Arc::clone(&alive));
                let waiting = Arc::clone(&waiting);
                std::thread::Builder::new()
                    .name("tasktrail-http".into())
                    .spawn(move || {
                        // Dropped last.
                        let _alive = alive;
                        work(&agent, key.as_ref(), &waiting);
                    })
                    .map_err(|error| {
                        let message = format!("the HTTP store cannot start a thread: {error}");
                        Error::new(Code::StoreUnavailable, message)
                    })
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Client {
            jobs: Mutex::new(Some(jobs)),
            threads: Mutex::new(threads),
            ended,
        })
    }

    /// # Errors
    /// [`Code::Closed`]. What the way there had against it is for the caller to read.
    pub(super) async fn send(&self, request: Request) -> Result<Outcome> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (reply, answer) = oneshot::channel();
        let jobs = jobs.ok_or_else(closed)?;
        jobs.send((request, reply)).await.map_err(|_| closed())?;
        drop(jobs);
        answer.await.map_err(|_| Error::panicked("the HTTP store"))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Takes nothing more and waits for what is under way, which has a deadline.
    pub(super) async fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
        for thread in std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner)) {
            // It has nothing left to do but to end.
            let _ = thread.join();
        }
    }
}

/// What a thread does, until nobody can ask it any more.
fn work(agent: &Agent, key: Option<&HeaderValue>, waiting: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        // The thread that holds the lock is the next to get a job; it works with the lock released.
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some((request, reply)) = job else { return };
        // A panic costs the one who asked an answer, and nobody else.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            quietly(|| exchange_again(agent, key, &request))
        }));
        if let Ok(outcome) = outcome {
            // Nobody waits any more when the caller was dropped; the work is done all the same.
            let _ = reply.send(outcome);
        }
    }
}

/// A connection that was kept may have ended just now, so what was cut off gets a second try. Whatever is sent can be sent again.
fn exchange_again(agent: &Agent, key: Option<&HeaderValue>, request: &Request) -> Outcome {
    let since = Instant::now();
    match exchange(agent, key, request, request.deadline) {
        Err(error) if was_cut_off(&error) => match request.deadline.checked_sub(since.elapsed()) {
            Some(left) if !left.is_zero() => exchange(agent, key, request, left),
            _ => Err(error),
        },
        outcome => outcome,
    }
}

fn exchange(agent: &Agent, key: Option<&HeaderValue>, request: &Request, deadline: Duration) -> Outcome {
    let deadline = Some(deadline);
    let response = match &request.body {
        Some(body) => {
            let mut post = agent.post(&request.url).content_type("application/json");
            if let Some(key) = key {
                post = post.header(API_KEY_HEADER, key);
            }
            post.config().timeout_global(deadline).build().send(body.as_str())
        }
        None => {
            let mut get = agent.get(&request.url);
            if let Some(key) = key {
                get = get.header(API_KEY_HEADER, key);
            }
            get.config().timeout_global(deadline).build().call()
        }
    };
    let mut response = response?;
    let retry_after = response.headers().get(RETRY_AFTER);
    let date = response.headers().get(DATE).and_then(|value| value.to_str().ok());
    Ok(Answer {
        status: response.status().as_u16(),
        retry_after: retry_after.and_then(seconds),
        date: date.and_then(read_date),
        body: response.body_mut().with_config().limit(request.most).read_to_vec()?,
    })
}

/// `Retry-After` in seconds. Where it is a date, the recorder's own pauses do.
fn seconds(value: &HeaderValue) -> Option<Duration> {
    value.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

fn was_cut_off(error: &ureq::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error,
        ureq::Error::Io(cause)
            if [BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof].contains(&cause.kind())
    )
}

fn header(key: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(key).map_err(|_| {
        let message = "the API's key has characters that no header can hold; check `apiKey` or STATE_TRACKING_API_KEY";
        Error::new(Code::OptionsInvalid, message).with_field("apiKey")
    })?;
    // Keeps it out of what the HTTP library prints.
    value.set_sensitive(true);
    Ok(value)
}

/// This machine, which no proxy is asked for.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// The certificates of a file, where one is named.
fn own_roots(file: Option<OsString>) -> Result<Option<RootCerts>> {
    let Some(file) = file.filter(|file| !file.is_empty()) else {
        return Ok(None);
    };
    let unusable = |problem: &str| {
        let file = std::path::Path::new(&file).display();
        Error::new(
            Code::OptionsInvalid,
            format!("{CERTIFICATES} names {file}, which {problem}"),
        )
    };
    let pem = std::fs::read(&file).map_err(|error| unusable(&format!("cannot be read: {error}")))?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(unusable("holds no certificate in PEM form"));
    }
    Ok(Some(certificates.into_iter().into()))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// What a server does with each connection, and what the client makes of it.
    fn outcome(serve: impl Fn(&mut std::net::TcpStream) + Send + 'static) -> Outcome {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).unwrap();
            serve(&mut stream);
            // Until the client has hung up.
            let _ = stream.read(&mut request);
        });
        let client = Client::new("127.0.0.1", false, None).unwrap();
        let request = Request {
            url,
            body: None,
            deadline: Duration::from_millis(300),
            most: 100,
        };
        let outcome = futures::executor::block_on(client.send(request)).unwrap();
        futures::executor::block_on(client.close());
        serving.join().unwrap();
        outcome
    }

    #[test]
    fn every_answer_has_a_deadline_and_a_bound() {
        let hangs = outcome(|_| {});
        assert!(matches!(hangs, Err(ureq::Error::Timeout(_))), "{hangs:?}");
        let begins = outcome(|stream| stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-le").unwrap());
        assert!(matches!(begins, Err(ureq::Error::Timeout(_))), "{begins:?}");
        // Each byte comes in time; all of them would not.
        let trickles = outcome(|stream| {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n")
                .unwrap();
            while stream.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        assert!(matches!(trickles, Err(ureq::Error::Timeout(_))), "{trickles:?}");
        let long = outcome(|stream| {
            let body = "x".repeat(101);
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).unwrap();
        });
        assert!(matches!(long, Err(ureq::Error::BodyExceedsLimit(100))), "{long:?}");
        let fits = outcome(|stream| {
            stream
                .write_all(b"HTTP/1.1 503 No\r\nRetry-After: 7\r\ncontent-length: 2\r\n\r\n{}")
                .unwrap()
        });
        let fits = fits.unwrap();
        assert_eq!(
            (fits.status, fits.retry_after, fits.body),
            (503, Some(Duration::from_secs(7)), b"{}".to_vec())
        );
    }

    #[test]
    fn certificates_that_cannot_be_used_are_named() {
        assert!(own_roots(None).unwrap().is_none());
        assert!(own_roots(Some("".into())).unwrap().is_none());
        let file = tempfile::NamedTempFile::new().unwrap();
        for (path, problem) in [
            (std::path::Path::new("/nowhere/roots.pem"), "cannot be read"),
            (file.path(), "no certificate"),
        ] {
            let error = own_roots(Some(path.into())).unwrap_err();
            assert_eq!(error.code(), Code::OptionsInvalid);
            let text = error.to_string();
            assert!(
                text.contains(problem) && text.contains(path.to_str().unwrap()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_proxy_is_for_other_machines() {
        for here in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback(here), "{here}");
        }
        for there in [
            "localhost.example.org",
            "10.0.0.1",
            "[2001:db8::1]",
            "127.0.0.1.example.org",
        ] {
            assert!(!is_loopback(there), "{there}");
        }
    }
}
