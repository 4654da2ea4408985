//! A set of offsets of one partition, kept as intervals: contiguous offsets merge, so that it stays tiny at any rate.

use serde::{Deserialize, Serialize};

/// Sorted, disjoint, half-open intervals that do not touch each other. As JSON: `[[0,120],[121,400]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(i64, i64)>", into = "Vec<(i64, i64)>")]
pub struct OffsetSet {
    intervals: Vec<(i64, i64)>,
}

impl OffsetSet {
    /// The empty set.
    pub const fn new() -> Self {
        OffsetSet { intervals: Vec::new() }
    }

    /// Puts one offset in; false if it was there. Constant time at the end of the set, where offsets mostly go.
    pub fn insert(&mut self, offset: i64) -> bool {
        match self.intervals.last_mut() {
            Some((_, end)) if *end == offset => {
                *end += 1;
                return true;
            }
            Some((_, end)) if *end < offset => {
                self.intervals.push((offset, offset + 1));
                return true;
            }
            None => {
                self.intervals.push((offset, offset + 1));
                return true;
            }
            Some(_) => {}
        }
        if self.contains(offset) {
            return false;
        }
        self.insert_range(offset, offset + 1);
        true
    }

    /// Puts all offsets of a half-open interval in, nothing where it is empty; how many of them were new.
    pub fn insert_range(&mut self, start: i64, end: i64) -> u64 {
        if start >= end {
            return 0;
        }
        // Those that overlap or touch the new one become one with it.
        let from = self.intervals.partition_point(|(_, e)| *e < start);
        let to = from + self.intervals[from..].partition_point(|(s, _)| *s <= end);
        let merged =
            self.intervals[from..to].iter().fold((start, end), |(s, e), (a, b)| (s.min(*a), e.max(*b)));
        let known: i64 = self.intervals[from..to].iter().map(|(s, e)| e - s).sum();
        self.intervals.splice(from..to, [merged]);
        (merged.1 - merged.0 - known) as u64
    }

    /// Takes all offsets of a half-open interval away.
    pub fn remove_range(&mut self, start: i64, end: i64) {
        if start >= end {
            return;
        }
        let from = self.intervals.partition_point(|(_, e)| *e <= start);
        let to = from + self.intervals[from..].partition_point(|(s, _)| *s < end);
        let touched = &self.intervals[from..to];
        let left = touched.first().map(|(s, _)| (*s, start)).filter(|(s, e)| s < e);
        let right = touched.last().map(|(_, e)| (end, *e)).filter(|(s, e)| s < e);
        self.intervals.splice(from..to, left.into_iter().chain(right));
    }

    /// How many offsets it holds.
    pub fn len(&self) -> u64 {
        self.intervals.iter().map(|(start, end)| (end - start) as u64).sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// Whether it holds that offset.
    pub fn contains(&self, offset: i64) -> bool {
        let after = self.intervals.partition_point(|(start, _)| *start <= offset);
        after > 0 && offset < self.intervals[after - 1].1
    }

    /// How many of its offsets are at or beyond a bound.
    pub fn count_from(&self, bound: i64) -> u64 {
        // The bound is mostly near the end: what lies before it is not looked at.
        let before = self.intervals.partition_point(|(_, end)| *end <= bound);
        self.intervals[before..].iter().map(|(start, end)| (end - (*start).max(bound)) as u64).sum()
    }

    /// Those of its offsets that lie where another set has any: from its first to its last.
    #[must_use]
    pub fn around(&self, other: &OffsetSet) -> OffsetSet {
        let (Some((start, _)), Some(end)) = (other.iter().next(), other.end()) else {
            return OffsetSet::new();
        };
        let from = self.intervals.partition_point(|(_, e)| *e <= start);
        let to = self.intervals.partition_point(|(s, _)| *s < end);
        OffsetSet { intervals: self.intervals[from..to.max(from)].to_vec() }
    }

    /// Puts all of another set in.
    pub fn union_with(&mut self, other: &OffsetSet) {
        for (start, end) in other.iter() {
            self.insert_range(start, end);
        }
    }

    /// What either holds.
    #[must_use]
    pub fn union(&self, other: &OffsetSet) -> OffsetSet {
        let mut both = self.clone();
        both.union_with(other);
        both
    }

    /// How many offsets both hold.
    pub fn intersection_len(&self, other: &OffsetSet) -> u64 {
        let (mut left, mut right) = (self.intervals.as_slice(), other.intervals.as_slice());
        let mut shared = 0;
        while let (Some((a, b)), Some((c, d))) = (left.first(), right.first()) {
            shared += (b.min(d) - a.max(c)).max(0) as u64;
            if b < d {
                left = &left[1..];
            } else {
                right = &right[1..];
            }
        }
        shared
    }

    /// What this one holds and the other does not.
    #[must_use]
    pub fn difference(&self, other: &OffsetSet) -> OffsetSet {
        let mut rest = OffsetSet::new();
        let mut holes = other.intervals.as_slice();
        for &(start, end) in &self.intervals {
            let mut from = start;
            while let Some(&(hole_start, hole_end)) = holes.first() {
                if hole_start >= end {
                    break;
                }
                rest.insert_range(from, hole_start);
                from = from.max(hole_end);
                if hole_end > end {
                    break; // it may reach into the next interval too
                }
                holes = &holes[1..];
            }
            rest.insert_range(from, end);
        }
        rest
    }

    /// Its intervals, `(start, end)` with the end excluded, in order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.intervals.iter().copied()
    }

    /// The offset that so many of those below `end` lie at or beyond; that of the first where there are fewer.
    pub fn last_before(&self, end: i64, many: u64) -> i64 {
        let mut left = many;
        let below = self.intervals.partition_point(|(start, _)| *start < end);
        for &(start, past) in self.intervals[..below].iter().rev() {
            let past = past.min(end);
            let length = (past - start) as u64;
            if left <= length {
                return past - left as i64;
            }
            left -= length;
        }
        self.intervals.first().map_or(end, |(start, _)| (*start).min(end))
    }

    /// One past its greatest offset.
    pub fn end(&self) -> Option<i64> {
        self.intervals.last().map(|(_, end)| *end)
    }
}

impl From<Vec<(i64, i64)>> for OffsetSet {
    fn from(intervals: Vec<(i64, i64)>) -> Self {
        let mut set = OffsetSet::new();
        for (start, end) in intervals {
            set.insert_range(start, end);
        }
        set
    }
}

impl From<OffsetSet> for Vec<(i64, i64)> {
    fn from(set: OffsetSet) -> Self {
        set.intervals
    }
}

impl FromIterator<i64> for OffsetSet {
    fn from_iter<I: IntoIterator<Item = i64>>(offsets: I) -> Self {
        let mut set = OffsetSet::new();
        for offset in offsets {
            set.insert(offset);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn expand(set: &OffsetSet) -> BTreeSet<i64> {
        set.iter().flat_map(|(start, end)| start..end).collect()
    }

    fn offsets() -> impl Strategy<Value = Vec<i64>> {
        proptest::collection::vec(0..60_i64, 0..80)
    }

    #[test]
    fn the_last_of_them_are_counted_back_from_an_end_over_holes() {
        let set = OffsetSet::from(vec![(10, 20), (30, 40)]);
        for (end, many, place) in
            [(40, 0, 40), (40, 3, 37), (40, 12, 18), (40, 99, 10), (35, 5, 30), (35, 6, 19), (5, 1, 5)]
        {
            assert_eq!(set.last_before(end, many), place, "{many} before {end}");
        }
        assert_eq!(OffsetSet::new().last_before(7, 3), 7);
    }

    proptest! {
        #[test]
        fn it_tells_what_is_new_as_a_plain_set_does(list in offsets()) {
            let (mut set, mut plain) = (OffsetSet::new(), BTreeSet::new());
            for offset in list {
                prop_assert_eq!(set.insert(offset), plain.insert(offset));
            }
            prop_assert_eq!(set.len(), plain.len() as u64);
            prop_assert_eq!(set.is_empty(), plain.is_empty());
            prop_assert_eq!(set.end(), plain.last().map(|last| last + 1));
            for offset in -1..61 {
                prop_assert_eq!(set.contains(offset), plain.contains(&offset));
                prop_assert_eq!(set.count_from(offset), plain.range(offset..).count() as u64);
            }
            prop_assert_eq!(expand(&set), plain);
        }

        #[test]
        fn unions_overlaps_and_holes_are_those_of_plain_sets(left in offsets(), right in offsets()) {
            let (a, b): (OffsetSet, OffsetSet) = (left.iter().copied().collect(), right.iter().copied().collect());
            let (left, right): (BTreeSet<i64>, BTreeSet<i64>) = (left.into_iter().collect(), right.into_iter().collect());
            prop_assert_eq!(expand(&a.union(&b)), &left | &right);
            prop_assert_eq!(a.intersection_len(&b), (&left & &right).len() as u64);
            prop_assert_eq!(expand(&a.difference(&b)), &left - &right);
            let around = a.around(&b);
            prop_assert_eq!(around.intersection_len(&b), a.intersection_len(&b));
            prop_assert!(around.difference(&a).is_empty());
        }

        #[test]
        fn what_is_taken_away_is_gone_and_the_rest_stays(list in offsets(), start in 0..60_i64, length in 0..20_i64) {
            let mut set: OffsetSet = list.iter().copied().collect();
            let mut plain: BTreeSet<i64> = list.into_iter().collect();
            set.remove_range(start, start + length);
            plain.retain(|offset| !(start..start + length).contains(offset));
            prop_assert_eq!(expand(&set), plain);
            prop_assert!(set.iter().all(|(start, end)| start < end));
        }

        #[test]
        fn intervals_never_touch_and_survive_json(list in proptest::collection::vec((0..60_i64, 0..9_i64), 0..40)) {
            let set: OffsetSet = list.iter().map(|(start, length)| (*start, start + length)).collect::<Vec<_>>().into();
            let plain: BTreeSet<i64> = list.iter().flat_map(|(start, length)| *start..start + length).collect();
            let intervals: Vec<_> = set.iter().collect();
            prop_assert!(intervals.iter().all(|(start, end)| start < end));
            prop_assert!(intervals.windows(2).all(|pair| pair[0].1 < pair[1].0));
            prop_assert_eq!(expand(&set), plain);
            let json = serde_json::to_string(&set).unwrap();
            prop_assert_eq!(serde_json::from_str::<OffsetSet>(&json).unwrap(), set);
        }
    }
}
