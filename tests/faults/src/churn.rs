//! Trails are opened and closed ten thousand times, and closed under the hands of 64 threads.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tasktrail::Trail;
use tasktrail::store::Store;
use uuid::Uuid;

use crate::Setting;
use crate::count::Base;
use crate::faulty::Faulty;
use crate::report::Report;
use crate::rng::Rng;
use crate::work::{Result, call, ledger, quick};

fn entries(folder: &str) -> u64 {
    std::fs::read_dir(folder).map_or(0, |entries| entries.count() as u64)
}

/// Threads and open files of this process.
fn handles() -> (u64, u64) {
    (entries("/proc/self/task"), entries("/proc/self/fd"))
}

fn open_and_close(folder: &std::path::Path, turn: u64) -> Result<()> {
    let url = match turn % 3 {
        0 => "memory:?capacity=10".to_owned(),
        _ => format!("sqlite:{}", folder.join("audit.db").display()),
    };
    let mut builder = Trail::builder(&url).timing(quick());
    if !turn.is_multiple_of(2) {
        builder = builder.spool(folder.join("spool"));
    }
    let trail = builder.open_blocking()?;
    trail.record(call(turn), None);
    trail.close_blocking(Duration::from_secs(10))?;
    Ok(())
}

pub(crate) fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir_in(".")?;
    for turn in 0..20 {
        open_and_close(folder.path(), turn)?;
    }
    let (base, (threads, files)) = (Base::take(), handles());
    for turn in 0..setting.times {
        open_and_close(folder.path(), turn)?;
    }
    std::thread::sleep(Duration::from_millis(500));
    let (threads_now, files_now) = handles();
    report.at_most("threads left", threads_now as f64, threads as f64, "threads", "");
    report.at_most("open files left", files_now as f64, files as f64, "files", "");
    let spooled = entries(&folder.path().join("spool").to_string_lossy());
    report.at_most("files left in the spool", spooled as f64, 0.0, "files", "");
    base.compare(report);
    Ok(())
}

pub(crate) fn threads(setting: &Setting, report: &mut Report) -> Result<()> {
    let mut rng = Rng::new(setting.seed, 8);
    let (mut acknowledged, mut missing, mut doubles, mut looks) = (0, 0, 0, 0);
    let mut base = None;
    for round in 0..setting.times {
        let folder = tempfile::tempdir_in(".")?;
        let store = Arc::new(Faulty::new(rng.next()));
        let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
            .spool(folder.path())
            .timing(quick())
            .open_blocking()?;
        let (is_over, acks) = (AtomicBool::new(false), Mutex::new(Vec::<Uuid>::new()));
        let wait = rng.millis(0, 60);
        let closed = std::thread::scope(|scope| {
            for producer in 0..64_u64 {
                let (trail, is_over, acks) = (trail.clone(), &is_over, &acks);
                scope.spawn(move || {
                    let mut number = 0;
                    while !is_over.load(SeqCst) {
                        number += 1;
                        if producer % 8 == 0 {
                            if let Ok(receipt) = trail.record_durable_blocking(call(number), None)
                                && let Ok(mut acks) = acks.lock()
                            {
                                acks.push(receipt.audit_id);
                            }
                        } else {
                            trail.record(call(number), None);
                            if number % 50 == 0 {
                                std::thread::yield_now();
                            }
                        }
                    }
                });
            }
            // Somebody who looks at the books all the time.
            let looker = scope.spawn(|| {
                let mut looks = 0_u64;
                while !is_over.load(SeqCst) {
                    let ledger = trail.stats().ledger;
                    if !ledger.is_balanced() {
                        return Err(format!("the ledger is not balanced: {ledger:?}"));
                    }
                    looks += 1;
                }
                Ok(looks)
            });
            std::thread::sleep(wait);
            let closed = trail.close_blocking(Duration::from_secs(20));
            is_over.store(true, SeqCst);
            match looker.join() {
                Ok(Ok(found)) => looks += found,
                Ok(Err(fault)) => report.violation(&format!("round {round}: {fault}")),
                Err(_) => report.violation(&format!("round {round}: the ledger cannot be looked at")),
            }
            closed
        })?;
        if !closed.ledger.is_balanced() {
            report.violation(&format!(
                "round {round}: the ledger at the close is not balanced: {:?}",
                closed.ledger
            ));
        }
        let last = ledger(&trail, report);
        if last.queued + last.in_flight > 0 {
            report.violation(&format!("round {round}: records are in nobody's hands: {last:?}"));
        }
        crate::work::drain(folder.path(), &store.inner)?;
        let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>).open_blocking()?;
        let (ids, records): (HashSet<Uuid>, u64) = crate::work::stored_ids(&trail)?;
        trail.close_blocking(Duration::from_secs(20))?;
        let acks = acks.into_inner()?;
        acknowledged += acks.len() as u64;
        missing += acks.iter().filter(|id| !ids.contains(id)).count() as u64;
        doubles += records - ids.len() as u64;
        drop((store, ids, acks));
        base.get_or_insert_with(Base::take);
    }
    if let Some(base) = base {
        base.compare(report);
    }
    report.figure("looks at the ledger in between", looks as f64, "looks");
    report.none("acknowledged records lost", missing, &format!("of {acknowledged}"));
    report.none("records stored twice", doubles, "");
    Ok(())
}
