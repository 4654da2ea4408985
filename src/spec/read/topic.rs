//! The topics of a trial: made anew, or there already.

use super::super::topic::share_evenly;
use super::super::{Cluster, Existing, OfCluster, Pattern, Reset, Topic};
use super::Section;
use super::check::{DEFAULT, MOST_PARTITIONS};
use super::message::{adds_up, tells_share};
use super::tree::{Node, Origin, Value};
use crate::fault::Fault;
use crate::units::Share;

/// A topic's name has 249 characters at most, and bench adds its own, and those of fleets where they have transactions.
const LONGEST_PREFIX: usize = 150;
/// The longest name that Kafka gives a topic.
const LONGEST_NAME: usize = 249;

/// What cannot be set of a topic that is there already.
const OF_OWN: [&str; 5] = ["partitions", "replication", "config", "prefix", "count"];

/// The topics, and which of their numbers only the cluster knows.
pub(super) fn topic(section: Section<'_>, cluster: &Cluster, faults: &mut Vec<Fault>) -> (Topic, OfCluster) {
    let existing = match section.node.map(|node| &node.value) {
        Some(Value::List(items)) => listed(items, section.origin, cluster, faults),
        _ => named(section, cluster, faults).into_iter().collect(),
    };
    let pattern = pattern(section, cluster, faults);
    in_vain(section, faults);
    let is_there = !existing.is_empty() || pattern.is_some();
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
    let count = if is_there { 1 } else { section.at_least_one("count") };
    let each = section.at_least_one("partitions");
    let topic = Topic {
        partitions: match existing.len() {
            0 => each.saturating_mul(count),
            several => several as u32,
        },
        replication: u16::try_from(replication).unwrap_or(u16::MAX),
        config: section.config("config"),
        count,
        existing,
        pattern,
    };
    // Each of the two numbers is small enough by itself, or was told.
    if let Some(node) = section.get("count").filter(|_| {
        u64::from(topic.partitions) > MOST_PARTITIONS && u64::from(each.max(count)) <= MOST_PARTITIONS
    }) {
        let what = format!("{count} topics of {each} partitions are {} partitions", topic.partitions);
        faults.push(node.origin.fault(what, Some(format!("have {MOST_PARTITIONS} of them at most"))));
    }
    (topic, of_cluster)
}

/// The one that is there already, where it is named: nothing of it can be set.
fn named(section: Section<'_>, cluster: &Cluster, faults: &mut Vec<Fault>) -> Option<Existing> {
    let one = existing(section, cluster, faults)?;
    cannot_be_set(section, &format!("`{}`", one.name), &format!("existing: {}", one.name), faults);
    Some(one)
}

/// One that is there already.
fn existing(section: Section<'_>, cluster: &Cluster, faults: &mut Vec<Fault>) -> Option<Existing> {
    let entry = section.node?.get("existing")?;
    let name = entry.node.text()?.to_owned();
    check_name(&entry.node, &name, faults);
    not_ours(&entry.node, cluster, &format!("topic `{name}`"), faults);
    let reset = reset(section, faults);
    Some(Existing { name, share: Share::ALL, reset, partitions: 1, replication: None })
}

/// Nothing of topics can be set that are there already; `it` names them, and `by` is how.
fn cannot_be_set(section: Section<'_>, it: &str, by: &str, faults: &mut Vec<Fault>) {
    for key in OF_OWN {
        if let Some(set) = section.node.and_then(|node| node.get(key)) {
            let hint = format!("leave it out, or leave `{by}` out for a topic of the run's own");
            let what = format!("`topic.{key}` cannot be set: {it} is there already, and is not altered");
            faults.push(set.origin.fault(what, Some(hint)));
        }
    }
}

/// What a broker that bench starts cannot have.
fn not_ours(node: &Node, cluster: &Cluster, what: &str, faults: &mut Vec<Fault>) {
    if matches!(cluster, Cluster::Kafka { .. }) {
        let hint = "name the cluster that has it: `cluster: { bootstrap: { servers: \"localhost:9092\" } }`";
        let what = format!("a broker that bench starts has no {what}");
        faults.push(node.origin.fault(what, Some(hint.to_owned())));
    }
}

/// Several that are there already, each with its part of the messages.
fn listed(items: &[Node], origin: &Origin, cluster: &Cluster, faults: &mut Vec<Fault>) -> Vec<Existing> {
    let mut all: Vec<Existing> = Vec::new();
    let maps = || items.iter().filter(|item| matches!(item.value, Value::Map(_)));
    let with_share = maps().filter(|item| item.get("share").is_some()).count();
    for item in maps() {
        let section = Section { node: Some(item), origin: &item.origin };
        if item.get("existing").is_none() {
            let hint = "name one that is there: `existing: orders`; topics of the run's own are `topic: { count: 2 }`";
            let what = "a list of topics is of topics that are there already, and this names none";
            faults.push(item.origin.lack(what, Some(hint.to_owned())));
        }
        let Some(one) = existing(section, cluster, faults) else { continue };
        let share = section.read::<Share>("share");
        if let Some(node) = section.get("share").filter(|_| share.is_some_and(|share| share.get() <= 0.0)) {
            let hint = Some("leave the topic out".to_owned());
            faults.push(node.origin.fault("a topic with a share of 0% gets nothing", hint));
        }
        if with_share > 0 && item.get("share").is_none() {
            let hint = Some("write `share: 50%`, or leave out all shares".to_owned());
            faults.push(item.origin.lack("one of several topics has no `share`", hint));
        }
        if all.iter().any(|other| other.name == one.name) {
            let place = item.get("existing").map_or(&item.origin, |entry| &entry.node.origin);
            let what = format!("a second `{}` in `topic`", one.name);
            faults.push(place.fault(what, Some("name each topic once, with all of its share".to_owned())));
        }
        all.push(Existing { share: share.unwrap_or(Share::NONE), ..one });
    }
    if with_share == 0 {
        share_evenly(&mut all);
    } else if with_share == all.len() && maps().all(tells_share) {
        adds_up(origin, all.iter().map(|one| one.share), "the shares of the topics", faults);
    }
    all
}

/// Those that are there already and have such names.
fn pattern(section: Section<'_>, cluster: &Cluster, faults: &mut Vec<Fault>) -> Option<Pattern> {
    let node = section.get("pattern")?;
    let text = node.text()?.to_owned();
    if let Err(error) = Pattern::compiled(&text) {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
        let hint = Some("write a regular expression: `orders-.*`".to_owned());
        faults.push(node.origin.fault(format!("`{text}` is no regular expression: {why}"), hint));
    }
    if section.get("existing").is_some() {
        let what = "`topic` has both `existing` and `pattern`".to_owned();
        faults.push(node.origin.fault(what, Some("keep exactly one".to_owned())));
        return None;
    }
    cannot_be_set(section, &format!("what matches `{text}`"), &format!("pattern: {text}"), faults);
    not_ours(node, cluster, "topics before the run begins", faults);
    Some(Pattern { text, reset: reset(section, faults) })
}

/// Where groups begin.
fn reset(section: Section<'_>, faults: &mut Vec<Fault>) -> Option<Reset> {
    let node = section.get("reset")?;
    let text = node.text()?;
    let read = Reset::read(text);
    if read.is_none() {
        let hint = "write `latest`, `earliest`, a moment (`2026-11-27T10:00:00Z`), or how long ago (`10m`)";
        let what = format!("`{text}` is nowhere that a group could begin");
        faults.push(node.origin.fault(what, Some(hint.to_owned())));
    }
    read
}

/// `reset` where there is nothing to reset.
fn in_vain(section: Section<'_>, faults: &mut Vec<Fault>) {
    let Some(node) = section.node else { return };
    if let Some(entry) =
        node.get("reset").filter(|_| !["existing", "pattern"].iter().any(|key| node.get(key).is_some()))
    {
        let hint = Some("leave it out: a new topic is read from its beginning".to_owned());
        faults.push(entry.origin.fault("`topic.reset` is for a topic that is there already", hint));
        reset(section, faults);
    }
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
