//! The thread that sends at `rate: max`: as much as the clients' queues take, and not a message more.
//!
//! Closed by the queues: a message is due when it is sent, so that nothing is late and nothing refused. Like the sender it allocates nothing, takes no
//! lock and writes no log. It hands over and stamps a burst at a time, which puts a message's stamp early by microseconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::client::{Clients, Handed, Outgoing};
use super::refusals::Refusals;
use super::wait;
use crate::envelope::{Envelope, Kind};
use crate::load::message::{Made, Messages};
use crate::load::tally::LoadCounts;
use crate::timeline::Clock;

/// Messages handed over in one call: enough that what is done once for all of them costs nothing, few enough that the last is stamped early by less than
/// ten microseconds.
pub const BURST: usize = 32;
/// How long full clients are left alone: a fraction of what a full queue of librdkafka's lasts at millions a second.
const PAUSE_NS: u64 = 500_000;

/// All that the saturating thread owns.
#[derive(Debug)]
pub struct Saturator<C> {
    /// The clock that all of the run shares.
    pub clock: Clock,
    /// Time 0 of the trial, Unix ns.
    pub zero: u64,
    /// When to stop, Unix ns.
    pub end: u64,
    /// Number of the trial, for the envelope.
    pub trial: u64,
    /// Number of its first producer among all of the segment; the others follow.
    pub first: u32,
    /// The next sequence of each of its producers.
    pub sequences: Vec<u64>,
    /// Who takes the messages, numbered from 0.
    pub clients: C,
    /// Where all of its messages go; `None` leaves it to the client's partitioner.
    pub partition: Option<i32>,
    /// Payloads and keys, a burst at once.
    pub messages: Messages,
    /// Live counters.
    pub counts: Arc<LoadCounts>,
    /// Set to stop early.
    pub end_schedule: Arc<AtomicBool>,
    /// Messages that a client would not have.
    pub refusals: Refusals,
}

impl<C: Clients> Saturator<C> {
    /// Sends until the end, or until it is told to stop. Hands the clients back, whose reports are still to come.
    pub fn run(mut self) -> (Refusals, C) {
        wait::sharpen_sleep();
        while !self.is_over() && self.clock.now() < self.zero {
            wait::sleep_until(self.clock, self.zero);
        }
        while !self.is_over() {
            let mut room = false;
            for producer in 0..self.sequences.len() {
                room |= self.fill(producer);
            }
            self.clients.pass_on();
            if !room {
                self.clients.await_room(self.clock, self.clock.now() + PAUSE_NS);
            }
        }
        (self.refusals, self.clients)
    }

    fn is_over(&self) -> bool {
        self.end_schedule.load(Relaxed) || self.clock.now() >= self.end
    }

    /// Hands a burst to one producer; false when its queue is full, or will not have what it is given.
    fn fill(&mut self, producer: usize) -> bool {
        let stamp = self.clock.now();
        let number = self.first + producer as u32;
        let (trial, first) = (self.trial, self.sequences[producer]);
        let envelopes: [_; BURST] = std::array::from_fn(|at| {
            let sequence = first + at as u64;
            Envelope { kind: Kind::Message, trial, producer: number, sequence, due: stamp }
        });
        let made = self.messages.make_all(&envelopes);
        // Of the largest messages there may be fewer in a burst.
        let burst = made.iter().take_while(|made| !made.payload.is_empty()).count();
        let partition = self.partition;
        let mut messages = made.map(|Made { payload, key, headers, topic }| Outgoing {
            payload,
            key,
            headers,
            topic,
            partition,
            due: stamp,
            stamp,
        });
        let mut handed = [Handed::Full; BURST];
        self.clients.produce_all(producer, &mut messages[..burst], &mut handed[..burst]);
        let (mut taken, mut refused) = (0, 0);
        for handed in handed {
            match handed {
                Handed::Taken => taken += 1,
                Handed::Full => {}
                Handed::Refused(code) => {
                    self.refusals.count(code);
                    refused += 1;
                }
            }
        }
        self.sequences[producer] += taken + refused;
        self.counts.due.count_many(stamp, taken + refused);
        self.counts.sent.count_many(stamp, taken);
        self.counts.refused.count_many(stamp, refused);
        let own = &self.counts.producers;
        own.due(number as usize, taken + refused, stamp);
        own.sent(number as usize, taken);
        own.refused(number as usize, refused);
        taken == burst as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Keys, Message, Size};
    use crate::timeline::{QUARTER_NS, quarter_of};
    use crate::units::{Bytes, Share};

    /// A client with room for so many messages at a time, emptied whenever it is passed on to.
    struct Narrow {
        room: Vec<u64>,
        each: u64,
        taken: Vec<Envelope>,
        sizes: std::collections::BTreeSet<usize>,
        shut: Arc<AtomicBool>,
        most: usize,
    }

    impl Clients for &mut Narrow {
        fn produce(&mut self, producer: usize, message: &mut Outgoing<'_>) -> Handed {
            if self.room[producer] == 0 {
                return Handed::Full;
            }
            self.room[producer] -= 1;
            let envelope = Envelope::read(message.payload).unwrap();
            assert_eq!(message.key, (envelope.sequence % 1_000 + 1).to_string().as_bytes());
            self.sizes.insert(message.payload.len());
            assert_eq!(message.partition, Some(1));
            self.taken.push(envelope);
            assert_eq!((message.due, message.stamp), (self.taken[self.taken.len() - 1].due, message.due));
            Handed::Taken
        }

        fn pass_on(&mut self) {
            self.room.fill(self.each);
            if self.taken.len() >= self.most {
                self.shut.store(true, Relaxed);
            }
        }
    }

    /// Of 100 bytes or 60, with a key.
    fn messages() -> Messages {
        let half = Share::new(0.5).unwrap();
        let size = Size::Table(vec![(Bytes::new(100), half), (Bytes::new(60), half)]);
        let keys = Keys::RoundRobin { count: 1_000 };
        Messages::new(&Message { size, keys, ..Message::default() }, &[1.0], 1, BURST)
    }

    #[test]
    fn all_that_the_queues_take_is_sent_when_it_is_due_and_nothing_is_refused() {
        let clock = Clock::anchor();
        let zero = clock.now();
        let counts = Arc::new(LoadCounts::new(quarter_of(zero), 400).of_producers(5, 0..u64::MAX));
        let shut = Arc::new(AtomicBool::new(false));
        let mut client = Narrow {
            room: vec![3; 3],
            each: 3,
            taken: Vec::new(),
            sizes: [].into(),
            shut: Arc::clone(&shut),
            most: 300,
        };
        let saturator = Saturator {
            clock,
            zero,
            end: zero + 60 * 4 * QUARTER_NS,
            trial: 1,
            first: 2,
            sequences: vec![0; 3],
            clients: &mut client,
            partition: Some(1),
            messages: messages(),
            counts: Arc::clone(&counts),
            end_schedule: shut,
            refusals: Refusals::default(),
        };
        saturator.run();
        let all = client.taken.len() as u64;
        assert!(all >= 300);
        assert_eq!(client.sizes, [60, 100].into());
        assert_eq!((counts.due.to_vec(), counts.refused.total()), (counts.sent.to_vec(), 0));
        assert_eq!(counts.sent.total(), all);
        for producer in 2..5 {
            let own: Vec<_> = client.taken.iter().filter(|one| one.producer == producer).collect();
            assert!(own.iter().enumerate().all(|(at, one)| one.sequence == at as u64 && one.due >= zero));
            assert!(own.windows(2).all(|pair| pair[0].due <= pair[1].due));
            assert_eq!(own.len() as u64, all / 3, "each gets its turn");
            assert_eq!(counts.producers.read()[producer as usize].sent, all / 3);
        }
    }

    #[test]
    fn it_ends_at_its_end_even_while_all_queues_are_full() {
        let clock = Clock::anchor();
        let zero = clock.now();
        let mut client = Narrow {
            room: vec![0],
            each: 0,
            taken: Vec::new(),
            sizes: [].into(),
            shut: Arc::default(),
            most: 1,
        };
        let counts = Arc::new(LoadCounts::new(quarter_of(zero), 4));
        Saturator {
            clock,
            zero,
            end: zero + 20_000_000,
            trial: 1,
            first: 0,
            sequences: vec![0],
            clients: &mut client,
            partition: Some(1),
            messages: messages(),
            counts: Arc::clone(&counts),
            end_schedule: Arc::default(),
            refusals: Refusals::default(),
        }
        .run();
        assert!(clock.now() >= zero + 20_000_000);
        assert_eq!((counts.due.total(), counts.refused.total()), (0, 0));
    }
}
