//! One latency over the window, with the messages that never showed theirs.
//!
//! `n` is all messages due in the window, whatever became of them. Those without a value took longer than we watched, and each of them was watched for a
//! time of its own: from its second of due to the end of the drain. So a percentile is read twice, by rank over `n`. With each of them at the least that
//! it can have been, ranked together with the known values, it is certainly not below the one reading; with all of them above everything that is known it
//! is certainly not above the other. Where the two are the same it is known, where they are not it lies between them, and where the second is nothing it
//! lies beyond the first.

use crate::analyse::Reading;
use crate::books::{Sparse, Sum};
use crate::record::Latencies;
use crate::units::{Latency, Quantile};

/// One latency over the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watched {
    /// Messages due in the window.
    pub n: u64,
    /// Of these, the ones without a value.
    pub censored: u64,
    /// Values in ns and how often.
    known: Sparse,
    /// The least that the censored ones can have been, in ns, and how many have it.
    at_least: Vec<(u64, u64)>,
}

impl Watched {
    /// From all latencies of a trial. `due_by_second` are the messages due in each second of the window, which is `measure_s` long;
    /// `watched_s` is the time from the window's start to the end of the drain.
    pub fn new(
        latencies: &Latencies,
        latency: Latency,
        due: u64,
        due_by_second: &[u64],
        measure_s: f64,
        watched_s: f64,
    ) -> Self {
        let known = latencies.window(latency, 0, measure_s.ceil() as i64);
        let censored = due.saturating_sub(known.len());
        let (mut at_least, mut left) = (Vec::new(), censored);
        // Latest first: should the seconds not add up to the whole, the smaller bounds are the ones that are certain.
        for (second, due) in due_by_second.iter().enumerate().rev() {
            let silent = due.saturating_sub(latencies.count(second as i64, latency)).min(left);
            let bound_s = (watched_s - (second as f64 + 1.0).min(measure_s)).max(0.0);
            at_least.push(((bound_s * 1e9) as u64, silent));
            left -= silent;
        }
        at_least.push((((watched_s - measure_s).max(0.0) * 1e9) as u64, left));
        at_least.retain(|(_, count)| *count > 0);
        at_least.shrink_to_fit();
        Watched { n: due.max(known.len()), censored, known, at_least }
    }

    /// Of so many messages those whose values are known; the others took at least that long.
    pub fn among(known: Sparse, n: u64, at_least_ns: u64) -> Self {
        let censored = n.saturating_sub(known.len());
        let at_least = if censored > 0 { vec![(at_least_ns, censored)] } else { Vec::new() };
        Watched { n: n.max(known.len()), censored, known, at_least }
    }

    /// Of values that are all known.
    pub fn known(known: Sparse) -> Self {
        Watched { n: known.len(), known, ..Watched::default() }
    }

    /// Adds all messages of another trial.
    pub fn merge(&mut self, other: Watched) {
        self.n += other.n;
        self.censored += other.censored;
        let mut sum = Sum::default();
        sum.add(&self.known);
        sum.add(&other.known);
        self.known = sum.take();
        self.at_least.extend(other.at_least);
    }

    /// A percentile in ms, or the greatest value.
    pub fn read(&self, quantile: Quantile) -> Reading {
        if quantile.is_said_of(self.n as f64) { self.rank(quantile) } else { Reading::TooFew }
    }

    /// The same without asking for enough samples; for limits of our own.
    pub fn read_anyway(&self, quantile: Quantile) -> Reading {
        self.rank(quantile)
    }

    /// Over the known values alone; only for questions that the censored have no part in.
    pub fn read_known(&self, quantile: Quantile) -> Reading {
        known_at(&self.known, quantile).map(in_ms).into()
    }

    /// Whether a percentile lies above the bound however much of a latency was that delay, of whichever messages: latencies that count from due hold
    /// what bench itself was late. For any t, at least as many messages would have been above the bound without it as were above the bound by more
    /// than t, less those that were delayed by more than t.
    pub fn is_above_without(&self, delay: &Watched, quantile: Quantile, bound_ms: f64) -> bool {
        let may_be_above = self.n.saturating_sub(rank_of(quantile, self.n));
        let bound_ns = (bound_ms.max(0.0) * 1e6) as u64;
        let descending = |mut all: Vec<(u64, u64)>| {
            all.sort_unstable_by(|a, b| b.cmp(a));
            all
        };
        let all = descending(self.known.iter().chain(self.at_least.iter().copied()).collect());
        let delay = descending(delay.known.iter().collect());
        let (mut latencies, mut delays) = (all.iter().peekable(), delay.iter().peekable());
        let (mut above, mut delayed) = (0, 0);
        // From the greatest delay down: ever more lie above, ever more were delayed by more.
        let steps = delay.iter().map(|(ns, _)| *ns).chain([0]);
        for t in steps {
            while let Some((_, count)) = delays.next_if(|(ns, _)| *ns > t) {
                delayed += count;
            }
            while let Some((_, count)) = latencies.next_if(|(ns, _)| *ns > bound_ns.saturating_add(t)) {
                above += count;
            }
            if above > may_be_above + delayed {
                return true;
            }
        }
        false
    }

    /// Of the known values how many they are, their mean in seconds, and the mean of their squares; none of none.
    pub(super) fn moments(&self) -> Option<(u64, f64, f64)> {
        let sum = |of: fn(f64) -> f64| {
            self.known.iter().map(|(ns, count)| of(ns as f64 / 1e9) * count as f64).sum::<f64>()
        };
        let count = self.known.len() as f64;
        (count > 0.0).then(|| (self.known.len(), sum(|s| s) / count, sum(|s| s * s) / count))
    }

    /// Messages whose value is known and not above the bound.
    pub fn within(&self, bound_ms: f64) -> u64 {
        // In the histogram's own steps: a bound within a step takes the whole of it.
        let within = |(ns, _): &(u64, u64)| *ns as f64 / 1e6 <= bound_ms;
        self.known.iter().filter(within).map(|(_, count)| count).sum()
    }

    fn rank(&self, quantile: Quantile) -> Reading {
        let rank = rank_of(quantile, self.n);
        let most = at(self.known.iter(), rank);
        if self.at_least.iter().all(|(ns, _)| most.is_some_and(|most| *ns >= most)) {
            return most.map(in_ms).into(); // none of them can have come before it
        }
        let mut all: Vec<(u64, u64)> = self.known.iter().chain(self.at_least.iter().copied()).collect();
        all.sort_unstable();
        let least = at(all.into_iter(), rank).map(in_ms);
        match most {
            Some(most) => Reading::between(least, Some(in_ms(most))),
            None => least.map_or(Reading::Empty, Reading::Beyond),
        }
    }
}

fn in_ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}

/// A percentile of these values, by rank, in ns; none of nothing.
pub(super) fn known_at(known: &Sparse, quantile: Quantile) -> Option<u64> {
    at(known.iter(), rank_of(quantile, known.len())).filter(|_| !known.is_empty())
}

/// The same among so many, of which those that are not known took longer than all that are: none where it is one of these.
pub(super) fn known_among(known: &Sparse, quantile: Quantile, of: u64) -> Option<u64> {
    at(known.iter(), rank_of(quantile, of.max(known.len())))
}

/// Which of so many, in ascending order, a percentile is.
fn rank_of(quantile: Quantile, of: u64) -> u64 {
    match quantile {
        // A hair less, so that 0.9 × 10 is the 9th also where floats make it 9.000000000000002.
        Quantile::At(part) => ((of as f64 * part - 1e-9).ceil() as u64).max(1),
        Quantile::Max => of,
    }
}

fn at(mut ascending: impl Iterator<Item = (u64, u64)>, rank: u64) -> Option<u64> {
    let mut below = 0;
    ascending.find_map(|(value, count)| {
        below += count;
        (below >= rank).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::empty_histogram;

    /// A window of 2 s with 1000 due in each, of which so many have a latency of 1 ms; watched for 3 s beyond.
    fn watched(first: u64, second: u64) -> Watched {
        let mut latencies = Latencies::new();
        for (at, count) in [(0, first), (1, second)] {
            let mut histogram = empty_histogram();
            histogram.record_n(1_000_000, count).unwrap();
            latencies.add(at, Latency::EndToEnd, &histogram);
        }
        Watched::new(&latencies, Latency::EndToEnd, 2_000, &[1_000, 1_000], 2.0, 5.0)
    }

    fn near(reading: Reading) -> Option<u64> {
        reading.value().map(f64::round).map(|ms| ms as u64)
    }

    #[test]
    fn a_percentile_among_the_censored_is_empty_and_bounded_by_how_long_we_watched() {
        let watched = watched(1_000, 950);
        assert_eq!((watched.n, watched.censored), (2_000, 50));
        assert_eq!(near(watched.read(Quantile::At(0.9))), Some(1));
        assert_eq!(watched.read(Quantile::At(0.99)), Reading::Beyond(3_000.0));
        assert_eq!(watched.read(Quantile::Max), Reading::Beyond(3_000.0));
    }

    #[test]
    fn those_due_earlier_were_watched_longer() {
        let watched = watched(900, 1_000);
        assert_eq!(watched.read(Quantile::At(0.99)), Reading::Beyond(4_000.0));
    }

    #[test]
    fn a_bound_is_never_above_what_the_percentile_may_be() {
        // Half of each second is silent: the rank of the 99th percentile lies among those of the first second, that of the 60th in the second's.
        let watched = watched(500, 500);
        assert_eq!(watched.read(Quantile::At(0.6)), Reading::Beyond(3_000.0));
        assert_eq!(watched.read(Quantile::At(0.99)), Reading::Beyond(4_000.0));
    }

    /// Of 1000 messages, so many with each latency in ms.
    fn of(latency: Latency, counts: &[(u64, u64)]) -> Watched {
        let mut latencies = Latencies::new();
        let mut histogram = empty_histogram();
        for (ms, count) in counts {
            histogram.record_n(ms * 1_000_000, *count).unwrap();
        }
        latencies.add(0, latency, &histogram);
        Watched::new(&latencies, latency, 1_000, &[1_000], 1.0, 5.0)
    }

    #[test]
    fn a_percentile_is_above_a_bound_only_by_what_no_delay_of_ours_explains() {
        let ack = of(Latency::Ack, &[(10, 900), (100, 100)]);
        let is_above = |delays: &[(u64, u64)], part: f64, bound_ms: f64| {
            ack.is_above_without(&of(Latency::SendDelay, delays), Quantile::At(part), bound_ms)
        };
        assert!(is_above(&[(1, 1_000)], 0.99, 95.0), "a millisecond explains no five");
        assert!(!is_above(&[(10, 1_000)], 0.99, 95.0), "ten milliseconds explain them");
        assert!(is_above(&[(1, 980), (90, 20)], 0.99, 50.0), "twenty late ones explain no hundred slow ones");
        assert!(!is_above(&[(1, 900), (90, 100)], 0.99, 50.0), "a hundred do");
        assert!(!is_above(&[(1, 1_000)], 0.5, 10.5), "half of them were not above it to begin with");
        assert!(is_above(&[], 0.99, 95.0));
        let silent = of(Latency::Ack, &[(10, 900)]); // the others took longer than 4 s
        assert!(silent.is_above_without(&of(Latency::SendDelay, &[(10, 1_000)]), Quantile::Max, 50.0));
    }

    #[test]
    fn a_message_that_was_watched_for_less_time_may_come_before_one_whose_latency_is_known() {
        let mut latencies = Latencies::new();
        let mut known = empty_histogram();
        known.record_n(8_000_000_000, 50).unwrap();
        latencies.add(0, Latency::Ack, &known);
        // 50 more were due in the last second, and nobody waited for them.
        let watched = Watched::new(&latencies, Latency::Ack, 100, &[50, 50], 2.0, 2.0);
        let median = Quantile::At(0.5);
        assert!(matches!(watched.read(median), Reading::Between(0.0, ms) if ms > 7_900.0));
        assert!(matches!(watched.read(Quantile::At(0.9)), Reading::Beyond(ms) if ms > 7_900.0));
        let eight = |read: Reading| near(read).is_some_and(|ms| ms.abs_diff(8_000) < 10);
        assert!(eight(watched.read_known(median)));
        // Five more were watched for nine seconds: whatever they took, it was longer than eight.
        let long = Watched::new(&latencies, Latency::Ack, 55, &[55], 1.0, 10.0);
        assert!(eight(long.read(median)), "{:?}", long.read(median));
    }

    #[test]
    fn a_percentile_of_nothing_is_nothing() {
        assert_eq!(Watched::default().read_anyway(Quantile::At(0.5)), Reading::Empty);
        assert_eq!(Watched::default().read_known(Quantile::At(0.5)), Reading::Empty);
    }

    #[test]
    fn a_percentile_with_fewer_than_ten_beyond_is_not_said() {
        let watched = watched(1_000, 1_000);
        assert_eq!(watched.read(Quantile::At(0.999)), Reading::TooFew);
        assert_eq!(near(watched.read(Quantile::At(0.99))), Some(1));
        assert_eq!(near(watched.read(Quantile::Max)), Some(1));
    }
}
