//! How much of a producer's queue is taken: counted up by the sender, down by the shard.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The messages of one producer that have been taken and are not done with.
#[derive(Debug, Default)]
pub struct Room {
    messages: AtomicU64,
    bytes: AtomicU64,
}

impl Room {
    /// Whether one more message of so many bytes fits, beside so many of so many bytes that are to be taken with it; only the sender asks, so nothing can
    /// come in between.
    pub fn has_beside(
        &self,
        (messages, taken): (u64, u64),
        bytes: u64,
        most_messages: u64,
        most_bytes: u64,
    ) -> bool {
        self.messages.load(Relaxed) + messages < most_messages
            && self.bytes.load(Relaxed) + taken + bytes <= most_bytes
    }

    /// So many messages of so many bytes in all were taken.
    pub fn take(&self, messages: u64, bytes: u64) {
        self.messages.fetch_add(messages, Relaxed);
        self.bytes.fetch_add(bytes, Relaxed);
    }

    /// So many messages of so many bytes in all are done with.
    pub fn give_back(&self, messages: u64, bytes: u64) {
        self.messages.fetch_sub(messages, Relaxed);
        self.bytes.fetch_sub(bytes, Relaxed);
    }
}
