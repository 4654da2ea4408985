//! When credits were spent, in words.

use super::super::claim::{Claim, Evidence};
use super::{at, change};
use crate::analyse::{Findings, TreatmentFindings};
use crate::record::Manifest;
use crate::report::number::plain;
use crate::spec::Metric;

/// How `credit_start` says that there were none at the beginning.
const EXHAUSTED: &str = "exhausted";
/// More sentences would be cut off the answer without a word.
const MOST: usize = 3;

/// A sentence a treatment; what the other responses say where there is only one.
pub(super) fn knees(manifest: &Manifest, findings: &Findings, others: &[Metric]) -> Vec<Claim> {
    let mut said: Vec<Claim> = findings.treatments.iter().filter_map(|one| of(manifest, one)).collect();
    if said.len() > MOST {
        let more = said.len() - (MOST - 1);
        said.truncate(MOST - 1);
        said.push(format!("{more} more treatments are in the figures of credits.").into());
    }
    if let [only] = findings.treatments.as_slice()
        && only.valid().next().is_some()
        && !others.is_empty()
    {
        // A window that holds a knee is two machines, one after the other.
        let spent = only.valid().any(|trial| trial.knee.is_some());
        said.push(if spent {
            change::told(findings, only, others)
                .told(|told| format!("Over the window, before and after: {told}."))
        } else {
            change::alone((manifest, findings), only, others)
        });
    }
    said
}

fn of(manifest: &Manifest, treatment: &TreatmentFindings) -> Option<Claim> {
    let on = Evidence::Knee { of: treatment.slug.clone(), when: true };
    text(manifest, treatment).map(|text| Claim::new(text, [on]))
}

fn text(manifest: &Manifest, treatment: &TreatmentFindings) -> Option<String> {
    let credits = if manifest.factors.is_empty() {
        "Credits".to_owned()
    } else {
        format!("With {} credits", at(manifest, treatment))
    };
    let knees: Vec<_> = treatment.valid().filter_map(|trial| trial.knee.map(|knee| (trial, knee))).collect();
    let Some((trial, first)) = knees.first() else {
        let watched = treatment.valid().next()?;
        let emulated = watched.record.emulated.first()?;
        emulated.credit_mode?;
        if emulated.credit_start.as_deref() == Some(EXHAUSTED) {
            return Some(format!("{credits} were spent before it began."));
        }
        let seconds = watched.record.asked.warm_up_s + watched.record.asked.measure_s;
        return Some(format!("{credits} were not spent in the {} s that were watched.", plain(seconds)));
    };
    let scale = trial.record.emulated.first().map_or(1, |group| group.time_scale);
    let real = if scale == 1 {
        String::new()
    } else {
        let minutes = first.found_s * f64::from(scale) / 60.0;
        format!(", at {scale} times the speed of credits: {} minutes of the real instance", plain(minutes))
    };
    let spread = if knees.len() > 1 {
        let found = knees.iter().map(|(_, knee)| knee.found_s);
        let (least, most) = found.fold((f64::MAX, 0.0_f64), |(a, b), one| (a.min(one), b.max(one)));
        format!(" ({} – {} s in {} trials)", plain(least), plain(most), knees.len())
    } else {
        String::new()
    };
    Some(format!(
        "{credits} were spent {} s after time 0{spread}; the recorded use predicts {} s{real}.",
        plain(first.found_s),
        plain(first.predicted_s)
    ))
}
