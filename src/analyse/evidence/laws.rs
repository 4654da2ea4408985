//! How throughput grows with instances, threads or partitions: speed-up, efficiency, and the laws that fit.

use std::collections::BTreeMap;

use super::ratio::Ratio;
use crate::analyse::findings::TreatmentFindings;
use crate::analyse::summary::Load;
use crate::stats::{self, CONFIDENCE, Fit, Law, RESAMPLES, Range};

/// The fewest distinct sizes that laws are fitted to.
pub const FEWEST_SIZES: usize = 4;
/// The fewest blocks that are resampled for an interval.
pub const FEWEST_BLOCKS: usize = 6;
/// So that the same trials always have the same intervals.
const SEED: u64 = 19;
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
}

/// A place of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    /// The size.
    pub n: f64,
    /// Throughput that the best fit gives there.
    pub rate: f64,
    /// 95 % of what fits to resamples of whole blocks give there; none of less than six blocks.
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
    /// 95 % intervals of γ, σ and κ by resampling whole blocks; none of less than six blocks.
    pub intervals: Option<[Range; 3]>,
    /// Where throughput is greatest, and only if that lies within what may be said: not beyond twice the greatest size, nor beyond the partitions.
    pub peak: Option<f64>,
    /// What it leaves of each trial, in the order of sizes and then of the plan.
    pub residuals: Vec<Residual>,
    /// The law's fits to resamples of whole blocks; none of less than six.
    resampled: Vec<Fit>,
}

/// Of treatments that differ in size alone, each with its size. Only those in overload count: of what keeps up, throughput is what was offered.
pub fn growing(own: &[(f64, &TreatmentFindings)]) -> Option<Growing> {
    let mut own: Vec<(f64, &TreatmentFindings)> =
        own.iter().copied().filter(|(n, one)| *n >= 1.0 && one.load == Load::Overload).collect();
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
    let within: Vec<(f64, &TreatmentFindings)> = within(&own);
    let distinct = within.chunk_by(|a, b| (a.0 - b.0).abs() < 1e-9).count();
    if distinct < FEWEST_SIZES {
        let are = if distinct == 1 { "is" } else { "are" };
        let refused = format!(
            "no law is fitted: that takes {FEWEST_SIZES} sizes or more in overload, none of them with more consumers than partitions, and there {are} {distinct}"
        );
        return Some(Growing { sizes, fits: Vec::new(), refused: Some(refused), drawn: None });
    }
    let (points, furthest) = (points(&within), furthest(&within));
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
fn points(own: &[(f64, &TreatmentFindings)]) -> BTreeMap<u32, Vec<Did>> {
    let mut points: BTreeMap<u32, Vec<Did>> = BTreeMap::new();
    for (n, one) in own {
        for trial in one.valid() {
            if let Some(rate) = trial.metric(one.throughput_metric()).value() {
                points.entry(trial.record.block).or_default().push((trial.record.order, *n, rate));
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
    let of = |fit: Fit| {
        let resampled = resampled(fit.law, points);
        Fitted {
            fit,
            intervals: intervals(&resampled),
            peak: fit.peak().filter(|peak| *peak <= furthest),
            residuals: residuals(&fit),
            resampled,
        }
    };
    let both: Vec<(f64, f64)> = points.values().flatten().map(|(_, n, rate)| (*n, *rate)).collect();
    stats::fits(&both).into_iter().map(of).collect()
}

/// The law's fits to resamples of whole blocks; none of less than six.
fn resampled(law: Law, points: &BTreeMap<u32, Vec<Did>>) -> Vec<Fit> {
    let blocks: Vec<&Vec<Did>> = points.values().collect();
    if blocks.len() < FEWEST_BLOCKS {
        return Vec::new();
    }
    let mut fits: Vec<Fit> = Vec::with_capacity(RESAMPLES);
    let mut drawn_before: BTreeMap<Vec<usize>, Option<Fit>> = BTreeMap::new();
    stats::resample(blocks.len(), RESAMPLES, SEED, |drawn| {
        let mut key = drawn.to_vec();
        key.sort_unstable();
        // Six blocks can be drawn in 462 ways only: what was fitted once is not fitted again.
        let fit = drawn_before.entry(key).or_insert_with(|| {
            let own = drawn.iter().flat_map(|block| blocks[*block]);
            stats::fit(law, &own.map(|(_, n, rate)| (*n, *rate)).collect::<Vec<_>>())
        });
        fits.extend(*fit);
        None
    });
    fits
}

/// The range that 95 % of these fits have a number in; none of no fits.
fn range(fits: &[Fit], of: impl Fn(&Fit) -> f64) -> Option<Range> {
    let values: Vec<f64> = fits.iter().map(of).collect();
    let tail = (1.0 - CONFIDENCE) / 2.0;
    Some(Range { low: stats::quantile(&values, tail)?, high: stats::quantile(&values, 1.0 - tail)? })
}

/// By the percentiles of what each law's numbers come to.
fn intervals(fits: &[Fit]) -> Option<[Range; 3]> {
    Some([range(fits, |fit| fit.gamma)?, range(fits, |fit| fit.sigma)?, range(fits, |fit| fit.kappa)?])
}

/// From the smallest size to the furthest, with what resamples put around it.
fn drawn(fitted: &Fitted, (from, to): (f64, f64)) -> Drawn {
    let at = |step: u32| {
        let n = from + (to - from) * f64::from(step) / f64::from(STEPS);
        At { n, rate: fitted.fit.at(n), range: range(&fitted.resampled, |fit| fit.at(n)) }
    };
    Drawn { law: fitted.fit.law, points: (0..=STEPS).map(at).collect() }
}

/// The law that needs the fewest numbers for what it explains, by AICc; none where that cannot be said.
pub fn best(fits: &[Fitted]) -> Option<&Fitted> {
    let known = fits.iter().filter(|one| one.fit.aicc.is_some());
    known.min_by(|a, b| a.fit.aicc.unwrap_or(f64::MAX).total_cmp(&b.fit.aicc.unwrap_or(f64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Findings, Reading, TrialFindings, judge};
    use crate::record::testing::{Synthetic, manifest};

    /// Six blocks of these sizes, whose throughput follows Amdahl's law with a tenth done one after another, give or take half a percent.
    fn measured(sizes: &[&str], partitions: u32) -> Findings {
        let manifest = manifest(sizes);
        let at = |name: &str| crate::spec::place(name).unwrap();
        let mut trials = Vec::new();
        for block in 1..=6_u32 {
            for (number, size) in (1..).zip(sizes) {
                let trial = Synthetic {
                    order: (block - 1) * sizes.len() as u32 + number,
                    repetition: block,
                    treatment: (*size).to_owned(),
                    levels: vec![("topic.partitions".to_owned(), (*size).to_owned())],
                    processed: 100,
                    ..Synthetic::default()
                };
                let mut judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
                let n: f64 = size.parse().unwrap();
                let noise = 1.0 + 0.005 * (f64::from((block * 7 + number * 5) % 11) / 5.0 - 1.0);
                judged.metrics[at("processed_msgs_per_s")] =
                    Reading::Value(1000.0 * n / (1.0 + 0.1 * (n - 1.0)) * noise);
                let mut record = trial.record();
                record.asked.partitions = partitions;
                (record.asked.instances, record.asked.threads) = (Some(n as u32), Some(1));
                trials.push(TrialFindings::of(&manifest, record, judged));
            }
        }
        Findings::of(&manifest, trials)
    }

    fn grown(findings: &Findings) -> Growing {
        let size = |one: &TreatmentFindings| one.slug.parse::<f64>().unwrap();
        let own: Vec<(f64, &TreatmentFindings)> =
            findings.treatments.iter().map(|one| (size(one), one)).collect();
        growing(&own).unwrap()
    }

    #[test]
    fn a_law_gives_back_the_numbers_that_trials_were_made_of() {
        let found = grown(&measured(&["1", "2", "4", "8", "12"], 24));
        let amdahl = &found.fits[1];
        assert_eq!((amdahl.fit.law, found.refused), (Law::Amdahl, None));
        let [_, sigma, _] = amdahl.intervals.unwrap();
        assert!(sigma.covers(0.1) && sigma.high - sigma.low < 0.02, "{sigma:?}");
        assert_ne!(best(&found.fits).unwrap().fit.law, Law::Linear);
        let eight = &found.sizes[3];
        assert!(eight.speed_up.unwrap().range.covers(8.0 / 1.7));
        let (efficiency, range) = eight.efficiency().unwrap();
        assert!((efficiency - 1.0 / 1.7).abs() < 0.01 && range.covers(efficiency));
        assert_eq!(found.sizes[4].staircase, Some(12.0));
        assert!(found.sizes[0].speed_up.is_none());
    }

    #[test]
    fn three_sizes_have_speed_ups_and_no_law() {
        let found = grown(&measured(&["1", "2", "4"], 4));
        assert!(found.fits.is_empty() && found.refused.unwrap().contains("here are 3"));
        assert!(found.sizes[2].speed_up.is_some());
    }

    #[test]
    fn idle_consumers_are_no_contention_and_no_law_speaks_of_them() {
        let found = grown(&measured(&["1", "2", "4", "8", "12"], 4));
        assert!(found.fits.is_empty() && found.refused.unwrap().contains("here are 3"));
        assert_eq!(grown(&measured(&["1", "2", "4", "8", "12"], 8)).fits.len(), 3);
    }

    #[test]
    fn a_law_is_drawn_with_its_band_no_further_than_twice_the_greatest_size_nor_than_the_partitions() {
        let drawn = |partitions: u32| grown(&measured(&["1", "2", "4", "8"], partitions)).drawn.unwrap();
        let ends = |drawn: &Drawn| (drawn.points[0].n, drawn.points.last().unwrap().n);
        assert_eq!(ends(&drawn(64)), (1.0, 16.0));
        assert_eq!(ends(&drawn(12)), (1.0, 12.0));
        assert_eq!(ends(&drawn(8)), (1.0, 8.0));
        // Idle consumers are in no fit, and no law is drawn where they are.
        assert_eq!(ends(&grown(&measured(&["1", "2", "4", "8", "12"], 8)).drawn.unwrap()), (1.0, 8.0));
        let drawn = drawn(64);
        assert_ne!(drawn.law, Law::Linear);
        for at in &drawn.points {
            let true_rate = 1000.0 * at.n / (1.0 + 0.1 * (at.n - 1.0));
            let band = at.range.unwrap();
            assert!(band.covers(at.rate), "{at:?}");
            assert!((at.rate / true_rate - 1.0).abs() < 0.03, "{at:?} {true_rate}");
        }
        let wide = |at: &At| (at.range.unwrap().high - at.range.unwrap().low) / at.rate;
        assert!(wide(&drawn.points[24]) > wide(&drawn.points[6]), "less is known where nothing was tried");
    }

    #[test]
    fn a_fit_leaves_residuals_of_every_trial_that_it_is_of() {
        let found = grown(&measured(&["1", "2", "4", "8"], 64));
        for fitted in &found.fits {
            assert_eq!(fitted.residuals.len(), 24);
            let squares: f64 = fitted.residuals.iter().map(|one| (one.measured - one.fitted).powi(2)).sum();
            assert!((squares / fitted.fit.sse - 1.0).abs() < 1e-9);
        }
        let worst =
            |at: usize| found.fits[at].residuals.iter().map(|one| one.part().abs()).fold(0.0, f64::max);
        assert!(worst(1) < 0.012 && worst(0) > 0.1, "{} {}", worst(1), worst(0));
    }

    #[test]
    fn a_peak_beyond_what_may_be_said_is_not_said() {
        let far = BTreeMap::from([(
            1,
            [1.0, 2.0, 4.0, 8.0]
                .map(|n| (1, n, 100.0 * n / (1.0 + 0.02 * (n - 1.0) + 0.001 * n * (n - 1.0))))
                .to_vec(),
        )]);
        let usl = |furthest: f64| fitted(&far, furthest)[2].peak;
        assert!((usl(64.0).unwrap() - 31.3).abs() < 0.2);
        assert_eq!(usl(16.0), None);
    }
}
