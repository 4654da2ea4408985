//! What a pipeline makes of our messages: its results, each followed back to its message by the id that it passes on.

mod id;
mod matching;
mod watch;

pub use matching::{Folded, Matched, Matching};
pub use watch::{OutputWatch, Readers};
