//! What is sent: the bytes of a message, made beforehand or rendered where they are needed, its key and its headers.

mod bodies;
mod draw;
mod fingerprint;
mod headers;
mod keys;
mod rendered;
mod sizes;
mod topics;

pub use bodies::Bodies;
pub use headers::each as each_header;
pub use keys::KeyDraw;
pub use sizes::SizeDraw;
pub use topics::TopicDraw;

use std::ops::Range;

use fingerprint::fingerprint;
use headers::Headers;
use keys::Key;
use rendered::{Rendering, line};

use crate::envelope::Envelope;
use crate::record::Fingerprint;
use crate::spec::{Content, EnvelopePlace, Message};

/// What each message of a trial is, by its producer, its sequence and when it is due.
#[derive(Debug)]
pub struct Messages {
    bodies: Bodies,
    sizes: SizeDraw,
    content: Content,
    place: EnvelopePlace,
    seed: u64,
    key: Key,
    headers: Headers,
    topics: TopicDraw,
    /// Keys, headers and payloads that are put together for each message, with room for as many as are made at once.
    room: Vec<u8>,
}

/// A message, with its envelope where it has one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made<'a> {
    /// Its value; empty where the pool has no room for it beside those before it: it is to be made again.
    pub payload: &'a [u8],
    /// Its key; empty for none.
    pub key: &'a [u8],
    /// Its headers as a record has them, their number first; empty for none.
    pub headers: &'a [u8],
    /// The place of the topic that it goes to; 0 of the only one.
    pub topic: u32,
}

/// Where the parts of a message lie in the room.
#[derive(Clone, Debug, Default)]
struct Lies {
    key: Range<usize>,
    headers: Range<usize>,
    payload: Range<usize>,
}

impl Messages {
    /// For a workload under a trial's seed, of which so many messages are made at once; `shares` are those of its topics.
    pub fn new(message: &Message, shares: &[f64], seed: u64, at_once: usize) -> Self {
        let pool = if message.is_made() { message.pool_bytes() as usize } else { 0 };
        let headers = Headers::new(message);
        let rendered = match &message.content {
            Content::Template(template) => template.longest(),
            Content::Made | Content::Lines(..) => 0,
        };
        let longest = message.longest_key() as usize + Headers::longest(message) + rendered;
        Messages {
            bodies: Bodies::new(pool, at_once, message.compressibility, seed),
            sizes: SizeDraw::new(&message.size, seed),
            content: message.content.clone(),
            place: message.envelope,
            seed,
            key: Key::new(message, seed),
            headers,
            topics: TopicDraw::new(shares, seed),
            room: Vec::with_capacity(at_once * longest),
        }
    }

    /// The message of this envelope. It is the same whenever it is asked for, but for the bytes that bench makes: of those only the pool they come from is.
    pub fn make(&mut self, envelope: &Envelope) -> Made<'_> {
        let [made] = self.make_all(std::array::from_ref(envelope));
        made
    }

    /// The same of several, which may lie beside each other until the next are made.
    pub fn make_all<'a, const N: usize>(&'a mut self, envelopes: &[Envelope; N]) -> [Made<'a>; N] {
        let Messages { bodies, sizes, content, place, seed, key, headers, topics, room } = self;
        let (content, seed): (&'a Content, u64) = (content, *seed);
        room.clear();
        let lies = envelopes.each_ref().map(|envelope| {
            let of = Rendering { content, seed, envelope };
            let start = room.len();
            key.put(&of, room);
            let keyed = room.len();
            headers.put(&of, room);
            let headed = room.len();
            if let Content::Template(template) = content {
                of.put_all(template, room);
            }
            Lies { key: start..keyed, headers: keyed..headed, payload: headed..room.len() }
        });
        let room: &'a [u8] = room;
        let made = |at: usize, payload: &'a [u8]| Made {
            payload,
            key: &room[lies[at].key.clone()],
            headers: &room[lies[at].headers.clone()],
            topic: topics.topic(&envelopes[at]),
        };
        match content {
            Content::Made => {
                let sizes = envelopes.each_ref().map(|of| sizes.size(of.producer, of.sequence));
                let mut numbers = 0..N;
                bodies.take_all(sizes).map(|payload| {
                    let at = numbers.next().unwrap_or_default();
                    if *place == EnvelopePlace::Payload {
                        let written = envelopes[at].write(payload) || payload.is_empty();
                        debug_assert!(written, "a body has room for its envelope");
                    }
                    made(at, payload)
                })
            }
            Content::Lines(lines, order) => {
                std::array::from_fn(|at| made(at, lines.get(line(lines, *order, seed, &envelopes[at]))))
            }
            Content::Template(_) => std::array::from_fn(|at| made(at, &room[lies[at].payload.clone()])),
        }
    }

    /// What is sent under this seed by so many producers, as one number; what is made next is made as if nothing had been.
    pub fn fingerprint(&mut self, producers: u32) -> Fingerprint {
        let is_drawn = self.topics.is_drawn();
        let fingerprint = fingerprint(producers, is_drawn, |envelope, add| add(self.make(envelope)));
        self.bodies.begin_anew();
        fingerprint
    }
}

#[cfg(test)]
mod tests;
