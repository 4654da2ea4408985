//! `bench report DIR --open`: shows the page of a run with whatever this machine opens pages with.
#![expect(clippy::print_stderr, reason = "a verb of the command line: where the page is, is talk")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use super::exit::Exit;
use crate::analyse::Findings;
use crate::record::{Folder, Run, StoreError};
use crate::report::{Format, render_findings};

const PAGE: &str = "report.html";
/// What opens a file: of macOS, and of desktops elsewhere.
const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// Opens the page; makes it of the records where an older bench has left none.
pub fn open(dir: &Path) -> ExitCode {
    let page = match page(dir) {
        Ok(page) => page,
        Err(error) => {
            eprintln!("error: {error}");
            return Exit::Environment.into();
        }
    };
    let opener = Command::new(OPENER).arg(&page).stdin(Stdio::null()).stdout(Stdio::null()).status();
    match opener {
        Ok(status) if status.success() => eprintln!("opened: {}", page.display()),
        Ok(status) => eprintln!("`{OPENER}` could not open it ({status}); the page: {}", page.display()),
        Err(_) => eprintln!("there is no `{OPENER}` here to open it with; the page: {}", page.display()),
    }
    ExitCode::SUCCESS
}

fn page(dir: &Path) -> Result<PathBuf, StoreError> {
    let page = dir.join(PAGE);
    if !page.exists() {
        let run = Run::load(dir)?;
        let text = render_findings(&run, &Findings::from_run(&run)?, Format::Html)?;
        Folder::open(dir).rewrite(&[(PAGE.to_owned(), text)])?;
    }
    Ok(page)
}
