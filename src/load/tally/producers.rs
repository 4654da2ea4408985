//! What each producer did: its own counters, written without a lock and read while they run.
//!
//! Each counter has one writer, the thread that sends for the producer or the one that takes its reports; so a load and a store count, and no core
//! waits for another's cache line.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The counters of all producers of a segment, in the pacer's numbering; those of producers beyond them go nowhere.
#[derive(Debug, Default)]
pub struct PerProducer {
    sending: Box<[Sending]>,
    reported: Box<[Reported]>,
    /// What counts as in the window, Unix ns.
    window: Range<u64>,
}

/// Written by the thread that sends.
#[derive(Debug, Default)]
struct Sending {
    due: Parted,
    sent: AtomicU64,
    refused: AtomicU64,
}

/// Written by the thread that takes reports.
#[derive(Debug, Default)]
struct Reported {
    acked: Parted,
    failed: AtomicU64,
    unknown: AtomicU64,
}

/// What happened in the window, and what before and after it: one counter is written each time, not two.
#[derive(Debug, Default)]
struct Parted {
    inside: AtomicU64,
    outside: AtomicU64,
}

impl Parted {
    fn part(&self, inside: bool) -> &AtomicU64 {
        if inside { &self.inside } else { &self.outside }
    }

    fn all(&self) -> u64 {
        self.inside.load(Relaxed) + self.outside.load(Relaxed)
    }
}

/// Counters of one producer at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProducerCounts {
    /// Messages whose time came.
    pub due: u64,
    /// Of them, those that were due in the window.
    pub due_in_window: u64,
    /// Taken by its queue.
    pub sent: u64,
    /// Given up before they were sent.
    pub refused: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Of them, those whose ack was seen in the window.
    pub acked_in_window: u64,
    /// Failed after they were sent.
    pub failed: u64,
    /// Of which nobody knows.
    pub unknown: u64,
}

/// What all producers together have done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoFar {
    /// Messages whose time came.
    pub due: u64,
    /// Taken by a client's queue.
    pub sent: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Failed after they were sent.
    pub failed: u64,
    /// Of which nobody will know.
    pub unknown: u64,
}

impl SoFar {
    /// Whether every message that was sent has met its fate.
    pub fn is_settled(&self) -> bool {
        self.sent == self.acked + self.failed + self.unknown
    }
}

impl PerProducer {
    /// For that many producers and a window (Unix ns).
    pub fn new(producers: usize, window: Range<u64>) -> Self {
        PerProducer {
            sending: (0..producers).map(|_| Sending::default()).collect(),
            reported: (0..producers).map(|_| Reported::default()).collect(),
            window,
        }
    }

    /// So many more were due at a moment (Unix ns).
    pub fn due(&self, producer: usize, count: u64, at: u64) {
        let inside = self.window.contains(&at);
        add(self.sending.get(producer).map(|one| one.due.part(inside)), count);
    }

    /// So many more were sent.
    pub fn sent(&self, producer: usize, count: u64) {
        add(self.sending.get(producer).map(|one| &one.sent), count);
    }

    /// So many more were refused.
    pub fn refused(&self, producer: usize, count: u64) {
        add(self.sending.get(producer).map(|one| &one.refused), count);
    }

    /// One more was acked, which was seen at a moment (Unix ns).
    pub fn acked(&self, producer: u32, at: u64) {
        let inside = self.window.contains(&at);
        add(self.reported.get(producer as usize).map(|one| one.acked.part(inside)), 1);
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
        self.reported.get(producer as usize).map_or(0, |one| one.acked.all())
    }

    /// All producers together.
    pub fn so_far(&self) -> SoFar {
        let mut sum = SoFar::default();
        // What was done to a message last is read first: nothing is acked that does not seem to have been sent.
        for reported in &self.reported {
            sum.acked += reported.acked.all();
            sum.failed += reported.failed.load(Relaxed);
            sum.unknown += reported.unknown.load(Relaxed);
        }
        for sending in &self.sending {
            sum.due += sending.due.all();
            sum.sent += sending.sent.load(Relaxed);
        }
        sum
    }

    /// All counters now.
    pub fn read(&self) -> Vec<ProducerCounts> {
        let read = |(sending, reported): (&Sending, &Reported)| ProducerCounts {
            due: sending.due.all(),
            due_in_window: sending.due.inside.load(Relaxed),
            sent: sending.sent.load(Relaxed),
            refused: sending.refused.load(Relaxed),
            acked: reported.acked.all(),
            acked_in_window: reported.acked.inside.load(Relaxed),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_producer_did_in_the_window_is_told_by_due_and_by_ack_to_the_nanosecond() {
        let one = PerProducer::new(2, 100..200);
        for at in [99, 100, 199, 200] {
            one.due(1, 2, at);
            one.acked(1, at);
        }
        one.due(2, 1, 150); // nobody's
        let read = one.read();
        assert_eq!(
            (read[1].due, read[1].due_in_window, read[1].acked, read[1].acked_in_window),
            (8, 4, 4, 2)
        );
        assert_eq!((read.len(), read[0]), (2, ProducerCounts::default()));
    }
}
