//! The clock is stepped back an hour and forward a day.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::Duration;

use tasktrail::clock::{Clock, SystemClock};
use tasktrail::recorder::Timing;
use tasktrail::retention::Retention;
use tasktrail::schema::Timestamp;
use tasktrail::{Query, Trail};

use crate::Setting;
use crate::count::Base;
use crate::report::Report;
use crate::work::{Result, call, ledger, quick, stored_ids};

const HOUR_MS: i64 = 3_600_000;

/// The system's clock, moved by whoever sets it. Time that passes is not.
#[derive(Debug, Default)]
pub(crate) struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_millis(self.0.load(SeqCst))
    }
}

/// What all threads of this process have used.
fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(used.tv_sec.unsigned_abs(), u32::try_from(used.tv_nsec).unwrap_or(0))
}

fn open(folder: &Path, clock: &Arc<Moved>) -> Result<Trail> {
    let timing = Timing {
        sweep_every: Duration::from_millis(50),
        ..quick()
    };
    Ok(Trail::builder(format!("sqlite:{}", folder.join("audit.db").display()))
        .spool(folder.join("spool"))
        .retention(Retention::days(1))
        .clock(Arc::clone(clock) as Arc<dyn Clock>)
        .timing(timing)
        .open_blocking()?)
}

pub(crate) fn run(_setting: &Setting, report: &mut Report) -> Result<()> {
    let clock = Arc::new(Moved::default());
    let first = tempfile::tempdir_in(".")?;
    let trail = open(first.path(), &clock)?;
    trail.record_durable_blocking(call(0), None)?;
    stored_ids(&trail)?;
    trail.close_blocking(Duration::from_secs(30))?;
    drop(trail);
    let base = Base::take();
    set_the_clock(&clock, report)?;
    base.compare(report);
    Ok(())
}

fn set_the_clock(clock: &Arc<Moved>, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir_in(".")?;
    let trail = open(folder.path(), clock)?;
    let mut ids = Vec::new();
    let mut busiest = 0.0_f64;
    for step in [0, -HOUR_MS, 24 * HOUR_MS, 0, 49 * HOUR_MS, -HOUR_MS, 0] {
        clock.0.store(step, SeqCst);
        for number in 0..200 {
            ids.push(trail.record(call(number), None));
        }
        trail.record_durable_blocking(call(0), None)?;
        trail.flush_blocking(Duration::from_secs(30))?;
        ledger(&trail, report);
        // Some sweeps see the clock as it is now.
        let worked = processor_time();
        std::thread::sleep(Duration::from_millis(200));
        busiest = busiest.max((processor_time() - worked).as_secs_f64() / 0.2);
        let page = trail.query_blocking(&Query::default().limit(1))?;
        if page.total < ids.len() as u64 {
            report.violation(&format!(
                "with the clock moved by {step} ms only {} of {} records are shown",
                page.total,
                ids.len()
            ));
        }
    }
    let (stored, records) = stored_ids(&trail)?;
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    report.none("ids given twice", (ids.len() - unique.len()) as u64, "");
    let lost = ids.iter().filter(|id| !stored.contains(id)).count() as u64;
    report.none("records deleted or hidden early", lost, &format!("of {}", ids.len()));
    report.none("records stored twice", records - stored.len() as u64, "");
    // Sweeps and looks into the folder are made twenty times a second here.
    let note = "share of one processor while nothing is recorded";
    report.at_most("work without work", busiest, 0.5, "", note);
    let is_ordered = ids.windows(2).all(|pair| pair[0] < pair[1]);
    if !is_ordered {
        report.violation("ids do not grow");
    }
    trail.close_blocking(Duration::from_secs(30))?;
    Ok(())
}
