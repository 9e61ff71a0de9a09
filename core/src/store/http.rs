//! The HTTP store: another Tasktrail's API.
//!
//! Records travel as records (`docs/decisions`, "Records travel as records"): the API takes what the trail has made, ids included, so
//! that sending again does no harm.

mod client;
mod examine;
mod fault;
mod page;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};
use uuid::Uuid;

use super::{EncodedRecord, Inserted, Store, closed, page as local_page};
use crate::error::{Code, Error, Result};
use crate::query::{Cursor, Page, Query, StoredRecord};
use crate::schema::{
    DELIVERY_FRAME_BYTES, Ingested, MAX_DELIVERY_BYTES, MAX_DELIVERY_RECORDS, MAX_RECORD_BYTES, Timestamp, delivery,
};
use crate::secret::Secret;
use client::{Answer, Client, Request, is_loopback};
pub(super) use examine::examine;

/// How long the API may take for a batch, its bytes on the way included; the batch can be sent again.
const INSERT_DEADLINE: Duration = Duration::from_secs(10);
/// How long it may take for a page or a record.
const READ_DEADLINE: Duration = Duration::from_secs(10);
/// The answer to a batch: counts, and a line for each record that was refused.
const MAX_INSERT_ANSWER: u64 = 1 << 20;
/// A page of 200 records of 64 KiB, and what is around them.
const MAX_PAGE_ANSWER: u64 = 16 << 20;
/// One record, and room for one that was written with a wider bound.
const MAX_RECORD_ANSWER: u64 = 1 << 20;
/// Below it a body is not made smaller for an API that takes none of its size: one record must fit.
const LEAST_BODY: usize = MAX_RECORD_BYTES + DELIVERY_FRAME_BYTES;
/// How long the API's wish to be left alone is followed at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Keeps records with another Tasktrail's API, and reads them from there.
///
/// All requests run on threads of the store's own, so polling never blocks and any executor will do.
#[derive(Debug)]
pub struct HttpStore {
    client: Client,
    base: String,
    /// Bytes of a body. It starts at what a Tasktrail takes and shrinks for a proxy that takes less.
    body_limit: AtomicUsize,
    /// Until when the API wants no records.
    not_before: Mutex<Option<Instant>>,
}

impl HttpStore {
    /// Asks the API at `base`, such as `http://localhost:8167`, whether it takes records from `api_key`.
    ///
    /// # Errors
    /// [`Code::UrlInvalid`] for what is no such address; [`Code::StoreFailed`] when the API does not know the key or is none of a
    /// Tasktrail; [`Code::StoreUnavailable`] or [`Code::StoreTimeout`] when it cannot be asked now. No message repeats the key.
    pub async fn open(base: &str, api_key: Option<&Secret>) -> Result<Self> {
        let store = Self::to_read(base, api_key)?;
        // Nothing to keep: an empty delivery asks for address, version and key at once.
        let answer = store.post(delivery([])).await.and_then(|answer| match answer.status {
            200..=299 => read_ingested(&answer, 0, &store.base).map(drop),
            _ => Err(fault::of_status(&answer, &store.base)),
        });
        if let Err(error) = answer {
            store.client.close().await;
            return Err(error);
        }
        Ok(store)
    }

    /// As [`HttpStore::open`], and asks nothing yet: a key that may only read has nothing to deliver.
    ///
    /// # Errors
    /// [`Code::UrlInvalid`] for what is no such address, [`Code::OptionsInvalid`] for a key that no header can hold.
    pub fn to_read(base: &str, api_key: Option<&Secret>) -> Result<Self> {
        let address = super::url::HttpAddress::parse(base)?;
        if api_key.is_some() && !address.is_encrypted && !is_loopback(&address.host) {
            tracing::warn!(
                target: "tasktrail",
                store = %address.base,
                "the key of the audit API travels unencrypted; use https:// outside of this machine"
            );
        }
        Ok(HttpStore {
            client: Client::new(&address.host, address.is_encrypted, api_key.map(|key| &**key))?,
            base: address.base,
            body_limit: AtomicUsize::new(MAX_DELIVERY_BYTES),
            not_before: Mutex::new(None),
        })
    }

    async fn post(&self, body: String) -> Result<Answer> {
        self.exchange(Request {
            url: format!("{}/api/audit-history/records", self.base),
            body: Some(body),
            deadline: INSERT_DEADLINE,
            most: MAX_INSERT_ANSWER,
        })
        .await
    }

    async fn ask(&self, path: &str, most: u64) -> Result<Answer> {
        self.exchange(Request {
            url: format!("{}/api/audit-history{path}", self.base),
            body: None,
            deadline: READ_DEADLINE,
            most,
        })
        .await
    }

    async fn exchange(&self, request: Request) -> Result<Answer> {
        self.client
            .send(request)
            .await?
            .map_err(|error| fault::of_transport(&error, &self.base))
    }

    async fn insert_batch(&self, batch: &[EncodedRecord]) -> Result<Inserted> {
        let mut inserted = Inserted::default();
        let mut from = 0;
        while from < batch.len() {
            let part = part(batch, from, self.body_limit.load(Relaxed));
            from = part.end;
            self.insert_part(batch, part, &mut inserted).await?;
        }
        Ok(inserted)
    }

    /// Sends a part of a batch, in smaller ones where the API takes none of its size.
    async fn insert_part(&self, batch: &[EncodedRecord], part: Range<usize>, inserted: &mut Inserted) -> Result<()> {
        let mut parts = vec![part];
        while let Some(part) = parts.pop() {
            self.may_send()?;
            let records = batch.get(part.clone()).unwrap_or_default();
            let body = delivery(records.iter().map(EncodedRecord::json));
            let bytes = body.len();
            let answer = self.post(body).await?;
            match answer.status {
                200..=299 => self.count(&read_ingested(&answer, part.len(), &self.base)?, part.start, inserted)?,
                413 if part.len() > 1 => {
                    let middle = part.start + part.len() / 2;
                    self.body_limit.fetch_min((bytes / 2).max(LEAST_BODY), Relaxed);
                    // The first half is sent first.
                    parts.push(middle..part.end);
                    parts.push(part.start..middle);
                }
                413 => inserted
                    .refused
                    .push((part.start, fault::of_status(&answer, &self.base))),
                status => {
                    let error = fault::of_status(&answer, &self.base);
                    if let Some(pause) = answer.retry_after.filter(|_| error.is_retryable()) {
                        self.leave_alone(pause);
                    }
                    return Err(if fault::is_about_the_sender(status) {
                        // Kept until somebody has put it right.
                        Error::new(Code::StoreUnavailable, error.to_string())
                    } else {
                        error
                    });
                }
            }
        }
        Ok(())
    }

    fn count(&self, answer: &Ingested, first: usize, inserted: &mut Inserted) -> Result<()> {
        if !answer.durable {
            return Err(Error::new(
                Code::StoreUnavailable,
                format!(
                    "the API at {} has the records in its memory only; they are sent again",
                    self.base
                ),
            ));
        }
        inserted.stored += count(answer.stored);
        inserted.duplicates += count(answer.duplicates);
        for refused in &answer.refused {
            let message = format!(
                "the API at {} refused the record ({}): {}",
                self.base, refused.code, refused.message
            );
            let position = first + count(refused.index);
            inserted
                .refused
                .push((position, Error::new(Code::StoreFailed, message)));
        }
        Ok(())
    }

    /// # Errors
    /// The API has asked to be left alone.
    fn may_send(&self) -> Result<()> {
        let until = *self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
        match until.and_then(|until| until.checked_duration_since(Instant::now())) {
            Some(left) if !left.is_zero() => Err(Error::new(
                Code::StoreUnavailable,
                format!("the API at {} wants no records for {left:.1?} more", self.base),
            )),
            _ => Ok(()),
        }
    }

    fn leave_alone(&self, pause: Duration) {
        let until = Instant::now().checked_add(pause.min(LONGEST_PAUSE));
        *self.not_before.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    async fn query_page(&self, query: &Query) -> Result<Page> {
        if page::matches_nothing(query) {
            return Ok(local_page(query, Vec::new(), false, Some(0)));
        }
        let answer = self
            .ask(&format!("?{}", page::parameters(query)), MAX_PAGE_ANSWER)
            .await?;
        match answer.status {
            200 => page::read_page(&answer.body).map_err(|problem| fault::of_nonsense(&self.base, &problem)),
            _ => Err(fault::of_status(&answer, &self.base)),
        }
    }

    async fn get_one(&self, audit_id: Uuid) -> Result<Option<StoredRecord>> {
        let answer = self.ask(&format!("/{audit_id}"), MAX_RECORD_ANSWER).await?;
        match answer.status {
            200 => {
                let text = std::str::from_utf8(&answer.body).map_err(|error| error.to_string());
                text.and_then(page::read_item)
                    .map(Some)
                    .map_err(|problem| fault::of_nonsense(&self.base, &problem))
            }
            404 if fault::code(&answer.body).as_deref() == Some(Code::RecordNotFound.as_str()) => Ok(None),
            _ => Err(fault::of_status(&answer, &self.base)),
        }
    }
}

/// The records from `from` on that fit into one body; at least one.
fn part(batch: &[EncodedRecord], from: usize, most: usize) -> Range<usize> {
    let mut bytes = DELIVERY_FRAME_BYTES;
    let rest = batch.get(from..).unwrap_or_default();
    let fitting = rest.iter().take(MAX_DELIVERY_RECORDS).take_while(|record| {
        bytes += record.json().len() + 1;
        // The last record has no comma behind it.
        bytes <= most + 1
    });
    let count = fitting.count().max(1);
    from..(from + count).min(batch.len())
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Reads what became of `sent` records.
///
/// # Errors
/// [`Code::StoreUnavailable`] for what is no such answer: whatever it comes from, the records are not known to be safe.
fn read_ingested(answer: &Answer, sent: usize, base: &str) -> Result<Ingested> {
    let nonsense = |problem: &str| fault::of_nonsense(base, problem);
    let ingested: Ingested = serde_json::from_slice(&answer.body).map_err(|error| nonsense(&error.to_string()))?;
    let refused = ingested.refused.len() as u64;
    let told = ingested
        .stored
        .saturating_add(ingested.duplicates)
        .saturating_add(refused);
    if told != sent as u64 {
        return Err(nonsense(&format!("of {sent} records it tells of {told}")));
    }
    let mut indexes: Vec<u64> = ingested.refused.iter().map(|refused| refused.index).collect();
    indexes.sort_unstable();
    indexes.dedup();
    if indexes.len() != ingested.refused.len() || indexes.last().is_some_and(|last| *last >= sent as u64) {
        return Err(nonsense("it refuses a record that was not sent, or one twice"));
    }
    Ok(ingested)
}

impl Store for HttpStore {
    fn insert<'a>(&'a self, batch: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        self.insert_batch(batch).boxed()
    }

    /// The API hides what has expired by its own clock.
    fn query<'a>(&'a self, query: &'a Query, _now: Timestamp) -> BoxFuture<'a, Result<Page>> {
        self.query_page(query).boxed()
    }

    fn get(&self, audit_id: Uuid, _now: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        self.get_one(audit_id).boxed()
    }

    /// The API knows its own store's end.
    fn newest(&self) -> BoxFuture<'_, Result<Cursor>> {
        async {
            let page = self.query_page(&Query::default().cursor(Cursor::NOW).limit(1)).await?;
            match page.next_cursor {
                // It has taken the question for a place.
                Some(Cursor::Arrival { arrival: u64::MAX, .. }) => {
                    let problem =
                        "is of a version that cannot say where its history ends; follow it from a known place";
                    Err(Error::new(
                        Code::StoreFailed,
                        format!("the API at {} {problem}", self.base),
                    ))
                }
                Some(place @ Cursor::Arrival { .. }) => Ok(place),
                _ => Err(fault::of_nonsense(&self.base, "it does not say where its history ends")),
            }
        }
        .boxed()
    }

    /// The API sees to it.
    fn sweep(&self, _now: Timestamp) -> BoxFuture<'_, Result<u64>> {
        ready(if self.client.is_closed() { Err(closed()) } else { Ok(0) }).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.client.close().boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample;

    fn batch(count: u128) -> Vec<EncodedRecord> {
        (1..=count)
            .map(|n| EncodedRecord::new(sample(Uuid::from_u128(n), 5)))
            .collect()
    }

    #[test]
    fn a_part_fits_into_its_body() {
        let batch = batch(5);
        let one = batch[0].json().len();
        let three = DELIVERY_FRAME_BYTES + 3 * one + 2;
        assert_eq!(delivery(batch[..3].iter().map(EncodedRecord::json)).len(), three);
        for (most, expected) in [(three, 0..3), (three - 1, 0..2), (1, 0..1), (usize::MAX - 1, 0..5)] {
            assert_eq!(part(&batch, 0, most), expected, "{most}");
        }
        assert_eq!(part(&batch, 3, three), 3..5);
    }

    #[test]
    fn an_answer_must_tell_of_every_record_once() {
        let answer = |body: &str| Answer {
            status: 200,
            retry_after: None,
            date: None,
            body: body.as_bytes().to_vec(),
        };
        let refused = |index: u64| format!(r#"{{"index":{index},"code":"c","message":"m"}}"#);
        let told = |stored: u64, refused: &str| {
            answer(&format!(
                r#"{{"stored":{stored},"duplicates":1,"durable":true,"refused":[{refused}],"new":1}}"#
            ))
        };
        assert_eq!(read_ingested(&told(1, &refused(2)), 3, "b").unwrap().refused.len(), 1);
        for wrong in [
            answer("<html>"),
            answer("{}"),
            told(2, &refused(2)),
            told(0, ""),
            told(1, &refused(3)),
            told(0, &[refused(1), refused(1)].join(",")),
            told(u64::MAX, &refused(0)),
        ] {
            let error = read_ingested(&wrong, 3, "b").unwrap_err();
            assert!(error.is_retryable(), "{error}");
        }
    }
}
