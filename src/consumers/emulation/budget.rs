//! What one instance may use, from what it was seen to use. Pure: it is told of the time that passed.
//!
//! On the full-size instance work takes its whole time and all else what it takes: the use is work + overhead. Here work costs a share of that and
//! overhead is not scaled, so the host's CPU tells the use only where the instance says how much of it was work. What is left of the allowance after the
//! overhead is for the work; the quota is share × (allowed − overhead) + overhead.

use super::machine::EmulatedMachine;
use crate::catalogue::Account;

/// Over how long overhead is averaged, in milliseconds: some of it comes once a second, a report and a commit.
const SMOOTH_MS: u64 = 1_000;
/// In how long use beyond what credits cover is worked off again, in milliseconds: some ticks, so that the loop does not swing.
const REPAY_MS: u64 = 1_000;
/// Use that waits to be covered for longer than this many milliseconds of the whole instance is no jitter: it is uncovered, and told as that.
const MOST_OWED_MS: u64 = 1_000;

/// CPU time since the start of an instance, in nanoseconds, as it stands at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Of this host, all that the kernel counted.
    pub cpu_ns: u64,
    /// What the instance said of its work; none where it does not say, and all that it uses is taken for work.
    pub said: Option<Said>,
}

/// Work under a pace since the start of an instance, as it says itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Time of the full-size instance's vCPUs.
    pub vcpu_ns: u64,
    /// CPU time of this host that it cost.
    pub cpu_ns: u64,
}

/// Use of the full-size instance since time 0, in nanoseconds of vCPU time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Its work.
    pub work_ns: u64,
    /// All else.
    pub overhead_ns: u64,
}

impl Use {
    /// Both.
    pub fn all(self) -> u64 {
        self.work_ns + self.overhead_ns
    }

    /// Since an earlier moment.
    pub fn since(self, earlier: Use) -> Use {
        Use {
            work_ns: self.work_ns.saturating_sub(earlier.work_ns),
            overhead_ns: self.overhead_ns.saturating_sub(earlier.overhead_ns),
        }
    }
}

/// What holds until the next look, in nanoseconds of vCPU time a millisecond, all vCPUs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orders {
    /// What it may use.
    pub allowed: u64,
    /// What it may use of that for its work.
    pub work: u64,
    /// What it needs for all else.
    pub overhead: u64,
}

/// The credits and the allowance of one instance.
#[derive(Clone, Debug)]
pub struct Budget {
    machine: EmulatedMachine,
    account: Option<Account>,
    began: Option<Seen>,
    used: Use,
    passed_ms: u64,
    /// Overhead, smoothed, in nanoseconds a millisecond.
    overhead: f64,
    /// Use that is not charged yet.
    owed_ns: u64,
}

impl Budget {
    /// As it is at time 0.
    pub fn new(machine: EmulatedMachine) -> Self {
        let account = machine.account();
        Budget {
            machine,
            account,
            began: None,
            used: Use::default(),
            passed_ms: 0,
            overhead: 0.0,
            owed_ns: 0,
        }
    }

    /// What the instance is emulated on.
    pub fn machine(&self) -> &EmulatedMachine {
        &self.machine
    }

    /// The credit account; none of a type of fixed performance.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// All credits are spent at once; whether there is an account.
    pub fn exhaust(&mut self) -> bool {
        self.account.as_mut().map(Account::exhaust).is_some()
    }

    /// What was used since the first look.
    pub fn used(&self) -> Use {
        self.used
    }

    /// What holds now.
    pub fn orders(&self) -> Orders {
        let allowed = self.account.map_or(self.machine.whole(), |account| account.allowance());
        let overhead = (self.overhead.round() as u64).min(allowed);
        Orders { allowed, work: (allowed - overhead).saturating_sub(self.owed_ns / REPAY_MS), overhead }
    }

    /// So many milliseconds have passed since the look before, and this is what is seen now. What was used before the first look is not counted.
    pub fn pass(&mut self, ms: u64, seen: Seen) {
        let Some(began) = self.began else {
            self.began = Some(seen);
            return;
        };
        let used = self.full_size(began, seen);
        let news = used.since(self.used);
        self.used = used;
        if ms == 0 {
            self.owed_ns += news.all();
            return;
        }
        self.passed_ms += ms;
        let over = self.passed_ms.min(SMOOTH_MS).max(ms) as f64;
        self.overhead += (news.overhead_ns as f64 / ms as f64 - self.overhead) * ms as f64 / over;
        self.charge(ms, news.all());
    }

    fn full_size(&self, began: Seen, seen: Seen) -> Use {
        let cpu_ns = seen.cpu_ns.saturating_sub(began.cpu_ns);
        let Some(said) = seen.said else {
            return Use { work_ns: self.machine.vcpu_ns(cpu_ns), overhead_ns: 0 };
        };
        let before = began.said.unwrap_or_default();
        let of_work = said.cpu_ns.saturating_sub(before.cpu_ns);
        Use {
            work_ns: said.vcpu_ns.saturating_sub(before.vcpu_ns),
            // It says what it did with the last slice a little later than the kernel counts it: until then that is taken for overhead, and set right
            // with what follows.
            overhead_ns: cpu_ns.saturating_sub(of_work).max(self.used.overhead_ns),
        }
    }

    /// Jitter about the allowance is no overdraft: what credits do not cover waits, and is worked off before anything is given.
    fn charge(&mut self, ms: u64, news_ns: u64) {
        self.owed_ns += news_ns;
        let Some(account) = &mut self.account else {
            self.owed_ns = 0;
            return;
        };
        let scale = u64::from(self.machine.machine.credits.time_scale.max(1));
        let covered = account.covers(ms * scale) / scale;
        let most = self.machine.whole() * MOST_OWED_MS;
        let charged = self.owed_ns.min(covered).max(self.owed_ns.saturating_sub(most)) / ms;
        account.pass(ms * scale, charged);
        self.owed_ns -= charged * ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Credits, find};
    use crate::spec::{CreditPlan, Emulation, Machine};
    use crate::units::{CreditMode, CreditStart, Share};

    const TICK_MS: u64 = 100;
    const MS: u64 = 1_000_000;

    fn machine(name: &str, vcpu: f64, mode: CreditMode, start: CreditStart) -> EmulatedMachine {
        let credits = CreditPlan { mode, start, time_scale: 1 };
        let machine = Machine { instance: find(name).unwrap().clone(), credits };
        let vcpu = Share::new(vcpu).unwrap();
        EmulatedMachine::new(machine, Emulation { vcpu, cgroups: true, restart: false })
    }

    fn exhausted(name: &str, vcpu: f64) -> EmulatedMachine {
        machine(name, vcpu, CreditMode::Standard, CreditStart::Exhausted)
    }

    /// An instance that works as much as it may and needs `overhead` nanoseconds a millisecond besides, twice of it in one tick and none in the next.
    struct Busy {
        budget: Budget,
        share: f64,
        seen: Seen,
        said: Said,
        overhead: u64,
        tick: u64,
    }

    impl Busy {
        fn new(machine: EmulatedMachine, overhead: u64) -> Self {
            let share = machine.share();
            let mut budget = Budget::new(machine);
            let seen = Seen { cpu_ns: 5_000, said: Some(Said::default()) };
            budget.pass(0, seen);
            Busy { budget, share, seen, said: Said::default(), overhead, tick: 0 }
        }

        fn seconds(&mut self, seconds: u64) -> (Use, Orders) {
            let before = self.budget.used();
            for _ in 0..seconds * 1_000 / TICK_MS {
                self.tick += 1;
                let work = self.budget.orders().work * TICK_MS;
                let cpu = (work as f64 * self.share) as u64;
                self.said = Said { vcpu_ns: self.said.vcpu_ns + work, cpu_ns: self.said.cpu_ns + cpu };
                let overhead = if self.tick.is_multiple_of(2) { 2 * self.overhead * TICK_MS } else { 0 };
                self.seen = Seen { cpu_ns: self.seen.cpu_ns + cpu + overhead, said: Some(self.said) };
                self.budget.pass(TICK_MS, self.seen);
            }
            (self.budget.used().since(before), self.budget.orders())
        }
    }

    #[test]
    fn work_gets_what_overhead_leaves_of_the_baseline_at_any_share_of_a_core() {
        let work = [0.12, 0.2, 1.0].map(|vcpu| {
            let mut busy = Busy::new(exhausted("t3.micro", vcpu), 6_000);
            busy.seconds(3);
            let (used, _) = busy.seconds(20);
            assert!((used.overhead_ns as f64 / (20_000.0 * 6_000.0) - 1.0).abs() < 1e-9);
            let all = used.all() as f64 / 20_000.0;
            assert!((all / 200_000.0 - 1.0).abs() < 0.002, "{all} ns a ms at {vcpu}");
            used.work_ns as f64 / 20_000.0
        });
        for work in work {
            assert!((work / 194_000.0 - 1.0).abs() < 0.002, "{work} ns of work a ms");
        }
    }

    #[test]
    fn credits_are_charged_work_and_overhead_as_on_the_real_instance() {
        let full = machine("t3.micro", 0.12, CreditMode::Standard, CreditStart::Milli(30_000));
        let mut busy = Busy::new(full, 6_000);
        // Two vCPUs for half a minute are a credit; 0.1 of one comes in.
        let (used, orders) = busy.seconds(30);
        assert_eq!(orders.allowed, 2_000_000);
        assert!((used.all() as f64 / 60e9 - 1.0).abs() < 0.001, "{used:?}");
        let left = busy.budget.account().unwrap().balance().as_f64();
        let spent = used.all() as f64 / 60e9;
        assert!((left - (30.0 + 0.1 - spent)).abs() < 0.001, "{left} credits after {spent}");
    }

    #[test]
    fn jitter_about_the_baseline_neither_gains_credits_nor_overdraws_them() {
        let mut busy = Busy::new(exhausted("t3.micro", 0.12), 6_000);
        busy.seconds(60);
        let account = busy.budget.account().unwrap();
        assert_eq!(account.uncovered(), Credits::NONE);
        assert!(account.balance().as_f64() < 0.001, "{account:?}");
    }

    #[test]
    fn the_quota_is_the_work_scaled_and_the_overhead_as_it_is() {
        for vcpu in [0.12, 0.2] {
            let machine = exhausted("t3.micro", vcpu);
            let mut busy = Busy::new(machine.clone(), 6_000);
            let (_, orders) = busy.seconds(20);
            let quota = machine.quota_us(orders.allowed, orders.overhead) as f64 / machine.period_us() as f64;
            let due = vcpu * (0.2 - 0.006) + 0.006;
            assert!((1.0..1.06).contains(&(quota / due)), "{quota} of {due} cores");
        }
    }

    #[test]
    fn overhead_that_takes_all_leaves_no_work_and_no_more_than_what_is_allowed() {
        let mut busy = Busy::new(exhausted("t3.nano", 0.1), 300_000);
        let (_, orders) = busy.seconds(5);
        assert_eq!((orders.allowed, orders.work, orders.overhead), (100_000, 0, 100_000));
    }

    #[test]
    fn what_is_used_beyond_all_credits_for_long_is_told_as_uncovered() {
        let mut busy = Busy::new(exhausted("t3.nano", 0.1), 300_000);
        busy.seconds(60);
        assert!(busy.budget.account().unwrap().uncovered().as_f64() > 0.1);
    }

    #[test]
    fn of_a_program_that_does_not_say_what_its_work_is_all_counts_as_work() {
        let mut budget = Budget::new(exhausted("t3.micro", 0.1));
        budget.pass(0, Seen { cpu_ns: 7 * MS, said: None });
        budget.pass(TICK_MS, Seen { cpu_ns: 9 * MS, said: None });
        assert_eq!(budget.used(), Use { work_ns: 20 * MS, overhead_ns: 0 });
        assert_eq!(budget.orders().work, 200_000);
    }

    #[test]
    fn what_is_said_late_is_charged_once_it_is_said() {
        let mut budget = Budget::new(exhausted("t3.micro", 0.1));
        let said = |vcpu_ns, cpu_ns| Some(Said { vcpu_ns, cpu_ns });
        budget.pass(0, Seen { cpu_ns: 0, said: said(0, 0) });
        budget.pass(TICK_MS, Seen { cpu_ns: 2 * MS, said: said(10 * MS, MS) });
        assert_eq!(budget.used(), Use { work_ns: 10 * MS, overhead_ns: MS }, "half of it is not told yet");
        budget.pass(TICK_MS, Seen { cpu_ns: 3 * MS, said: said(30 * MS, 3 * MS) });
        assert_eq!(budget.used().work_ns, 30 * MS);
        budget.pass(TICK_MS, Seen { cpu_ns: 5 * MS, said: said(40 * MS, 4 * MS) });
        assert_eq!(budget.used(), Use { work_ns: 40 * MS, overhead_ns: MS }, "and nothing twice");
    }
}
