//! Time is tokio's paused clock: it moves to the next timer once every task waits, so hours pass at once and in the same way each time.

use std::sync::{Mutex, MutexGuard};

use futures::future::BoxFuture;
use tokio::task::JoinHandle;
use tracing::subscriber::DefaultGuard;

use super::super::{After, Batch, Bounds, Listener, Scope};
use super::*;
use crate::query::{Page, Query};
use crate::schema::{Timestamp, sample};
use crate::store::Inserted;

const OWN: &str = "own";

/// A store that several processes share, as far as the feed asks it, with all that can go wrong there. Arrivals are milliseconds.
#[derive(Debug, Default)]
struct Shelf {
    late: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rows: Vec<(u64, StoredRecord, String)>,
    failure: Option<Code>,
    answers_after: Duration,
    asked: usize,
    asking: usize,
    most_at_once: usize,
}

impl Shelf {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Another process's record becomes visible.
    fn put(&self, arrival: u64, number: u128) {
        self.put_from("other", arrival, number);
    }

    fn put_from(&self, writer: &str, arrival: u64, number: u128) {
        let mut record = sample(Uuid::from_u128(number), 1);
        record.writer_id = writer.to_owned();
        let stored = StoredRecord {
            json: record.to_json(),
            timestamp: record.timestamp,
            audit_id: record.audit_id,
            arrival,
        };
        let mut state = self.state();
        state.rows.push((arrival, stored, writer.to_owned()));
        state.rows.sort_by_key(|(arrival, ..)| *arrival);
    }

    fn answer(&self, after: Option<u64>, not_from: &str, limit: u32) -> Result<Arrived> {
        let state = self.state();
        if let Some(code) = state.failure {
            return Err(Error::new(code, "out of order"));
        }
        let newest = state.rows.last().map_or(0, |(arrival, ..)| *arrival);
        let Some(after) = after else {
            return Ok(Arrived {
                newest,
                ..Arrived::default()
            });
        };
        let behind = state.rows.iter().filter(|(arrival, ..)| *arrival > after);
        let mut records: Vec<StoredRecord> = behind
            .filter(|(.., writer)| writer != not_from)
            .map(|(_, stored, _)| stored.clone())
            .collect();
        let more = records.len() > limit as usize;
        records.truncate(limit as usize);
        Ok(Arrived {
            newest: if more {
                records.last().unwrap().arrival
            } else {
                newest.max(after)
            },
            records,
            more,
        })
    }
}

impl Store for Shelf {
    fn arrived<'a>(&'a self, after: Option<u64>, not_from: &'a str, limit: u32) -> BoxFuture<'a, Result<Arrived>> {
        Box::pin(async move {
            let pause = {
                let mut state = self.state();
                state.asked += 1;
                state.asking += 1;
                state.most_at_once = state.most_at_once.max(state.asking);
                state.answers_after
            };
            if !pause.is_zero() {
                sleep(pause).await;
            }
            self.state().asking -= 1;
            self.answer(after, not_from, limit)
        })
    }

    fn late_arrivals(&self) -> Duration {
        self.late
    }

    fn rewound(&self, arrival: u64, by: Duration) -> u64 {
        arrival.saturating_sub(by.as_millis() as u64)
    }

    fn insert<'a>(&'a self, _: &'a [EncodedRecord]) -> BoxFuture<'a, Result<Inserted>> {
        panic!("the feed does not insert")
    }

    fn query<'a>(&'a self, _: &'a Query, _: Timestamp) -> BoxFuture<'a, Result<Page>> {
        panic!("the feed does not query")
    }

    fn get(&self, _: Uuid, _: Timestamp) -> BoxFuture<'_, Result<Option<StoredRecord>>> {
        panic!("the feed does not get")
    }

    fn sweep(&self, _: Timestamp) -> BoxFuture<'_, Result<u64>> {
        panic!("the feed does not sweep")
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        panic!("the feed does not close")
    }
}

struct Stage {
    hub: Arc<Hub>,
    shelf: Arc<Shelf>,
    running: JoinHandle<()>,
}

/// A feed that has had its first look.
async fn stage(shelf: Shelf) -> Stage {
    let hub = Arc::new(Hub::new(OWN, Bounds::default()));
    let shelf = Arc::new(shelf);
    let feed = Feed::new(Arc::clone(&hub), FeedTiming::default());
    let follower = feed.begin(Arc::clone(&shelf) as Arc<dyn Store>).await;
    let running = tokio::spawn(follower.run());
    Stage { hub, shelf, running }
}

fn late(seconds: u64) -> Shelf {
    Shelf {
        late: Duration::from_secs(seconds),
        ..Shelf::default()
    }
}

impl Stage {
    fn listen(&self) -> Listener {
        self.hub.subscribe(&Scope::All, &After::Now)
    }

    fn asked(&self) -> usize {
        self.shelf.state().asked
    }
}

async fn after(milliseconds: u64) {
    sleep(Duration::from_millis(milliseconds)).await;
}

fn numbers(batch: &Batch) -> Vec<u128> {
    let id = |text: &Arc<str>| {
        EncodedRecord::from_json(Arc::clone(text))
            .unwrap()
            .record()
            .audit_id
            .as_u128()
    };
    batch.entries.iter().map(id).collect()
}

/// All that a listener is given until now, which must have no gap.
async fn heard(listener: &mut Listener) -> Vec<u128> {
    let mut all = Vec::new();
    while let Ok(Some(batch)) = tokio::time::timeout(Duration::from_micros(1), listener.recv()).await {
        assert_eq!(batch.missed, Some(0));
        all.extend(numbers(&batch));
    }
    all
}

#[tokio::test(start_paused = true)]
async fn what_others_bring_is_heard_once_and_in_its_order() {
    for shelf in [Shelf::default(), late(10)] {
        let stage = stage(shelf).await;
        let mut listener = stage.listen();
        after(300).await;
        stage.shelf.put(20, 2);
        stage.shelf.put(10, 1);
        stage.shelf.put_from(OWN, 15, 9);
        after(300).await;
        assert_eq!(heard(&mut listener).await, [1, 2]);
        stage.shelf.put_from(OWN, 30, 10);
        stage.shelf.put(40, 3);
        after(60_000).await;
        assert_eq!(heard(&mut listener).await, [3]);
    }
}

#[tokio::test(start_paused = true)]
async fn while_nobody_listens_the_store_is_left_alone() {
    let stage = stage(Shelf::default()).await;
    after(3_600_000).await;
    assert_eq!(stage.asked(), 1);
    let listener = stage.listen();
    after(10_000).await;
    let while_heard = stage.asked();
    assert!((38..=42).contains(&while_heard), "{while_heard}");
    drop(listener);
    // Who comes back soon finds it at work.
    after(50_000).await;
    let mut listener = stage.listen();
    stage.shelf.put(1, 1);
    after(300).await;
    assert_eq!(heard(&mut listener).await, [1]);
    drop(listener);
    after(61_000).await;
    let at_rest = stage.asked();
    after(3_600_000).await;
    assert_eq!(stage.asked(), at_rest);
    let listener = stage.listen();
    after(1).await;
    drop(listener);
    after(61_000).await;
    assert!(stage.asked() > at_rest + 200);
}

#[tokio::test(start_paused = true)]
async fn what_becomes_visible_late_is_heard_whenever_that_is() {
    let stage = stage(late(10)).await;
    let mut listener = stage.listen();
    let mut expected = Vec::new();
    let mut got = Vec::new();
    // Newer records arrive all the time; and now and then one that becomes visible up to 10 s later.
    let mut hidden = Vec::new();
    for step in 0..60_000_u64 {
        if step % 97 == 0 {
            stage.shelf.put(100_000 + step, u128::from(step));
            expected.push(u128::from(step));
        }
        if step % 370 == 0 {
            let lateness = (step / 370 * 7_919) % 10_000;
            hidden.push((step + lateness, 100_000 + step, 1_000_000 + u128::from(step)));
        }
        hidden.retain(|&(visible, arrival, number)| {
            if visible <= step {
                stage.shelf.put(arrival, number);
                expected.push(number);
            }
            visible > step
        });
        after(1).await;
        if step % 1_000 == 0 {
            got.extend(heard(&mut listener).await);
        }
    }
    for (_, arrival, number) in hidden {
        stage.shelf.put(arrival, number);
        expected.push(number);
    }
    after(6_000).await;
    got.extend(heard(&mut listener).await);
    got.sort_unstable();
    expected.sort_unstable();
    assert_eq!(got, expected);
    // When nothing comes any more, nothing is read again.
    after(20_000).await;
    let marks = stage.shelf.answer(Some(160_000), OWN, 10).unwrap();
    assert!(marks.records.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_a_ring_can_hold_leaves_no_gap() {
    for shelf in [Shelf::default(), late(10)] {
        let stage = stage(shelf).await;
        let mut listener = stage.listen();
        stage.shelf.put(1_000, 1);
        after(1_000).await;
        assert_eq!(heard(&mut listener).await, [1]);
        let before = stage.hub.replay(&Scope::All, &After::Now);
        drop(listener);
        after(3_600_000).await;
        for number in 2..250 {
            stage.shelf.put(1_000 + number, number.into());
        }
        let mut listener = stage.hub.subscribe(
            &Scope::All,
            &After::Seen {
                epoch: before.epoch,
                seq: before.seq - 1,
            },
        );
        after(1_000).await;
        assert_eq!(heard(&mut listener).await, (2..250).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_longer_pause_every_room_begins_anew() {
    for shelf in [Shelf::default(), late(10)] {
        let stage = stage(shelf).await;
        let mut listener = stage.listen();
        stage.shelf.put(1_000, 1);
        after(1_000).await;
        let before = listener.recv().await.unwrap();
        drop(listener);
        after(3_600_000).await;
        for number in 0..5_000 {
            stage.shelf.put(2_000 + number, 10_000 + u128::from(number));
        }
        let (mut all, mut room) = (stage.listen(), stage.hub.subscribe(&Scope::Project(5), &After::Now));
        for listener in [&mut all, &mut room] {
            let lost = listener.recv().await.unwrap();
            assert_ne!(lost.epoch, before.epoch);
            assert_eq!((lost.seq, lost.entries.len(), lost.missed), (1, 0, None));
        }
        stage.shelf.put(8_000, 2);
        after(2_000).await;
        assert_eq!(heard(&mut all).await, [2]);
        if !stage.shelf.late.is_zero() {
            // It arrived before the new beginning, but nobody can have read it from the store then.
            stage.shelf.put(7_500, 3);
            after(6_000).await;
            assert_eq!(heard(&mut all).await, [3]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_late_at_the_new_beginning_is_heard() {
    let stage = stage(late(10)).await;
    for number in 0..500 {
        stage.shelf.put(20_000 + number, number.into());
    }
    let mut listener = stage.listen();
    assert_eq!(listener.recv().await.unwrap().missed, None);
    stage.shelf.put(20_100, 1_000);
    after(5_000).await;
    stage.shelf.put(12_000, 1_001);
    after(6_000).await;
    assert_eq!(heard(&mut listener).await, [1_000, 1_001]);
}

#[tokio::test(start_paused = true)]
async fn more_than_a_page_is_read_at_once() {
    let stage = stage(Shelf::default()).await;
    let mut listener = stage.listen();
    after(1_000).await;
    for number in 0..3_500 {
        stage.shelf.put(1 + number, number.into());
    }
    after(260).await;
    let batch = listener.recv().await.unwrap();
    assert_eq!(
        (batch.entries.len() as u64 + batch.missed.unwrap(), batch.seq),
        (3_500, 3_245)
    );
    assert_eq!(heard(&mut listener).await, [0; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_this_process_has_published_for_another_is_not_published_again() {
    let stage = stage(Shelf::default()).await;
    let mut listener = stage.listen();
    let mut record = sample(Uuid::from_u128(1), 1);
    record.writer_id = "other".into();
    stage.hub.adopted(&[EncodedRecord::new(record)]);
    stage.shelf.put(1, 1);
    stage.shelf.put(2, 2);
    after(1_000).await;
    assert_eq!(heard(&mut listener).await, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_read_keeps_no_other_out() {
    let stage = stage(late(10)).await;
    let mut listener = stage.listen();
    after(1_000).await;
    stage.shelf.put(1, 1);
    stage.shelf.put(2, 2);
    stage.shelf.put(3, 3);
    stage.shelf.state().rows[1].1.json.truncate(20);
    let said = Said::listen();
    after(60_000).await;
    assert_eq!(heard(&mut listener).await, [1, 3]);
    assert_eq!(said.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_said_once_and_leaves_no_gap() {
    let stage = stage(Shelf::default()).await;
    let mut listener = stage.listen();
    stage.shelf.put(1, 1);
    after(1_000).await;
    let said = Said::listen();
    for outage in 0..2 {
        stage.shelf.state().failure = Some(Code::StoreUnavailable);
        stage.shelf.put(10 + outage, 10 + u128::from(outage));
        let before = stage.asked();
        after(600_000).await;
        // Pauses grow to 10 s, of which each takes a random share.
        let tries = stage.asked() - before;
        assert!((60..=600).contains(&tries), "{tries}");
        stage.shelf.state().failure = None;
        after(20_000).await;
    }
    assert_eq!(heard(&mut listener).await, [1, 10, 11]);
    // That it went and that it came, each time.
    assert_eq!(said.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_was_away_at_the_start_is_followed_from_when_it_is_there() {
    let shelf = Shelf::default();
    shelf.state().failure = Some(Code::StoreTimeout);
    shelf.put(1, 1);
    let stage = stage(shelf).await;
    let mut listener = stage.listen();
    after(30_000).await;
    assert_eq!(heard(&mut listener).await, [0; 0]);
    stage.shelf.state().failure = None;
    // What arrived meanwhile is unknown.
    let lost = listener.recv().await.unwrap();
    assert_eq!((lost.entries.len(), lost.missed), (0, None));
    stage.shelf.put(2, 2);
    after(1_000).await;
    assert_eq!(heard(&mut listener).await, [2]);
}

#[tokio::test(start_paused = true)]
async fn who_listens_before_the_first_look_is_told_to_read_the_store() {
    let hub = Arc::new(Hub::new(OWN, Bounds::default()));
    let mut early = hub.subscribe(&Scope::All, &After::Now);
    let shelf = Arc::new(Shelf::default());
    shelf.put(1, 1);
    let feed = Feed::new(Arc::clone(&hub), FeedTiming::default());
    tokio::spawn(feed.begin(Arc::clone(&shelf) as Arc<dyn Store>).await.run());
    let lost = early.recv().await.unwrap();
    assert_eq!((lost.entries.len(), lost.missed), (0, None));
    shelf.put(2, 2);
    after(300).await;
    assert_eq!(heard(&mut early).await, [2]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_store_is_asked_one_thing_at_a_time() {
    let stage = stage(Shelf::default()).await;
    stage.shelf.state().answers_after = Duration::from_secs(3);
    let mut listener = stage.listen();
    stage.shelf.put(1, 1);
    after(60_000).await;
    assert_eq!(heard(&mut listener).await, [1]);
    assert_eq!(stage.shelf.state().most_at_once, 1);
    // One that hangs is not waited for without end.
    stage.shelf.state().answers_after = Duration::from_secs(3_600);
    after(60_000).await;
    stage.shelf.state().answers_after = Duration::ZERO;
    stage.shelf.put(2, 2);
    after(60_000).await;
    assert_eq!(heard(&mut listener).await, [2]);
    assert!(stage.shelf.state().most_at_once < 10);
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_the_hub_and_with_the_store() {
    let first = stage(Shelf::default()).await;
    first.hub.close();
    first.running.await.unwrap();

    let second = stage(Shelf::default()).await;
    let _listener = second.listen();
    second.shelf.state().failure = Some(Code::Closed);
    second.running.await.unwrap();

    let third = stage(Shelf::default()).await;
    let _listener = third.listen();
    after(1_000).await;
    third.hub.close();
    third.running.await.unwrap();
}

/// Counts what is said on this thread.
struct Said {
    count: Arc<Mutex<usize>>,
    _guard: DefaultGuard,
}

struct Counter(Arc<Mutex<usize>>);

impl tracing::Subscriber for Counter {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "tasktrail"
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, _: &tracing::Event<'_>) {
        *self.0.lock().unwrap() += 1;
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

impl Said {
    fn listen() -> Self {
        let count = Arc::new(Mutex::new(0));
        Said {
            _guard: tracing::subscriber::set_default(Counter(Arc::clone(&count))),
            count,
        }
    }

    fn count(&self) -> usize {
        *self.count.lock().unwrap()
    }
}
