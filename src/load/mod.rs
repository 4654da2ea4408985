//! The producer fleets: when each message is due, who sends it, and what became of it.
//!
//! Written → due: `schedule` and `message` are pure. Due → sent: `send`, the hot path. Sent → acked: `tally`. `fleet` holds them together,
//! `crew` is its threads; where acks enter, and how all of it ends, `reporter` says.
//! A client goes behind [`Clients`]: `heavy` has librdkafka's, `light` bench's own. Another machine runs another segment of the same schedule.

mod asked;
mod attempt;
mod crew;
mod fleet;
mod hand_over;
mod heavy;
mod keepers;
mod kernel;
mod light;
pub mod limits;
mod loaded;
mod message;
mod mixed;
mod pacing;
mod probe;
mod reporter;
mod schedule;
mod send;
mod tally;
mod threads;
mod words;

pub use asked::{Client, ClientSpec, LoadSpec};
pub use attempt::{Attempt, Refusal, Said};
pub use fleet::{Fleet, Written, write_backlog};
pub use light::{Connected, LightConfig, ShareAsker, ShareError};
pub use loaded::Loaded;
pub use message::{Bodies, KeyDraw, Made, Messages, SizeDraw};
pub use pacing::{keep_time, resolve};
pub use probe::{asker_of_shares, releases, try_out, why_not};
pub use schedule::{DueTimes, Pacer};
pub use send::{
    BURST, Clients, Handed, Lane, Outgoing, Refusals, Saturator, Sender, Sent, Waiter, Waiting, WaitingLine,
};
pub use tally::{
    Ack, AckBatch, AckLatencies, AckLedger, Acks, Delivery, Fate, Lag, LiveAcks, LiveQuarters, LoadCounts,
    ProducerCounts, SoFar, ToLedger, Wire,
};
pub use threads::LoadThreads;

use crate::record::StoreError;

/// Why a fleet could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A client could not be made.
    #[error("a producer could not be started: {reason}")]
    Client {
        /// librdkafka's words.
        reason: String,
    },
    /// What was to be there before the consumers could not be written.
    #[error("{reason}")]
    Backlog {
        /// How much of it, and why.
        reason: String,
    },
    /// The host does not give what the plan needs.
    #[error("{what}")]
    Limits {
        /// What is lacking, and the remedy.
        what: String,
    },
    /// The operating system gave no thread or pipe.
    #[error("the load could not get a thread or a pipe")]
    System {
        /// Its words.
        source: std::io::Error,
    },
    /// The file names a core that this host has not, or not for bench.
    #[error("`load.cores` names core {core}, which bench may not use here; there are {cores:?}")]
    NoCore {
        /// Which one.
        core: usize,
        /// Those that may be used.
        cores: Vec<u32>,
    },
    /// What it came to could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// One of the load's threads ended by a bug of ours.
    #[error("the load's {thread} thread died")]
    Died {
        /// Which one.
        thread: &'static str,
    },
}
