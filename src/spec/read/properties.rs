//! Properties: names that are not ours, and those among them that bench must set itself.

use super::super::{canonical, secrets};
use super::tree::{Entry, Node, Value};
use crate::fault::Fault;

/// Bench needs these for itself, and what it measures would not be what it says.
const OURS: &[&str] = &[
    "bootstrap.servers",
    "group.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "client.id",
    "statistics.interval.ms",
    "delivery.report.only.error",
    "test.mock.num.brokers",
];

/// A broker that bench starts needs these to be found, and to be told from others.
const OUR_BROKER: &[&str] = &[
    "process.roles",
    "node.id",
    "broker.id",
    "listeners",
    "advertised.listeners",
    "listener.security.protocol.map",
    "inter.broker.listener.name",
    "controller.listener.names",
    "controller.quorum.voters",
    "controller.quorum.bootstrap.servers",
    "log.dir",
    "log.dirs",
    "metadata.log.dir",
];

/// Collects what is wrong with properties: those that bench sets itself, values that are no texts.
pub(super) fn check(path: &str, node: &Node, faults: &mut Vec<Fault>) {
    let Value::Map(entries) = &node.value else {
        faults.push(node.origin.fault(format!("`{path}` should be a mapping, found {}", node.kind()), None));
        return;
    };
    twice(entries, faults);
    let is_environment = path.rsplit('.').next() == Some("env");
    let ours = match path {
        "topic.config" => &[],
        _ if is_environment => &[],
        "cluster.kafka.config" => OUR_BROKER,
        _ => OURS,
    };
    let is_librdkafkas = !["topic.config", "cluster.kafka.config"].contains(&path) && !is_environment;
    if is_librdkafkas {
        two_names(entries, faults);
    }
    for Entry { key, origin, node } in entries {
        let name = if is_librdkafkas { canonical(key) } else { key };
        if ours.contains(&name) {
            let hint = "leave it out; `group` and `servers` have keys of their own".to_owned();
            faults.push(origin.fault(format!("`{key}` is set by bench itself"), Some(hint)));
        } else if key == "transactional.id" && path != "topic.config" {
            let hint = "write `transactions: {}` for the fleet".to_owned();
            faults.push(origin.fault("`transactional.id` is set by bench itself", Some(hint)));
        }
        match node.text() {
            None => {
                faults.push(node.origin.fault(
                    format!("`{key}` should be a text, number or boolean, found {}", node.kind()),
                    None,
                ));
            }
            Some(text) => {
                if path == "consumers.properties" && name == "auto.commit.interval.ms" && !is_millis(text) {
                    let hint = Some("write milliseconds: `1000`".to_owned());
                    faults.push(
                        node.origin.fault(format!("`{key}` is `{text}`, and must be at least 1"), hint),
                    );
                }
                if let Some(what) = secrets::wrong_reference(text) {
                    faults.push(
                        node.origin.fault(format!("`{key}` {what}"), Some("write `${NAME}`".to_owned())),
                    );
                }
            }
        }
    }
}

fn is_millis(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|millis| (1..=86_400_000).contains(&millis))
}

/// A property has one value, whichever of its names stands before it.
fn two_names(entries: &[Entry], faults: &mut Vec<Fault>) {
    for (index, Entry { key, origin, .. }) in entries.iter().enumerate() {
        let same = |earlier: &&Entry| earlier.key != *key && canonical(&earlier.key) == canonical(key);
        if let Some(Entry { key: earlier, .. }) = entries[..index].iter().find(same) {
            let what = format!("`{key}` and `{earlier}` are two names of one property");
            faults.push(origin.fault(what, Some("leave one of them out".to_owned())));
        }
    }
}

/// Keys must differ; the second of two is the fault.
pub(super) fn twice(entries: &[Entry], faults: &mut Vec<Fault>) {
    for (index, entry) in entries.iter().enumerate() {
        if entries[..index].iter().any(|earlier| earlier.key == entry.key) {
            faults.push(entry.origin.fault(format!("`{}` is written twice", entry.key), None));
        }
    }
}
