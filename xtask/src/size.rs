//! `cargo xtask size`: what a page has to load, against the budget, and where the bytes of the modules go.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::build::Builder;
use crate::build::wasm::{VARIANTS, Variant};
use crate::failure::{Context, Failure, Result};
use crate::paths::root;
use crate::process::capture;
use crate::wasm_file::{Part, parts};

/// Bytes of each artefact after brotli, which is what a budget is for.
const BUDGET: &str = "bindings-wasm/size-budget.json";
/// Parts smaller than this are summed up.
const SMALL: usize = 500;

/// Node's own compressors at their highest level.
const COMPRESS: &str = "
const { readFileSync } = require('fs'), zlib = require('zlib');
const sizes = process.argv.slice(1).map((file) => {
  const raw = readFileSync(file);
  const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: raw.length };
  return [raw.length, zlib.gzipSync(raw, { level: 9 }).length, zlib.brotliCompressSync(raw, { params }).length];
});
console.log(JSON.stringify(sizes));";

/// Options of the size report.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Size {
    /// Also write the figures to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

#[derive(Debug)]
struct Artefact {
    name: &'static str,
    file: &'static str,
    raw: u64,
    gzip: u64,
    brotli: u64,
    budget: u64,
}

impl Artefact {
    fn holds(&self) -> bool {
        self.brotli <= self.budget
    }
}

impl Size {
    pub(crate) fn run(&self, builder: &Builder) -> Result<()> {
        builder.wasm_package()?;
        let artefacts = artefacts()?;
        println!(
            "{:<13} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "", "raw", "gzip", "brotli", "budget", "left"
        );
        for artefact in &artefacts {
            let left = i128::from(artefact.budget) - i128::from(artefact.brotli);
            println!(
                "{:<13} {:>9} {:>9} {:>9} {:>9} {:>9}",
                artefact.name, artefact.raw, artefact.gzip, artefact.brotli, artefact.budget, left
            );
        }
        let mut figures: Vec<Value> = artefacts.iter().map(figure).collect();
        for variant in &VARIANTS {
            let groups = groups(variant)?;
            let whole: usize = groups.iter().map(|(_, bytes)| bytes).sum();
            println!("\nThe {} module by part, raw bytes:", variant.name);
            for (name, bytes) in &groups {
                let share = ratio(*bytes as u64, whole as u64);
                println!("{bytes:>9}  {:>5.1} %  {name}", 100.0 * share);
                figures.push(json!({
                    "name": format!("size: {} module, {name}", variant.name), "ours": bytes, "peer": whole,
                    "peer_name": "the module", "ratio": share, "goal": null, "unit": "bytes raw", "holds": null, "note": "",
                }));
            }
        }
        if let Some(file) = &self.json {
            let text = format!("{:#}\n", Value::Array(figures));
            fs::write(file, text).context(|| format!("cannot write {}", file.display()))?;
        }
        verdict(&artefacts)
    }
}

fn verdict(artefacts: &[Artefact]) -> Result<()> {
    let broken: Vec<String> = artefacts
        .iter()
        .filter(|artefact| !artefact.holds())
        .map(|artefact| {
            format!(
                "the {} ({}) has {} bytes after brotli, over its budget of {}",
                artefact.name, artefact.file, artefact.brotli, artefact.budget
            )
        })
        .collect();
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format_args!(
        "{}.\nSee in the table above what grew, and cut it; a budget in {BUDGET} is raised only with a reason that its users would accept.",
        broken.join("; ")
    )))
}

fn figure(artefact: &Artefact) -> Value {
    json!({
        "name": format!("size: {}", artefact.name), "ours": artefact.brotli, "peer": artefact.budget, "peer_name": "budget",
        "ratio": ratio(artefact.brotli, artefact.budget), "goal": "<= 1.0", "unit": "bytes after brotli", "holds": artefact.holds(),
        "note": format!("{} raw, {} after gzip", artefact.raw, artefact.gzip),
    })
}

/// What a page loads beside its budgets, of the package as it is built now.
pub(crate) fn rows() -> Result<Vec<Value>> {
    Ok(artefacts()?.iter().map(figure).collect())
}

fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn artefacts() -> Result<Vec<Artefact>> {
    let files = [
        ("full module", "bindings-wasm/pkg/web/tasktrail_wasm_bg.wasm"),
        ("slim module", "bindings-wasm/pkg/slim/tasktrail_wasm_slim_bg.wasm"),
        ("full glue", "bindings-wasm/pkg/web/tasktrail_wasm.js"),
        ("slim glue", "bindings-wasm/pkg/slim/tasktrail_wasm.js"),
        ("page script", "bindings-wasm/dist/ui/task-history.js"),
    ];
    let mut compress = Command::new("node");
    compress.current_dir(root()).arg("--eval").arg(COMPRESS).arg("--");
    let sizes = capture(compress.args(files.map(|(_, file)| file)))?;
    let sizes: Vec<[u64; 3]> =
        serde_json::from_str(&sizes).map_err(|fault| Failure::new(format_args!("node gave no sizes: {fault}")))?;
    let budgets = fs::read_to_string(root().join(BUDGET)).context(|| format!("cannot read {BUDGET}"))?;
    let budgets: HashMap<String, u64> =
        serde_json::from_str(&budgets).map_err(|fault| Failure::new(format_args!("{BUDGET}: {fault}")))?;
    files
        .into_iter()
        .zip(sizes)
        .map(|((name, file), [raw, gzip, brotli])| {
            let budget = budgets.get(name).copied();
            Ok(Artefact {
                name,
                file,
                raw,
                gzip,
                brotli,
                budget: budget.ok_or_else(|| Failure::new(format_args!("{BUDGET} has no budget for the {name}")))?,
            })
        })
        .collect()
}

/// The parts of a module, by the crate or the module of this crate that they come from, the largest first.
fn groups(variant: &Variant) -> Result<Vec<(String, usize)>> {
    let file = variant.named()?;
    let module = fs::read(&file).context(|| format!("cannot read {}", file.display()))?;
    let parts = parts(&module).ok_or_else(|| unreadable(&file))?;
    Ok(grouped(&parts))
}

fn unreadable(file: &Path) -> Failure {
    Failure::new(format_args!("{} is no WebAssembly module", file.display()))
}

fn grouped(parts: &[Part]) -> Vec<(String, usize)> {
    let mut sums: HashMap<String, usize> = HashMap::new();
    for part in parts {
        *sums.entry(origin(&part.name)).or_default() += part.bytes;
    }
    let (mut groups, small): (Vec<_>, Vec<_>) = sums.into_iter().partition(|(_, bytes)| *bytes >= SMALL);
    groups.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if !small.is_empty() {
        groups.push(("others".to_owned(), small.iter().map(|(_, bytes)| bytes).sum()));
    }
    groups
}

/// Where a function comes from. What a crate's generics become for this crate's types counts as the crate's.
fn origin(name: &str) -> String {
    if name.starts_with('(') {
        return name.to_owned();
    }
    // An exported function holds what it alone calls.
    if let Some(export) = name.strip_suffix(" multivalue shim") {
        let export = export.split_once('_').map_or(export, |(class, _)| class);
        return format!("export {export}");
    }
    let name = without_hashes(name);
    let path = name.trim_start_matches(|mark: char| !mark.is_alphabetic() && mark != '_');
    let path = ["mut ", "dyn "]
        .iter()
        .fold(path, |path, prefix| path.strip_prefix(prefix).unwrap_or(path));
    let end = path
        .find(|mark: char| !mark.is_alphanumeric() && mark != '_' && mark != ':')
        .unwrap_or(path.len());
    let (path, _) = path.split_at(end);
    let mut segments = path.split("::").filter(|segment| !segment.is_empty());
    match (segments.next(), segments.next()) {
        (Some(ours @ "tasktrail"), Some(module)) => format!("{ours}::{module}"),
        (Some(library @ ("core" | "alloc" | "std")), Some(module)) => format!("{library}::{module}"),
        (Some(krate), Some(_)) => krate.to_owned(),
        // A method of a type that the language itself has.
        _ => "the language's own types".to_owned(),
    }
}

/// Takes out what tells two builds of a crate apart: `core[44528b579e4af097]::fmt::write` is `core::fmt::write`.
fn without_hashes(name: &str) -> String {
    let is_hash = |text: &str| text.len() > 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut parts = name.split('[');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if is_hash(hash) => plain.push_str(rest),
            _ => {
                plain.push('[');
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_known_by_where_it_comes_from() {
        for (name, expected) in [
            ("tasktrail::history::tree::way", "tasktrail::history"),
            ("<tasktrail::json::Json>::string", "tasktrail::json"),
            (
                "<&mut serde_json::de::Deserializer<R> as serde_core::de::Deserializer>::deserialize_any",
                "serde_json",
            ),
            ("<alloc::vec::Vec<tasktrail::X>>::push", "alloc::vec"),
            ("core[44528b579e4af097]::fmt::write", "core::fmt"),
            ("<[tasktrail[976afded1a75f2eb]::query::Page]>::sort", "tasktrail::query"),
            ("<str>::to_lowercase", "the language's own types"),
            ("taskhistory_apply multivalue shim", "export taskhistory"),
            ("validateEvent multivalue shim", "export validateEvent"),
            ("(data)", "(data)"),
        ] {
            assert_eq!(origin(name), expected, "{name}");
        }
    }

    #[test]
    fn what_is_over_its_budget_is_named_with_what_to_do() {
        let artefact = |name, brotli| Artefact {
            name,
            file: "a/b.wasm",
            raw: 9,
            gzip: 8,
            brotli,
            budget: 7,
        };
        assert!(verdict(&[artefact("slim module", 7)]).is_ok());
        let Err(Failure::Message(message)) = verdict(&[artefact("slim module", 7), artefact("full module", 8)]) else {
            panic!("it holds");
        };
        assert!(message.starts_with("the full module (a/b.wasm) has 8 bytes after brotli, over its budget of 7.\nSee"));
        assert_eq!(figure(&artefact("slim module", 8))["holds"], false);
    }

    #[test]
    fn small_parts_are_summed_up() {
        let part = |name: &str, bytes| Part {
            name: name.to_owned(),
            bytes,
        };
        let parts = [
            part("a::b", 400),
            part("a::c", 200),
            part("d::e", 3),
            part("f::g", 4),
            part("(data)", 900),
        ];
        let expected = [("(data)", 900), ("a", 600), ("others", 7)].map(|(name, bytes)| (name.to_owned(), bytes));
        assert_eq!(grouped(&parts), expected);
    }
}
