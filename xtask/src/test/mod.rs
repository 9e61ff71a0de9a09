//! `cargo xtask test`: every part, or those that are named; one run tells all that is wrong.

mod lab;
mod parts;

use std::time::{Duration, Instant};

use clap::builder::PossibleValuesParser;

use crate::build::Builder;
use crate::failure::{Failure, Result};
use crate::progress::elapsed;
use crate::test::lab::Lab;
use crate::test::parts::PARTS;

/// Options of the tests.
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Run these parts only
    #[arg(value_name = "PART", value_parser = PossibleValuesParser::new(PARTS.iter().map(|part| part.name)))]
    pub(crate) parts: Vec<String>,
}

impl Test {
    pub(crate) fn run(&self, builder: &Builder) -> Result<()> {
        let lab = Lab::new(builder)?;
        let began = Instant::now();
        let chosen = PARTS
            .iter()
            .filter(|part| self.parts.is_empty() || self.parts.iter().any(|name| name == part.name));
        let mut outcomes: Vec<(&str, bool, Duration)> = Vec::new();
        for part in chosen {
            eprintln!("\n── {}: {}", part.name, part.about);
            let started = Instant::now();
            let outcome = (part.run)(&lab);
            match &outcome {
                Ok(()) => {}
                Err(Failure::Interrupted) => return outcome,
                Err(Failure::Message(message)) => eprintln!("{message}"),
            }
            outcomes.push((part.name, outcome.is_ok(), started.elapsed()));
        }
        println!();
        for (name, passed, time) in &outcomes {
            println!("{} {name:<10} {:>12}", if *passed { "✓" } else { "✗" }, elapsed(*time));
        }
        println!("  {:<10} {:>12}", "all", elapsed(began.elapsed()));
        let failed: Vec<&str> = outcomes
            .iter()
            .filter(|(_, passed, _)| !passed)
            .map(|(name, ..)| *name)
            .collect();
        if failed.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format_args!("failed: {}", failed.join(", "))))
    }
}
