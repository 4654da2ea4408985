//! What is said of a run, section by section, and nothing of how it looks.

pub mod answer;
pub mod cheapest;
pub mod cost;
mod credits;
mod curves;
pub mod emulated;
mod grouped;
mod groups;
mod latencies;
pub mod measured;
mod must_hold;
mod named;
mod producers;
mod rows;
mod sum;
mod took;
mod treatments;
pub mod trust;

use super::document::{Document, Section};
use crate::analyse::Findings;
use crate::record::{Manifest, Run};
use crate::spec::Client;

/// The whole report of a run.
pub fn document(run: &Run, findings: &Findings) -> Document {
    let manifest = &run.manifest;
    let emulated = emulated::title(run);
    let sections = [
        Some(answered(manifest, findings)),
        Some(treatments::section(manifest, findings, &emulated)),
        groups::section(manifest, findings, &emulated),
        producers::section(manifest, findings),
        took::section(manifest, findings, &emulated),
        curves::section(manifest, findings, &emulated, emulated::whole(run)),
        cost::section(manifest, findings, &emulated, answer::of_cost(manifest, findings)),
        credits::section(findings, &emulated),
        Some(latencies::section(manifest, findings, &emulated)),
        must_hold::section(manifest, findings, &emulated),
        Some(trust::section(findings)),
        Some(trust::books_section(findings)),
        Some(measured::section(run, findings)),
        Some(data()),
    ];
    Document {
        title: format!("{}{emulated}", title(manifest, findings)),
        question: manifest.question.clone(),
        sections: sections.into_iter().flatten().collect(),
    }
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
    if manifest.finished.is_none() {
        section.say(["The run is not finished: what follows is of the trials so far."]);
    }
    section
}

fn data() -> Section {
    let mut section = Section::new("data", "Data");
    section.say([
        "In this folder: `trials.csv`, `treatments.csv`, `trials/` (record, histograms, series and events of each), \
         `plan.csv`, `experiment.yaml`, `manifest.json`.",
    ]);
    section
}
