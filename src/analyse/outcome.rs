//! Whether a trial is to be believed.

use super::doubt::Doubt;
use crate::record::End;

/// Whether a trial is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It counts.
    Valid,
    /// A doubt spoils it: kept out of estimates.
    Doubtful,
    /// Its books do not balance: nothing of it counts.
    Broken,
    /// The environment failed.
    Failed,
    /// A signal ended it.
    Interrupted,
}

impl Outcome {
    /// As in `trials.csv`.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Valid => "valid",
            Outcome::Doubtful => "doubtful",
            Outcome::Broken => "broken",
            Outcome::Failed => "failed",
            Outcome::Interrupted => "interrupted",
        }
    }

    /// By how it ended and what is to be doubted.
    pub(super) fn of(end: &End, doubts: &[Doubt]) -> Self {
        match end {
            End::Failed(_) => Outcome::Failed,
            End::Interrupted => Outcome::Interrupted,
            End::Completed if doubts.iter().any(|doubt| doubt.id == "books") => Outcome::Broken,
            End::Completed if doubts.iter().any(|doubt| doubt.spoils) => Outcome::Doubtful,
            End::Completed => Outcome::Valid,
        }
    }
}
