//! All comparisons that are possible, which of them were judged, and why not the others.

use super::judged::{Comparison, Gap, Outcome, mean};
use super::sample::Samples;
use super::side::{Pair, Side};
use super::spread::Spread;
use crate::spec::Metric;
use crate::stats::holm;

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
    pub why: String,
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
}

impl Census {
    /// How many were possible.
    pub fn possible(&self) -> usize {
        self.judged.len() + self.unjudged.len()
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
    for metric in metrics {
        for (at, other) in others.iter().enumerate() {
            let (pairs, here, there) = base.pairs(other);
            for pair in pairs {
                match Samples::of(metric, pair, base.is_of_one_run(other)) {
                    Ok(samples) => {
                        let gap = Gap::of(&samples);
                        gaps.push(gap);
                        let shared = base.shared(pair.base);
                        census.judged.push(comparison((metric, shared), pair, at + 1, (&samples, gap)));
                    }
                    Err(why) => census.unjudged.push(Unjudged {
                        metric: metric.label.clone(),
                        treatment: name(pair),
                        against: at + 1,
                        why: why.to_owned(),
                    }),
                }
            }
            let lone = [
                (here, "the other run has no such treatment"),
                (there, "the first run has no such treatment"),
            ];
            for (slugs, why) in lone {
                census.unjudged.extend(slugs.into_iter().map(|slug| Unjudged {
                    metric: metric.label.clone(),
                    treatment: slug.to_owned(),
                    against: at + 1,
                    why: why.to_owned(),
                }));
            }
        }
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
    (samples, gap): (&Samples, Gap),
) -> Comparison {
    let (low, high) = gap.interval();
    let p = gap.p_two_sided(0.0);
    let n = match &samples.paired {
        Some(paired) => (paired.len(), paired.len()),
        None => (samples.base.len(), samples.other.len()),
    };
    Comparison {
        metric: metric.clone(),
        shared,
        base: pair.base.slug.clone(),
        other: pair.other.slug.clone(),
        against,
        n,
        paired: samples.paired.is_some(),
        means: (mean(&samples.base).exp(), mean(&samples.other).exp()),
        ratio: (gap.middle.exp(), low.exp(), high.exp()),
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
    let count = gaps.len();
    let alone: Vec<f64> = census.judged.iter().map(|one| one.p.0).collect();
    let same: Vec<f64> = gaps.iter().map(|gap| gap.p_same(margin)).collect();
    let corrected = holm(&alone).into_iter().zip(holm(&same));
    for (((one, gap), same), corrected) in census.judged.iter_mut().zip(gaps).zip(&same).zip(corrected) {
        one.p.1 = corrected.0;
        one.p_same = (*same, corrected.1);
        one.smallest = gap.smallest(count).exp_m1();
        one.needed = (one.smallest > census.margin).then(|| gap.needed(margin, count, one.paired)).flatten();
        one.decide();
    }
    let spreads: Vec<f64> = census.judged.iter().filter_map(|one| Some(one.spread?.p.0)).collect();
    let corrected = holm(&spreads);
    let with = census.judged.iter_mut().filter_map(|one| one.spread.as_mut());
    with.zip(corrected).for_each(|(spread, p)| spread.p.1 = p);
}
