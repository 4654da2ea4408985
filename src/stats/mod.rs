//! Statistics: numbers in, numbers out. Intervals, tests, resampling, steady states and fits, each with its formula and where it comes from.
//!
//! Nothing here knows a trial or a metric. What is random has a seed, so that the same numbers always give the same answer. What cannot be said of so
//! few numbers is `None`, never a guess.

mod binomial;
mod bootstrap;
mod describe;
mod equivalence;
mod gap;
mod holm;
mod isotonic;
pub mod kaplan_meier;
mod law_ranges;
mod laws;
mod modes;
mod mser;
mod newey_west;
mod normal;
mod order;
mod pareto;
mod permutation;
mod power;
mod special;
mod spread;
mod student;
mod wilcoxon;

pub use binomial::{Binomial, Sign, clopper_pearson, sign_test};
pub use bootstrap::{FEWEST_RESAMPLED, RESAMPLES, Resampled, bca, bca_of_mean, index, percentile, resample};
pub use describe::{mad, mean, median, quantile, sd};
pub use equivalence::tost;
pub use gap::Gap;
pub use holm::holm;
pub use isotonic::isotonic;
pub use law_ranges::{FEWEST_BLOCKS, LawRanges, Withheld};
pub use laws::{Fit, Law, fits, staircase};
pub use modes::{Modes, modes};
pub use mser::{Course, Steady, mser5};
pub use newey_west::{Slope, slope};
pub use order::{Ranks, median_ranks, quantile_ranks, quantile_ranks_of_many};
pub use pareto::front;
pub use permutation::{deals, paired, unpaired};
pub use power::{pairs_for_difference, smallest_difference, values_for_median};
pub use spread::brown_forsythe;
pub use student::mean_interval;
pub use wilcoxon::wilcoxon;

/// Distributions, for whoever needs a quantile or a probability itself.
pub mod distribution {
    pub use super::normal::{cdf as normal_cdf, quantile as normal_quantile};
    pub use super::student::{cdf as student_cdf, quantile as student_quantile};
}

/// What lies between two ends with a stated confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Range {
    /// Half of what lies between its ends.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Whether the value lies in it; its ends do.
    pub fn covers(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// As much wider as it must be to hold the value.
    #[must_use]
    pub fn holding(self, value: f64) -> Range {
        Range { low: self.low.min(value), high: self.high.max(value) }
    }
}

/// What a nominal interval covers, and one less what a test risks.
pub const CONFIDENCE: f64 = 0.95;

#[cfg(test)]
mod coverage;
