//! What all instances said, added up. Pure.
//!
//! Only the first processing of a message counts, whoever did it: soon after an assignment instances tell their messages one by one, and those that
//! another instance had told before are left out here. Redeliveries beyond that are in the latencies and the rates, and counted as such.

use std::collections::{BTreeMap, BTreeSet};

use super::backend::Event;
use super::line::{Fresh, Line, Report};
use super::standing::Standing;
use crate::books::{BySecond, OffsetSet, codec};
use crate::timeline::{quarter_of, second_of};
use crate::units::Latency;

/// All that is known from the lines of the instances.
#[derive(Debug, Default)]
pub struct Gathered {
    instances: BTreeMap<u32, Instance>,
    canaries: BTreeMap<i32, OffsetSet>,
    received: BTreeMap<u64, u64>,
    processed: BTreeMap<u64, u64>,
    latencies: BTreeMap<Latency, BySecond>,
    rebalances: Vec<Rebalance>,
    errors: BTreeMap<String, u64>,
    fatal: Option<String>,
    negative_fresh: u64,
    undecoded: u64,
    unattributed_redeliveries: u64,
}

/// One instance, by its lines.
#[derive(Debug, Default)]
struct Instance {
    assigned: BTreeMap<u32, BTreeSet<i32>>,
    joined: BTreeSet<u32>,
    processed: BTreeMap<i32, OffsetSet>,
    tallies: Report,
    ended: bool,
}

/// Partitions that came to a member or went from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebalance {
    /// When the line arrived, in Unix nanoseconds.
    pub at_ns: u64,
    /// Which instance.
    pub instance: u32,
    /// Which member of it.
    pub thread: u32,
    /// They came; else they went.
    pub came: bool,
    /// Which.
    pub partitions: Vec<i32>,
}

impl Gathered {
    /// Adds what an instance said.
    pub fn add(&mut self, instance: u32, at_ns: u64, event: Event) {
        match event {
            Event::Line(line) => self.line(instance, at_ns, line),
            Event::Unreadable(text) => *self.errors.entry(text).or_default() += 1,
            Event::Ended => {
                let it = self.instance(instance);
                it.ended = true;
                it.assigned.clear();
                it.joined.clear();
            }
        }
    }

    fn line(&mut self, instance: u32, at_ns: u64, line: Line) {
        match line {
            Line::Assigned { thread, partitions } => {
                let it = self.instance(instance);
                it.assigned.entry(thread).or_default().extend(&partitions);
                it.joined.insert(thread);
                self.rebalanced(at_ns, instance, thread, true, partitions);
            }
            Line::Revoked { thread, partitions } => {
                let it = self.instance(instance);
                it.assigned
                    .entry(thread)
                    .or_default()
                    .retain(|partition| !partitions.contains(partition));
                it.joined.remove(&thread);
                self.rebalanced(at_ns, instance, thread, false, partitions);
            }
            Line::Joined { thread } => {
                self.instance(instance).joined.insert(thread);
            }
            Line::Canary { partition, offset } => {
                self.canaries.entry(partition).or_default().insert(offset);
            }
            Line::Report(report) => self.report(instance, *report),
            Line::Error { text, fatal } => {
                if fatal {
                    self.fatal
                        .get_or_insert_with(|| format!("instance {instance}: {text}"));
                }
                *self.errors.entry(text).or_default() += 1;
            }
        }
    }

    fn instance(&mut self, instance: u32) -> &mut Instance {
        self.instances.entry(instance).or_default()
    }

    fn rebalanced(&mut self, at_ns: u64, instance: u32, thread: u32, came: bool, partitions: Vec<i32>) {
        self.rebalances.push(Rebalance {
            at_ns,
            instance,
            thread,
            came,
            partitions,
        });
    }

    fn report(&mut self, instance: u32, report: Report) {
        let mut again: u64 = 0;
        for (partition, offsets) in &report.processed {
            let news = self.news(*partition, offsets);
            let others = self.others(instance, *partition);
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
        ] {
            for (quarter, count) in quarters.iter() {
                *into.entry(quarter).or_default() += count;
            }
        }
        for (latency, seconds) in &report.latencies {
            let into = self.latencies.entry(*latency).or_insert_with(BySecond::growing);
            for (second, text) in seconds {
                match codec::decode(text) {
                    Ok(histogram) => into.add(*second, &histogram),
                    Err(error) => {
                        self.undecoded += 1;
                        *self
                            .errors
                            .entry(format!("instance {instance}: {error}"))
                            .or_default() += 1;
                    }
                }
            }
        }
        let it = self.instance(instance);
        for (partition, offsets) in &report.processed {
            it.processed.entry(*partition).or_default().union_with(offsets);
        }
        // Two reports may be written in either order; the tallies of the later one hold.
        if report.seq >= it.tallies.seq {
            it.tallies = Report {
                processed: BTreeMap::new(),
                fresh: Vec::new(),
                latencies: BTreeMap::new(),
                ..report
            };
        }
    }

    /// The offsets that are no canary's.
    fn news(&self, partition: i32, offsets: &OffsetSet) -> OffsetSet {
        match self.canaries.get(&partition) {
            Some(canaries) => offsets.difference(canaries),
            None => offsets.clone(),
        }
    }

    fn others(&self, instance: u32, partition: i32) -> OffsetSet {
        let others = self.instances.iter().filter(|(index, _)| **index != instance);
        let sets = others.filter_map(|(_, other)| other.processed.get(&partition));
        sets.fold(OffsetSet::new(), |all, set| all.union(set))
    }

    fn others_have(&self, instance: u32, fresh: &Fresh) -> bool {
        let others = self.instances.iter().filter(|(index, _)| **index != instance);
        let mut sets = others.filter_map(|(_, other)| other.processed.get(&fresh.partition));
        sets.any(|set| set.contains(fresh.offset))
    }

    fn first(&mut self, fresh: &Fresh) {
        *self.received.entry(quarter_of(fresh.received)).or_default() += 1;
        *self.processed.entry(quarter_of(fresh.processed)).or_default() += 1;
        for (latency, ns, negative) in fresh.latencies() {
            let seconds = self.latencies.entry(latency).or_insert_with(BySecond::growing);
            seconds.record(second_of(fresh.due), ns);
            self.negative_fresh += u64::from(negative);
        }
    }

    /// Whether a canary came through every partition, every partition is with exactly one member, and all `members` are in the group.
    pub fn ready(&self, partitions: u32, members: u32) -> bool {
        self.standing(partitions, members).is_ready()
    }

    /// Who has what, as of now; shows itself as a sentence for an error.
    pub fn standing(&self, partitions: u32, members: u32) -> Standing {
        let mut standing = Standing::new(partitions, members);
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
        let sets = |instance: &Instance| {
            let mut sets: Vec<_> = (0..partitions as i32)
                .map(|partition| instance.processed.get(&partition).cloned().unwrap_or_default())
                .collect();
            // What a killed instance had in its hands was received, if never processed.
            for (partition, offset) in &instance.tallies.in_hand {
                if let Some(set) = sets.get_mut(*partition as usize) {
                    set.insert(*offset);
                }
            }
            sets
        };
        self.instances.values().map(sets).collect()
    }

    /// Offsets of canaries that arrived, one set a partition.
    pub fn canaries(&self, partitions: u32) -> Vec<OffsetSet> {
        let set = |partition| self.canaries.get(&partition).cloned().unwrap_or_default();
        (0..partitions as i32).map(set).collect()
    }

    /// First receipts by absolute quarter second.
    pub fn received_quarters(&self) -> &BTreeMap<u64, u64> {
        &self.received
    }

    /// First completions by absolute quarter second.
    pub fn processed_quarters(&self) -> &BTreeMap<u64, u64> {
        &self.processed
    }

    /// First completions so far.
    pub fn processed(&self) -> u64 {
        self.processed.values().sum()
    }

    /// Receive latency, end-to-end latency and process service time, by the second of due.
    pub fn latencies(&self) -> &BTreeMap<Latency, BySecond> {
        &self.latencies
    }

    /// All comings and goings of partitions, in the order in which they were learned.
    pub fn rebalances(&self) -> &[Rebalance] {
        &self.rebalances
    }

    /// Errors that instances told, and lines that could not be read, each with its count.
    pub fn errors(&self) -> &BTreeMap<String, u64> {
        &self.errors
    }

    /// The first error that ended an instance.
    pub fn fatal(&self) -> Option<&str> {
        self.fatal.as_deref()
    }

    /// Instances whose output has ended.
    pub fn ended(&self) -> impl Iterator<Item = u32> + '_ {
        self.instances
            .iter()
            .filter(|(_, it)| it.ended)
            .map(|(index, _)| *index)
    }

    /// Instances that wrote a last line; what others had not written is unknown.
    pub fn finished(&self) -> impl Iterator<Item = u32> + '_ {
        self.instances
            .iter()
            .filter(|(_, it)| it.tallies.last)
            .map(|(index, _)| *index)
    }

    /// Redeliveries that an instance saw of what it had processed itself, canaries apart.
    pub fn duplicates_within(&self) -> u64 {
        self.total(|report| report.duplicates)
    }

    /// Deliveries out of order, redeliveries apart.
    pub fn out_of_order(&self) -> u64 {
        self.total(|report| report.out_of_order)
    }

    /// Messages without an envelope of the trial.
    pub fn foreign(&self) -> u64 {
        self.total(|report| report.foreign)
    }

    /// Latencies that came out negative and were counted as zero.
    pub fn negative(&self) -> u64 {
        self.negative_fresh + self.total(|report| report.negative)
    }

    /// Values that no histogram could hold, and histograms that could not be read.
    pub fn out_of_range(&self) -> u64 {
        let here: u64 = self.latencies.values().map(BySecond::out_of_range).sum();
        here + self.undecoded + self.total(|report| report.out_of_range)
    }

    /// Redeliveries that could not be told from first processings and are in the latencies and rates.
    pub fn unattributed_redeliveries(&self) -> u64 {
        self.unattributed_redeliveries
    }

    /// CPU time of all instances, as each last told.
    pub fn cpu_ns(&self) -> u64 {
        self.total(|report| report.cpu_ns)
    }

    fn total(&self, of: impl Fn(&Report) -> u64) -> u64 {
        self.instances
            .values()
            .map(|instance| of(&instance.tallies))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumers::Quarters;
    use crate::timeline::{QUARTER_NS, SECOND_NS};

    fn add(gathered: &mut Gathered, instance: u32, line: Line) {
        gathered.add(instance, 5, Event::Line(line));
    }

    fn assigned(partitions: &[i32]) -> Line {
        Line::Assigned {
            thread: 0,
            partitions: partitions.to_vec(),
        }
    }

    fn report(seq: u64, offsets: (i64, i64)) -> Report {
        Report {
            seq,
            processed: [(0, vec![offsets].into())].into(),
            ..Report::default()
        }
    }

    fn fresh(offset: i64) -> Fresh {
        Fresh {
            partition: 0,
            offset,
            due: 10 * SECOND_NS,
            received: 11 * SECOND_NS,
            processed: 12 * SECOND_NS,
        }
    }

    fn say(gathered: &mut Gathered, instance: u32, report: Report) {
        add(gathered, instance, Line::Report(Box::new(report)));
    }

    #[test]
    fn what_another_instance_had_processed_is_no_first_completion() {
        let mut gathered = Gathered::default();
        say(&mut gathered, 0, report(0, (0, 60)));
        let moved = Report {
            fresh: (50..100).map(fresh).collect(),
            ..report(0, (50, 100))
        };
        say(&mut gathered, 1, moved);
        assert_eq!(gathered.processed(), 40);
        assert_eq!(gathered.processed_quarters()[&(12 * SECOND_NS / QUARTER_NS)], 40);
        assert_eq!(gathered.latencies()[&Latency::EndToEnd].sum(10, 11).len(), 40);
        assert_eq!(gathered.unattributed_redeliveries(), 0);
    }

    #[test]
    fn redeliveries_that_were_not_told_one_by_one_are_counted_as_such() {
        let mut gathered = Gathered::default();
        add(
            &mut gathered,
            0,
            Line::Canary {
                partition: 0,
                offset: 0,
            },
        );
        say(&mut gathered, 0, report(0, (0, 60)));
        say(&mut gathered, 1, report(0, (0, 10)));
        assert_eq!(
            gathered.unattributed_redeliveries(),
            9,
            "the canary is nobody's message"
        );
    }

    #[test]
    fn reports_of_all_instances_are_added_up() {
        let histogram = |ns| {
            let mut histogram = crate::books::seconds::histogram();
            histogram.record(ns).unwrap();
            codec::encode(&histogram).unwrap()
        };
        let mut gathered = Gathered::default();
        for (instance, seq) in [(0, 0), (0, 1), (1, 0)] {
            let start = (seq * 10 + u64::from(instance) * 100) as i64;
            let report = Report {
                received_quarters: Quarters {
                    first: 40,
                    counts: vec![10],
                },
                processed_quarters: Quarters {
                    first: 40,
                    counts: vec![4, 6],
                },
                latencies: [(Latency::Receive, [(10, histogram(7))].into())].into(),
                duplicates: seq + 1,
                negative: 1,
                cpu_ns: 100 * (seq + 1),
                last: seq == 1,
                ..report(seq, (start, start + 10))
            };
            say(&mut gathered, instance, report);
        }
        assert_eq!(
            gathered.processed_quarters(),
            &BTreeMap::from([(40, 12), (41, 18)])
        );
        assert_eq!(gathered.received_quarters(), &BTreeMap::from([(40, 30)]));
        assert_eq!(gathered.latencies()[&Latency::Receive].len(), 3);
        assert_eq!(
            (
                gathered.duplicates_within(),
                gathered.negative(),
                gathered.cpu_ns()
            ),
            (3, 2, 300)
        );
        assert_eq!(
            gathered.received_offsets(1),
            [[vec![(0, 20)].into()], [vec![(100, 110)].into()]]
        );
        assert_eq!(gathered.finished().collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn what_a_killed_instance_held_was_received() {
        let mut gathered = Gathered::default();
        let held = Report {
            in_hand: vec![(0, 10)],
            ..report(0, (0, 10))
        };
        say(&mut gathered, 0, held);
        gathered.add(0, 9, Event::Ended);
        assert_eq!(gathered.received_offsets(1)[0][0].len(), 11);
        assert_eq!((gathered.ended().count(), gathered.finished().count()), (1, 0));
    }

    #[test]
    fn an_older_report_that_comes_late_takes_no_tally_back() {
        let mut gathered = Gathered::default();
        for (seq, duplicates) in [(1, 5), (0, 3)] {
            say(
                &mut gathered,
                0,
                Report {
                    duplicates,
                    ..report(seq, (0, 1))
                },
            );
        }
        assert_eq!(gathered.duplicates_within(), 5);
    }

    #[test]
    fn a_group_gets_ready_while_partitions_move() {
        let mut gathered = Gathered::default();
        add(&mut gathered, 0, assigned(&[0, 1]));
        for partition in 0..2 {
            add(&mut gathered, 0, Line::Canary { partition, offset: 0 });
        }
        assert!(gathered.ready(2, 1) && !gathered.ready(2, 2));
        add(
            &mut gathered,
            0,
            Line::Revoked {
                thread: 0,
                partitions: vec![0, 1],
            },
        );
        assert!(!gathered.ready(2, 1));
        add(&mut gathered, 0, assigned(&[0]));
        add(&mut gathered, 1, assigned(&[1]));
        assert!(gathered.ready(2, 2));
        add(&mut gathered, 2, Line::Joined { thread: 0 });
        assert!(gathered.ready(2, 3), "an idle member is a member");
        gathered.add(1, 9, Event::Ended);
        assert!(!gathered.ready(2, 2), "{}", gathered.standing(2, 2));
        assert_eq!(gathered.rebalances().iter().filter(|it| it.came).count(), 3);
    }

    #[test]
    fn errors_are_kept_with_their_count() {
        let mut gathered = Gathered::default();
        for fatal in [false, true] {
            add(
                &mut gathered,
                4,
                Line::Error {
                    text: "no broker".to_owned(),
                    fatal,
                },
            );
        }
        gathered.add(4, 9, Event::Unreadable("half a line".to_owned()));
        assert_eq!(gathered.errors()["no broker"], 2);
        assert_eq!(gathered.errors()["half a line"], 1);
        assert_eq!(gathered.fatal(), Some("instance 4: no broker"));
    }
}
