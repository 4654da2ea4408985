//! What is sent for a seed, as one number: two runs with the same have sent the same messages.

use ring::digest::{Context, SHA256};

use super::Made;
use crate::envelope::{Envelope, Kind};
use crate::record::{Fingerprint, hexadecimal};

/// Messages that count.
const MESSAGES: u64 = 10_000;
/// No further message counts once those before it have so many bytes: it must not take the time between two trials.
const BYTES: u64 = 64 << 20;

/// SHA-256 over the first 10,000 messages, or over those of the first 64 MiB of payloads where that is fewer: message `i` is the one with sequence `i / n` of
/// producer `i % n`, `n` being the number of producers, made as one thread makes them one after the other, in trial 0 and due at Unix time 0. Of each: key,
/// headers (as a record has them, with the envelope if it is there) and payload (with the envelope if it is there), before each of the three its length in
/// bytes, 32 bits, little-endian; of no key and no headers 0. Where there are `several` topics, behind the payload the place of the message's own, in the
/// order in which they are numbered, counted from 0, as 32 bits, little-endian.
///
/// Of payloads that bench makes, what goes over the wire may be other windows of the same pool: at `rate: max`, and of several threads.
pub(super) fn fingerprint(
    producers: u32,
    several: bool,
    mut make: impl FnMut(&Envelope, &mut dyn FnMut(Made<'_>)),
) -> Fingerprint {
    let mut context = Context::new(&SHA256);
    let (mut messages, mut bytes) = (0, 0);
    let producers = u64::from(producers.max(1));
    while messages < MESSAGES && bytes < BYTES {
        let (producer, sequence) = ((messages % producers) as u32, messages / producers);
        let envelope = Envelope { kind: Kind::Message, trial: 0, producer, sequence, due: 0 };
        make(&envelope, &mut |made| {
            for part in [made.key, made.headers, made.payload] {
                context.update(&(part.len() as u32).to_le_bytes());
                context.update(part);
            }
            if several {
                context.update(&made.topic.to_le_bytes());
            }
            bytes += made.payload.len() as u64;
        });
        messages += 1;
    }
    let sha256 = hexadecimal(context.finish().as_ref());
    Fingerprint { sha256, messages, mean_bytes: bytes as f64 / messages as f64 }
}
