//! Times: UTC, whole milliseconds.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, negative before it.
///
/// As text (JSON, REST, sockets) it is RFC 3339 in UTC with three decimals; in MongoDB a BSON date; in SQLite an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Earliest and latest time that RFC 3339 can write: years 0000 to 9999.
    const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

    /// From milliseconds since the epoch, clamped to the years 0000 to 9999.
    pub const fn from_millis(millis: i64) -> Self {
        let (first, last) = (*Self::RANGE.start(), *Self::RANGE.end());
        Timestamp(if millis < first {
            first
        } else if millis > last {
            last
        } else {
            millis
        })
    }

    /// From milliseconds since the epoch; `None` outside the years 0000 to 9999.
    pub(super) fn in_range(millis: i64) -> Option<Self> {
        Self::RANGE.contains(&millis).then_some(Timestamp(millis))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 (any offset) or a bare date (`2026-11-22`, midnight UTC). Finer than a millisecond is truncated.
    pub fn parse(text: &str) -> Option<Self> {
        let millis = if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            time.timestamp_millis()
        } else {
            let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()
        };
        Self::in_range(millis)
    }

    /// This time moved by `millis`, clamped to the range.
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Timestamp;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an RFC 3339 time such as 2026-11-22T22:00:00.000Z, or milliseconds since 1970")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                Timestamp::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
            fn visit_i64<E: de::Error>(self, millis: i64) -> Result<Timestamp, E> {
                Ok(Timestamp::from_millis(millis))
            }
            fn visit_u64<E: de::Error>(self, millis: u64) -> Result<Timestamp, E> {
                Ok(Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX)))
            }
            fn visit_f64<E: de::Error>(self, millis: f64) -> Result<Timestamp, E> {
                if millis.is_finite() {
                    // Saturating by definition of `as`; the clamp brings it into range.
                    Ok(Timestamp::from_millis(millis.floor() as i64))
                } else {
                    Err(E::invalid_value(de::Unexpected::Float(millis), &self))
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_millis_round_trip_at_the_edges() {
        for millis in [0, -1, 1, 1_700_000_000_123, -62_167_219_200_000, 253_402_300_799_999] {
            let time = Timestamp::from_millis(millis);
            assert_eq!(time.millis(), millis);
            assert_eq!(Timestamp::parse(&time.to_string()), Some(time), "{time}");
        }
        assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn reads_offsets_dates_and_truncates() {
        assert_eq!(
            Timestamp::parse("2026-11-22T23:00:00.0009+01:00").unwrap().to_string(),
            "2026-11-22T22:00:00.000Z"
        );
        assert_eq!(
            Timestamp::parse("2026-11-22").unwrap().to_string(),
            "2026-11-22T00:00:00.000Z"
        );
        assert_eq!(Timestamp::parse("yesterday"), None);
    }
}
