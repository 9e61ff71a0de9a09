//! Calls that are handed over many at once, to be read on the trail's threads.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use tasktrail::facade::trail as facade;
use tasktrail::schema::Record;
use tasktrail::trail::{Bundle, Trail};
use tasktrail::{Code, Query};

const LONG: Duration = Duration::from_secs(20);

fn bundle(calls: &[(String, Option<&[u8]>)]) -> Bundle {
    let text: Vec<&str> = calls.iter().map(|(call, _)| call.as_str()).collect();
    let mut bundle = Bundle::new(text.join("\n"));
    for (_, body) in calls {
        bundle.add_body(*body);
    }
    bundle
}

fn call(at: usize) -> String {
    format!(r#"{{"method":"POST","path":"/things/{at}","workspaceId":"ws"}}"#)
}

fn stored(trail: &Trail) -> Vec<Record> {
    trail.flush_blocking(LONG).unwrap();
    let page = trail.query_blocking(&Query::workspace("ws").limit(200)).unwrap();
    let mut records: Vec<Record> = page
        .items
        .iter()
        .map(|item| Record::from_json(&item.json).unwrap())
        .collect();
    records.sort_by_key(|record| record.seq);
    records
}

fn summary(record: &Record) -> Option<String> {
    record
        .request_summary
        .as_ref()
        .map(|summary| summary.as_str().to_owned())
}

fn endpoints(records: &[Record]) -> Vec<String> {
    records
        .iter()
        .map(|record| record.api_endpoint.clone().unwrap_or_default())
        .collect()
}

#[test]
fn a_bundle_is_recorded_in_order_with_its_bodies() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    for at in 0..10 {
        let body = format!(r#"{{"number":{at}}}"#);
        let calls = [(call(2 * at), Some(body.as_bytes())), (call(2 * at + 1), None)];
        trail.record_bundle(bundle(&calls)).unwrap();
    }
    // What was handed over counts, read or not.
    assert_eq!(trail.stats().ledger.seen, 20 + 1);
    let records = stored(&trail);
    let expected: Vec<String> = (0..20).map(|at| format!("/things/{at}")).collect();
    assert_eq!(endpoints(&records), expected);
    for (at, record) in records.iter().enumerate() {
        let expected = (at % 2 == 0).then(|| format!(r#"{{"number":{}}}"#, at / 2));
        assert_eq!(summary(record), expected, "{at}");
    }
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn what_is_no_call_is_told_and_takes_no_other_with_it() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    let calls = [
        (call(1), None),
        (r#"{"method":"POST","path":7}"#.to_owned(), Some(b"{}".as_slice())),
        (call(2), Some(br#"{"its":"own"}"#.as_slice())),
    ];
    let mut told = trail.record_bundle(bundle(&calls)).err();
    // It may be read only now; then the next bundle tells it.
    let records = stored(&trail);
    told = told.or(trail.record_bundle(Bundle::default()).err());
    let told = told.unwrap();
    assert_eq!((told.code(), told.field()), (Code::CallInvalid, Some("path")));
    assert_eq!(endpoints(&records), ["/things/1", "/things/2"]);
    assert_eq!(summary(&records[1]).as_deref(), Some(r#"{"its":"own"}"#));
    assert!(trail.record_bundle(Bundle::default()).is_ok(), "told once");
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn more_than_may_wait_is_read_at_once_and_nothing_is_lost() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    let body = vec![b'x'; 60_000];
    for round in 0..6 {
        let calls: Vec<_> = (0..30)
            .map(|at| (call(30 * round + at), Some(body.as_slice())))
            .collect();
        trail.record_bundle(bundle(&calls)).unwrap();
    }
    assert_eq!(stored(&trail).len(), 180);
    trail.close_blocking(LONG).unwrap();
}

#[test]
fn a_bundle_for_a_closed_trail_is_counted() {
    let trail = Trail::builder("memory:").open_blocking().unwrap();
    facade::record_bundle_json(&trail, call(1), [None]).unwrap();
    let stats = trail.close_blocking(LONG).unwrap();
    assert_eq!(stats.ledger.dropped.closed, 0, "it came before the close");
    facade::record_bundle_json(&trail, format!("{}\n{}\n", call(2), call(3)), [None, None]).unwrap();
    assert_eq!(trail.stats().ledger.dropped.closed, 2);
}

#[test]
fn a_dropped_trail_still_sends_its_bundles() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("audit.db").display());
    let trail = Trail::builder(&url).open_blocking().unwrap();
    trail.record_bundle(bundle(&[(call(1), None)])).unwrap();
    drop(trail);
    let end = std::time::Instant::now() + LONG;
    let trail = Trail::builder(&url).open_blocking().unwrap();
    while stored(&trail).is_empty() {
        assert!(std::time::Instant::now() < end, "it was not sent");
    }
    trail.close_blocking(LONG).unwrap();
}
