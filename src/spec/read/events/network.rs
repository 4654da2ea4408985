//! Events that change the network between clients and brokers.

use super::super::Section;
use super::super::network::{network, reaches};
use super::super::tree::Node;
use super::{Deed, length, whom};
use crate::fault::Fault;
use crate::spec::{Cluster, Consumers, Role, Whom};

/// Keys of events that change the network.
pub(super) const KINDS: [&str; 2] = ["network", "partition"];
/// What is done to all who are away is done to no group.
pub(super) const NO_GROUP: (&str, &str) =
    ("the network is of all groups", "leave `group` out, or let a `partition` meet an `instance` of it");

/// What is done to the network.
pub(super) fn deed(
    kind: &str,
    inside: Section<'_>,
    around: (&Cluster, &[Consumers]),
    faults: &mut Vec<Fault>,
) -> Option<Deed> {
    if kind == "network" {
        let network = network(inside, around, faults);
        for role in Role::ALL {
            if let Some(node) = inside.under(role.name()).get("instance") {
                let hint = "write it under `network` of the file, outside of `events`";
                let what = "what an instance's network gives is the same in all of a trial";
                faults.push(node.origin.fault(what, Some(hint.to_owned())));
            }
        }
        if network.links().next().is_none() {
            let hint = "write `network: { consumers: { rtt: 76ms } }`";
            faults.push(
                inside.origin.fault("a `network` that changes nobody's is none", Some(hint.to_owned())),
            );
            return None;
        }
        return Some(Deed::Network(Box::new(network)));
    }
    for (key, hint) in [("from", "write `from: consumers`"), ("to", "write `to: brokers`")] {
        if inside.get(key).is_none() {
            faults.push(inside.origin.fault(format!("a `partition` has no `{key}`"), Some(hint.to_owned())));
        }
    }
    let from = inside.get("from").and_then(Node::text).and_then(Role::named);
    if let Some((node, role)) = inside.get("from").zip(from) {
        reaches(role, node, around, faults);
    }
    let whom = inside.get("instance").is_some().then(|| whom(inside, faults));
    if let Some(node) = inside.get("instance").filter(|_| from.is_some_and(|from| from != Role::Consumers)) {
        let hint = "leave `instance` out: all of them are cut off";
        let what = "only consumers can be cut off one by one";
        faults.push(node.origin.fault(what, Some(hint.to_owned())));
    }
    let whom = match whom {
        None | Some(Some(Whom::All)) => None,
        Some(one) => Some(one?),
    };
    Some(Deed::Partition { from: from?, whom, length: length(inside, kind, faults)? })
}
