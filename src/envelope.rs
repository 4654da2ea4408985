//! What every message carries: the first 36 bytes of its payload, or of a header, say which trial, producer and sequence it belongs to and when it was due.

/// Length of an envelope, in bytes; no message is smaller.
pub const BYTES: usize = 36;

/// The header that holds it where it is not in the payload.
pub const HEADER: &str = "bench";

const MAGIC: [u8; 4] = *b"kbn\xb5"; // the last byte is no UTF-8, so that no text begins so by chance
const VERSION: u8 = 1;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Part of the workload.
    Message,
    /// Sent once through each partition, to see that the group is ready; counted nowhere.
    Canary,
}

/// The prefix of a payload, little-endian: magic (4), version (1), kind (1), reserved (2), trial (8), producer (4), sequence (8), due (8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What the message is for.
    pub kind: Kind,
    /// The trial's number, unique among runs that share a topic by mistake.
    pub trial: u64,
    /// Which producer sent it.
    pub producer: u32,
    /// 0, 1, 2, … for each producer.
    pub sequence: u64,
    /// When it should have gone, in Unix nanoseconds.
    pub due: u64,
}

impl Envelope {
    /// Writes itself over the first `BYTES` bytes; false, and nothing written, where there are fewer.
    #[must_use]
    pub fn write(&self, payload: &mut [u8]) -> bool {
        let Some(place) = payload.first_chunk_mut::<BYTES>() else {
            return false;
        };
        place[..4].copy_from_slice(&MAGIC);
        place[4] = VERSION;
        place[5] = match self.kind {
            Kind::Message => 0,
            Kind::Canary => 1,
        };
        place[6..8].fill(0);
        place[8..16].copy_from_slice(&self.trial.to_le_bytes());
        place[16..20].copy_from_slice(&self.producer.to_le_bytes());
        place[20..28].copy_from_slice(&self.sequence.to_le_bytes());
        place[28..].copy_from_slice(&self.due.to_le_bytes());
        true
    }

    /// Reads the prefix of a payload; nothing for bytes that are not bench's, or of a version not known.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let place = payload.first_chunk::<BYTES>()?;
        if place[..4] != MAGIC || place[4] != VERSION {
            return None;
        }
        let kind = match place[5] {
            0 => Kind::Message,
            1 => Kind::Canary,
            _ => return None,
        };
        Some(Envelope {
            kind,
            trial: u64::from_le_bytes(place[8..16].try_into().ok()?),
            producer: u32::from_le_bytes(place[16..20].try_into().ok()?),
            sequence: u64::from_le_bytes(place[20..28].try_into().ok()?),
            due: u64::from_le_bytes(place[28..].try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            canary: bool, trial: u64, producer: u32, sequence: u64, due: u64, rest in 0..100_usize,
        ) {
            let kind = if canary { Kind::Canary } else { Kind::Message };
            let envelope = Envelope { kind, trial, producer, sequence, due };
            let mut payload = vec![0xff; BYTES + rest];
            prop_assert!(envelope.write(&mut payload));
            prop_assert_eq!(Envelope::read(&payload), Some(envelope));
            prop_assert!(payload[BYTES..].iter().all(|byte| *byte == 0xff), "the rest is the payload's own");
        }

        #[test]
        fn foreign_bytes_are_no_envelope(mut payload in proptest::collection::vec(any::<u8>(), 0..80), first in 0..0x80_u8) {
            if let Some(byte) = payload.get_mut(3) {
                *byte = first;
            }
            prop_assert_eq!(Envelope::read(&payload), None);
        }
    }

    #[test]
    fn an_unknown_kind_or_version_is_no_envelope() {
        let envelope = Envelope { kind: Kind::Message, trial: 1, producer: 2, sequence: 3, due: 4 };
        let mut payload = [0; BYTES];
        assert!(envelope.write(&mut payload));
        for (place, value) in [(4, VERSION + 1), (5, 2)] {
            let mut other = payload;
            other[place] = value;
            assert_eq!(Envelope::read(&other), None);
        }
    }

    #[test]
    fn a_payload_shorter_than_an_envelope_is_left_alone() {
        let envelope = Envelope { kind: Kind::Canary, trial: 1, producer: 2, sequence: 3, due: 4 };
        let mut payload = [7; BYTES - 1];
        assert!(!envelope.write(&mut payload));
        assert_eq!(payload, [7; BYTES - 1]);
    }
}
