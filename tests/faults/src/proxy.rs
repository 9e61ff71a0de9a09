//! A proxy before a real server: it delays, goes silent, cuts replies in the middle and refuses connections.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::SeqCst};
use std::time::{Duration, Instant};

use tasktrail::Trail;

use crate::Setting;
use crate::count::Base;
use crate::replica::Server;
use crate::report::Report;
use crate::rng::Rng;
use crate::work::{LONG, RECOVERY_S, Result, call, ledger, quick, stored_ids, wait_until};

const PASS: u8 = 0;
const DELAY: u8 = 1;
const SILENT: u8 = 2;
const CUT: u8 = 3;
const REFUSE: u8 = 4;

#[derive(Debug)]
struct Proxy {
    port: u16,
    how: Arc<AtomicU8>,
    is_over: Arc<AtomicBool>,
}

impl Proxy {
    fn start(to: u16, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let (how, is_over) = (Arc::new(AtomicU8::new(PASS)), Arc::new(AtomicBool::new(false)));
        let (acceptor_how, acceptor_over) = (Arc::clone(&how), Arc::clone(&is_over));
        std::thread::spawn(move || {
            let mut rng = Rng::new(seed, 10);
            for client in listener.incoming().flatten() {
                if acceptor_over.load(SeqCst) {
                    return;
                }
                if acceptor_how.load(SeqCst) == REFUSE {
                    let _ = client.shutdown(Shutdown::Both);
                    continue;
                }
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, to)) else {
                    continue;
                };
                for (from, to, is_reply) in [(&client, &server, false), (&server, &client, true)] {
                    let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else {
                        continue;
                    };
                    let (how, seed) = (Arc::clone(&acceptor_how), rng.next());
                    std::thread::spawn(move || forward(from, to, &how, is_reply, Rng::new(seed, 11)));
                }
            }
        });
        Ok(Proxy { port, how, is_over })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.is_over.store(true, SeqCst);
        // Wakes the one that accepts.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, how: &AtomicU8, is_reply: bool, mut rng: Rng) {
    let mut buffer = vec![0; 16_384];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        match how.load(SeqCst) {
            DELAY => std::thread::sleep(rng.millis(5, 120)),
            SILENT => {
                while how.load(SeqCst) == SILENT {
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
            CUT if is_reply && rng.chance(50) => {
                let some = rng.below(count as u64) as usize;
                let _ = to.write_all(&buffer[..some]);
                break;
            }
            REFUSE => break,
            _ => {}
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

pub(crate) fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir_in(".")?;
    let mongod = setting.mongod.as_deref().ok_or("no server")?;
    let server = Server::start(mongod, folder.path(), None)?;
    let mut rng = Rng::new(setting.seed, 12);
    let (mut handed_over, mut missing, mut doubles) = (0, 0, 0);
    let mut slowest = Duration::ZERO;
    let mut base = None;
    // What is allocated once for all is allocated in the first.
    for round in 0..=setting.times {
        let proxy = Proxy::start(server.port(), rng.next())?;
        let url = format!(
            "mongodb://127.0.0.1:{}/faults_{round}?directConnection=true&serverSelectionTimeoutMS=1000&connectTimeoutMS=1000",
            proxy.port
        );
        let trail = Trail::builder(&url)
            .spool(folder.path().join("spool"))
            .timing(quick())
            .open_blocking()?;
        let mut ids = Vec::new();
        for how in [PASS, DELAY, CUT, SILENT, CUT, REFUSE, DELAY, CUT, PASS] {
            proxy.how.store(how, SeqCst);
            for number in 0..rng.below(if setting.short { 200 } else { 1_500 }) {
                if number % 50 == 0 {
                    ids.push(trail.record_durable_blocking(call(number), None)?.audit_id);
                } else {
                    ids.push(trail.record(call(number), Some(b"{\"a\":1}")));
                }
            }
            std::thread::sleep(rng.millis(50, 700));
            ledger(&trail, report);
        }
        let whole = Instant::now();
        wait_until("all is stored", || ledger(&trail, report).pending() == 0)?;
        slowest = slowest.max(whole.elapsed());
        trail.flush_blocking(LONG)?;
        let (stored, records) = stored_ids(&trail)?;
        handed_over += ids.len();
        missing += ids.iter().filter(|id| !stored.contains(id)).count() as u64;
        doubles += records - stored.len() as u64;
        trail.close_blocking(LONG)?;
        drop((proxy, trail, ids, stored));
        base.get_or_insert_with(Base::take);
    }
    if let Some(base) = base {
        base.compare(report);
    }
    report.none("records lost", missing, &format!("of {handed_over}"));
    report.none("records stored twice", doubles, "");
    let slowest = slowest.as_secs_f64();
    report.within(
        "time until all is stored, once the network is whole",
        slowest,
        RECOVERY_S,
        "s",
        "the longest",
    );
    Ok(())
}
