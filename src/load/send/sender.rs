//! The thread that sends: the hot path. It allocates nothing, takes no lock and writes no log.
//!
//! It follows the pacer, stamps each message with the time it was due, and hands it to its producer. A producer whose queue is full gets a line of its
//! own; nobody else waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::client::{Clients, Handed, Outgoing};
use super::wait::{self, Waiting};
use super::waiting_line::{Waiter, WaitingLine};
use crate::books::BySecond;
use crate::envelope::{Envelope, Kind};
use crate::load::message::Bodies;
use crate::load::schedule::Pacer;
use crate::load::tally::LoadCounts;
use crate::timeline::{Clock, second_of};

/// How often a full client is asked again.
const RETRY_NS: u64 = 1_000_000;

/// One producer as the sender sees it.
#[derive(Debug)]
pub struct Lane {
    /// How long a message may wait before it is refused.
    pub delivery_timeout_ns: u64,
    /// Where its messages wait while its queue is full.
    pub line: WaitingLine,
    /// The next sequence.
    pub sequence: u64,
}

/// What the sender hands back when it has ended.
#[derive(Debug)]
pub struct Sent {
    /// due → attempted, by the second of the due time.
    pub send_delay: BySecond,
    /// attempted → sent, by the second of the due time.
    pub accept_delay: BySecond,
    /// Messages that a client would not have, by librdkafka's code; they are among the refused.
    pub refusals: [(i32, u64); 8],
}

/// All that the sending thread owns.
#[derive(Debug)]
pub struct Sender<C> {
    /// The clock that all of the run shares.
    pub clock: Clock,
    /// Time 0 of the trial, Unix ns.
    pub zero: u64,
    /// Number of the trial, for the envelope.
    pub trial: u64,
    /// The merged schedule.
    pub pacer: Pacer,
    /// How it waits.
    pub waiting: Waiting,
    /// One for each producer, in the pacer's numbering.
    pub lanes: Vec<Lane>,
    /// Who takes the messages, in the same numbering.
    pub clients: C,
    /// The bytes.
    pub bodies: Bodies,
    /// Live counters.
    pub counts: Arc<LoadCounts>,
    /// Set to end the schedule early: nothing more becomes due.
    pub end_schedule: Arc<AtomicBool>,
    /// Set to give up waiting: what still stands in a line is refused.
    pub give_up: Arc<AtomicBool>,
    /// What is handed back.
    pub sent: Sent,
}

impl<C: Clients> Sender<C> {
    /// Sends until the schedule has ended and nobody waits, or until it is told to give up.
    pub fn run(mut self) -> Sent {
        wait::sharpen_sleep();
        loop {
            let mut now = self.clock.now();
            let ended = self.end_schedule.load(Relaxed);
            if !ended {
                now = self.send_due(now);
            }
            let waiting = self.serve_lines(now);
            self.clients.pass_on();
            let due = if ended { None } else { self.pacer.peek() };
            if self.give_up.load(Relaxed) || (due.is_none() && !waiting) {
                break;
            }
            self.wait_for(due, waiting);
        }
        self.refuse_all_waiting();
        self.sent
    }

    /// Hands over everything that is due; returns the time after the last.
    fn send_due(&mut self, mut now: u64) -> u64 {
        while let Some((due, producer)) = self.pacer.take_due(now.saturating_sub(self.zero)) {
            now = self.attempt(self.zero + due, producer as usize, now);
        }
        now
    }

    fn attempt(&mut self, due: u64, producer: usize, now: u64) -> u64 {
        self.counts.due.count(due);
        self.sent.send_delay.record(second_of(due), now - due);
        let lane = &mut self.lanes[producer];
        let waiter = Waiter { sequence: lane.sequence, due, attempted: now };
        lane.sequence += 1;
        if lane.line.is_empty() && self.hand_over(producer, waiter, now) {
            return self.clock.now();
        }
        self.lanes[producer].line.join(waiter);
        now
    }

    /// True when the message is done with: taken, or refused by the client.
    fn hand_over(&mut self, producer: usize, waiter: Waiter, now: u64) -> bool {
        let envelope = Envelope {
            kind: Kind::Message,
            trial: self.trial,
            producer: producer as u32,
            sequence: waiter.sequence,
            due: waiter.due,
        };
        let payload = self.bodies.take();
        let written = envelope.write(payload);
        debug_assert!(written, "a body has room for its envelope");
        let mut message = Outgoing { payload, key: &[], partition: None, due: waiter.due, stamp: now };
        match self.clients.produce(producer, &mut message) {
            Handed::Taken => {
                let sent = self.clock.now();
                self.counts.sent.count(sent);
                self.sent.accept_delay.record(second_of(waiter.due), sent - waiter.attempted);
                true
            }
            Handed::Full => false,
            Handed::Refused(code) => {
                self.counts.refused.count(now);
                count_refusal(&mut self.sent.refusals, code);
                true
            }
        }
    }

    /// Asks full clients again and refuses those whose time is up; true while anybody waits.
    fn serve_lines(&mut self, now: u64) -> bool {
        let mut waiting = false;
        for producer in 0..self.lanes.len() {
            while let Some(first) = self.lanes[producer].line.first() {
                if first.due + self.lanes[producer].delivery_timeout_ns <= now {
                    self.counts.refused.count(now);
                } else if !self.hand_over(producer, first, now) {
                    waiting = true;
                    break;
                }
                self.lanes[producer].line.leave();
            }
        }
        waiting
    }

    fn wait_for(&self, due: Option<u64>, waiting: bool) {
        let now = self.clock.now();
        let next = due.map_or(u64::MAX, |due| self.zero + due);
        let next = if waiting { next.min(now + RETRY_NS) } else { next };
        if next <= now {
            return;
        }
        match self.waiting.sleep_until(now, next) {
            Some(wake) => wait::sleep_until(self.clock, wake),
            None => {
                while self.clock.now() < next {
                    std::hint::spin_loop();
                }
            }
        }
    }

    fn refuse_all_waiting(&mut self) {
        let now = self.clock.now();
        for lane in &mut self.lanes {
            while lane.line.first().is_some() {
                self.counts.refused.count(now);
                lane.line.leave();
            }
        }
    }
}

fn count_refusal(refusals: &mut [(i32, u64); 8], code: i32) {
    // More kinds than there is room for do not occur; the last slot would take them together.
    let slot = refusals.iter().position(|(known, count)| *known == code || *count == 0).unwrap_or(7);
    refusals[slot].0 = code;
    refusals[slot].1 += 1;
}

#[cfg(test)]
mod tests;
