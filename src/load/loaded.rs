//! What is left of a fleet when it has ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tally::{AckLedger, LoadCounts};
use crate::record::{Fingerprint, Pacing, Spooled};

/// What is left of a fleet when it has ended.
#[derive(Debug)]
pub struct Loaded {
    /// Latencies by the second of the due time.
    pub latencies: Spooled,
    /// Values that no histogram could hold.
    pub out_of_range: u64,
    /// Counters by quarter seconds, from time 0 on.
    pub counts: Arc<LoadCounts>,
    /// The acked offsets.
    pub ledger: AckLedger,
    /// Messages whose fate is unknown.
    pub in_flight: u64,
    /// The earliest due time (Unix ns) of these, by the quarter second in which they were sent; only where all that were sent before were due later.
    pub unknown_dues: BTreeMap<u64, u64>,
    /// Errors of clients and brokers that concern no single message, and refusals by the client, by name.
    pub errors: BTreeMap<String, u64>,
    /// Messages that failed after they were sent, by the error's name.
    pub failures: BTreeMap<String, u64>,
    /// How many of these came of something that was done on purpose.
    pub excused: BTreeMap<String, u64>,
    /// What the thread that keeps time got of what it asked of the kernel; none at `rate: max`.
    pub pacing: Option<Pacing>,
    /// Messages that were written before time 0, all of them acked; they are in no counter.
    pub before: u64,
    /// What was sent, as one number.
    pub fingerprint: Option<Fingerprint>,
    /// The `client.id` of each producer, by its number.
    pub client_ids: Vec<String>,
}
