//! A thread that carries many light producers: one loop owns them all, tokio carries their connections.

mod base;
mod run;
mod signal;
mod timers;

pub use base::Board;
pub use run::{Orders, run};
