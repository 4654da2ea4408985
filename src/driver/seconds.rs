//! What the seconds of an emulated instance come to: added up one by one, in the order of time.

use super::times::Times;
use crate::books::InstanceSecond;
use crate::record::EmulatedInstance;

/// The seconds so far.
#[derive(Clone, Debug, Default)]
pub struct Seconds {
    surplus_credits: Option<f64>,
    charged_credits: Option<f64>,
    memory_max_mib: Option<f64>,
    /// Balance at the end of the first, and of the last before the window.
    first: Option<Balance>,
    before: Option<Balance>,
    window: Sums,
}

/// Credits at a moment; none of a type that has none.
#[derive(Clone, Copy, Debug)]
struct Balance(Option<f64>);

/// Over the seconds in the window.
#[derive(Clone, Debug, Default)]
struct Sums {
    count: u32,
    used: f64,
    allowed: f64,
    /// Known as long as each tells it.
    overhead: Known,
    throttled_ms: Known,
    balance: Option<f64>,
}

/// A sum of what each must tell.
#[derive(Clone, Copy, Debug)]
struct Known(Option<f64>);

impl Default for Known {
    fn default() -> Self {
        Known(Some(0.0))
    }
}

impl Known {
    fn add(&mut self, more: Option<f64>) {
        self.0 = self.0.zip(more).map(|(sum, more)| sum + more);
    }
}

impl Seconds {
    /// One more; without times nothing of it is in a window.
    pub fn add(&mut self, second: &InstanceSecond, times: Option<&Times>) {
        self.surplus_credits = second.surplus_credits;
        self.charged_credits = second.charged_credits;
        self.memory_max_mib = [self.memory_max_mib, second.memory_mib].into_iter().flatten().reduce(f64::max);
        self.first.get_or_insert(Balance(second.balance_credits));
        let Some(times) = times else { return };
        let (from, to) = times.window;
        let relative = |at: u64| at.saturating_sub(times.zero) as f64 / 1e9;
        // A second belongs to the window that its middle lies in.
        let middle = second.t_s + 0.5;
        if middle < relative(from) {
            self.before = Some(Balance(second.balance_credits));
        } else if middle < relative(to) {
            self.window.add(second);
        }
    }

    /// Puts what they come to where it is told; of the window where there was one.
    pub fn put(&self, told: &mut EmulatedInstance, windowed: bool) {
        told.surplus_credits = self.surplus_credits;
        told.charged_credits = self.charged_credits;
        told.memory_max_mib = self.memory_max_mib;
        if !windowed {
            return;
        }
        let window = &self.window;
        let mean = |sum: f64| (window.count > 0).then(|| sum / f64::from(window.count));
        told.used_vcpus = mean(window.used);
        told.allowed_vcpus = mean(window.allowed);
        told.overhead_vcpus = window.overhead.0.and_then(mean);
        told.throttled_ms = window.throttled_ms.0;
        told.balance_start_credits = self.before.or(self.first).and_then(|balance| balance.0);
        told.balance_end_credits = window.balance;
    }
}

impl Sums {
    fn add(&mut self, second: &InstanceSecond) {
        self.count += 1;
        self.used += second.used_vcpus;
        self.allowed += second.allowed_vcpus;
        self.overhead.add(second.overhead_vcpus);
        self.throttled_ms.add(second.throttled_ms);
        self.balance = second.balance_credits;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::SECOND_NS;

    fn told(seconds: &[InstanceSecond], windowed: bool) -> EmulatedInstance {
        let zero = 1_000 * SECOND_NS;
        let window = (zero + 2 * SECOND_NS, zero + 4 * SECOND_NS);
        let times = Times { zero, window, drained: window.1, watched: window.1 };
        let mut sums = Seconds::default();
        for second in seconds {
            sums.add(second, windowed.then_some(&times));
        }
        let mut told = EmulatedInstance::default();
        sums.put(&mut told, windowed);
        told
    }

    fn second(t_s: f64) -> InstanceSecond {
        InstanceSecond {
            t_s,
            used_vcpus: t_s,
            allowed_vcpus: 1.0,
            overhead_vcpus: Some(0.5),
            throttled_ms: Some(10.0),
            balance_credits: Some(100.0 - t_s),
            charged_credits: Some(t_s),
            memory_mib: Some(50.0 - t_s),
            ..InstanceSecond::default()
        }
    }

    #[test]
    fn means_and_balances_are_those_of_the_window_and_peaks_those_of_all() {
        let all: Vec<InstanceSecond> = (0..6).map(|t_s| second(f64::from(t_s))).collect();
        let seen = told(&all, true);
        assert_eq!((seen.used_vcpus, seen.allowed_vcpus), (Some(2.5), Some(1.0)));
        assert_eq!((seen.overhead_vcpus, seen.throttled_ms), (Some(0.5), Some(20.0)));
        assert_eq!((seen.balance_start_credits, seen.balance_end_credits), (Some(99.0), Some(97.0)));
        assert_eq!((seen.charged_credits, seen.memory_max_mib), (Some(5.0), Some(50.0)));
        assert_eq!(told(&all[2..], true).balance_start_credits, Some(98.0), "the first there is");
    }

    #[test]
    fn what_one_second_does_not_tell_is_not_known_of_the_window() {
        let silent = InstanceSecond { overhead_vcpus: None, throttled_ms: None, ..second(3.0) };
        let seen = told(&[second(2.0), silent], true);
        assert_eq!((seen.used_vcpus, seen.overhead_vcpus, seen.throttled_ms), (Some(2.5), None, None));
        let none = told(&[second(0.0)], true);
        assert_eq!((none.used_vcpus, none.balance_end_credits, none.throttled_ms), (None, None, Some(0.0)));
        let without = told(&[second(2.0)], false);
        assert_eq!((without.used_vcpus, without.charged_credits), (None, Some(2.0)));
    }
}
