//! One event, from a process that has nothing else to do: a shell hook.
//!
//! A trail would tell of its start and its end, and start threads for what comes; this makes one record and brings it to one place.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use uuid::Uuid;

use super::{Builder, Source};
use crate::error::{Code, Error, Result};
use crate::recorder::{Encoder, Place, Stamp, answer_within, new_writer_id};
use crate::sanitize::Sanitizer;
use crate::schema::{Call, Event, IdGenerator, OperationTable, event_id, validate_event};
use crate::store::{self, EncodedRecord, Store};

/// What became of an event that was emitted once.
#[derive(Debug)]
pub struct EmittedOnce {
    /// The event, normalised.
    pub event: Event,
    /// Id of its record.
    pub audit_id: Uuid,
    /// Where it is safe.
    pub place: Place,
    /// Why the store has not taken it, where it is in the spool.
    pub delayed_by: Option<Error>,
    /// Records that earlier processes had left in the spool and the store has now.
    pub brought: u64,
}

impl Builder {
    /// Makes the record of one event and brings it to the store, without opening a trail: no record of its own beside it, no thread that
    /// lives on. What the store does not take within `patience` is left in the spool, where one is named; whoever drains that brings it,
    /// under the same id, so that it is there once whatever the store has made of the first try. When the store is there, records that
    /// wait in the spool are brought along, for as long as `patience` at most.
    ///
    /// Runs on a tokio runtime.
    ///
    /// # Errors
    /// [`Code::EventInvalid`] with every fault in [`Error::details`], [`Code::EventTooLarge`]; [`Code::UrlInvalid`],
    /// [`Code::OptionsInvalid`], [`Code::PolicyInvalid`]; the store's, when it refuses the record itself, or takes nothing now and there
    /// is no spool; the spool's, when that takes nothing either.
    pub async fn emit_once(self, event_json: &str, context: Call, patience: Duration) -> Result<EmittedOnce> {
        let source = self.source?;
        self.options.check()?;
        let event = validate_event(event_json, self.clock.now())?;
        let encoder = Encoder {
            writer_id: new_writer_id(),
            service: self.options.service.clone(),
            instance_id: self.options.instance_id.clone(),
            retention: Arc::new(RwLock::new(self.options.retention())),
            hash_key: self.options.hash_key.clone(),
            sanitizer: Arc::new(Sanitizer::new(
                &self.options.sanitizer,
                self.options.hash_key.as_deref(),
            )?),
            operations: Arc::new(OperationTable::new(&self.options.operations)?),
        };
        let taken_at = self.clock.now();
        let named = event.event_id.as_deref();
        let named = named.map(|id| event_id(&encoder.actor(&context).0, Some(event.project_number), id));
        let stamp = Stamp {
            audit_id: named.unwrap_or_else(|| IdGenerator::default().next(taken_at.millis(), crate::clock::random())),
            seq: 1,
            taken_at,
        };
        let record = EncodedRecord::new(encoder.event(stamp, &event, &context));
        let emitted = |place, delayed_by, brought| EmittedOnce {
            event,
            audit_id: stamp.audit_id,
            place,
            delayed_by,
            brought,
        };
        let source = match source {
            Source::Url(url) => Source::Url(url.with_api_key(self.options.api_key.clone())),
            given => given,
        };
        let sent = answer_within(patience, send(source, record.clone())).await;
        let error = match sent {
            Ok((_, Some(refusal))) => return Err(refusal),
            Ok((store, None)) => {
                let brought = bring(self.options.spool, store, patience).await;
                return Ok(emitted(Place::Store, None, brought));
            }
            Err(error) => error,
        };
        match (error.code(), self.options.spool) {
            (Code::UrlInvalid | Code::OptionsInvalid, _) | (_, None) => Err(error),
            (_, Some(folder)) => match leave(folder, record, self.options.spool_max_bytes).await {
                Ok(()) => Ok(emitted(Place::Spool, Some(error), 0)),
                Err(fault) => {
                    let message = format!("the event is lost: {error}; and {fault}");
                    Err(Error::new(fault.code(), message))
                }
            },
        }
    }
}

/// Brings a record to a store; the store, and its reason where it refuses the record for good.
async fn send(source: Source, record: EncodedRecord) -> Result<(Arc<dyn Store>, Option<Error>)> {
    let store = match source {
        Source::Url(url) => store::open_to_send(&url).await?,
        Source::Given(store) => store,
    };
    let mut inserted = store.insert(&[record]).await?;
    Ok((store, inserted.refused.pop().map(|(_, error)| error)))
}

#[cfg(feature = "sqlite")]
async fn bring(folder: Option<PathBuf>, store: Arc<dyn Store>, patience: Duration) -> u64 {
    use crate::recorder::spool::{drain_for, note_nothing, something_waits};
    let Some(folder) = folder.filter(|folder| something_waits(folder)) else {
        return 0;
    };
    let bringing = async move {
        let drained = drain_for(&folder, &*store, patience / 2).await?;
        if drained.files == 0 && drained.stored == 0 {
            note_nothing(&folder);
        }
        Ok(drained)
    };
    match answer_within(patience, bringing).await {
        Ok(drained) => drained.stored,
        // It waits where it is.
        Err(error) => {
            tracing::debug!(target: "tasktrail", code = error.code().as_str(), "the audit spool could not be drained: {error}");
            0
        }
    }
}

#[cfg(not(feature = "sqlite"))]
async fn bring(_: Option<PathBuf>, _: Arc<dyn Store>, _: Duration) -> u64 {
    0
}

#[cfg(feature = "sqlite")]
async fn leave(folder: PathBuf, record: EncodedRecord, max_bytes: u64) -> Result<()> {
    crate::recorder::spool::leave(&folder, vec![record], max_bytes).await
}

#[cfg(not(feature = "sqlite"))]
async fn leave(_: PathBuf, _: EncodedRecord, _: u64) -> Result<()> {
    let message = "this build of Tasktrail leaves out the spool (the Cargo feature `sqlite`)";
    Err(Error::new(Code::OptionsInvalid, message).with_field("spool"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Record;
    use crate::store::MemoryStore;
    use crate::{Query, Trail};

    fn wait<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(future)
    }

    fn event() -> String {
        json!({ "type": "issue.created", "eventId": "e", "data": { "projectNumber": 7, "password": "s3cret" } })
            .to_string()
    }

    #[test]
    fn one_event_is_one_record_however_often_it_is_sent() {
        let store = Arc::new(MemoryStore::new(10));
        let emit = |agent: &str| {
            let context = Call {
                agent_id: Some(agent.into()),
                ..Call::default()
            };
            let builder = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>);
            wait(builder.emit_once(&event(), context, Duration::from_secs(5))).unwrap()
        };
        let (first, again) = (emit("a"), emit("a"));
        assert_eq!((first.audit_id, first.place), (again.audit_id, Place::Store));
        assert_ne!(emit("b").audit_id, first.audit_id, "another's event has another id");
        let now = crate::clock::Clock::now(&crate::clock::SystemClock);
        let page = wait(store.query(&Query::default(), now)).unwrap();
        assert_eq!(page.items.len(), 2);
        let record = Record::from_json(&page.items[0].json).unwrap();
        assert_eq!((record.seq, record.project_number), (1, Some(7)));
        assert!(!page.items[0].json.contains("s3cret"));
    }

    #[test]
    fn what_is_wrong_is_said_before_anything_is_sent() {
        let store = Arc::new(MemoryStore::new(10));
        let emit = |event: &str| {
            let builder = Trail::builder_with_store(Arc::clone(&store) as Arc<dyn Store>);
            wait(builder.emit_once(event, Call::default(), Duration::from_secs(5))).unwrap_err()
        };
        let error = emit(r#"{"type":"task.started","data":{}}"#);
        assert_eq!((error.code(), error.details().len()), (Code::EventInvalid, 4));
        wait(store.close());
        assert_eq!(emit(&event()).code(), Code::Closed, "there is no spool to leave it in");
    }
}
