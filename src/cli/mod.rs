//! The command line: verbs, progress, exit codes. The only room that prints.

mod args;
pub mod check;
mod clean;
mod compare;
mod compile;
mod consumer;
mod exit;
mod instances;
mod list;
mod opened;
pub mod pilot;
mod plan;
mod progress;
mod report;
mod resume;
mod run;
pub mod schema;
mod screen;
mod signals;
mod verify;
mod width;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use self::args::{Cli, OverrideArgs, Verb};
use crate::consumers::WorkConfig;
use crate::spec::{Amount, Overrides};
use crate::units::Span;

/// How `print!` says that what it has cannot be written.
const NOT_PRINTED: &str = "failed printing to stdout: ";
/// The same where nobody reads.
const NO_READER: &str = "Broken pipe";
/// What a shell sees of a program that SIGPIPE ended.
const END_BY_SIGPIPE: i32 = 128 + 13;
/// What the environment did not let us do.
const ENVIRONMENT: i32 = 3;

/// What `main` calls.
pub fn main() -> ExitCode {
    let verb = Cli::parse().verb;
    if !matches!(verb, Verb::Run(_) | Verb::Clean { .. } | Verb::Consumer { .. }) {
        end_with_the_output();
    }
    match verb {
        Verb::Run(args) => run::run(&args),
        Verb::Check { file, overrides: given, json } => check::run(&file, &overrides(&given), json),
        Verb::Plan { file, overrides: given, json, draw, from, width } => {
            let pilot = from.as_deref().map(|dir| pilot::Asked { dir, width });
            plan::run(&file, &overrides(&given), plan::Show::of(json, draw), pilot.as_ref())
        }
        Verb::Report { dir, write: true, .. } => report::write(&dir),
        Verb::Report { dir, open: true, .. } => opened::open(&dir),
        Verb::Report { dir, figures: Some(out), prices, .. } => {
            report::write_figures(&dir, &out, prices.as_deref())
        }
        Verb::Report { dir, claim: Some(number), prices, .. } => {
            report::claim(&dir, number, prices.as_deref())
        }
        Verb::Report { dir, checklist: true, format, prices, .. } => {
            report::checklist(&dir, format, prices.as_deref())
        }
        Verb::Report { dir, format, prices, .. } => report::run(&dir, format, prices.as_deref()),
        Verb::Verify { dir, json, seal } => verify::run(&dir, json, seal),
        Verb::Compare(args) => compare::run(&args),
        Verb::List { dir, json, html } => list::run(&dir, list::Show::of(json, html)),
        Verb::Instances { names, sort, json } => instances::run(&names, sort, json),
        Verb::Schema => schema::run(),
        Verb::Clean { bootstrap, property } => clean::run(bootstrap.as_deref(), &property),
        Verb::Consumer { config, cpu, wait } => {
            let fixed = |span: Option<Span>| span.map(|span| Amount::Fixed(span).into());
            let work = WorkConfig { cpu: fixed(cpu), wait: fixed(wait), ..WorkConfig::default() };
            consumer::run(config.as_deref(), work)
        }
        Verb::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "bench", &mut std::io::stdout());
            ExitCode::SUCCESS
        }
    }
}

/// A reader such as `head` may have had enough: then there is nobody to print for, and that is no fault. A disk that is full is one of the environment. Not
/// for verbs that have something to clean up.
#[expect(clippy::exit, reason = "a hook cannot return a code, and these verbs leave nothing behind")]
#[expect(clippy::print_stderr, reason = "verbs are where bench prints")]
fn end_with_the_output() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        match panic.payload_as_str().and_then(|text| text.strip_prefix(NOT_PRINTED)) {
            Some(why) if why.starts_with(NO_READER) => std::process::exit(END_BY_SIGPIPE),
            Some(why) => {
                eprintln!("error: the output cannot be written: {why}");
                std::process::exit(ENVIRONMENT);
            }
            None => usual(panic),
        }
    }));
}

fn overrides(given: &OverrideArgs) -> Overrides {
    Overrides { set: given.set.clone(), repetitions: given.repetitions, seed: given.seed }
}
