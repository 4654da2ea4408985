//! The story of a group from outside: who is in it and has what, from description to description.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use crate::cluster::Described;
use crate::timeline::{Clock, SECOND_NS};

/// Once a second: a rebalance lasts longer than that, or leaves other members or partitions behind.
const EVERY_NS: u64 = SECOND_NS;
/// How long to wait at once, so that a stop is heard.
const STEP: Duration = Duration::from_millis(50);

/// Something that changed in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// When the answer was there, Unix ns.
    pub at: u64,
    /// Members that it then had.
    pub members: u32,
    /// What changed, in a sentence.
    pub what: String,
}

/// Compares descriptions, one after the other.
#[derive(Debug, Default)]
pub struct Story {
    last: Option<Described>,
    /// It was seen between two assignments since.
    unsettled: bool,
}

impl Story {
    /// What a description tells that the last settled one did not; nothing of the first, nothing while members still move, and nothing before there is any.
    pub fn next(&mut self, now: &Described) -> Option<String> {
        if now.is_deserted() {
            self.unsettled = false;
            let last = self.last.as_mut()?;
            let before = std::mem::replace(last, now.clone()).members.len();
            return (before > 0).then(|| format!("the group has no members any more, {before} before"));
        }
        if !now.stable {
            self.unsettled |= self.last.is_some();
            return None;
        }
        let unsettled = std::mem::take(&mut self.unsettled);
        let last = self.last.replace(now.clone())?;
        if last.members == now.members && !unsettled {
            return None;
        }
        let each: Vec<String> = now
            .members
            .iter()
            .map(|member| format!("{} has {:?}", member.client_id, member.partitions))
            .collect();
        let (before, after) = (last.members.len(), now.members.len());
        Some(format!("the group rebalanced, {before} members before, {after} after: {}", each.join(", ")))
    }
}

/// Asks until `stop` is set, and tells what changed; a description that fails is left out.
pub fn follow_members(
    mut describe: impl FnMut() -> Option<Described>,
    (clock, stop): (Clock, &AtomicBool),
    mut tell: impl FnMut(Moved),
) {
    let mut story = Story::default();
    let mut next = clock.now();
    while !stop.load(Relaxed) {
        let now = clock.now();
        if now < next {
            std::thread::sleep(STEP.min(Duration::from_nanos(next - now)));
            continue;
        }
        next = now + EVERY_NS;
        let Some(described) = describe() else { continue };
        let members = described.members.len() as u32;
        if let Some(what) = story.next(&described) {
            tell(Moved { at: clock.now(), members, what });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::DescribedMember;

    fn group(stable: bool, members: &[(&str, &[i32])]) -> Described {
        let member = |(id, partitions): &(&str, &[i32])| DescribedMember {
            id: (*id).to_owned(),
            client_id: format!("client-{id}"),
            partitions: partitions.to_vec(),
        };
        Described { stable, state: String::new(), members: members.iter().map(member).collect() }
    }

    #[test]
    fn a_rebalance_is_told_once_when_it_is_over() {
        let mut story = Story::default();
        assert_eq!(story.next(&group(false, &[])), None, "it comes together for the first time");
        assert_eq!(story.next(&group(true, &[("a", &[0]), ("b", &[1])])), None);
        assert_eq!(story.next(&group(true, &[("a", &[0]), ("b", &[1])])), None);
        assert_eq!(story.next(&group(false, &[("a", &[])])), None);
        let told = story.next(&group(true, &[("a", &[0, 1])])).unwrap();
        assert_eq!(told, "the group rebalanced, 2 members before, 1 after: client-a has [0, 1]");
        assert_eq!(story.next(&group(true, &[("a", &[0, 1])])), None);
        story.next(&group(false, &[("a", &[])]));
        assert!(
            story.next(&group(true, &[("a", &[0, 1])])).is_some(),
            "all have what they had, and stood still for it"
        );
        assert!(story.next(&group(true, &[("c", &[0, 1])])).is_some(), "another has it");
    }

    #[test]
    fn a_group_that_all_members_have_left_is_told_once_and_so_is_who_comes_back() {
        for state in ["Empty", "Dead"] {
            let empty = Described { state: state.to_owned(), ..group(false, &[]) };
            let mut story = Story::default();
            assert_eq!(story.next(&empty), None, "nobody has come yet");
            assert_eq!(story.next(&group(true, &[("a", &[0]), ("b", &[1])])), None);
            assert_eq!(story.next(&group(false, &[("a", &[])])), None);
            assert_eq!(story.next(&empty).unwrap(), "the group has no members any more, 2 before");
            assert_eq!(story.next(&empty), None);
            let back = story.next(&group(true, &[("c", &[0, 1])])).unwrap();
            assert_eq!(back, "the group rebalanced, 0 members before, 1 after: client-c has [0, 1]");
        }
    }
}
