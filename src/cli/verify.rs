//! `bench verify DIR`: whether a results folder is what was written, and says what its records say.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what was found is this verb's result")]

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::exit::Exit;
use crate::record::{Build, Folder, StoreError};
use crate::report::verify::{Verified, Wrong, verify};

/// Exit code of a folder that is not whole.
const NOT_WHOLE: u8 = 1;

/// Says what is wrong with a folder, and what was checked. One without sums that is whole gets them where that is asked for.
pub fn run(dir: &Path, as_json: bool, seal: bool) -> ExitCode {
    let found = match verify(dir).and_then(|found| if seal { sealed(dir, found) } else { Ok(found) }) {
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

/// What is not whole is not sealed: its sums would say that it was.
fn sealed(dir: &Path, found: Verified) -> Result<Verified, StoreError> {
    if !found.faults.is_empty() {
        eprintln!("not sealed: {} is not whole", dir.display());
        return Ok(found);
    }
    if !Folder::open(dir).seal_later(SystemTime::now(), &Build::this())? {
        eprintln!("not sealed: {} has its sums", dir.display());
        return Ok(found);
    }
    verify(dir)
}

/// What was checked, and what came of it.
fn sentence(dir: &Path, found: &Verified) -> String {
    let of = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let (files, trials) = (of(found.files, "file"), of(found.trials, "trial"));
    let dir = dir.display();
    if !found.faults.is_empty() {
        return format!("{dir} is not whole: {} in {files} and {trials}", of(found.faults.len(), "fault"));
    }
    let since = match &found.sealed {
        None => "was written with".to_owned(),
        Some(later) => format!("had when the folder was sealed ({later})"),
    };
    let sums = match found.kept {
        0 => String::new(),
        kept if kept + 1 == found.files => format!(", each with the sum that it {since}"),
        kept => format!(", {kept} of them with the sum that each {since}"),
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
        "sealed_later": found.sealed,
    })
}
