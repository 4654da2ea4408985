//! One light producer: what it knows of its topic, the batches of each partition, its connections, and what it does next.
//!
//! It does no input or output itself: its [`Home`] dials, books and counts, and calls it with the time. So its rules are tested without a broker.

mod clerk;
mod home;
mod links;
mod map;
mod queue;
mod rules;
#[cfg(test)]
mod tests;
mod verdict;

pub use clerk::{Attention, Producer};
pub use home::{Home, Outcome, Who};
pub use verdict::{Verdict, verdict};
