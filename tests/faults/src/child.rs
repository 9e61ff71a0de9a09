//! A host that records as it is told until it is killed.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures::future::BoxFuture;
use tasktrail::schema::Timestamp;
use tasktrail::store::{EncodedRecord, Inserted, Store, StoreUrl};
use tasktrail::trail::{Builder, Mode, Options};
use tasktrail::{Call, Page, Query, StoredRecord, Trail};
use uuid::Uuid;

use crate::faulty::{Faulty, Mood};
use crate::vfs::Watch;
use crate::work::{Result, call};

/// What an accident may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ChildMode {
    Relaxed,
    Durable,
    Strict,
}

impl From<ChildMode> for Mode {
    fn from(mode: ChildMode) -> Self {
        match mode {
            ChildMode::Relaxed => Mode::Relaxed,
            ChildMode::Durable => Mode::Durable,
            ChildMode::Strict => Mode::Strict,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Child {
    #[arg(long)]
    url: String,
    #[arg(long)]
    spool: PathBuf,
    #[arg(long, value_enum)]
    mode: ChildMode,
    /// Where each acknowledged id goes before anything else happens
    #[arg(long)]
    acks: PathBuf,
    /// Threads that wait for each of their records
    #[arg(long, default_value_t = 2)]
    strict: usize,
    /// Threads that wait for each of their events
    #[arg(long, default_value_t = 1)]
    events: usize,
    /// Microseconds between two records of the thread that does not wait
    #[arg(long, default_value_t = 200)]
    every: u64,
    /// Write through the file system that loses what was not synced
    #[arg(long)]
    lossy: bool,
    /// Write down how long the store takes for each batch, too
    #[arg(long)]
    timed: bool,
    /// The store never answers
    #[arg(long, conflicts_with = "timed")]
    hangs: bool,
    /// No file may grow beyond this
    #[arg(long)]
    file_bytes: Option<u64>,
}

/// Nanoseconds of the machine's monotonic clock, which all processes share.
pub(crate) fn monotonic() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}

impl Child {
    fn builder(&self) -> Result<Builder> {
        if self.hangs {
            let store = Faulty::new(0);
            store.set(Mood::Hangs);
            return Ok(Trail::builder_with_store(Arc::new(store)));
        }
        if !self.timed {
            return Ok(Trail::builder(&self.url));
        }
        let store = Timed {
            inner: opened(StoreUrl::parse(&self.url)?)?,
            file: self.open_acks()?,
            numbers: AtomicU64::new(0),
        };
        Ok(Trail::builder_with_store(Arc::new(store)))
    }

    /// Whole lines, each with one write: a kill leaves no half of one that was answered for.
    fn open_acks(&self) -> std::io::Result<File> {
        OpenOptions::new().create(true).append(true).open(&self.acks)
    }

    pub(crate) fn run(&self) -> Result<()> {
        let _watch = match self.lossy {
            true => Some(Watch::new(self.spool.parent().ok_or("the spool needs a folder")?)?),
            false => None,
        };
        if let Some(bytes) = self.file_bytes {
            // A write past the limit is to fail, not to end the process.
            signal_hook::flag::register(25, Arc::new(AtomicBool::new(false)))?;
            let limit = rustix::process::Rlimit {
                current: Some(bytes),
                maximum: Some(bytes),
            };
            rustix::process::setrlimit(rustix::process::Resource::Fsize, limit)?;
        }
        let options = Options {
            spool: Some(self.spool.clone()),
            mode: self.mode.into(),
            degraded_start: true,
            ..Options::default()
        };
        let trail = self.builder()?.options(options).open_blocking()?;
        println!("ready");
        std::io::stdout().flush()?;
        let done = AtomicBool::new(false);
        let numbers = AtomicU64::new(0);
        std::thread::scope(|scope| -> Result<()> {
            for _ in 0..self.strict {
                let file = self.open_acks()?;
                scope.spawn(|| strict(&trail, file, &done, &numbers));
            }
            for _ in 0..self.events {
                let file = self.open_acks()?;
                scope.spawn(|| events(&trail, file, &done, &numbers));
            }
            let file = self.open_acks()?;
            scope.spawn(|| plain(&trail, file, &done, &numbers, Duration::from_micros(self.every)));
            // Ends when the parent says so, or is gone.
            let _ = std::io::stdin().lock().lines().next();
            done.store(true, SeqCst);
            Ok(())
        })?;
        let stats = trail.close_blocking(Duration::from_secs(10))?;
        println!("{}", serde_json::to_string(&stats)?);
        Ok(())
    }
}

/// A driver works on the runtime that it was opened on, which is there until the process ends.
fn opened(url: StoreUrl) -> Result<Arc<dyn Store>> {
    let (said, answer) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let _ = said.send(tasktrail::store::open(&url).await);
            std::future::pending::<std::io::Result<()>>().await
        })
    });
    Ok(answer.recv()??)
}

/// A store whose inserts are noted as waits are: `B name time` and `N name time`.
#[derive(Debug)]
struct Timed {
    inner: Arc<dyn Store>,
    file: File,
    numbers: AtomicU64,
}

impl Store for Timed {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, tasktrail::Result<Inserted>> {
        Box::pin(async move {
            let name = format!("insert-{}", self.numbers.fetch_add(1, SeqCst));
            // Without its line the round fails, which is what it should do.
            let note = |kind| (&self.file).write_all(format!("{kind} {name} {}\n", monotonic()).as_bytes());
            let _ = note("B");
            let inserted = self.inner.insert(batch).await;
            let _ = note("N");
            inserted
        })
    }

    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, tasktrail::Result<Page>> {
        self.inner.query(query, now)
    }

    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, tasktrail::Result<Option<StoredRecord>>> {
        self.inner.get(audit_id, now)
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, tasktrail::Result<u64>> {
        self.inner.sweep(now)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}

/// A record that is waited for: `B thread time` when that begins, `S thread time id` when it was answered
/// for, `N thread time` when it was not.
fn strict(trail: &Trail, mut file: File, done: &AtomicBool, numbers: &AtomicU64) {
    while !done.load(SeqCst) {
        let record = || {
            let receipt = trail.record_durable_blocking(call(numbers.fetch_add(1, SeqCst)), Some(b"{\"a\":1}"));
            receipt.ok().map(|receipt| receipt.audit_id)
        };
        if wait_for(&mut file, record).is_err() {
            return;
        }
    }
}

/// As [`strict`], with events.
fn events(trail: &Trail, mut file: File, done: &AtomicBool, numbers: &AtomicU64) {
    while !done.load(SeqCst) {
        let emit = || {
            let number = numbers.fetch_add(1, SeqCst) + 1;
            let event = format!(r#"{{"type":"issue.created","data":{{"projectNumber":{number}}}}}"#);
            let accepted = trail.emit_blocking(&event, Call::default()).ok()?;
            accepted.durable.then_some(accepted.audit_id)
        };
        if wait_for(&mut file, emit).is_err() {
            return;
        }
    }
}

fn wait_for(file: &mut File, record: impl FnOnce() -> Option<Uuid>) -> std::io::Result<()> {
    let thread = std::thread::current().id();
    file.write_all(format!("B {thread:?} {}\n", monotonic()).as_bytes())?;
    let id = record();
    let line = match id {
        Some(id) => format!("S {thread:?} {} {id}\n", monotonic()),
        None => format!("N {thread:?} {}\n", monotonic()),
    };
    file.write_all(line.as_bytes())?;
    if id.is_none() {
        // It was said that it is not safe, so nothing is owed. The disk is not asked again at once.
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// A record that was handed over: `R thread time id`.
fn plain(trail: &Trail, mut file: File, done: &AtomicBool, numbers: &AtomicU64, every: Duration) {
    while !done.load(SeqCst) {
        let id = trail.record(call(numbers.fetch_add(1, SeqCst)), Some(b"{\"a\":1}"));
        let line = format!("R {:?} {} {id}\n", std::thread::current().id(), monotonic());
        if file.write_all(line.as_bytes()).is_err() {
            return;
        }
        std::thread::sleep(every);
    }
}
