//! Books delivery reports, whichever client they come from.
//!
//! Its hot path books into histograms and preallocated batches; the ledger, which may allocate, is kept by a thread of its own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};

use super::counts::LoadCounts;
use super::ledger::Ack;
use crate::books::BySecond;
use crate::timeline::{Clock, second_of};

/// Acks handed to the ledger at once.
pub const BATCH: usize = 4096;

/// One delivery report.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// What became of the message.
    pub fate: Fate,
    /// Who sent it, in the pacer's numbering.
    pub producer: u32,
    /// When it was due, Unix ns.
    pub due: u64,
    /// When it was handed to the client, Unix ns.
    pub stamp: u64,
}

/// What became of a message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Acknowledged.
    Acked {
        /// Where it was written.
        partition: u32,
        /// Its offset there.
        offset: i64,
    },
    /// Given up by the client, with librdkafka's code.
    Failed(i32),
    /// Given up by us at the end of a trial, so that nobody knows.
    Unknown,
    /// Sent, and the broker told nothing of it (`acks: 0`), so that nobody knows.
    Untold,
}

/// What the deliveries come to.
#[derive(Debug)]
pub struct Acks {
    clock: Clock,
    counts: Arc<LoadCounts>,
    batch: Vec<Ack>,
    full: SyncSender<Vec<Ack>>,
    empty: Receiver<Vec<Ack>>,
    /// due → acked, by the second of the due time.
    ack: BySecond,
    /// sent → acked, by the second of the due time.
    service: BySecond,
    /// Messages whose fate is unknown: given up at the end.
    pub in_flight: u64,
    /// Failures of sent messages, by librdkafka's code.
    failures: BTreeMap<i32, u64>,
    /// When errors are told of the load: between time 0 and the end of the schedule, Unix ns.
    load: std::ops::Range<u64>,
    /// Errors of clients and brokers while load ran, each once, with its count.
    errors: BTreeMap<String, u64>,
}

impl Acks {
    /// `full` leads to the ledger; emptied batches come back by `empty`.
    pub fn new(
        clock: Clock,
        counts: Arc<LoadCounts>,
        (ack, service): (BySecond, BySecond),
        (full, empty): (SyncSender<Vec<Ack>>, Receiver<Vec<Ack>>),
        load: std::ops::Range<u64>,
    ) -> Self {
        let batch = Vec::with_capacity(BATCH);
        let (failures, errors) = (BTreeMap::new(), BTreeMap::new());
        Acks { clock, counts, batch, full, empty, ack, service, in_flight: 0, failures, load, errors }
    }

    /// Books one delivery report.
    pub fn deliver(&mut self, delivery: &Delivery) {
        let now = self.clock.now();
        let (partition, offset) = match delivery.fate {
            Fate::Acked { partition, offset } => (partition, offset),
            Fate::Failed(code) => {
                self.counts.failed.count(now);
                *self.failures.entry(code).or_default() += 1;
                return;
            }
            Fate::Unknown => {
                self.in_flight += 1;
                return;
            }
            Fate::Untold => {
                self.in_flight += 1;
                self.counts.unknown.count(now);
                return;
            }
        };
        self.counts.acked.count(now);
        let second = second_of(delivery.due);
        self.ack.record(second, now.saturating_sub(delivery.due));
        self.service.record(second, now.saturating_sub(delivery.stamp));
        if self.batch.len() == BATCH {
            self.flush();
        }
        self.batch.push(Ack { partition, offset, due: delivery.due });
    }

    /// Hands the running batch to the ledger.
    pub fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let next = self.empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(BATCH));
        let full = std::mem::replace(&mut self.batch, next);
        if let Err(TrySendError::Full(full)) = self.full.try_send(full) {
            // The ledger is far behind: better to wait here than to lose an offset.
            self.full.send(full).ok();
        }
    }

    /// Books an error of a client or broker that concerns no single message; before time 0 and after the schedule it spoils nothing.
    pub fn complain(&mut self, error: String) {
        if self.load.contains(&self.clock.now()) {
            *self.errors.entry(error).or_default() += 1;
        }
    }

    /// Whether every message sent has met its fate.
    pub fn is_complete(&self) -> bool {
        self.counts.sent.total() == self.counts.acked.total() + self.counts.failed.total() + self.in_flight
    }

    /// due → acked and sent → acked; the channels close.
    pub fn into_latencies(self) -> (BySecond, BySecond) {
        (self.ack, self.service)
    }

    /// Errors of clients and brokers that concern no single message, each once, with its count.
    pub fn errors(&self) -> &BTreeMap<String, u64> {
        &self.errors
    }

    /// How many messages failed, by librdkafka's code.
    pub fn failures(&self) -> &BTreeMap<i32, u64> {
        &self.failures
    }
}
