//! COST (McSherry, Isard and Murray 2015): how much a configuration needs before it beats one tuned thread over all partitions.

#[cfg(test)]
mod tests;

use super::apart::Apart;
use super::compare::Change;
use super::evidence::Ratio;
use super::family::Share;
use super::findings::{Findings, TreatmentFindings};
use super::scaling::Sign;
use super::summary::Load;
use crate::spec::{BASELINE, Metric};

/// All that stands beside one baseline: what has the same levels of all that is not of consumers.
#[derive(Clone, Debug)]
pub struct Against<'a> {
    /// One thread over all partitions.
    pub baseline: &'a TreatmentFindings,
    /// By what both are measured.
    pub metric: Metric,
    /// What it stands beside, by how many instances and then threads each has.
    pub rivals: Vec<Rival<'a>>,
    /// What came of it.
    pub came: Came,
    /// Its share of the error of all comparisons that the report tells.
    pub share: Share,
}

/// One configuration.
#[derive(Clone, Debug)]
pub struct Rival<'a> {
    /// Which.
    pub of: &'a TreatmentFindings,
    /// Its instances.
    pub instances: u32,
    /// Consumers in each of them.
    pub threads: u32,
    /// Its throughput over that of the baseline; none where loads are not alike, or one has no value.
    pub change: Option<Change<'a>>,
    /// The same within blocks, with its interval, where both loads are alike; none of less than three blocks.
    pub ratio: Option<Ratio>,
    /// Whether it does more.
    pub beats: Beats,
}

/// Whether a configuration does more than the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beats {
    /// Its trials tell it apart, and it does more.
    Yes,
    /// It does less, or the same in all trials.
    No,
    /// Chance alone might make the difference, or the two cannot be compared.
    Undecided,
}

impl Beats {
    /// A word for programs, and for a cell.
    pub const fn name(self) -> &'static str {
        match self {
            Beats::Yes => "yes",
            Beats::No => "no",
            Beats::Undecided => "undecided",
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// The least that beats it, by its place among the rivals, and whether all with fewer instances are known not to.
    At(usize, bool),
    /// Nothing that was measured beats it.
    Never,
    /// It kept up with all that was offered: nothing can do more than that.
    KeptUp,
    /// Of some it is not known, and of none it is known that it does.
    Undecided,
}

impl Came {
    /// A word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Came::At(..) => "at",
            Came::Never => "never",
            Came::KeptUp => "kept_up",
            Came::Undecided => "undecided",
        }
    }
}

/// What stands beside a baseline: all that has the same levels of what is not of consumers.
pub fn beside<'a>(findings: &'a Findings, baseline: &TreatmentFindings) -> Vec<&'a TreatmentFindings> {
    let of_consumers = |label: &String| label == BASELINE;
    let like = |one: &&TreatmentFindings| {
        let mut both = baseline.levels.iter().zip(&one.levels);
        both.all(|(own, other)| of_consumers(own) || own == other)
    };
    findings.treatments.iter().filter(like).collect()
}

/// Each baseline that was tried. Differences are judged as all others of a run are (`Apart`), and share one error with them.
pub fn against(findings: &Findings) -> Vec<Against<'_>> {
    let share = findings.share;
    let of = |baseline| {
        let metric = Metric::written(TreatmentFindings::throughput_metric(baseline))?;
        let rivals = beside(findings, baseline).into_iter();
        let mut rivals: Vec<Rival<'_>> =
            rivals.filter_map(|one| Rival::of(&metric, baseline, one, share)).collect();
        rivals.sort_by_key(|one| (one.instances, one.threads));
        let came = came(baseline, &rivals);
        Some(Against { baseline, metric, rivals, came, share })
    };
    findings.baselines.iter().filter_map(of).collect()
}

impl<'a> Rival<'a> {
    fn of(
        metric: &Metric,
        baseline: &'a TreatmentFindings,
        one: &'a TreatmentFindings,
        share: Share,
    ) -> Option<Self> {
        let asked = &one.trials.first()?.record.asked;
        let change = Change::of(metric, baseline, one, share);
        let beats = match &change {
            Some(Change { apart: Apart::Clear, values: (before, after), .. }) if after > before => Beats::Yes,
            Some(Change { apart: Apart::Clear | Apart::Tie, .. }) => Beats::No,
            _ => Beats::Undecided,
        };
        // Of loads that are not alike the quotient is a bound.
        let alike = change.as_ref().is_some_and(|change| change.sign == Sign::Equal);
        let ratio = alike.then(|| Ratio::of(&metric.name, baseline.valid(), one.valid())).flatten();
        Some(Rival { of: one, instances: asked.instances?, threads: asked.threads?, change, ratio, beats })
    }
}

fn came(baseline: &TreatmentFindings, rivals: &[Rival<'_>]) -> Came {
    if matches!(baseline.load, Load::Steady | Load::Draining) {
        return Came::KeptUp;
    }
    let first = rivals.iter().position(|one| one.beats == Beats::Yes);
    let Some(at) = first else {
        let never = !rivals.is_empty() && rivals.iter().all(|one| one.beats == Beats::No);
        return if never { Came::Never } else { Came::Undecided };
    };
    let fewer = rivals.iter().filter(|one| one.instances < rivals[at].instances);
    Came::At(at, fewer.clone().all(|one| one.beats == Beats::No))
}
