//! What a shard does for its producers: dial, book, count.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg32;

use crate::cluster::{Heard, Weight};
use crate::load::light::batch::Entry;
use crate::load::light::post::Room;
use crate::load::light::producer::{Home, Outcome, Who};
use crate::load::light::wire::{self, Address, Dial, Gate, Inbox, LinkId, Outbox};
use crate::load::reporter::Reporter;
use crate::load::tally::{Delivery, Fate, WireCount};
use crate::timeline::Clock;

/// What all may read of the light producers while they run.
#[derive(Debug, Default)]
pub struct Board {
    /// Producers that have had all their connections up.
    pub connected: AtomicU32,
    /// The longest that any took, in ns.
    pub worst_ns: AtomicU64,
    /// When the last of them had, Unix ns.
    pub last: AtomicU64,
    /// Why some could not connect.
    pub trouble: Heard,
    /// What has gone over the wire so far.
    pub wire: WireCount,
}

/// The shard's own things.
#[derive(Debug)]
pub struct Base {
    /// The clock that all of the run shares.
    pub clock: Clock,
    /// Lets connects through.
    pub gate: Gate,
    /// What connections tell.
    pub inbox: Rc<RefCell<Inbox>>,
    /// Books what became of messages, once the trial has begun.
    pub reporter: Option<Reporter>,
    rooms: Arc<[Room]>,
    board: Arc<Board>,
    /// Complaints from before the trial.
    early: BTreeMap<String, u64>,
    serial: u32,
    random: Pcg32,
}

impl Base {
    /// Before anything has happened.
    pub fn new(clock: Clock, gate: Gate, rooms: Arc<[Room]>, board: Arc<Board>, seed: u64) -> Self {
        Base {
            clock,
            gate,
            inbox: Rc::default(),
            reporter: None,
            rooms,
            board,
            early: BTreeMap::new(),
            serial: 0,
            random: Pcg32::seed_from_u64(seed),
        }
    }

    /// The trial begins.
    pub fn report_as(&mut self, reporter: Reporter) {
        // What was told before the trial is told by whoever waited for the connections.
        self.early.clear();
        self.reporter = Some(reporter);
    }
}

impl Home for Base {
    fn dial(&mut self, who: &Who, addresses: Vec<Address>) -> (u32, Outbox) {
        self.serial += 1;
        let link = LinkId { producer: who.seat, serial: self.serial };
        let config = &who.config;
        let dial = Dial {
            gate: self.gate.clone(),
            clock: self.clock,
            addresses,
            client: who.name.clone(),
            within: config.connect_within,
            socket: config.socket,
            tls: config.tls.clone(),
            login: config.login.clone(),
        };
        let outbox = Outbox::default();
        tokio::task::spawn_local(wire::run(dial, link, outbox.clone(), Rc::clone(&self.inbox)));
        (self.serial, outbox)
    }

    fn done(&mut self, who: &Who, entries: &[Entry], bytes: usize, outcome: Outcome) {
        self.rooms[who.seat as usize].give_back(entries.len() as u64, bytes as u64);
        let Some(Reporter { acks, .. }) = &mut self.reporter else { return };
        let now = acks.now();
        for (next, entry) in (0..).zip(entries) {
            let fate = match outcome {
                Outcome::Acked(partition, Some(first)) => Fate::Acked { partition, offset: first + next },
                Outcome::Acked(_, None) => Fate::Untold,
                Outcome::Failed(code) => Fate::Failed(code),
                Outcome::Unknown => Fate::Unknown,
            };
            let (producer, due, stamp) = (who.number, entry.due, entry.stamp);
            acks.deliver_at(&Delivery { fate, producer, due, stamp }, now);
        }
    }

    fn complain(&mut self, weight: Weight, error: String) {
        if let Some(reporter) = &mut self.reporter {
            return reporter.acks.complain(&error);
        }
        self.board.trouble.note(weight, &error);
        *self.early.entry(error).or_default() += 1;
    }

    fn retried(&mut self, code: i16) {
        if let Some(reporter) = &mut self.reporter {
            reporter.acks.retried(code.into());
        }
    }

    fn throttled(&mut self, ms: u64) {
        if let Some(reporter) = &mut self.reporter {
            reporter.acks.throttled(ms);
        }
    }

    fn sent_batch(&mut self, records: usize, bytes: u64) {
        self.board.wire.request(bytes, true);
        self.board.wire.batch(records as u64);
    }

    fn connected(&mut self, took_ns: u64) {
        self.board.worst_ns.fetch_max(took_ns, Relaxed);
        self.board.last.fetch_max(self.clock.now(), Relaxed);
        self.board.connected.fetch_add(1, Relaxed);
    }

    fn random(&mut self) -> u64 {
        self.random.next_u64()
    }
}
