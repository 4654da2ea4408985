//! Says what the records mean: the question, the answer, how it was measured, and what is to be doubted. Made from records alone, so that the same
//! folder gives the same bytes on any day and any machine.

mod checklist;
mod csv;
pub mod document;
mod gallery;
mod json;
pub mod list;
#[cfg(test)]
mod method;
mod number;
mod render;
mod say;
mod trail;
pub mod verify;
pub mod versus;

pub use gallery::{Shown, gallery, shown};
pub use render::Screen;

use document::{Document, Drawing, Figure, Part};

use crate::analyse::{Findings, Pictures, tables};
use crate::record::{Run, StoreError, table_text};

/// The document that has all figures.
const GALLERY: &str = "figures.tex";

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// Markdown.
    Md,
    /// A page that needs nothing beside it.
    Html,
    /// For programs: all that the page says, and every metric of every treatment and trial; results/report.schema.json says what each key holds.
    Json,
    /// For programs: every metric of every trial, a row each; bounds apart from values.
    Csv,
    /// For papers: one document of booktabs tables and pgfplots figures that pdflatex compiles.
    Tex,
}

/// The report of a run.
pub fn render(run: &Run, format: Format) -> Result<String, StoreError> {
    render_findings(run, &Findings::from_run(run)?, format)
}

/// The same from findings that are there already.
pub fn render_findings(run: &Run, findings: &Findings, format: Format) -> Result<String, StoreError> {
    Ok(match format {
        Format::Text => on_screen(run, findings, &Screen::default()),
        Format::Md => render::markdown(&document(run, findings)),
        Format::Html => render::html(&whole(run, findings)?),
        Format::Json => json::json(run, findings, &whole(run, findings)?),
        Format::Csv => csv::of_trials(&run.manifest, findings),
        Format::Tex => render::tex(&whole(run, findings)?),
    })
}

/// The report as text that fits a screen.
pub fn on_screen(run: &Run, findings: &Findings, screen: &Screen) -> String {
    render::text(&document(run, findings), screen)
}

/// One claim of a report, the rows behind it, and the arithmetic; else how many claims there are. The first is claim 1.
pub fn claim(run: &Run, findings: &Findings, number: usize) -> Result<String, usize> {
    let (manifest, claims) = (&run.manifest, say::claims(&run.manifest, findings));
    let claim = number.checked_sub(1).and_then(|at| claims.get(at)).ok_or(claims.len())?;
    Ok(trail::text(manifest, findings, (number, claims.len()), claim))
}

/// The referee's checklist of a run; none where there is none in that format.
pub fn checklist(run: &Run, findings: &Findings, format: Format, screen: &Screen) -> Option<String> {
    let groups = checklist::checklist(run, findings);
    let document = checklist::document(run, &groups);
    match format {
        Format::Text => Some(render::text(&document, screen)),
        Format::Md => Some(render::markdown(&document)),
        Format::Json => Some(checklist::json(run, &groups)),
        Format::Html | Format::Csv | Format::Tex => None,
    }
}

/// What is told when a run has ended: the answer, the treatments, and what is doubted in short.
pub fn closing(run: &Run, findings: &Findings, screen: &Screen) -> String {
    render::text(&say::closing(document(run, findings), findings), screen)
}

/// What the report says, whatever it is written as.
pub fn document(run: &Run, findings: &Findings) -> Document {
    say::document(run, findings, None)
}

/// The same with all that can be looked at closer: distributions, and the courses of trials.
pub fn whole(run: &Run, findings: &Findings) -> Result<Document, StoreError> {
    Ok(say::document(run, findings, Some(&Pictures::of(run, findings)?)))
}

/// The figure that answers a run's question, as SVG; none where there is nothing to compare.
pub fn answering_figure(run: &Run, findings: &Findings) -> Option<String> {
    gallery::answering(run, findings).map(|figure| render::svg(&figure))
}

/// All that lies in a run's folder beside its records, made of them: names and texts. `report.md`, `report.html`, and a figure of each treatment with
/// emulated instances.
pub fn files(run: &Run, findings: &Findings) -> Result<Vec<(String, String)>, StoreError> {
    let document = document(run, findings);
    let mut files = vec![
        ("report.md".to_owned(), render::markdown(&document)),
        ("report.html".to_owned(), render_findings(run, findings, Format::Html)?),
    ];
    files.extend(figures(&document));
    Ok(files)
}

/// All that lies in a run's folder and is made of its records, tables too: names and texts.
pub fn made(run: &Run, findings: &Findings) -> Result<Vec<(String, String)>, StoreError> {
    let text = |(name, rows): (&str, Vec<Vec<String>>)| {
        let why = |why| StoreError::Malformed { path: run.path.join(name), why };
        let bytes = table_text(&rows).map_err(why)?;
        Ok((name.to_owned(), String::from_utf8_lossy(&bytes).into_owned()))
    };
    let mut all: Vec<_> = tables(&run.manifest, findings).into_iter().map(text).collect::<Result<_, _>>()?;
    all.extend(files(run, findings)?);
    Ok(all)
}

/// Figures of a document, as names in a run's folder and SVG: credits, CPU and throughput over time, one of each treatment with emulated instances.
fn figures(document: &Document) -> Vec<(String, String)> {
    let parts = document.sections.iter().flat_map(|section| &section.parts);
    let courses = parts.filter_map(|part| match part {
        Part::Figure(figure) if figure.drawing == Drawing::Course => Some(figure.as_ref()),
        _ => None,
    });
    let file = |figure: &Figure| (format!("{}.svg", figure.id), render::svg(figure));
    courses.map(file).collect()
}

/// Every figure of a run, courses of trials too, for papers: names and texts of SVG, CSV and pgfplots TeX of each, and of a document that has them all.
pub fn figures_of(run: &Run, findings: &Findings) -> Result<Vec<(String, String)>, StoreError> {
    let document = whole(run, findings)?;
    let mut figures: Vec<&Figure> = Vec::new();
    document.sections.iter().for_each(|section| gather(&section.parts, &mut figures));
    let mut files: Vec<(String, String)> = Vec::new();
    for figure in &figures {
        files.push((format!("{}.svg", figure.id), render::svg(figure)));
        files.push((format!("{}.csv", figure.id), csv::of_figure(figure)));
        files.push((format!("{}.tex", figure.id), render::fragment(figure)));
    }
    files.push((GALLERY.to_owned(), render::all_fragments(&figures)));
    Ok(files)
}

/// Figures in the order in which they are read, with those that stand behind rows.
fn gather<'a>(parts: &'a [Part], figures: &mut Vec<&'a Figure>) {
    for part in parts {
        match part {
            Part::Figure(figure) => figures.push(figure),
            Part::Table(table) => table.rows.iter().for_each(|row| gather(&row.opens, figures)),
            Part::Paragraph(_) | Part::Claims(..) | Part::List(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
