//! What is said of a run, section by section, and nothing of how it looks.

pub mod answer;
mod axes;
pub mod cheapest;
mod closing;
pub mod cost;
mod courses;
mod credits;
mod curves;
mod data;
mod distributions;
pub mod emulated;
mod front;
mod grouped;
mod groups;
mod importance;
mod latencies;
mod limits;
pub mod measured;
mod must_hold;
mod named;
mod open;
mod producers;
mod rows;
pub mod scaling;
mod sum;
mod sure;
mod took;
mod treatments;
pub mod trust;

pub use closing::closing;

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
        Some(answered(manifest, findings)),
        scaling::section(manifest, findings, emulated::briefly(run)),
        Some(treatments::section(manifest, findings, &emulated, pictures)),
        groups::section(manifest, findings, &emulated),
        producers::section(manifest, findings),
        must_hold::section(manifest, findings, &emulated),
        Some(latencies::section(manifest, findings, &emulated, distributions.map(named))),
        cost::section(manifest, findings, &emulated, answer::of_cost(manifest, findings), front.map(named)),
        credits::section(findings, &emulated),
        took::section(manifest, findings, &emulated),
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

/// What stands right below the question.
fn answered(manifest: &Manifest, findings: &Findings) -> Section {
    let mut section = Section::new("answer", "");
    section.say(answer::sentences(manifest, findings));
    section.say(sure::sentences(findings));
    if manifest.finished.is_none() {
        section.say(["The run is not finished: what follows is of the trials so far."]);
    }
    section
}

#[cfg(test)]
mod tests;
