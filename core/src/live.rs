//! Who hears of it? The hub: live fan-out to rooms, each with a replay ring.
//!
//! A room is a workspace, a project, or everything. Its entries are numbered from 1 within an epoch; a subscriber reads from the ring at its
//! own pace, so a slow one misses entries (and is told how many) but never holds up the writer or anybody else. A room that loses its
//! past begins a new epoch; who listens to it is told, and goes on.

mod batch;
mod feed;
mod hub;
mod listener;
mod lru;
mod recent;
mod rooms;
mod scope;
mod subscription;

pub use batch::Batch;
pub(crate) use feed::{Feed, FeedTiming};
pub use hub::{Bounds, Hub};
pub use listener::Listener;
pub use scope::{After, Scope};
pub use subscription::Subscription;

#[cfg(all(test, tasktrail_shuttle))]
mod models;
#[cfg(test)]
mod tests;
