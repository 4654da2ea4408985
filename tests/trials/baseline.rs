//! Promises on one thread over all partitions, which a configuration has to beat.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Desk, plain};
use crate::undisturbed;

#[test]
fn two_instances_beat_one_thread_and_the_report_says_so() {
    // Each message waits 5 ms: one consumer does 200/s at most, and 500/s are offered.
    let desk = Desk::new(
        "topic: { partitions: 2 }
workload:
  rate: 500/s
  arrivals: constant
  message: { size: 100B }
  fleets:
    - { name: all, producers: 1, share: 100%, properties: { sticky.partitioning.linger.ms: 0 } }
consumers: { backend: { process: { work: { wait: 5ms } } } }
factors: { consumers.instances: [2] }
baseline: { consumers.properties: { fetch.wait.max.ms: 50 } }
phases: { prepare: 0s, warm_up: 1s, measure: 5s, drain: 0s }
repetitions: 3
",
    );
    let output = desk.run(&[]);
    let folder = desk.results();
    let report = plain(&fs::read(folder.join("report.md")).unwrap());
    let left_alone: Vec<bool> = desk.trials().iter().map(undisturbed).collect();
    if left_alone.iter().all(|left_alone| *left_alone) {
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(
            report.contains("COST: 2 instances, until this beats one thread over all partitions"),
            "{report}"
        );
    } else {
        // Of fewer blocks than three nothing may be decided.
        assert!([Some(0), Some(4)].contains(&output.status.code()), "{report}");
    }
    let plan = fs::read_to_string(folder.join("plan.csv")).unwrap();
    for block in 1..=3 {
        let own = plan.lines().filter(|line| line.contains(&format!(",{block},baseline,")));
        assert_eq!(own.count(), 1, "{plan}");
    }
    let record = fs::read_dir(folder.join("trials")).unwrap().flatten().map(|entry| entry.path());
    let marked = record.filter(|path| path.to_string_lossy().contains("baseline"));
    for trial in marked {
        let text = fs::read_to_string(trial.join("trial.json")).unwrap();
        assert!(text.contains("\"baseline\": true") || text.contains("\"baseline\":true"), "{text}");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/claims.py");
    let bench = env!("CARGO_BIN_EXE_bench");
    let derived = Command::new("python3").arg(script).arg(&folder).env("BENCH", bench).output().unwrap();
    assert!(derived.status.success(), "{}", String::from_utf8_lossy(&derived.stdout));
}
