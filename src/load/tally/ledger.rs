//! Which offsets were acked, and when each of them was due: what lag, time lag and the books are made of.

use std::collections::VecDeque;

use crate::books::OffsetSet;

/// One acked message.
#[derive(Clone, Copy, Debug)]
pub struct Ack {
    /// Where it lies.
    pub partition: u32,
    /// Its offset there.
    pub offset: i64,
    /// When it was due, Unix ns.
    pub due: u64,
}

/// Acked messages on their way to the ledger: runs of offsets, since a broker acks whole batches.
#[derive(Debug, Default)]
pub struct AckBatch {
    runs: Vec<Run>,
    /// Of all runs' messages, in their order; empty where nobody asks for them.
    dues: Vec<u64>,
    length: usize,
    with_dues: bool,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    partition: u32,
    first: i64,
    end: i64,
}

impl AckBatch {
    /// Room for that many messages, so that filling it allocates nothing.
    pub fn with_capacity(messages: usize, with_dues: bool) -> Self {
        let dues = Vec::with_capacity(if with_dues { messages } else { 0 });
        AckBatch { runs: Vec::with_capacity(messages), dues, length: 0, with_dues }
    }

    /// Messages in it.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// One more.
    pub fn push(&mut self, ack: Ack) {
        self.length += 1;
        if self.with_dues {
            self.dues.push(ack.due);
        }
        match self.runs.last_mut() {
            Some(run) if run.partition == ack.partition && run.end == ack.offset => run.end += 1,
            _ => self.runs.push(Run { partition: ack.partition, first: ack.offset, end: ack.offset + 1 }),
        }
    }

    /// Empties it; its room stays.
    pub fn clear(&mut self) {
        self.runs.clear();
        self.dues.clear();
        self.length = 0;
    }
}

/// The acks of a trial so far.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    partitions: Vec<Partition>,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    acked: OffsetSet,
    /// The offset that `dues` begins with.
    first: i64,
    /// From `first` on; 0 where nothing is known.
    dues: VecDeque<u64>,
}

/// What a group has not yet committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Acked messages at or beyond the committed offsets.
    pub messages: u64,
    /// When the oldest of them was due, Unix ns.
    pub oldest_due: Option<u64>,
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

impl Ledger {
    /// For a topic of that many partitions.
    pub fn new(partitions: u32) -> Self {
        Ledger { partitions: vec![Partition::default(); partitions as usize] }
    }

    /// Books a batch of acks.
    pub fn book(&mut self, batch: &AckBatch) {
        let mut dues = batch.dues.as_slice();
        for run in &batch.runs {
            let partition = &mut self.partitions[run.partition as usize];
            partition.acked.insert_range(run.first, run.end);
            if batch.with_dues {
                let (own, rest) = dues.split_at((run.end - run.first) as usize);
                partition.remember(run.first, own);
                dues = rest;
            }
        }
    }

    /// The acked offsets, by partition.
    pub fn acked(&self) -> Vec<OffsetSet> {
        self.partitions.iter().map(|partition| partition.acked.clone()).collect()
    }

    /// Acked messages so far, by partition.
    pub fn counts(&self) -> Vec<u64> {
        self.partitions.iter().map(|partition| partition.acked.len()).collect()
    }

    /// The acked offsets alone, for after the trial.
    #[must_use]
    pub fn closed(&self) -> Ledger {
        let close = |acked| Partition { acked, ..Partition::default() };
        Ledger { partitions: self.acked().into_iter().map(close).collect() }
    }

    /// What lies at or beyond each partition's committed offset; a partition without a commit counts from its start.
    pub fn lag(&self, committed: &[Option<i64>]) -> Lag {
        let mut lag = Lag::default();
        for (partition, committed) in self.partitions.iter().zip(committed) {
            let from = committed.unwrap_or(0).max(0);
            let messages = partition.acked.count_from(from);
            lag.messages += messages;
            lag.by_partition.push(messages);
            let skip = (from - partition.first).max(0) as usize;
            let oldest = partition.dues.iter().skip(skip).copied().find(|due| *due > 0);
            lag.oldest_due = [lag.oldest_due, oldest].into_iter().flatten().min();
        }
        lag
    }

    /// Due times before these offsets will not be asked for again: at millions a second they would fill the memory.
    pub fn forget(&mut self, committed: &[Option<i64>]) {
        for (partition, committed) in self.partitions.iter_mut().zip(committed) {
            let past = (committed.unwrap_or(0) - partition.first).clamp(0, partition.dues.len() as i64);
            partition.dues.drain(..past as usize);
            partition.first += past;
        }
    }
}

impl Partition {
    fn remember(&mut self, first: i64, dues: &[u64]) {
        // What was forgotten stays so: it was committed by somebody before its ack was booked.
        let known = (self.first - first).clamp(0, dues.len() as i64);
        if known == dues.len() as i64 {
            return;
        }
        let start = (first + known - self.first) as usize;
        let dues = &dues[known as usize..];
        if start == self.dues.len() {
            self.dues.extend(dues);
            return;
        }
        if self.dues.len() < start + dues.len() {
            self.dues.resize(start + dues.len(), 0);
        }
        for (place, due) in self.dues.range_mut(start..).zip(dues) {
            *place = *due;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(acks: &[(u32, i64, u64)]) -> AckBatch {
        let mut batch = AckBatch::with_capacity(acks.len(), true);
        for &(partition, offset, due) in acks {
            batch.push(Ack { partition, offset, due });
        }
        batch
    }

    fn numbers(lag: &Lag) -> (u64, Option<u64>) {
        (lag.messages, lag.oldest_due)
    }

    #[test]
    fn time_lag_is_the_age_of_the_oldest_message_not_committed() {
        let mut ledger = Ledger::new(2);
        ledger.book(&batch(&[(0, 1, 100), (0, 2, 200), (1, 1, 150), (1, 2, 250)]));
        assert_eq!(numbers(&ledger.lag(&[Some(2), Some(1)])), (3, Some(150)));
        assert_eq!(numbers(&ledger.lag(&[Some(3), Some(3)])), (0, None));
    }

    #[test]
    fn without_a_commit_all_is_lag_and_a_hole_is_stepped_over() {
        let mut ledger = Ledger::new(1);
        ledger.book(&batch(&[(0, 5, 500), (0, 3, 300)]));
        assert_eq!(numbers(&ledger.lag(&[None])), (2, Some(300)));
        assert_eq!(numbers(&ledger.lag(&[Some(4)])), (1, Some(500)));
    }

    #[test]
    fn the_lag_of_a_partition_is_told_beside_that_of_all() {
        let mut ledger = Ledger::new(3);
        ledger.book(&batch(&[(0, 1, 100), (1, 1, 150), (1, 2, 250), (2, 1, 300), (2, 2, 400)]));
        let lag = ledger.lag(&[None, None, Some(2)]);
        assert_eq!((lag.by_partition.as_slice(), lag.worst()), ([1, 2, 1].as_slice(), Some((1, 2))));
        assert_eq!(ledger.counts(), [1, 2, 2]);
    }

    #[test]
    fn what_is_forgotten_changes_no_later_lag() {
        let acks: Vec<_> = (0..100).map(|offset| (0, offset, 1_000 + offset as u64)).collect();
        let (mut whole, mut trimmed) = (Ledger::new(1), Ledger::new(1));
        for (step, chunk) in acks.chunks(7).enumerate() {
            // Commits run ahead of acks in the end: reports may come late.
            whole.book(&batch(chunk));
            trimmed.book(&batch(chunk));
            let committed = [Some(step as i64 * 9)];
            assert_eq!(trimmed.lag(&committed), whole.lag(&committed));
            trimmed.forget(&committed);
        }
        assert_eq!(trimmed.acked(), whole.acked());
        assert!(trimmed.partitions[0].dues.len() < 10, "{}", trimmed.partitions[0].dues.len());
    }

    #[test]
    fn without_dues_the_books_are_the_same() {
        let mut ledger = Ledger::new(2);
        let mut acks = AckBatch::with_capacity(4, false);
        for (partition, offset) in [(0, 1), (0, 2), (1, 7), (0, 3)] {
            acks.push(Ack { partition, offset, due: 5 });
        }
        ledger.book(&acks);
        assert_eq!((acks.len(), ledger.acked()[0].len(), ledger.acked()[1].len()), (4, 3, 1));
        assert_eq!(numbers(&ledger.lag(&[None, None])), (4, None));
    }

    #[test]
    fn acks_that_are_booked_after_their_commit_was_seen_change_nothing() {
        let mut ledger = Ledger::new(1);
        ledger.book(&batch(&[(0, 0, 100), (0, 1, 200), (0, 2, 300), (0, 3, 400)]));
        ledger.forget(&[Some(4)]);
        ledger.book(&batch(&[(0, 1, 200), (0, 2, 300)]));
        assert_eq!(ledger.lag(&[Some(4)]), Lag { messages: 0, oldest_due: None });
        ledger.book(&batch(&[(0, 3, 400), (0, 4, 500)]));
        assert_eq!(ledger.lag(&[Some(4)]), Lag { messages: 1, oldest_due: Some(500) });
    }
}
