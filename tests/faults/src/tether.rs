//! A trail's connection to a store, which is cut when its process is said to have died.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use futures::future::BoxFuture;
use tasktrail::schema::Timestamp;
use tasktrail::store::{EncodedRecord, Inserted, Store};
use tasktrail::{Error, Page, Query, Result, StoredRecord};
use uuid::Uuid;

use crate::faulty::Faulty;

#[derive(Debug)]
pub(crate) struct Tether {
    store: Arc<Faulty>,
    is_cut: AtomicBool,
}

impl Tether {
    pub(crate) fn to(store: &Arc<Faulty>) -> Self {
        Tether {
            store: Arc::clone(store),
            is_cut: AtomicBool::new(false),
        }
    }

    /// Nothing more goes through; what is on its way may still arrive, as it may after a real death.
    pub(crate) fn cut(&self) {
        self.is_cut.store(true, SeqCst);
    }
}

impl Store for Tether {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        if self.is_cut.load(SeqCst) {
            return Box::pin(std::future::ready(Err(Error::store_unavailable("the process is dead"))));
        }
        self.store.insert(batch)
    }

    fn query<'a>(&'a self, query: &'a Query, now: Timestamp) -> BoxFuture<'a, Result<Page>> {
        self.store.query(query, now)
    }

    fn get(&self, audit_id: Uuid, now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        self.store.get(audit_id, now)
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        self.store.sweep(now)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.store.close()
    }
}
