//! One clock: Unix nanoseconds that never jump, the same in all processes of one host.
//!
//! CLOCK_MONOTONIC is shared by all processes of a host but counts from its boot. It is anchored to Unix time once, when a run starts, and the anchor
//! is handed to every child as a number. A step of the wall clock afterwards changes nothing that is measured; `drift_ns` shows it.

use rustix::time::{ClockId, Timespec, clock_gettime};
use serde::{Deserialize, Serialize};

/// Length of a second, in nanoseconds.
pub const SECOND_NS: u64 = 1_000_000_000;
/// Length of a quarter second, the grid on which everything is cut, in nanoseconds.
pub const QUARTER_NS: u64 = SECOND_NS / 4;

/// CLOCK_MONOTONIC, anchored once to Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Clock {
    offset_ns: i64,
}

impl Clock {
    /// Anchored to what the wall clock says now.
    pub fn anchor() -> Self {
        Clock { offset_ns: wall_less_monotonic() }
    }

    /// The clock of a parent, from its `offset_ns`.
    #[cfg(test)]
    pub const fn from_offset(offset_ns: i64) -> Self {
        Clock { offset_ns }
    }

    /// Unix time less CLOCK_MONOTONIC, as of the anchoring: what a child is handed.
    pub const fn offset_ns(self) -> i64 {
        self.offset_ns
    }

    /// Unix nanoseconds now.
    pub fn now(self) -> u64 {
        read(ClockId::Monotonic).saturating_add_signed(self.offset_ns)
    }

    /// What CLOCK_MONOTONIC shows at a Unix time, for a sleep until then.
    pub fn mono_at(self, unix_ns: u64) -> Timespec {
        timespec(unix_ns.saturating_add_signed(-self.offset_ns))
    }

    /// How far the wall clock is ahead of this one now; its change is a step or a slew of the wall clock.
    pub fn drift_ns(self) -> i64 {
        wall_less_monotonic() - self.offset_ns
    }
}

/// CPU time that the calling thread has used, in nanoseconds.
pub fn thread_cpu_ns() -> u64 {
    read(ClockId::ThreadCPUTime)
}

/// CPU time that this process has used, in nanoseconds.
pub fn process_cpu_ns() -> u64 {
    read(ClockId::ProcessCPUTime)
}

/// The absolute quarter second, since 1970, that holds a Unix time.
pub const fn quarter_of(unix_ns: u64) -> u64 {
    unix_ns / QUARTER_NS
}

/// The absolute second, since 1970, that holds a Unix time.
pub const fn second_of(unix_ns: u64) -> u64 {
    unix_ns / SECOND_NS
}

fn read(id: ClockId) -> u64 {
    let time = clock_gettime(id);
    time.tv_sec as u64 * SECOND_NS + time.tv_nsec as u64
}

fn timespec(ns: u64) -> Timespec {
    Timespec { tv_sec: (ns / SECOND_NS) as i64, tv_nsec: (ns % SECOND_NS) as i64 }
}

/// The wall clock is read between two readings of the other; of a few tries the narrowest wins, as the thread may be put aside in between.
fn wall_less_monotonic() -> i64 {
    let readings = (0..5).map(|_| {
        let before = read(ClockId::Monotonic);
        let wall = read(ClockId::Realtime);
        let after = read(ClockId::Monotonic);
        (after - before, wall as i64 - (before.midpoint(after)) as i64)
    });
    readings.min_by_key(|(width, _)| *width).map_or(0, |(_, offset)| offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_with_the_parents_offset_reads_the_same_time() {
        let parent = Clock::anchor();
        let before = parent.now();
        let child = Clock::from_offset(parent.offset_ns()).now();
        assert!(before <= child && child <= parent.now());
    }

    #[test]
    fn an_absolute_time_is_turned_back_into_the_monotonic_one() {
        let clock = Clock::from_offset(1_000_000_000_000_000_000);
        let mono = clock.mono_at(1_000_000_005_250_000_000);
        assert_eq!((mono.tv_sec, mono.tv_nsec), (5, 250_000_000));
    }

    #[test]
    fn drift_is_how_far_the_wall_clock_is_ahead() {
        let behind = Clock::from_offset(Clock::anchor().offset_ns() - 3_600 * SECOND_NS as i64);
        assert!((behind.drift_ns() / SECOND_NS as i64 - 3_600).abs() <= 1);
    }

    #[test]
    fn quarters_and_seconds_begin_on_the_grid() {
        assert_eq!(quarter_of(10 * SECOND_NS), 40);
        assert_eq!(quarter_of(10 * SECOND_NS - 1), 39);
        assert_eq!(second_of(10 * SECOND_NS + 999_999_999), 10);
    }

    #[test]
    fn cpu_time_moves_only_by_use() {
        let start = thread_cpu_ns();
        while thread_cpu_ns() < start + 100_000 {}
        assert!(process_cpu_ns() >= 100_000);
    }
}
