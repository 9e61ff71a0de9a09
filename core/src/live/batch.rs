//! What a subscriber is given.

use std::sync::Arc;

use serde::Serialize;

/// Consecutive entries of one room.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The room.
    pub room: String,
    /// Numbers are comparable only within one epoch.
    pub epoch: String,
    /// Number of the first entry, or of the next one to come when there are none.
    pub seq: u64,
    /// The records, as JSON.
    pub entries: Vec<Arc<str>>,
    /// Entries before these that the subscriber asked for and the ring no longer holds; `None` when it is not known how many.
    pub missed: Option<u64>,
}

#[derive(Serialize)]
struct BatchJson<'a> {
    room: &'a str,
    epoch: &'a str,
    seq: u64,
    missed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    lagged: Option<u64>,
}

impl Batch {
    /// Whether all that was asked for is here or was given before. Otherwise something is gone from the ring and must come from the store.
    pub fn is_gapless(&self) -> bool {
        self.missed == Some(0)
    }

    /// `{"room","epoch","seq","missed","lagged"?,"entries":[…]}`.
    pub fn to_json(&self) -> String {
        let head = BatchJson {
            room: &self.room,
            epoch: &self.epoch,
            seq: self.seq,
            missed: !self.is_gapless(),
            lagged: self.missed.filter(|missed| *missed > 0),
        };
        // Plain data with text keys: serde_json has no way to fail on it.
        let mut text = serde_json::to_string(&head).unwrap_or_default();
        if text.pop().is_some() {
            text.push_str(",\"entries\":[");
            text.push_str(&self.entries.join(","));
            text.push_str("]}");
        }
        text
    }
}
