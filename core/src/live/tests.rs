use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use futures::FutureExt as _;
use uuid::Uuid;

use super::*;
use crate::schema::sample;
use crate::store::EncodedRecord;

const SMALL: Bounds = Bounds {
    ring: 4,
    rooms: 3,
    bytes: usize::MAX,
};

/// A record of the hub's own trail.
fn record(number: u128, workspace: &str) -> EncodedRecord {
    let mut record = sample(Uuid::from_u128(number), 1);
    (record.writer_id, record.workspace_id) = ("h".into(), workspace.into());
    EncodedRecord::new(record)
}

/// A record of another trail.
fn foreign(number: u128) -> EncodedRecord {
    let mut record = sample(Uuid::from_u128(number), 1);
    record.writer_id = "other".into();
    EncodedRecord::new(record)
}

fn hub(bounds: Bounds) -> Arc<Hub> {
    Arc::new(Hub::new("h", bounds))
}

fn held(hub: &Hub) -> usize {
    hub.step(|rooms, _| rooms.held())
}

/// What a listener is given at once; `None` when it would wait.
fn now(listener: &mut Listener) -> Option<Batch> {
    listener.recv().now_or_never().map(|batch| batch.expect("closed"))
}

fn heard(batch: &Batch) -> (u64, usize, Option<u64>) {
    (batch.seq, batch.entries.len(), batch.missed)
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

#[test]
fn a_room_hears_its_own_records_in_order() {
    let hub = hub(Bounds::default());
    let mut a = hub.subscribe(&Scope::workspace("a"), &After::Now);
    hub.publish(&[record(1, "a"), record(2, "b"), record(3, "a")]);
    let first = now(&mut a).unwrap();
    assert_eq!((numbers(&first), first.seq, first.missed), (vec![1, 3], 1, Some(0)));
    assert_eq!(now(&mut a), None);
    hub.publish(&[record(4, "a")]);
    let second = now(&mut a).unwrap();
    assert_eq!(
        (second.epoch.as_str(), heard(&second)),
        (first.epoch.as_str(), (3, 1, Some(0)))
    );
}

#[test]
fn a_run_is_heard_where_it_was_launched_in_its_project_and_where_all_is() {
    let hub = hub(Bounds::default());
    let scopes = [
        Scope::workspace("ws_a"),
        Scope::workspace("origin"),
        Scope::Project(7),
        Scope::All,
    ];
    let mut listeners = scopes.map(|scope| hub.subscribe(&scope, &After::Now));
    let mut record = sample(Uuid::from_u128(1), 1);
    (record.origin_workspace_id, record.project_number) = (Some("origin".into()), Some(7));
    hub.publish(&[EncodedRecord::new(record)]);
    for listener in &mut listeners {
        assert_eq!(heard(&now(listener).unwrap()), (1, 1, Some(0)));
    }
}

#[test]
fn a_slow_listener_is_told_what_it_missed_and_holds_nobody_up() {
    let hub = hub(Bounds::default());
    let mut slow = hub.subscribe(&Scope::All, &After::Now);
    for number in 0..266 {
        hub.publish(&[record(number, "a")]);
    }
    assert_eq!(heard(&now(&mut slow).unwrap()), (11, 256, Some(10)));
}

#[test]
fn replay_goes_on_where_a_client_was() {
    let hub = hub(SMALL);
    let scope = Scope::workspace("a");
    hub.publish(&[record(1, "a"), record(2, "a"), record(3, "a")]);
    let all = hub.replay(&scope, &After::Ring);
    assert_eq!(heard(&all), (1, 3, Some(0)));
    let seen = |epoch: &str, seq| After::Seen {
        epoch: epoch.to_owned(),
        seq,
    };
    assert_eq!(heard(&hub.replay(&scope, &seen(&all.epoch, 2))), (3, 1, Some(0)));
    for elsewhere in ["gone", "h-", "h-x", "h-1", "other-0"] {
        assert_eq!(
            heard(&hub.replay(&scope, &seen(elsewhere, 2))),
            (1, 3, None),
            "{elsewhere}"
        );
    }
    // A number that was never given out.
    assert_eq!(heard(&hub.replay(&scope, &seen(&all.epoch, 9))), (1, 3, None));
    assert_eq!(heard(&hub.replay(&scope, &After::Now)), (4, 0, Some(0)));
    hub.publish(&[record(4, "a"), record(5, "a"), record(6, "a")]);
    assert_eq!(heard(&hub.replay(&scope, &seen(&all.epoch, 1))), (3, 4, Some(1)));
    assert_eq!(heard(&hub.replay(&scope, &After::Ring)), (3, 4, None));
}

#[test]
fn an_empty_room_has_the_epoch_that_it_opens_with() {
    let hub = hub(SMALL);
    let scope = Scope::workspace("a");
    let before = hub.replay(&scope, &After::Ring);
    assert_eq!((heard(&before), held(&hub)), ((1, 0, Some(0)), 0));
    hub.publish(&[record(1, "a")]);
    let seen = After::Seen {
        epoch: before.epoch,
        seq: 0,
    };
    assert_eq!(heard(&hub.replay(&scope, &seen)), (1, 1, Some(0)));
}

#[test]
fn the_room_that_was_used_longest_ago_goes_first() {
    let hub = hub(SMALL);
    let ring = |id: &str| hub.replay(&Scope::workspace(id), &After::Ring);
    hub.publish(&[record(1, "a"), record(2, "b"), record(3, "c")]);
    let a = ring("a").epoch;
    hub.publish(&[record(4, "d")]);
    assert_eq!(held(&hub), 3);
    // It was asked for, so it is younger than b.
    assert_eq!((ring("a").epoch, ring("a").entries.len()), (a, 1));
    let b = ring("b");
    assert_eq!(heard(&b), (1, 0, None));
    let gone = b.epoch;
    hub.publish(&[record(5, "b")]);
    hub.publish(
        (6..20)
            .map(|number| record(number, &number.to_string()))
            .collect::<Vec<_>>()
            .as_slice(),
    );
    hub.publish(&[record(21, "b")]);
    let again = ring("b");
    assert_ne!(again.epoch, gone);
    assert_eq!(heard(&again), (1, 1, None));
    assert_eq!(held(&hub), 3);
}

#[test]
fn a_room_that_is_listened_to_stays_while_others_can_go() {
    let hub = hub(SMALL);
    let mut listener = hub.subscribe(&Scope::workspace("a"), &After::Now);
    for number in 0..50 {
        hub.publish(&[
            record(number, if number == 0 { "a" } else { "x" }),
            record(100 + number, &number.to_string()),
        ]);
    }
    assert_eq!(heard(&now(&mut listener).unwrap()), (1, 1, Some(0)));
    drop(listener);
    hub.publish(&[record(201, "p"), record(202, "q"), record(203, "r")]);
    assert_eq!(heard(&hub.replay(&Scope::workspace("a"), &After::Ring)), (1, 0, None));
}

#[tokio::test]
async fn a_listener_whose_room_loses_its_past_is_told_and_goes_on() {
    let hub = hub(SMALL);
    let mut listeners: Vec<Listener> = (0..4)
        .map(|number| hub.subscribe(&Scope::workspace(format!("w{number}")), &After::Now))
        .collect();
    hub.publish(&[record(0, "w0"), record(1, "w1"), record(2, "w2")]);
    let before = listeners[0].recv().await.unwrap();
    assert_eq!(heard(&before), (1, 1, Some(0)));
    let waiting = tokio::spawn(async move {
        let mut first = listeners.remove(0);
        (first.recv().await.unwrap(), first, listeners)
    });
    tokio::task::yield_now().await;
    // More rooms that are listened to than are held: the first loses its ring, though nothing new comes in it.
    hub.publish(&[record(3, "w3")]);
    let (lost, mut first, mut others) = waiting.await.unwrap();
    assert_ne!(lost.epoch, before.epoch);
    assert_eq!(heard(&lost), (1, 0, None));
    assert_eq!(held(&hub), 3);
    hub.publish(&[record(4, "w0")]);
    let next = first.recv().await.unwrap();
    assert_eq!(
        (next.epoch.as_str(), heard(&next)),
        (lost.epoch.as_str(), (1, 1, Some(0)))
    );
    // That took the ring of w1, with an entry that its listener has not seen, and what came since is there.
    hub.publish(&[record(5, "w1"), record(6, "w1")]);
    let other = others[0].recv().await.unwrap();
    assert_eq!((heard(&other), numbers(&other)), ((1, 2, None), vec![5, 6]));
    assert_eq!(held(&hub), 3);
}

#[test]
fn rooms_without_a_ring_end_with_their_listeners() {
    let hub = hub(SMALL);
    let listeners: Vec<Listener> = (0..100)
        .map(|number| hub.subscribe(&Scope::Project(number), &After::Now))
        .collect();
    assert_eq!((held(&hub), hub.step(|rooms, _| rooms.open_rooms())), (0, 101));
    drop(listeners);
    assert_eq!(hub.step(|rooms, _| (rooms.open_rooms(), rooms.listeners())), (1, 0));
}

#[test]
fn rings_are_bounded_in_bytes() {
    let mut large = sample(Uuid::from_u128(0), 1);
    large.api_endpoint = Some("x".repeat(20_000));
    let hub = hub(Bounds {
        bytes: 200_000,
        ..Bounds::default()
    });
    let mut listener = hub.subscribe(&Scope::All, &After::Now);
    let mut gone = hub.subscribe(&Scope::workspace("w0"), &After::Now);
    for number in 0..100_u32 {
        (large.audit_id, large.workspace_id) = (Uuid::from_u128(number.into()), format!("w{number}"));
        hub.publish(&[EncodedRecord::new(large.clone())]);
        assert!(hub.step(|rooms, _| rooms.bytes()) <= 200_000);
    }
    let (all, one) = (now(&mut listener).unwrap(), now(&mut gone).unwrap());
    assert!(
        all.entries.len() >= 8 && all.missed == Some(100 - all.entries.len() as u64),
        "{:?}",
        heard(&all)
    );
    assert_eq!(heard(&one), (1, 0, None));
}

#[test]
fn everything_begins_anew_when_continuity_is_broken() {
    let hub = hub(Bounds::default());
    let mut listener = hub.subscribe(&Scope::All, &After::Now);
    hub.publish(&[record(1, "a")]);
    let before = now(&mut listener).unwrap();
    hub.renew();
    let lost = now(&mut listener).unwrap();
    assert_ne!(lost.epoch, before.epoch);
    assert_eq!((heard(&lost), held(&hub)), ((1, 0, None), 0));
    assert_eq!(heard(&hub.replay(&Scope::workspace("a"), &After::Ring)), (1, 0, None));
    hub.publish(&[record(2, "a")]);
    let next = now(&mut listener).unwrap();
    assert_eq!((next.epoch, next.entries.len(), next.missed), (lost.epoch, 1, Some(0)));
}

#[test]
fn what_others_wrote_is_published_once() {
    let hub = hub(Bounds::default());
    let mut listener = hub.subscribe(&Scope::All, &After::Now);
    hub.adopted(&[foreign(1), foreign(2)]);
    hub.adopted(&[foreign(2), foreign(3)]);
    // Handed to this process to be stored, before or after it came by the feed.
    hub.publish(&[foreign(3), foreign(4)]);
    hub.adopted(&[foreign(4)]);
    // An event that its client named may come by this process and by another one.
    let named = |writer: &str| {
        let mut record = sample(uuid::Builder::from_custom_bytes([7; 16]).into_uuid(), 1);
        record.writer_id = writer.into();
        EncodedRecord::new(record)
    };
    hub.publish(&[named("h"), named("h")]);
    hub.adopted(&[named("other")]);
    let batch = now(&mut listener).unwrap();
    assert_eq!(batch.entries.len(), 5);
    assert_eq!(numbers(&batch)[..4], [1, 2, 3, 4]);
    assert_eq!(
        hub.unheard([Uuid::from_u128(4), Uuid::from_u128(5)]),
        [Uuid::from_u128(5)]
    );
}

#[tokio::test]
async fn a_closed_hub_gives_what_it_has_and_then_ends() {
    let hub = hub(Bounds::default());
    let mut behind = hub.subscribe(&Scope::All, &After::Now);
    let mut waiting = hub.subscribe(&Scope::workspace("w"), &After::Now);
    let waiting = tokio::spawn(async move { waiting.recv().await });
    tokio::task::yield_now().await;
    hub.publish(&[record(1, "a")]);
    hub.close();
    assert_eq!(waiting.await.unwrap(), None);
    assert_eq!(behind.recv().await.unwrap().entries.len(), 1);
    assert_eq!(behind.recv().await, None);
    assert_eq!(hub.subscribe(&Scope::All, &After::Now).recv().await, None);
    assert!(!hub.heard().await);
}

#[test]
fn a_wait_that_was_given_up_loses_nothing() {
    let hub = hub(Bounds::default());
    let mut listener = hub.subscribe(&Scope::All, &After::Now);
    for number in 1..5 {
        assert_eq!(now(&mut listener), None);
        hub.publish(&[record(number, "a")]);
        assert_eq!(heard(&now(&mut listener).unwrap()), (number as u64, 1, Some(0)));
    }
}

/// A waker that holds another listener, as the waker of a task does that waits for one; and counts.
#[derive(Default)]
struct Holder {
    held: Mutex<Option<Listener>>,
    woken: AtomicUsize,
}

impl Wake for Holder {
    fn wake(self: Arc<Self>) {
        self.woken.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_waker_may_end_listeners_of_the_same_hub() {
    let hub = hub(Bounds::default());
    let mut listener = hub.subscribe(&Scope::All, &After::Now);
    let poll = |listener: &mut Listener| {
        let holder = Arc::new(Holder::default());
        *holder.held.lock().unwrap() = Some(hub.subscribe(&Scope::Project(1), &After::Now));
        let waker = Waker::from(holder);
        let mut waiting = pin!(listener.recv());
        assert_eq!(waiting.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending);
    };
    // The hub now has the last handle of each: of the first it lets go for the second, of the second when it wakes it, of the third
    // when the listener leaves.
    poll(&mut listener);
    poll(&mut listener);
    hub.publish(&[record(1, "a")]);
    assert!(now(&mut listener).is_some());
    poll(&mut listener);
    drop(listener);
    assert_eq!(hub.step(|rooms, _| rooms.listeners()), 0);
}

#[test]
fn the_feed_is_woken_by_the_first_listener() {
    let hub = hub(Bounds::default());
    let holder = Arc::new(Holder::default());
    let waker = Waker::from(Arc::clone(&holder));
    let mut waiting = pin!(hub.heard());
    assert_eq!(waiting.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending);
    hub.publish(&[record(1, "a")]);
    drop(hub.replay(&Scope::All, &After::Ring));
    assert_eq!(holder.woken.load(SeqCst), 0);
    let listener = hub.subscribe(&Scope::All, &After::Now);
    assert_eq!(holder.woken.load(SeqCst), 1);
    assert_eq!(
        waiting.as_mut().poll(&mut Context::from_waker(&waker)),
        Poll::Ready(true)
    );
    drop(listener);
    assert!(!hub.is_heard());
}
