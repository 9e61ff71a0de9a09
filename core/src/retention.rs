//! For how long is it kept? Days by workspace, or a hold.

use std::collections::BTreeMap;

use crate::schema::{Record, Timestamp};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// How long records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// So many days from when a record was taken in.
    Days(u32),
    /// For ever: a legal hold.
    Forever,
}

impl Retention {
    /// So many days.
    pub const fn days(days: u32) -> Self {
        Retention::Days(days)
    }

    /// Milliseconds that a record is kept; `None` for ever.
    pub fn millis(self) -> Option<i64> {
        match self {
            Retention::Days(days) => Some(i64::from(days) * DAY_MS),
            Retention::Forever => None,
        }
    }
}

/// Which records are kept how long. A record is its workspace's; a hold on the workspace that launched its run holds it as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// For workspaces that are not named.
    pub default: Retention,
    /// By workspace id.
    pub workspaces: BTreeMap<String, Retention>,
}

impl Default for RetentionPolicy {
    /// 90 days for everything.
    fn default() -> Self {
        RetentionPolicy {
            default: Retention::Days(90),
            workspaces: BTreeMap::new(),
        }
    }
}

impl RetentionPolicy {
    /// What holds for one workspace.
    pub fn of_workspace(&self, workspace_id: &str) -> Retention {
        self.workspaces.get(workspace_id).copied().unwrap_or(self.default)
    }

    /// When a record expires; `None` is never.
    pub fn expires_at(&self, record: &Record) -> Option<Timestamp> {
        let is_held = record
            .scopes()
            .skip(1)
            .any(|scope| self.workspaces.get(scope) == Some(&Retention::Forever));
        let keep = self.of_workspace(&record.workspace_id).millis();
        keep.filter(|_| !is_held)
            .map(|keep| record.recorded_at.plus_millis(keep))
    }
}
