//! What a group's commits pass, message by message: how long after its due time each was seen to be committed. Pure: readings of commits and the due
//! times of offsets go in, a histogram and counts come out.
//!
//! A record of the offsets topic tells each commit when it comes. A reading says what has been committed by then, not when: a latency that only readings
//! show ends at the first that does. Both hold the wait until the group's next commit; what comes beyond it is the record's way to us, or at most the time
//! between two readings; neither is ever too small. Where the topic tells commits, a reading counts only for what no record told: it waits for those that are
//! on their way. All are worked off a while after they came: a group may commit a message before the broker's ack of it has been booked here.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::committed::Committed;
use super::told::Told;
use crate::books::{ByQuarter, BySecond};
use crate::cluster::ShareOffsets;
use crate::timeline::{QUARTER_NS, SECOND_NS, quarter_of, second_of};

/// Readings are held so long. An ack that is booked later than that after the message was seen to be committed comes too late for its latency.
const HELD_NS: u64 = 5 * SECOND_NS;
/// Records that are on their way longer are overtaken by the reading that shows the same.
const GRACE_NS: u64 = SECOND_NS;
/// Times between two moves are kept in these steps.
const STEP_NS: u64 = SECOND_NS / 100;

/// Follows the commits of one group.
#[derive(Debug)]
pub struct Passing {
    /// What came and is not worked off yet, in the order in which it will be.
    held: VecDeque<Held>,
    /// By partition, the offset up to which messages have been counted; nothing below it is asked for again.
    reached: Vec<i64>,
    /// When each partition's commits moved last, Unix ns.
    moved: Vec<Option<u64>>,
    /// Partitions whose commits the topic tells.
    told: Vec<bool>,
    latencies: BySecond,
    /// Whether it is known when messages were done: of a share group it is not.
    timed: bool,
    tally: Passed,
}

/// Commits of some partitions at one moment.
#[derive(Debug)]
struct Held {
    /// When it is worked off.
    turn: u64,
    at: u64,
    /// How long a record was on its way; none of a reading.
    way: Option<u64>,
    offsets: Vec<(u32, i64)>,
}

/// What was seen of a group's commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Readings that were worked off.
    pub readings: u64,
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
    /// Messages before whose due time a commit beyond the end of their partition had passed them: nobody can have processed them by then, and they are in no
    /// other count.
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

impl Passing {
    /// Of a topic of that many partitions; latencies go to `latencies`, by the second of due.
    pub fn new(partitions: u32, latencies: BySecond) -> Self {
        let partitions = partitions as usize;
        let tally =
            Passed { firsts: vec![None; partitions], offsets: vec![None; partitions], ..Passed::default() };
        Passing {
            held: VecDeque::new(),
            reached: vec![0; partitions],
            moved: vec![None; partitions],
            told: vec![false; partitions],
            latencies,
            timed: true,
            tally,
        }
    }

    /// Of a group of which it is known how many messages are done, and not which: when each was nobody tells.
    #[must_use]
    pub fn untimed(self) -> Self {
        Passing { timed: false, ..self }
    }

    /// Of a topic that holds others' messages already: of each partition nothing before this offset is ours.
    #[must_use]
    pub fn beginning_at(mut self, starts: &[i64]) -> Self {
        for (reached, start) in self.reached.iter_mut().zip(starts) {
            *reached = *start;
        }
        self
    }

    /// Takes a reading, and works off those that are old enough. `dues` are the due times (Unix ns) of our own messages at some offsets of a partition.
    pub fn add<I: Iterator<Item = u64>>(
        &mut self,
        reading: &Committed,
        dues: impl FnMut(u32, Range<i64>) -> I,
    ) {
        let old = reading.at.saturating_sub(HELD_NS);
        self.tally.readings += 1;
        let is_told = |share: &ShareOffsets| share.lags.iter().all(Option::is_some);
        self.tally.lags_told += u64::from(reading.share.as_ref().is_some_and(is_told));
        let mut offsets = Vec::new();
        for (partition, (offset, first)) in (0..).zip(reading.offsets.iter().zip(&mut self.tally.firsts)) {
            let Some(offset) = *offset else { continue };
            first.get_or_insert(offset);
            offsets.push((partition, offset));
        }
        self.hold(Held { turn: reading.at + GRACE_NS, at: reading.at, way: None, offsets });
        self.work_off(old, dues);
    }

    /// Takes what a record of the offsets topic told. It is worked off with the readings.
    pub fn hear(&mut self, told: Told) {
        let way = Some(told.at.saturating_sub(told.own));
        self.hold(Held { turn: told.at, at: told.at, way, offsets: told.offsets });
    }

    fn hold(&mut self, held: Held) {
        let behind = self.held.iter().rev().take_while(|other| other.turn > held.turn).count();
        self.held.insert(self.held.len() - behind, held);
    }

    /// By partition, the offset before which no due time will be asked for again.
    pub fn reached(&self) -> Vec<Option<i64>> {
        self.reached.iter().copied().map(Some).collect()
    }

    /// What is left is worked off, all acks being booked.
    pub fn finish<I: Iterator<Item = u64>>(mut self, dues: impl FnMut(u32, Range<i64>) -> I) -> Passed {
        self.work_off(u64::MAX, dues);
        self.latencies.flush();
        Passed { out_of_range: self.latencies.out_of_range(), ..self.tally }
    }

    fn work_off<I: Iterator<Item = u64>>(&mut self, until: u64, mut dues: impl FnMut(u32, Range<i64>) -> I) {
        while let Some(held) = self.held.pop_front_if(|held| held.turn <= until) {
            for (partition, offset) in &held.offsets {
                self.pass((held.at, held.way), *partition, *offset, &mut dues);
            }
        }
    }

    fn pass<I: Iterator<Item = u64>>(
        &mut self,
        (at, way): (u64, Option<u64>),
        partition: u32,
        offset: i64,
        dues: &mut impl FnMut(u32, Range<i64>) -> I,
    ) {
        let place = partition as usize;
        let (Some(reached), Some(moved), Some(told), Some(first), Some(last)) = (
            self.reached.get_mut(place),
            self.moved.get_mut(place),
            self.told.get_mut(place),
            self.tally.firsts.get_mut(place),
            self.tally.offsets.get_mut(place),
        ) else {
            return;
        };
        *told |= way.is_some();
        if *told && way.is_none() && offset <= *reached {
            return;
        }
        first.get_or_insert(offset);
        if last.is_some_and(|last| offset < last) {
            self.tally.rewinds += 1;
        }
        if last.is_none_or(|last| offset > last) {
            self.tally.moves += 1;
            if let Some(before) = moved.replace(at) {
                // Readings are a quarter second apart, give or take.
                let step = if way.is_some() { STEP_NS } else { QUARTER_NS };
                let steps = (at.saturating_sub(before) + step / 2) / step * (step / STEP_NS);
                *self.tally.intervals.entry(steps).or_default() += 1;
            }
        }
        *last = Some(offset);
        // Only the first time counts: what is committed again was processed again.
        let from = std::mem::replace(reached, (*reached).max(offset));
        let mut count = 0;
        for due in dues(partition, from..offset) {
            let Some(took) = at.checked_sub(due) else {
                self.tally.ahead += 1;
                continue;
            };
            count += 1;
            if self.timed {
                self.latencies.record(second_of(due), took);
            }
        }
        self.tally.messages += count;
        if count > 0 {
            let quarter = quarter_of(at);
            self.tally.quarters.add(if way.is_some() { quarter } else { quarter.saturating_sub(1) }, count);
        }
        if let Some(way) = way.filter(|_| count > 0) {
            self.tally.told += count;
            self.tally.longest_way = self.tally.longest_way.max(way);
        }
    }
}

#[cfg(test)]
mod tests;
