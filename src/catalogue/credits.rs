//! Credits and the rates at which a type earns and spends them, exact on a grid of milliseconds.
//!
//! One credit is one vCPU for a minute (EC2 user guide, "Earn CPU credits"). All amounts are whole thirds of a vCPU-nanosecond: then both a
//! millisecond of earning a thousandth of a credit per hour (50 of them) and a nanosecond of one vCPU (3 of them) are whole.

use std::fmt;

use crate::units::{InstanceType, Money};

/// Of one credit.
const UNITS: u128 = 180_000_000_000;
/// Earned in a millisecond for each thousandth of a credit per hour.
const EARNED_PER_MILLI: u128 = 50;
/// Spent in a nanosecond of one vCPU.
pub(super) const SPENT_PER_NS: u128 = 3;
/// Nanoseconds of CPU in a millisecond of one vCPU.
pub(super) const VCPU: u64 = 1_000_000;

/// A number of credits, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Credits(pub(super) u128);

impl Credits {
    /// None.
    pub const NONE: Credits = Credits(0);

    /// From thousandths of a credit.
    pub const fn from_milli(milli: u64) -> Self {
        Credits(milli as u128 * (UNITS / 1_000))
    }

    /// For showing and for tables; nothing is added up from it.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / UNITS as f64
    }

    /// What they cost as surplus, at a price of a vCPU-hour: sixty credits.
    pub fn price(self, per_vcpu_hour: Money) -> Money {
        per_vcpu_hour.times(self.0, UNITS * 60)
    }
}

impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.as_f64())
    }
}

/// What a burstable type earns, may keep, and can spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// vCPUs: what can be spent at most.
    pub vcpus: u32,
    /// Earned in each millisecond, in thirds of a vCPU-nanosecond.
    pub(super) earned_per_ms: u128,
    /// The most that is kept; also the most that is lent.
    pub cap: Credits,
    /// Given to a new instance in standard mode, not counted in the cap.
    pub launch: Credits,
}

impl Rules {
    /// Of a type; none where it has fixed performance.
    pub fn of(instance: &InstanceType) -> Option<Self> {
        let earning = instance.credits?;
        Some(Rules {
            vcpus: instance.vcpus,
            earned_per_ms: u128::from(earning.milli_per_hour) * EARNED_PER_MILLI,
            cap: Credits::from_milli(earning.milli_max),
            launch: Credits::from_milli(earning.milli_launch),
        })
    }

    /// The use that credits neither gain nor lose by, in nanoseconds of CPU a millisecond, all vCPUs together: 200 000 for a t3.micro.
    pub fn baseline(&self) -> u64 {
        (self.earned_per_ms / SPENT_PER_NS) as u64
    }

    /// The use of all vCPUs, in nanoseconds of CPU a millisecond.
    pub fn whole(&self) -> u64 {
        u64::from(self.vcpus) * VCPU
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;

    #[test]
    fn a_types_baseline_is_what_it_earns() {
        let baseline = |name: &str| Rules::of(find(name).unwrap()).map(|rules| rules.baseline());
        assert_eq!(baseline("t3.nano"), Some(100_000));
        assert_eq!(baseline("t3.micro"), Some(200_000));
        assert_eq!(baseline("t3.medium"), Some(400_000));
        assert_eq!(baseline("t2.2xlarge"), Some(1_360_000));
        assert_eq!(baseline("m5.large"), None);
    }

    #[test]
    fn sixty_surplus_credits_cost_a_vcpu_hour() {
        let price = "$0.05".parse().unwrap();
        assert_eq!(Credits::from_milli(60_000).price(price), price);
        assert_eq!(Credits::from_milli(108_000).price(price).to_string(), "0.09");
    }
}
