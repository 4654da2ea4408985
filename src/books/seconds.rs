//! Histograms of a latency, one for each second in which messages were due.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

/// The greatest latency that a histogram holds: one hour, in nanoseconds.
pub const MAX_NS: u64 = 3_600_000_000_000;
/// Significant decimal digits of every histogram.
pub const DIGITS: u8 = 3;

/// An empty histogram of nanoseconds, with the bounds that all of bench's have.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, MAX_NS, DIGITS).expect("these bounds are valid ones")
}

/// One histogram of nanoseconds for each absolute second. Seconds made beforehand take values without allocating; others are made when first met, or
/// count as out of range, as was asked.
#[derive(Debug)]
pub struct BySecond {
    first: u64,
    made: Vec<Histogram<u64>>,
    grows: bool,
    grown: BTreeMap<u64, Histogram<u64>>,
    out_of_range: u64,
}

impl BySecond {
    /// All seconds made beforehand, none ever added. A page of memory is only taken once a value falls into it.
    pub fn with_seconds(first: u64, count: usize) -> Self {
        BySecond {
            first,
            made: (0..count).map(|_| histogram()).collect(),
            grows: false,
            grown: BTreeMap::new(),
            out_of_range: 0,
        }
    }

    /// Seconds are made when first met.
    pub fn growing() -> Self {
        BySecond { grows: true, ..BySecond::with_seconds(0, 0) }
    }

    /// Counts one value; as out of range where no histogram can hold it.
    pub fn record(&mut self, second: u64, ns: u64) {
        let held = ns <= MAX_NS && self.at(second).is_some_and(|histogram| histogram.record(ns).is_ok());
        self.out_of_range += u64::from(!held);
    }

    /// Counts the same value `count` times.
    pub fn record_n(&mut self, second: u64, ns: u64, count: u64) {
        let held =
            ns <= MAX_NS && self.at(second).is_some_and(|histogram| histogram.record_n(ns, count).is_ok());
        self.out_of_range += if held { 0 } else { count };
    }

    /// Adds a histogram made elsewhere.
    pub fn add(&mut self, second: u64, other: &Histogram<u64>) {
        let held = self.at(second).is_some_and(|histogram| histogram.add(other).is_ok());
        if !held {
            self.out_of_range += other.len();
        }
    }

    /// Adds all of another one's seconds and its count of values out of range.
    pub fn merge(&mut self, other: &BySecond) {
        for (second, histogram) in other.iter() {
            self.add(second, histogram);
        }
        self.out_of_range += other.out_of_range;
    }

    /// The seconds that hold values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Histogram<u64>)> {
        let made = (self.first..).zip(&self.made);
        let grown = self.grown.iter().map(|(second, histogram)| (*second, histogram));
        made.chain(grown).filter(|(_, histogram)| !histogram.is_empty())
    }

    /// All values of the seconds from `start` to `end`, the end excluded.
    pub fn sum(&self, start: u64, end: u64) -> Histogram<u64> {
        let mut sum = histogram();
        for (_, histogram) in self.iter().filter(|(second, _)| (start..end).contains(second)) {
            sum.add(histogram).expect("all histograms have the same bounds");
        }
        sum
    }

    /// Number of values that it holds.
    pub fn len(&self) -> u64 {
        self.iter().map(|(_, histogram)| histogram.len()).sum()
    }

    /// Whether it holds no value.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Values that no histogram could hold.
    pub fn out_of_range(&self) -> u64 {
        self.out_of_range
    }

    fn at(&mut self, second: u64) -> Option<&mut Histogram<u64>> {
        let index = second.checked_sub(self.first).map(|index| index as usize);
        match index {
            Some(index) if index < self.made.len() => self.made.get_mut(index),
            _ if self.grows => Some(self.grown.entry(second).or_insert_with(histogram)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_that_no_histogram_can_hold_is_counted() {
        let mut seconds = BySecond::with_seconds(100, 2);
        seconds.record(99, 5);
        seconds.record(100, 5);
        seconds.record(101, MAX_NS);
        seconds.record(102, 5);
        seconds.record(101, MAX_NS + 1);
        assert_eq!((seconds.len(), seconds.out_of_range()), (2, 3));
        assert_eq!(seconds.iter().map(|(second, _)| second).collect::<Vec<_>>(), [100, 101]);
    }

    #[test]
    fn a_growing_one_takes_any_second() {
        let mut seconds = BySecond::growing();
        assert!(seconds.is_empty());
        seconds.record(7, 1_000);
        seconds.record(1_700_000_000, 2_000);
        assert_eq!(seconds.len(), 2);
        assert_eq!(seconds.sum(0, 8).max(), 1_000);
    }

    #[test]
    fn zero_is_a_latency() {
        let mut seconds = BySecond::growing();
        seconds.record(1, 0);
        assert_eq!((seconds.len(), seconds.out_of_range()), (1, 0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn merged_parts_are_the_whole(values in proptest::collection::vec((0..6_u64, 0..MAX_NS, any::<bool>()), 0..60)) {
            let (mut left, mut right) = (BySecond::growing(), BySecond::with_seconds(0, 4));
            let mut whole = BySecond::growing();
            let mut outside = 0;
            for (second, ns, on_the_left) in values {
                let part = if on_the_left { &mut left } else { &mut right };
                part.record(second, ns);
                if on_the_left || second < 4 { whole.record(second, ns) } else { outside += 1 }
            }
            left.merge(&right);
            prop_assert_eq!(left.out_of_range(), outside);
            let both: Vec<_> = left.iter().map(|(s, h)| (s, h.clone())).collect();
            let all: Vec<_> = whole.iter().map(|(s, h)| (s, h.clone())).collect();
            prop_assert_eq!(both, all);
        }
    }
}
