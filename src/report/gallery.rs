//! The page over many runs, `bench list --html`: made of the list and of each run's own records, which are judged once for both.

use std::path::{Component, Path};

use super::document::Figure;
use super::list::{Ended, Listed, look};
use super::render::{self, Card};
use super::say::{alone, emulated, scaling};
use crate::analyse::Findings;
use crate::record::{Run, StoreError};

/// A run as it stands on the page.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What is said of it.
    pub run: Listed,
    /// The figure of its answer, the first panel alone; none where there is nothing to compare, or it is not through.
    figure: Option<Figure>,
    /// What was emulated; none where nothing was.
    emulated: Option<String>,
}

/// All runs below a folder, each judged once.
pub fn shown(dir: &Path) -> Result<Vec<Shown>, StoreError> {
    let all = look(dir, seen)?.into_iter();
    Ok(all.map(|(run, (figure, emulated))| Shown { run, figure, emulated }).collect())
}

/// The page for the folder `dir`, in which or below which these runs lie: its links lead from there.
pub fn gallery(dir: &Path, runs: &[Shown]) -> String {
    let cards: Vec<Card> = runs.iter().map(|run| card(dir, run)).collect();
    render::gallery("Runs", &cards)
}

fn card(dir: &Path, Shown { run, figure, emulated }: &Shown) -> Card {
    let within = run.folder.strip_prefix(dir).unwrap_or(&run.folder);
    let asked = run.asked.as_ref();
    let date = asked.map(|asked| asked.started.as_str()).unwrap_or_default();
    let date = date.get(..16).unwrap_or(date).replace('T', " ");
    let (outcome, answer) = match &run.outcome {
        Ended::Unfinished(trials, planned) => {
            (format!("unfinished, {trials} of {planned} trials"), String::new())
        }
        Ended::Unread(why) => (run.outcome.name().to_owned(), why.clone()),
        _ => (run.told.clone(), run.answer.clone().unwrap_or_default()),
    };
    let report = ["report.html", "report.md"].into_iter().find(|name| run.folder.join(name).exists());
    Card {
        name: asked.map_or_else(|| within.display().to_string(), |asked| asked.experiment.clone()),
        question: asked.map(|asked| asked.question.clone()).unwrap_or_default(),
        answer,
        date: if date.is_empty() { "at a time that is not known".to_owned() } else { format!("{date} UTC") },
        is_bad: !matches!(run.outcome, Ended::Held),
        outcome,
        link: report.map(|name| link(&within.join(name))),
        figure: figure.clone(),
        emulated: emulated.clone(),
    }
}

/// The figure of the answer, its first panel alone and without its notes: it is small here, and whole on the run's own page. And what was emulated.
fn seen(run: &Run, findings: Option<&Findings>) -> (Option<Figure>, Option<String>) {
    let figure = findings.and_then(|findings| answering(run, findings));
    let first = figure.map(|mut figure| {
        figure.panels.truncate(1);
        figure
    });
    (first, emulated::briefly(run))
}

/// The figure that answers a run's question; none where nothing is compared, and no credits were spent.
pub fn answering(run: &Run, findings: &Findings) -> Option<Figure> {
    scaling::figure(&run.manifest, findings, emulated::briefly(run)).or_else(|| alone::figure(findings))
}

/// A path as a link has it.
fn link(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(part) => Some(render::encoded(&part.to_string_lossy())),
        Component::ParentDir => Some("..".to_owned()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_from_the_page_to_the_run_whatever_its_name() {
        assert_eq!(
            link(Path::new("a b/2026-11-27T10-11-32Z-6193d7/report.html")),
            "a%20b/2026-11-27T10-11-32Z-6193d7/report.html"
        );
        assert_eq!(link(Path::new("javascript:x?#\"/report.html")), "javascript%3Ax%3F%23%22/report.html");
    }
}
