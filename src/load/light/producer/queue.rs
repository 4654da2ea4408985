//! The batches of one partition that are not on their way: one that grows, those that are full, those that must be sent again. In order.

use std::collections::VecDeque;

use super::rules::{BatchState, Deed, Happened, rule};
use crate::load::light::batch::{Batch, Entry, record_bound};
use crate::load::light::config::LightConfig;
use crate::load::light::post::Parcel;

/// A batch that cannot be sent takes messages for this part of their delivery timeout at most: it times out as a whole.
const SPANS: u64 = 32;
/// Kafka's brokers remember so many batches of a producer in a partition.
const REMEMBERED: u64 = 5;
/// Batches whose memory is kept: at the limit of a connection so many come back at once.
const SPARE: usize = 4;

/// One partition's batches.
#[derive(Debug, Default)]
pub struct Queue {
    open: Option<Batch>,
    /// Batches that are done with, whose memory the next ones take.
    spare: Vec<Batch>,
    ready: VecDeque<Batch>,
    next_order: u64,
    /// The sequence of the next batch that has none.
    pub next_sequence: i32,
    /// The places of the batches on their way, in the order in which they went.
    flying: VecDeque<u64>,
    /// A batch must be sent again; until its successors have come back too, nothing goes, so that order is kept.
    draining: bool,
    /// Nothing goes before, Unix ns.
    pub retry_at: u64,
    /// Whether it is among its producer's active ones.
    pub listed: bool,
}

/// What a message did to its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// It is the first of its batch.
    First,
    /// It is one more.
    Further,
    /// It filled a batch, or did not fit in.
    Filled,
}

impl Queue {
    /// An empty one, whose first batch gets this sequence.
    pub fn new(next_sequence: i32) -> Self {
        Queue { next_sequence, ..Queue::default() }
    }

    /// Adds a message.
    pub fn join(&mut self, parcel: &Parcel<'_>, config: &LightConfig) -> Joined {
        let bound = record_bound(parcel.key.len() + parcel.headers.len() + parcel.payload.len());
        let span = config.linger_ns.max(config.delivery_timeout_ns / SPANS);
        let full = |open: &Batch| {
            open.len() + bound > config.batch_bytes || parcel.stamp.saturating_sub(open.opened()) > span
        };
        let mut joined = Joined::Further;
        if self.open.as_ref().is_some_and(full) {
            self.ready.extend(self.open.take());
            joined = Joined::Filled;
        }
        let order = self.next_order;
        let spare = &mut self.spare;
        let fresh = || spare.pop().map_or_else(|| Batch::new(order), |spare| spare.anew(order));
        let batch = self.open.get_or_insert_with(fresh);
        if batch.entries().is_empty() {
            self.next_order += 1;
            if joined == Joined::Further {
                joined = Joined::First;
            }
        }
        batch.add(parcel.key, parcel.headers, parcel.payload, Entry { due: parcel.due, stamp: parcel.stamp });
        if batch.entries().len() >= config.batch_messages || batch.len() >= config.batch_bytes {
            self.ready.extend(self.open.take());
            joined = Joined::Filled;
        }
        joined
    }

    /// Whether it holds nothing and nothing of it is on its way.
    pub fn is_idle(&self) -> bool {
        self.open.is_none() && self.ready.is_empty() && self.flying.is_empty()
    }

    /// When the next batch may go, Unix ns; `None` where there is none, or others must come back first.
    pub fn due(&self, config: &LightConfig) -> Option<u64> {
        if self.draining || config.idempotent && self.reaches_too_far() {
            return None;
        }
        if !self.ready.is_empty() {
            return Some(self.retry_at);
        }
        self.open.as_ref().map(|open| lingered(open.opened(), config.linger_ns).max(self.retry_at))
    }

    /// The next batch, if it may go now.
    pub fn take_due(&mut self, now: u64, config: &LightConfig) -> Option<Batch> {
        if self.due(config)? > now {
            return None;
        }
        let batch = self.ready.pop_front().or_else(|| self.open.take())?;
        self.flying.push_back(batch.order);
        Some(batch)
    }

    /// Whether the next batch lies beyond what a broker remembers, counted from the oldest that may have to be sent again: it could then not tell that
    /// it has written that one.
    fn reaches_too_far(&self) -> bool {
        let next = self.ready.front().or(self.open.as_ref());
        let oldest = self.flying.iter().min();
        next.zip(oldest).is_some_and(|(next, oldest)| next.order >= oldest + REMEMBERED)
    }

    fn landed(&mut self, order: u64) {
        if let Some(place) = self.flying.iter().position(|flying| *flying == order) {
            self.flying.remove(place);
        }
    }

    /// A batch has come back and is done with.
    pub fn finished(&mut self, batch: Batch) {
        self.landed(batch.order);
        self.draining &= !self.flying.is_empty();
        if self.spare.len() < SPARE {
            self.spare.push(batch);
        }
    }

    /// A batch has come back and goes again, not before `at`; where order is kept, its successors come back first.
    pub fn again(&mut self, batch: Batch, at: u64, ordered: bool) {
        self.landed(batch.order);
        self.draining = ordered && !self.flying.is_empty();
        self.retry_at = self.retry_at.max(at);
        let place = self.ready.iter().position(|other| other.order > batch.order).unwrap_or(self.ready.len());
        self.ready.insert(place, batch);
    }

    /// Whether a batch that was sent before this one waits to be sent again.
    pub fn waits_before(&self, order: u64) -> bool {
        self.ready.front().is_some_and(|front| front.order < order && front.sent > 0)
    }

    /// When the oldest message was handed over, of those not on their way.
    pub fn oldest(&self) -> Option<u64> {
        self.ready.front().or(self.open.as_ref()).map(Batch::opened)
    }

    /// Takes out the batches that were opened before `limit`.
    pub fn expire(&mut self, limit: u64) -> Vec<Batch> {
        let gone = |batch: &Batch| batch.opened() < limit;
        let mut expired = self.take_out(gone);
        if self.open.as_ref().is_some_and(gone) {
            expired.extend(self.open.take());
        }
        expired
    }

    /// Sequences begin anew: the producer has a new identity. Takes out those that must not go under it.
    pub fn resequence(&mut self) -> Vec<Batch> {
        self.next_sequence = 0;
        let gone = self.take_out(|batch| rule(BatchState::of(batch), Happened::Renewed).deed == Deed::Fail);
        for batch in &mut self.ready {
            batch.sequence = None;
        }
        gone
    }

    fn take_out(&mut self, which: impl Fn(&Batch) -> bool) -> Vec<Batch> {
        let (out, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut self.ready).into_iter().partition(which);
        self.ready = VecDeque::from(stay);
        out
    }

    /// Everything that is left.
    pub fn take_all(&mut self) -> impl Iterator<Item = Batch> + use<'_> {
        self.ready.drain(..).chain(self.open.take())
    }
}

/// When a batch has lingered long enough. Rounded up by a sixteenth at most, so that one awakening serves many producers.
pub fn lingered(opened: u64, linger_ns: u64) -> u64 {
    const LONGEST_GRAIN: u64 = 500_000;
    let grain = (linger_ns / 16).clamp(1, LONGEST_GRAIN);
    (opened + linger_ns).next_multiple_of(grain)
}
