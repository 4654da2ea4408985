//! What each producer did: its own counters, written without a lock and read while they run.
//!
//! Each counter has one writer, the thread that sends for the producer or the one that takes its reports; so a load and a store count, and no core
//! waits for another's cache line.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The counters of all producers of a segment, in the pacer's numbering; those of producers beyond them go nowhere.
#[derive(Debug, Default)]
pub struct PerProducer {
    sending: Box<[Sending]>,
    reported: Box<[Reported]>,
}

/// Written by the thread that sends.
#[derive(Debug, Default)]
struct Sending {
    due: AtomicU64,
    sent: AtomicU64,
    refused: AtomicU64,
}

/// Written by the thread that takes reports.
#[derive(Debug, Default)]
struct Reported {
    acked: AtomicU64,
    failed: AtomicU64,
    unknown: AtomicU64,
}

/// Counters of one producer at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProducerCounts {
    /// Messages whose time came.
    pub due: u64,
    /// Taken by its queue.
    pub sent: u64,
    /// Given up before they were sent.
    pub refused: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Failed after they were sent.
    pub failed: u64,
    /// Of which nobody knows.
    pub unknown: u64,
}

impl PerProducer {
    /// For that many producers.
    pub fn new(producers: usize) -> Self {
        PerProducer {
            sending: (0..producers).map(|_| Sending::default()).collect(),
            reported: (0..producers).map(|_| Reported::default()).collect(),
        }
    }

    /// So many more were due.
    pub fn due(&self, producer: usize, count: u64) {
        add(self.sending.get(producer).map(|one| &one.due), count);
    }

    /// So many more were sent.
    pub fn sent(&self, producer: usize, count: u64) {
        add(self.sending.get(producer).map(|one| &one.sent), count);
    }

    /// So many more were refused.
    pub fn refused(&self, producer: usize, count: u64) {
        add(self.sending.get(producer).map(|one| &one.refused), count);
    }

    /// One more was acked.
    pub fn acked(&self, producer: u32) {
        add(self.reported.get(producer as usize).map(|one| &one.acked), 1);
    }

    /// One more failed.
    pub fn failed(&self, producer: u32) {
        add(self.reported.get(producer as usize).map(|one| &one.failed), 1);
    }

    /// Of one more nobody will know.
    pub fn unknown(&self, producer: u32) {
        add(self.reported.get(producer as usize).map(|one| &one.unknown), 1);
    }

    /// How many of one producer were acked so far.
    pub fn acked_of(&self, producer: u32) -> u64 {
        self.reported.get(producer as usize).map_or(0, |one| one.acked.load(Relaxed))
    }

    /// All counters now.
    pub fn read(&self) -> Vec<ProducerCounts> {
        let read = |(sending, reported): (&Sending, &Reported)| ProducerCounts {
            due: sending.due.load(Relaxed),
            sent: sending.sent.load(Relaxed),
            refused: sending.refused.load(Relaxed),
            acked: reported.acked.load(Relaxed),
            failed: reported.failed.load(Relaxed),
            unknown: reported.unknown.load(Relaxed),
        };
        self.sending.iter().zip(&self.reported).map(read).collect()
    }
}

fn add(counter: Option<&AtomicU64>, count: u64) {
    if let Some(counter) = counter {
        counter.store(counter.load(Relaxed) + count, Relaxed);
    }
}
