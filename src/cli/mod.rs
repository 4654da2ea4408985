//! The command line: verbs, progress, exit codes. The only room that prints.

mod args;
pub mod check;
mod clean;
mod compile;
mod consumer;
mod exit;
mod instances;
pub mod plan;
mod progress;
mod report;
mod run;
pub mod schema;
mod signals;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use self::args::{Cli, OverrideArgs, Verb};
use crate::spec::Overrides;

/// What `main` calls.
pub fn main() -> ExitCode {
    match Cli::parse().verb {
        Verb::Run(args) => run::run(&args),
        Verb::Check { file, overrides: given, json } => check::run(&file, &overrides(&given), json),
        Verb::Plan { file, overrides: given, json, draw } => {
            plan::run(&file, &overrides(&given), plan::Show::of(json, draw))
        }
        Verb::Report { dir, format, prices } => report::run(&dir, format, prices.as_deref()),
        Verb::Instances { names, sort, json } => instances::run(&names, sort, json),
        Verb::Schema => schema::run(),
        Verb::Clean { bootstrap } => clean::run(bootstrap.as_deref()),
        Verb::Consumer { config } => consumer::run(config.as_deref()),
        Verb::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "bench", &mut std::io::stdout());
            ExitCode::SUCCESS
        }
    }
}

fn overrides(given: &OverrideArgs) -> Overrides {
    Overrides { set: given.set.clone(), repetitions: given.repetitions, seed: given.seed }
}
