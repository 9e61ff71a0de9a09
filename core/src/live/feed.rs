//! The arrival feed: what other processes wrote, from a poll of the store while somebody listens.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::Hub;
use super::recent::RECENT;
use crate::error::{Code, Error, Result};
use crate::query::StoredRecord;
use crate::recorder::{Backoff, answer_within};
use crate::store::{Arrived, EncodedRecord, Store};

/// Records of one question to the store.
const PAGE: u32 = 1_000;
/// Questions after which catching up, or reading again what was there at the start, is given up.
const MOST_PAGES: usize = RECENT / PAGE as usize;
const DEADLINE: Duration = Duration::from_secs(10);
/// How long a trail's opening waits for the first look.
const FIRST_LOOK: Duration = Duration::from_secs(1);

/// Times of the feed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FeedTiming {
    /// Between two looks at the store.
    pub(crate) every: Duration,
    /// How long it goes on when the last listener has left.
    pub(crate) rest_after: Duration,
    /// Where records may become visible late: how much each look reads again.
    pub(crate) look_back: Duration,
    /// Where records may become visible late: how often all is read again that may have become visible since.
    pub(crate) look_back_fully_every: Duration,
    /// Bound of the first pause after a failure.
    pub(crate) first_retry: Duration,
    /// Bound of every later pause.
    pub(crate) last_retry: Duration,
}

impl Default for FeedTiming {
    fn default() -> Self {
        FeedTiming {
            every: Duration::from_millis(250),
            rest_after: Duration::from_secs(60),
            look_back: Duration::from_secs(1),
            look_back_fully_every: Duration::from_secs(5),
            first_retry: Duration::from_millis(500),
            last_retry: Duration::from_secs(10),
        }
    }
}

/// Publishes to a hub what others bring to the trail's store. While nobody listens it does nothing at all.
#[derive(Debug)]
pub(crate) struct Feed {
    hub: Arc<Hub>,
    timing: FeedTiming,
}

impl Feed {
    pub(crate) fn new(hub: Arc<Hub>, timing: FeedTiming) -> Self {
        Feed { hub, timing }
    }

    /// Has a first look at a store that was opened just now: what arrives from then on can be told to the first who listens.
    pub(crate) async fn begin(self, store: Arc<dyn Store>) -> Follower {
        let mut follower = Follower {
            marks: None,
            store,
            backoff: Backoff::new(self.timing.first_retry, self.timing.last_retry),
            is_away: false,
            feed: self,
        };
        // Should it fail, it is done when somebody listens.
        if let Ok(Arrived { newest, .. }) = follower.ask(None, FIRST_LOOK).await {
            follower.marks = Some(Marks::at(newest, &*follower.store));
            // Who was quicker may have read the store before what arrived just now.
            if follower.feed.hub.is_asked() {
                follower.feed.hub.renew();
            }
        }
        follower
    }
}

/// How far the store was read.
#[derive(Debug)]
struct Marks {
    newest: u64,
    /// What was the newest when, the oldest first.
    history: VecDeque<(Instant, u64)>,
    /// When the last look began that read again all that may have become visible late.
    last_full: Instant,
}

impl Marks {
    /// Everything up to `newest` was there by now.
    fn at(newest: u64, store: &dyn Store) -> Self {
        let (now, late) = (Instant::now(), store.late_arrivals());
        let mut history = VecDeque::new();
        if !late.is_zero() {
            history.push_back((now.checked_sub(late).unwrap_or(now), store.rewound(newest, late)));
        }
        history.push_back((now, newest));
        Marks {
            newest,
            history,
            last_full: now,
        }
    }

    /// The newest as it was at a time, or at the oldest time that is known.
    fn as_of(&self, time: Option<Instant>) -> u64 {
        let before = |(at, _): &&(Instant, u64)| time.is_some_and(|time| *at <= time);
        let known = self.history.iter().rev().find(before).or_else(|| self.history.front());
        known.map_or(self.newest, |(_, newest)| *newest)
    }

    fn note(&mut self, late: Duration) {
        self.history.push_back((Instant::now(), self.newest));
        // The last one that a full look can go back to stays.
        let needed = self.last_full.checked_sub(late);
        while self
            .history
            .get(1)
            .is_some_and(|(at, _)| late.is_zero() || needed.is_some_and(|needed| *at <= needed))
        {
            self.history.pop_front();
        }
    }
}

/// A feed that knows from where it goes on.
#[derive(Debug)]
pub(crate) struct Follower {
    feed: Feed,
    store: Arc<dyn Store>,
    marks: Option<Marks>,
    backoff: Backoff,
    is_away: bool,
}

impl Follower {
    /// Runs until the hub or the store is closed. A hub has one feed at a time.
    pub(crate) async fn run(mut self) {
        while self.feed.hub.heard().await {
            if !self.follow().await {
                return;
            }
        }
    }

    /// Looks at the store again and again, until nobody has listened for a while; false when it is over for good.
    async fn follow(&mut self) -> bool {
        let timing = self.feed.timing;
        let mut last_heard = Instant::now();
        let mut is_catching_up = true;
        loop {
            let looked = if is_catching_up {
                self.catch_up().await
            } else {
                self.look().await
            };
            let pause = match looked {
                Ok(()) => {
                    is_catching_up = false;
                    self.came_back();
                    timing.every
                }
                Err(error) if error.code() == Code::Closed => return false,
                Err(error) => {
                    self.went_away(&error);
                    self.backoff.pause()
                }
            };
            if self.feed.hub.is_closed() {
                return false;
            }
            if self.feed.hub.is_heard() {
                last_heard = Instant::now();
            } else if last_heard.elapsed() >= timing.rest_after {
                return true;
            }
            sleep(pause).await;
        }
    }

    async fn ask(&self, after: Option<u64>, deadline: Duration) -> Result<Arrived> {
        let (store, hub) = (Arc::clone(&self.store), Arc::clone(&self.feed.hub));
        answer_within(
            deadline,
            async move { store.arrived(after, hub.writer_id(), PAGE).await },
        )
        .await
    }

    /// Publishes what has arrived since the last look, and what has become visible behind it.
    async fn look(&mut self) -> Result<()> {
        let (now, late) = (Instant::now(), self.store.late_arrivals());
        let Some(marks) = &self.marks else {
            return self.start_at_the_end().await;
        };
        let timing = self.feed.timing;
        let is_full = now.duration_since(marks.last_full) >= timing.look_back_fully_every;
        let mut from = if late.is_zero() {
            marks.newest
        } else if is_full {
            // Whatever became visible after the last full look, however late, arrived after this.
            marks.as_of(marks.last_full.checked_sub(late))
        } else {
            marks.as_of(now.checked_sub(timing.look_back.min(late)))
        };
        loop {
            let arrived = self.ask(Some(from), DEADLINE).await?;
            self.advance(arrived.newest);
            let unheard = self.unheard(arrived.records);
            self.feed.hub.adopted(&unheard);
            // A store that stays where it is has no more, whatever it says.
            if !arrived.more || arrived.newest <= from {
                break;
            }
            from = arrived.newest;
        }
        if let Some(marks) = &mut self.marks {
            if is_full {
                marks.last_full = now;
            }
            marks.note(late);
        }
        Ok(())
    }

    /// After a pause: publishes what has arrived meanwhile if a ring can hold it. Otherwise continuity is broken.
    async fn catch_up(&mut self) -> Result<()> {
        let (now, late) = (Instant::now(), self.store.late_arrivals());
        let Some(marks) = &self.marks else {
            return self.start_at_the_end().await;
        };
        let mut from = if late.is_zero() {
            marks.newest
        } else {
            marks.as_of(marks.last_full.checked_sub(late))
        };
        let mut newest = marks.newest;
        let mut backlog = Vec::new();
        for _ in 0..MOST_PAGES {
            let arrived = self.ask(Some(from), DEADLINE).await?;
            newest = newest.max(arrived.newest);
            backlog.extend(self.unheard(arrived.records));
            if backlog.len() > self.feed.hub.bounds().ring {
                break;
            }
            if !arrived.more || arrived.newest <= from {
                self.feed.hub.adopted(&backlog);
                self.advance(newest);
                if let Some(marks) = &mut self.marks {
                    marks.last_full = now;
                    marks.note(late);
                }
                return Ok(());
            }
            from = arrived.newest;
        }
        self.start_at_the_end().await
    }

    /// Takes what is there as read, and lets every room begin anew: who listens then reads from the store what it has not seen.
    async fn start_at_the_end(&mut self) -> Result<()> {
        let newest = self.ask(None, DEADLINE).await?.newest;
        let late = self.store.late_arrivals();
        let marks = Marks::at(newest, &*self.store);
        if !late.is_zero() {
            // What is visible by now will be read from the store, so that it is not published when it is read again.
            let mut from = marks.as_of(None);
            for _ in 0..MOST_PAGES {
                let arrived = self.ask(Some(from), DEADLINE).await?;
                let ids = arrived.records.iter().map(|stored| stored.audit_id);
                self.feed.hub.remember(ids);
                if !arrived.more || arrived.newest <= from {
                    break;
                }
                from = arrived.newest;
            }
        }
        self.marks = Some(marks);
        self.feed.hub.renew();
        Ok(())
    }

    fn advance(&mut self, newest: u64) {
        if let Some(marks) = &mut self.marks {
            marks.newest = marks.newest.max(newest);
        }
    }

    /// Reads the records that were not published yet.
    fn unheard(&self, records: Vec<StoredRecord>) -> Vec<EncodedRecord> {
        let hub = &self.feed.hub;
        let unheard: HashSet<Uuid> = hub
            .unheard(records.iter().map(|stored| stored.audit_id))
            .into_iter()
            .collect();
        let mut unreadable = None;
        let read = records
            .into_iter()
            .filter(|stored| unheard.contains(&stored.audit_id))
            .filter_map(|stored| match EncodedRecord::from_json(stored.json) {
                Ok(record) => Some(record),
                Err(error) => {
                    // Once is enough.
                    hub.remember([stored.audit_id]);
                    unreadable = Some((stored.audit_id, error));
                    None
                }
            })
            .collect();
        if let Some((audit_id, error)) = unreadable {
            tracing::warn!(
                target: "tasktrail",
                %audit_id,
                code = error.code().as_str(),
                "a record that another process wrote cannot be read; live views leave it out: {error}"
            );
        }
        read
    }

    /// Said once an outage.
    fn went_away(&mut self, error: &Error) {
        if !std::mem::replace(&mut self.is_away, true) {
            tracing::warn!(
                target: "tasktrail",
                code = error.code().as_str(),
                "the audit store does not say what other processes wrote; until it does, live views show what this one writes: {error}"
            );
        }
    }

    fn came_back(&mut self) {
        self.backoff.reset();
        if std::mem::replace(&mut self.is_away, false) {
            tracing::info!(target: "tasktrail", "the audit store says again what other processes wrote");
        }
    }
}

#[cfg(test)]
mod tests;
