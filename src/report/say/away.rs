//! Who was how far from the brokers, and by what it was emulated: in every title, and at length where it is told how things were measured.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyse::{Findings, Reading, TrialFindings};
use crate::record::{Away, Run, TrialRecord};
use crate::report::number::{plain, reading};
use crate::spec::MEASURED;

/// What stands in a title: `network by a proxy: consumers 0 or 76.5 ms away`; none where all reached the brokers directly.
pub fn briefly<'a>(records: impl Iterator<Item = &'a TrialRecord>) -> Option<String> {
    let mut by_role: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for away in records.flat_map(|record| &record.network) {
        let known = by_role.entry(&away.role).or_default();
        if !known.contains(&away.rtt_ms) {
            known.push(away.rtt_ms);
        }
    }
    let told = by_role.into_iter().map(|(role, mut all)| {
        all.sort_by(f64::total_cmp);
        let all: Vec<String> = all.iter().map(f64::to_string).collect();
        match all.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{role} {} or {last} ms away", rest.join(", ")),
            _ => format!("{role} {} ms away", all.join("")),
        }
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| format!("network by a proxy: {}", told.join(", ")))
}

/// How it was emulated and what came of it, one sentence a line; none where all reached the brokers directly.
pub fn how(run: &Run, findings: &Findings) -> Vec<String> {
    let Some(told) = briefly(run.trials.iter().map(|trial| &trial.record)) else { return Vec::new() };
    let all = || run.trials.iter().flat_map(|trial| &trial.record.network);
    let mut lines = vec![format!(
        "Distance, {told}: all connections of who is away end at a proxy in bench, which lets bytes arrive half a round trip after they were sent and has no more \
         of them under way on a connection than TCP would: ten segments at first, twice as many after each round trip (RFC 6928, RFC 5681), and at most a window, \
         {}.",
        windows(all())
    )];
    lines.extend(calibration(findings));
    lines.extend(carried(findings));
    let places: BTreeSet<&str> =
        all().filter_map(|away| away.place.as_deref()).filter(|place| place.contains('/')).collect();
    if !places.is_empty() {
        let places: Vec<&str> = places.into_iter().collect();
        lines.push(format!(
            "Round trips between regions ({}) are {MEASURED}; they may be others today.",
            places.join(", ")
        ));
    }
    lines.push(
        "Not emulated of a distance: lost segments, queues and other traffic on the way, the headers of TCP and IP; the quorum of controllers and bench's own requests are near."
            .to_owned(),
    );
    lines
}

/// What a connection may have under way, by role.
fn windows<'a>(all: impl Iterator<Item = &'a Away>) -> String {
    let told: BTreeSet<String> = all
        .map(|away| {
            format!(
                "for {} {} bytes to a broker and {} from one",
                away.role, away.window_to_brokers_bytes, away.window_from_brokers_bytes
            )
        })
        .collect();
    let told: Vec<String> = told.into_iter().collect();
    format!("the smaller of the two sockets' buffers ({})", told.join("; "))
}

/// What each distance carried, over all valid trials that had it.
fn carried(findings: &Findings) -> Vec<String> {
    let mut all: BTreeMap<String, Vec<&Away>> = BTreeMap::new();
    for trial in findings.trials().filter(|trial| trial.is_valid()) {
        for away in &trial.record.network {
            all.entry(format!("{} {} ms away", away.role, away.rtt_ms)).or_default().push(away);
        }
    }
    let told = |(name, of): (String, Vec<&Away>)| {
        let range = |read: &dyn Fn(&Away) -> Option<f64>| {
            let values = || of.iter().filter_map(|away| read(away));
            let (least, most) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
            Some(reading(Reading::Between(least, most)))
        };
        let mib = |bytes: u64, seconds: f64| bytes as f64 / f64::from(1 << 20) / seconds;
        Some(format!(
            "{name}: a round trip of {} ms by pings, {} MiB/s to the brokers and {} from them.",
            range(&|away| Some(away.pings?.median_ms))?,
            range(&|away| away.carried.map(|one| mib(one.to_brokers_bytes, one.seconds)))?,
            range(&|away| away.carried.map(|one| mib(one.from_brokers_bytes, one.seconds)))?,
        ))
    };
    all.into_iter().filter_map(told).collect()
}

/// The worst of all valid trials.
fn calibration(findings: &Findings) -> Option<String> {
    let valid = findings.trials().filter(|trial| trial.is_valid());
    let all: Vec<&Away> = valid.flat_map(|trial: &TrialFindings| &trial.record.network).collect();
    let worst = all
        .iter()
        .filter_map(|away| Some((away.off_ms()?, *away)))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let (off, away) = worst?;
    let pings: u64 = all.iter().filter_map(|away| Some(away.pings?.count)).sum();
    let cores = all.iter().filter_map(|away| Some(away.carried?.cpu_cores)).reduce(f64::max);
    let cores =
        cores.map_or_else(String::new, |cores| format!("; its thread used up to {} of a core", plain(cores)));
    Some(format!(
        "Calibration by {pings} pings through the proxy in the windows: the median round trip of a trial was at most {} ms off what it should have been ({} at {} ms){cores}.",
        plain(off),
        away.role,
        away.rtt_ms
    ))
}
