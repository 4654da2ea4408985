//! What instances are made of: types of the file's own, CPU credits, and how they are emulated.

use super::super::path::did_you_mean;
use super::super::{CreditPlan, Emulation, Machine};
use super::Section;
use super::tree::{Node, Origin, Value};
use crate::fault::Fault;
use crate::units::{Bytes, CreditMode, CreditStart, Earning, InstanceType, Money, Per, Share, milli};

/// Below this an emulated vCPU is less than the consumer needs for itself, and a core has no hundred of them.
const LEAST_SHARE: f64 = 0.01;
/// A day of earning, in hours: the most that is kept.
const KEPT_HOURS: u64 = 24;

/// The types that need no description, with those of the file over them.
pub fn types(root: &Node, known: &[InstanceType], faults: &mut Vec<Fault>) -> Vec<InstanceType> {
    let mut types = known.to_vec();
    let items = root.get("instance_types").map(|entry| entry.node.items()).unwrap_or_default();
    for item in items.iter().filter(|item| matches!(item.value, Value::Map(_))) {
        let own = Section { node: Some(item), origin: &item.origin };
        let Some(name) = own.read::<String>("name") else {
            continue; // told where single values are checked
        };
        if own.get("vcpus").is_none() {
            let hint = Some("write `vcpus: 2`".to_owned());
            faults.push(item.origin.fault(format!("instance type `{name}` has no `vcpus`"), hint));
        }
        let number = |key: &str| own.get(key).and_then(super::Node::text).and_then(milli);
        let earned = number("credits_per_hour");
        if let (None, Some(node)) = (earned, own.get("max_credits")) {
            let hint = Some("write `credits_per_hour` too, or leave it out".to_owned());
            faults.push(node.origin.fault(format!("`{name}` keeps credits and earns none"), hint));
        }
        let instance = InstanceType {
            vcpus: own.at_least_one("vcpus"),
            threads_per_core: own.read("threads_per_core"),
            memory_mib: own.read::<Bytes>("memory").map(|bytes| bytes.get() >> 20),
            credits: earned.map(|milli_per_hour| Earning {
                milli_per_hour,
                milli_max: number("max_credits").unwrap_or(milli_per_hour.saturating_mul(KEPT_HOURS)),
                milli_launch: 0,
            }),
            network_baseline_gbps: None,
            network_peak_gbps: None,
            ebs_baseline_mbps: None,
            ebs_peak_mbps: None,
            price_per_hour: price(own, "price", Per::Hour),
            surplus_per_vcpu_hour: price(own, "surplus", Per::VcpuHour),
            region: String::new(),
            date: String::new(),
            source: "the experiment file".to_owned(),
            name,
        };
        types.retain(|known| known.name != instance.name);
        types.push(instance);
    }
    types
}

/// What the instances of a group are made of; none where no type is asked for, or none of that name is known, which is told.
pub(super) fn machine(
    consumers: Section<'_>,
    types: &[InstanceType],
    emulation: Emulation,
    faults: &mut Vec<Fault>,
) -> Option<Machine> {
    let section = consumers.under("credits");
    let Some(node) = consumers.get("instance_type") else {
        if consumers.get("credits").is_some() {
            let hint = Some("write `instance_type: t3.micro`".to_owned());
            faults.push(
                section.origin.lack("`consumers` has no `instance_type` whose credits these would be", hint),
            );
        }
        return None;
    };
    of_type(node, section, (types, emulation), faults)
}

/// A machine of the type that stands here, with these credits; none where no type of that name is known, which is told.
pub(super) fn of_type(
    node: &Node,
    section: Section<'_>,
    (types, emulation): (&[InstanceType], Emulation),
    faults: &mut Vec<Fault>,
) -> Option<Machine> {
    let name = node.text()?;
    let Some(instance) = types.iter().find(|known| known.name == name) else {
        faults.push(not_known(&node.origin, name, types));
        return None;
    };
    if emulation.cgroups && instance.memory_mib.is_none() {
        let hint = Some("give it a `memory`, or write `emulation: {enforce: work}`".to_owned());
        faults.push(
            node.origin.fault(format!("the memory of `{name}` is not known and cannot be limited"), hint),
        );
    }
    let mode = match section.read::<String>("mode").as_deref() {
        Some("standard") => CreditMode::Standard,
        Some("unlimited") => CreditMode::Unlimited,
        // What AWS does where nothing is asked for; unlimited needs a price of surplus.
        _ if name.starts_with("t2.") || instance.surplus_per_vcpu_hour.is_none() => CreditMode::Standard,
        _ => CreditMode::Unlimited,
    };
    let start = section.read("start").unwrap_or(CreditStart::Cold);
    if let (CreditStart::Milli(asked), Some(earning), Some(node)) =
        (start, instance.credits, section.get("start"))
        && asked > earning.milli_max
    {
        let most = earning.milli_max as f64 / 1e3;
        faults.push(node.origin.fault(format!("`{name}` keeps {most} credits at most"), None));
    }
    let credits = CreditPlan { mode, start, time_scale: section.at_least_one("time_scale") };
    Some(Machine { instance: instance.clone(), credits })
}

/// The fault of a name that no type has.
pub(super) fn not_known(origin: &Origin, name: &str, types: &[InstanceType]) -> Fault {
    let hint = did_you_mean(name, types.iter().map(|known| known.name.as_str()))
        // A list of all of them is no hint.
        .filter(|hint| hint.len() < 100)
        .or_else(|| Some("`bench instances` lists them; `instance_types:` adds your own".to_owned()));
    origin.fault(format!("`{name}` is no instance type"), hint)
}

pub(super) fn emulation(section: Section<'_>, faults: &mut Vec<Fault>) -> Emulation {
    let vcpu = section.read("vcpu").or(Share::new(0.1)).unwrap_or(Share::ALL);
    if let Some(node) = section.get("vcpu").filter(|_| vcpu.get() < LEAST_SHARE) {
        let hint =
            Some("write `10%`; the less it is, the more weighs what a consumer needs for itself".to_owned());
        faults.push(node.origin.fault(format!("a vCPU of {vcpu} of a core is too little"), hint));
    }
    Emulation {
        vcpu,
        cgroups: section.read::<String>("enforce").as_deref() != Some("work"),
        restart: section.read::<String>("out_of_memory").as_deref() == Some("restart"),
    }
}

/// Credits that run faster than time need a load that is the same all the time: else the load would run faster too.
pub(super) fn constant_rate(file: Section<'_>, faults: &mut Vec<Fault>) {
    let workload = file.under("workload");
    let constant = |node: &super::Node| {
        !node.each().is_empty() && node.each().iter().all(|shape| shape.get("constant").is_some())
    };
    let at_max = workload.get("rate").and_then(super::Node::text) == Some("max");
    // A producer that is off for a second is off for a minute of credits at sixtyfold speed.
    let bursts = workload.under("arrivals").get("bursts").is_some();
    if !at_max && !bursts && workload.get("shape").is_none_or(constant) {
        return; // that there is one of them at all is told elsewhere
    }
    for group in file.get("consumers").map(super::Node::each).unwrap_or_default() {
        let credits = Section { node: Some(group), origin: &group.origin }.under("credits");
        let scaled = credits.read::<u32>("time_scale").is_some_and(|scale| scale > 1);
        if let Some(node) = credits.get("time_scale").filter(|_| scaled) {
            let what =
                if bursts { "leave `arrivals.bursts` out" } else { "write a constant `workload.rate`" };
            let hint = Some(format!("{what}, or leave `time_scale` out"));
            faults.push(node.origin.fault("scaled credit time needs a constant rate", hint));
        }
    }
}

/// A price, where one stands there.
pub(super) fn price(section: Section<'_>, key: &str, per: Per) -> Option<Money> {
    section.get(key)?.text().and_then(|text| per.read(text).ok())
}
