//! What lies between two treatments in each block that has a valid trial of both.

mod blocks;
mod width;

use blocks::in_both;
pub use width::{Read, relative_width};

use super::trial::TrialFindings;
use crate::spec::Metric;
use crate::stats::Gap;

/// Fewer blocks that have both say nothing of how far trials lie apart.
pub const LEAST: usize = 3;

/// Two treatments, block by block.
#[derive(Clone, Debug)]
pub struct Gaps {
    /// Each block, what the one read in it, and the other.
    pub blocks: Vec<(u32, Read, Read)>,
    /// Whether logarithms are compared; else, where something is nothing, what was read.
    pub logs: bool,
}

impl Gaps {
    /// Of what is known of the valid trials of both.
    pub fn of<'a>(
        metric: &Metric,
        one: impl Iterator<Item = &'a TrialFindings>,
        other: impl Iterator<Item = &'a TrialFindings>,
    ) -> Self {
        Gaps::between(&read(metric, one), &read(metric, other))
    }

    /// Of what was read in blocks.
    pub fn between(one: &[(u32, Read)], other: &[(u32, Read)]) -> Self {
        let logs = one.iter().chain(other).all(|(_, read)| read.value > 0.0);
        Gaps { blocks: in_both(one, other).collect(), logs }
    }

    /// The other less the one, in each block.
    pub fn differences(&self) -> impl Iterator<Item = f64> + '_ {
        let scaled = |read: Read| if self.logs { read.value.ln() } else { read.value };
        self.blocks.iter().map(move |(_, one, other)| scaled(*other) - scaled(*one))
    }

    /// What the width of readings alone leaves open of one difference, as a standard deviation: the root of the mean square over blocks.
    pub fn uncertainty(&self) -> f64 {
        let of = |read: Read| if self.logs { read.relative() } else { read.uncertainty() };
        root_mean_square(self.blocks.iter().map(|(_, one, other)| of(*one).hypot(of(*other))))
    }

    /// Their mean with its error, never finer than they were read; none of less than two blocks.
    pub fn gap(&self) -> Option<Gap> {
        Gap::paired(&self.differences().collect::<Vec<_>>(), self.uncertainty())
    }
}

/// What uncertainties come to together; 0 of none.
pub(super) fn root_mean_square(of: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = of.len().max(1) as f64;
    (of.map(|one| one * one).sum::<f64>() / n).sqrt()
}

/// What trials read, each with its block; those of which no value is known are left out.
pub fn read<'a>(metric: &Metric, trials: impl Iterator<Item = &'a TrialFindings>) -> Vec<(u32, Read)> {
    trials.filter_map(|trial| Some((trial.record.block, Read::of(metric, trial)?))).collect()
}
