//! All comparisons that are possible, which of them were judged, and why not the others.

use super::judged::{Comparison, Outcome, POWER};
use super::lost::{Lost, lost};
use super::sample::{LEAST, LEVEL, Samples, Why};
use super::side::{Pair, Side};
use super::spread::Spread;
use crate::spec::Metric;
use crate::stats::{Gap, holm, mean};

/// More trials are not advised: whoever needs them asks for too much.
const MOST: usize = 10_000;

/// A comparison that was not judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Unjudged {
    /// By what.
    pub metric: String,
    /// The treatment; of two single treatments, both.
    pub treatment: String,
    /// Which run the other is of, from 1.
    pub against: usize,
    /// Why not.
    pub why: Why,
}

/// All comparisons.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Differences smaller than this are none: 0.05 is five percent.
    pub margin: f64,
    /// Those that were judged, in the order of metrics and treatments.
    pub judged: Vec<Comparison>,
    /// Those that were not.
    pub unjudged: Vec<Unjudged>,
    /// What holds of a treatment of the first, and no more of its twin.
    pub lost: Vec<Lost>,
}

impl Census {
    /// How many were possible.
    pub fn possible(&self) -> usize {
        self.judged.len() + self.unjudged.len()
    }

    /// Whether of two treatments that should have been compared nothing can be said by a metric.
    pub fn leaves_open(&self) -> bool {
        self.unjudged.iter().any(|one| one.why.leaves_open())
    }

    /// How many came to that.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.judged.iter().filter(|one| one.outcome == outcome).count()
    }
}

/// Compares all others with the first, by each metric. `margin` 0.05 is five percent.
pub fn census(base: &Side<'_>, others: &[Side<'_>], metrics: &[Metric], margin: f64) -> Census {
    let mut census = Census { margin, ..Census::default() };
    let mut gaps = Vec::new();
    // Who meets whom is the same by every metric.
    let met: Vec<_> = others.iter().map(|other| (other, base.pairs(other))).collect();
    for metric in metrics {
        for (against, (other, (pairs, here, there))) in (1..).zip(&met) {
            let unjudged = |treatment: String, why: Why| Unjudged {
                metric: metric.label.clone(),
                treatment,
                against,
                why,
            };
            for pair in pairs {
                match Samples::of(metric, *pair, base.is_of_one_run(other)) {
                    Ok(samples) => {
                        let shared = base.shared(pair.base);
                        gaps.push(samples.gap);
                        census.judged.push(comparison((metric, shared), *pair, against, &samples));
                    }
                    Err(why) => census.unjudged.push(unjudged(name(*pair), why)),
                }
            }
            let lone = [(here, Why::NotThere), (there, Why::NotHere)];
            for (slugs, why) in lone {
                census.unjudged.extend(slugs.iter().map(|slug| unjudged((*slug).to_owned(), why)));
            }
        }
    }
    for (against, (other, (pairs, _, _))) in (1..).zip(&met) {
        census.lost.extend(pairs.iter().flat_map(|pair| lost((base, other), *pair, against)));
    }
    correct(&mut census, &gaps);
    census
}

fn name(pair: Pair<'_>) -> String {
    if pair.base.slug == pair.other.slug {
        pair.base.slug.clone()
    } else {
        format!("{} and {}", pair.base.slug, pair.other.slug)
    }
}

fn comparison(
    (metric, shared): (&Metric, String),
    pair: Pair<'_>,
    against: usize,
    samples: &Samples,
) -> Comparison {
    let gap = samples.gap;
    let ((ratio, around), p) = (gap.ratio(LEVEL), gap.p());
    let geometric = |logs: &[f64]| mean(logs).map_or(f64::NAN, f64::exp);
    Comparison {
        metric: metric.clone(),
        shared,
        base: pair.base.slug.clone(),
        other: pair.other.slug.clone(),
        against,
        n: samples.n,
        paired: samples.paired,
        means: (geometric(&samples.base), geometric(&samples.other)),
        ratio: (ratio, around.low, around.high),
        p: (p, p),
        p_same: (1.0, 1.0),
        smallest: 0.0,
        needed: None,
        spread: Spread::of(samples),
        outcome: Outcome::Undecided,
    }
}

/// What only the number of all comparisons tells.
fn correct(census: &mut Census, gaps: &[Gap]) {
    let margin = census.margin.ln_1p();
    // The least of all must come below its share of the level.
    let share = LEVEL / gaps.len().max(1) as f64;
    let alone: Vec<f64> = census.judged.iter().map(|one| one.p.0).collect();
    let same: Vec<f64> = gaps.iter().map(|gap| gap.p_within(margin)).collect();
    let corrected = holm(&alone).into_iter().zip(holm(&same));
    for (((one, gap), same), corrected) in census.judged.iter_mut().zip(gaps).zip(&same).zip(corrected) {
        one.p.1 = corrected.0;
        one.p_same = (*same, corrected.1);
        one.smallest = gap.smallest(share, POWER).exp_m1();
        let sees = one.smallest <= census.margin;
        one.needed = gap
            .needed(margin, share, POWER)
            .map(|trials| trials.max(LEAST))
            .filter(|trials| !sees && *trials <= MOST);
        one.decide(census.margin);
    }
    let spreads: Vec<f64> = census.judged.iter().filter_map(|one| Some(one.spread?.p.0)).collect();
    let corrected = holm(&spreads);
    let with = census.judged.iter_mut().filter_map(|one| one.spread.as_mut());
    with.zip(corrected).for_each(|(spread, p)| spread.p.1 = p);
}
