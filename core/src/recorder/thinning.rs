//! Progress is thinned before it is recorded: of what a task reports within an interval, the first and the last become records.
//!
//! The first is recorded at once and opens a window. What follows is kept back, one of each task, until the window ends or the task says
//! something else; what it takes the place of becomes no record.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{Kind, Recorder, Taken};
use crate::schema::{Call, Event, Timestamp};

/// Windows that are open at one time. Progress of further tasks is recorded as it comes.
const WINDOWS: usize = 10_000;
/// Part of the recorder's bound of bytes that may be kept back. What does not fit is recorded as it comes.
const SHARE: usize = 8;
/// Windows that are ended in one step: a host's thread may wait for it.
const CHUNK: usize = 128;

const TASK: &str = "task.";
const PROGRESS: &str = "task.progress";

/// A task, as a digest of what names it: a header's text is as long as its client likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Task([u8; 32]);

impl Task {
    /// The task that an event is about: its run, or else its project, its workspace, phase and work item.
    fn of(event: &Event, context: &Call) -> Option<Self> {
        if !event.event_type.starts_with(TASK) {
            return None;
        }
        let named = |field: &str, from_context: &Option<String>| {
            let told = event.text(field).map(str::to_owned).or_else(|| from_context.clone());
            told.filter(|text| !text.is_empty())
        };
        let run = named("runId", &context.run_id);
        let project = run.is_none().then(|| event.project_number.to_string());
        let parts = [
            run,
            project,
            named("workspaceId", &context.workspace_id),
            event.whole("phaseNumber").map(|number| number.to_string()),
            event.text("workItemId").map(str::to_owned),
        ];
        let mut digest = Sha256::new();
        for part in parts {
            // Length first, and one that nothing has for what is not there: neighbours must not run together.
            let length = part.as_ref().map_or(u64::MAX, |part| part.len() as u64);
            digest.update(length.to_be_bytes());
            digest.update(part.unwrap_or_default());
        }
        Some(Task(digest.finalize().into()))
    }
}

/// Progress that has not been recorded.
#[derive(Debug)]
struct Report {
    audit_id: Uuid,
    event: Event,
    context: Call,
}

impl Report {
    fn happened(&self) -> Timestamp {
        self.event.timestamp
    }

    fn size(&self) -> usize {
        self.event.size() + self.context.size()
    }
}

/// The time after a record of a task's progress in which further progress is kept back.
#[derive(Debug)]
struct Window {
    ends: Duration,
    /// Id of the record that opened it.
    recorded: Uuid,
    kept: Option<Report>,
}

/// What is done with progress that comes.
#[derive(Debug)]
enum Offered {
    /// It becomes a record, behind what is kept of its task.
    Recorded(Box<Report>),
    /// It is kept back, where nothing was.
    Kept,
    /// It, or what was kept in its place, becomes no record.
    Overtaken,
}

#[derive(Debug, Default)]
struct Windows {
    open: HashMap<Task, Window>,
    /// In the order of their ends. One that was closed before its end stays among them until then, so that they are never more.
    ends: VecDeque<(Duration, Task)>,
    /// What is kept holds so many.
    bytes: usize,
}

impl Windows {
    fn open(&mut self, task: Task, ends: Duration, recorded: Uuid) {
        self.ends.push_back((ends, task));
        let window = Window {
            ends,
            recorded,
            kept: None,
        };
        self.open.insert(task, window);
    }

    /// Decides about progress of a task. A window that it opens ends at `ends`.
    fn offer(&mut self, task: Task, report: Report, ends: Duration, max_bytes: usize) -> Offered {
        let Some(window) = self.open.get_mut(&task) else {
            if self.ends.len() < WINDOWS {
                self.open(task, ends, report.audit_id);
            }
            return Offered::Recorded(Box::new(report));
        };
        // Sent again: what has come since must not give way to it. The store knows its id.
        if window.recorded == report.audit_id {
            return Offered::Recorded(Box::new(report));
        }
        let before = match &window.kept {
            Some(kept) if kept.audit_id == report.audit_id || kept.happened() > report.happened() => {
                return Offered::Overtaken;
            }
            Some(kept) => kept.size(),
            None => 0,
        };
        let bytes = self.bytes - before + report.size();
        if bytes > max_bytes {
            return Offered::Recorded(Box::new(report));
        }
        self.bytes = bytes;
        match window.kept.replace(report) {
            Some(_) => Offered::Overtaken,
            None => Offered::Kept,
        }
    }

    /// What is kept of a task leaves.
    fn take(&mut self, task: &Task) -> Option<Report> {
        let kept = self.open.get_mut(task)?.kept.take()?;
        self.bytes -= kept.size();
        Some(kept)
    }

    /// All that is kept leaves.
    fn take_all(&mut self) -> Vec<Report> {
        let tasks: Vec<Task> = self.ends.iter().map(|(_, task)| *task).collect();
        tasks.iter().filter_map(|task| self.take(task)).collect()
    }

    /// Ends windows whose time has come. What they kept leaves, and with it a new one begins, which ends at `next`; the others are forgotten.
    fn end(&mut self, now: Duration, next: Duration) -> Vec<Report> {
        let mut left = Vec::new();
        for _ in 0..CHUNK {
            let Some((ends, task)) = self.ends.front().copied().filter(|(ends, _)| *ends <= now) else {
                break;
            };
            self.ends.pop_front();
            if self.open.get(&task).is_none_or(|window| window.ends != ends) {
                continue;
            }
            match self.take(&task) {
                Some(kept) => {
                    self.open(task, next, kept.audit_id);
                    left.push(kept);
                }
                None => {
                    self.open.remove(&task);
                }
            }
        }
        left
    }
}

/// What is kept back of the progress that tasks report.
#[derive(Debug)]
pub(super) struct Thinning {
    interval: Duration,
    max_bytes: usize,
    windows: Mutex<Windows>,
    /// As in `windows`, for those who only count.
    bytes: AtomicUsize,
    /// A window was opened; there may have been none.
    opened: Notify,
}

impl Thinning {
    /// `max_bytes` is the bound of all that a recorder holds. Without an interval, nothing is kept back.
    pub(super) fn new(interval: Duration, max_bytes: usize) -> Self {
        Thinning {
            interval,
            max_bytes: max_bytes / SHARE,
            windows: Mutex::default(),
            bytes: AtomicUsize::new(0),
            opened: Notify::new(),
        }
    }

    /// Memory that is kept back, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    fn task(&self, event: &Event, context: &Call) -> Option<Task> {
        if self.interval.is_zero() {
            return None;
        }
        Task::of(event, context)
    }

    fn step<T>(&self, step: impl FnOnce(&mut Windows) -> T) -> T {
        // Nothing that runs under the lock can leave a window half-changed by a panic.
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let had_none = windows.ends.is_empty();
        let answer = step(&mut windows);
        self.bytes.store(windows.bytes, Relaxed);
        if had_none && !windows.ends.is_empty() {
            self.opened.notify_one();
        }
        answer
    }
}

/// An event that came.
#[derive(Debug)]
pub(crate) enum Emitted {
    /// It becomes a record.
    Taken(Taken),
    /// It is kept back, under this id; it becomes a record unless something newer takes its place.
    KeptBack(Uuid),
}

/// Ends windows when their time has come.
pub(super) async fn run(recorder: Arc<Recorder>) {
    let thinning = &recorder.thinning;
    loop {
        let Some(ends) = thinning.step(|windows| windows.ends.front().map(|(ends, _)| *ends)) else {
            thinning.opened.notified().await;
            continue;
        };
        let left = ends.saturating_sub(recorder.clock.elapsed());
        if left.is_zero() {
            recorder.end_windows();
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(left).await;
        }
    }
}

impl Recorder {
    /// Takes an event, or keeps it back.
    pub(super) fn thin(&self, audit_id: Uuid, event: Event, context: Call) -> Emitted {
        let Some(task) = self.thinning.task(&event, &context) else {
            return Emitted::Taken(self.take_event(audit_id, event, context));
        };
        // Under the lock until there is a number: what a task says has its numbers in the order in which it was said.
        let emitted = self.thinning.step(|windows| {
            // Whoever closes the doors looks for what is kept afterwards.
            if event.event_type != PROGRESS || self.takes_more(false).is_err() {
                self.send_kept(windows.take(&task));
                windows.open.remove(&task);
                return Emitted::Taken(self.take_event(audit_id, event, context));
            }
            let report = Report {
                audit_id,
                event,
                context,
            };
            let ends = self.clock.elapsed() + self.thinning.interval;
            match windows.offer(task, report, ends, self.thinning.max_bytes) {
                Offered::Recorded(report) => {
                    self.send_kept(windows.take(&task));
                    let Report { event, context, .. } = *report;
                    return Emitted::Taken(self.take_event(audit_id, event, context));
                }
                // It waits in memory, as what is in the queue does.
                Offered::Kept => self.books.enter(),
                Offered::Overtaken => {
                    let mut books = self.books.open();
                    books.seen += 1;
                    books.skipped.coalesced += 1;
                }
            }
            Emitted::KeptBack(audit_id)
        });
        self.share_bound();
        emitted
    }

    fn end_windows(&self) {
        self.thinning.step(|windows| {
            let now = self.clock.elapsed();
            self.send_kept(windows.end(now, now + self.thinning.interval));
        });
        self.share_bound();
    }

    /// Nothing is kept back any longer of what came so far.
    pub(super) fn send_all_kept(&self) {
        self.thinning.step(|windows| self.send_kept(windows.take_all()));
        self.share_bound();
    }

    /// Sends on their way what was counted in when it came, whether or not the doors are closed by now.
    fn send_kept(&self, kept: impl IntoIterator<Item = Report>) {
        for report in kept {
            let size = report.size();
            let Report {
                audit_id,
                event,
                context,
            } = report;
            // It is recorded now, in the order of its number; when it happened it says itself.
            let stamp = self.stamp(Some(audit_id));
            self.enqueue(stamp, Kind::Event(Box::new(event), Box::new(context)), size, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::schema::validate_event;

    const SECOND: Duration = Duration::from_secs(1);

    fn event(kind: &str, data: &Value) -> Event {
        let mut whole = json!({ "projectNumber": 7, "phaseNumber": 1, "workItemId": "1.1", "workItemTitle": "t" });
        whole.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
        let text = json!({ "type": kind, "data": whole }).to_string();
        validate_event(&text, Timestamp::from_millis(1_700_000_000_000)).unwrap()
    }

    fn task(data: Value) -> Task {
        Task::of(&event(PROGRESS, &data), &Call::default()).unwrap()
    }

    fn report(id: u128) -> Report {
        Report {
            audit_id: Uuid::from_u128(id),
            event: event(PROGRESS, &json!({})),
            context: Call::default(),
        }
    }

    fn later(id: u128, by_ms: i64) -> Report {
        let mut report = report(id);
        report.event.timestamp = report.event.timestamp.plus_millis(by_ms);
        report
    }

    fn ids(reports: impl IntoIterator<Item = Report>) -> Vec<u128> {
        let mut ids: Vec<_> = reports.into_iter().map(|report| report.audit_id.as_u128()).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn a_task_is_its_run_or_project_workspace_phase_and_item() {
        let same = task(json!({}));
        assert_eq!(same, task(json!({ "percent": 40, "agentId": "a" })));
        let completed = event("task.completed", &json!({}));
        assert_eq!(Some(same), Task::of(&completed, &Call::default()));
        let in_context = Call {
            run_id: Some("r".into()),
            workspace_id: Some("w".into()),
            ..Call::default()
        };
        let told = task(json!({ "runId": "r", "workspaceId": "w" }));
        assert_eq!(Some(told), Task::of(&event(PROGRESS, &json!({})), &in_context));
        assert_eq!(
            told,
            task(json!({ "runId": "r", "workspaceId": "w", "projectNumber": 8 }))
        );
        let others = [
            json!({ "projectNumber": 8 }),
            json!({ "phaseNumber": 2 }),
            json!({ "workItemId": "1.2" }),
            json!({ "workspaceId": "w" }),
            json!({ "runId": "7" }),
            json!({ "runId": "w" }),
        ];
        for (at, other) in others.iter().enumerate() {
            assert_ne!(task(other.clone()), same, "{other}");
            for another in &others[..at] {
                assert_ne!(task(other.clone()), task(another.clone()), "{other} {another}");
            }
        }
        let phase = event("phase.started", &json!({ "phaseName": "p", "totalItems": 1 }));
        assert_eq!(Task::of(&phase, &Call::default()), None);
    }

    #[test]
    fn of_one_window_the_first_and_the_last_are_recorded_and_then_the_next_begins() {
        let (mut windows, task) = (Windows::default(), task(json!({})));
        let offer = |windows: &mut Windows, id| windows.offer(task, report(id), SECOND, usize::MAX);
        assert!(matches!(offer(&mut windows, 1), Offered::Recorded(_)));
        assert!(matches!(offer(&mut windows, 2), Offered::Kept));
        assert!(matches!(offer(&mut windows, 3), Offered::Overtaken));
        assert!(windows.end(SECOND - Duration::from_nanos(1), SECOND * 2).is_empty());
        assert_eq!(ids(windows.end(SECOND, SECOND * 2)), [3]);
        assert_eq!(windows.bytes, 0);
        assert!(matches!(offer(&mut windows, 4), Offered::Kept));
        assert_eq!(ids(windows.end(SECOND * 2, SECOND * 3)), [4]);
        assert!(windows.end(SECOND * 3, SECOND * 4).is_empty());
        assert!(
            windows.open.is_empty() && windows.ends.is_empty(),
            "who is idle is forgotten"
        );
        assert!(matches!(offer(&mut windows, 5), Offered::Recorded(_)));
    }

    #[test]
    fn what_comes_again_or_late_does_not_overtake_what_happened_after_it() {
        let (mut windows, task) = (Windows::default(), task(json!({})));
        let mut offer = |report| windows.offer(task, report, SECOND, usize::MAX);
        assert!(matches!(offer(report(1)), Offered::Recorded(_)));
        assert!(matches!(offer(later(3, 10)), Offered::Kept));
        assert!(matches!(offer(report(1)), Offered::Recorded(_)), "its store knows it");
        assert!(matches!(offer(later(3, 20)), Offered::Overtaken), "it is kept already");
        assert!(matches!(offer(later(2, 9)), Offered::Overtaken));
        assert_eq!(ids(windows.take(&task)), [3]);
        let mut offer = |report| windows.offer(task, report, SECOND, usize::MAX);
        offer(later(4, 10));
        offer(later(5, 10));
        assert_eq!(ids(windows.take_all()), [5], "of one moment, the last to come");
    }

    #[test]
    fn a_window_that_was_closed_early_does_not_end_the_next_of_its_task() {
        let (mut windows, task) = (Windows::default(), task(json!({})));
        windows.offer(task, report(1), SECOND, usize::MAX);
        windows.open.remove(&task);
        let half = SECOND / 2;
        assert!(matches!(
            windows.offer(task, report(2), SECOND + half, usize::MAX),
            Offered::Recorded(_)
        ));
        assert!(matches!(
            windows.offer(task, report(3), SECOND + half, usize::MAX),
            Offered::Kept
        ));
        assert!(windows.end(SECOND, SECOND * 2).is_empty());
        assert_eq!(ids(windows.end(SECOND + half, SECOND * 3)), [3]);
    }

    #[test]
    fn windows_and_bytes_are_bounded_and_what_has_no_room_is_recorded() {
        let mut windows = Windows::default();
        let of = |number: usize| task(json!({ "workItemId": number }));
        for number in 0..WINDOWS {
            windows.offer(of(number), report(1), SECOND, usize::MAX);
        }
        for id in 2..4 {
            let more = windows.offer(of(WINDOWS), report(id), SECOND, usize::MAX);
            assert!(matches!(more, Offered::Recorded(_)));
        }
        // One that is closed gives no room before its end: another could take it again and again.
        windows.open.remove(&of(0));
        windows.offer(of(0), report(1), SECOND, usize::MAX);
        assert_eq!((windows.open.len(), windows.ends.len()), (WINDOWS - 1, WINDOWS));

        let room = report(9).size() * 2;
        assert!(matches!(windows.offer(of(1), report(9), SECOND, room), Offered::Kept));
        assert!(matches!(windows.offer(of(2), report(9), SECOND, room), Offered::Kept));
        assert!(matches!(
            windows.offer(of(1), report(10), SECOND, room),
            Offered::Overtaken
        ));
        assert!(matches!(
            windows.offer(of(3), report(9), SECOND, room),
            Offered::Recorded(_)
        ));
        assert_eq!(windows.bytes, room);
        assert_eq!(ids(windows.take_all()), [9, 10]);
        assert_eq!(windows.bytes, 0);
        let mut ended = 0;
        while !windows.ends.is_empty() {
            assert!(windows.end(SECOND, SECOND * 2).is_empty());
            ended += 1;
        }
        assert_eq!(ended, WINDOWS.div_ceil(CHUNK), "a step at a time");
    }
}
