//! How sure the answer is: of how many trials it is, what stands around a median, and whether anything was emulated.

use super::claim::{Claim, Evidence};
use crate::analyse::{Findings, Outcome, TreatmentFindings};
use crate::report::document::from_to;

/// Of fewer trials a median has no interval.
const FEW: usize = 6;

/// Below the answer; nothing where nothing was measured.
pub fn claims(findings: &Findings) -> Vec<Claim> {
    let of = findings.trials().count();
    if of == 0 {
        return Vec::new();
    }
    let valid = findings.trials().filter(|trial| trial.judged.outcome == Outcome::Valid).count();
    let counts = || findings.treatments.iter().map(|one| one.valid().count());
    let (least, most) = (counts().min().unwrap_or_default(), counts().max().unwrap_or_default());
    let each = from_to(least, most);
    let counted = format!("{valid} of {of} trials count, {each} of each treatment.");
    let mut said = vec![Claim::new(counted, [Evidence::Outcomes { of: None }])];
    said.extend((most > 1).then(|| {
        let likely = findings.treatments.iter().any(|one| {
            one.metric(one.throughput_metric()).is_some_and(|summary| summary.likely.is_some())
        });
        let text = if likely {
            let few = |one: &TreatmentFindings| {
                one.valid().count() >= FEW && one.metrics.iter().any(|of| (1..FEW).contains(&of.n))
            };
            let less = if findings.treatments.iter().any(few) {
                ", and of what too few of them tell, the least and the greatest".to_owned()
            } else {
                String::new()
            };
            format!("Beside a median stands its {}{less}.", super::treatments::around(findings))
        } else {
            "Beside a median stand the least and the greatest of its trials: of fewer than 6 there is no interval.".to_owned()
        };
        Claim::from(text)
    }));
    if findings.trials().all(|trial| trial.record.emulated.is_empty() && trial.record.network.is_empty()) {
        said.push(Claim::new("Nothing was emulated.", [Evidence::Emulated]));
    }
    said
}
