//! What one comparison came to.

use super::spread::Spread;
use crate::spec::{Better, Metric};

/// What a comparison could have seen, it would have seen that often.
pub const POWER: f64 = 0.8;

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
    /// Trials, or blocks, of each that would decide it, at the look that adding them is: that would see the margin; where that is seen already, that would tell
    /// what was found from nothing, or from the margin. None of what is decided, or where no number up to 10,000 would.
    pub needed: Option<usize>,
    /// How far the trials of the other lie apart over those of the base; none of fewer than six.
    pub spread: Option<Spread>,
    /// What came of it.
    pub outcome: Outcome,
}

impl Comparison {
    /// The verdict, once the corrected probabilities are there. What lies within the margin is the same, however surely it differs, where a difference
    /// as large as the margin would have been seen.
    pub(super) fn decide(&mut self, margin: f64, risk: f64) {
        let more = self.ratio.0 > 1.0;
        self.outcome = if self.p_same.1 <= risk && self.smallest <= margin {
            Outcome::Same
        } else if self.p.1 > risk {
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
