//! Everything that matches a query, page after page.

use std::sync::Arc;

use super::Trail;
use crate::clock::{Clock as _, SystemClock};
use crate::error::{Error, Result};
use crate::query::{Cursor, Page, Query, StoredRecord};
use crate::store::Store;

/// Records that are fetched at once.
const PAGE: u32 = 1_000;

/// All records that match a query, in its order, however many there are: a page at a time, each by a cursor, so that neither memory nor
/// time of a page grows. What is inserted or deleted meanwhile moves nothing: no record comes twice, and none is passed over that was there
/// from the beginning to the end.
#[derive(Debug)]
#[must_use = "ask for its pages"]
pub struct Export {
    source: Source,
    query: Query,
    is_over: bool,
}

#[derive(Debug)]
enum Source {
    Trail(Trail),
    Store(Arc<dyn Store>),
}

impl Trail {
    /// Begins an export. The query's limit and offset do not count; a cursor in it is where the export goes on.
    ///
    /// ```
    /// # use tasktrail::{Call, Query, Trail};
    /// # use std::time::Duration;
    /// # fn main() -> tasktrail::Result<()> {
    /// let trail = Trail::builder("memory:").open_blocking()?;
    /// trail.record(Call { method: "POST".into(), path: "/tasks".into(), ..Call::default() }, None);
    /// trail.flush_blocking(Duration::from_secs(5))?;
    /// let (mut export, mut lines) = (trail.export(Query::default()), 0);
    /// while let Some(records) = export.next_blocking()? {
    ///     lines += records.len();
    /// }
    /// assert_eq!(lines, 2); // with the trail's own `audit.started`
    /// # trail.close_blocking(Duration::from_secs(5)).map(drop)
    /// # }
    /// ```
    pub fn export(&self, query: Query) -> Export {
        Export::new(Source::Trail(self.clone()), query)
    }
}

impl Export {
    /// Begins an export from a store that no trail has open, for who only reads; otherwise as [`Trail::export`]. It is asked by
    /// [`Export::next`].
    pub fn of_store(store: Arc<dyn Store>, query: Query) -> Self {
        Self::new(Source::Store(store), query)
    }

    fn new(source: Source, mut query: Query) -> Self {
        query.limit = PAGE;
        query.offset = 0;
        query.counted = false;
        Export {
            source,
            query,
            is_over: false,
        }
    }

    /// The next records; `None` at the end.
    ///
    /// # Errors
    /// As [`Trail::query`]; asked again, it goes on where it was.
    pub async fn next(&mut self) -> Result<Option<Vec<StoredRecord>>> {
        if self.is_over {
            return Ok(None);
        }
        let page = match &self.source {
            Source::Trail(trail) => trail.query(&self.query).await?,
            Source::Store(store) => store.query(&self.query, SystemClock.now()).await?,
        };
        Ok(self.turn(page))
    }

    /// As [`Export::next`], for hosts without a runtime.
    ///
    /// # Errors
    /// As [`Export::next`].
    pub fn next_blocking(&mut self) -> Result<Option<Vec<StoredRecord>>> {
        if self.is_over {
            return Ok(None);
        }
        let page = match &self.source {
            Source::Trail(trail) => trail.query_blocking(&self.query)?,
            Source::Store(store) => {
                let runtime = tokio::runtime::Builder::new_current_thread().build();
                let runtime = runtime.map_err(|error| Error::store_failed(error.to_string()))?;
                runtime.block_on(store.query(&self.query, SystemClock.now()))?
            }
        };
        Ok(self.turn(page))
    }

    /// Where another export can go on, with the same filters and order: behind all that was given out.
    pub fn cursor(&self) -> Option<Cursor> {
        self.query.cursor
    }

    fn turn(&mut self, page: Page) -> Option<Vec<StoredRecord>> {
        self.is_over = match page.next_cursor {
            None | Some(Cursor::Arrival { caught_up: true, .. }) => true,
            Some(Cursor::Keyset { .. } | Cursor::Arrival { .. }) => false,
        };
        if page.next_cursor.is_some() {
            self.query.cursor = page.next_cursor;
        } else if let (Some(last), false) = (
            page.items.last(),
            matches!(self.query.cursor, Some(Cursor::Arrival { .. })),
        ) {
            self.query.cursor = Some(Cursor::Keyset {
                timestamp: last.timestamp,
                audit_id: last.audit_id,
            });
        }
        (!page.items.is_empty()).then_some(page.items)
    }
}
