//! Is the API as it should be?

use std::time::Instant;

use super::client::Answer;
use super::{HttpStore, fault, read_ingested};
use crate::clock::{Clock as _, SystemClock};
use crate::error::{Code, Error, Result};
use crate::schema::{Timestamp, delivery};
use crate::secret::Secret;
use crate::store::examine::Finding;

/// Asks for one record, and delivers none.
pub(in crate::store) async fn examine(base: &str, api_key: Option<&Secret>) -> Vec<Finding> {
    let store = match HttpStore::to_read(base, api_key) {
        Ok(store) => store,
        Err(error) => {
            return vec![Finding::of_error(
                "configuration",
                &error,
                "correct the address or the key",
            )];
        }
    };
    let findings = look(&store, api_key.is_some()).await;
    store.client.close().await;
    findings
}

async fn look(store: &HttpStore, has_key: bool) -> Vec<Finding> {
    let base = &store.base;
    let since = Instant::now();
    let read = match store.ask("?limit=1", super::MAX_PAGE_ANSWER).await {
        Ok(answer) => answer,
        Err(error) => {
            let remedy = "start the API, or name another address; what is emitted meanwhile waits in the spool";
            return vec![Finding::of_error("connection", &error, remedy)];
        }
    };
    let mut findings = vec![Finding::answered(&format!("the API at {base}"), since.elapsed())];
    findings.extend(clock(&read));
    let key = match has_key {
        true => "give the key that may do so, in STATE_TRACKING_API_KEY",
        false => "name the API's key in STATE_TRACKING_API_KEY: none is set",
    };
    let reading = match read.status {
        200 => super::page::read_page(&read.body)
            .map(|_| ())
            .map_err(|problem| fault::of_nonsense(base, &problem)),
        _ => Err(fault::of_status(&read, base)),
    };
    findings.push(permission("reading", reading, "this key may read the history", key));
    match store.post(delivery([])).await {
        Ok(answer) => {
            findings.extend(clock(&answer).filter(|_| read.date.is_none()));
            let delivering = match answer.status {
                200..=299 => read_ingested(&answer, 0, base).map(drop),
                _ => Err(fault::of_status(&answer, base)),
            };
            findings.push(permission("writing", delivering, "this key may deliver records", key));
        }
        Err(error) => findings.push(permission("writing", Err(error), "", key)),
    }
    findings
}

fn clock(answer: &Answer) -> Option<Finding> {
    // HTTP tells the time to the second.
    let precision = std::time::Duration::from_secs(1);
    let date = answer.date?;
    Some(Finding::of_clock(date, SystemClock.now(), precision))
}

fn permission(about: &'static str, outcome: Result<()>, fine: &str, key: &str) -> Finding {
    let error: Error = match outcome {
        Ok(()) => return Finding::fine(about, fine),
        Err(error) => error,
    };
    let text = error.to_string();
    let remedy = match error.code() {
        _ if text.contains("(404)") => "name the address that stands before `/api`, of an API with Tasktrail in it",
        Code::StoreFailed => key,
        _ => "try again; if it stays so, look at the API's log",
    };
    Finding::of_error(about, &error, remedy)
}

/// The time in a `Date` header (RFC 9110, section 5.6.7: the form that is sent today).
pub(super) fn read_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let (day, month, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|known| *known == month)? + 1;
    Timestamp::parse(&format!("{year}-{month:02}-{day}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_or_left() {
        let read = |text| read_date(text).map(|time| time.to_string());
        assert_eq!(
            read("Sun, 06 Nov 1994 08:49:37 GMT").as_deref(),
            Some("1994-11-06T08:49:37.000Z")
        );
        for other in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Now 1994 08:49:37 GMT",
            "Sun, 99 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
