//! What happened: the file format of the results folder. Everything said later is made from this alone.

mod away;
mod check;
mod draft;
mod emulated;
mod error;
mod events;
mod files;
mod groups;
mod held;
mod hlog;
mod hlog_check;
mod hlog_read;
mod injected;
mod latencies;
mod manifest;
mod members;
mod pacing;
mod planned;
mod producers;
mod rows;
mod run;
mod scraped;
mod scratch;
mod scroll;
pub mod series;
mod spool;
mod store;
mod sums;
#[cfg(test)]
pub(crate) mod testing;
mod trial;
mod usage;

pub use crate::books::dense::histogram as empty_histogram;
pub use away::{Away, CarriedUse, Pings};
pub use check::{Odd, check_keys, check_trial};
pub use draft::Draft;
pub use emulated::{EmulatedGroup, EmulatedInstance, PacedWork};
pub use error::StoreError;
pub use events::Event;
pub use files::Files;
pub use groups::{Followed, Gone, GroupRecord, GroupTrace, PartitionLag, Partitions, Results, Silence};
pub use held::Series;
pub use injected::{DIED, GapRow, InTimeRow, Injected, Noticed};
pub use latencies::Latencies;
pub use manifest::{
    Brokers, Build, Host, ImageLine, Manifest, ResponseLine, Resumption, SearchLine, SloLine, TreatmentLine,
};
pub use members::MemberTime;
pub use pacing::{Pacing, Wish};
pub use planned::{PlanRow, read_plan, write_plan};
pub use producers::{ProducerRow, write_producers};
pub use run::{Run, SavedTrial, load_plan};
pub use scraped::{ScrapedLine, ScrapedRow};
pub use scratch::nameless;
pub use scroll::{Scroll, Scrolled};
pub use spool::{Spool, Spooled};
pub use store::{Beside, Folder, table_text, trial_name};
pub use sums::{SUMS, Sums, hexadecimal, sum_of};
pub use trial::{Asked, Backlog, End, FORMAT, Fingerprint, TopicPart, TrialRecord};
pub use usage::{CpuLimit, Fetched, HostUse, ProcessUse, WireUse};
