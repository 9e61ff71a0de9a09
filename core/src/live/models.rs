//! Models of the hub, which a checker takes through thousands of the orders in which its threads can meet.

#![expect(clippy::unwrap_used, reason = "a model may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;

use shuttle::future::block_on;
use shuttle::thread;
use uuid::Uuid;

use super::subscription::Gate;
use super::{After, Bounds, Hub, Scope};
use crate::schema::sample;
use crate::store::EncodedRecord;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use crate::sync::check;

fn record(number: u128, workspace: &str) -> EncodedRecord {
    let mut record = sample(Uuid::from_u128(number), 1);
    (record.writer_id, record.workspace_id) = ("h".into(), workspace.into());
    EncodedRecord::new(record)
}

fn hub(ring: usize, rooms: usize) -> Arc<Hub> {
    Arc::new(Hub::new(
        "h",
        Bounds {
            ring,
            rooms,
            ..Bounds::default()
        },
    ))
}

/// What a listener heard, each part of one epoch.
#[derive(Debug, Default)]
struct Heard {
    epochs: Vec<String>,
    ids: Vec<u128>,
    missed: u64,
    gaps: usize,
}

/// Listens to workspace `a` until the hub is closed, and checks that the numbers follow on each other.
fn listen(hub: &Arc<Hub>) -> thread::JoinHandle<Heard> {
    let mut listener = hub.subscribe(&Scope::workspace("a"), &After::Ring);
    thread::spawn(move || {
        let mut heard = Heard::default();
        let mut next = 1;
        while let Some(batch) = block_on(listener.recv()) {
            if heard.epochs.last() != Some(&batch.epoch) {
                assert!(!heard.epochs.contains(&batch.epoch), "an epoch came again");
                assert!(heard.epochs.is_empty() || batch.missed.is_none(), "a gap was not told");
                heard.epochs.push(batch.epoch.clone());
                next = batch.seq - batch.missed.unwrap_or_default();
            }
            heard.missed += batch.missed.unwrap_or_default();
            heard.gaps += usize::from(batch.missed.is_none());
            assert_eq!(batch.seq, next + batch.missed.unwrap_or_default());
            next = batch.seq + batch.entries.len() as u64;
            for entry in &batch.entries {
                let record = EncodedRecord::from_json(Arc::clone(entry)).unwrap();
                heard.ids.push(record.record().audit_id.as_u128());
            }
        }
        heard
    })
}

/// Publishes two batches, `a` twice in the first and once in the second.
fn publish(hub: &Arc<Hub>, from: u128) -> thread::JoinHandle<()> {
    let hub = Arc::clone(hub);
    thread::spawn(move || {
        hub.publish(&[record(from, "a"), record(from + 1, "a")]);
        hub.publish(&[record(from + 2, "a"), record(from + 3, "b")]);
    })
}

fn is_in_order(ids: &[u128]) -> bool {
    let of = |from: u128| ids.iter().copied().filter(move |id| (from..from + 10).contains(id));
    ids.iter().collect::<BTreeSet<_>>().len() == ids.len() && of(10).is_sorted() && of(20).is_sorted()
}

#[test]
fn a_listener_hears_all_in_order_or_is_told_how_much_it_missed() {
    for ring in [1, 2, 16] {
        check(move || {
            let hub = hub(ring, 8);
            let listener = listen(&hub);
            for publisher in [publish(&hub, 10), publish(&hub, 20)] {
                publisher.join().unwrap();
            }
            hub.close();
            let heard = listener.join().unwrap();
            assert!(is_in_order(&heard.ids), "{heard:?}");
            assert_eq!(heard.ids.len() as u64 + heard.missed, 6, "{heard:?}");
            assert_eq!(heard.gaps, 0, "{heard:?}");
            assert!(ring < 16 || heard.missed == 0, "{heard:?}");
        });
    }
}

#[test]
fn a_listener_whose_room_goes_is_told_and_hears_what_comes_then() {
    check(|| {
        let hub = hub(2, 1);
        let other = hub.subscribe(&Scope::workspace("b"), &After::Now);
        let listener = listen(&hub);
        let publisher = publish(&hub, 10);
        let renewer = {
            let hub = Arc::clone(&hub);
            thread::spawn(move || hub.renew())
        };
        for thread in [publisher, renewer] {
            thread.join().unwrap();
        }
        // Whatever was lost on the way, this is heard.
        hub.publish(&[record(30, "a")]);
        hub.close();
        let heard = listener.join().unwrap();
        assert!(is_in_order(&heard.ids), "{heard:?}");
        assert_eq!(heard.ids.last(), Some(&30), "{heard:?}");
        assert!(heard.gaps > 0 && heard.gaps >= heard.epochs.len() - 1, "{heard:?}");
        drop(other);
        let (held, listeners) = hub.step(|rooms, _| (rooms.held(), rooms.listeners()));
        assert_eq!((held, listeners), (1, 0));
    });
}

#[test]
fn a_listener_that_waits_is_woken_when_its_room_goes() {
    check(|| {
        let hub = hub(2, 1);
        let mut listener = hub.subscribe(&Scope::workspace("a"), &After::Ring);
        let waiting = thread::spawn(move || {
            // The epoch of an entry, or of what takes its place.
            let first = block_on(listener.recv()).unwrap();
            first.missed.is_none() || block_on(listener.recv()).unwrap().missed.is_none()
        });
        hub.publish(&[record(1, "a")]);
        // The one ring that there may be goes over to another room.
        hub.publish(&[record(2, "b")]);
        assert!(waiting.join().unwrap());
    });
}

#[test]
fn listeners_come_and_go_while_rooms_do() {
    check(|| {
        let hub = hub(2, 2);
        let publisher = publish(&hub, 10);
        let comers: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .map(|workspace| {
                let hub = Arc::clone(&hub);
                thread::spawn(move || {
                    let scope = Scope::workspace(workspace);
                    let first = hub.subscribe(&scope, &After::Ring);
                    let mut second = hub.subscribe(&scope, &After::Ring);
                    drop(first);
                    hub.publish(&[record(workspace.len() as u128, workspace)]);
                    let batch = block_on(second.recv()).unwrap();
                    assert!(!batch.entries.is_empty() || batch.missed.is_none(), "{batch:?}");
                })
            })
            .collect();
        publisher.join().unwrap();
        for comer in comers {
            comer.join().unwrap();
        }
        hub.step(|rooms, _| {
            assert_eq!((rooms.held(), rooms.listeners()), (2, 0));
            // Those two, and the room of everything.
            assert_eq!(rooms.open_rooms(), 3);
        });
    });
}

#[test]
fn the_feed_wakes_for_whoever_stays_and_ends_with_the_hub() {
    check(|| {
        let hub = hub(2, 2);
        let feed = {
            let hub = Arc::clone(&hub);
            thread::spawn(move || block_on(hub.heard()))
        };
        let passing = {
            let hub = Arc::clone(&hub);
            thread::spawn(move || drop(hub.subscribe(&Scope::All, &After::Now)))
        };
        let staying = hub.subscribe(&Scope::Project(1), &After::Now);
        assert!(feed.join().unwrap());
        passing.join().unwrap();
        drop(staying);
        let feed = {
            let hub = Arc::clone(&hub);
            thread::spawn(move || block_on(hub.heard()))
        };
        hub.close();
        assert!(!feed.join().unwrap());
    });
}

#[test]
fn what_two_ways_bring_is_published_once() {
    check(|| {
        let hub = hub(8, 8);
        let ways: Vec<_> = (0..2)
            .map(|_| {
                let hub = Arc::clone(&hub);
                thread::spawn(move || {
                    let mut record = sample(Uuid::from_u128(1), 1);
                    record.writer_id = "other".into();
                    hub.adopted(&[EncodedRecord::new(record)]);
                })
            })
            .collect();
        for way in ways {
            way.join().unwrap();
        }
        assert_eq!(hub.replay(&Scope::All, &After::Ring).entries.len(), 1);
    });
}

#[test]
fn no_callback_runs_or_begins_after_its_end() {
    check(|| {
        let (gate, inside) = (Arc::new(Gate::default()), Arc::new(AtomicUsize::new(0)));
        let has_ended = Arc::new(AtomicBool::new(false));
        let caller = {
            let (gate, inside, has_ended) = (Arc::clone(&gate), Arc::clone(&inside), Arc::clone(&has_ended));
            thread::spawn(move || {
                for _ in 0..3 {
                    gate.pass(|| {
                        assert!(!has_ended.load(SeqCst));
                        inside.fetch_add(1, SeqCst);
                        thread::yield_now();
                        inside.fetch_sub(1, SeqCst);
                    });
                }
            })
        };
        gate.shut();
        gate.wait_until_empty();
        has_ended.store(true, SeqCst);
        assert_eq!(inside.load(SeqCst), 0);
        caller.join().unwrap();
    });
}

#[test]
fn a_callback_may_end_itself_while_others_wait_for_that() {
    check(|| {
        let gate = Arc::new(Gate::default());
        let waiting = {
            let gate = Arc::clone(&gate);
            thread::spawn(move || {
                gate.shut();
                gate.wait_until_empty();
            })
        };
        gate.pass(|| {
            gate.shut();
            gate.wait_until_empty();
        });
        gate.pass(|| panic!("passed a gate that is shut"));
        waiting.join().unwrap();
    });
}
