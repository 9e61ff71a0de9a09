//! The one entry point for set-up, demo, test and bench.

fn main() {}
