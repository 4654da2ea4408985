//! What the time of each member goes to: waiting for a message, for another system, for a disk. What is left is its own work.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::{Deserialize, Serialize};

use crate::timeline::quarter_of;

/// What one member's time went to since its start, in nanoseconds of wall time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// There was no message to be taken.
    pub idle_ns: u64,
    /// Quarter seconds in which there was none for some of the time.
    pub idle_quarters: u64,
    /// It waited for another system (`work.wait`).
    pub wait_ns: u64,
    /// It wrote to a disk (`work.disk`).
    pub disk_ns: u64,
}

impl Spent {
    /// What was spent since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Spent) -> Spent {
        Spent {
            idle_ns: self.idle_ns.saturating_sub(earlier.idle_ns),
            idle_quarters: self.idle_quarters.saturating_sub(earlier.idle_quarters),
            wait_ns: self.wait_ns.saturating_sub(earlier.wait_ns),
            disk_ns: self.disk_ns.saturating_sub(earlier.disk_ns),
        }
    }
}

/// The same while it goes on: written by the member's thread, read by anybody.
#[derive(Debug, Default)]
pub struct Spending {
    idle_ns: AtomicU64,
    idle_quarters: AtomicU64,
    /// The first quarter second (since 1970) that is not counted yet.
    next_quarter: AtomicU64,
    wait_ns: AtomicU64,
    disk_ns: AtomicU64,
}

impl Spending {
    /// It had nothing to do between these moments (Unix ns).
    pub fn idle(&self, from_ns: u64, to_ns: u64) {
        self.idle_ns.fetch_add(to_ns.saturating_sub(from_ns), Relaxed);
        let (first, last) = (quarter_of(from_ns).max(self.next_quarter.load(Relaxed)), quarter_of(to_ns));
        self.idle_quarters.fetch_add((last + 1).saturating_sub(first), Relaxed);
        self.next_quarter.store(first.max(last + 1), Relaxed);
    }

    /// It waited for another system for so long.
    pub fn wait(&self, ns: u64) {
        self.wait_ns.fetch_add(ns, Relaxed);
    }

    /// It wrote to a disk for so long.
    pub fn disk(&self, ns: u64) {
        self.disk_ns.fetch_add(ns, Relaxed);
    }

    /// So far.
    pub fn read(&self) -> Spent {
        let all = [&self.idle_ns, &self.idle_quarters, &self.wait_ns, &self.disk_ns];
        let [idle_ns, idle_quarters, wait_ns, disk_ns] = all.map(|sum| sum.load(Relaxed));
        Spent { idle_ns, idle_quarters, wait_ns, disk_ns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::QUARTER_NS;

    #[test]
    fn each_quarter_second_without_work_is_counted_once() {
        let spending = Spending::default();
        let at = |quarters: f64| (1_000.0 * QUARTER_NS as f64 + quarters * QUARTER_NS as f64) as u64;
        for (from, to) in [(0.1, 0.2), (0.6, 0.9), (0.95, 2.5), (2.6, 2.7), (5.0, 5.1)] {
            spending.idle(at(from), at(to));
        }
        let spent = spending.read();
        assert_eq!(spent.idle_quarters, 4, "0, 1, 2 and 5");
        let idle_s = spent.idle_ns as f64 / QUARTER_NS as f64;
        assert!((idle_s - 2.15).abs() < 1e-6, "{idle_s}");
        assert_eq!(spending.read().since(spent), Spent::default());
    }
}
