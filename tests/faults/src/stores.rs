//! A store that half-applies, answers late, answers twice, hangs, refuses one in a hundred, with and without a spool.

use std::sync::Arc;
use std::time::Duration;

use tasktrail::Trail;
use tasktrail::store::Store;

use crate::Setting;
use crate::count::Base;
use crate::faulty::{Faulty, Mood};
use crate::report::Report;
use crate::rng::Rng;
use crate::work::{Result, call, ledger, quick, stored_ids};

const MOODS: [Mood; 7] = [
    Mood::Away,
    Mood::Hangs,
    Mood::HalfApplies,
    Mood::LosesAnswers,
    Mood::AnswersLate,
    Mood::RefusesSome,
    Mood::Anything,
];

pub(crate) fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let mut rng = Rng::new(setting.seed, 7);
    let (mut handed_over, mut missing, mut doubles, mut refused) = (0, 0, 0, 0);
    once(&mut rng, true, report)?;
    let base = Base::take();
    for round in 0..setting.times {
        let found = once(&mut rng, round % 2 == 0, report)?;
        handed_over += found[0];
        missing += found[1];
        doubles += found[2];
        refused += found[3];
    }
    report.none(
        "records neither stored nor counted as refused",
        missing,
        &format!("of {handed_over}"),
    );
    report.none("records stored twice", doubles, "");
    report.figure("records refused for good and reported", refused as f64, "records");
    base.compare(report);
    Ok(())
}

fn once(rng: &mut Rng, has_spool: bool, report: &mut Report) -> Result<[u64; 4]> {
    let folder = tempfile::tempdir_in(".")?;
    let store = Arc::new(Faulty::new(rng.next()));
    let mut builder = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>).timing(quick());
    if has_spool {
        builder = builder.spool(folder.path());
    }
    let trail = builder.open_blocking()?;
    let mut ids = Vec::new();
    for step in 0..20 {
        if rng.chance(40) {
            store.set(MOODS[rng.below(MOODS.len() as u64) as usize]);
        }
        for _ in 0..rng.below(300) {
            let number = rng.next();
            match rng.below(20) {
                0 if has_spool => match trail.record_durable_blocking(call(number), None) {
                    Ok(receipt) => ids.push(receipt.audit_id),
                    // A store may refuse it for good.
                    Err(error) if error.to_string().contains("one in a hundred") => {}
                    Err(error) => report.violation(&format!("step {step}: {error}")),
                },
                _ => ids.push(trail.record(call(number), Some(b"{\"a\":[1,2,3]}"))),
            }
        }
        ledger(&trail, report);
        std::thread::sleep(rng.millis(0, 60));
    }
    store.set(Mood::Sound);
    crate::work::wait_until("all is stored", || ledger(&trail, report).pending() == 0)?;
    let flushed = trail.flush_blocking(Duration::from_secs(30))?.ledger;
    let (stored, records) = stored_ids(&trail)?;
    let refused = store.refused();
    let lost = ids
        .iter()
        .filter(|id| !stored.contains(id) && !refused.contains(id))
        .count() as u64;
    trail.close_blocking(Duration::from_secs(30))?;
    if flushed.dropped.total() > 0 {
        report.violation(&format!("records were dropped: {flushed:?}"));
    }
    if flushed.dead_lettered > refused.len() as u64 {
        report.violation(&format!("the store has refused {}: {flushed:?}", refused.len()));
    }
    Ok([
        ids.len() as u64,
        lost,
        records - stored.len() as u64,
        flushed.dead_lettered,
    ])
}
