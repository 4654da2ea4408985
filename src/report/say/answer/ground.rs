//! What an answer stands on: whether an emulation or a time scale is behind it, and the doubts that touch it, by name.

use std::collections::{BTreeMap, BTreeSet};

use super::super::claim::{Claim, Evidence};
use super::super::emulated;
use super::change::sentence;
use crate::analyse::Findings;

/// Doubts that the answer's own words tell already: load by the name of the throughput, percentiles by their dash.
pub const TOLD: [&str; 3] = ["saturated", "saturating", "few_samples"];

/// One sentence; none where there is nothing to say.
pub(super) fn ground(findings: &Findings) -> Option<Claim> {
    let trials = findings.trials().count();
    let count = |spoils: bool| {
        let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
        for trial in findings.trials() {
            for doubt in
                trial.judged.doubts.iter().filter(|doubt| doubt.spoils == spoils && !TOLD.contains(&doubt.id))
            {
                *ids.entry(doubt.id).or_default() += 1;
            }
        }
        let told = |(id, count): (&str, usize)| format!("`{id}` in {count} of {trials} trials");
        ids.into_iter().map(told).collect::<Vec<_>>().join(", ")
    };
    let doubts = findings.trials().flat_map(|trial| &trial.judged.doubts);
    let ids: BTreeSet<&str> = doubts.map(|doubt| doubt.id).filter(|id| !TOLD.contains(id)).collect();
    let (limits, spoils) = (count(false), count(true));
    let mut all: Vec<String> = emulated::stands_behind(findings).into_iter().collect();
    let emulated = (!all.is_empty()).then_some(Evidence::Emulated);
    let on = emulated.into_iter().chain(ids.into_iter().map(|id| Evidence::Doubt { id: id.to_owned() }));
    if !limits.is_empty() {
        all.push(format!("limited by {limits}"));
    }
    if !spoils.is_empty() {
        all.push(format!("left out as doubtful: {spoils}"));
    }
    let text = all.join("; ");
    (!text.is_empty()).then(|| Claim::new(format!("{}.", sentence("", &text)), on))
}
