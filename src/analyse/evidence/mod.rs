//! How sure what is said can be: of how many trials, how often wrong, and whether it stands on one heap.

mod chosen;
mod cut;
mod decision;
mod drain;
mod knees;
mod laws;
mod looks;
mod modes;
mod ratio;
mod settled;
mod tail;
mod width;

pub use chosen::{Chosen, ON_THE_FRONT};
pub(super) use cut::doubt as cut_moves;
pub use cut::{Moved, moved};
pub use decision::{Decision, to_decide};
pub use drain::Drain;
pub use knees::Knees;
pub use laws::{At, Drawn, Fitted, Growing, Residual, Size, best, growing, growing_of_bounds};
pub use looks::{MOST_TRIALS, RISK, look_of, looks, part_of, risk_of};
pub use modes::{SecondMode, second_modes};
pub use ratio::Ratio;
pub use settled::Settled;
pub(super) use settled::p99_ns;
pub(super) use tail::doubt as few_seconds;
pub use width::{Takes, takes};
