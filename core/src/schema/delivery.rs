//! Records on their way from one trail to another's API, and its answer.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{MAX_SAFE_INTEGER, Record, Timestamp, limit};
use crate::error::{Code, Error, Result, from_json};
use crate::schema::event::MAX_AHEAD_MS;

/// Most records of one delivery.
pub const MAX_DELIVERY_RECORDS: usize = 1_000;
/// Largest delivery, in bytes.
pub const MAX_DELIVERY_BYTES: usize = 1_000_000;
/// Largest record, in bytes of JSON.
pub const MAX_RECORD_BYTES: usize = 64 * 1_024;

/// Writes a delivery: `{"records":[…]}`.
pub fn delivery<'a>(records: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::from(HEAD);
    for (position, record) in records.into_iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        text.push_str(record);
    }
    text.push_str(TAIL);
    text
}

const HEAD: &str = "{\"records\":[";
const TAIL: &str = "]}";
/// What a delivery weighs beside its records and the commas behind them.
pub const DELIVERY_FRAME_BYTES: usize = HEAD.len() + TAIL.len();

/// Reads a delivery. A record that is wrong keeps no other out: it is there as what is wrong with it.
///
/// # Errors
/// [`Code::DeliveryTooLarge`] for more records or bytes than a delivery may have, [`Code::RecordInvalid`] for what is no delivery.
pub fn read_delivery(text: &str, now: Timestamp) -> Result<Vec<Result<Record>>> {
    if text.len() > MAX_DELIVERY_BYTES {
        return Err(too_large(&format!(
            "is at most {MAX_DELIVERY_BYTES} bytes; this one has {}",
            text.len()
        )));
    }
    let Delivery { records } = from_json(text, Code::RecordInvalid, "not a delivery of records")?;
    if records.len() > MAX_DELIVERY_RECORDS {
        return Err(too_large(&format!(
            "has at most {MAX_DELIVERY_RECORDS} records; this one has {}",
            records.len()
        )));
    }
    Ok(records.iter().map(|record| read_record(record.get(), now)).collect())
}

#[derive(Deserialize)]
struct Delivery<'a> {
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

fn too_large(problem: &str) -> Error {
    Error::new(Code::DeliveryTooLarge, format!("a delivery of records {problem}"))
}

/// One record, checked where a store or a reader relies on it.
fn read_record(text: &str, now: Timestamp) -> Result<Record> {
    let invalid = |field: &str, problem: String| {
        Error::new(Code::RecordInvalid, format!("`{field}` {problem}")).with_field(field)
    };
    if text.len() > MAX_RECORD_BYTES {
        let message = format!(
            "a record is at most {MAX_RECORD_BYTES} bytes; this one has {}",
            text.len()
        );
        return Err(Error::new(Code::RecordInvalid, message));
    }
    let record = Record::from_json(text)?;
    if record.audit_id.is_nil() {
        return Err(invalid(
            "audit_id",
            "is all zeros; each record has an id of its own".into(),
        ));
    }
    if !(1..=MAX_SAFE_INTEGER).contains(&record.seq) {
        return Err(invalid(
            "seq",
            format!("is a whole number from 1 to {MAX_SAFE_INTEGER}"),
        ));
    }
    for (field, text, most) in [
        ("writer_id", &record.writer_id, limit::ID),
        ("operation_type", &record.operation_type, limit::OPERATION),
        ("workspace_id", &record.workspace_id, limit::ID),
        ("actor", &record.actor, limit::ID),
    ] {
        if text.is_empty() || text.len() > most {
            return Err(invalid(field, format!("is 1 to {most} bytes long, not {}", text.len())));
        }
    }
    if record.timestamp.millis() > now.millis().saturating_add(MAX_AHEAD_MS) {
        return Err(invalid(
            "timestamp",
            format!("lies more than 24 hours ahead of the server's clock ({now})"),
        ));
    }
    Ok(record)
}

/// What became of a delivery. `stored + duplicates + refused.len()` is the number of its records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Ingested {
    /// Records that the API took now.
    pub stored: u64,
    /// Records that it had already: an earlier try had reached it.
    pub duplicates: u64,
    /// Whether what it took is safe there. Otherwise its sender keeps it and sends it again.
    pub durable: bool,
    /// Records that it will never take.
    pub refused: Vec<Refused>,
}

/// A record that an API will never take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(rename = "RefusedRecord"))]
pub struct Refused {
    /// Its position in the delivery, from 0.
    pub index: u64,
    /// Why, as [`Code::as_str`] has it.
    pub code: String,
    /// Why, for people.
    pub message: String,
}

impl Refused {
    /// The record at `index`, for this reason.
    pub fn new(index: usize, error: &Error) -> Self {
        Refused {
            index: index as u64,
            code: error.code().as_str().to_owned(),
            message: error.to_string(),
        }
    }
}

impl Ingested {
    /// `{"stored","duplicates","durable","refused":[{"index","code","message"}]}`.
    pub fn to_json(&self) -> String {
        // Plain data with text keys: serde_json has no way to fail on it.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::schema::sample;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn text() -> String {
        sample(Uuid::from_u128(1), 1_700_000_000_000).to_json()
    }

    #[test]
    fn what_is_written_is_read_and_a_wrong_record_keeps_no_other_out() {
        let (good, wrong) = (text(), text().replace(r#""seq":1"#, r#""seq":0"#));
        let parcel = delivery([good.as_str(), &wrong, "7", &good]);
        assert_eq!(
            parcel.len(),
            DELIVERY_FRAME_BYTES + 2 * good.len() + wrong.len() + 1 + 3
        );
        let read = read_delivery(&parcel, NOW).unwrap();
        assert_eq!(read.len(), 4);
        for position in [0, 3] {
            assert_eq!(read[position].as_ref().unwrap().to_json(), good);
        }
        assert_eq!(read[1].as_ref().unwrap_err().field(), Some("seq"));
        assert_eq!(read[2].as_ref().unwrap_err().code(), Code::RecordInvalid);
        assert_eq!(read_delivery(&delivery([]), NOW).unwrap().len(), 0);
    }

    #[test]
    fn a_record_that_no_store_should_hold_is_named() {
        let late = Timestamp::from_millis(NOW.millis() + MAX_AHEAD_MS + 1).to_string();
        let time = NOW.to_string();
        let nil = Uuid::nil().to_string();
        let id = Uuid::from_u128(1).to_string();
        let long = "x".repeat(limit::ID + 1);
        for (from, to, field) in [
            (id.as_str(), nil.as_str(), Some("audit_id")),
            (r#""seq":1"#, r#""seq":9007199254740992"#, Some("seq")),
            (r#""writer_id":"w""#, r#""writer_id":"""#, Some("writer_id")),
            ("ws_a", &long, Some("workspace_id")),
            ("task.started", &"x".repeat(129), Some("operation_type")),
            (&time, &late, Some("timestamp")),
            (r#""seq":1,"#, "", Some("seq")),
            ("ws_a", &"x".repeat(MAX_RECORD_BYTES), None),
        ] {
            let wrong = text().replace(from, to);
            assert_ne!(wrong, text(), "{from}");
            let error = read_delivery(&delivery([wrong.as_str()]), NOW)
                .unwrap()
                .remove(0)
                .unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::RecordInvalid, field), "{error}");
        }
    }

    #[test]
    fn what_is_no_delivery_is_refused_as_a_whole() {
        for wrong in ["", "[]", "{}", r#"{"records":{}}"#, r#"{"records":[1"#] {
            assert_eq!(
                read_delivery(wrong, NOW).unwrap_err().code(),
                Code::RecordInvalid,
                "{wrong}"
            );
        }
        let many = delivery(vec!["1"; MAX_DELIVERY_RECORDS + 1]);
        let heavy = delivery(vec!["1"; MAX_DELIVERY_BYTES / 2]);
        assert!(heavy.len() > MAX_DELIVERY_BYTES);
        for wrong in [many, heavy] {
            assert_eq!(read_delivery(&wrong, NOW).unwrap_err().code(), Code::DeliveryTooLarge);
        }
        let most = delivery(vec!["1"; MAX_DELIVERY_RECORDS]);
        assert_eq!(read_delivery(&most, NOW).unwrap().len(), MAX_DELIVERY_RECORDS);
    }

    #[test]
    fn an_answer_reads_back() {
        let answer = Ingested {
            stored: 1,
            duplicates: 2,
            durable: true,
            refused: vec![Refused::new(3, &Error::new(Code::RecordInvalid, "no"))],
        };
        let text = r#"{"stored":1,"duplicates":2,"durable":true,"refused":[{"index":3,"code":"TT_RECORD_INVALID","message":"no"}]}"#;
        assert_eq!(answer.to_json(), text);
        assert_eq!(serde_json::from_str::<Ingested>(text).unwrap(), answer);
    }
}
