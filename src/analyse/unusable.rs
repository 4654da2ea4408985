//! Treatments of which something failed, and why, in the words of the first reason that mattered.

use std::collections::BTreeMap;

use super::findings::TreatmentFindings;
use super::trial::TrialFindings;
use crate::record::End;

/// What failed in a treatment.
#[derive(Clone, Debug)]
pub struct Failing<'a> {
    /// The treatment.
    pub treatment: &'a TreatmentFindings,
    /// How many of its trials count; of none nothing can be said.
    pub valid: usize,
    /// Reasons, and in how many of its trials each was the first that mattered; most frequent first.
    pub reasons: Vec<(Reason, usize)>,
}

/// Why a trial does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The kernel killed an instance for its memory.
    Killed,
    /// An instance ended on its own.
    Died,
    /// The environment failed: in its own words, first line.
    Failed(String),
    /// A signal ended it.
    Interrupted,
    /// A doubt spoils it, by its name.
    Spoiled(String),
}

impl Reason {
    /// As a clause.
    pub fn told(&self) -> String {
        match self {
            Reason::Killed => "killed for memory".to_owned(),
            Reason::Died => "an instance died".to_owned(),
            Reason::Failed(text) => text.trim_end_matches(['.', ':']).to_owned(),
            Reason::Interrupted => "interrupted".to_owned(),
            Reason::Spoiled(id) => format!("spoiled by `{id}`"),
        }
    }
}

/// Why nothing can be said of a treatment: the most frequent of its trials' reasons; none where a trial counts.
pub fn why_nothing(treatment: &TreatmentFindings) -> Option<String> {
    if treatment.valid().next().is_some() {
        return None;
    }
    let first = of(treatment).and_then(|failing| Some(failing.reasons.first()?.0.told()));
    Some(first.unwrap_or_else(|| "not run".to_owned()))
}

/// Treatments without a valid trial, and those in which an instance was killed or died, or a trial failed; in the plan's order. One that was not tried
/// yet is none of them.
pub fn failing<'a>(treatments: impl Iterator<Item = &'a TreatmentFindings>) -> Vec<Failing<'a>> {
    treatments.filter_map(of).collect()
}

fn of(treatment: &TreatmentFindings) -> Option<Failing<'_>> {
    let valid = treatment.valid().count();
    let mut reasons: BTreeMap<Reason, usize> = BTreeMap::new();
    for reason in treatment.trials.iter().filter_map(reason) {
        *reasons.entry(reason).or_default() += 1;
    }
    // What was spoiled by the host is one trial less, and no finding about the treatment while others count.
    reasons.retain(|reason, _| valid == 0 || !matches!(reason, Reason::Spoiled(_) | Reason::Interrupted));
    let mut reasons: Vec<(Reason, usize)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    (!reasons.is_empty()).then_some(Failing { treatment, valid, reasons })
}

/// The first line; where it only leads over to what follows, without that.
fn first_words(why: &str) -> &str {
    let line = why.lines().next().unwrap_or_default().trim_end();
    match line.strip_suffix(':') {
        Some(open) => open.rsplit_once("; ").map_or(open, |(whole, _)| whole),
        None => line,
    }
}

fn reason(trial: &TrialFindings) -> Option<Reason> {
    let record = &trial.record;
    if record.oom_kills > 0 {
        return Some(Reason::Killed);
    }
    match &record.end {
        End::Failed(why) => Some(Reason::Failed(first_words(why).to_owned())),
        End::Interrupted => Some(Reason::Interrupted),
        End::Completed if record.deaths > 0 => Some(Reason::Died),
        End::Completed => {
            let spoiling = trial.judged.doubts.iter().find(|doubt| doubt.spoils);
            spoiling.map(|doubt| Reason::Spoiled(doubt.id.to_owned()))
        }
    }
}
