//! What the tables of a run promise.

use super::*;
use crate::analyse::{judge, judge_groups};
use crate::record::testing::{Synthetic, manifest};
use crate::record::{Away, Pings};
use crate::spec::is_column;

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
    for latency in ["send_delay", "accept_delay", "ack_latency", "receive_latency", "end_to_end_latency"] {
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
        cost_storage_usd_per_hour cost_transfer_usd_per_hour cost_idle_percent cost_settlement_usd cost_minimum_usd credit_knee_s \
        credit_knee_predicted_s lag_max_least_messages lag_max_most_messages lag_end_least_messages \
        lag_end_most_messages produce_throttled_ms fetch_throttled_ms little_error_percent little_unexplained_percent \
        lag_max_width_messages lag_end_width_messages committed_latency_n committed_latency_censored committed_latency_p50_ms \
        committed_latency_p90_ms committed_latency_p99_ms committed_latency_p99_9_ms committed_latency_max_ms foreign sent_width_msgs_per_s acked_width_msgs_per_s processed_width_msgs_per_s \
        processed_width_mib_per_s backlog_written_messages time_to_drain_s drained_msgs_per_s age_p50_ms age_p99_ms \
        detection_s unavailability_s recovery_s output_latency_n output_latency_censored output_latency_p50_ms output_latency_p90_ms \
        output_latency_p99_ms output_latency_p99_9_ms output_latency_max_ms output_missing output_doubled output_out_of_order output_unknown fetched_mib_per_s \
        lag_busiest_partition_width_messages lag_worst_partition_width_messages time_lag_max_width_ms time_lag_end_width_ms \
        requests_width_per_s wire_width_mib_per_s fetched_width_mib_per_s time_to_drain_width_s drained_width_msgs_per_s crossing_usd_per_million \
        detection_least_s unavailability_least_s recovery_least_s \
        emulated_vcpu_percent credit_mode credit_start credit_time_scale limiting_factor settled settled_cut_s settled_by settled_msgs_per_s drain_forecast_s drain_s drain_pace baseline"
            .split_whitespace()
            .map(str::to_owned),
    );
    assert_eq!(table[0], promised);
    assert!(table.iter().all(|row| row.len() == promised.len()));
    let at = |name: &str| &table[1][promised.iter().position(|column| column == name).unwrap()];
    assert_eq!(at("processed_msgs_per_s"), "1000");
    assert_eq!(["requests_per_s", "records_per_batch", "wire_mib_per_s"].map(at), ["50", "20", "2"]);
    assert_eq!(at("fetched_mib_per_s"), "4");
    assert_eq!(at("outcome"), "valid");
    assert_eq!(at("saturated"), "false");
    assert_eq!(at("topic.partitions"), "a");
    assert_eq!(at("credit_time_scale"), "", "nothing was emulated");
    let treatments = treatments_table(&manifest, &findings);
    assert_eq!(treatments[0].len(), treatments[1].len());
    assert_eq!(treatments[0][..4], ["topic.partitions", "trials", "valid", "due_median"]);
    assert_eq!(groups_table(&manifest, &findings), None, "there is no list of groups");
    // No factor may be called as a column is.
    let others = |column: &&String| **column != "topic.partitions" && !is_column(column);
    let free: Vec<_> = table[0].iter().chain(&treatments[0]).filter(others).collect();
    assert!(free.is_empty(), "not in `spec::columns`: {free:?}");
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
    assert!(
        table[0].iter().all(|column| column == "topic.partitions" || is_column(column)),
        "{:?}",
        table[0]
    );
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

#[test]
fn who_is_away_has_columns_of_its_own_and_nobody_else_has() {
    let trial = Synthetic::default();
    let mut record = trial.record();
    let away = |event: Option<&str>, rtt_ms: f64, median_ms: f64| Away {
        role: "consumers".to_owned(),
        event: event.map(str::to_owned),
        rtt_ms,
        pings: Some(Pings { count: 9, median_ms, ..Pings::default() }),
        ..Away::default()
    };
    record.network = vec![away(None, 76.5, 76.6), away(Some("nearer"), 10.0, 10.1)];
    let judged = judge(&record, &trial.rows(), &trial.latencies());
    let manifest = manifest(&["a"]);
    let findings = Findings::of(&manifest, vec![TrialFindings::of(&manifest, record, judged)]);
    let table = trials_table(&manifest, &findings);
    let last = |row: &[String]| row[row.len() - 2..].to_vec();
    assert_eq!(last(&table[0]), ["consumers_rtt_asked_ms", "consumers_rtt_ms"]);
    assert_eq!(last(&table[1]), ["76.5", "76.6"], "where it was when the trial began");
    assert!(last(&table[0]).iter().all(|column| is_column(column)));
    assert!(
        !table[0].iter().any(|column| column.starts_with("producers_rtt")),
        "they reach brokers directly"
    );
}
