//! Promises of whole trials, on a real Kafka that the tests start themselves.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod backlog;
mod baseline;
mod brokers;
mod capacity;
mod change;
mod containers;
mod distance;
mod drawn;
mod emulated;
mod ends;
mod events;
mod existing;
mod followed;
mod fortress;
mod groups;
mod growth;
mod limited;
mod limits;
mod logins;
mod looks;
mod machines;
mod members;
mod ordinary;
mod own;
mod page_of_consumers;
mod pages;
mod places;
mod producers;
mod quota;
mod readers;
mod refused;
mod results;
#[path = "../wire/scram.rs"]
mod scram;
mod secrets;
mod sent;
mod several;
mod stalls;
mod support;
mod topics;
mod transactions;
#[path = "../wire/mod.rs"]
mod wire;
mod working;

use std::time::Duration;

use kafka_bench::books::Topics;
use rustix::process::Signal;
use support::{
    Desk, Talking, admin, await_gone, await_that, brokers, children, number, plain, servers, signal,
    stands_still,
};
use wire::end_offsets;

/// One instance that can do 1 / 4 ms = 250 messages a second at most, offered far more.
const OVERLOADED: &str = "
topic: { partitions: 2 }
workload: { rate: 600/s, arrivals: constant, message: { size: 100B } }
consumers: { instances: 1, backend: { process: { work: { wait: 4ms } } } }
phases: { warm_up: 1s, measure: 5s, drain: 0s }
";

/// Two instances with time to spare.
const EASY: &str = "
topic: { partitions: 4 }
workload: { rate: 400/s, message: { size: 200B }, fleets: [ { name: all, producers: 3, share: 100%, properties: { linger.ms: 2 } } ] }
consumers: { instances: 2, backend: { process: { work: { wait: 1ms } } } }
phases: { warm_up: 1s, measure: 5s, drain: 10s }
slos: [ \"lost <= 0\", \"p90(end_to_end) < 2s\" ]
";

fn books_close(row: &std::collections::BTreeMap<String, String>) {
    let field = |column: &str| row[column].parse::<u64>().unwrap();
    assert_eq!(field("due"), field("sent") + field("refused"), "{row:?}");
    assert_eq!(field("sent"), field("acked") + field("failed") + field("in_flight"), "{row:?}");
    assert_eq!(
        field("acked"),
        field("received") + field("unread") + field("lost") + field("aborted"),
        "{row:?}"
    );
}

/// Doubts that the host causes.
const OF_THE_HOST: [&str; 5] =
    ["fleet_fell_behind", "load_cpu_short", "host_cpu_short", "steal", "clock_jump"];

/// Whether the host let the trial be; one that it disturbed is doubtful for that reason and no other.
fn undisturbed(row: &std::collections::BTreeMap<String, String>) -> bool {
    // A window of five seconds has few: one in which the host paused makes its p99.
    const OF_WHAT_WAS_ASKED: [&str; 5] =
        ["few_samples", "few_seconds", "saturated", "not_steady", "idle_instances"];
    let known = |doubt: &str| OF_THE_HOST.contains(&doubt) || OF_WHAT_WAS_ASKED.contains(&doubt);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
    assert!(row["doubts"].split(';').filter(|doubt| !doubt.is_empty()).all(known), "{}", row["doubts"]);
    row["outcome"] == "valid"
}

#[test]
fn an_easy_trial_loses_nothing_and_holds_its_slos() {
    let desk = Desk::new(EASY);
    let output = desk.run(&["--keep"]);
    let row = desk.trials().remove(0);
    let code = if undisturbed(&row) { 0 } else { 4 };
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    books_close(&row);
    assert!(number(&row, "due") > 2_000.0 && row["unread"] == "0" && row["duplicates"] == "0");
    assert_eq!(row["saturated"], "false");

    // What was kept on the cluster says the same as the books.
    let topics = admin().topics("bench-").unwrap();
    let topic = topics
        .iter()
        .find(|topic| desk.results().to_string_lossy().ends_with(topic.split('-').nth(1).unwrap()))
        .unwrap();
    let written: i64 = end_offsets(&servers(), topic, 4).unwrap().iter().sum();
    assert_eq!(written, number(&row, "acked") as i64 + 4);
    let commits = admin().committed(&format!("promise-{topic}"), &Topics::one(topic, 4)).unwrap();
    assert_eq!(commits.iter().flatten().sum::<i64>(), written);

    // And `bench report` makes the same report of the records again.
    let saved = std::fs::read(desk.results().join("report.md")).unwrap();
    let again = desk.bench(&["report", desk.results().to_str().unwrap(), "--format", "md"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&again.stdout), String::from_utf8_lossy(&saved));

    let cleaned = desk.bench(&["clean"]).output().unwrap();
    assert!(cleaned.status.success());
    assert!(!admin().topics("bench-").unwrap().contains(topic));
}

#[test]
fn an_overloaded_trial_reads_the_capacity_whatever_its_phases() {
    for phases in ["phases.drain=0s", "phases.drain=4s", "phases.warm_up=3s", "phases.measure=8s"] {
        let desk = Desk::new(OVERLOADED);
        desk.run(&["--set", phases]);
        let row = desk.trials().remove(0);
        books_close(&row);
        assert_eq!(row["saturated"], "true", "{phases}");
        let processed = number(&row, "processed_msgs_per_s");
        assert!(
            processed <= 250.0 && (processed >= 200.0 || !undisturbed(&row)),
            "{phases}: {processed} msgs/s of a capacity just below 250"
        );
        assert!(number(&row, "unread") > 0.0);
        // Most of what was due in the window took longer than we watched.
        assert_eq!(row["end_to_end_latency_p99_ms"], "");
        assert!(number(&row, "end_to_end_latency_censored") > 0.0);
    }
}

#[test]
fn an_instance_that_is_killed_from_outside_has_numbers_as_if_an_event_had_killed_it_and_is_a_doubt() {
    // Another is paused for a moment, so that both tell when they stood still, and it is seen that the window has gone on for a while.
    let desk = Desk::new(&format!("{EASY}events: [ {{ at: 4s, pause: {{ instance: 0, for: 500ms }} }} ]\n"));
    // Six seconds is the least that brokers allow by default until a silent member is taken for dead; with commits rarer than that, what it had
    // processed comes to the other one again.
    let soon = "consumers.properties={ session.timeout.ms: 6000, auto.commit.interval.ms: 30000 }";
    let more = ["--set", soon, "--set", "phases.measure=12s", "--set", "phases.drain=60s"];
    let row = killed(&desk, &more, |consumers| {
        let paused = || consumers.iter().any(|pid| stands_still(*pid));
        await_that(Duration::from_secs(30), "nobody was paused", paused);
        *consumers.iter().find(|pid| !stands_still(**pid)).unwrap()
    });
    assert_eq!((row["lost"].as_str(), row["unread"].as_str()), ("0", "0"));
    assert!(number(&row, "duplicates") > 0.0 && number(&row, "received") > 0.0, "{row:?}");
    let events = desk.events();
    let told = || format!("{events:#?}\n{}", desk.told());
    let kinds: Vec<&str> = events.iter().map(|event| event["kind"].as_str()).collect();
    assert_eq!(kinds, ["pause", "died"], "{}", told());
    let seconds = |column: &str| number(&events[1], column);
    assert_eq!((events[1]["instances"].as_str(), events[1]["outcome"].as_str()), ("1", "doubtful"));
    assert!((4.0..5.0).contains(&seconds("at_s")), "{}", told());
    // Its session ends six seconds after its last heartbeat, of which it sent one every three.
    assert!((2.0..8.0).contains(&seconds("detection_s")), "{}", told());
    assert!((seconds("detection_s")..9.5).contains(&seconds("unavailability_s")), "{}", told());
    assert!(seconds("unavailable_partitions") >= 2.0 && seconds("moved_partitions") >= 2.0, "{}", told());
    assert!(seconds("peak_lag_messages") > 400.0 && seconds("availability_percent") < 97.0, "{}", told());
}

#[test]
fn what_a_killed_consumer_leaves_is_unread_and_not_lost() {
    let desk = Desk::new(EASY);
    let row = killed(&desk, &["--set", "phases.drain=0s"], |consumers| consumers[0]);
    assert_eq!(row["lost"], "0");
    assert!(number(&row, "unread") > 0.0, "{row:?}");
    // Where nothing was to be done on purpose nobody told when they stood still.
    let died = desk.events().remove(0);
    assert_eq!((died["kind"].as_str(), died["unavailability_s"].as_str()), ("died", ""), "{died:?}");
    assert_eq!(died["unavailability_censored"], "", "{died:?}");
}

/// A trial, one of whose two instances is killed: which, is asked as the window begins.
fn killed(
    desk: &Desk,
    more: &[&str],
    which: impl Fn(&[u32]) -> u32,
) -> std::collections::BTreeMap<String, String> {
    // Until its session ends it counts, and the group stays: six seconds is the least that brokers allow by default.
    let soon = ["run", "promise.yaml", "--set", "consumers.properties={ session.timeout.ms: 6000 }"];
    let mut run = Talking::start(desk.bench(&[&soon, more].concat()));
    run.await_line("measure");
    let consumers = children(run.child.id());
    assert_eq!(consumers.len(), 2);
    signal(which(&consumers), Signal::KILL);
    run.child.wait().unwrap();
    let row = desk.trials().remove(0);
    books_close(&row);
    assert_eq!(row["outcome"], "doubtful", "{}", row["doubts"]);
    assert!(row["doubts"].contains("instance_died"));
    let groups = groups(&servers());
    assert!(!groups.iter().any(|group| group.contains(&prefix(desk))), "{groups:?}");
    row
}

/// Names of the groups of a cluster.
fn groups(servers: &str) -> Vec<String> {
    use rdkafka::consumer::Consumer;
    let client: rdkafka::consumer::BaseConsumer =
        rdkafka::ClientConfig::new().set("bootstrap.servers", servers).create().unwrap();
    let list = client.fetch_group_list(None, std::time::Duration::from_secs(20)).unwrap();
    list.groups().iter().map(|group| group.name().to_owned()).collect()
}

#[test]
fn a_broker_that_dies_in_a_trial_ends_the_run_and_is_told() {
    let desk = Desk::with_cluster("{ kafka: { heap: 512MiB } }", EASY);
    let more = ["--set", "phases.prepare=0s", "--set", "phases.measure=60s"];
    let mut run = Talking::start(desk.bench(&[&["run", "promise.yaml"][..], &more].concat()));
    run.await_line("measure");
    let all = children(run.child.id());
    signal(brokers(&all)[0], Signal::KILL);
    // It would take a minute more if the window were sat out.
    run.await_line("the broker died");
    assert_eq!(run.child.wait().unwrap().code(), Some(3));
    await_gone(&all);
    let row = desk.trials().remove(0);
    assert_eq!((row["outcome"].as_str(), row["unread"].as_str()), ("failed", ""));
}

#[test]
fn ctrl_c_twice_ends_at_once_and_leaves_no_child() {
    let desk = Desk::new(&EASY.replace("wait: 1ms", "wait: 60s"));
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("trial 1 of 1");
    run.await_line("warm");
    let consumers = children(run.child.id());
    run.signal(Signal::INT);
    run.await_line("once more");
    run.signal(Signal::INT);
    run.await_line("at once");
    assert_eq!(run.child.wait().unwrap().code(), Some(130));
    await_gone(&consumers);
}

#[test]
fn no_secret_reaches_a_record_or_what_is_said() {
    let secret = "hunter2secret";
    let properties = "{ security.protocol: SASL_PLAINTEXT, sasl.mechanism: OAUTHBEARER, \
         enable.sasl.oauthbearer.unsecure.jwt: true, sasl.oauthbearer.config: \"${BENCH_TOKEN}\" }";
    let desk = Desk::new(&EASY.replace("{ linger.ms: 2 }", properties));
    let output = desk.bench(&["run", "promise.yaml"]).env("BENCH_TOKEN", secret).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&said).contains(secret));
    let mut folders = vec![desk.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
                assert!(!text.contains(secret), "{}", entry.path().display());
            }
        }
    }
    // The client did complain of it, so that there was something to hide.
    assert!(String::from_utf8_lossy(&said).contains("fleet `all` cannot write"));
}

#[test]
fn ctrl_c_keeps_what_was_measured_and_resume_does_the_rest() {
    let desk = Desk::new(&format!("{EASY}repetitions: 2\n"));
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("trial 2 of 2");
    run.await_line("measure");
    let consumers = children(run.child.id());
    run.signal(Signal::INT);
    assert_eq!(run.child.wait().unwrap().code(), Some(130));
    await_gone(&consumers);
    assert!(admin().topics(&prefix(&desk)).unwrap().is_empty());
    let rows = desk.trials();
    undisturbed(&rows[0]);
    assert_eq!(rows[1]["outcome"], "interrupted");
    books_close(&rows[1]);
    desk.whole();

    let resumed = desk.bench(&["run", "--resume", desk.results().to_str().unwrap()]).output().unwrap();
    let rows = desk.trials();
    assert_eq!(
        rows.iter().map(|row| row["trial"].as_str()).collect::<Vec<_>>(),
        ["001-base-r1", "002-base-r2"]
    );
    let code = if rows.iter().any(undisturbed) { 0 } else { 4 };
    assert_eq!(resumed.status.code(), Some(code), "{}", String::from_utf8_lossy(&resumed.stderr));
    for row in &rows {
        undisturbed(row);
    }
    // As an unbroken run ends.
    let manifest = std::fs::read_to_string(desk.results().join("manifest.json")).unwrap();
    assert!(!manifest.contains("\"finished\": null"));
    let report = plain(&std::fs::read(desk.results().join("report.md")).unwrap());
    assert!(report.contains("Trials: 2 of 2 planned") && report.contains("Gone on with at"), "{report}");
    let told = desk.whole();
    assert!(
        told.contains("each with the sum that it was written with; the books of 3 trials close"),
        "{told}"
    );
}

#[test]
fn a_killed_run_leaves_no_child_and_clean_takes_its_topics_but_no_living_runs() {
    let desk = Desk::new(EASY);
    let living = Talking::start(desk.bench(&[
        "run",
        "promise.yaml",
        "--out",
        "living",
        "--set",
        "phases.measure=120s",
    ]));
    living.await_line("measure");
    // The dead run's members count as living until their sessions end: six seconds is the least that brokers allow by default.
    let soon = "consumers.properties={ session.timeout.ms: 6000 }";
    let mut dead = Talking::start(desk.bench(&["run", "promise.yaml", "--set", soon]));
    dead.await_line("measure");
    let orphans = children(dead.child.id());
    assert_eq!(orphans.len(), 2);
    dead.signal(Signal::KILL);
    dead.child.wait().unwrap();
    await_gone(&orphans);
    assert_eq!(admin().topics(&prefix(&desk)).unwrap().len(), 1);
    assert!(desk.bench(&["clean"]).status().unwrap().success());
    assert!(admin().topics(&prefix(&desk)).unwrap().is_empty());
    assert_eq!(children(living.child.id()).len(), 2);
    let folder = std::fs::read_dir(desk.folder.path().join("living/promise")).unwrap().next().unwrap();
    assert_eq!(admin().topics(&prefix_of(&folder.unwrap().path())).unwrap().len(), 1);
    living.signal(Signal::TERM);
    let mut living = living.child;
    assert_eq!(living.wait().unwrap().code(), Some(143));
}

#[test]
fn a_consumer_or_a_fleet_that_cannot_start_ends_the_run_before_any_trial() {
    let lost = "{ security.protocol: ssl, ssl.ca.location: /nowhere }";
    let of_group = (format!("consumers.properties={lost}"), "group `");
    let of_fleet =
        (format!("workload.fleets=[{{ name: all, properties: {lost} }}]"), "fleet `all` cannot write");
    for (set, named) in [of_group, of_fleet] {
        let desk = Desk::new(EASY);
        let output = desk.run(&["--set", &set]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains(named) && told.contains("ssl.ca.location"), "{told}");
        assert!(!desk.results().join("trials.csv").exists());
        assert!(admin().topics(&prefix(&desk)).unwrap().is_empty());
    }
}

#[test]
fn the_phases_come_in_their_order() {
    let desk = Desk::new(EASY);
    desk.run(&[]);
    let trial = desk.results().join("trials/001-base-r1");
    let series = std::fs::read_to_string(trial.join("series.csv")).unwrap();
    let mut phases: Vec<&str> = series.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    phases.dedup();
    assert_eq!(phases[..2], ["warm_up", "measure"]);
    assert!(phases[2..].iter().all(|phase| *phase == "drain") && phases.len() <= 3);
    let events = std::fs::read_to_string(trial.join("events.jsonl")).unwrap();
    let place = |kind: &str| events.find(kind).unwrap_or_else(|| panic!("no {kind} in {events}"));
    assert!(place("ready") < place("measure") && place("measure") < place("drain"));
}

#[test]
fn a_killed_run_leaves_no_java_and_clean_takes_its_files() {
    let desk = Desk::with_cluster("{ kafka: { heap: 256MiB } }", EASY);
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml", "--set", "phases.prepare=0s"]));
    run.await_line("measure");
    let all = children(run.child.id());
    assert_eq!(all.len(), 3, "a broker and two instances");
    run.signal(Signal::KILL);
    run.child.wait().unwrap();
    await_gone(&all);
    let output = desk.bench(&["clean"]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("removed folder"));
    desk.whole();
}

#[test]
fn a_broker_that_does_not_come_up_is_told_with_the_end_of_its_log() {
    let desk = Desk::with_cluster("{ kafka: { heap: 256MiB, config: { num.network.threads: many } } }", EASY);
    let output = desk.run(&[]);
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("the broker") && told.contains("num.network.threads"), "{told}");
    assert!(desk.results().join("broker.log").exists());
}

#[test]
fn all_group_protocols_read_everything_and_one_member_more_than_partitions_is_known_to_have_joined() {
    for properties in [
        "partition.assignment.strategy: range",
        "partition.assignment.strategy: cooperative-sticky",
        "group.protocol: consumer",
    ] {
        let desk = Desk::new(EASY);
        let properties_of = format!("consumers.properties={{ {properties} }}");
        let output = desk.run(&["--set", &properties_of, "--set", "consumers.instances=5"]);
        let row = desk.trials().remove(0);
        // Counted as it is sent: 400 messages of 200 bytes each second, with what is around them.
        let [requests, records, mib] =
            ["requests_per_s", "records_per_batch", "wire_mib_per_s"].map(|column| number(&row, column));
        assert!((350.0..450.0).contains(&(requests * records)) && records >= 1.0, "{row:?}");
        assert!((0.076..0.3).contains(&mib) && number(&row, "load_cpu_cores") > 0.0, "{row:?}");
        assert!((0.076..0.3).contains(&number(&row, "fetched_mib_per_s")), "{row:?}");
        let code = if undisturbed(&row) { 0 } else { 4 };
        assert_eq!(output.status.code(), Some(code), "{properties}: {row:?}");
        books_close(&row);
        assert_eq!((row["unread"].as_str(), row["duplicates"].as_str()), ("0", "0"), "{properties}");
    }
}

#[test]
fn what_is_left_unread_is_the_lag_of_the_group() {
    let desk = Desk::new(OVERLOADED);
    desk.run(&["--keep"]);
    let row = desk.trials().remove(0);
    let topic = admin().topics(&prefix(&desk)).unwrap().remove(0);
    let ends: i64 = end_offsets(&servers(), &topic, 2).unwrap().iter().sum();
    let commits: i64 = admin()
        .committed(&format!("promise-{topic}"), &Topics::one(&*topic, 2))
        .unwrap()
        .iter()
        .flatten()
        .sum();
    // Without a drain some may have been written whose acks nobody waited for.
    let unknown = ends - 2 - number(&row, "acked") as i64;
    assert!(unknown <= number(&row, "in_flight") as i64, "{row:?}");
    assert_eq!((ends - commits - unknown).to_string(), row["unread"]);
    assert!(desk.bench(&["clean"]).status().unwrap().success());
}

fn prefix(desk: &Desk) -> String {
    prefix_of(&desk.results())
}

/// How the names of the topics begin of a run with this folder.
fn prefix_of(results: &std::path::Path) -> String {
    let name = results.file_name().unwrap().to_str().unwrap();
    format!("bench-{}-", name.rsplit('-').next().unwrap())
}
