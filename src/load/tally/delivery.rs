//! What a client reports of a message.

/// One delivery report.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// What became of the message.
    pub fate: Fate,
    /// Who sent it, in the pacer's numbering.
    pub producer: u32,
    /// When it was due, Unix ns.
    pub due: u64,
    /// When it was handed to the client, Unix ns.
    pub stamp: u64,
}

/// What became of a message that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Acknowledged.
    Acked {
        /// Where it was written.
        partition: u32,
        /// Its offset there.
        offset: i64,
    },
    /// Given up by the client, with librdkafka's code.
    Failed(i32),
    /// Given up by us at the end of a trial, so that nobody knows.
    Unknown,
    /// Sent, and the broker told nothing of it (`acks: 0`), so that nobody knows.
    Untold,
}
