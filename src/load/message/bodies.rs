//! The bytes of the messages, made before the first is sent.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use crate::units::Share;

/// More than a batch holds, so that no body comes twice in what is compressed together.
const POOL_BYTES: usize = 4 << 20;
/// Filler and noise take turns in blocks of this size.
const BLOCK: usize = 64;

/// A pool of bytes from which every message is a window; the envelope is written over the window's start.
#[derive(Debug)]
pub struct Bodies {
    pool: Vec<u8>,
    next: usize,
}

impl Bodies {
    /// For messages of at most `largest` bytes, so many `at_once`, of which `compressibility` can be compressed away.
    pub fn new(largest: usize, at_once: usize, compressibility: Share, seed: u64) -> Self {
        let mut random = Pcg64::seed_from_u64(seed);
        let length = POOL_BYTES.max(largest * at_once.max(2));
        let mut pool = vec![b' '; length];
        let noise = ((1.0 - compressibility.get()) * BLOCK as f64).round() as usize;
        for block in pool.chunks_mut(BLOCK) {
            let end = noise.min(block.len());
            random.fill_bytes(&mut block[..end]);
        }
        Bodies { pool, next: 0 }
    }

    /// The next message's `size` bytes (no more than the largest), envelope not yet written.
    pub fn take(&mut self, size: usize) -> &mut [u8] {
        let [body] = self.take_all([size]);
        body
    }

    /// The next messages' bytes, no more of them than it was made for.
    pub fn take_all<const N: usize>(&mut self, sizes: [usize; N]) -> [&mut [u8]; N] {
        let all = sizes.iter().sum();
        if self.next + all > self.pool.len() {
            self.next = 0;
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
        let mut bodies = Bodies::new(1024, 1, Share::new(f64::from(percent) / 100.0).unwrap(), 3);
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
        let mut bodies = Bodies::new(1000, 3, Share::NONE, 1);
        let lengths: Vec<usize> = (0..10_000).map(|_| bodies.take(1000).len()).collect();
        assert!(lengths.iter().all(|length| *length == 1000));
        let mut large = Bodies::new(2 << 20, 3, Share::NONE, 1);
        for _ in 0..3 {
            assert_eq!(large.take_all([2 << 20, 1, 2 << 20]).map(|body| body.len()), [2 << 20, 1, 2 << 20]);
        }
    }
}
