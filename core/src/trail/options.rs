//! Settings of a trail.

use serde::Deserialize;

use crate::error::{Code, Error, Result, from_json};
use crate::sanitize::Policy;
use crate::schema::OperationRule;
use crate::schema::limit;

/// How long records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// So many days from when a record was taken in.
    Days(u32),
    /// For ever.
    Forever,
}

impl Retention {
    /// So many days.
    pub const fn days(days: u32) -> Self {
        Retention::Days(days)
    }
}

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
    pub hash_key: Option<String>,
    /// Rules of the sanitizer that go before those that ship, and bounds of what it keeps.
    #[cfg_attr(feature = "typescript", ts(as = "Option<Policy>", optional))]
    pub sanitizer: Policy,
    /// Records that are kept in memory while the store cannot take them, 100 to 1,000,000. Default 10,000.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>", optional))]
    pub fallback_capacity: u32,
    /// Records of one write, 1 to 10,000. Default 500.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>", optional))]
    pub batch_size: u32,
    /// How long a batch is gathered, in milliseconds, at most 10,000. Default 50.
    #[cfg_attr(feature = "typescript", ts(as = "Option<u32>", optional))]
    pub batch_delay_ms: u32,
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
            sanitizer: Policy::default(),
            fallback_capacity: 10_000,
            batch_size: 500,
            batch_delay_ms: 50,
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

    pub(super) fn check(&self) -> Result<()> {
        let ranges = [
            ("openTimeoutMs", self.open_timeout_ms, 1, 600_000),
            ("fallbackCapacity", self.fallback_capacity, 100, 1_000_000),
            ("batchSize", self.batch_size, 1, 10_000),
            ("batchDelayMs", self.batch_delay_ms, 0, 10_000),
            ("retentionDays", self.retention_days.unwrap_or(1), 1, 365_000),
        ];
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
