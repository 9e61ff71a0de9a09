//! Answers the shared vectors anew: `cargo xtask generate` writes the files in `tests/vectors`, and other runners get them in their own form.
//!
//! Without arguments it rewrites the files. `--flat FILE` writes what a runner without JSON reads (`bindings-c/tests/vectors.c` has its form).
//! `--seeds FOLDER` writes each question's first argument to a folder of its function, for the fuzzer.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a generator stops at the first fault")]
#![expect(clippy::string_slice, reason = "only between characters that were found")]
#![expect(unreachable_pub, reason = "shared with a test")]

#[path = "../tests/support/vectors.rs"]
mod vectors;

use std::path::Path;
use std::{env, fs};

use vectors::{Case, files, written};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => files().into_iter().for_each(|(path, cases)| {
            let text = written(&cases.iter().map(Case::answered).collect::<Vec<_>>());
            // An unchanged file stays alone, so that what was built from it stays fresh.
            if fs::read_to_string(&path).unwrap() != text {
                fs::write(&path, text).unwrap();
            }
        }),
        ["--flat", file] => fs::write(file, flat()).unwrap(),
        ["--seeds", folder] => seeds(Path::new(folder)),
        _ => panic!("vectors [--flat FILE | --seeds FOLDER]"),
    }
}

/// What the committed files say, whole: other languages compare with these answers, not with those of the day.
fn flat() -> Vec<u8> {
    let cases: Vec<Case> = files().into_iter().flat_map(|(_, cases)| cases).collect();
    let mut out = format!("{}\n", cases.len()).into_bytes();
    for case in cases {
        assert!(
            case == case.answered(),
            "`{}`: run `cargo xtask generate` first",
            case.name
        );
        let (status, said) = match case.answer() {
            Ok(output) => ("ok", output),
            Err(error) => ("error", error.to_json()),
        };
        let arguments = case.arguments();
        let mut lengths = format!("{} {} {} {status}", case.name.len(), case.call.len(), said.len());
        for argument in &arguments {
            lengths.push_str(&format!(" {}", argument.len()));
        }
        out.extend_from_slice(lengths.as_bytes());
        out.push(b'\n');
        for text in [&case.name, &case.call, &said].into_iter().chain(&arguments) {
            out.extend_from_slice(text.as_bytes());
        }
    }
    out
}

fn seeds(folder: &Path) {
    for (at, case) in files().into_iter().flat_map(|(_, cases)| cases).enumerate() {
        let folder = folder.join(&case.call);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{at:04}")), case.args.first().unwrap().joined()).unwrap();
    }
}
