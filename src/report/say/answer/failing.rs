//! What failed, said first: a configuration that does not run at all answers more than any number.

use std::collections::BTreeMap;

use super::super::claim::{Claim, Evidence};
use super::at;
use crate::analyse::{Failing, Findings, Reason, TrialFindings, failing as all_failing};
use crate::record::Manifest;

/// More treatments are told by their number.
const NAMED: usize = 3;

/// One sentence on all treatments of which something failed.
pub(super) fn failing(manifest: &Manifest, findings: &Findings) -> Option<Claim> {
    let all = all_failing(findings.treatments.iter());
    if all.is_empty() {
        return None;
    }
    let killed =
        |one: &Failing<'_>| one.valid == 0 && one.reasons.iter().all(|(reason, _)| *reason == Reason::Killed);
    if !findings.trials().any(TrialFindings::is_valid) && !all.iter().any(killed) {
        return Some(Claim::new(none(findings), [Evidence::Outcomes { of: None }]));
    }
    let mut told: Vec<String> = all.iter().take(NAMED).map(|one| told(manifest, one)).collect();
    if all.len() > NAMED {
        let more = all.len() - NAMED;
        let treatments = if more == 1 { "treatment" } else { "treatments" };
        told.push(format!("and {more} more {treatments}"));
    }
    let none = all.iter().all(|one| one.valid == 0);
    let lead = if all.iter().all(killed) {
        "Not with"
    } else if none {
        "No valid trial with"
    } else {
        "Not all trials came through with"
    };
    let on = all.iter().take(NAMED).map(|one| Evidence::Outcomes { of: Some(one.treatment.slug.clone()) });
    Some(Claim::new(format!("{lead} {}.", told.join("; ")), on))
}

/// Where none counts, which treatment it was says nothing any more.
fn none(findings: &Findings) -> String {
    let mut reasons: BTreeMap<Reason, usize> = BTreeMap::new();
    // Those of baselines, too: all trials are counted.
    for (reason, count) in all_failing(findings.all()).into_iter().flat_map(|one| one.reasons) {
        *reasons.entry(reason).or_default() += count;
    }
    let mut reasons: Vec<(Reason, usize)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let of = findings.trials().count();
    if let ([(only, _)], 1) = (reasons.as_slice(), of) {
        return format!("The only trial does not count, so there is no answer: {}.", only.told());
    }
    let mut told: Vec<String> =
        reasons.iter().take(NAMED).map(|(reason, count)| format!("{} in {count}", reason.told())).collect();
    let more = reasons.len().saturating_sub(NAMED);
    if more > 0 {
        told.push(format!("and for {more} other reasons"));
    }
    format!("None of {of} trials counts, so there is no answer: {}.", told.join(", "))
}

fn told(manifest: &Manifest, failing: &Failing<'_>) -> String {
    let of = failing.treatment.trials.len();
    let reasons =
        failing.reasons.iter().map(|(reason, count)| format!("{} in {count} of {of} trials", reason.told()));
    format!("{}: {}", at(manifest, failing.treatment), reasons.collect::<Vec<_>>().join(", "))
}
