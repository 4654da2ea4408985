//! `bench report DIR`: what a run's records say.

use std::path::Path;
use std::process::ExitCode;

use crate::record::Run;
use crate::report::{Format, render};

/// The environment failed: the folder cannot be read.
const ENVIRONMENT: u8 = 3;

/// Prints the report of a results folder.
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a verb of the command line: the report is its output"
)]
pub fn run(dir: &Path, format: Format) -> ExitCode {
    match Run::load(dir).and_then(|run| render(&run, format)) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(ENVIRONMENT)
        }
    }
}
