//! Much progress of one task: what of it becomes records, when, and what is said about the rest.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tasktrail::clock::{Clock, SystemClock};
use tasktrail::facade::trail as facade;
use tasktrail::live::{After, Scope};
use tasktrail::recorder::Ledger;
use tasktrail::schema::{Record, Timestamp};
use tasktrail::trail::{Accepted, Builder, Mode, Options, Trail};
use tasktrail::{Call, Code, Query};

const LONG: Duration = Duration::from_secs(30);

/// A clock whose passing time only a test moves on.
#[derive(Debug, Default)]
struct Stopped {
    passed_ms: AtomicU64,
    /// What somebody has set the time of day forward by.
    set_ms: AtomicU64,
}

impl Stopped {
    fn pass(&self, time: Duration) {
        self.passed_ms
            .fetch_add(u64::try_from(time.as_millis()).unwrap(), SeqCst);
    }
}

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        let ahead = self.set_ms.load(SeqCst).cast_signed();
        SystemClock.now().plus_millis(ahead)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.passed_ms.load(SeqCst))
    }
}

/// An interval that is over only when the test says so, and then soon noticed.
const INTERVAL: Duration = Duration::from_millis(20);

fn stopped(url: &str) -> (Trail, Arc<Stopped>) {
    let clock = Arc::new(Stopped::default());
    let builder = Trail::builder(url).clock(Arc::clone(&clock) as Arc<dyn Clock>);
    (builder.progress_interval(INTERVAL).open_blocking().unwrap(), clock)
}

/// An event about an item; `data` and `more` go beside what each has.
fn event(kind: &str, item: &str, data: Value, more: Value) -> String {
    let with = |mut object: Value, others: Value| {
        let others = others.as_object().unwrap().clone();
        object.as_object_mut().unwrap().extend(others);
        object
    };
    let whole =
        json!({ "projectNumber": 7, "phaseNumber": 1, "workItemId": item, "workItemTitle": "t", "workspaceId": "ws" });
    with(json!({ "type": kind, "data": with(whole, data) }), more).to_string()
}

/// Reports how far an item is, under an id that tells the same.
fn report(trail: &Trail, item: &str, percent: u64) -> Accepted {
    let named = json!({ "eventId": format!("{item} at {percent}") });
    let event = event("task.progress", item, json!({ "percent": percent }), named);
    trail.emit_blocking(&event, Call::default()).unwrap()
}

fn say(trail: &Trail, kind: &str, item: &str) -> Accepted {
    let accepted = trail
        .emit_blocking(&event(kind, item, json!({}), json!({})), Call::default())
        .unwrap();
    assert!(!accepted.is_coalesced(), "{accepted:?}");
    accepted
}

/// What of an item is on record, in the order of its numbers: percents, and the names of other events.
fn on_record(trail: &Trail, item: &str) -> Vec<String> {
    let page = trail.query_blocking(&Query::workspace("ws").limit(200)).unwrap();
    let records = page.items.iter().map(|item| Record::from_json(&item.json).unwrap());
    let mut records: Vec<Record> = records
        .filter(|record| record.work_item_id.as_deref() == Some(item))
        .collect();
    records.sort_by_key(|record| record.seq);
    assert!(
        records.is_sorted_by_key(|record| record.recorded_at),
        "recorded in the order of their numbers"
    );
    let told = records.iter().map(|record| match record.operation_type.as_str() {
        "task.progress" => {
            let metadata: Value = serde_json::from_str(record.metadata.as_ref().unwrap().as_str()).unwrap();
            metadata.get("percent").unwrap().to_string()
        }
        other => other.to_owned(),
    });
    told.collect()
}

fn ledger(trail: &Trail) -> Ledger {
    let ledger = trail.stats().ledger;
    assert!(ledger.is_balanced(), "{ledger:?}");
    ledger
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !condition() {
        assert!(Instant::now() < end, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Stores on which all of this holds alike.
fn stores(folder: &tempfile::TempDir) -> [String; 2] {
    [
        "memory:".into(),
        format!("sqlite:{}", folder.path().join("audit.db").display()),
    ]
}

#[test]
fn of_a_hundred_in_one_interval_the_first_and_the_last_are_recorded_and_heard() {
    // Long enough for a hundred syncs of a busy disk.
    let interval = Duration::from_secs(4);
    let folder = tempfile::tempdir().unwrap();
    for url in stores(&folder) {
        let trail = Trail::builder(&url)
            .progress_interval(interval)
            .open_blocking()
            .unwrap();
        let (heard, hears) = mpsc::channel();
        let _subscription = trail
            .subscribe_with(&Scope::workspace("ws"), &After::Now, move |batch| {
                drop(heard.send(batch))
            })
            .unwrap();
        let began = Instant::now();
        let answers: Vec<Accepted> = (1..=100).map(|percent| report(&trail, "1.1", percent)).collect();
        assert!(answers[0].durable && !answers[0].is_coalesced(), "{:?}", answers[0]);
        for answer in &answers[1..] {
            assert!(answer.is_coalesced() && !answer.durable, "{answer:?}");
        }
        let during = ledger(&trail);
        assert_eq!((during.skipped.coalesced, during.queued), (98, 1));

        let mut entries: Vec<Value> = Vec::new();
        while entries.len() < 2 {
            let batch = hears.recv_timeout(LONG).unwrap();
            entries.extend(batch.entries.iter().map(|entry| serde_json::from_str(entry).unwrap()));
        }
        assert!(began.elapsed() >= interval, "{:?}", began.elapsed());
        assert_eq!(on_record(&trail, "1.1"), ["1", "100"]);
        for (entry, answer) in entries.iter().zip([&answers[0], &answers[99]]) {
            assert_eq!(entry["audit_id"], answer.audit_id.to_string());
            assert_eq!(entry["timestamp"], answer.event.timestamp.to_string());
        }
        let after = trail.close_blocking(LONG).unwrap().ledger;
        assert!(after.is_balanced(), "{after:?}");
        // The trail's own first and last, and the two.
        assert_eq!((after.seen, after.stored, after.skipped.coalesced), (102, 4, 98));
        assert!(hears.try_recv().is_err(), "nothing else was heard");
    }
}

#[test]
fn each_interval_has_its_last_and_who_says_nothing_more_is_recorded_at_once_again() {
    let (trail, clock) = stopped("memory:");
    report(&trail, "1.1", 1);
    for round in [10, 20] {
        report(&trail, "1.1", round + 1);
        report(&trail, "1.1", round + 2);
        std::thread::sleep(INTERVAL * 3);
        assert_eq!(
            ledger(&trail).queued,
            1,
            "the interval is not over before the clock says so"
        );
        clock.pass(INTERVAL);
        wait_for("the last of the interval is recorded", || ledger(&trail).queued == 0);
    }
    // Nothing was kept in the interval that began with the last of the second; when it is over, the task is as if it were new.
    wait_for("the task is forgotten", || {
        clock.pass(INTERVAL);
        std::thread::sleep(INTERVAL);
        let percent = clock.passed_ms.load(SeqCst);
        !report(&trail, "1.1", percent).is_coalesced()
    });
    trail.flush_blocking(LONG).unwrap();
    assert_eq!(on_record(&trail, "1.1")[..3], ["1", "12", "22"]);
}

#[test]
fn a_clock_that_is_set_ends_no_interval() {
    let (trail, clock) = stopped("memory:");
    report(&trail, "1.1", 1);
    clock.set_ms.store(3_600_000, SeqCst);
    assert!(report(&trail, "1.1", 2).is_coalesced());
    std::thread::sleep(INTERVAL * 3);
    assert!(report(&trail, "1.1", 3).is_coalesced());
    assert_eq!(ledger(&trail).queued, 1);
    clock.pass(INTERVAL);
    wait_for("the interval is over", || on_record(&trail, "1.1") == ["1", "3"]);
}

#[test]
fn what_a_task_says_next_comes_behind_what_was_kept_and_lets_progress_through() {
    let folder = tempfile::tempdir().unwrap();
    for url in stores(&folder) {
        let (trail, _clock) = stopped(&url);
        let progress = |percent| report(&trail, "1.1", percent).is_coalesced();
        say(&trail, "task.started", "1.1");
        assert!(!progress(10) && progress(20) && progress(30));
        let failed = event("task.failed", "1.1", json!({ "error": "no" }), json!({}));
        trail.emit_blocking(&failed, Call::default()).unwrap();
        say(&trail, "task.started", "1.1");
        assert!(!progress(11) && progress(21));
        say(&trail, "task.completed", "1.1");
        trail.flush_blocking(LONG).unwrap();
        let expected = [
            "task.started",
            "10",
            "30",
            "task.failed",
            "task.started",
            "11",
            "21",
            "task.completed",
        ];
        assert_eq!(on_record(&trail, "1.1"), expected);
        assert_eq!(ledger(&trail).skipped.coalesced, 1);
        trail.close_blocking(LONG).unwrap();
    }
}

#[test]
fn tasks_are_thinned_each_by_itself() {
    let (trail, _clock) = stopped("memory:");
    for percent in 1..=5 {
        for item in ["1.1", "1.2"] {
            assert_eq!(
                report(&trail, item, percent).is_coalesced(),
                percent > 1,
                "{item} {percent}"
            );
        }
    }
    say(&trail, "task.completed", "1.1");
    assert_eq!(ledger(&trail).queued, 1, "the other's is still kept");
    trail.flush_blocking(LONG).unwrap();
    assert_eq!(on_record(&trail, "1.1"), ["1", "5", "task.completed"]);
    assert_eq!(on_record(&trail, "1.2"), ["1", "5"]);
}

#[test]
fn a_flush_and_an_end_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("audit.db").display());
    let (trail, _clock) = stopped(&url);
    for percent in 1..=3 {
        report(&trail, "1.1", percent);
    }
    assert_eq!(trail.flush_blocking(LONG).unwrap().ledger.queued, 0);
    assert_eq!(on_record(&trail, "1.1"), ["1", "3"]);
    assert!(report(&trail, "1.1", 4).is_coalesced());
    let closed = trail.close_blocking(LONG).unwrap().ledger;
    assert!(closed.is_balanced() && closed.pending() == 0, "{closed:?}");
    assert_eq!(closed.dropped.total(), 0);
    let late = trail.emit_blocking(&event("task.progress", "1.1", json!({}), json!({})), Call::default());
    assert_eq!(late.unwrap_err().code(), Code::Closed);

    let (trail, _clock) = stopped(&url);
    assert_eq!(on_record(&trail, "1.1"), ["1", "3", "4"]);
    report(&trail, "1.2", 1);
    report(&trail, "1.2", 2);
    // Dropped without a word.
    drop(trail);
    let (reader, _clock) = stopped(&url);
    wait_for("the dropped trail has sent it", || {
        on_record(&reader, "1.2") == ["1", "2"]
    });
}

#[test]
fn an_end_without_time_still_brings_what_was_kept_to_disk() {
    let folder = tempfile::tempdir().unwrap();
    let open = |url: &str| -> Builder {
        let options = Options {
            mode: Mode::Durable,
            spool: Some(folder.path().join("spool")),
            degraded_start: true,
            open_timeout_ms: 100,
            ..Options::default()
        };
        Trail::builder(url).options(options)
    };
    // Its folder is a file, so that it is never reached.
    std::fs::write(folder.path().join("file"), "").unwrap();
    let away = format!("sqlite:{}", folder.path().join("file/audit.db").display());
    let trail = open(&away).open_blocking().unwrap();
    for percent in 1..=3 {
        report(&trail, "1.1", percent);
    }
    let closed = trail.close_blocking(Duration::from_millis(500)).unwrap().ledger;
    assert!(closed.is_balanced() && closed.dropped.total() == 0, "{closed:?}");
    assert_eq!(closed.spooled, closed.seen - 1, "all but the one that was overtaken");
    let next = open("memory:").open_blocking().unwrap();
    wait_for("the next has taken it over", || on_record(&next, "1.1") == ["1", "3"]);
}

#[test]
fn without_an_interval_all_progress_is_recorded() {
    let trail = facade::open_json_blocking("memory:", r#"{"progressIntervalMs":0}"#).unwrap();
    for percent in 1..=20 {
        assert!(!report(&trail, "1.1", percent).is_coalesced());
    }
    trail.flush_blocking(LONG).unwrap();
    assert_eq!(on_record(&trail, "1.1").len(), 20);
    assert_eq!(ledger(&trail).skipped.coalesced, 0);
}

#[test]
fn an_interval_is_whole_milliseconds_up_to_a_minute() {
    for (options, said) in [
        (r#"{"progressIntervalMs":60001}"#, "from 0 to 60000, not 60001"),
        (r#"{"progressIntervalMs":-1}"#, "progressIntervalMs"),
        (r#"{"progressIntervalMs":"1s"}"#, "progressIntervalMs"),
    ] {
        let error = facade::open_json_blocking("memory:", options).unwrap_err();
        assert_eq!(
            (error.code(), error.field()),
            (Code::OptionsInvalid, Some("progressIntervalMs")),
            "{error}"
        );
        assert!(error.to_string().contains(said), "{error}");
    }
    for (interval, is_thinned) in [(Duration::from_micros(1), true), (Duration::ZERO, false)] {
        let clock = Arc::new(Stopped::default());
        let builder = Trail::builder("memory:").clock(clock).progress_interval(interval);
        let trail = builder.open_blocking().unwrap();
        report(&trail, "1.1", 1);
        assert_eq!(report(&trail, "1.1", 2).is_coalesced(), is_thinned, "{interval:?}");
    }
    let too_long = Trail::builder("memory:")
        .progress_interval(Duration::MAX)
        .open_blocking();
    assert_eq!(too_long.unwrap_err().field(), Some("progressIntervalMs"));
}

#[test]
fn the_same_event_again_is_the_same_record_whatever_became_of_it() {
    let (trail, _clock) = stopped("memory:");
    let first = report(&trail, "1.1", 1);
    let kept = report(&trail, "1.1", 2);
    for _ in 0..3 {
        let again = report(&trail, "1.1", 2);
        assert!(again.is_coalesced());
        assert_eq!(again.audit_id, kept.audit_id);
    }
    assert_eq!((ledger(&trail).skipped.coalesced, ledger(&trail).queued), (3, 1));
    let again = report(&trail, "1.1", 1);
    assert_eq!((again.audit_id, again.durable), (first.audit_id, true));
    assert!(!again.is_coalesced());
    trail.flush_blocking(LONG).unwrap();
    assert_eq!(on_record(&trail, "1.1"), ["1", "2"], "a repeat takes nobody's place");
    assert_eq!(report(&trail, "1.1", 2).audit_id, kept.audit_id);
    trail.flush_blocking(LONG).unwrap();
    assert_eq!(on_record(&trail, "1.1"), ["1", "2"]);
}

#[test]
fn what_happened_earlier_does_not_overtake() {
    let (trail, _clock) = stopped("memory:");
    report(&trail, "1.1", 1);
    let now = SystemClock.now().millis();
    for (percent, at) in [(50, now), (40, now - 10)] {
        let event = event(
            "task.progress",
            "1.1",
            json!({ "percent": percent }),
            json!({ "timestamp": at }),
        );
        let accepted = trail.emit_blocking(&event, Call::default()).unwrap();
        assert!(accepted.is_coalesced());
    }
    trail.flush_blocking(LONG).unwrap();
    assert_eq!(on_record(&trail, "1.1"), ["1", "50"]);
}

#[test]
fn an_answer_says_when_progress_is_kept_and_is_as_it_was_otherwise() {
    let (trail, _clock) = stopped("memory:");
    let text = event(
        "task.progress",
        "1.1",
        json!({}),
        json!({ "timestamp": "2026-01-02T03:04:05.006Z" }),
    );
    let answer = || facade::emit_json_blocking(&trail, &text, "{}").unwrap();
    let id = |answer: &str| -> String {
        let answer: Value = serde_json::from_str(answer).unwrap();
        answer["auditId"].as_str().unwrap().to_owned()
    };
    let recorded = answer();
    let expected = format!(
        r#"{{"accepted":true,"auditId":"{}","durable":true,"projectNumber":7,"seq":2,"timestamp":"2026-01-02T03:04:05.006Z","type":"task.progress"}}"#,
        id(&recorded)
    );
    assert_eq!(recorded, expected);
    let kept = answer();
    let expected = format!(
        r#"{{"accepted":true,"auditId":"{}","coalesced":true,"durable":false,"projectNumber":7,"seq":null,"timestamp":"2026-01-02T03:04:05.006Z","type":"task.progress"}}"#,
        id(&kept)
    );
    assert_eq!(kept, expected);
    // What is refused is refused as ever, and overtakes nothing.
    let bad = event("task.progress", "1.1", json!({}), json!({ "colour": "blue" }));
    let error = facade::emit_json_blocking(&trail, &bad, "{}").unwrap_err();
    assert_eq!(error.code(), Code::EventInvalid);
    trail.flush_blocking(LONG).unwrap();
    let kinds = trail.query_blocking(&Query::workspace("ws")).unwrap().total;
    assert_eq!(kinds, 2);
}

#[test]
fn the_ledger_is_balanced_and_numbers_are_in_order_while_many_report() {
    let interval = Duration::from_millis(2);
    let trail = Trail::builder("memory:")
        .progress_interval(interval)
        .open_blocking()
        .unwrap();
    let items = ["1.1", "1.2", "1.3"];
    std::thread::scope(|scope| {
        let reporting: Vec<_> = items
            .iter()
            .map(|item| {
                let trail = &trail;
                scope.spawn(move || {
                    for percent in 1..=60 {
                        report(trail, item, percent);
                        if percent % 20 == 0 {
                            say(trail, "task.started", item);
                        }
                    }
                })
            })
            .collect();
        while !reporting.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            ledger(&trail);
        }
    });
    trail.flush_blocking(LONG).unwrap();
    let mut recorded = 0;
    for item in items {
        let told = on_record(&trail, item);
        recorded += told.len() as u64;
        let percents: Vec<u64> = told.iter().filter_map(|told| told.parse().ok()).collect();
        assert!(percents.is_sorted(), "{told:?}");
        // Before each start, what was said last.
        for (at, _) in told.iter().enumerate().filter(|(_, told)| *told == "task.started") {
            let before: u64 = told[at - 1].parse().unwrap();
            assert_eq!(before % 20, 0, "{told:?}");
        }
        assert_eq!(told.iter().filter(|told| *told == "task.started").count(), 3);
    }
    let ledger = ledger(&trail);
    assert_eq!(ledger.stored + ledger.skipped.coalesced, ledger.seen);
    assert_eq!(ledger.stored, recorded + 1);
}
