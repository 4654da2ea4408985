//! What became of the messages: counters while they run, latencies and offsets of what was acked.

mod acks;
mod counts;
mod delivery;
mod ledger;
mod live;
mod producers;
mod retries;
mod transaction;
mod wire;

pub use acks::{AckLatencies, Acks, BATCH, ToLedger, note_earliest};
pub use counts::{LiveQuarters, LoadCounts};
pub use delivery::{Delivery, Fate};
pub use ledger::{Ack, AckBatch, AckLedger, Lag};
pub use live::LiveAcks;
pub use producers::{ProducerCounts, SoFar};
pub use retries::Retries;
pub use transaction::Transaction;
pub use wire::{Wire, WireCount};
