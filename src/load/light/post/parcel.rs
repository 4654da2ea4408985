//! Messages on their way through a ring of bytes that was made beforehand: neither end allocates, locks or waits.

use rtrb::{Consumer, Producer, RingBuffer};

use crate::load::send::Outgoing;

/// Seat, partition, lengths of key, headers and payload, due, stamp, topic.
const HEAD: usize = 40;
const NOWHERE: i32 = -1;

/// The sender's end.
#[derive(Debug)]
pub struct Sending {
    ring: Producer<u8>,
}

/// The shard's end.
#[derive(Debug)]
pub struct Receiving {
    ring: Consumer<u8>,
    /// For a message that lies across the ring's end.
    scratch: Vec<u8>,
}

/// One message as it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parcel<'a> {
    /// Whose it is, by the shard's numbering.
    pub seat: u32,
    /// The place of the topic that it goes to.
    pub topic: u32,
    /// Where it must go there, if it must.
    pub partition: Option<i32>,
    /// Its key; empty for none.
    pub key: &'a [u8],
    /// Its headers as a record has them; empty for none.
    pub headers: &'a [u8],
    /// Its value.
    pub payload: &'a [u8],
    /// When it was due, Unix ns.
    pub due: u64,
    /// When it was handed over, Unix ns.
    pub stamp: u64,
}

/// Both ends of a ring of so many bytes.
pub fn parcels(bytes: usize) -> (Sending, Receiving) {
    let (sending, receiving) = RingBuffer::new(bytes);
    (Sending { ring: sending }, Receiving { ring: receiving, scratch: Vec::new() })
}

impl Sending {
    /// Puts a message in; false where there is no room now.
    pub fn put(&mut self, seat: u32, message: &Outgoing<'_>) -> bool {
        let (key, headers, payload) = (message.key, message.headers, message.payload);
        let mut head = [0; HEAD];
        head[..4].copy_from_slice(&seat.to_ne_bytes());
        head[4..8].copy_from_slice(&message.partition.unwrap_or(NOWHERE).to_ne_bytes());
        head[8..12].copy_from_slice(&(key.len() as u32).to_ne_bytes());
        head[12..16].copy_from_slice(&(payload.len() as u32).to_ne_bytes());
        head[16..24].copy_from_slice(&message.due.to_ne_bytes());
        head[24..32].copy_from_slice(&message.stamp.to_ne_bytes());
        head[32..36].copy_from_slice(&(headers.len() as u32).to_ne_bytes());
        head[36..].copy_from_slice(&message.topic.to_ne_bytes());
        let Ok(mut chunk) = self.ring.write_chunk(HEAD + message.bytes()) else {
            return false;
        };
        let (first, second) = chunk.as_mut_slices();
        let mut at = 0;
        for part in [&head[..], key, headers, payload] {
            // A part lies before the ring's end, after it, or across it.
            let before = part.len().min(first.len().saturating_sub(at));
            let from = at.min(first.len());
            first[from..][..before].copy_from_slice(&part[..before]);
            let rest = &part[before..];
            second[(at + before).saturating_sub(first.len())..][..rest.len()].copy_from_slice(rest);
            at += part.len();
        }
        chunk.commit_all();
        true
    }

    /// Whether more than half of the ring is waiting to be read.
    pub fn is_half_full(&mut self) -> bool {
        self.ring.slots() < self.ring.buffer().capacity() / 2
    }
}

impl Receiving {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// Does something with the next message, which lies in the ring until that is done.
    pub fn next<T>(&mut self, then: impl FnOnce(&Parcel<'_>) -> T) -> Option<T> {
        let mut head = [0; HEAD];
        {
            let chunk = self.ring.read_chunk(HEAD).ok()?; // it stays in the ring
            let (first, second) = chunk.as_slices();
            head[..first.len()].copy_from_slice(first);
            head[first.len()..].copy_from_slice(second);
        }
        let word = |at: usize| u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let long = |at: usize| u64::from(word(at)) | u64::from(word(at + 4)) << 32;
        let (key, payload, headers) = (word(8) as usize, word(12) as usize, word(32) as usize);
        // A message is committed as a whole, so its rest is there.
        let whole = self.ring.read_chunk(HEAD + key + headers + payload).ok()?;
        let (first, second) = whole.as_slices();
        let body = if second.is_empty() {
            &first[HEAD..]
        } else {
            self.scratch.clear();
            self.scratch.extend(first.iter().chain(second).skip(HEAD));
            &self.scratch[..]
        };
        let (key, rest) = body.split_at(key);
        let (headers, payload) = rest.split_at(headers);
        let partition = word(4).cast_signed();
        let done = then(&Parcel {
            seat: word(0),
            topic: word(36),
            partition: (partition != NOWHERE).then_some(partition),
            key,
            headers,
            payload,
            due: long(16),
            stamp: long(24),
        });
        whole.commit_all();
        Some(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn messages_arrive_whole_and_in_order_wherever_the_ring_ends(
            messages in proptest::collection::vec((0..9_u32, -1..3_i32, 0..10_usize, 0..60_usize), 1..200), headers in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let (mut sending, mut receiving) = parcels(150);
            for (index, (seat, partition, key, payload)) in messages.iter().enumerate() {
                let (key, mut payload) = (vec![index as u8; *key], vec![!(index as u8); *payload]);
                let partition = (*partition >= 0).then_some(*partition);
                let mut copy = payload.clone();
                let message = Outgoing { payload: &mut copy, key: &key, headers: &headers, topic: 3, partition, due: 7, stamp: index as u64 };
                prop_assert!(sending.put(*seat, &message));
                let expected = Parcel { seat: *seat, topic: 3, partition, key: &key, headers: &headers, payload: &mut payload, due: 7, stamp: index as u64 };
                prop_assert_eq!(receiving.next(|parcel| *parcel == expected), Some(true));
                prop_assert!(receiving.is_empty());
            }
        }
    }

    #[test]
    fn a_full_ring_takes_nothing_and_loses_nothing() {
        let (mut sending, mut receiving) = parcels(100);
        let mut payload = [1; 30];
        let mut put = |sending: &mut Sending| {
            let message = Outgoing {
                payload: &mut payload,
                key: &[],
                headers: &[],
                topic: 0,
                partition: None,
                due: 0,
                stamp: 0,
            };
            sending.put(0, &message)
        };
        assert!(put(&mut sending) && sending.is_half_full());
        assert!(!put(&mut sending));
        assert_eq!(receiving.next(|parcel| parcel.payload.len()), Some(30));
        assert!(!sending.is_half_full() && put(&mut sending));
    }
}
