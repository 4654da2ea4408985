//! What a whole run says: every trial judged, every treatment summed up.

use std::collections::BTreeMap;
use std::num::NonZero;

use super::aftermath;
use super::cost::{Basis, Cost, alike};
use super::evidence::{Decision, Ratio, cut_moves, part_of};
use super::family::{Share, compared};
use super::growth::{Grown, Tried, grown};
use super::judge::Judged;
use super::limiting::{By, Kind, TreatmentLimit};
use super::outcome::Outcome;
use super::ranking::{Candidate, Ranking, Tipping, ranking, tippings};
use super::reading::Reading;
use super::scaling::{Scaling, Sign};
use super::searched::{Looked, Searched, searched};
use super::standing::Standing;
use super::summary::{Load, Summary};
use super::trial::TrialFindings;
use super::verdict::Verdict;
use crate::record::{Manifest, Run, SavedTrial, StoreError, TreatmentLine};
use crate::spec::{Metric, metrics, place};

/// What a whole run says.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Every treatment with its trials, in the plan's order.
    pub treatments: Vec<TreatmentFindings>,
    /// What they have to beat: one thread over all partitions, for each combination of the levels that are not of consumers. They are in no fit, no ranking
    /// and no verdict of the run.
    pub baselines: Vec<TreatmentFindings>,
    /// The treatment that scaling compares with: the first that has a throughput; none where none has.
    pub first: Option<usize>,
    /// What growing volumes came to; none where volume did not grow.
    pub grown: Option<Vec<Grown>>,
    /// What searches came to; none where nothing was searched.
    pub searched: Option<Vec<Searched>>,
    /// Treatments that can be compared by cost, one ranking a basis, in the order of [`Basis::ALL`].
    pub rankings: Vec<(Ranking, Vec<Tipping>)>,
    /// The part of one error that each comparison of two treatments has, over all that a report of the run tells.
    pub share: Share,
}

/// What the trials of one treatment say.
#[derive(Clone, Debug)]
pub struct TreatmentFindings {
    /// Its name.
    pub slug: String,
    /// The level's label of each factor.
    pub levels: Vec<String>,
    /// Its saved trials, in the plan's order. All that follows is of the valid ones.
    pub trials: Vec<TrialFindings>,
    /// Whether it has consumers: what it worked off is then what they processed.
    pub consumed: bool,
    /// How they were loaded.
    pub load: Load,
    /// Each metric, in the order of their columns.
    pub metrics: Vec<Summary>,
    /// The same with the doubtful ones; none where there are none.
    pub with_doubtful: Option<Vec<Summary>>,
    /// What bound it; none where no trial tells.
    pub limit: Option<TreatmentLimit>,
    /// Throughput over that of the first treatment that has one.
    pub scaling: Option<Scaling>,
    /// On each SLO, in the manifest's order; of all groups where there are several.
    pub verdicts: Vec<Verdict>,
    /// How each came, and how often such a one is wrong.
    pub decisions: Vec<Decision>,
    /// Where it stands among those that are compared by cost.
    pub standing: Standing,
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
    /// Each metric, in the order of their columns.
    pub metrics: Vec<Summary>,
}

impl GroupFindings {
    /// Of each group that there is in any of the trials, by the valid ones.
    fn all(trials: &[TrialFindings], valid: &[&TrialFindings]) -> Vec<Self> {
        let mut names: Vec<&String> = Vec::new();
        for (name, _) in trials.iter().flat_map(|trial| &trial.judged.groups) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let alike = costs(valid).is_some();
        let of = |name: &String| {
            let groups = valid.iter().flat_map(|trial| &trial.judged.groups);
            let own: Vec<&Judged> = groups.filter(|(of, _)| of == name).map(|(_, judged)| judged).collect();
            GroupFindings {
                group: name.clone(),
                load: Load::of(own.iter().copied()),
                metrics: summaries_of(&own, alike),
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

    /// Its trials that count.
    pub fn valid(&self) -> impl Iterator<Item = &TrialFindings> + Clone {
        self.trials.iter().filter(|trial| trial.is_valid())
    }

    /// Whether nothing of what it was offered was left: its backlog did not grow, or fell where it was written before.
    pub fn keeps_up(&self) -> bool {
        let is_asked = || self.valid().all(|trial| trial.record.backlog.is_some());
        self.load == Load::Steady || self.load == Load::Draining && is_asked()
    }

    /// The trial whose emulated instances a figure shows, with what they did second by second.
    pub fn shown(&self) -> Option<&TrialFindings> {
        self.trials.iter().find(|trial| !trial.seconds.is_empty())
    }

    fn looked(&self) -> Looked<'_> {
        Looked { levels: &self.levels, trials: &self.trials }
    }

    fn tried(&self) -> Tried<'_> {
        Tried { levels: &self.levels, trials: self.trials.len(), verdicts: &self.verdicts }
    }

    /// Sums up its trials.
    fn of(manifest: &Manifest, line: &TreatmentLine, mut trials: Vec<TrialFindings>) -> Self {
        keep_one_course(&mut trials);
        cut_moves(&mut trials);
        let of = |outcome: Outcome| {
            trials.iter().filter(|trial| trial.judged.outcome == outcome).collect::<Vec<_>>()
        };
        let (valid, doubtful) = (of(Outcome::Valid), of(Outcome::Doubtful));
        let with: Vec<&TrialFindings> = valid.iter().chain(&doubtful).copied().collect();
        let load = Load::of(judged(&valid));
        let decided = |slo| {
            let of = |trial: &&TrialFindings| {
                (part_of(manifest, &trial.record), Verdict::of_trial(slo, &trial.judged))
            };
            Decision::of(valid.iter().map(of))
        };
        let decisions: Vec<Decision> = manifest.slos.iter().map(decided).collect();
        let verdicts: Vec<Verdict> = decisions.iter().map(|one| one.verdict).collect();
        let costs = costs(&valid);
        TreatmentFindings {
            slug: line.slug.clone(),
            levels: line.levels.clone(),
            consumed: trials.iter().any(|trial| trial.record.asked.instances.is_some()),
            load,
            metrics: summaries(&valid),
            with_doubtful: (!doubtful.is_empty()).then(|| summaries(&with)),
            limit: limit(&trials, &valid),
            scaling: None,
            groups: GroupFindings::all(&trials, &valid),
            standing: Standing::of(&valid, load, &verdicts, costs.as_ref().map(|(basis, _)| *basis)),
            verdicts,
            decisions,
            costs,
            trials,
        }
    }

    /// What it worked off: processed messages per second, acked ones where nobody consumes.
    pub fn throughput(&self) -> Reading {
        self.metric(self.throughput_metric()).map_or(Reading::Empty, |summary| summary.median)
    }

    /// The metric that says what it worked off.
    pub const fn throughput_metric(&self) -> &'static str {
        if self.consumed { "processed_msgs_per_s" } else { "acked_msgs_per_s" }
    }
}

/// Of all trials the first valid one with emulated instances, else the first one with any, keeps its seconds: a run of a thousand has no room for all.
fn keep_one_course(trials: &mut [TrialFindings]) {
    let has = |trial: &TrialFindings| !trial.seconds.is_empty();
    let shown = trials.iter().position(|trial| has(trial) && trial.is_valid());
    let shown = shown.or_else(|| trials.iter().position(has));
    for (at, trial) in trials.iter_mut().enumerate() {
        if Some(at) != shown {
            (trial.seconds, trial.processed) = (Vec::new(), Vec::new());
        }
    }
}

impl Findings {
    /// Judges every trial of a run and sums up its treatments.
    pub fn from_run(run: &Run) -> Result<Self, StoreError> {
        // Each trial is judged by itself, and only what is found in it is kept: series and histograms are gone before those of the next are read.
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let share = run.trials.len().div_ceil(cores).max(1);
        let read = |share: &[SavedTrial]| {
            share.iter().map(|saved| TrialFindings::read(&run.manifest, saved)).collect::<Result<Vec<_>, _>>()
        };
        let trials = std::thread::scope(|scope| {
            let readers: Vec<_> =
                run.trials.chunks(share).map(|share| scope.spawn(move || read(share))).collect();
            let ended = readers.into_iter().map(|reader| match reader.join() {
                Ok(read) => read,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            ended.collect::<Result<Vec<_>, StoreError>>()
        })?;
        Ok(Findings::of(&run.manifest, trials.into_iter().flatten().collect()))
    }

    /// Sums up trials that are judged already.
    pub fn of(manifest: &Manifest, trials: Vec<TrialFindings>) -> Self {
        let mut own: BTreeMap<String, Vec<TrialFindings>> = BTreeMap::new();
        for trial in trials {
            own.entry(trial.record.treatment.clone()).or_default().push(trial);
        }
        let mut summed = |are_baselines: bool| -> Vec<TreatmentFindings> {
            let lines = manifest.treatments.iter().filter(|line| line.baseline == are_baselines);
            let mut of = |line: &TreatmentLine| own.remove(&line.slug).unwrap_or_default();
            lines.map(|line| TreatmentFindings::of(manifest, line, of(line))).collect()
        };
        let (mut treatments, baselines) = (summed(false), summed(true));
        let known = treatments.iter().position(|one| one.throughput().value().is_some());
        let base = known.map(|at| &treatments[at]);
        let loaded = |one: &TreatmentFindings| (one.throughput().value(), one.load);
        let scaled = |one: &TreatmentFindings| {
            let base = base?;
            let scaling = Scaling::of(loaded(one), loaded(base))?;
            let is_like = scaling.sign == Sign::Equal && base.slug != one.slug;
            let within = || Ratio::of(one.throughput_metric(), base.valid(), one.valid());
            Some(Scaling { ratio: is_like.then(within).flatten(), ..scaling })
        };
        let scalings: Vec<Option<Scaling>> = treatments.iter().map(scaled).collect();
        for (treatment, scaling) in treatments.iter_mut().zip(scalings) {
            treatment.scaling = scaling;
        }
        let grown = grown(manifest, &treatments.iter().map(TreatmentFindings::tried).collect::<Vec<_>>());
        let looked: Vec<Looked<'_>> = treatments.iter().map(TreatmentFindings::looked).collect();
        let searched = searched(manifest, &looked);
        let share = Share::default();
        let candidates = candidates(&treatments);
        let rankings = ranked(manifest, &candidates).map(|ranking| (ranking, Vec::new())).collect();
        let mut findings = Findings { treatments, baselines, grown, searched, rankings, share, first: known };
        // How many comparisons there are, the findings themselves tell.
        findings.share = compared(manifest, &findings);
        let candidates = self::candidates(&findings.treatments);
        for (ranking, others) in &mut findings.rankings {
            ranking.share = findings.share;
            *others = tippings(manifest, &candidates, ranking);
        }
        findings
    }

    /// Every saved trial, in the plan's order.
    pub fn trials(&self) -> impl Iterator<Item = &TrialFindings> + Clone {
        let mut all: Vec<&TrialFindings> = self.all().flat_map(|one| &one.trials).collect();
        all.sort_by_key(|trial| trial.record.order);
        all.into_iter()
    }

    /// Every treatment, and behind them what they have to beat.
    pub fn all(&self) -> impl Iterator<Item = &TreatmentFindings> + Clone {
        self.treatments.iter().chain(&self.baselines)
    }

    /// The treatment of that name.
    pub fn treatment(&self, slug: &str) -> Option<&TreatmentFindings> {
        self.all().find(|one| one.slug == slug)
    }

    /// The saved trial of that order.
    pub fn trial(&self, order: u32) -> Option<&TrialFindings> {
        self.all().flat_map(|one| &one.trials).find(|trial| trial.record.order == order)
    }

    /// The trials themselves, in the plan's order: with one more, they are summed up anew.
    pub fn into_trials(self) -> Vec<TrialFindings> {
        let all = self.treatments.into_iter().chain(self.baselines);
        let mut all: Vec<TrialFindings> = all.flat_map(|one| one.trials).collect();
        all.sort_by_key(|trial| trial.record.order);
        all
    }
}

fn candidates(treatments: &[TreatmentFindings]) -> Vec<Candidate<'_>> {
    let all = treatments.iter();
    all.map(|of| Candidate { slug: &of.slug, standing: of.standing, valid: of.valid().collect() }).collect()
}

/// Ranks the treatments by what they cost, a ranking a basis. How many comparisons share an error is told later.
fn ranked<'a>(manifest: &'a Manifest, candidates: &'a [Candidate<'a>]) -> impl Iterator<Item = Ranking> + 'a {
    let all = Basis::ALL.into_iter();
    let all =
        all.map(move |basis| ranking(manifest, candidates, (basis, Share::default()), &manifest.prices));
    all.filter(|ranking| !ranking.order.is_empty())
}

fn named(metrics: &[Summary], name: &str) -> Option<Summary> {
    metrics.get(place(name)?).copied()
}

/// Of the valid trials; where there is none, of those that were ended or spoiled by what bound them.
fn limit(trials: &[TrialFindings], valid: &[&TrialFindings]) -> Option<TreatmentLimit> {
    if !valid.is_empty() {
        return TreatmentLimit::of(valid.iter().filter_map(|trial| trial.judged.limit.as_ref()));
    }
    let known = trials.iter().filter_map(|trial| trial.judged.limit.as_ref());
    TreatmentLimit::of(known.filter(|limit| matches!(limit.by, By::Known(kind) if kind != Kind::Load)))
}

/// What these trials cost, all of one basis; none where that cannot be said.
fn costs(trials: &[&TrialFindings]) -> Option<(Basis, Vec<Cost>)> {
    alike(trials.iter().map(|trial| trial.cost.clone()))
}

fn summaries(trials: &[&TrialFindings]) -> Vec<Summary> {
    summaries_of(&judged(trials), costs(trials).is_some())
}

fn judged<'a>(trials: &[&'a TrialFindings]) -> Vec<&'a Judged> {
    trials.iter().map(|trial| &trial.judged).collect()
}

/// Money over what was offered and money over what was processed have no middle, nor has what is partly unknown: there `alike` is not.
fn summaries_of(trials: &[&Judged], alike: bool) -> Vec<Summary> {
    let of = |(at, metric): (usize, &Metric)| {
        let own = trials.iter().map(|judged| judged.metrics[at]);
        let said = !metric.is_cost() || (alike && own.clone().all(|reading| reading != Reading::Empty));
        match said {
            true if is_of_events(&metric.name) => Summary::of_times(own),
            true => Summary::of(own),
            false => Summary::default(),
        }
    };
    metrics().iter().enumerate().map(of).collect()
}

/// Whether a metric is a time that trials with events are watched for.
fn is_of_events(name: &str) -> bool {
    aftermath::METRICS.iter().any(|(of_events, ..)| *of_events == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::tests::trial;
    use crate::record::testing::manifest;

    #[test]
    fn a_doubtful_trial_is_kept_out_and_said_what_it_would_change() {
        let trials = vec![trial(1, 100, false), trial(2, 110, false), trial(3, 20, true)];
        let findings = Findings::of(&manifest(&["a"]), trials);
        let treatment = &findings.treatments[0];
        assert_eq!((treatment.trials.len(), treatment.valid().count()), (3, 2));
        assert_eq!(treatment.throughput(), Reading::Value(420.0));
        let at = place("processed_msgs_per_s").unwrap();
        assert_eq!(treatment.with_doubtful.as_ref().unwrap()[at].median, Reading::Value(400.0));
    }
}
