//! Events that launch new instances, of the same type or of another one.

use super::super::machine::of_type;
use super::super::tree::Node;
use super::super::{Section, amount};
use crate::fault::Fault;
use crate::spec::{Amount, Consumers, Deed, Emulation, How, Upgrade};
use crate::units::{InstanceType, Span};

/// How long old and new run beside each other where nothing is said.
const OVERLAP: Span = Span::from_secs(10);

/// A group as it stands in the file, and what it was read as.
#[derive(Clone, Copy)]
pub(super) struct Own<'a> {
    pub(super) section: Section<'a>,
    pub(super) read: &'a Consumers,
}

/// What takes the place of the instances of a group.
pub(super) fn deed(
    upgrade: Section<'_>,
    own: Own<'_>,
    (types, emulation): (&[InstanceType], Emulation),
    faults: &mut Vec<Fault>,
) -> Option<Deed> {
    let how = how(upgrade, own.read, faults);
    let Some(node) = upgrade.get("instance_type") else {
        let hint = Some("write `instance_type: t3.medium`".to_owned());
        faults.push(upgrade.origin.lack("an `upgrade` has no `instance_type`", hint));
        return None;
    };
    if own.read.machine.is_none() {
        let what = format!("`{}` has no `instance_type` that it could be upgraded from", own.read.group);
        let hint = "write `instance_type: t3.micro` under `consumers`".to_owned();
        faults.push(upgrade.origin.fault(what, Some(hint)));
        return None;
    }
    if own.read.compose().is_some() {
        let what = format!("the containers of `{}` are a service's, and all alike", own.read.group);
        let hint = "let `backend: container` run their image, or leave the event out";
        faults.push(upgrade.origin.fault(what, Some(hint.to_owned())));
    }
    let machine = of_type(node, own.section.under("credits"), (types, emulation), faults)?;
    Some(Deed::Upgrade(Box::new(Upgrade { machine, how: how?, boot: boot(upgrade) })))
}

fn how(upgrade: Section<'_>, group: &Consumers, faults: &mut Vec<Fault>) -> Option<How> {
    let overlap = upgrade.read("overlap").unwrap_or(OVERLAP);
    let another = upgrade.get("group").filter(|node| node.text() == Some("another"));
    if upgrade.read::<String>("how").as_deref() != Some("beside") {
        for key in ["overlap", "group"] {
            if let Some(node) = upgrade.get(key) {
                let hint = Some("write `how: beside`, or leave it out".to_owned());
                let what = format!(
                    "`{key}` is of instances that run beside each other, and these replace one another"
                );
                faults.push(node.origin.fault(what, hint));
            }
        }
        return Some(How::Replace);
    }
    let Some(another) = another else { return Some(How::Beside(overlap)) };
    if !group.tells() {
        let what = "another group of consumers that tell nothing themselves cannot be followed";
        let hint = Some("leave `group` out: then the new ones join the group".to_owned());
        faults.push(another.origin.fault(what, hint));
        return None;
    }
    Some(How::BesideInAnother(overlap))
}

/// How long a new instance takes; nothing where nothing is said.
pub(super) fn boot(event: Section<'_>) -> Amount {
    let fixed = event.under("boot").read("fixed").unwrap_or(Span::ZERO);
    amount(event, "boot").unwrap_or(Amount::Fixed(fixed))
}

/// The section of a group, by its place among those that were read: of one that was fanned out all are the same.
pub(super) fn section_of(file: Section<'_>, group: usize) -> Section<'_> {
    let consumers = file.under("consumers");
    let items: &[Node] = consumers.node.map(Node::each).unwrap_or_default();
    match items.get(group).or(items.last()) {
        Some(node) => Section { node: Some(node), origin: &node.origin },
        None => consumers,
    }
}
