//! The ack latency of a window that is not over, for whoever watches a load that nobody reads. No result is made of it: it is coarser than what is.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::timeline::second_of;

/// Between two powers of two lie so many counters: what is read is at most a thirty-second too high.
const STEPS: u64 = 32;
const BITS: u32 = STEPS.trailing_zeros();
/// Of less a percentile says nothing.
const LEAST: u64 = 100;

/// Counters by latency, which all reporters add to.
#[derive(Debug)]
pub struct LiveAcks {
    seconds: Range<u64>,
    counts: Box<[AtomicU64]>,
}

impl LiveAcks {
    /// For messages that are due in the window, Unix ns.
    pub fn new(window: &Range<u64>) -> Self {
        let counters = ((u64::BITS - BITS + 1) as usize) * STEPS as usize;
        LiveAcks {
            seconds: second_of(window.start)..second_of(window.end),
            counts: (0..counters).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Adds a message by the second in which it was due.
    pub fn record(&self, second: u64, ns: u64) {
        if let (true, Some(counter)) = (self.seconds.contains(&second), self.counts.get(place(ns))) {
            counter.fetch_add(1, Relaxed);
        }
    }

    /// What 99 of 100 of them did not go beyond, ns; none of less than a hundred.
    pub fn p99(&self) -> Option<u64> {
        let counts: Vec<u64> = self.counts.iter().map(|count| count.load(Relaxed)).collect();
        let of: u64 = counts.iter().sum();
        let rank = of - of / 100;
        let mut below = 0;
        let reached = counts.iter().position(|count| {
            below += count;
            below >= rank
        });
        (of >= LEAST).then_some(reached?).map(greatest)
    }
}

/// The counter of a latency: each up to `STEPS` has its own, then each power of two has `STEPS`.
const fn place(ns: u64) -> usize {
    if ns < STEPS {
        return ns as usize;
    }
    let power = ns.ilog2() - BITS;
    ((power as u64 + 1) * STEPS + ((ns >> power) - STEPS)) as usize
}

/// The greatest latency that a counter counts.
const fn greatest(place: usize) -> u64 {
    let (row, step) = (place as u64 / STEPS, place as u64 % STEPS);
    if row == 0 { step } else { ((STEPS + step + 1) << (row - 1)) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_latency_has_a_counter_and_is_read_at_most_a_thirty_second_too_high() {
        let live = LiveAcks::new(&(0..1));
        for ns in (0..63).map(|bit| 1_u64 << bit).flat_map(|ns| [ns - 1, ns, ns + ns / 3]) {
            let read = greatest(place(ns));
            assert!(place(ns) < live.counts.len() && read >= ns && read - ns <= ns / STEPS, "{ns} {read}");
        }
        assert!(place(u64::MAX) < live.counts.len());
    }

    #[test]
    fn only_what_was_due_in_the_window_is_watched_and_a_percentile_needs_a_hundred() {
        let live = LiveAcks::new(&(10_000_000_000..20_000_000_000));
        for ms in 1..=99 {
            live.record(10, ms * 1_000_000);
        }
        live.record(9, 1);
        live.record(20, 1);
        assert_eq!(live.p99(), None);
        live.record(19, 100_000_000);
        let read = live.p99().unwrap() as f64 / 1e6;
        assert!((99.0..=99.0 * 33.0 / 32.0).contains(&read), "{read}");
    }
}
