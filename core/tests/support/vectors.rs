//! The shared vectors, `tests/vectors/*.json`: what they say, what the core says, and the one way to write them.
//!
//! `tests/vectors/README.md` has the format. A runner in each language asks its build of the core the same questions.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tasktrail::facade::pure;
use tasktrail::{Error, Result};

/// A longer output, in bytes, is given as its SHA-256.
const LONGEST_OUTPUT: usize = 1_024;
/// Bytes on each side by which a seam of an argument is known again in the output.
const SEAM: usize = 4;

/// Asks the core: one line for each function of the façade that the vectors call.
pub fn answer(call: &str, args: &[&str]) -> Result<String> {
    match (call, args) {
        ("derive_workspace_id", [path, salt]) => pure::derive_workspace_id(path, salt),
        ("discover_workspace_in_json", [request]) => pure::discover_workspace_in_json(request),
        ("operation_json", [request]) => pure::operation_json(request),
        ("operation_type", [method, path]) => Ok(pure::operation_type(method, path)),
        ("parse_record_json", [text]) => pure::parse_record_json(text),
        ("sanitize_json", [text]) => Ok(pure::sanitize_json(text)),
        ("sanitize_with_json", [text, policy]) => pure::sanitize_with_json(text, policy),
        ("validate_event_json", [event, now_ms]) => Ok(pure::validate_event_json(event, now_ms.parse().unwrap())),
        _ => panic!("no vector can call `{call}` with {} arguments", args.len()),
    }
}

/// One question and its answer: exactly one of `output`, `sha256` and `error`, or none while it is new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    pub call: String,
    pub args: Vec<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Fault>,
}

/// A text, or the pieces that it is joined from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Text {
    Whole(String),
    Joined(Vec<Piece>),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Piece {
    Plain(String),
    Repeated { repeat: String, times: usize },
}

/// What an error says of itself in every language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub message: String,
}

impl Text {
    pub fn joined(&self) -> String {
        match self {
            Text::Whole(text) => text.clone(),
            Text::Joined(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Plain(text) => text.clone(),
                    Piece::Repeated { repeat, times } => repeat.repeat(*times),
                })
                .collect(),
        }
    }

    /// The texts around each place where two plain pieces meet: what must not stand in a file in one piece.
    fn seams(&self) -> Vec<(&str, &str)> {
        let Text::Joined(pieces) = self else { return Vec::new() };
        pieces
            .windows(2)
            .filter_map(|pair| match pair {
                [Piece::Plain(left), Piece::Plain(right)] => Some((left.as_str(), right.as_str())),
                _ => None,
            })
            .collect()
    }
}

impl Case {
    pub fn arguments(&self) -> Vec<String> {
        self.args.iter().map(Text::joined).collect()
    }

    /// What the core says now.
    pub fn answer(&self) -> Result<String> {
        let arguments = self.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        answer(&self.call, &arguments)
    }

    /// This question with the core's answer.
    pub fn answered(&self) -> Case {
        let mut case = Case {
            output: None,
            sha256: None,
            error: None,
            ..self.clone()
        };
        match self.answer() {
            Ok(output) if output.len() > LONGEST_OUTPUT => case.sha256 = Some(sha256(&output)),
            Ok(output) => case.output = Some(self.split_at_seams(output)),
            Err(error) => case.error = Some(fault(&error)),
        }
        case
    }

    /// What the arguments keep apart stays apart in the output, should the core let it through.
    fn split_at_seams(&self, output: String) -> Text {
        let mut cuts: Vec<usize> = Vec::new();
        for (left, right) in self.args.iter().flat_map(Text::seams) {
            let left: String = left
                .chars()
                .rev()
                .take(SEAM)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            let right: String = right.chars().take(SEAM).collect();
            let seam = left.clone() + &right;
            cuts.extend(output.match_indices(&seam).map(|(at, _)| at + left.len()));
        }
        cuts.sort_unstable();
        cuts.dedup();
        if cuts.is_empty() {
            return Text::Whole(output);
        }
        let ends = cuts.iter().copied().chain([output.len()]);
        let begins = [0].into_iter().chain(cuts.iter().copied());
        Text::Joined(
            begins
                .zip(ends)
                .map(|(begin, end)| Piece::Plain(output[begin..end].to_owned()))
                .collect(),
        )
    }
}

pub fn sha256(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

fn fault(error: &Error) -> Fault {
    Fault {
        code: error.code().as_str().to_owned(),
        field: error.field().map(str::to_owned),
        message: error.to_string(),
    }
}

/// The files with their cases, by name. (`exemplar.json` has records, which `core/tests/exemplar.rs` reads.)
pub fn files() -> Vec<(PathBuf, Vec<Case>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json") && !path.ends_with("exemplar.json"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let cases = serde_json::from_str(&fs::read_to_string(&path).unwrap());
            let cases = cases.unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
            (path, cases)
        })
        .collect()
}

/// Cases as their file has them: a member a line, and nothing in it that a reader cannot see.
pub fn written(cases: &[Case]) -> String {
    let cases: Vec<String> = cases
        .iter()
        .map(|case| {
            let mut members = vec![
                format!("\"name\": {}", json(&case.name)),
                format!("\"call\": {}", json(&case.call)),
                format!(
                    "\"args\": [{}]",
                    case.args.iter().map(json).collect::<Vec<_>>().join(", ")
                ),
            ];
            members.extend(case.output.iter().map(|output| format!("\"output\": {}", json(output))));
            members.extend(case.sha256.iter().map(|digest| format!("\"sha256\": {}", json(digest))));
            members.extend(case.error.iter().map(|fault| format!("\"error\": {}", json(fault))));
            format!("  {{\n    {}\n  }}", members.join(",\n    "))
        })
        .collect();
    format!("[\n{}\n]\n", cases.join(",\n"))
}

fn json<T: Serialize>(value: &T) -> String {
    let mut out = String::new();
    for c in serde_json::to_string(value).unwrap().chars() {
        if is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters that look like nothing, like another, or that move their neighbours.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{a0}' | '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}'
            | '\u{e0000}'..)
}
