//! The baseline: one tuned consumer thread over all partitions, which a configuration of many has to beat (McSherry, Isard and Murray's COST).

use super::factors::{Factor, Level, is_of_consumers, labelled};
use super::path::steps;
use super::read::tree::{Entry, Node, Value};
use crate::fault::Fault;

/// The key, and what stands in the columns of factors of consumers.
pub const BASELINE: &str = "baseline";

/// What makes it one thread.
const ONE: [&str; 2] = ["consumers.instances", "consumers.threads"];

/// What it sets; none where the file has none, or none can be used: then what is wrong is told.
pub(super) fn read(root: &Node, factors: &[Factor], faults: &mut Vec<Fault>) -> Option<Level> {
    let entry = root.get(BASELINE)?;
    let before = faults.len();
    let fault = |what: &str, hint: &str| entry.origin.fault(what, Some(hint.to_owned()));
    if !matches!(entry.node.value, Value::Map(_)) {
        let found = entry.node.kind();
        let write = "write `baseline: {}`, or `baseline: { consumers.properties: { fetch.min.bytes: 1 } }`";
        faults.push(fault(&format!("`baseline` should be a mapping of paths, found {found}"), write));
        return None;
    }
    match root.get("consumers").map(|consumers| &consumers.node.value) {
        Some(Value::List(_)) => {
            faults.push(fault("a `baseline` stands beside one group, not beside a list", "write one group"));
        }
        None if !factors.iter().any(Factor::is_of_consumers) => {
            faults.push(fault("a `baseline` needs consumers that it stands beside", "write `consumers: {}`"));
        }
        _ => {}
    }
    let until = root.get("workload").and_then(|workload| workload.node.get("until"));
    if root.get("search").is_some() || until.is_some() {
        let hint = "write a `rate` above what any treatment can do, and leave the search to an experiment of its own";
        faults.push(fault(
            "a `baseline` needs the load of the treatments beside it, and a search has none",
            hint,
        ));
    }
    for mixed in factors.iter().filter(|factor| factor.is_of_consumers_and_more()) {
        let what = format!(
            "`{}` sets consumers and something else together: a `baseline` cannot take the place of the one and keep the other",
            mixed.name
        );
        faults.push(fault(&what, "make two factors of it"));
    }
    let mut level = labelled(root, (entry, "`baseline`"), faults);
    for Entry { key, origin, node } in entry.node.entries() {
        if !is_of_consumers(key) {
            let what = format!(
                "`baseline` sets `{key}`: it reads what the others read, and differs in `consumers` alone"
            );
            faults.push(origin.fault(what, Some("leave it out".to_owned())));
        } else if ONE.contains(&key.as_str()) && node.text() != Some("1") {
            let what = format!("`baseline` sets `{key}`: it is one instance of one thread");
            faults.push(node.origin.fault(what, Some("write 1, or leave it out".to_owned())));
        }
    }
    for path in ONE {
        level.setting(path, steps(path).ok()?, "1", &entry.origin);
    }
    (faults.len() == before).then_some(level)
}
