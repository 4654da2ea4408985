//! What one comparison came to.

use super::sample::{LEAST, LEVEL, Samples};
use super::spread::Spread;
use crate::spec::{Better, Metric};
use crate::stats;
use crate::stats::distribution::{student_cdf, student_quantile};

/// What a comparison could have seen, it would have seen that often.
pub const POWER: f64 = 0.8;

/// More trials are not advised: whoever needs them asks for too much.
const MOST: usize = 10_000;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other is better than the base, or for a metric that has no better: it is more.
    Better,
    /// It is worse, or less.
    Worse,
    /// They differ by less than the margin.
    Same,
    /// It cannot be said.
    Undecided,
}

/// Two treatments by one metric.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// By what.
    pub metric: Metric,
    /// What both treatments have in common; empty where nothing is, and one stands against one.
    pub shared: String,
    /// The base's treatment, by its slug.
    pub base: String,
    /// The other's.
    pub other: String,
    /// Which run the other is of: the place among those that are compared with the first, from 1.
    pub against: usize,
    /// Trials of the base and of the other; where paired, blocks that have both.
    pub n: (usize, usize),
    /// Whether trials were compared within their blocks.
    pub paired: bool,
    /// Geometric means of both, in the metric's unit.
    pub means: (f64, f64),
    /// The other over the base, and its 95 % interval, of this comparison alone.
    pub ratio: (f64, f64, f64),
    /// How often chance alone would make such a difference: of this comparison, and corrected by Holm over all that were judged.
    pub p: (f64, f64),
    /// How often a difference as large as the margin would look as small as this: the same two.
    pub p_same: (f64, f64),
    /// The smallest difference that it would have seen in 80 of 100 cases, as the least of all corrected: 0.05 is five percent.
    pub smallest: f64,
    /// Trials, or blocks, of each that would see the margin; none where they see it already, or no number up to 10,000 would.
    pub needed: Option<usize>,
    /// How far the trials of the other lie apart over those of the base; none of fewer than six.
    pub spread: Option<Spread>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What is known of a difference of logarithms: its middle, its standard error, and its degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::analyse) struct Gap {
    pub(super) middle: f64,
    pub(super) error: f64,
    pub(super) freedom: f64,
    /// Standard deviation of what is averaged, and how many standard errors squared it makes over n: the error is `sd · √(each / n)`.
    sd: f64,
}

impl Gap {
    /// Of differences, one a block.
    pub(in crate::analyse) fn paired(differences: &[f64]) -> Self {
        let n = differences.len() as f64;
        let sd = variance(differences).sqrt();
        Gap { middle: mean(differences), error: sd / n.sqrt(), freedom: n - 1.0, sd }
    }

    /// Of two samples.
    pub(super) fn of(samples: &Samples) -> Self {
        if let Some(paired) = &samples.paired {
            return Gap::paired(paired);
        }
        let (a, b) = (&samples.base, &samples.other);
        let (va, vb) = (variance(a) / a.len() as f64, variance(b) / b.len() as f64);
        let below = va * va / (a.len() as f64 - 1.0) + vb * vb / (b.len() as f64 - 1.0);
        // Welch and Satterthwaite; of two that do not vary at all the degrees do not matter.
        let freedom = if below > 0.0 { (va + vb).powi(2) / below } else { (a.len() + b.len() - 2) as f64 };
        let sd = (variance(a) + variance(b)).sqrt();
        Gap { middle: mean(b) - mean(a), error: (va + vb).sqrt(), freedom, sd }
    }

    /// How often chance alone would put it as far from `from`, on both sides.
    pub(in crate::analyse) fn p_two_sided(self, from: f64) -> f64 {
        let away = (self.middle - from).abs();
        if self.error > 0.0 {
            2.0 * student_cdf(-away / self.error, self.freedom)
        } else {
            f64::from(u8::from(away <= 0.0))
        }
    }

    /// How often one that lies at the margin or beyond would look as near to nothing as this: the larger of two one-sided tests (Schuirmann 1987).
    pub(super) fn p_same(self, margin: f64) -> f64 {
        let above = |gap: f64| {
            if self.error > 0.0 {
                student_cdf(-gap / self.error, self.freedom)
            } else {
                f64::from(u8::from(gap <= 0.0))
            }
        };
        above(self.middle + margin).max(above(margin - self.middle))
    }

    /// Its interval, at 95 % of this comparison alone.
    pub(super) fn interval(self) -> (f64, f64) {
        let reach = student_quantile(1.0 - LEVEL / 2.0, self.freedom) * self.error;
        (self.middle - reach, self.middle + reach)
    }

    /// What it would have seen in so many of a hundred cases, where the least of `judged` comparisons must come below their share of the level.
    pub(super) fn smallest(self, judged: usize) -> f64 {
        reach(self.freedom, judged) * self.error
    }

    /// How many of each would see the margin.
    pub(in crate::analyse) fn needed(self, margin: f64, judged: usize, paired: bool) -> Option<usize> {
        let sees = |n: usize| {
            let n = n as f64;
            let freedom = if paired { n - 1.0 } else { 2.0 * n - 2.0 };
            reach(freedom, judged) * self.sd / n.sqrt() <= margin
        };
        let above = std::iter::successors(Some(LEAST), |n| Some(n * 2)).take_while(|n| *n <= MOST);
        let high = above.clone().find(|n| sees(*n))?;
        // What is enough stays enough: the least lies between that and its half.
        let all: Vec<usize> = (high / 2..=high).filter(|n| *n >= LEAST).collect();
        all.get(all.partition_point(|n| !sees(*n))).copied()
    }
}

fn reach(freedom: f64, judged: usize) -> f64 {
    let share = LEVEL / judged.max(1) as f64;
    student_quantile(1.0 - share / 2.0, freedom) + student_quantile(POWER, freedom)
}

pub(super) fn mean(of: &[f64]) -> f64 {
    stats::mean(of).unwrap_or(f64::NAN)
}

fn variance(of: &[f64]) -> f64 {
    stats::sd(of).map_or(f64::NAN, |sd| sd * sd)
}

impl Comparison {
    /// The verdict, once the corrected probabilities are there. What lies within the margin is the same, however surely it differs.
    pub(super) fn decide(&mut self) {
        let more = self.ratio.0 > 1.0;
        self.outcome = if self.p_same.1 <= LEVEL {
            Outcome::Same
        } else if self.p.1 > LEVEL {
            Outcome::Undecided
        } else if more == (self.metric.better != Better::Lower) {
            Outcome::Better
        } else {
            Outcome::Worse
        };
    }

    /// Which treatments: what both have in common, or the other over the base.
    pub fn of(&self) -> String {
        match (&self.shared, self.base == self.other) {
            (shared, _) if !shared.is_empty() => shared.clone(),
            (_, true) => self.base.clone(),
            _ => format!("{} over {}", self.other, self.base),
        }
    }

    /// To which side it leans, however little: above nothing to the better, or to more.
    pub fn lean(&self) -> f64 {
        let more = self.ratio.0.ln();
        if self.metric.better == Better::Lower { -more } else { more }
    }

    /// The verdict in a word; of a metric without a better direction `more` and `less`.
    pub fn word(&self) -> &'static str {
        match (self.outcome, self.metric.better) {
            (Outcome::Better, Better::Neither) => "more",
            (Outcome::Worse, Better::Neither) => "less",
            (Outcome::Better, _) => "better",
            (Outcome::Worse, _) => "worse",
            (Outcome::Same, _) => "same",
            (Outcome::Undecided, _) => "undecided",
        }
    }
}
