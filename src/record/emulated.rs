//! How instances were emulated, and what of it they really got: facts for cost and calibration.

use serde::{Deserialize, Serialize};

use crate::units::{CreditMode, InstanceType};

/// The emulated instances of one group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmulatedGroup {
    /// Name of the group.
    pub group: String,
    /// What each instance was.
    pub instance_type: InstanceType,
    /// What happened when credits were spent; null for a type of fixed performance.
    pub credit_mode: Option<CreditMode>,
    /// Credits at time 0, as asked for; null for a type of fixed performance.
    pub credit_start: Option<String>,
    /// Earning and spending were so many times faster.
    pub time_scale: u32,
    /// What one emulated vCPU was of a core of the host, in percent.
    pub vcpu_percent: f64,
    /// `cgroup v1`, `cgroup v2`, or `work` where the pacing of the consumers was all there was.
    pub enforced_by: String,
    /// Period of the quota; null without one.
    pub period_us: Option<u64>,
    /// Quotas that the kernel did not take, and readings that it did not give.
    pub refused: u32,
    /// Each instance that was ever started.
    pub instances: Vec<EmulatedInstance>,
}

/// One emulated instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EmulatedInstance {
    /// Which.
    pub instance: u32,
    /// From its launch to its end; null where the end is not known.
    pub up_s: Option<f64>,
    /// The part of the window in which it was paid for: from its launch on.
    pub window_up_s: f64,
    /// The part of that in which its program was not started yet.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub window_boot_s: f64,
    /// vCPUs that it used on average over its seconds in the window; null where none was recorded. Where `overhead_vcpus` is known, those that the
    /// full-size instance would have used: its work in full, its overhead as it was, which is not scaled.
    pub used_vcpus: Option<f64>,
    /// The same as the full-size instance would have used in records whose `used_vcpus` are not that; null where it told of no work.
    #[serde(default)]
    pub full_size_vcpus: Option<f64>,
    /// vCPUs of these that were not work; null where it did not say what its work was, and in older records.
    #[serde(default)]
    pub overhead_vcpus: Option<f64>,
    /// vCPUs that it might have used.
    pub allowed_vcpus: Option<f64>,
    /// Time in the window in which the quota stopped its threads; null without one.
    pub throttled_ms: Option<f64>,
    /// Credits at the window's start and end.
    pub balance_start_credits: Option<f64>,
    /// See above.
    pub balance_end_credits: Option<f64>,
    /// Surplus not paid back when it was last looked at.
    pub surplus_credits: Option<f64>,
    /// Surplus charged until then.
    pub charged_credits: Option<f64>,
    /// Most memory that was charged to it.
    pub memory_max_mib: Option<f64>,
    /// Processes of it that the kernel killed for its memory.
    pub oom_kills: u64,
    /// Calibration, from what it says of its work in the window; null where it did none.
    pub work: Option<PacedWork>,
}

/// Work under a pace in the window: what it got against what it should have had.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PacedWork {
    /// Share of a vCPU that it got while it worked, in percent.
    pub got_percent: f64,
    /// Share that it should have had.
    pub due_percent: f64,
    /// Wall time of its work over W ÷ speed.
    pub stretch: f64,
    /// Share of its CPU on this host that was not work, in percent.
    pub overhead_percent: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_nothing(seconds: &f64) -> bool {
    *seconds <= 0.0
}

impl PacedWork {
    /// How far what it got is from what it should have had, in percent of that: below 0, it got less.
    pub fn off_percent(&self) -> f64 {
        (self.got_percent / self.due_percent - 1.0) * 100.0
    }
}

impl EmulatedInstance {
    /// The part of the window in which its program ran.
    pub fn window_ran_s(&self) -> f64 {
        (self.window_up_s - self.window_boot_s).max(0.0)
    }

    /// What of the vCPUs that it might have used was not work, in percent; none where that is not known.
    pub fn overhead_percent(&self) -> Option<f64> {
        let allowed = self.allowed_vcpus.filter(|allowed| *allowed > 0.0)?;
        Some(self.overhead_vcpus? / allowed * 100.0)
    }
}
