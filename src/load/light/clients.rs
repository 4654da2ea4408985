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
        let bytes = message.key.len() + message.payload.len();
        if bytes > config.message_bytes {
            return Handed::Refused(MESSAGE_TOO_LARGE);
        }
        let room = &way.rooms[seat.number as usize];
        if !room.has(bytes as u64, config.queue_messages, config.queue_bytes) {
            return Handed::Full;
        }
        // Taken before it is put in: the shard may give it back at once.
        room.take(bytes as u64);
        if !way.sending.put(seat.number, message) {
            room.give_back(1, bytes as u64);
            way.by = 0;
            return Handed::Full;
        }
        way.by = way.by.min(message.stamp + config.linger_ns.min(LOOK_NS));
        Handed::Taken
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
