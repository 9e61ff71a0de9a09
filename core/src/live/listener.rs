//! One subscriber's place in a room.

use std::future::poll_fn;
use std::sync::Arc;

use super::rooms::{Found, Seat};
use super::{Batch, Hub, Scope};

/// One subscriber's place in a room.
#[derive(Debug)]
pub struct Listener {
    hub: Arc<Hub>,
    scope: Scope,
    seat: Seat,
    backlog: Option<Found>,
}

impl Listener {
    pub(super) fn new(hub: Arc<Hub>, scope: Scope, seat: Seat, backlog: Option<Found>) -> Self {
        Listener {
            hub,
            scope,
            seat,
            backlog,
        }
    }

    /// The next entries, as many as there are. [`Batch::missed`] says how many were lost because this listener was slow; it is `None`, and
    /// the epoch a new one, when the room lost its past. `None` once the trail is closed and everything was given. A wait may be
    /// given up without losing anything.
    pub async fn recv(&mut self) -> Option<Batch> {
        let found = match self.backlog.take() {
            Some(backlog) => backlog,
            None => {
                let (hub, seat) = (&self.hub, &mut self.seat);
                poll_fn(|context| hub.step(|rooms, aside| rooms.take(seat, context.waker(), aside))).await?
            }
        };
        Some(self.hub.batch(&self.scope, found))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hub.step(|rooms, aside| rooms.leave(&self.seat, aside));
    }
}
