//! What every store must do, as tests that any store can be put to: the ones that ship, and a third party's.
//!
//! Say how a fresh store comes to be ([`Fixture`]), in a file of `tests/`, and let [`store_conformance!`](crate::store_conformance) make
//! one `#[test]` of each case; or run all of them by [`run_all`]. The Cargo feature `conformance` has this module; name it in
//! `[dev-dependencies]`.
//!
//! ```
//! use tasktrail::store::conformance::{self, Fixture};
//! use tasktrail::store::{MemoryStore, Store};
//!
//! struct Ours(MemoryStore);
//!
//! impl Fixture for Ours {
//!     async fn fresh() -> Option<Self> {
//!         Some(Ours(MemoryStore::new(20_000)))
//!     }
//!
//!     fn store(&self) -> &dyn Store {
//!         &self.0
//!     }
//!
//!     async fn end(self) {
//!         self.0.close().await;
//!     }
//! }
//!
//! // In a file of tests: `tasktrail::store_conformance!(Ours);`
//! for case in conformance::CASES.iter().filter(|case| case.name.contains("cursor")) {
//!     conformance::run::<Ours>(case);
//! }
//! ```
//!
//! A case fails by panicking, with what it found. The store must be able to hold 12,000 records without letting one go. What a store may
//! leave out is in [`Abilities`]; everything else is asked of each.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a case fails by panicking"
)]

mod arrivals;
mod expiry;
mod feed;
mod filters;
mod pages;
mod records;
mod retention;
mod size;
mod support;

use std::fmt;
use std::panic::{AssertUnwindSafe, resume_unwind};

use futures::FutureExt as _;
use futures::future::LocalBoxFuture;

use super::Store;

pub use arrivals::*;
pub use expiry::*;
pub use feed::*;
pub use filters::*;
pub use pages::*;
pub use records::*;
pub use retention::*;
pub use size::*;

/// What a store is free to leave out. A case that asks for it then asks for what the trait says instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// [`Store::arrived`] answers what others have brought. Without it, it answers nothing, as the trait's default does.
    pub feed: bool,
    /// [`Store::sweep`] deletes. Without it, it answers 0, and the store deletes what has expired by itself.
    pub sweep: bool,
    /// [`Store::reapply_retention`] changes what is stored. Without it, it is refused.
    pub reapply: bool,
    /// [`Store::size`] tells records and bytes. Without it, it tells nothing, as the trait's default does.
    pub size: bool,
}

impl Abilities {
    /// Leaves out nothing.
    pub const ALL: Self = Abilities {
        feed: true,
        sweep: true,
        reapply: true,
        size: true,
    };
}

/// How a store comes to be for one case, and goes.
pub trait Fixture: Sized {
    /// What the store leaves out: nothing by default.
    const ABILITIES: Abilities = Abilities::ALL;

    /// A fresh, empty store. `None` where there can be none, for example without a server: the case is skipped, and this says so.
    fn fresh() -> impl Future<Output = Option<Self>>;

    /// The store.
    fn store(&self) -> &dyn Store;

    /// Closes the store, if that was not done, and takes away what it has kept. It is called when the case has failed as well.
    fn end(self) -> impl Future<Output = ()>;
}

/// One thing that is asked of a store.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its name, as that of the function.
    pub name: &'static str,
    ask: for<'a> fn(&'a dyn Store, Abilities) -> LocalBoxFuture<'a, ()>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.name).finish()
    }
}

/// Names every case once; `$then` makes of the names what it is for.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_conformance_cases {
    ($($then:ident)::+ ! $given:tt) => {
        $($then)::+! {
            $given
            a_full_record_comes_back_as_it_went_in,
            a_bare_record_comes_back_with_every_field,
            a_text_of_64_kib_fits_into_every_field,
            what_a_newer_writer_wrote_is_found_and_comes_back,
            edge_times_and_numbers_survive,
            what_comes_twice_is_kept_once,
            the_first_to_come_with_an_id_stays,
            one_that_cannot_be_kept_keeps_out_nobody,
            an_empty_batch_is_nothing,
            many_insert_at_once,
            a_closed_store_says_so,
            every_combination_of_filters_in_both_orders,
            a_workspace_sees_its_own_and_its_runs_records_once,
            odd_texts_are_only_texts,
            pages_by_cursor_are_complete_while_records_come,
            pages_by_cursor_are_complete_while_records_come_and_go,
            records_of_the_same_time_are_paged_by_id,
            offset_and_limit,
            a_total_is_exact_up_to_its_cap_and_a_lower_bound_past_it,
            pages_may_be_large_and_uncounted,
            following_by_arrival_misses_nothing,
            following_a_workspace_by_arrival,
            following_by_arrival_goes_on_while_records_go,
            a_cursor_of_another_store_is_refused_or_finds_nothing,
            the_end_is_a_place_to_follow_from,
            what_others_have_brought_is_told,
            much_that_others_have_brought_is_told_in_parts,
            an_arrival_is_rewound_to_one_before,
            expired_records_are_hidden,
            an_expired_record_is_hidden_in_every_question,
            nothing_is_swept_early,
            retention_is_given_to_what_is_stored,
            a_hold_is_never_shortened,
            a_size_follows_what_is_stored,
        }
    };
}

macro_rules! list {
    ({} $($case:ident,)+) => {
        /// All cases.
        pub const CASES: &[Case] = &[$(
            Case { name: stringify!($case), ask: |store, abilities| Box::pin($case(store, abilities)) },
        )+];
    };
}
crate::__store_conformance_cases!(list! {});

/// Makes one `#[test]` of each case, for the `Fixture` that is named.
///
/// ```
/// # use tasktrail::store::{MemoryStore, Store};
/// # struct Ours(MemoryStore);
/// # impl tasktrail::store::conformance::Fixture for Ours {
/// #     async fn fresh() -> Option<Self> { Some(Ours(MemoryStore::new(20_000))) }
/// #     fn store(&self) -> &dyn Store { &self.0 }
/// #     async fn end(self) {}
/// # }
/// mod ours {
/// # use super::Ours;
///     tasktrail::store_conformance!(super::Ours);
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_conformance {
    ({ $fixture:ty } $($case:ident,)+) => {
        $(#[test]
        fn $case() {
            $crate::store::conformance::run_named::<$fixture>(stringify!($case));
        })+
    };
    ($fixture:ty) => {
        $crate::__store_conformance_cases! { $crate::store_conformance! { $fixture } }
    };
}

/// Puts a fresh store to a case, on a runtime of its own.
///
/// # Panics
/// When the store fails the case.
pub fn run<F: Fixture>(case: &Case) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let Some(fixture) = F::fresh().await else { return };
        let asked = AssertUnwindSafe((case.ask)(fixture.store(), F::ABILITIES));
        let outcome = asked.catch_unwind().await;
        fixture.end().await;
        if let Err(failure) = outcome {
            resume_unwind(failure);
        }
    });
}

#[doc(hidden)]
pub fn run_named<F: Fixture>(name: &str) {
    match CASES.iter().find(|case| case.name == name) {
        Some(case) => run::<F>(case),
        None => panic!("there is no case {name}"),
    }
}

/// Puts a fresh store to each case, one after the other, and names it on standard error first.
///
/// # Panics
/// When the store fails a case.
pub fn run_all<F: Fixture>() {
    for case in CASES {
        eprintln!("{}", case.name);
        run::<F>(case);
    }
}
