//! What was seen of a group's commits, all of it together.

use std::collections::BTreeMap;

use super::STEP_NS;
use crate::books::ByQuarter;
use crate::timeline::SECOND_NS;

/// What was seen of a group's commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Readings that were worked off.
    pub readings: u64,
    /// Whether somebody listened to the offsets topic.
    pub listened: bool,
    /// Those of them in which the broker told the lag of all partitions itself.
    pub lags_told: u64,
    /// Messages by the absolute quarter second in which they were committed: that in which a record told it, or that before the reading which showed it.
    pub quarters: ByQuarter,
    /// Messages that were seen to be committed, and whose due time was known by then.
    pub messages: u64,
    /// Those of them whose commit the offsets topic told.
    pub told: u64,
    /// The longest that a record which told some was on its way, by the broker's clock, in ns.
    pub longest_way: u64,
    /// Messages before whose due time a commit beyond the end of their partition had passed them, and none had gone back behind them since: nobody can have
    /// processed them by then, and they are in no other count.
    pub ahead: u64,
    /// Values that no histogram could hold.
    pub out_of_range: u64,
    /// How often the commits of a partition moved.
    pub moves: u64,
    /// How often they went back: what lies between comes again.
    pub rewinds: u64,
    /// Times between two moves of a partition, in hundredths of a second, and how often each was seen; of readings whole quarter seconds.
    pub intervals: BTreeMap<u64, u64>,
    /// By partition, the offset before which all was committed, as first read; `None` where nothing ever was.
    pub firsts: Vec<Option<i64>>,
    /// The same as last read.
    pub offsets: Vec<Option<i64>>,
}

impl Passed {
    /// The time between two moves of a partition's commits, the median, in seconds; none where none moved twice.
    pub fn interval_s(&self) -> Option<f64> {
        let all: u64 = self.intervals.values().sum();
        let mut left = all.div_ceil(2);
        for (steps, count) in &self.intervals {
            if *count >= left && all > 0 {
                return Some((*steps * STEP_NS) as f64 / SECOND_NS as f64);
            }
            left = left.saturating_sub(*count);
        }
        None
    }
}
