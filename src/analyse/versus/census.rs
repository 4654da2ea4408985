//! All comparisons that are possible, which of them were judged, and why not the others.

use super::judged::{Comparison, Outcome, POWER};
use super::lost::{Lost, lost, vanished};
use super::sample::{Samples, Why};
use super::side::{Pair, Side};
use super::spread::Spread;
use crate::analyse::evidence::{MOST_TRIALS, look_of, risk_of};
use crate::analyse::gaps::LEAST;
use crate::spec::Metric;
use crate::stats::{CONFIDENCE, Gap, holm, mean};

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
    /// Which look at these runs it is, from 1: one more for each time that repetitions were added to one of them which had enough to be compared.
    pub look: usize,
    /// How often at most a difference is told at this look where there is none, over all that were judged; all looks together come to 5 %.
    pub risk: f64,
    /// Those that were judged, in the order of metrics and treatments.
    pub judged: Vec<Comparison>,
    /// Those that were not.
    pub unjudged: Vec<Unjudged>,
    /// Labels of the metrics that were asked for: a question that one of them was to answer stays open where it could not be judged.
    pub asked: Vec<String>,
    /// What holds of a treatment of the first, and no more of its twin.
    pub lost: Vec<Lost>,
}

impl Census {
    /// How many were possible.
    pub fn possible(&self) -> usize {
        self.judged.len() + self.unjudged.len()
    }

    /// How many are nothing in every trial of both.
    pub fn nothing(&self) -> usize {
        self.unjudged.iter().filter(|one| one.why == Why::BothNothing).count()
    }

    /// Whether of two treatments that should have been compared nothing can be said by a metric.
    pub fn leaves_open(&self) -> bool {
        self.unjudged.iter().any(|one| self.is_open(one))
    }

    /// Whether that is for this one.
    pub fn is_open(&self, one: &Unjudged) -> bool {
        one.why.leaves_open() || one.why != Why::BothNothing && self.asked.contains(&one.metric)
    }

    /// Those whose verdict is this word.
    pub fn told<'a>(&'a self, word: &'a str) -> impl Iterator<Item = &'a Comparison> {
        self.judged.iter().filter(move |one| one.word() == word)
    }

    /// How many came to that.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.judged.iter().filter(|one| one.outcome == outcome).count()
    }
}

/// Compares all others with the first, by each metric. `margin` 0.05 is five percent.
pub fn census(base: &Side<'_>, others: &[Side<'_>], metrics: &[Metric], margin: f64) -> Census {
    let look = looks(base, others);
    let mut census = Census { margin, look, risk: risk_of(look), ..Census::default() };
    let (mut gaps, mut gone) = (Vec::new(), Vec::new());
    // Who meets whom is the same by every metric.
    let met: Vec<_> = others.iter().map(|other| (other, base.pairs(other))).collect();
    // What has no ratio is tested by ranks, as one of all comparisons that are possible.
    let possible = metrics.len() * met.iter().map(|(_, (pairs, ..))| pairs.len()).sum::<usize>();
    let alone = census.risk / possible.max(1) as f64;
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
                    Err(why) => {
                        census.unjudged.push(unjudged(name(*pair), why));
                        gone.extend(vanished(metric, *pair, against, alone));
                    }
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
    // An SLO that broke by it, or the messages that it counts, have told it.
    let told = |one: &Lost| {
        let is = |other: &Lost| {
            (&other.metric, &other.treatment, other.against) == (&one.metric, &one.treatment, one.against)
        };
        census.lost.iter().any(is)
    };
    gone.retain(|one| !told(one));
    census.lost.extend(gone);
    correct(&mut census, &gaps);
    census
}

/// One, and one more for each further look at any of the runs, each of which could have been the last.
fn looks(base: &Side<'_>, others: &[Side<'_>]) -> usize {
    let mut seen: Vec<&Side<'_>> = Vec::new();
    for side in std::iter::once(base).chain(others) {
        if !seen.iter().any(|one| one.is_of_one_run(side)) {
            seen.push(side);
        }
    }
    let further = |side: &&Side<'_>| look_of(&side.run.manifest, side.findings.all(), LEAST) - 1;
    1 + seen.iter().map(further).sum::<usize>()
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
    let ((ratio, around), p) = (gap.ratio(1.0 - CONFIDENCE), gap.p());
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
    // The least of all must come below its share of the risk; more trials are one more look.
    let share = |look: usize| risk_of(look) / gaps.len().max(1) as f64;
    let (now, then) = (share(census.look), share(census.look + 1));
    let alone: Vec<f64> = census.judged.iter().map(|one| one.p.0).collect();
    let same: Vec<f64> = gaps.iter().map(|gap| gap.p_within(margin)).collect();
    let corrected = holm(&alone).into_iter().zip(holm(&same));
    for (((one, gap), same), corrected) in census.judged.iter_mut().zip(gaps).zip(&same).zip(corrected) {
        one.p.1 = corrected.0;
        one.p_same = (*same, corrected.1);
        one.smallest = gap.smallest(now, POWER).exp_m1();
        one.decide(census.margin, census.risk);
        if one.outcome != Outcome::Undecided {
            one.needed = None;
            continue;
        }
        let trials = if one.smallest > census.margin {
            gap.needed(margin, then, POWER)
        } else {
            // As far from nothing as it looks, or as far inside the margin.
            let found = gap.middle.abs();
            let apart = gap.needed(found, then, POWER);
            // One-sided, as each of the two tests is.
            let same = gap.needed(margin - found, 2.0 * then, POWER);
            [apart, same].into_iter().flatten().min()
        };
        // Those that there are did not.
        let more = one.n.0.min(one.n.1) + 1;
        one.needed = trials.map(|trials| trials.max(LEAST).max(more)).filter(|trials| *trials <= MOST_TRIALS);
    }
    let spreads: Vec<f64> = census.judged.iter().filter_map(|one| Some(one.spread?.p.0)).collect();
    let corrected = holm(&spreads);
    let with = census.judged.iter_mut().filter_map(|one| one.spread.as_mut());
    with.zip(corrected).for_each(|(spread, p)| spread.p.1 = p);
}
