//! The courier: takes batches from the outbox to the store, or, when that does not take them in time, to the spool.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::desk::Ledger;
use super::{BATCH_BYTES, Backoff, IN_FLIGHT, Item, Quiet, Recorder};
use crate::error::{Code, Error, Result};
use crate::schema::{Record, Timestamp};
use crate::store::{EncodedRecord, Inserted, Store};

/// So many single records the store as a whole may refuse, one behind the other, before that is taken for its own trouble (a user that was
/// locked out, say) and no longer for theirs.
const REFUSALS: u32 = 3;
/// Tries whose answers are still out, late ones included. A store that hangs gets no more than these.
const TRIES: usize = 8;
/// How often it is looked whether tries have been answered.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

pub(super) async fn run(recorder: Arc<Recorder>) {
    let slots = Arc::new(Semaphore::new(IN_FLIGHT));
    loop {
        recorder.outbox.wait().await;
        // A slot first: while all are taken, records stay in the outbox, which is where the bound is.
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        gather(&recorder, &slots).await;
        let items = recorder.outbox.take(recorder.settings.batch_size, BATCH_BYTES);
        recorder.share_bound();
        if items.is_empty() {
            continue;
        }
        let task = Arc::clone(&recorder);
        recorder.guard("a delivery", async move {
            deliver(&task, items).await;
            drop(slot);
        });
    }
}

/// While a batch is on its way the next one may become whole: the store is asked less often, and nobody waits for longer than for that
/// answer or a batch's delay. Nothing is on its way at rest, so the first record goes at once.
async fn gather(recorder: &Recorder, slots: &Semaphore) {
    let others = IN_FLIGHT - 1;
    if slots.available_permits() == others {
        return;
    }
    let landed = slots.acquire_many(u32::try_from(others).unwrap_or(u32::MAX));
    tokio::select! {
        () = recorder.outbox.fill(recorder.settings.batch_size) => {}
        _ = landed => {}
        () = tokio::time::sleep(recorder.settings.batch_delay) => {}
    }
}

/// Brings items to the store or to disk, however long that takes.
async fn deliver(recorder: &Arc<Recorder>, mut items: Vec<Item>) {
    let records: Arc<[EncodedRecord]> = items.iter().map(|item| item.record.clone()).collect();
    recorder.take_off(&items);
    let hand = recorder.take_in_hand(&records, &items);
    let _in_hand = InHandGuard { recorder, hand };
    let mut backoff = recorder.backoff();
    let (mut store, mut ending) = (recorder.store.subscribe(), recorder.ending.subscribe());
    // What is away is not waited for where there is a disk, and a store that lags behind gets its records from there.
    let mut to_disk_first = recorder.spool().is_some() && (recorder.is_down() || recorder.is_crowded());
    loop {
        let mut why = Error::new(Code::StoreUnavailable, "the audit store is away");
        if !std::mem::take(&mut to_disk_first) && !*ending.borrow() {
            match recorder.send(&records, recorder.patience()).await {
                Ok(sent) => {
                    recorder.stored(items, sent, hand);
                    break;
                }
                Err(error) => {
                    recorder.went_away(&error);
                    why = error;
                }
            }
        }
        match recorder.to_disk(items, Ledger::InFlight, Some(hand)).await {
            Ok(on_disk) => {
                recorder.let_go(on_disk);
                break;
            }
            Err(in_memory) => items = in_memory,
        }
        if *ending.borrow_and_update() {
            if matches!(why.code(), Code::StoreTimeout | Code::Closed) {
                // Nobody knows what becomes of a try that is still out, so they stay on the books as on their way.
                refuse_waiters(items, &Error::closed());
            } else {
                recorder.lose_at_the_end(items);
            }
            break;
        }
        recorder.stay_in_memory(&mut items, &why);
        let pause = tokio::time::sleep(backoff.pause());
        // A store that was just reached is tried at once.
        tokio::select! {
            () = pause => {}
            _ = store.changed() => {}
            _ = ending.changed() => {}
        }
    }
    recorder.put_down(Some(hand));
}

/// Answers who waits for records that the trail does not see to any more.
pub(super) fn refuse_waiters(items: impl IntoIterator<Item = Item>, error: &Error) {
    for waiter in items.into_iter().filter_map(|item| item.waiter) {
        // Whoever stopped waiting has been answered already.
        let _ = waiter.send(Err(error.clone()));
    }
}

/// Says so when the task that has a batch in its hands fails.
struct InHandGuard<'a> {
    recorder: &'a Recorder,
    hand: u64,
}

impl Drop for InHandGuard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.recorder.orphan(self.hand);
        }
    }
}

/// What became of records that were sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) inserted: Inserted,
    /// Positions of events that the store holds from another sending: the numbers that these got are ones that no record will have.
    pub(super) repeats: Vec<usize>,
}

/// The tries that the store has not answered yet.
#[derive(Debug, Default)]
pub(super) struct Tries {
    out: BTreeSet<u64>,
    /// Number of the next one.
    next: u64,
}

/// One of them, until it is dropped.
struct TryOut {
    recorder: Arc<Recorder>,
    number: u64,
}

impl TryOut {
    /// `None` while as many are out as may be.
    fn begin(recorder: Arc<Recorder>) -> Option<Self> {
        let mut tries = recorder.tries();
        if tries.out.len() >= TRIES {
            return None;
        }
        let number = tries.next;
        tries.next += 1;
        tries.out.insert(number);
        drop(tries);
        Some(TryOut { recorder, number })
    }
}

impl Drop for TryOut {
    fn drop(&mut self) {
        self.recorder.tries().out.remove(&self.number);
    }
}

impl Recorder {
    pub(super) fn backoff(&self) -> Backoff {
        Backoff::new(self.timing.first_retry, self.timing.last_retry)
    }

    /// Brings records to the store; what it refuses is found one by one, so that it keeps nobody else out.
    ///
    /// # Errors
    /// The store does not take them now; all of them can be sent again.
    pub(super) async fn send(self: &Arc<Self>, records: &Arc<[EncodedRecord]>, patience: Duration) -> Result<Sent> {
        let store = self.store.borrow().clone().store()?;
        let records = self.held_as_now(records);
        let inserted = self.insert(&store, &records, patience).await?;
        let repeats = match inserted.duplicates {
            0 => Vec::new(),
            _ => self.find_repeats(&store, &records, patience).await?,
        };
        Ok(Sent { inserted, repeats })
    }

    /// How long a store's answer is waited for while the records are in memory. What is on disk already can wait for longer.
    pub(super) fn patience(&self) -> Duration {
        match self.spool() {
            Some(_) => self.timing.patience,
            None => self.timing.insert_deadline,
        }
    }

    /// The records, those with a longer life among them that a hold has come for since they were made.
    fn held_as_now(&self, records: &Arc<[EncodedRecord]>) -> Arc<[EncodedRecord]> {
        let policy = self.encoder.retention.read().unwrap_or_else(PoisonError::into_inner);
        let lasts = |record: &Record| {
            let now = policy.expires_at(record);
            let is_longer = record.expires_at.is_some_and(|then| now.is_none_or(|now| now > then));
            is_longer.then_some(now)
        };
        if records.iter().all(|record| lasts(record.record()).is_none()) {
            return Arc::clone(records);
        }
        let longer = records.iter().map(|record| match lasts(record.record()) {
            None => record.clone(),
            Some(expires_at) => EncodedRecord::new(Record {
                expires_at,
                ..record.record().clone()
            }),
        });
        longer.collect()
    }

    /// Waits until no try is out that was made before, or for as long as one is waited for.
    pub(crate) async fn landed(&self) {
        let made = self.tries().next;
        let all = async {
            while self.tries().out.first().is_some_and(|first| *first < made) {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        let _ = tokio::time::timeout(self.timing.insert_deadline, all).await;
    }

    fn tries(&self) -> MutexGuard<'_, Tries> {
        // Nothing that runs under the lock can leave the tries half-changed by a panic.
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn insert(
        self: &Arc<Self>,
        store: &Arc<dyn Store>,
        records: &Arc<[EncodedRecord]>,
        patience: Duration,
    ) -> Result<Inserted> {
        let refusal = match self.attempt(store, records, patience).await {
            Ok(mut inserted) => {
                self.answered();
                inserted.refused.sort_by_key(|(position, _)| *position);
                return Ok(inserted);
            }
            Err(error) if is_passing(&error) => return Err(error),
            Err(error) => error,
        };
        let (mut whole, mut is_well) = (Inserted::default(), false);
        for (position, record) in records.iter().enumerate() {
            let one: Arc<[EncodedRecord]> = Arc::from([record.clone()]);
            let outcome = match records.len() {
                1 => Err(refusal.clone()),
                _ => self.attempt(store, &one, patience).await,
            };
            match outcome {
                Ok(inserted) => {
                    self.answered();
                    is_well = true;
                    whole.stored += inserted.stored;
                    whole.duplicates += inserted.duplicates;
                    let refused = inserted.refused.into_iter().map(|(_, error)| (position, error));
                    whole.refused.extend(refused);
                }
                Err(error) if is_passing(&error) => return Err(error),
                Err(error) if is_well || self.refusals.fetch_add(1, Relaxed) < REFUSALS => {
                    whole.refused.push((position, error));
                }
                Err(error) => {
                    // One that it takes, wherever it is, shows that the store is well and these are not.
                    let Some(any) = self.any_other(records.get(position + 1..).unwrap_or_default()) else {
                        return Err(error);
                    };
                    self.attempt(store, &self.held_as_now(&Arc::from([any])), patience)
                        .await?;
                    is_well = true;
                    whole.refused.push((position, error));
                }
            }
        }
        Ok(whole)
    }

    /// One of the rest of a batch or of those that wait behind it.
    fn any_other(&self, rest: &[EncodedRecord]) -> Option<EncodedRecord> {
        let at = self.entropy.below(rest.len() + self.outbox.len());
        match rest.get(at) {
            Some(record) => Some(record.clone()),
            None => self.outbox.get(at.saturating_sub(rest.len())),
        }
    }

    /// An event that a client sends again has the id that it had, and so has one that is sent again because no answer came. The store tells
    /// which it was.
    ///
    /// # Errors
    /// The store does not answer now. One that never lets this user read is not asked twice.
    async fn find_repeats(
        self: &Arc<Self>,
        store: &Arc<dyn Store>,
        records: &Arc<[EncodedRecord]>,
        patience: Duration,
    ) -> Result<Vec<usize>> {
        let mut repeats = Vec::new();
        for (position, record) in records.iter().map(EncodedRecord::record).enumerate() {
            // Other ids are made here, and never twice.
            if record.audit_id.get_version_num() != 8 {
                continue;
            }
            let (store, audit_id) = (Arc::clone(store), record.audit_id);
            let asked = async move { store.get(audit_id, Timestamp::from_millis(i64::MIN)).await };
            let found = match self.ask(asked, patience).await {
                Err(error) if is_passing(&error) => return Err(error),
                found => found.ok().flatten(),
            };
            let found = found.and_then(|found| Record::from_json(&found.json).ok());
            if found.is_some_and(|found| (&found.writer_id, found.seq) != (&record.writer_id, record.seq)) {
                repeats.push(position);
            }
        }
        Ok(repeats)
    }

    /// One try.
    async fn attempt(
        self: &Arc<Self>,
        store: &Arc<dyn Store>,
        records: &Arc<[EncodedRecord]>,
        patience: Duration,
    ) -> Result<Inserted> {
        let recorder = Arc::clone(self);
        let (store, records) = (Arc::clone(store), Arc::clone(records));
        let inserting = async move {
            let since = Instant::now();
            let outcome = store.insert(&records).await;
            if outcome.is_ok() {
                recorder.meters.inserted(records.len(), since.elapsed());
                // Also when the answer comes late: then the store is back.
                recorder.answered();
            }
            outcome
        };
        self.ask(inserting, patience).await
    }

    /// Asks the store for something. It is a task of its own that goes on when its answer is not waited for any longer: a driver's future
    /// is never cancelled midway.
    async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        asked: impl Future<Output = Result<T>> + Send + 'static,
        patience: Duration,
    ) -> Result<T> {
        let Some(out) = TryOut::begin(Arc::clone(self)) else {
            return Err(Error::new(
                Code::StoreTimeout,
                "the audit store has not answered earlier tries yet",
            ));
        };
        let mut task = tokio::spawn(Quiet::new(async move {
            let outcome = asked.await;
            drop(out);
            outcome
        }));
        let mut ending = self.ending.subscribe();
        tokio::select! {
            outcome = &mut task => match outcome {
                Ok(outcome) => outcome,
                Err(fault) if fault.is_panic() => Err(Error::panicked("a store")),
                Err(_) => Err(Error::closed()),
            },
            () = tokio::time::sleep(patience) => Err(Error::new(
                Code::StoreTimeout,
                format!("the audit store did not answer within {patience:?}"),
            )),
            _ = ending.wait_for(|ending| *ending) => Err(Error::closed()),
        }
    }
}

/// Whether the same can succeed later. A closed store means that the trail is ending.
fn is_passing(error: &Error) -> bool {
    error.is_retryable() || error.code() == Code::Closed
}
