//! How long records are kept, changed while a trail is open.

use std::sync::{Arc, PoisonError};

use serde_json::json;

use super::Trail;
use crate::error::Result;
use crate::retention::Retention;

impl Trail {
    /// Changes how long records are kept that come from now on: those of a workspace, or, without one, those of workspaces that are not
    /// named. A hold ([`Retention::Forever`]) is given to what is stored as well, at once. The change is itself on the trail
    /// (`audit.config_changed`); it ends with the trail, so a host repeats it in its options.
    ///
    /// Answers how many stored records got another expiry.
    ///
    /// # Errors
    /// As [`Trail::reapply_retention`], for a hold; the records that come are held all the same.
    pub async fn set_retention(&self, workspace_id: Option<&str>, retention: Retention) -> Result<u64> {
        self.change_retention(workspace_id, retention);
        match retention {
            Retention::Forever => self.reapply_retention().await,
            Retention::Days(_) => Ok(0),
        }
    }

    /// As [`Trail::set_retention`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Trail::set_retention`].
    pub fn set_retention_blocking(&self, workspace_id: Option<&str>, retention: Retention) -> Result<u64> {
        self.change_retention(workspace_id, retention);
        match retention {
            Retention::Forever => self.reapply_retention_blocking(),
            Retention::Days(_) => Ok(0),
        }
    }

    /// Gives what is stored the expiry that holds now, counted from when each record was taken in. Answers how many it changed.
    ///
    /// # Errors
    /// The store is away, or does not allow it to this user. [`crate::Code::Closed`].
    pub async fn reapply_retention(&self) -> Result<u64> {
        let reapplying = self.reapplying();
        self.inner.spawn(reapplying)?.await?
    }

    /// As [`Trail::reapply_retention`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Trail::reapply_retention`].
    pub fn reapply_retention_blocking(&self) -> Result<u64> {
        self.inner.block(self.reapplying())?
    }

    fn reapplying(&self) -> impl Future<Output = Result<u64>> + Send + use<> {
        let recorder = Arc::clone(&self.inner.recorder);
        async move {
            let store = recorder.store.borrow().clone().store()?;
            // What is on its way to the store was made under the policy before; what is sent from now on is sent under this one.
            recorder.landed().await;
            let retention = recorder
                .encoder
                .retention
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            // As long as it takes: it goes over all that is stored.
            store.reapply_retention(&retention).await
        }
    }

    fn change_retention(&self, workspace_id: Option<&str>, retention: Retention) {
        let recorder = &self.inner.recorder;
        let before = {
            let mut policy = recorder
                .encoder
                .retention
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            match workspace_id {
                Some(id) => policy.workspaces.insert(id.to_owned(), retention),
                None => Some(std::mem::replace(&mut policy.default, retention)),
            }
        };
        let days = |retention: Retention| match retention {
            Retention::Days(days) => Some(days),
            Retention::Forever => None,
        };
        let change = json!({
            "setting": "retention",
            "workspaceId": workspace_id,
            "retentionDays": days(retention),
            "before": before.map(days),
        });
        recorder.own("audit.config_changed", change);
    }
}
