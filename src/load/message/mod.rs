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
    /// For a workload under a trial's seed, of which so many messages are made at once.
    pub fn new(message: &Message, seed: u64, at_once: usize) -> Self {
        Messages {
            bodies: Bodies::new(message.pool_bytes() as usize, at_once, message.compressibility, seed),
            sizes: SizeDraw::new(&message.size, seed),
            keys: KeyDraw::new(message.keys, seed),
        }
    }

    /// Payload, envelope not yet written, and key (empty for none). Both are the same length and the same key whenever they are asked for; of the payload's
    /// bytes only the pool they come from is.
    pub fn make(&mut self, producer: u32, sequence: u64) -> (&mut [u8], &[u8]) {
        let size = self.sizes.size(producer, sequence);
        (self.bodies.take(size), self.keys.key(producer, sequence))
    }

    /// Payloads and keys, as `make` makes them, of a producer's messages from this sequence on; `keys` is room for them. Messages for which the pool has no
    /// room beside those before them have an empty payload, and are to be made again.
    pub fn make_all<'a, const N: usize>(
        &'a mut self,
        producer: u32,
        first: u64,
        keys: &'a mut [[u8; KEY_BYTES]; N],
    ) -> [(&'a mut [u8], &'a [u8]); N] {
        let sizes: [_; N] = std::array::from_fn(|at| self.sizes.size(producer, first + at as u64));
        let mut bodies = self.bodies.take_all(sizes).into_iter();
        let (mut places, mut sequence) = (keys.iter_mut(), first);
        std::array::from_fn(|_| {
            let key = self.keys.key(producer, sequence);
            sequence += 1;
            let place = places.next().map_or(&mut [][..], |place| &mut place[..key.len()]);
            place.copy_from_slice(key);
            (bodies.next().unwrap_or_default(), &*place)
        })
    }
}

#[cfg(test)]
mod tests;
