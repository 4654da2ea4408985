//! What a client is to write to show that it can.

use crate::books::Topics;

/// What a client is to write.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The topics, which are there.
    pub topics: &'a Topics,
    /// The partitions by their numbers, each of which gets one message.
    pub partitions: Vec<u32>,
    /// The first of the messages; the others are small.
    pub payload: &'a [u8],
    /// One more for the first of the partitions, which any codec makes smaller: only then a broker has to know the codec.
    pub blanks: &'a [u8],
    /// Whether it writes in transactions.
    pub transactions: bool,
}

impl Attempt<'_> {
    /// What each partition gets.
    pub(super) fn messages(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let small = &self.payload[..self.payload.len().min(crate::envelope::BYTES)];
        let payload = move |at: usize| if at == 0 { self.payload } else { small };
        let each = self.partitions.iter().enumerate().map(move |(at, partition)| (*partition, payload(at)));
        each.chain(self.partitions.first().map(|first| (*first, self.blanks)))
    }
}
