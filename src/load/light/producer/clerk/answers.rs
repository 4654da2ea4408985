//! What a producer does with what comes back: answers, lost connections, time that is up.

use super::super::home::{Home, Outcome};
use super::super::links::{Cargo, Flight};
use super::super::rules::{BatchState, Deed, Happened, rule};
use super::super::verdict::{TIMED_OUT, TRANSPORT, Verdict, backoff, may_be_written, verdict};
use super::{Producer, Standing, name_of};
use crate::cluster::Weight;
use crate::load::light::batch::{Batch, Entry};
use crate::load::light::post::Parcel;
use crate::load::light::wire::{self, Identity};
use crate::load::words::error_words;

impl Producer {
    pub(super) fn read(&mut self, serial: u32, frame: &[u8], now: u64, home: &mut impl Home) {
        let Some(link) = self.links.numbered(serial) else { return };
        let versions = link.versions;
        let Some(flight) = wire::correlation(frame).and_then(|number| link.answered(number)) else {
            link.outbox.close();
            return self.lose(serial, (Weight::Lost, "an answer to nothing that was asked"), now, home);
        };
        match flight.cargo {
            Cargo::Batch(partition, batch) => match wire::read_produced(frame, versions.produce) {
                Some(wire::Produced { code, offset, throttled_ms }) => {
                    if throttled_ms > 0 {
                        home.throttled(throttled_ms);
                    }
                    self.judge(partition, batch, code, offset, now, home);
                }
                None => self.unanswered(partition, batch, now, home),
            },
            Cargo::Metadata => {
                self.learn(wire::read_metadata(frame, versions.metadata, &self.targets), now, home);
            }
            Cargo::Identity => {
                let answer = versions.init_producer.and_then(|version| wire::read_identity(frame, version));
                self.identify(answer, now, home);
            }
        }
    }

    pub(super) fn learn(&mut self, answer: Option<wire::Answer>, now: u64, home: &mut impl Home) {
        let config = &self.who.config;
        let chance = home.random();
        match answer {
            None => self.map.unanswered(now, config.retry, chance),
            Some((_, Err(code))) => {
                self.map.unanswered(now, config.retry, chance);
                // A topic that was made a moment ago is not known everywhere yet.
                if verdict(code) == Verdict::Failed {
                    home.complain(Weight::Refused, format!("metadata: {}", error_words(code.into())));
                }
            }
            Some((brokers, Ok(partitions))) => {
                // Refreshes of thousands of producers must not come together.
                let next = config.refresh_ns.map_or(u64::MAX, |every| now + every - chance % (every / 5 + 1));
                self.map.learn(&partitions, now, next, config.retry, chance);
                for flight in self.links.learn(&brokers) {
                    self.come_back(flight, now, home);
                }
                self.queues.resize_with(self.map.partitions() as usize, || None);
                self.queues.shrink_to_fit();
                if self.who.config.idempotent {
                    self.sequences.resize(self.queues.len(), 0);
                }
                for held in std::mem::take(&mut self.held) {
                    let (key, rest) = held.bytes.split_at(held.key);
                    let (headers, payload) = rest.split_at(held.headers);
                    let (seat, topic, partition) = (self.who.seat, held.topic, held.partition);
                    let Entry { due, stamp } = held.entry;
                    self.take(&Parcel { seat, topic, partition, key, headers, payload, due, stamp }, home);
                }
            }
        }
    }

    pub(super) fn identify(&mut self, answer: Option<Result<Identity, i16>>, now: u64, home: &mut impl Home) {
        if let Some(Ok(identity)) = answer {
            self.sequences.fill(0);
            for queue in self.queues.iter_mut().flatten() {
                for batch in queue.resequence() {
                    let outcome = Outcome::Failed(batch.doubt.unwrap_or(TRANSPORT));
                    home.done(&self.who, batch.entries(), batch.payload(), outcome);
                }
            }
            self.standing = Standing::Known(identity);
            return;
        }
        if let Some(Err(code)) = answer
            && verdict(code) == Verdict::Failed
        {
            home.complain(Weight::Refused, format!("no producer's id: {}", error_words(code.into())));
        }
        let tries = if let Standing::Asked(tries) = self.standing { tries + 1 } else { 1 };
        let at = now + backoff(tries, self.who.config.retry, home.random());
        self.standing = Standing::Wanted(at, tries);
    }

    /// What a broker said of a batch.
    pub(super) fn judge(
        &mut self,
        partition: u32,
        batch: Batch,
        code: i16,
        offset: i64,
        now: u64,
        home: &mut impl Home,
    ) {
        let again = if may_be_written(code) { Happened::MaybeWritten } else { Happened::NotWritten };
        let happened = match verdict(code) {
            Verdict::Written => {
                self.map.is_right();
                Happened::Written
            }
            Verdict::WrittenBefore => Happened::WrittenBefore,
            Verdict::Again => again,
            Verdict::Moved => {
                self.map.doubt(now, self.who.config.retry, home.random());
                again
            }
            Verdict::OutOfOrder => {
                let queue = self.queues[partition as usize].as_deref();
                let behind = queue.is_some_and(|queue| queue.waits_before(batch.order));
                if behind { Happened::Behind } else { Happened::OutOfOrder }
            }
            Verdict::Failed => Happened::Hopeless,
        };
        if happened == again {
            home.retried(code);
        }
        if happened == Happened::OutOfOrder && batch.sequence.is_some() {
            home.complain(Weight::Lost, format!("{}: a new identity is needed", name_of(code)));
        }
        let offset = (offset >= 0 && happened == Happened::Written).then_some(offset);
        self.settle(partition, batch, happened, (code.into(), offset), now, home);
    }

    /// Does with a batch what the rules say; `why` is the broker's code, or librdkafka's for what happened here, and the offset where one is told.
    fn settle(
        &mut self,
        partition: u32,
        mut batch: Batch,
        happened: Happened,
        why: (i32, Option<i64>),
        now: u64,
        home: &mut impl Home,
    ) {
        let (config, state, (code, offset)) = (&self.who.config, BatchState::of(&batch), why);
        let mut ruling = rule(state, happened);
        if matches!(ruling.deed, Deed::Again(_)) && batch.sent > config.retries {
            ruling = rule(state, Happened::WornOut);
        }
        match ruling.deed {
            Deed::Ack => self.finish(partition, batch, Outcome::Acked(partition, offset), home),
            Deed::Fail => self.finish(partition, batch, Outcome::Failed(code), home),
            Deed::Again(next) => {
                if next == BatchState::Doubtful {
                    batch.doubt.get_or_insert(code);
                }
                let at = now + backoff(batch.sent, config.retry, home.random());
                if let Some(queue) = &mut self.queues[partition as usize] {
                    queue.again(batch, at, config.idempotent);
                }
            }
        }
        if ruling.renew {
            self.renew();
        }
    }

    /// The sequence has a hole that cannot be filled: go on under a new identity.
    pub(super) fn renew(&mut self) {
        if let Standing::Known(_) = self.standing {
            self.standing = Standing::Wanted(0, 0);
        }
    }

    pub(super) fn finish(&mut self, partition: u32, batch: Batch, outcome: Outcome, home: &mut impl Home) {
        home.done(&self.who, batch.entries(), batch.payload(), outcome);
        if let Some(queue) = &mut self.queues[partition as usize] {
            queue.finished(batch);
        }
    }

    pub(super) fn lose(&mut self, serial: u32, reason: (Weight, &str), now: u64, home: &mut impl Home) {
        self.lost(serial, Some(reason), now, home);
    }

    /// The other side has ended a connection. Of one on which nothing was awaited nobody is the worse: an idle one is ended by brokers and by what balances
    /// load before them. (Without acks nothing is awaited, and a broker has no other way to say that something is wrong.)
    pub(super) fn ended(&mut self, serial: u32, reason: (Weight, &str), now: u64, home: &mut impl Home) {
        let idle = self.links.numbered(serial).is_some_and(|link| link.flights.is_empty());
        let harmless = idle && self.who.config.acks != 0;
        self.lost(serial, (!harmless).then_some(reason), now, home);
    }

    fn lost(&mut self, serial: u32, reason: Option<(Weight, &str)>, now: u64, home: &mut impl Home) {
        let chance = home.random();
        let Some((address, flights)) = self.links.went_down(serial, now, &self.who, chance) else {
            return;
        };
        if let Some((weight, reason)) = reason {
            home.complain(weight, format!("{}:{}: {reason}", address.0, address.1));
        }
        self.map.doubt(now, self.who.config.retry, chance);
        for flight in flights {
            self.come_back(flight, now, home);
        }
    }

    fn unanswered(&mut self, partition: u32, batch: Batch, now: u64, home: &mut impl Home) {
        self.settle(partition, batch, Happened::MaybeWritten, (TRANSPORT, None), now, home);
    }

    /// A request whose connection is gone.
    pub(super) fn come_back(&mut self, flight: Flight, now: u64, home: &mut impl Home) {
        match flight.cargo {
            Cargo::Batch(partition, batch) => self.unanswered(partition, batch, now, home),
            Cargo::Metadata => self.map.unanswered(now, self.who.config.retry, home.random()),
            Cargo::Identity => self.identify(None, now, home),
        }
    }

    /// Fails what has waited for its whole delivery timeout and is not on its way.
    pub(super) fn expire(&mut self, now: u64, home: &mut impl Home) {
        let limit = now.saturating_sub(self.who.config.delivery_timeout_ns);
        let mut renew = false;
        for &partition in &self.active {
            let Some(queue) = &mut self.queues[partition as usize] else { continue };
            if queue.oldest().is_none_or(|oldest| oldest >= limit) {
                continue;
            }
            for batch in queue.expire(limit) {
                renew |= rule(BatchState::of(&batch), Happened::TimeUp).renew;
                home.done(&self.who, batch.entries(), batch.payload(), Outcome::Failed(TIMED_OUT));
            }
        }
        if renew {
            self.renew();
        }
        if self.held.first().is_some_and(|held| held.entry.stamp < limit) {
            let gone = self.held.iter().take_while(|held| held.entry.stamp < limit).count();
            for held in self.held.drain(..gone) {
                home.done(&self.who, &[held.entry], held.bytes.len(), Outcome::Failed(TIMED_OUT));
            }
        }
    }
}
