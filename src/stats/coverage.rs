//! Whether intervals cover what they say, over thousands of simulated experiments whose truth is known.

use std::fmt::Write;

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;

use super::law_ranges::inverse;
use super::*;

const EXPERIMENTS: usize = 2_000;
/// Resamples of an interval here: a tenth of what a report takes, so that this stays a matter of seconds.
const FEW_RESAMPLES: usize = 1_000;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Normal,
    LogNormal,
    /// Normal, with a day of its own for each block.
    Blocks,
}

const KINDS: [Kind; 3] = [Kind::Normal, Kind::LogNormal, Kind::Blocks];

impl Kind {
    /// One trial of each of two treatments, in one block; the second is 10 % above the first.
    fn block(self, random: &mut Pcg64) -> (f64, f64) {
        let mut normal = || -> f64 { StandardNormal.sample(random) };
        match self {
            Kind::Normal => (100.0 + 5.0 * normal(), 110.0 + 5.5 * normal()),
            Kind::LogNormal => (100.0 * (0.5 * normal()).exp(), 110.0 * (0.5 * normal()).exp()),
            Kind::Blocks => {
                let day = 1.0 + 0.15 * normal();
                (day * (100.0 + 3.0 * normal()), day * (110.0 + 3.3 * normal()))
            }
        }
    }

    fn mean(self) -> f64 {
        if matches!(self, Kind::LogNormal) { 100.0 * 0.125_f64.exp() } else { 100.0 }
    }
}

/// Share of experiments of `n` blocks in which it came true.
fn share(kind: Kind, n: usize, came_true: impl Fn(&[(f64, f64)], u64) -> bool) -> f64 {
    let mut random = Pcg64::seed_from_u64(19);
    let count = (0..EXPERIMENTS)
        .filter(|experiment| {
            let blocks: Vec<(f64, f64)> = (0..n).map(|_| kind.block(&mut random)).collect();
            came_true(&blocks, *experiment as u64)
        })
        .count();
    count as f64 / EXPERIMENTS as f64
}

fn first(blocks: &[(f64, f64)]) -> Vec<f64> {
    blocks.iter().map(|block| block.0).collect()
}

#[test]
fn the_interval_of_a_median_covers_it_whatever_the_distribution() {
    for kind in KINDS {
        for n in [6, 9, 10, 20] {
            let covered = share(kind, n, |blocks, _| {
                let mut values = first(blocks);
                values.sort_by(f64::total_cmp);
                let ranks = median_ranks(n, CONFIDENCE).unwrap();
                Range { low: values[ranks.low - 1], high: values[ranks.high - 1] }.covers(100.0)
            });
            assert!(covered >= 0.93, "{kind:?} {n}: {covered}");
        }
    }
}

#[test]
fn the_interval_of_a_ratio_paired_by_block_covers_it() {
    for kind in KINDS {
        for n in [3, 6, 12] {
            let covered = share(kind, n, |blocks, _| {
                let logs: Vec<f64> = blocks.iter().map(|(a, b)| (b / a).ln()).collect();
                Gap::paired(&logs, 0.0).unwrap().ratio(1.0 - CONFIDENCE).1.covers(1.1)
            });
            assert!(covered >= 0.93, "{kind:?} {n}: {covered}");
        }
    }
}

#[test]
fn the_bootstrap_of_a_mean_covers_it_from_ten_trials_on() {
    for kind in KINDS {
        for n in [10, 20] {
            let covered = share(kind, n, |blocks, seed| {
                let values = first(blocks);
                let statistic =
                    |drawn: &[usize]| mean(&drawn.iter().map(|at| values[*at]).collect::<Vec<_>>());
                bca(n, FEW_RESAMPLES, seed, CONFIDENCE, statistic).unwrap().covers(kind.mean())
            });
            assert!(covered >= 0.93, "{kind:?} {n}: {covered}");
        }
    }
}

/// Readings that keep a share of the one before, and grow by so much each.
fn readings(m: usize, kept: f64, grows: f64, random: &mut Pcg64) -> Vec<f64> {
    let mut draw = || <StandardNormal as Distribution<f64>>::sample(&StandardNormal, random);
    let mut level = if kept < 1.0 { draw() / (1.0 - kept * kept).sqrt() } else { 0.0 };
    let one = |at: usize| {
        level = kept * level + draw();
        level + grows * at as f64
    };
    (0..m).map(one).collect()
}

/// Of so many windows, those in which the interval of the slope holds it.
fn slopes_covered(m: usize, kept: f64, grows: f64, random: &mut Pcg64) -> f64 {
    let times: Vec<f64> = (0..m).map(|at| at as f64 / 4.0).collect();
    let covers = |_: &usize| {
        let values = readings(m, kept, grows, random);
        let found = slope(&times, &values).unwrap();
        // As `interval(CONFIDENCE).covers(0.0)`, without a quantile for each.
        student::cdf(found.slope.abs() / found.error, found.dof) <= f64::midpoint(CONFIDENCE, 1.0)
    };
    (0..SLOPES).filter(covers).count() as f64 / SLOPES as f64
}

/// Windows.
const SLOPES: usize = 3_000;

/// The table of `docs/method.md`, printed where it is asked for with `--nocapture`.
#[test]
fn the_interval_of_a_slope_covers_it_however_much_readings_hang_together() {
    let mut random = Pcg64::seed_from_u64(23);
    for m in [24, 40, 80, 120, 240] {
        let mut row = format!("| {m} ({} s) |", m / 4);
        for kept in [0.0, 0.5, 0.8, 0.9, 0.97, 1.0] {
            let covered = slopes_covered(m, kept, 0.0, &mut random);
            write!(row, " {:.0} % |", covered * 100.0).unwrap();
            assert!(covered >= 0.93, "{m} readings that keep {kept}: {covered}");
        }
        eprintln!("{row}");
    }
}

#[test]
fn a_lag_that_grows_by_more_than_it_wanders_is_seen_to_grow() {
    let mut random = Pcg64::seed_from_u64(24);
    // A backlog under overload is a sum of what each quarter second leaves: it keeps all of its neighbour.
    let unseen = slopes_covered(80, 1.0, 1.0, &mut random);
    assert!(unseen < 0.01, "as much in a quarter second as it wanders in one: {unseen}");
    let unseen = slopes_covered(80, 0.5, 0.1, &mut random);
    assert!(unseen < 0.03, "{unseen}");
}

#[test]
fn tests_find_a_difference_that_is_not_there_no_more_often_than_they_say() {
    for kind in KINDS {
        let rejected = |test: &dyn Fn(&[f64]) -> f64| {
            share(kind, 8, |blocks, _| {
                let logs: Vec<f64> = blocks.iter().map(|(a, b)| (b / a / 1.1).ln()).collect();
                test(&logs) < 0.05
            })
        };
        assert!(rejected(&wilcoxon) < 0.065, "{kind:?}");
        assert!(rejected(&|logs| sign_test(logs).p) < 0.065, "{kind:?}");
        assert!(rejected(&|logs| paired(logs, 1)) < 0.065, "{kind:?}");
        let spread = share(kind, 10, |blocks, _| {
            let (a, b): (Vec<f64>, Vec<f64>) = blocks.iter().map(|(a, b)| (a.ln(), b.ln())).unzip();
            brown_forsythe(&a, &b).unwrap() < 0.05
        });
        assert!(spread < 0.065, "{kind:?} {spread}");
    }
}

#[test]
fn a_stated_power_is_the_share_of_differences_that_are_found() {
    let difference = smallest_difference(5.0, 8, CONFIDENCE, 0.8).unwrap();
    let mut random = Pcg64::seed_from_u64(29);
    let found = (0..EXPERIMENTS)
        .filter(|_| {
            let values: Vec<f64> = (0..8)
                .map(|_| {
                    difference
                        + 5.0 * <StandardNormal as Distribution<f64>>::sample(&StandardNormal, &mut random)
                })
                .collect();
            !mean_interval(&values, CONFIDENCE).unwrap().covers(0.0)
        })
        .count() as f64
        / EXPERIMENTS as f64;
    assert!((0.77..=0.84).contains(&found), "{found}");
}

#[test]
fn one_heap_is_seldom_taken_for_two_and_two_are_found() {
    let mut random = Pcg64::seed_from_u64(31);
    for n in [6, 12, 24] {
        for heavy in [false, true] {
            let mut sample = |second: f64| -> Vec<f64> {
                (0..n)
                    .map(|at| {
                        let value: f64 = StandardNormal.sample(&mut random);
                        let value = if heavy { (0.5 * value).exp() } else { value };
                        value + if at % 2 == 0 { second } else { 0.0 }
                    })
                    .collect()
            };
            let flagged =
                |samples: &[Vec<f64>]| samples.iter().filter(|sample| modes(sample).is_some()).count();
            let one: Vec<Vec<f64>> = (0..200).map(|_| sample(0.0)).collect();
            let two: Vec<Vec<f64>> = (0..50).map(|_| sample(12.0)).collect();
            assert!(flagged(&one) <= 6, "{n} {heavy}: {} of 200", flagged(&one));
            assert!(flagged(&two) >= if n == 6 { 20 } else { 45 }, "{n} {heavy}: {} of 50", flagged(&two));
        }
    }
}

fn shape(n: f64, [sigma, kappa]: [f64; 2]) -> f64 {
    n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0))
}

/// So many blocks of a system that follows a law: they differ by 5 % from each other, and the trials of a block by 2 %.
fn law_blocks(numbers: [f64; 2], sizes: &[f64], count: usize, random: &mut Pcg64) -> Vec<Vec<(f64, f64)>> {
    let mut draw = |sd: f64| {
        let drawn: f64 = StandardNormal.sample(random);
        (sd * drawn).exp()
    };
    let mut block = || {
        let speed = 1_000.0 * draw(0.05);
        sizes.iter().map(|n| (*n, speed * shape(*n, numbers) * draw(0.02))).collect::<Vec<_>>()
    };
    (0..count).map(|_| block()).collect()
}

/// Of 2,000 experiments of six blocks, the share in which the intervals of γ, σ and κ, of the throughput at the greatest size and of N* hold what they are of; of
/// those that tell any, as blocks that put σ or κ below 0 beyond doubt tell none of the five. The share that does is the last.
fn laws_covered(law: Law, [sigma, kappa]: [f64; 2], sizes: &[f64], random: &mut Pcg64) -> ([f64; 5], f64) {
    let (mut covered, mut told) = ([0_usize; 5], 0_usize);
    for _ in 0..EXPERIMENTS {
        let blocks = law_blocks([sigma, kappa], sizes, FEWEST_BLOCKS, random);
        let ranges = LawRanges::of(law, &blocks).unwrap();
        let Ok([of_gamma, of_sigma, of_kappa]) = ranges.numbers(CONFIDENCE) else { continue };
        told += 1;
        let last = *sizes.last().unwrap();
        let at = ranges.at(last, CONFIDENCE).unwrap();
        let peak = ranges.peak(CONFIDENCE);
        let held = [
            of_gamma.covers(1_000.0),
            of_sigma.covers(sigma),
            of_kappa.covers(kappa),
            at.covers(1_000.0 * shape(last, [sigma, kappa])),
            // A law that only grows has none; what never falls is greatest at no size.
            law != Law::Usl || peak.is_some_and(|peak| peak.covers(((1.0 - sigma) / kappa).sqrt())),
        ];
        for (count, held) in covered.iter_mut().zip(held) {
            *count += usize::from(held);
        }
    }
    (covered.map(|count| count as f64 / told as f64), told as f64 / EXPERIMENTS as f64)
}

#[test]
fn the_numbers_of_a_law_are_covered_from_six_blocks_on() {
    let mut random = Pcg64::seed_from_u64(37);
    let (few, many): (&[f64], &[f64]) = (&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 4.0, 8.0, 16.0]);
    for (law, numbers, sizes) in [
        (Law::Linear, [0.0, 0.0], few),
        (Law::Amdahl, [0.0, 0.0], few),
        (Law::Amdahl, [0.1, 0.0], few),
        (Law::Amdahl, [0.02, 0.0], many),
        (Law::Usl, [0.0, 0.0], many),
        (Law::Usl, [0.05, 0.002], many),
        (Law::Usl, [0.02, 0.01], few),
    ] {
        let (covered, told) = laws_covered(law, numbers, sizes, &mut random);
        let all = covered.iter().all(|share| *share >= 0.93);
        assert!(all && told >= 0.94, "{law:?} {numbers:?} {sizes:?}: {covered:?} of {told}");
    }
}

/// Of so many experiments, those in which the interval of σ holds it: by Student's t over blocks, by percentiles of resampled blocks, and by BCa of them.
fn contention_covered(law: Law, numbers: [f64; 2], sizes: &[f64], blocks: usize) -> [f64; 3] {
    let mut random = Pcg64::seed_from_u64(41);
    let mut covered = [0_usize; 3];
    for seed in 0..RESAMPLED {
        let all = law_blocks(numbers, sizes, blocks, &mut random);
        let sigma = |block: &Vec<(f64, f64)>| inverse(law, block).map(|of| of[1] / of[0]).unwrap();
        let of: Vec<f64> = all.iter().map(sigma).collect();
        let drawn = |at: &[usize]| mean(&at.iter().map(|at| of[*at]).collect::<Vec<_>>());
        let ranges = [
            mean_interval(&of, CONFIDENCE),
            percentile(&resample(blocks, FEW_RESAMPLES, seed, drawn), CONFIDENCE),
            bca(blocks, FEW_RESAMPLES, seed, CONFIDENCE, drawn),
        ];
        for (count, range) in covered.iter_mut().zip(ranges) {
            *count += usize::from(range.is_some_and(|range| range.covers(numbers[0])));
        }
    }
    covered.map(|count| count as f64 / RESAMPLED as f64)
}

/// Experiments whose blocks are resampled.
const RESAMPLED: u64 = 500;

/// The table of laws of `docs/method.md`, printed where it is asked for with `--nocapture`.
#[test]
fn blocks_are_resampled_only_where_they_are_enough_for_it() {
    let (few, many): (&[f64], &[f64]) = (&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 4.0, 8.0, 16.0]);
    for (law, numbers, sizes) in
        [(Law::Amdahl, [0.1, 0.0], few), (Law::Usl, [0.02, 0.01], few), (Law::Usl, [0.05, 0.002], many)]
    {
        for blocks in [FEWEST_BLOCKS, FEWEST_RESAMPLED, 20] {
            let covered = contention_covered(law, numbers, sizes, blocks);
            let shares = covered.map(|share| format!("{:.0} %", share * 100.0)).join(" | ");
            eprintln!("| {} {numbers:?} | {blocks} | {shares} |", law.name());
            let [by_t, percentiles, accelerated] = covered;
            assert!(by_t >= 0.93 && percentiles < by_t, "{law:?} {blocks}: {covered:?}");
            assert!(blocks < FEWEST_RESAMPLED || accelerated >= 0.93, "{law:?} {blocks}: {covered:?}");
        }
    }
}
