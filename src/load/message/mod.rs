//! What is sent: the bytes of a message, made beforehand, its size and its key.

mod bodies;
mod draw;
mod keys;
mod sizes;

pub use bodies::Bodies;
pub use keys::{KEY_BYTES, KeyDraw};
pub use sizes::SizeDraw;

use crate::spec::Message;

/// What each message of a trial is, by its producer and its sequence.
#[derive(Debug)]
pub struct Messages {
    bodies: Bodies,
    sizes: SizeDraw,
    keys: KeyDraw,
}

impl Messages {
    /// For a workload under a trial's seed.
    pub fn new(message: &Message, seed: u64) -> Self {
        Messages {
            bodies: Bodies::new(message.size.largest() as usize, message.compressibility, seed),
            sizes: SizeDraw::new(&message.size, seed),
            keys: KeyDraw::new(message.keys, seed),
        }
    }

    /// Bytes of the largest payload.
    pub fn largest(&self) -> usize {
        self.bodies.largest()
    }

    /// Payload, envelope not yet written, and key (empty for none). Both are the same length and the same key whenever they are asked for; of the payload's
    /// bytes only the pool they come from is.
    pub fn make(&mut self, producer: u32, sequence: u64) -> (&mut [u8], &[u8]) {
        let size = self.sizes.size(producer, sequence);
        (self.bodies.take(size), self.keys.key(producer, sequence))
    }
}
