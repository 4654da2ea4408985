//! The consumers under test.

use super::super::{Amount, Consumers, Disk, Emulation, Model, Runs, Work};
use super::Section;
use super::machine::machine;
use super::output;
use super::runs;
use super::shares;
use super::tree::{Node, Value};
use crate::fault::Fault;
use crate::units::InstanceType;

/// Instance types that may be asked for, and how they are emulated.
type Types<'a> = (&'a [InstanceType], Emulation);

/// All groups, and whether they stand in a list.
pub(super) fn consumers(
    section: Section<'_>,
    stem: &str,
    types: Types<'_>,
    faults: &mut Vec<Fault>,
) -> (Vec<Consumers>, bool) {
    let Some(node) = section.node else {
        return (Vec::new(), false);
    };
    match &node.value {
        Value::Map(_) => fanned_out(section, group(section, stem, types, faults), faults),
        Value::List(items) => {
            emulated_alone(items, faults);
            for fan_out in items.iter().filter_map(|item| item.get("fan_out")) {
                let hint = "write one group with `fan_out`, or each group by its name".to_owned();
                faults.push(fan_out.origin.fault("`fan_out` stands in a list of groups", Some(hint)));
            }
            runs::of_one_kind(items, faults);
            let groups = items.iter().filter(|item| matches!(item.value, Value::Map(_)));
            let read = |item| group(Section { node: Some(item), origin: &item.origin }, stem, types, faults);
            (groups.map(read).collect(), true)
        }
        _ => (Vec::new(), false),
    }
}

/// One group, or as many of its kind as are asked for, each with its number behind its name.
fn fanned_out(section: Section<'_>, one: Consumers, faults: &mut Vec<Fault>) -> (Vec<Consumers>, bool) {
    let Some((asked, count)) = section.get("fan_out").zip(section.read::<u32>("fan_out")) else {
        return (vec![one], false);
    };
    let clash = if one.machine.is_some() && count > 1 {
        let why = "what a million messages cost is of one group";
        Some((
            "`fan_out` with an `instance_type` is not built yet",
            format!("leave `instance_type` out: {why}"),
        ))
    } else if one.is_external() {
        Some(("consumers that are deployed already are one group", "leave `fan_out` out".to_owned()))
    } else {
        None
    };
    if let Some((what, hint)) = clash {
        faults.push(asked.origin.fault(what, Some(hint)));
    }
    let numbered = |number| Consumers { group: format!("{}-{number}", one.group), ..one.clone() };
    ((1..=count.max(1)).map(numbered).collect(), true)
}

/// What a million messages cost is of one group: rent of one over messages of another would be nobody's price.
fn emulated_alone(items: &[Node], faults: &mut Vec<Fault>) {
    if items.len() < 2 {
        return;
    }
    for entry in items.iter().filter_map(|item| item.get("instance_type")) {
        let hint = "write one group, or leave `instance_type` out";
        faults.push(
            entry
                .origin
                .fault("`instance_type` in a list of several groups is not built yet", Some(hint.to_owned())),
        );
    }
}

fn group(
    section: Section<'_>,
    stem: &str,
    (types, emulation): Types<'_>,
    faults: &mut Vec<Fault>,
) -> Consumers {
    let group: String = section.read("group").unwrap_or_else(|| stem.to_owned());
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if let Some(node) = section.get("group").filter(|_| !group.chars().all(plain)) {
        let hint = Some("use letters, digits, `.`, `_` and `-`".to_owned());
        faults.push(node.origin.fault(format!("`{group}` is no name for a group"), hint));
    }
    let machine = machine(section, types, emulation, faults);
    let work = work(section.under("backend").under("process").under("work"), faults);
    let runs = runs::runs(section, emulation, faults);
    // What a program that is not ours is told is for its own client, whichever it is.
    let properties = match runs {
        Runs::Process => section.properties("properties"),
        _ => section.config("properties"),
    };
    let output = output::output(section, &runs, faults);
    let shares = shares::shares(section, &runs, faults);
    Consumers {
        group,
        instances: section.at_least_one("instances"),
        threads: section.at_least_one("threads"),
        machine,
        runs,
        shares,
        output,
        work,
        properties,
    }
}

fn work(section: Section<'_>, faults: &mut Vec<Fault>) -> Work {
    let mut required = |key: &str, part: &str, example: &str| {
        let inside = section.under(key);
        if section.get(key).is_some_and(|node| matches!(node.value, Value::Map(_)))
            && inside.get(part).is_none()
        {
            let hint = Some(format!("write `{part}: {example}`"));
            faults.push(inside.origin.lack(format!("`work.{key}` has no `{part}`"), hint));
        }
        inside
    };
    let (disk, model) = (required("disk", "write", "4KiB"), required("model", "width", "1024"));
    Work {
        cpu: amount(section, "cpu"),
        wait: amount(section, "wait"),
        memory: section.read("memory"),
        disk: disk
            .read("write")
            .map(|write| Disk { write, sync: disk.read::<String>("sync").as_deref() == Some("true") }),
        model: model.read("width").map(|width| Model {
            layers: model.read("layers").unwrap_or(2),
            width,
            count: model.at_least_one("count"),
        }),
    }
}

/// A time, fixed or drawn.
pub(super) fn amount(work: Section<'_>, key: &str) -> Option<Amount> {
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
