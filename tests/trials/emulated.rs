//! Promises of emulated instances. They need the right to write control groups; where it is missing, a run says so and there is nothing to promise.

use std::collections::BTreeMap;
use std::path::Path;

use kafka_bench::books::InstanceSecond;
use kafka_bench::consumers::emulation::cgroup::Hierarchy;
use rustix::process::Signal;

use crate::support::{Desk, control_group, may_write, number, plain};

/// One instance that is offered more than it can do; `rest` goes into its `consumers`.
fn experiment(rest: &str, vcpu: &str) -> String {
    format!(
        "
topic: {{ partitions: 2 }}
workload: {{ rate: 60/s, arrivals: constant, message: {{ size: 100B }} }}
consumers: {{ instances: 1, {rest} }}
emulation: {{ vcpu: {vcpu} }}
phases: {{ warm_up: 3s, measure: 10s, drain: 0s }}
"
    )
}

fn seconds(desk: &Desk) -> Vec<InstanceSecond> {
    let mut reader = csv::Reader::from_path(desk.trial().join("instances.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn an_exhausted_instance_does_what_its_baseline_can_and_costs_its_rent_over_that() {
    if !may_write() {
        return;
    }
    let rest = "instance_type: t3.micro, credits: { mode: standard, start: exhausted }, \
        backend: { process: { work: { cpu: 20ms } } }";
    let desk = Desk::new(&experiment(rest, "40%"));
    desk.run(&[]);
    let inside: Vec<f64> =
        seconds(&desk).iter().filter(|one| one.t_s >= 3.0).map(|one| one.cpu_cores / 0.4).collect();
    let mean = inside.iter().sum::<f64>() / inside.len() as f64;
    assert!((0.18..=0.22).contains(&mean), "{mean} of a vCPU");
    let row = desk.trials().remove(0);
    // 20 ms at a fifth of a vCPU are ten messages a second; full-size numbers, whatever the share.
    let processed = number(&row, "processed_msgs_per_s");
    assert!((8.0..=10.3).contains(&processed), "{processed} msgs/s");
    assert_eq!(row["cost_basis"], "overload");
    let (rent, good) = (number(&row, "cost_instances_usd_per_hour"), number(&row, "cost_good_msgs_per_s"));
    let sticker = rent * 1e6 / (good * 3_600.0);
    assert!((number(&row, "cost_sticker_usd_per_million") / sticker - 1.0).abs() < 1e-4, "{row:?}");
    assert_eq!(row["cost_surplus_usd_per_hour"], "0");
}

#[test]
fn credits_run_out_when_the_recorded_use_says_so() {
    if !may_write() {
        return;
    }
    // One thread of a t3.micro: 0.8 vCPU above the baseline spend 8 credits in ten minutes, at 75-fold speed in 8 s.
    let rest = "instance_type: t3.micro, credits: { mode: standard, start: 8 credits, time_scale: 75 }, \
        backend: { process: { work: { cpu: 20ms } } }";
    let desk = Desk::new(&experiment(rest, "40%"));
    desk.run(&[]);
    let row = desk.trials().remove(0);
    let (found, predicted) = (number(&row, "credit_knee_s"), number(&row, "credit_knee_predicted_s"));
    assert!((found - predicted).abs() <= 0.1 * predicted, "{found} s, predicted {predicted} s");
    assert!((6.0..9.0).contains(&predicted), "{predicted}");
}

#[test]
fn a_working_set_that_does_not_fit_is_killed_and_told_as_that() {
    if !may_write() {
        return;
    }
    let rest = "instance_type: t3.nano, backend: { process: { work: { memory: 700MiB } } }";
    let desk = Desk::new(&experiment(rest, "40%"));
    let output = desk.run(&[]);
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    let row = desk.trials().remove(0);
    assert_eq!(row["outcome"], "failed");
    let record = desk.record();
    let kills = &record["emulated"][0]["instances"][0]["oom_kills"];
    assert_eq!((record["oom_kills"].as_u64(), kills.as_u64()), (Some(1), Some(1)), "{}", record["emulated"]);
    let report = plain(&output.stdout);
    assert!(
        report.contains("the kernel killed instance 0 for its memory: a t3.nano has 512 MiB"),
        "{report}"
    );
    let larger = Desk::new(&experiment(&rest.replace("nano", "small"), "40%"));
    larger.run(&[]);
    assert!(["valid", "doubtful"].contains(&larger.trials()[0]["outcome"].as_str()));
}

#[test]
fn a_killed_bench_leaves_no_control_group_after_clean() {
    if !may_write() {
        return;
    }
    let rest = "instance_type: t3.micro, properties: { session.timeout.ms: 6000 }, backend: { process: { work: { cpu: 5ms } } }";
    let desk = Desk::new(&experiment(rest, "20%"));
    let (mut run, instance) = desk.measuring();
    let group = control_group(instance, "cpu");
    assert!(group.to_str().unwrap().contains("/bench-"), "{group:?}");
    run.signal(Signal::KILL);
    run.child.wait().unwrap();
    let cleaned = desk.bench(&["clean"]).output().unwrap();
    assert!(cleaned.status.success(), "{}", String::from_utf8_lossy(&cleaned.stderr));
    let said = String::from_utf8_lossy(&cleaned.stdout).into_owned();
    let groups: Vec<&str> =
        said.lines().filter_map(|line| line.split_once("removed cgroup ")).map(|it| it.1).collect();
    assert!(!groups.is_empty() && groups.iter().all(|group| !Path::new(group).exists()), "{said}");
}

#[test]
fn without_the_right_to_write_groups_the_pacing_alone_holds_the_speed_and_the_report_says_so() {
    let rest = "instance_type: t3.micro, credits: { mode: standard, start: exhausted }, \
        backend: { process: { work: { cpu: 20ms } } }";
    let desk = Desk::new(&experiment(rest, "40%, enforce: work"));
    let output = desk.run(&[]);
    let processed = number(&desk.trials()[0], "processed_msgs_per_s");
    assert!((8.0..=10.3).contains(&processed), "{processed} msgs/s");
    assert!(plain(&output.stdout).contains("(emulated by pacing alone:"), "the answer says so too");
    let report = plain(&std::fs::read(desk.results().join("report.md")).unwrap());
    assert!(
        report.contains("the consumers' own pacing alone") && report.contains("(emulated by pacing alone:"),
        "{report}"
    );
    let told: BTreeMap<String, serde_json::Value> = serde_json::from_slice(
        &desk
            .bench(&["report", desk.results().to_str().unwrap(), "--format", "json"])
            .output()
            .unwrap()
            .stdout,
    )
    .unwrap();
    assert!(told["emulated"][0].as_str().unwrap().contains("t3.micro (2 vCPUs, 1024 MiB)"));
    let again = desk
        .bench(&["report", desk.results().to_str().unwrap(), "--prices", "nowhere.csv"])
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(2));
}

#[test]
fn where_groups_are_is_known_here() {
    // On a host of either kind the hierarchy is found, or the fix is named.
    match Hierarchy::find(Path::new("/")) {
        Ok(hierarchy) => assert!(hierarchy.under("x").iter().all(|folder| folder.ends_with("x"))),
        Err(error) => assert!(error.to_string().contains("enforce: work")),
    }
}
