//! `bench report DIR`: what a run's records say.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a verb of the command line: the report is its output"
)]

use std::path::Path;
use std::process::ExitCode;

use super::{exit::Exit, screen};
use crate::analyse::Findings;
use crate::record::{Folder, Run, StoreError};
use crate::report::{Format, checklist as boxes, claim as told, figures_of, made, on_screen, render};
use crate::units::Prices;

/// Prints the report of a results folder, at the prices of a table where one is given.
pub fn run(dir: &Path, format: Format, prices: Option<&Path>) -> ExitCode {
    let run = match load(dir, prices) {
        Ok(run) => run,
        Err(code) => return code,
    };
    let rendered = match format {
        Format::Text => {
            Findings::from_run(&run).map(|found| on_screen(&run, &found, &screen::of_stdout(dir)))
        }
        _ => render(&run, format),
    };
    match rendered {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

/// Prints one claim, the rows behind it and the arithmetic.
pub fn claim(dir: &Path, number: usize, prices: Option<&Path>) -> ExitCode {
    let run = match load(dir, prices) {
        Ok(run) => run,
        Err(code) => return code,
    };
    match Findings::from_run(&run).map(|findings| told(&run, &findings, number)) {
        Ok(Ok(text)) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Ok(Err(0)) => {
            eprintln!("error: there is no claim {number}: this run has none");
            Exit::Faulty.into()
        }
        Ok(Err(count)) => {
            eprintln!("error: there is no claim {number}: the claims of this run are 1 to {count}");
            Exit::Faulty.into()
        }
        Err(error) => failed(&error),
    }
}

/// Prints the referee's checklist.
pub fn checklist(dir: &Path, format: Format, prices: Option<&Path>) -> ExitCode {
    let run = match load(dir, prices) {
        Ok(run) => run,
        Err(code) => return code,
    };
    let findings = match Findings::from_run(&run) {
        Ok(findings) => findings,
        Err(error) => return failed(&error),
    };
    let Some(text) = boxes(&run, &findings, format, &screen::of_stdout(dir)) else {
        eprintln!("error: a checklist has the formats `text`, `md` and `json`");
        return Exit::Faulty.into();
    };
    print!("{text}");
    ExitCode::SUCCESS
}

/// Writes each figure into a folder that is made where there is none.
pub fn write_figures(dir: &Path, out: &Path, prices: Option<&Path>) -> ExitCode {
    let run = match load(dir, prices) {
        Ok(run) => run,
        Err(code) => return code,
    };
    let files = match Findings::from_run(&run).and_then(|findings| figures_of(&run, &findings)) {
        Ok(files) => files,
        Err(error) => return failed(&error),
    };
    if let Err(error) = std::fs::create_dir_all(out) {
        eprintln!("error: cannot make `{}`: {error}", out.display());
        return Exit::Environment.into();
    }
    for (name, text) in files {
        let path = out.join(name);
        if let Err(error) = std::fs::write(&path, text) {
            eprintln!("error: cannot write `{}`: {error}", path.display());
            return Exit::Environment.into();
        }
        eprintln!("written: {}", path.display());
    }
    ExitCode::SUCCESS
}

/// A run at the prices of a table, where one is given; else what to end with, said aloud.
fn load(dir: &Path, prices: Option<&Path>) -> Result<Run, ExitCode> {
    let table = prices.map(read_prices).transpose().map_err(|wrong| {
        for what in wrong {
            eprintln!("error: {what}");
        }
        eprintln!("hint: a table has the columns `item,price`: `t3.micro,$0.0104/h`");
        ExitCode::from(Exit::Faulty)
    })?;
    let mut run = Run::load(dir).map_err(|error| failed(&error))?;
    run.manifest.prices = run.manifest.prices.with(&table.unwrap_or_default());
    Ok(run)
}

fn failed(error: &StoreError) -> ExitCode {
    eprintln!("error: {error}");
    Exit::Environment.into()
}

/// Writes again what is made of a folder's records: tables, reports and figures.
pub fn write(dir: &Path) -> ExitCode {
    match try_write(dir) {
        Ok(names) => {
            for name in names {
                eprintln!("written: {}", dir.join(name).display());
            }
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn try_write(dir: &Path) -> Result<Vec<String>, StoreError> {
    let run = Run::load(dir)?;
    let files = made(&run, &Findings::from_run(&run)?)?;
    Folder::open(dir).rewrite(&files)?;
    Ok(files.into_iter().map(|(name, _)| name).collect())
}

fn read_prices(path: &Path) -> Result<Prices, Vec<String>> {
    let text = std::fs::read(path).map_err(|error| vec![format!("{}: {error}", path.display())])?;
    Prices::read_csv(&text, &path.display().to_string())
}
