//! What is searched for: `search: {capacity: …}`, `search: {demand: …}`.

use super::key::{Form, Key, key};
use super::read::tree::{Entry, Node, Origin, Value};
use crate::fault::Fault;
use crate::units::{Rate, Share};

/// How far apart the two bounds of a capacity may lie, unless the file says otherwise.
const TOLERANCE: f64 = 0.05;
/// A finer search would tell apart what trials of a few seconds do not.
const LEAST_TOLERANCE: f64 = 0.01;
/// Trials of each search at most, unless the file says otherwise.
const MOST_TRIALS: u32 = 60;

const LIMIT: Key = key("max_trials", Form::Count(1), "Trials of each search at most, default 60.");

/// The keys of a search.
pub(super) const SEARCH: &[Key] = &[
    key(
        "capacity",
        Form::Keys(&[
            key("of", Form::Words(&["workload.rate"]), "What grows, default workload.rate."),
            key("from", Form::Rate, "The rate at which each search begins; required."),
            key(
                "tolerance",
                Form::Share,
                "How far the least that breaks may lie above the most that holds, 1% to 100%, default 5%.",
            ),
            LIMIT,
        ]),
        "The most load at which all SLOs hold, for each treatment, as an interval whose ends are both confirmed.",
    ),
    key(
        "demand",
        Form::Keys(&[
            key(
                "of",
                Form::Words(&["consumers.instances"]),
                "What is searched, default consumers.instances.",
            ),
            key(
                "levels",
                Form::List(&Form::Count(1)),
                "The numbers of instances that may be tried; required.",
            ),
            key("at", Form::Words(&["workload.rate"]), "The load that must hold, default workload.rate."),
            LIMIT,
        ]),
        "The fewest instances with which all SLOs hold, for each treatment, both ends confirmed.",
    ),
];

/// What is searched for in each combination of the factors.
#[derive(Clone, Debug, PartialEq)]
pub enum Search {
    /// The most load that holds.
    Capacity {
        /// Where each search begins.
        from: Rate,
        /// How far apart its bounds may lie, as a share of the lower one.
        tolerance: f64,
        /// Trials at most.
        max_trials: u32,
    },
    /// The fewest instances that hold.
    Demand {
        /// Numbers of instances that may be tried, each once.
        levels: Vec<u32>,
        /// Trials at most.
        max_trials: u32,
    },
}

impl Search {
    /// Each bound is tried again so many times at least before it is believed.
    pub const CONFIRM: u32 = 6;

    /// The path of what is searched; the name of the factor whose levels are tried.
    pub const fn of(&self) -> &'static str {
        match self {
            Search::Capacity { .. } => "workload.rate",
            Search::Demand { .. } => "consumers.instances",
        }
    }

    /// Trials of each search at most.
    pub const fn max_trials(&self) -> u32 {
        match self {
            Search::Capacity { max_trials, .. } | Search::Demand { max_trials, .. } => *max_trials,
        }
    }

    /// The key of the file.
    pub const fn kind(&self) -> &'static str {
        match self {
            Search::Capacity { .. } => "capacity",
            Search::Demand { .. } => "demand",
        }
    }
}

/// What stands under `search`, where it is one of the two.
pub(super) fn entry(root: &Node) -> Option<&Entry> {
    root.get("search")?.node.entries().iter().find(|entry| SEARCH.iter().any(|key| key.name == entry.key))
}

/// The search of a file; what is missing or goes beyond is told.
pub(super) fn read(root: &Node, faults: &mut Vec<Fault>) -> Option<Search> {
    let found = entry(root)?;
    let text = |key: &str| found.node.get(key).and_then(|entry| entry.node.text());
    let max_trials = text("max_trials").and_then(|text| text.parse().ok()).unwrap_or(MOST_TRIALS);
    if !matches!(found.node.value, Value::Map(_)) {
        return None;
    }
    if found.key == "demand" {
        let Some(levels) = found.node.get("levels") else {
            let hint = Some("write `levels: [1, 2, 4, 8]`".to_owned());
            faults.push(found.origin.fault("`search.demand` has no `levels`", hint));
            return None;
        };
        let numbers =
            levels.node.items().iter().map(|item| (item, item.text().and_then(|text| text.parse().ok())));
        let mut known: Vec<u32> = Vec::new();
        for (item, number) in numbers {
            let Some(number) = number else { continue };
            if known.contains(&number) {
                faults.push(
                    item.origin.fault(format!("a second level {number}"), Some("write each once".to_owned())),
                );
            } else {
                known.push(number);
            }
        }
        return (!known.is_empty()).then_some(Search::Demand { levels: known, max_trials });
    }
    let Some(from) = found.node.get("from") else {
        let hint = Some("write `from: 100/s`: the rate at which each search begins".to_owned());
        faults.push(found.origin.fault("`search.capacity` has no `from`", hint));
        return None;
    };
    let tolerance = found.node.get("tolerance");
    let share = tolerance.and_then(|entry| entry.node.text()?.parse::<Share>().ok()).map(Share::get);
    if let (Some(share), Some(entry)) = (share, tolerance)
        && share < LEAST_TOLERANCE
    {
        let hint = Some("write 1% or more".to_owned());
        faults.push(entry.node.origin.fault("a tolerance below what trials tell apart", hint));
    }
    let tolerance = share.unwrap_or(TOLERANCE).max(LEAST_TOLERANCE);
    Some(Search::Capacity { from: from.node.text()?.parse().ok()?, tolerance, max_trials })
}

/// Puts in what a search stands in for: the rate at which it begins, or the most instances that it may try. What the file says of it beside is told.
pub(super) fn put_into(root: &mut Node, faults: &mut Vec<Fault>) {
    let Some(found) = entry(root) else { return };
    let (path, key, value) = if found.key == "demand" {
        let levels = found.node.get("levels").map(|levels| levels.node.items()).unwrap_or_default();
        let number = |item: &&Node| item.text().and_then(|text| text.parse::<u32>().ok());
        (
            ["consumers", "instances"],
            "levels",
            levels.iter().filter(|item| number(item).is_some()).max_by_key(number),
        )
    } else {
        (["workload", "rate"], "from", found.node.get("from").map(|from| &from.node))
    };
    let kind = found.key.clone();
    let value = value.cloned();
    let steps = path.map(str::to_owned);
    if let Some(list) = root.get(path[0]).filter(|section| matches!(section.node.value, Value::List(_))) {
        let hint = Some("write one group, and no list".to_owned());
        faults.push(list.origin.fault(format!("`search.{kind}` of several groups is not built yet"), hint));
        return;
    }
    let section = root.get(path[0]).map(|section| &section.node);
    let others: &[&str] = if kind == "demand" { &["instances"] } else { &["rate", "shape"] };
    if let Some(written) = others.iter().find_map(|other| section.and_then(|section| section.get(other))) {
        let hint = Some(format!("leave it out: `search.{kind}.{key}` says what is tried"));
        let what = format!("`{}.{}` is searched for, and cannot be written too", path[0], written.key);
        faults.push(written.origin.fault(what, hint));
        return;
    }
    if let Some(value) = value {
        let origin: Origin = value.origin.clone();
        root.set(&steps, &value, &origin);
    }
}
