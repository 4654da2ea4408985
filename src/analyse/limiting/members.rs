//! The consumers of a group, told apart by what they had to do.

use super::Case;
use crate::record::MemberTime;

/// The consumers of a group, told apart by what they had to do.
#[derive(Clone, Debug, Default)]
pub(super) struct Members<'a> {
    /// Always had something to do: nothing before them held them back.
    pub(super) full: Vec<&'a MemberTime>,
    /// Had partitions, and at times nothing in them.
    pub(super) starved: Vec<&'a MemberTime>,
    /// Had no partition.
    pub(super) without: Vec<&'a MemberTime>,
}

impl<'a> Members<'a> {
    /// None where the record does not tell of all.
    pub(super) fn of(case: &Case<'a>) -> Option<Self> {
        let asked = &case.record.asked;
        let all = asked.instances? as usize * asked.threads? as usize;
        let told = &case.record.members;
        let mut members = Members::default();
        for member in told {
            let is_full = member.is_full()?;
            if member.partitions.is_empty() {
                members.without.push(member);
            } else if is_full {
                members.full.push(member);
            } else {
                members.starved.push(member);
            }
        }
        (!told.is_empty() && told.len() >= all).then_some(members)
    }
}
