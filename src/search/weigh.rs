//! All trials so far, weighed: what is harder breaks at least as often as what is easier.

use std::collections::BTreeMap;

use super::{Said, Tried};
use crate::stats::isotonic;

/// Of a rung: trials that held, that were broken, and of which it cannot be said.
pub type Votes = BTreeMap<i64, [u32; 3]>;

/// Two rungs that were tried, with none between them that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The hardest that holds more often than not; none where none does.
    pub good: Option<i64>,
    /// The easiest that does not; none where all do.
    pub bad: Option<i64>,
}

/// What trials that are to be believed say, by rung.
pub fn believed(tried: &[Tried], said: impl Fn(&Tried) -> Option<Said>) -> Votes {
    let mut votes = Votes::new();
    for one in tried {
        if let Some(said) = said(one) {
            let [held, broken, open] = votes.entry(one.rung).or_default();
            *match said {
                Said::Held => held,
                Said::Broken => broken,
                Said::Undecided => open,
            } += 1;
        }
    }
    votes
}

/// The same, to go on by. One that no trial to be believed was had of counts as one that does not hold, and is not known to break.
pub fn votes(tried: &[Tried], said: impl Fn(&Tried) -> Option<Said>) -> Votes {
    let mut votes = believed(tried, said);
    for one in tried {
        votes.entry(one.rung).or_insert([0, 0, 1]);
    }
    votes
}

/// The easiest rung above `good` that half or more of its trials broke; none where none did.
pub fn broke(votes: &Votes, good: Option<i64>) -> Option<i64> {
    let mut above = votes.iter().filter(|(rung, _)| good.is_none_or(|good| **rung > good));
    above.find(|(_, [held, broken, open])| *broken > 0 && *broken >= held + open).map(|(rung, _)| *rung)
}

/// Where holding turns into breaking, by isotonic regression of the share that broke on the rung, each rung weighed by its trials.
pub fn bounds(votes: &Votes) -> Bounds {
    let (shares, weights): (Vec<f64>, Vec<f64>) = votes
        .values()
        .map(|[held, broken, open]| {
            let (not, of) = (f64::from(broken + open), f64::from(held + broken + open));
            (not / of, of)
        })
        .unzip();
    let fitted = isotonic(&shares, &weights).unwrap_or(shares);
    let good =
        votes.keys().zip(&fitted).filter(|(_, broke)| **broke < 0.5).map(|(rung, _)| *rung).next_back();
    let bad = votes.keys().zip(&fitted).find(|(_, broke)| **broke >= 0.5).map(|(rung, _)| *rung);
    Bounds { good, bad }
}
