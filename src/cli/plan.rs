//! `bench plan FILE`: what a run would do; starts nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "verbs are where bench prints")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use super::check::{tell, tell_doubts};
use super::compile::{Compiled, compile};
use super::exit::Exit;
use super::pilot::Asked;
use super::width::width;
use crate::consumers::emulation::cgroup::OwnLimit;
use crate::driver;
use crate::load::limits::Limits;
use crate::record::Pacing;
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
pub fn run(file: &Path, overrides: &Overrides, show: Show, pilot: Option<&Asked<'_>>) -> ExitCode {
    let pilot = match pilot.map(Asked::read).transpose() {
        Ok(pilot) => pilot,
        Err(error) => {
            eprintln!("error: {error}");
            return Exit::Environment.into();
        }
    };
    match compile(file, overrides) {
        Err(faults) => return tell(&faults, show == Show::Json),
        Ok(Compiled { plan, unset, .. }) => {
            // What is lacking here may be there where it runs: a doubt, not a fault.
            let lacking = || {
                let mut lacking = Limits::of_host().lacking(plan.needs(plan.brokers()));
                lacking.extend(limited());
                lacking.extend(unset.iter().map(|unset| unset.what.clone()));
                lacking
            };
            let pacing = || driver::pacing(&plan).map_err(|error| error.to_string());
            match show {
                Show::Json => {
                    let mut value = plan.to_json();
                    value["lacking"] = lacking().into();
                    match pacing() {
                        Ok(pacing) => value["pacing"] = serde_json::json!(pacing),
                        Err(error) => value["pacing_error"] = error.into(),
                    }
                    if let Some(pilot) = &pilot {
                        value["takes"] = pilot.json();
                    }
                    println!("{value:#}");
                }
                Show::Text => {
                    print!("{plan}");
                    say(pacing());
                    if let Some(pilot) = &pilot {
                        print!("\n{}", pilot.text(plan.repetitions));
                    }
                    for what in lacking() {
                        println!("\ndoubt: {what}");
                    }
                }
                Show::Pictures => {
                    tell_doubts(&plan);
                    print!("{}", plan.draw(width().unwrap_or(WIDTH)));
                }
            }
        }
    }
    ExitCode::SUCCESS
}

/// The CPU limit that a run would be under here.
fn limited() -> Option<String> {
    let limit = OwnLimit::find(Path::new("/"))?;
    Some(format!(
        "bench, its consumers and its broker may together use {:.2} cores here: `{}` has that limit",
        limit.cores,
        limit.folder().display()
    ))
}

/// What the kernel of this host gives; once where all treatments ask for the same.
fn say(pacing: Result<BTreeMap<String, Pacing>, String>) {
    match pacing {
        Err(error) => println!("\non this host it would fail: {error}"),
        Ok(pacing) => {
            let mut told: Vec<(&Pacing, Vec<&str>)> = Vec::new();
            for (slug, one) in &pacing {
                match told.iter_mut().find(|(other, _)| *other == one) {
                    Some((_, slugs)) => slugs.push(slug),
                    None => told.push((one, vec![slug])),
                }
            }
            for (at, (one, slugs)) in told.iter().enumerate() {
                let whose = if told.len() > 1 { format!(" ({})", slugs.join(" ")) } else { String::new() };
                println!(
                    "{}{one}{whose}",
                    if at == 0 { "\nthe pacer has here: " } else { "                    " }
                );
            }
        }
    }
}
