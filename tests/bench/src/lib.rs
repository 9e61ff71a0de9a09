//! What the measurements of the trail share: the calls that they record, a store that costs nothing, and the rows that they print.
//!
//! Each suite is a bench of this package and prints its rows as one JSON array; `cargo xtask bench` reads them.

#![expect(clippy::indexing_slicing, reason = "a measurement stops at the first fault")]

mod calls;
mod row;
mod store;

pub use calls::{BODY, body, call, calls};
pub use row::{Goal, Row, median, quantile};
pub use store::{Arrivals, BareStore};
