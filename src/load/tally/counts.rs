//! Counters by the quarter second in which things happened: written by the load's threads, read by anybody, without a lock.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::ledger::Tag;
use super::producers::PerProducer;
use super::transaction::Transaction;
use crate::timeline::quarter_of;

/// One kind of event, counted by quarter seconds.
#[derive(Debug)]
pub struct Quarters {
    first: u64,
    counts: Box<[AtomicU64]>,
}

impl Quarters {
    /// For the quarters `first` to `first + length − 1`; an event before or after counts in the nearest.
    pub fn new(first: u64, length: usize) -> Self {
        Quarters { first, counts: (0..length.max(1)).map(|_| AtomicU64::new(0)).collect() }
    }

    /// Counts one event at a moment (Unix ns).
    pub fn count(&self, unix_ns: u64) {
        let index = quarter_of(unix_ns).saturating_sub(self.first) as usize;
        self.counts[index.min(self.counts.len() - 1)].fetch_add(1, Relaxed);
    }

    /// Counts several events of one moment (Unix ns).
    pub fn count_many(&self, unix_ns: u64, count: u64) {
        let index = quarter_of(unix_ns).saturating_sub(self.first) as usize;
        self.counts[index.min(self.counts.len() - 1)].fetch_add(count, Relaxed);
    }

    /// The events up to a moment (Unix ns), those of its quarter second among them.
    pub fn until(&self, unix_ns: u64) -> u64 {
        let quarters = (quarter_of(unix_ns) + 1).saturating_sub(self.first) as usize;
        self.counts.iter().take(quarters).map(|count| count.load(Relaxed)).sum()
    }

    /// All events so far.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// The counts, from the first quarter on.
    pub fn to_vec(&self) -> Vec<u64> {
        self.counts.iter().map(|count| count.load(Relaxed)).collect()
    }
}

/// What the load counts while it runs.
#[derive(Debug)]
pub struct LoadCounts {
    /// By the moment the message was due.
    pub due: Quarters,
    /// By the moment a client's queue took it.
    pub sent: Quarters,
    /// By the moment it was given up before it was sent.
    pub refused: Quarters,
    /// By the moment its ack was seen.
    pub acked: Quarters,
    /// By the moment its failure was seen.
    pub failed: Quarters,
    /// Messages whose fate nobody will know, by the moment a client's queue took them.
    pub unknown: Quarters,
    /// Of these, by the moment their report was seen, those that a broker told nothing of (`acks: 0`; a retried batch that it had already).
    pub untold: Quarters,
    /// The same for each producer, over the whole trial.
    pub producers: PerProducer,
    /// Transactions by producer; none where nobody has any.
    pub transactions: Vec<Option<Arc<Transaction>>>,
    /// Messages acked in transactions that were aborted.
    pub aborted: AtomicU64,
}

impl LoadCounts {
    /// For a trial whose time 0 lies at quarter `first`.
    pub fn new(first: u64, length: usize) -> Self {
        let quarters = || Quarters::new(first, length);
        LoadCounts {
            due: quarters(),
            sent: quarters(),
            refused: quarters(),
            acked: quarters(),
            failed: quarters(),
            unknown: quarters(),
            untold: quarters(),
            producers: PerProducer::default(),
            transactions: Vec::new(),
            aborted: AtomicU64::new(0),
        }
    }

    /// With counters for each of that many producers, and for what they do in a window (Unix ns).
    #[must_use]
    pub fn of_producers(self, producers: usize, window: Range<u64>) -> Self {
        LoadCounts { producers: PerProducer::new(producers, window), ..self }
    }

    /// The transaction that a message of that producer is in whose report comes in just now.
    pub fn transaction_of(&self, producer: u32) -> Option<Tag> {
        let transaction = self.transactions.get(producer as usize)?.as_ref()?;
        Some(Tag { producer, transaction: transaction.number() })
    }
}
