//! `bench plan FILE`: what a run would do; starts nothing.
#![expect(clippy::print_stdout, reason = "verbs are where bench prints")]

use std::path::Path;
use std::process::ExitCode;

use super::check::compile_or_tell;
use crate::spec::Overrides;

/// Prints the plan.
pub fn run(file: &Path, overrides: &Overrides, json: bool) -> ExitCode {
    match compile_or_tell(file, overrides, json) {
        Err(code) => code,
        Ok(plan) => {
            if json {
                println!("{:#}", plan.to_json());
            } else {
                print!("{plan}");
            }
            ExitCode::SUCCESS
        }
    }
}
