//! `bench check FILE`: all that is wrong with a file; starts nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "verbs are where bench prints")]

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::plan::{self, Plan};
use crate::spec::{Document, Overrides};

/// Exit code of a faulty file.
const FAULTY: u8 = 2;

/// Says whether the file can be run.
pub fn run(file: &Path, overrides: &Overrides, json: bool) -> ExitCode {
    let plan = match compile_or_tell(file, overrides) {
        Ok(plan) => plan,
        Err(code) => return code,
    };
    if json {
        println!("{}", json!({ "treatments": plan.treatments.len(), "trials": plan.trials.len() }));
    } else {
        println!(
            "{}: no faults; {} treatments, {} trials",
            file.display(),
            plan.treatments.len(),
            plan.trials.len()
        );
    }
    ExitCode::SUCCESS
}

/// The plan of a file; its faults go to stderr.
pub fn compile_or_tell(file: &Path, overrides: &Overrides) -> Result<Plan, ExitCode> {
    Document::load(file, overrides).and_then(|document| plan::compile(&document)).map_err(|faults| {
        eprint!("{faults}");
        ExitCode::from(FAULTY)
    })
}
