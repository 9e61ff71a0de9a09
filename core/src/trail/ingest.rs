//! Records that other trails send, taken in by this one.

use std::sync::Arc;

use super::Trail;
use crate::error::{Code, Error, Result};
use crate::recorder::{Recorder, Taken};
use crate::schema::{Ingested, Record, Refused, read_delivery};
use crate::store::EncodedRecord;

impl Trail {
    /// Takes records that another trail has made, `{"records":[…]}`: what an API does with what reaches it from a trail whose store is
    /// that API. Each keeps its id, times, writer and number; it is cleaned by this trail's rules and kept by its retention. A record
    /// that is there already does no harm.
    ///
    /// # Errors
    /// [`Code::DeliveryTooLarge`], [`Code::RecordInvalid`] for what is no delivery; [`Code::AuditUnavailable`] while neither store nor
    /// spool takes anything, [`Code::Closed`], [`Code::Poisoned`].
    pub async fn ingest(&self, records_json: &str) -> Result<Ingested> {
        let delivery = self.delivered(records_json)?;
        self.inner.spawn(delivery.settled())?.await
    }

    /// As [`Trail::ingest`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Trail::ingest`].
    pub fn ingest_blocking(&self, records_json: &str) -> Result<Ingested> {
        let delivery = self.delivered(records_json)?;
        self.inner.block(delivery.settled())
    }

    fn delivered(&self, records_json: &str) -> Result<Delivery> {
        let recorder = Arc::clone(&self.inner.recorder);
        recorder.is_ready()?;
        let records = read_delivery(records_json, recorder.clock.now())?;
        Ok(Delivery { recorder, records })
    }
}

/// A delivery that was read and not yet taken.
struct Delivery {
    recorder: Arc<Recorder>,
    records: Vec<Result<Record>>,
}

impl Delivery {
    /// Takes each record and waits, within the time that an event gets, until all are safe.
    async fn settled(self) -> Ingested {
        let Delivery { recorder, records } = self;
        let mut answer = Ingested {
            durable: true,
            ..Ingested::default()
        };
        let mut waiting: Vec<(usize, Taken)> = Vec::with_capacity(records.len());
        for (index, record) in records.into_iter().enumerate() {
            match record {
                // It would go round for ever.
                Ok(record) if record.writer_id == recorder.encoder.writer_id => {
                    let message = "the record is this trail's own: the URL of its store leads back to itself";
                    let error = Error::new(Code::RecordInvalid, message).with_field("writer_id");
                    answer.refused.push(Refused::new(index, &error));
                }
                Ok(record) => {
                    let record = recorder.encoder.received(record, recorder.clock.now());
                    waiting.push((index, recorder.foreign(EncodedRecord::new(record))));
                }
                Err(error) => answer.refused.push(Refused::new(index, &error)),
            }
        }
        let deadline = tokio::time::Instant::now() + recorder.timing.emit_deadline;
        for (index, taken) in waiting {
            match tokio::time::timeout_at(deadline, taken.safe).await {
                Ok(Ok(Ok(_))) => answer.stored += 1,
                Ok(Ok(Err(error))) if is_final(&error) => answer.refused.push(Refused::new(index, &error)),
                // Not safe: its sender keeps it. Counted as taken, so that the numbers add up.
                _ => {
                    answer.stored += 1;
                    answer.durable = false;
                }
            }
        }
        answer.refused.sort_by_key(|refused| refused.index);
        answer
    }
}

/// Whether the store has said no to the record itself.
fn is_final(error: &Error) -> bool {
    error.code() == Code::StoreFailed
}
