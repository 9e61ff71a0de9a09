//! Tasktrail for the client side: validation, workspace identity and the Task History view model in WebAssembly.
//!
//! Texts in, texts out; the npm package `@tasktrail/wasm` gives them types. Errors are thrown as JSON text
//! (`{"code","message","field"?,"details"?,"retryable"}`), from which the package makes its error class.

use std::cell::RefCell;

#[cfg(feature = "full")]
use tasktrail::facade::pure;
#[cfg(feature = "full")]
use tasktrail::workspace;
use tasktrail::{Error, history};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// JavaScript's `toLowerCase`, which follows the same rules as Rust's.
    #[wasm_bindgen(js_namespace = ["String", "prototype", "toLowerCase"], js_name = call)]
    fn to_lower_case(text: &str) -> String;
}

fn lowercase(text: &str) -> String {
    to_lower_case(text)
}

/// Version of this module; the JavaScript around it checks that it has the same.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Which module this is: `full` or `slim`; the JavaScript around it checks that too.
#[wasm_bindgen]
pub fn variant() -> String {
    if cfg!(feature = "full") { "full" } else { "slim" }.to_owned()
}

/// Checks an event's JSON text at a time in milliseconds since 1970.
#[cfg(feature = "full")]
#[wasm_bindgen(js_name = validateEvent)]
pub fn validate_event(event: &str, now_ms: f64) -> String {
    pure::validate_event_json(event, millis(now_ms))
}

/// The id of the workspace at a path.
///
/// # Errors
/// `TT_WORKSPACE_INVALID`, naming `path` or `salt`.
#[cfg(feature = "full")]
#[wasm_bindgen(js_name = deriveWorkspaceId)]
pub fn derive_workspace_id(path: &str, salt: &str) -> Result<String, JsValue> {
    pure::derive_workspace_id(path, salt).map_err(thrown)
}

/// A search for the workspace that a folder is in; JavaScript reads the files.
#[cfg(feature = "full")]
#[wasm_bindgen]
#[derive(Debug)]
pub struct WorkspaceDiscovery(workspace::Discovery);

#[cfg(feature = "full")]
#[wasm_bindgen]
impl WorkspaceDiscovery {
    /// Starts at a folder.
    ///
    /// # Errors
    /// `TT_WORKSPACE_INVALID`, naming `path` or `salt`.
    #[wasm_bindgen(constructor)]
    pub fn new(path: &str, salt: &str) -> Result<WorkspaceDiscovery, JsValue> {
        workspace::Discovery::new(path, salt)
            .map(WorkspaceDiscovery)
            .map_err(thrown)
    }

    /// What is to be done now, as JSON: `{"readText":path}`, `{"realPath":path}` or `{"done":workspace}`.
    pub fn step(&self) -> String {
        pure::discovery_step_json(&self.0)
    }

    /// Takes the answer in.
    pub fn answer(&mut self, text: Option<String>) {
        self.0.answer(text);
    }
}

/// The operation type of a call.
#[cfg(feature = "vectors")]
#[wasm_bindgen(js_name = operationType)]
pub fn operation_type(method: &str, path: &str) -> String {
    pure::operation_type(method, path)
}

/// What the sanitizer leaves of a JSON text.
#[cfg(feature = "full")]
#[wasm_bindgen]
pub fn sanitize(text: &str) -> String {
    pure::sanitize_json(text)
}

/// What the sanitizer leaves of a JSON text by a policy of the host's, and the receipt.
///
/// # Errors
/// `TT_POLICY_INVALID`, naming the rule, the field and the byte.
#[cfg(feature = "vectors")]
#[wasm_bindgen(js_name = sanitizeWith)]
pub fn sanitize_with(text: &str, policy: &str) -> Result<String, JsValue> {
    pure::sanitize_with_json(text, policy).map_err(thrown)
}

/// What a call did, to what and whose.
///
/// # Errors
/// `TT_CALL_INVALID` or `TT_OPTIONS_INVALID`, naming the field.
#[cfg(feature = "vectors")]
#[wasm_bindgen(js_name = describeOperation)]
pub fn describe_operation(request: &str) -> Result<String, JsValue> {
    pure::operation_json(request).map_err(thrown)
}

/// A stored record as this version reads it.
///
/// # Errors
/// `TT_RECORD_INVALID`, naming the field.
#[cfg(feature = "vectors")]
#[wasm_bindgen(js_name = parseRecord)]
pub fn parse_record(text: &str) -> Result<String, JsValue> {
    pure::parse_record_json(text).map_err(thrown)
}

/// The workspace of a folder among files that are given with the question.
///
/// # Errors
/// `TT_WORKSPACE_INVALID`, naming `path` or `salt`.
#[cfg(feature = "vectors")]
#[wasm_bindgen(js_name = discoverWorkspaceIn)]
pub fn discover_workspace_in(request: &str) -> Result<String, JsValue> {
    pure::discover_workspace_in_json(request).map_err(thrown)
}

/// The Task History view model; times are milliseconds since 1970.
#[wasm_bindgen]
#[derive(Debug)]
// A method that takes `&mut self` traps when JavaScript calls it again from within; a cell that is asked first answers instead.
pub struct TaskHistory(RefCell<history::TaskHistory>);

#[wasm_bindgen]
impl TaskHistory {
    /// An empty history from its options' JSON text.
    ///
    /// # Errors
    /// `TT_OPTIONS_INVALID`, naming the option.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<TaskHistory, JsValue> {
        history::TaskHistory::from_options_json_with(options, lowercase)
            .map(|history| TaskHistory(RefCell::new(history)))
            .map_err(thrown)
    }

    /// Takes a JSON array of records in; answers with the changes.
    ///
    /// # Errors
    /// `TT_CALL_INVALID` when the text is not a JSON array.
    pub fn apply(&self, batch: &str, now_ms: f64) -> Result<String, JsValue> {
        self.change(&mut |history| history.apply_json(batch, millis(now_ms)))
    }

    /// Takes a JSON array of older records in; answers with the changes.
    ///
    /// # Errors
    /// `TT_CALL_INVALID` when the text is not a JSON array.
    #[wasm_bindgen(js_name = pageIn)]
    pub fn page_in(&self, page: &str, now_ms: f64) -> Result<String, JsValue> {
        self.change(&mut |history| history.page_in_json(page, millis(now_ms)))
    }

    /// Lets the older records go; answers with the changes.
    ///
    /// # Errors
    /// None but a fault of the library.
    #[wasm_bindgen(js_name = pageOut)]
    pub fn page_out(&self, now_ms: f64) -> Result<String, JsValue> {
        self.change(&mut |history| Ok(history.page_out_json(millis(now_ms))))
    }

    /// What is held, and the filter, as one text.
    ///
    /// # Errors
    /// None but a fault of the library.
    pub fn save(&self) -> Result<String, JsValue> {
        self.change(&mut |history| Ok(history.save_json()))
    }

    /// Takes in what `save` wrote; answers with the changes.
    ///
    /// # Errors
    /// `TT_HISTORY_INVALID` when it is no saved history or one of another version.
    pub fn restore(&self, saved: &str, now_ms: f64) -> Result<String, JsValue> {
        self.change(&mut |history| history.restore_json(saved, millis(now_ms)))
    }

    /// The filter as it was set.
    ///
    /// # Errors
    /// None but a fault of the library.
    pub fn filter(&self) -> Result<String, JsValue> {
        self.change(&mut |history| Ok(history.filter_json()))
    }

    /// Sets the filter from its JSON text; answers with the changes.
    ///
    /// # Errors
    /// `TT_QUERY_INVALID`, naming the field.
    #[wasm_bindgen(js_name = setFilter)]
    pub fn set_filter(&self, filter: &str, now_ms: f64) -> Result<String, JsValue> {
        self.change(&mut |history| history.set_filter_json(filter, millis(now_ms)))
    }

    /// Tells the time; answers with the changes.
    ///
    /// # Errors
    /// None but a fault of the library.
    pub fn tick(&self, now_ms: f64) -> Result<String, JsValue> {
        self.change(&mut |history| Ok(history.tick_json(millis(now_ms))))
    }

    /// Everything that is shown.
    ///
    /// # Errors
    /// None but a fault of the library.
    pub fn view(&self) -> Result<String, JsValue> {
        self.change(&mut |history| Ok(history.view_json()))
    }

    /// What is held.
    ///
    /// # Errors
    /// None but a fault of the library.
    pub fn cursor(&self) -> Result<String, JsValue> {
        self.change(&mut |history| Ok(history.cursor_json()))
    }
}

impl TaskHistory {
    // Not generic, so that it is there once and not once for each method.
    fn change(
        &self,
        work: &mut dyn FnMut(&mut history::TaskHistory) -> tasktrail::Result<String>,
    ) -> Result<String, JsValue> {
        let mut history = self
            .0
            .try_borrow_mut()
            .map_err(|_| thrown(Error::panicked("a history that is at work")))?;
        work(&mut history).map_err(thrown)
    }
}

// Saturating by definition of `as`; a NaN is 1970.
fn millis(time: f64) -> i64 {
    time as i64
}

#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
fn thrown(error: Error) -> JsValue {
    JsValue::from_str(&error.to_json())
}
