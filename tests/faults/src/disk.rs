//! The disk of the spool is full, or takes nothing at all.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tasktrail::store::{MemoryStore, Store};
use tasktrail::trail::Mode;
use tasktrail::{Code, Trail};
use uuid::Uuid;

use crate::Setting;
use crate::count::Base;
use crate::faulty::{Faulty, Mood};
use crate::report::Report;
use crate::rng::Rng;
use crate::vfs::{Disk, Watch};
use crate::work::{Result, call, drain, ledger, quick, stored_ids, wait_until};

pub(crate) fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    full_for_good(setting, report)?;
    for_a_while(setting, report)?;
    without_a_folder(report)
}

/// No file of the host may grow beyond a limit: what its disk does not take it keeps in memory, and says so where it cannot.
fn full_for_good(setting: &Setting, report: &mut Report) -> Result<()> {
    let mut rng = Rng::new(setting.seed, 4);
    let (mut acknowledged, mut lost, mut handed_over, mut uncounted) = (0, 0, 0, 0);
    let (mut dropped, mut undelivered) = (0, 0);
    for round in 0..setting.times {
        let folder = tempfile::tempdir_in(".")?;
        let (spool, acks) = (folder.path().join("spool"), folder.path().join("acks"));
        let bytes = 200_000 + rng.below(800_000);
        // Nobody listens there: every record goes to disk, until no file may grow any more.
        let mut child = Command::new(std::env::current_exe()?)
            .args([
                "child",
                "--url",
                "mongodb://127.0.0.1:9/none",
                "--mode",
                "durable",
                "--every",
                "50",
            ])
            .arg("--spool")
            .arg(&spool)
            .arg("--acks")
            .arg(&acks)
            .args(["--file-bytes", &bytes.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        said.next().ok_or("the host could not open its trail")??;
        std::thread::sleep(Duration::from_millis(if setting.short { 1_000 } else { 3_000 }));
        child.stdin.take().ok_or("no input")?.write_all(b"end\n")?;
        let stats: Value = serde_json::from_str(&said.next().ok_or("the host did not close its trail")??)?;
        if !child.wait()?.success() {
            report.violation("the host did not survive a full disk");
        }
        let told = told(&stats);
        if told.came == 0 || told.came != told.parts {
            report.violation(&format!(
                "round {round}: the ledger at the close is not balanced: {stats}"
            ));
        }
        dropped += told.dropped;
        undelivered += told.in_memory;
        let store = MemoryStore::new(1_000_000);
        let drained = drain(&spool, &store)?;
        if drained.stored != number(&stats["spooled"]) {
            report.violation(&format!("round {round}: {} were on disk: {stats}", drained.stored));
        }
        let mut missing = 0;
        for line in BufReader::new(File::open(&acks)?).lines() {
            let line = line?;
            // The last line of a file that was full is not whole.
            let (is_safe, Some(Ok(id))) = (line.starts_with('S'), line.rsplit(' ').next().map(str::parse::<Uuid>))
            else {
                continue;
            };
            let is_there = futures::executor::block_on(store.get(id, Default::default()))?.is_some();
            handed_over += 1;
            missing += u64::from(!is_there);
            acknowledged += u64::from(is_safe);
            lost += u64::from(is_safe && !is_there);
        }
        uncounted += missing.saturating_sub(told.dropped);
    }
    report.none("acknowledged records lost", lost, &format!("of {acknowledged}"));
    let note = format!("of {handed_over}");
    report.none("records missing of which no count tells", uncounted, &note);
    report.figure("records dropped, each counted", dropped as f64, "records");
    report.none(
        "records that a closed trail counts as waiting in its memory",
        undelivered,
        "",
    );
    Ok(())
}

/// A ledger as a host tells it at its end, in sums.
struct Told {
    came: u64,
    /// What became of them in all.
    parts: u64,
    dropped: u64,
    /// Neither dropped nor on disk.
    in_memory: u64,
}

fn told(stats: &Value) -> Told {
    let all = |group: &Value| {
        group
            .as_object()
            .map_or(0, |group| group.values().map(number).sum::<u64>())
    };
    let these = |parts: &[&str]| parts.iter().map(|part| number(&stats[part])).sum::<u64>();
    let (dropped, in_memory) = (all(&stats["dropped"]), these(&["queued", "inFlight"]));
    Told {
        came: these(&["seen", "adopted"]),
        parts: these(&["stored", "spooled", "deadLettered"]) + in_memory + dropped + all(&stats["skipped"]),
        dropped,
        in_memory,
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

/// The disk is full, fails or forgets for a while, and the store is away for a while. When both are back, all is stored.
fn for_a_while(setting: &Setting, report: &mut Report) -> Result<()> {
    let mut rng = Rng::new(setting.seed, 14);
    let (mut handed_over, mut missing, mut doubles) = (0, 0, 0);
    let mut base = None;
    for round in 0..setting.times {
        let folder = tempfile::tempdir_in(".")?;
        let watch = Watch::new(folder.path())?;
        let store = Arc::new(Faulty::new(rng.next()));
        let mode = [Mode::Relaxed, Mode::Durable, Mode::Strict][rng.below(3) as usize];
        let trail = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>)
            .spool(folder.path())
            .mode(mode)
            .timing(quick())
            .open_blocking()?;
        let mut ids = Vec::new();
        for _ in 0..12 {
            match rng.below(6) {
                0 => store.set(Mood::Sound),
                1 => store.set(Mood::Away),
                2 => watch.set(Disk::Sound),
                3 => watch.set(Disk::Full),
                4 => watch.set(Disk::Broken),
                _ => watch.set(Disk::SyncFails),
            }
            for number in 0..rng.below(200) {
                ids.push(trail.record(call(number), Some(b"{\"a\":[1,2,3]}")));
            }
            ledger(&trail, report);
            std::thread::sleep(rng.millis(0, 80));
        }
        watch.set(Disk::Sound);
        store.set(Mood::Sound);
        wait_until("all is stored", || ledger(&trail, report).pending() == 0)?;
        let dropped = trail.flush_blocking(Duration::from_secs(30))?.ledger.dropped;
        let (stored, records) = stored_ids(&trail)?;
        handed_over += ids.len();
        let lost = ids.iter().filter(|id| !stored.contains(id)).count() as u64;
        missing += lost;
        doubles += records - stored.len() as u64;
        if lost > 0 || dropped.total() > 0 {
            report.violation(&format!(
                "round {round}, {mode:?}: {lost} are missing, {dropped:?} counted"
            ));
        }
        trail.close_blocking(Duration::from_secs(30))?;
        drop((trail, store, watch, ids, stored));
        base.get_or_insert_with(Base::take);
    }
    if let Some(base) = base {
        base.compare(report);
    }
    let note = format!("of {handed_over}");
    report.none("records lost when the disk comes back", missing, &note);
    report.none("records stored twice when the disk comes back", doubles, "");
    Ok(())
}

/// There is no folder, or not for long.
fn without_a_folder(report: &mut Report) -> Result<()> {
    for place in ["/proc/tasktrail", "/dev/null/spool"] {
        match Trail::builder("memory:").spool(place).open_blocking() {
            Err(error) if error.code() == Code::SpoolPath => {}
            other => report.violation(&format!("a spool at {place} is answered by {other:?}")),
        }
    }
    // The folder is taken away while the trail is open: what comes is kept in memory, and said.
    let folder = tempfile::tempdir_in(".")?;
    let trail = Trail::builder("memory:")
        .spool(folder.path().join("spool"))
        .open_blocking()?;
    std::fs::remove_dir_all(folder.path().join("spool"))?;
    for number in 0..100 {
        trail.record(call(number), None);
    }
    let closed = trail.close_blocking(Duration::from_secs(10))?.ledger;
    report.none(
        "records lost when the folder is taken away",
        closed.dropped.total() + closed.pending(),
        "",
    );
    Ok(())
}
