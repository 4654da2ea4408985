//! What becomes of keys, and of the order of their messages, when partitions are added to a topic.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// A message with a key that was processed, as `[key, producer, partition, offset, due, processed]`, the key as a number, times in Unix nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Tuple", into = "Tuple")]
pub struct Keyed {
    /// Stands for the key: two keys of one number are taken for one.
    pub key: u64,
    /// Who sent it.
    pub producer: u32,
    /// Where it lay.
    pub partition: i32,
    /// At which offset.
    pub offset: i64,
    /// When it was due.
    pub due: u64,
    /// When it was processed.
    pub processed: u64,
}

type Tuple = (u64, u32, i32, i64, u64, u64);

impl From<Tuple> for Keyed {
    fn from((key, producer, partition, offset, due, processed): Tuple) -> Self {
        Keyed { key, producer, partition, offset, due, processed }
    }
}

impl From<Keyed> for Tuple {
    fn from(it: Keyed) -> Self {
        (it.key, it.producer, it.partition, it.offset, it.due, it.processed)
    }
}

/// What became of keys and their order from a moment on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedKeys {
    /// Keys of which messages came both before and afterwards.
    pub keys: u64,
    /// Of these, those of which a message lay in another partition afterwards.
    pub moved: u64,
    /// Messages that were processed after a later one of the same producer and key, from then on.
    pub late_messages: u64,
    /// Keys that such messages have.
    pub late_keys: u64,
}

/// Of all messages with a key that were processed, and a moment, Unix ns. Only the first processing of each counts.
pub fn moved(mut all: Vec<Keyed>, at: u64) -> MovedKeys {
    all.sort_unstable_by_key(|one| one.processed);
    let mut seen: HashSet<(i32, i64)> = HashSet::with_capacity(all.len());
    all.retain(|one| seen.insert((one.partition, one.offset)));
    let mut before: HashMap<u64, i32> = HashMap::new();
    let mut both: HashMap<u64, bool> = HashMap::new();
    let mut latest: HashMap<(u32, u64), u64> = HashMap::new();
    let (mut late_messages, mut late_keys) = (0, HashSet::new());
    for one in all.iter().filter(|one| one.due < at) {
        before.insert(one.key, one.partition);
    }
    for one in &all {
        if let Some(partition) = before.get(&one.key).filter(|_| one.due >= at) {
            *both.entry(one.key).or_default() |= *partition != one.partition;
        }
        let latest = latest.entry((one.producer, one.key)).or_default();
        if one.due < *latest && one.processed >= at {
            late_messages += 1;
            late_keys.insert(one.key);
        }
        *latest = (*latest).max(one.due);
    }
    MovedKeys {
        keys: both.len() as u64,
        moved: both.values().filter(|moved| **moved).count() as u64,
        late_messages,
        late_keys: late_keys.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(key: u64, (partition, offset): (i32, i64), due: u64, processed: u64) -> Keyed {
        Keyed { key, producer: 1, partition, offset, due, processed }
    }

    #[test]
    fn a_key_has_moved_whose_messages_lie_elsewhere_and_has_lost_its_order_where_they_overtake() {
        let all = vec![
            message(1, (0, 0), 10, 12),
            message(2, (0, 1), 20, 22),
            message(1, (0, 2), 30, 95),
            // From 50 on there is a second partition, which nothing waits in.
            message(1, (1, 0), 60, 62),
            message(1, (1, 1), 70, 72),
            message(2, (0, 3), 80, 96),
            message(3, (1, 2), 80, 82),
        ];
        assert_eq!(moved(all.clone(), 50), MovedKeys { keys: 2, moved: 1, late_messages: 1, late_keys: 1 });
        let mut of_two = all;
        of_two[2].producer = 2;
        assert_eq!(moved(of_two, 50).late_messages, 0, "what two producers send has no order among them");
    }

    #[test]
    fn what_is_delivered_again_is_not_out_of_order() {
        let all = vec![message(1, (0, 0), 10, 60), message(1, (0, 1), 20, 61), message(1, (0, 0), 10, 70)];
        assert_eq!(moved(all, 50).late_messages, 0);
    }
}
