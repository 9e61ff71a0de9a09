//! The history in JSON, for bindings: times in and out are milliseconds since 1970.

use super::read::{Batch, apart};
use super::{Entry, Filter, Lowercase, Options, TaskHistory};
use crate::error::{Code, Result, from_json};
use crate::json::ToJson;

impl TaskHistory {
    /// An empty history from `{ workspaceId?, capacity?, stalledAfterMs? }`; blank text takes the defaults.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`], naming the option.
    pub fn from_options_json(options: &str) -> Result<Self> {
        Self::from_options_json_with(options, str::to_lowercase)
    }

    /// The same, with a way to lower case of the host's own: see [`TaskHistory::with_lowercase`].
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`], naming the option.
    pub fn from_options_json_with(options: &str, lowercase: Lowercase) -> Result<Self> {
        let options: Options = if options.trim().is_empty() {
            Options::default()
        } else {
            from_json(options, Code::OptionsInvalid, "not options of a history")?
        };
        Ok(Self::with_lowercase(options, lowercase))
    }

    /// Takes an array of records in. An element that is no record is counted as rejected and does no harm to the rest.
    ///
    /// # Errors
    /// [`Code::CallInvalid`] when the text is not a JSON array; nothing is taken in then.
    pub fn apply_json(&mut self, batch: &str, now: i64) -> Result<String> {
        let read = match from_json::<Batch>(batch, Code::CallInvalid, "not an array of records") {
            Ok(Batch(read)) => read,
            // Something in it is broken, or is a repeated field: find out what can be read of the rest.
            Err(error) => apart(batch).ok_or(error)?,
        };
        let elements = read.len();
        let entries: Vec<Entry> = read.into_iter().flatten().collect();
        let rejected = elements - entries.len();
        let mut changes = self.apply(entries, now);
        changes.rejected = rejected;
        Ok(changes.to_json_text())
    }

    /// Sets the filter from its JSON; blank text shows everything.
    ///
    /// # Errors
    /// [`Code::QueryInvalid`], naming the field; the filter stays as it was then.
    pub fn set_filter_json(&mut self, filter: &str, now: i64) -> Result<String> {
        let filter: Filter = if filter.trim().is_empty() {
            Filter::default()
        } else {
            from_json(filter, Code::QueryInvalid, "not a filter of a history")?
        };
        Ok(self.set_filter(filter, now).to_json_text())
    }

    /// Tells the time; answers with what that changed.
    pub fn tick_json(&mut self, now: i64) -> String {
        self.tick(now).to_json_text()
    }

    /// Everything that is shown.
    pub fn view_json(&self) -> String {
        self.view().to_json_text()
    }

    /// What is held.
    pub fn cursor_json(&self) -> String {
        self.cursor().to_json_text()
    }
}
