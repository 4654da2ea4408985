//! Counters by the quarter second in which things happened: written by the load's threads, read by anybody, without a lock.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use super::ledger::Tag;
use super::live::LiveAcks;
use super::producers::{PerProducer, SoFar};
use super::transaction::Transaction;
use crate::timeline::quarter_of;

/// One kind of event, counted by quarter seconds.
#[derive(Debug)]
pub struct LiveQuarters {
    first: u64,
    /// Nobody does four thousand million of anything in a quarter second; a day is long.
    counts: Box<[AtomicU32]>,
}

impl LiveQuarters {
    /// For the quarters `first` to `first + length − 1`; an event before or after counts in the nearest.
    pub fn new(first: u64, length: usize) -> Self {
        LiveQuarters { first, counts: (0..length.max(1)).map(|_| AtomicU32::new(0)).collect() }
    }

    /// Counts one event at a moment (Unix ns).
    pub fn count(&self, unix_ns: u64) {
        let index = quarter_of(unix_ns).saturating_sub(self.first) as usize;
        self.counts[index.min(self.counts.len() - 1)].fetch_add(1, Relaxed);
    }

    /// Counts several events of one moment (Unix ns).
    pub fn count_many(&self, unix_ns: u64, count: u64) {
        let index = quarter_of(unix_ns).saturating_sub(self.first) as usize;
        self.counts[index.min(self.counts.len() - 1)].fetch_add(count as u32, Relaxed);
    }

    /// The events up to a moment (Unix ns), those of its quarter second among them.
    pub fn until(&self, unix_ns: u64) -> u64 {
        let quarters = (quarter_of(unix_ns) + 1).saturating_sub(self.first) as usize;
        self.counts.iter().take(quarters).map(read).sum()
    }

    /// All events so far, summed up over all quarters: for when a trial is over. While it runs, [`LoadCounts::so_far`] tells.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(read).sum()
    }

    /// The count of a quarter, counted from the first; 0 beyond the last.
    pub fn at(&self, index: usize) -> u64 {
        self.counts.get(index).map_or(0, read)
    }

    /// The events of all quarters from that one on, counted from the first.
    pub fn beyond(&self, index: usize) -> u64 {
        self.counts.iter().skip(index).map(read).sum()
    }

    /// The counts, from the first quarter on.
    pub fn to_vec(&self) -> Vec<u64> {
        self.counts.iter().map(read).collect()
    }
}

fn read(count: &AtomicU32) -> u64 {
    u64::from(count.load(Relaxed))
}

/// What the load counts while it runs.
#[derive(Debug)]
pub struct LoadCounts {
    /// By the moment the message was due.
    pub due: LiveQuarters,
    /// By the moment a client's queue took it.
    pub sent: LiveQuarters,
    /// By the moment it was given up before it was sent.
    pub refused: LiveQuarters,
    /// By the moment its ack was seen.
    pub acked: LiveQuarters,
    /// By the moment its failure was seen.
    pub failed: LiveQuarters,
    /// Messages whose fate nobody will know, by the moment a client's queue took them.
    pub unknown: LiveQuarters,
    /// Of these, by the moment their report was seen, those that a broker told nothing of (`acks: 0`; a retried batch that it had already).
    pub untold: LiveQuarters,
    /// Milliseconds that brokers held producers back, those of all producers added up, by the moment they were told.
    pub throttled_ms: LiveQuarters,
    /// The same for each producer, over the whole trial.
    pub producers: PerProducer,
    /// Transactions by producer; none where nobody has any.
    pub transactions: Vec<Option<Arc<Transaction>>>,
    /// Messages acked in transactions that were aborted.
    pub aborted: AtomicU64,
    /// Ack latencies of the window so far, for whoever watches; none where consumers read, whose latencies are watched then.
    pub live_acks: Option<LiveAcks>,
    /// Until when errors are put down to something that was done on purpose, Unix ns; 0 where nothing was.
    pub excused_until: AtomicU64,
}

impl LoadCounts {
    /// For a trial whose time 0 lies at quarter `first`.
    pub fn new(first: u64, length: usize) -> Self {
        let quarters = || LiveQuarters::new(first, length);
        LoadCounts {
            due: quarters(),
            sent: quarters(),
            refused: quarters(),
            acked: quarters(),
            failed: quarters(),
            unknown: quarters(),
            untold: quarters(),
            throttled_ms: quarters(),
            producers: PerProducer::default(),
            transactions: Vec::new(),
            aborted: AtomicU64::new(0),
            live_acks: None,
            excused_until: AtomicU64::new(0),
        }
    }

    /// With counters for each of that many producers, and for what they do in a window (Unix ns).
    #[must_use]
    pub fn of_producers(self, producers: usize, window: Range<u64>) -> Self {
        LoadCounts { producers: PerProducer::new(producers, window), ..self }
    }

    /// From now on until then (Unix ns) errors are put down to something that was done on purpose.
    pub fn excuse_errors_until(&self, until: u64) {
        self.excused_until.store(until, Relaxed);
    }

    /// Whether an error that comes at this moment (Unix ns) is put down to something that was done on purpose.
    pub fn excuses(&self, now: u64) -> bool {
        now < self.excused_until.load(Relaxed)
    }

    /// What all producers together have done so far: it takes as long as there are producers, however long the trial.
    pub fn so_far(&self) -> SoFar {
        self.producers.so_far()
    }

    /// The transaction that a message of that producer is in whose report comes in just now.
    pub fn transaction_of(&self, producer: u32) -> Option<Tag> {
        let transaction = self.transactions.get(producer as usize)?.as_ref()?;
        Some(Tag { producer, transaction: transaction.number() })
    }
}
