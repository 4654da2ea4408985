//! What was seen of a run that has one treatment: nothing is compared, so what is drawn is how its trial went.

use super::{courses, credits};
use crate::analyse::{Findings, Pictures, TreatmentFindings};
use crate::report::document::{Figure, Part, Section};

/// Under the answer; none where treatments are compared, and where nothing is known of how trials went.
pub fn section(findings: &Findings, pictures: Option<&Pictures>) -> Option<Section> {
    let [treatment] = findings.treatments.as_slice() else { return None };
    let mut section = Section::new("scaling", "What was seen");
    if is_of_credits(findings) {
        credits::told(&mut section, treatment);
        for part in &mut section.parts {
            if let Part::Figure(figure) = part {
                figure.leads = true;
            }
        }
    } else {
        section.figure(course(treatment, pictures?)?);
    }
    (!section.parts.is_empty()).then_some(section)
}

/// Whether it is credits and what they allow that is drawn there, and so nowhere else.
pub fn is_of_credits(findings: &Findings) -> bool {
    let [treatment] = findings.treatments.as_slice() else { return false };
    treatment.shown().is_some_and(|trial| trial.knee.is_some())
}

/// The course of credits that answers the question; none where the question is not of one.
pub fn figure(findings: &Findings) -> Option<Figure> {
    let [treatment] = findings.treatments.as_slice() else { return None };
    treatment.shown().filter(|_| is_of_credits(findings)).map(credits::figure)
}

/// Of the first trial that counts, else of the first.
fn course(treatment: &TreatmentFindings, pictures: &Pictures) -> Option<Figure> {
    let valid = treatment.trials.iter().filter(|trial| trial.is_valid());
    valid.chain(&treatment.trials).find_map(|trial| {
        let figure = courses::figure(trial, pictures.courses.get(&trial.record.order)?)?;
        // Behind its row the same course has its own name.
        Some(Figure { id: "course-seen".to_owned(), leads: true, ..figure })
    })
}
