//! Promises of trials about each of their producers.

use std::collections::BTreeMap;

use super::support::{Desk, number};
use super::undisturbed;

/// Two that offer a quarter each and one that offers half and lingers.
const THREE: &str = "
topic: { partitions: 2 }
workload:
  rate: 300/s
  message: { size: 100B }
  fleets:
    - { name: good, producers: 2, share: 50%, properties: { linger.ms: 2 } }
    - { name: slow, share: 50%, properties: { linger.ms: 50 } }
phases: { warm_up: 1s, measure: 5s, drain: 5s }
";

#[test]
fn each_producer_has_its_books_and_together_they_are_the_trials() {
    producers_add_up(&[]);
}

#[test]
fn light_producers_have_their_books_too_beside_librdkafkas() {
    producers_add_up(&["--set", "workload.fleets.good.client=light"]);
}

fn producers_add_up(arguments: &[&str]) {
    let desk = Desk::new(THREE);
    desk.run(arguments);
    let row = desk.trials().remove(0);
    undisturbed(&row);
    let mut reader = csv::Reader::from_path(desk.results().join("trials/001-base-r1/producers.csv")).unwrap();
    let producers: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let ids: Vec<&str> = producers.iter().map(|one| one["client_id"].as_str()).collect();
    assert_eq!(ids, ["bench-good-0", "bench-good-1", "bench-slow-0"]);
    for column in ["due", "sent", "refused", "acked", "failed", "in_flight"] {
        let sum: f64 = producers.iter().map(|one| number(one, column)).sum();
        assert!((sum - number(&row, column)).abs() < 0.5, "{column} of {producers:?}");
    }
    for (column, rate) in [("due_in_window", "offered_msgs_per_s"), ("acked_in_window", "acked_msgs_per_s")] {
        let sum: f64 = producers.iter().map(|one| number(one, column)).sum();
        assert!((sum - number(&row, rate) * 5.0).abs() < 0.5, "{column} of {producers:?}");
    }
    for one in &producers {
        let field = |column: &str| one[column].parse::<u64>().unwrap();
        assert_eq!(field("due"), field("sent") + field("refused"), "{one:?}");
        assert_eq!(field("sent"), field("acked") + field("failed") + field("in_flight"), "{one:?}");
    }
    let (jain, slowest) = (number(&row, "fairness_jain"), number(&row, "producer_slowest_percent"));
    assert!((0.9..=1.0).contains(&jain) && slowest > 50.0, "all were served: {jain}, {slowest}");
    let report = std::fs::read_to_string(desk.results().join("report.md")).unwrap();
    assert!(report.contains("## Producers") && report.contains("Jain's index"), "{report}");
}

/// Messages come so seldom that both clients' connections are ended in between.
const SELDOM: &str = "
topic: { partitions: 1 }
workload:
  rate: 0.8/s
  arrivals: constant
  message: { size: 100B }
  fleets:
    - { name: heavy, producers: 1, share: 50%, client: librdkafka, properties: { linger.ms: 0 } }
    - { name: light, producers: 1, share: 50%, client: light, properties: { linger.ms: 0 } }
phases: { prepare: 0s, warm_up: 2s, measure: 10s, drain: 10s }
";

#[test]
fn connections_that_a_broker_ends_for_being_idle_are_no_error_of_either_client() {
    let desk =
        Desk::with_cluster("{ kafka: { heap: 384MiB, config: { connections.max.idle.ms: 1000 } } }", SELDOM);
    desk.run(&[]);
    let row = desk.trials().remove(0);
    assert_eq!(row["acked"], row["due"], "{row:?}");
    undisturbed(&row);
}
