//! Is the store as it should be? Looked at from outside, for people: what was found, and what to do about it.

use std::time::Duration;

use serde::Serialize;

use super::StoreUrl;
use crate::error::Error;
use crate::schema::Timestamp;

/// Clocks that differ by more than this put records into another order than that in which things happened.
const NOTABLE_SKEW: Duration = Duration::from_secs(5);
/// A record that is further ahead is refused.
const REFUSED_SKEW: Duration = Duration::from_secs(24 * 3_600);
/// A store that needs longer for one small question is slow.
const SLOW: Duration = Duration::from_secs(1);

/// How a finding is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Fine,
    /// It works, with a drawback.
    Warning,
    /// It does not work.
    Fault,
}

/// What was found about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What was looked at: `connection`, `reading`, `writing`, `clock`, `indexes`, …
    pub about: &'static str,
    /// How it is to be taken.
    pub verdict: Verdict,
    /// What was found.
    pub says: String,
    /// What to do about it; null where nothing needs doing.
    pub remedy: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn fine(about: &'static str, says: impl Into<String>) -> Self {
        Finding {
            about,
            verdict: Verdict::Fine,
            says: says.into(),
            remedy: None,
        }
    }

    /// It works, with a drawback.
    pub fn warning(about: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding {
            about,
            verdict: Verdict::Warning,
            says: says.into(),
            remedy: Some(remedy.into()),
        }
    }

    /// It does not work.
    pub fn fault(about: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding {
            verdict: Verdict::Fault,
            ..Self::warning(about, says, remedy)
        }
    }

    /// It does not work, as an error says.
    pub fn of_error(about: &'static str, error: &Error, remedy: impl Into<String>) -> Self {
        Self::fault(about, format!("{error} ({})", error.code()), remedy)
    }

    /// That something answered, and how quickly.
    pub fn answered(who: &str, within: Duration) -> Self {
        let says = format!("{who} answered within {} ms", within.as_millis().max(1));
        match within > SLOW {
            true => Self::warning(
                "connection",
                says,
                "look for what makes the way there, or the server, slow: what takes longer than a second goes to the spool first",
            ),
            false => Self::fine("connection", says),
        }
    }

    /// How far a server's clock is from this machine's. `precision` is how exactly the server has told it.
    pub fn of_clock(theirs: Timestamp, ours: Timestamp, precision: Duration) -> Self {
        let ahead = theirs.millis().saturating_sub(ours.millis());
        // Told cut off: the true time is at most so much later.
        let precision = i64::try_from(precision.as_millis()).unwrap_or(i64::MAX);
        let ahead = if ahead < 0 { (ahead + precision).min(0) } else { ahead };
        let apart = Duration::from_millis(ahead.unsigned_abs());
        let which = if ahead < 0 { "behind" } else { "ahead of" };
        let says = format!("the server's clock is {apart:.1?} {which} this machine's");
        let remedy =
            "set both clocks by NTP: records are ordered by the time at which each machine says that they happened";
        match apart {
            _ if apart > REFUSED_SKEW && ahead < 0 => Self::fault(
                "clock",
                says,
                "set both clocks by NTP: records that lie more than 24 hours ahead are refused",
            ),
            _ if apart > NOTABLE_SKEW => Self::warning("clock", says, remedy),
            _ => Self::fine(
                "clock",
                format!("the server's clock is within {NOTABLE_SKEW:?} of this machine's"),
            ),
        }
    }
}

/// Looks at a store and changes nothing in it: neither file nor collection nor index is made. The first findings say whether it can be
/// reached; what cannot be looked at then is left out.
///
/// A MongoDB is asked on the tokio runtime that this is called on.
pub async fn examine(url: &StoreUrl) -> Vec<Finding> {
    match url {
        StoreUrl::Memory { .. } => vec![Finding::warning(
            "connection",
            "a store in memory is there for one process alone",
            "name the API, the file or the database that keeps the records",
        )],
        #[cfg(feature = "sqlite")]
        StoreUrl::Sqlite { path } => super::sqlite::examine(path).await,
        #[cfg(feature = "mongodb")]
        StoreUrl::Mongodb { url } => super::mongo::examine(url).await,
        #[cfg(feature = "http")]
        StoreUrl::Http { base, api_key } => super::http::examine(base, api_key.as_ref()).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_judged_by_what_its_difference_does() {
        let at = Timestamp::from_millis;
        let judged = |theirs: i64, ours: i64| Finding::of_clock(at(theirs), at(ours), Duration::from_secs(1)).verdict;
        let now = 1_700_000_000_000;
        assert_eq!(judged(now, now + 999), Verdict::Fine, "told to the second");
        assert_eq!(judged(now, now + 5_900), Verdict::Fine);
        assert_eq!(judged(now, now + 6_100), Verdict::Warning);
        assert_eq!(judged(now + 5_100, now), Verdict::Warning);
        assert_eq!(
            judged(now + 90_000_000, now),
            Verdict::Warning,
            "nothing is refused for being old"
        );
        assert_eq!(judged(now, now + 90_000_000), Verdict::Fault);
    }
}
