//! The sender's side of the light producers: it takes a message if its producer's queue has room, and passes it to the producer's shard.

use std::sync::Arc;

use super::config::LightConfig;
use super::post::{Bell, Room, Sending};
use crate::load::send::{Clients, Handed, Outgoing};

/// A shard looks into its ring this long after a message came at the latest: it may complete a batch.
const LOOK_NS: u64 = 1_000_000;
/// What librdkafka says of a message above `message.max.bytes`.
const MESSAGE_TOO_LARGE: i32 = 10;

/// One producer as the sender sees it.
#[derive(Debug)]
pub struct Seat {
    /// Its shard.
    pub shard: usize,
    /// Its number there.
    pub number: u32,
    /// Its bounds.
    pub config: Arc<LightConfig>,
}

/// The way to one shard.
#[derive(Debug)]
pub struct Way {
    /// The ring.
    pub sending: Sending,
    /// Its bell.
    pub bell: Arc<Bell>,
    /// The queues of its producers.
    pub rooms: Arc<[Room]>,
    /// When the ring must be looked into for what has been put in since the bell was last thought of, Unix ns.
    pub by: u64,
}

/// All light producers of one sender, by their own numbers.
#[derive(Debug)]
pub struct LightClients {
    /// The producers.
    pub seats: Vec<Seat>,
    /// The shards.
    pub ways: Vec<Way>,
}

impl Clients for LightClients {
    fn produce(&mut self, producer: usize, message: &mut Outgoing<'_>) -> Handed {
        let seat = &self.seats[producer];
        let way = &mut self.ways[seat.shard];
        let config = &*seat.config;
        let bytes = message.bytes();
        if bytes > config.message_bytes {
            return Handed::Refused(MESSAGE_TOO_LARGE);
        }
        let room = &way.rooms[seat.number as usize];
        if !room.has_beside((0, 0), bytes as u64, config.queue_messages, config.queue_bytes) {
            return Handed::Full;
        }
        // Taken before it is put in: the shard may give it back at once.
        room.take(1, bytes as u64);
        if !way.sending.put(seat.number, message) {
            room.give_back(1, bytes as u64);
            way.by = 0;
            return Handed::Full;
        }
        way.by = way.by.min(message.stamp + config.linger_ns.min(LOOK_NS));
        Handed::Taken
    }

    /// What a burst takes is counted once.
    fn produce_all(&mut self, producer: usize, messages: &mut [Outgoing<'_>], handed: &mut [Handed]) {
        let seat = &self.seats[producer];
        let way = &mut self.ways[seat.shard];
        let (config, room) = (&*seat.config, &way.rooms[seat.number as usize]);
        let bytes = Outgoing::bytes;
        let (mut fit, mut all) = (0, 0);
        for more in messages.iter().map(bytes).filter(|bytes| *bytes <= config.message_bytes) {
            if !room.has_beside((fit, all), more as u64, config.queue_messages, config.queue_bytes) {
                break;
            }
            (fit, all) = (fit + 1, all + more as u64);
        }
        // Taken before they are put in: the shard may give them back at once.
        room.take(fit, all);
        let mut full = false;
        for (message, handed) in messages.iter().zip(handed) {
            *handed = if full {
                Handed::Full
            } else if bytes(message) > config.message_bytes {
                Handed::Refused(MESSAGE_TOO_LARGE)
            } else if fit == 0 {
                Handed::Full
            } else if way.sending.put(seat.number, message) {
                (fit, all) = (fit - 1, all - bytes(message) as u64);
                way.by = way.by.min(message.stamp + config.linger_ns.min(LOOK_NS));
                Handed::Taken
            } else {
                way.by = 0;
                Handed::Full
            };
            full = *handed == Handed::Full;
        }
        room.give_back(fit, all);
    }

    fn pass_on(&mut self) {
        for way in &mut self.ways {
            if way.by < u64::MAX {
                let by = if way.sending.is_half_full() { 0 } else { way.by };
                way.bell.ring(by);
                way.by = u64::MAX;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::light::post::{Receiving, parcels};
    use proptest::prelude::*;

    /// One producer whose queue holds ten messages or 400 bytes, and whose messages have 100 bytes at most.
    fn clients(ring: usize) -> (LightClients, Receiving) {
        let properties = [("queue.buffering.max.messages", "10"), ("acks", "1")];
        let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let mut config = LightConfig::read("one:1", &properties).unwrap();
        (config.message_bytes, config.queue_bytes) = (100, 400);
        let (sending, receiving) = parcels(ring);
        let way = Way {
            sending,
            bell: Arc::new(Bell::new().unwrap()),
            rooms: [Room::default()].into(),
            by: u64::MAX,
        };
        let seat = Seat { shard: 0, number: 0, config: Arc::new(config) };
        (LightClients { seats: vec![seat], ways: vec![way] }, receiving)
    }

    proptest! {
        #[test]
        fn a_burst_is_taken_as_its_messages_would_be_one_by_one(
            bursts in proptest::collection::vec((proptest::collection::vec(1..130_usize, 1..8), any::<bool>()), 1..30),
            ring in 200..2_000_usize,
        ) {
            let (mut burst_by_burst, mut one) = clients(ring);
            let (mut one_by_one, mut other) = clients(ring);
            for (sizes, read) in bursts {
                let mut bodies: Vec<Vec<u8>> = sizes.iter().map(|size| vec![1; *size]).collect();
                let mut messages: Vec<Outgoing<'_>> = bodies
                    .iter_mut()
                    .map(|payload| Outgoing { payload, key: &[], headers: &[], topic: 0, partition: None, due: 0, stamp: 5 })
                    .collect();
                let mut handed = vec![Handed::Full; messages.len()];
                burst_by_burst.produce_all(0, &mut messages, &mut handed);
                let mut full = false;
                for (message, handed) in messages.iter_mut().zip(&handed) {
                    let expected = if full { Handed::Full } else { one_by_one.produce(0, message) };
                    full = expected == Handed::Full;
                    prop_assert_eq!(*handed, expected);
                }
                let (a, b) = (&burst_by_burst.ways[0], &one_by_one.ways[0]);
                prop_assert_eq!(format!("{:?}", a.rooms), format!("{:?}", b.rooms));
                prop_assert_eq!(a.by, b.by);
                while read && let Some(bytes) = one.next(|parcel| parcel.payload.len() as u64) {
                    prop_assert_eq!(other.next(|parcel| parcel.payload.len() as u64), Some(bytes));
                    for clients in [&burst_by_burst, &one_by_one] {
                        clients.ways[0].rooms[0].give_back(1, bytes);
                    }
                }
            }
        }
    }
}
