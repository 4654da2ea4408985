//! `trials.csv` and `treatments.csv`, header first. Names are a promise: added to, never renamed.

use super::cost::Cost;
use super::findings::Findings;
use super::judge::Judged;
use super::knee::Knee;
use super::reading::Reading;
use super::summary::Summary;
use super::trial::TrialFindings;
use crate::record::{Manifest, TrialRecord};
use crate::spec::{PROMISED, metrics};
use crate::units::Money;

const WHICH: [&str; 9] =
    ["trial", "order", "block", "repetition", "treatment", "seed", "started", "settle_s", "measure_s"];
const OUTCOME: [&str; 3] = ["outcome", "doubts", "saturated"];
const BASIS: &str = "cost_basis";
/// Parts of a cost that were promised first; the others stand at the end of a row.
const COST_PROMISED: usize = 2;
/// A part of a cost: its column, and how it is read. Money is written exactly.
type Part = (&'static str, fn(&Cost) -> Option<Amount>);

#[derive(Clone, Copy)]
enum Amount {
    Usd(Money),
    Number(f64),
}

#[rustfmt::skip]
const COST: [Part; 11] = [
    ("cost_sticker_usd_per_million", |cost| Some(Amount::Usd(cost.sticker_per_million()))),
    ("cost_credit_aware_usd_per_million", |cost| Some(Amount::Usd(cost.credit_aware_per_million()))),
    ("cost_good_msgs_per_s", |cost| Some(Amount::Number(cost.good_per_second()))),
    ("cost_instances_usd_per_hour", |cost| Some(Amount::Usd(cost.instances_per_hour))),
    ("cost_surplus_usd_per_hour", |cost| Some(Amount::Usd(cost.surplus_per_hour))),
    ("cost_brokers_usd_per_hour", |cost| cost.brokers_per_hour.map(Amount::Usd)),
    ("cost_storage_usd_per_hour", |cost| cost.storage_per_hour.map(Amount::Usd)),
    ("cost_transfer_usd_per_hour", |cost| cost.transfer_per_hour.map(Amount::Usd)),
    ("cost_idle_percent", |cost| cost.idle_percent.map(Amount::Number)),
    ("cost_settlement_usd", |cost| cost.settlement.map(Amount::Usd)),
    ("cost_minimum_usd", |cost| cost.minimum.map(Amount::Usd)),
];
/// Of an instance whose credits ran out, in seconds since time 0.
const KNEE: [&str; 2] = ["credit_knee_s", "credit_knee_predicted_s"];
/// How instances were emulated: numbers of such a trial are not to be read without it.
const EMULATED: [&str; 4] = ["emulated_vcpu_percent", "credit_mode", "credit_start", "credit_time_scale"];

fn amount(amount: Amount) -> String {
    match amount {
        Amount::Usd(money) => money.to_string(),
        Amount::Number(value) => number(value),
    }
}

fn cost_names(of: &[Part]) -> impl Iterator<Item = &'static str> {
    of.iter().map(|(name, _)| *name)
}

/// One row a trial.
pub fn trials_table(manifest: &Manifest, findings: &Findings) -> Vec<Vec<String>> {
    let (promised, later) = metric_names();
    let (first, further) = COST.split_at(COST_PROMISED);
    let header = which_header(manifest)
        .chain(OUTCOME.map(str::to_owned))
        .chain(promised)
        .chain(std::iter::once(BASIS).chain(cost_names(first)).map(str::to_owned))
        .chain(later)
        .chain(cost_names(further).chain(KNEE).chain(EMULATED).map(str::to_owned))
        .collect();
    let rows = findings.trials().map(|TrialFindings { record, judged, cost, knee, .. }| {
        let (promised, later) = judged.metrics.split_at(PROMISED.min(judged.metrics.len()));
        let mut row = which(manifest, record);
        row.extend(outcome(judged));
        row.extend(promised.iter().map(|reading| cell(*reading)));
        row.push(cost.as_ref().map(|cost| cost.basis.name().to_owned()).unwrap_or_default());
        row.extend(first.iter().map(|part| priced(cost.as_ref(), part)));
        row.extend(later.iter().map(|reading| cell(*reading)));
        row.extend(further.iter().map(|part| priced(cost.as_ref(), part)));
        row.extend(knee_cells(knee.as_ref()));
        row.extend(emulated_cells(record));
        row
    });
    std::iter::once(header).chain(rows).collect()
}

fn priced(cost: Option<&Cost>, (_, read): &Part) -> String {
    cost.and_then(read).map(amount).unwrap_or_default()
}

fn knee_cells(knee: Option<&Knee>) -> [String; 2] {
    knee.map(|knee| [knee.found_s, knee.predicted_s].map(number)).unwrap_or_default()
}

/// Of the first group, as all numbers of a trial; empty where nothing was emulated, of credits also where the type has none.
fn emulated_cells(record: &TrialRecord) -> [String; 4] {
    let Some(group) = record.emulated.first() else {
        return [const { String::new() }; 4];
    };
    let of_credits = |text: String| if group.credit_mode.is_some() { text } else { String::new() };
    [
        number(group.vcpu_percent),
        group.credit_mode.map(|mode| mode.name().to_owned()).unwrap_or_default(),
        group.credit_start.clone().unwrap_or_default(),
        of_credits(group.time_scale.to_string()),
    ]
}

/// One row a trial and group, for trials whose `consumers` are a list; none where no trial has one.
pub fn groups_table(manifest: &Manifest, findings: &Findings) -> Option<Vec<Vec<String>>> {
    let own: Vec<usize> =
        metrics().iter().enumerate().filter(|(_, metric)| metric.is_of_group()).map(|(at, _)| at).collect();
    let header = which_header(manifest)
        .chain(["group", "instances", "threads"].map(str::to_owned))
        .chain(OUTCOME.map(str::to_owned))
        .chain(own.iter().map(|at| metrics()[*at].name.clone()))
        .collect();
    let mut table = vec![header];
    for TrialFindings { record, judged, .. } in findings.trials() {
        for (group, (_, judged)) in record.groups.iter().zip(&judged.groups) {
            let mut row = which(manifest, record);
            row.extend([group.group.clone(), group.instances.to_string(), group.threads.to_string()]);
            row.extend(outcome(judged));
            row.extend(own.iter().map(|at| cell(judged.metrics[*at])));
            table.push(row);
        }
    }
    (table.len() > 1).then_some(table)
}

/// Names of the metrics: the promised ones, and those that were added since.
fn metric_names() -> (Vec<String>, Vec<String>) {
    let mut promised: Vec<String> = metrics().iter().map(|metric| metric.name.clone()).collect();
    let later = promised.split_off(PROMISED);
    (promised, later)
}

fn which_header(manifest: &Manifest) -> impl Iterator<Item = String> {
    WHICH.into_iter().chain(manifest.factors.iter().map(String::as_str)).map(str::to_owned)
}

fn which(manifest: &Manifest, record: &TrialRecord) -> Vec<String> {
    let mut row = vec![
        record.trial.clone(),
        record.order.to_string(),
        record.block.to_string(),
        record.repetition.to_string(),
        record.treatment.clone(),
        record.seed.to_string(),
        record.started.clone(),
        record.settle_s.map(number).unwrap_or_default(),
        number(record.asked.measure_s),
    ];
    row.extend(manifest.factors.iter().map(|factor| {
        let level = record.levels.iter().find(|(name, _)| name == factor);
        level.map(|(_, label)| label.clone()).unwrap_or_default()
    }));
    row
}

fn outcome(judged: &Judged) -> [String; 3] {
    let ids: Vec<&str> = judged.doubts.iter().map(|doubt| doubt.id).collect();
    let saturated = judged.saturated.map(|yes| yes.to_string()).unwrap_or_default();
    [judged.outcome.name().to_owned(), ids.join(";"), saturated]
}

/// One row a treatment. Numbers are over its valid trials.
pub fn treatments_table(manifest: &Manifest, findings: &Findings) -> Vec<Vec<String>> {
    let suffixed = |name: &str| ["median", "min", "max"].map(|part| format!("{name}_{part}"));
    let (promised, later) = metric_names();
    let (first, further) = COST.split_at(COST_PROMISED);
    let mut header = manifest.factors.clone();
    header.extend(["trials", "valid"].map(str::to_owned));
    header.extend(promised.iter().flat_map(|name| suffixed(name)));
    header.push(BASIS.to_owned());
    header.extend(cost_names(first).flat_map(suffixed));
    header.extend(manifest.slos.iter().map(|slo| format!("verdict: {}", slo.text)));
    header.push("treatment".to_owned());
    header.extend(later.iter().flat_map(|name| suffixed(name)));
    header.extend(cost_names(further).flat_map(suffixed));
    let rows = findings.treatments.iter().map(|treatment| {
        let mut row = treatment.levels.clone();
        row.push(treatment.trials.len().to_string());
        row.push(treatment.valid().count().to_string());
        let cells = |summary: &Summary| [summary.median, summary.min, summary.max].map(cell);
        let (promised, later) = treatment.metrics.split_at(PROMISED.min(treatment.metrics.len()));
        row.extend(promised.iter().flat_map(cells));
        row.push(treatment.costs.as_ref().map(|(basis, _)| basis.name().to_owned()).unwrap_or_default());
        let costs = treatment.costs.as_ref().map(|(_, costs)| costs.as_slice()).unwrap_or_default();
        let spread_of = |(_, read): &Part| spread(costs.iter().map(read).collect());
        row.extend(first.iter().flat_map(spread_of));
        row.extend(treatment.verdicts.iter().map(|verdict| verdict.name().to_owned()));
        row.push(treatment.slug.clone());
        row.extend(later.iter().flat_map(cells));
        row.extend(further.iter().flat_map(spread_of));
        row
    });
    std::iter::once(header).chain(rows).collect()
}

/// Median, least and greatest; empty where one of them is not known.
fn spread(parts: Vec<Option<Amount>>) -> [String; 3] {
    let Some(mut parts) =
        parts.into_iter().collect::<Option<Vec<Amount>>>().filter(|parts| !parts.is_empty())
    else {
        return [const { String::new() }; 3];
    };
    let key = |part: &Amount| match part {
        Amount::Usd(money) => money.as_dollars(),
        Amount::Number(value) => *value,
    };
    parts.sort_by(|a, b| key(a).total_cmp(&key(b)));
    let (low, high, last) = ((parts.len() - 1) / 2, parts.len() / 2, parts.len() - 1);
    let middle = match (&parts[low], &parts[high]) {
        (Amount::Usd(a), Amount::Usd(b)) => Amount::Usd((*a + *b).times(1, 2)),
        (a, b) => Amount::Number(f64::midpoint(key(a), key(b))),
    };
    [middle, parts[0], parts[last]].map(amount)
}

fn cell(reading: Reading) -> String {
    reading.value().map(number).unwrap_or_default()
}

/// Six decimals at most: a nanosecond in ms, and beyond what any probe resolves elsewhere.
fn number(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{judge, judge_groups};
    use crate::record::testing::{Synthetic, manifest};

    #[test]
    fn the_columns_of_trials_are_as_promised_in_their_order() {
        let trial = Synthetic::default();
        let judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
        let manifest = manifest(&["a"]);
        let findings = Findings::of(&manifest, vec![TrialFindings::of(&manifest, trial.record(), judged)]);
        let table = trials_table(&manifest, &findings);
        let mut promised = "trial order block repetition treatment seed started settle_s measure_s topic.partitions \
            outcome doubts saturated due sent refused acked failed in_flight received received_unacked duplicates \
            out_of_order unread lost aborted offered_msgs_per_s sent_msgs_per_s acked_msgs_per_s processed_msgs_per_s \
            processed_mib_per_s"
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>();
        for latency in ["send_delay", "accept_delay", "ack_latency", "receive_latency", "end_to_end_latency"]
        {
            for part in ["n", "censored", "p50_ms", "p90_ms", "p99_ms", "p99_9_ms", "max_ms"] {
                promised.push(format!("{latency}_{part}"));
            }
        }
        promised.extend(
            "backlog_start_messages backlog_end_messages backlog_slope_msgs_per_s lag_max_messages lag_end_messages \
            lag_slope_msgs_per_s lag_trend_percent time_lag_max_ms time_lag_end_ms consumers_cpu_cores \
            consumers_rss_max_mib cluster_cpu_cores cluster_cpu_s_per_million load_cpu_cores host_cpu_percent \
            cost_basis cost_sticker_usd_per_million cost_credit_aware_usd_per_million requests_per_s records_per_batch \
            wire_mib_per_s busiest_partition_percent lag_busiest_partition_messages lag_worst_partition_messages \
            received_aborted fairness_jain producer_slowest_percent producer_fastest_percent load_rss_max_mib connect_s oom_kills \
            cost_good_msgs_per_s cost_instances_usd_per_hour cost_surplus_usd_per_hour cost_brokers_usd_per_hour \
            cost_storage_usd_per_hour cost_transfer_usd_per_hour cost_idle_percent cost_settlement_usd cost_minimum_usd \
            credit_knee_s credit_knee_predicted_s emulated_vcpu_percent credit_mode credit_start credit_time_scale"
                .split_whitespace()
                .map(str::to_owned),
        );
        assert_eq!(table[0], promised);
        assert!(table.iter().all(|row| row.len() == promised.len()));
        let at = |name: &str| &table[1][promised.iter().position(|column| column == name).unwrap()];
        assert_eq!(at("processed_msgs_per_s"), "1000");
        assert_eq!(["requests_per_s", "records_per_batch", "wire_mib_per_s"].map(at), ["50", "20", "2"]);
        assert_eq!(at("outcome"), "valid");
        assert_eq!(at("saturated"), "false");
        assert_eq!(at("topic.partitions"), "a");
        assert_eq!(at("credit_time_scale"), "", "nothing was emulated");
        let treatments = treatments_table(&manifest, &findings);
        assert_eq!(treatments[0].len(), treatments[1].len());
        assert_eq!(treatments[0][..4], ["topic.partitions", "trials", "valid", "due_median"]);
        assert_eq!(groups_table(&manifest, &findings), None, "there is no list of groups");
    }

    #[test]
    fn a_list_of_groups_has_a_row_for_each_trial_and_group() {
        let trial = Synthetic::default();
        let (record, audit) = trial.with_audit(100);
        let judged = judge_groups(&record, &trial.rows(), &trial.latencies(), &[audit]);
        let manifest = manifest(&["a"]);
        let findings = Findings::of(&manifest, vec![TrialFindings::of(&manifest, record, judged)]);
        let table = groups_table(&manifest, &findings).unwrap();
        assert_eq!(table.len(), 3);
        assert!(table.iter().all(|row| row.len() == table[0].len()));
        let column = |name: &str| {
            let at = table[0].iter().position(|column| column == name).unwrap_or_else(|| panic!("no {name}"));
            [table[1][at].as_str(), table[2][at].as_str()]
        };
        assert_eq!(column("group"), ["orders", "audit"]);
        assert_eq!(column("processed_msgs_per_s"), ["1000", "400"]);
        assert_eq!(column("saturated"), ["false", "true"]);
        assert_eq!(column("acked"), ["12000"; 2]);
        assert_eq!(column("lag_worst_partition_messages"), [""; 2], "unknown is not zero");
        for name in ["unread", "end_to_end_latency_p99_9_ms", "lag_trend_percent", "consumers_cpu_cores"] {
            column(name);
        }
        for of_the_trial in ["due", "ack_latency_n", "cluster_cpu_cores", "busiest_partition_percent"] {
            assert!(!table[0].iter().any(|column| column == of_the_trial), "{of_the_trial}");
        }
    }
}
