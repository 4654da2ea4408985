//! `events.csv`: one row a trial and event. Names are a promise: added to, never renamed.

use super::Aftermath;
use crate::analyse::findings::Findings;
use crate::analyse::reading::Reading;
use crate::analyse::table::{money, number};
use crate::books::keyed::MovedKeys;
use crate::record::{Injected, TrialRecord};

const HEADER: [&str; 50] = [
    "trial",
    "event",
    "kind",
    "at_s",
    "done_s",
    "detection_s",
    "detection_censored",
    "unavailability_s",
    "unavailability_censored",
    "recovery_s",
    "recovery_censored",
    "peak_lag_messages",
    "lost",
    "duplicates",
    "treatment",
    "outcome",
    "group",
    "instances",
    "undone_s",
    "watched_s",
    "moved_partitions",
    "unavailable_partitions",
    "partitions",
    "unavailability_mean_s",
    "availability_percent",
    "catch_up_s",
    "drain_expected_s",
    "lag_area_message_s",
    "peak_p99_ms",
    "overshoot_percent",
    "reprocessed_percent",
    "trouble",
    "broker",
    "out_of_order",
    "new_instances",
    "launched_s",
    "booted_s",
    "overlap_s",
    "overlap_usd",
    "keys",
    "keys_moved",
    "keys_out_of_order",
    "key_messages_out_of_order",
    "detection_least_s",
    "unavailability_least_s",
    "recovery_least_s",
    "in_time_ms",
    "catch_up_least_s",
    "peak_p99_least_ms",
    "out_again_s",
];

/// One row a trial and event that was asked for, header first; none where there is none.
pub fn events_table(findings: &Findings) -> Option<Vec<Vec<String>>> {
    let mut table = vec![HEADER.map(str::to_owned).to_vec()];
    for trial in findings.trials() {
        let outcome = trial.judged.outcome.name();
        let rows = trial.aftermaths.iter().map(|one| {
            let own = row(&trial.record, outcome, one).into_iter();
            let own = own.chain(launches(one)).chain(keys(&one.injected)).chain(leasts(one));
            let own = own.chain([known(one.in_time_ms)]).chain([one.catch_up, one.peak_p99].map(least));
            own.chain([known(one.out_again_s.map(|seconds| seconds as f64))]).collect()
        });
        table.extend(rows);
    }
    (table.len() > 1).then_some(table)
}

/// A number and whether it is one that was not seen to come: empty, and 1.
fn seen(reading: Reading) -> [String; 2] {
    match reading {
        Reading::Value(value) => [number(value), "0".to_owned()],
        Reading::Beyond(_) => [String::new(), "1".to_owned()],
        _ => [const { String::new() }; 2],
    }
}

fn known(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

fn listed(instances: &[u32]) -> String {
    instances.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// What a number that was not seen to come is certainly not below; empty of all others.
fn least(reading: Reading) -> String {
    known(reading.beyond())
}

fn leasts(one: &Aftermath) -> [String; 3] {
    [one.detection, one.unavailability, one.recovery].map(least)
}

/// What is told of the new instances of an event.
fn launches(one: &Aftermath) -> [String; 5] {
    let Injected { started, launched_s, booted_s, overlap_s, .. } = &one.injected;
    let rent = one.overlap_usd.map(money).unwrap_or_default();
    [listed(started), known(*launched_s), known(*booted_s), known(*overlap_s), rent]
}

/// What became of keys when partitions were added.
fn keys(injected: &Injected) -> [String; 4] {
    let of =
        |read: fn(MovedKeys) -> u64| injected.keys.map(|keys| read(keys).to_string()).unwrap_or_default();
    [of(|keys| keys.keys), of(|keys| keys.moved), of(|keys| keys.late_keys), of(|keys| keys.late_messages)]
}

fn row(record: &TrialRecord, outcome: &str, one: &Aftermath) -> Vec<String> {
    let counted = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
    let injected = &one.injected;
    let still = |of: fn((usize, usize)) -> usize| counted(one.stood_still.map(|still| of(still) as u64));
    let mut row = vec![record.trial.clone(), injected.event.clone(), injected.kind.clone(), number(one.at_s)];
    row.push(known(injected.done_s));
    row.extend(seen(one.detection));
    row.extend(seen(one.unavailability));
    row.extend(seen(one.recovery));
    row.extend([known(one.peak_lag_messages), counted(one.lost), counted(one.duplicates)]);
    row.extend([
        record.treatment.clone(),
        outcome.to_owned(),
        injected.group.clone(),
        listed(&injected.instances),
    ]);
    row.extend([known(injected.undone_s), number(one.watched_s)]);
    // Of consumers that do not tell nobody knows how many moved.
    let is_known =
        record.followed.is_none() && (!injected.may_go_unnoticed() || injected.detected_s.is_some());
    row.push(counted(is_known.then_some(injected.moved_partitions.into())));
    row.extend([still(|(hit, _)| hit), still(|(_, all)| all)]);
    row.extend([
        known(one.unavailability_mean_s),
        known(one.availability_percent),
        known(one.catch_up.value()),
        known(one.drain_expected_s),
        known(one.lag_area),
        known(one.peak_p99.value()),
        known(one.overshoot_percent),
        known(one.reprocessed_percent),
        injected.trouble.clone().unwrap_or_default(),
        injected.broker.map(|id| id.to_string()).unwrap_or_default(),
        counted(one.out_of_order),
    ]);
    row
}
