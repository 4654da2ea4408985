//! `bench consumer`: the reference consumer.

use std::path::Path;
use std::process::ExitCode;

use crate::consumers::{Config, ConsumerError, WorkConfig, run as consume};

/// Runs until it is asked to stop. What it has to say goes to its output as lines; stderr is for what keeps it from saying anything.
#[expect(clippy::print_stderr, reason = "the command line is the one printer")]
pub fn run(config: Option<&Path>, work: WorkConfig) -> ExitCode {
    let ended = Config::load(config, work).map_err(ConsumerError::from).and_then(consume);
    let Err(error) = ended else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {error}");
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        eprintln!("  {error}");
        cause = error.source();
    }
    ExitCode::from(match error {
        ConsumerError::Config(_) => 2,
        _ => 3,
    })
}
