//! The trials of two treatments by one metric, on the scale on which they are compared: logarithms.

use super::side::Pair;
use crate::analyse::comparable::sign;
use crate::analyse::gaps::{Gaps, LEAST, Read, root_mean_square};
use crate::analyse::{Load, Reading, Sign, TreatmentFindings, TrialFindings};
use crate::spec::Metric;
use crate::stats::Gap;

/// Why two treatments could not be compared by a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// One did all of its load and the other did not: no ratio of what they did says anything.
    UnlikeLoads,
    /// Both did less than all of it, and what the metric tells is then how long it was watched.
    Overload,
    /// Nobody knows how far its trials lie apart.
    FewTrials,
    /// The same of what lies between two.
    FewBlocks,
    /// The other run has no such treatment.
    NotThere,
    /// The first has none.
    NotHere,
    /// A ratio to nothing is none.
    Nothing,
    /// It is nothing in every trial of both: the same.
    BothNothing,
    /// Somewhere it is only known to be more, or less.
    Bound,
    /// A percentile beyond which hardly a message lies.
    TooFew,
    /// It was not measured.
    Unmeasured,
}

impl Why {
    /// In words.
    pub const fn told(self) -> &'static str {
        match self {
            Why::UnlikeLoads => {
                "their loads are not alike (overload, steady, draining), and this metric compares only like loads"
            }
            Why::Overload => "both were in overload, where this metric only tells how long it was watched",
            Why::FewTrials => "one of them has fewer than 3 valid trials",
            Why::FewBlocks => "fewer than 3 blocks have a valid trial of both",
            Why::NotThere => "the other run has no such treatment",
            Why::NotHere => "the first run has no such treatment",
            Why::Nothing => "it is nothing in a trial, and nothing has no ratio",
            Why::BothNothing => "it is nothing in every trial of both",
            Why::Bound => "of a trial only a bound is known",
            Why::TooFew => "too few messages lie beyond the percentile",
            Why::Unmeasured => "a trial did not measure it",
        }
    }

    /// Whether the question stays open that was asked of the two, and not only what this metric says of it.
    pub const fn leaves_open(self) -> bool {
        matches!(
            self,
            Why::UnlikeLoads | Why::Overload | Why::FewTrials | Why::FewBlocks | Why::NotThere | Why::NotHere
        )
    }
}

/// Logarithms of what trials measured.
#[derive(Clone, Debug)]
pub(super) struct Samples {
    pub(super) base: Vec<f64>,
    pub(super) other: Vec<f64>,
    /// Whether they were compared within blocks.
    pub(super) paired: bool,
    /// Trials of both; where paired, blocks that have one of each.
    pub(super) n: (usize, usize),
    /// The other's mean less the base's.
    pub(super) gap: Gap,
}

impl Samples {
    /// Of two treatments; where they cannot be compared, why.
    pub(super) fn of(metric: &Metric, pair: Pair<'_>, share_blocks: bool) -> Result<Self, Why> {
        if [pair.base, pair.other].into_iter().all(|one| is_nothing(metric, one)) {
            return Err(Why::BothNothing);
        }
        let (base, other) = (known(metric, pair.base), known(metric, pair.other));
        let few = [&base, &other].into_iter().any(|one| matches!(one, Err(Why::FewTrials)));
        if !few && sign(metric, pair.base, pair.other) != Some(Sign::Equal) {
            let both = [pair.base, pair.other].iter().all(|one| one.load == Load::Overload);
            return Err(if both { Why::Overload } else { Why::UnlikeLoads });
        }
        let (base, other) = (base?, other?);
        let logs = |of: &[(u32, Read)]| of.iter().map(|(_, read)| read.value.ln()).collect::<Vec<f64>>();
        let (n, gap) = if share_blocks {
            let gaps = Gaps::between(&base, &other);
            let n = gaps.blocks.len();
            ((n, n), gaps.gap().filter(|_| n >= LEAST))
        } else {
            let read =
                [&base, &other].map(|one| root_mean_square(one.iter().map(|(_, read)| read.relative())));
            ((base.len(), other.len()), Gap::welch(&logs(&base), &logs(&other), read.into()))
        };
        let gap = gap.ok_or(Why::FewBlocks)?;
        Ok(Samples { base: logs(&base), other: logs(&other), paired: share_blocks, n, gap })
    }
}

/// Whether it is nothing in each of its valid trials, of which there are enough to be compared.
pub(super) fn is_nothing(metric: &Metric, treatment: &TreatmentFindings) -> bool {
    let all = || treatment.valid().map(|trial| trial.metric(&metric.name));
    all().count() >= LEAST && all().all(|read| read == Reading::Value(0.0))
}

/// Of each valid trial its block and what it measured, which is above nothing.
fn known(metric: &Metric, treatment: &TreatmentFindings) -> Result<Vec<(u32, Read)>, Why> {
    let trials: Vec<&TrialFindings> = treatment.valid().collect();
    if trials.len() < LEAST {
        return Err(Why::FewTrials);
    }
    let of = |trial: &&TrialFindings| match trial.metric(&metric.name) {
        Reading::Value(value) if value > 0.0 => {
            Read::of(metric, trial).map(|read| (trial.record.block, read)).ok_or(Why::Unmeasured)
        }
        Reading::Value(_) => Err(Why::Nothing),
        Reading::Beyond(_) | Reading::Between(..) => Err(Why::Bound),
        Reading::TooFew => Err(Why::TooFew),
        Reading::Empty => Err(Why::Unmeasured),
    };
    trials.iter().map(of).collect()
}
