//! A replica set of three real servers: primaries are killed, step down and freeze, and the whole set goes away.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use mongodb::options::ClientOptions;
use rustix::process::{Pid, Signal, kill_process};
use tasktrail::Trail;
use tasktrail::trail::Options;
use uuid::Uuid;

use crate::Setting;
use crate::count::Base;
use crate::report::Report;
use crate::rng::Rng;
use crate::work::{LONG, RECOVERY_S, Result, call, ledger, stored_ids, wait_until};

const SET: &str = "faults";

/// One server.
#[derive(Debug)]
pub(crate) struct Server {
    command: (PathBuf, PathBuf, Option<String>),
    port: u16,
    process: Mutex<Option<Child>>,
}

impl Server {
    pub(crate) fn start(mongod: &Path, folder: &Path, set: Option<&str>) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let data = folder.join(format!("data-{port}"));
        std::fs::create_dir_all(&data)?;
        let server = Server {
            command: (mongod.to_owned(), data, set.map(str::to_owned)),
            port,
            process: Mutex::new(None),
        };
        server.begin()?;
        Ok(server)
    }

    fn begin(&self) -> Result<()> {
        let (mongod, data, set) = &self.command;
        let log = data.with_extension("log");
        let mut command = Command::new(mongod);
        command.arg("--dbpath").arg(data).args([
            "--port",
            &self.port.to_string(),
            "--bind_ip",
            "127.0.0.1",
            "--nounixsocket",
            "--wiredTigerCacheSizeGB",
            "0.25",
            "--setParameter",
            "diagnosticDataCollectionEnabled=false",
        ]);
        if let Some(set) = set {
            command.args(["--replSet", set]);
        }
        let output = File::options().create(true).append(true).open(&log)?;
        let process = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        *self.process.lock().map_err(|_| "poisoned")? = Some(process);
        wait_until("a server takes connections", || {
            self.command(doc! { "ping": 1 }).is_ok()
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Without a database.
    pub(crate) fn url(&self) -> String {
        format!("mongodb://127.0.0.1:{}", self.port)
    }

    fn pid(&self) -> Result<Pid> {
        let process = self.process.lock().map_err(|_| "poisoned")?;
        let id = process.as_ref().ok_or("not running")?.id();
        Ok(Pid::from_raw(i32::try_from(id)?).ok_or("no pid")?)
    }

    fn kill(&self) -> Result<()> {
        if let Some(mut process) = self.process.lock().map_err(|_| "poisoned")?.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    fn command(&self, command: Document) -> Result<Document> {
        let url = format!("mongodb://127.0.0.1:{}/?directConnection=true", self.port);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut options = ClientOptions::parse(url).await?;
            options.server_selection_timeout = Some(Duration::from_secs(2));
            options.connect_timeout = Some(Duration::from_secs(2));
            let client = mongodb::Client::with_options(options)?;
            let answer =
                tokio::time::timeout(Duration::from_secs(5), client.database("admin").run_command(command)).await;
            client.shutdown().immediate(true).await;
            Ok(answer??)
        })
    }

    fn is_primary(&self) -> bool {
        let is_running = self.process.lock().is_ok_and(|process| process.is_some());
        is_running
            && self
                .command(doc! { "hello": 1 })
                .is_ok_and(|answer| answer.get_bool("isWritablePrimary").unwrap_or(false))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Should it be frozen.
        if let Ok(pid) = self.pid() {
            let _ = kill_process(pid, Signal::CONT);
        }
        let _ = self.kill();
    }
}

/// Three servers.
#[derive(Debug)]
struct Set {
    servers: Vec<Server>,
    folder: tempfile::TempDir,
}

impl Set {
    fn start(setting: &Setting) -> Result<Self> {
        let folder = tempfile::tempdir_in(".")?;
        let mongod = setting.mongod.as_deref().ok_or("no server")?;
        let servers = (0..3)
            .map(|_| Server::start(mongod, folder.path(), Some(SET)))
            .collect::<Result<Vec<_>>>()?;
        let members: Vec<Document> = servers
            .iter()
            .zip(0_i32..)
            .map(|(server, id)| doc! { "_id": id, "host": format!("127.0.0.1:{}", server.port) })
            .collect();
        let config = doc! {
            "_id": SET, "members": members,
            "settings": { "electionTimeoutMillis": 2_000, "heartbeatIntervalMillis": 500 },
        };
        let first = servers.first().ok_or("no server")?;
        first.command(doc! { "replSetInitiate": config })?;
        let set = Set { servers, folder };
        set.primary()?;
        Ok(set)
    }

    fn primary(&self) -> Result<&Server> {
        let end = Instant::now() + LONG;
        loop {
            if let Some(primary) = self.servers.iter().find(|server| server.is_primary()) {
                return Ok(primary);
            }
            if Instant::now() > end {
                return Err("the set has no primary".into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn url(&self) -> String {
        let hosts: Vec<String> = self
            .servers
            .iter()
            .map(|server| format!("127.0.0.1:{}", server.port))
            .collect();
        format!("mongodb://{}/faults?replicaSet={SET}", hosts.join(","))
    }
}

/// Records at a rate while something is done to the set, and counts what is there at the end.
fn under_load(
    setting: &Setting,
    report: &mut Report,
    per_second: u64,
    disturb: impl FnOnce(&Set, &Trail, &mut Report) -> Result<()>,
) -> Result<()> {
    let set = Set::start(setting)?;
    // Beside other tests the machine is not ours alone.
    let per_second = if setting.short { per_second / 4 } else { per_second };
    let options = Options {
        spool: Some(set.folder.path().join("spool")),
        ..Options::default()
    };
    let first = Trail::builder(set.url()).options(options.clone()).open_blocking()?;
    first.close_blocking(LONG)?;
    let base = Base::take();
    let trail = Trail::builder(set.url()).options(options).open_blocking()?;
    let done = AtomicBool::new(false);
    let (ids, disturbed) = std::thread::scope(|scope| {
        let producer = scope.spawn(|| {
            let mut ids: Vec<Uuid> = Vec::new();
            let since = Instant::now();
            let mut unacknowledged = 0_u64;
            while !done.load(SeqCst) {
                let due = since.elapsed().as_secs_f64() * per_second as f64;
                while (ids.len() as f64) < due {
                    let number = ids.len() as u64;
                    if number.is_multiple_of(500) {
                        match trail.record_durable_blocking(call(number), None) {
                            Ok(receipt) => ids.push(receipt.audit_id),
                            Err(_) => unacknowledged += 1,
                        }
                    }
                    ids.push(trail.record(
                        call(number),
                        Some(b"{\"title\":\"a task of the plan\",\"note\":\"as agreed\"}"),
                    ));
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            (ids, unacknowledged, since.elapsed())
        });
        std::thread::sleep(Duration::from_secs(1));
        let disturbed = disturb(&set, &trail, report).map_err(|error| error.to_string());
        done.store(true, SeqCst);
        (producer.join(), disturbed)
    });
    disturbed?;
    let (ids, unacknowledged, took) = ids.map_err(|_| "the producer failed")?;
    let whole = Instant::now();
    wait_until("all is stored", || ledger(&trail, report).pending() == 0)?;
    let whole = whole.elapsed().as_secs_f64();
    report.within(
        "time until all is stored, once the set is whole",
        whole,
        RECOVERY_S,
        "s",
        "",
    );
    trail.flush_blocking(LONG)?;
    let (stored, records) = stored_ids(&trail)?;
    let lost = ids.iter().filter(|id| !stored.contains(id)).count() as u64;
    let stats = trail.close_blocking(LONG)?;
    report.none("records lost", lost, &format!("of {}", ids.len()));
    report.none("records stored twice", records - stored.len() as u64, "");
    report.none("durable records not acknowledged", unacknowledged, "");
    report.figure("handed over", ids.len() as f64 / took.as_secs_f64(), "records/s");
    report.figure("outages that the trail saw", stats.metrics.outages as f64, "");
    report.figure(
        "records sent again and found there",
        stats.ledger.duplicates as f64,
        "records",
    );
    drop((ids, stored, trail, stats));
    base.compare(report);
    Ok(())
}

pub(crate) fn primary(setting: &Setting, report: &mut Report) -> Result<()> {
    let times = setting.times;
    let mut rng = Rng::new(setting.seed, 15);
    under_load(setting, report, 2_000, |set, trail, report| {
        for _ in 0..times {
            let primary = set.primary()?;
            std::thread::sleep(rng.millis(0, 1_000));
            primary.kill()?;
            std::thread::sleep(Duration::from_millis(500));
            primary.begin()?;
            set.primary()?;
            ledger(trail, report);
            std::thread::sleep(Duration::from_millis(1_500));
        }
        Ok(())
    })
}

pub(crate) fn stepdown(setting: &Setting, report: &mut Report) -> Result<()> {
    let times = setting.times;
    let mut rng = Rng::new(setting.seed, 16);
    under_load(setting, report, 2_000, |set, trail, report| {
        for _ in 0..times {
            let primary = set.primary()?;
            // The server may hang up instead of answering.
            let _ = primary.command(doc! { "replSetStepDown": 5, "force": true });
            ledger(trail, report);
            std::thread::sleep(rng.millis(2_000, 4_000));
        }
        Ok(())
    })
}

pub(crate) fn freeze(setting: &Setting, report: &mut Report) -> Result<()> {
    let time = Duration::from_secs(if setting.short { 4 } else { 20 });
    under_load(setting, report, 2_000, |set, trail, report| {
        let pid = set.primary()?.pid()?;
        kill_process(pid, Signal::STOP)?;
        let mut slowest = Duration::ZERO;
        let since = Instant::now();
        while since.elapsed() < time {
            let asked = Instant::now();
            if let Err(error) = trail.record_durable_blocking(call(0), None) {
                report.violation(&format!(
                    "a durable record was refused while the primary was frozen: {error}"
                ));
            }
            slowest = slowest.max(asked.elapsed());
            ledger(trail, report);
            std::thread::sleep(Duration::from_millis(100));
        }
        kill_process(pid, Signal::CONT)?;
        report.within(
            "slowest acknowledgement while the primary was frozen",
            slowest.as_secs_f64(),
            5.0,
            "s",
            "",
        );
        Ok(())
    })
}

pub(crate) fn outage(setting: &Setting, report: &mut Report) -> Result<()> {
    let time = Duration::from_secs(if setting.short { 5 } else { 60 });
    under_load(setting, report, 1_000, |set, trail, report| {
        set.servers.iter().try_for_each(Server::kill)?;
        let since = Instant::now();
        while since.elapsed() < time {
            ledger(trail, report);
            std::thread::sleep(Duration::from_millis(200));
        }
        let stored = ledger(trail, report).stored;
        set.servers.iter().try_for_each(Server::begin)?;
        set.primary()?;
        let elected = Instant::now();
        wait_until("the store is back", || trail.stats().ledger.stored > stored)?;
        let back = Instant::now();
        let backlog = ledger(trail, report).spooled;
        report.figure("records on disk when the store is back", backlog as f64, "records");
        let noticed = (back - elected).as_secs_f64();
        report.figure("time from the election to the first record", noticed, "s");
        // How long a new record takes to the store while the backlog is drained.
        let mut lags = Vec::new();
        while ledger(trail, report).spooled > 500 {
            let id = trail.record(call(1), None);
            let asked = Instant::now();
            while trail.get_blocking(id)?.is_none() {
                std::thread::sleep(Duration::from_millis(2));
                if asked.elapsed() > Duration::from_secs(30) {
                    break;
                }
            }
            lags.push(asked.elapsed().as_secs_f64() * 1_000.0);
        }
        lags.sort_by(f64::total_cmp);
        report.figure("time to drain the backlog", back.elapsed().as_secs_f64(), "s");
        let Some(p99) = lags.get(lags.len() * 99 / 100).copied() else {
            report.violation("nothing was looked at during the drain: there was no backlog, or it was gone too soon");
            return Ok(());
        };
        report.within(
            "time of a new record to the store during the drain, p99",
            p99,
            1_000.0,
            "ms",
            &format!("{} looked at", lags.len()),
        );
        Ok(())
    })
}
