//! What is told of a group while it runs: partitions that moved, errors, seconds of emulated instances. On files as it comes, read when the trial is over.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use super::seconds::Seconds;
use super::times::Times;
use crate::books::{InstanceSecond, Kinds};
use crate::consumers::Happening;
use crate::record::{Scroll, Scrolled, StoreError};

/// What happened, with its time (Unix ns): kind and sentence.
pub type Happened = (u64, String, String);

/// One that is being written.
#[derive(Debug)]
pub struct Journal {
    happened: Scroll<Happening>,
    seconds: Scroll<InstanceSecond>,
}

/// One that is written.
#[derive(Debug, Default)]
pub struct Journaled {
    happened: Scrolled<Happening>,
    seconds: Scrolled<InstanceSecond>,
}

impl Journal {
    /// An empty one, on nameless files in a folder.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        Ok(Journal { happened: Scroll::create(folder)?, seconds: Scroll::create(folder)? })
    }

    /// Writes down what was told since it was asked last; the seconds of each instance in the order of time.
    pub fn write(&mut self, happened: &[Happening], seconds: &[InstanceSecond]) {
        for one in happened {
            self.happened.push(one);
        }
        for one in seconds {
            self.seconds.push(one);
        }
    }

    /// No more will come.
    pub fn finish(self) -> Result<Journaled, StoreError> {
        Ok(Journaled { happened: self.happened.finish()?, seconds: self.seconds.finish()? })
    }
}

impl Journaled {
    /// How many rebalances moved a partition within a span of time (Unix ns) and were not `caused` by what was done on purpose in these others; errors are
    /// counted that are not `excused` so. A cooperative group also tells members that nothing has changed for them.
    pub fn count(
        &self,
        within: &Range<u64>,
        (caused, excused): (&[Range<u64>], &[Range<u64>]),
        errors: &mut Kinds,
    ) -> Result<u32, String> {
        let mut moves = 0;
        let counts =
            |at: u64, but: &[Range<u64>]| within.contains(&at) && but.iter().all(|span| !span.contains(&at));
        for one in self.happened.iter() {
            match one? {
                Happening::Rebalance(one) if counts(one.at_ns, caused) => {
                    moves += u32::from(!one.partitions.is_empty());
                }
                Happening::Complaint(one) if counts(one.at_ns, excused) => {
                    errors.count(&one.text, one.times);
                }
                _ => {}
            }
        }
        Ok(moves)
    }

    /// When, in a span of time (Unix ns), a member of another instance than these first learned that partitions move, and how many came to such.
    pub fn first_move(&self, within: Range<u64>, met: &[u32]) -> Result<(Option<u64>, u32), String> {
        let (mut first, mut came): (Option<u64>, BTreeSet<i32>) = (None, BTreeSet::new());
        for one in self.happened.iter() {
            let Happening::Rebalance(one) = one? else { continue };
            if !within.contains(&one.at_ns) || met.contains(&one.instance) || one.partitions.is_empty() {
                continue;
            }
            first = Some(first.map_or(one.at_ns, |first| first.min(one.at_ns)));
            if one.came {
                came.extend(&one.partitions);
            }
        }
        Ok((first, came.len() as u32))
    }

    /// When, from a time on (Unix ns), a member was first given one of these partitions; none where none was.
    pub fn first_given(&self, since: u64, partitions: &Range<u32>) -> Result<Option<u64>, String> {
        let mut first: Option<u64> = None;
        for one in self.happened.iter() {
            let Happening::Rebalance(one) = one? else { continue };
            let is_new = |own: &i32| u32::try_from(*own).is_ok_and(|own| partitions.contains(&own));
            if one.came && one.at_ns >= since && one.partitions.iter().any(is_new) {
                first = Some(first.map_or(one.at_ns, |first| first.min(one.at_ns)));
            }
        }
        Ok(first)
    }

    /// What happened, in the order of time; `of` names the group where there are several.
    pub fn happened(
        &self,
        of: Option<&str>,
    ) -> Result<impl Iterator<Item = Result<Happened, String>>, String> {
        let of = of.map(|name| format!(" of `{name}`")).unwrap_or_default();
        let told = self.happened.in_order_of(Happening::at_ns)?;
        Ok(told.map(move |one| {
            Ok(match one? {
                Happening::Complaint(one) => (one.at_ns, "consumer_error".to_owned(), one.text),
                Happening::Rebalance(one) => {
                    let came = if one.came { "came to" } else { "went from" };
                    let text = format!(
                        "partitions {:?} {came} instance {}, thread {}{of}",
                        one.partitions, one.instance, one.thread
                    );
                    (one.at_ns, "rebalance".to_owned(), text)
                }
            })
        }))
    }

    /// Seconds of emulated instances: those of each together, in the order of time.
    pub fn seconds(&self) -> Result<impl Iterator<Item = Result<InstanceSecond, String>>, String> {
        self.seconds.in_order_of(|second| second.instance)
    }

    /// What they come to, by instance.
    pub fn sums(&self, times: Option<&Times>) -> Result<BTreeMap<u32, Seconds>, String> {
        let mut sums: BTreeMap<u32, Seconds> = BTreeMap::new();
        for second in self.seconds.iter() {
            let second = second?;
            sums.entry(second.instance).or_default().add(&second, times);
        }
        Ok(sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumers::{Complaint, Rebalance};

    fn moved(at_ns: u64, partitions: &[i32]) -> Happening {
        let partitions = partitions.to_vec();
        Happening::Rebalance(Rebalance { at_ns, instance: 1, thread: 0, came: true, partitions })
    }

    fn complaint(at_ns: u64, text: &str, times: u64) -> Happening {
        Happening::Complaint(Complaint { at_ns, text: text.to_owned(), times })
    }

    fn journaled(happened: &[Happening], seconds: &[InstanceSecond]) -> Journaled {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(folder.path()).unwrap();
        for one in happened {
            journal.write(std::slice::from_ref(one), &[]);
        }
        journal.write(&[], seconds);
        journal.finish().unwrap()
    }

    #[test]
    fn being_told_that_nothing_changed_is_no_rebalance() {
        let all = [moved(1, &[0]), moved(5, &[]), moved(6, &[1]), moved(9, &[2])];
        assert_eq!(journaled(&all, &[]).count(&(5..9), (&[], &[]), &mut Kinds::default()), Ok(1));
        let caused =
            journaled(&all, &[]).count(&(0..10), (std::slice::from_ref(&(6..8)), &[]), &mut Kinds::default());
        assert_eq!(caused, Ok(2), "what an event caused is none that nobody planned");
        assert_eq!(journaled(&all, &[]).count(&(0..10), (&[], &[]), &mut Kinds::default()), Ok(3));
    }

    #[test]
    fn a_group_has_noticed_when_another_member_learns_that_partitions_move() {
        let told = |at_ns, instance, came, partitions: &[i32]| {
            let partitions = partitions.to_vec();
            Happening::Rebalance(Rebalance { at_ns, instance, thread: 0, came, partitions })
        };
        let all = [
            told(3, 1, false, &[1, 2]),
            told(4, 0, true, &[]),
            told(7, 0, false, &[0]),
            told(8, 0, true, &[0, 1, 2]),
            told(12, 0, true, &[5]),
        ];
        assert_eq!(journaled(&all, &[]).first_move(2..10, &[1]), Ok((Some(7), 3)));
        assert_eq!(journaled(&all, &[]).first_move(2..6, &[1]), Ok((None, 0)));
        assert_eq!(journaled(&all, &[]).first_given(2, &(2..9)), Ok(Some(8)));
        assert_eq!(journaled(&all, &[]).first_given(9, &(2..9)), Ok(Some(12)));
        assert_eq!(journaled(&all, &[]).first_given(2, &(6..9)), Ok(None), "nobody has asked for it yet");
    }

    #[test]
    fn errors_are_counted_by_when_they_came_and_told_in_the_order_of_time() {
        // An error may be told long after it came.
        let all =
            [complaint(8, "late", 1), moved(4, &[3]), complaint(5, "lost 3", 7), complaint(6, "lost 4", 2)];
        let (journaled, mut errors) = (journaled(&all, &[]), Kinds::default());
        assert_eq!(journaled.count(&(5..8), (&[], &[]), &mut errors), Ok(0));
        assert_eq!(errors.iter().collect::<Vec<_>>(), [("lost 3", 9)]);
        let told: Result<Vec<Happened>, String> = journaled.happened(Some("a")).unwrap().collect();
        let told = told.unwrap();
        assert_eq!(told.iter().map(|(at, ..)| *at).collect::<Vec<_>>(), [4, 5, 6, 8]);
        assert_eq!(told[0].2, "partitions [3] came to instance 1, thread 0 of `a`");
    }

    #[test]
    fn seconds_come_as_they_were_those_of_each_instance_together() {
        let second = |instance, t_s: f64| InstanceSecond {
            t_s,
            instance,
            used_vcpus: t_s / 3.0,
            balance_credits: Some(0.1 + t_s),
            ..InstanceSecond::default()
        };
        let told = [second(0, 0.0), second(1, 0.0), second(0, 1.003), second(1, 1.001)];
        let journaled = journaled(&[], &told);
        let read: Result<Vec<InstanceSecond>, String> = journaled.seconds().unwrap().collect();
        assert_eq!(read.unwrap(), [0, 2, 1, 3].map(|at: usize| told[at].clone()));
        assert_eq!(journaled.sums(None).unwrap().into_keys().collect::<Vec<_>>(), [0, 1]);
    }
}
