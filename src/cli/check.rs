//! `bench check FILE`: all that is wrong with a file; starts nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "verbs are where bench prints")]

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::compile::compile_to_run;
use crate::fault::{Fault, Faults};
use crate::plan::Plan;
use crate::spec::{Document, Overrides};

/// Exit code of a faulty file.
const FAULTY: u8 = 2;

/// Says whether the file can be run.
pub fn run(file: &Path, overrides: &Overrides, json: bool) -> ExitCode {
    let compiled = Document::load(file, overrides).and_then(compile_to_run);
    let (_, plan) = match compiled.map_err(|faults| tell(&faults, json)) {
        Ok(compiled) => compiled,
        Err(code) => return code,
    };
    if json {
        let (treatments, trials) = (plan.treatments.len(), plan.trials.len());
        let doubts = plan.doubts();
        println!("{}", json!({ "faults": [], "doubts": doubts, "treatments": treatments, "trials": trials }));
    } else {
        tell_doubts(&plan);
        println!("{}: no faults; {}", file.display(), plan.size());
    }
    ExitCode::SUCCESS
}

/// What makes one doubt the plan; it can be run all the same.
pub fn tell_doubts(plan: &Plan) {
    for doubt in plan.doubts() {
        eprintln!("{doubt}");
    }
}

/// Tells faults on stderr, or as one JSON document on stdout.
pub fn tell(faults: &Faults, json: bool) -> ExitCode {
    if json {
        println!("{:#}", to_json(faults));
    } else {
        eprint!("{faults}");
    }
    ExitCode::from(FAULTY)
}

fn to_json(faults: &Faults) -> serde_json::Value {
    let fault = |fault: &Fault| {
        json!({
            "file": faults.file,
            "line": fault.place.map(|place| place.line),
            "column": fault.place.map(|place| place.column),
            "what": fault.what,
            "hint": fault.hint,
        })
    };
    json!({ "faults": faults.faults.iter().map(fault).collect::<Vec<_>>() })
}
