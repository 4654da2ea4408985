//! The seam between the sender and whoever takes its messages.

/// One message as a client gets it.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// The value, envelope written.
    pub payload: &'a mut [u8],
    /// The key; empty for none.
    pub key: &'a [u8],
    /// Where it must go; `None` leaves it to the client's partitioner.
    pub partition: Option<i32>,
    /// When it was due, Unix ns.
    pub due: u64,
    /// When it is handed over, Unix ns: what service times begin with.
    pub stamp: u64,
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

    /// Nothing more is due now: whoever gathered messages passes them on.
    fn pass_on(&mut self) {}
}
