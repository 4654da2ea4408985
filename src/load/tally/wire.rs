//! What has gone over the wire so far, by what a client counts.

use std::ops::AddAssign;

/// Cumulative counts of all producers together, whichever their client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    /// Produce requests.
    pub requests: u64,
    /// Batches in them.
    pub batches: u64,
    /// Records in these.
    pub records: u64,
    /// The records of each batch times themselves, added up: large batches count for more than their number.
    pub records_squared: u64,
    /// The records of the largest.
    pub largest_batch: u64,
    /// Bytes of the requests as they were written, lengths and headers included, TLS not.
    pub bytes: u64,
}

impl AddAssign for Wire {
    fn add_assign(&mut self, other: Wire) {
        let Wire { requests, batches, records, records_squared, largest_batch, bytes } = other;
        self.requests += requests;
        self.batches += batches;
        self.records += records;
        self.records_squared += records_squared;
        self.largest_batch = self.largest_batch.max(largest_batch);
        self.bytes += bytes;
    }
}
