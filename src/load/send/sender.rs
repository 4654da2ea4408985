//! The thread that sends: the hot path. It allocates nothing, takes no lock and writes no log.
//!
//! It follows the pacer, stamps each message with the time it was due, and hands it to its producer. A producer whose queue is full gets a line of its
//! own; nobody else waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::client::{Clients, Handed, Outgoing};
use super::refusals::Refusals;
use super::wait::{self, Waiting};
use super::waiting_line::{Waiter, WaitingLine};
use crate::books::BySecond;
use crate::envelope::{Envelope, Kind};
use crate::load::message::{Made, Messages};
use crate::load::schedule::Pacer;
use crate::load::tally::LoadCounts;
use crate::timeline::{Clock, second_of};

/// Messages handed over before the sender looks after those that wait, and at whether it is to stop.
const BURST: u32 = 10_000;
/// Messages of one line that are served in a turn.
const TURN: u32 = 64;
/// How often a full client is asked again.
const RETRY_NS: u64 = 1_000_000;

/// What stands before the clients after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lines {
    /// Nobody.
    Empty,
    /// Some, before full clients.
    Full,
    /// Some whose client took all it was offered: their next turn comes at once.
    Served,
}

/// One producer as the sender sees it.
#[derive(Debug)]
pub struct Lane {
    /// How long a message may wait before it is refused.
    pub delivery_timeout_ns: u64,
    /// Where its messages wait while its queue is full.
    pub line: WaitingLine,
    /// The next sequence.
    pub sequence: u64,
    /// Where all of its messages go; `None` leaves it to the client's partitioner.
    pub partition: Option<i32>,
}

/// What the sender hands back when it has ended.
#[derive(Debug)]
pub struct Sent {
    /// due → attempted, by the second of the due time.
    pub send_delay: BySecond,
    /// attempted → sent, by the second of the due time.
    pub accept_delay: BySecond,
    /// Messages that a client would not have; they are among the refused.
    pub refusals: Refusals,
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
    /// Messages that stand in any line; none at first.
    pub in_line: usize,
    /// While so many stand in lines, nothing further is taken that is due: a backlog that is written all at once need not lie in memory.
    pub most_in_line: usize,
    /// Who takes the messages, in the same numbering.
    pub clients: C,
    /// Payloads and keys.
    pub messages: Messages,
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
        // What was due before the schedule was ended early was due, however late its turn comes.
        let mut ended_at = None;
        loop {
            let now = self.clock.now();
            if self.end_schedule.load(Relaxed) {
                ended_at.get_or_insert(now);
            }
            let all = self.send_due(ended_at.unwrap_or(now));
            let waiting = self.serve_lines();
            self.clients.pass_on();
            let due = if ended_at.is_some() && all { None } else { self.pacer.peek() };
            if self.give_up.load(Relaxed) {
                self.refuse_due(ended_at.unwrap_or(now));
                break;
            }
            match (waiting, due) {
                (Lines::Empty, None) => break,
                (Lines::Served, _) => {}
                (lines, due) => self.wait_for(due, lines == Lines::Full),
            }
        }
        self.refuse_all_waiting();
        self.sent
    }

    /// Hands over what is due by `until`; false where it broke off to look after other things.
    fn send_due(&mut self, until: u64) -> bool {
        let Some(elapsed) = until.checked_sub(self.zero) else { return true };
        let mut now = self.clock.now();
        for _ in 0..BURST {
            if self.in_line >= self.most_in_line {
                return false;
            }
            let Some((due, producer)) = self.pacer.take_due(elapsed) else { return true };
            now = self.attempt(self.zero + due, producer as usize, now);
        }
        false
    }

    /// What was due and could not even be tried.
    fn refuse_due(&mut self, until: u64) {
        let Some(elapsed) = until.checked_sub(self.zero) else { return };
        let now = self.clock.now();
        while let Some((due, producer)) = self.pacer.take_due(elapsed) {
            self.counts.due.count(self.zero + due);
            self.counts.producers.due(producer as usize, 1, self.zero + due);
            self.refuse(producer as usize, now);
        }
    }

    fn refuse(&self, producer: usize, now: u64) {
        self.counts.refused.count(now);
        self.counts.producers.refused(producer, 1);
    }

    fn attempt(&mut self, due: u64, producer: usize, now: u64) -> u64 {
        self.counts.due.count(due);
        self.counts.producers.due(producer, 1, due);
        self.sent.send_delay.record(second_of(due), now.saturating_sub(due));
        let lane = &mut self.lanes[producer];
        let waiter = Waiter { sequence: lane.sequence, due, attempted: now };
        lane.sequence += 1;
        if lane.line.is_empty() && self.hand_over(producer, waiter, now) {
            return self.clock.now();
        }
        self.lanes[producer].line.join(waiter);
        self.in_line += 1;
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
        let Made { payload, key, headers, topic } = self.messages.make(&envelope);
        let partition = self.lanes[producer].partition;
        let due = waiter.due;
        let mut message = Outgoing { payload, key, headers, topic, partition, due, stamp: now };
        match self.clients.produce(producer, &mut message) {
            Handed::Taken => {
                let sent = self.clock.now();
                self.counts.sent.count(sent);
                self.counts.producers.sent(producer, 1);
                self.sent.accept_delay.record(second_of(waiter.due), sent - waiter.attempted);
                true
            }
            Handed::Full => false,
            Handed::Refused(code) => {
                self.refuse(producer, now);
                self.sent.refusals.count(code);
                true
            }
        }
    }

    /// Asks full clients again and refuses those whose time is up.
    ///
    /// A few of each at a time: a client that takes all at once does not make the others wait.
    fn serve_lines(&mut self) -> Lines {
        let mut lines = Lines::Empty;
        if self.in_line == 0 {
            return lines; // thousands of empty lines take longer to look at than a message to send
        }
        for producer in 0..self.lanes.len() {
            for served in 0.. {
                let Some(first) = self.lanes[producer].line.first() else { break };
                if served == TURN {
                    lines = Lines::Served;
                    break;
                }
                let now = self.clock.now();
                if first.due + self.lanes[producer].delivery_timeout_ns <= now {
                    self.refuse(producer, now);
                } else if !self.hand_over(producer, first, now) {
                    lines = lines.max(Lines::Full);
                    break;
                }
                self.lanes[producer].line.leave();
                self.in_line -= 1;
            }
        }
        lines
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
        for producer in 0..self.lanes.len() {
            while self.lanes[producer].line.first().is_some() {
                self.refuse(producer, now);
                self.lanes[producer].line.leave();
            }
        }
    }
}

#[cfg(test)]
mod tests;
