//! The headers of each message, as a record of Kafka's has them: their number, then length and bytes of each name and value, lengths and number in variable
//! integers (zigzag). Light producers write them as they are, librdkafka is told them one by one.

use super::rendered::Rendering;
use crate::books::leb128;
use crate::envelope::{self, Envelope};
use crate::spec::{EnvelopePlace, Field, HeaderValue, Message};

/// Bytes of the longest length.
const LENGTH: usize = 5;

/// Puts headers together.
#[derive(Debug)]
pub(super) struct Headers {
    /// Their number; empty without any.
    count: Vec<u8>,
    all: Vec<One>,
}

#[derive(Debug)]
struct One {
    /// Its name, its length before it.
    name: Vec<u8>,
    value: Value,
}

#[derive(Debug)]
enum Value {
    /// Its length before it.
    Fixed(Vec<u8>),
    Field(Field),
    Envelope,
}

impl Headers {
    pub(super) fn new(message: &Message) -> Self {
        let own = message.headers.iter().map(|header| One {
            name: with_length(header.name.as_bytes()),
            value: match &header.value {
                HeaderValue::Text(text) => Value::Fixed(with_length(text.as_bytes())),
                HeaderValue::Field(field) => Value::Field(field.clone()),
            },
        });
        let envelope = (message.envelope == EnvelopePlace::Header)
            .then(|| One { name: with_length(envelope::HEADER.as_bytes()), value: Value::Envelope });
        let all: Vec<One> = envelope.into_iter().chain(own).collect();
        let mut count = Vec::new();
        if !all.is_empty() {
            put_length(all.len(), &mut count);
        }
        Headers { count, all }
    }

    /// Bytes of the longest that a message has.
    pub(super) fn longest(message: &Message) -> usize {
        message.longest_headers() as usize + (2 * message.header_count() + 1) * LENGTH
    }

    /// Puts those of a message behind what is there; nothing where it has none.
    pub(super) fn put(&self, of: &Rendering<'_>, room: &mut Vec<u8>) {
        room.extend_from_slice(&self.count);
        for one in &self.all {
            room.extend_from_slice(&one.name);
            match &one.value {
                Value::Fixed(bytes) => room.extend_from_slice(bytes),
                Value::Field(field) => {
                    let start = room.len();
                    of.put_field(field, room);
                    let end = room.len();
                    put_length(end - start, room);
                    let length = room.len() - end;
                    room[start..].rotate_right(length);
                }
                Value::Envelope => {
                    put_length(envelope::BYTES, room);
                    let start = room.len();
                    room.extend_from_slice(&[0; envelope::BYTES]);
                    let written = Envelope::write(of.envelope, &mut room[start..]);
                    debug_assert!(written, "there is room for it");
                }
            }
        }
    }
}

fn with_length(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    put_length(bytes.len(), &mut all);
    all.extend_from_slice(bytes);
    all
}

fn put_length(length: usize, room: &mut Vec<u8>) {
    leb128::put((length as u64) << 1, room);
}

fn take_length(bytes: &mut &[u8]) -> Option<usize> {
    let (length, rest) = leb128::take(bytes)?;
    *bytes = rest;
    Some((length >> 1) as usize)
}

fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take_length(bytes)?;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// Name and value of each, in their order.
pub fn each(mut headers: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    take_length(&mut headers);
    std::iter::from_fn(move || Some((take(&mut headers)?, take(&mut headers)?)))
}
