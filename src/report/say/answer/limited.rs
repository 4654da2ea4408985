//! What limits, in a sentence: `4 instances are limited by 2 partitions`.

use std::collections::{BTreeMap, BTreeSet};

use super::super::claim::{Claim, Evidence};
use super::{NAMED, at};
use crate::analyse::{Findings, Kind, TreatmentFindings};
use crate::record::Manifest;

/// One sentence on all treatments of which it is known; none where no more was asked for than was done.
pub(super) fn limited(manifest: &Manifest, findings: &Findings) -> Option<Claim> {
    // What limits a search is told of its bound: beyond it everything is held back by something, and how often it was tried there means nothing.
    if findings.searched.is_some() {
        return None;
    }
    let mut kinds: BTreeMap<Kind, Vec<&TreatmentFindings>> = BTreeMap::new();
    for one in &findings.treatments {
        let kind = one.limit.as_ref().and_then(|limit| limit.by.kind());
        if let Some(kind) = kind.filter(|kind| *kind != Kind::Load) {
            kinds.entry(kind).or_default().push(one);
        }
    }
    let evidence = |(kind, own): (&Kind, &Vec<&TreatmentFindings>)| Evidence::Limit {
        kind: *kind,
        of: own.iter().map(|one| one.slug.clone()).collect(),
    };
    let on: Vec<Evidence> = kinds.iter().map(evidence).collect();
    let mut parts: Vec<(String, bool, String)> =
        kinds.remove(&Kind::Partitions).iter().flat_map(|own| by_partitions(own)).collect();
    for (kind, own) in kinds {
        let who = who(manifest, findings, &own);
        parts.push((who, own.len() > 1, kind.told().to_owned()));
    }
    let ((who, several, by), rest) = parts.split_first()?;
    let is = if *several { "are" } else { "is" };
    let rest: Vec<String> = rest.iter().map(|(who, _, by)| format!("{who} by {by}")).collect();
    let first = format!("{} {is} limited by {by}", super::change::sentence("", who));
    Some(Claim::new(format!("{}.", [&[first], rest.as_slice()].concat().join(", ")), on))
}

/// `4 instances`, several, `2 partitions`: each such pair once.
fn by_partitions(own: &[&TreatmentFindings]) -> Vec<(String, bool, String)> {
    let mut all: BTreeSet<(u32, u32, bool)> = BTreeSet::new();
    for asked in own.iter().filter_map(|one| Some(&one.trials.first()?.record.asked)) {
        let (instances, threads) = (asked.instances.unwrap_or_default(), asked.threads.unwrap_or(1));
        all.insert((asked.partitions, instances * threads, threads > 1));
    }
    let told = |(partitions, count, threads): (u32, u32, bool)| {
        let word = if threads { "consumer" } else { "instance" };
        let s = |count: u32| if count == 1 { "" } else { "s" };
        (format!("{count} {word}{}", s(count)), count > 1, format!("{partitions} partition{}", s(partitions)))
    };
    all.into_iter().map(told).collect()
}

/// `it`, `all 4 treatments`, their names, or how many of all.
fn who(manifest: &Manifest, findings: &Findings, own: &[&TreatmentFindings]) -> String {
    let of = findings.treatments.len();
    match own.len() {
        1 if of == 1 => "it".to_owned(),
        all if all == of => format!("all {of} treatments"),
        few if few <= NAMED => listed(own.iter().map(|one| at(manifest, one))),
        several => format!("{several} of {of} treatments"),
    }
}

fn listed(all: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = all.collect();
    match all.pop() {
        Some(last) if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        last => last.unwrap_or_default(),
    }
}
