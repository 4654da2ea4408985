//! What is counted while a trial runs, and how it is added up: sets of offsets, histograms by the second, the books. Pure, and small at any rate.

mod audit;
mod by_quarter;
mod cells;
pub mod codec;
pub mod dense;
mod fairness;
mod instance_second;
pub mod keyed;
mod kinds;
pub mod leb128;
mod offsets;
mod seconds;
mod sparse;
mod topics;

pub use audit::{Audit, audit};
pub use by_quarter::ByQuarter;
pub use cells::Cells;
pub use fairness::{Fairness, Served, fairness};
pub use instance_second::InstanceSecond;
pub use kinds::{Kinds, kind_of};
pub use offsets::OffsetSet;
pub use seconds::{BySecond, Loose, Shelf, Shelves};
pub use sparse::{MOST_BYTES, Sparse, Sum};
pub use topics::Topics;

use serde::{Deserialize, Serialize};

/// The books of a whole trial, canaries apart. They close when
/// `due = sent + refused`, `sent = acked + failed + in_flight` and `acked = received + unread + lost + aborted`.
/// Without consumers the fields from `received` to `lost` are null, `aborted` apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// Messages whose time came.
    pub due: u64,
    /// Taken by a client's queue.
    pub sent: u64,
    /// Never taken, because a queue stayed full or the trial ended first.
    pub refused: u64,
    /// Acknowledged with partition and offset.
    pub acked: u64,
    /// Given up by the client after they were sent.
    pub failed: u64,
    /// Sent, and neither acked nor failed when the trial ended: unknown.
    pub in_flight: u64,
    /// Acked messages that an instance got, each once.
    pub received: Option<u64>,
    /// Offsets received for which no producer got an ack.
    pub received_unacked: Option<u64>,
    /// Deliveries of an offset beyond its first.
    pub duplicates: Option<u64>,
    /// Deliveries whose sequence was below one seen before, per producer and partition, redeliveries apart.
    pub out_of_order: Option<u64>,
    /// Acked, beyond the group's last commits, received by nobody.
    pub unread: Option<u64>,
    /// Acked, before the group's last commits, received by nobody.
    pub lost: Option<u64>,
    /// Acked in a transaction that was aborted.
    pub aborted: u64,
    /// Such messages that an instance got all the same (`isolation.level: read_uncommitted`), each once; null in records that do not tell.
    #[serde(default)]
    pub received_aborted: Option<u64>,
    /// Messages of others that were read among them, each once, on a topic that was there before; null on a topic of the trial's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<u64>,
}

impl Books {
    /// The sentences that do not hold; empty when the books close.
    pub fn imbalances(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut check = |left: (&str, u64), right: (&str, u64)| {
            if left.1 != right.1 {
                wrong.push(format!("{} = {} is not {} = {}", left.0, left.1, right.0, right.1));
            }
        };
        check(("due", self.due), ("sent + refused", self.sent + self.refused));
        check(("sent", self.sent), ("acked + failed + in_flight", self.acked + self.failed + self.in_flight));
        if let (Some(received), Some(unread), Some(lost)) = (self.received, self.unread, self.lost) {
            let right = received + unread + lost + self.aborted;
            check(("acked", self.acked), ("received + unread + lost + aborted", right));
        }
        wrong
    }
}
