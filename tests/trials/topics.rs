//! Promises about topics that the cluster would not make: told before the first trial, in the broker's words.

use kafka_bench::spec::Topic;

use crate::prefix;
use crate::support::{Desk, admin};

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

#[test]
fn a_topic_that_an_earlier_try_has_made_is_made() {
    let topic = Topic { partitions: 2, replication: 1, ..Topic::default() };
    for _ in 0..2 {
        admin().create_topic("made-twice", &topic).unwrap();
    }
    let refused = admin().create_topic("made-thrice", &Topic { replication: 3, ..topic }).unwrap_err();
    assert!(refused.to_string().contains("eplication factor"), "in the broker's words: {refused}");
    admin().delete_topic("made-twice").unwrap();
}

#[test]
fn a_topic_that_cannot_be_made_any_more_ends_the_run_as_the_environments_failure() {
    let desk = Desk::new(
        "topic: { prefix: team. }\nworkload: { rate: 50/s }\nphases: { warm_up: 0s, measure: 5s, drain: 0s }\n",
    );
    let told = desk.folder.path().join("told");
    let mut command = desk.bench(&["run", "promise.yaml", "--repetitions", "3"]);
    let mut run = command
        .stdout(std::process::Stdio::null())
        .stderr(std::fs::File::create(&told).unwrap())
        .spawn()
        .unwrap();
    let told = || std::fs::read_to_string(&told).unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !told().contains("measure") {
        assert!(std::time::Instant::now() < deadline, "{}", told());
    }
    // Brokers take a dot and an underscore for the same in a topic's name, and have no two that differ in no more.
    let taken = format!("team_{}002", prefix(&desk));
    admin().create_topic(&taken, &Topic { partitions: 1, replication: 1, ..Topic::default() }).unwrap();
    let code = run.wait().unwrap().code();
    admin().delete_topic(&taken).unwrap();
    assert_eq!(code, Some(3), "{}", told());
    assert!(told().contains("collides with existing topic") && told().contains("--resume"), "{}", told());
    let outcomes: Vec<String> = desk.trials().iter().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes.last().unwrap(), "failed");
    assert_eq!(outcomes.len(), 2, "the third was not tried");
    // Now that the name is free, it goes on.
    let again = desk.bench(&["run", "--resume", desk.results().to_str().unwrap()]).output().unwrap();
    assert_ne!(again.status.code(), Some(3), "{}", String::from_utf8_lossy(&again.stderr));
}
