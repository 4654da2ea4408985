//! How far a group is behind what was acked.

use super::{AckLedger, Partition};

/// What a group has not yet committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Acked messages at or beyond the committed offsets.
    pub messages: u64,
    /// When the oldest of them was due, Unix ns; where that is forgotten, at the latest.
    pub oldest_due: Option<u64>,
    /// At the earliest, where it is forgotten: their commits have gone back to what was committed before.
    pub earliest_due: Option<u64>,
    /// Of some partition nobody knows any due time: the oldest may be older than was told.
    pub undated: bool,
    /// Such messages of each partition.
    pub by_partition: Vec<u64>,
}

impl Lag {
    /// The partition that lags most, and how much; the first of equals.
    pub fn worst(&self) -> Option<(u32, u64)> {
        let partitions = (0..).zip(self.by_partition.iter().copied());
        partitions.reduce(|worst, one| if one.1 > worst.1 { one } else { worst })
    }
}

impl AckLedger {
    /// What lies at or beyond each partition's committed offset; a partition without a commit counts from its start.
    pub fn lag(&self, committed: &[Option<i64>]) -> Lag {
        let (mut lag, mut is_forgotten) = (Lag::default(), false);
        for (partition, committed) in self.partitions.iter().zip(committed) {
            let from = committed.unwrap_or(0).max(0);
            let messages = partition.acked.count_from(from);
            let oldest = partition.oldest_from(from, messages);
            lag.messages += messages;
            lag.by_partition.push(messages);
            lag.undated |= messages > 0 && oldest.latest.is_none();
            lag.oldest_due = older(lag.oldest_due, oldest.latest);
            lag.earliest_due = older(lag.earliest_due, oldest.earliest);
            is_forgotten |= oldest.is_forgotten;
        }
        Lag { earliest_due: lag.earliest_due.filter(|_| is_forgotten), ..lag }
    }
}

/// When the oldest message was due of those that are not committed: at the latest, and at the earliest, Unix ns.
struct Oldest {
    latest: Option<u64>,
    earliest: Option<u64>,
    is_forgotten: bool,
}

impl Partition {
    /// Of as many as lie from there on. One that is forgotten was due no later than the last of those that are, and no earlier than the first that was acked.
    fn oldest_from(&self, from: i64, messages: u64) -> Oldest {
        if from < self.first && messages > self.acked.count_from(self.first) {
            return Oldest { latest: self.forgotten, earliest: self.first_due, is_forgotten: true };
        }
        let skip = (from - self.first).max(0) as usize;
        let known = self.dues.iter().skip(skip).copied().find(|due| *due > 0);
        Oldest { latest: known, earliest: known, is_forgotten: false }
    }
}

fn older(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    [one, other].into_iter().flatten().min()
}
