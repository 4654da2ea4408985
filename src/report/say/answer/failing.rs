//! What failed, said first: a configuration that does not run at all answers more than any number.

use super::super::claim::{Claim, Evidence};
use super::at;
use crate::analyse::{Failing, Findings, Reason, failing as all_failing};
use crate::record::Manifest;

/// More treatments are told by their number.
const NAMED: usize = 3;

/// One sentence on all treatments of which something failed.
pub(super) fn failing(manifest: &Manifest, findings: &Findings) -> Option<Claim> {
    let all = all_failing(findings);
    if all.is_empty() {
        return None;
    }
    let mut told: Vec<String> = all.iter().take(NAMED).map(|one| told(manifest, one)).collect();
    if all.len() > NAMED {
        told.push(format!("and {} more treatments have failed trials", all.len() - NAMED));
    }
    let killed =
        |one: &Failing<'_>| one.valid == 0 && one.reasons.iter().all(|(reason, _)| *reason == Reason::Killed);
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

fn told(manifest: &Manifest, failing: &Failing<'_>) -> String {
    let of = failing.treatment.trials.len();
    let reasons =
        failing.reasons.iter().map(|(reason, count)| format!("{} in {count} of {of} trials", why(reason)));
    format!("{}: {}", at(manifest, failing.treatment), reasons.collect::<Vec<_>>().join(", "))
}

fn why(reason: &Reason) -> String {
    match reason {
        Reason::Killed => "killed for memory".to_owned(),
        Reason::Died => "an instance died".to_owned(),
        Reason::Failed(text) => text.trim_end_matches(['.', ':']).to_owned(),
        Reason::Interrupted => "interrupted".to_owned(),
        Reason::Spoiled(id) => format!("spoiled by `{id}`"),
    }
}
