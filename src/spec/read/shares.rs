//! Share groups (KIP-932), and what does not go together with them.

use super::super::{Consumers, Runs, Topic};
use super::Section;
use crate::fault::Fault;

/// Whether a group is a share group.
pub(super) fn shares(group: Section<'_>, runs: &Runs, faults: &mut Vec<Fault>) -> bool {
    let Some(node) = group.get("group_type").filter(|node| node.text() == Some("share")) else {
        return false;
    };
    if *runs == Runs::Process {
        let hint =
            "name the program that reads: `backend: { command: { run: \"…\" } }`, or leave `group_type` out";
        let what = "the reference consumer reads in a group of consumers, and in no share group";
        faults.push(node.origin.fault(what, Some(hint.to_owned())));
    }
    true
}

/// Where a share group begins is a setting of its own, and no offset that somebody commits for it.
pub(super) fn begin_by_themselves(
    section: Section<'_>,
    (consumers, topic): (&[Consumers], &Topic),
    faults: &mut Vec<Fault>,
) {
    let resets = topic.existing.iter().any(|one| one.reset.is_some())
        || topic.pattern.as_ref().is_some_and(|pattern| pattern.reset.is_some());
    if resets && consumers.iter().any(|group| group.shares) {
        let what = "a share group is not put anywhere by `reset`: its setting `share.auto.offset.reset` says where it begins";
        faults.push(section.origin.fault(what, Some("leave `reset` out".to_owned())));
    }
}
