//! Instances as if they ran on another machine.
//!
//! Two halves. In the instance, `ThreadPace` spreads the CPU of the work over the time that it takes on the emulated vCPU, and says how much it has done. In
//! bench, the `Governor` holds each instance in a control group and looks at it ten times a second: from the kernel's count and from what was said its
//! `Budget` follows, credits and allowance of the full-size instance; then it tells both the kernel (a quota) and the instance (a speed) what it may use.

mod budget;
pub mod cgroup;
mod governor;
mod machine;
mod pace;
mod wire;

use std::sync::Arc;

pub use governor::Governor;
pub use machine::EmulatedMachine;
pub use pace::{PaceConfig, ThreadPace, Vcpus, Worked};
pub use wire::Wire;

use crate::timeline::Clock;

/// How the instances of one group are emulated.
#[derive(Clone, Debug)]
pub struct Emulating {
    /// What each of them is at first.
    pub machine: EmulatedMachine,
    /// The run's control group, in which each gets one of its own; none: their own pacing is all there is.
    pub within: Option<Arc<cgroup::RunGroup>>,
    /// Name of the group of consumers.
    pub group: String,
    /// Begins the names of their control groups; unique in the run.
    pub prefix: String,
}

impl Emulating {
    /// With what holds the instances to it, from now on.
    pub fn governed(self, clock: Clock) -> (Self, Governor) {
        let governor = Governor::start(clock, self.group.clone());
        (self, governor)
    }

    /// A control group with the limits of a machine, as fast as it ever is; none where there are to be none.
    pub fn confined(
        &self,
        index: u32,
        machine: &EmulatedMachine,
    ) -> Result<Option<cgroup::Cgroup>, cgroup::CgroupError> {
        let Some(within) = &self.within else { return Ok(None) };
        let cgroup = within.instance(&format!("{}-{index}", self.prefix))?;
        cgroup.set_quota(machine.period_us(), machine.quota_us(machine.whole(), 0))?;
        if let Some(memory_mib) = machine.machine.instance.memory_mib {
            cgroup.set_memory(memory_mib << 20)?;
        }
        Ok(Some(cgroup))
    }
}
