//! What a producer knows of its topic: the partitions and who leads them; and when to ask again.

use super::verdict::backoff;
use crate::load::light::config::Waits;
use crate::load::light::wire::PartitionAt;

/// No leader is known.
pub const NOBODY: i32 = -1;

/// The topic as its metadata told it last.
#[derive(Debug, Default)]
pub struct Map {
    leaders: Vec<i32>,
    /// Each of them once: partitions may be thousands, and these are asked for with every message.
    brokers: Vec<i32>,
    /// A request is on its way.
    asked: bool,
    /// When to ask next, Unix ns; 0 for at once.
    ask_at: u64,
    /// Askings since all was well.
    tries: u32,
    /// Whether it is asked for a reason.
    doubted: bool,
}

impl Map {
    /// Number of partitions; 0 while nothing is known.
    pub fn partitions(&self) -> u32 {
        self.leaders.len() as u32
    }

    /// Who leads a partition; [`NOBODY`] where that is unknown.
    pub fn leader(&self, partition: u32) -> i32 {
        self.leaders.get(partition as usize).copied().unwrap_or(NOBODY)
    }

    /// Whether a broker leads any partition.
    pub fn is_leader(&self, broker: i32) -> bool {
        self.brokers.contains(&broker)
    }

    /// Whoever leads a partition, each once; [`NOBODY`] among them where one has no leader.
    pub fn brokers(&self) -> &[i32] {
        &self.brokers
    }

    /// Whether the topic is known and each partition has a leader.
    pub fn is_whole(&self) -> bool {
        !self.brokers.is_empty() && !self.brokers.contains(&NOBODY)
    }

    /// When to ask; `None` while an answer is awaited.
    pub fn ask_at(&self) -> Option<u64> {
        (!self.asked).then_some(self.ask_at)
    }

    /// A request is on its way.
    pub fn ask(&mut self) {
        self.asked = true;
    }

    /// Something has changed: ask soon, a little later each time.
    pub fn doubt(&mut self, now: u64, retry: Waits, chance: u64) {
        self.doubted = true;
        if self.asked {
            return;
        }
        let at = if self.tries == 0 { now } else { now + backoff(self.tries, retry, chance) };
        self.ask_at = self.ask_at.min(at);
    }

    /// No answer came, or one that says nothing.
    pub fn unanswered(&mut self, now: u64, retry: Waits, chance: u64) {
        self.asked = false;
        self.tries += 1;
        self.ask_at = now + backoff(self.tries, retry, chance);
    }

    /// An answer came; `next` is when the usual refresh is due.
    pub fn learn(&mut self, partitions: &[PartitionAt], now: u64, next: u64, retry: Waits, chance: u64) {
        let count = partitions.iter().map(|at| at.partition + 1).max().unwrap_or(0).max(0) as usize;
        let mut leaders = vec![NOBODY; count.max(self.leaders.len())];
        for at in partitions {
            leaders[at.partition as usize] = at.leader;
        }
        self.brokers.clone_from(&leaders);
        self.brokers.sort_unstable();
        self.brokers.dedup();
        self.brokers.shrink_to_fit();
        self.leaders = leaders;
        if !self.is_whole() {
            return self.unanswered(now, retry, chance);
        }
        self.asked = false;
        // If the answer did not help, the next question waits a little longer; a batch that is written says that it did.
        self.tries = if self.doubted { self.tries + 1 } else { 0 };
        self.doubted = false;
        self.ask_at = next;
    }

    /// A batch was written: whatever was doubted is well.
    pub fn is_right(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_with_every_message_takes_as_long_as_there_are_brokers_not_partitions() {
        let mut map = Map::default();
        let mut learn = |leader: fn(i32) -> i32| {
            let partitions: Vec<PartitionAt> =
                (0..1_000).map(|partition| PartitionAt { partition, leader: leader(partition) }).collect();
            map.learn(&partitions, 0, 1, Waits { first_ns: 1, longest_ns: 1 }, 0);
            (map.brokers().to_vec(), map.is_whole(), map.is_leader(3))
        };
        assert_eq!(learn(|partition| partition % 3 + 1), (vec![1, 2, 3], true, true));
        assert_eq!(learn(|partition| partition % 2 + 1), (vec![1, 2], true, false));
        assert_eq!(
            learn(|partition| if partition == 999 { NOBODY } else { 3 }),
            (vec![NOBODY, 3], false, true)
        );
        assert_eq!(map.leader(999), NOBODY);
    }
}
