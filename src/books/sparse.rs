//! A histogram that takes as much room as it holds distinct values.
//!
//! A dense one of bench's bounds takes a quarter of a megabyte, and a trial has seven a second. This one keeps its counts as HdrHistogram's V2 format
//! writes them (<https://github.com/HdrHistogram/HdrHistogram_c/blob/main/src/hdr_histogram_log.c>): one number a step of the histogram, a negative one
//! for so many steps without a value, each in ZigZag LEB128. That is a byte or two for each distinct value, and nothing has to be made dense to be read,
//! added or asked for a rank.

use std::ops::Range;

use hdrhistogram::Histogram;

use super::dense::{self, DIGITS, MAX_NS, NotAHistogram, histogram};
use super::leb128;

/// Steps of equal width in the first bucket, for three digits: the power of two at or above 2·10³.
const SUB_BUCKETS: u64 = 2_048;
/// Steps of each bucket after it: each is twice as wide.
const HALF: u64 = SUB_BUCKETS / 2;
const HALF_BITS: u32 = HALF.trailing_zeros();
/// Steps of a histogram of bench's bounds.
const STEPS: u64 = step_of(MAX_NS) / HALF * HALF + HALF;

/// The first four bytes of the format.
const COOKIE: u32 = 0x1c84_9313;
const HEADER: usize = 40;
/// The most bytes that [`Sparse::read`] is ever given of a histogram of bench's bounds.
pub const MOST_BYTES: usize = HEADER + 9 * STEPS as usize;

/// Values of a latency in ns and how often each was seen, to three digits. Equal histograms that bench wrote are equal byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sparse {
    counts: Box<[u8]>,
    len: u64,
}

impl Sparse {
    /// So many values it holds.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it holds none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The greatest value of each step that holds any, in ns, and how many it holds, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        Numbers { counts: &self.counts, step: 0 }
            .filter(|(_, count)| *count > 0)
            .map(|(step, count)| (greatest_of(step), count))
    }

    /// The same as a dense histogram.
    pub fn dense(&self) -> Histogram<u64> {
        let mut dense = histogram();
        for (value, count) in self.iter() {
            // The last bucket may end beyond the bound: clamping brings its values back to it.
            dense.saturating_record_n(value, count);
        }
        dense
    }

    /// The V2 format, not compressed.
    pub fn write(&self) -> Vec<u8> {
        let head = [COOKIE, self.counts.len() as u32, 0, u32::from(DIGITS)];
        let mut bytes: Vec<u8> = head.into_iter().flat_map(u32::to_be_bytes).collect();
        bytes.extend([1, MAX_NS, 1.0_f64.to_bits()].into_iter().flat_map(u64::to_be_bytes));
        bytes.extend(&*self.counts);
        bytes
    }

    /// Reads the V2 format, not compressed. Other bounds than bench's are brought to them.
    pub fn read(bytes: &[u8]) -> Result<Self, NotAHistogram> {
        let wrong = |what: &str| NotAHistogram::new(what);
        let (header, counts) = bytes.split_at_checked(HEADER).ok_or_else(|| wrong("it ends too early"))?;
        let word =
            |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let long = |at: usize| u64::from(word(at)) << 32 | u64::from(word(at + 4));
        if word(0) != COOKIE {
            return Err(wrong("it is not in the V2 format"));
        }
        let counts = counts.get(..word(4) as usize).ok_or_else(|| wrong("it ends too early"))?;
        let bounds = (word(8), word(12), long(16), long(24), f64::from_bits(long(32)));
        if bounds != (0, u32::from(DIGITS), 1, MAX_NS, 1.0) {
            return dense::read(bytes).map(|dense| Sparse::from(&dense));
        }
        let mut numbers = Numbers { counts, step: 0 };
        let len = numbers.by_ref().fold(0, |len: u64, (_, count)| len.saturating_add(count));
        // What is left could not be read, or lies beyond the last step.
        if !numbers.counts.is_empty() {
            return Err(wrong("its counts are none"));
        }
        Ok(if len == 0 { Sparse::default() } else { Sparse { counts: counts.into(), len } })
    }
}

impl From<&Histogram<u64>> for Sparse {
    fn from(dense: &Histogram<u64>) -> Self {
        let recorded = dense.iter_recorded();
        from_steps(
            recorded.map(|step| (step_of(step.value_iterated_to().min(MAX_NS)), step.count_at_value())),
        )
    }
}

/// Of values and counts, in any order.
impl FromIterator<(u64, u64)> for Sparse {
    fn from_iter<I: IntoIterator<Item = (u64, u64)>>(values: I) -> Self {
        let mut sum = Sum::default();
        for (value, count) in values {
            sum.record_n(value.min(MAX_NS), count);
        }
        sum.take()
    }
}

/// Histograms added up, dense while it lasts: one is to be used again and again.
#[derive(Debug, Default)]
pub struct Sum {
    /// By step, none made until something is added.
    counts: Vec<u64>,
    /// The steps that something was added to lie in here.
    steps: Range<usize>,
    len: u64,
}

impl Sum {
    /// One that has its memory already, so that adding to it allocates nothing. A page of it is only taken once a value falls into it.
    pub fn made() -> Self {
        let mut sum = Sum::default();
        sum.make();
        sum
    }

    /// Adds all that a histogram holds.
    pub fn add(&mut self, histogram: &Sparse) {
        let first = Numbers { counts: &histogram.counts, step: 0 }.find(|(_, count)| *count > 0);
        let Some((first, _)) = first else { return };
        self.make();
        let mut numbers = Numbers { counts: &histogram.counts, step: 0 };
        for (step, count) in numbers.by_ref() {
            self.counts[step as usize] += count;
        }
        self.reach(first as usize, numbers.step as usize);
        self.len += histogram.len;
    }

    /// Adds a value, at most [`MAX_NS`], so many times.
    #[inline] // it runs for each message, and is called from other units of code generation
    pub fn record_n(&mut self, value: u64, count: u64) {
        self.make();
        let step = step_of(value) as usize;
        self.counts[step] += count;
        self.reach(step, step + 1);
        self.len += count;
    }

    fn reach(&mut self, first: usize, end: usize) {
        let none = self.steps.end == 0;
        self.steps.start = if none { first } else { self.steps.start.min(first) };
        self.steps.end = self.steps.end.max(end);
    }

    fn make(&mut self) {
        if self.counts.is_empty() {
            self.counts = vec![0; STEPS as usize];
        }
    }

    /// So many values it holds.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it holds none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The sum as it is.
    pub fn sparse(&self) -> Sparse {
        let steps = (self.steps.start as u64..).zip(self.counts[self.steps.clone()].iter().copied());
        from_steps(steps.filter(|(_, count)| *count > 0))
    }

    /// The sum, which is nothing again after it.
    pub fn take(&mut self) -> Sparse {
        let sum = self.sparse();
        self.counts[std::mem::take(&mut self.steps)].fill(0);
        self.len = 0;
        sum
    }
}

/// Steps in ascending order, with the counts that are not zero.
pub(super) fn from_steps(steps: impl Iterator<Item = (u64, u64)>) -> Sparse {
    let (mut counts, mut next, mut len) = (Vec::new(), 0, 0);
    for (step, count) in steps {
        match (step - next) as i64 {
            0 => {}
            1 => counts.push(0), // a single step without a value is a count of zero
            more => put(-more, &mut counts),
        }
        put(count as i64, &mut counts);
        (next, len) = (step + 1, len + count);
    }
    Sparse { counts: counts.into(), len }
}

/// Steps, ascending, with their counts; of a run of steps without a value its first, with none. Stops where the bytes are none.
///
/// Counts and runs come in no order that a CPU could foresee, and a wrong guess costs more than all else here: so neither is decided by a branch.
#[derive(Clone, Debug)]
struct Numbers<'a> {
    counts: &'a [u8],
    step: u64,
}

impl Iterator for Numbers<'_> {
    type Item = (u64, u64);

    #[inline]
    fn next(&mut self) -> Option<(u64, u64)> {
        let (number, rest) = leb128::take(self.counts)?;
        // ZigZag: odd ones are negative, −1 is 1 and −2 is 3.
        let is_run = number & 1;
        let count = (number >> 1) & is_run.wrapping_sub(1);
        let step = self.step;
        let next = step + 1 + (number >> 1) * is_run;
        if next > STEPS {
            return None;
        }
        (self.counts, self.step) = (rest, next);
        Some((step, count))
    }
}

/// The step that a value falls into.
pub(super) const fn step_of(value: u64) -> u64 {
    let bucket = (value | (SUB_BUCKETS - 1)).ilog2() - HALF_BITS;
    ((bucket as u64) << HALF_BITS) + (value >> bucket)
}

/// The greatest value of a step.
const fn greatest_of(step: u64) -> u64 {
    let bucket = (step >> HALF_BITS).saturating_sub(1);
    (((step - (bucket << HALF_BITS)) + 1) << bucket) - 1
}

/// ZigZag: a negative one becomes odd, and each is small if it was.
fn put(number: i64, into: &mut Vec<u8>) {
    leb128::put(((number << 1) ^ (number >> 63)) as u64, into);
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::{Serializer as _, V2Serializer};
    use proptest::prelude::*;

    fn dense(values: &[(u64, u64)]) -> Histogram<u64> {
        let mut dense = histogram();
        for (value, count) in values {
            dense.record_n(*value, *count).unwrap();
        }
        dense
    }

    fn bytes(dense: &Histogram<u64>) -> Vec<u8> {
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(dense, &mut bytes).unwrap();
        bytes
    }

    /// Values of all sizes alike, most of them seen a few times, some very often.
    fn values() -> impl Strategy<Value = Vec<(u64, u64)>> {
        let value = (0..42_u32, any::<u64>()).prop_map(|(bits, any)| any % (1 << bits).min(MAX_NS + 1));
        let count = prop_oneof![1..4_u64, 1..100_000_u64, 1..1_u64 << 55];
        prop::collection::vec((value, count), 0..60)
    }

    proptest! {
        // A dense histogram for each takes its time.
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_sparse_histogram_is_the_dense_one_value_for_value(left in values(), right in values()) {
            let of = dense(&left);
            let read = Sparse::read(&bytes(&of)).unwrap();
            prop_assert_eq!(&read, &Sparse::from(&of));
            prop_assert_eq!(&read, &left.iter().copied().collect::<Sparse>());
            let steps: Vec<_> = of.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())).collect();
            prop_assert_eq!(read.iter().collect::<Vec<_>>(), steps);
            prop_assert_eq!((read.len(), STEPS as usize), (of.len(), of.distinct_values()));
            prop_assert_eq!(&read.dense(), &of);
            if !read.is_empty() {
                prop_assert_eq!(read.write(), bytes(&of), "as the tools write it");
            }
            let mut sum = Sum::default();
            sum.add(&read);
            sum.add(&Sparse::from(&dense(&right)));
            prop_assert_eq!(sum.take(), Sparse::from(&dense(&[left, right].concat())));
            prop_assert_eq!(sum.take(), Sparse::default());
        }

        #[test]
        fn any_bytes_are_read_as_the_tools_read_them_or_refused(counts in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut whole = bytes(&histogram());
            whole.truncate(HEADER);
            whole[4..8].copy_from_slice(&(counts.len() as u32).to_be_bytes());
            whole.extend(&counts);
            match (Sparse::read(&whole), dense::read(&whole)) {
                (Ok(sparse), Ok(dense)) => prop_assert_eq!(sparse.dense(), dense),
                (Ok(_), Err(why)) => prop_assert!(false, "{}", why),
                (Err(_), _) => {}
            }
        }
    }

    #[test]
    fn other_bounds_are_brought_to_those_of_bench() {
        let mut coarse = Histogram::<u64>::new_with_bounds(1, 1_000_000, 2).unwrap();
        coarse.record_n(5_000, 3).unwrap();
        let read = Sparse::read(&bytes(&coarse)).unwrap();
        assert_eq!(read, [(coarse.max(), 3)].into_iter().collect());
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        let whole = bytes(&dense(&[(1_000_000, 1)]));
        for cut in [0, 3, HEADER - 1, whole.len() - 1] {
            assert!(Sparse::read(&whole[..cut]).is_err(), "{cut}");
        }
        let mut other = whole.clone();
        other[3] = 0;
        assert!(Sparse::read(&other).is_err());
    }
}
