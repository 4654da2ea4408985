//! `bench clean`: takes away what dead runs have left.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what was done is this verb's result")]

use std::process::ExitCode;

use super::exit::Exit;
use crate::cluster::clean;
use crate::driver::forget_begin;

/// Cleans up, on one cluster only where `bootstrap` names it.
/// `given` are properties (`NAME=VALUE`) that were kept secret.
pub fn run(bootstrap: Option<&str>, given: &[String]) -> ExitCode {
    let pair = |text: &String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let Some(given) = given.iter().map(pair).collect() else {
        eprintln!("error: `--property` takes a name, `=` and a value: `--property sasl.password=…`");
        return Exit::Faulty.into();
    };
    let forget = |admin: &_, group: &_| forget_begin(admin, group).map_err(|error| error.to_string());
    let cleaned = match clean(bootstrap, &given, &forget) {
        Ok(cleaned) => cleaned,
        Err(error) => {
            eprintln!("error: {error}");
            return Exit::Environment.into();
        }
    };
    for run in &cleaned {
        run.removed.iter().for_each(|what| println!("run {}: removed {what}", run.run));
        run.left.iter().for_each(|what| eprintln!("run {}: left behind: {what}", run.run));
    }
    if cleaned.is_empty() {
        println!("nothing to clean");
    }
    let all_gone = cleaned.iter().all(|run| run.left.is_empty());
    if all_gone { ExitCode::SUCCESS } else { Exit::Environment.into() }
}
