//! What the host and its processes used over the window.

use serde::{Deserialize, Serialize};

/// Counters of the host over the window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HostUse {
    /// Share of all cores' time that was not idle, in percent.
    pub cpu_percent: f64,
    /// Share of all cores' time that the hypervisor took, in percent.
    pub steal_percent: f64,
    /// Cores of the host that bench may use.
    pub cores: u32,
    /// The CPU limit of bench's own control group; null where it has none, and in records of before it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<CpuLimit>,
}

/// What the CPU limit of a control group did to bench, its consumers and its brokers over the window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CpuLimit {
    /// Cores that all of them together may use.
    pub cores: f64,
    /// Enforcement periods in which they wanted CPU.
    pub periods: u64,
    /// Of these, the ones in which they were stopped.
    pub throttled_periods: u64,
    /// Time that they were stopped, in seconds, summed over cores.
    pub throttled_s: f64,
    /// Between the two readings, in seconds.
    pub over_s: f64,
}

/// What processes used over the window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessUse {
    /// CPU time over wall time.
    pub cpu_cores: f64,
    /// Greatest resident memory of all together, in MiB.
    pub rss_max_mib: f64,
    /// Context switches per second, voluntary and not.
    pub context_switches_per_s: f64,
}

/// What producers put on the wire over the window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WireUse {
    /// From the first reading to the last: the window; in older records give or take what lay between two of a client's statistics.
    pub seconds: f64,
    /// Produce requests.
    pub requests: u64,
    /// Batches in them.
    pub batches: u64,
    /// Records in these.
    pub records: u64,
    /// The records of each batch times themselves, added up; null in records of before it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_squared: Option<u64>,
    /// The records of the largest batch until the window's end; null in such records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_batch: Option<u64>,
    /// Bytes of all that was sent to brokers, TLS not.
    pub bytes: u64,
    /// Round trips of the produce requests that were answered, added up, in seconds; null where the client does not tell, and in records of before it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way_s: Option<f64>,
}

/// What all consumers of all groups got from brokers over the window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fetched {
    /// Length of the window.
    pub seconds: f64,
    /// Bytes of all that came, as their sockets count them: compressed, with the headers of answers, TLS included.
    pub bytes: f64,
}
