//! The latency of a window that is not over: of what has come through so far, for whoever watches. No result is made of it.

use crate::books::dense::MAX_NS;
use crate::books::{Sparse, Sum};
use crate::timeline::second_of;
use crate::units::Latency;

/// End-to-end latencies of messages that were due in the window, so far.
#[derive(Debug, Default)]
pub struct Live(Sum);

impl Live {
    /// Adds a histogram of a second, if it is one of the window's.
    pub fn add(&mut self, window: Option<(u64, u64)>, latency: Latency, (second, of): (u64, &Sparse)) {
        if is_in(window, latency, second) {
            self.0.add(of);
        }
    }

    /// Adds one message.
    pub fn record(&mut self, window: Option<(u64, u64)>, latency: Latency, (second, ns): (u64, u64)) {
        if is_in(window, latency, second) {
            self.0.record_n(ns.min(MAX_NS), 1);
        }
    }

    /// What 99 of 100 of them did not go beyond, ns; none of less than a hundred.
    pub fn p99(&self) -> Option<u64> {
        let of = self.0.len();
        let rank = of - of / 100;
        let mut below = 0;
        let all = self.0.sparse();
        let mut reached = all.iter().filter(|(_, count)| {
            below += count;
            below >= rank
        });
        (of >= 100).then(|| reached.next())?.map(|(ns, _)| ns)
    }
}

fn is_in(window: Option<(u64, u64)>, latency: Latency, second: u64) -> bool {
    let seconds = |(from, to): (u64, u64)| (second_of(from)..second_of(to)).contains(&second);
    latency == Latency::EndToEnd && window.is_some_and(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_due_in_the_window_is_watched_and_a_percentile_needs_a_hundred() {
        let mut live = Live::default();
        let window = Some((10_000_000_000, 20_000_000_000));
        for ms in 1..=99 {
            live.record(window, Latency::EndToEnd, (10, ms * 1_000_000));
        }
        live.record(window, Latency::EndToEnd, (9, 1));
        live.record(window, Latency::EndToEnd, (20, 1));
        live.record(window, Latency::Ack, (12, 1));
        live.record(None, Latency::EndToEnd, (12, 1));
        assert_eq!(live.p99(), None);
        live.record(window, Latency::EndToEnd, (19, 100_000_000));
        let p99 = live.p99().unwrap() as f64 / 1e6;
        assert!((98.9..99.5).contains(&p99), "{p99}");
    }
}
