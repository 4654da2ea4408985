//! How far a group is behind what was acked.

/// What a group has not yet committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Acked messages at or beyond the committed offsets.
    pub messages: u64,
    /// When the oldest of them was due, Unix ns.
    pub oldest_due: Option<u64>,
    /// Such messages of each partition.
    pub by_partition: Vec<u64>,
}

impl Lag {
    /// The partition that lags most, and how much; the first of equals.
    pub fn worst(&self) -> Option<(u32, u64)> {
        let partitions = (0..).zip(self.by_partition.iter().copied());
        partitions.reduce(|worst, one| if one.1 > worst.1 { one } else { worst })
    }
}
