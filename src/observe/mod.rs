//! The probes: what is read from outside while a trial runs. A reading that was missed is a gap, never a zero.

mod committed;
mod exposition;
mod members;
mod passing;
mod proc;
mod resources;
mod results;
mod scrape;
mod told;
mod within;

pub use committed::{ANSWER_WITHIN, Committed, Read, commits, follow_commits};
pub use members::{Moved, Story, follow_members};
pub use passing::{Passed, Passing};
pub use proc::{HostCounters, ProcessCounters, ThreadCounters, host, writeback_kib};
pub use resources::{Reading, Used, Watch, used};
pub use results::{Folded, Matched, Matching, OutputWatch, Readers};
pub use scrape::{When, follow};
pub use told::{Told, hear_commits};
