//! Messages and the results of them, put together. Pure: what was read of either topic goes in, latencies and counts come out.
//!
//! Both topics are read by clients of their own: a result may be here before its message. It then waits, with all behind it, until the message is here too or
//! until that can no longer be expected: results are counted in the order in which they lie on their partition.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::books::{BySecond, OffsetSet};
use crate::timeline::{SECOND_NS, second_of};

/// A result waits no longer than this for its message to be read.
const HELD_NS: u64 = 5 * SECOND_NS;
/// So many messages are known at a time, in 128 MiB with all that goes with them; of more, those that have a result are forgotten first, then the oldest.
const MOST: usize = 900_000;
/// For one of so many that are known at most, messages are forgotten without a result before what lies behind them is counted and no longer kept.
const FOLD: usize = 8;

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
    /// Ids in the order in which messages came: all those among them that are known and have no result, and others.
    open: VecDeque<u64>,
    /// Those that have one, in the order in which it came.
    done: VecDeque<u64>,
    /// By partition, offsets of our messages beyond what was folded.
    ours: Vec<OffsetSet>,
    /// By partition, the offset before which no message that is known lacks a result.
    ended: Vec<i64>,
    /// Messages that were forgotten without a result since the last fold.
    unfolded: usize,
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
    /// Messages of which a result came, by partition: their offsets, beyond what was folded.
    pub offsets: Vec<OffsetSet>,
    /// By partition, what was folded: a consumer that filters would leave a gap for every other message, for as long as a trial lasts.
    pub folded: Vec<Folded>,
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

/// Messages of a partition of which is known for good whether a result came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// All before this offset.
    pub until: i64,
    /// How many of them are ours.
    pub messages: u64,
    /// How many of those have no result.
    pub without: u64,
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
            folded: vec![Folded::default(); partitions],
            read: vec![0; partitions],
            ..Matched::default()
        };
        Matching {
            known: HashMap::new(),
            open: VecDeque::new(),
            done: VecDeque::new(),
            ours: vec![OffsetSet::new(); partitions],
            ended: vec![0; partitions],
            unfolded: 0,
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
            self.came((sent.partition, sent.offset));
            if has_result {
                self.has_result((sent.partition, sent.offset));
            }
            return;
        }
        // Its result was here long before it, as where a transaction took long: nobody can tell any more what became of that.
        self.tally.forgotten += u64::from(self.given_up.remove(&id));
        if self.known.len() >= self.most {
            self.forget();
        }
        self.known.insert(id, Known { sent, copies: 1, results: 0 });
        self.came((sent.partition, sent.offset));
        self.open.push_back(id);
        if self.open.len() > 2 * self.most {
            let known = &self.known;
            self.open.retain(|id| known.get(id).is_some_and(|known| known.results == 0));
        }
    }

    /// A message of ours lies there.
    fn came(&mut self, (partition, offset): (u32, i64)) {
        if let Some(ours) = self.ours.get_mut(partition as usize) {
            ours.insert(offset);
        }
    }

    /// A result came of the message that lies there.
    fn has_result(&mut self, (partition, offset): (u32, i64)) {
        let place = partition as usize;
        let (Some(offsets), Some(folded)) =
            (self.tally.offsets.get_mut(place), self.tally.folded.get_mut(place))
        else {
            return;
        };
        if offset < folded.until {
            folded.without = folded.without.saturating_sub(1);
        } else {
            offsets.insert(offset);
        }
    }

    /// Forgets the one whose result came first, or the oldest at all where none has one.
    fn forget(&mut self) {
        if let Some(id) = self.done.pop_front() {
            return self.drop_known(id);
        }
        while let Some(id) = self.open.pop_front() {
            let Some(Known { sent, results: 0, .. }) = self.known.get(&id).copied() else { continue };
            self.drop_known(id);
            // Those before it on its partition came before it, and none of them is waited for any more.
            if let Some(ended) = self.ended.get_mut(sent.partition as usize) {
                *ended = (*ended).max(sent.offset + 1);
            }
            self.unfolded += 1;
            if self.unfolded * FOLD > self.most {
                self.fold();
            }
            return;
        }
    }

    /// Counts what has ended, and keeps no more of it.
    fn fold(&mut self) {
        self.unfolded = 0;
        let sets = self.ours.iter_mut().zip(&mut self.tally.offsets);
        for ((folded, until), (ours, offsets)) in self.tally.folded.iter_mut().zip(&self.ended).zip(sets) {
            let before = |set: &OffsetSet| set.len() - set.count_from(*until);
            folded.messages += before(ours);
            folded.without += before(ours).saturating_sub(before(offsets));
            folded.until = folded.until.max(*until);
            ours.remove_range(i64::MIN, *until);
            offsets.remove_range(i64::MIN, *until);
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
        self.done.push_back(result.id);
        let further = self.copies.get(&result.id).cloned().unwrap_or_default();
        for place in further.into_iter().chain([(sent.partition, sent.offset)]) {
            self.has_result(place);
        }
        let last = self.lasts.entry((sent.partition, result.partition)).or_insert(i64::MIN);
        self.tally.out_of_order += u64::from(sent.offset < *last);
        *last = (*last).max(sent.offset);
        self.tally.negative += u64::from(sent.due > result.at);
        self.latencies.record(second_of(sent.due), result.at.saturating_sub(sent.due));
    }
}

#[cfg(test)]
mod tests;
