//! What instances last told of themselves, added up, and what their members did in the window.

use std::collections::BTreeMap;

use super::{Gathered, HeardInstance};
use crate::books::keyed::{Keyed, MovedKeys, moved};
use crate::books::{BySecond, OffsetSet};
use crate::consumers::emulation::Worked;
use crate::consumers::line::Report;
use crate::consumers::spent::Spent;

/// Of more messages with a key than these nobody keeps what became of their order: 48 bytes each.
const MOST_KEYED: usize = 2_000_000;

/// What the time of one member went to between two reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberSpent {
    /// Its instance.
    pub instance: u32,
    /// Which thread of it.
    pub thread: u32,
    /// The partitions that it had at the second report.
    pub partitions: Vec<u32>,
    /// The time between the two, in ns.
    pub over_ns: u64,
    /// What it went to.
    pub spent: Spent,
}

impl Gathered {
    /// Keeps messages with a key, as long as they are not too many.
    pub(super) fn keep_keyed(&mut self, news: &[Keyed]) {
        if news.is_empty() || self.too_many_keyed {
            return;
        }
        self.keyed.extend(news);
        if self.keyed.len() > MOST_KEYED {
            (self.keyed, self.too_many_keyed) = (Vec::new(), true);
        }
    }

    /// Adds the seconds of due in which an instance did something in time.
    pub(super) fn came_in_time(&mut self, told: &BTreeMap<i32, OffsetSet>) {
        for (partition, seconds) in told {
            for second in seconds.iter().flat_map(|(first, end)| first..end) {
                self.in_time.put(second.unsigned_abs(), partition.unsigned_abs(), 1);
            }
        }
    }

    /// What became of the keys of messages from a moment on, Unix ns; none where there were no keys, nobody was asked to tell them, or they were too many.
    pub fn moved_keys(&self, at: u64) -> Option<MovedKeys> {
        (!self.keyed.is_empty()).then(|| moved(self.keyed.clone(), at))
    }

    /// Redeliveries that an instance saw of what it had processed itself, canaries apart.
    pub fn duplicates_within(&self) -> u64 {
        self.total(|report| report.duplicates)
    }

    /// Deliveries out of order, redeliveries apart.
    pub fn out_of_order(&self) -> u64 {
        self.total(|report| report.out_of_order)
    }

    /// Messages without an envelope of the trial.
    pub fn foreign(&self) -> u64 {
        self.total(|report| report.foreign)
    }

    /// Latencies that came out negative and were counted as zero.
    pub fn negative(&self) -> u64 {
        self.negative_fresh + self.total(|report| report.negative)
    }

    /// Values that no histogram could hold, and histograms that could not be read.
    pub fn out_of_range(&self) -> u64 {
        self.latencies.values().map(BySecond::out_of_range).sum::<u64>()
            + self.undecoded
            + self.total(|report| report.out_of_range)
    }

    /// Redeliveries that could not be told from first processings and are in the latencies and rates.
    pub fn unattributed_redeliveries(&self) -> u64 {
        self.unattributed_redeliveries
    }

    /// Work under a pace and CPU (in ns) of an instance between the first and the last of its reports that were cut between these
    /// moments (Unix ns); none where there are no two.
    pub fn worked(&self, instance: u32, window: (u64, u64)) -> Option<(Worked, u64)> {
        let done = self.instances.get(&instance)?.cuts.done(window)?;
        Some((done.worked, done.cpu_ns))
    }

    /// What the time of every member went to between the first and the last report of its instance that were cut between these moments (Unix ns); nothing of
    /// an instance that told of none, or has no two such reports.
    pub fn members(&self, window: (u64, u64)) -> Vec<MemberSpent> {
        let of_instance = |(index, instance): (&u32, &HeardInstance)| {
            let done = instance.cuts.done(window).unwrap_or_default();
            let of = |(thread, spent): (u32, &Spent)| {
                let held = instance.held.get(&thread).into_iter().flatten();
                let partitions = held.filter_map(|partition| u32::try_from(*partition).ok()).collect();
                MemberSpent { instance: *index, thread, partitions, over_ns: done.over_ns, spent: *spent }
            };
            (0..).zip(&done.members).map(of).collect::<Vec<_>>()
        };
        self.instances.iter().flat_map(of_instance).collect()
    }

    /// The longest time between two reports of each instance, a part of which lies between these moments, from when to when (Unix ns): they are cut once a
    /// second, whatever its members do. Of one that reports no more it lasts until its output ended, at most until the second moment.
    pub fn silences(&self, (from_ns, to_ns): (u64, u64)) -> Vec<(u32, u64, u64)> {
        let longest = |(index, instance): (&u32, &HeardInstance)| {
            let end = instance.ended.unwrap_or(to_ns).min(to_ns);
            let (start, end) = instance.cuts.longest_silence((from_ns, to_ns), end)?;
            Some((*index, start, end))
        };
        self.instances.iter().filter_map(longest).collect()
    }

    /// Bytes that all instances got from brokers between these moments (Unix ns), as their sockets count them: of one that was killed without what came after
    /// its last line. None where one of them does not tell, or there is none.
    pub fn fetched(&self, window: (u64, u64)) -> Option<f64> {
        let heard = self.instances.values().filter(|instance| instance.tallies.at_ns > 0);
        let mut all = heard.map(|instance| instance.cuts.fetched(window)).peekable();
        all.peek()?;
        all.sum()
    }

    /// CPU time of all instances, as each last told.
    pub fn cpu_ns(&self) -> u64 {
        self.total(|report| report.cpu_ns)
    }

    fn total(&self, of: impl Fn(&Report) -> u64) -> u64 {
        self.instances.values().map(|instance| of(&instance.tallies)).sum()
    }
}
