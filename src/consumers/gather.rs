//! What all instances said, added up. Pure.
//!
//! Only the first processing of a message counts, whoever did it: soon after an assignment instances tell their messages one by one, and those that
//! another instance had told before are left out here. Redeliveries beyond that are in the latencies and the rates, and counted as such.

mod told;

pub use told::MemberSpent;

use std::collections::{BTreeMap, BTreeSet};

use super::backend::Event;
use super::cuts::{Cuts, Done};
use super::happened::{Complaint, Happening, Rebalance};
use super::line::{Fresh, Line, Report};
use super::live::Live;
use super::spans::Spans;
use super::standing::Standing;
use super::trouble::Trouble;
use crate::books::keyed::Keyed;
use crate::books::{ByQuarter, BySecond, Cells, OffsetSet, Shelves, Topics, codec};
use crate::timeline::{quarter_of, second_of};
use crate::units::Latency;

/// All that is known from the lines of the instances.
#[derive(Debug, Default)]
pub struct Gathered {
    instances: BTreeMap<u32, HeardInstance>,
    /// By partition, and of each by the instances that ever had something of it: of a hundred instances few ever have the same.
    processed_by: BTreeMap<i32, BTreeMap<u32, OffsetSet>>,
    canaries: BTreeMap<i32, OffsetSet>,
    foreign: BTreeMap<i32, OffsetSet>,
    received: ByQuarter,
    processed: ByQuarter,
    bytes: ByQuarter,
    throttled: ByQuarter,
    busy: Spans,
    in_time: Cells,
    latencies: BTreeMap<Latency, BySecond>,
    live: Live,
    /// Where latencies go as their seconds pass; without it they stay here.
    shelves: Option<Box<dyn Shelves>>,
    /// Start and end, Unix ns, once they are known.
    window: Option<(u64, u64)>,
    /// Messages with a key, where instances were asked to tell them; none once they were too many.
    keyed: Vec<Keyed>,
    too_many_keyed: bool,
    /// What nobody has taken away yet.
    happened: Vec<Happening>,
    fatal: Option<String>,
    trouble: Trouble,
    negative_fresh: u64,
    undecoded: u64,
    unattributed_redeliveries: u64,
}

/// One instance, by its lines.
#[derive(Debug, Default)]
struct HeardInstance {
    assigned: BTreeMap<u32, BTreeSet<i32>>,
    joined: BTreeSet<u32>,
    /// What each member had when the last report of the window was cut.
    held: BTreeMap<u32, BTreeSet<i32>>,
    tallies: Report,
    cuts: Cuts,
    /// When its output ended, Unix ns.
    ended: Option<u64>,
}

impl Gathered {
    /// Puts latencies onto these shelves as their seconds pass; to be said before any come.
    pub fn put_onto(&mut self, shelves: Box<dyn Shelves>) {
        self.shelves = Some(shelves);
    }

    /// Tells when the window will begin and end, Unix ns; to be said before it begins.
    pub fn expect(&mut self, window: (u64, u64)) {
        self.window = Some(window);
    }

    /// Adds what an instance said.
    pub fn add(&mut self, instance: u32, at_ns: u64, event: Event) {
        match event {
            Event::Line(line) => self.line(instance, at_ns, line),
            Event::Unreadable(text) => self.complained(at_ns, text, 1),
            Event::Ended => {
                let it = self.instance(instance);
                it.ended = Some(at_ns);
                it.assigned.clear();
                it.joined.clear();
            }
            // No instance said that: whoever listens to all of them tells it.
            Event::NotReplaced(_) => {}
        }
    }

    fn line(&mut self, instance: u32, at_ns: u64, line: Line) {
        match line {
            Line::Assigned { thread, partitions } => {
                self.trouble.is_over(instance);
                let it = self.instance(instance);
                it.assigned.entry(thread).or_default().extend(&partitions);
                it.joined.insert(thread);
                self.rebalanced(at_ns, instance, thread, true, partitions);
            }
            Line::Revoked { thread, partitions } => {
                let it = self.instance(instance);
                it.assigned.entry(thread).or_default().retain(|partition| !partitions.contains(partition));
                it.joined.remove(&thread);
                self.rebalanced(at_ns, instance, thread, false, partitions);
            }
            Line::Joined { thread } => {
                self.instance(instance).joined.insert(thread);
            }
            Line::Canary { partition, offset } => {
                self.canaries.entry(partition).or_default().insert(offset);
            }
            Line::Report(report) => self.report(instance, at_ns, *report),
            Line::Error { text, fatal, at_ns: came, times } => {
                if fatal {
                    self.fatal.get_or_insert_with(|| format!("instance {instance}: {text}"));
                }
                let came = came.unwrap_or(at_ns);
                self.trouble.came(instance, came, &text);
                self.complained(came, text, times);
            }
        }
    }

    fn instance(&mut self, instance: u32) -> &mut HeardInstance {
        self.instances.entry(instance).or_default()
    }

    fn rebalanced(&mut self, at_ns: u64, instance: u32, thread: u32, came: bool, partitions: Vec<i32>) {
        self.happened.push(Happening::Rebalance(Rebalance { at_ns, instance, thread, came, partitions }));
    }

    fn complained(&mut self, at_ns: u64, text: String, times: u64) {
        self.happened.push(Happening::Complaint(Complaint { at_ns, text, times }));
    }

    fn report(&mut self, instance: u32, at_ns: u64, report: Report) {
        let mut again: u64 = 0;
        for (partition, offsets) in &report.foreign_offsets {
            self.foreign.entry(*partition).or_default().union_with(offsets);
        }
        for (partition, offsets) in &report.processed {
            let news = self.news(*partition, offsets);
            let others = self.others(instance, *partition, &news);
            again += news.intersection_len(&others);
        }
        let mut left_out = 0;
        for fresh in &report.fresh {
            if self.others_have(instance, fresh) {
                left_out += 1;
            } else {
                self.first(fresh);
            }
        }
        self.unattributed_redeliveries += again.saturating_sub(left_out);
        for (quarters, into) in [
            (&report.received_quarters, &mut self.received),
            (&report.processed_quarters, &mut self.processed),
            (&report.processed_bytes, &mut self.bytes),
        ] {
            for (quarter, count) in quarters.iter() {
                into.add(quarter, count);
            }
        }
        self.busy.extend(&report.busy);
        self.came_in_time(&report.in_time);
        self.keep_keyed(&report.keyed);
        for (latency, seconds) in &report.latencies {
            for (second, text) in seconds {
                match codec::decode(text) {
                    Ok(histogram) => {
                        self.live.add(self.window, *latency, (*second, &histogram));
                        self.seconds(*latency).add(*second, &histogram);
                    }
                    Err(error) => {
                        self.undecoded += 1;
                        let text = format!("instance {instance}: {error}");
                        self.complained(at_ns, text, 1);
                    }
                }
            }
        }
        let window = self.window;
        let told = self.instances.get(&instance).map_or(0, |known| known.tallies.throttled_ms);
        self.throttled.add(quarter_of(report.at_ns), report.throttled_ms.saturating_sub(told));
        for (partition, offsets) in &report.processed {
            let of_partition = self.processed_by.entry(*partition).or_default();
            of_partition.entry(instance).or_default().union_with(offsets);
        }
        let it = self.instance(instance);
        it.cuts.add(report.at_ns, Done::of(&report), window);
        if window.is_none_or(|(_, end)| report.at_ns <= end) {
            it.held.clone_from(&it.assigned);
        }
        // Two reports may be written in either order; the tallies of the later one hold.
        if report.seq >= it.tallies.seq {
            it.tallies = Report {
                processed: BTreeMap::new(),
                foreign_offsets: BTreeMap::new(),
                fresh: Vec::new(),
                latencies: BTreeMap::new(),
                busy: BTreeMap::new(),
                in_time: BTreeMap::new(),
                keyed: Vec::new(),
                ..report
            };
        }
    }

    fn seconds(&mut self, latency: Latency) -> &mut BySecond {
        let Gathered { latencies, shelves, .. } = self;
        latencies.entry(latency).or_insert_with(|| {
            let seconds = BySecond::growing();
            match shelves {
                Some(shelves) => seconds.onto(shelves.shelf(latency)),
                None => seconds,
            }
        })
    }

    /// The offsets that are no canary's and nobody else's.
    fn news(&self, partition: i32, offsets: &OffsetSet) -> OffsetSet {
        let not_ours = [&self.canaries, &self.foreign].into_iter().filter_map(|all| all.get(&partition));
        not_ours.fold(offsets.clone(), |left, some| left.difference(some))
    }

    /// What other instances have processed, as far as it may be among the news.
    fn others(&self, instance: u32, partition: i32, news: &OffsetSet) -> OffsetSet {
        let others = self.with(partition).filter(|(index, _)| **index != instance);
        others.fold(OffsetSet::new(), |all, (_, set)| all.union(&set.around(news)))
    }

    fn others_have(&self, instance: u32, fresh: &Fresh) -> bool {
        let mut others = self.with(fresh.partition).filter(|(index, _)| **index != instance);
        others.any(|(_, set)| set.contains(fresh.offset))
    }

    /// The instances that have processed anything of a partition, and what.
    fn with(&self, partition: i32) -> impl Iterator<Item = (&u32, &OffsetSet)> {
        self.processed_by.get(&partition).into_iter().flatten()
    }

    fn first(&mut self, fresh: &Fresh) {
        self.received.add(quarter_of(fresh.received), 1);
        self.processed.add(quarter_of(fresh.processed), 1);
        self.bytes.add(quarter_of(fresh.processed), fresh.bytes);
        for (latency, ns, negative) in fresh.latencies() {
            self.live.record(self.window, latency, (second_of(fresh.due), ns));
            self.seconds(latency).record(second_of(fresh.due), ns);
            self.negative_fresh += u64::from(negative);
        }
    }

    /// Whether a canary came through every partition, every partition is with exactly one member, and all `members` are in the group.
    pub fn ready(&self, topics: &Topics, members: u32) -> bool {
        self.standing(topics, members).is_ready()
    }

    /// Who has what, as of now; shows itself as a sentence for an error.
    pub fn standing(&self, topics: &Topics, members: u32) -> Standing {
        let mut standing = Standing::new((topics.partitions(), topics.widest()), members);
        for (index, instance) in &self.instances {
            standing.joined += instance.joined.len() as u32;
            for (thread, assigned) in &instance.assigned {
                for partition in assigned {
                    standing.owned(*partition, *index, *thread);
                }
            }
        }
        standing.canaries = self.canaries.keys().copied().collect();
        standing
    }

    /// Offsets that each instance received: one entry an instance, each with one set a partition; canaries included.
    pub fn received_offsets(&self, partitions: u32) -> Vec<Vec<OffsetSet>> {
        let sets = |(index, instance): (&u32, &HeardInstance)| {
            let of = |partition| self.processed_by.get(&partition)?.get(index).cloned();
            let mut sets: Vec<_> =
                (0..partitions as i32).map(|partition| of(partition).unwrap_or_default()).collect();
            // What a killed instance had in its hands was received, if never processed.
            for (partition, offset) in &instance.tallies.in_hand {
                if let Some(set) = sets.get_mut(*partition as usize) {
                    set.insert(*offset);
                }
            }
            sets
        };
        self.instances.iter().map(sets).collect()
    }

    /// Whether instances have processed, between them, all of these offsets of a partition.
    pub fn has_processed(&self, partition: i32, offsets: &OffsetSet) -> bool {
        let mut sets = self.with(partition).map(|(_, set)| set);
        let Some(first) = sets.next() else { return offsets.is_empty() };
        sets.fold(offsets.difference(first), |left, set| left.difference(set)).is_empty()
    }

    /// Offsets of canaries that arrived, one set a partition.
    pub fn canaries(&self, partitions: u32) -> Vec<OffsetSet> {
        let set = |partition| self.canaries.get(&partition).cloned().unwrap_or_default();
        (0..partitions as i32).map(set).collect()
    }

    /// Offsets of others' messages that were received, one set a partition.
    pub fn foreign_offsets(&self, partitions: u32) -> Vec<OffsetSet> {
        let set = |partition| self.foreign.get(&partition).cloned().unwrap_or_default();
        (0..partitions as i32).map(set).collect()
    }

    /// First receipts by absolute quarter second.
    pub fn received_quarters(&self) -> &ByQuarter {
        &self.received
    }

    /// First completions by absolute quarter second.
    pub fn processed_quarters(&self) -> &ByQuarter {
        &self.processed
    }

    /// Bytes of the payloads of first completions, by absolute quarter second.
    pub fn processed_bytes(&self) -> &ByQuarter {
        &self.bytes
    }

    /// Milliseconds that brokers held fetches back, those of all members added up, by the absolute quarter second in which an instance told.
    pub fn throttled_quarters(&self) -> &ByQuarter {
        &self.throttled
    }

    /// When messages of each partition were completed, whoever did it; nothing where instances were not asked to tell it.
    pub fn busy(&self) -> &Spans {
        &self.busy
    }

    /// In which seconds messages of each partition were due that came in time, whoever processed them; nothing where instances were not asked to tell it.
    pub fn in_time(&self) -> &Cells {
        &self.in_time
    }

    /// First completions so far.
    pub fn processed(&self) -> u64 {
        self.processed.total()
    }

    /// Of end-to-end latencies of the window, so far.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Puts what is left of latencies onto their shelves.
    pub fn flush(&mut self) {
        self.latencies.values_mut().for_each(BySecond::flush);
    }

    /// Receive latency, end-to-end latency and process service time, by the second of due; nothing of what lies on shelves.
    pub fn latencies(&self) -> &BTreeMap<Latency, BySecond> {
        &self.latencies
    }

    /// All comings and goings of partitions, errors that instances told, and lines that could not be read, since it was asked last: in the order in which
    /// they were learned. Whoever does not ask has all of them held here.
    pub fn take_happened(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.happened)
    }

    /// The first error that ended an instance.
    pub fn fatal(&self) -> Option<&str> {
        self.fatal.as_deref()
    }

    /// Why the group does not come together, if it does not.
    pub fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// Instances whose output has ended.
    pub fn ended(&self) -> impl Iterator<Item = u32> + '_ {
        self.instances.iter().filter(|(_, it)| it.ended.is_some()).map(|(index, _)| *index)
    }

    /// Instances that wrote a last line; what others had not written is unknown.
    pub fn finished(&self) -> impl Iterator<Item = u32> + '_ {
        self.instances.iter().filter(|(_, it)| it.tallies.last).map(|(index, _)| *index)
    }
}

#[cfg(test)]
mod tests;
