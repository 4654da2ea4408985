//! The credit account of one instance, by the rules of the EC2 user guide ("CPU credits and baseline utilization", "Unlimited mode concepts").
//!
//! In each millisecond: use is taken from the launch credits first; what is left of it is set off against what is earned. A gain pays surplus back
//! first, then goes to the balance up to the cap, and the rest of it is gone. A loss is taken from the balance; then, in unlimited mode, from surplus
//! credits up to a day of earning, and what lies beyond is charged. In standard mode there is nothing more to take: use that an enforcement lets
//! through all the same is counted as uncovered.
//!
//! AWS lowers an instance *gradually* to its baseline when the balance runs low and gives no curve. Ours is a straight line over the last credit: with
//! the balance at half of [`RAMP`], the CPU above the baseline is half.

use super::credits::{Credits, Rules, SPENT_PER_NS};
use crate::units::{CreditMode, CreditStart};

/// The balance from which on an instance in standard mode is slowed down, one credit: small against what any type keeps (72 at the least), and long
/// enough (33 s of a t3.micro at full speed) that a controller which looks ten times a second at sixtyfold speed follows it.
pub const RAMP: Credits = Credits::from_milli(1_000);

/// Balances of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    rules: Rules,
    mode: CreditMode,
    launch: Credits,
    balance: Credits,
    surplus: Credits,
    charged: Credits,
    uncovered: Credits,
}

impl Account {
    /// The account of an instance that begins so.
    pub fn open(rules: Rules, mode: CreditMode, start: CreditStart) -> Self {
        let (launch, balance) = match start {
            CreditStart::Cold if mode == CreditMode::Standard => (rules.launch, Credits::NONE),
            CreditStart::Cold | CreditStart::Exhausted => (Credits::NONE, Credits::NONE),
            CreditStart::Full => (Credits::NONE, rules.cap),
            CreditStart::Milli(milli) => (Credits::NONE, Credits::from_milli(milli).min(rules.cap)),
        };
        let none = Credits::NONE;
        Account { rules, mode, launch, balance, surplus: none, charged: none, uncovered: none }
    }

    /// Credits that can be spent: the balance, launch credits included.
    pub fn balance(&self) -> Credits {
        Credits(self.balance.0 + self.launch.0)
    }

    /// As if all that can be spent had been.
    pub fn exhaust(&mut self) {
        (self.launch, self.balance) = (Credits::NONE, Credits::NONE);
    }

    /// Credits that are lent and not yet paid back.
    pub fn surplus(&self) -> Credits {
        self.surplus
    }

    /// Surplus credits beyond a day of earning: charged, whatever comes.
    pub fn charged(&self) -> Credits {
        self.charged
    }

    /// What would be charged if the instance were stopped now: all that is lent.
    pub fn settlement(&self) -> Credits {
        self.surplus
    }

    /// Use in standard mode that no credit covered.
    pub fn uncovered(&self) -> Credits {
        self.uncovered
    }

    /// What it may use now, in nanoseconds of CPU a millisecond, all vCPUs together.
    pub fn allowance(&self) -> u64 {
        let (baseline, whole) = (self.rules.baseline(), self.rules.whole());
        let left = self.balance().0;
        if self.mode == CreditMode::Unlimited || left >= RAMP.0 || baseline >= whole {
            return whole;
        }
        baseline + (u128::from(whole - baseline) * left / RAMP.0) as u64
    }

    /// What so many milliseconds can use that no use of it goes uncovered, in nanoseconds of CPU.
    pub fn covers(&self, ms: u64) -> u64 {
        if self.mode == CreditMode::Unlimited {
            return u64::MAX;
        }
        let all = self.balance().0 + u128::from(ms) * self.rules.earned_per_ms;
        u64::try_from(all / SPENT_PER_NS).unwrap_or(u64::MAX)
    }

    /// Milliseconds pass in each of which so many nanoseconds of CPU were used. Whole milliseconds: so that any interval may be split anywhere.
    pub fn pass(&mut self, ms: u64, used_ns_per_ms: u64) {
        let (ms, use_per_ms) = (u128::from(ms), u128::from(used_ns_per_ms) * SPENT_PER_NS);
        // Milliseconds whose use the launch credits cover in whole, one that they cover in part, and the rest.
        let covered = self.launch.0.checked_div(use_per_ms).unwrap_or(0).min(ms);
        self.launch.0 -= covered * use_per_ms;
        self.settle(covered, 0);
        let mut left = ms - covered;
        if left > 0 && self.launch.0 > 0 && use_per_ms > 0 {
            let rest = use_per_ms - self.launch.0;
            self.launch = Credits::NONE;
            self.settle(1, rest);
            left -= 1;
        }
        self.settle(left, use_per_ms);
    }

    fn settle(&mut self, ms: u128, use_per_ms: u128) {
        let earned = self.rules.earned_per_ms;
        if earned >= use_per_ms {
            let gain = ms * (earned - use_per_ms);
            let back = gain.min(self.surplus.0);
            self.surplus.0 -= back;
            self.balance.0 = (self.balance.0 + gain - back).min(self.rules.cap.0.max(self.balance.0));
            return;
        }
        let loss = ms * (use_per_ms - earned);
        let own = loss.min(self.balance.0);
        self.balance.0 -= own;
        let rest = loss - own;
        match self.mode {
            CreditMode::Standard => self.uncovered.0 += rest,
            CreditMode::Unlimited => {
                let lent = rest.min(self.rules.cap.0 - self.surplus.0);
                self.surplus.0 += lent;
                self.charged.0 += rest - lent;
            }
        }
    }

    /// The same for an instance that wants so much and gets what it may: what was used of it, in nanoseconds of CPU.
    pub fn run(&mut self, ms: u64, wanted_ns_per_ms: u64) -> u128 {
        let wanted = wanted_ns_per_ms.min(self.rules.whole());
        let (mut used, mut left) = (0, ms);
        while left > 0 {
            let allowed = wanted.min(self.allowance());
            // As long as the allowance stays above what is wanted, many milliseconds are as one.
            let steps = if allowed < wanted && !self.is_at_rest() {
                1
            } else {
                left.min(self.unhindered(allowed).max(1))
            };
            self.pass(steps, allowed);
            used += u128::from(steps) * u128::from(allowed);
            left -= steps;
        }
        used
    }

    /// Nothing left, and the baseline is exactly what is earned: it stays so.
    fn is_at_rest(&self) -> bool {
        self.balance().0 == 0 && u128::from(self.rules.baseline()) * SPENT_PER_NS == self.rules.earned_per_ms
    }

    /// Milliseconds for which this use stays below the allowance for certain.
    fn unhindered(&self, wanted: u64) -> u64 {
        let loss = (u128::from(wanted) * SPENT_PER_NS).saturating_sub(self.rules.earned_per_ms);
        if self.mode == CreditMode::Unlimited || loss == 0 {
            return u64::MAX;
        }
        // Launch credits are used without earning set off: their milliseconds are fewer.
        let spent = (u128::from(wanted) * SPENT_PER_NS).max(1);
        let above = self.balance().0.saturating_sub(RAMP.0);
        u64::try_from(above / spent).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
