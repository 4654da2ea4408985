//! What the trials of a treatment say of one metric: median, least and greatest.

use super::judge::Judged;
use super::reading::Reading;
use crate::stats::{self, CONFIDENCE, FEWEST_RESAMPLED};
use crate::units::Money;

/// Median, least, greatest and mean over trials, with how many had something to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Trials with a value or a bound.
    pub n: usize,
    /// The middle, or the mean of the two middle ones.
    pub median: Reading,
    /// The least.
    pub min: Reading,
    /// The greatest.
    pub max: Reading,
    /// The arithmetic mean; empty where one of them is only a bound.
    pub mean: Reading,
    /// Where the median lies, whatever the distribution; none of less than six trials.
    pub likely: Option<Interval>,
}

/// What lies around a middle, and how it came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: Reading,
    /// Its upper end.
    pub high: Reading,
    /// How it came.
    pub how: How,
}

/// How an interval came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// From the least to the greatest of the trials: what was seen, and no more than that.
    Spread,
    /// Between two order statistics, which enclose the median of whatever distribution with 95 % or more.
    OrderStatistics,
    /// Student's t on the logarithms of ratios that are paired by block, 95 %.
    StudentOfLogs,
    /// BCa bootstrap of a mean, 95 %.
    Bootstrap,
    /// Student's t over blocks, each of which was fitted by itself, 95 %.
    Student,
    /// BCa bootstrap of such blocks, 95 %.
    Blocks,
}

impl How {
    /// A word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            How::Spread => "spread",
            How::OrderStatistics => "order_statistics",
            How::StudentOfLogs => "student_of_logs",
            How::Bootstrap => "bca_bootstrap",
            How::Student => "student",
            How::Blocks => "bca_bootstrap_of_blocks",
        }
    }

    /// As it stands in a note below a table.
    pub const fn told(self) -> &'static str {
        match self {
            How::Spread => "least – greatest, no interval",
            How::OrderStatistics => "95 % interval by order statistics",
            How::StudentOfLogs => "95 % interval by Student's t on logarithms of ratios within blocks",
            How::Bootstrap => "95 % interval by BCa bootstrap",
            How::Student => "95 % band by Student's t over blocks that are fitted by themselves",
            How::Blocks => "95 % band by BCa bootstrap of blocks that are fitted by themselves",
        }
    }
}

impl Interval {
    /// Its ends as they can be drawn: what is only bounded stands for its bound, the lower end for its lower one and the upper for its upper one.
    pub fn ends(&self) -> Option<(f64, f64)> {
        Some((self.low.at_least()?, self.high.furthest()?))
    }
}

/// Middle of the amounts; of an even number the mean of the two middle ones.
pub fn median_of_money(amounts: impl IntoIterator<Item = Money>) -> Option<Money> {
    let mut amounts: Vec<Money> = amounts.into_iter().collect();
    amounts.sort_unstable();
    let upper = *amounts.get(amounts.len() / 2)?;
    let lower = *amounts.get(amounts.len().div_ceil(2).saturating_sub(1))?;
    Some((lower + upper).times(1, 2))
}

/// Of nothing.
impl Default for Summary {
    fn default() -> Self {
        Summary::of([])
    }
}

impl Summary {
    /// Of these readings. An order statistic is a value as long as only values stand at or before it: a bound may belong further up, never further
    /// down. Where some lie between two ends, it lies between those of the lower and those of the upper ends.
    pub fn of(readings: impl IntoIterator<Item = Reading>) -> Self {
        let readings: Vec<Reading> = readings.into_iter().collect();
        if readings.iter().any(|reading| matches!(reading, Reading::Between(..))) {
            return Summary::of_ranges(&readings);
        }
        let mut all: Vec<(f64, bool)> = readings
            .into_iter()
            .filter_map(|reading| Some((reading.at_least()?, reading.value().is_none())))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let known = all.iter().position(|(_, bound)| *bound).unwrap_or(all.len());
        let at = |low: usize, high: usize| match (all.get(low), all.get(high)) {
            (Some(a), Some(b)) if high < known => Reading::Value(f64::midpoint(a.0, b.0)),
            (Some(a), Some(b)) => Reading::Beyond(f64::midpoint(a.0, b.0)),
            _ => Reading::Empty,
        };
        let n = all.len();
        let (low, high, last) = (n.saturating_sub(1) / 2, n / 2, n.saturating_sub(1));
        let sum = (n > 0 && known == n).then(|| all.iter().map(|(value, _)| value).sum::<f64>() / n as f64);
        let likely = stats::median_ranks(n, CONFIDENCE).map(|ranks| Interval {
            low: at(ranks.low - 1, ranks.low - 1),
            high: at(ranks.high - 1, ranks.high - 1),
            how: How::OrderStatistics,
        });
        Summary { n, median: at(low, high), min: at(0, 0), max: at(last, last), mean: sum.into(), likely }
    }

    /// The same of times that were watched for differently long: where some were not seen to end, the median is that of Kaplan and Meier.
    pub fn of_times(readings: impl IntoIterator<Item = Reading>) -> Self {
        let readings: Vec<Reading> = readings.into_iter().collect();
        let summary = Summary::of(readings.iter().copied());
        if !readings.iter().any(|one| matches!(one, Reading::Beyond(_))) {
            return summary;
        }
        let time = |one: &Reading| Some((one.at_least()?, one.value().is_some()));
        let times: Vec<(f64, bool)> = readings.iter().filter_map(time).collect();
        let median = stats::kaplan_meier::median(&times).map_or(summary.median, Reading::Value);
        Summary { median, ..summary }
    }

    /// What lies around the median: where it likely lies, of less than six trials what was seen; none of less than two, where nothing can. Whoever shows
    /// a summary shows this beside it.
    pub fn interval(&self) -> Option<Interval> {
        let seen = Interval { low: self.min, high: self.max, how: How::Spread };
        self.likely.or((self.n >= 2).then_some(seen))
    }

    fn of_ranges(readings: &[Reading]) -> Self {
        let known = || readings.iter().filter(|reading| reading.at_least().is_some());
        let low = Summary::of(known().map(|reading| reading.at_least().into()));
        // Of what has no upper end there is none in the statistic either, unless it lies above it.
        let high = Summary::of(known().map(|reading| reading.at_most().map_or(*reading, Reading::Value)));
        let between = |low: Reading, high: Reading| match high {
            Reading::Value(most) => Reading::between(low.value(), Some(most)),
            _ => low.value().map_or(Reading::Empty, Reading::Beyond),
        };
        let both = low.likely.zip(high.likely);
        Summary {
            n: low.n,
            median: between(low.median, high.median),
            min: between(low.min, high.min),
            max: between(low.max, high.max),
            mean: Reading::Empty,
            likely: both.map(|(least, most)| Interval {
                low: between(least.low, most.low),
                high: between(least.high, most.high),
                how: How::OrderStatistics,
            }),
        }
    }

    /// The same in another unit: so many of the new are one of the old.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let likely = self.likely.map(|one| Interval {
            low: one.low.times(factor),
            high: one.high.times(factor),
            ..one
        });
        let [median, min, max, mean] =
            [self.median, self.min, self.max, self.mean].map(|read| read.times(factor));
        Summary { n: self.n, median, min, max, mean, likely }
    }
}

/// Where the mean of these trials likely lies, by resampling them; none of less than ten, where a bootstrap covers less than it says, or where one is
/// only a bound. The median has its order statistics, which need no resampling and cover whatever the distribution is; a mean has not.
pub fn mean_interval(readings: impl IntoIterator<Item = Reading>) -> Option<Interval> {
    let readings = readings.into_iter().filter(|reading| reading.at_least().is_some());
    let values: Vec<f64> = readings.map(Reading::value).collect::<Option<_>>()?;
    if values.len() < FEWEST_RESAMPLED {
        return None;
    }
    let range = stats::bca_of_mean(&values, CONFIDENCE)?;
    Some(Interval { low: Reading::Value(range.low), high: Reading::Value(range.high), how: How::Bootstrap })
}

/// How the trials of a treatment were loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// The backlog grew in every one: their throughput is overload throughput.
    Overload,
    /// It grew in none: their throughput is what was offered.
    Steady,
    /// It fell in some, and grew in none: they worked off what the warm-up had left, or a backlog that was written before, and their throughput is neither.
    Draining,
    /// It grew in some.
    Mixed,
    /// Not known.
    Unknown,
}

impl Load {
    /// Of these trials.
    pub fn of<'a>(trials: impl IntoIterator<Item = &'a Judged>) -> Self {
        let trends: Vec<Option<i8>> = trials.into_iter().map(|trial| trial.trend).collect();
        if trends.is_empty() || trends.contains(&None) {
            Load::Unknown
        } else if trends.iter().all(|trend| *trend == Some(1)) {
            Load::Overload
        } else if trends.contains(&Some(1)) {
            Load::Mixed
        } else if trends.contains(&Some(-1)) {
            Load::Draining
        } else {
            Load::Steady
        }
    }

    /// One word.
    pub const fn name(self) -> &'static str {
        match self {
            Load::Overload => "overload",
            Load::Steady => "steady",
            Load::Draining => "draining",
            Load::Mixed => "mixed",
            Load::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Reading::{Between, Beyond, Empty, TooFew, Value};

    #[test]
    fn the_median_is_the_middle_of_what_is_known() {
        let summary = Summary::of([Value(3.0), Value(1.0), Empty, Value(2.0), TooFew]);
        assert_eq!(
            (summary.n, summary.median, summary.min, summary.max),
            (3, Value(2.0), Value(1.0), Value(3.0))
        );
        assert_eq!(Summary::of([Value(1.0), Value(2.0)]).median, Value(1.5));
        assert_eq!(Summary::of([]).median, Empty);
    }

    #[test]
    fn around_a_median_lies_what_was_seen_and_around_one_value_nothing() {
        let around = Summary::of([Value(3.0), Value(1.0)]).interval().unwrap();
        assert_eq!((around.low, around.high, around.how), (Value(1.0), Value(3.0), How::Spread));
        assert_eq!(Summary::of([Value(3.0), Empty]).interval(), None);
    }

    #[test]
    fn from_six_trials_on_a_median_has_an_interval_and_from_ten_a_mean() {
        let values = |n: u32| (1..=n).map(|value| Value(f64::from(value)));
        let around = |n: u32| Summary::of(values(n)).interval().unwrap();
        assert_eq!(around(5).how, How::Spread);
        assert_eq!((around(6).low, around(6).high), (Value(1.0), Value(6.0)));
        assert_eq!((around(9).low, around(9).high), (Value(2.0), Value(8.0)));
        assert_eq!((around(12).low, around(12).high), (Value(3.0), Value(10.0)));
        assert_eq!(around(12).how, How::OrderStatistics);
        assert_eq!(Summary::of(values(12)).mean, Value(6.5));
        assert_eq!(mean_interval(values(9)), None);
        let mean = mean_interval(values(10)).unwrap();
        let (low, high) = (mean.low.value().unwrap(), mean.high.value().unwrap());
        assert!(low > 2.0 && low < 4.0 && high > 7.0 && high < 9.0, "{mean:?}");
        // What is only a bound stays one in the interval.
        let beyond = Summary::of(values(9).chain([Beyond(9.5), Beyond(9.5)]));
        assert_eq!((beyond.likely.unwrap().high, beyond.mean), (Beyond(9.5), Empty));
    }

    #[test]
    fn the_median_of_money_is_money() {
        let of = |nanos: &[i128]| median_of_money(nanos.iter().map(|nanos| Money::from_nanos(*nanos)));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[3, 1, 2]), Some(Money::from_nanos(2)));
        assert_eq!(of(&[4, 1, 2, 9]), Some(Money::from_nanos(3)));
    }

    #[test]
    fn a_bound_never_stands_for_a_value() {
        let summary = Summary::of([Value(1.0), Beyond(9.0), Value(2.0)]);
        assert_eq!((summary.median, summary.max), (Value(2.0), Beyond(9.0)));
        let summary = Summary::of([Value(5.0), Beyond(3.0), Value(4.0)]);
        assert_eq!((summary.min, summary.median), (Beyond(3.0), Beyond(4.0)));
    }

    #[test]
    fn what_lies_between_two_ends_leaves_its_statistics_between_two() {
        let summary = Summary::of([Value(1.0), Between(2.0, 9.0), Value(4.0)]);
        assert_eq!((summary.min, summary.median), (Value(1.0), Between(2.0, 4.0)));
        assert_eq!(summary.max, Between(4.0, 9.0));
        let summary = Summary::of([Beyond(3.0), Between(1.0, 2.0)]);
        assert_eq!((summary.n, summary.min, summary.max), (2, Between(1.0, 2.0), Beyond(3.0)));
        let ends = |readings: [super::Reading; 2]| Summary::of(readings).interval().unwrap().ends();
        assert_eq!(
            ends([Value(1.0), Between(2.0, 9.0)]),
            Some((1.0, 9.0)),
            "a whisker reaches as far as it may"
        );
        assert_eq!(ends([Value(1.0), Beyond(2.0)]), Some((1.0, 2.0)));
    }

    #[test]
    fn the_median_of_times_counts_what_was_watched_for_too_short_as_no_end() {
        // One that was watched for 2 s says nothing of those that took longer.
        let times = [Value(1.0), Beyond(2.0), Value(3.0), Value(5.0), Value(7.0)];
        assert_eq!(Summary::of(times).median, Beyond(3.0));
        assert_eq!(Summary::of_times(times).median, Value(5.0));
        assert_eq!(Summary::of_times([Value(1.0), Value(3.0)]), Summary::of([Value(1.0), Value(3.0)]));
        assert_eq!(Summary::of_times([Value(1.0), Beyond(9.0), Beyond(9.0)]).median, Beyond(9.0));
    }
}
