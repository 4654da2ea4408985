//! Says what the records mean: the question, the answer, how it was measured, and what is to be doubted. Made from records alone, so that the same
//! folder gives the same bytes on any day and any machine.

mod answer;
mod body;
mod groups;
mod json;
mod measured;
mod named;
mod number;
mod producers;
mod spent;
mod tables;
mod trust;

use crate::analyse::Findings;
use crate::record::{Run, StoreError};

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// Markdown.
    Md,
    /// For programs.
    Json,
}

/// The report of a run.
pub fn render(run: &Run, format: Format) -> Result<String, StoreError> {
    Ok(render_findings(run, &Findings::from_run(run)?, format))
}

/// The same from findings that are there already.
pub fn render_findings(run: &Run, findings: &Findings, format: Format) -> String {
    match format {
        Format::Json => json::json(run, findings),
        Format::Text | Format::Md => body::body(run, findings, format),
    }
}

#[cfg(test)]
mod tests;
