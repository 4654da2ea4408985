//! What a whole run says: every trial judged, every treatment summed up.

use super::cost::{Basis, Cost};
use super::growth::{Grown, Tried, grown};
use super::judge::{Judged, judge_groups};
use super::knee::{Knee, knee};
use super::metric::catalogue;
use super::outcome::Outcome;
use super::ranking::{Candidate, Ranking, Tipping, ranking, tippings};
use super::reading::Reading;
use super::scaling::Scaling;
use super::summary::{Load, Summary};
use super::verdict::{RunVerdict, Verdict};
use crate::books::InstanceSecond;
use crate::record::{Manifest, Run, StoreError, TrialRecord};

/// What a whole run says.
#[derive(Clone, Debug)]
pub struct Findings {
    /// Every saved trial, in the plan's order.
    pub trials: Vec<(TrialRecord, Judged)>,
    /// What each of these trials cost, in the same order; none where that cannot be said.
    pub costs: Vec<Option<Cost>>,
    /// When credits ran out in each of them, in the same order.
    pub knees: Vec<Option<Knee>>,
    /// For a figure: of each treatment with emulated instances the first valid trial's, else the first
    /// one's (its place among `trials`), second by second.
    pub courses: Vec<(usize, Vec<InstanceSecond>)>,
    /// Every treatment, in the plan's order.
    pub treatments: Vec<TreatmentFindings>,
    /// What growing volumes came to; none where volume did not grow.
    pub grown: Option<Vec<Grown>>,
    /// Treatments that can be compared by cost, one ranking a basis; the steady ones first.
    pub rankings: Vec<(Ranking, Vec<Tipping>)>,
}

/// What the trials of one treatment say.
#[derive(Clone, Debug)]
pub struct TreatmentFindings {
    /// Its name.
    pub slug: String,
    /// The level's label of each factor.
    pub levels: Vec<String>,
    /// Trials that were saved.
    pub trials: usize,
    /// Of these, the valid ones: all that follows is of them.
    pub valid: usize,
    /// Whether it has consumers: what it worked off is then what they processed.
    pub consumed: bool,
    /// How they were loaded.
    pub load: Load,
    /// Each metric, in the catalogue's order.
    pub metrics: Vec<Summary>,
    /// The same with the doubtful ones; none where there are none.
    pub with_doubtful: Option<Vec<Summary>>,
    /// Throughput over that of the first treatment.
    pub scaling: Option<Scaling>,
    /// On each SLO, in the manifest's order; of all groups where there are several.
    pub verdicts: Vec<Verdict>,
    /// What its valid trials cost, all of one basis; none where that cannot be said.
    pub costs: Option<(Basis, Vec<Cost>)>,
    /// Each group, the first one too, where `consumers` is a list.
    pub groups: Vec<GroupFindings>,
}

/// What the valid trials of one treatment say of one group.
#[derive(Clone, Debug)]
pub struct GroupFindings {
    /// Its name in the experiment.
    pub group: String,
    /// How it was loaded.
    pub load: Load,
    /// Each metric, in the catalogue's order.
    pub metrics: Vec<Summary>,
}

impl GroupFindings {
    /// Of each group that there is in any of the trials, by the valid ones.
    fn all<'a>(trials: impl Iterator<Item = &'a Judged>, valid: &[&Judged]) -> Vec<Self> {
        let mut names: Vec<&String> = Vec::new();
        for (name, _) in trials.flat_map(|trial| &trial.groups) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let of = |name: &String| {
            let groups = valid.iter().flat_map(|trial| &trial.groups);
            let own: Vec<&Judged> = groups.filter(|(of, _)| of == name).map(|(_, judged)| judged).collect();
            GroupFindings {
                group: name.clone(),
                load: Load::of(own.iter().copied()),
                metrics: summaries(&own),
            }
        };
        names.into_iter().map(of).collect()
    }

    /// A metric's summary by its name.
    pub fn metric(&self, name: &str) -> Option<Summary> {
        named(&self.metrics, name)
    }
}

impl TreatmentFindings {
    /// A metric's summary by its name.
    pub fn metric(&self, name: &str) -> Option<Summary> {
        named(&self.metrics, name)
    }

    fn tried(&self) -> Tried<'_> {
        Tried { levels: &self.levels, trials: self.trials, verdicts: &self.verdicts }
    }

    /// What it worked off: processed messages per second, acked ones where nobody consumes.
    pub fn throughput(&self) -> Reading {
        let name = if self.consumed { "processed_msgs_per_s" } else { "acked_msgs_per_s" };
        self.metric(name).map_or(Reading::Empty, |summary| summary.median)
    }
}

impl Findings {
    /// Judges every trial of a run and sums up its treatments.
    pub fn from_run(run: &Run) -> Result<Self, StoreError> {
        let (mut trials, mut knees) = (Vec::new(), Vec::new());
        let mut courses: Vec<(usize, Vec<InstanceSecond>)> = Vec::new();
        for (at, trial) in run.trials.iter().enumerate() {
            let further = trial.further_groups()?;
            let judged = judge_groups(&trial.record, &trial.rows, &trial.latencies()?, &further);
            let seconds = trial.instances()?;
            knees.push(trial.record.emulated.iter().find_map(|group| knee(group, &seconds)));
            let shown = |(at, _): &(usize, _)| run.trials[*at].record.treatment == trial.record.treatment;
            let better = |at: usize, earlier: &[(TrialRecord, Judged)]| {
                judged.outcome == Outcome::Valid && earlier[at].1.outcome != Outcome::Valid
            };
            match courses.iter_mut().find(|course| shown(course)) {
                _ if seconds.is_empty() => {}
                None => courses.push((at, seconds)),
                Some(course) if better(course.0, &trials) => *course = (at, seconds),
                Some(_) => {}
            }
            trials.push((trial.record.clone(), judged));
        }
        Ok(Findings { knees, courses, ..Findings::of(&run.manifest, trials) })
    }

    /// Sums up trials that are judged already.
    pub fn of(manifest: &Manifest, trials: Vec<(TrialRecord, Judged)>) -> Self {
        let mut treatments: Vec<TreatmentFindings> = manifest
            .treatments
            .iter()
            .map(|line| {
                let own = trials
                    .iter()
                    .filter(|(record, _)| record.treatment == line.slug)
                    .map(|(_, judged)| judged);
                let mut records = trials.iter().filter(|(record, _)| record.treatment == line.slug);
                let consumed = records.any(|(record, _)| record.asked.instances.is_some());
                let of = |outcome: Outcome| {
                    own.clone().filter(move |judged| judged.outcome == outcome).collect::<Vec<_>>()
                };
                let (valid, doubtful) = (of(Outcome::Valid), of(Outcome::Doubtful));
                let with: Vec<&Judged> = valid.iter().chain(&doubtful).copied().collect();
                TreatmentFindings {
                    slug: line.slug.clone(),
                    levels: line.levels.clone(),
                    trials: own.clone().count(),
                    valid: valid.len(),
                    consumed,
                    load: Load::of(valid.iter().copied()),
                    metrics: summaries(&valid),
                    with_doubtful: (!doubtful.is_empty()).then(|| summaries(&with)),
                    scaling: None,
                    groups: GroupFindings::all(own.clone(), &valid),
                    verdicts: manifest
                        .slos
                        .iter()
                        .map(|slo| Verdict::of_trials(slo, valid.iter().copied()))
                        .collect(),
                    costs: None,
                }
            })
            .collect();
        let rankings = price(manifest, &trials, &mut treatments);
        let prices = &manifest.prices;
        let costs =
            trials.iter().map(|(record, judged)| Cost::of(record, judged, manifest, prices)).collect();
        let baseline = treatments
            .first()
            .map_or((None, Load::Unknown), |first| (first.throughput().value(), first.load));
        for treatment in &mut treatments {
            treatment.scaling = Scaling::of((treatment.throughput().value(), treatment.load), baseline);
        }
        let grown = grown(manifest, &treatments.iter().map(TreatmentFindings::tried).collect::<Vec<_>>());
        let knees = vec![None; trials.len()];
        Findings { knees, courses: Vec::new(), trials, costs, treatments, grown, rankings }
    }
}

/// Prices the treatments and ranks them.
fn price(
    manifest: &Manifest,
    trials: &[(TrialRecord, Judged)],
    treatments: &mut [TreatmentFindings],
) -> Vec<(Ranking, Vec<Tipping>)> {
    let slugs: Vec<String> = treatments.iter().map(|treatment| treatment.slug.clone()).collect();
    let mut candidates = Vec::new();
    for (treatment, slug) in treatments.iter_mut().zip(&slugs) {
        let valid = trials
            .iter()
            .filter(|(record, judged)| record.treatment == *slug && judged.outcome == Outcome::Valid)
            .map(|(record, judged)| (record, judged))
            .collect();
        let holds = treatment.verdicts.iter().all(|verdict| *verdict == Verdict::Held);
        let candidate = Candidate { slug, holds, valid };
        treatment.costs = candidate.costs(manifest, &manifest.prices);
        candidates.push(candidate);
    }
    [Basis::Offered, Basis::Overload]
        .into_iter()
        .map(|basis| ranking(manifest, &candidates, basis, &manifest.prices))
        .filter(|ranking| !ranking.order.is_empty())
        .map(|ranking| {
            let tippings = tippings(manifest, &candidates, &ranking);
            (ranking, tippings)
        })
        .collect()
}

/// What the run comes to: broken goes before undecided. Where volume grew until an SLO broke, one that broke is what was looked for: then it has held if
/// every search ended with a volume that held and one that did not.
pub fn run_verdict(findings: &Findings) -> RunVerdict {
    if let Some(grown) = &findings.grown {
        let said = |search: &Grown| match (&search.held, &search.broken, search.undecided) {
            (Some(_), Some(_), None) => RunVerdict::Held,
            (None, Some(_), None) => RunVerdict::Broken,
            _ => RunVerdict::Undecided,
        };
        let said: Vec<RunVerdict> = grown.iter().map(said).collect();
        let worst = [RunVerdict::Broken, RunVerdict::Undecided].into_iter().find(|one| said.contains(one));
        return if said.is_empty() { RunVerdict::Undecided } else { worst.unwrap_or(RunVerdict::Held) };
    }
    let has =
        |verdict: Verdict| findings.treatments.iter().any(|treatment| treatment.verdicts.contains(&verdict));
    if has(Verdict::Broken) {
        RunVerdict::Broken
    } else if has(Verdict::Undecided) || findings.treatments.iter().any(|treatment| treatment.valid == 0) {
        RunVerdict::Undecided
    } else {
        RunVerdict::Held
    }
}

fn named(metrics: &[Summary], name: &str) -> Option<Summary> {
    let at = catalogue().iter().position(|metric| metric.name == name)?;
    metrics.get(at).copied()
}

fn summaries(trials: &[&Judged]) -> Vec<Summary> {
    (0..catalogue().len()).map(|at| Summary::of(trials.iter().map(|judged| judged.metrics[at]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::judge;
    use crate::record::testing::{Synthetic, manifest};

    fn trial(repetition: u32, processed: u64, doubtful: bool) -> (TrialRecord, Judged) {
        let trial = Synthetic { order: repetition, repetition, processed, ..Synthetic::default() };
        let mut record = trial.record();
        record.rebalances = u32::from(doubtful);
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        (record, judged)
    }

    #[test]
    fn a_doubtful_trial_is_kept_out_and_said_what_it_would_change() {
        let trials = vec![trial(1, 100, false), trial(2, 110, false), trial(3, 20, true)];
        let findings = Findings::of(&manifest(&["a"]), trials);
        let treatment = &findings.treatments[0];
        assert_eq!((treatment.trials, treatment.valid), (3, 2));
        assert_eq!(treatment.throughput(), Reading::Value(420.0));
        let at = catalogue().iter().position(|metric| metric.name == "processed_msgs_per_s").unwrap();
        assert_eq!(treatment.with_doubtful.as_ref().unwrap()[at].median, Reading::Value(400.0));
    }

    #[test]
    fn a_treatment_without_a_usable_trial_leaves_the_run_undecided() {
        let of = |levels: &[&str], doubtful| {
            run_verdict(&Findings::of(&manifest(levels), vec![trial(1, 250, doubtful)]))
        };
        assert_eq!(of(&["a"], false), RunVerdict::Held);
        assert_eq!(of(&["a"], true), RunVerdict::Undecided);
        assert_eq!(of(&["a", "b"], false), RunVerdict::Undecided);
    }

    #[test]
    fn a_broken_slo_goes_before_an_undecided_one() {
        let mut manifest = manifest(&["a", "b"]);
        manifest.slos = vec![crate::record::SloLine {
            text: "processed >= 1k/s".to_owned(),
            metric: "processed_msgs_per_s".to_owned(),
            comparison: ">=".to_owned(),
            bound: 1000.0,
        }];
        let findings = Findings::of(&manifest, vec![trial(1, 100, false)]);
        assert_eq!(findings.treatments[0].verdicts, [Verdict::Broken]);
        assert_eq!(findings.treatments[1].verdicts, [Verdict::Undecided]);
        assert_eq!(run_verdict(&findings), RunVerdict::Broken);
    }
}
