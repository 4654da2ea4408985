//! The bytes of the messages, made before the first is sent.

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::envelope;
use crate::units::Share;

/// Filler and noise take turns in blocks of these many bytes, drawn anew for each: no size of messages falls in step with them, so that an envelope does not
/// always hide noise, or always filler.
const BLOCK: std::ops::RangeInclusive<usize> = 96..=160;

/// A pool of bytes from which every message is a window; the envelope is written over the window's start, and what it hid is put back before the next is
/// cut: else envelopes would come to lie wherever sizes are drawn, and a compressor would find them.
#[derive(Debug)]
pub struct Bodies {
    pool: Vec<u8>,
    next: usize,
    /// Where windows that are lent begin, with the bytes that envelopes may hide.
    lent: Vec<(usize, [u8; envelope::BYTES])>,
}

impl Bodies {
    /// From a pool of `length` bytes, of which no message takes more, for so many messages `at_once`; `compressibility` can be compressed away.
    pub fn new(length: usize, at_once: usize, compressibility: Share, seed: u64) -> Self {
        let mut random = Pcg64::seed_from_u64(seed);
        let mut pool = vec![b' '; length];
        let noise = 1.0 - compressibility.get();
        let (mut rest, mut owed) = (&mut pool[..], 0.0);
        while !rest.is_empty() {
            let (block, others) = rest.split_at_mut(random.random_range(BLOCK).min(rest.len()));
            owed += noise * block.len() as f64;
            let given = (owed.round() as usize).min(block.len());
            random.fill_bytes(&mut block[..given]);
            owed -= given as f64;
            rest = others;
        }
        Bodies { pool, next: 0, lent: Vec::with_capacity(at_once) }
    }

    /// The next are cut from the pool's beginning, as the first were.
    pub fn begin_anew(&mut self) {
        self.next = 0;
    }

    /// The next message's `size` bytes, envelope not yet written.
    pub fn take(&mut self, size: usize) -> &mut [u8] {
        let [body] = self.take_all([size]);
        body
    }

    /// The next messages' bytes, no more of them than it was made for; empty from the first on that the pool has no room for beside those before it.
    pub fn take_all<const N: usize>(&mut self, sizes: [usize; N]) -> [&mut [u8]; N] {
        for (start, hidden) in self.lent.drain(..) {
            let place = &mut self.pool[start..];
            let length = place.len().min(hidden.len());
            place[..length].copy_from_slice(&hidden[..length]);
        }
        let mut all = 0;
        let mut full = false;
        let sizes = sizes.map(|size| {
            full |= all + size > self.pool.len();
            let size = if full { 0 } else { size };
            all += size;
            size
        });
        if self.next + all > self.pool.len() {
            self.next = 0;
        }
        let mut start = self.next;
        for size in sizes.into_iter().filter(|size| *size > 0) {
            let mut hidden = [0; envelope::BYTES];
            let place = &self.pool[start..];
            let length = place.len().min(hidden.len());
            hidden[..length].copy_from_slice(&place[..length]);
            self.lent.push((start, hidden));
            start += size;
        }
        let mut rest = &mut self.pool[self.next..][..all];
        self.next += all;
        sizes.map(|size| {
            let (body, others) = std::mem::take(&mut rest).split_at_mut(size);
            rest = others;
            body
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn compressed_share(percent: u32) -> f64 {
        let mut bodies = Bodies::new(4 << 20, 1, Share::new(f64::from(percent) / 100.0).unwrap(), 3);
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        for _ in 0..900 {
            encoder.write_all(bodies.take(1024)).unwrap();
        }
        encoder.finish().unwrap().len() as f64 / (900.0 * 1024.0)
    }

    #[test]
    fn a_compressor_takes_away_what_was_asked_for() {
        for percent in [0, 25, 50, 75] {
            let left = compressed_share(percent);
            let wanted = 1.0 - f64::from(percent) / 100.0;
            assert!((left - wanted).abs() < 0.08, "{percent}%: {left} is left, {wanted} was wanted");
        }
        assert!(compressed_share(100) < 0.02);
    }

    #[test]
    fn the_pool_is_walked_round_and_round_in_whole_messages() {
        let mut bodies = Bodies::new(4 << 20, 3, Share::NONE, 1);
        let lengths: Vec<usize> = (0..10_000).map(|_| bodies.take(1000).len()).collect();
        assert!(lengths.iter().all(|length| *length == 1000));
        let mut large = Bodies::new(4 << 20, 3, Share::NONE, 1);
        for _ in 0..3 {
            assert_eq!(
                large.take_all([2 << 20, 1 << 20, 1 << 20]).map(|body| body.len()),
                [2 << 20, 1 << 20, 1 << 20]
            );
            // What has no room beside the others, and all after it, waits for the next turn.
            assert_eq!(large.take_all([2 << 20, 3 << 20, 1]).map(|body| body.len()), [2 << 20, 0, 0]);
        }
    }

    #[test]
    fn the_pool_is_the_same_whatever_was_written_over_it() {
        let mut bodies = Bodies::new(10_000, 5, Share::NONE, 9);
        let pool = bodies.pool.clone();
        let mut size = 36;
        for _ in 0..1_000 {
            let sizes = [(); 5].map(|()| {
                size = 36 + size * 7 % 401;
                size
            });
            bodies.take_all(sizes).into_iter().for_each(|body| body[..envelope::BYTES].fill(0));
        }
        bodies.take_all([]);
        assert!(bodies.pool == pool);
    }
}
