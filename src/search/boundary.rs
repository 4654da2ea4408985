//! Where holding turns into breaking, and of what eases, breaking into holding.

use super::weigh::{Bounds, Votes, believed, bounds, broke};
use super::{Rules, Said, Tried};

/// Where holding turns into breaking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boundary {
    /// The hardest rung that was tried and holds more often than not.
    pub good: Option<i64>,
    /// The easiest above it that was tried and does not.
    pub bad: Option<i64>,
    /// The easiest above `good` that half or more of its trials broke: `bad` itself, or a harder one where it cannot be said of `bad`. None where none did.
    pub broke: Option<i64>,
}

impl Boundary {
    /// Of what so many trials of each rung said.
    pub fn of(votes: &Votes) -> Self {
        let Bounds { good, bad } = bounds(votes);
        Boundary { good, bad, broke: broke(votes, good) }
    }

    /// The easiest rung above `good`, where it cannot be said whether it holds; none where that is the one that broke, or nothing lies above.
    pub fn open(&self) -> Option<i64> {
        self.bad.filter(|_| self.bad != self.broke)
    }
}

/// What a trial says of one SLO.
pub(super) fn said(slo: usize) -> impl Fn(&Tried) -> Option<Said> {
    move |one| one.told.said.as_ref()?.get(slo).copied()
}

/// Where an SLO that eases begins to hold, of what all others hold: `good` is the easiest rung that holds more often than not, `bad` and `broke` lie below.
pub(super) fn eased(rules: &Rules, tried: &[Tried], slo: usize, hardest: Option<i64>) -> Boundary {
    let votes = believed(rules, tried, said(slo));
    let reached = votes.into_iter().filter(|(rung, _)| hardest.is_none_or(|hardest| *rung <= hardest));
    // The same as of what gets harder the other way round.
    let Boundary { good, bad, broke } = Boundary::of(&reached.map(|(rung, of)| (-rung, of)).collect());
    let back = |rung: Option<i64>| rung.map(std::ops::Neg::neg);
    Boundary { good: back(good), bad: back(bad), broke: back(broke) }
}
