//! What the scenarios have in common.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use tasktrail::recorder::{Ledger, Timing};
use tasktrail::spool::{SpoolFile, SpoolState};
use tasktrail::store::Store;
use tasktrail::{Call, Cursor, Query, Trail};
use uuid::Uuid;

use crate::report::Report;

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

pub(crate) const LONG: Duration = Duration::from_secs(120);
/// Seconds after which all is stored that was waiting, once nothing is broken any more.
pub(crate) const RECOVERY_S: f64 = 30.0;

/// Times that let a scenario be over soon without changing what happens.
pub(crate) fn quick() -> Timing {
    Timing {
        patience: Duration::from_millis(150),
        insert_deadline: Duration::from_millis(500),
        first_retry: Duration::from_millis(5),
        last_retry: Duration::from_millis(100),
        adopt_every: Duration::from_millis(50),
        ..Timing::default()
    }
}

pub(crate) fn call(number: u64) -> Call {
    Call {
        method: "POST".into(),
        path: format!("/widgets/{number}/start"),
        status: Some(201),
        workspace_id: Some("ws".into()),
        ..Call::default()
    }
}

/// Looks at the ledger; a part that is missing is a violation whenever it is looked at.
pub(crate) fn ledger(trail: &Trail, report: &mut Report) -> Ledger {
    let ledger = trail.stats().ledger;
    if !ledger.is_balanced() {
        report.violation(&format!("the ledger is not balanced: {ledger:?}"));
    }
    ledger
}

pub(crate) fn wait_until(what: &str, condition: impl FnMut() -> bool) -> Result<()> {
    wait_up_to(LONG, what, condition)
}

pub(crate) fn wait_up_to(limit: Duration, what: &str, mut condition: impl FnMut() -> bool) -> Result<()> {
    let end = Instant::now() + limit;
    while !condition() {
        if Instant::now() > end {
            return Err(format!("never happened within {limit:?}: {what}").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Takes over all that dead owners left in a spool, into the store.
pub(crate) fn drain(folder: &Path, store: &dyn Store) -> Result<tasktrail::spool::Drained> {
    Ok(futures::executor::block_on(tasktrail::spool::drain(folder, store))?)
}

/// Whether a trail has taken over all that others had left in its spool. What is left for people to read stays where it is.
pub(crate) fn is_taken_over(folder: &Path, trail: &Trail) -> bool {
    let stats = trail.stats();
    let Ok(files) = futures::executor::block_on(tasktrail::spool::list(folder)) else {
        return false;
    };
    let mut others = files
        .iter()
        .filter(|file| file.writer_id != stats.writer_id && file.state != SpoolState::Quarantined);
    let is_dealt_with = |file: &SpoolFile| {
        file.records == Some(0) && file.is_closed == Some(true) && file.dead_letters.is_some_and(|letters| letters > 0)
    };
    others.all(is_dealt_with) && stats.ledger.pending() == 0
}

/// Every id that a trail's store holds, and how many records there are.
pub(crate) fn stored_ids(trail: &Trail) -> Result<(HashSet<Uuid>, u64)> {
    let mut query = Query::default().cursor(Cursor::after(0));
    query.limit = 1_000;
    query.counted = false;
    let (mut ids, mut records) = (HashSet::new(), 0);
    loop {
        let page = trail.query_blocking(&query)?;
        records += page.items.len() as u64;
        ids.extend(page.items.iter().map(|item| item.audit_id));
        match page.next_cursor {
            Some(cursor @ Cursor::Arrival { caught_up: false, .. }) => query.cursor = Some(cursor),
            _ => return Ok((ids, records)),
        }
    }
}
