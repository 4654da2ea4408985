//! Counts by absolute quarter second, of however many: eight bytes each.

use std::collections::{BTreeMap, VecDeque};

/// Quarters so far from all others are no part of the same trial: a day has a tenth as many.
const FAR: u64 = 1 << 22;

/// Counts by absolute quarter second, with their sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByQuarter {
    first: u64,
    counts: VecDeque<u64>,
    /// What would make a gap that nothing is worth.
    far: BTreeMap<u64, u64>,
    total: u64,
}

impl ByQuarter {
    /// Adds to a quarter second's count.
    pub fn add(&mut self, quarter: u64, count: u64) {
        self.total += count;
        if self.counts.is_empty() {
            self.first = quarter;
        }
        if quarter.abs_diff(self.first) > FAR {
            *self.far.entry(quarter).or_default() += count;
            return;
        }
        while quarter < self.first {
            self.counts.push_front(0);
            self.first -= 1;
        }
        let index = (quarter - self.first) as usize;
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] += count;
    }

    /// A quarter second's count.
    pub fn at(&self, quarter: u64) -> u64 {
        let near = quarter.checked_sub(self.first).and_then(|index| self.counts.get(index as usize));
        near.copied().or_else(|| self.far.get(&quarter).copied()).unwrap_or_default()
    }

    /// All counts together.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The counts of all quarters before one.
    pub fn before(&self, quarter: u64) -> u64 {
        let near = quarter.saturating_sub(self.first) as usize;
        self.counts.iter().take(near).sum::<u64>()
            + self.far.range(..quarter).map(|(_, count)| count).sum::<u64>()
    }
}

/// The quarters that hold something, with their counts.
impl FromIterator<(u64, u64)> for ByQuarter {
    fn from_iter<I: IntoIterator<Item = (u64, u64)>>(counts: I) -> Self {
        let mut all = ByQuarter::default();
        counts.into_iter().for_each(|(quarter, count)| all.add(quarter, count));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_are_those_of_a_map(
            counts in prop::collection::vec((prop_oneof![0..40_u64, 1 << 40..(1_u64 << 40) + 9], 0..9_u64), 0..40),
            edge in prop_oneof![0..50_u64, 1 << 40..(1_u64 << 40) + 20],
        ) {
            let all: ByQuarter = counts.iter().copied().collect();
            let sum = |of: &dyn Fn(u64) -> bool| {
                counts.iter().filter(|(quarter, _)| of(*quarter)).map(|(_, count)| count).sum::<u64>()
            };
            prop_assert_eq!(all.total(), sum(&|_| true));
            prop_assert_eq!(all.at(edge), sum(&|quarter| quarter == edge));
            prop_assert_eq!(all.before(edge), sum(&|quarter| quarter < edge));
        }
    }

    #[test]
    fn a_day_takes_no_more_than_four_megabytes() {
        let all: ByQuarter = (0..4 * 86_400).map(|quarter| (7_000_000_000 + quarter, 2_500)).collect();
        assert!(all.counts.capacity() * size_of::<u64>() <= 4 << 20, "{}", all.counts.capacity());
        assert_eq!(all.total(), 4 * 86_400 * 2_500);
    }
}
