//! An allocator that counts the bytes that are alive.
#![allow(unsafe_code, reason = "an allocator is unsafe by its nature")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::report::Report;

/// Threads that are ending let go of what they had within so long; trails that were dropped go on for a moment.
const SETTLES: Duration = Duration::from_secs(3);
/// Bytes that may be more at the end than at the beginning: what threads and tables keep for the next time.
const STAYS_ALLOCATED: isize = 65_536;

static LIVE: AtomicIsize = AtomicIsize::new(0);

#[derive(Debug)]
pub(crate) struct Counting;

// SAFETY: every call is the system allocator's, with what the caller gave.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size().cast_signed(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size().cast_signed(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The bytes that are allocated before a scenario. It is taken when one round is over: what is allocated once for all is there then.
#[derive(Debug)]
pub(crate) struct Base(isize);

impl Base {
    pub(crate) fn take() -> Self {
        std::thread::sleep(SETTLES);
        Base(LIVE.load(Relaxed))
    }

    /// Tells how many are more now, which must not be many.
    pub(crate) fn compare(&self, report: &mut Report) {
        let end = Instant::now() + SETTLES;
        let more = || LIVE.load(Relaxed) - self.0;
        while more() > STAYS_ALLOCATED && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        report.at_most(
            "bytes that stay allocated",
            more() as f64,
            STAYS_ALLOCATED as f64,
            "bytes",
            "",
        );
    }
}
