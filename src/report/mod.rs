//! Says what the records mean: the question, the answer, how it was measured, and what is to be doubted. Made from records alone, so that the same
//! folder gives the same bytes on any day and any machine.

pub mod document;
mod json;
mod number;
mod render;
mod say;

use document::{Document, Drawing, Figure, Part};

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
        Format::Json => json::json(run, findings, &document(run, findings)),
        Format::Text => render::text(&document(run, findings)),
        Format::Md => render::markdown(&document(run, findings)),
    }
}

/// What the report says, whatever it is written as.
pub fn document(run: &Run, findings: &Findings) -> Document {
    say::document(run, findings)
}

/// Figures of a run, as names in its folder and SVG: credits, CPU and throughput over time, one of each treatment with emulated instances.
pub fn figures(run: &Run, findings: &Findings) -> Vec<(String, String)> {
    let document = document(run, findings);
    let parts = document.sections.iter().flat_map(|section| &section.parts);
    let courses = parts.filter_map(|part| match part {
        Part::Figure(figure) if figure.drawing == Drawing::Course => Some(figure),
        _ => None,
    });
    let file = |figure: &Figure| (format!("{}.svg", figure.id), render::svg(figure));
    courses.map(file).collect()
}

#[cfg(test)]
mod tests;
