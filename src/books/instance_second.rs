//! What one emulated instance did in one second.

use serde::{Deserialize, Serialize};

/// One second of one instance. Counts are of events inside of it, levels are those at its end; empty is unknown, or does not apply.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InstanceSecond {
    /// Start of the second, in seconds since time 0.
    pub t_s: f64,
    /// Name of the group.
    pub group: String,
    /// Which instance.
    pub instance: u32,
    /// CPU of this host that it used, in cores.
    pub cpu_cores: f64,
    /// vCPUs that the full-size instance would have used: its work in full, and all else as it was.
    pub used_vcpus: f64,
    /// What it might have used, in emulated vCPUs, on average.
    pub allowed_vcpus: f64,
    /// Its quota, in cores of this host.
    pub quota_cores: Option<f64>,
    /// Enforcement periods.
    pub periods: Option<u64>,
    /// Of these, the ones in which it was stopped.
    pub throttled_periods: Option<u64>,
    /// Time that its threads were stopped.
    pub throttled_ms: Option<f64>,
    /// Credits that it has.
    pub balance_credits: Option<f64>,
    /// Credits that it has been lent.
    pub surplus_credits: Option<f64>,
    /// Surplus credits charged so far.
    pub charged_credits: Option<f64>,
    /// Use that no credit covered, so far: what the enforcement let through.
    pub uncovered_credits: Option<f64>,
    /// Memory charged to it.
    pub memory_mib: Option<f64>,
    /// Processes of it that were killed for its memory, so far.
    pub oom_kills: Option<u64>,
    /// What of the used vCPUs was not work; empty where it does not say what its work is.
    #[serde(default)]
    pub overhead_vcpus: Option<f64>,
}
