//! The history in JSON, for bindings: times in and out are milliseconds since 1970.

use super::read::{Batch, Saved, apart};
use super::{Entry, Filter, Lowercase, Options, TaskHistory};
use crate::error::{Code, Error, Result, from_json};
use crate::json::{Json, ToJson};

/// Of what [`TaskHistory::save_json`] writes. It grows when an older reader would misread a newer text.
const SAVED_VERSION: u64 = 1;

impl TaskHistory {
    /// An empty history from `{ workspaceId?, byWorkspace?, capacity?, olderCapacity?, stalledAfterMs? }`; blank text takes the defaults.
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
    /// The answer, as that of every step, has of an updated row, and of the summary after the first one, only the fields that changed:
    /// who reads it keeps the others. [`Self::view_json`] has all of everything.
    ///
    /// # Errors
    /// [`Code::CallInvalid`] when the text is not a JSON array; nothing is taken in then.
    pub fn apply_json(&mut self, batch: &str, now: i64) -> Result<String> {
        self.take_json(batch, false, now)
    }

    /// Takes a page of older records in: see [`Self::page_in`].
    ///
    /// # Errors
    /// [`Code::CallInvalid`] when the text is not a JSON array; nothing is taken in then.
    pub fn page_in_json(&mut self, page: &str, now: i64) -> Result<String> {
        self.take_json(page, true, now)
    }

    /// Lets the pages go: see [`Self::page_out`].
    pub fn page_out_json(&mut self, now: i64) -> String {
        self.page_out(now).to_json_text()
    }

    fn take_json(&mut self, batch: &str, is_page: bool, now: i64) -> Result<String> {
        let read = match from_json::<Batch>(batch, Code::CallInvalid, "not an array of records") {
            Ok(Batch(read)) => read,
            // Something in it is broken, or is a repeated field: find out what can be read of the rest.
            Err(error) => apart(batch).ok_or(error)?,
        };
        Ok(self.take_read(read, is_page, now))
    }

    fn take_read(&mut self, read: Vec<Option<Entry>>, is_page: bool, now: i64) -> String {
        let rejected = read.iter().filter(|entry| entry.is_none()).count();
        let mut changes = self.take(read.into_iter().flatten(), is_page);
        changes.rejected = rejected;
        self.settle(now, changes).to_json_text()
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

    /// What is shown of it all, as it was set.
    pub fn filter_json(&self) -> String {
        self.filter().to_json_text()
    }

    /// What is held, and the filter, as one text for [`Self::restore_json`].
    pub fn save_json(&self) -> String {
        let mut json = Json::default();
        json.open('{');
        json.field("version", &SAVED_VERSION);
        json.field("filter", self.filter());
        json.field("older", &self.paged);
        json.key("records").open('[');
        for (entry, _) in &self.entries {
            entry.write(&mut json);
        }
        json.close(']');
        json.close('}');
        json.into_text()
    }

    /// Takes in what [`Self::save_json`] wrote, beside what is held already, and sets the filter to what it was.
    ///
    /// # Errors
    /// [`Code::HistoryInvalid`] when the text is no saved history or one of another version; nothing has changed then.
    pub fn restore_json(&mut self, saved: &str, now: i64) -> Result<String> {
        let saved: Saved = from_json(saved, Code::HistoryInvalid, "not a saved history")?;
        if saved.version != Some(SAVED_VERSION) {
            let message = "a saved history of a version that is not read here: fetch the records again";
            return Err(Error::new(Code::HistoryInvalid, message).with_field("version"));
        }
        self.replace_filter(saved.filter);
        Ok(self.take_read(saved.records, saved.older, now))
    }

    /// What is held.
    pub fn cursor_json(&self) -> String {
        self.cursor().to_json_text()
    }
}
