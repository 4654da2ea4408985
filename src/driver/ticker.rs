//! How a trial goes, about once a second, from its live counters.

use super::event::Tick;
use super::times::Times;
use crate::load::{LiveAcks, LoadCounts, SoFar};
use crate::timeline::SECOND_NS;

/// Makes a tick of the counters about once a second.
#[derive(Debug)]
pub struct Ticker {
    zero: u64,
    end: u64,
    last: u64,
    due: u64,
    processed: u64,
}

impl Ticker {
    /// For a trial of these times.
    pub fn new(times: &Times) -> Self {
        Ticker { zero: times.zero, end: times.window.1, last: times.zero, due: 0, processed: 0 }
    }

    /// A tick, if the last one is a second ago. `processed` is `None` without consumers.
    pub fn tick(&mut self, now: u64, counts: &LoadCounts, processed: Option<u64>) -> Option<Tick> {
        let since = now.checked_sub(self.last + SECOND_NS)? + SECOND_NS;
        let SoFar { due, acked, .. } = counts.so_far();
        let done = processed.unwrap_or(acked);
        let per_second = |count: u64| count as f64 * 1e9 / since as f64;
        let tick = Tick {
            elapsed_s: (now - self.zero) as f64 / 1e9,
            left_s: self.end.saturating_sub(now) as f64 / 1e9,
            offered_msgs_per_s: per_second(due.saturating_sub(self.due)),
            processed_msgs_per_s: per_second(done.saturating_sub(self.processed)),
            lag_messages: processed.map(|processed| acked.saturating_sub(processed)),
            end_to_end_p99_ms: None,
            ack_p99_ms: counts.live_acks.as_ref().and_then(LiveAcks::p99).map(|ns| ns as f64 / 1e6),
        };
        (self.last, self.due, self.processed) = (now, due, done);
        Some(tick)
    }
}
