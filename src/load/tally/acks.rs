//! Books delivery reports, whichever client they come from.
//!
//! Its hot path books into histograms and preallocated batches; the ledger, which may allocate, is kept by a thread of its own. What repeats is gathered
//! and counted at once: clients report whole batches, whose messages often share their times.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};

use super::counts::LoadCounts;
use super::delivery::{Delivery, Fate};
use super::ledger::{Ack, AckBatch};
use super::retries::Retries;
use crate::books::{BySecond, Kinds};
use crate::timeline::{Clock, quarter_of, second_of};

/// Acks handed to the ledger at once.
pub const BATCH: usize = 4096;

/// How long the ledger may be behind: far less than a quarter second, on which lags are read.
const LONGEST_WAIT_NS: u64 = 10_000_000;

/// Latencies of acks, by the second of the due time.
#[derive(Debug)]
pub struct AckLatencies {
    /// due → acked; none where due is sent.
    pub from_due: Option<BySecond>,
    /// sent → acked.
    pub service: BySecond,
}

/// The way to the ledger's thread.
#[derive(Debug)]
pub struct ToLedger {
    /// Where full batches go.
    pub full: SyncSender<AckBatch>,
    /// Where emptied ones come back.
    pub empty: Receiver<AckBatch>,
    /// Whether the ledger is to know due times.
    pub with_dues: bool,
}

/// Histograms of a latency with the value that is coming in just now.
#[derive(Debug)]
struct Recorder {
    seconds: BySecond,
    second: u64,
    ns: u64,
    count: u64,
}

impl Recorder {
    fn record(&mut self, second: u64, ns: u64) {
        if (second, ns) != (self.second, self.ns) {
            self.flush();
            (self.second, self.ns) = (second, ns);
        }
        self.count += 1;
    }

    fn flush(&mut self) {
        if self.count > 0 {
            self.seconds.record_n(self.second, self.ns, self.count);
            self.count = 0;
        }
    }
}

/// What the deliveries come to.
#[derive(Debug)]
pub struct Acks {
    clock: Clock,
    counts: Arc<LoadCounts>,
    batch: AckBatch,
    ledger: ToLedger,
    /// due → acked, by the second of the due time; none where due is sent.
    ack: Option<Recorder>,
    /// sent → acked, by the second of the due time.
    service: Recorder,
    /// Acks since the last flush, and when the last of them came.
    acked: (u64, u64),
    /// When the ledger last got something.
    handed_on: u64,
    /// Messages whose fate is unknown: given up at the end, or never told.
    pub in_flight: u64,
    /// The earliest due time of these, by the quarter second in which they were sent; only where all that were sent before were due later.
    unknown_dues: BTreeMap<u64, u64>,
    /// The quarter second and the due time that were noted last: of later dues in it and after it there is nothing to keep.
    unknown: (u64, u64),
    /// Failures of sent messages, by librdkafka's code.
    failures: BTreeMap<i32, u64>,
    /// Of these, what came of something that was done on purpose.
    excused: BTreeMap<i32, u64>,
    /// When errors are told of the load: between time 0 and the end of the schedule, Unix ns.
    load: std::ops::Range<u64>,
    /// Errors of clients and brokers while load ran.
    errors: Kinds,
    /// When the window begins, Unix ns.
    window: u64,
    /// What brokers answered from then on to what was sent again for it.
    retries: Retries,
}

impl Acks {
    /// Errors are told of `load`: between time 0 and the end of the schedule, Unix ns.
    pub fn new(
        clock: Clock,
        counts: Arc<LoadCounts>,
        latencies: AckLatencies,
        ledger: ToLedger,
        load: std::ops::Range<u64>,
    ) -> Self {
        let batch = AckBatch::with_capacity(BATCH, ledger.with_dues);
        let recorder = |seconds| Recorder { seconds, second: 0, ns: 0, count: 0 };
        Acks {
            clock,
            counts,
            batch,
            ledger,
            ack: latencies.from_due.map(recorder),
            service: recorder(latencies.service),
            acked: (0, 0),
            handed_on: 0,
            in_flight: 0,
            unknown_dues: BTreeMap::new(),
            unknown: (0, u64::MAX),
            failures: BTreeMap::new(),
            excused: BTreeMap::new(),
            load,
            errors: Kinds::default(),
            window: u64::MAX,
            retries: Retries::default(),
        }
    }

    /// From this moment (Unix ns) on it counts what brokers answer to what is sent again for it.
    #[must_use]
    pub fn with_window(self, window: u64) -> Self {
        Acks { window, ..self }
    }

    /// A broker's code for which a batch is sent again.
    pub fn retried(&mut self, code: i32) {
        let now = self.clock.now();
        if now >= self.window && !self.counts.excuses(now) {
            self.retries.note(code, now);
        }
    }

    /// The answers to what was sent again for them, in the window and after.
    pub fn retries(&self) -> &Retries {
        &self.retries
    }

    /// The time now, for [`Acks::deliver_at`].
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Books one delivery report that comes in just now.
    pub fn deliver(&mut self, delivery: &Delivery) {
        self.deliver_at(delivery, self.clock.now());
    }

    /// Books one delivery report that came in at `now`, Unix ns: those of one batch come at one time.
    pub fn deliver_at(&mut self, delivery: &Delivery, now: u64) {
        let (partition, offset) = match delivery.fate {
            Fate::Acked { partition, offset } => (partition, offset),
            Fate::Failed(code) => {
                self.counts.failed.count(now);
                self.counts.producers.failed(delivery.producer);
                *self.failures.entry(code).or_default() += 1;
                if self.counts.excuses(now) {
                    *self.excused.entry(code).or_default() += 1;
                }
                return;
            }
            Fate::Unknown | Fate::Untold => {
                self.unknown(delivery);
                if delivery.fate == Fate::Untold {
                    self.counts.untold.count(now);
                }
                return;
            }
        };
        if quarter_of(now) != quarter_of(self.acked.1) {
            self.flush_count();
        }
        self.acked = (self.acked.0 + 1, now);
        self.counts.producers.acked(delivery.producer, now);
        let second = second_of(delivery.due);
        if let Some(ack) = &mut self.ack {
            ack.record(second, now.saturating_sub(delivery.due));
        }
        self.service.record(second, now.saturating_sub(delivery.stamp));
        if let Some(live) = &self.counts.live_acks {
            let from = if self.ack.is_some() { delivery.due } else { delivery.stamp };
            live.record(second, now.saturating_sub(from));
        }
        if self.batch.len() == BATCH {
            self.flush_batch();
        }
        let tag = self.counts.transaction_of(delivery.producer);
        self.batch.push(tag, Ack { partition, offset, due: delivery.due });
    }

    fn unknown(&mut self, delivery: &Delivery) {
        self.in_flight += 1;
        self.counts.unknown.count(delivery.stamp);
        self.counts.producers.unknown(delivery.producer);
        let quarter = quarter_of(delivery.stamp);
        if quarter < self.unknown.0 || delivery.due < self.unknown.1 {
            note_earliest(&mut self.unknown_dues, quarter, delivery.due);
            self.unknown = (quarter, delivery.due);
        }
    }

    /// Books that a broker held a producer back for so many ms: as it is told, just now.
    pub fn throttled(&mut self, ms: u64) {
        self.counts.throttled_ms.count_many(self.clock.now(), ms);
    }

    /// Hands on what was gathered, but to the ledger, which has time, only full batches and those that have been waiting for a while.
    pub fn settle(&mut self) {
        self.flush_count();
        let now = self.clock.now();
        if !self.batch.is_empty() && now > self.handed_on + LONGEST_WAIT_NS {
            self.flush_batch();
        }
    }

    /// Hands on all that was gathered.
    pub fn flush(&mut self) {
        self.flush_count();
        if !self.batch.is_empty() {
            self.flush_batch();
        }
    }

    fn flush_count(&mut self) {
        let (count, at) = self.acked;
        if count > 0 {
            self.counts.acked.count_many(at, count);
        }
        self.acked.0 = 0;
    }

    fn flush_batch(&mut self) {
        self.handed_on = self.clock.now();
        let fresh = |_| AckBatch::with_capacity(BATCH, self.ledger.with_dues);
        let next = self.ledger.empty.try_recv().unwrap_or_else(fresh);
        let full = std::mem::replace(&mut self.batch, next);
        if let Err(TrySendError::Full(full)) = self.ledger.full.try_send(full) {
            // The ledger is far behind: better to wait here than to lose an offset.
            self.ledger.full.send(full).ok();
        }
    }

    /// Books an error of a client or broker that concerns no single message; before time 0 and after the schedule it spoils nothing.
    pub fn complain(&mut self, error: &str) {
        let now = self.clock.now();
        if self.load.contains(&now) && !self.counts.excuses(now) {
            self.errors.count(error, 1);
        }
    }

    /// Whether every message sent has met its fate.
    pub fn is_complete(&self) -> bool {
        self.counts.so_far().is_settled()
    }

    /// All latencies; the way to the ledger closes, so that its thread ends.
    pub fn into_latencies(mut self) -> AckLatencies {
        self.flush();
        self.service.flush();
        if let Some(ack) = &mut self.ack {
            ack.flush();
        }
        AckLatencies { from_due: self.ack.map(|ack| ack.seconds), service: self.service.seconds }
    }

    /// Errors of clients and brokers that concern no single message.
    pub fn errors(&self) -> &Kinds {
        &self.errors
    }

    /// The earliest due time (Unix ns) of messages whose fate is unknown, by the quarter second in which they were sent; only where all that were sent
    /// before were due later.
    pub fn unknown_dues(&self) -> &BTreeMap<u64, u64> {
        &self.unknown_dues
    }

    /// How many messages failed, by librdkafka's code.
    pub fn failures(&self) -> &BTreeMap<i32, u64> {
        &self.failures
    }

    /// How many of them came of something that was done on purpose.
    pub fn excused(&self) -> &BTreeMap<i32, u64> {
        &self.excused
    }
}

/// Notes that a message of unknown fate was sent in a quarter and was due then, if none that was sent until then was due before: the earliest of all that
/// were sent by any moment is what is asked for.
pub fn note_earliest(earliest: &mut BTreeMap<u64, u64>, quarter: u64, due: u64) {
    if earliest.range(..=quarter).next_back().is_some_and(|(_, known)| *known <= due) {
        return;
    }
    earliest.insert(quarter, due);
    let later: Vec<u64> = earliest
        .range(quarter + 1..)
        .take_while(|(_, known)| **known >= due)
        .map(|(later, _)| *later)
        .collect();
    for later in later {
        earliest.remove(&later);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;

    #[test]
    fn what_nobody_will_know_is_counted_where_it_was_sent() {
        let zero = 1_000_000_000_000;
        let counts = Arc::new(LoadCounts::new(quarter_of(zero), 8));
        let by_second = || BySecond::with_seconds(second_of(zero), 2);
        let ((full, _filled), (_back, empty)) = (sync_channel(64), sync_channel(1));
        let (clock, none) = (Clock::anchor(), 0..0);
        let latencies = AckLatencies { from_due: None, service: by_second() };
        let ledger = ToLedger { full, empty, with_dues: true };
        let mut acks = Acks::new(clock, Arc::clone(&counts), latencies, ledger, none);
        let given_up = zero + 1_900_000_000;
        for (fate, due_ms, sent_ms) in [
            (Fate::Unknown, 700, 800),
            (Fate::Unknown, 400, 900),
            (Fate::Untold, 450, 460),
            (Fate::Untold, 470, 480),
        ] {
            let [due, stamp] = [due_ms, sent_ms].map(|ms| zero + ms * 1_000_000);
            acks.deliver_at(&Delivery { fate, producer: 0, due, stamp }, given_up);
        }
        assert_eq!((counts.unknown.to_vec(), acks.in_flight), (vec![0, 2, 0, 2, 0, 0, 0, 0], 4));
        assert_eq!(counts.untold.to_vec(), [0, 0, 0, 0, 0, 0, 0, 2]);
        let until = |ms: u64| counts.unknown.until(zero + ms * 1_000_000);
        assert_eq!([until(249), until(250), until(749), until(750), until(9_000)], [0, 2, 2, 4, 4]);
        let dues: Vec<u64> = acks.unknown_dues().values().map(|due| (due - zero) / 1_000_000).collect();
        assert_eq!(dues, [450, 400]);
        // However long brokers tell nothing, what was sent later and was due later needs no place.
        for second in 2..86_400 {
            let due = zero + second * 1_000_000_000;
            acks.deliver_at(&Delivery { fate: Fate::Untold, producer: 0, due, stamp: due }, due);
        }
        assert_eq!(acks.unknown_dues().len(), 2);
    }

    #[test]
    fn what_is_gathered_is_counted_as_if_it_were_counted_singly() {
        let clock = Clock::anchor();
        let zero = 1_000_000_000_000;
        let counts = Arc::new(LoadCounts::new(quarter_of(zero), 8).of_producers(2, 0..u64::MAX));
        let by_second = || BySecond::with_seconds(second_of(zero), 2);
        let ((full, filled), (_back, empty)) = (sync_channel(64), sync_channel(1));
        let latencies = AckLatencies { from_due: Some(by_second()), service: by_second() };
        let ledger = ToLedger { full, empty, with_dues: true };
        let mut acks = Acks::new(clock, Arc::clone(&counts), latencies, ledger, 0..u64::MAX);
        let mut expected = (by_second(), by_second(), [0; 8]);
        for offset in 0..10_000_u64 {
            // Runs of equal times, of other times, and over a quarter's edge.
            let (due, stamp) = (zero + offset / 10 * 150_000, zero + offset / 100 * 1_500_000);
            let now = stamp + 5_000_000;
            let fate = Fate::Acked { partition: (offset / 3_000) as u32, offset: offset as i64 };
            acks.deliver_at(&Delivery { fate, producer: (offset % 5 / 4) as u32, due, stamp }, now);
            expected.0.record(second_of(due), now - due);
            expected.1.record(second_of(due), now - stamp);
            expected.2[(quarter_of(now) - quarter_of(zero)) as usize] += 1;
        }
        acks.flush();
        assert_eq!(counts.acked.to_vec(), expected.2);
        assert_eq!(counts.producers.read().iter().map(|one| one.acked).collect::<Vec<_>>(), [8_000, 2_000]);
        assert_eq!(filled.try_iter().map(|batch| batch.len()).sum::<usize>(), 10_000);
        let found = acks.into_latencies();
        for (found, expected) in [(found.from_due.unwrap(), expected.0), (found.service, expected.1)] {
            assert_eq!(found.sum(0, u64::MAX), expected.sum(0, u64::MAX));
        }
    }
}
