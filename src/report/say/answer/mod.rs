//! The answer: at most five sentences, or one for each search, each true by itself, about what was asked. Whoever reads no further decides by them.

mod capacity;
mod change;
mod failing;
mod ground;
mod knee;
mod limited;
mod searched;
mod words;

pub use ground::TOLD;

use super::cheapest;
use super::claim::{Claim, Evidence, texts};
use super::named::named;
use crate::analyse::{
    COST, Change, Factor, Findings, KNEE, Reading, TreatmentFindings, TrialFindings, corner, factors, main,
    of, of_row, responses, same_load,
};
use crate::record::{Manifest, Run};
use crate::report::number::said_in;
use crate::spec::Metric;

/// More is no answer any more.
const MOST: usize = 5;
/// More treatments in one place are told by their number.
const NAMED: usize = 3;

/// What stands before the answer of a run that is not through; none of one that is.
pub fn unfinished(run: &Run) -> Option<String> {
    if run.manifest.finished.is_some() {
        return None;
    }
    let (saved, planned) = (run.trials.len(), run.plan.len());
    Some(match saved {
        0 => "The run is not finished, and no trial is saved: there is no answer yet.".to_owned(),
        1 if planned > 1 => {
            format!("The run is not finished: what follows is of the 1 trial of {planned} that is saved.")
        }
        // A volume that grows is planned step by step.
        _ if saved >= planned => {
            format!("The run is not finished: what follows is of the {saved} saved so far.")
        }
        _ => format!(
            "The run is not finished: what follows is of the {saved} trials of {planned} that are saved. Who stops when a difference is found finds one."
        ),
    })
}

/// The sentences, what matters most first; of a run that is not through none where nothing was measured yet.
pub fn sentences(manifest: &Manifest, findings: &Findings) -> Vec<String> {
    texts(claims(manifest, findings))
}

/// The same, each with what it rests on.
pub fn claims(manifest: &Manifest, findings: &Findings) -> Vec<Claim> {
    if findings.trials().next().is_none() {
        let none = manifest.finished.is_some();
        return none
            .then(|| Claim::new("No trial was saved, so there is no answer.", []))
            .into_iter()
            .collect();
    }
    let mut said: Vec<Claim> = failing::failing(manifest, findings).into_iter().collect();
    let counts = findings.trials().any(TrialFindings::is_valid);
    if let Some(searched) = findings.searched.as_ref().filter(|_| counts) {
        said.extend(capacity::searched(manifest, findings, searched));
    } else if let Some(grown) = findings.grown.as_ref().filter(|_| counts) {
        said.extend(searched::searched(manifest, findings, grown));
        said.extend(searched::beside(manifest, findings, grown));
    } else {
        said.extend(about(manifest, findings));
    }
    let closing: Vec<Claim> =
        [limited::limited(manifest, findings), words::verdicts(manifest, findings), ground::ground(findings)]
            .into_iter()
            .flatten()
            .collect();
    // Each search is an answer of its own.
    if findings.searched.is_none() {
        said.truncate(MOST - closing.len());
    }
    said.extend(closing);
    said
}

/// What the rankings say where the answer is about something else; none where no cost can be said.
pub fn of_cost(manifest: &Manifest, findings: &Findings) -> Vec<Claim> {
    let asked = responses(manifest, findings);
    let told = findings.grown.is_none()
        && findings.searched.is_none()
        && asked.first().is_some_and(|first| first.name == COST);
    if told { Vec::new() } else { cheapest::claims(manifest, findings) }
}

/// What the responses say. One of which nothing is known is said to be so, and the next one answers.
fn about(manifest: &Manifest, findings: &Findings) -> Vec<Claim> {
    let responses = responses(manifest, findings);
    let mut said = Vec::new();
    let mut left = responses.as_slice();
    while let Some((first, others)) = left.split_first() {
        let told = by(manifest, findings, (first, others));
        if !told.is_empty() {
            said.extend(told);
            return said;
        }
        if findings.trials().any(TrialFindings::is_valid) {
            said.push(unknown(findings, first));
        }
        left = others;
    }
    said
}

/// Of what nothing is known.
fn unknown(findings: &Findings, metric: &Metric) -> Claim {
    let few = findings.trials().any(|trial| trial.metric(&metric.name) == Reading::TooFew);
    let why = match metric.name.as_str() {
        _ if few => "too few messages lie beyond it",
        COST => "no treatment has an instance type with a price",
        KNEE => "no treatment has credits",
        _ => "no valid trial tells it",
    };
    let label = if metric.name == KNEE { "When credits ran out" } else { &metric.label };
    let text = format!("{} is not known: {why}.", change::sentence("", label));
    Claim::new(text, [Evidence::unknown(metric, &findings.treatments)])
}

/// What the first response says, and what the others do beside it.
fn by(manifest: &Manifest, findings: &Findings, (first, others): (&Metric, &[Metric])) -> Vec<Claim> {
    match first.name.as_str() {
        COST => return cost(manifest, findings, others),
        KNEE => return knee::knees(manifest, findings, others),
        _ => {}
    }
    let factors = factors(manifest, findings);
    let known: Vec<&TreatmentFindings> =
        findings.treatments.iter().filter(|one| of(first, one).n > 0).collect();
    let found = main(findings, &factors, first, &known);
    let Some((main, found)) = found.as_ref().and_then(|found| {
        let (from, to) = found.ends();
        Some((Change::of(first, from, to, findings.share)?, found))
    }) else {
        let all: Vec<Metric> = std::iter::once(first).chain(others).cloned().collect();
        return match known.as_slice() {
            [] => Vec::new(),
            [only] => vec![change::alone((manifest, findings), only, &all)],
            several => vec![change::each((manifest, findings), first, several)],
        };
    };
    let same = same_load(known.iter().copied());
    let mut said = vec![change::main((manifest, findings), &main, (found, same), &known)];
    said.extend(change::others(manifest, findings, &main, others));
    said.extend(by_factor(manifest, findings, &factors, &main));
    said
}

/// What a million costs, and what else was asked for of the cheapest.
fn cost(manifest: &Manifest, findings: &Findings, others: &[Metric]) -> Vec<Claim> {
    let mut said = cheapest::claims(manifest, findings);
    let told = cheapest::cheapest(findings).map(|one| (one, change::told(findings, one, others)));
    let Some((cheapest, told)) = told.filter(|(_, told)| !told.text.is_empty()) else { return said };
    let Some(first) = said.first_mut() else { return said };
    let named = at(manifest, cheapest);
    if first.text.contains(&named) {
        first.text = format!("{}; with {named}: {}.", first.text.trim_end_matches('.'), told.text);
        first.on.extend(told.on);
    } else {
        said.insert(1, change::alone((manifest, findings), cheapest, others));
    }
    said
}

/// What each factor changed by itself, with all others at those of either end: the two may differ by much.
fn by_factor(
    manifest: &Manifest,
    findings: &Findings,
    factors: &[Factor],
    main: &Change<'_>,
) -> Option<Claim> {
    if factors.len() < 2 {
        return None;
    }
    let told = |factor: &Factor| {
        let ends = [corner(findings, factors, false)?, corner(findings, factors, true)?];
        let mut ratios: Vec<Claim> = ends
            .map(|others| (others, factor.row(findings, others)))
            .iter()
            .filter_map(|(others, row)| {
                let (one, other) = of_row(&main.metric, factor, row)?.ends();
                let change = Change::of(&main.metric, one, other, main.share)?;
                change::ratio_at(manifest, factor, (&change, said_in(&main.metric, findings)), others)
            })
            .collect();
        ratios.dedup_by(|one, other| one.text == other.text);
        Claim::joined(ratios, " and ")
    };
    let all = Claim::joined(factors.iter().filter_map(told), "; ")?;
    Some(all.told(|all| format!("By itself, {all}.")))
}

/// A treatment by its levels; the whole run where nothing was varied.
fn at(manifest: &Manifest, treatment: &TreatmentFindings) -> String {
    let named = named(manifest, &treatment.levels);
    if named.is_empty() { treatment.slug.clone() } else { named }
}

#[cfg(test)]
mod tests;
