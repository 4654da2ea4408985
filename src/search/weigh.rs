//! All trials so far, weighed: what is harder breaks at least as often as what is easier.

use std::collections::BTreeMap;

use super::{Said, Tried};
use crate::stats::isotonic;

/// Of a rung: trials that held, and trials that did not.
pub type Votes = BTreeMap<i64, (u32, u32)>;

/// Of a rung: trials that held, that were broken, and of which it cannot be said.
pub type Counts = BTreeMap<i64, [u32; 3]>;

/// Two rungs that were tried, with none between them that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The hardest that holds more often than not; none where none does.
    pub good: Option<i64>,
    /// The easiest that does not; none where all do.
    pub bad: Option<i64>,
}

/// Adds a trial.
pub fn vote(votes: &mut Votes, rung: i64, said: Said) {
    let (held, not) = votes.entry(rung).or_default();
    if said == Said::Held { *held += 1 } else { *not += 1 }
}

/// What trials said, by rung; of a rung none of whose trials is to be believed nothing stands there.
pub fn counts(tried: &[Tried], said: impl Fn(&Tried) -> Option<Said>) -> Counts {
    let mut counts = Counts::new();
    for one in tried {
        if let Some(said) = said(one) {
            let [held, broken, open] = counts.entry(one.rung).or_default();
            *match said {
                Said::Held => held,
                Said::Broken => broken,
                Said::Undecided => open,
            } += 1;
        }
    }
    counts
}

/// The easiest rung above `good` that half or more of its trials broke; none where none did.
pub fn broke(counts: &Counts, good: Option<i64>) -> Option<i64> {
    let mut above = counts.iter().filter(|(rung, _)| good.is_none_or(|good| **rung > good));
    above.find(|(_, [held, broken, open])| *broken > 0 && *broken >= held + open).map(|(rung, _)| *rung)
}

/// Where holding turns into breaking, by isotonic regression of the share that broke on the rung, each rung weighed by its trials.
pub fn bounds(votes: &Votes) -> Bounds {
    let share = |(held, not): &(u32, u32)| f64::from(*not) / f64::from(held + not);
    let shares: Vec<f64> = votes.values().map(share).collect();
    let weights: Vec<f64> = votes.values().map(|(held, not)| f64::from(held + not)).collect();
    let fitted = isotonic(&shares, &weights).unwrap_or(shares);
    let good =
        votes.keys().zip(&fitted).filter(|(_, broke)| **broke < 0.5).map(|(rung, _)| *rung).next_back();
    let bad = votes.keys().zip(&fitted).find(|(_, broke)| **broke >= 0.5).map(|(rung, _)| *rung);
    Bounds { good, bad }
}
