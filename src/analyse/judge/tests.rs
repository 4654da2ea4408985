//! What a trial is judged to be.

mod events;

use super::*;
use crate::analyse::Load;
use crate::record::testing::Synthetic;
use crate::record::{CpuLimit, HostUse};

fn judged(trial: &Synthetic) -> Judged {
    judge(&trial.record(), &trial.rows(), &trial.latencies())
}

fn ids(judged: &Judged) -> Vec<&'static str> {
    judged.doubts.iter().map(|doubt| doubt.id).collect()
}

#[test]
fn a_steady_trial_is_valid_and_reads_its_rate() {
    let judged = judged(&Synthetic::default());
    assert_eq!((judged.outcome, judged.saturated), (Outcome::Valid, Some(false)));
    assert_eq!(ids(&judged), [""; 0], "10 000 messages are enough for p99.9");
    assert_eq!(judged.metric("processed_msgs_per_s"), Reading::Value(1000.0));
    assert_eq!(judged.metric("processed_mib_per_s"), Reading::Value(1000.0 / 1024.0));
    assert_eq!(judged.metric("lag_max_messages"), Reading::Value(10.0));
    assert_eq!(judged.metric("cluster_cpu_s_per_million"), Reading::Value(250.0));
    assert!((judged.metric("end_to_end_latency_p95_ms").value().unwrap() - 4.0).abs() < 0.01);
    assert_eq!(judged.metric("nonsense"), Reading::Empty);
}

#[test]
fn an_overloaded_trial_reads_its_capacity_and_is_saturated() {
    let judged = judged(&Synthetic { processed: 100, ..Synthetic::default() });
    assert_eq!((judged.outcome, judged.saturated), (Outcome::Valid, Some(true)));
    assert_eq!(ids(&judged), ["saturated"]);
    assert_eq!(judged.metric("processed_msgs_per_s"), Reading::Value(400.0));
    assert_eq!(judged.metric("lag_slope_msgs_per_s"), Reading::Value(600.0));
    assert_eq!(judged.metric("lag_trend_percent"), Reading::Value(60.0));
    assert_eq!(judged.metric("end_to_end_latency_censored"), Reading::Value(6_000.0));
    assert!(matches!(judged.metric("end_to_end_latency_p99_ms"), Reading::Beyond(_)));
}

#[test]
fn bytes_are_those_that_were_counted_whatever_was_asked_for() {
    let trial = Synthetic::default();
    let mut rows = trial.rows();
    for row in &mut rows {
        row.processed_bytes = Some(row.processed * 2 * 1024);
    }
    let judged = judge(&trial.record(), &rows, &trial.latencies());
    assert_eq!(judged.metric("processed_mib_per_s"), Reading::Value(2.0 * 1000.0 / 1024.0));
}

#[test]
fn a_backlog_that_its_latencies_do_not_make_is_a_doubt_that_limits() {
    // A thousand a second that take 400 ms each are 400.
    let of = |latency_ms: u64| {
        judged(&Synthetic { backlog: 400, latency_ns: latency_ms * 1_000_000, ..Synthetic::default() })
    };
    let fine = of(400);
    assert_eq!(ids(&fine), [""; 0]);
    assert!(fine.metric("little_error_percent").value().unwrap() < 0.2);
    let wrong = of(300);
    assert_eq!((wrong.outcome, ids(&wrong)), (Outcome::Valid, vec!["little"]));
    let what = &wrong.doubts[0].what;
    assert!(what.contains("400.0 messages were in the pipeline") && what.contains("is 300."), "{what}");
    let unexplained = wrong.metric("little_unexplained_percent").value().unwrap();
    assert!((5.0..25.0).contains(&unexplained), "{unexplained}");
}

#[test]
fn a_draining_backlog_is_not_called_steady() {
    let judged = judged(&Synthetic { backlog: 20_000, processed: 400, ..Synthetic::default() });
    assert_eq!((judged.outcome, judged.saturated), (Outcome::Valid, Some(false)));
    assert_eq!(ids(&judged), ["not_steady"]);
    assert_eq!(Load::of([&judged]), Load::Draining);
}

#[test]
fn what_is_refused_was_not_kept_up_with() {
    let judged = judged(&Synthetic { refused: 50, ..Synthetic::default() });
    assert_eq!(judged.saturated, Some(true));
    assert!(ids(&judged).contains(&"saturated"));
}

#[test]
fn a_trial_whose_host_nobody_watched_is_doubtful() {
    let trial = Synthetic::default();
    let record = TrialRecord { host: None, ..trial.record() };
    assert_eq!(ids(&judge(&record, &trial.rows(), &trial.latencies())), ["unwatched"]);
}

#[test]
fn second_copies_among_the_latencies_are_told() {
    let trial = Synthetic::default();
    let record = TrialRecord { unattributed_redeliveries: 3, ..trial.record() };
    let judged = judge(&record, &trial.rows(), &trial.latencies());
    assert_eq!((judged.outcome, ids(&judged)), (Outcome::Valid, vec!["second_copies"]));
}

#[test]
fn refused_messages_push_percentiles_up_and_never_out_of_sight() {
    // 5 of 250 refused: the median is that of the others, the 99th percentile lies among the refused.
    let judged = judged(&Synthetic { refused: 5, ..Synthetic::default() });
    for latency in ["ack_latency", "end_to_end_latency"] {
        assert_eq!(judged.metric(&format!("{latency}_n")), Reading::Value(10_000.0), "{latency}");
        assert_eq!(judged.metric(&format!("{latency}_censored")), Reading::Value(200.0), "{latency}");
        assert!(matches!(judged.metric(&format!("{latency}_p50_ms")), Reading::Value(_)));
        let p99 = judged.metric(&format!("{latency}_p99_ms"));
        assert!(p99.value().is_none() && p99.at_least().unwrap() >= 5_000.0, "{latency} {p99:?}");
    }
}

#[test]
fn books_that_do_not_balance_break_the_trial() {
    let trial = Synthetic::default();
    let mut record = trial.record();
    if let Some(books) = &mut record.books {
        books.acked -= 1;
    }
    let judged = judge(&record, &trial.rows(), &trial.latencies());
    assert_eq!(judged.outcome, Outcome::Broken);
    assert!(judged.doubts[0].what.contains("acked"), "{:?}", judged.doubts[0]);
    record.books = None;
    assert_eq!(judge(&record, &trial.rows(), &trial.latencies()).outcome, Outcome::Broken);
}

#[test]
fn each_spoiling_doubt_makes_a_trial_doubtful() {
    type Spoil = fn(&mut TrialRecord);
    let spoils: [(&str, Spoil); 11] = [
        ("load_cpu_short", |r| r.load_busiest_thread_cores = Some(0.95)),
        ("load_cpu_short", |r| (r.load_run_delay, r.load_wait_ms) = (Some(0.2), Some(0.6))),
        ("load_cpu_short", |r| (r.load_run_delay, r.load_wait_ms) = (Some(0.2), None)),
        ("cpu_quota", |r| {
            let limit =
                CpuLimit { cores: 0.5, periods: 50, throttled_periods: 28, throttled_s: 0.06, over_s: 5.0 };
            r.host = r.host.map(|host| HostUse { limit: Some(limit), ..host });
        }),
        ("host_cpu_short", |r| {
            r.host.iter_mut().for_each(|host| host.cpu_percent = 96.0);
        }),
        ("steal", |r| {
            r.host.iter_mut().for_each(|host| host.steal_percent = 12.0);
        }),
        ("rebalance", |r| r.rebalances = 1),
        ("instance_died", |r| r.deaths = 1),
        ("broker_error", |r| {
            r.broker_errors.insert("gone".to_owned(), 2);
        }),
        ("clock_jump", |r| r.clock_step_ms = Some(-11.0)),
        ("histogram_overflow", |r| r.out_of_range = 1),
    ];
    let trial = Synthetic::default();
    for (id, spoil) in spoils {
        let mut record = trial.record();
        spoil(&mut record);
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        assert_eq!((judged.outcome, ids(&judged)), (Outcome::Doubtful, vec![id]));
    }
}

#[test]
fn many_waits_for_a_core_that_are_too_short_to_be_seen_in_a_latency_spoil_nothing() {
    let trial = Synthetic::default();
    let mut record = trial.record();
    (record.load_run_delay, record.load_wait_ms) = (Some(0.4), Some(0.04));
    assert_eq!(judge(&record, &trial.rows(), &trial.latencies()).outcome, Outcome::Valid);
}

#[test]
fn a_late_fleet_spoils_a_trial_only_where_its_lateness_matters() {
    let judge_late = |latency_ns: u64| {
        let trial = Synthetic { latency_ns, ..Synthetic::default() };
        let mut latencies = trial.latencies();
        for (latency, ns) in [(Latency::SendDelay, 8_000_000), (Latency::Ack, latency_ns / 2)] {
            let mut late = crate::record::empty_histogram();
            late.record_n(ns, 30_000).unwrap();
            latencies.add(0, latency, &late);
        }
        judge(&trial.record(), &trial.rows(), &latencies).outcome
    };
    assert_eq!(judge_late(4_000_000), Outcome::Doubtful);
    assert_eq!(judge_late(400_000_000), Outcome::Valid);
}

#[test]
fn without_consumers_their_columns_are_empty_and_not_zero() {
    let judged = judged(&Synthetic { consumers: false, ..Synthetic::default() });
    assert_eq!(judged.outcome, Outcome::Valid);
    for name in [
        "received",
        "processed_msgs_per_s",
        "end_to_end_latency_n",
        "receive_latency_p50_ms",
        "lag_max_messages",
    ] {
        assert_eq!(judged.metric(name), Reading::Empty, "{name}");
    }
    assert_eq!(judged.metric("acked_msgs_per_s"), Reading::Value(1000.0));
}

#[test]
fn a_trial_at_max_is_saturated_says_nothing_from_due_and_may_take_all_cpu() {
    let trial = Synthetic { max: true, ..Synthetic::default() };
    let mut record = trial.record();
    record.load_busiest_thread_cores = Some(1.0);
    record.host.iter_mut().for_each(|host| host.cpu_percent = 100.0);
    let judged = judge(&record, &trial.rows(), &trial.latencies());
    assert_eq!((judged.outcome, judged.saturated), (Outcome::Valid, Some(true)));
    assert_eq!(ids(&judged), ["load_cpu_short", "host_cpu_short", "saturating"]);
    assert!(judged.doubts.iter().all(|doubt| !doubt.spoils));
    for name in [
        "offered_msgs_per_s",
        "lag_trend_percent",
        "send_delay_n",
        "ack_latency_p50_ms",
        "end_to_end_latency_censored",
    ] {
        assert_eq!(judged.metric(name), Reading::Empty, "{name}");
    }
    assert_eq!(judged.metric("sent_msgs_per_s"), Reading::Value(1000.0));
    assert_eq!(judged.metric("processed_msgs_per_s"), Reading::Value(1000.0));
}

#[test]
fn each_group_has_its_own_numbers_and_the_trial_those_of_the_first() {
    let trial = Synthetic::default();
    let (record, audit) = trial.with_audit(100);
    let judged = judge_groups(&record, &trial.rows(), &trial.latencies(), &[audit]);
    assert_eq!((judged.outcome, judged.saturated), (Outcome::Valid, Some(false)));
    assert_eq!(ids(&judged), [""; 0], "what limits another group is not said of the first");
    let of = |at: usize, name: &str| judged.groups[at].1.metric(name);
    assert_eq!(of(0, "processed_msgs_per_s"), judged.metric("processed_msgs_per_s"));
    assert_eq!(of(1, "processed_msgs_per_s"), Reading::Value(400.0));
    assert_eq!(of(1, "unread"), Reading::Value(150.0 * 48.0));
    assert_eq!(of(1, "end_to_end_latency_censored"), Reading::Value(6_000.0));
    assert_eq!(of(1, "ack_latency_censored"), Reading::Value(0.0));
    assert_eq!((judged.groups[1].1.saturated, ids(&judged.groups[1].1)), (Some(true), vec!["saturated"]));
}

#[test]
fn what_spoils_one_group_spoils_the_trial() {
    type Spoil = fn(&mut crate::record::GroupRecord);
    let spoils: [(Outcome, &str, Spoil); 3] = [
        (Outcome::Doubtful, "rebalance", |group| group.rebalances = 1),
        (Outcome::Doubtful, "instance_died", |group| group.deaths = 1),
        (Outcome::Broken, "books", |group| group.books = None),
    ];
    for (outcome, id, spoil) in spoils {
        let trial = Synthetic::default();
        let (mut record, audit) = trial.with_audit(250);
        spoil(&mut record.groups[1]);
        let judged = judge_groups(&record, &trial.rows(), &trial.latencies(), &[audit]);
        assert_eq!((judged.outcome, ids(&judged)), (outcome, vec![id]));
        assert!(judged.doubts[0].what.starts_with("group `audit`: "), "{:?}", judged.doubts[0]);
        assert_eq!(judged.groups[0].1.outcome, outcome);
    }
}

#[test]
fn a_partition_that_gets_nothing_limits_and_the_busiest_is_told_with_its_lag() {
    let trial = Synthetic::default();
    let mut record = trial.record();
    let partitions = crate::record::Partitions {
        acked: vec![30, 0, 90],
        acked_in_window: vec![20, 0, 60],
        lag_end: Some(vec![9, 0, 4]),
        lag_unknown: 0,
        lag_max: None,
    };
    record.partitions = Some(partitions);
    let judged = judge(&record, &trial.rows(), &trial.latencies());
    assert_eq!(
        (judged.outcome, ids(&judged)),
        (Outcome::Valid, vec!["empty_partitions"]),
        "80 messages in batches of 20"
    );
    assert!(judged.doubts[0].what.contains("1 of 3 partitions"));
    assert_eq!(judged.metric("busiest_partition_percent"), Reading::Value(75.0));
    assert_eq!(judged.metric("lag_busiest_partition_messages"), Reading::Value(4.0));
    assert_eq!(judged.metric("lag_worst_partition_messages"), Reading::Value(9.0));
}

#[test]
fn what_was_cut_short_says_nothing_of_its_window() {
    let judged = judged(&Synthetic { end: End::Interrupted, ..Synthetic::default() });
    assert_eq!((judged.outcome, judged.saturated), (Outcome::Interrupted, None));
    assert_eq!(judged.metric("processed_msgs_per_s"), Reading::Empty);
    assert_eq!(judged.metric("due"), Reading::Value(12_000.0));
}

#[test]
fn where_no_broker_tells_a_backlog_of_producers_alone_is_unknown_and_does_not_grow() {
    let trial = Synthetic { consumers: false, ..Synthetic::default() };
    let (mut record, mut rows) = (trial.record(), trial.rows());
    let books = record.books.as_mut().unwrap();
    (books.acked, books.in_flight) = (0, books.sent);
    let mut due = 0;
    for row in &mut rows {
        due += row.due;
        (row.acked, row.untold, row.backlog_messages) = (0, row.sent, due);
    }
    let untold = judge(&record, &rows, &trial.latencies());
    assert_eq!((untold.trend, untold.saturated, ids(&untold)), (None, None, Vec::new()), "acks: 0");
    assert_eq!(untold.metric("backlog_end_messages"), Reading::Between(0.0, 12_000.0));
    assert_eq!(untold.metric("acked_msgs_per_s"), Reading::Empty);
    assert_eq!(untold.metric("ack_latency_p50_ms"), Reading::Empty, "no ack was late");
    for row in &mut rows {
        row.untold = 0;
    }
    let silent = judge(&record, &rows, &trial.latencies());
    assert_eq!(silent.trend, Some(1), "brokers that do not answer");
    assert_eq!(silent.metric("acked_msgs_per_s"), Reading::Value(0.0));
}

#[test]
fn what_brokers_hold_back_limits_a_trial_to_their_quota_and_a_little_of_it_is_only_told() {
    let trial = Synthetic::default();
    let mut rows = trial.rows();
    let judged_with = |rows: &[crate::record::series::Row]| judge(&trial.record(), rows, &trial.latencies());
    let told =
        |judged: &Judged| ["produce_throttled_ms", "fetch_throttled_ms"].map(|name| judged.metric(name));
    assert_eq!(told(&judged_with(&rows)), [Reading::Empty, Reading::Empty], "older records do not tell");
    for row in &mut rows {
        (row.produce_throttled_ms, row.fetch_throttled_ms) = (Some(0), Some(2));
    }
    let little = judged_with(&rows);
    assert_eq!((told(&little), ids(&little)), ([Reading::Value(0.0), Reading::Value(80.0)], Vec::new()));
    for row in &mut rows {
        row.produce_throttled_ms = Some(50);
    }
    let held = judged_with(&rows);
    assert_eq!((held.outcome, ids(&held)), (Outcome::Valid, vec!["quota"]));
    assert!(held.doubts[0].what.contains("the cluster's quota: brokers held back producers for 2.0 s"));
    assert!(held.doubts[0].hint.starts_with("its capacity is the quota's"));
}
