//! Doubts of the same kind in one line: the worst, the range, and the trials.

use crate::analyse::{Doubt, Doubted, Findings, TreatmentFindings, doubted};
use crate::report::number::plain;

/// So many trials are named one by one.
const NAMED: usize = 9;

/// One line for each kind of doubt, those that spoil first; `group` says of which group, where it is to be said.
pub fn grouped(findings: &Findings, group: &str, trials: &[(String, Vec<Doubt>)]) -> Vec<String> {
    let all = doubted(trials.iter().map(|(name, doubts)| (name.as_str(), doubts.as_slice())));
    all.iter().map(|one| told(findings, group, one)).collect()
}

fn told(findings: &Findings, group: &str, one: &Doubted<'_>) -> String {
    let of = findings.trials().count();
    let trials = |names: &[&str]| {
        if names.len() <= NAMED { names.join("; ") } else { by_treatment(findings, names) }
    };
    let found: Vec<String> = one
        .found
        .iter()
        .map(|(doubt, names)| match (&one.range, names.len()) {
            (None, own) if own == of && of > 1 => doubt.what.clone(),
            (None, own) if own == one.trials.len() => format!("{} ({})", doubt.what, trials(names)),
            (None, _) => format!("{} (in {})", doubt.what, trials(names)),
            (Some(_), _) => format!("{} (the worst, in {})", doubt.what, trials(names)),
        })
        .collect();
    let range = one.range.map(|(least, most)| {
        let names = if one.trials.len() == of { String::new() } else { format!(": {}", trials(&one.trials)) };
        format!("; from {} to {} {} in all of them{names}", plain(least.value), plain(most.value), most.unit)
    });
    let hints = one.found.first().map(|(doubt, _)| doubt.hint).unwrap_or_default();
    format!(
        "{} `{}`{group} in {} of {of} trials: {}{}; {hints}.",
        if one.spoils { "Spoils:" } else { "Limits:" },
        one.id,
        one.trials.len(),
        found.join("; "),
        range.unwrap_or_default()
    )
}

/// Treatments, each with how many of its trials are meant.
fn by_treatment(findings: &Findings, names: &[&str]) -> String {
    let of = |treatment: &TreatmentFindings| {
        let own =
            treatment.trials.iter().filter(|trial| names.contains(&trial.record.trial.as_str())).count();
        (own > 0).then(|| format!("{own} of {} of {}", treatment.trials.len(), treatment.slug))
    };
    findings.treatments.iter().filter_map(of).collect::<Vec<_>>().join("; ")
}
