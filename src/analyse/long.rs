//! Every metric of every trial, a row each, for programs that want one number a line. Bounds stand apart from values, so that nobody takes one for the other.

use super::findings::Findings;
use super::judge::Judged;
use super::reading::Reading;
use super::table::{cell, level};
use super::trial::TrialFindings;
use crate::record::Manifest;
use crate::spec::{Metric, metrics};

const BEFORE: [&str; 2] = ["trial", "treatment"];
const BEHIND: [&str; 11] = [
    "group",
    "outcome",
    "saturated",
    "emulated_vcpu_percent",
    "cost_basis",
    "metric",
    "unit",
    "value",
    "bound",
    "at_least",
    "at_most",
];

/// Header first. A row a trial and metric, in the order of the plan and of the columns of `trials.csv`; where `consumers` is a list, behind them those that
/// each group has.
pub fn long_table(manifest: &Manifest, findings: &Findings) -> Vec<Vec<String>> {
    let factors = manifest.factors.iter().map(String::as_str);
    let header = BEFORE.into_iter().chain(factors).chain(BEHIND).map(str::to_owned).collect();
    let mut table = vec![header];
    for trial in findings.trials() {
        table.extend(metrics().iter().zip(&trial.judged.metrics).map(|of| row(manifest, trial, None, of)));
        let scraped = manifest.scraped_metrics().into_iter();
        table.extend(
            scraped.map(|metric| row(manifest, trial, None, (&metric, &trial.judged.metric(&metric.name)))),
        );
        for group in &trial.judged.groups {
            let own = metrics().iter().zip(&group.1.metrics).filter(|(metric, _)| metric.is_of_group());
            table.extend(own.map(|of| row(manifest, trial, Some(group), of)));
        }
    }
    table
}

fn row(
    manifest: &Manifest,
    trial: &TrialFindings,
    group: Option<&(String, Judged)>,
    (metric, reading): (&Metric, &Reading),
) -> Vec<String> {
    let record = &trial.record;
    let judged = group.map_or(&trial.judged, |(_, judged)| judged);
    let emulated = match group {
        None => record.emulated.first(),
        Some((name, _)) => record.emulated.iter().find(|one| one.group == *name),
    };
    // Of a group nothing is priced.
    let basis = trial.cost.as_ref().filter(|_| metric.is_cost() && group.is_none());
    let shown = |of: Option<f64>| cell(metric, of.into());
    let (bound, at_least, at_most) = match reading {
        Reading::Beyond(_) => ("at_least", reading.at_least(), None),
        Reading::Between(..) => ("between", reading.at_least(), reading.at_most()),
        Reading::Value(_) | Reading::TooFew | Reading::Empty => ("", None, None),
    };
    let mut row = vec![record.trial.clone(), record.treatment.clone()];
    row.extend(manifest.factors.iter().map(|factor| level(record, factor)));
    row.extend([
        group.map(|(name, _)| name.clone()).unwrap_or_default(),
        trial.judged.outcome.name().to_owned(),
        judged.saturated.map(|yes| yes.to_string()).unwrap_or_default(),
        emulated.map(|one| super::table::number(one.vcpu_percent)).unwrap_or_default(),
        basis.map(|cost| cost.basis.name().to_owned()).unwrap_or_default(),
        metric.name.clone(),
        metric.unit.symbol().to_owned(),
        cell(metric, *reading),
        bound.to_owned(),
        shown(at_least),
        shown(at_most),
    ]);
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::judge;
    use crate::record::testing::{Synthetic, manifest};
    use crate::spec::{is_column, place};

    #[test]
    fn a_bound_is_no_value_and_what_is_unknown_is_empty() {
        let trial = Synthetic::default();
        let mut judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
        let at = |name: &str| place(name).unwrap();
        judged.metrics[at("due")] = Reading::Value(0.0);
        judged.metrics[at("lost")] = Reading::Empty;
        judged.metrics[at("ack_latency_p99_ms")] = Reading::Beyond(14_000.0);
        judged.metrics[at("lag_end_messages")] = Reading::Between(3.0, 5.0);
        judged.metrics[at("send_delay_p99_ms")] = Reading::TooFew;
        let manifest = manifest(&["a"]);
        let findings = Findings::of(&manifest, vec![TrialFindings::of(&manifest, trial.record(), judged)]);
        let table = long_table(&manifest, &findings);
        assert_eq!(table.len(), metrics().len() + 1);
        assert_eq!(table[0][..3], ["trial", "treatment", "topic.partitions"]);
        let told = |name: &str| {
            let row = table.iter().find(|row| row[8] == name).unwrap();
            row[9..].join("|")
        };
        assert_eq!(told("due"), "messages|0|||");
        assert_eq!(told("lost"), "messages||||");
        assert_eq!(told("ack_latency_p99_ms"), "ms||at_least|14000|");
        assert_eq!(told("lag_end_messages"), "messages||between|3|5");
        assert_eq!(told("send_delay_p99_ms"), "ms||||");
        let free: Vec<_> =
            table[0].iter().filter(|name| *name != "topic.partitions" && !is_column(name)).collect();
        assert!(free.is_empty(), "a factor may be called as a column is: {free:?}");
    }

    #[test]
    fn each_group_of_a_list_has_rows_of_its_own() {
        let trial = Synthetic::default();
        let (record, audit) = trial.with_audit(100);
        let judged = crate::analyse::judge_groups(&record, &trial.rows(), &trial.latencies(), &[audit]);
        let manifest = manifest(&["a"]);
        let findings = Findings::of(&manifest, vec![TrialFindings::of(&manifest, record, judged)]);
        let table = long_table(&manifest, &findings);
        let processed = table.iter().filter(|row| row[8] == "processed_msgs_per_s");
        let told: Vec<String> = processed.map(|row| format!("{} {} {}", row[3], row[5], row[10])).collect();
        assert_eq!(told, [" false 1000", "orders false 1000", "audit true 400"]);
        assert!(table.iter().all(|row| row[3].is_empty() || row[8] != "due"), "which is no group's");
    }
}
