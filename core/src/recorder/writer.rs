//! The writer: from the queue to hub and store, with retries.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use super::{Intake, Kind, Recorder, answer_within};
use crate::clock::random;
use crate::error::{Code, Error, Result};
use crate::store::{EncodedRecord, Inserted, Store};

/// Batches on their way to the store at once; more gains nothing (MongoDB, measured).
const IN_FLIGHT: usize = 2;
/// A store that has not answered by then is tried again with the same ids; the first try goes on by itself.
const INSERT_DEADLINE: Duration = Duration::from_secs(10);
const FIRST_RETRY: Duration = Duration::from_millis(100);
const LAST_RETRY: Duration = Duration::from_secs(10);

struct Batch {
    records: Arc<[EncodedRecord]>,
    /// Who waits for the fate of the record at a position.
    acks: Vec<(usize, oneshot::Sender<bool>)>,
    /// Those of the records that are events: they are published once the store has answered.
    events: Vec<EncodedRecord>,
}

pub(super) async fn run(recorder: Arc<Recorder>) {
    let slots = Arc::new(Semaphore::new(IN_FLIGHT));
    loop {
        recorder.queue.wait().await;
        loop {
            // A slot first: while both batches are stuck, records stay in the queue, which is where the bound is.
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
                return;
            };
            let taken = recorder.queue.take();
            if taken.is_empty() {
                break;
            }
            let batch = prepare(&recorder, taken);
            let recorder_of_batch = Arc::clone(&recorder);
            tokio::spawn(async move {
                deliver(&recorder_of_batch, batch).await;
                drop(slot);
            });
            // The first record after a rest has gone out at once; what follows on its heels is gathered.
            recorder.queue.linger(recorder.batch_delay).await;
        }
    }
}

fn prepare(recorder: &Recorder, taken: Vec<Intake>) -> Batch {
    // In this order nobody who looks in between finds the records gone.
    recorder.counters.in_flight.fetch_add(taken.len() as u64, Relaxed);
    recorder.counters.queued.fetch_sub(taken.len() as u64, Relaxed);
    let mut records = Vec::with_capacity(taken.len());
    let (mut acks, mut events, mut live) = (Vec::new(), Vec::new(), Vec::with_capacity(taken.len()));
    for (position, intake) in taken.into_iter().enumerate() {
        let stamp = intake.stamp;
        let record = match &intake.kind {
            Kind::Call(call, body) => recorder.encoder.call(stamp, call, body.as_deref()),
            Kind::Event(event, context) => recorder.encoder.event(stamp, event, context),
            Kind::Own(operation_type, metadata) => recorder.encoder.own(stamp, operation_type, metadata),
        };
        let encoded = EncodedRecord::new(record);
        match intake.ack {
            Some(ack) => {
                acks.push((position, ack));
                events.push(encoded.clone());
            }
            None => live.push(encoded.clone()),
        }
        records.push(encoded);
    }
    recorder.hub.publish(&live);
    Batch {
        records: records.into(),
        acks,
        events,
    }
}

/// Brings a batch to the store, however long that takes.
async fn deliver(recorder: &Arc<Recorder>, batch: Batch) {
    let Batch {
        records,
        mut acks,
        mut events,
    } = batch;
    let mut retry = FIRST_RETRY;
    let mut store = recorder.store.subscribe();
    loop {
        let state = store.borrow_and_update().clone();
        let (outcome, opened) = match state.store() {
            Ok(opened) => (insert(&opened, &records).await, Some(opened)),
            Err(error) => (Err(error), None),
        };
        let retryable = match (outcome, &opened) {
            (Ok(inserted), _) => {
                settle(recorder, &records, &inserted);
                // Durable first, then live.
                recorder.hub.publish(&events);
                let refused: Vec<usize> = inserted.refused.iter().map(|(position, _)| *position).collect();
                return answer(acks, |position| !refused.contains(&position));
            }
            // A closed store means that the trail is ending at its deadline: what is on its way stays counted as such.
            (Err(error), _) if error.is_retryable() || error.code() == Code::Closed => error,
            (Err(_), Some(store)) if records.len() > 1 => {
                // Something in the batch, or the batch as such: each record alone tells which.
                let stored = one_by_one(recorder, store, &records).await;
                recorder.hub.publish(&events);
                return answer(acks, |position| stored.get(position).copied().unwrap_or(false));
            }
            (Err(error), _) => {
                dead_letter(recorder, records.len() as u64, &error);
                recorder.hub.publish(&events);
                return answer(acks, |_| false);
            }
        };
        went_away(recorder, &retryable);
        // Live views need not wait for an outage to end, and who waits for an answer gets an honest one now.
        recorder.hub.publish(&std::mem::take(&mut events));
        answer(std::mem::take(&mut acks), |_| false);
        let pause = jittered(retry);
        retry = (retry * 2).min(LAST_RETRY);
        // A store that was just reached is tried at once.
        let _ = tokio::time::timeout(pause, store.changed()).await;
    }
}

fn answer(acks: Vec<(usize, oneshot::Sender<bool>)>, is_durable: impl Fn(usize) -> bool) {
    for (position, ack) in acks {
        // Whoever stopped waiting has been answered already.
        let _ = ack.send(is_durable(position));
    }
}

/// One try, with a deadline of its own.
async fn insert(store: &Arc<dyn Store>, records: &Arc<[EncodedRecord]>) -> Result<Inserted> {
    let insert = {
        let (store, records) = (Arc::clone(store), Arc::clone(records));
        async move { store.insert(&records).await }
    };
    answer_within(INSERT_DEADLINE, insert).await
}

/// Brings each record of a batch to the store alone; answers which it took.
async fn one_by_one(recorder: &Arc<Recorder>, store: &Arc<dyn Store>, records: &[EncodedRecord]) -> Vec<bool> {
    let mut stored = Vec::with_capacity(records.len());
    for record in records {
        let one: Arc<[EncodedRecord]> = Arc::from([record.clone()]);
        let mut retry = FIRST_RETRY;
        let taken = loop {
            match insert(store, &one).await {
                Ok(inserted) => {
                    settle(recorder, &one, &inserted);
                    break inserted.refused.is_empty();
                }
                Err(error) if error.is_retryable() => {
                    went_away(recorder, &error);
                    tokio::time::sleep(jittered(retry)).await;
                    retry = (retry * 2).min(LAST_RETRY);
                }
                Err(error) => {
                    dead_letter(recorder, 1, &error);
                    break false;
                }
            }
        };
        stored.push(taken);
    }
    stored
}

fn settle(recorder: &Recorder, records: &[EncodedRecord], inserted: &Inserted) {
    let counters = &recorder.counters;
    let refused = inserted.refused.len() as u64;
    counters.stored.fetch_add(records.len() as u64 - refused, Relaxed);
    counters.duplicates.fetch_add(inserted.duplicates as u64, Relaxed);
    counters.dead_lettered.fetch_add(refused, Relaxed);
    counters.in_flight.fetch_sub(records.len() as u64, Relaxed);
    for (position, error) in inserted.refused.iter().take(10) {
        let id = records.get(*position).map(|refused| refused.record.audit_id);
        tracing::error!(target: "tasktrail", audit_id = ?id, code = error.code().as_str(), "the store refused a record: {error}");
    }
    recorder.progress.notify_waiters();
    came_back(recorder);
}

fn dead_letter(recorder: &Recorder, count: u64, error: &Error) {
    recorder.counters.dead_lettered.fetch_add(count, Relaxed);
    recorder.counters.in_flight.fetch_sub(count, Relaxed);
    recorder.progress.notify_waiters();
    tracing::error!(target: "tasktrail", code = error.code().as_str(), count, "the store refused records for good: {error}");
}

/// Said once an outage.
fn went_away(recorder: &Recorder, error: &Error) {
    if !recorder.store_is_down.swap(true, Relaxed) {
        tracing::warn!(target: "tasktrail", code = error.code().as_str(), "the audit store is away; records are kept and sent later: {error}");
    }
}

fn came_back(recorder: &Recorder) {
    if recorder.store_is_down.swap(false, Relaxed) {
        let kept = recorder.counters.read().pending();
        tracing::info!(target: "tasktrail", kept, "the audit store is back; what was kept is being stored");
    }
    recorder.report_gaps();
}

/// Full jitter: anywhere between nothing and the whole pause, so that many writers do not come back at once.
pub(crate) fn jittered(pause: Duration) -> Duration {
    let share = f64::from(u32::from_le_bytes(random())) / f64::from(u32::MAX);
    pause.mul_f64(share).max(Duration::from_millis(10))
}
