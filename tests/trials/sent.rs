//! What is on the wire is what was asked for: counted against the trace, and read back from the topic.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use kafka_bench::envelope::{Envelope, Kind};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};

use crate::support::{Desk, admin, number, plain, servers};
use crate::{books_close, prefix, undisturbed};

const TRACE: &str = "
workload:
  shape: { trace: { file: day.csv } }
  arrivals: constant
  message: { size: 100B }
consumers: {}
phases: { warm_up: 2s, measure: 6s, drain: 10s }
";

#[test]
fn a_trace_is_followed_second_by_second_and_a_run_goes_on_without_its_file() {
    let desk = Desk::new(TRACE);
    let trace = desk.folder.path().join("day.csv");
    fs::write(&trace, "second,msgs_per_s\n0,200\n2,0\n3,600\n5,100.5\n").unwrap();
    desk.run(&[]);
    let row = desk.trials().remove(0);
    books_close(&row);
    undisturbed(&row);
    let series = desk.results().join("trials/001-base-r1/series.csv");
    let mut counted = [0.0; 8];
    for row in csv::Reader::from_path(series).unwrap().deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        if let Some(second) = counted.get_mut(number(&row, "t_s") as usize) {
            *second += number(&row, "due");
        }
    }
    let wanted = [200.0, 200.0, 0.0, 600.0, 600.0, 100.5, 100.5, 100.5];
    assert!(
        counted.iter().zip(wanted).all(|(counted, wanted)| (counted - wanted).abs() <= 1.0),
        "{counted:?}"
    );
    // The mean of seconds 2 to 7.
    assert!((number(&row, "offered_msgs_per_s") - 250.25).abs() < 1.0);

    fs::remove_file(&trace).unwrap();
    let folder = desk.results();
    let resumed = desk.bench(&["run", "--resume", folder.to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8_lossy(&resumed.stderr);
    assert!(told.contains("nothing is missing"), "{told}");
    let again = desk.bench(&["check", folder.join("experiment.yaml").to_str().unwrap()]).output().unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert!(!desk.bench(&["check", "promise.yaml"]).output().unwrap().status.success());
}

const DRAWN: &str = "
topic: { partitions: 4 }
workload:
  rate: 4k/s
  message: { size: { normal: { mean: 300B, sd: 60B } }, keys: { zipf: { count: 40, exponent: 1.1 } }, compressibility: 50% }
  fleets:
    - { name: spread, share: 75%, producers: 3, split: [ 50%, 30%, 20% ] }
    - { name: pinned, share: 25%, partition: 2 }
consumers: { instances: 2 }
phases: { warm_up: 1s, measure: 5s, drain: 20s }
";

/// One message as it lies in the topic.
struct Read {
    partition: i32,
    envelope: Envelope,
    key: Option<u32>,
    bytes: usize,
}

fn read_back(topic: &str, partitions: i32, count: usize) -> Vec<Read> {
    let servers = servers();
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", servers).set("group.id", "reader").create().unwrap();
    let mut all = TopicPartitionList::new();
    for partition in 0..partitions {
        all.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&all).unwrap();
    let (mut read, deadline) = (Vec::new(), Instant::now() + Duration::from_secs(30));
    while read.len() < count {
        assert!(Instant::now() < deadline, "{} of {count} messages came", read.len());
        if let Some(message) = consumer.poll(Duration::from_millis(100)) {
            let message = message.unwrap();
            let payload = message.payload().unwrap();
            let key = message.key().map(|key| std::str::from_utf8(key).unwrap().parse().unwrap());
            let envelope = Envelope::read(payload).unwrap();
            read.push(Read { partition: message.partition(), envelope, key, bytes: payload.len() });
        }
    }
    read
}

#[test]
fn keys_sizes_shares_and_partitions_are_in_the_topic_as_they_were_asked_for_with_both_clients() {
    let homes = ["librdkafka", "light"].map(as_asked_for);
    assert_eq!(homes[0], homes[1], "both clients have the same partition for each key");
}

/// Runs `DRAWN` with a client and looks at what is in the topic; the partition of each key.
fn as_asked_for(client: &str) -> BTreeMap<u32, i32> {
    let desk = Desk::new(DRAWN);
    let clients = ["spread", "pinned"].map(|fleet| format!("workload.fleets.{fleet}.client={client}"));
    desk.run(&["--keep", "--set", &clients[0], "--set", &clients[1]]);
    let row = desk.trials().remove(0);
    books_close(&row);
    let report = plain(&std::fs::read(desk.results().join("report.md")).unwrap());
    assert!(report.contains("on the average") && report.contains("drawn for each"), "{report}");
    let topic = admin().topics(&prefix(&desk)).unwrap().remove(0);
    let read = read_back(&topic, 4, number(&row, "acked") as usize + 4);
    let (canaries, messages): (Vec<_>, Vec<_>) =
        read.into_iter().partition(|one| one.envelope.kind == Kind::Canary);
    assert!(canaries.len() == 4 && canaries.iter().all(|canary| canary.key.is_none()));

    // Pearson's statistic over 40 keys, 39 degrees of freedom: 73 is one in a thousand.
    let sum: f64 = (1..=40).map(|rank| f64::from(rank).powf(-1.1)).sum();
    let mut statistic = 0.0;
    for rank in 1..=40_u32 {
        let expected = messages.len() as f64 * f64::from(rank).powf(-1.1) / sum;
        let counted = messages.iter().filter(|message| message.key == Some(rank)).count() as f64;
        statistic += (counted - expected).powi(2) / expected;
    }
    assert!(statistic < 73.0, "{statistic}");

    let mut homes: BTreeMap<u32, i32> = BTreeMap::new();
    let mut by_producer = [0.0; 4];
    for message in &messages {
        by_producer[message.envelope.producer as usize] += 1.0;
        if message.envelope.producer == 3 {
            assert_eq!(message.partition, 2);
        } else {
            let home = homes.entry(message.key.unwrap()).or_insert(message.partition);
            assert_eq!(*home, message.partition, "a key has one partition");
        }
    }
    for (counted, share) in by_producer.iter().zip([0.375, 0.225, 0.15, 0.25]) {
        assert!((counted / messages.len() as f64 / share - 1.0).abs() < 0.06, "{by_producer:?}");
    }

    let mean = messages.iter().map(|message| message.bytes as f64).sum::<f64>() / messages.len() as f64;
    assert!((mean - 300.0).abs() < 2.0, "{mean}");
    let counted =
        number(&row, "processed_mib_per_s") * f64::from(1 << 20) / number(&row, "processed_msgs_per_s");
    assert!((counted - 300.0).abs() < 3.0, "{counted} bytes a message");
    assert!(desk.bench(&["clean"]).status().unwrap().success());
    homes
}
