//! Settings of a trail.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result, from_json};
use crate::retention::{Retention, RetentionPolicy};
use crate::sanitize::Policy;
use crate::schema::OperationRule;
use crate::schema::limit;
use crate::secret::Secret;

/// When [`crate::Trail::record`] has done its part, and so what an accident can cost; `docs/guarantees.md` has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Queued in memory; the store has it within a batch's delay and one write, or else the spool within a second.
    #[default]
    Relaxed,
    /// Queued; a group commit to the spool starts within 5 ms. Needs a spool.
    Durable,
    /// As durable, without the 5 ms. Who needs to know waits: [`crate::Trail::record_durable`]. Needs a spool.
    Strict,
}

/// What gives way when the spool is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum WhenFull {
    /// What is on disk stays. What comes waits in memory, whose oldest records go when it is full as well; nothing is acknowledged.
    #[default]
    Keep,
    /// The oldest records on disk go, acknowledged ones too, each counted and reported as a gap.
    DropOldest,
}

/// A thousand years.
const MAX_DAYS: u64 = 365_000;

/// Settings of a trail; each has a default.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(
    feature = "typescript",
    derive(ts_rs::TS),
    ts(rename = "TrailOptions", optional_fields)
)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// Name of the host service, on every record; at most 256 bytes.
    pub service: Option<String>,
    /// Which instance of it; at most 256 bytes.
    pub instance_id: Option<String>,
    /// How long opening may take, in milliseconds. Default 5,000.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>", optional))]
    pub open_timeout_ms: u32,
    /// Open even while the store is away: what comes is kept in memory and sent once it is reached. Default false.
    #[cfg_attr(feature = "typescript", ts(as = "Option<bool>", optional))]
    pub degraded_start: bool,
    /// Days for which records are kept; null keeps them for ever. Default 90.
    #[cfg_attr(feature = "typescript", ts(type = "number | null", optional))]
    pub retention_days: Option<u32>,
    /// Key of the actor fingerprints. Without it they are stable but not secret to who can guess keys.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub hash_key: Option<Secret>,
    /// Key of the API at an `http:` or `https:` store, sent as `X-Api-Key`: 1 to 1,024 visible ASCII characters. Default the
    /// environment's STATE_TRACKING_API_KEY. Other stores do not look at it.
    #[cfg_attr(feature = "typescript", ts(as = "Option<String>"))]
    pub api_key: Option<Secret>,
    /// Rules of the sanitizer that go before those that ship, and bounds of what it keeps.
    #[cfg_attr(feature = "typescript", ts(as = "Option<Policy>", optional))]
    pub sanitizer: Policy,
    /// How long the records of a workspace are kept, by its id: days, or null for ever (a legal hold). Others follow `retentionDays`.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, number | null>", optional))]
    pub retention_by_workspace: BTreeMap<String, Option<u32>>,
    /// What an accident can cost. Default "relaxed".
    #[cfg_attr(feature = "typescript", ts(as = "Option<Mode>", optional))]
    pub mode: Mode,
    /// Folder of the spool, which keeps records on disk while the store cannot take them; created when it lacks. Several trails
    /// may share one. Default none.
    pub spool: Option<PathBuf>,
    /// Bytes of records that the trail's own file in the spool may hold, 1 MiB to 1 TiB. Default 1 GiB.
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub spool_max_bytes: u64,
    /// What gives way when the spool is full. Default "keep".
    #[cfg_attr(feature = "typescript", ts(as = "Option<WhenFull>", optional))]
    pub spool_when_full: WhenFull,
    /// Bytes of memory for records that wait, 1 MiB to 4 GiB. Default 64 MiB.
    #[cfg_attr(feature = "typescript", ts(type = "number", optional))]
    pub queue_max_bytes: u64,
    /// Records that are kept in memory while the store cannot take them, 100 to 1,000,000. Default 10,000.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>", optional))]
    pub fallback_capacity: u32,
    /// Records of one write, 1 to 10,000. Default 500.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>", optional))]
    pub batch_size: u32,
    /// How long a batch is gathered, in milliseconds, at most 10,000. Default 50.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>", optional))]
    pub batch_delay_ms: u32,
    /// How often the progress of one task (`task.progress`) becomes a record, in milliseconds, at most 60,000: the first at once, and then
    /// the newest of each interval. 0 makes a record of each. Default 1,000.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>", optional))]
    pub progress_interval_ms: u32,
    /// Rules for the host's own routes: what their calls do and how much of them is kept. They come before those for the routes of
    /// the seed's system.
    #[cfg_attr(feature = "typescript", ts(as = "Option<Vec<OperationRule>>", optional))]
    pub operations: Vec<OperationRule>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            service: None,
            instance_id: None,
            open_timeout_ms: 5_000,
            degraded_start: false,
            retention_days: Some(90),
            hash_key: None,
            api_key: None,
            sanitizer: Policy::default(),
            retention_by_workspace: BTreeMap::new(),
            mode: Mode::Relaxed,
            spool: None,
            spool_max_bytes: 1 << 30,
            spool_when_full: WhenFull::Keep,
            queue_max_bytes: 64 << 20,
            fallback_capacity: 10_000,
            batch_size: 500,
            batch_delay_ms: 50,
            progress_interval_ms: 1_000,
            operations: Vec::new(),
        }
    }
}

impl Options {
    /// Reads options from JSON; unknown names are refused.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`] naming the option.
    pub fn from_json(text: &str) -> Result<Self> {
        let options: Options = from_json(text, Code::OptionsInvalid, "not a trail's options")?;
        options.check()?;
        Ok(options)
    }

    /// How long records are kept.
    pub(super) fn retention(&self) -> RetentionPolicy {
        let keep = |days: Option<u32>| days.map_or(Retention::Forever, Retention::Days);
        RetentionPolicy {
            default: keep(self.retention_days),
            workspaces: self
                .retention_by_workspace
                .iter()
                .map(|(id, days)| (id.clone(), keep(*days)))
                .collect(),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let ranges = [
            ("openTimeoutMs", self.open_timeout_ms.into(), 1, 600_000),
            ("fallbackCapacity", self.fallback_capacity.into(), 100, 1_000_000),
            ("batchSize", self.batch_size.into(), 1, 10_000),
            ("batchDelayMs", self.batch_delay_ms.into(), 0, 10_000),
            ("progressIntervalMs", self.progress_interval_ms.into(), 0, 60_000),
            ("retentionDays", self.retention_days.unwrap_or(1).into(), 1, MAX_DAYS),
            ("spoolMaxBytes", self.spool_max_bytes, 1 << 20, 1 << 40),
            ("queueMaxBytes", self.queue_max_bytes, 1 << 20, 1 << 32),
        ];
        for (id, days) in &self.retention_by_workspace {
            let days = u64::from(days.unwrap_or(1));
            if !(1..=MAX_DAYS).contains(&days) {
                let name = format!("retentionByWorkspace.{id}");
                let message =
                    format!("option `{name}` is a whole number of days from 1 to {MAX_DAYS}, or null, not {days}");
                return Err(Error::new(Code::OptionsInvalid, message).with_field(name));
            }
        }
        if self.mode != Mode::Relaxed && self.spool.is_none() {
            let message = "option `mode` durable or strict needs a folder for the spool; name one in `spool`";
            return Err(Error::new(Code::OptionsInvalid, message).with_field("spool"));
        }
        if self.api_key.as_deref().is_some_and(|key| !is_header_value(key)) {
            let message = "option `apiKey` is 1 to 1,024 visible ASCII characters";
            return Err(Error::new(Code::OptionsInvalid, message).with_field("apiKey"));
        }
        for (name, text) in [("service", &self.service), ("instanceId", &self.instance_id)] {
            let length = text.as_ref().map_or(0, String::len);
            if length > limit::ID {
                let message = format!(
                    "option `{name}` is at most {} bytes long; this one has {length}",
                    limit::ID
                );
                return Err(Error::new(Code::OptionsInvalid, message).with_field(name));
            }
        }
        for (name, value, least, most) in ranges {
            if !(least..=most).contains(&value) {
                let message = format!("option `{name}` is a whole number from {least} to {most}, not {value}");
                return Err(Error::new(Code::OptionsInvalid, message).with_field(name));
            }
        }
        Ok(())
    }
}

/// Whether a key can travel in a header as it is.
fn is_header_value(key: &str) -> bool {
    (1..=1_024).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}
