//! Promises of topics that were there before, and of consumers that are deployed already: all is afterwards as it was.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kafka_bench::books::Topics;
use kafka_bench::envelope::Envelope;
use kafka_bench::spec::Topic;
use kafka_bench::timeline::Clock;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use rustix::process::Signal;

use crate::support::{Desk, Talking, admin, number, plain, servers, signal};
use crate::{end_offsets, groups, prefix};

const PARTITIONS: u32 = 2;

/// A topic of somebody else's, taken away with this.
struct Theirs {
    name: String,
}

impl Theirs {
    fn new(name: &str) -> Self {
        let config = BTreeMap::from([("retention.ms".to_owned(), "77777777".to_owned())]);
        let topic = Topic { partitions: PARTITIONS, replication: 1, config, ..Topic::default() };
        admin().create_topic(name, &topic).unwrap();
        Theirs { name: name.to_owned() }
    }

    fn topics(&self) -> Topics {
        Topics::one(&*self.name, PARTITIONS)
    }

    /// Sends orders that are none of bench's, and waits until all are written.
    fn send(&self, numbers: std::ops::Range<u32>) {
        let producer: BaseProducer =
            ClientConfig::new().set("bootstrap.servers", servers()).create().unwrap();
        for number in numbers {
            let (payload, key) = (format!("order {number}"), number.to_string());
            let record = BaseRecord::to(&self.name).partition((number % PARTITIONS) as i32);
            producer.send(record.payload(&payload).key(&key)).unwrap();
        }
        producer.flush(Duration::from_secs(20)).unwrap();
    }

    /// Sends orders in one transaction, and waits until it has ended: each of its partitions has a marker then, which takes an offset.
    fn transact(&self, numbers: std::ops::Range<u32>, commit: bool) {
        let limit = Duration::from_secs(20);
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", servers())
            .set("transactional.id", format!("{}-others", self.name))
            .create()
            .unwrap();
        producer.init_transactions(limit).unwrap();
        producer.begin_transaction().unwrap();
        for number in numbers {
            let (payload, key) = (format!("order {number}"), number.to_string());
            let record = BaseRecord::to(&self.name).partition((number % PARTITIONS) as i32);
            producer.send(record.payload(&payload).key(&key)).unwrap();
        }
        if commit {
            producer.commit_transaction(limit).unwrap();
        } else {
            producer.flush(limit).unwrap();
            producer.abort_transaction(limit).unwrap();
        }
    }

    /// Messages in it: how many are bench's, and offset and text of all others, by partition.
    fn holds(&self) -> (usize, BTreeMap<i32, Vec<(i64, String)>>) {
        let reader: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", servers())
            .set("group.id", "a reader that commits nothing")
            .set("enable.auto.commit", "false")
            .create()
            .unwrap();
        let ends = end_offsets(&servers(), &self.name, PARTITIONS).unwrap();
        let mut all = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            all.add_partition_offset(&self.name, partition as i32, Offset::Beginning).unwrap();
        }
        reader.assign(&all).unwrap();
        let (mut left, mut ours, mut theirs) = (ends.iter().sum::<i64>(), 0, BTreeMap::new());
        while left > 0 {
            let message = reader.poll(Duration::from_secs(20)).expect("nothing came").unwrap();
            left -= 1;
            let payload = message.payload().unwrap_or_default();
            if Envelope::read(payload).is_some() {
                ours += 1;
            } else {
                let text = String::from_utf8(payload.to_vec()).unwrap();
                theirs.entry(message.partition()).or_insert_with(Vec::new).push((message.offset(), text));
            }
        }
        (ours, theirs)
    }

    fn texts(&self) -> Vec<String> {
        let (_, theirs) = self.holds();
        let mut all: Vec<u32> = theirs
            .into_values()
            .flatten()
            .map(|(_, text)| text.strip_prefix("order ").unwrap().parse().unwrap())
            .collect();
        all.sort_unstable();
        all.into_iter().map(|number| number.to_string()).collect()
    }
}

impl Drop for Theirs {
    fn drop(&mut self) {
        admin().delete_topic(&self.name).ok();
    }
}

fn desk(topic: &Theirs, reset: &str, consumers: &str) -> Desk {
    Desk::new(&format!(
        "topic: {{ existing: {}{reset} }}\nworkload: {{ rate: 200/s, message: {{ size: 200B }} }}\nconsumers: {consumers}\n\
         phases: {{ warm_up: 1s, measure: 5s, drain: 20s }}\n",
        topic.name
    ))
}

/// Nothing is left of a run but its messages.
fn nothing_left(desk: &Desk) {
    assert!(!groups(&servers()).iter().any(|group| group.contains(&prefix(desk))));
    assert!(desk.noted().is_empty(), "{:?}", desk.noted());
}

#[test]
fn a_topic_that_was_there_is_afterwards_as_it_was_and_messages_of_others_are_in_no_rate_and_no_latency() {
    let topic = Theirs::new("existing-orders");
    topic.send(0..1_000);
    admin().commit("settled", &topic.topics(), &[Some(3), Some(4)]).unwrap();
    let (before, config) = (topic.holds(), admin().topic_config(&topic.name).unwrap());

    let desk = desk(&topic, "", "{ instances: 2 }");
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    topic.send(1_000..1_100);
    run.child.wait().unwrap();
    let row = desk.trials().remove(0);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
    assert_eq!(row["foreign"], "100", "what was there before is not read: {row:?}");
    assert_eq!(row["received"], row["acked"], "{row:?}");
    for none in ["received_unacked", "duplicates", "out_of_order", "unread", "lost"] {
        assert_eq!(row[none], "0", "{none}: {row:?}");
    }
    assert!(row["doubts"].contains("foreign_messages"), "{row:?}");
    let of_window = number(&row, "offered_msgs_per_s") * number(&row, "measure_s");
    assert!((number(&row, "end_to_end_latency_n") - of_window).abs() < 0.5, "{row:?}");

    // As it was: settings, partitions, each message of others at its offset, and where another group stands.
    let (ours, theirs) = topic.holds();
    assert!(ours as f64 >= number(&row, "acked"));
    for (partition, messages) in before.1 {
        assert_eq!(theirs[&partition][..messages.len()], messages[..]);
    }
    assert_eq!(topic.texts().len(), 1_100);
    assert_eq!(admin().topic_config(&topic.name).unwrap(), config);
    assert_eq!(admin().existing(&topic.name).unwrap(), Some((PARTITIONS, 1)));
    assert_eq!(admin().committed("settled", &topic.topics()).unwrap(), [Some(3), Some(4)]);
    nothing_left(&desk);
    admin().delete_group("settled", &|_| false).unwrap();

    // Where it is written, all that is there is read first.
    let all = end_offsets(&servers(), &topic.name, PARTITIONS).unwrap().iter().sum::<i64>();
    let desk = self::desk(&topic, ", reset: earliest", "{}");
    desk.run(&[]);
    let row = desk.trials().remove(0);
    assert_eq!((number(&row, "foreign"), &row["unread"]), (all as f64, &"0".to_owned()), "{row:?}");
    assert_eq!(row["received_unacked"], "0", "messages of another run are foreign too: {row:?}");
    nothing_left(&desk);
}

#[test]
fn a_killed_run_leaves_a_topic_that_was_there_and_clean_takes_its_group_alone() {
    let topic = Theirs::new("existing-killed");
    topic.send(0..10);
    let desk = desk(&topic, "", "{ properties: { session.timeout.ms: 6000 } }");
    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    run.signal(Signal::KILL);
    run.child.wait().unwrap();
    assert!(
        groups(&servers()).iter().any(|group| group.contains(&prefix(&desk))),
        "there is something to clean up"
    );
    let cleaned = desk.bench(&["clean"]).output().unwrap();
    let told = plain(&cleaned.stdout);
    assert!(cleaned.status.success() && told.contains("group ") && !told.contains("topic "), "{told}");
    assert_eq!(topic.texts().len(), 10);
    nothing_left(&desk);
}

#[test]
fn a_topic_that_is_not_there_is_refused_where_it_is_written() {
    let desk = Desk::new(
        "topic: { existing: no-such-topic }\nworkload: { rate: 10/s }\nphases: { warm_up: 0s, measure: 5s, drain: 0s }\n",
    );
    let output = desk.run(&[]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("the cluster has no topic `no-such-topic`") && told.contains("promise.yaml:3:"),
        "{told}"
    );
    assert!(!admin().topics("no-such").unwrap().contains(&"no-such-topic".to_owned()));
}

/// A consumer that somebody has deployed; it ends with this.
struct Deployed {
    child: Child,
}

impl Deployed {
    /// The reference consumer, whose lines nobody reads.
    fn start(desk: &Desk, topic: &str, group: &str) -> Self {
        let config = serde_json::json!({
            "servers": servers(), "group": group, "topic": topic, "trial": 0, "instance": 0, "threads": 1, "seed": 1,
            "clock": Clock::anchor(), "output": desk.folder.path().join("lines.jsonl"),
        });
        let file = desk.folder.path().join("deployed.json");
        fs::write(&file, config.to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
        command.arg("consumer").arg("--config").arg(&file).stdin(Stdio::null());
        Deployed { child: command.spawn().unwrap() }
    }
}

impl Drop for Deployed {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a group has committed, all partitions together.
fn committed(group: &str, topic: &str) -> i64 {
    admin().committed(group, &Topics::one(topic, PARTITIONS)).unwrap().into_iter().flatten().sum()
}

#[test]
fn deployed_consumers_are_followed_and_left_as_they_are() {
    let topic = Theirs::new("existing-deployed");
    topic.send(0..1_000);
    let desk = desk(&topic, "", "{ group: deployed, backend: { external: {} } }");
    let mut deployed = Deployed::start(&desk, &topic.name, "deployed");
    let deadline = Instant::now() + Duration::from_mins(1);
    while committed("deployed", &topic.name) < 1_000 {
        assert!(Instant::now() < deadline, "it never read what was there");
    }

    let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
    run.await_line("measure");
    topic.send(1_000..1_050);
    topic.transact(1_050..1_100, true);
    topic.transact(1_100..1_120, false);
    run.child.wait().unwrap();
    let row = desk.trials().remove(0);
    assert!(["valid", "doubtful"].contains(&row["outcome"].as_str()), "{row:?}");
    // Of a followed group foreign are all offsets that are not ours: those that were aborted too, and each transaction's marker in each partition.
    let markers = 2 * PARTITIONS;
    assert_eq!((&row["foreign"], row["unread"].as_str()), (&(120 + markers).to_string(), "0"), "{row:?}");
    assert_eq!(row["consumers_cpu_cores"], "", "nobody knows where it runs");
    let record = desk.record();
    assert_eq!(record["group"], "deployed");
    assert_eq!(record["asked"]["instances"], 1, "as many as were seen");
    let followed = &record["followed"];
    assert_eq!(followed["committed"].as_f64(), Some(number(&row, "acked")), "{followed}");
    assert!(number(&row, "committed_latency_p50_ms") > 0.0, "{row:?}");

    // It goes on, with all that it has committed.
    assert!(deployed.child.try_wait().unwrap().is_none(), "it still runs");
    assert!(groups(&servers()).contains(&"deployed".to_owned()));
    let all = end_offsets(&servers(), &topic.name, PARTITIONS).unwrap().iter().sum::<i64>();
    assert_eq!(committed("deployed", &topic.name), all);
    nothing_left(&desk);

    // Where it is to begin elsewhere, nothing may be in it.
    let again = self::desk(&topic, ", reset: earliest", "{ group: deployed, backend: { external: {} } }");
    again.run(&[]);
    let told = plain(&fs::read(again.trial().join("trial.json")).unwrap());
    assert!(told.contains("cannot be put elsewhere while it has members (1)"), "{told}");
    assert_eq!(committed("deployed", &topic.name), all);
    signal(deployed.child.id(), Signal::TERM);
    assert!(deployed.child.wait().unwrap().success());
    admin().delete_group("deployed", &|_| false).unwrap();
}

#[test]
fn what_a_group_commits_beyond_the_end_of_a_partition_is_no_work_that_it_has_done() {
    let topic = Theirs::new("existing-ahead");
    let member: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", servers())
        .set("group.id", "ahead")
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    member.subscribe(&[&topic.name]).unwrap();
    let desk = desk(&topic, "", "{ group: ahead, backend: { external: {} } }");
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                drop(member.poll(Duration::from_millis(100)));
            }
        });
        let mut run = Talking::start(desk.bench(&["run", "promise.yaml"]));
        run.await_line("measure");
        let mut beyond = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            beyond.add_partition_offset(&topic.name, partition as i32, Offset::Offset(1_000_000)).unwrap();
        }
        let committed = member.commit(&beyond, CommitMode::Sync);
        run.child.wait().unwrap();
        ended.store(true, Ordering::Relaxed);
        committed.unwrap();
    });
    let row = desk.trials().remove(0);
    assert!(row["doubts"].contains("committed_ahead"), "{row:?}");
    let record = desk.record();
    let (acked, of) = (number(&row, "acked"), |name: &str| record["followed"][name].as_f64().unwrap());
    // What was there by then may have been processed; what came later was not, and is in no rate and no latency.
    assert!((of("committed") + of("ahead") - acked).abs() < 0.5 && of("ahead") > 0.6 * acked, "{record}");
    let (processed, offered) = (number(&row, "processed_msgs_per_s"), number(&row, "offered_msgs_per_s"));
    assert!(processed < 0.5 * offered, "{processed} of {offered}");
    assert_eq!(row["unread"], "0", "as its commits say: {row:?}");
    drop(member);
    nothing_left(&desk);
    admin().delete_group("ahead", &|_| false).unwrap();
}
