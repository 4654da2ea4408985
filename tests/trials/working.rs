//! Promises of work beside CPU and wait, and of instances that are started again when the kernel has killed them.

use std::fs;
use std::process::Command;

use crate::support::{Desk, control_group, may_write, number, plain};

fn experiment(work: &str, rest: &str) -> String {
    format!(
        "
topic: {{ partitions: 2 }}
workload: {{ rate: 40/s, arrivals: constant, message: {{ size: 100B }} }}
consumers:
  instance_type: tiny
  properties: {{ session.timeout.ms: 6000 }}
  backend: {{ process: {{ work: {{ {work} }} }} }}
instance_types: [ {{ name: tiny, vcpus: 1, memory: 256MiB, price: $0.01/h }} ]
emulation: {{ vcpu: 50%, {rest} }}
phases: {{ warm_up: 1s, measure: 6s, drain: 20s }}
"
    )
}

/// Fills the memory of the group that a process is in until the kernel kills this process there.
fn crowd_out(pid: u32, bytes: u64) {
    let door = control_group(pid, "memory").join("cgroup.procs");
    let door = door.display();
    // Of those in the group it is the one to go.
    fs::write(format!("/proc/{pid}/oom_score_adj"), "1000").unwrap();
    let script = format!("echo $$ > {door} && head -c {bytes} /dev/zero | tail -c {bytes} > /dev/null");
    // Whether it comes to its end is its own affair.
    Command::new("sh").args(["-c", &script]).status().unwrap();
}

#[test]
fn an_instance_that_the_kernel_kills_for_its_memory_is_started_again_where_asked() {
    if !may_write() {
        return;
    }
    let desk = Desk::new(&experiment("memory: 96MiB, cpu: 2ms", "out_of_memory: restart"));
    let (mut run, instance) = desk.measuring();
    crowd_out(instance, 180 << 20);
    run.child.wait().unwrap();
    let row = desk.trials().remove(0);
    assert_eq!(row["outcome"], "doubtful", "{row:?}");
    assert!(row["doubts"].split(';').any(|doubt| doubt == "oom_kill"), "{row:?}");
    // The one in its place read on to the end.
    assert_eq!((row["lost"].as_str(), row["unread"].as_str()), ("0", "0"), "{row:?}");
    let trial = desk.trial();
    let events = desk.told();
    assert!(
        events.contains("killed instance 0 for its memory: a tiny has 256 MiB; another takes its place"),
        "{events}"
    );
    let record = desk.record();
    let kills = |instance: usize| record["emulated"][0]["instances"][instance]["oom_kills"].as_u64();
    assert_eq!((record["oom_kills"].as_u64(), kills(1)), (Some(1), Some(0)), "{}", record["emulated"]);
    assert!(kills(0) >= Some(1), "{}", record["emulated"]);
    let seconds = fs::read_to_string(trial.join("instances.csv")).unwrap();
    assert!(seconds.lines().any(|line| line.split(',').nth(2) == Some("1")), "instance 1 was never watched");
}

#[test]
fn each_message_is_written_to_the_disk() {
    if !may_write() {
        return;
    }
    let desk = Desk::new(&experiment("disk: { write: 64KiB, sync: true }", ""));
    let (mut run, instance) = desk.measuring();
    let written = || {
        let text = fs::read_to_string(format!("/proc/{instance}/io")).unwrap();
        text.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap().parse::<u64>().unwrap()
    };
    let before = written();
    run.await_line("drain");
    let messages = (written() - before) as f64 / f64::from(64 << 10);
    run.child.wait().unwrap();
    assert!((210.0..=280.0).contains(&messages), "240 were offered in the window, {messages} written");
    let row = desk.trials().remove(0);
    assert_eq!((row["unread"].as_str(), row["lost"].as_str()), ("0", "0"), "{row:?}");
}

#[test]
fn a_model_takes_its_weights_of_memory_and_its_time_on_the_vcpu() {
    if !may_write() {
        return;
    }
    // 24 models of two layers of 512 × 512 weights of 4 bytes are 48 MiB.
    let desk = Desk::new(&experiment("model: { layers: 2, width: 512, count: 24 }", ""));
    desk.run(&[]);
    let row = desk.trials().remove(0);
    assert_eq!((row["unread"].as_str(), row["lost"].as_str()), ("0", "0"), "{row:?}");
    assert!(number(&row, "consumers_rss_max_mib") >= 48.0, "{row:?}");
    assert!((38.0..=42.0).contains(&number(&row, "processed_msgs_per_s")), "{row:?}");
    // One that does not fit is killed, and says so.
    let larger = Desk::new(&experiment("model: { layers: 2, width: 512, count: 160 }", ""));
    let killed = larger.run(&[]);
    assert_eq!(larger.trials()[0]["outcome"], "failed", "{}", plain(&killed.stdout));
    assert!(plain(&killed.stdout).contains("a tiny has 256 MiB"), "{}", plain(&killed.stdout));
}
