//! The history in JSON, for bindings: times in and out are milliseconds since 1970.

use serde_json::value::RawValue;

use super::entry::Element;
use super::{Changes, Entry, Filter, Options, TaskHistory};
use crate::error::{Code, Result, from_json};

impl TaskHistory {
    /// An empty history from `{ workspaceId?, capacity?, stalledAfterMs? }`; blank text takes the defaults.
    ///
    /// # Errors
    /// [`Code::OptionsInvalid`], naming the option.
    pub fn from_options_json(options: &str) -> Result<Self> {
        let options: Options = if options.trim().is_empty() {
            Options::default()
        } else {
            from_json(options, Code::OptionsInvalid, "not options of a history")?
        };
        Ok(Self::new(options))
    }

    /// Takes an array of records in. An element that is no record is counted as rejected and does no harm to the rest.
    ///
    /// # Errors
    /// [`Code::CallInvalid`] when the text is not a JSON array; nothing is taken in then.
    pub fn apply_json(&mut self, batch: &str, now: i64) -> Result<String> {
        let read = match serde_json::from_str::<Vec<Element>>(batch) {
            Ok(read) => read,
            // Something in it is broken, or is a repeated field: find out what can be read of the rest.
            Err(_) => {
                let elements: Vec<&RawValue> = from_json(batch, Code::CallInvalid, "not an array of records")?;
                elements
                    .iter()
                    .map(|element| Element(Entry::from_json(element.get())))
                    .collect()
            }
        };
        let elements = read.len();
        let entries: Vec<Entry> = read.into_iter().filter_map(|element| element.0).collect();
        let rejected = elements - entries.len();
        let mut changes = self.apply(entries, now);
        changes.rejected = rejected;
        Ok(text(&changes))
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
        Ok(text(&self.set_filter(filter, now)))
    }

    /// Tells the time; answers with what that changed.
    pub fn tick_json(&mut self, now: i64) -> String {
        text(&self.tick(now))
    }

    /// Everything that is shown.
    pub fn view_json(&self) -> String {
        serde_json::to_string(&self.view()).unwrap_or_default()
    }

    /// What is held.
    pub fn cursor_json(&self) -> String {
        serde_json::to_string(&self.cursor()).unwrap_or_default()
    }
}

// Plain data with text keys: serde_json has no way to fail on it.
fn text(changes: &Changes) -> String {
    serde_json::to_string(changes).unwrap_or_default()
}
