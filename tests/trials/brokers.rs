//! Promises of clusters of several brokers, one of which is lost.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_bench::cluster::{Admin, BrokerFiles, BrokerSpec, Brokers, ClientSettings, Talk};
use kafka_bench::units::Bytes;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::metadata::MetadataPartition;
use rustix::process::Signal;

use crate::support::{self, Desk, Talking, await_gone, await_that, children, number, plain, signal};
use crate::{books_close, groups, prefix};

/// A lost broker is missed after 2 s and not after 9.
const SOON: &str = "broker.session.timeout.ms: 2000, broker.heartbeat.interval.ms: 400";

/// Both clients, idempotent, to a topic that goes on with one replica less.
const BOTH: &str = "
topic: { partitions: 3, replication: 3, config: { min.insync.replicas: 2 } }
workload:
  rate: 500/s
  message: { size: 100B }
  fleets:
    - { name: heavy, producers: 2, share: 50%, client: librdkafka, properties: { acks: all, enable.idempotence: true } }
    - { name: light, producers: 20, share: 50%, client: light, properties: { acks: all, enable.idempotence: true } }
consumers: { instances: 2 }
phases: { prepare: 0s, warm_up: 1s, measure: 12s, drain: 60s }
";

/// Brokers of the test's own, with the folder that holds them.
fn start(count: u32) -> (Brokers, tempfile::TempDir) {
    start_with(count, SOON)
}

/// With these settings.
fn start_with(count: u32, config: &str) -> (Brokers, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = config.split(", ").map(|setting| setting.split_once(": ").unwrap());
    let config = config.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let spec = BrokerSpec { version: "4.3.1".to_owned(), heap: Bytes::new(384 << 20), config };
    let (data, log) = (folder.path().join("data"), folder.path().join("broker.log"));
    let mut talk = Talk { tell: &mut |_| (), stop: &|| false };
    let brokers = Brokers::start(spec, count, BrokerFiles { data: &data, log: &log }, &mut talk).unwrap();
    (brokers, folder)
}

/// Leaders of the partitions of a run's only topic, as a living broker knows them.
fn leaders(servers: &str) -> Vec<i32> {
    of_partitions(servers, MetadataPartition::leader)
}

/// Something of each of them.
fn of_partitions<T>(servers: &str, of: impl Fn(&MetadataPartition) -> T) -> Vec<T> {
    let client: BaseConsumer = ClientConfig::new().set("bootstrap.servers", servers).create().unwrap();
    let metadata = client.fetch_metadata(None, Duration::from_secs(20)).unwrap();
    let topics = metadata.topics().iter().filter(|topic| topic.name().starts_with("bench-"));
    topics.flat_map(|topic| topic.partitions().iter().map(&of)).collect()
}

fn count(row: &BTreeMap<String, String>, column: &str) -> u64 {
    number(row, column) as u64
}

#[test]
fn both_clients_run_through_a_leader_that_is_killed_and_started_again_and_lose_what_it_alone_had_acked() {
    let (brokers, _folder) = start(3);
    let desk =
        Desk::with_cluster(&format!("{{ bootstrap: {{ servers: \"{}\" }} }}", brokers.load_servers()), BOTH);
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    let servers = brokers.each()[2].control_servers();
    let killed = &brokers.each()[1];
    assert!(leaders(&servers).contains(&killed.id()), "each of three brokers leads one of three partitions");
    killed.kill().unwrap();
    await_that(Duration::from_mins(1), "no other leader", || {
        let leaders = leaders(&servers);
        leaders.len() == 3 && leaders.iter().all(|leader| *leader >= 0 && *leader != killed.id())
    });
    brokers.start_dead().unwrap();
    run.child.wait().unwrap();
    let row = desk.trials().remove(0);
    books_close(&row);
    let told = || format!("{row:?}\n{}", desk.told());
    assert!(count(&row, "due") > 5_000, "{}", told());
    assert_eq!(row["acked"], row["due"], "{}", told());
    // What was acked twice, or written without an ack, lies there as an offset that nobody knows.
    for column in ["in_flight", "failed", "refused", "lost", "unread", "received_unacked", "out_of_order"] {
        assert_eq!(row[column], "0", "{column}: {}", told());
    }
    assert_eq!(row["received"], row["acked"], "{}", told());
    of_a_leader_alone(&brokers);
}

/// With `acks: 1` a leader acks what its follower does not have yet, as this stands still: what it acked meanwhile goes with it.
fn of_a_leader_alone(brokers: &Brokers) {
    let desk = Desk::with_cluster(
        &format!("{{ bootstrap: {{ servers: \"{}\" }} }}", brokers.load_servers()),
        &BOTH
            .replace(
                "partitions: 3, replication: 3, config: { min.insync.replicas: 2 }",
                "partitions: 1, replication: 2",
            )
            .replace("acks: all, enable.idempotence: true", "acks: 1")
            .replace("measure: 12s", "measure: 6s"),
    );
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    let known = of_partitions(&brokers.control_servers(), |of| (of.leader(), of.replicas().to_vec()));
    let [(leader, replicas)] = &known[..] else { panic!("{known:?}") };
    let of = |id: i32| brokers.each().iter().find(|broker| broker.id() == id).unwrap();
    let follower = of(*replicas.iter().find(|id| *id != leader).unwrap());
    follower.pause();
    // Nobody tells what was acked meanwhile: so long is enough for some hundred.
    std::thread::sleep(Duration::from_millis(700));
    of(*leader).kill().unwrap();
    follower.resume();
    let other = || leaders(&follower.control_servers()) == [follower.id()];
    await_that(Duration::from_mins(1), "no other leader", other);
    brokers.start_dead().unwrap();
    run.child.wait().unwrap();
    let row = desk.trials().remove(0);
    books_close(&row);
    let told = || format!("{row:?}\n{}", desk.told());
    assert!((100..600).contains(&count(&row, "lost")), "{}", told());
    assert_eq!(row["unread"], "0", "{}", told());
}

#[test]
fn the_loss_of_one_of_three_brokers_spoils_its_trial_and_the_next_one_has_it_again() {
    let desk = Desk::with_cluster(
        &format!("{{ kafka: {{ brokers: 3, heap: 384MiB, config: {{ {SOON} }} }} }}"),
        BOTH,
    );
    let mut run = Talking::start(desk.bench(&[
        "run",
        "promise.yaml",
        "--repetitions",
        "2",
        "--set",
        "phases.measure=6s",
    ]));
    run.await_line("measure");
    let brokers = support::brokers(&children(run.child.id()));
    assert_eq!(brokers.len(), 3);
    signal(brokers[1], Signal::KILL);
    run.child.wait().unwrap();
    let rows = desk.trials();
    assert_eq!(rows.len(), 2);
    rows.iter().for_each(books_close);
    assert_eq!(rows[0]["outcome"], "doubtful");
    assert!(rows[0]["doubts"].contains("broker_error"), "{:?}", rows[0]);
    assert!(desk.told().contains("of 3 died"), "{}", desk.told());
    assert!(!rows[1]["doubts"].contains("broker_error"), "{:?}", rows[1]);
    let used = number(&rows[1], "cluster_cpu_cores");
    assert!(used > 0.0, "{used}");
    let manifest = std::fs::read_to_string(desk.results().join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["cluster"]["count"], 3);
    for number in 1..=3 {
        assert!(desk.results().join(format!("broker-{number}.log")).exists());
    }
    await_gone(&brokers);
}

#[test]
fn a_signal_ends_all_brokers_of_a_run_and_takes_their_data() {
    let desk = Desk::with_cluster("{ kafka: { brokers: 3, heap: 256MiB } }", BOTH);
    let work = desk.folder.path().join("work");
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml", "--work", work.to_str().unwrap()]));
    run.await_line("warm up");
    let all = children(run.child.id());
    assert_eq!(support::brokers(&all).len(), 3);
    assert_eq!(std::fs::read_dir(&work).unwrap().count(), 1);
    run.signal(Signal::INT);
    assert_eq!(run.child.wait().unwrap().code(), Some(130));
    await_gone(&all);
    assert_eq!(std::fs::read_dir(&work).unwrap().count(), 0);
}

#[test]
fn a_topic_that_may_not_be_deleted_is_named_and_does_not_keep_its_group() {
    let (brokers, _folder) = start_with(1, "delete.topic.enable: false");
    let servers = brokers.load_servers();
    let desk = Desk::with_cluster(
        &format!("{{ bootstrap: {{ servers: \"{servers}\" }} }}"),
        "workload: { rate: 50/s }\nconsumers: { instances: 1 }\nphases: { warm_up: 0s, measure: 5s, drain: 10s }\n",
    );
    let output = desk.run(&[]);
    let told = String::from_utf8_lossy(&output.stderr);
    let left = format!("topic `{}001` could not be taken away", prefix(&desk));
    assert!(told.contains(&left) && told.contains("bench clean"), "{told}");
    assert!(desk.told().contains(&left), "{}", desk.told());
    assert_eq!(groups(&servers), Vec::<String>::new());
    // It is still known.
    let cleaned = desk.bench(&["clean"]).output().unwrap();
    assert!(String::from_utf8_lossy(&cleaned.stderr).contains("could not be taken away"), "{cleaned:?}");
}

#[test]
fn a_topic_has_the_clusters_defaults_where_it_is_asked_to_and_all_names_begin_as_they_may() {
    let (brokers, _folder) = start_with(2, "num.partitions: 3, default.replication.factor: 2");
    let servers = brokers.load_servers();
    let desk = Desk::with_cluster(
        &format!("{{ bootstrap: {{ servers: \"{servers}\" }} }}"),
        "topic: { partitions: -1, replication: -1, prefix: team-a. }\nworkload: { rate: 50/s }\n\
         consumers: { group: team-a.readers }\nphases: { warm_up: 0s, measure: 5s, drain: 10s }\n",
    );
    desk.run(&["--keep"]);
    let record = desk.record();
    assert_eq!((&record["asked"]["partitions"], &record["asked"]["replication"]), (&3.into(), &2.into()));
    books_close(&desk.trials()[0]);
    let settings = ClientSettings { servers: servers.clone(), properties: BTreeMap::new() };
    let topics = Admin::connect(&settings).unwrap().topics("").unwrap();
    let own: Vec<&String> = topics.iter().filter(|topic| !topic.starts_with("__")).collect();
    assert_eq!(own, [&format!("team-a.{}001", prefix(&desk))]);
    assert!(groups(&servers).iter().all(|group| group.starts_with("team-a.readers-")));
    assert!(desk.bench(&["clean"]).status().unwrap().success());
}

#[test]
fn fewer_replicas_in_sync_than_demanded_are_told_as_what_they_are_and_spoil_the_trial() {
    // For so long the leader takes its follower for living, and says nothing of what it was sent.
    let (brokers, _folder) =
        start_with(2, "broker.session.timeout.ms: 6000, broker.heartbeat.interval.ms: 1000");
    for client in ["librdkafka", "light"] {
        let desk = Desk::with_cluster(
            &format!("{{ bootstrap: {{ servers: \"{}\" }} }}", brokers.load_servers()),
            &format!(
                "topic: {{ partitions: 2, replication: 2, config: {{ min.insync.replicas: 2 }} }}\n\
                 workload: {{ rate: 200/s, message: {{ size: 100B }}, fleets: [ {{ name: all, client: {client}, properties: {{ acks: all }} }} ] }}\n\
                 consumers: {{ instances: 1 }}\nphases: {{ warm_up: 1s, measure: 18s, drain: 2s }}\n"
            ),
        );
        let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
        run.await_line("measure");
        brokers.each()[1].kill().unwrap();
        run.await_line("tear down");
        brokers.start_dead().unwrap(); // else the topic cannot be taken away
        run.child.wait().unwrap();
        let row = desk.trials().remove(0);
        let told = || format!("{client}: in flight {}, {}", row["in_flight"], desk.told());
        assert_eq!(row["outcome"], "doubtful", "{}", told());
        books_close(&row);
        assert!(count(&row, "in_flight") > 0, "{}", told());
        assert_eq!(row["duplicates"], "0", "{}", told());
        // What the leader had written when its follower died is read once that has left the in-sync replicas, and no ack ever tells of it: 50 ms of 200/s.
        assert!(count(&row, "received_unacked") <= 10, "{}", told());
        let record = desk.record();
        let errors: BTreeMap<String, u64> = serde_json::from_value(record["broker_errors"].clone()).unwrap();
        let of_replicas = errors.iter().find(|(words, _)| words.contains("Not enough in-sync replicas"));
        assert!(of_replicas.is_some_and(|(_, count)| *count > 3), "{}{errors:?}", told());
        let report = desk.bench(&["report", desk.results().to_str().unwrap()]).output().unwrap();
        assert!(plain(&report.stdout).contains("Not enough in-sync replicas"), "{}", plain(&report.stdout));
    }
}
