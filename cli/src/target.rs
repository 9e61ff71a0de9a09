//! Which API or store is meant.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tasktrail::spool;
use tasktrail::store::{self, Store, StoreUrl};

use crate::failure::{Failure, Result};

pub(crate) const DEFAULT_URL: &str = "http://localhost:8167";
/// In the order in which they are asked.
pub(crate) const URL_VARIABLES: [&str; 2] = ["TASKTRAIL_URL", "STATE_TRACKING_API_URL"];
pub(crate) const KEY_VARIABLE: &str = "STATE_TRACKING_API_KEY";

/// Where the trail is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Where the trail is")]
pub(crate) struct Target {
    /// An API, http://host:port, or a store: sqlite:path/to/audit.db, mongodb://host/database. Else $TASKTRAIL_URL,
    /// $STATE_TRACKING_API_URL, then http://localhost:8167. An API's key is $STATE_TRACKING_API_KEY.
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
}

/// A variable of the environment that is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

impl Target {
    /// The URL, and who said so.
    pub(crate) fn named(&self) -> (String, &'static str) {
        if let Some(url) = &self.url {
            return (url.clone(), "--url");
        }
        let said = URL_VARIABLES.iter().find_map(|name| Some((variable(name)?, *name)));
        said.unwrap_or_else(|| (DEFAULT_URL.into(), "the default"))
    }

    pub(crate) fn url(&self) -> String {
        self.named().0
    }

    pub(crate) fn parsed(&self) -> Result<StoreUrl> {
        Ok(StoreUrl::parse(&self.url())?.with_api_key(None))
    }

    /// Opens it for who reads.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>> {
        let url = self.parsed()?;
        // Opening would make the file, and the answer would be that nothing is in it.
        if let StoreUrl::Sqlite { path } = &url
            && !path.exists()
        {
            return Err(Failure::Unavailable(format!(
                "there is no file {}; check the path (TT_STORE_PATH)",
                path.display()
            )));
        }
        Ok(store::open_to_read(&url).await?)
    }

    /// Whether an API stands between, which counts questions.
    pub(crate) fn is_api(&self) -> bool {
        self.url().starts_with("http")
    }

    /// The folder of the spool for it, unless an option or the environment names another.
    pub(crate) fn spool(&self, named: Option<&PathBuf>) -> Result<Option<PathBuf>> {
        let named = named
            .cloned()
            .or_else(|| variable("TASKTRAIL_SPOOL").map(PathBuf::from));
        match named {
            Some(folder) => Ok(Some(folder)),
            None => Ok(spool::default_folder(&self.url())?),
        }
    }
}
