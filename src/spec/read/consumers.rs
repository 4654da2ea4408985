//! The consumers under test.

use super::super::{Amount, Consumers, Work};
use super::Section;
use super::tree::Value;
use crate::fault::Fault;

/// All groups, and whether they stand in a list.
pub(super) fn consumers(section: Section<'_>, stem: &str, faults: &mut Vec<Fault>) -> (Vec<Consumers>, bool) {
    let Some(node) = section.node else {
        return (Vec::new(), false);
    };
    match &node.value {
        Value::Map(_) => (vec![group(section, stem, faults)], false),
        Value::List(items) => {
            let groups = items.iter().filter(|item| matches!(item.value, Value::Map(_)));
            let read = |item| group(Section { node: Some(item), origin: &item.origin }, stem, faults);
            (groups.map(read).collect(), true)
        }
        _ => (Vec::new(), false),
    }
}

fn group(section: Section<'_>, stem: &str, faults: &mut Vec<Fault>) -> Consumers {
    let group: String = section.read("group").unwrap_or_else(|| stem.to_owned());
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if let Some(node) = section.get("group").filter(|_| !group.chars().all(plain)) {
        let hint = Some("use letters, digits, `.`, `_` and `-`".to_owned());
        faults.push(node.origin.fault(format!("`{group}` is no name for a group"), hint));
    }
    let work = section.under("backend").under("process").under("work");
    Consumers {
        group,
        instances: section.at_least_one("instances"),
        threads: section.at_least_one("threads"),
        work: Work { cpu: amount(work, "cpu"), wait: amount(work, "wait") },
        properties: section.properties("properties"),
    }
}

fn amount(work: Section<'_>, key: &str) -> Option<Amount> {
    if let Some(fixed) = work.read(key) {
        return Some(Amount::Fixed(fixed));
    }
    let drawn = work.under(key);
    if let Some(mean) = drawn.under("exponential").read("mean") {
        return Some(Amount::Exponential { mean });
    }
    let log_normal = drawn.under("log_normal");
    Some(Amount::LogNormal { median: log_normal.read("median")?, sigma: log_normal.read("sigma")? })
}
