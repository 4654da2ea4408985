//! What the network of an instance type lets through, in each direction, whatever the instance's connections: always its baseline, and more for as long as its
//! credits last. Pure: the time is handed in.

/// Of this much of a second a limited connection takes its bytes at once: what waits behind them waits no longer for them.
const PIECES_PER_S: u64 = 1_000;
/// And no less than this, what a segment carries.
const LEAST_PIECE: usize = 1_448;
const NS_PER_S: f64 = 1e9;

/// What an instance type's network gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Bits per second that it always gives, at least 1.
    pub baseline: u64,
    /// Bits per second at most, as long as credits last.
    pub peak: u64,
    /// How long an instance may go at that peak from the beginning on; in this time its credits are spent, and more it never has.
    pub burst_ns: u64,
}

impl Allowance {
    /// Bits a second by which credits fall at the peak.
    fn beyond(self) -> f64 {
        self.peak.saturating_sub(self.baseline) as f64
    }

    /// Credits at most, in bits.
    fn credits(self) -> f64 {
        self.beyond() * self.burst_ns as f64 / NS_PER_S
    }
}

/// One direction of an instance's network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lane {
    allowance: Allowance,
    /// Bits beyond the baseline that it may still carry at its peak.
    credits: f64,
    /// When the last of what was handed to it is through, Unix ns.
    idle_at: u64,
}

impl Lane {
    /// One with all its credits, at this moment.
    fn new(allowance: Allowance, now: u64) -> Self {
        Lane { allowance, credits: allowance.credits(), idle_at: now }
    }

    /// How many bytes one connection should take at once.
    pub fn piece(&self) -> usize {
        LEAST_PIECE.max((self.allowance.baseline / 8 / PIECES_PER_S) as usize)
    }

    /// Hands it so many bytes now; when the last of them is through.
    pub fn put(&mut self, now: u64, bytes: usize) -> u64 {
        let Allowance { baseline, peak, .. } = self.allowance;
        // What it always gives and nobody takes fills its credits.
        let unused = now.saturating_sub(self.idle_at) as f64 / NS_PER_S * baseline as f64;
        self.credits = (self.credits + unused).min(self.allowance.credits());
        let bits = bytes as f64 * 8.0;
        let (beyond, most) = (self.allowance.beyond(), peak as f64);
        let at_peak_s = if beyond > 0.0 { (self.credits / beyond).min(bits / most) } else { 0.0 };
        self.credits -= at_peak_s * beyond;
        let took_s = at_peak_s + (bits - at_peak_s * most).max(0.0) / baseline as f64;
        self.idle_at = self.idle_at.max(now) + (took_s * NS_PER_S).round() as u64;
        self.idle_at
    }
}

/// An instance's network: to the brokers, and from them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Card(pub [Lane; 2]);

impl Card {
    /// One with all its credits.
    pub fn new(allowance: Allowance, now: u64) -> Self {
        Card([Lane::new(allowance, now); 2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;
    /// A t3.micro's: 8 MB/s always, 625 MB/s at most.
    const MICRO: Allowance = Allowance { baseline: 64_000_000, peak: 5_000_000_000, burst_ns: 0 };

    /// Hands over as much as is taken until a moment; bytes that are through by then.
    fn through(lane: &mut Lane, from: u64, until: u64) -> u64 {
        let (mut now, mut bytes) = (from, 0);
        while now < until {
            now = lane.put(now, 8_000);
            bytes += 8_000;
        }
        bytes
    }

    #[test]
    fn without_credits_an_instance_has_its_baseline_and_not_a_byte_more_however_long_it_rested() {
        let mut lane = Lane::new(MICRO, S);
        assert_eq!(through(&mut lane, S, 11 * S), 80_000_000);
        assert_eq!(through(&mut lane, 60 * S, 61 * S), 8_000_000, "what it did not use is gone");
        assert_eq!(lane.piece(), 8_000);
    }

    #[test]
    fn credits_carry_the_peak_for_as_long_as_is_said_come_back_at_the_baseline_and_are_never_more() {
        let allowance = Allowance { burst_ns: 2 * S, ..MICRO };
        let mut lane = Lane::new(allowance, 0);
        let close = |found: u64, told: u64| assert!(found.abs_diff(told) <= 16_000, "{found} for {told}");
        close(through(&mut lane, 0, 2 * S), 2 * 625_000_000);
        close(through(&mut lane, 2 * S, 3 * S), 8_000_000);
        // Ten seconds of a baseline that nobody takes are 640 Mbit, which last 130 ms at the peak.
        let at_peak_s = 640e6 / (5e9 - 64e6);
        let told = at_peak_s * 625e6 + (1.0 - at_peak_s) * 8e6;
        close(through(&mut lane, 13 * S, 14 * S), told as u64);
        close(through(&mut lane, 10_000 * S, 10_002 * S), 2 * 625_000_000);
    }

    #[test]
    fn a_type_whose_peak_is_its_baseline_has_no_credits() {
        let even = Allowance { baseline: 8_000, peak: 8_000, burst_ns: S };
        assert_eq!(Lane::new(even, 0).put(0, 1_000), S);
    }
}
