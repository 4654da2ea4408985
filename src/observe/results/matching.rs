//! Messages and the results of them, put together. Pure: what was read of either topic goes in, latencies and counts come out.
//!
//! Both topics are read by clients of their own: a result may be here before its message. It then waits, with all behind it, until the message is here too or
//! until that can no longer be expected: results are counted in the order in which they lie on their partition.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::books::{BySecond, OffsetSet};
use crate::timeline::{SECOND_NS, second_of};

/// A result waits no longer than this for its message to be read.
const HELD_NS: u64 = 5 * SECOND_NS;
/// So many messages are known at a time, in about 64 MiB; of more, those that have a result are forgotten first, then the oldest.
const MOST: usize = 900_000;

/// A message of ours, as it lies in the topic.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Who sent it.
    pub producer: u32,
    /// Which of that producer's it is.
    pub sequence: u64,
    /// When it was due, Unix ns.
    pub due: u64,
    /// Where it lies.
    pub partition: u32,
    /// Its offset there.
    pub offset: i64,
}

/// Puts messages and results together.
#[derive(Debug)]
pub struct Matching {
    known: HashMap<u64, Known>,
    /// Their ids in the order in which they came.
    order: VecDeque<u64>,
    /// Further places of messages that were written more than once.
    copies: HashMap<u64, Vec<(u32, i64)>>,
    waiting: VecDeque<Waiting>,
    /// Ids of results that were taken for none of ours, since no message had come.
    given_up: HashSet<u64>,
    /// By partition of the topic and of the output, the greatest offset of a message whose result has been seen there.
    lasts: HashMap<(u32, u32), i64>,
    most: usize,
    latencies: BySecond,
    tally: Matched,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    sent: Sent,
    copies: u32,
    results: u32,
}

/// A result whose message is not here yet.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    id: u64,
    at: u64,
    partition: u32,
}

/// What came of results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// Messages of which a result came, by partition: their offsets.
    pub offsets: Vec<OffsetSet>,
    /// By partition of the topic, the offset before which all was read.
    pub read: Vec<i64>,
    /// How many messages these are, each once.
    pub results: u64,
    /// Results beyond one for each time that their message was written.
    pub doubled: u64,
    /// First results that came behind that of a later message of the same partition, on the same partition of the output.
    pub out_of_order: u64,
    /// Messages on the output that are of none of ours.
    pub unknown: u64,
    /// Messages of ours that have no id.
    pub without_id: u64,
    /// Messages of ours with the id of another one.
    pub repeated: u64,
    /// Messages that were forgotten, for there were too many.
    pub forgotten: u64,
    /// Results that were here before their message was due, and count as at once.
    pub negative: u64,
    /// Values that no histogram could hold.
    pub out_of_range: u64,
    /// Topics of the two that could not be read to their ends.
    pub not_ended: u64,
}

impl Matched {
    /// Whether every result was known to be of the message that it is of: what is missing and what came twice can be told.
    pub fn is_told(&self) -> bool {
        self.not_ended == 0
            && self.repeated == 0
            && self.without_id == 0
            && (self.unknown == 0 || self.forgotten == 0)
    }
}

impl Matching {
    /// Of a topic of that many partitions; latencies go to `latencies`, by the second of due.
    pub fn new(partitions: u32, latencies: BySecond) -> Self {
        let partitions = partitions as usize;
        let tally = Matched {
            offsets: vec![OffsetSet::new(); partitions],
            read: vec![0; partitions],
            ..Matched::default()
        };
        Matching {
            known: HashMap::new(),
            order: VecDeque::new(),
            copies: HashMap::new(),
            waiting: VecDeque::new(),
            given_up: HashSet::new(),
            lasts: HashMap::new(),
            most: MOST,
            latencies,
            tally,
        }
    }

    /// All of a partition of the topic before an offset has been read.
    pub fn read_until(&mut self, partition: u32, offset: i64) {
        if let Some(read) = self.tally.read.get_mut(partition as usize) {
            *read = (*read).max(offset);
        }
    }

    /// Takes a message of ours, with its id where it has one.
    pub fn sent(&mut self, id: Option<u64>, sent: Sent) {
        let Some(id) = id else {
            self.tally.without_id += 1;
            return;
        };
        if let Some(known) = self.known.get_mut(&id) {
            if (known.sent.producer, known.sent.sequence) != (sent.producer, sent.sequence) {
                self.tally.repeated += 1;
                return;
            }
            known.copies += 1;
            // A second result that came before the second copy was none too many.
            self.tally.doubled -= u64::from(known.results >= known.copies);
            let has_result = known.results > 0;
            self.copies.entry(id).or_default().push((sent.partition, sent.offset));
            if has_result {
                self.tally.offsets[sent.partition as usize].insert(sent.offset);
            }
            return;
        }
        // Its result was here long before it, as where a transaction took long: nobody can tell any more what became of that.
        self.tally.forgotten += u64::from(self.given_up.remove(&id));
        if self.known.len() >= self.most {
            self.forget();
        }
        self.known.insert(id, Known { sent, copies: 1, results: 0 });
        self.order.push_back(id);
    }

    /// Forgets the oldest that has a result, or the oldest at all where a whole round finds none.
    fn forget(&mut self) {
        // Those without are looked at once, and stand behind all others then.
        for _ in 0..self.order.len().min(64) {
            let Some(id) = self.order.pop_front() else { return };
            if self.known.get(&id).is_some_and(|known| known.results == 0) {
                self.order.push_back(id);
                continue;
            }
            self.drop_known(id);
            return;
        }
        if let Some(id) = self.order.pop_front() {
            self.drop_known(id);
        }
    }

    fn drop_known(&mut self, id: u64) {
        self.known.remove(&id);
        self.copies.remove(&id);
        self.tally.forgotten += 1;
    }

    /// Takes a message of the output with its id, read at `at` (Unix ns), and works off all that have waited.
    pub fn result(&mut self, id: Option<u64>, partition: u32, at: u64) {
        match id {
            None => self.tally.unknown += 1,
            Some(id) => self.waiting.push_back(Waiting { id, at, partition }),
        }
        self.work_off(at.saturating_sub(HELD_NS));
    }

    /// Works off what need no longer wait; `now` is Unix ns.
    pub fn settle(&mut self, now: u64) {
        self.work_off(now.saturating_sub(HELD_NS));
    }

    /// Messages of which a result came so far, and whether none waits.
    pub fn so_far(&self) -> (u64, bool) {
        (self.tally.results, self.waiting.is_empty())
    }

    /// One of the topics was not read to its end.
    pub fn not_ended(&mut self) {
        self.tally.not_ended += 1;
    }

    /// What is left is worked off, both topics having been read to their ends.
    pub fn finish(mut self) -> Matched {
        self.work_off(u64::MAX);
        self.latencies.flush();
        Matched { out_of_range: self.latencies.out_of_range(), ..self.tally }
    }

    fn work_off(&mut self, old: u64) {
        while let Some(first) = self.waiting.front().copied() {
            if !self.known.contains_key(&first.id) && first.at > old {
                return;
            }
            self.waiting.pop_front();
            self.put(first);
        }
    }

    fn put(&mut self, result: Waiting) {
        let Some(known) = self.known.get_mut(&result.id) else {
            self.tally.unknown += 1;
            if self.given_up.len() < self.most {
                self.given_up.insert(result.id);
            }
            return;
        };
        known.results += 1;
        let (sent, copies, results) = (known.sent, known.copies, known.results);
        if results > 1 {
            self.tally.doubled += u64::from(results > copies);
            return;
        }
        self.tally.results += 1;
        let further = self.copies.get(&result.id).into_iter().flatten().copied();
        for (partition, offset) in further.chain([(sent.partition, sent.offset)]) {
            if let Some(offsets) = self.tally.offsets.get_mut(partition as usize) {
                offsets.insert(offset);
            }
        }
        let last = self.lasts.entry((sent.partition, result.partition)).or_insert(i64::MIN);
        self.tally.out_of_order += u64::from(sent.offset < *last);
        *last = (*last).max(sent.offset);
        self.tally.negative += u64::from(sent.due > result.at);
        self.latencies.record(second_of(sent.due), result.at.saturating_sub(sent.due));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    const ZERO: u64 = 1_000 * SECOND_NS;

    /// Message `n` of one producer lies at offset `n` of partition 0 and was due n ms after the beginning.
    fn sent(n: u64) -> Sent {
        Sent { producer: 0, sequence: n, due: ZERO + n * MS, partition: 0, offset: n as i64 }
    }

    fn matching() -> Matching {
        Matching::new(1, BySecond::growing())
    }

    #[test]
    fn each_result_is_of_its_message_and_one_doubled_one_missing_and_one_late_are_told() {
        let mut matching = matching();
        (0..10).for_each(|n| matching.sent(Some(n), sent(n)));
        // 3 has no result, 5 has two, 7 comes after 8.
        for (turn, id) in (0..).zip([0, 1, 2, 4, 5, 5, 6, 8, 7, 9]) {
            matching.result(Some(id), 0, ZERO + (100 + turn) * MS);
        }
        matching.result(Some(77), 0, ZERO + 200 * MS);
        matching.result(None, 0, ZERO + 200 * MS);
        assert_eq!(matching.so_far(), (9, false));
        let matched = matching.finish();
        assert_eq!((matched.results, matched.doubled, matched.out_of_order), (9, 1, 1));
        assert_eq!((matched.unknown, matched.negative, matched.out_of_range), (2, 0, 0));
        assert_eq!(matched.offsets[0].iter().collect::<Vec<_>>(), [(0, 3), (4, 10)]);
        assert!(matched.is_told());
    }

    #[test]
    fn latencies_go_from_due_to_when_the_result_was_read_by_the_second_of_due() {
        let mut matching = matching();
        for n in [10, 1_500] {
            matching.sent(Some(n), sent(n));
        }
        matching.result(Some(10), 0, ZERO + 60 * MS);
        matching.result(Some(1_500), 0, ZERO + 1_700 * MS);
        let second = ZERO / SECOND_NS;
        let mean = |from: u64| matching.latencies.sum(from, from + 1).dense().mean() / 1e6;
        assert!((mean(second) - 50.0).abs() < 0.5 && (mean(second + 1) - 200.0).abs() < 1.0);
    }

    #[test]
    fn a_result_that_is_read_before_its_message_waits_for_it_and_holds_up_those_behind_it() {
        let mut matching = matching();
        matching.sent(Some(1), sent(1));
        matching.result(Some(2), 0, ZERO + 10 * MS);
        matching.result(Some(1), 0, ZERO + 11 * MS);
        assert_eq!(matching.so_far(), (0, false));
        matching.sent(Some(2), sent(2));
        matching.settle(ZERO + 12 * MS);
        assert_eq!(matching.so_far(), (2, true));
        let matched = matching.finish();
        assert_eq!((matched.out_of_order, matched.unknown), (1, 0), "2 came before 1");
    }

    #[test]
    fn what_is_of_none_of_ours_holds_nobody_up_for_long() {
        let mut matching = matching();
        matching.sent(Some(1), sent(1));
        matching.result(Some(99), 0, ZERO);
        matching.result(Some(1), 0, ZERO + MS);
        matching.settle(ZERO + HELD_NS - 1);
        assert_eq!(matching.so_far(), (0, false));
        matching.settle(ZERO + HELD_NS);
        assert_eq!((matching.so_far(), matching.tally.unknown), ((1, true), 1));
    }

    #[test]
    fn a_message_that_was_written_twice_may_have_two_results() {
        let twice = Sent { offset: 9, ..sent(1) };
        for early in [true, false] {
            let mut matching = matching();
            matching.sent(Some(1), sent(1));
            if early {
                matching.sent(Some(1), twice);
            }
            (0..2).for_each(|_| matching.result(Some(1), 0, ZERO + 5 * MS));
            if !early {
                matching.sent(Some(1), twice);
            }
            let matched = matching.finish();
            assert_eq!((matched.results, matched.doubled, matched.repeated), (1, 0, 0));
            assert_eq!(
                matched.offsets[0].iter().collect::<Vec<_>>(),
                [(1, 2), (9, 10)],
                "an ack may name either"
            );
        }
    }

    #[test]
    fn ids_that_messages_share_or_lack_let_nothing_be_told() {
        let mut shared = matching();
        (1..3).for_each(|n| shared.sent(Some(7), sent(n)));
        assert_eq!((shared.tally.repeated, shared.finish().is_told()), (1, false));
        let mut none = matching();
        none.sent(None, sent(1));
        assert!(!none.finish().is_told());
    }

    #[test]
    fn a_message_that_comes_long_after_its_result_lets_nothing_be_told() {
        let mut matching = matching();
        matching.result(Some(1), 0, ZERO);
        matching.settle(ZERO + HELD_NS + MS);
        assert_eq!((matching.tally.unknown, matching.tally.is_told()), (1, true));
        matching.sent(Some(1), sent(1));
        assert!(!matching.finish().is_told());
    }

    #[test]
    fn memory_is_bounded_and_what_was_forgotten_matters_only_where_a_result_is_of_nothing_known() {
        let mut matching = Matching { most: 100, ..matching() };
        // Every tenth has no result: those are kept as long as others can be forgotten.
        for n in 0..500 {
            matching.sent(Some(n), sent(n));
            if n % 10 > 0 {
                matching.result(Some(n), 0, ZERO + n * MS);
            }
        }
        assert_eq!((matching.known.len(), matching.order.len()), (100, 100));
        assert!((0..500).step_by(10).all(|n| matching.known.contains_key(&n)));
        matching.result(Some(0), 0, ZERO + 600 * MS);
        let mut later = matching;
        assert_eq!((later.tally.forgotten, later.tally.results, later.tally.is_told()), (400, 451, true));
        later.result(Some(1), 0, ZERO + 700 * MS);
        assert!(!later.finish().is_told(), "was it doubled, or somebody else's?");
    }
}
