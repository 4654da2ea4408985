//! Partitions by the second: in which of them something was due, or came in time. A bit each, so that a day of a thousand partitions takes 15 MB at the most.

use std::collections::BTreeMap;

const BITS: usize = 64;

/// In which partitions there was something, by the absolute second.
#[derive(Clone, Debug, Default)]
pub struct Cells(BTreeMap<u64, Second>);

#[derive(Clone, Debug, Default)]
struct Second {
    /// A bit a partition, as far as there was something.
    partitions: Vec<u64>,
    messages: u64,
}

impl Cells {
    /// So many messages of a partition belong to a second.
    pub fn put(&mut self, second: u64, partition: u32, messages: u64) {
        let own = self.0.entry(second).or_default();
        let (word, bit) = (partition as usize / BITS, partition as usize % BITS);
        if own.partitions.len() <= word {
            own.partitions.resize(word + 1, 0);
        }
        own.partitions[word] |= 1 << bit;
        own.messages += messages;
    }

    /// Partitions in which there was something in a second.
    pub fn partitions(&self, second: u64) -> u32 {
        self.both(second, self)
    }

    /// Those in which there was something in another's second too.
    pub fn both(&self, second: u64, other: &Cells) -> u32 {
        let (Some(own), Some(other)) = (self.0.get(&second), other.0.get(&second)) else { return 0 };
        own.partitions.iter().zip(&other.partitions).map(|(own, other)| (own & other).count_ones()).sum()
    }

    /// Messages of a second.
    pub fn messages(&self, second: u64) -> u64 {
        self.0.get(&second).map_or(0, |second| second.messages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_counts_once_a_second_however_many_messages_it_has_in_it() {
        let (mut due, mut came) = (Cells::default(), Cells::default());
        for (partition, messages) in [(0, 5), (0, 2), (64, 1), (999, 3)] {
            due.put(7, partition, messages);
        }
        assert_eq!((due.partitions(7), due.messages(7), due.partitions(8)), (3, 11, 0));
        came.put(7, 0, 1);
        came.put(7, 5, 1);
        came.put(8, 64, 1);
        assert_eq!(due.both(7, &came), 1, "what came where nothing was due is not asked for");
        assert_eq!(due.both(8, &came), 0);
    }
}
