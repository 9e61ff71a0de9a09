//! Questions to an API's history, and the pages that it answers.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::query::{Cursor, OperationFilter, Order, Page, Query, StoredRecord};
use crate::schema::{Outcome, Texts as _, Timestamp};

/// What a parameter may hold as it is (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The parameters of a question. Each filter is said as [`Query::from_json`] reads it.
pub(super) fn parameters(query: &Query) -> String {
    let mut parameters = Parameters(String::new());
    let texts = [
        ("workspaceId", &query.workspace_id),
        ("taskId", &query.task_id),
        ("sessionId", &query.session_id),
        ("runId", &query.run_id),
        ("actor", &query.actor),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            parameters.add(name, text);
        }
    }
    if let Some(number) = query.project_number {
        parameters.add("projectNumber", &number.to_string());
    }
    for filter in &query.operation_types {
        match filter {
            OperationFilter::Exact(name) => parameters.add("operationType", name),
            OperationFilter::Prefix(prefix) => parameters.add("operationType", &format!("{prefix}*")),
        }
    }
    if let Some(outcome) = query.outcome {
        parameters.add("outcome", Outcome::text(outcome));
    }
    for (name, time) in [("startTime", query.start_time), ("endTime", query.end_time)] {
        if let Some(time) = time {
            parameters.add(name, &time.to_string());
        }
    }
    if query.order == Order::Ascending {
        parameters.add("order", "asc");
    }
    parameters.add("limit", &query.limit.to_string());
    if query.offset > 0 {
        parameters.add("offset", &query.offset.to_string());
    }
    match query.cursor {
        Some(cursor @ Cursor::Keyset { .. }) => parameters.add("cursor", &cursor.to_string()),
        Some(cursor @ Cursor::Arrival { .. }) => parameters.add("after", &cursor.to_string()),
        None => {}
    }
    parameters.0
}

struct Parameters(String);

impl Parameters {
    fn add(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        self.0.extend(utf8_percent_encode(value, ENCODED));
    }
}

/// Whether no record can match: over HTTP, an empty text would be no filter at all.
pub(super) fn matches_nothing(query: &Query) -> bool {
    [
        &query.workspace_id,
        &query.task_id,
        &query.session_id,
        &query.run_id,
        &query.actor,
    ]
    .iter()
    .any(|text| text.as_deref() == Some(""))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    total: u64,
    #[serde(default)]
    total_is_lower_bound: bool,
    limit: u32,
    offset: u64,
    next_cursor: Option<String>,
}

/// Reads a page; the records keep their text.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read_page(body: &[u8]) -> Result<Page, String> {
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let next_cursor = match answer.next_cursor {
        Some(text) => Some(Cursor::parse(&text).ok_or("`nextCursor` is no cursor")?),
        None => None,
    };
    Ok(Page {
        items: answer
            .items
            .iter()
            .map(|item| read_item(item.get()))
            .collect::<Result<_, _>>()?,
        total: answer.total,
        total_is_lower_bound: answer.total_is_lower_bound,
        limit: answer.limit,
        offset: answer.offset,
        next_cursor,
    })
}

/// Reads one record, whose text stays as it is. How it arrived there is not said.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read_item(text: &str) -> Result<StoredRecord, String> {
    #[derive(Deserialize)]
    struct Item {
        audit_id: Uuid,
        timestamp: Timestamp,
    }
    let item: Item = serde_json::from_str(text).map_err(|error| format!("a record: {error}"))?;
    Ok(StoredRecord {
        json: text.to_owned(),
        timestamp: item.timestamp,
        audit_id: item.audit_id,
        arrival: 0,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use percent_encoding::percent_decode_str;
    use serde_json::Value;

    use super::*;
    use crate::schema::sample;

    /// What an API makes of the parameters.
    fn asked(query: &Query) -> Query {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pair in parameters(query).split('&') {
            let (name, value) = pair.split_once('=').unwrap();
            let value = percent_decode_str(value).decode_utf8().unwrap().into_owned();
            values.entry(name.to_owned()).or_default().push(value);
        }
        let json: serde_json::Map<String, Value> = values
            .into_iter()
            .map(|(name, mut many)| match many.len() {
                1 => (name, Value::String(many.remove(0))),
                _ => (name, many.into()),
            })
            .collect();
        Query::from_json(&Value::Object(json).to_string()).unwrap()
    }

    #[test]
    fn every_filter_arrives_as_it_was_meant() {
        let everything = Query {
            workspace_id: Some("ws a&b=c/ü%\"+#".into()),
            project_number: Some(7),
            operation_types: vec![
                OperationFilter::Exact("a.b".into()),
                OperationFilter::Prefix("task.".into()),
            ],
            task_id: Some("t".into()),
            session_id: Some("s".into()),
            run_id: Some("r".into()),
            actor: Some("key_x".into()),
            outcome: Some(Outcome::Denied),
            start_time: Some(Timestamp::from_millis(1_700_000_000_001)),
            end_time: Some(Timestamp::from_millis(1_700_000_000_002)),
            order: Order::Ascending,
            limit: 7,
            offset: 0,
            cursor: Some(Cursor::Keyset {
                timestamp: Timestamp::from_millis(-5),
                audit_id: Uuid::from_u128(9),
            }),
            counted: true,
        };
        let by_arrival = Query::default().cursor(Cursor::after(0));
        let offset = Query {
            offset: 30,
            ..Query::default()
        };
        for query in [everything, by_arrival, offset, Query::default()] {
            assert_eq!(asked(&query), query);
        }
        assert!(matches_nothing(&Query::workspace("")));
        assert!(!matches_nothing(&Query::workspace("ws")));
    }

    #[test]
    fn a_page_reads_back_byte_for_byte() {
        let records: Vec<StoredRecord> = (1..4)
            .map(|n| {
                let record = sample(Uuid::from_u128(n), 5);
                StoredRecord {
                    // Spaces and a number that most readers would write in another way.
                    json: record.to_json().replace(r#""seq":1"#, r#""seq" : 1, "later":1.50"#),
                    timestamp: record.timestamp,
                    audit_id: record.audit_id,
                    arrival: 0,
                }
            })
            .collect();
        for next_cursor in [None, Some(Cursor::after(4))] {
            let page = Page {
                items: records.clone(),
                total: 10_000,
                total_is_lower_bound: next_cursor.is_some(),
                limit: 3,
                offset: 0,
                next_cursor,
            };
            assert_eq!(read_page(page.to_json().as_bytes()).unwrap(), page);
        }
    }

    #[test]
    fn what_is_no_page_is_told() {
        for wrong in [
            "",
            "<html>",
            "[]",
            r#"{"items":[]}"#,
            r#"{"items":[{}],"total":0,"limit":1,"offset":0,"nextCursor":null}"#,
            r#"{"items":[],"total":0,"limit":1,"offset":0,"nextCursor":"no"}"#,
        ] {
            assert!(read_page(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
