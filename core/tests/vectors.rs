//! The shared vectors against the core itself; the bindings' runners are `tests/vectors/*.test.mjs` and `bindings-c/tests/vectors.c`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::string_slice, reason = "only between characters that were found")]
#![expect(unreachable_pub, reason = "shared with an example")]

#[path = "support/vectors.rs"]
mod vectors;

use std::collections::{HashMap, HashSet};
use std::fs;

use vectors::{Text, files, written};

/// Fewer means that a file was lost.
const LEAST: usize = 1_000;

#[test]
fn the_core_says_what_every_vector_says() {
    let mut ran = 0;
    let mut wrong = Vec::new();
    for (path, cases) in files() {
        let topic = path.file_stem().unwrap().to_string_lossy().into_owned();
        for case in &cases {
            ran += 1;
            let now = case.answered();
            if now != *case {
                wrong.push(format!("{topic}: {}\n  says {case:?}\n  is   {now:?}", case.name));
            }
        }
        println!("{topic}: {} vectors", cases.len());
    }
    assert!(
        wrong.is_empty(),
        "{} of {ran} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(ran >= LEAST, "only {ran} vectors");
}

/// What the generator writes is right only if somebody looks; where a name says what is right, this does.
#[test]
fn a_vectors_name_keeps_its_promise() {
    let mut folders: HashMap<String, Text> = HashMap::new();
    let mut broken = Vec::new();
    for case in files().into_iter().flat_map(|(_, cases)| cases) {
        let Some(output) = &case.output else { continue };
        let name = case.name.as_str();
        let kept = match case.call.as_str() {
            "sanitize_json" => {
                let same = Some(output.joined()) == case.arguments().pop();
                if name.ends_with("is looked at")
                    || name.ends_with("stays as it is")
                    || name.starts_with("not a secret: ")
                {
                    same
                } else {
                    !(same && name.starts_with("detected"))
                }
            }
            "validate_event_json" => {
                let accepted = output.joined().starts_with(r#"{"accepted":true"#);
                !(accepted && (name.contains("refused") || name.contains(" is not ")))
                    && (accepted || !name.contains(" may be "))
            }
            "operation_type" if name.ends_with("never ends up in a type") => output.joined() == "widget.deleted",
            "operation_type" if name.ends_with("is no verb") => output.joined() == "widget.publish",
            // `/work/app, a trailing slash`: each spelling of a folder has that folder's id.
            "derive_workspace_id" => name
                .split_once(", ")
                .is_none_or(|(folder, _)| folders.entry(folder.to_owned()).or_insert_with(|| output.clone()) == output),
            _ => true,
        };
        if !kept {
            broken.push(format!("{name}: {}", output.joined()));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_vector_has_a_name_of_its_own() {
    for (path, cases) in files() {
        let mut seen = HashSet::new();
        for case in &cases {
            assert!(
                seen.insert(&case.name),
                "{}: `{}` stands twice",
                path.display(),
                case.name
            );
        }
    }
}

#[test]
fn the_files_are_written_as_the_generator_writes_them() {
    for (path, cases) in files() {
        assert!(
            fs::read_to_string(&path).unwrap() == written(&cases),
            "{}: run `cargo xtask generate`",
            path.display()
        );
    }
}
