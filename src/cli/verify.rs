//! `bench verify DIR`: whether a results folder is what was written, and says what its records say.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what was found is this verb's result")]

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::exit::Exit;
use crate::report::verify::{Verified, Wrong, verify};

/// Exit code of a folder that is not whole.
const NOT_WHOLE: u8 = 1;

/// Says what is wrong with a folder, and what was checked.
pub fn run(dir: &Path, as_json: bool) -> ExitCode {
    let found = match verify(dir) {
        Ok(found) => found,
        Err(error) => {
            eprintln!("error: {error}");
            return Exit::Environment.into();
        }
    };
    if as_json {
        println!("{:#}", to_json(dir, &found));
    } else {
        found.faults.iter().for_each(|Wrong { file, what }| println!("{file}: {what}"));
        found.notes.iter().for_each(|note| println!("note: {note}"));
        println!("{}", sentence(dir, &found));
    }
    if found.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(NOT_WHOLE) }
}

/// What was checked, and what came of it.
fn sentence(dir: &Path, found: &Verified) -> String {
    let of = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let (files, trials) = (of(found.files, "file"), of(found.trials, "trial"));
    let dir = dir.display();
    if !found.faults.is_empty() {
        return format!("{dir} is not whole: {} in {files} and {trials}", of(found.faults.len(), "fault"));
    }
    let sums = match found.kept {
        0 => String::new(),
        kept if kept + 1 == found.files => ", each with the sum that it was written with".to_owned(),
        kept => format!(", {kept} of them with the sum that they were written with"),
    };
    let made = match found.made.as_slice() {
        [] => String::new(),
        all => format!("; {} made again from the records, byte for byte", names(all)),
    };
    format!("{dir} is whole: {files}{sums}; the books of {trials} close{made}")
}

/// Figures by their number, all others by name.
fn names(files: &[String]) -> String {
    let (figures, others): (Vec<&String>, Vec<&String>) =
        files.iter().partition(|name| Path::new(name).extension().is_some_and(|end| end == "svg"));
    let mut names: Vec<String> = others.into_iter().cloned().collect();
    match figures.len() {
        0 => {}
        1 => names.push("1 figure".to_owned()),
        several => names.push(format!("{several} figures")),
    }
    names.join(", ")
}

fn to_json(dir: &Path, found: &Verified) -> Value {
    let fault = |wrong: &Wrong| json!({ "file": wrong.file, "what": wrong.what });
    json!({
        "folder": dir.display().to_string(),
        "whole": found.faults.is_empty(),
        "faults": found.faults.iter().map(fault).collect::<Vec<_>>(),
        "notes": found.notes,
        "files": found.files,
        "files_with_their_sum": found.kept,
        "trials": found.trials,
        "made_again": found.made,
    })
}
