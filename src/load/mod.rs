//! The producer fleets: when each message is due, who sends it, and what became of it.
//!
//! Written → due: `arrivals` and `pacer` are pure. Due → sent: `sender`, the hot path. Sent → acked: `acks` and `ledger`. `fleet` holds them together.
//! Another client goes behind [`Client`], another machine runs another segment of the same schedule.

mod acks;
mod arrivals;
mod body;
mod counts;
mod fleet;
mod ledger;
mod native;
mod pacer;
mod sender;
mod threads;
mod wait;
mod waiting_line;

pub use acks::Acks;
pub use arrivals::DueTimes;
pub use body::Bodies;
pub use counts::{LoadCounts, Quarters};
pub use fleet::{ClientSpec, Fleet, LoadSpec, Loaded};
pub use ledger::{Ack, Lag, Ledger};
pub use native::{Delivery, Handed};
pub use pacer::Pacer;
pub use sender::{Client, Lane, Sender, Sent};
pub use wait::Waiting;
pub use waiting_line::{Waiter, WaitingLine};

/// Why a fleet could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A client could not be made.
    #[error("a producer could not be started: {reason}")]
    Client {
        /// librdkafka's words.
        reason: String,
    },
    /// The operating system gave no thread or pipe.
    #[error("the load could not get a thread or a pipe")]
    System {
        /// Its words.
        source: std::io::Error,
    },
    /// One of the load's threads ended by a bug of ours.
    #[error("the load's {thread} thread died")]
    Died {
        /// Which one.
        thread: &'static str,
    },
}
