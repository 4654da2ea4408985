//! Batches of records as Kafka writes them (message format 2), built record by record.

mod codec;
mod growing;
mod partitioner;

pub use codec::Codec;
pub use growing::{Batch, Entry, record_bound};
pub use partitioner::{Partitioner, Sticky};
