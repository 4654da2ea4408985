//! One treatment over another, paired by block: what the hour did to both cancels.

use crate::analyse::blocks::in_both;
use crate::analyse::trial::TrialFindings;
use crate::stats::{self, CONFIDENCE, Range};

/// The fewest pairs that an interval is made of.
const FEWEST: usize = 3;

/// One treatment's metric over another's, within blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// Blocks in which both have a valid trial.
    pub pairs: usize,
    /// The geometric mean of their ratios.
    pub mean: f64,
    /// Its 95 % interval, by Student's t on the ratios' logarithms.
    pub range: Range,
}

impl Ratio {
    /// Valid trials `to` over those `from`, by a metric's name; none of less than three blocks in which both have one whose value is known and above 0.
    pub fn of<'a>(
        metric: &str,
        from: impl Iterator<Item = &'a TrialFindings>,
        to: impl Iterator<Item = &'a TrialFindings>,
    ) -> Option<Self> {
        let value = |trial: &TrialFindings| {
            let value = trial.metric(metric).value().filter(|value| *value > 0.0)?;
            Some((trial.record.block, value))
        };
        let (below, above): (Vec<_>, Vec<_>) =
            (from.filter_map(value).collect(), to.filter_map(value).collect());
        Ratio::of_pairs(in_both(&above, &below).map(|(_, above, below)| above / below))
    }

    /// Of ratios, one a block.
    pub fn of_pairs(ratios: impl IntoIterator<Item = f64>) -> Option<Self> {
        let ratios: Vec<f64> = ratios.into_iter().collect();
        if ratios.len() < FEWEST {
            return None;
        }
        let (mean, range) = stats::ratio_interval(&ratios, CONFIDENCE)?;
        Some(Ratio { pairs: ratios.len(), mean, range })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_blocks_make_a_ratio_with_an_interval_and_two_do_not() {
        let ratio = Ratio::of_pairs([1.9, 2.0, 2.1]).unwrap();
        assert!((ratio.mean - 1.998).abs() < 1e-3 && ratio.range.covers(2.0) && !ratio.range.covers(1.0));
        assert_eq!(Ratio::of_pairs([2.0, 2.0]), None);
    }
}
