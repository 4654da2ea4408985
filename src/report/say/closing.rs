//! What a person sees when a run has ended: the answer, the treatments, and what is doubted in short. All else is in the report.

use super::trust::cut_short;
use crate::analyse::{Findings, doubted};
use crate::report::document::{Document, Part, Section};

/// So many trials that failed are told of one by one.
const TOLD: usize = 3;

/// Of a whole report what matters first.
pub fn closing(document: Document, findings: &Findings) -> Document {
    let mut sections: Vec<Section> = Vec::new();
    for section in document.sections {
        match section.id {
            "answer" => sections.push(section),
            "treatments" => {
                let parts = section.parts.into_iter().filter(|part| matches!(part, Part::Table(_)));
                sections.push(Section { parts: parts.collect(), ..section });
            }
            _ => {}
        }
    }
    let mut doubts = Section::new("doubts", "Doubts");
    doubts.list(in_short(findings));
    if !doubts.parts.is_empty() {
        sections.push(doubts);
    }
    Document { sections, ..document }
}

/// Each kind of doubt by its name, with how many trials have it; and the trials that did not come to their end.
fn in_short(findings: &Findings) -> Vec<String> {
    let of = findings.trials().count();
    let trials = findings.trials().map(|one| (one.record.trial.as_str(), one.judged.doubts.as_slice()));
    let all = doubted(trials);
    let told = |spoils: bool, word: &str| {
        let own = all.iter().filter(|one| one.spoils == spoils);
        let own: Vec<String> =
            own.map(|one| format!("`{}` in {} of {of}", one.id, one.trials.len())).collect();
        (!own.is_empty()).then(|| format!("{word}: {}.", own.join(", ")))
    };
    let mut lines: Vec<String> =
        [told(true, "Spoil trials"), told(false, "Limit what may be said")].into_iter().flatten().collect();
    let mut failed = cut_short(findings);
    let more = failed.len().saturating_sub(TOLD);
    failed.truncate(TOLD);
    lines.extend(failed);
    lines.extend((more > 0).then(|| format!("{more} more trials did not come to their end.")));
    lines
}
