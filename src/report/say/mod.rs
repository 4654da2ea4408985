//! What is said of a run, section by section, and nothing of how it looks.

pub mod alone;
pub mod answer;
mod around;
mod away;
mod axes;
mod backlog;
mod baseline;
pub mod cheapest;
pub mod claim;
mod closing;
pub mod cost;
mod courses;
mod credits;
mod curves;
mod data;
mod deeds;
mod distributions;
pub mod emulated;
mod events;
pub mod found;
mod front;
mod grouped;
mod groups;
mod importance;
mod latencies;
pub mod law;
mod laws;
mod limiting;
mod limits;
pub mod measured;
mod must_hold;
pub mod named;
mod open;
mod prices;
mod producers;
mod rows;
pub mod scaling;
mod scraped;
mod sum;
mod sure;
mod took;
mod treatments;
pub mod trust;

pub use claim::{Claim, Evidence};
pub use closing::closing;

use claim::texts;

use super::document::{Document, Figure, Section};
use crate::analyse::{Findings, Pictures};
use crate::record::{Manifest, Run};
use crate::spec::Client;

/// The whole report of a run; with pictures, all that can be looked at closer too.
pub fn document(run: &Run, findings: &Findings, pictures: Option<&Pictures>) -> Document {
    let manifest = &run.manifest;
    let emulated = emulated::title(run);
    let named = |figure: Figure| Figure { emulated: emulated::briefly(run), ..figure };
    let distributions = pictures.and_then(|pictures| distributions::figure(manifest, findings, pictures));
    let front = pictures.and_then(|_| front::figure(manifest, findings));
    let sections = [
        Some(answered(run, findings)),
        searched(run, findings, &emulated),
        scaling::section(manifest, findings, emulated::briefly(run))
            .or_else(|| alone::section(findings, pictures)),
        done_on_purpose(run, findings, &emulated, pictures.is_some()),
        Some(treatments::section(manifest, findings, &emulated, pictures)),
        laws::section(manifest, findings, &emulated),
        baseline::section(manifest, findings, &emulated, of_baseline(manifest, findings)),
        backlog::section(manifest, findings, &emulated),
        groups::section(manifest, findings, &emulated),
        limiting::section(manifest, findings, &emulated),
        producers::section(manifest, findings),
        must_hold::section(manifest, findings, &emulated),
        Some(latencies::section(manifest, findings, &emulated, distributions.map(named))),
        cost::section(manifest, findings, &emulated, of_cost(manifest, findings), front.map(named)),
        credits::section(findings, &emulated).filter(|_| !alone::is_of_credits(findings)),
        took::section(manifest, findings, &emulated),
        scraped::section(manifest, findings, &emulated),
        curves::section(manifest, findings, &emulated, emulated::whole(run)),
        Some(limits::section(run, findings)),
        Some(trust::section(findings)),
        Some(trust::books_section(findings)),
        Some(measured::section(run, findings)),
        Some(data::section(run)),
    ];
    let mut document = Document {
        title: format!("{}{emulated}", title(manifest, findings)),
        question: manifest.question.clone(),
        sections: sections.into_iter().flatten().collect(),
    };
    importance::weigh(&mut document, manifest, findings);
    document
}

/// The client is part of the answer where it is not the one that everybody else uses.
fn title(manifest: &Manifest, findings: &Findings) -> String {
    let mut clients = findings.trials().flat_map(|trial| trial.record.asked.clients.values()).peekable();
    let light = clients.peek().is_some() && clients.all(|client| client == Client::Light.name());
    if light { format!("{} (light client)", manifest.experiment) } else { manifest.experiment.clone() }
}

/// Every claim of a report, in the order of their numbers, which begin with 1: the answer, how sure it is, and what is said of cost where the answer is about
/// something else, and what it takes to beat one thread.
pub fn claims(manifest: &Manifest, findings: &Findings) -> Vec<Claim> {
    let (answer, sure, cost) = parts(manifest, findings);
    answer.into_iter().chain(sure).chain(cost).chain(baseline::claims(manifest, findings)).collect()
}

fn parts(manifest: &Manifest, findings: &Findings) -> (Vec<Claim>, Vec<Claim>, Vec<Claim>) {
    (answer::claims(manifest, findings), sure::claims(findings), answer::of_cost(manifest, findings))
}

/// Claims of what it takes to beat one thread, with the number of the first.
fn of_baseline(manifest: &Manifest, findings: &Findings) -> (usize, Vec<String>) {
    let (answer, sure, cost) = parts(manifest, findings);
    (1 + answer.len() + sure.len() + cost.len(), texts(baseline::claims(manifest, findings)))
}

/// Claims of cost, with the number of the first.
fn of_cost(manifest: &Manifest, findings: &Findings) -> (usize, Vec<String>) {
    let (answer, sure, cost) = parts(manifest, findings);
    (1 + answer.len() + sure.len(), texts(cost))
}

/// What searches came to, with its figure.
fn searched(run: &Run, findings: &Findings, emulated: &str) -> Option<Section> {
    let mut section = found::section(&run.manifest, findings, emulated)?;
    if let Some(figure) = found::figure(&run.manifest, findings, emulated::briefly(run)) {
        section.figure(figure);
    }
    Some(section)
}

/// What events did, with its figures where there is room for pictures.
fn done_on_purpose(run: &Run, findings: &Findings, emulated: &str, pictures: bool) -> Option<Section> {
    let mut section = events::section(&run.manifest, findings, emulated)?;
    if pictures {
        around::show(&mut section, &run.manifest, findings, emulated::briefly(run).as_deref());
    }
    Some(section)
}

/// What stands right below the question.
fn answered(run: &Run, findings: &Findings) -> Section {
    let mut section = Section::new("answer", "");
    let (answer, sure, _) = parts(&run.manifest, findings);
    let beyond = answer.len();
    section.say(answer::unfinished(run));
    section.claim(1, texts(answer));
    section.claim(1 + beyond, texts(sure));
    section
}

#[cfg(test)]
mod tests;
