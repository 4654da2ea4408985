//! Every latency of a trial by the second in which its message was due.
//!
//! A dense histogram of this range takes a quarter of a megabyte, and a trial has seven a second: what is kept here is sparse, and a dense one is
//! made when it is asked for. Adding is of counts, never of averages, so that any split of the work adds up to the same.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::units::Latency;

/// The greatest value that a histogram holds: an hour.
pub const GREATEST_NS: u64 = 3_600_000_000_000;

/// An empty histogram as all of bench uses it: nanoseconds, 3 digits, up to an hour.
pub fn empty_histogram() -> Histogram<u64> {
    match Histogram::new_with_bounds(1, GREATEST_NS, 3) {
        Ok(histogram) => histogram,
        Err(_) => unreachable!("the bounds are constants that hdrhistogram accepts"),
    }
}

/// Every latency of a trial by the second of its due. Seconds count from the start of the window: 0 is its first, warm-up seconds are negative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    counts: BTreeMap<(i64, Latency), BTreeMap<u64, u64>>,
}

impl Latencies {
    /// None yet.
    pub fn new() -> Self {
        Latencies::default()
    }

    /// Adds all that a histogram holds.
    pub fn add(&mut self, second: i64, latency: Latency, histogram: &Histogram<u64>) {
        let counts = self.counts.entry((second, latency)).or_default();
        for step in histogram.iter_recorded() {
            *counts.entry(step.value_iterated_to()).or_default() += step.count_at_value();
        }
    }

    /// Adds all that another one holds.
    pub fn merge(&mut self, other: &Latencies) {
        for (key, added) in &other.counts {
            let counts = self.counts.entry(*key).or_default();
            for (value, count) in added {
                *counts.entry(*value).or_default() += count;
            }
        }
    }

    /// Those that end at the producers; a group's own may be put beside them.
    #[must_use]
    pub fn of_producers(&self) -> Latencies {
        let ours = self.counts.iter().filter(|((_, latency), _)| !latency.is_of_consumers());
        Latencies { counts: ours.map(|(key, counts)| (*key, counts.clone())).collect() }
    }

    /// Values held of one latency in one second.
    pub fn count(&self, second: i64, latency: Latency) -> u64 {
        self.counts.get(&(second, latency)).map_or(0, |counts| counts.values().sum())
    }

    /// One histogram of all seconds in [from, to).
    pub fn window(&self, latency: Latency, from: i64, to: i64) -> Histogram<u64> {
        let mut merged = empty_histogram();
        for ((second, of), counts) in &self.counts {
            if *of == latency && (from..to).contains(second) {
                fill(&mut merged, counts);
            }
        }
        merged
    }

    /// Second, latency and its histogram, in order of time.
    pub fn iter(&self) -> impl Iterator<Item = (i64, Latency, Histogram<u64>)> + '_ {
        self.counts.iter().map(|((second, latency), counts)| {
            let mut histogram = empty_histogram();
            fill(&mut histogram, counts);
            (*second, *latency, histogram)
        })
    }
}

impl FromIterator<((i64, Latency), Histogram<u64>)> for Latencies {
    fn from_iter<I: IntoIterator<Item = ((i64, Latency), Histogram<u64>)>>(histograms: I) -> Self {
        let mut all = Latencies::new();
        for ((second, latency), histogram) in histograms {
            all.add(second, latency, &histogram);
        }
        all
    }
}

fn fill(histogram: &mut Histogram<u64>, counts: &BTreeMap<u64, u64>) {
    for (value, count) in counts {
        // Values came out of such a histogram, where the last bucket may end beyond the bound: clamping brings them back to it.
        histogram.saturating_record_n(*value, *count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        // A dense histogram for each value takes its time.
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn merged_histograms_are_those_of_the_union(
            left in prop::collection::vec((-3..3_i64, 0..GREATEST_NS), 0..60),
            right in prop::collection::vec((-3..3_i64, 0..GREATEST_NS), 0..60),
        ) {
            let of = |values: &[(i64, u64)]| {
                let mut all = Latencies::new();
                for (second, value) in values {
                    let mut one = empty_histogram();
                    one.record(*value).unwrap();
                    all.add(*second, Latency::Ack, &one);
                }
                all
            };
            let union = of(&[left.clone(), right.clone()].concat());
            let mut there = of(&left);
            there.merge(&of(&right));
            let mut back = of(&right);
            back.merge(&of(&left));
            prop_assert_eq!(&there, &union);
            prop_assert_eq!(&back, &union);
            let mut directly = empty_histogram();
            for (_, value) in left.iter().chain(&right) {
                directly.record(*value).unwrap();
            }
            prop_assert_eq!(union.window(Latency::Ack, -3, 3), directly);
        }
    }

    #[test]
    fn a_window_holds_its_first_second_and_not_its_end() {
        let mut all = Latencies::new();
        for second in -1..3 {
            let mut one = empty_histogram();
            one.record(1_000).unwrap();
            all.add(second, Latency::Ack, &one);
        }
        assert_eq!(all.window(Latency::Ack, 0, 2).len(), 2);
        assert_eq!(all.window(Latency::EndToEnd, 0, 2).len(), 0);
        assert_eq!(all.count(0, Latency::Ack), 1);
    }
}
