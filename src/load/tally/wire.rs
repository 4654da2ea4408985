//! What has gone over the wire so far, by what a client counts.

use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

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
    /// Produce requests whose answer came; 0 of clients that do not tell.
    pub answered: u64,
    /// Their round trips added up, in µs.
    pub under_way_us: u64,
}

impl AddAssign for Wire {
    fn add_assign(&mut self, other: Wire) {
        let Wire {
            requests,
            batches,
            records,
            records_squared,
            largest_batch,
            bytes,
            answered,
            under_way_us,
        } = other;
        self.requests += requests;
        self.batches += batches;
        self.records += records;
        self.records_squared += records_squared;
        self.largest_batch = self.largest_batch.max(largest_batch);
        self.bytes += bytes;
        self.answered += answered;
        self.under_way_us += under_way_us;
    }
}

/// The same while a client goes on: written by its threads, read by anybody, without a lock. Each request holds one batch.
#[derive(Debug, Default)]
pub struct WireCount {
    requests: AtomicU64,
    bytes: AtomicU64,
    records: AtomicU64,
    records_squared: AtomicU64,
    largest_batch: AtomicU64,
    answered: AtomicU64,
    under_way_us: AtomicU64,
}

impl WireCount {
    /// So many bytes of a request went out; only those that hold batches are counted themselves.
    pub fn request(&self, bytes: u64, has_batch: bool) {
        self.bytes.fetch_add(bytes, Relaxed);
        self.requests.fetch_add(u64::from(has_batch), Relaxed);
    }

    /// A batch of so many records went out.
    pub fn batch(&self, records: u64) {
        self.records.fetch_add(records, Relaxed);
        self.records_squared.fetch_add(records * records, Relaxed);
        self.largest_batch.fetch_max(records, Relaxed);
    }

    /// A request with a batch was answered after so long.
    pub fn answer(&self, us: u64) {
        self.answered.fetch_add(1, Relaxed);
        self.under_way_us.fetch_add(us, Relaxed);
    }

    /// What has gone over the wire so far.
    pub fn read(&self) -> Wire {
        let requests = self.requests.load(Relaxed);
        Wire {
            requests,
            batches: requests,
            records: self.records.load(Relaxed),
            records_squared: self.records_squared.load(Relaxed),
            largest_batch: self.largest_batch.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            answered: self.answered.load(Relaxed),
            under_way_us: self.under_way_us.load(Relaxed),
        }
    }
}
