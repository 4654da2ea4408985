//! What a group's commits pass, message by message: how long after its due time each was seen to be committed. Pure: readings of commits and the due
//! times of offsets go in, a histogram and counts come out.
//!
//! A record of the offsets topic tells each commit when it comes. A reading says what has been committed by then, not when: a latency that only readings
//! show ends at the first that does. Both hold the wait until the group's next commit; what comes beyond it is the record's way to us, or at most the time
//! between two readings; neither is ever too small. Where the topic tells commits, a reading counts only for what no record told: it waits for those that are
//! on their way. All are worked off a while after they came: a group may commit a message before the broker's ack of it has been booked here.

mod passed;

use std::collections::VecDeque;
use std::ops::Range;

pub use passed::Passed;

use super::committed::Committed;
use super::told::Told;
use crate::books::BySecond;
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
    partitions: Vec<Partition>,
    /// When the first reading was asked for, Unix ns: what it shows no record will tell that comes later.
    began: Option<u64>,
    latencies: BySecond,
    /// Whether it is known when messages were done: of a share group it is not.
    timed: bool,
    tally: Passed,
}

/// How far a group is in a partition.
#[derive(Clone, Debug, Default)]
struct Partition {
    /// The offset up to which messages have been counted: nothing below it is asked for again. A commit beyond the end does not move it past what is there.
    reached: i64,
    /// The greatest offset that was committed.
    furthest: i64,
    /// The commit that counts now, and since when, Unix ns.
    commit: Option<(i64, u64)>,
    /// When its commits moved on last, Unix ns.
    moved: Option<u64>,
    /// The topic tells its commits.
    told: bool,
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

impl Passing {
    /// Of a topic of that many partitions; latencies go to `latencies`, by the second of due.
    pub fn new(partitions: u32, latencies: BySecond) -> Self {
        let partitions = partitions as usize;
        let tally =
            Passed { firsts: vec![None; partitions], offsets: vec![None; partitions], ..Passed::default() };
        Passing {
            held: VecDeque::new(),
            partitions: vec![Partition::default(); partitions],
            began: None,
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

    /// Whether somebody listens to the offsets topic, and is to `hear` what its records tell.
    #[must_use]
    pub fn listening(mut self, listened: bool) -> Self {
        self.tally.listened = listened;
        self
    }

    /// Of a topic that holds others' messages already: of each partition nothing before this offset is ours.
    #[must_use]
    pub fn beginning_at(mut self, starts: &[i64]) -> Self {
        for (of, start) in self.partitions.iter_mut().zip(starts) {
            (of.reached, of.furthest) = (*start, *start);
        }
        self
    }

    /// Takes a reading, and works off those that are old enough. `dues` are offsets and due times (Unix ns) of our own messages in a span of a partition.
    pub fn add<I: Iterator<Item = (i64, u64)>>(
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
        // The first shows what was committed before anybody listened: no record will come that tells it, and what comes next passes no more than what came since.
        let is_first = self.began.is_none();
        let asked = *self.began.get_or_insert(reading.asked);
        let turn = if is_first { asked } else { reading.at + GRACE_NS };
        self.hold(Held { turn, at: reading.at, way: None, offsets });
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
        self.partitions.iter().map(|of| Some(of.reached)).collect()
    }

    /// What is left is worked off, all acks being booked.
    pub fn finish<I: Iterator<Item = (i64, u64)>>(
        mut self,
        mut dues: impl FnMut(u32, Range<i64>) -> I,
    ) -> Passed {
        self.work_off(u64::MAX, &mut dues);
        for (partition, of) in (0..).zip(&mut self.partitions) {
            self.tally.ahead += of.overtaken(u64::MAX, |offsets| dues(partition, offsets));
        }
        self.latencies.flush();
        Passed { out_of_range: self.latencies.out_of_range(), ..self.tally }
    }

    fn work_off<I: Iterator<Item = (i64, u64)>>(
        &mut self,
        until: u64,
        mut dues: impl FnMut(u32, Range<i64>) -> I,
    ) {
        while let Some(held) = self.held.pop_front_if(|held| held.turn <= until) {
            for (partition, offset) in &held.offsets {
                self.pass((held.at, held.way), *partition, *offset, |offsets| dues(*partition, offsets));
            }
        }
    }

    fn pass<I: Iterator<Item = (i64, u64)>>(
        &mut self,
        (at, way): (u64, Option<u64>),
        partition: u32,
        offset: i64,
        mut dues: impl FnMut(Range<i64>) -> I,
    ) {
        let place = partition as usize;
        let (Some(of), Some(first), Some(last)) = (
            self.partitions.get_mut(place),
            self.tally.firsts.get_mut(place),
            self.tally.offsets.get_mut(place),
        ) else {
            return;
        };
        of.told |= way.is_some();
        if of.told && way.is_none() && offset <= of.furthest {
            if of.commit.is_some_and(|(commit, _)| commit == offset) {
                self.tally.ahead += of.overtaken(at, dues);
            }
            return;
        }
        let on_their_way = self.began.map(|began| began..began + GRACE_NS);
        if way.is_some()
            && first.is_some_and(|first| offset < first)
            && on_their_way.is_some_and(|on_their_way| on_their_way.contains(&at))
        {
            // The first reading has shown what was committed after that.
            return;
        }
        first.get_or_insert(offset);
        if last.is_some_and(|last| offset < last) {
            self.tally.rewinds += 1;
        } else {
            self.tally.ahead += of.overtaken(at, &mut dues);
        }
        if last.is_none_or(|last| offset > last) {
            self.tally.moves += 1;
            if let Some(before) = of.moved.replace(at) {
                // Readings are a quarter second apart, give or take.
                let step = if way.is_some() { STEP_NS } else { QUARTER_NS };
                let steps = (at.saturating_sub(before) + step / 2) / step * (step / STEP_NS);
                *self.tally.intervals.entry(steps).or_default() += 1;
            }
        }
        *last = Some(offset);
        of.furthest = of.furthest.max(offset);
        of.commit = of.commit.filter(|(commit, _)| *commit == offset).or(Some((offset, at)));
        // Only the first time counts: what is committed again was processed again.
        let mut count = 0;
        for (offset, due) in dues(of.reached..offset) {
            let Some(took) = at.checked_sub(due) else {
                // It is not there yet.
                of.reached = offset;
                break;
            };
            of.reached = offset + 1;
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

impl Partition {
    /// How many messages were due by `until`, and after the commit that counts now had passed their places. What was due before that and was not known by then
    /// is passed over: its ack came late.
    fn overtaken<I: Iterator<Item = (i64, u64)>>(
        &mut self,
        until: u64,
        mut dues: impl FnMut(Range<i64>) -> I,
    ) -> u64 {
        let Some((commit, since)) = self.commit.filter(|(commit, _)| *commit > self.reached) else {
            return 0;
        };
        let mut ahead = 0;
        for (offset, due) in dues(self.reached..commit) {
            if due > until {
                self.reached = offset;
                break;
            }
            self.reached = offset + 1;
            ahead += u64::from(due > since);
        }
        ahead
    }
}

#[cfg(test)]
mod tests;
