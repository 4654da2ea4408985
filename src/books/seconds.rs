//! Histograms of a latency, one for each second in which messages were due; of however many seconds, a few are dense.
//!
//! A dense histogram takes a quarter of a megabyte, and a trial may last a day. So only the latest seconds are dense, those that nearly all values fall
//! into; a second that is no longer among them is packed and goes to a shelf. Values of seconds that are older still are kept one by one until there are
//! many: where partitions lag differently behind, each value may be of another second, and none may cost a histogram.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::dense::MAX_NS;
use super::sparse::{Sparse, Sum, from_steps, step_of};
use crate::units::Latency;

/// Seconds that are dense at a time.
const DENSE: usize = 4;
/// Values of older seconds that are kept one by one.
const LOOSE: usize = 8_192;
/// The second of a dense histogram that is of none.
const FREE: u64 = u64::MAX;

/// Who takes over what falls out of the latest seconds. A second may come several times.
pub trait Shelf: Debug + Send {
    /// Takes a second's values; `sum` then holds none.
    fn put_dense(&mut self, second: u64, sum: &mut Sum);
    /// Takes values of many seconds; `loose` then holds none.
    fn put_loose(&mut self, loose: &mut Loose);
}

/// A shelf for each latency.
pub trait Shelves: Debug + Send {
    /// For one.
    fn shelf(&self, latency: Latency) -> Box<dyn Shelf>;
}

/// In memory, by the second.
impl Shelf for BTreeMap<u64, Sparse> {
    fn put_dense(&mut self, second: u64, sum: &mut Sum) {
        if let Some(known) = self.get(&second) {
            sum.add(known);
        }
        self.insert(second, sum.take());
    }

    fn put_loose(&mut self, loose: &mut Loose) {
        let mut sum = Sum::default();
        for (second, histogram) in loose.take() {
            sum.add(&histogram);
            self.put_dense(second, &mut sum);
        }
    }
}

/// Values of any seconds, each with its count.
#[derive(Debug, Default)]
pub struct Loose {
    /// By second and step.
    counts: HashMap<(u64, u32), u64, BuildHasherDefault<Mixer>>,
}

impl Loose {
    fn record_n(&mut self, second: u64, ns: u64, count: u64) {
        *self.counts.entry((second, step_of(ns) as u32)).or_default() += count;
    }

    /// Its seconds in order, packed; it then holds none, and keeps its room.
    pub fn take(&mut self) -> Vec<(u64, Sparse)> {
        let mut all: Vec<((u64, u32), u64)> = self.counts.drain().collect();
        all.sort_unstable();
        let by_second = all.chunk_by(|a, b| a.0.0 == b.0.0);
        let packed = |values: &[((u64, u32), u64)]| {
            from_steps(values.iter().map(|((_, step), count)| (u64::from(*step), *count)))
        };
        by_second.filter_map(|values| Some((values.first()?.0.0, packed(values)))).collect()
    }
}

/// Seconds and steps are small numbers that nobody chooses with malice: a multiplication mixes them well enough, and quickly.
#[derive(Debug, Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }
}

/// One histogram of nanoseconds for each absolute second. Values of seconds that it was not made for count as out of range.
#[derive(Debug)]
pub struct BySecond {
    /// For these.
    seconds: Range<u64>,
    /// The latest that were met, in no order.
    dense: Vec<(u64, Sum)>,
    loose: Loose,
    here: BTreeMap<u64, Sparse>,
    /// Instead of `here`.
    shelf: Option<Box<dyn Shelf>>,
    out_of_range: u64,
}

impl BySecond {
    /// For so many seconds, kept in memory.
    pub fn with_seconds(first: u64, count: usize) -> Self {
        let dense = (0..DENSE).map(|_| (FREE, Sum::made())).collect();
        let loose = Loose { counts: HashMap::with_capacity_and_hasher(LOOSE, BuildHasherDefault::default()) };
        let seconds = first..first + count as u64;
        BySecond { seconds, dense, loose, here: BTreeMap::new(), shelf: None, out_of_range: 0 }
    }

    /// For any second, kept in memory; memory is taken as it is needed.
    pub fn growing() -> Self {
        BySecond {
            seconds: 0..FREE,
            dense: (0..DENSE).map(|_| (FREE, Sum::default())).collect(),
            loose: Loose::default(),
            here: BTreeMap::new(),
            shelf: None,
            out_of_range: 0,
        }
    }

    /// Seconds go to a shelf as they are done with.
    #[must_use]
    pub fn onto(self, shelf: Box<dyn Shelf>) -> Self {
        BySecond { shelf: Some(shelf), ..self }
    }

    /// Counts one value; as out of range where no histogram can hold it.
    pub fn record(&mut self, second: u64, ns: u64) {
        self.record_n(second, ns, 1);
    }

    /// Counts the same value `count` times.
    pub fn record_n(&mut self, second: u64, ns: u64, count: u64) {
        if ns > MAX_NS || !self.seconds.contains(&second) {
            self.out_of_range += count;
            return;
        }
        if let Some(sum) = self.dense_of(second) {
            sum.record_n(ns, count);
        } else {
            self.loose.record_n(second, ns, count);
            self.shelve_many();
        }
    }

    /// Adds a histogram made elsewhere.
    pub fn add(&mut self, second: u64, other: &Sparse) {
        if !self.seconds.contains(&second) {
            self.out_of_range += other.len();
            return;
        }
        if let Some(sum) = self.dense_of(second) {
            sum.add(other);
        } else {
            other.iter().for_each(|(ns, count)| self.loose.record_n(second, ns.min(MAX_NS), count));
            self.shelve_many();
        }
    }

    /// The dense histogram of a second; `None` where it is older than all that are dense.
    fn dense_of(&mut self, second: u64) -> Option<&mut Sum> {
        let place = match self.dense.iter().position(|(known, _)| *known == second) {
            Some(place) => place,
            None => self.make_dense(second)?,
        };
        Some(&mut self.dense[place].1)
    }

    fn make_dense(&mut self, second: u64) -> Option<usize> {
        let free = self.dense.iter().position(|(known, _)| *known == FREE);
        let place = free.or_else(|| {
            let (place, (oldest, _)) = self.dense.iter().enumerate().min_by_key(|(_, (known, _))| *known)?;
            (*oldest < second).then_some(place)
        })?;
        self.shelve(place);
        self.dense[place].0 = second;
        Some(place)
    }

    fn shelve(&mut self, place: usize) {
        let (second, sum) = &mut self.dense[place];
        if !sum.is_empty() {
            match &mut self.shelf {
                Some(shelf) => shelf.put_dense(*second, sum),
                None => self.here.put_dense(*second, sum),
            }
        }
        *second = FREE;
    }

    fn shelve_many(&mut self) {
        if self.loose.counts.len() >= LOOSE {
            self.shelve_loose();
        }
    }

    fn shelve_loose(&mut self) {
        match &mut self.shelf {
            Some(shelf) => shelf.put_loose(&mut self.loose),
            None => self.here.put_loose(&mut self.loose),
        }
    }

    /// Puts all that it holds onto its shelf.
    pub fn flush(&mut self) {
        (0..self.dense.len()).for_each(|place| self.shelve(place));
        if !self.loose.counts.is_empty() {
            self.shelve_loose();
        }
    }

    /// The seconds that hold values, in order; it then holds none. Nothing of what went to a shelf.
    pub fn take(&mut self) -> BTreeMap<u64, Sparse> {
        self.flush();
        std::mem::take(&mut self.here)
    }

    /// All values of the seconds from `start` to `end`, the end excluded. Nothing of what went to a shelf.
    pub fn sum(&self, start: u64, end: u64) -> Sparse {
        let mut sum = Sum::default();
        self.here.range(start..end).for_each(|(_, histogram)| sum.add(histogram));
        let dense = self.dense.iter().filter(|(second, _)| (start..end).contains(second));
        dense.filter(|(_, own)| !own.is_empty()).for_each(|(_, own)| sum.add(&own.sparse()));
        for ((second, step), count) in &self.loose.counts {
            if (start..end).contains(second) {
                sum.add(&from_steps(std::iter::once((u64::from(*step), *count))));
            }
        }
        sum.take()
    }

    /// Number of values that it holds, without those that went to a shelf.
    pub fn len(&self) -> u64 {
        self.here.values().map(Sparse::len).sum::<u64>()
            + self.dense.iter().map(|(_, sum)| sum.len()).sum::<u64>()
            + self.loose.counts.values().sum::<u64>()
    }

    /// Whether it holds no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values that no histogram could hold.
    pub fn out_of_range(&self) -> u64 {
        self.out_of_range
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds_of(seconds: &mut BySecond) -> Vec<u64> {
        seconds.take().into_keys().collect()
    }

    #[test]
    fn a_value_that_no_histogram_can_hold_is_counted() {
        let mut seconds = BySecond::with_seconds(100, 2);
        seconds.record(99, 5);
        seconds.record(100, 5);
        seconds.record(101, MAX_NS);
        seconds.record(102, 5);
        seconds.record(101, MAX_NS + 1);
        assert_eq!((seconds.len(), seconds.out_of_range()), (2, 3));
        assert_eq!(seconds_of(&mut seconds), [100, 101]);
        assert!(seconds.is_empty());
    }

    #[test]
    fn a_growing_one_takes_any_second() {
        let mut seconds = BySecond::growing();
        assert!(seconds.is_empty());
        seconds.record(7, 1_000);
        seconds.record(1_700_000_000, 2_000);
        assert_eq!(seconds.len(), 2);
        assert_eq!(seconds.sum(0, 8).iter().collect::<Vec<_>>(), [(1_000, 1)]);
    }

    #[test]
    fn zero_is_a_latency() {
        let mut seconds = BySecond::growing();
        seconds.record(1, 0);
        assert_eq!((seconds.len(), seconds.out_of_range()), (1, 0));
    }

    #[test]
    fn a_day_of_seconds_takes_the_room_of_a_few_whatever_their_order() {
        /// Counts what comes, and keeps none of it.
        #[derive(Debug, Default)]
        struct Away(std::sync::Arc<std::sync::atomic::AtomicU64>);
        impl Shelf for Away {
            fn put_dense(&mut self, _: u64, sum: &mut Sum) {
                self.0.fetch_add(sum.take().len(), std::sync::atomic::Ordering::Relaxed);
            }
            fn put_loose(&mut self, loose: &mut Loose) {
                let count = loose.take().iter().map(|(_, one)| one.len()).sum();
                self.0.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
            }
        }
        let away = Away::default();
        let count = std::sync::Arc::clone(&away.0);
        let mut seconds = BySecond::growing().onto(Box::new(away));
        for second in 0..86_400 {
            // On time, an hour late, and anything between.
            for late in [0, 3_599, second * 7_919 % 3_600] {
                seconds.record(3_600 + second - late, 1_000_000 + late * 1_000_000_000);
            }
            assert!(seconds.loose.counts.len() <= LOOSE && seconds.dense.len() == DENSE);
        }
        seconds.flush();
        assert_eq!((count.load(std::sync::atomic::Ordering::Relaxed), seconds.len()), (3 * 86_400, 0));
        assert!(seconds.here.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn whatever_the_order_of_seconds_each_has_all_its_values(
            values in proptest::collection::vec((0..12_u64, 0..MAX_NS, any::<bool>()), 0..80),
        ) {
            let (mut seconds, mut expected) = (BySecond::growing(), BTreeMap::<u64, Vec<(u64, u64)>>::new());
            for (second, ns, alone) in &values {
                if *alone {
                    seconds.record(*second, *ns);
                } else {
                    seconds.add(*second, &[(*ns, 1)].into_iter().collect());
                }
                expected.entry(*second).or_default().push((*ns, 1));
            }
            let all: Sparse = values.iter().map(|(_, ns, _)| (*ns, 1)).collect();
            prop_assert_eq!(seconds.sum(0, 12), all);
            let expected: BTreeMap<u64, Sparse> =
                expected.into_iter().map(|(second, values)| (second, values.into_iter().collect())).collect();
            prop_assert_eq!(seconds.take(), expected);
        }
    }
}
