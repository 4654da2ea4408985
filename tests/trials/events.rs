//! What is done to a trial on purpose is done, told, and set against what follows from it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::{Desk, Talking, await_gone, await_that, brokers, children, signal, stands_still};
use crate::{books_close, undisturbed};

/// Three instances of which one leaves, one hangs for less than its session and one is killed: the one that hung has everything then.
const THREE: &str = "
topic: { partitions: 6 }
workload: { rate: 600/s, message: { size: 100B } }
consumers: { instances: 3, properties: { session.timeout.ms: 6000 } }
phases: { prepare: 0s, warm_up: 1s, measure: 34s, drain: 20s }
events:
  - { at: 4s, stop: { instance: 0 } }
  - { at: 8s, name: hang, pause: { instance: 1, for: 2s } }
  - { at: { within: [16s, 17s] }, kill: { instance: 2 } }
";

#[test]
fn a_clean_leave_a_hang_and_a_kill_are_told_apart_by_their_times_and_are_no_doubt() {
    // Beside others the host may leave no quiet second for latencies to be as before: then it is tried again.
    let tried = |_| {
        let desk = Desk::new(THREE);
        desk.run(&[]);
        let row = desk.trials().remove(0);
        books_close(&row);
        let events = desk.events();
        (desk, row, events)
    };
    let [stop, hang, kill] = [0, 1, 2];
    let within = |event: &BTreeMap<String, String>, seconds: f64| {
        event["recovery_s"].parse::<f64>().is_ok_and(|took| took < seconds)
    };
    let (desk, row, events) = (0..5)
        .map(tried)
        .find(|(_, row, events)| {
            // After the first the next comes too soon to see it.
            !undisturbed(row) || (within(&events[hang], 5.0) && within(&events[kill], 11.0))
        })
        .expect("one of five trials after which all was soon as before, or that the host disturbed");
    let left_alone = undisturbed(&row);
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str()).collect();
    assert_eq!(names, ["stop", "hang", "kill"]);
    let seconds = |at: usize, column: &str| {
        events[at][column].parse::<f64>().unwrap_or_else(|_| panic!("{column}: {:#?}", events[at]))
    };
    assert!((16.0..17.2).contains(&seconds(kill, "at_s")), "{events:#?}");
    // Nobody else learns of a hang that is shorter than a session, and a partition stands still for as long as it lasts.
    assert_eq!(
        ["detection_s", "detection_censored", "moved_partitions"].map(|of| events[hang][of].as_str()),
        ["", "", "0"]
    );
    assert!((1.7..6.0).contains(&seconds(hang, "unavailability_s")), "{events:#?}");
    assert!(seconds(hang, "undone_s") - seconds(hang, "at_s") >= 2.0);
    assert!((0.0..0.5).contains(&(seconds(hang, "done_s") - seconds(hang, "at_s"))), "{events:#?}");
    // A clean leave is noticed long before a session ends, and SIGKILL not before.
    assert!(seconds(stop, "detection_s") < 4.0, "{events:#?}");
    assert!((4.5..12.0).contains(&seconds(kill, "detection_s")), "{events:#?}");
    assert!(seconds(kill, "unavailability_s") >= seconds(kill, "detection_s"));
    assert_eq!(row["unavailability_s"], events[kill]["unavailability_s"], "the worst is the trial's");
    assert!(seconds(kill, "unavailable_partitions") >= 1.0 && seconds(kill, "peak_lag_messages") > 200.0);
    // The one that was killed had half of the partitions, of which nothing came in time for a session: half of 6 to 8 of some 18 seconds.
    assert_eq!(events[kill]["in_time_ms"], "1000", "no SLO says it");
    assert!((50.0..92.0).contains(&seconds(kill, "availability_percent")), "{events:#?}");
    if left_alone {
        assert!(seconds(hang, "availability_percent") > seconds(kill, "availability_percent"), "{events:#?}");
        assert!(seconds(stop, "unavailability_s") < 4.0, "{events:#?}");
    }
    let told = desk.told();
    for text in
        ["stop: instance 0 of", "stop is done", "hang is over", "kill: instance 2 of", "ended, as was asked"]
    {
        assert!(told.contains(text), "{text}\n{told}");
    }
    assert!(!told.contains("ended on its own"), "{told}");
    desk.whole();
    let page = std::fs::read_to_string(desk.results().join("report.html")).unwrap();
    assert_eq!(page.contains("around the event"), left_alone, "the figure is of trials that count");
}

#[test]
fn an_instance_that_is_paused_when_the_run_is_ended_is_gone_with_it() {
    let desk = Desk::new(
        "topic: { partitions: 2 }\nworkload: { rate: 100/s, message: { size: 100B } }\n\
         consumers: { instances: 2 }\nphases: { prepare: 0s, warm_up: 1s, measure: 60s, drain: 10s }\n\
         events: [ { at: 4s, pause: { instance: all, for: 50s } } ]\n",
    );
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    let instances = children(run.child.id());
    let all = || instances.iter().copied().all(stands_still);
    await_that(Duration::from_secs(30), "they were never paused", all);
    signal(run.child.id(), rustix::process::Signal::INT);
    assert_eq!(run.child.wait().unwrap().code(), Some(130));
    for pid in instances {
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "{pid} is left");
    }
    let told = desk.told();
    assert!(told.contains("pause is over") && !told.contains("instance_killed"), "{told}");
}

/// All three that can be done to a broker, each to another one, and settings of those that are left: a topic that goes on with one replica less.
const BROKERS: &str = "
topic: { partitions: 3, replication: 3, config: { min.insync.replicas: 2 } }
workload:
  rate: 300/s
  message: { size: 100B }
  fleets:
    - { name: heavy, producers: 1, share: 50%, client: librdkafka, properties: { acks: all, enable.idempotence: true } }
    - { name: light, producers: 5, share: 50%, client: light, properties: { acks: all, enable.idempotence: true } }
consumers: { instances: 1 }
phases: { prepare: 0s, warm_up: 1s, measure: 18s, drain: 30s }
events:
  - { at: 4s, pause: { broker: leader-of-0, for: 500ms } }
  - { at: 6s, restart: { broker: controller } }
  - { at: 13s, kill: { broker: random } }
  - { at: 15s, config: { topic: { max.message.bytes: 500000 }, brokers: { num.io.threads: 4 } } }
";

#[test]
fn brokers_are_paused_restarted_and_killed_and_what_comes_of_it_is_no_doubt() {
    let soon = "broker.session.timeout.ms: 2000, broker.heartbeat.interval.ms: 400";
    let desk = Desk::with_cluster(
        &format!("{{ kafka: {{ brokers: 3, heap: 384MiB, config: {{ {soon} }} }} }}"),
        BROKERS,
    );
    desk.run(&[]);
    let row = desk.trials().remove(0);
    let told = desk.told();
    books_close(&row);
    for column in ["failed", "refused", "in_flight", "lost", "unread", "out_of_order"] {
        assert_eq!(row[column], "0", "{column}: {row:?}\n{told}");
    }
    for doubt in ["broker_error", "rebalance", "stall", "event_missed", "instance_died"] {
        assert!(!row["doubts"].contains(doubt), "{}\n{told}", row["doubts"]);
    }
    let events = desk.events();
    let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str()).collect();
    assert_eq!(kinds, ["pause_broker", "restart_broker", "kill_broker", "config"]);
    // The broker that a client took for the controller may be the one that is dead: it is not waited for.
    let at = |place: usize, column: &str| events[place][column].parse::<f64>().unwrap();
    assert!(at(3, "done_s") < at(2, "undone_s"), "{events:#?}\n{told}");
    for over in ["done_s", "undone_s"] {
        assert!(!events[3][over].is_empty() && events[3]["trouble"].is_empty(), "{:?}\n{told}", events[3]);
    }
    for (event, over) in events.iter().zip(["undone_s", "done_s", "undone_s"]) {
        assert!(["1", "2", "3"].contains(&event["broker"].as_str()), "{event:?}\n{told}");
        assert!(event[over].parse::<f64>().unwrap() > event["at_s"].parse::<f64>().unwrap(), "{event:?}");
    }
    assert!(told.contains("is up again)") && !told.contains("broker_died"), "{told}");
    desk.whole();
}

#[test]
fn a_broker_that_is_paused_and_cut_off_when_bench_is_ended_is_gone_with_it_and_so_is_its_data() {
    let desk = Desk::with_cluster(
        "{ kafka: { heap: 256MiB } }",
        "workload: { rate: 20/s }\nnetwork: { producers: { rtt: 20ms } }\n\
         phases: { prepare: 0s, warm_up: 1s, measure: 60s, drain: 1s }\nevents:\n  \
         - { at: 4s, partition: { from: producers, to: brokers, for: 50s } }\n  \
         - { at: 4500ms, pause: { broker: random, for: 50s } }\n",
    );
    let work = desk.folder.path().join("work");
    for end in [rustix::process::Signal::INT, rustix::process::Signal::KILL] {
        let mut run = Talking::start(desk.bench(&["run", "promise.yaml", "--work", work.to_str().unwrap()]));
        run.await_line("measure");
        let broker = brokers(&children(run.child.id()));
        await_that(Duration::from_secs(30), "it was never paused", || stands_still(broker[0]));
        signal(run.child.id(), end);
        let status = run.child.wait().unwrap();
        assert_eq!(status.code(), (end == rustix::process::Signal::INT).then_some(130));
        await_gone(&broker);
        let cleaned = desk.bench(&["clean"]).output().unwrap();
        assert!(cleaned.status.success(), "{cleaned:?}");
        assert_eq!(std::fs::read_dir(&work).unwrap().count(), 0, "its data is left");
    }
}
