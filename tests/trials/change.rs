//! What is changed in flight is changed, told, counted, and put back.

use std::time::Duration;

use rustix::process::Signal;

use crate::support::{
    Desk, Talking, await_gone, await_that, children, number, servers, signal, stands_still,
};
use crate::{books_close, groups, prefix};

/// Two pipelines for a while, then a replacement that has to boot, then another one beside the old in the same group.
const UPGRADES: &str = "
topic: { partitions: 2 }
workload: { rate: 100/s, message: { size: 100B } }
consumers: { group: work, instances: 1, instance_type: t3.micro, credits: { mode: standard, start: exhausted } }
emulation: { enforce: work }
phases: { prepare: 0s, warm_up: 1s, measure: 22s, drain: 15s }
events:
  - { at: 4s, name: twins, upgrade: { instance_type: t3.medium, how: beside, group: another, overlap: 3s, boot: 500ms } }
  - { at: 11s, name: back, upgrade: { instance_type: t3.micro, boot: { fixed: 1s } } }
  - { at: 16s, name: beside, upgrade: { instance_type: t3.medium, how: beside, overlap: 2s, boot: 500ms } }
";

#[test]
fn two_pipelines_do_everything_twice_and_a_replacement_is_down_until_it_has_booted() {
    let desk = Desk::new(UPGRADES);
    desk.run(&[]);
    let told = desk.told();
    let row = desk.trials().remove(0);
    books_close(&row);
    let events = desk.events();
    assert_eq!(events.len(), 3, "{told}");
    let seconds = |at: usize, column: &str| number(&events[at], column);
    // Both process all that is sent while they overlap: 100 a second for the overlap, and what the first had not committed.
    let (launched, booted, done) = (seconds(0, "launched_s"), seconds(0, "booted_s"), seconds(0, "done_s"));
    assert!(booted - launched >= 0.5 && done - booted >= 3.0, "{events:#?}\n{told}");
    assert!((seconds(0, "overlap_s") - (done - launched)).abs() < 1e-3, "{events:#?}");
    let price = 0.0416 / 3_600.0;
    assert!((seconds(0, "overlap_usd") / (price * (done - launched)) - 1.0).abs() < 0.01, "{events:#?}");
    let twice = number(&row, "duplicates");
    assert!((150.0..650.0).contains(&twice), "{twice}\n{told}");
    assert_eq!((row["lost"].as_str(), row["unread"].as_str()), ("0", "0"), "{row:?}\n{told}");
    // The first processing of each counts, and no other.
    let processed = number(&row, "processed_msgs_per_s");
    assert!((85.0..115.0).contains(&processed), "{processed}");
    // A replacement leaves, boots and starts: nothing is processed meanwhile, and nothing overlaps.
    assert_eq!(events[1]["overlap_s"], "0", "{events:#?}");
    assert_eq!((events[1]["instances"].as_str(), events[1]["new_instances"].as_str()), ("1", "2"));
    assert!(
        seconds(1, "unavailability_s") >= 1.0 && seconds(0, "unavailability_s") < 1.0,
        "{events:#?}\n{told}"
    );
    // Beside the old one in the same group nothing is done twice but what was not committed when they shared it out anew.
    assert_eq!((events[2]["instances"].as_str(), events[2]["new_instances"].as_str()), ("2", "3"));
    let together = seconds(2, "done_s") - seconds(2, "launched_s");
    assert!(together >= 2.5 && (seconds(2, "overlap_s") - together).abs() < 1e-3, "{events:#?}");
    assert!((seconds(2, "overlap_usd") / (price * together) - 1.0).abs() < 0.01, "{events:#?}");
    let record = desk.record();
    let types: Vec<(&str, usize)> = record["emulated"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            (group["instance_type"]["name"].as_str().unwrap(), group["instances"].as_array().unwrap().len())
        })
        .collect();
    assert_eq!(types, [("t3.micro", 2), ("t3.medium", 2)]);
    let medium = &record["emulated"][1]["instances"][0];
    let boot = medium["window_boot_s"].as_f64().unwrap();
    assert!((0.5..2.0).contains(&boot) && medium["window_up_s"].as_f64().unwrap() > boot + 3.0, "{medium}");
    // Whoever has left is paid for no longer.
    let first = record["emulated"][0]["instances"][0]["window_up_s"].as_f64().unwrap();
    assert!((first - (done - 1.0)).abs() < 0.5, "{first} of {done}");
    for doubt in ["rebalance", "instance_died", "event_missed", "unattributed"] {
        assert!(!row["doubts"].contains(doubt), "{}\n{told}", row["doubts"]);
    }
    desk.whole();
    assert_eq!(groups(&servers()).iter().filter(|group| group.starts_with("work-")).count(), 0);
}

/// Partitions are added, settings changed, credits taken, on clients that ask for the topic each second; then others take the only instance's place.
const IN_FLIGHT: &str = "
topic: { partitions: 2 }
workload:
  rate: 200/s
  message: { size: 100B, keys: { round_robin: { count: 40 } } }
  fleets:
    - { name: heavy, producers: 1, share: 50%, client: librdkafka, properties: { topic.metadata.refresh.interval.ms: 1000 } }
    - { name: light, producers: 1, share: 50%, client: light, properties: { topic.metadata.refresh.interval.ms: 1000 } }
consumers:
  instances: 1
  instance_type: t3.micro
  credits: { mode: standard, start: full }
  properties: { topic.metadata.refresh.interval.ms: 1000 }
emulation: { enforce: work }
phases: { prepare: 0s, warm_up: 1s, measure: 12s, drain: 15s }
events:
  - { at: 4s, topic: { partitions: 5 } }
  - { at: 5s, config: { topic: { max.message.bytes: 500000 } } }
  - { at: 6s, exhaust: credits }
  - { at: 8s, restart: { instance: 0 } }
  - { at: 10s, scale: { instances: 3 } }
  - { at: 11s, add: {} }
  - { at: 12s, remove: { instances: 3 } }
";

#[test]
fn partitions_settings_and_credits_change_in_flight_and_the_books_know_it() {
    let desk = Desk::new(IN_FLIGHT);
    desk.run(&[]);
    let told = desk.told();
    let row = desk.trials().remove(0);
    books_close(&row);
    for column in ["failed", "refused", "in_flight", "lost", "unread", "duplicates"] {
        assert_eq!(row[column], "0", "{column}: {row:?}\n{told}");
    }
    let events = desk.events();
    let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str()).collect();
    assert_eq!(kinds, ["topic", "config", "exhaust", "restart", "scale", "add", "remove"], "{told}");
    let met = |at: usize| [events[at]["instances"].as_str(), events[at]["new_instances"].as_str()];
    assert_eq!([3, 4, 5, 6].map(met), [["0", "1"], ["", "2 3"], ["", "4"], ["4 3 2", ""]], "{events:#?}");
    assert!(events.iter().all(|event| !event["done_s"].is_empty()), "{events:#?}\n{told}");
    assert_eq!(events[0]["partitions"], "5", "those too that were added: {events:#?}");
    // Both clients spread forty keys over five partitions by hashes: three in five of them lie elsewhere than over two, more or less.
    let (keys, moved) = (number(&events[0], "keys"), number(&events[0], "keys_moved"));
    assert!(keys >= 40.0 && (10.0..keys).contains(&moved), "{events:#?}");
    assert!(!events[0]["key_messages_out_of_order"].is_empty());
    assert!(number(&events[1], "undone_s") > 13.0, "it was put back when the trial was over: {told}");
    let record = desk.record();
    let acked = record["partitions"]["acked"].as_array().unwrap();
    assert!(acked.len() == 5 && acked.iter().all(|count| count.as_u64().unwrap() > 0), "{acked:?}");
    let balance = record["emulated"][0]["instances"][0]["balance_end_credits"].as_f64().unwrap();
    assert!(balance < 10.0, "{balance} of 288 credits were left");
    for doubt in ["rebalance", "broker_error", "event_missed", "empty_partitions", "hot_partition"] {
        assert!(!row["doubts"].contains(doubt), "{}\n{told}", row["doubts"]);
    }
    desk.whole();
}

#[test]
fn what_an_event_cannot_change_is_a_fault_of_the_file_before_the_first_trial() {
    let cluster = "{ kafka: { heap: 512MiB, config: { num.partitions: 6 } } }";
    let desk = Desk::with_cluster(
        cluster,
        "topic: { partitions: -1 }\nworkload: { rate: 10/s }\nphases: { prepare: 0s, warm_up: 0s, measure: 10s }\nevents:\n\
         - { at: 4s, name: typo, config: { topic: { max.mesage.bytes: 500000 } } }\n\
         - { at: 5s, name: unheard, config: { brokers: { num.io.thread: 2 } } }\n\
         - { at: 6s, name: fixed, config: { brokers: { broker.rack: elsewhere } } }\n\
         - { at: 7s, name: fine, config: { topic: { max.message.bytes: 500000 }, brokers: { num.io.threads: 4 } } }\n\
         - { at: 8s, name: fewer, topic: { partitions: 4 } }\n",
    );
    let output = desk.run(&[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    for (line, words) in [
        ("promise.yaml:7:", "`typo` sets of the topic: Unknown topic config name: max.mesage.bytes"),
        ("promise.yaml:8:", "brokers have no such setting: `num.io.thread`"),
        ("promise.yaml:9:", "event `fixed` cannot be done"),
        ("promise.yaml:11:", "a topic of 6 partitions, which is what the cluster makes"),
    ] {
        let has = |fault: &str| fault.contains(line) && fault.contains(words);
        assert!(told.lines().any(has), "{line} {words}: {told}");
    }
    assert!(!told.contains("fine"), "{told}");
}

#[test]
fn whatever_is_under_way_when_bench_is_killed_leaves_no_process_no_group_and_no_topic() {
    let servers = servers();
    let desk = Desk::new(
        "topic: { partitions: 2 }\nworkload: { rate: 100/s, message: { size: 100B } }\n\
         consumers: { group: gone, instances: 2, instance_type: t3.micro, properties: { session.timeout.ms: 6000 } }\n\
         emulation: { enforce: work, vcpu: 5% }\nphases: { prepare: 0s, warm_up: 1s, measure: 60s, drain: 1s }\nevents:\n\
         - { at: 4s, config: { topic: { max.message.bytes: 500000 } } }\n\
         - { at: 4100ms, topic: { partitions: 4 } }\n\
         - { at: 4200ms, add: { instances: 1, boot: 40s } }\n\
         - { at: 4300ms, upgrade: { instance_type: t3.medium, how: beside, group: another, overlap: 40s } }\n\
         - { at: 6s, pause: { instance: all, for: 50s } }\n",
    );
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    let bench = run.child.id();
    await_that(Duration::from_secs(30), "four instances were never paused", || {
        children(bench).iter().filter(|pid| stands_still(**pid)).count() == 4
    });
    let instances = children(bench);
    let topic = format!("{}001", prefix(&desk));
    signal(bench, Signal::KILL);
    run.child.wait().unwrap();
    await_gone(&instances);
    let cleaned = || desk.bench(&["clean"]).status().unwrap().success();
    await_that(Duration::from_secs(30), "sessions of lost members never ended", cleaned);
    assert!(!crate::support::admin().topics("").unwrap().contains(&topic));
    assert_eq!(groups(&servers).iter().filter(|group| group.starts_with("gone-")).count(), 0);
}
