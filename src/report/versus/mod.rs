//! Says what a comparison of runs, or of treatments, came to: a document like any report, so that it has all its formats.

mod bounds;
mod figure;
mod json;
mod said;
mod table;

pub use json::json;

use super::document::{Document, Section};
use super::say::emulated;
use super::{Format, Screen, csv, render};
use crate::analyse::versus::{Census, Difference, Side};
use crate::spec::Metric;

/// What is compared, and what it came to.
pub struct Compared<'a> {
    /// The first is what all others are set against.
    pub sides: Vec<Side<'a>>,
    /// How each was named on the command line.
    pub named: Vec<String>,
    /// By what.
    pub metrics: Vec<Metric>,
    /// All comparisons.
    pub census: Census,
    /// In what each of the others differs from the first.
    pub differences: Vec<Vec<Difference>>,
}

impl Compared<'_> {
    /// Whether something forbids to set the numbers of these against each other.
    pub fn is_unlike(&self) -> bool {
        self.differences.iter().flatten().any(|one| one.forbids)
    }

    /// A letter for each side: `A` is the first.
    fn letter(at: usize) -> String {
        u8::try_from(at)
            .ok()
            .filter(|at| *at < 26)
            .map_or_else(|| format!("run {}", at + 1), |at| char::from(b'A' + at).to_string())
    }
}

/// The comparison in a format.
pub fn rendered(compared: &Compared<'_>, format: Format, screen: &Screen) -> String {
    let document = document(compared);
    match format {
        Format::Text => render::text(&document, screen),
        Format::Md => render::markdown(&document),
        Format::Html => render::html(&document),
        Format::Tex => render::tex(&document),
        Format::Json => json(compared, &document),
        Format::Csv => csv::of_comparisons(&compared.census),
    }
}

/// What is said, whatever it is written as.
pub fn document(compared: &Compared<'_>) -> Document {
    let emulated = compared.sides.first().map(|side| emulated::title(side.run)).unwrap_or_default();
    let mut answer = Section::new("answer", "");
    answer.say(said::answer(compared));
    answer.say(said::census(compared));
    let mut sides = Section::new("sides", "What is compared");
    sides.list(said::sides(compared));
    let mut unjudged = Section::new("unjudged", "Not judged, and why");
    unjudged.list(said::unjudged(compared));
    let mut how = Section::new("how", "How it is judged, and what it cannot tell");
    how.list(said::how(compared));
    let sections = [
        Some(answer),
        Some(sides),
        figure::section(compared),
        bounds::section(compared, &emulated),
        table::section(compared, &emulated),
        Some(unjudged).filter(|section| !section.parts.is_empty()),
        Some(table::differences(compared)),
        Some(how),
    ];
    let first = compared.sides.first().map(|side| &side.run.manifest);
    Document {
        title: format!("{}, compared{emulated}", first.map_or("", |of| of.experiment.as_str())),
        question: first.map(|of| of.question.clone()).unwrap_or_default(),
        sections: sections.into_iter().flatten().collect(),
    }
}
