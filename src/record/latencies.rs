//! Every latency of a trial by the second in which its message was due.
//!
//! A dense histogram of this range takes a quarter of a megabyte, and a trial has seven a second: what is kept here is sparse. Adding is of counts, never
//! of averages, so that any split of the work adds up to the same.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::books::{Sparse, Sum};
use crate::units::Latency;

/// Every latency of a trial by the second of its due. Seconds count from the start of the window: 0 is its first, warm-up seconds are negative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    counts: BTreeMap<(i64, Latency), Sparse>,
    /// Sums of all seconds in [from, to) that were recorded as such; where there is one, its seconds need not be here.
    spans: BTreeMap<(Latency, i64, i64), Sparse>,
    /// How many values a second has, where no more of it is kept.
    lens: BTreeMap<(i64, Latency), u64>,
}

impl Latencies {
    /// None yet.
    pub fn new() -> Self {
        Latencies::default()
    }

    /// Adds all that a dense histogram holds.
    pub fn add(&mut self, second: i64, latency: Latency, histogram: &Histogram<u64>) {
        self.add_sparse(second, latency, Sparse::from(histogram));
    }

    /// Adds all that a histogram holds.
    pub fn add_sparse(&mut self, second: i64, latency: Latency, histogram: Sparse) {
        let known = self.counts.entry((second, latency)).or_default();
        if known.is_empty() {
            *known = histogram;
        } else {
            *known = sum([&*known, &histogram]);
        }
    }

    /// Keeps the sum of all seconds in [from, to), for [`Latencies::window`].
    pub fn add_span(&mut self, latency: Latency, (from, to): (i64, i64), histogram: &Sparse) {
        let known = self.spans.entry((latency, from, to)).or_default();
        *known = sum([&*known, histogram]);
    }

    /// Counts values of a second of which no more is kept, for [`Latencies::count`].
    pub fn add_count(&mut self, second: i64, latency: Latency, values: u64) {
        *self.lens.entry((second, latency)).or_default() += values;
    }

    /// Adds all that another one holds. A latency of which both hold something is known of both by its seconds, or of both by the same spans.
    pub fn merge(&mut self, other: &Latencies) {
        for ((latency, from, to), histogram) in &other.spans {
            self.add_span(*latency, (*from, *to), histogram);
        }
        for ((second, latency), histogram) in &other.counts {
            self.add_sparse(*second, *latency, histogram.clone());
        }
        for ((second, latency), values) in &other.lens {
            self.add_count(*second, *latency, *values);
        }
    }

    /// Those that end at the producers; a group's own may be put beside them.
    #[must_use]
    pub fn of_producers(&self) -> Latencies {
        let ours = self.counts.iter().filter(|((_, latency), _)| !latency.is_of_consumers());
        let spans = self.spans.iter().filter(|((latency, ..), _)| !latency.is_of_consumers());
        let lens = self.lens.iter().filter(|((_, latency), _)| !latency.is_of_consumers());
        Latencies {
            counts: ours.map(|(key, counts)| (*key, counts.clone())).collect(),
            spans: spans.map(|(key, counts)| (*key, counts.clone())).collect(),
            lens: lens.map(|(key, values)| (*key, *values)).collect(),
        }
    }

    /// Values held of one latency in one second.
    pub fn count(&self, second: i64, latency: Latency) -> u64 {
        let kept = self.counts.get(&(second, latency)).map_or(0, Sparse::len);
        kept + self.lens.get(&(second, latency)).copied().unwrap_or_default()
    }

    /// One histogram of all seconds in [from, to).
    pub fn window(&self, latency: Latency, from: i64, to: i64) -> Sparse {
        if let Some(span) = self.spans.get(&(latency, from, to)) {
            return span.clone();
        }
        sum((from..to).filter_map(|second| self.counts.get(&(second, latency))))
    }

    /// Second, latency and its histogram, in order of time.
    pub fn iter(&self) -> impl Iterator<Item = (i64, Latency, &Sparse)> + '_ {
        self.counts.iter().map(|((second, latency), histogram)| (*second, *latency, histogram))
    }
}

fn sum<'a>(histograms: impl IntoIterator<Item = &'a Sparse>) -> Sparse {
    let mut sum = Sum::default();
    for histogram in histograms {
        sum.add(histogram);
    }
    sum.take()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::dense::{MAX_NS as GREATEST_NS, histogram as empty_histogram};
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
            prop_assert_eq!(union.window(Latency::Ack, -3, 3), Sparse::from(&directly));
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
