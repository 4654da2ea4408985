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
use crate::report::{Format, files, on_screen, render};
use crate::units::Prices;

/// Prints the report of a results folder, at the prices of a table where one is given.
pub fn run(dir: &Path, format: Format, prices: Option<&Path>) -> ExitCode {
    let table = match prices.map(read_prices).transpose() {
        Ok(table) => table.unwrap_or_default(),
        Err(wrong) => {
            for what in wrong {
                eprintln!("error: {what}");
            }
            eprintln!("hint: a table has the columns `item,price`: `t3.micro,$0.0104/h`");
            return Exit::Faulty.into();
        }
    };
    let priced = |mut run: Run| {
        run.manifest.prices = run.manifest.prices.with(&table);
        run
    };
    let rendered = |run: Run| match format {
        Format::Text => Ok(on_screen(&run, &Findings::from_run(&run)?, &screen::of_stdout(dir))),
        _ => render(&run, format),
    };
    match Run::load(dir).map(priced).and_then(rendered) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            Exit::Environment.into()
        }
    }
}

/// Writes a folder's reports and figures again.
pub fn write(dir: &Path) -> ExitCode {
    match try_write(dir) {
        Ok(names) => {
            for name in names {
                eprintln!("written: {}", dir.join(name).display());
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            Exit::Environment.into()
        }
    }
}

fn try_write(dir: &Path) -> Result<Vec<String>, StoreError> {
    let run = Run::load(dir)?;
    let files = files(&run, &Findings::from_run(&run)?)?;
    Folder::open(dir).rewrite(&files)?;
    Ok(files.into_iter().map(|(name, _)| name).collect())
}

fn read_prices(path: &Path) -> Result<Prices, Vec<String>> {
    let text = std::fs::read(path).map_err(|error| vec![format!("{}: {error}", path.display())])?;
    Prices::read_csv(&text, &path.display().to_string())
}
