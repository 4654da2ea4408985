//! The machine that an instance is emulated on, and what follows for its quota.

use super::cgroup::LEAST_QUOTA_US;
use crate::catalogue::{Account, Rules};
use crate::spec::{Emulation, Machine};

/// The quota stands that much above what is allowed: room for a late wake-up to be made up for. An instance that takes all of it stays within 4 % of
/// what it is due.
const ROOM_PERCENT: u64 = 3;
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
        let fits = |period: &&u64| self.quota_of(self.baseline(), 0, **period) >= LEAST_QUOTA_US;
        PERIODS_US.iter().find(fits).copied().unwrap_or(PERIODS_US[PERIODS_US.len() - 1])
    }

    /// The quota for what is allowed, and for what of it is overhead and not scaled, in microseconds of CPU of this host a period.
    pub fn quota_us(&self, allowed: u64, overhead: u64) -> u64 {
        self.quota_of(allowed, overhead, self.period_us())
    }

    /// Whether a quota is so far from what it should be that it is to be written. The kernel fills a group's quota up at each write: written ten times
    /// a second it lets through twice what it says.
    pub fn is_off(&self, quota_us: u64, due_us: u64) -> bool {
        quota_us.abs_diff(due_us) * 100 > due_us
    }

    fn quota_of(&self, allowed: u64, overhead: u64, period_us: u64) -> u64 {
        let overhead = overhead.min(allowed);
        let host =
            u128::from(allowed - overhead) * u128::from(self.share_ppm) + u128::from(overhead) * 1_000_000;
        (host * u128::from(period_us) * u128::from(100 + ROOM_PERCENT) / 100 / 1_000_000_000_000) as u64
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
            ("t3.micro", 0.1, 50_000, 1_030),
            ("t3.medium", 0.1, 50_000, 2_060),
            ("m5.large", 0.1, 20_000, 4_120),
            ("t3.nano", 0.01, 1_000_000, 1_030),
        ] {
            let emulated = emulated(name, vcpu);
            assert_eq!(
                (emulated.period_us(), emulated.quota_us(emulated.baseline(), 0)),
                (period, quota),
                "{name}"
            );
        }
    }

    #[test]
    fn an_instance_that_takes_its_whole_quota_stays_within_four_percent_of_what_it_is_due() {
        for (name, vcpu) in [("t3.nano", 0.4), ("t3.micro", 0.12), ("t3.medium", 0.12), ("t3.2xlarge", 0.1)] {
            let emulated = emulated(name, vcpu);
            for allowed in [emulated.baseline(), emulated.whole()] {
                for overhead in [0, allowed / 20] {
                    let got = emulated.quota_us(allowed, overhead) as f64 / emulated.period_us() as f64;
                    let due = (vcpu * (allowed - overhead) as f64 + overhead as f64) / 1e6;
                    assert!((1.0..1.04).contains(&(got / due)), "{name}: {got} of {due} cores");
                }
            }
        }
    }

    #[test]
    fn a_quota_is_written_when_it_is_off_and_not_at_every_look() {
        let emulated = emulated("t3.micro", 0.1);
        assert!(
            !emulated.is_off(1_030, 1_039) && emulated.is_off(1_030, 1_042) && emulated.is_off(1_042, 1_030)
        );
    }

    #[test]
    fn a_share_of_a_core_is_a_vcpu() {
        assert_eq!(emulated("t3.micro", 0.1).vcpu_ns(20_000_000), 200_000_000);
    }
}
