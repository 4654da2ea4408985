//! The seam between the sender and whoever takes its messages.

use super::wait;
use crate::timeline::Clock;

/// One message as a client gets it.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// The value, with the envelope if it is there.
    pub payload: &'a [u8],
    /// The key; empty for none.
    pub key: &'a [u8],
    /// The headers as a record has them, their number first; empty for none.
    pub headers: &'a [u8],
    /// The place of the topic that it goes to.
    pub topic: u32,
    /// Where it must go there; `None` leaves it to the client's partitioner.
    pub partition: Option<i32>,
    /// When it was due, Unix ns.
    pub due: u64,
    /// When it is handed over, Unix ns: what service times begin with.
    pub stamp: u64,
}

impl Outgoing<'_> {
    /// Bytes of it in a client's queue.
    pub fn bytes(&self) -> usize {
        self.key.len() + self.headers.len() + self.payload.len()
    }
}

/// What became of a message that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// The client's queue took it.
    Taken,
    /// The queue is full; try again later.
    Full,
    /// The client will not have it, with librdkafka's code.
    Refused(i32),
}

/// All clients that one sender drives, in the pacer's numbering: librdkafka's, our own, or fakes where a fault must be controlled.
///
/// The sender's thread calls it on its hot path: an implementation neither waits, nor allocates, nor takes a lock there.
pub trait Clients {
    /// Hands one message to a producer.
    fn produce(&mut self, producer: usize, message: &mut Outgoing<'_>) -> Handed;

    /// Hands several messages to a producer in their order, and says of each what became of it. After the first for which there was no room, there is
    /// none for the rest.
    fn produce_all(&mut self, producer: usize, messages: &mut [Outgoing<'_>], handed: &mut [Handed]) {
        let mut full = false;
        for (message, handed) in messages.iter_mut().zip(handed) {
            *handed = if full { Handed::Full } else { self.produce(producer, message) };
            full = *handed == Handed::Full;
        }
    }

    /// No producer has room: returns when one may have, at the latest at `until` (Unix ns).
    fn await_room(&mut self, clock: Clock, until: u64) {
        wait::sleep_until(clock, until);
    }

    /// Nothing more is due now: whoever gathered messages passes them on.
    fn pass_on(&mut self) {}
}
