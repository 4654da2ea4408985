//! A group as it stands: who has which partition, who is in it, where a canary came through.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::alike::together;

/// A group as it stands, beside what it should be. Shown as one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    partitions: u32,
    /// Of the topic that has most.
    widest: u32,
    members: u32,
    owners: BTreeMap<i32, Vec<(u32, u32)>>,
    /// Members that have joined.
    pub joined: u32,
    /// Partitions that a canary came through.
    pub canaries: BTreeSet<i32>,
}

impl Standing {
    /// An empty group that should have `members` on so many partitions, of which the topic that has most has `widest`.
    pub fn new((partitions, widest): (u32, u32), members: u32) -> Self {
        Standing {
            partitions,
            widest,
            members,
            owners: BTreeMap::new(),
            joined: 0,
            canaries: BTreeSet::new(),
        }
    }

    /// A partition is with that thread of that instance.
    pub fn owned(&mut self, partition: i32, instance: u32, thread: u32) {
        self.owners.entry(partition).or_default().push((instance, thread));
    }

    /// Whether all is as it should be.
    pub fn is_ready(&self) -> bool {
        let settled = |partition| {
            self.canaries.contains(&partition)
                && self.owners.get(&partition).is_some_and(|owners| owners.len() == 1)
        };
        // A first member has all partitions until the others have their share: only then does the group stand.
        let owners: BTreeSet<(u32, u32)> = self.owners.values().flatten().copied().collect();
        // Of several topics an assignor may give the first partitions of each to the same members.
        let shared_out = owners.len() as u32 >= self.members.min(self.widest);
        self.joined == self.members && shared_out && (0..self.partitions as i32).all(settled)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} members joined", self.joined, self.members)?;
        // Partitions that fare alike are told together, or a topic of a thousand would fill the screen.
        let each = (0..self.partitions as i32).map(|partition| (self.fate(partition), partition));
        for (fate, partitions) in together(each) {
            let noun = if partitions.len() == 1 { "partition" } else { "partitions" };
            let list: Vec<_> = partitions.iter().map(ToString::to_string).collect();
            write!(f, "; {noun} {}: {fate}", list.join(", "))?;
        }
        Ok(())
    }
}

impl Standing {
    fn fate(&self, partition: i32) -> String {
        let owners = self.owners.get(&partition).map(Vec::as_slice).unwrap_or_default();
        let names: Vec<_> =
            owners.iter().map(|(instance, thread)| format!("instance {instance} thread {thread}")).collect();
        let owner = if names.is_empty() { "nobody".to_owned() } else { names.join(" and ") };
        let canary = if self.canaries.contains(&partition) { "" } else { ", no canary" };
        format!("{owner}{canary}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> Standing {
        let mut standing = Standing::new((2, 2), 3);
        standing.joined = 3;
        standing.owned(0, 0, 0);
        standing.owned(1, 1, 0);
        standing.canaries = [0, 1].into();
        standing
    }

    #[test]
    fn a_group_is_ready_when_each_partition_has_one_owner_and_a_canary_and_all_have_joined() {
        assert!(standing().is_ready(), "the third member is idle, and still in the group");
        let missing_member = Standing { joined: 2, ..standing() };
        let missing_canary = Standing { canaries: [0].into(), ..standing() };
        let mut two_owners = standing();
        two_owners.owned(1, 2, 0);
        let mut no_owner = standing();
        no_owner.owners.remove(&1);
        let mut not_shared_out = standing();
        not_shared_out.owners.insert(1, vec![(0, 0)]);
        let mut two_topics = standing();
        (two_topics.widest, two_topics.owners) = (1, not_shared_out.owners.clone());
        assert!(two_topics.is_ready(), "each of two topics may give its only partition to the first");
        for unready in [not_shared_out, missing_member, missing_canary, two_owners, no_owner] {
            assert!(!unready.is_ready(), "{unready}");
        }
    }

    #[test]
    fn it_says_what_is_missing() {
        let mut standing = Standing::new((4, 4), 2);
        standing.joined = 1;
        standing.owned(0, 0, 0);
        standing.owned(1, 0, 1);
        standing.owned(1, 1, 0);
        standing.canaries = [0].into();
        assert_eq!(
            standing.to_string(),
            "1 of 2 members joined; partition 0: instance 0 thread 0; partition 1: instance 0 thread 1 and instance 1 thread 0, no canary; \
             partitions 2, 3: nobody, no canary"
        );
    }
}
