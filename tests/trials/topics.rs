//! Promises about topics that the cluster would not make: told before the first trial, in the broker's words.

use crate::support::Desk;

const REST: &str = "workload: { rate: 50/s }\nphases: { warm_up: 0s, measure: 5s, drain: 0s }\n";

#[test]
fn a_topic_that_the_cluster_would_not_make_is_a_fault_before_the_first_trial() {
    for (topic, place, words) in [
        ("{ config: { retenton.ms: 600000 } }", "promise.yaml:3:", "Unknown topic config name: retenton.ms"),
        (
            "{ config: { cleanup.policy: compact, retention.ms: soon } }",
            "promise.yaml:3:",
            "Invalid value soon for configuration retention.ms",
        ),
        ("{ replication: 3 }", "promise.yaml:3:23", "eplication factor"),
    ] {
        let desk = Desk::new(&format!("topic: {topic}\n{REST}"));
        let output = desk.run(&[]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(place) && told.contains(words), "{told}");
        let trials = std::fs::read_dir(desk.results().join("trials")).map_or(0, Iterator::count);
        assert_eq!(trials, 0, "{told}");
    }
}

#[test]
fn topics_of_all_treatments_are_tried_at_once_and_those_that_can_be_are_not_made() {
    let levels = "factors: { topic.config.cleanup.policy: [compact, soon, delete, later] }\n";
    let desk = Desk::new(&format!("{REST}{levels}"));
    let output = desk.run(&[]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for place in ["promise.yaml:5:51", "promise.yaml:5:65"] {
        assert!(told.contains(place), "{told}");
    }
    assert_eq!(told.matches("the cluster refuses the topic of").count(), 2, "{told}");
}
