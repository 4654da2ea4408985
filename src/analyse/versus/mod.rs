//! One run against another, or one treatment of a run against another: which comparisons are possible, which were judged, and what each came to.
//!
//! The unit is the trial. A ratio is of geometric means, its interval by Student's t on the logarithms of trials (`stats::student`), of differences within a
//! block where both sides stand in the same blocks, after Welch where they do not. A difference is one that Holm's correction over all that was judged leaves
//! at what this look at the runs may risk (`evidence::risk_of`: 5 % over all looks); *the same* is what two one-sided tests put within the margin, corrected
//! alike. All else is undecided.

mod census;
mod judged;
mod lost;
mod sample;
mod setup;
mod side;
mod spread;
#[cfg(test)]
mod tests;

pub use census::{Census, Unjudged, census};
pub use judged::{Comparison, Outcome, POWER};
pub use lost::Lost;
pub use sample::Why;
pub use setup::{Difference, differences};
pub use side::Side;
pub use spread::{Spread, Spreads};
