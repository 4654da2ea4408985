//! What one instance keeps of the messages it gets, between its reports. Pure: it is told the time.
//!
//! Only the first processing of a message counts. An instance knows what it has processed itself, but not what another had processed before a partition
//! moved. So the first messages after an assignment are reported one by one (`fresh`), for the driver to sort out: for two seconds and a commit
//! interval after the first of them, or 20,000 messages, whichever ends first. A partition read from its very start was nobody's before, and what lies
//! at offset 0 is the canary: there is no need.

use std::collections::BTreeMap;
use std::mem::take;

use super::line::{Fresh, Report, ToldQuarters};
use super::sequences::Sequences;
use super::spans;
use crate::books::keyed::Keyed;
use crate::books::{BySecond, OffsetSet, codec};
use crate::envelope::{Envelope, Kind};
use crate::timeline::{SECOND_NS, quarter_of, second_of};
use crate::units::Latency;

/// Messages of a partition that are reported one by one after an assignment, at most.
const FRESH_MESSAGES: u32 = 20_000;
/// How long they are, a commit interval apart.
const FRESH_NS: u64 = 2 * SECOND_NS;

/// The books of one instance.
#[derive(Debug)]
pub(super) struct InstanceLedger {
    trial: u64,
    fresh_ns: u64,
    /// Whether reports tell when messages of each partition were completed.
    tells_busy: bool,
    /// How soon after it was due a message must be processed for reports to tell that it was in time.
    in_time_ns: Option<u64>,
    /// Whether each message is reported on its own.
    tells_each: bool,
    /// How long a message may be on its way.
    delivery_ns: u64,
    seq: u64,
    from_ns: u64,
    parts: BTreeMap<i32, Part>,
    in_hand: BTreeMap<u32, (i32, i64)>,
    all: BTreeMap<i32, OffsetSet>,
    /// What the next report says, its maps apart.
    next: Report,
    received: BTreeMap<u64, u64>,
    processed: BTreeMap<u64, u64>,
    bytes: BTreeMap<u64, u64>,
    latencies: BTreeMap<Latency, BySecond>,
    unreported: bool,
}

/// A partition while it is assigned.
#[derive(Debug, Default)]
struct Part {
    thread: u32,
    fresh: Option<FreshUntil>,
    greatest: Option<i64>,
    sequences: Sequences,
    position: Option<i64>,
    committed: Option<i64>,
}

/// How long messages are still reported one by one.
#[derive(Debug)]
struct FreshUntil {
    left: u32,
    ns: u64,
}

/// One message, done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Done {
    pub(super) thread: u32,
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) envelope: Option<Envelope>,
    pub(super) received_ns: u64,
    pub(super) processed_ns: u64,
    pub(super) bytes: u64,
    /// Stands for its key, where it has one and that is to be told.
    pub(super) key: Option<u64>,
}

impl InstanceLedger {
    /// `delivery_ms` is how long a message may be on its way.
    pub(super) fn new(trial: u64, commit_interval_ms: u64, delivery_ms: u64, now_ns: u64) -> Self {
        InstanceLedger {
            trial,
            tells_busy: false,
            in_time_ns: None,
            tells_each: false,
            delivery_ns: delivery_ms.saturating_mul(SECOND_NS / 1_000),
            fresh_ns: FRESH_NS + commit_interval_ms * (SECOND_NS / 1_000),
            seq: 0,
            from_ns: now_ns,
            parts: BTreeMap::new(),
            in_hand: BTreeMap::new(),
            all: BTreeMap::new(),
            next: Report::default(),
            received: BTreeMap::new(),
            processed: BTreeMap::new(),
            bytes: BTreeMap::new(),
            latencies: BTreeMap::new(),
            unreported: false,
        }
    }

    /// With reports that tell when messages of each partition were completed, if so.
    pub(super) fn telling_busy(self, tells_busy: bool) -> Self {
        InstanceLedger { tells_busy, ..self }
    }

    /// With reports that tell in which seconds messages were due that came so soon (ns), where that is asked for.
    pub(super) fn telling_in_time(self, in_time_ns: Option<u64>) -> Self {
        InstanceLedger { in_time_ns, ..self }
    }

    /// With each message reported on its own, if so.
    pub(super) fn telling_each(self, tells_each: bool) -> Self {
        InstanceLedger { tells_each, ..self }
    }

    pub(super) fn assigned(&mut self, thread: u32, partitions: &[i32]) {
        for partition in partitions {
            let part = Part { thread, ..Part::default() };
            self.parts.insert(*partition, part);
        }
    }

    pub(super) fn revoked(&mut self, thread: u32, partitions: &[i32]) {
        for partition in partitions {
            // Another thread of this instance may have been given it already.
            if self.parts.get(partition).is_some_and(|part| part.thread == thread) {
                self.parts.remove(partition);
            }
        }
    }

    /// Whether a thread has any.
    pub(super) fn has_partitions(&self, thread: u32) -> bool {
        self.parts.values().any(|part| part.thread == thread)
    }

    pub(super) fn received(&mut self, thread: u32, partition: i32, offset: i64) {
        self.in_hand.insert(thread, (partition, offset));
    }

    pub(super) fn is_canary(&self, envelope: Option<Envelope>) -> bool {
        envelope.is_some_and(|it| it.trial == self.trial && it.kind == Kind::Canary)
    }

    pub(super) fn done(&mut self, done: Done) {
        self.in_hand.remove(&done.thread);
        self.unreported = true;
        let envelope = done.envelope.filter(|envelope| envelope.trial == self.trial);
        let canary = self.is_canary(envelope);
        if let Some(envelope) = envelope.filter(|_| !canary) {
            self.tell_when(&done, envelope.due);
        }
        let first = self.all.entry(done.partition).or_default().insert(done.offset);
        if first {
            let delta = self.next.processed.entry(done.partition).or_default();
            delta.insert(done.offset);
            if envelope.is_none() {
                self.next.foreign_offsets.entry(done.partition).or_default().insert(done.offset);
            }
        } else if !canary && envelope.is_some() {
            self.next.duplicates += 1;
        }
        let (fresh, in_order) = match self.parts.get_mut(&done.partition) {
            Some(part) => part.done(&done, envelope.filter(|_| first), (self.fresh_ns, self.delivery_ns)),
            None => (true, true),
        };
        match envelope {
            None => self.next.foreign += 1,
            Some(_) if canary || !first => {}
            Some(envelope) => {
                self.next.processed_total += 1;
                self.next.out_of_order += u64::from(!in_order);
                let keyed = |key| Keyed {
                    key,
                    producer: envelope.producer,
                    partition: done.partition,
                    offset: done.offset,
                    due: envelope.due,
                    processed: done.processed_ns,
                };
                self.next.keyed.extend(done.key.map(keyed));
                self.record(&done, envelope.due, fresh || self.tells_each);
            }
        }
    }

    /// When something of its partition was done, and of which second, as far as that is to be told. One that comes again tells nothing new.
    fn tell_when(&mut self, done: &Done, due: u64) {
        if self.tells_busy {
            spans::add(self.next.busy.entry(done.partition).or_default(), done.processed_ns);
        }
        if self.in_time_ns.is_some_and(|limit| done.processed_ns.saturating_sub(due) <= limit) {
            self.next.in_time.entry(done.partition).or_default().insert(second_of(due) as i64);
        }
    }

    fn record(&mut self, done: &Done, due: u64, fresh: bool) {
        let message = Fresh {
            partition: done.partition,
            offset: done.offset,
            due,
            received: done.received_ns,
            processed: done.processed_ns,
            bytes: done.bytes,
        };
        if fresh {
            self.next.fresh.push(message);
            return;
        }
        *self.received.entry(quarter_of(message.received)).or_default() += 1;
        *self.processed.entry(quarter_of(message.processed)).or_default() += 1;
        *self.bytes.entry(quarter_of(message.processed)).or_default() += message.bytes;
        for (latency, ns, negative) in message.latencies() {
            let seconds = self.latencies.entry(latency).or_insert_with(BySecond::growing);
            seconds.record(second_of(due), ns);
            self.next.negative += u64::from(negative);
        }
    }

    /// Whether something was done since the last report.
    pub(super) fn is_unreported(&self) -> bool {
        self.unreported
    }

    /// Cuts a report: all since the one before, and what is so far of each tally.
    pub(super) fn report(&mut self, now_ns: u64, cpu_ns: u64, last: bool) -> Report {
        let mut encoded = BTreeMap::new();
        // The memory of each stays: it is used again for the next report.
        for (latency, seconds) in &mut self.latencies {
            let texts =
                seconds.take().into_iter().map(|(second, histogram)| (second, codec::encode(&histogram)));
            let texts: BTreeMap<u64, String> = texts.collect();
            if !texts.is_empty() {
                encoded.insert(*latency, texts);
            }
        }
        for part in self.parts.values_mut() {
            part.sequences.forget(now_ns, self.delivery_ns);
        }
        self.next.out_of_range = self.latencies.values().map(BySecond::out_of_range).sum();
        let tallies = Report {
            processed_total: self.next.processed_total,
            duplicates: self.next.duplicates,
            out_of_order: self.next.out_of_order,
            foreign: self.next.foreign,
            negative: self.next.negative,
            out_of_range: self.next.out_of_range,
            ..Report::default()
        };
        let mut report = std::mem::replace(&mut self.next, tallies);
        report.seq = self.seq;
        report.from_ns = self.from_ns;
        report.at_ns = now_ns;
        report.assignment = self.parts.keys().copied().collect();
        report.in_hand = self.in_hand.values().copied().collect();
        report.received_quarters = ToldQuarters::from(&take(&mut self.received));
        report.processed_quarters = ToldQuarters::from(&take(&mut self.processed));
        report.processed_bytes = ToldQuarters::from(&take(&mut self.bytes));
        report.latencies = encoded;
        report.cpu_ns = cpu_ns;
        report.last = last;
        self.seq += 1;
        self.from_ns = now_ns;
        self.unreported = false;
        report
    }

    /// What a thread may commit and has not: partition and the offset after the last one processed. To be asked in one breath with `report`.
    pub(super) fn take_commits(&mut self, thread: u32) -> Vec<(i32, i64)> {
        let mut positions = Vec::new();
        for (partition, part) in self.parts.iter_mut().filter(|(_, part)| part.thread == thread) {
            if let Some(position) = part.position.filter(|_| part.position != part.committed) {
                part.committed = Some(position);
                positions.push((*partition, position));
            }
        }
        positions
    }

    /// Whether what a thread committed last went through is not known: it is to be committed again.
    pub(super) fn nothing_is_committed(&mut self, thread: u32) {
        for part in self.parts.values_mut().filter(|part| part.thread == thread) {
            part.committed = None;
        }
    }

    /// A commit failed: those positions are to be committed again.
    pub(super) fn not_committed(&mut self, partitions: impl Iterator<Item = i32>) {
        for partition in partitions {
            if let Some(part) = self.parts.get_mut(&partition) {
                part.committed = None;
            }
        }
    }
}

impl Part {
    /// Whether the message is to be reported on its own, and whether it came in order. `first` is the envelope if this instance sees it first.
    fn done(
        &mut self,
        done: &Done,
        first: Option<Envelope>,
        (fresh_ns, delivery_ns): (u64, u64),
    ) -> (bool, bool) {
        let from_the_start = done.offset == 0;
        let until = self.fresh.get_or_insert(FreshUntil {
            left: if from_the_start { 0 } else { FRESH_MESSAGES },
            ns: done.received_ns + fresh_ns,
        });
        let fresh = until.left > 0 && done.received_ns < until.ns;
        until.left = if fresh { until.left - 1 } else { 0 };
        // What comes again does so in its old order.
        if self.greatest.is_some_and(|greatest| done.offset <= greatest) {
            self.sequences.clear();
        }
        self.greatest = Some(done.offset);
        self.position = Some(done.offset + 1);
        let Some(envelope) = first.filter(|envelope| envelope.kind == Kind::Message) else {
            return (fresh, true);
        };
        (fresh, self.sequences.in_order(&envelope, done.processed_ns, delivery_ns))
    }
}

#[cfg(test)]
mod tests;
