//! A store that does all that a store can do wrong.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tasktrail::schema::Timestamp;
use tasktrail::store::{EncodedRecord, Inserted, MemoryStore, Store};
use tasktrail::{Error, Page, Query, Result, StoredRecord};
use uuid::Uuid;

use crate::rng::Rng;

/// How the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mood {
    Sound,
    /// Takes nothing.
    Away,
    /// Does not answer until it is better.
    Hangs,
    /// Keeps some of a batch and says that it failed.
    HalfApplies,
    /// Keeps all of a batch and says that it failed.
    LosesAnswers,
    /// Answers long after it was given up.
    AnswersLate,
    /// Refuses one record in a hundred for good.
    RefusesSome,
    /// Any of these, each time anew.
    Anything,
}

const MOODS: [Mood; 8] = [
    Mood::Sound,
    Mood::Away,
    Mood::Hangs,
    Mood::HalfApplies,
    Mood::LosesAnswers,
    Mood::AnswersLate,
    Mood::RefusesSome,
    Mood::Anything,
];

#[derive(Debug)]
pub(crate) struct Faulty {
    pub(crate) inner: MemoryStore,
    mood: AtomicU8,
    rng: Mutex<Rng>,
    refused: Mutex<HashSet<Uuid>>,
}

impl Faulty {
    pub(crate) fn new(seed: u64) -> Self {
        Faulty {
            inner: MemoryStore::bounded(10_000_000, 4 << 30),
            mood: AtomicU8::new(Mood::Sound as u8),
            rng: Mutex::new(Rng::new(seed, 6)),
            refused: Mutex::default(),
        }
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.mood.store(mood as u8, SeqCst);
    }

    /// The records that it has refused for good.
    pub(crate) fn refused(&self) -> HashSet<Uuid> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn mood(&self) -> Mood {
        MOODS[self.mood.load(SeqCst) as usize]
    }

    fn random(&self, bound: u64) -> u64 {
        self.rng.lock().map_or(0, |mut rng| rng.below(bound))
    }

    /// Whether the store refuses a record, which it then does whenever it comes.
    fn refuses(record: &EncodedRecord) -> bool {
        let seq = record.record().seq;
        seq > 0 && seq.is_multiple_of(100) && !record.record().operation_type.starts_with("audit.")
    }
}

impl Store for Faulty {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        Box::pin(async move {
            while self.mood() == Mood::Hangs {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let mood = match self.mood() {
                Mood::Anything => [
                    Mood::Sound,
                    Mood::Away,
                    Mood::HalfApplies,
                    Mood::LosesAnswers,
                    Mood::AnswersLate,
                    Mood::RefusesSome,
                ][self.random(6) as usize],
                mood => mood,
            };
            let away = || Err(Error::store_unavailable("the store was made to fail"));
            match mood {
                Mood::Away => away(),
                Mood::HalfApplies => {
                    let some = self.random(batch.len() as u64 + 1) as usize;
                    self.inner.insert(&batch[..some]).await?;
                    away()
                }
                Mood::LosesAnswers => {
                    self.inner.insert(batch).await?;
                    away()
                }
                Mood::AnswersLate => {
                    tokio::time::sleep(Duration::from_millis(100 + self.random(400))).await;
                    self.inner.insert(batch).await
                }
                Mood::RefusesSome => {
                    let (mut good, mut refused) = (Vec::new(), Vec::new());
                    for (position, record) in batch.iter().enumerate() {
                        if Self::refuses(record) {
                            refused.push((position, Error::store_failed("one in a hundred")));
                        } else {
                            good.push(record.clone());
                        }
                    }
                    let mut inserted = self.inner.insert(&good).await?;
                    let ids = refused
                        .iter()
                        .filter_map(|(at, _)| Some(batch.get(*at)?.record().audit_id));
                    self.refused.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
                    inserted.refused = refused;
                    Ok(inserted)
                }
                _ => self.inner.insert(batch).await,
            }
        })
    }

    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, Result<Page>> {
        self.inner.query(query, now)
    }

    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        self.inner.get(audit_id, now)
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        self.inner.sweep(now)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        // It outlives the trails that use it.
        Box::pin(std::future::ready(()))
    }
}
