//! `bench plan FILE`: what a run would do; starts nothing.
#![expect(clippy::print_stdout, reason = "verbs are where bench prints")]

use std::path::Path;
use std::process::ExitCode;

use super::check::compile_or_tell;
use crate::load::limits::Limits;
use crate::spec::Overrides;

/// Columns where there is no terminal to ask.
const WIDTH: usize = 80;

/// How a plan is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// As pictures of the rate over time.
    Pictures,
}

impl Show {
    /// By the options given.
    pub const fn of(json: bool, draw: bool) -> Self {
        match (json, draw) {
            (true, _) => Show::Json,
            (false, true) => Show::Pictures,
            (false, false) => Show::Text,
        }
    }
}

/// Prints the plan.
pub fn run(file: &Path, overrides: &Overrides, show: Show) -> ExitCode {
    match compile_or_tell(file, overrides, show == Show::Json) {
        Err(code) => return code,
        Ok(plan) => {
            // What is lacking here may be there where it runs: a doubt, not a fault.
            let lacking = Limits::of_host().lacking(plan.needs(1));
            match show {
                Show::Json => {
                    let mut value = plan.to_json();
                    value["lacking"] = lacking.into();
                    println!("{value:#}");
                }
                Show::Text => {
                    print!("{plan}");
                    for what in lacking {
                        println!("\ndoubt: {what}");
                    }
                }
                Show::Pictures => print!("{}", plan.draw(width())),
            }
        }
    }
    ExitCode::SUCCESS
}

/// The terminal's width; `COLUMNS` where there is none, since a pipe may lead to one.
fn width() -> usize {
    let asked = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).or_else(asked).unwrap_or(WIDTH)
}
