//! The topic of a trial: made anew, or there already.

use super::super::{Cluster, Existing, OfCluster, Reset, Topic};
use super::Section;
use super::check::DEFAULT;
use super::tree::Node;
use crate::fault::Fault;

/// A topic's name has 249 characters at most, and bench adds its own, and those of fleets where they have transactions.
const LONGEST_PREFIX: usize = 150;
/// The longest name that Kafka gives a topic.
const LONGEST_NAME: usize = 249;

/// The topic, and which of its numbers only the cluster knows.
pub(super) fn topic(section: Section<'_>, cluster: &Cluster, faults: &mut Vec<Fault>) -> (Topic, OfCluster) {
    let existing = existing(section, cluster, faults);
    let is_there = existing.is_some();
    let by_default = |key: &str| section.get(key).and_then(Node::text) == Some(DEFAULT);
    let of_cluster = OfCluster {
        partitions: is_there || by_default("partitions"),
        replication: is_there || by_default("replication"),
    };
    let replication = section.at_least_one("replication");
    if let (Cluster::Kafka { brokers, .. }, Some(node)) = (cluster, section.get("replication"))
        && replication > *brokers
    {
        let hint = Some(format!(
            "write `replication: {brokers}`, or `cluster: {{ kafka: {{ brokers: {replication} }} }}`, or name a cluster of more brokers under `cluster: bootstrap:`"
        ));
        let has = if *brokers == 1 { "1 broker".to_owned() } else { format!("{brokers} brokers") };
        faults.push(node.origin.fault(format!("{replication} replicas do not fit on {has}"), hint));
    }
    let topic = Topic {
        partitions: section.at_least_one("partitions"),
        replication: u16::try_from(replication).unwrap_or(u16::MAX),
        config: section.config("config"),
        existing,
    };
    (topic, of_cluster)
}

/// One that is there already: nothing of it can be set.
fn existing(section: Section<'_>, cluster: &Cluster, faults: &mut Vec<Fault>) -> Option<Existing> {
    let entry = section.node.and_then(|node| node.get("existing"));
    let reset = section.get("reset").and_then(|node| Some((node, node.text()?)));
    let read = reset.and_then(|(_, text)| Reset::read(text));
    if let Some((node, text)) = reset.filter(|_| read.is_none()) {
        let hint = "write `latest`, `earliest`, a moment (`2026-11-27T10:00:00Z`), or how long ago (`10m`)";
        let what = format!("`{text}` is nowhere that a group could begin");
        faults.push(node.origin.fault(what, Some(hint.to_owned())));
    }
    let Some(entry) = entry else {
        if let Some(entry) = section.node.and_then(|node| node.get("reset")) {
            let hint = Some("leave it out: a new topic is read from its beginning".to_owned());
            faults.push(entry.origin.fault("`topic.reset` is for a topic that is there already", hint));
        }
        return None;
    };
    let name = entry.node.text()?.to_owned();
    check_name(&entry.node, &name, faults);
    for key in ["partitions", "replication", "config", "prefix"] {
        if let Some(set) = section.node.and_then(|node| node.get(key)) {
            let hint = format!("leave it out, or leave `existing: {name}` out for a topic of the run's own");
            let what = format!("`topic.{key}` cannot be set: `{name}` is there already, and is not altered");
            faults.push(set.origin.fault(what, Some(hint)));
        }
    }
    if matches!(cluster, Cluster::Kafka { .. }) {
        let hint = "name the cluster that has it: `cluster: { bootstrap: { servers: \"localhost:9092\" } }`";
        let what = format!("a broker that bench starts has no topic `{name}`");
        faults.push(entry.node.origin.fault(what, Some(hint.to_owned())));
    }
    Some(Existing { name, reset: read })
}

/// A name that Kafka gives no topic is a fault.
pub(super) fn check_name(node: &Node, name: &str, faults: &mut Vec<Fault>) {
    if !is_topic(name) {
        let hint = format!("use letters, digits, `.`, `_` and `-`, at most {LONGEST_NAME} of them");
        faults.push(node.origin.fault(format!("no topic is named `{name}`"), Some(hint)));
    }
}

fn is_topic(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.chars().all(plain) && (1..=LONGEST_NAME).contains(&name.len()) && ![".", ".."].contains(&name)
}

/// How the names of topics begin.
pub(super) fn prefix(section: Section<'_>, faults: &mut Vec<Fault>) -> String {
    let prefix: String = section.read("prefix").unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if let Some(node) =
        section.get("prefix").filter(|_| !prefix.chars().all(plain) || prefix.len() > LONGEST_PREFIX)
    {
        let hint = Some(format!("use letters, digits, `.`, `_` and `-`, at most {LONGEST_PREFIX} of them"));
        faults.push(node.origin.fault(format!("no topic's name can begin with `{prefix}`"), hint));
    }
    prefix
}
