//! Which offsets were acked, and when each of them was due: what lag, time lag and the books are made of.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

pub use lag::Lag;

use super::transaction::Transaction;
use crate::books::{ByQuarter, Cells, OffsetSet};
use crate::cluster::ShareOffsets;
use crate::timeline::{quarter_of, second_of};

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

    /// One more, in a transaction where there is one.
    #[inline] // it runs once an ack, and is called from other units of code generation
    pub fn push(&mut self, tag: Option<Tag>, ack: Ack) {
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

/// Room for so many due times is kept in all: what arrives between two commits at millions a second.
const KEPT: usize = 1 << 20;

/// The acks of a trial so far.
#[derive(Clone, Debug, Default)]
pub struct AckLedger {
    partitions: Vec<Partition>,
    /// Acks so far.
    booked: u64,
    /// Of these, how many were of an offset that another message had been acked at: only one of the two lies there.
    overwritten: u64,
    /// When the other ones were due, by quarter seconds: little before it is known that the first are lost.
    overwritten_dues: ByQuarter,
    transactions: Vec<Option<Arc<Transaction>>>,
    /// What is acked in transactions that are not known to have ended, with due times where they are known; by producer.
    open: BTreeMap<u32, Vec<(Run, Vec<u64>)>>,
    /// Due times of aborted messages, by quarter seconds.
    aborted_dues: ByQuarter,
    /// In which seconds messages were due that somebody is to read, by partition; none where nobody asks for it.
    seconds: Option<Cells>,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    /// Those of aborted transactions are not among them.
    acked: OffsetSet,
    /// Acked in a transaction that was aborted.
    aborted: OffsetSet,
    /// When the oldest message of the first batch that was acked was due, Unix ns; none where due times are not known.
    first_due: Option<u64>,
    /// The offset that `dues` begins with.
    first: i64,
    /// When the last message before that was due, Unix ns; none where that is not known.
    forgotten: Option<u64>,
    /// From `first` on; 0 where nothing is known.
    dues: VecDeque<u64>,
}

impl AckLedger {
    /// For a topic of that many partitions.
    pub fn new(partitions: u32) -> Self {
        AckLedger { partitions: vec![Partition::default(); partitions as usize], ..AckLedger::default() }
    }

    /// Of a topic that holds others' messages already: of each partition nothing before this offset is ours.
    #[must_use]
    pub fn beginning_at(mut self, starts: &[i64]) -> Self {
        for (partition, start) in self.partitions.iter_mut().zip(starts) {
            partition.first = *start;
        }
        self
    }

    /// With what was due in each partition by the second.
    #[must_use]
    pub fn by_second(self) -> Self {
        AckLedger { seconds: Some(Cells::default()), ..self }
    }

    /// In which seconds messages were due that somebody is to read, by partition: of those that are acked, and not in a transaction that is open or aborted.
    /// None where nobody asked for it, or due times are not known.
    pub fn seconds(&self) -> Option<&Cells> {
        self.seconds.as_ref()
    }

    /// From now on messages may be in these transactions, by producer.
    pub fn follow(&mut self, transactions: Vec<Option<Arc<Transaction>>>) {
        self.transactions = transactions;
    }

    /// Whether any of the messages is in a transaction.
    pub fn is_transactional(&self) -> bool {
        self.transactions.iter().any(Option::is_some)
    }

    /// Books a batch of acks.
    pub fn book(&mut self, batch: &AckBatch) {
        self.booked += batch.len() as u64;
        let mut dues = batch.dues.as_slice();
        for run in &batch.runs {
            let partition = &mut self.partitions[run.partition as usize];
            let new = partition.acked.insert_range(run.first, run.end);
            let again = (run.end - run.first) as u64 - new;
            self.overwritten += again;
            let mut own: &[u64] = &[];
            if batch.with_dues {
                (own, dues) = dues.split_at((run.end - run.first) as usize);
                partition.remember(run.first, own);
                partition.first_due = partition.first_due.or_else(|| own.iter().copied().min());
            }
            // Which of a batch these are is as good as told: they were due within milliseconds.
            for due in own.iter().take(again as usize) {
                self.overwritten_dues.add(quarter_of(*due), 1);
            }
            match run.tag {
                Some(tag) => self.open.entry(tag.producer).or_default().push((*run, own.to_vec())),
                None => put(&mut self.seconds, run.partition, own),
            }
        }
        self.settle();
    }

    /// Takes what has been aborted by now out of what was acked. Acks do so when they are booked: the last of them come before their transaction has ended.
    pub fn settle(&mut self) {
        self.settle_all(false);
    }

    /// At the end what has not ended is taken for aborted too: nobody was told that it was committed.
    fn settle_all(&mut self, at_the_end: bool) {
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
                    put(&mut self.seconds, run.partition, &dues);
                    continue;
                }
                self.partitions[run.partition as usize].abort(run.first, run.end);
                for due in dues {
                    self.aborted_dues.add(quarter_of(due), 1);
                }
            }
        }
    }

    /// Offsets of aborted transactions, by partition.
    pub fn aborted(&self) -> Vec<OffsetSet> {
        self.partitions.iter().map(|partition| partition.aborted.clone()).collect()
    }

    /// Messages of aborted transactions by the quarter second in which they were due; empty where due times are not known.
    pub fn aborted_dues(&self) -> &ByQuarter {
        &self.aborted_dues
    }

    /// The acked offsets, by partition.
    pub fn acked(&self) -> Vec<OffsetSet> {
        self.partitions.iter().map(|partition| partition.acked.clone()).collect()
    }

    /// By partition, one past the greatest offset that was acked so far; none where nothing was.
    pub fn ends(&self) -> Vec<Option<i64>> {
        self.partitions.iter().map(|partition| partition.acked.end()).collect()
    }

    /// By partition, how far a group is that lagged so much when `ends` lay behind all that was acked, as if it had done all in order; at least where it begins.
    pub fn done(&self, ends: &[Option<i64>], group: &ShareOffsets) -> Vec<Option<i64>> {
        let told = group.starts.iter().zip(&group.lags).zip(ends.iter().zip(&self.partitions));
        told.map(|((start, lag), (end, of))| {
            (*start).max(lag.zip(*end).map(|(lag, end)| of.acked.last_before(end, lag)))
        })
        .collect()
    }

    /// Acks that have been booked so far: whoever counts them may be ahead.
    pub fn booked(&self) -> u64 {
        self.booked
    }

    /// Acked messages in whose place another one was acked: a leader was lost that had not handed them on, and its successor gave their offsets away again.
    pub fn overwritten(&self) -> u64 {
        self.overwritten
    }

    /// The same by the quarter second in which those were due that took their places; empty where due times are not known.
    pub fn overwritten_dues(&self) -> &ByQuarter {
        &self.overwritten_dues
    }

    /// The acked offsets that somebody is to read, by partition: without those of transactions that are known by now to be aborted.
    pub fn readable(&mut self) -> impl Iterator<Item = &OffsetSet> {
        self.settle();
        self.partitions.iter().map(|partition| &partition.acked)
    }

    /// Acked messages so far, those of aborted transactions among them, by partition.
    pub fn counts(&self) -> Vec<u64> {
        self.partitions.iter().map(|partition| partition.acked.len() + partition.aborted.len()).collect()
    }

    /// By partition, when the oldest of what was acked there first was due, Unix ns; none where nothing was.
    pub fn first_dues(&self) -> impl Iterator<Item = Option<u64>> + '_ {
        self.partitions.iter().map(|partition| partition.first_due)
    }

    /// The acked offsets alone, and since when there are some, for after the trial.
    #[must_use]
    pub fn closed(&self) -> AckLedger {
        let offsets = |partition: &Partition| Partition {
            acked: partition.acked.clone(),
            aborted: partition.aborted.clone(),
            first_due: partition.first_due,
            ..Partition::default()
        };
        let mut closed = AckLedger {
            partitions: self.partitions.iter().map(offsets).collect(),
            booked: self.booked,
            overwritten: self.overwritten,
            overwritten_dues: self.overwritten_dues.clone(),
            transactions: self.transactions.clone(),
            open: self.open.clone(),
            aborted_dues: self.aborted_dues.clone(),
            seconds: self.seconds.clone(),
        };
        closed.settle_all(true);
        closed
    }

    /// Offsets and due times (Unix ns) of messages in a span of a partition, in the order of offsets: of those that are acked, not of an aborted transaction,
    /// and not forgotten. What others wrote there has no due time.
    pub fn dues(&self, partition: u32, offsets: Range<i64>) -> impl Iterator<Item = (i64, u64)> + '_ {
        let of = self.partitions.get(partition as usize);
        let known = of.into_iter().flat_map(move |of| {
            let place = |offset: i64| (offset - of.first).clamp(0, of.dues.len() as i64) as usize;
            let (from, to) = (place(offsets.start), place(offsets.end));
            (of.first + from as i64..).zip(of.dues.range(from..to.max(from)).copied())
        });
        known.filter(|(_, due)| *due > 0)
    }

    /// Due times before these offsets will not be asked for again: at millions a second they would fill the memory.
    pub fn forget(&mut self, committed: &[Option<i64>]) {
        let kept = KEPT / self.partitions.len().max(1);
        for (partition, committed) in self.partitions.iter_mut().zip(committed) {
            let past = (committed.unwrap_or(0) - partition.first).clamp(0, partition.dues.len() as i64);
            let last = partition.dues.drain(..past as usize).rfind(|due| *due > 0);
            partition.forgotten = last.or(partition.forgotten);
            partition.first += past;
            // What a long lag took is given back when it is gone.
            if partition.dues.capacity() > kept.max(4 * partition.dues.len()) {
                partition.dues.shrink_to(kept.max(2 * partition.dues.len()));
            }
        }
    }
}

/// Puts messages of a partition into the seconds in which they were due.
fn put(seconds: &mut Option<Cells>, partition: u32, dues: &[u64]) {
    let Some(seconds) = seconds else { return };
    // Those of a batch mostly share one.
    for same in dues.chunk_by(|one, next| second_of(*one) == second_of(*next)) {
        seconds.put(second_of(same[0]), partition, same.len() as u64);
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
        self.forgotten = self.forgotten.max(dues[..known as usize].iter().copied().max());
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

mod lag;
#[cfg(test)]
mod tests;
