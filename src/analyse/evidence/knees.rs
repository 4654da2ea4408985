//! When the credits of a treatment were spent, chosen again from trials that are drawn again.

use crate::analyse::trial::TrialFindings;
use crate::stats::{CONFIDENCE, RESAMPLES, Range, median, percentile, resample};

/// The fewest trials that are drawn from.
const FEWEST: usize = 6;
/// So that the same trials always give the same.
const SEED: u64 = 19;

/// What resamples of a treatment's trials come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knees {
    /// Trials.
    pub trials: usize,
    /// Those in which credits were spent.
    pub with: usize,
    /// Share of the resamples in which they were in more than half.
    pub spent: f64,
    /// Where the median of the knees lies in 95 % of those, in seconds since time 0; none where it is spent in none.
    pub found_s: Option<Range>,
}

impl Knees {
    /// Of the valid trials of one treatment. A trial's knee is that of its own seconds, which the drawing of trials draws whole; whether the treatment has one,
    /// and when, is decided anew in each resample. None of less than six trials, or where none has one.
    pub fn of<'a>(valid: impl Iterator<Item = &'a TrialFindings>) -> Option<Self> {
        of(&valid.map(|trial| trial.knee.map(|knee| knee.found_s)).collect::<Vec<_>>())
    }
}

fn of(found: &[Option<f64>]) -> Option<Knees> {
    let with = found.iter().flatten().count();
    if found.len() < FEWEST || with == 0 {
        return None;
    }
    let mut resampled = resample(found.len(), RESAMPLES, SEED, |drawn| {
        let spent: Vec<f64> = drawn.iter().filter_map(|at| found[*at]).collect();
        median(&spent).filter(|_| 2 * spent.len() > drawn.len())
    });
    let spent = resampled.values.len() as f64 / RESAMPLES as f64;
    // The range is of those that have one; how many have none is told beside it.
    resampled.without = 0;
    Some(Knees { trials: found.len(), with, spent, found_s: percentile(&resampled, CONFIDENCE) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_knee_is_decided_anew_in_each_draw_with_how_often_there_is_one() {
        let always = of(&[32.0, 31.5, 32.5, 32.1, 31.9, 32.2].map(Some)).unwrap();
        assert!((always.spent - 1.0).abs() < 1e-12 && always.with == 6);
        let range = always.found_s.unwrap();
        assert!(range.covers(32.05) && range.low >= 31.5 && range.high <= 32.5 && range.low < range.high);
        let half = of(&[Some(32.0), None, Some(31.0), None, Some(33.0), None]).unwrap();
        assert!(half.spent > 0.25 && half.spent < 0.45 && half.with == 3, "{half:?}");
        assert_eq!(of(&[Some(32.0); 5]), None, "five are few");
        assert_eq!(of(&[None; 6]), None);
    }
}
