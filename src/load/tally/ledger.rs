//! Which offsets were acked, and when each of them was due: what lag, time lag and the books are made of.

use crate::books::OffsetSet;

/// One acked message.
#[derive(Clone, Copy, Debug)]
pub struct Ack {
    /// Where it lies.
    pub partition: u32,
    /// Its offset there.
    pub offset: i64,
    /// When it was due, Unix ns.
    pub due: u64,
}

/// The acks of a trial so far.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    partitions: Vec<Partition>,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    acked: OffsetSet,
    /// By offset, since a fresh topic starts at 0; 0 where nothing is known.
    dues: Vec<u64>,
}

/// What a group has not yet committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Acked messages at or beyond the committed offsets.
    pub messages: u64,
    /// When the oldest of them was due, Unix ns.
    pub oldest_due: Option<u64>,
}

impl Ledger {
    /// For a topic of that many partitions.
    pub fn new(partitions: u32) -> Self {
        Ledger { partitions: vec![Partition::default(); partitions as usize] }
    }

    /// Books a batch of acks.
    pub fn book(&mut self, acks: &[Ack]) {
        for ack in acks {
            let partition = &mut self.partitions[ack.partition as usize];
            partition.acked.insert(ack.offset);
            let index = ack.offset as usize;
            if partition.dues.len() <= index {
                partition.dues.resize(index + 1, 0);
            }
            partition.dues[index] = ack.due;
        }
    }

    /// The acked offsets, by partition.
    pub fn acked(&self) -> Vec<OffsetSet> {
        self.partitions.iter().map(|partition| partition.acked.clone()).collect()
    }

    /// What lies at or beyond each partition's committed offset; a partition without a commit counts from its start.
    pub fn lag(&self, committed: &[Option<i64>]) -> Lag {
        let mut lag = Lag::default();
        for (partition, committed) in self.partitions.iter().zip(committed) {
            let from = committed.unwrap_or(0).max(0);
            lag.messages += partition.acked.count_from(from);
            let rest = partition.dues.get(from as usize..).unwrap_or_default();
            let oldest = rest.iter().copied().find(|due| *due > 0);
            lag.oldest_due = [lag.oldest_due, oldest].into_iter().flatten().min();
        }
        lag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ack(partition: u32, offset: i64, due: u64) -> Ack {
        Ack { partition, offset, due }
    }

    #[test]
    fn time_lag_is_the_age_of_the_oldest_message_not_committed() {
        let mut ledger = Ledger::new(2);
        ledger.book(&[ack(0, 1, 100), ack(0, 2, 200), ack(1, 1, 150), ack(1, 2, 250)]);
        assert_eq!(ledger.lag(&[Some(2), Some(1)]), Lag { messages: 3, oldest_due: Some(150) });
        assert_eq!(ledger.lag(&[Some(3), Some(3)]), Lag { messages: 0, oldest_due: None });
    }

    #[test]
    fn without_a_commit_all_is_lag_and_a_hole_is_stepped_over() {
        let mut ledger = Ledger::new(1);
        ledger.book(&[ack(0, 5, 500), ack(0, 3, 300)]);
        assert_eq!(ledger.lag(&[None]), Lag { messages: 2, oldest_due: Some(300) });
        assert_eq!(ledger.lag(&[Some(4)]), Lag { messages: 1, oldest_due: Some(500) });
    }
}
