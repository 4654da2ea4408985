//! The thread that takes delivery reports: as events in batches, for all producers of a segment.
//!
//! Its hot path books into histograms and preallocated batches; the ledger, which may allocate, is kept by a thread of its own.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;

use super::LoadCounts;
use super::ledger::Ack;
use super::native::{Delivery, RawProducer, Told, error_name};
use crate::books::BySecond;
use crate::envelope::Envelope;
use crate::timeline::{Clock, second_of};

/// Acks handed to the ledger at once.
pub const BATCH: usize = 4096;

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
    /// Messages whose fate is unknown: purged at the end.
    pub in_flight: u64,
    /// Failures of sent messages, by librdkafka's code.
    failures: BTreeMap<i32, u64>,
    /// Errors of clients and brokers, each once, with its count.
    errors: BTreeMap<String, u64>,
}

impl Acks {
    /// `full` leads to the ledger; emptied batches come back by `empty`.
    pub fn new(
        clock: Clock,
        counts: Arc<LoadCounts>,
        (ack, service): (BySecond, BySecond),
        (full, empty): (SyncSender<Vec<Ack>>, Receiver<Vec<Ack>>),
    ) -> Self {
        let batch = Vec::with_capacity(BATCH);
        let (failures, errors) = (BTreeMap::new(), BTreeMap::new());
        Acks { clock, counts, batch, full, empty, ack, service, in_flight: 0, failures, errors }
    }

    /// Books one delivery report.
    pub fn deliver(&mut self, delivery: &Delivery<'_>) {
        let now = self.clock.now();
        if delivery.error != 0 {
            if delivery.is_purged() {
                self.in_flight += 1;
            } else {
                self.counts.failed.count(now);
                *self.failures.entry(delivery.error).or_default() += 1;
            }
            return;
        }
        self.counts.acked.count(now);
        let Some(envelope) = Envelope::read(delivery.payload) else {
            return; // cannot be: we wrote it; without a due time there is no latency to book
        };
        let second = second_of(envelope.due);
        self.ack.record(second, now.saturating_sub(envelope.due));
        self.service.record(second, now.saturating_sub(delivery.stamp));
        if self.batch.len() == BATCH {
            self.flush();
        }
        let (partition, offset) = (delivery.partition as u32, delivery.offset);
        self.batch.push(Ack { partition, offset, due: envelope.due });
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

    fn tell(&mut self, told: Told<'_>) {
        match told {
            Told::Delivery(delivery) => self.deliver(&delivery),
            Told::Error(text) => *self.errors.entry(text).or_default() += 1,
        }
    }

    /// due → acked and sent → acked; the channels close.
    pub fn into_latencies(self) -> (BySecond, BySecond) {
        (self.ack, self.service)
    }

    /// Failures and client errors together, by name.
    pub fn named_errors(&self) -> BTreeMap<String, u64> {
        let failures = self.failures.iter().map(|(code, count)| (error_name(*code), *count));
        self.errors.clone().into_iter().chain(failures).collect()
    }
}

/// Takes reports until `stop` is set and nothing is left to tell; `pipe` carries the number of each producer with news.
pub fn run(mut acks: Acks, producers: &[Arc<RawProducer>], pipe: &OwnedFd, stop: &AtomicBool) -> Acks {
    let mut bytes = [0_u8; 4096];
    let tick = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    loop {
        let stopping = stop.load(Relaxed);
        let news = poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&tick)).unwrap_or(0);
        let length = if news > 0 { rustix::io::read(pipe, &mut bytes).unwrap_or(0) } else { 0 };
        let mut heard = false;
        for index in bytes[..length].as_chunks::<4>().0 {
            heard |= drain(&mut acks, &producers[u32::from_ne_bytes(*index) as usize]);
        }
        if length == 0 {
            // A wake-up can be lost between two fills of a queue; a look every tick makes that harmless.
            for producer in producers {
                heard |= drain(&mut acks, producer);
            }
        }
        acks.flush();
        if stopping && !heard {
            return acks;
        }
    }
}

fn drain(acks: &mut Acks, producer: &RawProducer) -> bool {
    let mut heard = false;
    while producer.listen(|told| acks.tell(told)) {
        heard = true;
    }
    heard
}
