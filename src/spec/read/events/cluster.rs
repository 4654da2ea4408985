//! Events that are done to the cluster itself, and so to all groups.

use super::super::Section;
use super::super::tree::Entry;
use crate::fault::Fault;
use crate::spec::{Cluster, Consumers, Deed, Reconfigured, Topic};

/// Keys of such events.
pub(super) const KINDS: [&str; 2] = ["topic", "config"];
/// What is done to the cluster is done to all groups.
pub(super) const NO_GROUP: (&str, &str) =
    ("a cluster is in no group", "leave `group` out: what is done to the cluster is done to all groups");

/// What is done to the cluster.
pub(super) fn deed(
    entry: &Entry,
    (cluster, topic, partitions_unknown): (&Cluster, &Topic, bool),
    consumers: &[Consumers],
    faults: &mut Vec<Fault>,
) -> Option<Deed> {
    let inside = Section { node: Some(&entry.node), origin: &entry.origin };
    if entry.key == "topic" {
        if topic.is_several() && topic.is_own() {
            let what = "partitions are added to one topic, and there are several";
            faults.push(entry.origin.fault(what, Some("leave `topic.count` out".to_owned())));
        }
        if !topic.is_own() {
            let what = "partitions cannot be added to a topic that was there before: it is never altered";
            let hint = "leave `topic.existing` out: then each trial has a topic of its own";
            faults.push(entry.origin.fault(what, Some(hint.to_owned())));
        }
        if consumers.iter().any(|group| group.output.is_some()) {
            let what = "results cannot be followed back to messages of a topic that grows";
            let hint = "leave `consumers.output` out";
            faults.push(entry.origin.fault(what, Some(hint.to_owned())));
        }
        let node = inside.get("partitions")?;
        let partitions: u32 = node.text()?.parse().ok()?;
        if !partitions_unknown && partitions <= topic.partitions {
            let what =
                format!("a topic of {} partitions cannot be made one of {partitions}", topic.partitions);
            let hint =
                Some(format!("partitions can only be added: write `{}` or more", topic.partitions + 1));
            faults.push(node.origin.fault(what, hint));
        }
        return Some(Deed::Grow(partitions));
    }
    let change = Reconfigured { topic: inside.config("topic"), brokers: inside.config("brokers") };
    if change == Reconfigured::default() {
        let hint = "write `config: { topic: { max.message.bytes: 1000 } }` or `config: { brokers: { num.io.threads: 2 } }`";
        faults.push(entry.origin.lack("a `config` changes nothing", Some(hint.to_owned())));
        return None;
    }
    if let Some(own) = entry.node.get("topic").filter(|_| !topic.is_own()) {
        let what = "nothing is changed of a topic that was there before";
        let hint = "leave `topic.existing` out: then each trial has a topic of its own";
        faults.push(own.origin.fault(what, Some(hint.to_owned())));
    }
    if let Some(brokers) = entry.node.get("brokers").filter(|_| matches!(cluster, Cluster::Bootstrap { .. }))
    {
        let what = "settings of brokers that bench did not start are not changed";
        let hint = "write `cluster: { kafka: {} }`, or change settings of the `topic`";
        faults.push(brokers.origin.fault(what, Some(hint.to_owned())));
    }
    Some(Deed::Config(Box::new(change)))
}
