//! How throughput grows with instances, threads or partitions: speed-up, efficiency, and the laws that fit.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::ratio::Ratio;
use crate::analyse::findings::TreatmentFindings;
use crate::analyse::reading::Reading;
use crate::analyse::summary::{How, Load};
use crate::stats::{self, CONFIDENCE, Fit, Law, LawRanges, Range, Withheld};

/// The fewest distinct sizes that laws are fitted to.
pub const FEWEST_SIZES: usize = 4;
/// A curve has so many pieces.
const STEPS: u32 = 24;
/// No law is drawn or asked beyond so many times the greatest size that was tried.
const FURTHEST: f64 = 2.0;

/// How throughput grew over the sizes that were tried.
#[derive(Clone, Debug)]
pub struct Growing {
    /// Each size, rising.
    pub sizes: Vec<Size>,
    /// Each law with its numbers, the simplest first; empty where none is fitted.
    pub fits: Vec<Fitted>,
    /// Why none is; none where they are.
    pub refused: Option<String>,
    /// The law that says most with fewest numbers, as it is drawn; none where none can be said to.
    pub drawn: Option<Drawn>,
}

/// A law as a curve, from the smallest size to where nothing is said of it any more: twice the greatest size, or the partitions.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// Which.
    pub law: Law,
    /// In rising order of the size.
    pub points: Vec<At>,
    /// How what lies around it came.
    pub how: How,
}

/// A place of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    /// The size.
    pub n: f64,
    /// Throughput that the best fit gives there.
    pub rate: f64,
    /// 95 % interval there, over blocks that are fitted by themselves; none where the law's numbers have none.
    pub range: Option<Range>,
}

/// What a fit leaves of one trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// The trial, by its order in the plan.
    pub trial: u32,
    /// Its size.
    pub n: f64,
    /// What it did, messages per second.
    pub measured: f64,
    /// What the fit gives there.
    pub fitted: f64,
}

impl Residual {
    /// What it did beyond what the fit gives, as a part of that.
    pub fn part(&self) -> f64 {
        self.measured / self.fitted - 1.0
    }
}

/// One size.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// How many.
    pub n: f64,
    /// How many times the smallest it is.
    pub times: f64,
    /// Throughput over that of the smallest, within blocks; none of less than three blocks, and of the smallest itself.
    pub speed_up: Option<Ratio>,
    /// Medians of both over one another.
    pub of_medians: Option<f64>,
    /// The most that whole partitions allow, over what they allow the smallest: ⌈P/n⌉ of P for the busiest, and no more than the busiest partition's share.
    pub staircase: Option<f64>,
}

impl Size {
    /// Speed-up over what twice as much for twice as many would be, with its interval.
    pub fn efficiency(&self) -> Option<(f64, Range)> {
        let ratio = self.speed_up?;
        let part = |value: f64| value / self.times;
        Some((part(ratio.mean), Range { low: part(ratio.range.low), high: part(ratio.range.high) }))
    }
}

/// A law with its numbers and their intervals.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Its best fit to all trials.
    pub fit: Fit,
    /// 95 % intervals of γ, σ and κ over blocks that are fitted by themselves, [`LawRanges`]; or why there are none.
    pub intervals: Result<[Range; 3], Withheld>,
    /// Where throughput is greatest, and only if that lies within what may be said: not beyond twice the greatest size, nor beyond the partitions.
    pub peak: Option<f64>,
    /// From which size to which, with 95 %: beyond what may be said where the upper end lies further on, or there is none. None where `intervals` are not, or
    /// there is no peak.
    pub peak_range: Option<(f64, Reading)>,
    /// What it leaves of each trial, in the order of sizes and then of the plan.
    pub residuals: Vec<Residual>,
    /// What they come from; none where nothing is said of them.
    ranges: Option<LawRanges>,
}

#[cfg(test)]
impl Fitted {
    /// With nothing else known of it.
    pub fn bare(fit: Fit, intervals: Result<[Range; 3], Withheld>) -> Self {
        Fitted { fit, intervals, peak: None, peak_range: None, residuals: Vec::new(), ranges: None }
    }
}

/// Of treatments that differ in size alone, each with its size. Only those in overload count: of what keeps up, throughput is what was offered.
pub fn growing(own: &[(f64, &TreatmentFindings)]) -> Option<Growing> {
    let in_overload = own.iter().copied().filter(|(n, one)| *n >= 1.0 && one.load == Load::Overload);
    of_held_back(in_overload.collect(), Blocks::OfThePlan)
}

/// The same of loads that searches broke at, each with its size: what came through there. One that nothing is known to have held back tells nothing.
pub fn growing_of_bounds(own: &[(f64, &TreatmentFindings)]) -> Option<Growing> {
    let held_back = own.iter().copied().filter(|(n, one)| *n >= 1.0 && one.is_held_back());
    of_held_back(held_back.collect(), Blocks::ByTurn)
}

/// Which trials make a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blocks {
    /// Those of the plan's.
    OfThePlan,
    /// The first of each size, the second of each, and so on: searches come to their bounds in different rounds.
    ByTurn,
}

fn of_held_back(mut own: Vec<(f64, &TreatmentFindings)>, blocks: Blocks) -> Option<Growing> {
    own.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (first_n, first) = *own.first()?;
    if own.len() < 2 {
        return None;
    }
    let stairs = |one: &TreatmentFindings| {
        let asked = &one.trials.first()?.record.asked;
        let consumers = u64::from(asked.instances?) * u64::from(asked.threads?);
        let by_partition = stats::staircase(asked.partitions.into(), consumers)?;
        let share = one.metric("busiest_partition_percent").and_then(|share| share.median.value());
        Some(share.filter(|share| *share > 0.0).map_or(by_partition, |share| by_partition.min(100.0 / share)))
    };
    let throughput = |one: &TreatmentFindings| one.throughput().value();
    let size = |(n, one): &(f64, &TreatmentFindings)| Size {
        n: *n,
        times: n / first_n,
        speed_up: (*n > first_n)
            .then(|| Ratio::of(one.throughput_metric(), first.valid(), one.valid()))
            .flatten(),
        of_medians: throughput(one).zip(throughput(first)).map(|(now, before)| now / before),
        staircase: stairs(one).zip(stairs(first)).map(|(now, before)| now / before),
    };
    let sizes: Vec<Size> = own.iter().map(size).collect();
    let mut within: Vec<(f64, &TreatmentFindings)> = within(&own);
    let of = match blocks {
        Blocks::OfThePlan => "in overload, none of them with more consumers than partitions",
        Blocks::ByTurn => {
            within.retain(|(_, one)| is_even(one));
            "at the bounds of searches, over which partitions fall evenly"
        }
    };
    let distinct = within.chunk_by(|a, b| (a.0 - b.0).abs() < 1e-9).count();
    if distinct < FEWEST_SIZES {
        let are = if distinct == 1 { "is" } else { "are" };
        let refused = format!(
            "no law is fitted: that takes {FEWEST_SIZES} sizes or more {of}, and there {are} {distinct}"
        );
        return Some(Growing { sizes, fits: Vec::new(), refused: Some(refused), drawn: None });
    }
    let (points, furthest) = (points(&within, blocks), furthest(&within));
    let fits = fitted(&points, furthest);
    let refused = fits.is_empty().then(|| "no law could be fitted".to_owned());
    let drawn = best(&fits).map(|best| drawn(best, (first_n, furthest)));
    Some(Growing { sizes, fits, refused, drawn })
}

/// Twice the greatest size that laws speak of, and no size with more consumers than partitions; where partitions are what grows, the most that were tried.
fn furthest(within: &[(f64, &TreatmentFindings)]) -> f64 {
    let greatest = within.last().map_or(1.0, |one| one.0);
    let partitions = |one: &TreatmentFindings| Some(f64::from(one.trials.first()?.record.asked.partitions));
    let limit = |(n, one): &(f64, &TreatmentFindings)| {
        let (consumers, partitions) = (f64::from(counts(one)?.0), partitions(one)?);
        // As many consumers as a size has for each of its number.
        Some(if partitions_grow(within) { partitions } else { partitions * n / consumers })
    };
    let limits = within.iter().filter_map(limit).reduce(f64::max);
    (FURTHEST * greatest).min(limits.unwrap_or(f64::INFINITY)).max(greatest)
}

/// Consumers and partitions of a treatment; none where nobody consumes.
fn counts(one: &TreatmentFindings) -> Option<(u32, u32)> {
    let asked = &one.trials.first()?.record.asked;
    Some((asked.instances? * asked.threads?, asked.partitions))
}

/// Whether each consumer has as many partitions as any other. What is sustained is bound by the one that has most, and a fit would book that as contention.
fn is_even(one: &TreatmentFindings) -> bool {
    counts(one).is_none_or(|(consumers, partitions)| partitions % consumers.max(1) == 0)
}

fn partitions_grow(own: &[(f64, &TreatmentFindings)]) -> bool {
    let known = || own.iter().filter_map(|(_, one)| counts(one)).map(|(_, partitions)| partitions);
    known().min() != known().max()
}

/// Those that laws speak of. Where there are more consumers than partitions the others are idle, and a fit would book that as contention; where partitions
/// are what grows, more of them than consumers add nothing.
fn within<'a>(own: &[(f64, &'a TreatmentFindings)]) -> Vec<(f64, &'a TreatmentFindings)> {
    let partitions_grow = partitions_grow(own);
    let is_within = |one: &TreatmentFindings| {
        counts(one).is_none_or(|(consumers, partitions)| {
            if partitions_grow { partitions <= consumers } else { consumers <= partitions }
        })
    };
    own.iter().copied().filter(|(_, one)| is_within(one)).collect()
}

/// A valid trial: its order, its size, and what it did.
type Did = (u32, f64, f64);

/// All of them, by their block.
fn points(own: &[(f64, &TreatmentFindings)], blocks: Blocks) -> BTreeMap<u32, Vec<Did>> {
    let mut points: BTreeMap<u32, Vec<Did>> = BTreeMap::new();
    for (n, one) in own {
        for (turn, trial) in (0..).zip(one.valid()) {
            if let Some(rate) = trial.metric(one.throughput_metric()).value() {
                let block = if blocks == Blocks::ByTurn { turn } else { trial.record.block };
                points.entry(block).or_default().push((trial.record.order, *n, rate));
            }
        }
    }
    points
}

fn fitted(points: &BTreeMap<u32, Vec<Did>>, furthest: f64) -> Vec<Fitted> {
    let mut all: Vec<Did> = points.values().flatten().copied().collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let residuals = |fit: &Fit| {
        let of = |&(trial, n, measured): &Did| Residual { trial, n, measured, fitted: fit.at(n) };
        all.iter().map(of).collect()
    };
    let whole = whole(points);
    let of = |fit: Fit| {
        let ranges = LawRanges::of(fit.law, &whole);
        let numbers = ranges.as_ref().map_err(|why| *why).and_then(|ranges| ranges.numbers(CONFIDENCE));
        // What lies around a law that the blocks do not follow would say that they do.
        let ranges = ranges.ok().filter(|_| numbers.is_ok());
        let peak = fit.peak().filter(|peak| *peak <= furthest);
        let peak_range = peak.zip(ranges.as_ref().and_then(|ranges| ranges.peak(CONFIDENCE)));
        Fitted {
            fit,
            intervals: numbers.map(|numbers| around(&fit, numbers)),
            peak,
            peak_range: peak_range.map(|(peak, range)| no_further(range.holding(peak), furthest)),
            residuals: residuals(&fit),
            ranges,
        }
    };
    let both: Vec<(f64, f64)> = points.values().flatten().map(|(_, n, rate)| (*n, *rate)).collect();
    stats::fits(&both).into_iter().map(of).collect()
}

/// The blocks in which every size has a trial, as (size, throughput).
fn whole(points: &BTreeMap<u32, Vec<Did>>) -> Vec<Vec<(f64, f64)>> {
    let sizes =
        |of: &mut dyn Iterator<Item = &Did>| of.map(|(_, n, _)| n.to_bits()).collect::<BTreeSet<u64>>();
    let all = sizes(&mut points.values().flatten());
    let whole = points.values().filter(|own| sizes(&mut own.iter()) == all);
    whole.map(|own| own.iter().map(|(_, n, rate)| (*n, *rate)).collect()).collect()
}

/// The best fit to all trials is not the mean of those to each block: an interval holds both.
fn around(fit: &Fit, ranges: [Range; 3]) -> [Range; 3] {
    let [gamma, sigma, kappa] = ranges;
    [gamma.holding(fit.gamma), sigma.holding(fit.sigma), kappa.holding(fit.kappa)]
}

/// An upper end beyond what may be said is only known to lie there.
fn no_further(range: Range, furthest: f64) -> (f64, Reading) {
    let end = if range.high > furthest { Reading::Beyond(furthest) } else { Reading::Value(range.high) };
    (range.low, end)
}

/// From the smallest size to the furthest, with what blocks leave open around it.
fn drawn(fitted: &Fitted, (from, to): (f64, f64)) -> Drawn {
    let at = |step: u32| {
        let n = from + (to - from) * f64::from(step) / f64::from(STEPS);
        let rate = fitted.fit.at(n);
        let range = fitted.ranges.as_ref().and_then(|ranges| ranges.at(n, CONFIDENCE));
        At { n, rate, range: range.map(|range| range.holding(rate)) }
    };
    let resampled = fitted.ranges.as_ref().is_some_and(LawRanges::is_resampled);
    let how = if resampled { How::Blocks } else { How::Student };
    Drawn { law: fitted.fit.law, points: (0..=STEPS).map(at).collect(), how }
}

/// The law that needs the fewest numbers for what it explains, by AICc; none where that cannot be said.
pub fn best(fits: &[Fitted]) -> Option<&Fitted> {
    let known = fits.iter().filter(|one| one.fit.aicc.is_some());
    known.min_by(|a, b| a.fit.aicc.unwrap_or(f64::MAX).total_cmp(&b.fit.aicc.unwrap_or(f64::MAX)))
}
