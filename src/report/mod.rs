//! Says what the records mean: the question, the answer, how it was measured, and what is to be doubted. Made from records alone, so that the same
//! folder gives the same bytes on any day and any machine.

mod answer;
mod body;
mod cost;
mod course;
mod curve;
mod emulated;
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

/// Figures of a run, as names in its folder and SVG: credits, CPU and throughput over time, one of each treatment with emulated instances.
pub fn figures(run: &Run) -> Result<Vec<(String, String)>, StoreError> {
    let findings = Findings::from_run(run)?;
    let courses = course::courses(run, &findings);
    Ok(courses.iter().map(|course| (course::file_name(&course.trial), course.svg())).collect())
}

#[cfg(test)]
mod tests;
