//! What a producer needs of the shard that it lives in.

use std::sync::Arc;

use kafka_protocol::protocol::StrBytes;

use crate::cluster::Weight;
use crate::load::light::batch::Entry;
use crate::load::light::config::LightConfig;
use crate::load::light::wire::{Address, Outbox};

/// Who a producer is.
#[derive(Clone, Debug)]
pub struct Who {
    /// Its number in its shard.
    pub seat: u32,
    /// Its number in the pacer's numbering.
    pub number: u32,
    /// Its `client.id`.
    pub name: StrBytes,
    /// What it was told.
    pub config: Arc<LightConfig>,
}

/// What became of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Written, the first at this offset of the partition, the others behind it; without an offset where none is told.
    Acked(u32, Option<i64>),
    /// Given up, with librdkafka's code.
    Failed(i32),
    /// Nobody will know: the trial has ended.
    Unknown,
}

/// The shard, as its producers see it.
pub trait Home {
    /// Begins to connect to whoever of these answers, the first of them rather than another; the connection's number, and what to write to it.
    fn dial(&mut self, who: &Who, addresses: Vec<Address>) -> (u32, Outbox);
    /// Books what became of messages whose keys and payloads have so many bytes in all.
    fn done(&mut self, who: &Who, entries: &[Entry], bytes: usize, outcome: Outcome);
    /// Books an error that concerns no single message, and how much it says.
    fn complain(&mut self, weight: Weight, error: String);
    /// Counts a broker's code for which a batch goes again.
    fn retried(&mut self, code: i16);
    /// Books that a broker holds a producer back for so many ms, because of a quota.
    fn throttled(&mut self, ms: u64);
    /// Counts a request with a batch of so many records; the request's bytes.
    fn sent_batch(&mut self, records: usize, bytes: u64);
    /// A producer has all connections that it needs, for the first time; how long it took since its first was its turn, in ns.
    fn connected(&mut self, took_ns: u64);
    /// A number that nobody can guess from another producer's: for jitter, and for partitions.
    fn random(&mut self) -> u64;
}
