//! Bursts from several threads at once, on threads that stay.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tasktrail::Call;

/// One way to hand a record over.
pub(crate) trait Side: Send + Sync {
    /// What is made before the clock starts: the calls that a thread hands over, or none.
    fn ready(&self, calls: &[Call]) -> Vec<Call> {
        let _ = calls;
        Vec::new()
    }

    /// Hands so many records over: the timed part.
    fn hand_over(&self, calls: &[Call], ready: Vec<Call>);

    /// Waits until nothing is left of a burst.
    fn drain(&self);
}

type Task = Box<dyn FnOnce() + Send>;

/// Threads that wait for the next burst.
pub(crate) struct Threads {
    lanes: Vec<Sender<Task>>,
    handles: Vec<JoinHandle<()>>,
}

/// What a burst took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    /// From the first thread's start to the last one's end.
    pub(crate) wall: Duration,
    /// What all threads worked.
    pub(crate) worked: Duration,
}

impl Threads {
    pub(crate) fn new(count: usize) -> Self {
        let (lanes, handles) = (0..count)
            .map(|_| {
                let (lane, tasks): (Sender<Task>, Receiver<Task>) = channel();
                let handle = std::thread::spawn(move || tasks.into_iter().for_each(|task| task()));
                (lane, handle)
            })
            .unzip();
        Threads { lanes, handles }
    }

    /// Each thread hands the calls over once; then the burst drains.
    pub(crate) fn burst(&self, side: &Arc<dyn Side>, calls: &Arc<[Call]>) -> Took {
        let start = Arc::new(Barrier::new(self.lanes.len()));
        let (answer, answers) = channel();
        for lane in &self.lanes {
            let (side, calls, start, answer) =
                (Arc::clone(side), Arc::clone(calls), Arc::clone(&start), answer.clone());
            let task = move || {
                let ready = side.ready(&calls);
                start.wait();
                let (began, working) = (Instant::now(), worked());
                side.hand_over(&calls, ready);
                answer.send((began, Instant::now(), worked() - working)).unwrap();
            };
            lane.send(Box::new(task)).unwrap();
        }
        let all: Vec<(Instant, Instant, Duration)> = answers.iter().take(self.lanes.len()).collect();
        side.drain();
        let first = all.iter().map(|(began, ..)| *began).min().unwrap();
        let last = all.iter().map(|(_, ended, _)| *ended).max().unwrap();
        Took {
            wall: last - first,
            worked: all.iter().map(|(.., worked)| *worked).sum(),
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.lanes.clear();
        for handle in self.handles.drain(..) {
            handle.join().unwrap();
        }
    }
}

/// What this thread has worked so far.
pub(crate) fn worked() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}
