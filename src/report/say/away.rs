//! Who was how far from the brokers, and by what it was emulated: in every title, and at length where it is told how things were measured.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyse::{Findings, Reading, TrialFindings};
use crate::record::{Away, Run, TrialRecord};
use crate::report::number::{plain, reading};
use crate::spec::MEASURED;
use crate::units::InstanceType;

/// What stands in a title: `network by a proxy: consumers 0 or 76.5 ms away`; none where all reached the brokers directly.
pub fn briefly<'a>(records: impl Iterator<Item = &'a TrialRecord>) -> Option<String> {
    let mut by_role: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut held = BTreeSet::new();
    for away in records.flat_map(|record| &record.network) {
        held.extend(away.instance_burst_s.map(|_| away.role.as_str()));
        let known = by_role.entry(&away.role).or_default();
        if !known.contains(&away.rtt_ms) {
            known.push(away.rtt_ms);
        }
    }
    let told = by_role.into_iter().map(|(role, mut all)| {
        all.sort_by(f64::total_cmp);
        let all: Vec<String> = all.iter().map(f64::to_string).collect();
        let of_type = if held.contains(role) { " with the network of their instance type" } else { "" };
        match all.split_last() {
            Some((last, rest)) if !rest.is_empty() => {
                format!("{role} {} or {last} ms away{of_type}", rest.join(", "))
            }
            _ => format!("{role} {} ms away{of_type}", all.join("")),
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

/// What was done for the network of the instance types, and what was not; none where nothing was.
pub fn of_types(run: &Run) -> Option<String> {
    let limits = |trial: &TrialRecord| trial.network.iter().find_map(|away| away.instance_burst_s);
    let held: Vec<&TrialRecord> =
        run.trials.iter().map(|trial| &trial.record).filter(|record| limits(record).is_some()).collect();
    let bursts: BTreeSet<String> = held.iter().filter_map(|record| limits(record)).map(burst).collect();
    let types: BTreeSet<String> =
        held.iter().flat_map(|record| &record.emulated).map(|group| network(&group.instance_type)).collect();
    let some = if held.len() < run.trials.len() {
        format!(
            " (in {} of {} trials; in the others the network is not limited)",
            held.len(),
            run.trials.len()
        )
    } else {
        String::new()
    };
    let all = |texts: BTreeSet<String>, between| texts.into_iter().collect::<Vec<_>>().join(between);
    (!held.is_empty()).then(|| {
        format!(
            "Network of the instance types{some}: each instance receives, and sends, no more than its type always may ({}), all its connections together, by the \
             proxy; {}. AWS publishes no size of that bucket; what TCP and IP add to the bytes is not counted.",
            all(types, "; "),
            all(bursts, ", or, where the file says so, "),
        )
    })
}

/// What a type's network gives, as the catalogue has it.
fn network(of: &InstanceType) -> String {
    let gbps =
        |known: Option<f64>| known.map_or_else(|| "unknown".to_owned(), |gbps| format!("{gbps} Gbit/s"));
    format!("{} {}, at most {}", of.name, gbps(of.network_baseline_gbps), gbps(of.network_peak_gbps))
}

/// What was taken to be left of its credits.
fn burst(seconds: f64) -> String {
    if seconds > 0.0 {
        format!(
            "before that {seconds} s at the most that it may, by credits that come back while it uses less"
        )
    } else {
        "its network credits are taken to be spent".to_owned()
    }
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
        let range = |read: &dyn Fn(&Away) -> Option<f64>| range(&of, read);
        Some(format!(
            "{name}: a round trip of {} ms by pings, {} MiB/s to the brokers and {} from them{}.",
            range(&|away| Some(away.pings?.median_ms))?,
            range(&|away| away.carried.map(|one| mib(one.to_brokers_bytes, one.seconds)))?,
            range(&|away| away.carried.map(|one| mib(one.from_brokers_bytes, one.seconds)))?,
            of_a_connection(&of).unwrap_or_default(),
        ))
    };
    all.into_iter().filter_map(told).collect()
}

/// What one connection can carry, be there as much as may: no more than its window in a round trip, nor than its bandwidth. None of who is at no distance.
fn of_a_connection(of: &[&Away]) -> Option<String> {
    let per_round_trip = |window: u64, away: &Away| {
        let most = away.bandwidth_bits_per_s.map_or(f64::INFINITY, |bits| mib(bits / 8, 1.0));
        (away.rtt_ms > 0.0).then(|| mib(window, away.rtt_ms / 1e3).min(most))
    };
    let is_limited = of.iter().any(|away| away.bandwidth_bits_per_s.is_some());
    let or_less = if is_limited { ", or the bandwidth where that is less" } else { "" };
    Some(format!(
        "; one connection carries {} MiB/s to a broker at most and {} from one (window ÷ round trip{or_less})",
        range(of, &|away| per_round_trip(away.window_to_brokers_bytes, away))?,
        range(of, &|away| per_round_trip(away.window_from_brokers_bytes, away))?,
    ))
}

/// What was read of them, from the least to the greatest; none where nothing was.
fn range(of: &[&Away], read: &dyn Fn(&Away) -> Option<f64>) -> Option<String> {
    let values = || of.iter().filter_map(|away| read(away));
    let (least, most) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
    Some(reading(Reading::Between(least, most)))
}

fn mib(bytes: u64, seconds: f64) -> f64 {
    bytes as f64 / f64::from(1 << 20) / seconds
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_carries_no_more_than_its_window_in_a_round_trip() {
        let away = |rtt_ms: f64, from: u64| Away {
            rtt_ms,
            window_to_brokers_bytes: 102_400,
            window_from_brokers_bytes: from,
            ..Away::default()
        };
        let [far, wide, near] = [away(76.5, 102_400), away(76.5, 204_800), away(0.0, 102_400)];
        // 102,400 bytes in 76.5 ms are 1,338,562 bytes a second.
        assert_eq!(
            of_a_connection(&[&far]).unwrap(),
            "; one connection carries 1.28 MiB/s to a broker at most and 1.28 from one (window ÷ round trip)"
        );
        assert!(of_a_connection(&[&far, &wide]).unwrap().contains("and 1.28 to 2.55 from one"));
        assert_eq!(of_a_connection(&[&near]), None);
        let slow = Away { bandwidth_bits_per_s: Some(8 << 20), ..far };
        let told = of_a_connection(&[&slow]).unwrap();
        assert!(
            told.contains("carries 1.00 MiB/s to a broker") && told.contains("where that is less"),
            "{told}"
        );
    }
}
