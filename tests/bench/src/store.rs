//! A store that takes everything at once, so that what is measured is the trail.

use std::sync::{Mutex, PoisonError};

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use tasktrail::query::{Page, Query, StoredRecord};
use tasktrail::schema::Timestamp;
use tasktrail::store::{EncodedRecord, Inserted, Store};
use tasktrail::{Error, Result};
use uuid::Uuid;

/// What becomes of the records that reach a [`BareStore`].
#[derive(Debug)]
pub enum Arrivals {
    /// They are forgotten.
    Forget,
    /// They are kept, in the order of their arrival.
    Keep(Mutex<Vec<EncodedRecord>>),
}

/// Takes every batch and answers at once.
#[derive(Debug)]
pub struct BareStore {
    arrivals: Arrivals,
}

impl BareStore {
    /// A store that forgets what it takes.
    pub fn forgetful() -> Self {
        BareStore {
            arrivals: Arrivals::Forget,
        }
    }

    /// A store that keeps what it takes, for [`BareStore::take`].
    pub fn keeping() -> Self {
        BareStore {
            arrivals: Arrivals::Keep(Mutex::default()),
        }
    }

    /// What came so far.
    pub fn take(&self) -> Vec<EncodedRecord> {
        match &self.arrivals {
            Arrivals::Forget => Vec::new(),
            Arrivals::Keep(kept) => std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

impl Store for BareStore {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        if let Arrivals::Keep(kept) = &self.arrivals {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend_from_slice(batch);
        }
        let inserted = Inserted {
            stored: batch.len(),
            ..Inserted::default()
        };
        ready(Ok(inserted)).boxed()
    }

    fn query<'a>(&'a self, _: &'a Query, _: Timestamp) -> BoxFuture<'a, Result<Page>> {
        ready(Err(Error::store_failed("this store only takes"))).boxed()
    }

    fn get(&self, _: Uuid, _: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        ready(Ok(None)).boxed()
    }

    fn sweep(&self, _: Timestamp) -> BoxFuture<'_, Result<u64>> {
        ready(Ok(0)).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        ready(()).boxed()
    }
}
