//! What stands still in a window is seen, and named.

use super::support::{Desk, Talking, brokers, children, freeze};

const STEADY: &str = "
topic: { partitions: 2 }
workload: { rate: 400/s, message: { size: 100B } }
consumers: { instances: 2 }
phases: { warm_up: 3s, measure: 18s, drain: 30s }
";

/// A trial in whose window a process stands still for so long: the doubt that says so.
fn frozen(desk: &Desk, whom: impl Fn(&[u32]) -> u32, for_s: u64) -> (String, String) {
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml", "--set", "phases.prepare=0s"]));
    run.await_line("measure");
    freeze(whom(&children(run.child.id())), for_s);
    run.child.wait().unwrap();
    let row = desk.trials().remove(0);
    let report =
        desk.bench(&["report", desk.results().to_str().unwrap(), "--format", "json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    let doubts = report["trials"][0]["doubts"].as_array().unwrap();
    let stall = doubts.iter().find(|doubt| doubt["id"] == "stall");
    let stall = stall.unwrap_or_else(|| panic!("{doubts:#?}"));
    assert_eq!(stall["spoils"], true);
    let seconds = stall["figure"]["value"].as_f64().unwrap();
    assert!((for_s as f64 - 1.5..for_s as f64 + 4.0).contains(&seconds), "{stall}");
    (row["outcome"].clone(), stall["what"].as_str().unwrap().to_owned())
}

#[test]
fn a_broker_that_stood_still_in_the_window_is_a_stall_of_the_brokers() {
    let desk = Desk::with_cluster("{ kafka: { heap: 512MiB } }", STEADY);
    let (outcome, what) = frozen(&desk, |all| brokers(all)[0], 6);
    assert_eq!(outcome, "doubtful");
    assert!(what.contains("brokers"), "{what}");
}

#[test]
fn an_instance_that_stood_still_in_the_window_is_a_stall_of_that_instance() {
    let desk = Desk::new(STEADY);
    let (outcome, what) = frozen(&desk, |all| all[0], 6);
    assert_eq!(outcome, "doubtful");
    assert!(what.contains("instance"), "{what}");
}
