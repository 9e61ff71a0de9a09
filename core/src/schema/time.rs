//! Times: UTC, whole milliseconds.

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

    /// Reads RFC 3339 (any offset) or a bare date (`2026-11-22`, midnight UTC). Finer than a millisecond is truncated; a leap second
    /// is the first of the next minute.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader(text.as_bytes());
        let millis = reader.date()?.checked_add(reader.time()?)?;
        Self::in_range(millis)
    }

    /// This time moved by `millis`, clamped to the range.
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }
}

const MS_PER_MINUTE: i64 = 60_000;
const MS_PER_HOUR: i64 = 60 * MS_PER_MINUTE;
const MS_PER_DAY: i64 = 24 * MS_PER_HOUR;

/// What is left to read of a text.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn mark(&mut self, mark: u8) -> Option<()> {
        (self.take()? == mark).then_some(())
    }

    /// A whole number of so many digits, in bounds.
    fn number(&mut self, digits: usize, bounds: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let mut number = 0;
        for _ in 0..digits {
            number = number * 10 + self.digit()?;
        }
        bounds.contains(&number).then_some(number)
    }

    fn digit(&mut self) -> Option<i64> {
        let byte = self.take()?;
        byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
    }

    /// `YYYY-MM-DD`, as milliseconds since 1970.
    fn date(&mut self) -> Option<i64> {
        let year = self.number(4, 0..=9999)?;
        self.mark(b'-')?;
        let month = self.number(2, 1..=12)?;
        self.mark(b'-')?;
        let day = self.number(2, 1..=31)?;
        let days = days_from_civil(year, month, day);
        // A day past the month's end comes out as one of the next month.
        (civil_from_days(days) == (year, month, day)).then_some(days * MS_PER_DAY)
    }

    /// Nothing, or `Thh:mm:ss[.fraction]` and an offset, to the end of the text; as milliseconds from midnight UTC.
    fn time(&mut self) -> Option<i64> {
        if self.0.is_empty() {
            return Some(0);
        }
        if !matches!(self.take()?, b'T' | b't' | b' ') {
            return None;
        }
        let mut millis = self.number(2, 0..=23)? * MS_PER_HOUR;
        self.mark(b':')?;
        millis += self.number(2, 0..=59)? * MS_PER_MINUTE;
        self.mark(b':')?;
        millis += self.number(2, 0..=60)? * 1_000;
        let mut next = self.take()?;
        if next == b'.' {
            let mut worth = 100;
            millis += self.digit()? * worth;
            loop {
                next = self.take()?;
                if !next.is_ascii_digit() {
                    break;
                }
                worth /= 10;
                millis += i64::from(next - b'0') * worth;
            }
        }
        let east = match next {
            b'Z' | b'z' => return self.0.is_empty().then_some(millis),
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let mut offset = self.number(2, 0..=23)? * MS_PER_HOUR;
        self.mark(b':')?;
        offset += self.number(2, 0..=59)? * MS_PER_MINUTE;
        self.0.is_empty().then_some(millis - east * offset)
    }
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar. Years are counted from March, so that the leap day is the
/// last: <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day; the way back.
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (days, millis) = (self.0.div_euclid(MS_PER_DAY), self.0.rem_euclid(MS_PER_DAY));
        let (year, month, day) = civil_from_days(days);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        // Each number fills its zeros from the last one backwards.
        for (last, mut number) in [
            (3, year),
            (6, month),
            (9, day),
            (12, millis / MS_PER_HOUR),
            (15, millis / MS_PER_MINUTE % 60),
            (18, millis / 1_000 % 60),
            (22, millis % 1_000),
        ] {
            for digit in text.iter_mut().take(last + 1).rev() {
                if !digit.is_ascii_digit() || number == 0 {
                    break;
                }
                // A remainder of ten fits.
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
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
        for (text, time) in [
            ("2026-11-22T23:00:00.0009+01:00", "2026-11-22T22:00:00.000Z"),
            ("2026-11-22", "2026-11-22T00:00:00.000Z"),
            ("2024-02-29t23:59:60.25z", "2024-03-01T00:00:00.250Z"),
            ("1969-12-31 23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
            ("0000-01-01T00:00:00-23:59", "0000-01-01T23:59:00.000Z"),
        ] {
            assert_eq!(
                Timestamp::parse(text).map(|time| time.to_string()).as_deref(),
                Some(time)
            );
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-11",
            "2026-1-2",
            "2026-11-22T",
            "2026-11-22T10:00Z",
            "2026-11-22T10:00:00",
            "2026-11-22T10:00:00.Z",
            "2026-11-22T10:00:00.5",
            "2026-11-22T10:00:00Zx",
            "2026-11-22T10:00:00+0100",
            "2026-11-22T10:00:00+01:60",
            "2026-11-22T10:00:00+24:00",
            "2026-11-22T24:00:00Z",
            "2026-11-22T10:60:00Z",
            "2026-11-22T10:00:61Z",
            "2025-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "+2026-11-22",
            " 2026-11-22",
            "２０２６-11-22",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_time_is_written_and_read_as_chrono_does(
            millis in -62_167_219_200_000..=253_402_300_799_999_i64,
            nanos in 0..1_000_000_u32,
            offset in -1_439..=1_439,
        ) {
            let utc = chrono::DateTime::from_timestamp_millis(millis).unwrap();
            let text = utc.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            proptest::prop_assert_eq!(Timestamp(millis).to_string(), text);
            let there = (utc + chrono::TimeDelta::nanoseconds(nanos.into()))
                .with_timezone(&chrono::FixedOffset::east_opt(offset * 60).unwrap())
                .to_rfc3339();
            if !there.starts_with(['+', '-']) {
                proptest::prop_assert_eq!(Timestamp::parse(&there), Some(Timestamp(millis)), "{}", there);
            }
        }

        #[test]
        fn what_chrono_refuses_is_refused(text in "[0-2][0-9]{3}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-2][0-9]:[0-6][0-9])") {
            let theirs = chrono::DateTime::parse_from_rfc3339(&text).ok().map(|time| time.timestamp_millis());
            let range = Timestamp::RANGE;
            proptest::prop_assert_eq!(Timestamp::parse(&text).map(Timestamp::millis), theirs.filter(|time| range.contains(time)));
        }
    }
}
