//! One batch: it grows record by record, is sealed when it is first sent, and is only stamped anew when it is sent again.

use bytes::Bytes;

use super::codec::Codec;
use crate::load::light::wire::Identity;

/// Bytes of a batch before its records.
const HEAD: usize = 61;
/// Where in the head things stand: length, checksum, attributes, last offset's delta, first and last time, producer's id, epoch, sequence, count.
const LENGTH: usize = 8;
const MAGIC: usize = 16;
const CHECKSUM: usize = 17;
const ATTRIBUTES: usize = 21;
const LAST_DELTA: usize = 23;
const FIRST_TIME: usize = 27;
const LAST_TIME: usize = 35;
const PRODUCER: usize = 43;
const COUNT: usize = 57;
/// Bytes of the longest number.
const LONGEST_VARINT: usize = 10;

/// One message of a batch, as its delivery report needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was due, Unix ns.
    pub due: u64,
    /// When it was handed over, Unix ns.
    pub stamp: u64,
}

/// A batch of messages for one partition.
#[derive(Debug)]
pub struct Batch {
    /// Its place among the batches of its partition.
    pub order: u64,
    /// How often it has been sent.
    pub sent: u32,
    /// Its first sequence, once it has been given one.
    pub sequence: Option<i32>,
    /// Why the broker may have written it without our knowing, by librdkafka's code.
    pub doubt: Option<i32>,
    bytes: Vec<u8>,
    /// Its bytes, as long as a connection may write from them.
    lent: Bytes,
    entries: Vec<Entry>,
    first_ms: i64,
    last_ms: i64,
    payload: usize,
    sealed: bool,
}

/// No record of so many bytes of key, headers and payload takes more bytes in a batch.
pub const fn record_bound(bytes: usize) -> usize {
    // Length, time and lengths of key and payload: at most 5 + 10 + 5 + 5 + 5; attributes, and that there are no headers: 2.
    bytes + 32
}

impl Batch {
    /// An empty one.
    pub fn new(order: u64) -> Self {
        Batch {
            order,
            sent: 0,
            sequence: None,
            doubt: None,
            bytes: vec![0; HEAD],
            lent: Bytes::new(),
            entries: Vec::new(),
            first_ms: 0,
            last_ms: 0,
            payload: 0,
            sealed: false,
        }
    }

    /// Adds a message; an empty key is none, and empty headers, which are as a record has them, are none.
    pub fn add(&mut self, key: &[u8], headers: &[u8], payload: &[u8], entry: Entry) {
        let ms = (entry.stamp / 1_000_000) as i64;
        if self.entries.is_empty() {
            (self.first_ms, self.last_ms) = (ms, ms);
        }
        self.last_ms = self.last_ms.max(ms);
        let time = zigzag(ms - self.first_ms);
        let offset = zigzag(self.entries.len() as i64);
        let key_length = if key.is_empty() { zigzag(-1) } else { zigzag(key.len() as i64) };
        let payload_length = zigzag(payload.len() as i64);
        let varints = [time, offset, key_length, payload_length];
        let length = varints.iter().map(|varint| varint_length(*varint)).sum::<usize>()
            + key.len()
            + payload.len()
            + headers.len().max(1)
            + 1;
        self.bytes.reserve(length + LONGEST_VARINT);
        let mut before_key = Varints::NONE;
        before_key.push(zigzag(length as i64));
        before_key.push(0); // attributes
        before_key.push(time);
        before_key.push(offset);
        before_key.push(key_length);
        if key.is_empty() {
            before_key.push(payload_length);
            self.bytes.extend_from_slice(before_key.bytes());
        } else {
            self.bytes.extend_from_slice(before_key.bytes());
            self.bytes.extend_from_slice(key);
            let mut before_payload = Varints::NONE;
            before_payload.push(payload_length);
            self.bytes.extend_from_slice(before_payload.bytes());
        }
        self.bytes.extend_from_slice(payload);
        self.bytes.extend_from_slice(if headers.is_empty() { &[0] } else { headers });
        self.payload += key.len() + headers.len() + payload.len();
        self.entries.push(entry);
    }

    /// The messages in it, in their order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Bytes of their keys, headers and payloads.
    pub fn payload(&self) -> usize {
        self.payload
    }

    /// An empty one in the memory of this one, which is done with.
    #[must_use]
    pub fn anew(mut self, order: u64) -> Self {
        self.take_back();
        self.bytes.truncate(HEAD);
        self.bytes.fill(0);
        self.entries.clear();
        Batch { bytes: self.bytes, entries: self.entries, ..Batch::new(order) }
    }

    /// Bytes it would take as it is.
    pub fn len(&self) -> usize {
        self.bytes.len() + self.lent.len()
    }

    /// When its first message was handed over, Unix ns.
    pub fn opened(&self) -> u64 {
        self.entries.first().map_or(u64::MAX, |entry| entry.stamp)
    }

    /// Its bytes as they go over the wire, under this identity. They are not copied, unless it must be stamped anew while somebody still holds them.
    pub fn lend(&mut self, identity: Option<Identity>, codec: Codec, level: i32) -> Bytes {
        self.take_back();
        self.seal(identity, codec, level);
        self.lent = Bytes::from(std::mem::take(&mut self.bytes));
        self.lent.clone()
    }

    fn take_back(&mut self) {
        if !self.lent.is_empty() {
            self.bytes = std::mem::take(&mut self.lent).into();
        }
    }

    fn seal(&mut self, identity: Option<Identity>, codec: Codec, level: i32) -> &[u8] {
        if !self.sealed {
            self.sealed = true;
            let attributes = self.compress(codec, level);
            let count = self.entries.len() as i32;
            let length = (self.bytes.len() - LENGTH - 4) as i32;
            self.set(LENGTH, &length.to_be_bytes());
            self.set(LENGTH + 4, &(-1_i32).to_be_bytes()); // the leader's epoch is the broker's business
            self.set(MAGIC, &[2]);
            self.set(ATTRIBUTES, &attributes.to_be_bytes());
            self.set(LAST_DELTA, &(count - 1).to_be_bytes());
            self.set(FIRST_TIME, &self.first_ms.to_be_bytes());
            self.set(LAST_TIME, &self.last_ms.to_be_bytes());
            self.set(COUNT, &count.to_be_bytes());
        }
        let identity = identity.unwrap_or(Identity { id: -1, epoch: -1 });
        self.set(PRODUCER, &identity.id.to_be_bytes());
        self.set(PRODUCER + 8, &identity.epoch.to_be_bytes());
        self.set(PRODUCER + 10, &self.sequence.unwrap_or(-1).to_be_bytes());
        let checksum = crc32c::crc32c(&self.bytes[ATTRIBUTES..]);
        self.set(CHECKSUM, &checksum.to_be_bytes());
        &self.bytes
    }

    /// Compresses the records in place, unless that makes them larger; the batch's attributes.
    fn compress(&mut self, codec: Codec, level: i32) -> i16 {
        if codec == Codec::None {
            return 0;
        }
        let mut smaller = Vec::with_capacity(self.bytes.len());
        smaller.resize(HEAD, 0);
        let done = codec.compress(&self.bytes[HEAD..], level, &mut smaller);
        if done.is_err() || smaller.len() >= self.bytes.len() {
            return 0;
        }
        smaller.shrink_to_fit();
        self.bytes = smaller;
        codec.number()
    }

    fn set(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

const fn varint_length(value: u64) -> usize {
    (70 - (value | 1).leading_zeros() as usize) / 7
}

/// Numbers that stand side by side in a record, put together before they go to the batch at once.
#[derive(Debug)]
struct Varints {
    /// Those before a payload: a time of ten bytes at most, five numbers of five.
    bytes: [u8; 35],
    length: usize,
}

impl Varints {
    const NONE: Varints = Varints { bytes: [0; 35], length: 0 };

    fn push(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes[self.length] = value as u8 | 0x80;
            self.length += 1;
            value >>= 7;
        }
        self.bytes[self.length] = value as u8;
        self.length += 1;
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::records::{Compression, RecordBatchDecoder};
    use proptest::prelude::*;

    const IDENTITY: Identity = Identity { id: 77, epoch: 3 };

    proptest! {
        #[test]
        fn a_batch_is_read_back_by_the_crate_as_it_was_written(
            messages in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..20), proptest::collection::vec(any::<u8>(), 0..300), 0..100_000_000_000_u64), 1..60),
            header in proptest::collection::vec(any::<u8>(), 0..60),
            sequence in 0..1000_i32,
        ) {
            let mut batch = Batch::new(0);
            batch.sequence = Some(sequence);
            let mut bound = HEAD;
            // One, named `h`; every other message has it.
            let headers = [&[2, 2, b'h', 2 * header.len() as u8], &header[..]].concat();
            let of = |index: usize| if index.is_multiple_of(2) { &headers[..] } else { &[] };
            for (index, (key, payload, stamp)) in messages.iter().enumerate() {
                batch.add(key, of(index), payload, Entry { due: 1, stamp: *stamp });
                bound += record_bound(key.len() + of(index).len() + payload.len());
            }
            prop_assert!(batch.len() <= bound);
            let mut bytes = Bytes::copy_from_slice(batch.seal(Some(IDENTITY), Codec::None, -1));
            let read = RecordBatchDecoder::decode(&mut bytes).unwrap();
            prop_assert_eq!(read.compression, Compression::None);
            prop_assert_eq!(read.records.len(), messages.len());
            for (index, (record, (key, payload, stamp))) in read.records.iter().zip(&messages).enumerate() {
                prop_assert_eq!(record.key.as_deref().unwrap_or_default(), &key[..]);
                prop_assert_eq!(record.key.is_none(), key.is_empty());
                prop_assert_eq!(record.value.as_deref(), Some(&payload[..]));
                let told: Vec<_> = record.headers.iter().map(|(name, value)| (name.to_string(), value.as_deref())).collect();
                let expected = [("h".to_owned(), Some(&header[..]))];
                prop_assert_eq!(&told[..], &expected[..expected.len() * usize::from(index.is_multiple_of(2))]);
                prop_assert_eq!(record.timestamp, (stamp / 1_000_000) as i64);
                prop_assert_eq!(record.sequence, sequence + index as i32);
                prop_assert_eq!((record.offset, record.producer_id, record.producer_epoch), (index as i64, 77, 3));
            }
        }

        #[test]
        fn a_varint_takes_as_many_bytes_as_are_said(value: u64) {
            let mut varints = Varints::NONE;
            varints.push(value);
            prop_assert_eq!(varints.bytes().len(), varint_length(value));
        }
    }

    #[test]
    fn a_batch_in_the_memory_of_another_is_like_a_new_one() {
        let fill = |mut batch: Batch| {
            batch.add(b"key", &[], &[7; 50], Entry { due: 3, stamp: 5_000_000 });
            batch.sequence = Some(9);
            batch.seal(Some(IDENTITY), Codec::None, -1).to_vec()
        };
        let mut old = Batch::new(1);
        for n in 0..50_u64 {
            old.add(b"other", &[2, 2, 104, 2, 118], &[1; 100], Entry { due: n, stamp: n * 1_000_000 });
        }
        (old.sent, old.sequence, old.doubt) = (2, Some(4), Some(7));
        old.seal(Some(IDENTITY), Codec::None, -1);
        let anew = old.anew(2);
        let state = (anew.order, anew.sent, anew.sequence, anew.doubt, anew.payload(), anew.entries().len());
        assert_eq!(state, (2, 0, None, None, 0, 0));
        assert_eq!(fill(anew), fill(Batch::new(2)));
    }

    #[test]
    fn a_batch_that_is_sent_again_differs_only_in_its_stamps() {
        let mut batch = Batch::new(0);
        for n in 0..50_u64 {
            batch.add(b"key", &[], &[7; 100], Entry { due: n, stamp: n * 1_000_000 });
        }
        batch.sequence = Some(5);
        let first = batch.seal(Some(IDENTITY), Codec::Lz4, -1).to_vec();
        assert!(first.len() < 1000, "it was not compressed");
        assert_eq!(batch.seal(Some(IDENTITY), Codec::Lz4, -1), first);
        batch.sequence = Some(0);
        let again = batch.seal(Some(Identity { id: 78, epoch: 0 }), Codec::Lz4, -1).to_vec();
        assert_eq!(again.len(), first.len());
        assert_eq!(again[COUNT..], first[COUNT..]);
        assert_ne!(again[CHECKSUM..ATTRIBUTES], first[CHECKSUM..ATTRIBUTES]);
    }

    #[test]
    fn what_a_codec_would_make_larger_goes_as_it_is() {
        let mut batch = Batch::new(0);
        batch.add(&[], &[], &[1, 2, 3], Entry { due: 0, stamp: 0 });
        assert_eq!(batch.seal(None, Codec::Gzip, -1)[ATTRIBUTES..LAST_DELTA], [0, 0]);
    }
}
