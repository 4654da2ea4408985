//! The machine that an instance is emulated on, and what follows for its quota.

use super::cgroup::LEAST_QUOTA_US;
use crate::catalogue::{Account, Rules};
use crate::spec::{Emulation, Machine};

/// The quota stands that much above what the pacing spends: room for what a consumer needs for itself, which is not scaled. One whose overhead is a doubt
/// (above a tenth) is stopped at times.
const ROOM_PERCENT: u64 = 6;
/// But below all its vCPUs no more than so many nanoseconds a millisecond, 1.8 points of a vCPU: so an exhausted instance stays within two points of its
/// baseline whatever it does, a t3.medium with its 40 % too.
const MOST_ROOM: u64 = 18_000;
/// Stops and goes are worse the longer the period is.
const PERIODS_US: [u64; 6] = [20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];

/// What the instances of a group are emulated on.
#[derive(Clone, Debug, PartialEq)]
pub struct EmulatedMachine {
    /// The type and its credits, as asked for.
    pub machine: Machine,
    /// What one vCPU is of a core, in millionths.
    pub share_ppm: u64,
}

impl EmulatedMachine {
    /// As asked for.
    pub fn new(machine: Machine, emulation: Emulation) -> Self {
        EmulatedMachine { machine, share_ppm: (emulation.vcpu.get() * 1e6).round() as u64 }
    }

    /// All vCPUs, in nanoseconds of vCPU time a millisecond.
    pub fn whole(&self) -> u64 {
        u64::from(self.machine.instance.vcpus) * 1_000_000
    }

    /// What it can use for ever, in the same.
    pub fn baseline(&self) -> u64 {
        Rules::of(&self.machine.instance).map_or(self.whole(), |rules| rules.baseline())
    }

    /// The credit account as it is at time 0; none of a type of fixed performance.
    pub fn account(&self) -> Option<Account> {
        let credits = self.machine.credits;
        Rules::of(&self.machine.instance).map(|rules| Account::open(rules, credits.mode, credits.start))
    }

    /// What one vCPU is of a core.
    pub fn share(&self) -> f64 {
        self.share_ppm as f64 / 1e6
    }

    /// vCPU time that so much CPU of this host is.
    pub fn vcpu_ns(&self, cpu_ns: u64) -> u64 {
        (u128::from(cpu_ns) * 1_000_000 / u128::from(self.share_ppm.max(1))) as u64
    }

    /// The period of the quota, the same throughout: the shortest in which the baseline is a quota that the kernel takes.
    pub fn period_us(&self) -> u64 {
        let fits = |period: &&u64| self.quota_of(self.baseline(), **period) >= LEAST_QUOTA_US;
        PERIODS_US.iter().find(fits).copied().unwrap_or(PERIODS_US[PERIODS_US.len() - 1])
    }

    /// The quota for an allowance, in microseconds of CPU of this host a period.
    pub fn quota_us(&self, allowance: u64) -> u64 {
        self.quota_of(allowance, self.period_us())
    }

    fn quota_of(&self, allowance: u64, period_us: u64) -> u64 {
        let of = |vcpu_ns: u64| {
            u128::from(vcpu_ns) * u128::from(self.share_ppm) * u128::from(period_us) / 1_000_000_000_000
        };
        let most = if allowance < self.whole() { of(MOST_ROOM) } else { u128::MAX };
        let room = (of(allowance) * u128::from(ROOM_PERCENT) / 100).min(most);
        (of(allowance) + room) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;
    use crate::spec::CreditPlan;
    use crate::units::{CreditMode, CreditStart, Share};

    fn emulated(name: &str, vcpu: f64) -> EmulatedMachine {
        let credits = CreditPlan { mode: CreditMode::Standard, start: CreditStart::Exhausted, time_scale: 1 };
        let machine = Machine { instance: find(name).unwrap().clone(), credits };
        let vcpu = Share::new(vcpu).unwrap();
        EmulatedMachine::new(machine, Emulation { vcpu, cgroups: true, restart: false })
    }

    #[test]
    fn the_period_is_the_shortest_in_which_the_baseline_is_a_quota() {
        for (name, vcpu, period, quota) in [
            ("t3.micro", 0.1, 50_000, 1_060),
            ("t3.medium", 0.1, 50_000, 2_090),
            ("m5.large", 0.1, 20_000, 4_240),
            ("t3.nano", 0.01, 1_000_000, 1_060),
        ] {
            let emulated = emulated(name, vcpu);
            assert_eq!(
                (emulated.period_us(), emulated.quota_us(emulated.baseline())),
                (period, quota),
                "{name}"
            );
        }
    }

    #[test]
    fn an_exhausted_instance_is_held_within_two_points_of_its_baseline() {
        for (name, vcpu) in [("t3.nano", 0.4), ("t3.micro", 0.12), ("t3.medium", 0.12), ("t3.2xlarge", 0.1)] {
            let emulated = emulated(name, vcpu);
            let got = emulated.quota_us(emulated.baseline()) as f64 / emulated.period_us() as f64 / vcpu;
            let due = emulated.baseline() as f64 / 1e6;
            assert!(got >= due && got - due < 0.02, "{name}: {got} of {due}");
            let whole = emulated.quota_us(emulated.whole()) as f64 / emulated.period_us() as f64 / vcpu;
            assert!(whole > 1.05 * emulated.whole() as f64 / 1e6, "{name}: {whole}");
        }
    }

    #[test]
    fn a_share_of_a_core_is_a_vcpu() {
        assert_eq!(emulated("t3.micro", 0.1).vcpu_ns(20_000_000), 200_000_000);
    }
}
