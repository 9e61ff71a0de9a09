//! Prints a JSON Schema (draft 2020-12), of a stored record or of a progress event: `generate_schema record|event`. `cargo xtask generate`
//! writes both to `docs/schema`.

use std::process::ExitCode;

use tasktrail::schema::{event_json_schema, record_json_schema};

fn main() -> ExitCode {
    let schema = match std::env::args().nth(1).as_deref() {
        Some("record") => record_json_schema(),
        Some("event") => event_json_schema(),
        _ => {
            eprintln!("usage: generate_schema record|event");
            return ExitCode::FAILURE;
        }
    };
    println!("{schema:#}");
    ExitCode::SUCCESS
}
