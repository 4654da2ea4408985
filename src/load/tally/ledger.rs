//! Which offsets were acked, and when each of them was due: what lag, time lag and the books are made of.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::transaction::Transaction;
use crate::books::OffsetSet;
use crate::timeline::quarter_of;

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

/// Which transaction a message is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The producer's number.
    pub producer: u32,
    /// The transaction's, among the producer's.
    pub transaction: u64,
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
    tag: Option<Tag>,
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

    /// One more, of a producer without transactions.
    pub fn push(&mut self, ack: Ack) {
        self.push_in(None, ack);
    }

    /// One more, in a transaction where there is one.
    #[inline] // it runs once an ack, and is called from other units of code generation
    pub fn push_in(&mut self, tag: Option<Tag>, ack: Ack) {
        self.length += 1;
        if self.with_dues {
            self.dues.push(ack.due);
        }
        match self.runs.last_mut() {
            Some(run) if run.partition == ack.partition && run.end == ack.offset && run.tag == tag => {
                run.end += 1;
            }
            _ => {
                let (partition, first) = (ack.partition, ack.offset);
                self.runs.push(Run { partition, first, end: first + 1, tag });
            }
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
    transactions: Vec<Option<Arc<Transaction>>>,
    /// What is acked in transactions that are not known to have ended, with due times where they are known; by producer.
    open: BTreeMap<u32, Vec<(Run, Vec<u64>)>>,
    /// Due times of aborted messages, by quarter seconds.
    aborted_dues: BTreeMap<u64, u64>,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    /// Those of aborted transactions are not among them.
    acked: OffsetSet,
    /// Acked in a transaction that was aborted.
    aborted: OffsetSet,
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
        Ledger { partitions: vec![Partition::default(); partitions as usize], ..Ledger::default() }
    }

    /// From now on messages may be in these transactions, by producer.
    pub fn follow(&mut self, transactions: Vec<Option<Arc<Transaction>>>) {
        self.transactions = transactions;
    }

    /// Books a batch of acks.
    pub fn book(&mut self, batch: &AckBatch) {
        let mut dues = batch.dues.as_slice();
        for run in &batch.runs {
            let partition = &mut self.partitions[run.partition as usize];
            partition.acked.insert_range(run.first, run.end);
            let mut own: &[u64] = &[];
            if batch.with_dues {
                (own, dues) = dues.split_at((run.end - run.first) as usize);
                partition.remember(run.first, own);
            }
            if let Some(tag) = run.tag {
                self.open.entry(tag.producer).or_default().push((*run, own.to_vec()));
            }
        }
        self.settle(false);
    }

    /// Takes what was aborted out of what was acked. At the end what has not ended is taken for aborted too: nobody was told that it was committed.
    fn settle(&mut self, at_the_end: bool) {
        for (producer, runs) in &mut self.open {
            let Some(transaction) = self.transactions.get(*producer as usize).and_then(Option::as_ref) else {
                continue;
            };
            for (run, dues) in runs.extract_if(.., |(run, _)| {
                let number = run.tag.map_or(0, |tag| tag.transaction);
                at_the_end || transaction.was_aborted(number).is_some()
            }) {
                let number = run.tag.map_or(0, |tag| tag.transaction);
                if transaction.was_aborted(number) == Some(false) {
                    continue;
                }
                self.partitions[run.partition as usize].abort(run.first, run.end);
                for due in dues {
                    *self.aborted_dues.entry(quarter_of(due)).or_default() += 1;
                }
            }
        }
    }

    /// Offsets of aborted transactions, by partition.
    pub fn aborted(&self) -> Vec<OffsetSet> {
        self.partitions.iter().map(|partition| partition.aborted.clone()).collect()
    }

    /// Messages of aborted transactions by the quarter second in which they were due; empty where due times are not known.
    pub fn aborted_dues(&self) -> &BTreeMap<u64, u64> {
        &self.aborted_dues
    }

    /// The acked offsets, by partition.
    pub fn acked(&self) -> Vec<OffsetSet> {
        self.partitions.iter().map(|partition| partition.acked.clone()).collect()
    }

    /// Acked messages so far, those of aborted transactions among them, by partition.
    pub fn counts(&self) -> Vec<u64> {
        self.partitions.iter().map(|partition| partition.acked.len() + partition.aborted.len()).collect()
    }

    /// The acked offsets alone, for after the trial.
    #[must_use]
    pub fn closed(&self) -> Ledger {
        let offsets = |partition: &Partition| Partition {
            acked: partition.acked.clone(),
            aborted: partition.aborted.clone(),
            ..Partition::default()
        };
        let mut closed = Ledger {
            partitions: self.partitions.iter().map(offsets).collect(),
            transactions: self.transactions.clone(),
            open: self.open.clone(),
            aborted_dues: self.aborted_dues.clone(),
        };
        closed.settle(true);
        closed
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
    fn abort(&mut self, first: i64, end: i64) {
        self.acked.remove_range(first, end);
        self.aborted.insert_range(first, end);
        let known = |offset: i64| (offset - self.first).clamp(0, self.dues.len() as i64) as usize;
        let (from, to) = (known(first), known(end));
        self.dues.range_mut(from..to).for_each(|due| *due = 0);
    }

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
    fn what_was_aborted_is_neither_acked_nor_lag_and_an_open_transaction_is_settled_at_the_end() {
        let transaction = Arc::new(Transaction::default());
        let mut ledger = Ledger::new(1);
        ledger.follow(vec![None, Some(Arc::clone(&transaction))]);
        let book = |ledger: &mut Ledger, number: u64, offsets: std::ops::Range<i64>| {
            let mut batch = AckBatch::with_capacity(10, true);
            for offset in offsets {
                let tag = Tag { producer: 1, transaction: number };
                batch.push_in(Some(tag), Ack { partition: 0, offset, due: 1_000 + offset as u64 });
            }
            ledger.book(&batch);
        };
        // A control record takes the offset after each transaction.
        transaction.begin();
        book(&mut ledger, 1, 0..3);
        assert_eq!(
            numbers(&ledger.lag(&[None])),
            (3, Some(1_000)),
            "who knows yet that they will be aborted?"
        );
        transaction.end(true);
        transaction.begin();
        book(&mut ledger, 2, 4..6);
        assert_eq!(numbers(&ledger.lag(&[None])), (2, Some(1_004)));
        transaction.end(false);
        transaction.begin();
        book(&mut ledger, 3, 7..8);
        let closed = ledger.closed();
        assert_eq!(closed.acked()[0], vec![(4, 6)].into());
        assert_eq!(closed.aborted()[0], vec![(0, 3), (7, 8)].into());
        assert_eq!(closed.aborted_dues().values().sum::<u64>(), 4);
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
        assert_eq!(numbers(&ledger.lag(&[Some(4)])), (0, None));
        ledger.book(&batch(&[(0, 3, 400), (0, 4, 500)]));
        assert_eq!(numbers(&ledger.lag(&[Some(4)])), (1, Some(500)));
    }
}
