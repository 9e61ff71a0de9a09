//! The tasktrail command.

fn main() {}
