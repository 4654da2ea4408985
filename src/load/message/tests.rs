//! What a compressor makes of messages as they go over the wire, envelopes included.

use super::*;
use crate::envelope::{self, Envelope, Kind};
use crate::spec::{Keys, Size};
use crate::units::{Bytes, Share};

const MESSAGES: u64 = 1_000_000;
/// Bytes of a batch, as clients send them.
const BATCH: usize = 1_000_000;

/// The share of a million messages' bytes that zstd leaves, at the level that clients use.
fn left(size: &Size, percent: u32) -> f64 {
    let compressibility = Share::new(f64::from(percent) / 100.0).unwrap();
    let message = Message { size: size.clone(), keys: Keys::None, compressibility };
    let mut messages = Messages::new(&message, 3, 1);
    let mut batch = Vec::with_capacity(BATCH);
    let mut out = vec![0; zstd::zstd_safe::compress_bound(BATCH)];
    let (mut before, mut after) = (0, 0);
    for sequence in 0..MESSAGES {
        let (payload, _) = messages.make(7, sequence);
        // About 80,000 a second.
        let due = 1_790_000_000_000_000_000 + sequence * 12_345 + sequence.wrapping_mul(0x9E37_79B9) % 9_999;
        let envelope = Envelope { kind: Kind::Message, trial: 0x1234_5678_9ABC, producer: 7, sequence, due };
        assert!(envelope.write(payload));
        if batch.len() + payload.len() > BATCH {
            after += zstd::bulk::compress_to_buffer(&batch, &mut out, 3).unwrap();
            before += batch.len();
            batch.clear();
        }
        batch.extend_from_slice(payload);
    }
    after as f64 / before as f64
}

#[test]
fn a_million_messages_leave_a_compressor_what_was_asked_for_be_their_sizes_fixed_or_drawn() {
    let mean = Bytes::new(256);
    for percent in [0, 50, 90] {
        let (fixed, drawn) = std::thread::scope(|scope| {
            let fixed = scope.spawn(|| left(&Size::Fixed(mean), percent));
            let drawn = left(&Size::Normal { mean, sd: Bytes::new(80) }, percent);
            (fixed.join().unwrap(), drawn)
        });
        let wanted = 1.0 - f64::from(percent) / 100.0;
        // Of an envelope little is left. What says where noise ends and filler begins takes room of its own.
        let least = wanted * (1.0 - envelope::BYTES as f64 / mean.get() as f64);
        for left in [fixed, drawn] {
            assert!(
                (least..wanted + 0.05).contains(&left),
                "{percent} %: {fixed} is left, and {drawn} of drawn sizes"
            );
        }
        assert!((fixed - drawn).abs() < 0.02, "{percent} %: {fixed} is left, and {drawn} of drawn sizes");
    }
}
