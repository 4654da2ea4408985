//! One treatment over another, paired by block: what the hour did to both cancels.

use crate::analyse::gaps::{Gaps, LEAST, Read, read};
use crate::analyse::trial::TrialFindings;
use crate::spec::Metric;
use crate::stats::{CONFIDENCE, Range};

/// One treatment's metric over another's, within blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// Blocks in which both have a valid trial.
    pub pairs: usize,
    /// The geometric mean of their ratios.
    pub mean: f64,
    /// Its 95 % interval, by Student's t on the ratios' logarithms; never narrower than the width of readings allows.
    pub range: Range,
}

impl Ratio {
    /// Valid trials `to` over those `from`, by a metric's name; none of less than three blocks in which both have one whose value is known and above 0.
    pub fn of<'a>(
        metric: &str,
        from: impl Iterator<Item = &'a TrialFindings>,
        to: impl Iterator<Item = &'a TrialFindings>,
    ) -> Option<Self> {
        let metric = Metric::written(metric)?;
        let known =
            |one: Vec<(u32, Read)>| one.into_iter().filter(|(_, read)| read.value > 0.0).collect::<Vec<_>>();
        Ratio::within(&Gaps::between(&known(read(&metric, from)), &known(read(&metric, to))))
    }

    fn within(gaps: &Gaps) -> Option<Self> {
        let gap = gaps.gap().filter(|_| gaps.blocks.len() >= LEAST)?;
        let (mean, range) = gap.ratio(1.0 - CONFIDENCE);
        Some(Ratio { pairs: gaps.blocks.len(), mean, range })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(width: f64, rates: &[(f64, f64)]) -> Option<Ratio> {
        let side = |of: fn(&(f64, f64)) -> f64| {
            let read = |(at, both): (usize, &(f64, f64))| (at as u32, Read { value: of(both), width });
            rates.iter().enumerate().map(read).collect::<Vec<_>>()
        };
        Ratio::within(&Gaps::between(&side(|both| both.0), &side(|both| both.1)))
    }

    #[test]
    fn three_blocks_make_a_ratio_with_an_interval_and_two_do_not() {
        let found = ratio(0.0, &[(1.0, 1.9), (1.0, 2.0), (1.0, 2.1)]).unwrap();
        assert!((found.mean - 1.998).abs() < 1e-3 && found.range.covers(2.0) && !found.range.covers(1.0));
        assert_eq!(ratio(0.0, &[(1.0, 2.0), (1.0, 2.0)]), None);
    }

    #[test]
    fn three_equal_quotients_are_known_no_better_than_they_were_read() {
        // 985 and 988 messages of ten seconds, a message more or less each: 0.1 % ÷ √3 of either, so 4.303 × 0.0827 % ÷ √3 of three blocks.
        let found = ratio(0.1, &[(98.8, 98.5); 3]).unwrap();
        assert!((found.mean - 0.996_964).abs() < 1e-6);
        let half = (found.range.high / found.range.low).ln() / 2.0;
        assert!((half - 2.056e-3).abs() < 2e-6, "{half}");
    }
}
